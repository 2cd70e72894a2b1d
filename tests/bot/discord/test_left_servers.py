"""A server that removes the bot keeps what it has set for a week, and no longer: nobody there could end it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from discord_loopback.people import MANAGE_GUILD, MANAGE_MESSAGES
from discord_loopback.server import LoopbackDiscord
from discord_loopback.world import PATIENCE_S

from bot.app.community import CommunityDatabase
from bot.app.community.left_server_tables import LEFT_FOR
from bot.discord.client import CounterpointClient
from bot.discord.context import Context

pytestmark = pytest.mark.both_databases

FEED, OTHER_FEED = "https://lantern.example/feed.xml", "https://lantern.example/2.xml"


async def settle(context: Context, guild: Any) -> None:
    """Let a server follow two sources, and wait for a digest and for a topic."""
    await context.community.set_moderating(guild.id, is_open=True)
    mo = guild.add_member("Mo", permissions=MANAGE_GUILD | MANAGE_MESSAGES)
    for link in (FEED, OTHER_FEED):
        await mo.slash("admin follow", link=link, channel=guild.channels[0])
    await mo.slash("admin digest", channel=guild.channels[0])
    await mo.slash("alerts add", topic="who holds the keys", channel=guild.channels[0])
    await mo.press(await mo.slash("admin missing"), label="Count questions")


async def set_by(community: CommunityDatabase, server: int) -> set[str]:
    """What there is of a server."""
    follows, alerts = await community.follows.all(), await community.alerts.all()
    there = {
        "followings": any(follow.follower(server) for follow, _ in follows),
        "digest": await community.digests.get(server),
        "alert": [alert for alert in alerts if alert.channel is not None],
        "moderation": server in await community.moderating(),
        "questions": await community.unanswered.counted_since(server),
    }
    return {name for name, is_there in there.items() if is_there}


async def entered(context: Context, *servers: int) -> None:
    """Wait until these servers are entered as left, and no other."""
    async with asyncio.timeout(PATIENCE_S):
        while await left(context) != [*servers]:  # noqa: ASYNC110 - the database tells nobody of a change
            await asyncio.sleep(0.01)


async def left(context: Context) -> list[int]:
    found = await context.community._store.rows("SELECT server FROM left_server ORDER BY server")
    return [row["server"] for row in found]


def later(context: Context, more: timedelta) -> None:
    now = context.community._now
    for tables in (context.community, context.community.left_servers):
        tables._now = lambda: now() + more


async def test_what_a_server_has_set_ends_a_week_after_it_removed_the_bot(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    community, other = context.community, loopback.add_guild()
    await settle(context, guild)
    await community.follows.join("feed", FEED, server=other.id)
    everything = await set_by(community, guild.id)
    assert everything == {"followings", "digest", "alert", "moderation", "questions"}
    guild.remove_bot()
    await entered(context, guild.id)
    later(context, LEFT_FOR - timedelta(minutes=1))
    await bot.forget_left_servers()
    assert await set_by(community, guild.id) == everything, "whoever invites it anew finds all as it was"
    later(context, timedelta(minutes=2))
    await bot.forget_left_servers()
    assert await set_by(community, guild.id) == set()
    [(follow, _)] = await community.follows.all()
    assert [follower.server for follower in follow.followers] == [other.id]
    [told] = await community.outbox.due()
    assert told.kind == "alerts_ended", "who set the alert is told"


async def test_a_server_that_invites_the_bot_again_keeps_what_it_has_set(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    await settle(context, guild)
    guild.remove_bot()
    await entered(context, guild.id)
    guild.invite_bot()
    await entered(context)
    later(context, LEFT_FOR * 2)
    await bot.forget_left_servers()
    assert "followings" in await set_by(context.community, guild.id)


async def test_a_removal_while_the_bot_does_not_run_is_noticed_by_the_only_bot_of_a_database(
    loopback: LoopbackDiscord, guild: Any, start: Any, context: Context
) -> None:
    loopback.add_guild()
    async with start():
        await settle(context, guild)
    await loopback.wait_for_bot_gone()
    guild.remove_bot()
    async with start() as bot:
        await bot.wait_until_ready()
        await bot.on_ready()
        assert await left(context) == ([] if context.community.is_shared else [guild.id])
        later(context, LEFT_FOR + timedelta(minutes=1))
        await bot.forget_left_servers()
        is_kept = await set_by(context.community, guild.id) != set()
        assert is_kept is context.community.is_shared, "another bot's servers are not this one's to judge"
