"""Where the community database is read and written: one interface, on an SQLite file or a PostgreSQL server.

Statements are written once, in the SQL that both understand: ``?`` for values, ``ON CONFLICT`` rather than ``OR
REPLACE``, ``CASE`` rather than sums of truths, and ``NULLS FIRST`` where a column that may be null is sorted by.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Protocol

from index.storage import sqlite
from scoring.errors import CodedError, typed_fields


@typed_fields
class CommunityUnavailable(CodedError):
    """The community database could not be read or written; ``problem`` says why, as ``sqlite.problem_of``."""

    code = "community_unavailable"
    problem: str


LARGEST_NUMBER = 2**63 - 1
"""What both databases hold."""

FURTHEST_AHEAD = timedelta(days=2)
"""Nothing is put off for longer. A time further ahead was written while the machine's clock was, and has come."""

WITHIN_S = 5.0
"""Seconds that a read or a transaction may take."""

_ROLLBACK_WITHIN_S = 1.0


class Row(Protocol):
    """A row: values by the names of their columns."""

    def __getitem__(self, name: str, /) -> Any: ...

    def keys(self) -> Iterable[str]:
        """Return the names of the columns."""
        ...


class Executed(Protocol):
    """The outcome of a statement."""

    @property
    def rowcount(self) -> int:
        """Return the number of rows that it changed."""
        ...

    @property
    def lastrowid(self) -> int | None:
        """Return the ``id`` of the last row that it entered, in a table that has one."""
        ...


class Transaction(Protocol):
    """Statements that are all done or none."""

    async def execute(self, sql: str, values: Sequence[object] = (), /) -> Executed:
        """Run a statement."""
        ...

    async def executemany(self, sql: str, values: Iterable[Sequence[object]], /) -> object:
        """Run a statement for each of ``values``."""
        ...

    async def execute_fetchall(self, sql: str, values: Sequence[object] = (), /) -> Iterable[Row]:
        """Return the rows of a query."""
        ...


class CommunityStore(ABC):
    """Reads and writes the community database. Its methods raise ``CommunityUnavailable`` where that cannot be.

    Attributes:
        is_shared: True if other programs may write to it at the same time.
    """

    is_shared: bool

    @abstractmethod
    async def rows(self, sql: str, values: sqlite.Values = ()) -> Sequence[Row]:
        """Return all rows of a query."""

    @abstractmethod
    def transaction(self, *, within_s: float = WITHIN_S) -> AbstractAsyncContextManager[Transaction]:
        """Write all that the block writes, or nothing if it raises or takes longer than ``within_s``."""

    @abstractmethod
    async def number_on(self, table: str) -> None:
        """Give the next row of ``table`` a number behind all that it has."""

    @abstractmethod
    async def leads(self) -> bool:
        """Return True if this program does what must happen once: no other one is told so at the same time."""

    @abstractmethod
    async def close(self) -> None:
        """Close the connection."""

    async def row(self, sql: str, values: sqlite.Values = ()) -> Row | None:
        """Return the first row of a query, or None."""
        found = await self.rows(sql, values)
        return found[0] if found else None

    async def count(self, counted: str, values: sqlite.Values = ()) -> int:
        """Return how many rows there are; ``counted`` is a table, perhaps with a condition."""
        [found] = await self.rows(f"SELECT count(*) AS n FROM {counted}", values)  # noqa: S608 - our own statements
        return int(found["n"])

    async def write(self, sql: str, values: sqlite.Values = ()) -> int:
        """Run one statement in a transaction of its own. Return the number of rows that it changed."""
        async with self.transaction() as connection:
            return (await connection.execute(sql, tuple(values))).rowcount


class CommunityTables:
    """Base of the parts of the community database, each with its own tables. ``CommunityDatabase`` has all of them.

    Args:
        store: the community database.
        now: the clock, in UTC.

    Its methods raise ``CommunityUnavailable`` where the database cannot be read or written.
    """

    def __init__(self, store: CommunityStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def _due_bounds(self) -> tuple[str, str]:
        """Return now and ``FURTHEST_AHEAD``, as stored: what waits for a time between them is not due yet."""
        now = self._now()
        return now.isoformat(), (now + FURTHEST_AHEAD).isoformat()


def has_passed(pause: timedelta, since: datetime, now: datetime) -> bool:
    """Return True if ``pause`` is over, counted from ``since``, or ``since`` was written while the clock ran ahead."""
    return now - since >= pause or since - now > FURTHEST_AHEAD


class SqliteStore(CommunityStore):
    """The community database in a file.

    Args:
        connection: that nobody else uses.
    """

    is_shared = False

    def __init__(self, connection: sqlite.Connection) -> None:
        self._connection = connection
        self._writing = asyncio.Lock()

    async def rows(self, sql: str, values: sqlite.Values = ()) -> Sequence[Row]:
        """Return all rows of a query."""
        with _named():
            async with asyncio.timeout(WITHIN_S):
                return await sqlite.rows(self._connection, sql, values)

    @asynccontextmanager
    async def transaction(self, *, within_s: float = WITHIN_S) -> AsyncIterator[Transaction]:
        """Write all that the block writes, or nothing if it raises; no other write comes in between."""
        with _named():
            async with asyncio.timeout(within_s), self._writing:
                if self._connection.in_transaction:  # of one that could not even be rolled back
                    await self._connection.rollback()
                try:
                    yield self._connection
                    await self._connection.commit()
                except BaseException:
                    with suppress(sqlite.DatabaseError, TimeoutError):
                        async with asyncio.timeout(_ROLLBACK_WITHIN_S):
                            await self._connection.rollback()
                    raise

    async def number_on(self, table: str) -> None:
        """Do nothing: a file's numbers go on by themselves."""

    async def leads(self) -> bool:
        """Return True: one program at a time has the file open."""
        return True

    async def close(self) -> None:
        """Close the file."""
        await self._connection.close()


@contextmanager
def _named() -> Iterator[None]:
    """Turn SQLite's errors into ``CommunityUnavailable``."""
    try:
        yield
    except sqlite.DatabaseError as error:
        raise CommunityUnavailable(problem=sqlite.problem_of(error)) from error
    except TimeoutError as error:
        raise CommunityUnavailable(problem="not answering") from error
