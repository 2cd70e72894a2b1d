"""Questions in vain are counted where moderators want it, never by whom, and for 30 days."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest_asyncio

from bot.app.community import CommunityDatabase
from bot.app.community.unanswered_tables import LONGEST, MOST_KEPT, UNANSWERED_KEPT_FOR, Unanswered

from .conftest import Clock


@pytest_asyncio.fixture
async def opened(
    tmp_path: Path, clock: Clock, community_address: str | None
) -> AsyncIterator[tuple[CommunityDatabase, Clock]]:
    community = await CommunityDatabase.open(tmp_path, address=community_address, now=clock)
    yield community, clock
    await community.close()


async def test_nothing_is_counted_before_moderators_want_it_nor_after(
    opened: tuple[CommunityDatabase, Clock],
) -> None:
    tables = opened[0].unanswered
    await tables.note(5, "bees")
    assert await tables.counted_since(5) is None
    assert await tables.most_asked(5) == []
    await tables.set_on(5, is_on=True)
    for question in ("Bees", "bees ", "wasps", "bees"):
        await tables.note(5, question)
    await tables.note(6, "ants")
    assert await tables.most_asked(5) == [Unanswered("bees", 3), Unanswered("wasps", 1)]
    assert await tables.most_asked(6) == []
    await tables.set_on(5, is_on=False)
    await tables.set_on(5, is_on=True)
    assert await tables.most_asked(5) == [], "what was counted is forgotten"


async def test_what_is_old_and_what_is_too_much_is_forgotten(opened: tuple[CommunityDatabase, Clock]) -> None:
    community, clock = opened
    tables = community.unanswered
    await tables.set_on(5, is_on=True)
    await tables.note(5, "old")
    clock.at += UNANSWERED_KEPT_FOR + timedelta(hours=1)
    assert await tables.most_asked(5) == []
    for number in range(MOST_KEPT + 5):
        clock.at += timedelta(seconds=1)
        await tables.note(5, f"question {number}")
    await tables.note(5, "x" * 1000)
    await community.prune()
    kept = await tables.most_asked(5, limit=10_000)
    assert len(kept) == MOST_KEPT
    words = {entry.words for entry in kept}
    assert "old" not in words
    assert "question 0" not in words
    assert "x" * LONGEST in words
