"""What is new, as the community database keeps it.

What is new is told from what was known: every episode that an edition holds is entered once, and only those that were
entered later than the first are news.
"""

from collections.abc import Iterable
from datetime import datetime

from bot.app.community.store import CommunityTables, Transaction

SCHEMA = """
    CREATE TABLE known_episode (
        slug TEXT PRIMARY KEY,
        known_at TEXT NOT NULL,
        is_news INTEGER NOT NULL,
        is_matched INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """


class NewsTables(CommunityTables):
    """The episodes that are known, and which of them are news."""

    async def enter(self, slugs: Iterable[str], *, silent: frozenset[str] = frozenset()) -> int:
        """Enter the episodes of an edition. At the first time none of them is news.

        Args:
            slugs: of the whole edition.
            silent: those that are never news, such as episodes older than the following that brought them.

        Returns:
            How many are news.
        """
        now = self._now().isoformat()
        async with self._store.transaction() as connection:
            [*known] = await connection.execute_fetchall("SELECT slug FROM known_episode")
            before = {row["slug"] for row in known}
            is_news = {slug: bool(before) and slug not in silent for slug in sorted(set(slugs) - before)}
            await connection.executemany(
                "INSERT INTO known_episode VALUES (?, ?, ?, ?)",
                [(slug, now, is_new, not is_new) for slug, is_new in is_news.items()],
            )
        return sum(is_news.values())

    async def unmatched(self) -> list[str]:
        """Return the slugs of news that no alert was compared with yet, oldest first."""
        found = await self._store.rows(
            "SELECT slug FROM known_episode WHERE is_matched = 0 ORDER BY known_at, slug"
        )
        return [row["slug"] for row in found]

    async def since(self, moment: datetime) -> list[tuple[str, datetime]]:
        """Return the slugs of news that were entered after a moment, and when, oldest first."""
        found = await self._store.rows(
            "SELECT slug, known_at FROM known_episode WHERE is_news = 1 AND known_at > ? ORDER BY known_at, slug",
            (moment.isoformat(),),
        )
        return [(row["slug"], datetime.fromisoformat(row["known_at"])) for row in found]


async def mark_matched(connection: Transaction, slug: str) -> None:
    """Enter within a transaction that a new episode was compared with all alerts."""
    await connection.execute("UPDATE known_episode SET is_matched = 1 WHERE slug = ?", (slug,))
