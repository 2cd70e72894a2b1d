"""Migrations of the community database, and opening it: its file, or the PostgreSQL server that several bots share.

Its schema moves on by numbered migrations (``MIGRATIONS``); a newer program takes an older database over, never the
other way round.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.app.community.alert_tables import CHANNELS_SCHEMA as ALERT_CHANNELS_SCHEMA
from bot.app.community.alert_tables import HIT_KEYS_SCHEMA
from bot.app.community.alert_tables import SCHEMA as ALERTS_SCHEMA
from bot.app.community.digest_tables import SCHEMA as DIGESTS_SCHEMA
from bot.app.community.follow_tables import FOLLOWERS_SCHEMA
from bot.app.community.follow_tables import SCHEMA as FOLLOWS_SCHEMA
from bot.app.community.followed_episode_tables import SCHEMA as FOLLOWED_EPISODES_SCHEMA
from bot.app.community.left_server_tables import SCHEMA as LEFT_SERVERS_SCHEMA
from bot.app.community.news_tables import SCHEMA as NEWS_SCHEMA
from bot.app.community.outbox import SCHEMA as OUTBOX_SCHEMA
from bot.app.community.store import CommunityStore, CommunityUnavailable, SqliteStore
from bot.app.community.unanswered_tables import SCHEMA as UNANSWERED_SCHEMA
from bot.app.community.vote_tables import SCHEMA as VOTES_SCHEMA
from index.storage import sqlite
from scoring.errors import CodedError, typed_fields

DATABASE_FILE = "community.db"

BUSY_S, BUSY_BESIDE_S = 0.25, 10.0
"""Seconds to wait for others that write to the file: of the bot, and of a program beside it."""

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
    ";".join((FOLLOWS_SCHEMA, FOLLOWED_EPISODES_SCHEMA)),
    OUTBOX_SCHEMA,
    ";".join((ALERTS_SCHEMA, NEWS_SCHEMA, DIGESTS_SCHEMA)),
    UNANSWERED_SCHEMA,
    "ALTER TABLE job ADD COLUMN ran_by TEXT",
    ALERT_CHANNELS_SCHEMA,
    FOLLOWERS_SCHEMA,
    LEFT_SERVERS_SCHEMA,
    HIT_KEYS_SCHEMA,
)


@typed_fields
class CommunityDamaged(CodedError):
    """The community database at ``path`` is damaged, or of a newer version; ``problem`` is SQLite's own word."""

    code = "community_damaged"
    path: str
    problem: str


class PostgresMissing(CodedError):
    """The package that speaks to PostgreSQL is not installed. No fields."""

    code = "postgres_missing"


async def open_store(state: Path, address: str | None, *, busy_s: float = BUSY_S) -> CommunityStore:
    """Open the database of the state folder, made if missing, or the one on a server where there is an address.

    Raises:
        CommunityUnavailable: the file is locked, the disk is full or cannot be written; the server does not answer.
        CommunityDamaged: the file is damaged, or the database of a newer version of this program.
        PostgresMissing: there is an address, but not the package.
    """
    if address is not None:
        return await _open_on_server(address)
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


def has_community(state: Path, address: str | None) -> bool:
    """Return True if there is a community database: on a server, or as a file of the state folder."""
    return address is not None or (state / DATABASE_FILE).is_file()


@asynccontextmanager
async def store_beside(state: Path, address: str | None) -> AsyncIterator[CommunityStore | None]:
    """Open the community database, which a bot may have open as well; None without the file."""
    if not has_community(state, address):
        yield None
        return
    store = await open_store(state, address, busy_s=BUSY_BESIDE_S)
    try:
        yield store
    finally:
        await store.close()


async def _open_on_server(address: str) -> CommunityStore:
    try:
        from bot.app.community.postgres_store import NewerSchema, PostgresStore, shown_address  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if error.name != "asyncpg":
            raise
        raise PostgresMissing from error
    try:
        return await PostgresStore.open(address, MIGRATIONS)
    except NewerSchema as error:
        raise CommunityDamaged(path=shown_address(address), problem=str(error)) from error
