"""Several bots on one PostgreSQL database: they see what each other wrote, and what must happen once does."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import asyncpg
import pytest
from postgres_server import PostgresServer
from pydantic import ValidationError

from bot.app.community import (
    MIGRATIONS,
    CommunityDamaged,
    CommunityDatabase,
    CommunityUnavailable,
    JobMessage,
    PostgresMissing,
    ServerSettings,
    postgres_store,
)
from bot.app.community.copying import CommunityNotEmpty, copy_community
from bot.app.community.postgres_store import PostgresStore, for_postgres, schema_for_postgres, shown_address
from bot.app.jobs import environment_of
from bot.app.settings import Settings
from bot.app.votes import Shown, VotedPassage
from bot.i18n.message_catalogue import MessageCatalogue

PASSAGE = VotedPassage("a-talk", "key", "axis", "It may go wrong.", "A talk", None, None, None)
SHOWN = Shown(-40.5, "Risk-forward", "societal", "high", "scorer-1")


@pytest.fixture
async def address(postgres: PostgresServer) -> str:
    return await postgres.fresh_address()


async def test_bots_that_start_together_migrate_once_and_share_what_they_write(
    tmp_path: Path, address: str
) -> None:
    first, second, *others = await asyncio.gather(
        *(CommunityDatabase.open(tmp_path / str(n), address=address) for n in range(6))
    )
    assert await second.server(1) == ServerSettings()
    await first.set_server(1, default_source="Northlight", moderator_roles=frozenset({2**62}))
    assert await second.server(1) == ServerSettings("Northlight", frozenset({2**62}))
    await second.set_moderating(7, is_open=True)
    assert await first.moderating() == {7}
    await second.set_moderating(7, is_open=False)
    assert await first.moderating() == frozenset()
    key = await first.keep("find", {"question": "\0 🦜"})
    assert await second.kept("find", key) == {"question": "\0 🦜"}
    for opened in (first, second, *others):
        await opened.close()


async def test_a_bot_that_starts_again_interrupts_its_own_jobs_alone(tmp_path: Path, address: str) -> None:
    here = await CommunityDatabase.open(tmp_path / "here", address=address)
    there = await CommunityDatabase.open(tmp_path / "there", address=address)
    ours, theirs = await here.job_log.started("reindex"), await there.job_log.started("reindex")
    assert ours < theirs
    await there.job_log.show_message(theirs, JobMessage("token", 5, "de"))
    await here.close()
    again = await CommunityDatabase.open(tmp_path / "here", address=address)
    outcomes = {job.id: job.outcome for job in await again.job_log.last()}
    assert outcomes == {ours: "interrupted", theirs: "running"}
    assert await again.job_log.unclosed_messages() == []
    assert [job.id for job, _ in await there.job_log.unclosed_messages()] == [theirs]
    await again.close()
    await there.close()


async def test_one_of_them_leads_until_it_ends_or_is_cut_off(
    tmp_path: Path, address: str, postgres: PostgresServer
) -> None:
    first = await CommunityDatabase.open(tmp_path, address=address)
    second = await CommunityDatabase.open(tmp_path, address=address)
    assert await asyncio.gather(*(first.leads() for _ in range(3))) == [True] * 3
    assert not await second.leads()
    await _end_connections(postgres, "pg_locks WHERE locktype = 'advisory' AND granted")
    assert await second.leads()
    assert not await first.leads()
    await second.close()
    assert await first.leads()
    await first.close()


async def _end_connections(postgres: PostgresServer, those: str) -> None:
    """End connections at the server, and wait until they are gone."""
    connection = await asyncpg.connect(postgres.address)
    await connection.execute(f"SELECT pg_terminate_backend(pid, 600000) FROM {those}")
    await connection.close()


async def test_a_community_is_copied_to_a_server_and_back(tmp_path: Path, postgres: PostgresServer) -> None:
    address = await postgres.fresh_address()
    message = JobMessage("token", 2**62, "de")
    here = await CommunityDatabase.open(tmp_path / "here")
    await here.set_server(1, default_source="Northlight", moderator_roles=frozenset({2**62}))
    key = await here.keep("find", {"question": "mesa"})
    job = await here.job_log.started("reindex", asked_by=7)
    await here.job_log.show_message(job, message)
    await here.votes.cast(7, PASSAGE, SHOWN, "too low")
    votes = await here.votes.readings()
    assert [reading.counts for reading in votes] == [{"too low": 1}]
    await here.close()

    copied = await copy_community(tmp_path / "here", address, to_server=True)
    assert {name: n for name, n in copied.items() if n} == dict.fromkeys(
        ("server", "kept", "job", "voted", "vote", "job_message"), 1
    )
    with pytest.raises(CommunityNotEmpty):
        await copy_community(tmp_path / "here", address, to_server=True)
    there = await CommunityDatabase.open(tmp_path / "here", address=address)
    assert await there.job_log.started("reindex") > job, "numbers go on"
    await there.close()
    await copy_community(tmp_path / "back", address, to_server=False)

    for opened in (
        await CommunityDatabase.open(tmp_path / "back"),
        await CommunityDatabase.open(tmp_path / "here", address=address),
    ):
        assert await opened.server(1) == ServerSettings("Northlight", frozenset({2**62}))
        assert await opened.kept("find", key) == {"question": "mesa"}
        assert (await opened.job_log.last())[-1].asked_by == 7
        assert await opened.votes.readings() == votes
        await opened.close()


async def test_connections_that_break_are_made_anew(
    tmp_path: Path, address: str, postgres: PostgresServer
) -> None:
    community = await CommunityDatabase.open(tmp_path, address=address)
    await community.set_server(1, default_source="Northlight")
    await _end_connections(
        postgres, "pg_stat_activity WHERE pid != pg_backend_pid() AND backend_type = 'client backend'"
    )
    assert await community.server_or_default(1) in (ServerSettings(), ServerSettings("Northlight"))
    assert await community.server(1) == ServerSettings("Northlight")
    await community.close()


async def test_a_write_that_fails_leaves_nothing(address: str) -> None:
    store = await PostgresStore.open(address, MIGRATIONS)

    async def write_twice() -> None:
        async with store.transaction() as writing:
            for _ in range(2):
                await writing.execute("INSERT INTO moderating VALUES (?, ?)", (1, "now"))

    with pytest.raises(CommunityUnavailable):
        await write_twice()
    assert await store.rows("SELECT * FROM moderating") == []
    await store.close()


async def test_many_rows_are_sent_in_parts_and_in_order(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_store, "_SENT_AT_ONCE", 3)
    store = await PostgresStore.open(address, MIGRATIONS)
    async with store.transaction() as writing:
        await writing.executemany("INSERT INTO moderating VALUES (?, ?)", [(n, "now") for n in range(10)])
    assert [row["guild_id"] for row in await store.rows("SELECT guild_id FROM moderating")] == [*range(10)]
    await store.close()


async def test_a_database_of_a_newer_program_is_refused_and_its_password_not_told(
    tmp_path: Path, address: str
) -> None:
    await (await CommunityDatabase.open(tmp_path, address=address)).close()
    connection = await asyncpg.connect(address)
    await connection.execute("UPDATE schema_version SET version = $1", len(MIGRATIONS) + 1)
    await connection.close()
    with pytest.raises(CommunityDamaged) as refused:
        await CommunityDatabase.open(tmp_path, address=address)
    assert "newer" in refused.value.problem
    assert shown_address("postgresql://bot:secret@db.example/members?sslmode=require") == (
        "postgresql://db.example/members"
    )


async def test_a_server_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommunityUnavailable) as refused:
        await CommunityDatabase.open(tmp_path, address=f"postgresql://x@/x?host={tmp_path}")
    assert "cannot be reached" in MessageCatalogue.load().error(refused.value)


async def test_without_the_package_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "bot.app.community.postgres_store")
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(PostgresMissing) as missing:
        await CommunityDatabase.open(tmp_path, address="postgresql://x/x")
    assert "counterpoint[postgres]" in MessageCatalogue.load().error(missing.value)


def test_the_address_is_a_secret_and_goes_to_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERPOINT_COMMUNITY", "postgresql://bot:secret@db/x")
    settings = Settings.read()
    assert settings.community_address == "postgresql://bot:secret@db/x"
    assert "secret" not in repr(settings)
    assert "COUNTERPOINT_COMMUNITY" not in environment_of(settings)
    monkeypatch.setenv("COUNTERPOINT_COMMUNITY", "mysql://bot:secret@db/x")
    with pytest.raises(ValidationError) as wrong:
        Settings.read()
    assert "secret" not in wrong.value.errors(include_url=False, include_input=False)[0]["msg"]


def test_statements_are_translated() -> None:
    assert for_postgres(
        "SELECT json_extract(listed, '$.published') FROM t WHERE sent_at IS ? AND x IS NULL"
    ) == ("SELECT (listed::json ->> 'published') FROM t WHERE sent_at IS NOT DISTINCT FROM $1 AND x IS NULL")
    assert for_postgres("SELECT * FROM kept WHERE key = ? AND kind = ?") == (
        "SELECT * FROM kept WHERE key = $1 AND kind = $2"
    )
    made = schema_for_postgres(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x REAL, s TEXT) STRICT, WITHOUT ROWID;"
    )
    assert made == (
        "CREATE TABLE t (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, x DOUBLE PRECISION, "
        's TEXT COLLATE "C");'
    )


async def test_a_connection_that_fails_while_a_leader_is_sought_is_given_back(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a few failures would leave no connection for anything else."""
    store = await PostgresStore.open(address, MIGRATIONS)
    with monkeypatch.context() as failing:
        failing.setattr(postgres_store, "_LEADING", "no number")
        for _ in range(5):
            with pytest.raises(CommunityUnavailable):
                await store.leads()
    assert await store.leads()
    assert await store.rows("SELECT 1 AS n")
    await store.close()
