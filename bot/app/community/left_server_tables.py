"""Servers that the bot is no longer a member of, as the community database keeps them until they are forgotten.

Nobody there can end what the server has set: its followings, digest and alerts. It is kept for ``LEFT_FOR``, so that
whoever invites the bot anew finds all as it was.
"""

from collections.abc import Collection
from datetime import timedelta

from bot.app.community.store import CommunityTables

SCHEMA = """
    CREATE TABLE left_server (
        server INTEGER PRIMARY KEY,
        left_at TEXT NOT NULL
    ) STRICT;
    ALTER TABLE alert ADD COLUMN server INTEGER
    """
"""An alert that tells a channel names the channel's server since then; an older one ends with its next message."""

LEFT_FOR = timedelta(days=7)
"""So long what a server has set is kept after the bot has left it."""

_KNOWN = (
    "SELECT server FROM follower WHERE server != 0 UNION SELECT server FROM digest UNION "
    "SELECT server FROM alert WHERE server IS NOT NULL UNION SELECT server FROM counts_unanswered UNION "
    "SELECT guild_id FROM server UNION SELECT guild_id FROM moderating"
)


class LeftServerTables(CommunityTables):
    """The servers that the bot has left, and when."""

    async def left(self, servers: Collection[int]) -> None:
        """Enter that the bot is no longer a member of servers; what was entered before stays."""
        now = self._now().isoformat()
        async with self._store.transaction() as connection:
            await connection.executemany(
                "INSERT INTO left_server VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(server, now) for server in servers],
            )

    async def present(self, servers: Collection[int], *, are_all: bool) -> None:
        """Enter of which servers the bot is a member.

        Args:
            servers: their numbers.
            are_all: True if there is no other, so that the bot has left all others that have set something.
        """
        async with self._store.transaction() as connection:
            await connection.executemany(
                "DELETE FROM left_server WHERE server = ?", [(server,) for server in servers]
            )
        if are_all:
            known = {row["server"] for row in await self._store.rows(_KNOWN)}
            await self.left(known.difference(servers))

    async def overdue(self) -> list[int]:
        """Return the servers that the bot left more than ``LEFT_FOR`` ago."""
        found = await self._store.rows(
            "SELECT server FROM left_server WHERE left_at < ? ORDER BY server",
            ((self._now() - LEFT_FOR).isoformat(),),
        )
        return [row["server"] for row in found]

    async def forget(self, server: int) -> None:
        """Forget a server, its settings, its digest and its questions without an answer."""
        async with self._store.transaction() as connection:
            for statement in (
                "DELETE FROM digest WHERE server = ?",
                "DELETE FROM counts_unanswered WHERE server = ?",
                "DELETE FROM unanswered WHERE server = ?",
                "DELETE FROM server WHERE guild_id = ?",
                "DELETE FROM moderating WHERE guild_id = ?",
                "DELETE FROM left_server WHERE server = ?",
            ):
                await connection.execute(statement, (server,))
