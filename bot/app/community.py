"""What members and moderators made: the one database that no rebuild touches.

STATE/community.db holds the servers' settings, the questions that buttons refer to, the log of jobs, and the votes
(``bot.app.community_votes``). Its schema moves on by numbered migrations; a newer program takes an older file over,
never the other way round.
"""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self

from bot.app.community_votes import SCHEMA as VOTES_SCHEMA
from bot.app.community_votes import VoteBox
from index.storage import sqlite as database
from scoring.errors import CodedError

DATABASE_FILE = "community.db"

KEPT_FOR = timedelta(days=60)
"""How long a stored question is kept after it was last asked."""

MOST_KEPT = 50_000
"""At most so many stored questions; those asked longest ago go first."""

KEY_LENGTH = 12
"""Characters of a stored question's key: letters, digits, ``-`` and ``_``."""

_KEEPS_BETWEEN_PRUNINGS = 500
_MOST_JOBS = 500

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
)

Outcome = Literal["running", "done", "failed", "interrupted"]
Payload = dict[str, Any]


class CommunityDamaged(CodedError):
    """The members' database cannot be opened. Fields: ``path``, ``problem``."""

    code = "community_damaged"


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


def _now() -> datetime:
    return datetime.now(UTC)


class CommunityDatabase:
    """The members' database. Open it with ``await CommunityDatabase.open(state)``.

    One program at a time may have it open: servers' settings are remembered after the first look. Only ``votes_in`` and
    ``moderating_in`` may be used beside it.

    Attributes:
        votes: people's verdicts on readings.
    """

    def __init__(self, connection: database.Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now
        self._servers: dict[int, ServerSettings] = {}
        self._moderating: frozenset[int] | None = None
        self._keeps_since_pruning = 0
        self._writing = asyncio.Lock()
        self.votes = VoteBox(connection, now, self._writing)

    @classmethod
    async def open(cls, state: Path, *, now: Callable[[], datetime] = _now) -> Self:
        """Open ``STATE/community.db``, made if missing; jobs that a dead program left running are marked so.

        Args:
            state: the state folder.
            now: the clock, in UTC.

        Raises:
            DatabaseError: the file is damaged, or of a newer version of this program.
        """
        keeping = cls(await database.open_kept(state / DATABASE_FILE, MIGRATIONS), now)
        await keeping._write("UPDATE job SET outcome = 'interrupted', ended_at = ? WHERE outcome = 'running'")
        await keeping.prune()
        return keeping

    async def server(self, guild_id: int) -> ServerSettings:
        """The settings of a server; the defaults where nobody chose any."""
        known = self._servers.get(guild_id)
        if known is None:
            found = await database.row(
                self._connection, "SELECT * FROM server WHERE guild_id = ?", (guild_id,)
            )
            known = _settings(found) if found is not None else ServerSettings()
            known = self._servers.setdefault(guild_id, known)
        return known

    async def set_server(self, guild_id: int, settings: ServerSettings) -> None:
        """Replace the settings of a server."""
        async with self._writing:
            await self._connection.execute(
                "INSERT OR REPLACE INTO server VALUES (?, ?, ?, ?)",
                (
                    guild_id,
                    settings.default_source,
                    json.dumps(sorted(settings.moderator_roles)),
                    json.dumps(sorted(settings.public_channels)),
                ),
            )
            await self._connection.commit()
            self._servers[guild_id] = settings

    async def moderating(self) -> frozenset[int]:
        """Return the ids of the servers that were opened for moderation."""
        if self._moderating is None:
            found = await database.rows(self._connection, "SELECT guild_id FROM moderating")
            self._moderating = frozenset(row["guild_id"] for row in found)
        return self._moderating

    async def set_moderating(self, guild_id: int, *, is_open: bool) -> None:
        """Open a server for moderation, or close it."""
        async with self._writing:
            if is_open:
                await self._connection.execute(
                    "INSERT OR IGNORE INTO moderating VALUES (?, ?)", (guild_id, self._now().isoformat())
                )
            else:
                await self._connection.execute("DELETE FROM moderating WHERE guild_id = ?", (guild_id,))
            await self._connection.commit()
            self._moderating = None

    async def keep(self, kind: str, payload: Mapping[str, Any]) -> str:
        """Store what a button refers to.

        Args:
            kind: what it is, such as ``find``.
            payload: plain JSON.

        Returns:
            Its key, at most ``KEY_LENGTH`` characters; the same kind and payload always have the same one.
        """
        text = json.dumps(payload, sort_keys=True, separators=(",", ":"))
        key = key_of(kind, text)
        async with self._writing:
            await self._connection.execute(
                "INSERT INTO kept VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET kept_at = excluded.kept_at",
                (key, kind, text, self._now().isoformat()),
            )
            await self._connection.commit()
        self._keeps_since_pruning += 1
        if self._keeps_since_pruning >= _KEEPS_BETWEEN_PRUNINGS:
            await self.prune()
        return key

    async def kept(self, kind: str, key: str) -> Payload | None:
        """Return what ``keep`` stored under ``key``; None where it was pruned, never stored, or is of another kind."""
        found = await database.row(
            self._connection, "SELECT payload FROM kept WHERE key = ? AND kind = ?", (key, kind)
        )
        return None if found is None else dict(json.loads(found["payload"]))

    async def prune(self) -> None:
        """Forget questions last asked more than ``KEPT_FOR`` ago, then the oldest beyond ``MOST_KEPT``."""
        self._keeps_since_pruning = 0
        oldest = (self._now() - KEPT_FOR).isoformat()
        async with self._writing:
            await self._connection.execute("DELETE FROM kept WHERE kept_at < ?", (oldest,))
            await self._connection.execute(
                "DELETE FROM kept WHERE key IN (SELECT key FROM kept ORDER BY kept_at DESC LIMIT -1 OFFSET ?)",
                (MOST_KEPT,),
            )
            await self._connection.execute(
                "DELETE FROM job WHERE id IN (SELECT id FROM job ORDER BY id DESC LIMIT -1 OFFSET ?)",
                (_MOST_JOBS,),
            )
            await self._connection.commit()

    async def job_started(self, kind: str, *, asked_by: int | None = None) -> int:
        """Enter a job that begins now. Returns its number."""
        async with self._writing:
            entered = await self._connection.execute(
                "INSERT INTO job (kind, asked_by, started_at, outcome, detail) VALUES (?, ?, ?, 'running', '{}')",
                (kind, asked_by, self._now().isoformat()),
            )
            await self._connection.commit()
        return int(entered.lastrowid or 0)

    async def job_ended(self, job: int, outcome: Outcome, detail: Mapping[str, Any] | None = None) -> None:
        """Enter how the job numbered ``job`` ended, now."""
        await self._write(
            "UPDATE job SET ended_at = ?, outcome = ?, detail = ? WHERE id = ?",
            (outcome, json.dumps(detail or {}, default=str), job),
        )

    async def last_jobs(self, limit: int = 5) -> list[Job]:
        """The newest jobs, newest first."""
        found = await database.rows(self._connection, "SELECT * FROM job ORDER BY id DESC LIMIT ?", (limit,))
        return [_job(row) for row in found]

    async def close(self) -> None:
        """Give the file back."""
        await self._connection.close()

    async def _write(self, sql: str, values: Iterable[object] = ()) -> None:
        """One statement whose first value is the time."""
        async with self._writing:
            await self._connection.execute(sql, (self._now().isoformat(), *values))
            await self._connection.commit()


async def moderating_in(state: Path) -> frozenset[int] | None:
    """Return the servers opened for moderation in a state folder, whether or not a bot runs; None without a database.

    Raises:
        CommunityDamaged: the file cannot be opened, or is of a newer version of this program.
    """
    async with _beside(state) as connection:
        if connection is None:
            return None
        return await CommunityDatabase(connection, _now).moderating()


@asynccontextmanager
async def votes_in(state: Path) -> AsyncIterator[VoteBox | None]:
    """The votes in a state folder, whether or not a bot is running on it; None where there never was one.

    Raises:
        CommunityDamaged: the file cannot be opened, or is of a newer version of this program.
    """
    async with _beside(state) as connection:
        yield None if connection is None else VoteBox(connection, _now, asyncio.Lock())


@asynccontextmanager
async def _beside(state: Path) -> AsyncIterator[database.Connection | None]:
    """A connection of one's own to the members' database, which a bot may have open as well; None without the file."""
    path = state / DATABASE_FILE
    if not path.is_file():
        yield None
        return
    try:
        connection = await database.open_kept(path, MIGRATIONS)
    except (database.DatabaseError, OSError) as error:
        raise CommunityDamaged(path=str(path), problem=str(error)) from error
    try:
        yield connection
    finally:
        await connection.close()


def key_of(kind: str, payload: str) -> str:
    """The key of a payload in its canonical JSON: 72 bits of SHA-256 in the URL-safe alphabet."""
    hashed = hashlib.sha256(kind.encode() + b"\0" + payload.encode()).digest()
    return base64.urlsafe_b64encode(hashed)[:KEY_LENGTH].decode("ascii")


def _settings(row: database.Row) -> ServerSettings:
    return ServerSettings(
        row["default_source"],
        frozenset(json.loads(row["moderator_roles"])),
        frozenset(json.loads(row["public_channels"])),
    )


def _job(row: database.Row) -> Job:
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
