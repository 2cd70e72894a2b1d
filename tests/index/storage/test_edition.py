"""Claims about editions: one is opened whole or not at all, and says what is wrong with it."""

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from index.errors import EditionDamaged, EditionMismatch, EditionMissing
from index.storage.edition import current_name, editions_folder, open_edition, verify
from index.storage.sqlite import DatabaseError, open_for_reading, open_kept, row

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
    one = await published(house)
    other = await published(house, "The mills rose in autumn. ")
    assert one.is_dir()
    shutil.copyfile(one / file, other / file)
    with pytest.raises(EditionDamaged):
        await open_edition(house.state)


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
        await open_edition(house.state)
    await house.build()
    await (await open_edition(house.state)).close()


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


async def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    with pytest.raises(DatabaseError):
        await open_kept(path, ["CREATE TABLE vote (id INTEGER); INSERT INTO nowhere VALUES (1)"])
    await (await open_kept(path, ["CREATE TABLE vote (id INTEGER)"])).close()
