"""Followed sources and their episodes, as the community database keeps them: every step is one transaction.

An episode goes from ``listed`` over ``adding`` (its slug is written down before its folder is) and ``added`` to
``done``; one that nobody publishes a text of ends as ``no_text``, one that cannot be read or indexed as ``failed``.
With ``done`` the message that announces it is put into the outbox, in the same transaction.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from pydantic import TypeAdapter

from bot.app.community.outbox import put_message
from bot.app.community.polling_schedule import LOOK_EVERY, jittered, pause_after
from bot.app.community.store import CommunityTables, Row, Transaction
from index.library.sources import FollowKind, Listed, Listing, same_source
from index.library.sources.errors import NoText
from scoring.errors import CodedError, error_of, typed_fields

LARGEST_NUMBER = 2**63 - 1
"""Of a followed source or a channel: what both databases hold."""

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
    CREATE TABLE followed_episode (
        follow INTEGER NOT NULL REFERENCES follow ON DELETE CASCADE,
        key TEXT NOT NULL,
        listed TEXT NOT NULL,
        is_old INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('listed', 'adding', 'added', 'done', 'no_text', 'failed')),
        slug TEXT,
        is_new INTEGER,
        seen_at TEXT NOT NULL,
        n_tries INTEGER NOT NULL DEFAULT 0,
        next_try_at TEXT NOT NULL,
        problem TEXT,
        PRIMARY KEY (follow, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX followed_episode_by_state ON followed_episode (state, next_try_at);
    CREATE TABLE breaker (
        place TEXT PRIMARY KEY,
        open_until TEXT NOT NULL,
        n_failures INTEGER NOT NULL,
        problem TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """

State = Literal["listed", "adding", "added", "done", "no_text", "failed"]

Standing = Literal["not_yet", "read", "never_read", "no_longer_read"]

LATE_BY = timedelta(days=2)
"""An episode that came out more than this before the following began is taken in silently."""

_ENTERED_AT_ONCE = 100
"""Episodes that one transaction enters: on a server each takes some statements, and all must be done in time."""

_LISTED: TypeAdapter[Listed] = TypeAdapter(Listed)


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


@dataclass(frozen=True, slots=True)
class Follow:
    """A followed source.

    Attributes:
        id: its number, never given twice.
        kind, address: what is followed.
        title: what the source calls itself, or None before the first look.
        source: the show that its episodes belong to, if a person said so.
        server, channel: where new episodes are announced, or None.
        followed_at: when the following began, in UTC.
        etag, last_modified: what to ask with.
        looked_at: when it was last reached; None before the first time.
        next_look_at: when it is looked at again.
        n_failures: looks in a row that failed.
        problem: why the last one did, or None.
    """

    id: int
    kind: FollowKind
    address: str
    title: str | None
    source: str | None
    server: int | None
    channel: int | None
    followed_at: datetime
    etag: str | None
    last_modified: str | None
    looked_at: datetime | None
    next_look_at: datetime
    n_failures: int
    problem: CodedError | None

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
class FollowedEpisode:
    """An episode of a followed source.

    Attributes:
        follow: the source's number.
        listed: the episode as the source lists it.
        is_old: True if it is taken in silently.
        state: see the module.
        slug: in the library; None before ``adding``.
        is_new: True if the library had nothing of it before; None before ``adding``.
        n_tries: fetches that failed.
    """

    follow: int
    listed: Listed
    is_old: bool
    state: State
    slug: str | None
    is_new: bool | None
    n_tries: int


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
            for known in await connection.execute_fetchall("SELECT id, address FROM follow ORDER BY id"):
                if same_source(known["address"], address):
                    raise FollowKnown(number=known["id"])
            entered = await connection.execute(
                "INSERT INTO follow (kind, address, source, server, channel, followed_at, next_look_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (kind, address, source, server, channel, now, now),
            )
        return await self.get(int(entered.lastrowid or 0))

    async def get(self, number: int) -> Follow:
        """Return a followed source.

        Raises:
            FollowUnknown: there is none of that number.
        """
        is_number = 0 < number <= LARGEST_NUMBER
        found = await self._store.row("SELECT * FROM follow WHERE id = ?", (number,)) if is_number else None
        if found is None:
            raise FollowUnknown(number=number)
        return _follow(found)

    async def remove(self, number: int) -> Follow:
        """Follow a source no longer; what came of it stays in the library.

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
        return [(_follow(row), _counts(by_state.get(row["id"], {}))) for row in found]

    async def due(self) -> list[Follow]:
        """Return the sources whose time to be looked at has come, longest waiting first."""
        found = await self._store.rows(
            "SELECT * FROM follow WHERE next_look_at <= ? ORDER BY next_look_at, id",
            (self._now().isoformat(),),
        )
        return [_follow(row) for row in found]

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
            known = await connection.execute_fetchall(
                "SELECT key FROM followed_episode WHERE follow = ?", (follow.id,)
            )
            unknown = {item.key: item for item in reversed(listing.episodes)}
            for row in known:
                unknown.pop(row["key"], None)
            is_old = {key: is_first or follow.is_older(item.published) for key, item in unknown.items()}
            await connection.executemany(
                "INSERT INTO followed_episode (follow, key, listed, is_old, state, seen_at, next_try_at) "
                "VALUES (?, ?, ?, ?, 'listed', ?, ?) ON CONFLICT DO NOTHING",
                [
                    (
                        follow.id,
                        key,
                        _LISTED.dump_json(item).decode(),
                        is_old[key],
                        now.isoformat(),
                        now.isoformat(),
                    )
                    for key, item in unknown.items()
                ],
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
        return len(unknown) - sum(is_old.values())

    async def look_failed(self, follow: Follow, error: CodedError) -> None:
        """Enter that a source could not be looked at; it is left alone for longer each time."""
        n_failures = follow.n_failures + 1
        again = self._now() + pause_after(n_failures, error.fields.get("retry_s"))
        await self._store.write(
            "UPDATE follow SET n_failures = ?, problem = ?, next_look_at = ? WHERE id = ?",
            (n_failures, _problem(error), again.isoformat(), follow.id),
        )

    async def look_later(self, follow: Follow, at: datetime) -> None:
        """Look at a source again at a time, since its place is left alone until then; that is no failure of its own."""
        await self._store.write(
            "UPDATE follow SET next_look_at = ? WHERE id = ?", (at.isoformat(), follow.id)
        )

    async def seen_keys(self, follow: Follow) -> frozenset[str]:
        """Return the keys of the episodes that a source is known to have."""
        found = await self._store.rows("SELECT key FROM followed_episode WHERE follow = ?", (follow.id,))
        return frozenset(row["key"] for row in found)

    async def to_fetch(self, limit: int) -> list[FollowedEpisode]:
        """Return episodes whose text is to be fetched: begun ones first, then new ones, then old ones, newest first."""
        found = await self._store.rows(
            "SELECT * FROM followed_episode WHERE state IN ('listed', 'adding') AND next_try_at <= ? "
            "ORDER BY state, is_old, json_extract(listed, '$.published') DESC NULLS LAST, seen_at, key LIMIT ?",
            (self._now().isoformat(), limit),
        )
        return [_episode(row) for row in found]

    async def adding(self, item: FollowedEpisode, slug: str, *, is_new: bool, is_old: bool) -> bool:
        """Write down that the folder ``slug`` is about to be written, and whether it is a new episode.

        What was written down first stays: after a death in between the folder is there, but it was new.

        Returns:
            Whether it is new, as it was written down.
        """
        place = (item.follow, item.listed.key)
        async with self._store.transaction() as connection:
            await connection.execute(
                "UPDATE followed_episode SET state = 'adding', slug = ?, is_new = ?, is_old = ? "
                "WHERE follow = ? AND key = ? AND (state = 'listed' OR slug IS NOT ?)",
                (slug, is_new, is_old, *place, slug),
            )
            [*found] = await connection.execute_fetchall(
                "SELECT is_new FROM followed_episode WHERE follow = ? AND key = ?", place
            )
        return bool(found and found[0]["is_new"])

    async def added(self, item: FollowedEpisode) -> None:
        """Enter that the episode's folder is in the library."""
        await self._store.write(
            "UPDATE followed_episode SET state = 'added', problem = NULL, n_tries = 0 "
            "WHERE follow = ? AND key = ? AND state = 'adding'",
            (item.follow, item.listed.key),
        )

    async def postpone(self, item: FollowedEpisode, error: CodedError, pause: timedelta) -> None:
        """Try an episode again after a time; it counts as no try, since the episode was not to blame."""
        await self._again(item, error, pause, n_tries=item.n_tries)

    async def try_again(self, item: FollowedEpisode, error: CodedError, pause: timedelta) -> None:
        """Enter that an episode's text could not be had; it is tried again after a time."""
        await self._again(item, error, pause, n_tries=item.n_tries + 1)

    async def _again(
        self, item: FollowedEpisode, error: CodedError, pause: timedelta, *, n_tries: int
    ) -> None:
        await self._store.write(
            "UPDATE followed_episode SET n_tries = ?, problem = ?, next_try_at = ? WHERE follow = ? AND key = ?",
            (n_tries, _problem(error), (self._now() + pause).isoformat(), item.follow, item.listed.key),
        )

    async def give_up(self, item: FollowedEpisode, error: CodedError, state: State) -> None:
        """Enter that an episode's text will not be had."""
        await self._store.write(
            "UPDATE followed_episode SET state = ?, problem = ? WHERE follow = ? AND key = ?",
            (state, _problem(error), item.follow, item.listed.key),
        )

    async def not_indexed(self) -> list[FollowedEpisode]:
        """Return the episodes that are in the library and not known to be in the index."""
        found = await self._store.rows(
            "SELECT * FROM followed_episode WHERE state = 'added' ORDER BY seen_at, key"
        )
        return [_episode(row) for row in found]

    async def indexed(self, items: Sequence[FollowedEpisode]) -> int:
        """Enter that episodes can be found, and put what announces each into the outbox, in one transaction with it.

        Returns:
            How many messages were put there.
        """
        n_messages = 0
        for first in range(0, len(items), _ENTERED_AT_ONCE):
            async with self._store.transaction() as connection:
                for item in items[first : first + _ENTERED_AT_ONCE]:
                    n_messages += await self._enter_indexed(connection, item)
        return n_messages

    async def _enter_indexed(self, connection: Transaction, item: FollowedEpisode) -> int:
        changed = await connection.execute(
            "UPDATE followed_episode SET state = 'done' WHERE follow = ? AND key = ? AND state = 'added'",
            (item.follow, item.listed.key),
        )
        if not changed.rowcount or item.is_old or not item.is_new or item.slug is None:
            return 0
        [*found] = await connection.execute_fetchall(
            "SELECT channel FROM follow WHERE id = ?", (item.follow,)
        )
        channel = found[0]["channel"] if found else None
        if channel is None:
            return 0
        return await put_message(
            connection,
            "episode",
            f"episode:{channel}:{item.slug}",
            to="channel",
            to_id=channel,
            payload={"slug": item.slug},
            now=self._now(),
        )

    async def index_failed(self, item: FollowedEpisode, error: CodedError, *, most: int) -> None:
        """Enter that an index was built without the episode; after ``most`` times it is given up."""
        state: State = "failed" if item.n_tries + 1 >= most else "added"
        await self._store.write(
            "UPDATE followed_episode SET state = ?, n_tries = n_tries + 1, problem = ? WHERE follow = ? AND key = ?",
            (state, _problem(error), item.follow, item.listed.key),
        )

    async def gone(self, item: FollowedEpisode) -> None:
        """Enter that somebody took the episode out of the library before it was indexed."""
        await self._store.write(
            "UPDATE followed_episode SET state = 'done' WHERE follow = ? AND key = ?",
            (item.follow, item.listed.key),
        )

    async def problems(self, follow: int, limit: int = 5) -> list[tuple[Listed, CodedError]]:
        """Return episodes of a source that have no text or could not be read, newest first, with the reasons."""
        found = await self._store.rows(
            "SELECT * FROM followed_episode WHERE follow = ? AND state IN ('no_text', 'failed') "
            "AND problem IS NOT NULL ORDER BY seen_at DESC, key LIMIT ?",
            (follow, limit),
        )
        return [(_LISTED.validate_json(row["listed"]), _error(row["problem"])) for row in found]

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
            (place, until.isoformat(), n_failures, _problem(error)),
        )
        return until

    async def close_breaker(self, place: str) -> None:
        """Enter that a place answers."""
        await self._store.write("DELETE FROM breaker WHERE place = ?", (place,))

    async def breakers(self) -> list[Breaker]:
        """Return the places that are left alone for now."""
        found = await self._store.rows(
            "SELECT * FROM breaker WHERE open_until > ? ORDER BY place", (self._now().isoformat(),)
        )
        return [
            Breaker(row["place"], datetime.fromisoformat(row["open_until"]), _error(row["problem"]))
            for row in found
        ]

    async def not_taken_in(self) -> list[Listed]:
        """Return the listed episodes that are not in the library: those that wait, and those without a text."""
        found = await self._store.rows(
            "SELECT listed FROM followed_episode WHERE state IN ('listed', 'no_text', 'failed') "
            "ORDER BY seen_at DESC, key"
        )
        return [_LISTED.validate_json(row["listed"]) for row in found]

    async def without_text(self, *, only_new: bool) -> list[FollowedEpisode]:
        """Return the episodes whose recording is known and whose text nobody publishes, new ones first.

        Those that met anything else since, such as a recording that cannot be read, are not among them.
        """
        found = await self._store.rows(
            "SELECT * FROM followed_episode WHERE state IN ('listed', 'no_text') AND (is_old = 0 OR ? = 1) "
            "AND json_extract(problem, '$.code') = ? AND json_extract(listed, '$.enclosure') IS NOT NULL "
            "ORDER BY is_old, json_extract(listed, '$.published') DESC NULLS LAST, seen_at, key",
            (not only_new, NoText.code),
        )
        return [_episode(row) for row in found]

    async def text_made(self, item: FollowedEpisode) -> None:
        """Let an episode be fetched now, since its recording was turned into text; one that has a text stays."""
        await self._store.write(
            "UPDATE followed_episode SET state = 'listed', next_try_at = ?, problem = NULL "
            "WHERE follow = ? AND key = ? AND state IN ('listed', 'no_text')",
            (self._now().isoformat(), item.follow, item.listed.key),
        )

    async def recording_failed(self, item: FollowedEpisode, error: CodedError) -> None:
        """Enter why an episode's recording cannot be turned into text."""
        await self._store.write(
            "UPDATE followed_episode SET problem = ? WHERE follow = ? AND key = ? AND state IN ('listed', 'no_text')",
            (_problem(error), item.follow, item.listed.key),
        )

    async def silent_slugs(self) -> frozenset[str]:
        """Return the slugs of episodes that were taken in silently."""
        found = await self._store.rows(
            "SELECT slug FROM followed_episode WHERE is_old = 1 AND slug IS NOT NULL"
        )
        return frozenset(row["slug"] for row in found)

    async def next_due_at(self) -> datetime | None:
        """Return when something is to be done next; None where nothing is followed."""
        found = await self._store.row(
            "SELECT min(at) AS at FROM (SELECT min(next_look_at) AS at FROM follow UNION ALL "
            "SELECT min(next_try_at) FROM followed_episode WHERE state IN ('listed', 'adding')) AS due"
        )
        return None if found is None or found["at"] is None else datetime.fromisoformat(found["at"])


def _follow(row: Row) -> Follow:
    names = [field.name for field in dataclasses.fields(Follow)]
    found: dict[str, Any] = {name: row[name] for name in names}
    for name in ("followed_at", "looked_at", "next_look_at"):
        found[name] = None if found[name] is None else datetime.fromisoformat(found[name])
    return Follow(**{**found, "problem": None if row["problem"] is None else _error(row["problem"])})


def _episode(row: Row) -> FollowedEpisode:
    return FollowedEpisode(
        follow=row["follow"],
        listed=_LISTED.validate_json(row["listed"]),
        is_old=bool(row["is_old"]),
        state=row["state"],
        slug=row["slug"],
        is_new=None if row["is_new"] is None else bool(row["is_new"]),
        n_tries=row["n_tries"],
    )


def _counts(by_state: Mapping[str, int]) -> FollowCounts:
    waiting = sum(by_state.get(state, 0) for state in ("listed", "adding", "added"))
    return FollowCounts(waiting, *(by_state.get(state, 0) for state in ("done", "no_text", "failed")))


def _problem(error: CodedError) -> str:
    return json.dumps({"code": error.code, "fields": error.fields}, default=str)


def _error(problem: str) -> CodedError:
    told = json.loads(problem)
    return error_of(told["code"], told["fields"])
