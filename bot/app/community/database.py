"""The community database: what members and moderators made, which no rebuild touches.

STATE/community.db, or a PostgreSQL database that several bots share, holds the servers' settings, the questions that
buttons refer to, and in tables of their own what is written in the modules beside: votes, follows, the outbox, news,
alerts, digests, questions without an answer, the log of jobs. ``migrations`` has the steps from schema to schema.
"""

import json
import logging
import socket
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypedDict, Unpack

from bot.app.community.alert_tables import AlertTables
from bot.app.community.digest_tables import DigestTables
from bot.app.community.follow_tables import Follow, FollowTables
from bot.app.community.followed_episode_tables import FollowedEpisodeTables
from bot.app.community.job_log import JobLog
from bot.app.community.left_server_tables import LeftServerTables
from bot.app.community.migrations import BUSY_BESIDE_S, open_store, store_beside
from bot.app.community.news_tables import NewsTables
from bot.app.community.outbox import Outbox, OutMessage
from bot.app.community.store import CommunityStore, CommunityTables, CommunityUnavailable, Row
from bot.app.community.unanswered_tables import UnansweredTables
from bot.app.community.vote_tables import VoteTables
from bot.app.short_hash import short_hash

QUESTIONS_KEPT_FOR = timedelta(days=60)
"""How long a stored question is kept after it was last asked."""

MOST_KEPT = 50_000
"""At most so many stored questions; those asked longest ago go first."""

KEY_LENGTH = 12
"""Characters of a stored question's key: letters, digits, ``-`` and ``_``."""

MOST_UNSTORED = 1000
"""At most so many questions wait in memory for a file that cannot be written; the oldest are forgotten first."""

_KEEPS_BETWEEN_PRUNINGS = 500
_TRIED_AGAIN_AFTER = timedelta(seconds=5)

Payload = dict[str, Any]


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Settings that the moderators of one server chose.

    Attributes:
        default_source: the source that questions are limited to where the asker names none; None for all.
        moderator_roles: ids of the roles that may use ``/admin``, besides whoever may manage the server.
        public_channels: ids of the channels in which answers are shown to everybody.
    """

    default_source: str | None = None
    moderator_roles: frozenset[int] = frozenset()
    public_channels: frozenset[int] = frozenset()


class ChangedSettings(TypedDict, total=False):
    """Those of ``ServerSettings`` that are changed."""

    default_source: str | None
    moderator_roles: frozenset[int]
    public_channels: frozenset[int]


def _now() -> datetime:
    return datetime.now(UTC)


class CommunityDatabase(CommunityTables):
    """The community database. Open it with ``await CommunityDatabase.open(state)``.

    One program at a time may have a file open: servers' settings are remembered after the first look. Only
    ``votes_in``, ``follows_in`` and ``moderating_in`` may be used beside it. A database on a server is shared: nothing
    of it is remembered.

    Its methods raise ``CommunityUnavailable`` where it cannot be read or written, unless they say otherwise.

    Attributes:
        votes: people's verdicts on readings.
        follows: followed sources.
        followed_episodes: their episodes.
        outbox: messages that the bot sends by itself.
        news: episodes that are new in the library.
        alerts: what people and channels wait for.
        digests: servers that are told once a week what is new.
        unanswered: questions that found nothing.
        job_log: jobs that ran, or run.
        left_servers: servers that the bot has left.
    """

    def __init__(self, store: CommunityStore, now: Callable[[], datetime], program: str = "") -> None:
        super().__init__(store, now)
        self._servers: dict[int, ServerSettings] = {}
        self._moderating: frozenset[int] | None = None
        self._unstored: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._unstored_since: datetime | None = None
        self._keeps_since_pruning = 0
        self.votes = VoteTables(store, now)
        self.follows = FollowTables(store, now)
        self.followed_episodes = FollowedEpisodeTables(store, now)
        self.outbox = Outbox(store, now)
        self.news = NewsTables(store, now)
        self.alerts = AlertTables(store, now)
        self.digests = DigestTables(store, now, self.news)
        self.unanswered = UnansweredTables(store, now)
        self.job_log = JobLog(store, now, program)
        self.left_servers = LeftServerTables(store, now)

    @classmethod
    async def open(
        cls, state: Path, *, address: str | None = None, now: Callable[[], datetime] = _now
    ) -> Self:
        """Open the database, made if missing; jobs that a dead program on this state folder left running are marked so.

        Args:
            state: the state folder; ``STATE/community.db`` is opened where there is no address.
            address: of a PostgreSQL database, ``postgresql://user:password@host/database``.
            now: the clock, in UTC.

        Raises:
            CommunityUnavailable: the file is locked, the disk is full or cannot be written; the server does not answer.
            CommunityDamaged: the file is damaged, or the database of a newer version of this program.
            PostgresMissing: there is an address, but not the package.
        """
        store = await open_store(state, address)
        community = cls(store, now, _program(state) if store.is_shared else "")
        try:
            await community.job_log.interrupt_running()
            await community.prune()
        except CommunityUnavailable as error:
            _log.warning("the community database cannot be written: %s", error.problem)
        except BaseException:
            await community._store.close()
            raise
        return community

    async def server(self, guild_id: int) -> ServerSettings:
        """Return the settings of a server; the defaults where nobody chose any."""
        known = self._servers.get(guild_id)
        if known is None:
            found = await self._store.row("SELECT * FROM server WHERE guild_id = ?", (guild_id,))
            known = _settings(found) if found is not None else ServerSettings()
            if not self._store.is_shared:
                known = self._servers.setdefault(guild_id, known)
        return known

    async def server_or_default(self, guild_id: int) -> ServerSettings:
        """Return the settings of a server as ``server``, or the defaults where they cannot be read. Never raises."""
        try:
            return await self.server(guild_id)
        except CommunityUnavailable as error:
            _log.warning("the settings of server %s cannot be read: %s", guild_id, error.problem)
            return ServerSettings()

    async def set_server(self, guild_id: int, **changed: Unpack[ChangedSettings]) -> None:
        """Change settings of a server, at least one; the others stay, whoever changes them at the same moment."""
        chosen = ServerSettings(**changed)
        roles, channels = sorted(chosen.moderator_roles), sorted(chosen.public_channels)
        updates = ", ".join(f"{name} = excluded.{name}" for name in changed)
        async with self._store.transaction() as connection:
            [row] = await connection.execute_fetchall(
                f"INSERT INTO server VALUES (?, ?, ?, ?) ON CONFLICT (guild_id) DO UPDATE SET {updates} RETURNING *",  # noqa: S608 - our own names
                (guild_id, chosen.default_source, json.dumps(roles), json.dumps(channels)),
            )
        if not self._store.is_shared:
            self._servers[guild_id] = _settings(row)

    async def moderating(self) -> frozenset[int]:
        """Return the ids of the servers that were opened for moderation."""
        if self._moderating is None or self._store.is_shared:
            found = await self._store.rows("SELECT guild_id FROM moderating")
            self._moderating = frozenset(row["guild_id"] for row in found)
        return self._moderating

    async def set_moderating(self, guild_id: int, *, is_open: bool) -> None:
        """Open a server for moderation, or close it."""
        if is_open:
            await self._store.write(
                "INSERT INTO moderating VALUES (?, ?) ON CONFLICT DO NOTHING",
                (guild_id, self._now().isoformat()),
            )
        else:
            await self._store.write("DELETE FROM moderating WHERE guild_id = ?", (guild_id,))
        self._moderating = None

    async def keep(self, kind: str, payload: Mapping[str, Any]) -> str:
        """Store what a button refers to. Never raises ``CommunityUnavailable``.

        Where the file cannot be written, it is kept in memory, and stored with a later one: until then its buttons
        work as long as this program runs.

        Args:
            kind: what it is, such as ``find``.
            payload: plain JSON.

        Returns:
            Its key, at most ``KEY_LENGTH`` characters; the same kind and payload always have the same one.
        """
        text = json.dumps(payload, sort_keys=True, separators=(",", ":"))
        key = key_of(kind, text)
        self._unstored[key] = (kind, text)
        while len(self._unstored) > MOST_UNSTORED:
            self._unstored.popitem(last=False)
        await self._store_unstored()
        return key

    async def kept(self, kind: str, key: str) -> Payload | None:
        """Return what ``keep`` stored under ``key``; None where it was pruned, never stored, or is of another kind."""
        if key in self._unstored:
            own_kind, text = self._unstored[key]
            return dict(json.loads(text)) if own_kind == kind else None
        found = await self._store.row("SELECT payload FROM kept WHERE key = ? AND kind = ?", (key, kind))
        return None if found is None else dict(json.loads(found["payload"]))

    async def prune(self) -> None:
        """Forget questions last asked more than ``QUESTIONS_KEPT_FOR`` ago, then the oldest beyond ``MOST_KEPT``."""
        self._keeps_since_pruning = 0
        oldest = (self._now() - QUESTIONS_KEPT_FOR).isoformat()
        async with self._store.transaction() as connection:
            await connection.execute("DELETE FROM kept WHERE kept_at < ?", (oldest,))
            await connection.execute(
                "DELETE FROM kept WHERE key NOT IN (SELECT key FROM kept ORDER BY kept_at DESC LIMIT ?)",
                (MOST_KEPT,),
            )
        await self.job_log.prune()
        await self.outbox.prune()
        await self.unanswered.prune()

    @property
    def is_shared(self) -> bool:
        """True if other programs may write to it at the same time."""
        return self._store.is_shared

    async def forget_left_servers(self) -> list[Follow]:
        """Forget what the servers have set that the bot left long enough ago; who set alerts there is told.

        Returns:
            The sources that nobody follows any more.
        """
        removed: list[Follow] = []
        for server in await self.left_servers.overdue():
            removed += await self.follows.leave_all(server)
            await self.alerts.close_server(server)
            await self.left_servers.forget(server)
            self._servers.pop(server, None)
            self._moderating = None
            _log.info("what the server %s had set is forgotten: the bot has left it", server)
        return removed

    async def close_channel(self, message: OutMessage) -> None:
        """Tell the channel of a message nothing of its kind any more, since it cannot be told."""
        match message.kind:
            case "alert":
                await self.alerts.close_channel(message.goal_id)
            case "digest":
                await self.digests.close_channel(message.goal_id)
            case "episode":
                await self.follows.close_channel(message.goal_id)

    async def leads(self) -> bool:
        """Return True if this program does what must happen once, such as sending messages of its own accord.

        Of the programs that share a database one is told so, until it ends or is cut off; then another is.
        """
        return await self._store.leads()

    async def close(self) -> None:
        """Store what could not be stored before, if it can be now, and close the database."""
        self._unstored_since = None
        await self._store_unstored()
        await self._store.close()

    async def _store_unstored(self) -> None:
        """Store what is in memory alone, unless that has just failed."""
        since = self._unstored_since
        if not self._unstored or (since is not None and abs(self._now() - since) < _TRIED_AGAIN_AFTER):
            return
        try:
            async with self._store.transaction() as connection:
                waiting = dict(self._unstored)
                if not waiting or self._unstored_since != since:  # somebody else has stored them, or failed
                    return
                at = self._now().isoformat()
                await connection.executemany(
                    "INSERT INTO kept VALUES (?, ?, ?, ?) "
                    "ON CONFLICT (key) DO UPDATE SET kept_at = excluded.kept_at",
                    [(key, kind, text, at) for key, (kind, text) in waiting.items()],
                )
            for key in waiting:
                self._unstored.pop(key, None)
            self._unstored_since = None
            self._keeps_since_pruning += len(waiting)
            if self._keeps_since_pruning >= _KEEPS_BETWEEN_PRUNINGS:
                await self.prune()
        except CommunityUnavailable as error:
            self._unstored_since = self._now()
            _log.warning(
                "questions behind buttons are kept in memory, the community database cannot be written: %s",
                error.problem,
            )


def _program(state: Path) -> str:
    """Return what tells the program on this state folder from all others that share a database."""
    return f"{socket.gethostname()}:{state.resolve()}"


async def moderating_in(state: Path, address: str | None = None) -> frozenset[int] | None:
    """Return the servers opened for moderation, whether or not a bot runs; None without a database.

    Raises:
        CommunityDamaged, CommunityUnavailable, PostgresMissing: the database cannot be opened.
    """
    async with store_beside(state, address) as store:
        return None if store is None else await CommunityDatabase(store, _now).moderating()


@asynccontextmanager
async def votes_in(state: Path, address: str | None = None) -> AsyncIterator[VoteTables | None]:
    """Open the votes, whether or not a bot runs; None where there never was one.

    Raises:
        CommunityDamaged, CommunityUnavailable, PostgresMissing: the database cannot be opened.
    """
    async with store_beside(state, address) as store:
        yield None if store is None else VoteTables(store, _now)


@asynccontextmanager
async def follows_in(
    state: Path, address: str | None = None
) -> AsyncIterator[tuple[FollowTables, FollowedEpisodeTables]]:
    """Open the followed sources and their episodes, whether or not a bot runs; the database is made if missing.

    Raises:
        CommunityDamaged, CommunityUnavailable, PostgresMissing: the database cannot be opened.
    """
    store = await open_store(state, address, busy_s=BUSY_BESIDE_S)
    try:
        yield FollowTables(store, _now), FollowedEpisodeTables(store, _now)
    finally:
        await store.close()


def key_of(kind: str, payload: str) -> str:
    """Return the key of a payload in its canonical JSON: a hash of it and its kind."""
    return short_hash(kind, payload, KEY_LENGTH)


def _settings(row: Row) -> ServerSettings:
    return ServerSettings(
        row["default_source"],
        frozenset(json.loads(row["moderator_roles"])),
        frozenset(json.loads(row["public_channels"])),
    )
