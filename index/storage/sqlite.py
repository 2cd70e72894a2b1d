"""SQLite connections, pragmas and migrations; no other module opens a database."""

import asyncio
import errno
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiosqlite

Connection = aiosqlite.Connection
Row = sqlite3.Row
DatabaseError = sqlite3.Error

Values = Sequence[object]

_ASK_AGAIN_S = 0.01
"""Seconds until a database is asked again that somebody else opens for the first time."""

_PROBLEMS = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "disk full",
    sqlite3.SQLITE_IOERR: "disk failed",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
}
_DISK_ERRORS = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_CANTOPEN: errno.EIO,
    sqlite3.SQLITE_IOERR: errno.EIO,
}


@dataclass(frozen=True, slots=True)
class Below:
    """A second database, attached as ``below``; ``views`` is SQL for views over both."""

    path: Path
    views: str

    async def attach(self, connection: Connection) -> None:
        """Attach the database for reading, and create the views."""
        await connection.execute("ATTACH ? AS below", (_unchanging(self.path),))
        await connection.executescript(self.views)


async def open_for_reading(path: Path, below: Below | None = None) -> Connection:
    """Open a connection to a database that no longer changes (an edition's); rows have names.

    Raises:
        DatabaseError: the file is missing or is no database.
    """
    connection = await _connected(_unchanging(path), uri=True)
    async with _closed_on_error(connection):
        await connection.execute("PRAGMA temp_store=MEMORY")  # which takes views away, so it comes first
        if below is not None:
            await below.attach(connection)
        # Read, not mapped: rows of an answer come as quickly, and the whole file does not end up in memory.
        for pragma in ("query_only=ON", "cache_size=-2048"):
            await connection.execute(f"PRAGMA {pragma}")
    return connection


@asynccontextmanager
async def building(path: Path) -> AsyncIterator[Connection]:
    """Open a connection for building a database that nobody reads yet: quick, and made durable at the end.

    Committed when the block ends without an error; the caller syncs the file and publishes it by a rename.

    Raises:
        OSError: the disk is full, read-only or broken.
    """
    try:
        connection = await _connected(f"file:{quote(str(path))}", uri=True)
        try:
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-131072", "foreign_keys=ON"):
                await connection.execute(f"PRAGMA {pragma}")
            yield connection
            await connection.commit()
        finally:
            await connection.close()
    except DatabaseError as error:
        raise disk_error(error, path) or error from error


async def open_kept(path: Path, migrations: Sequence[str], *, busy_s: float = 10.0) -> Connection:
    """Open a connection to a database that people write to, and migrate it to the newest schema.

    Args:
        path: created with its folder if missing.
        migrations: SQL scripts; the n-th takes ``user_version`` from n to n+1. All that
            are missing run in one transaction, once, whoever else opens the database at the same time.
        busy_s: seconds that a statement waits while another program holds the database.

    Raises:
        DatabaseError: the file is no database, or was written by a newer version.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = await _connected(str(path), timeout=busy_s)
    except sqlite3.OperationalError as error:
        raise _with_cause(error, path) from error
    async with _closed_on_error(connection):
        await _keep_log(connection, busy_s)
        for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
            await connection.execute(f"PRAGMA {pragma}")
        done = await _version(connection)
        if done < len(migrations):
            done = await _migrate(connection, migrations)
        if done > len(migrations):
            raise sqlite3.DatabaseError(f"schema {done} is newer than this program's {len(migrations)}")
    return connection


async def _connected(database: str, **options: Any) -> Connection:
    """Open a connection; rows have names.

    It is made here: where aiosqlite cannot make one, it leaves a thread behind, which still answers when the loop is
    closed.
    """
    made = sqlite3.connect(database, check_same_thread=False, **options)
    connection = await aiosqlite.Connection(lambda: made, iter_chunk_size=64)
    connection.row_factory = sqlite3.Row
    return connection


def _with_cause(error: sqlite3.OperationalError, path: Path) -> sqlite3.OperationalError:
    """Return ``error``; where the file cannot be made on a disk that can only be read, with SQLite's code for that."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o644))
    except OSError as cause:
        if cause.errno == errno.EROFS:
            error.sqlite_errorcode = sqlite3.SQLITE_READONLY
    return error


async def _keep_log(connection: Connection, busy_s: float) -> None:
    """Let the database keep a write-ahead log, so that reading and writing do not wait for each other.

    SQLite does not wait here where somebody else opens a new file in the same moment, whatever the connection's
    timeout says: it refuses at once, so this asks again for ``busy_s`` seconds.
    """
    clock = asyncio.get_running_loop().time
    last = clock() + busy_s
    while True:
        try:
            await connection.execute("PRAGMA journal_mode=WAL")
        except DatabaseError as error:
            if _code_of(error) != sqlite3.SQLITE_BUSY or clock() >= last:
                raise
        else:
            return
        await asyncio.sleep(_ASK_AGAIN_S)


async def _migrate(connection: Connection, migrations: Sequence[str]) -> int:
    """Run the migrations that are missing. Return the schema's version, which somebody else may have made newer."""
    # From here on nobody else writes, so the version stays as it is read.
    await connection.execute("BEGIN IMMEDIATE")
    done = await _version(connection)
    for number, script in enumerate(migrations[done:], start=done + 1):
        for statement in _statements(script):
            await connection.execute(statement)
        await connection.execute(f"PRAGMA user_version={number}")
    await connection.commit()
    return max(done, len(migrations))


async def _version(connection: Connection) -> int:
    found = await row(connection, "PRAGMA user_version")
    return int(found[0]) if found else 0


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; ``executescript`` would end the transaction that is under way."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def copy_database(source: Path, goal: Path) -> None:
    """Copy a database as it is at one moment, while others write to it.

    Raises:
        DatabaseError: it cannot be read, or the copy not written.
    """
    with (
        closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=10)) as live,
        closing(sqlite3.connect(goal)) as copy,
    ):
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # so that the copy is one file


def copy_changed(source: Path, goal: Path, script: str) -> None:
    """Copy a database that no longer changes, run a script on the copy, and give back the space that this frees.

    Raises:
        OSError: the disk is full, read-only or broken.
    """
    shutil.copyfile(source, goal)
    try:
        with closing(sqlite3.connect(goal)) as copy:
            copy.execute("PRAGMA journal_mode=DELETE")
            copy.executescript(script)
            copy.commit()
            copy.execute("VACUUM")
    except DatabaseError as error:
        raise disk_error(error, goal) or error from error


def scan(path: Path, sql: str) -> Iterator[Row]:
    """Yield the rows of a query over a database that no longer changes.

    Raises:
        DatabaseError: it is damaged, or none.
    """
    with closing(sqlite3.connect(_unchanging(path), uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield from connection.execute(sql)


def check_database(path: Path) -> int:
    """Return the schema's version (``user_version``) of a database that nobody else has open.

    Raises:
        DatabaseError: it is damaged, or none.
    """
    with closing(sqlite3.connect(_unchanging(path), uri=True)) as connection:
        (found,) = connection.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        if (broken := connection.execute("PRAGMA foreign_key_check").fetchone()) is not None:
            raise sqlite3.DatabaseError(f"a row of {broken[0]} refers to none")
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def problem_of(error: DatabaseError) -> str:
    """Return why SQLite failed: a value of ``_PROBLEMS``, else ``damaged``."""
    return _PROBLEMS.get(_code_of(error), "damaged")


async def rows(connection: Connection, sql: str, values: Values = ()) -> list[sqlite3.Row]:
    """Return all rows of a query."""
    return list(await connection.execute_fetchall(sql, tuple(values)))


async def row(connection: Connection, sql: str, values: Values = ()) -> sqlite3.Row | None:
    """Return the first row of a query, or None."""
    found = await rows(connection, sql, values)
    return found[0] if found else None


async def write_many(connection: Connection, sql: str, values: Iterable[Values]) -> None:
    """Run one statement for each of ``values``."""
    await connection.executemany(sql, values)


def disk_error(error: sqlite3.Error, path: Path) -> OSError | None:
    """Return the operating system's error that caused ``error``, or None if the disk was not the cause."""
    number = _DISK_ERRORS.get(_code_of(error))
    return None if number is None else OSError(number, str(error), str(path))


def _code_of(error: sqlite3.Error) -> int:
    """Return SQLite's primary code of ``error``, the lowest byte of an extended one; 0 where it has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _unchanging(path: Path) -> str:
    """Return the URI of a database that no longer changes."""
    return f"file:{quote(str(path))}?mode=ro&immutable=1"


@asynccontextmanager
async def _closed_on_error(connection: Connection) -> AsyncIterator[None]:
    """Close the connection on an error: its thread would keep the program from ending."""
    try:
        yield
    except BaseException:
        await connection.close()
        raise
