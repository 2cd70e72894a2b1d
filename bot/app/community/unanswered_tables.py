"""Questions that found nothing, counted by server without who asked, where its moderators want to see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app.community.store import CommunityTables

SCHEMA = """
    CREATE TABLE counts_unanswered (
        server INTEGER PRIMARY KEY,
        since TEXT NOT NULL
    ) STRICT;
    CREATE TABLE unanswered (
        server INTEGER NOT NULL,
        words TEXT NOT NULL,
        n INTEGER NOT NULL,
        last_at TEXT NOT NULL,
        PRIMARY KEY (server, words)
    ) STRICT, WITHOUT ROWID
    """

UNANSWERED_KEPT_FOR = timedelta(days=30)
"""How long a question is kept after it was last asked."""

MOST_KEPT = 500
"""Questions of one server; those asked longest ago go first."""

LONGEST = 200
"""Characters of a question that are kept."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that found nothing, and how often it was asked."""

    words: str
    n: int


class UnansweredTables(CommunityTables):
    """Questions that found nothing."""

    async def counted_since(self, server: int) -> datetime | None:
        """Return since when the server's moderators want questions to be counted; None if they do not."""
        found = await self._store.row("SELECT since FROM counts_unanswered WHERE server = ?", (server,))
        return None if found is None else datetime.fromisoformat(found["since"])

    async def set_on(self, server: int, *, is_on: bool) -> None:
        """Begin to count, or end it and forget what was counted."""
        if is_on:
            await self._store.write(
                "INSERT INTO counts_unanswered VALUES (?, ?) ON CONFLICT DO NOTHING",
                (server, self._now().isoformat()),
            )
            return
        async with self._store.transaction() as connection:
            await connection.execute("DELETE FROM counts_unanswered WHERE server = ?", (server,))
            await connection.execute("DELETE FROM unanswered WHERE server = ?", (server,))

    async def note(self, server: int, question: str) -> None:
        """Count a question that found nothing, where that is wanted. Who asked it is not told to this function."""
        words = " ".join(question.casefold().split())[:LONGEST]
        await self._store.write(
            "INSERT INTO unanswered SELECT CAST(? AS BIGINT), CAST(? AS TEXT), 1, CAST(? AS TEXT) "
            "WHERE EXISTS (SELECT 1 FROM counts_unanswered WHERE server = ?) "
            "ON CONFLICT (server, words) DO UPDATE SET n = unanswered.n + 1, last_at = excluded.last_at",
            (server, words, self._now().isoformat(), server),
        )

    async def most_asked(self, server: int, limit: int = 20) -> list[Unanswered]:
        """Return the questions asked within ``UNANSWERED_KEPT_FOR``, most asked first, then the newest."""
        found = await self._store.rows(
            "SELECT words, n FROM unanswered WHERE server = ? AND last_at > ? "
            "ORDER BY n DESC, last_at DESC, words LIMIT ?",
            (server, (self._now() - UNANSWERED_KEPT_FOR).isoformat(), limit),
        )
        return [Unanswered(row["words"], row["n"]) for row in found]

    async def prune(self) -> None:
        """Forget questions last asked more than ``UNANSWERED_KEPT_FOR`` ago, then the oldest beyond ``MOST_KEPT``."""
        async with self._store.transaction() as connection:
            await connection.execute(
                "DELETE FROM unanswered WHERE last_at < ?", ((self._now() - UNANSWERED_KEPT_FOR).isoformat(),)
            )
            await connection.execute(
                "DELETE FROM unanswered WHERE (server, words) IN (SELECT server, words FROM (SELECT server, words, "
                "row_number() OVER (PARTITION BY server ORDER BY last_at DESC) AS place FROM unanswered) AS ranked "
                "WHERE place > ?)",
                (MOST_KEPT,),
            )
