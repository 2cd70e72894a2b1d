"""The episodes of followed sources, as the community database keeps them: every step is one transaction.

An episode goes from ``listed`` over ``adding`` (its slug is written down before its folder is) and ``added`` to
``done``; one that nobody publishes a text of ends as ``no_text``, one that cannot be read or indexed as ``failed``.
With ``done`` the message that announces it is put into the outbox, in the same transaction. ``follow_tables`` has the
sources.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from bot.app.community.outbox import put_message
from bot.app.community.store import LARGEST_NUMBER, CommunityTables, Row, Transaction
from index.library.sources import Listed
from index.library.sources.errors import NoText
from scoring.errors import CodedError, error_of

SCHEMA = """
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
    CREATE INDEX followed_episode_by_state ON followed_episode (state, next_try_at)
    """

State = Literal["listed", "adding", "added", "done", "no_text", "failed"]

_ENTERED_AT_ONCE = 100
"""Episodes that one transaction enters: on a server each takes some statements, and all must be done in time."""

_LISTED: TypeAdapter[Listed] = TypeAdapter(Listed)

_log = logging.getLogger(__name__)


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


class FollowedEpisodeTables(CommunityTables):
    """The episodes of followed sources. ``bot.app.community.database.follows_in`` opens them beside a running bot."""

    async def seen_keys(self, follow: int) -> frozenset[str]:
        """Return the keys of the episodes that a source is known to have."""
        found = await self._store.rows("SELECT key FROM followed_episode WHERE follow = ?", (follow,))
        return frozenset(row["key"] for row in found)

    async def to_fetch(self, limit: int) -> list[FollowedEpisode]:
        """Return episodes whose text is to be fetched: begun ones first, then new ones, then old ones, newest first."""
        found = await self._store.rows(
            "SELECT * FROM followed_episode WHERE state IN ('listed', 'adding') "
            "AND (next_try_at <= ? OR next_try_at > ?) "
            "ORDER BY state, is_old, json_extract(listed, '$.published') DESC NULLS LAST, seen_at, key LIMIT ?",
            (*self._due_bounds(), limit),
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
            (n_tries, stored_error(error), (self._now() + pause).isoformat(), item.follow, item.listed.key),
        )

    async def give_up(self, item: FollowedEpisode, error: CodedError, state: State) -> None:
        """Enter that an episode's text will not be had."""
        await self._store.write(
            "UPDATE followed_episode SET state = ?, problem = ? WHERE follow = ? AND key = ?",
            (state, stored_error(error), item.follow, item.listed.key),
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
        """Enter that an episode can be found; announce a new one wherever its source is followed, once a channel."""
        changed = await connection.execute(
            "UPDATE followed_episode SET state = 'done' WHERE follow = ? AND key = ? AND state = 'added'",
            (item.follow, item.listed.key),
        )
        if not changed.rowcount or item.is_old or not item.is_new or item.slug is None:
            return 0
        n_messages = 0
        for row in await connection.execute_fetchall(
            "SELECT channel, max(server) AS server FROM follower WHERE follow = ? AND channel IS NOT NULL "
            "GROUP BY channel ORDER BY channel",
            (item.follow,),
        ):
            n_messages += await put_message(
                connection,
                "episode",
                f"episode:{row['channel']}:{item.slug}",
                to="channel",
                to_id=row["channel"],
                payload={"slug": item.slug, "server": row["server"]},
                now=self._now(),
            )
        return n_messages

    async def index_failed(self, item: FollowedEpisode, error: CodedError, *, most: int) -> None:
        """Enter that an index was built without the episode; after ``most`` times it is given up."""
        state: State = "failed" if item.n_tries + 1 >= most else "added"
        await self._store.write(
            "UPDATE followed_episode SET state = ?, n_tries = n_tries + 1, problem = ? WHERE follow = ? AND key = ?",
            (state, stored_error(error), item.follow, item.listed.key),
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
        return [(_LISTED.validate_json(row["listed"]), read_error(row["problem"])) for row in found]

    async def not_taken_in(self, limit: int = LARGEST_NUMBER) -> list[Listed]:
        """Return the listed episodes that are not in the library, the last listed first, at most ``limit``.

        They wait, have no text, or could not be read.
        """
        found = await self._store.rows(
            "SELECT listed FROM followed_episode WHERE state IN ('listed', 'no_text', 'failed') "
            "ORDER BY seen_at DESC, key LIMIT ?",
            (limit,),
        )
        return await asyncio.to_thread(lambda: [_LISTED.validate_json(row["listed"]) for row in found])

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
            (stored_error(error), item.follow, item.listed.key),
        )

    async def silent_slugs(self) -> frozenset[str]:
        """Return the slugs of episodes that were taken in silently."""
        found = await self._store.rows(
            "SELECT slug FROM followed_episode WHERE is_old = 1 AND slug IS NOT NULL"
        )
        return frozenset(row["slug"] for row in found)


async def enter_listed(
    connection: Transaction,
    follow: int,
    listed: Sequence[Listed],
    *,
    is_old: Callable[[Listed], bool],
    now: datetime,
) -> int:
    """Enter within a transaction the episodes of a source that are not known yet. Return how many are not old.

    One whose name is no text, such as that of a file in another encoding, is left out and logged.
    """
    known = await connection.execute_fetchall("SELECT key FROM followed_episode WHERE follow = ?", (follow,))
    seen = {row["key"] for row in known}
    unknown = {
        item.key: (stored, is_old(item))
        for item in reversed(listed)
        if item.key not in seen and (stored := _stored(item)) is not None
    }
    at = now.isoformat()
    await connection.executemany(
        "INSERT INTO followed_episode (follow, key, listed, is_old, state, seen_at, next_try_at) "
        "VALUES (?, ?, ?, ?, 'listed', ?, ?) ON CONFLICT DO NOTHING",
        [(follow, key, stored, is_silent, at, at) for key, (stored, is_silent) in unknown.items()],
    )
    return sum(not is_silent for _, is_silent in unknown.values())


def _stored(item: Listed) -> str | None:
    """Return an episode as it is stored; None where a name in it is no text."""
    try:
        return _LISTED.dump_json(item).decode()
    except PydanticSerializationError:
        _log.warning("an episode cannot be taken in, since its name is no text: %a", item.key)
        return None


def stored_error(error: CodedError) -> str:
    """Return an error as it is stored."""
    return json.dumps({"code": error.code, "fields": error.fields}, default=str)


def read_error(problem: str) -> CodedError:
    """Return an error that ``stored_error`` made."""
    told = json.loads(problem)
    return error_of(told["code"], told["fields"])


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
