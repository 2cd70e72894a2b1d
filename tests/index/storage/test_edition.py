"""Claims about editions: one is opened whole or not at all, and says what is wrong with it."""

import asyncio
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from index.errors import (
    EditionCrashes,
    EditionDamaged,
    EditionFileForbidden,
    EditionMismatch,
    EditionMissing,
    OutOfMemory,
)
from index.storage import edition as edition_module
from index.storage.edition import current_name, edition_names, editions_folder, open_edition, verify
from index.storage.sqlite import DatabaseError, open_for_reading, open_kept, row, rows
from index.storage.vectors import WindowVectors

from ..conftest import House

FILES = ("index.db", "windows.faiss", "columns.npz")


async def published(house: House, text: str = "The river rose in spring. ") -> Path:
    house.put("rivers", text * 40)
    report = await house.build()
    assert report.facts is not None
    return editions_folder(house.state) / report.facts.edition


def left_over(before: list[threading.Thread]) -> list[threading.Thread]:
    """Threads that were started since and do not end."""
    started = [thread for thread in threading.enumerate() if thread not in before]
    for thread in started:
        thread.join(5)
    return [thread for thread in started if thread.is_alive()]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for at in range(0, len(content), max(1, len(content) // 50)):
        content[at] ^= 255
    path.write_bytes(content)


async def test_nothing_published_is_missing(house: House) -> None:
    with pytest.raises(EditionMissing):
        await open_edition(house.state)
    assert current_name(house.state) is None


@pytest.mark.parametrize("file", [*FILES, "manifest.json"])
@pytest.mark.parametrize("damage", [Path.unlink, flip, lambda path: path.write_bytes(b"")])
async def test_a_missing_or_damaged_file_is_named(
    file: str, damage: Callable[[Path], object], house: House
) -> None:
    folder = await published(house)
    damage(folder / file)
    before = threading.enumerate()
    with pytest.raises(EditionDamaged) as caught:
        await open_edition(house.state)
    assert caught.value.fields["file"] == file
    assert left_over(before) == []
    with pytest.raises(EditionDamaged):
        verify(house.state, folder.name)


@pytest.mark.parametrize("file", FILES)
async def test_files_of_another_edition_are_refused_even_of_one_shape(file: str, house: House) -> None:
    edition = await published(house)
    other = await published(house, "The mills rose in autumn. ")
    assert edition.is_dir()
    shutil.copyfile(edition / file, other / file)
    with pytest.raises(EditionDamaged):
        await open_edition(house.state, falls_back=False)


async def test_an_error_that_says_what_to_skip_is_not_raised_itself(house: House) -> None:
    """It is kept by whoever opens, and would keep every frame that it was raised through."""
    edition = await published(house)
    reason = EditionCrashes(edition=edition.name)
    with pytest.raises(EditionCrashes) as caught:
        await open_edition(house.state, falls_back=False, skip={edition.name: reason})
    assert caught.value.fields == reason.fields
    assert reason.__traceback__ is None


@pytest.mark.parametrize(("key", "what"), [("slicing_version", "slicing"), ("schema_version", "layout")])
async def test_an_edition_of_another_program_says_so(key: str, what: str, house: House) -> None:
    folder = await published(house)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, key: 99}))
    with pytest.raises(EditionMismatch) as caught:
        await open_edition(house.state)
    assert caught.value.fields["what"] == what
    assert caught.value.fields["edition_has"] == 99


@pytest.mark.parametrize("pointer", [b"20200101-000000-000000\n", b"\xff\xfe\x00", b"../..\n", b"a\x00b"])
async def test_a_pointer_to_nowhere_is_damage_and_a_build_mends_it(pointer: bytes, house: House) -> None:
    await published(house)
    (editions_folder(house.state) / "CURRENT").write_bytes(pointer)
    with pytest.raises(EditionDamaged):
        await open_edition(house.state, falls_back=False)
    await house.build()
    await (await open_edition(house.state)).close()


async def two_editions(house: House) -> tuple[Path, Path]:
    """The folders of an older edition and of the published one."""
    older = await published(house)
    return older, await published(house, "The mills rose in autumn, and nobody saw it. ")


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def without_checksums(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), "checksums": None}))


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        *((file, truncate) for file in (*FILES, "postings.npy", "manifest.json")),
        ("manifest.json", without_checksums),
        ("manifest.json", Path.unlink),
        ("index.db", Path.unlink),
        ("windows.faiss", flip),
    ],
)
async def test_where_the_published_edition_is_broken_the_one_before_answers_and_says_so(
    file: str, damage: Callable[[Path], object], house: House
) -> None:
    older, newer = await two_editions(house)
    damage(newer / file)
    with pytest.raises(EditionDamaged) as caught:
        await open_edition(house.state, falls_back=False)
    assert caught.value.file == file
    edition = await open_edition(house.state)
    assert edition.name == older.name
    assert [(name, str(error)) for name, error in edition.passed_over.items()] == [
        (newer.name, str(caught.value))
    ]
    await edition.close()


async def test_an_edition_that_opens_at_once_passes_over_none(house: House) -> None:
    _, newer = await two_editions(house)
    edition = await open_edition(house.state)
    assert (edition.name, edition.passed_over) == (newer.name, {})
    await edition.close()


def a_folder(pointer: Path) -> None:
    pointer.unlink()
    pointer.mkdir()


@pytest.mark.parametrize(
    "damage", [a_folder, lambda path: path.write_bytes(b"\xff\x00"), lambda path: path.write_text("")]
)
async def test_a_pointer_that_is_none_is_passed_over_and_the_next_build_mends_it(
    damage: Callable[[Path], object], house: House
) -> None:
    _, newer = await two_editions(house)
    damage(editions_folder(house.state) / "CURRENT")
    assert current_name(house.state) is None
    edition = await open_edition(house.state)
    assert edition.name == newer.name
    assert [*edition.passed_over] == ["CURRENT"]
    await edition.close()
    await house.build(full=True)
    edition = await open_edition(house.state)
    assert (edition.name, edition.passed_over) == (current_name(house.state), {})
    await edition.close()


@pytest.mark.parametrize("name", ["20000101-000000-000000", "29990101-000000-000000"])
async def test_where_the_published_edition_is_not_there_the_newest_answers_and_the_log_says_so(
    name: str, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    older, newer = await two_editions(house)
    (editions_folder(house.state) / "CURRENT").write_text(f"{name}\n")
    edition = await open_edition(house.state)
    assert edition.name == newer.name
    assert [*edition.passed_over] == [name]
    await edition.close()
    (said,) = caplog.messages
    assert said.startswith(f"edition {name} cannot be opened")
    assert said.endswith(f"{newer.name} answers in its place")
    truncate(newer / "windows.faiss")
    edition = await open_edition(house.state)
    assert (edition.name, [*edition.passed_over]) == (older.name, [name, newer.name])
    await edition.close()


async def test_memory_that_does_not_suffice_has_its_error_and_the_edition_before_answers(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = await two_editions(house)
    opened = WindowVectors.open

    def greedy(path: Path) -> WindowVectors:
        if path.parent == newer:
            raise MemoryError
        return opened(path)

    monkeypatch.setattr(WindowVectors, "open", greedy)
    edition = await open_edition(house.state)
    assert edition.name == older.name
    assert isinstance(edition.passed_over[newer.name], OutOfMemory)
    await edition.close()


async def test_the_last_edition_that_is_whole_is_never_removed(house: House) -> None:
    older, newer = await two_editions(house)
    truncate(newer / "windows.faiss")
    newest = await published(house, "The bridges fell in winter. ")
    assert edition_names(house.state) == [newest.name, older.name]


async def test_what_a_killed_build_left_is_swept_by_the_next(house: House) -> None:
    await published(house)
    left = editions_folder(house.state) / ".building-abc"
    left.mkdir()
    (left / "index.db").write_bytes(b"half")
    report = await house.build()
    assert not report.is_new
    assert not left.exists()


async def test_an_edition_that_moved_while_it_was_opened_is_looked_for_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build publishes, and removes the edition that was about to be opened."""
    _, newer = await two_editions(house)
    pointer = editions_folder(house.state) / "CURRENT"
    pointer.write_text("20000101-000000-000000\n")
    opened = edition_module.read_facts

    def slow(state: Path, name: str) -> object:
        pointer.write_text(f"{newer.name}\n")
        return opened(state, name)

    monkeypatch.setattr(edition_module, "read_facts", slow)
    edition = await open_edition(house.state)
    assert (edition.name, edition.passed_over) == (newer.name, {})
    await edition.close()


NOBODY = 65534


def said_to_nobody(state: Path) -> str:
    """What opening says to another user than the one who built."""
    asyncio.run(said_of_opening(state))  # whatever is imported on the way may lie where nobody may read
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        try:
            os.write(write_end, asyncio.run(said_of_opening(state)).encode())
        except Exception as error:
            os.write(write_end, repr(error).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as told:
        said = told.read()
    os.waitpid(child, 0)
    return said


async def said_of_opening(state: Path) -> str:
    try:
        edition = await open_edition(state)
    except EditionDamaged as error:
        return error.code
    await edition.close()
    return edition.name


def open_to_all(path: Path) -> None:
    for folder in (path, *path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may act as another user")
def test_an_index_built_by_root_under_a_strict_umask_is_read_by_the_service(tmp_path: Path) -> None:
    open_to_all(tmp_path)
    house = House(tmp_path)
    house.state.mkdir()
    house.state.chmod(0o750)
    os.chown(house.state, NOBODY, NOBODY)
    before = os.umask(0o077)
    try:
        folder = asyncio.run(published(house))
    finally:
        os.umask(before)
    assert said_to_nobody(house.state) == folder.name
    os.chown(folder / "manifest.json", 0, 0)
    (folder / "manifest.json").chmod(0o600)
    assert said_to_nobody(house.state) == EditionFileForbidden.code


async def test_the_last_edition_and_the_one_before_it_are_kept(house: House) -> None:
    names = [(await published(house, f"The river rose {n} times. ")).name for n in range(4)]
    left = sorted(path.name for path in editions_folder(house.state).iterdir() if path.is_dir())
    assert left == sorted(names[-2:])
    for name in left:
        verify(house.state, name)


async def test_an_edition_is_read_only(house: House) -> None:
    await published(house)
    edition = await open_edition(house.state)
    with pytest.raises(DatabaseError):
        await edition.connection.execute("DELETE FROM slice")
    await edition.close()


async def test_a_file_that_is_no_database_leaves_no_thread_behind(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"nonsense" * 500)
    before = threading.enumerate()
    with pytest.raises(DatabaseError):
        await open_kept(path, ["CREATE TABLE vote (id INTEGER)"])
    with pytest.raises(DatabaseError):
        await open_for_reading(tmp_path / "missing.db")
    assert left_over(before) == []


async def test_migrations_run_once_each_and_a_newer_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state" / "kept.db"
    steps = ["CREATE TABLE vote (id INTEGER)", "ALTER TABLE vote ADD COLUMN weight INTEGER"]
    for migrations in (steps[:1], steps, steps):
        await (await open_kept(path, migrations)).close()
    connection = await open_kept(path, steps)
    await connection.execute("INSERT INTO vote (id, weight) VALUES (1, 2)")
    found = await row(connection, "SELECT * FROM vote")
    assert found is not None
    assert tuple(found) == (1, 2)
    await connection.close()
    with pytest.raises(DatabaseError):
        await open_kept(path, steps[:1])


async def test_whoever_opens_while_another_program_migrates_waits_and_migrates_nothing_twice(
    tmp_path: Path,
) -> None:
    path = tmp_path / "kept.db"
    steps = ["CREATE TABLE vote (id INTEGER)", "ALTER TABLE vote ADD COLUMN weight INTEGER"]
    await (await open_kept(path, steps[:1])).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        opening = asyncio.create_task(open_kept(path, steps))
        await asyncio.sleep(0.3)  # by then it has read the old version and waits
        for statement in (steps[1], "PRAGMA user_version=2", "COMMIT"):
            other.execute(statement)
    connection = await opening
    assert await rows(connection, "SELECT * FROM vote") == []
    await connection.close()


async def test_many_programs_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    steps = [
        "CREATE TABLE vote (text TEXT); -- a; b",
        "INSERT INTO vote VALUES (';');\nINSERT INTO vote VALUES (';')",
    ]
    opened = await asyncio.gather(*(open_kept(tmp_path / "kept.db", steps) for _ in range(8)))
    for connection in opened:
        assert [tuple(vote) for vote in await rows(connection, "SELECT text FROM vote")] == [(";",), (";",)]
        await connection.close()


async def test_a_new_file_that_another_program_is_writing_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        opening = asyncio.create_task(open_kept(path, ["CREATE TABLE vote (id INTEGER)"]))
        await asyncio.sleep(0.1)
        assert not opening.done()
        other.execute("COMMIT")
    await (await opening).close()


async def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    with pytest.raises(DatabaseError):
        await open_kept(path, ["CREATE TABLE vote (id INTEGER); INSERT INTO nowhere VALUES (1)"])
    await (await open_kept(path, ["CREATE TABLE vote (id INTEGER)"])).close()
