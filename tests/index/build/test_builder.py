"""Claims about building: only what changed is made anew, and the stores agree whatever happens."""

import asyncio
import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from dying import run_until_sync

import index.build.changes
from index.build.progress import BuildReport
from index.embedding.encoder import Vectors
from index.errors import EpisodeFileInvalid, LibraryBusy, LibraryMissing, LibraryOfFiles
from index.files import build_lock
from index.library.episodes import digest
from index.library.episodes import slugs as library_slugs
from index.storage import segments
from index.storage.edition import Edition, current_name, editions_folder, open_edition, verify
from index.storage.inverted_index import TEXT, PostingsBuilder
from index.storage.sqlite import rows
from index.text.tokens import stems_in

from ..conftest import House, WordEncoder

TALK = {
    "rivers": "The river rose in spring. The mill stood still for a week. Nobody crossed the old bridge then. ",
    "schools": "The children learn to read with a tutor. The teacher watches them. A machine may help her well. ",
    "models": "The model may deceive its makers. We cannot verify what it wants. That danger is grave indeed. ",
    "doctors": "The hospital uses the system daily. It reads images of lungs. Patients gain from early care here. ",
}


@pytest.fixture
def filled(house: House) -> House:
    for number, (slug, words) in enumerate(TALK.items()):
        house.put(slug, words * (12 + number))
    return house


def encoder_of(house: House) -> WordEncoder:
    assert isinstance(house.encoder, WordEncoder)
    return house.encoder


async def contents(house: House, *, questions: tuple[str, ...] = tuple(TALK)) -> dict[str, object]:
    """All that an edition says, without the numbers that it gave its rows."""
    searcher = await house.open()
    edition = searcher.edition
    try:
        said: dict[str, object] = {}
        for episode in edition.episodes.values():
            slices = await edition.slices.of_episode(episode.id)
            said[episode.slug] = (
                episode.about,
                episode.assessment,
                asdict(episode.profile),
                episode.terms,
                [(record.piece, record.reading) for record in slices],
            )
        for question in questions:
            found = await searcher.find(question)
            said[f"? {question}"] = [
                (passage.episode.slug, passage.text, passage.quote.start, round(passage.score, 2))
                for passage in found.passages
            ]
        words = await rows(edition.connection, "SELECT * FROM word ORDER BY word")
        said["words"] = [tuple(row) for row in words]
        said["postings"] = held_words(edition)
        said["facts"] = (
            edition.facts.n_episodes,
            edition.facts.n_slices,
            edition.facts.n_windows,
            edition.facts.n_words,
        )
        await agree(edition)
        return said
    finally:
        await edition.close()


async def agree(edition: Edition) -> None:
    """The four files of an edition hold the same slices."""
    columns = edition.columns
    held = await rows(edition.connection, "SELECT id, episode, text FROM slice ORDER BY id")
    assert [row["id"] for row in held] == columns.slice_id.tolist()
    assert [row["episode"] for row in held] == columns.slice_episode.tolist()
    assert sorted(edition.episodes) == columns.episode_id.tolist()
    assert len(edition.vectors) == len(columns.window_slice) == edition.facts.n_windows
    assert np.all(np.diff(columns.window_slice) >= 0)
    texts = {row["id"]: row["text"] for row in held}
    for place, text in enumerate(texts.values()):
        stems = sorted(set(stems_in(text)))
        assert (edition.postings.held(stems, np.array([place])) & TEXT).all()
    windows = [
        texts[owner][start:end]
        for owner, start, end in zip(
            columns.window_slice.tolist(),
            columns.window_start.tolist(),
            columns.window_end.tolist(),
            strict=True,
        )
    ]
    expected = WordEncoder(edition.facts.fingerprint).encode(windows)
    assert edition.vectors.take(np.arange(len(windows))) == pytest.approx(expected, abs=2e-3)


def held_words(edition: Edition) -> set[tuple[str, str, int, int, int]]:
    """Every posting as stem, slug and ordinal of its slice, tenths and fields."""
    columns = edition.columns
    postings = PostingsBuilder().build(
        *(
            (segment.postings, ~np.isin(np.arange(len(segment.postings)), segment.removed))
            for segment in edition.postings.segments
        )
    )
    firsts = np.searchsorted(columns.slice_episode, columns.slice_episode)
    slugs = [edition.episodes[episode_id].slug for episode_id in columns.slice_episode.tolist()]
    stems = postings.stems.tobytes().decode().split("\n")
    numbers = np.repeat(np.arange(len(postings.starts) - 1), np.diff(postings.starts)).tolist()
    rows = zip(
        numbers, postings.places.tolist(), postings.tenths.tolist(), postings.held_in.tolist(), strict=True
    )
    return {
        (stems[number], slugs[place], int(place - firsts[place]), tenths, fields)
        for number, place, tenths, fields in rows
    }


def changes(report: BuildReport) -> tuple[list[str], list[str], list[str], int]:
    return report.added, report.changed, report.removed, report.unchanged


async def test_the_first_build_publishes_and_the_second_changes_nothing(filled: House) -> None:
    first = await filled.build()
    assert changes(first) == (sorted(TALK), [], [], 0)
    assert first.is_new
    assert first.facts is not None
    assert (first.facts.vector_search, first.facts.recall) == ("all vectors, float16", 1.0)
    assert current_name(filled.state) == first.facts.edition
    encoder_of(filled).embedded.clear()
    second = await filled.build()
    assert changes(second) == ([], [], [], 4)
    assert second.facts == first.facts
    assert not second.is_new
    assert encoder_of(filled).embedded == []
    assert [path.name for path in editions_folder(filled.state).iterdir() if path.is_dir()] == [
        first.facts.edition
    ]


@pytest.mark.parametrize("is_beside", [False, True])
async def test_folders_are_read_again_only_where_something_touched_them(
    is_beside: bool, filled: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_beside:
        monkeypatch.setattr(segments, "SCANNED_WHOLE", -1)
        monkeypatch.setattr(segments, "_LARGEST_SHARE", 10.0)
    read: list[str] = []

    def noting(library: Path, slug: str) -> str:
        read.append(slug)
        return digest(library, slug)

    monkeypatch.setattr(index.build.changes, "digest", noting)
    monkeypatch.setattr(index.build.changes, "SETTLED_AFTER_S", -60.0)  # as if all had been written long ago
    await filled.build()
    assert sorted(read) == sorted(TALK)
    read.clear()
    assert not (await filled.build()).is_new
    assert read == []
    os.utime(filled.library / "rivers" / "captions.vtt", (1, 1))
    assert not (await filled.build()).is_new
    filled.put("letters", TALK["rivers"] * 3)
    assert changes(await filled.build()) == (["letters"], [], [], 4)
    assert sorted(read) == ["letters", "rivers", "rivers"]
    read.clear()
    assert not (await filled.build()).is_new
    assert read == []


async def test_only_the_windows_of_what_changed_are_embedded(filled: House) -> None:
    await filled.build()
    encoder_of(filled).embedded.clear()
    filled.put("rivers", TALK["rivers"] * 12 + "Then a flood came and took the bridge away at last.")
    report = await filled.build()
    assert changes(report) == ([], ["rivers"], [], 3)
    *windows, away, came, flood, last, took = encoder_of(
        filled
    ).embedded  # behind them the words that are new
    assert (away, came, flood, last, took) == ("away", "came", "flood", "last", "took")
    assert 0 < report.n_embedded == len(windows) < 6
    assert any("flood" in text for text in windows)


async def test_a_new_title_embeds_nothing(filled: House) -> None:
    await filled.build()
    filled.put("rivers", TALK["rivers"] * 12, title="On Floods")
    report = await filled.build()
    assert (report.changed, report.n_embedded) == (["rivers"], 0)
    searcher = await filled.open()
    assert {episode.about.title for episode in searcher.edition.episodes.values()} >= {"On Floods"}
    await searcher.edition.close()


async def test_what_is_removed_leaves_no_row_word_or_vector(filled: House) -> None:
    await filled.build()
    shutil.rmtree(filled.library / "schools")
    assert changes(await filled.build()) == ([], [], ["schools"], 3)
    rest = await contents(filled)
    assert "schools" not in rest
    assert not any(word == "teacher" for word, *_ in rest["words"])  # type: ignore[attr-defined]
    assert not any(term == "teacher" for term, *_ in rest["postings"])  # type: ignore[attr-defined]


async def test_a_broken_episode_is_reported_and_the_others_go_on(filled: House) -> None:
    (filled.library / "schools" / "episode.json").write_text("{", encoding="utf-8")
    report = await filled.build()
    assert report.added == ["doctors", "models", "rivers"]
    ((failure),) = report.failures
    assert failure.slug == "schools"
    assert isinstance(failure.error, EpisodeFileInvalid)
    again = await filled.build()
    assert not again.is_new
    assert [failure.slug for failure in again.failures] == ["schools"]


async def test_an_episode_that_breaks_stays_as_it_was_published(filled: House) -> None:
    await filled.build()
    before = await contents(filled)
    (filled.library / "schools" / "captions.vtt").unlink()
    report = await filled.build()
    assert [failure.slug for failure in report.failures] == ["schools"]
    assert not report.is_new
    filled.put("letters", TALK["rivers"] * 3)
    assert (await filled.build()).added == ["letters"]
    assert (await contents(filled))["schools"] == before["schools"]


def break_all(house: House, *slugs: str) -> None:
    for slug in slugs:
        (house.library / slug / "episode.json").write_text("{")


async def test_where_all_episodes_are_broken_the_published_edition_stays(filled: House) -> None:
    await filled.build()
    before, slugs = await contents(filled), [path.name for path in filled.library.iterdir() if path.is_dir()]
    break_all(filled, *slugs)
    for full in (False, True):
        report = await filled.build(full=full)
        assert report.is_all_broken
        assert not report.is_new
        assert {failure.slug for failure in report.failures} == set(slugs)
        assert await contents(filled) == before


async def test_a_damaged_edition_does_not_stay_for_that(filled: House) -> None:
    report = await filled.build()
    break_all(filled, *(path.name for path in filled.library.iterdir() if path.is_dir()))
    assert report.facts is not None
    os.truncate(editions_folder(filled.state) / report.facts.edition / "windows.faiss", 100)
    assert (await filled.build()).is_new


async def test_what_was_taken_away_is_gone_even_where_all_others_are_broken(house: House) -> None:
    house.put("rivers", TALK["rivers"] * 3)
    await house.build()
    shutil.rmtree(house.library / "rivers")
    house.put("mills", TALK["rivers"] * 3)
    break_all(house, "mills")
    for full in (False, True):
        report = await house.build(full=full)
        assert report.facts is not None
        assert report.facts.n_episodes == 0


async def test_a_full_build_makes_everything_anew_and_says_the_same(filled: House) -> None:
    await filled.build()
    before = await contents(filled)
    encoder_of(filled).embedded.clear()
    report = await filled.build(full=True)
    assert report.is_new
    assert report.facts is not None
    assert report.n_embedded == report.facts.n_windows
    assert await contents(filled) == before


async def test_vectors_of_another_model_are_never_taken_over(filled: House) -> None:
    await filled.build()
    filled.encoder = WordEncoder("others")
    report = await filled.build()
    assert report.facts is not None
    assert report.n_embedded == report.facts.n_windows
    assert report.facts.fingerprint == "others"
    await contents(filled)


async def test_a_new_way_of_scoring_reads_everything_and_embeds_nothing(filled: House) -> None:
    class Scorer:
        version = "another"

        def __init__(self, inner: object) -> None:
            self.read = inner.read  # type: ignore[attr-defined]

    await filled.build()
    filled.scorer = Scorer(filled.scorer)  # type: ignore[assignment]
    report = await filled.build()
    assert report.is_new
    assert report.n_embedded == 0
    assert report.unchanged == 0


async def test_positions_are_read_from_the_same_vectors_whenever_these_were_computed(filled: House) -> None:
    class Noting:
        version = "noting"

        def __init__(self, inner: object) -> None:
            self.inner = inner
            self.seen: dict[str, bytes] = {}

        def read(self, texts: Sequence[str], vectors: Sequence[Vectors]) -> object:
            self.seen |= {text: own.tobytes() for text, own in zip(texts, vectors, strict=True)}
            return self.inner.read(texts, vectors)  # type: ignore[attr-defined]

    first = Noting(filled.scorer)
    filled.scorer = first  # type: ignore[assignment]
    await filled.build()
    second = Noting(first.inner)
    filled.scorer = second  # type: ignore[assignment]
    filled.put("rivers", TALK["rivers"] * 12, title="On Floods")
    report = await filled.build()
    assert (report.changed, report.n_embedded) == (["rivers"], 0)
    assert second.seen
    assert second.seen.items() <= first.seen.items()


@pytest.mark.parametrize("file", ["index.db", "windows.faiss", "columns.npz", "manifest.json"])
async def test_a_damaged_edition_is_no_base(file: str, filled: House) -> None:
    report = await filled.build()
    assert report.facts is not None
    before = await contents(filled)
    path = editions_folder(filled.state) / report.facts.edition / file
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(
        content[:middle]
        + bytes(255 - byte for byte in content[middle : middle + 64])
        + content[middle + 64 :]
    )
    again = await filled.build()
    assert again.is_new
    assert again.facts is not None
    verify(filled.state, again.facts.edition)
    assert await contents(filled) == before


async def test_a_library_without_speech_and_one_without_episodes_are_editions_too(house: House) -> None:
    await house.build()
    assert (await contents(house))["facts"] == (0, 0, 0, 0)
    house.put("announced", None, summary="The danger of deceptive models")
    report = await house.build()
    assert report.added == ["announced"]
    said = await contents(house)
    assert said["facts"] == (1, 0, 0, 0)
    assert said["? models"] == []
    shutil.rmtree(house.library / "announced")
    assert (await house.build()).removed == ["announced"]
    assert (await contents(house))["facts"] == (0, 0, 0, 0)


async def test_one_slice_is_enough(house: House) -> None:
    house.put("short", "The mill stood still.")
    await house.build()
    searcher = await house.open()
    found = await searcher.find("mill")
    await searcher.edition.close()
    assert [passage.quote_text for passage in found.passages] == ["The mill stood still."]


async def test_one_builds_at_a_time(filled: House) -> None:
    with build_lock(filled.state), pytest.raises(LibraryBusy):
        await filled.build()
    await filled.build()


async def test_a_missing_library_is_named(house: House) -> None:
    house.library.rmdir()
    with pytest.raises(LibraryMissing):
        await house.build()


async def test_a_folder_of_transcripts_is_no_library_and_gets_no_edition(house: House) -> None:
    """Neither those in the folder itself nor those in folders below; a README is none, and hidden ones are not seen."""
    for file in ("README.md", "talk.vtt", "2026/other.srt", ".hidden/x.vtt"):
        (house.library / file).parent.mkdir(exist_ok=True)
        (house.library / file).write_text("WEBVTT")
    with pytest.raises(LibraryOfFiles) as refused:
        await house.build()
    assert refused.value.fields == {"path": str(house.library), "files": ["talk.vtt", "2026/other.srt"]}
    assert not house.state.exists()
    (house.library / "talk.vtt").unlink()
    (house.library / "2026/other.srt").unlink()
    assert (await house.build()).facts.n_episodes == 0, "an empty folder is an empty library"


async def test_the_last_episode_leaves_an_empty_edition_whatever_else_lies_there(filled: House) -> None:
    await filled.build()
    for slug in library_slugs(filled.library):
        shutil.rmtree(filled.library / slug)
    (filled.library / "notes.txt").write_text("mine")
    assert (await filled.build()).facts.n_episodes == 0


@pytest.mark.parametrize("share", [None, 0.5, 100.0])
async def test_whatever_changes_an_edition_is_what_a_build_from_nothing_is(
    share: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if share is not None:  # what changes is written beside the main part, until so much of that is gone
        monkeypatch.setattr(segments, "SCANNED_WHOLE", -1)
        monkeypatch.setattr(segments, "_LARGEST_SHARE", share)
    chance = random.Random(7)
    n_beside = 0
    house = House(tmp_path / "growing")
    words = list(TALK.values())
    for _ in range(8):
        for _ in range(chance.randint(1, 3)):
            slug = f"talk-{chance.randint(1, 6)}"
            if (house.library / slug).is_dir() and chance.random() < 0.4:
                shutil.rmtree(house.library / slug)
            else:
                text = (
                    None
                    if chance.random() < 0.15
                    else "".join(chance.choices(words, k=chance.randint(1, 14)))
                )
                track = chance.choice([None, "auto", "uploaded"]) if text else None
                house.put(
                    slug, text, track=track, title=f"Talk {chance.randint(1, 9)} of Ada’s", tags=["Flüsse"]
                )
        report = await house.build()
        assert report.facts is not None
        n_beside += report.facts.beside is not None
        verify(house.state, report.facts.edition)
        fresh = House(tmp_path / "fresh")
        fresh.library = house.library
        await fresh.build(full=True)
        assert await contents(house) == await contents(fresh)
    assert {None: n_beside == 0, 0.5: 0 < n_beside < 7, 100.0: n_beside == 7}[share]


@pytest.mark.parametrize("at_sync", range(10))
def test_a_build_that_dies_leaves_the_old_edition_or_the_new_one_whole(at_sync: int, filled: House) -> None:
    asyncio.run(filled.build())
    old = asyncio.run(contents(filled))
    filled.put("letters", TALK["rivers"] * 3)
    run_until_sync(lambda: asyncio.run(filled.build()), n_syncs=at_sync)
    now = asyncio.run(contents(filled))
    assert now == old if "letters" not in now else now["facts"] != old["facts"]
    name = current_name(filled.state)
    assert name is not None
    verify(filled.state, name)
    asyncio.run(filled.build())
    assert "letters" in asyncio.run(contents(filled))
    left = [path.name for path in editions_folder(filled.state).iterdir() if path.is_dir()]
    assert len(left) <= 2
    assert not any(name.startswith(".") for name in left)


async def test_a_question_goes_on_while_newer_editions_are_published(filled: House) -> None:
    await filled.build()
    searcher = await filled.open()
    before = (await searcher.find("rivers")).passages
    for number in range(3):
        filled.put("letters", TALK["rivers"] * (3 + number))
        await filled.build()
    assert (await searcher.find("rivers")).passages == before
    await searcher.edition.close()
    newer = await open_edition(filled.state)
    assert newer.name != searcher.edition.name
    await newer.close()
