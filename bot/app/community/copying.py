"""Copy the community database from its file to a server, or back."""

import re
from contextlib import AsyncExitStack
from pathlib import Path

from bot.app.community.migrations import MIGRATIONS, open_store
from scoring.errors import CodedError

_COPIES_WITHIN_S = 600.0
_TABLE = re.compile(r"CREATE TABLE (\w+)")


class CommunityNotEmpty(CodedError):
    """A community database was to be copied to where somebody has stored something already. No fields."""

    code = "community_not_empty"


async def copy_community(state: Path, address: str, *, to_server: bool) -> dict[str, int]:
    """Copy the community database from its file to a server, or back. What it is copied from stays as it is.

    No bot may run on either meanwhile.

    Args:
        state: the state folder of the file.
        address: of the PostgreSQL database.
        to_server: False to copy from there to the file.

    Returns:
        How many rows of each table there were.

    Raises:
        CommunityNotEmpty: the goal has rows already.
        CommunityDamaged, CommunityUnavailable, PostgresMissing: one of them cannot be opened, read or written.
    """
    tables = [name for script in MIGRATIONS for name in _TABLE.findall(script)]
    copied: dict[str, int] = {}
    async with AsyncExitStack() as opened:
        file = await open_store(state, None)
        opened.push_async_callback(file.close)
        server = await open_store(state, address)
        opened.push_async_callback(server.close)
        source, goal = (file, server) if to_server else (server, file)
        async with goal.transaction(within_s=_COPIES_WITHIN_S) as writing:
            for table in tables:
                if [*await writing.execute_fetchall(f"SELECT * FROM {table} LIMIT 1")]:  # noqa: S608 - our own names
                    raise CommunityNotEmpty
            for table in tables:
                found = await source.rows(f"SELECT * FROM {table}")  # noqa: S608
                copied[table] = len(found)
                if found:
                    names = [*found[0].keys()]
                    places = ", ".join("?" * len(names))
                    await writing.executemany(
                        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})",  # noqa: S608
                        [[row[name] for name in names] for row in found],
                    )
        for table in tables:
            await goal.number_on(table)
    return copied
