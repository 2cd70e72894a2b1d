"""Claims about editions in two parts: the main one stays as it is, and both are read as one."""

import json
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from index.build.progress import BuildReport
from index.errors import EditionDamaged
from index.storage import queries
from index.storage import segments as parts
from index.storage.edition import checksums, editions_folder, open_edition, verify
from index.storage.schema import SCHEMA_VERSION
from index.storage.segments import ADDED, COLUMNS_FILE, IndexSegment, IndexSegments, folders_of, open_database
from index.storage.sqlite import Connection, rows
from index.text.stopwords import FUNCTION_WORDS
from index.text.tokens import stem, word_counts

from ..conftest import House

RIVERS = "The river rose in spring. The mill stood still for a week. Nobody crossed the old bridge then. "
SCHOOLS = "The children learn to read with a tutor. The teacher watches them. A machine may help her well. "


@pytest.fixture
async def parted(house: House, monkeypatch: pytest.MonkeyPatch) -> tuple[House, Path]:
    """An edition of four talks with a fifth beside them, and one of the four gone; its folder."""
    monkeypatch.setattr(parts, "SCANNED_WHOLE", -1)
    monkeypatch.setattr(parts, "_LARGEST_SHARE", 10.0)
    for number in range(4):
        house.put(f"rivers-{number}", RIVERS * (12 + number))
    await house.build()
    house.put("schools", SCHOOLS * 12)
    shutil.rmtree(house.library / "rivers-1")
    return house, folder_of(house, await house.build())


def folder_of(house: House, report: BuildReport) -> Path:
    assert report.facts is not None
    return editions_folder(house.state) / report.facts.edition


async def test_the_main_part_is_linked_and_outlives_the_edition_that_wrote_it(
    parted: tuple[House, Path],
) -> None:
    house, folder = parted
    inodes = {path.name: path.stat().st_ino for path in folder.glob("*.*") if path.name != "manifest.json"}
    for number in range(3):
        house.put("schools", SCHOOLS * (13 + number))
        folder = folder_of(house, await house.build())
        assert {name: (folder / name).stat().st_ino for name in inodes} == inodes
    assert len(list(editions_folder(house.state).glob("2*"))) == 2
    found = await (await house.open()).find("the old bridge")
    said_by = {passage.episode.slug for passage in found.passages}
    assert "rivers-1" not in said_by
    assert said_by & {"rivers-0", "rivers-2", "rivers-3"}
    verify(house.state, folder.name)


@pytest.mark.parametrize("file", ["windows.faiss", "index.db", f"{ADDED}/index.db", f"{ADDED}/postings.npy"])
async def test_damage_in_either_part_is_mended_by_the_next_build(
    file: str, parted: tuple[House, Path]
) -> None:
    house, folder = parted
    content = bytearray((folder / file).read_bytes())
    for at in range(0, len(content), max(1, len(content) // 50)):
        content[at] ^= 255
    (folder / file).write_bytes(content)
    with pytest.raises(EditionDamaged):
        verify(house.state, folder.name)
    report = await house.build()
    assert report.is_new
    assert not (folder_of(house, report) / ADDED).exists()
    verify(house.state, folder_of(house, report).name)
    assert (await (await house.open()).find("tutor")).is_match


async def test_a_database_of_another_edition_is_told(parted: tuple[House, Path]) -> None:
    house, folder = parted
    with sqlite3.connect(folder / "index.db") as connection:
        connection.execute("UPDATE meta SET value = 'other' WHERE key = 'edition'")
    connection.close()
    with pytest.raises(EditionDamaged):
        await open_edition(house.state)


async def test_what_grows_beside_becomes_one_main_part_again(
    parted: tuple[House, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, folder = parted
    assert len(folders_of(folder)) == 2
    monkeypatch.setattr(parts, "_MOST_BESIDE", 3)
    house.put("letters", RIVERS * 9)
    report = await house.build()
    assert report.n_embedded < 30
    folder = folder_of(house, report)
    assert len(folders_of(folder)) == 1
    assert sorted(episode.slug for episode in (await house.open()).edition.episodes.values()) == [
        "letters",
        "rivers-0",
        "rivers-2",
        "rivers-3",
        "schools",
    ]


async def test_each_stem_has_one_word_vector_in_both_parts(parted: tuple[House, Path]) -> None:
    house, _ = parted
    edition = (await house.open()).edition
    stems, vectors = await queries.word_vectors(edition.connection)
    assert len(set(stems)) == len(stems) == len(vectors)
    spoken = {stem(word) for word in word_counts([RIVERS, SCHOOLS]) if word not in FUNCTION_WORDS}
    assert set(stems) == spoken


async def test_a_build_of_other_rules_takes_vectors_from_both_parts(
    parted: tuple[House, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = parted
    monkeypatch.setattr("index.build.builder.SCHEMA_VERSION", SCHEMA_VERSION + 1)
    report = await house.build()
    assert report.is_new
    assert report.n_embedded == 0


async def test_a_build_takes_vectors_from_an_edition_that_lacks_a_column(
    parted: tuple[House, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, folder = parted
    manifest = json.loads((folder / "manifest.json").read_text())
    for part in folders_of(folder):
        file = part / COLUMNS_FILE
        with np.load(file) as stored:
            columns = {name: stored[name] for name in stored.files if name != "slice_aside"}
        np.savez(file, **columns)
        manifest["checksums"][str(file.relative_to(folder))] = checksums(part)[COLUMNS_FILE]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr("index.build.builder.SCHEMA_VERSION", SCHEMA_VERSION + 1)
    report = await house.build()
    assert report.is_new
    assert report.n_embedded == 0


Asking = Callable[[Connection], Awaitable[object]]


@pytest.mark.parametrize(
    "ask",
    [
        lambda connection: queries.StoredSlices(connection).by_id([1, 2, 9]),
        lambda connection: queries.StoredSlices(connection).texts([1, 2, 9]),
        lambda connection: queries.StoredSlices(connection).of_episode(1),
        lambda connection: queries.StoredWords(connection).sounding_like(["river", "tutor"], ["RFR"]),
    ],
)
async def test_what_a_question_asks_of_both_databases_is_looked_up_and_not_searched_for(
    ask: Asking, parted: tuple[House, Path]
) -> None:
    asked: list[str] = []
    connection = await open_database(parted[1])
    try:
        await connection.set_trace_callback(asked.append)
        await ask(connection)
        await connection.set_trace_callback(None)
        assert asked
        for sql in asked:
            plan = [row["detail"] for row in await rows(connection, f"EXPLAIN QUERY PLAN {sql}")]
            scanned = [line for line in plan if line.startswith("SCAN") and "json_each" not in line]
            assert not [line for line in scanned if not line.startswith("SCAN CONSTANT")], plan
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("n_main", "n_added", "n_gone", "has_room"),
    [
        (20_000, 1, 0, False),  # scanned whole, and written in a moment
        (50_000, 200, 200, True),
        (50_000, 5_001, 0, False),
        (50_000, 0, 6_251, False),
    ],
)
def test_only_little_is_written_beside_much(n_main: int, n_added: int, n_gone: int, has_room: bool) -> None:
    main = IndexSegment(Path("nowhere"))
    columns = parts.Columns.empty(4)
    main.__dict__["columns"] = parts.Columns(
        **{
            name: np.arange(1, n_main + 1) if name == "window_slice" else getattr(columns, name)
            for name in columns.__slots__
        }
    )
    assert IndexSegments((main,), np.zeros(0, np.int64)).has_room_beside(n_added, n_gone) == has_room
