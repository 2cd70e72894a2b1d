"""A channel that cannot be told is told of nothing more: at once where it is gone, else as long as is fair."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.app.community import CommunityDatabase
from bot.app.community.outbox import Kind, OutMessage, put_message
from bot.app.outbox_sender import GoalClosed, OutboxSender

from .conftest import Clock

CHANNEL, OTHER = 5, 6


@pytest_asyncio.fixture
async def community(
    tmp_path: Path, clock: Clock, community_address: str | None
) -> AsyncIterator[CommunityDatabase]:
    """A database in which two channels have an alert, a digest and a followed source each."""
    opened = await CommunityDatabase.open(tmp_path / "state", address=community_address, now=clock)
    for number in (CHANNEL, OTHER):
        await opened.alerts.add(0, "topic", "keys", side=None, channel=number)
        await opened.digests.set(number, number, [])
        await opened.follows.add("feed", f"https://lantern.example/{number}.xml", channel=number)
    yield opened
    await opened.close()


class Shut:
    """Channels that take nothing."""

    def __init__(self, *, is_gone: bool) -> None:
        self.is_gone = is_gone

    async def find(self, message: OutMessage) -> int | None:
        return None

    async def send(self, message: OutMessage) -> int:
        raise GoalClosed("HTTP 404" if self.is_gone else "HTTP 403", is_gone=self.is_gone)


async def told_in(community: CommunityDatabase) -> set[tuple[str, int]]:
    """What tells which channel."""
    alerts, follows = await community.alerts.all(), await community.follows.all()
    digests = [await community.digests.get(number) for number in (CHANNEL, OTHER)]
    return {
        *(("alert", alert.channel) for alert in alerts if alert.channel),
        *(("digest", digest.channel) for digest in digests if digest),
        *(("episode", each.channel) for follow, _ in follows for each in follow.followers if each.channel),
    }


async def first_end(
    community: CommunityDatabase, clock: Clock, kind: Kind, *, is_gone: bool
) -> tuple[int, set[tuple[str, int]]]:
    """Send a message of a kind for some days; return the day on which something ends, and what does."""
    async with community._store.transaction() as connection:
        await put_message(connection, kind, "x", to="channel", to_id=CHANNEL, payload={}, now=clock())
    had = await told_in(community)
    sender = OutboxSender(
        community.outbox, Shut(is_gone=is_gone), pace_s=0.0, now=clock, closed=community.close_channel
    )
    for day in range(10):
        await sender.round()
        if ended := had - await told_in(community):
            return day, ended
        clock.on(timedelta(days=1))
    return -1, set()


@pytest.mark.parametrize(
    ("kind", "is_gone", "day"),
    [
        ("alert", True, 0),
        ("digest", True, 0),
        ("episode", True, 0),
        ("alert", False, 0),
        ("digest", False, 8),
        ("episode", False, 8),
    ],
)
async def test_what_tells_a_channel_ends_where_that_is_gone_or_stays_closed(
    community: CommunityDatabase, clock: Clock, kind: Kind, is_gone: bool, day: int
) -> None:
    assert await first_end(community, clock, kind, is_gone=is_gone) == (day, {(kind, CHANNEL)})
    [(told, _)] = await community.outbox.troubles()
    assert (told.kind, told.state) == (kind, "refused")
    assert await community.outbox.n_waiting() == 0
    clock.on(timedelta(days=8))
    assert await community.outbox.troubles() == [], "moderators are shown it for a week"
