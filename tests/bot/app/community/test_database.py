"""What members made survives the program, is bounded in number and age, and is found under short, stable keys."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

import bot.app.community.database
from bot.app.community import (
    DATABASE_FILE,
    KEY_LENGTH,
    MIGRATIONS,
    QUESTIONS_KEPT_FOR,
    CommunityDamaged,
    CommunityDatabase,
    CommunityUnavailable,
    JobMessage,
    ServerSettings,
    key_of,
    migrations,
    moderating_in,
)
from bot.app.community.copying import copy_community
from bot.app.community.follow_tables import FOLLOWERS_SCHEMA, Follower
from index.storage import sqlite

from .conftest import START, Clock


@pytest_asyncio.fixture
async def community(
    tmp_path: Path, clock: Clock, community_address: str | None
) -> AsyncIterator[CommunityDatabase]:
    """The database, in a file and on a server."""
    opened = await CommunityDatabase.open(tmp_path, address=community_address, now=clock)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def in_file(tmp_path: Path, clock: Clock) -> AsyncIterator[CommunityDatabase]:
    """The database in a file."""
    opened = await CommunityDatabase.open(tmp_path, now=clock)
    yield opened
    await opened.close()


async def test_programs_that_open_an_older_database_together_migrate_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the bot and a command in a terminal do after an upgrade: each reads the version before either migrates."""
    path = tmp_path / DATABASE_FILE
    await (await sqlite.open_kept(path, MIGRATIONS[:-3])).close()
    read_row, n_read, both_read = sqlite.row, 0, asyncio.Event()

    async def row(connection: sqlite.Connection, sql: str, values: sqlite.Values = ()) -> sqlite.Row | None:
        nonlocal n_read
        found = await read_row(connection, sql, values)
        if not connection.in_transaction:
            n_read += 1
            if n_read == 2:
                both_read.set()
            await both_read.wait()
        return found

    monkeypatch.setattr(sqlite, "row", row)
    for opened in await asyncio.gather(*(sqlite.open_kept(path, MIGRATIONS) for _ in range(2))):
        [version] = await sqlite.rows(opened, "PRAGMA user_version")
        assert version[0] == len(MIGRATIONS)
        await opened.close()


async def test_a_copy_to_a_server_that_does_not_answer_leaves_the_file_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection has a thread, which left a traceback behind the sentence that tells of the server."""
    pytest.importorskip("asyncpg")
    open_kept, opened = sqlite.open_kept, []

    async def kept(*given: Any, **named: Any) -> sqlite.Connection:
        opened.append(await open_kept(*given, **named))
        return opened[-1]

    monkeypatch.setattr(sqlite, "open_kept", kept)
    with pytest.raises(CommunityUnavailable):
        await copy_community(tmp_path, "postgresql://127.0.0.1:9/nobody", to_server=True)
    [file] = opened
    with pytest.raises(ValueError, match="no active connection"):
        await file.execute("SELECT 1")


async def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_FILE
    await (await sqlite.open_kept(path, MIGRATIONS[:1])).close()
    failing = (MIGRATIONS[0], "CREATE TABLE half (id INTEGER); CREATE TABLE server (id INTEGER)")
    with pytest.raises(sqlite.DatabaseError, match="already exists"):
        await sqlite.open_kept(path, failing)
    opened = await sqlite.open_kept(path, MIGRATIONS[:1])
    assert await sqlite.rows(opened, "SELECT name FROM sqlite_master WHERE name = 'half'") == []
    await opened.close()


async def test_a_server_without_settings_has_the_defaults(community: CommunityDatabase) -> None:
    assert await community.server(1) == ServerSettings(None, frozenset(), frozenset())


async def test_settings_are_kept_apart_by_server_and_survive_the_program(
    tmp_path: Path, community_address: str | None
) -> None:
    chosen = ServerSettings("Northlight", frozenset({2**63 - 1, 4}), frozenset({5}))
    first = await CommunityDatabase.open(tmp_path, address=community_address)
    assert await first.server(1) == ServerSettings()
    await first.set_server(1, default_source="Elsewhere", moderator_roles=frozenset({2**63 - 1, 4}))
    await first.set_server(1, default_source="Northlight", public_channels=frozenset({5}))
    assert await first.server(1) == chosen
    await first.close()
    second = await CommunityDatabase.open(tmp_path, address=community_address)
    assert await second.server(1) == chosen
    assert await second.server(2) == ServerSettings()
    await second.close()


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"question": "mesa", "page": 2},
        {"q": "\u202e אב 🦜 \x00 \ud800", "n": None, "list": [1, 2.5, "x"]},
    ],
)
async def test_what_is_kept_comes_back_under_a_key_that_fits_a_button(
    community: CommunityDatabase, payload: dict
) -> None:
    key = await community.keep("find", payload)
    assert 0 < len(key) <= KEY_LENGTH
    assert await community.kept("find", key) == payload


async def test_the_same_payload_has_the_same_key_whatever_the_order_of_its_names(
    community: CommunityDatabase,
) -> None:
    key = await community.keep("find", {"a": 1, "b": 2})
    assert await community.keep("find", {"b": 2, "a": 1}) == key
    assert await community.keep("find", {"a": 1, "b": 3}) != key
    assert await community.keep("episode", {"a": 1, "b": 2}) != key


@given(st.text(), st.text())
def test_keys_fit_a_custom_id(kind: str, payload: str) -> None:
    key = key_of(kind.encode("utf-8", "replace").decode(), json.dumps(payload))
    assert len(key) == KEY_LENGTH
    assert key.replace("-", "").replace("_", "").isalnum()
    assert key.isascii()


async def test_an_unknown_key_is_none(community: CommunityDatabase) -> None:
    assert await community.kept("find", "nothing") is None
    assert await community.kept("find", "' OR 1=1 --") is None


async def test_a_key_opens_only_what_is_of_its_kind(community: CommunityDatabase) -> None:
    """Keys stand in buttons, and buttons can be forged: the key of a staged file is no question's."""
    staged = await community.keep("staged", {"digest": "abc"})
    assert await community.kept("find", staged) is None
    assert await community.kept("staged", staged) == {"digest": "abc"}


async def test_questions_last_asked_long_ago_are_forgotten(
    community: CommunityDatabase, clock: Clock
) -> None:
    old = await community.keep("find", {"question": "old"})
    asked_again = await community.keep("find", {"question": "asked again"})
    clock.at = START + QUESTIONS_KEPT_FOR - timedelta(days=1)
    assert await community.keep("find", {"question": "asked again"}) == asked_again
    clock.at = START + QUESTIONS_KEPT_FOR + timedelta(hours=1)
    await community.prune()
    assert await community.kept("find", old) is None
    assert await community.kept("find", asked_again) == {"question": "asked again"}


async def test_there_are_never_many_more_than_the_most(
    community: CommunityDatabase, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.app.community.database, "MOST_KEPT", 5)
    keys = []
    for number in range(9):
        clock.at += timedelta(seconds=1)
        keys.append(await community.keep("find", {"n": number}))
    await community.prune()
    assert [await community.kept("find", key) is not None for key in keys] == [False] * 4 + [True] * 5


async def test_jobs_are_logged_newest_first(community: CommunityDatabase, clock: Clock) -> None:
    first = await community.job_log.started("reindex", asked_by=7)
    clock.at += timedelta(minutes=1)
    await community.job_log.ended(first, "done", {"added": ["one"]})
    second = await community.job_log.started("reindex")
    newest, oldest = await community.job_log.last()
    assert (newest.id, newest.outcome, newest.ended_at, newest.asked_by) == (second, "running", None, None)
    assert (oldest.id, oldest.outcome, oldest.detail) == (first, "done", {"added": ["one"]})
    assert (oldest.asked_by, oldest.started_at, oldest.ended_at) == (7, START, START + timedelta(minutes=1))


async def test_a_job_that_its_program_did_not_outlive_is_marked_interrupted(
    tmp_path: Path, community_address: str | None
) -> None:
    first = await CommunityDatabase.open(tmp_path, address=community_address)
    await first.job_log.started("reindex")
    await first.close()
    second = await CommunityDatabase.open(tmp_path, address=community_address)
    [job] = await second.job_log.last()
    assert job.outcome == "interrupted"
    assert job.ended_at is not None
    await second.close()


async def test_servers_opened_for_moderation_are_kept(tmp_path: Path, community_address: str | None) -> None:
    assert not await moderating_in(tmp_path, community_address)
    first = await CommunityDatabase.open(tmp_path, address=community_address)
    assert await first.moderating() == frozenset()
    for server in (7, 8, 8):
        await first.set_moderating(server, is_open=True)
    await first.set_moderating(7, is_open=False)
    assert await first.moderating() == {8}
    assert await moderating_in(tmp_path, community_address) == {8}
    await first.close()
    second = await CommunityDatabase.open(tmp_path, address=community_address)
    assert await second.moderating() == {8}
    await second.close()


async def test_an_older_database_is_taken_over_with_every_server_closed(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / DATABASE_FILE) as older:
        for script in MIGRATIONS[:2]:
            older.executescript(script)
        older.execute("INSERT INTO server VALUES (7, NULL, '[1]', '[]')")
        older.execute("PRAGMA user_version = 2")
    older.close()
    community = await CommunityDatabase.open(tmp_path)
    assert await community.moderating() == frozenset()
    assert (await community.server(7)).moderator_roles == {1}
    await community.close()


async def test_who_follows_what_is_taken_over_from_an_older_database(
    tmp_path: Path, community_address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each source had one channel; those that were followed from the terminal had no server."""
    with monkeypatch.context() as older:
        older.setattr(migrations, "MIGRATIONS", MIGRATIONS[: MIGRATIONS.index(FOLLOWERS_SCHEMA)])
        store = await migrations.open_store(tmp_path, community_address)
        followings: list[tuple[int | None, int | None]] = [(7, 2**62), (None, 5), (8, None)]
        for number, (server, channel) in enumerate(followings):
            await store.write(
                "INSERT INTO follow (kind, address, server, channel, followed_at, next_look_at) "
                "VALUES ('feed', ?, ?, ?, ?, ?)",
                (f"https://example.org/{number}", server, channel, START.isoformat(), START.isoformat()),
            )
        await store.write(
            "INSERT INTO followed_episode (follow, key, listed, is_old, state, seen_at, next_try_at) "
            "VALUES (1, 'e', '{}', 0, 'done', ?, ?)",
            (START.isoformat(), START.isoformat()),
        )
        await store.close()
    community = await CommunityDatabase.open(tmp_path, address=community_address)
    listed = await community.follows.all()
    assert [follow.followers for follow, _ in listed] == [(Follower(*each),) for each in followings]
    assert listed[0][1].done == 1, "its episodes stay"
    assert (await community.follows.add("feed", "https://example.org/9")).id == 4
    await community.close()


async def test_a_database_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / DATABASE_FILE) as newer:
        newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    newer.close()
    with pytest.raises(CommunityDamaged) as refused:
        await CommunityDatabase.open(tmp_path)
    assert "newer" in refused.value.problem


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / DATABASE_FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(CommunityDamaged):
        await CommunityDatabase.open(tmp_path)


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Another program that writes and does not come to an end."""
    with closing(sqlite3.connect(state / DATABASE_FILE)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


async def fill_disk(community: CommunityDatabase) -> None:
    """Let SQLite find the disk full: the file may not grow any more."""
    await community._store._connection.execute("PRAGMA max_page_count = 1")


class TestHindered:
    """The file is locked, or its disk is full: questions go on, and what cannot be stored says why."""

    async def test_a_button_works_without_being_stored_and_is_stored_later(
        self, tmp_path: Path, in_file: CommunityDatabase, clock: Clock
    ) -> None:
        with locked(tmp_path):
            keys = [await in_file.keep("find", {"n": number}) for number in range(9)]
            assert [await in_file.kept("find", key) for key in keys] == [{"n": number} for number in range(9)]
            assert await in_file.kept("staged", keys[0]) is None, "a key in memory has its kind, too"
        assert await stored(tmp_path) == set()
        last = await in_file.keep("find", {"n": 9})
        assert await stored(tmp_path) == set(), "it has just failed, so nobody waits for it again"
        clock.at += timedelta(seconds=5)
        later = await in_file.keep("find", {"n": 10})
        assert await stored(tmp_path) == {*keys, last, later}
        assert in_file._unstored == {}

    async def test_a_locked_file_is_waited_for_once(self, tmp_path: Path, in_file: CommunityDatabase) -> None:
        waited: list[str] = []
        await in_file._store._connection.set_trace_callback(waited.append)
        with locked(tmp_path):
            await asyncio.gather(*(in_file.keep("find", {"n": number}) for number in range(20)))
        assert sum("INSERT" in sql for sql in waited) == 1

    async def test_what_was_kept_in_memory_is_stored_at_the_end(self, tmp_path: Path, clock: Clock) -> None:
        in_file = await CommunityDatabase.open(tmp_path, now=clock)
        with locked(tmp_path):
            key = await in_file.keep("find", {"n": 1})
        await in_file.close()
        assert await stored(tmp_path) == {key}

    async def test_memory_is_bounded(
        self, tmp_path: Path, in_file: CommunityDatabase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bot.app.community.database, "MOST_UNSTORED", 5)
        with locked(tmp_path):
            keys = [await in_file.keep("find", {"n": number}) for number in range(9)]
        assert list(in_file._unstored) == keys[4:]

    async def test_a_full_disk_keeps_nobody_from_asking(self, in_file: CommunityDatabase) -> None:
        await fill_disk(in_file)
        keys = [await in_file.keep("find", {"n": number, "words": "x" * 9000}) for number in range(9)]
        assert await in_file.kept("find", keys[8]) == {"n": 8, "words": "x" * 9000}

    async def test_what_must_be_stored_says_why_it_is_not(
        self, tmp_path: Path, in_file: CommunityDatabase
    ) -> None:
        with locked(tmp_path), pytest.raises(CommunityUnavailable) as refused:
            await in_file.set_server(1, default_source="Northlight")
        assert refused.value.problem == "locked"
        assert await in_file.server(1) == ServerSettings(), "and nobody is told otherwise"
        await fill_disk(in_file)
        with pytest.raises(CommunityUnavailable) as full:
            await in_file.set_server(1, default_source="x" * 9000)
        assert full.value.problem == "disk full"
        await in_file._store._connection.execute("PRAGMA max_page_count = 1000000")
        await in_file.set_server(1, default_source="Northlight")
        assert await in_file.server(1) == ServerSettings("Northlight")

    async def test_a_file_that_is_locked_at_the_start_is_opened_all_the_same(self, tmp_path: Path) -> None:
        first = await CommunityDatabase.open(tmp_path)
        await first.set_moderating(7, is_open=True)
        await first.close()
        with locked(tmp_path):
            second = await CommunityDatabase.open(tmp_path)
            assert await second.moderating() == {7}
            await second.close()

    async def test_settings_that_cannot_be_read_are_the_defaults_for_a_question_alone(
        self, in_file: CommunityDatabase
    ) -> None:
        await in_file._store.write("DROP TABLE server")
        assert await in_file.server_or_default(1) == ServerSettings()
        with pytest.raises(CommunityUnavailable):
            await in_file.server(1)


async def stored(state: Path) -> set[str]:
    """Keys that are on the disk."""
    with closing(sqlite3.connect(state / DATABASE_FILE)) as other:
        return {key for (key,) in other.execute("SELECT key FROM kept")}


async def test_messages_of_jobs_outlive_the_program_until_they_are_closed(
    tmp_path: Path, community_address: str | None
) -> None:
    message = JobMessage("token", 2**62, "de")
    first = await CommunityDatabase.open(tmp_path, address=community_address)
    ended, running = await first.job_log.started("reindex"), await first.job_log.started("reindex")
    for job in (ended, running):
        await first.job_log.show_message(job, message)
    await first.job_log.ended(ended, "done")
    await first.job_log.close_message(ended)
    await first.close()
    second = await CommunityDatabase.open(tmp_path, address=community_address)
    [(job, same)] = await second.job_log.unclosed_messages()
    assert (job.id, job.outcome, same) == (running, "interrupted", message)
    await second.job_log.close_message(running)
    assert await second.job_log.unclosed_messages() == []
    await second.close()
