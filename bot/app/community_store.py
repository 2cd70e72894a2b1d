"""The connection to the community database: one transaction at a time, and errors that say what hinders it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from index.storage import sqlite
from scoring.errors import CodedError, typed_fields


@typed_fields
class CommunityUnavailable(CodedError):
    """The community database could not be read or written; ``problem`` says why, as ``sqlite.problem_of``."""

    code = "community_unavailable"
    problem: str


_WITHIN_S = 5.0
_ROLLBACK_WITHIN_S = 1.0


class CommunityStore:
    """Reads and writes the community database.

    Args:
        connection: that nobody else uses.
    """

    def __init__(self, connection: sqlite.Connection) -> None:
        self._connection = connection
        self._writing = asyncio.Lock()

    async def rows(self, sql: str, values: sqlite.Values = ()) -> list[sqlite.Row]:
        """Return all rows of a query.

        Raises:
            CommunityUnavailable: they cannot be read.
        """
        with _named():
            async with asyncio.timeout(_WITHIN_S):
                return await sqlite.rows(self._connection, sql, values)

    async def row(self, sql: str, values: sqlite.Values = ()) -> sqlite.Row | None:
        """Return the first row of a query, or None.

        Raises:
            CommunityUnavailable: it cannot be read.
        """
        found = await self.rows(sql, values)
        return found[0] if found else None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[sqlite.Connection]:
        """Write all that the block writes, or nothing if it raises; no other write comes in between.

        Raises:
            CommunityUnavailable: it cannot be written.
        """
        with _named():
            async with asyncio.timeout(_WITHIN_S), self._writing:
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

    async def write(self, sql: str, values: sqlite.Values = ()) -> int:
        """Run one statement in a transaction of its own. Return the number of rows that it changed.

        Raises:
            CommunityUnavailable: it cannot be written.
        """
        async with self.transaction() as connection:
            return (await connection.execute(sql, tuple(values))).rowcount

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
