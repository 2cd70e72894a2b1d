"""A database that cannot be opened is refused with its cause, and leaves nothing behind."""

import asyncio
import errno
import sqlite3
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from waiting import LONG_S

from index.storage import sqlite


def _run_to_its_end(opening: Callable[[], Coroutine[object, object, object]]) -> None:
    """Run ``opening`` in a loop that closes at once, as a command's does, and check that no thread is left."""
    failed: list[object] = []
    before = set(threading.enumerate())  # other tests may keep databases open
    kept, threading.excepthook = threading.excepthook, lambda hook: failed.append(hook.exc_value)
    try:
        asyncio.run(opening())
    finally:
        new = [thread for thread in threading.enumerate() if thread not in before]
        for thread in new:
            thread.join(LONG_S)
        threading.excepthook = kept
        assert failed == []
        assert not [thread.name for thread in new if thread.is_alive()]


def _refused(opening: Callable[[], Coroutine[object, object, object]]) -> sqlite.DatabaseError:
    """Return why a database was refused."""
    with pytest.raises(sqlite.DatabaseError) as refused:
        _run_to_its_end(opening)
    return refused.value


@pytest.mark.parametrize("_again", range(5))
def test_a_kept_database_that_cannot_be_opened_leaves_no_thread(tmp_path: Path, _again: int) -> None:
    (tmp_path / "community.db").mkdir()
    error = _refused(lambda: sqlite.open_kept(tmp_path / "community.db", []))
    assert sqlite.problem_of(error) == "cannot be opened"


@pytest.mark.parametrize("_again", range(5))
def test_an_editions_database_that_is_missing_leaves_no_thread(tmp_path: Path, _again: int) -> None:
    assert (
        sqlite.problem_of(_refused(lambda: sqlite.open_for_reading(tmp_path / "index.db")))
        == "cannot be opened"
    )


@pytest.mark.parametrize("_again", range(5))
def test_a_new_database_that_cannot_be_made_leaves_no_thread(tmp_path: Path, _again: int) -> None:
    async def build() -> None:
        async with sqlite.building(tmp_path / "missing" / "index.db"):
            pass

    with pytest.raises(OSError, match="unable to open database file"):
        _run_to_its_end(build)


def test_a_database_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def connect(database: str, **options: Any) -> sqlite3.Connection:
        opened.append(database)
        return sqlite3_connect(database, **options)

    async def open_and_close() -> None:
        await (await sqlite.open_kept(tmp_path / "community.db", [])).close()

    sqlite3_connect = sqlite3.connect
    monkeypatch.setattr("sqlite3.connect", connect)
    asyncio.run(open_and_close())
    assert opened == [str(tmp_path / "community.db")]


def test_a_disk_that_can_only_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    (tmp_path / "community.db").mkdir()
    monkeypatch.setattr("index.storage.sqlite.os.open", read_only)
    error = _refused(lambda: sqlite.open_kept(tmp_path / "community.db", []))
    assert sqlite.problem_of(error) == "read-only"
