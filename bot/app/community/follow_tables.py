"""Followed sources, who follows them, and the places that are left alone, as the community database keeps them.

``followed_episode_tables`` has the episodes of the sources.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from bot.app.community.followed_episode_tables import enter_listed, read_error, stored_error
from bot.app.community.polling_schedule import LOOK_EVERY, jittered, pause_after
from bot.app.community.store import LARGEST_NUMBER, CommunityTables, Row, Transaction
from index.library.sources import FollowKind, Listing, same_source
from scoring.errors import CodedError, typed_fields

SCHEMA = """
    CREATE TABLE follow (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        address TEXT NOT NULL UNIQUE,
        title TEXT,
        source TEXT,
        server INTEGER,
        channel INTEGER,
        followed_at TEXT NOT NULL,
        etag TEXT,
        last_modified TEXT,
        looked_at TEXT,
        next_look_at TEXT NOT NULL,
        n_failures INTEGER NOT NULL DEFAULT 0,
        problem TEXT
    ) STRICT;
    CREATE TABLE breaker (
        place TEXT PRIMARY KEY,
        open_until TEXT NOT NULL,
        n_failures INTEGER NOT NULL,
        problem TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """

FOLLOWERS_SCHEMA = """
    CREATE TABLE follower (
        follow INTEGER NOT NULL REFERENCES follow ON DELETE CASCADE,
        server INTEGER NOT NULL,
        channel INTEGER,
        PRIMARY KEY (follow, server)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO follower SELECT id, coalesce(server, 0), channel FROM follow;
    ALTER TABLE follow DROP COLUMN server;
    ALTER TABLE follow DROP COLUMN channel
    """
"""Until then one server followed a source. ``server`` is 0 for whoever works in the terminal."""

Standing = Literal["not_yet", "read", "never_read", "no_longer_read"]

LATE_BY = timedelta(days=2)
"""An episode that came out more than this before the following began is taken in silently."""


class FollowRefused(CodedError):
    """Base of what cannot be done with a follow."""

    code = "follow"


@typed_fields
class FollowKnown(FollowRefused):
    """The source is followed already, under ``number``."""

    code = "follow_known"
    number: int


@typed_fields
class FollowUnknown(FollowRefused):
    """Nothing is followed under ``number``."""

    code = "follow_unknown"
    number: int


Joined = Literal["begun", "joined", "moved"]
"""A source is followed for the first time, by a further server as well, or announced in another channel of a server."""


@dataclass(frozen=True, slots=True)
class Follower:
    """A server that follows a source.

    Attributes:
        server: Discord's number; None for whoever works in the terminal.
        channel: where the server is told of new episodes, or None.
    """

    server: int | None
    channel: int | None


@dataclass(frozen=True, slots=True)
class Follow:
    """A followed source.

    Attributes:
        id: its number, never given twice.
        kind, address: what is followed.
        title: what the source calls itself, or None before the first look.
        source: the show that its episodes belong to, if a person said so.
        followed_at: when the following began, in UTC.
        etag, last_modified: what to ask with.
        looked_at: when it was last reached; None before the first time.
        next_look_at: when it is looked at again.
        n_failures: looks in a row that failed.
        problem: why the last one did, or None.
        followers: who follows it, whoever works in the terminal first.
    """

    id: int
    kind: FollowKind
    address: str
    title: str | None
    source: str | None
    followed_at: datetime
    etag: str | None
    last_modified: str | None
    looked_at: datetime | None
    next_look_at: datetime
    n_failures: int
    problem: CodedError | None
    followers: tuple[Follower, ...]

    def follower(self, server: int | None) -> Follower | None:
        """Return how a server follows the source, or None where it does not."""
        return next((follower for follower in self.followers if follower.server == server), None)

    @property
    def standing(self) -> Standing:
        """Return how looking at the source went: a failure is never told as if nobody had looked."""
        if self.problem is None:
            return "not_yet" if self.looked_at is None else "read"
        return "never_read" if self.looked_at is None else "no_longer_read"

    def is_older(self, published: date | None) -> bool:
        """Return True if an episode came out more than ``LATE_BY`` before the following began; False without a date."""
        return published is not None and published < (self.followed_at - LATE_BY).date()


@dataclass(frozen=True, slots=True)
class FollowCounts:
    """Episodes of a source by what became of them: ``waiting`` are not in the index yet."""

    waiting: int
    done: int
    no_text: int
    failed: int


@dataclass(frozen=True, slots=True)
class Breaker:
    """A place that is left alone ``until`` then, since it turned this machine away; ``problem`` is why."""

    place: str
    until: datetime
    problem: CodedError


class FollowTables(CommunityTables):
    """Followed sources. ``bot.app.community.database.follows_in`` opens them beside a running bot."""

    async def add(
        self,
        kind: FollowKind,
        address: str,
        *,
        source: str | None = None,
        server: int | None = None,
        channel: int | None = None,
    ) -> Follow:
        """Follow a source from now on.

        Raises:
            FollowKnown: it is followed already, perhaps by another spelling of its address.
        """
        now = self._now().isoformat()
        async with self._store.transaction() as connection:
            number = _known_as(await connection.execute_fetchall(_ADDRESSES), address)
            if number is not None:
                raise FollowKnown(number=number)
            entered = await connection.execute(
                "INSERT INTO follow (kind, address, source, followed_at, next_look_at) VALUES (?, ?, ?, ?, ?)",
                (kind, address, source, now, now),
            )
            number = int(entered.lastrowid or 0)
            await connection.execute("INSERT INTO follower VALUES (?, ?, ?)", (number, server or 0, channel))
        return await self.get(number)

    async def is_followed(self, address: str) -> bool:
        """Return True if anybody follows a source, perhaps by another spelling of its address."""
        return _known_as(await self._store.rows(_ADDRESSES), address) is not None

    async def join(
        self,
        kind: FollowKind,
        address: str,
        *,
        source: str | None = None,
        server: int | None = None,
        channel: int | None = None,
    ) -> tuple[Follow, Joined]:
        """Follow a source for a server. If others follow it already, it is announced there as well from now on.

        Which show its episodes belong to is said by whoever follows it first.

        Raises:
            FollowKnown: the server follows it already, and announces it in no other channel.
            FollowUnknown: it was followed, and its following ended meanwhile.
        """
        try:
            return await self.add(kind, address, source=source, server=server, channel=channel), "begun"
        except FollowKnown as known:
            number = known.number
        async with self._store.transaction() as connection:
            await _hold(connection, number)
            [*own] = await connection.execute_fetchall(
                "SELECT channel FROM follower WHERE follow = ? AND server = ?", (number, server or 0)
            )
            if own and channel in (None, own[0]["channel"]):
                raise FollowKnown(number=number)
            await connection.execute(
                "INSERT INTO follower VALUES (?, ?, ?) "
                "ON CONFLICT (follow, server) DO UPDATE SET channel = excluded.channel",
                (number, server or 0, channel),
            )
        return await self.get(number), "moved" if own else "joined"

    async def leave(self, number: int, server: int | None) -> tuple[Follow, bool]:
        """End a server's following; a source that nobody follows any more is removed.

        Returns:
            The source as it was, and True if it was removed.

        Raises:
            FollowUnknown: the server follows nothing of that number.
        """
        left = await self.get(number)
        async with self._store.transaction() as connection:
            await _hold(connection, number)
            gone = await connection.execute(
                "DELETE FROM follower WHERE follow = ? AND server = ?", (number, server or 0)
            )
            if not gone.rowcount:
                raise FollowUnknown(number=number)
            removed = await connection.execute(
                "DELETE FROM follow WHERE id = ? AND NOT EXISTS (SELECT 1 FROM follower WHERE follow = ?)",
                (number, number),
            )
        return left, removed.rowcount > 0

    async def leave_all(self, server: int) -> list[Follow]:
        """End all followings of a server. Return the sources that were removed, since nobody follows them any more."""
        own = [follow for follow, _ in await self.all() if follow.follower(server) is not None]
        left = [await self.leave(follow.id, server) for follow in own]
        return [follow for follow, is_gone in left if is_gone]

    async def close_channel(self, channel: int) -> None:
        """Announce nothing in a channel any more, since it cannot be told; its sources are followed on."""
        await self._store.write("UPDATE follower SET channel = NULL WHERE channel = ?", (channel,))

    async def get(self, number: int) -> Follow:
        """Return a followed source.

        Raises:
            FollowUnknown: there is none of that number.
        """
        is_number = 0 < number <= LARGEST_NUMBER
        found = await self._store.row("SELECT * FROM follow WHERE id = ?", (number,)) if is_number else None
        if found is None:
            raise FollowUnknown(number=number)
        return (await self._with_followers([found]))[0]

    async def remove(self, number: int) -> Follow:
        """Follow a source no longer, whoever does; what came of it stays in the library.

        Raises:
            FollowUnknown: there is none of that number.
        """
        gone = await self.get(number)
        await self._store.write("DELETE FROM follow WHERE id = ?", (number,))
        return gone

    async def all(self) -> list[tuple[Follow, FollowCounts]]:
        """Return every followed source with its episodes counted, in the order in which the followings began."""
        found = await self._store.rows("SELECT * FROM follow ORDER BY id")
        counted = await self._store.rows(
            "SELECT follow, state, count(*) AS n FROM followed_episode GROUP BY follow, state"
        )
        by_state: dict[int, dict[str, int]] = {}
        for row in counted:
            by_state.setdefault(row["follow"], {})[row["state"]] = row["n"]
        follows = await self._with_followers(found)
        return [(follow, _counts(by_state.get(follow.id, {}))) for follow in follows]

    async def due(self) -> list[Follow]:
        """Return the sources whose time to be looked at has come, longest waiting first."""
        found = await self._store.rows(
            "SELECT * FROM follow WHERE next_look_at <= ? OR next_look_at > ? ORDER BY next_look_at, id",
            self._due_bounds(),
        )
        return await self._with_followers(found)

    async def _with_followers(self, rows: Sequence[Row]) -> list[Follow]:
        followers: dict[int, list[Follower]] = {}
        for row in await self._store.rows("SELECT * FROM follower ORDER BY follow, server"):
            followers.setdefault(row["follow"], []).append(Follower(row["server"] or None, row["channel"]))
        return [_follow(row, followers.get(row["id"], [])) for row in rows]

    async def look_now(self) -> None:
        """Let every source be due, and every episode that waits for another try."""
        now = self._now().isoformat()
        async with self._store.transaction() as connection:
            await connection.execute("UPDATE follow SET next_look_at = ? WHERE next_look_at > ?", (now, now))
            await connection.execute(
                "UPDATE followed_episode SET next_try_at = ? WHERE next_try_at > ? AND state IN ('listed', 'adding')",
                (now, now),
            )

    async def looked(self, follow: Follow, listing: Listing, *, every: timedelta | None = None) -> int:
        """Enter what a source lists: unknown episodes, and what to ask with the next time, together or not at all.

        At the first look everything is old; later what came out ``LATE_BY`` before the following began.

        Returns:
            How many episodes are new and will be announced if a channel is set.
        """
        now = self._now()
        next_look = now + jittered(every or LOOK_EVERY[follow.kind])
        async with self._store.transaction() as connection:
            [*present] = await connection.execute_fetchall(
                "SELECT looked_at FROM follow WHERE id = ?", (follow.id,)
            )
            if not present:  # unfollowed meanwhile
                return 0
            is_first = present[0]["looked_at"] is None
            n_new = await enter_listed(
                connection,
                follow.id,
                listing.episodes,
                is_old=lambda item: is_first or follow.is_older(item.published),
                now=now,
            )
            await connection.execute(
                "UPDATE follow SET title = coalesce(?, title), etag = ?, last_modified = ?, looked_at = ?, "
                "next_look_at = ?, n_failures = 0, problem = NULL WHERE id = ?",
                (
                    listing.title,
                    listing.etag,
                    listing.last_modified,
                    now.isoformat(),
                    next_look.isoformat(),
                    follow.id,
                ),
            )
        return n_new

    async def look_failed(self, follow: Follow, error: CodedError) -> None:
        """Enter that a source could not be looked at; it is left alone for longer each time."""
        n_failures = follow.n_failures + 1
        again = self._now() + pause_after(n_failures, error.fields.get("retry_s"))
        await self._store.write(
            "UPDATE follow SET n_failures = ?, problem = ?, next_look_at = ? WHERE id = ?",
            (n_failures, stored_error(error), again.isoformat(), follow.id),
        )

    async def look_later(self, follow: Follow, at: datetime) -> None:
        """Look at a source again at a time, since its place is left alone until then; that is no failure of its own."""
        await self._store.write(
            "UPDATE follow SET next_look_at = ? WHERE id = ?", (at.isoformat(), follow.id)
        )

    async def breaker(self, place: str) -> Breaker | None:
        """Return until when a place is left alone and why, or None where it is not."""
        return next((found for found in await self.breakers() if found.place == place), None)

    async def open_breaker(self, place: str, error: CodedError) -> datetime:
        """Leave a place alone, for longer each time in a row. Returns until when."""
        found = await self._store.row("SELECT n_failures FROM breaker WHERE place = ?", (place,))
        n_failures = 1 + (found["n_failures"] if found is not None else 0)
        until = self._now() + pause_after(n_failures, error.fields.get("retry_s"))
        await self._store.write(
            "INSERT INTO breaker VALUES (?, ?, ?, ?) ON CONFLICT (place) DO UPDATE SET "
            "open_until = excluded.open_until, n_failures = excluded.n_failures, problem = excluded.problem",
            (place, until.isoformat(), n_failures, stored_error(error)),
        )
        return until

    async def close_breaker(self, place: str) -> None:
        """Enter that a place answers."""
        await self._store.write("DELETE FROM breaker WHERE place = ?", (place,))

    async def breakers(self) -> list[Breaker]:
        """Return the places that are left alone for now."""
        found = await self._store.rows(
            "SELECT * FROM breaker WHERE open_until > ? AND open_until <= ? ORDER BY place",
            self._due_bounds(),
        )
        return [
            Breaker(row["place"], datetime.fromisoformat(row["open_until"]), read_error(row["problem"]))
            for row in found
        ]

    async def next_due_at(self) -> datetime | None:
        """Return when something is to be done next; None where nothing is followed."""
        found = await self._store.row(
            "SELECT min(at) AS at FROM (SELECT min(next_look_at) AS at FROM follow UNION ALL "
            "SELECT min(next_try_at) FROM followed_episode WHERE state IN ('listed', 'adding')) AS due"
        )
        return None if found is None or found["at"] is None else datetime.fromisoformat(found["at"])


_ADDRESSES = "SELECT id, address FROM follow ORDER BY id"


def _known_as(rows: Iterable[Row], address: str) -> int | None:
    """Return under which number the source at ``address`` is among ``rows``, or None."""
    return next((int(row["id"]) for row in rows if same_source(row["address"], address)), None)


async def _hold(connection: Transaction, number: int) -> None:
    """Let no other transaction change who follows a source until this one ends.

    Raises:
        FollowUnknown: nothing is followed under that number.
    """
    held = await connection.execute("UPDATE follow SET title = title WHERE id = ?", (number,))
    if not held.rowcount:
        raise FollowUnknown(number=number)


def _follow(row: Row, followers: Sequence[Follower]) -> Follow:
    names = [field.name for field in dataclasses.fields(Follow) if field.name != "followers"]
    found: dict[str, Any] = {name: row[name] for name in names}
    for name in ("followed_at", "looked_at", "next_look_at"):
        found[name] = None if found[name] is None else datetime.fromisoformat(found[name])
    found["problem"] = None if row["problem"] is None else read_error(row["problem"])
    return Follow(**found, followers=tuple(followers))


def _counts(by_state: Mapping[str, int]) -> FollowCounts:
    waiting = sum(by_state.get(state, 0) for state in ("listed", "adding", "added"))
    return FollowCounts(waiting, *(by_state.get(state, 0) for state in ("done", "no_text", "failed")))
