"""Two bots in processes of their own answer the shards of one application over one PostgreSQL database."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from discord_loopback.server import LoopbackDiscord
from discord_loopback.world import PATIENCE_S
from indexed_sample import ROOT
from postgres_server import PostgresServer
from waiting import until

from bot.app.community import CommunityDatabase
from bot.app.community.alert_tables import A_WEEK, Hit
from bot.app.community.outbox import put_message
from bot.app.settings import Settings
from index.library.episodes import slugs

RUN = """
from bot.app.settings import Settings
from bot.discord import runner
from bot.i18n.message_catalogue import MessageCatalogue

runner._ELECTED_EVERY_S = 0.3
runner.run(Settings(_env_file=None), MessageCatalogue.load())
"""
TOPIC = "people and machines at work"
N_ANNOUNCED = 4


@asynccontextmanager
async def bot_process(
    discord: LoopbackDiscord, sample: Settings, state: Path, address: str, shards: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A whole bot with a state folder of its own; killed at the end if it still runs."""
    shutil.copytree(
        sample.state_folder, state, copy_function=os.link, ignore=shutil.ignore_patterns("lock", "CURRENT")
    )
    shutil.copy(sample.state_folder / "editions" / "CURRENT", state / "editions" / "CURRENT")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RUN,
        env={
            **os.environ,
            "COUNTERPOINT_LIBRARY": str(sample.library),
            "COUNTERPOINT_STATE": str(state),
            "COUNTERPOINT_API_BASE": discord.api_base,
            "COUNTERPOINT_GATEWAY": discord.gateway_url,
            "COUNTERPOINT_COMMUNITY": address,
            "COUNTERPOINT_SHARDS": shards,
            "COUNTERPOINT_MESSAGE_PACE_S": "0.2",
            "COUNTERPOINT_QUESTION_LIMIT_S": "60",
            "DISCORD_TOKEN": discord.token,
            "PYTHONPATH": str(ROOT),
        },
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _a_week_ago() -> datetime:
    return datetime.now(UTC) - A_WEEK - timedelta(hours=1)


async def make_due(
    community: CommunityDatabase, sample: Settings, channels: dict[int, int], person: int
) -> None:
    """Make a digest of each server and an alert of a person due."""
    known = slugs(sample.library)
    await community.news.enter(known[2:])
    for server, channel in channels.items():
        await community.digests.set(server, channel, [])
    await community.news.enter(known)
    alert = await community.alerts.add(person, "topic", TOPIC, side=None, locale="en-US")
    for slug in known[:2]:
        await community.alerts.matched(slug, [Hit(alert.id, known[0], 2)] if slug == known[0] else [])


async def announce(community: CommunityDatabase, sample: Settings, channels: dict[int, int]) -> None:
    """Put announcements for each channel into the outbox."""
    async with community._store.transaction() as connection:
        for channel in channels.values():
            for slug in slugs(sample.library)[:N_ANNOUNCED]:
                await put_message(
                    connection, "episode", f"episode:{channel}:{slug}", to="channel", to_id=channel,
                    payload={"slug": slug}, now=datetime.now(UTC),
                )  # fmt: skip


@pytest.mark.usefixtures("discord_addresses")
async def test_each_answers_its_shard_and_what_must_happen_once_does_though_the_leader_is_killed(
    sample: Settings, tmp_path: Path, postgres: PostgresServer
) -> None:
    address = await postgres.fresh_address()
    async with LoopbackDiscord(acknowledge_within_s=PATIENCE_S, shards=2) as discord:
        guilds = [discord.add_guild(f"Circle {number}", shard=number) for number in (0, 1)]
        ada = guilds[0].add_member("Ada")
        ada_there = guilds[1].add_member(ada)
        channels = {guild.id: guild.channels[0].id for guild in guilds}
        before = await CommunityDatabase.open(tmp_path / "test", address=address, now=_a_week_ago)
        await make_due(before, sample, channels, ada.id)
        await before.close()
        community = await CommunityDatabase.open(tmp_path / "test", address=address)

        def told() -> Counter[int]:
            """How often the bots said something by themselves, by the number of the channel."""
            return Counter(
                message.channel.id
                for message in discord.messages
                if message.author.bot and message.interaction_metadata is None and not message.ephemeral
            )

        n_due, n_announced = len(guilds) + 1, N_ANNOUNCED * len(guilds)
        async with bot_process(discord, sample, tmp_path / "first", address, "0/2") as leading:
            await until(lambda: told().total() == n_due)  # so this one leads
            async with bot_process(discord, sample, tmp_path / "second", address, "1/2") as other:
                await discord.wait_for_bot()
                assert sorted(asked["shard"] for asked in discord.gateway.identifies) == [[0, 2], [1, 2]]
                assert TOPIC in (await ada.slash("alerts list")).text
                assert TOPIC in (await ada_there.slash("alerts list")).text
                await announce(community, sample, channels)
                await until(lambda: told().total() >= n_due + 2)
                leading.kill()
                await leading.wait()
                await until(lambda: told().total() >= n_due + n_announced)
                while await community.outbox.n_waiting():  # noqa: ASYNC110 - the database tells nobody
                    await asyncio.sleep(0.05)
                assert TOPIC in (await ada_there.slash("alerts list")).text
                assert other.returncode is None
        assert await community.outbox.troubles() == []
        await community.close()
        assert told() == {
            **dict.fromkeys(channels.values(), N_ANNOUNCED + 1),
            ada.private.id: 1,
        }
        assert not discord.violations, "\n".join(map(str, discord.violations))
