"""The community database: what members and moderators made, which no rebuild touches.

STATE/community.db, or a PostgreSQL database that several bots share, holds the servers' settings, the questions that
buttons refer to, the log of jobs, and the votes (``bot.app.community_votes``). Its schema moves on by numbered
migrations; a newer program takes an older database over, never the other way round.
"""

import base64
import hashlib
import json
import logging
import re
import socket
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self

from bot.app.alerts import SCHEMA as ALERTS_SCHEMA
from bot.app.alerts import AlertBox
from bot.app.community_store import CommunityStore, CommunityUnavailable, Row, SqliteStore
from bot.app.community_votes import SCHEMA as VOTES_SCHEMA
from bot.app.community_votes import VoteBox
from bot.app.follows import SCHEMA as FOLLOWS_SCHEMA
from bot.app.follows import FollowBox
from bot.app.outbox import SCHEMA as OUTBOX_SCHEMA
from bot.app.outbox import Outbox
from bot.app.unanswered import SCHEMA as UNANSWERED_SCHEMA
from bot.app.unanswered import UnansweredBox
from index.storage import sqlite
from scoring.errors import CodedError, typed_fields

DATABASE_FILE = "community.db"

KEPT_FOR = timedelta(days=60)
"""How long a stored question is kept after it was last asked."""

MOST_KEPT = 50_000
"""At most so many stored questions; those asked longest ago go first."""

KEY_LENGTH = 12
"""Characters of a stored question's key: letters, digits, ``-`` and ``_``."""

MOST_UNSTORED = 1000
"""At most so many questions wait in memory for a file that cannot be written; the oldest are forgotten first."""

_KEEPS_BETWEEN_PRUNINGS = 500
_MOST_JOBS = 500
_BUSY_S, _BUSY_BESIDE_S, _COPIES_WITHIN_S = 0.25, 10.0, 600.0
_TABLE = re.compile(r"CREATE TABLE (\w+)")
_TRIED_AGAIN_AFTER = timedelta(seconds=5)

MIGRATIONS = (
    """
    CREATE TABLE server (
        guild_id INTEGER PRIMARY KEY,
        default_source TEXT,
        moderator_roles TEXT NOT NULL,
        public_channels TEXT NOT NULL
    ) STRICT;
    CREATE TABLE kept (
        key TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        payload TEXT NOT NULL,
        kept_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX kept_by_age ON kept (kept_at);
    CREATE TABLE job (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        asked_by INTEGER,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        outcome TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT
    """,
    VOTES_SCHEMA,
    """
    CREATE TABLE moderating (
        guild_id INTEGER PRIMARY KEY,
        opened_at TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE job_message (
        job INTEGER PRIMARY KEY REFERENCES job ON DELETE CASCADE,
        token TEXT NOT NULL,
        message_id INTEGER NOT NULL,
        locale TEXT NOT NULL
    ) STRICT
    """,
    FOLLOWS_SCHEMA,
    OUTBOX_SCHEMA,
    ALERTS_SCHEMA,
    UNANSWERED_SCHEMA,
    "ALTER TABLE job ADD COLUMN ran_by TEXT",
)

Outcome = Literal["running", "done", "failed", "interrupted"]
Payload = dict[str, Any]


_log = logging.getLogger(__name__)


@typed_fields
class CommunityDamaged(CodedError):
    """The community database at ``path`` is damaged, or of a newer version; ``problem`` is SQLite's own word."""

    code = "community_damaged"
    path: str
    problem: str


class CommunityNotEmpty(CodedError):
    """A community database was to be copied to where somebody has stored something already. No fields."""

    code = "community_not_empty"


class PostgresMissing(CodedError):
    """The package that speaks to PostgreSQL is not installed. No fields."""

    code = "postgres_missing"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What the moderators of one server chose.

    Attributes:
        default_source: the source that questions are limited to where the asker names none; None for all.
        moderator_roles: ids of the roles that may use ``/admin``, besides whoever may manage the server.
        public_channels: ids of the channels in which answers are shown to everybody.
    """

    default_source: str | None = None
    moderator_roles: frozenset[int] = frozenset()
    public_channels: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Job:
    """One entry of the log of jobs.

    Attributes:
        id: its number; later jobs have greater ones.
        kind: what was done, such as ``reindex``.
        asked_by: id of the person who asked for it, or None.
        started_at, ended_at: in UTC; ``ended_at`` is None while it runs.
        outcome: ``interrupted`` where the program ended before the job did.
        detail: what it reported: for a failed one ``code`` and ``fields`` of its error.
    """

    id: int
    kind: str
    asked_by: int | None
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    detail: Payload


@dataclass(frozen=True, slots=True)
class JobMessage:
    """The message in Discord that shows how far a job is.

    Attributes:
        token: of the interaction; the message can be edited with it for 15 minutes.
        message_id: its id.
        locale: of the person who reads it.
    """

    token: str
    message_id: int
    locale: str


def _now() -> datetime:
    return datetime.now(UTC)


class CommunityDatabase:
    """The community database. Open it with ``await CommunityDatabase.open(state)``.

    One program at a time may have a file open: servers' settings are remembered after the first look. Only
    ``votes_in``, ``follows_in`` and ``moderating_in`` may be used beside it. A database on a server is shared: nothing
    of it is remembered.

    Its methods raise ``CommunityUnavailable`` where it cannot be read or written, unless they say otherwise.

    Attributes:
        votes: people's verdicts on readings.
        follows: followed sources and their episodes.
        outbox: messages that the bot sends by itself.
        alerts: what people and servers wait for, and what is new.
        unanswered: questions that found nothing.
    """

    def __init__(self, store: CommunityStore, now: Callable[[], datetime], program: str = "") -> None:
        self._store = store
        self._now = now
        self._program = program
        self._servers: dict[int, ServerSettings] = {}
        self._moderating: frozenset[int] | None = None
        self._unstored: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._unstored_since: datetime | None = None
        self._keeps_since_pruning = 0
        self.votes = VoteBox(store, now)
        self.follows = FollowBox(store, now)
        self.outbox = Outbox(store, now)
        self.alerts = AlertBox(store, now)
        self.unanswered = UnansweredBox(store, now)

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
        store = await _connected(state, address, busy_s=_BUSY_S)
        keeping = cls(store, now, _program(state) if store.is_shared else "")
        try:
            await keeping._store.write(
                "UPDATE job SET outcome = 'interrupted', ended_at = ? "
                "WHERE outcome = 'running' AND coalesce(ran_by, '') = ?",
                (keeping._now().isoformat(), keeping._program),
            )
            await keeping.prune()
        except CommunityUnavailable as error:
            _log.warning("the community database cannot be written: %s", error.problem)
        except BaseException:
            await keeping._store.close()
            raise
        return keeping

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

    async def set_server(self, guild_id: int, settings: ServerSettings) -> None:
        """Replace the settings of a server."""
        roles, channels = sorted(settings.moderator_roles), sorted(settings.public_channels)
        await self._store.write(
            "INSERT INTO server VALUES (?, ?, ?, ?) ON CONFLICT (guild_id) DO UPDATE SET default_source = "
            "excluded.default_source, moderator_roles = excluded.moderator_roles, "
            "public_channels = excluded.public_channels",
            (guild_id, settings.default_source, json.dumps(roles), json.dumps(channels)),
        )
        if not self._store.is_shared:
            self._servers[guild_id] = settings

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
        """Forget questions last asked more than ``KEPT_FOR`` ago, then the oldest beyond ``MOST_KEPT``."""
        self._keeps_since_pruning = 0
        oldest = (self._now() - KEPT_FOR).isoformat()
        async with self._store.transaction() as connection:
            await connection.execute("DELETE FROM kept WHERE kept_at < ?", (oldest,))
            await connection.execute(
                "DELETE FROM kept WHERE key NOT IN (SELECT key FROM kept ORDER BY kept_at DESC LIMIT ?)",
                (MOST_KEPT,),
            )
            await connection.execute(
                "DELETE FROM job WHERE id NOT IN (SELECT id FROM job ORDER BY id DESC LIMIT ?)",
                (_MOST_JOBS,),
            )
        await self.outbox.prune()
        await self.unanswered.prune()

    async def job_started(self, kind: str, *, asked_by: int | None = None) -> int:
        """Enter a job that begins now. Returns its number."""
        async with self._store.transaction() as connection:
            entered = await connection.execute(
                "INSERT INTO job (kind, asked_by, started_at, outcome, detail, ran_by) "
                "VALUES (?, ?, ?, 'running', '{}', ?)",
                (kind, asked_by, self._now().isoformat(), self._program),
            )
        return int(entered.lastrowid or 0)

    async def job_ended(self, job: int, outcome: Outcome, detail: Mapping[str, Any] | None = None) -> None:
        """Enter how the job numbered ``job`` ended, now."""
        await self._store.write(
            "UPDATE job SET ended_at = ?, outcome = ?, detail = ? WHERE id = ?",
            (self._now().isoformat(), outcome, json.dumps(detail or {}, default=str), job),
        )

    async def last_jobs(self, limit: int = 5) -> list[Job]:
        """Return the newest jobs, newest first."""
        found = await self._store.rows("SELECT * FROM job ORDER BY id DESC LIMIT ?", (limit,))
        return [_job(row) for row in found]

    async def jobs_of(self, person: int) -> int:
        """Return how many entries of the log of jobs a person asked for."""
        found = await self._store.row("SELECT count(*) AS n FROM job WHERE asked_by = ?", (person,))
        return 0 if found is None else int(found["n"])

    async def forget_jobs_of(self, person: int) -> int:
        """Forget who asked for jobs, where it was this person. Returns how many there were."""
        return await self._store.write("UPDATE job SET asked_by = NULL WHERE asked_by = ?", (person,))

    async def show_job(self, job: int, message: JobMessage) -> None:
        """Remember the message that shows how far a job is, for ``unclosed_messages`` of a later program."""
        await self._store.write(
            "INSERT INTO job_message VALUES (?, ?, ?, ?) ON CONFLICT (job) DO UPDATE SET token = excluded.token, "
            "message_id = excluded.message_id, locale = excluded.locale",
            (job, message.token, message.message_id, message.locale),
        )

    async def close_message(self, job: int) -> None:
        """Forget the message of a job: it shows how the job ended, or cannot be edited any more."""
        await self._store.write("DELETE FROM job_message WHERE job = ?", (job,))

    async def unclosed_messages(self) -> list[tuple[Job, JobMessage]]:
        """Return the messages that show this program's jobs under way, with what became of the jobs; oldest first."""
        found = await self._store.rows(
            "SELECT job.*, token, message_id, locale FROM job_message JOIN job ON job.id = job_message.job "
            "WHERE coalesce(ran_by, '') = ? ORDER BY id",
            (self._program,),
        )
        return [(_job(row), JobMessage(row["token"], row["message_id"], row["locale"])) for row in found]

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
        if not self._unstored or (since is not None and self._now() - since < _TRIED_AGAIN_AFTER):
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
    async with _beside(state, address) as store:
        return None if store is None else await CommunityDatabase(store, _now).moderating()


@asynccontextmanager
async def votes_in(state: Path, address: str | None = None) -> AsyncIterator[VoteBox | None]:
    """Open the votes, whether or not a bot runs; None where there never was one.

    Raises:
        CommunityDamaged, CommunityUnavailable, PostgresMissing: the database cannot be opened.
    """
    async with _beside(state, address) as store:
        yield None if store is None else VoteBox(store, _now)


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
    file, server = (
        await _connected(state, None, busy_s=_BUSY_S),
        await _connected(state, address, busy_s=_BUSY_S),
    )
    source, goal = (file, server) if to_server else (server, file)
    tables = [name for script in MIGRATIONS for name in _TABLE.findall(script)]
    copied: dict[str, int] = {}
    try:
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
    finally:
        await file.close()
        await server.close()
    return copied


@asynccontextmanager
async def follows_in(state: Path, address: str | None = None) -> AsyncIterator[FollowBox]:
    """Open the followed sources, whether or not a bot runs; the database is made if missing.

    Raises:
        CommunityDamaged, CommunityUnavailable, PostgresMissing: the database cannot be opened.
    """
    store = await _connected(state, address, busy_s=_BUSY_BESIDE_S)
    try:
        yield FollowBox(store, _now)
    finally:
        await store.close()


@asynccontextmanager
async def _beside(state: Path, address: str | None) -> AsyncIterator[CommunityStore | None]:
    """Open the community database, which a bot may have open as well; None without the file."""
    if address is None and not (state / DATABASE_FILE).is_file():
        yield None
        return
    store = await _connected(state, address, busy_s=_BUSY_BESIDE_S)
    try:
        yield store
    finally:
        await store.close()


async def _connected(state: Path, address: str | None, *, busy_s: float) -> CommunityStore:
    if address is not None:
        return await _connected_to_server(address)
    path = state / DATABASE_FILE
    try:
        return SqliteStore(await sqlite.open_kept(path, MIGRATIONS, busy_s=busy_s))
    except sqlite.DatabaseError as error:
        problem = sqlite.problem_of(error)
        if problem == "damaged":
            raise CommunityDamaged(path=str(path), problem=str(error)) from error
        raise CommunityUnavailable(problem=problem) from error
    except OSError as error:
        raise CommunityDamaged(path=str(path), problem=error.strerror or type(error).__name__) from error


async def _connected_to_server(address: str) -> CommunityStore:
    try:
        from bot.app.community_postgres import NewerSchema, PostgresStore, shown_address  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if error.name != "asyncpg":
            raise
        raise PostgresMissing from error
    try:
        return await PostgresStore.open(address, MIGRATIONS)
    except NewerSchema as error:
        raise CommunityDamaged(path=shown_address(address), problem=str(error)) from error


def key_of(kind: str, payload: str) -> str:
    """The key of a payload in its canonical JSON: 72 bits of SHA-256 in the URL-safe alphabet."""
    hashed = hashlib.sha256(kind.encode() + b"\0" + payload.encode()).digest()
    return base64.urlsafe_b64encode(hashed)[:KEY_LENGTH].decode("ascii")


def _settings(row: Row) -> ServerSettings:
    return ServerSettings(
        row["default_source"],
        frozenset(json.loads(row["moderator_roles"])),
        frozenset(json.loads(row["public_channels"])),
    )


def _job(row: Row) -> Job:
    ended_at = row["ended_at"]
    return Job(
        id=row["id"],
        kind=row["kind"],
        asked_by=row["asked_by"],
        started_at=datetime.fromisoformat(row["started_at"]),
        ended_at=None if ended_at is None else datetime.fromisoformat(ended_at),
        outcome=row["outcome"],
        detail=json.loads(row["detail"]),
    )
