"""Claims about writing: whole or not at all, untouched originals, and nothing lost by removing."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from dying import run_until_sync

from index.errors import EpisodeUnknown, LibraryBusy, LibraryChanged, SlugInvalid, StorageError
from index.files import build_lock
from index.library.episodes import read_about, read_episode, slugs
from index.library.ingest import Overrides, Plan, remove_folder, write_plan

from .conftest import TODAY, WORDS, planned, published, webvtt

Put = Callable[..., Path]
Add = Callable[..., Plan]


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_original_lies_untouched_beside_what_is_known_of_it(put: Put, add: Add, library: Path) -> None:
    path = put("river.vtt", webvtt().replace("\n", "\r\n"))
    plan = add(path)
    assert snapshot(library).keys() == {"river/episode.json", "river/captions.vtt"}
    assert (library / "river" / "captions.vtt").read_bytes() == path.read_bytes()
    assert read_about(library, "river") == plan.about
    assert read_episode(library, "river").transcript is not None


def test_the_file_for_people_holds_only_what_is_known(put: Put, add: Add, library: Path) -> None:
    add(put("river.md", published(title="Ada über Flüsse")))
    text = (library / "ada-uber-flusse" / "episode.json").read_text(encoding="utf-8")
    assert "über" in text
    written = json.loads(text)
    assert next(iter(written)) == "title"
    assert None not in written.values()
    assert [] not in written.values()


def test_adding_twice_changes_no_byte(put: Put, add: Add, library: Path) -> None:
    path = put("river.vtt")
    add(path)
    before = snapshot(library)
    assert add(path).action == "same"
    assert snapshot(library) == before


def test_joining_and_updating_keep_the_rest_of_the_folder(put: Put, add: Add, library: Path) -> None:
    add(put("river.vtt"))
    (library / "river" / "assessment.json").write_text('{"position": 1, "name": "Kim"}', encoding="utf-8")
    add(put("river.txt", " ".join(WORDS)))
    add(put("river.vtt", webvtt([*WORDS, "and", "fell"])))
    assert snapshot(library).keys() == {
        "river/episode.json", "river/captions.vtt", "river/transcript.txt", "river/assessment.json",
    }  # fmt: skip
    assert (library / "river" / "captions.vtt").read_text(encoding="utf-8").rstrip().endswith("and fell")
    episode = read_episode(library, "river")
    assert episode.assessment is not None
    assert len(episode.about.transcripts) == 2


@pytest.mark.parametrize("at_sync", range(6))
@pytest.mark.parametrize("action", ["new", "joins", "updates"])
def test_a_process_that_dies_leaves_nothing_half_written(
    at_sync: int, action: str, put: Put, add: Add, library: Path, state: Path
) -> None:
    add(put("old.vtt"))
    path = {
        "new": put("new.vtt", webvtt(WORDS[::-1])),
        "joins": put("old.txt", " ".join(WORDS)),
        "updates": put("old.vtt", webvtt([*WORDS, "and", "fell"])),
    }[action]
    plan = planned(path, Overrides(), library, today=TODAY)
    assert plan.action == action
    run_until_sync(lambda: write_plan(plan, library, state), n_syncs=at_sync)
    for slug in slugs(library):
        read_episode(library, slug)
    add(path)
    assert (library / plan.slug / plan.file_name).read_bytes() == path.read_bytes()
    assert read_about(library, plan.slug) == plan.about
    assert add(path).action == "same"


def test_a_text_that_a_dying_process_left_unnamed_is_taken_up(put: Put, add: Add, library: Path) -> None:
    add(put("river.vtt"))
    path = put("river.txt", " ".join(WORDS))
    (library / "river" / "transcript.txt").write_bytes(path.read_bytes())
    assert add(path).file_name == "transcript.txt"


def test_a_file_that_nobody_named_is_never_overwritten(put: Put, add: Add, library: Path) -> None:
    add(put("river.vtt"))
    mine = library / "river" / "transcript.txt"
    mine.write_text("my own notes", encoding="utf-8")
    assert add(put("river.txt", " ".join(WORDS))).file_name == "transcript-2.txt"
    assert mine.read_text(encoding="utf-8") == "my own notes"


def test_a_plan_that_is_out_of_date_is_refused(put: Put, add: Add, library: Path, state: Path) -> None:
    plan = planned(put("river.vtt"), Overrides(), library)
    write_plan(plan, library, state)
    with pytest.raises(LibraryChanged):
        write_plan(plan, library, state)
    joining = planned(put("river.txt", " ".join(WORDS)), Overrides(), library)
    edited = library / "river" / "episode.json"
    edited.write_text('{"title": "By hand"}', encoding="utf-8")
    with pytest.raises(LibraryChanged):
        write_plan(joining, library, state)
    assert edited.read_text(encoding="utf-8") == '{"title": "By hand"}'


def test_two_writers_do_not_meet(put: Put, library: Path, state: Path) -> None:
    plan = planned(put("river.vtt"), Overrides(), library)
    with build_lock(state), pytest.raises(LibraryBusy):
        write_plan(plan, library, state)
    assert not library.exists()


def test_a_library_that_cannot_be_made_is_named(put: Put, inbox: Path, state: Path) -> None:
    path = put("river.vtt")
    library = path / "library"
    with pytest.raises(StorageError) as caught:
        write_plan(planned(path, Overrides(), library), library, state)
    assert caught.value.fields["path"] == str(library)


def test_a_plan_with_a_slug_from_elsewhere_writes_nothing(put: Put, library: Path, state: Path) -> None:
    plan = replace(planned(put("river.vtt"), Overrides(), library), slug="../x")
    with pytest.raises(SlugInvalid):
        write_plan(plan, library, state)


def test_what_is_removed_is_out_of_sight_and_not_lost(put: Put, add: Add, library: Path, state: Path) -> None:
    path = put("river.vtt")
    for _ in range(2):
        add(path)
        kept = remove_folder("river", library, state)
        assert slugs(library) == []
        assert kept.parent == library / ".removed"
        assert (kept / "captions.vtt").read_bytes() == path.read_bytes()
    assert add(path).action == "new"


def test_removing_what_is_not_there_names_what_is_near(
    put: Put, add: Add, library: Path, state: Path
) -> None:
    add(put("river.vtt"))
    with pytest.raises(EpisodeUnknown) as caught:
        remove_folder("rivers", library, state)
    assert caught.value.fields == {"received": "rivers", "nearest": ["river"]}
    with pytest.raises(SlugInvalid):
        remove_folder("../river", library, state)
