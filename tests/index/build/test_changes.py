"""Claims about comparing a library with what an edition has read of it."""

import os
import time
from pathlib import Path

import pytest

from index.build.changes import LONGEST_BUILD_S, Waiting, compare, stamp, waiting
from index.library.episodes import digest
from index.storage.queries import Seen


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three episodes that were written long enough ago."""
    for slug in ("doctors", "rivers", "schools"):
        (tmp_path / slug).mkdir()
        (tmp_path / slug / "episode.json").write_text(f'{{"title": "{slug}"}}')
    now_s = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: now_s)
    return tmp_path


def seen_in(library: Path) -> dict[str, Seen]:
    return {
        folder.name: Seen(digest(library, folder.name), stamp(library, folder.name))
        for folder in library.iterdir()
    }


def ignore(_: int) -> None: ...


def test_nothing_changed_is_no_change(library: Path) -> None:
    steps: list[int] = []
    found = compare(library, sorted(seen_in(library)), seen_in(library), compared=steps.append)
    assert not found
    assert (found.unchanged, found.restamped, sum(steps)) == (3, {}, 3)


def test_what_is_new_changed_and_gone_is_told_apart(library: Path) -> None:
    before = seen_in(library)
    (library / "rivers" / "note.md").write_text("On floods")
    before["mills"] = before.pop("schools")
    found = compare(library, ["doctors", "rivers", "schools"], before, compared=ignore)
    assert (list(found.added), list(found.changed), found.removed, found.unchanged) == (
        ["schools"],
        ["rivers"],
        ["mills"],
        1,
    )
    assert found.changed["rivers"].digest == digest(library, "rivers")


def test_a_folder_whose_stamp_is_known_is_not_read(library: Path) -> None:
    wrong = {slug: Seen("of something else", seen.stamp) for slug, seen in seen_in(library).items()}
    assert compare(library, sorted(wrong), wrong, compared=ignore).unchanged == 3


def test_files_that_were_only_touched_have_a_newer_stamp_and_nothing_else(library: Path) -> None:
    before = seen_in(library)
    os.utime(library / "rivers" / "episode.json", (1, 1))
    found = compare(library, sorted(before), before, compared=ignore)
    assert not found
    assert found.restamped == {"rivers": stamp(library, "rivers")}


def test_what_changed_a_moment_ago_is_read_every_time(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {slug: Seen("of something else", None) for slug in seen_in(library)}
    monkeypatch.setattr(time, "time", lambda: 0.0)
    found = compare(library, sorted(before), before, compared=ignore)
    assert len(found.changed) == 3
    assert all(seen.stamp is None for seen in found.changed.values())


def test_what_waits_for_an_index_is_counted(library: Path) -> None:
    digests = {slug: seen.digest for slug, seen in seen_in(library).items()}
    built_s = time.time()
    assert not waiting(library, digests, built_s=built_s)
    (library / "rivers" / "note.md").write_text("On floods")
    (library / "mills").mkdir()
    (library / "mills" / "episode.json").write_text('{"title": "mills"}')
    digests["bridges"] = "of what is gone"
    assert waiting(library, digests, built_s=built_s) == Waiting(added=1, changed=1, removed=1)


def test_folders_that_changed_long_before_the_index_are_not_read(library: Path) -> None:
    wrong = dict.fromkeys(seen_in(library), "of something else")
    assert waiting(library, wrong, built_s=time.time()).changed == 3
    assert not waiting(library, wrong, built_s=time.time() + LONGEST_BUILD_S)


def test_an_episode_that_is_removed_meanwhile_stops_no_comparison(library: Path) -> None:
    before = seen_in(library)
    (library / "rivers" / "episode.json").unlink()
    (library / "rivers").rmdir()
    found = compare(library, ["doctors", "rivers", "schools"], before, compared=ignore)
    assert (list(found.changed), found.unchanged) == (["rivers"], 2)
