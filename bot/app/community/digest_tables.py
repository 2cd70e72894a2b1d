"""Weekly digests of what is new for servers, as the community database keeps them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.app.community import alert_tables
from bot.app.community.news_tables import NewsTables
from bot.app.community.outbox import put_message, stamp_of
from bot.app.community.store import CommunityStore, CommunityTables, Row, has_passed

SCHEMA = """
    CREATE TABLE digest (
        server INTEGER PRIMARY KEY,
        channel INTEGER NOT NULL,
        topics TEXT NOT NULL,
        begun_at TEXT NOT NULL,
        sent_at TEXT
    ) STRICT
    """


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest: news for a server, once a week.

    Attributes:
        server, channel: where.
        topics: what it is about; all news if there is none.
        begun_at: when it was set up.
        sent_at: when the last one was made, or None.
    """

    server: int
    channel: int
    topics: tuple[str, ...]
    begun_at: datetime
    sent_at: datetime | None


class DigestTables(CommunityTables):
    """The digests.

    Args:
        store, now: as of ``CommunityTables``.
        news: what digests tell of.
    """

    def __init__(self, store: CommunityStore, now: Callable[[], datetime], news: NewsTables) -> None:
        super().__init__(store, now)
        self._news = news

    async def set(self, server: int, channel: int, topics: Sequence[str]) -> Digest:
        """Tell a server once a week what is new; the first time a week from now."""
        now = self._now()
        await self._store.write(
            "INSERT INTO digest VALUES (?, ?, ?, ?, NULL) ON CONFLICT (server) DO UPDATE SET "
            "channel = excluded.channel, topics = excluded.topics",
            (server, channel, json.dumps(list(topics)), now.isoformat()),
        )
        found = await self.get(server)
        return found or Digest(server, channel, tuple(topics), now, None)

    async def get(self, server: int) -> Digest | None:
        """Return a server's digest, or None."""
        found = await self._store.row("SELECT * FROM digest WHERE server = ?", (server,))
        return None if found is None else _digest(found)

    async def end(self, server: int) -> bool:
        """Tell a server nothing any more. False where there was no digest."""
        return bool(await self._store.write("DELETE FROM digest WHERE server = ?", (server,)))

    async def close_channel(self, channel: int) -> None:
        """Tell a channel nothing any more, since it cannot be told."""
        await self._store.write("DELETE FROM digest WHERE channel = ?", (channel,))

    async def send_due(self) -> int:
        """Put the digests that are due into the outbox; a week without news has none. Returns how many."""
        now, n_messages = self._now(), 0
        for row in await self._store.rows("SELECT * FROM digest ORDER BY server"):
            digest = _digest(row)
            since = digest.sent_at or digest.begun_at
            if not has_passed(
                alert_tables.A_WEEK, since, now
            ):  # by its module's name: a drill shortens the week there
                continue
            news = [slug for slug, _ in await self._news.since(since)]
            async with self._store.transaction() as connection:
                changed = await connection.execute(
                    "UPDATE digest SET sent_at = ? WHERE server = ? AND sent_at IS ?",
                    (now.isoformat(), digest.server, row["sent_at"]),
                )
                if not changed.rowcount or not news:
                    continue
                stamp = stamp_of(now)
                n_messages += await put_message(
                    connection,
                    "digest",
                    f"digest:{digest.server}:{stamp}",
                    to="channel",
                    to_id=digest.channel,
                    payload={
                        "slugs": news,
                        "topics": list(digest.topics),
                        "server": digest.server,
                        "stamp": stamp,
                    },
                    now=now,
                )
        return n_messages


def _digest(row: Row) -> Digest:
    sent_at = row["sent_at"]
    return Digest(
        row["server"],
        row["channel"],
        tuple(json.loads(row["topics"])),
        datetime.fromisoformat(row["begun_at"]),
        None if sent_at is None else datetime.fromisoformat(sent_at),
    )
