"""The community database is locked or its disk full: members are answered all the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.app.community import DATABASE_FILE
from bot.discord.client import CounterpointClient
from bot.discord.context import Context

QUERY = "people and machines at work"


@pytest.fixture
def locked(context: Context, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection that holds the file."""
    with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield other


async def test_members_are_answered_with_buttons_that_work(
    guild: Any, bot: CounterpointClient, locked: sqlite3.Connection
) -> None:
    ada = guild.add_member("Ada")
    found = await ada.slash("find", query=QUERY)
    assert "Something went wrong" not in found.text
    assert (await ada.press(found, label="Other side")).updated
    assert "stands" in (await ada.slash("spectrum")).text
    card = await ada.slash("episode", episode="Tove Kassabian")
    reading = await ada.select(card, None, ["3"])
    assert "confidence" in reading.text
    vote = await ada.press(reading, label="The reading fits")
    assert "another program keeps the database locked" in vote.followups[0].text
    locked.rollback()
    assert (await ada.press(reading, label="The reading fits")).updated


async def test_a_full_disk_is_said_where_something_must_be_stored(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    await context.community._store._connection.execute("PRAGMA max_page_count = 1")
    ada = guild.add_member("Ada")
    assert (await ada.slash("find", query=QUERY)).labels
    reading = await ada.select(await ada.slash("episode", episode="Tove Kassabian"), None, ["3"])
    said = await ada.press(reading, label="The reading fits")
    assert "the disk is full" in said.followups[0].text
