"""A whole bot, composed as ``counterpoint bot`` composes it, over a copy of the sample that may be written to."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from discord_loopback.driver import Person
from discord_loopback.people import MANAGE_GUILD
from discord_loopback.server import LoopbackDiscord
from waiting import LONG_S

from bot.app.container import make_embedded_service
from bot.app.settings import Settings
from bot.discord.client import CounterpointClient
from bot.discord.runner import composed, serve
from bot.i18n.message_catalogue import MessageCatalogue
from index.library.sources import Fetched
from index.library.sources.errors import SourceError

CAPTIONS = b"""WEBVTT

00:00:00.500 --> 00:00:05.000
The lantern room is open and the keys hang on the wall.

00:00:05.500 --> 00:00:11.000
Whoever holds the keys holds the room, says the keeper.
"""


class Shelf:
    """Videos at hand: a ``TranscriptSource`` that needs no network."""

    def __init__(self) -> None:
        self.videos: dict[str, Fetched | SourceError] = {}

    def fetch(self, video_id: str, *, limit_s: float) -> Fetched:
        found = self.videos[video_id]
        if isinstance(found, SourceError):
            raise found
        return found


@dataclass
class House:
    """What a test of moderators needs at hand.

    Attributes:
        moderator: may manage ``guild``, which is named by the setting ``moderated_from``.
        member: anybody else.
        runner: the owner of the Discord application, who may manage nothing.
    """

    server: LoopbackDiscord
    settings: Settings
    shelf: Shelf
    guild: Any
    moderator: Any
    member: Any
    runner: Any
    start: Callable[[], AbstractAsyncContextManager[CounterpointClient]]

    @property
    def library(self) -> Path:
        return self.settings.library

    def held(self) -> dict[str, bytes]:
        """Every file of the library by its path, hidden folders left out."""
        return {
            str(path.relative_to(self.library)): path.read_bytes()
            for path in sorted(self.library.rglob("*"))
            if path.is_file() and not path.relative_to(self.library).parts[0].startswith(".")
        }


async def newest_answers(bot: CounterpointClient) -> None:
    """Wait until the published edition answers; a worker opens it while the older one goes on answering."""
    assert await bot.context.answerer.turn_to_newest(within_s=LONG_S)


@pytest.fixture
def house(
    request: pytest.FixtureRequest,
    loopback: LoopbackDiscord,
    sample: Settings,
    tmp_path: Path,
    community_address: str | None,
) -> House:
    """The library is answered in this process, which is there at once; by workers where a test is marked so."""
    has_workers = request.node.get_closest_marker("workers") is not None
    shutil.copytree(sample.library, tmp_path / "library")
    shutil.copytree(
        sample.state_folder,
        tmp_path / "state",
        copy_function=os.link,
        ignore=shutil.ignore_patterns("lock", "CURRENT"),
    )
    shutil.copy(sample.state_folder / "editions" / "CURRENT", tmp_path / "state" / "editions" / "CURRENT")
    guild = loopback.add_guild()
    settings = Settings(
        library=tmp_path / "library",
        state=tmp_path / "state",
        precision=sample.precision,
        api_base=loopback.api_base,
        gateway=loopback.gateway_url,
        moderated_from=(guild.id,),
        question_limit_s=60,
        community=community_address,
        _env_file=None,
    )
    shelf = Shelf()

    @asynccontextmanager
    async def start() -> AsyncIterator[CounterpointClient]:
        stop = asyncio.Event()
        async with composed(
            settings,
            MessageCatalogue.load(),
            source=shelf,
            service=None if has_workers else make_embedded_service(settings),
            guild_ready_timeout=0.05,
        ) as client:
            serving = asyncio.create_task(serve(client, loopback.token, stop))
            try:
                waiting = asyncio.create_task(loopback.wait_for_bot())
                await asyncio.wait({waiting, serving}, return_when=asyncio.FIRST_COMPLETED)
                if serving.done():
                    waiting.cancel()
                    await serving
                await waiting
                await client.wait_until_ready()
                await client.context.answerer.facts()  # so the library is open
                yield client
            finally:
                stop.set()
                await serving

    return House(
        loopback,
        settings,
        shelf,
        guild,
        guild.add_member("Moira", permissions=MANAGE_GUILD),
        guild.add_member("Mel"),
        guild.add_member(Person(loopback.world, loopback.world.owner, guild.guild)),
        start,
    )


@pytest_asyncio.fixture
async def bot(house: House) -> AsyncIterator[CounterpointClient]:
    async with house.start() as client:
        yield client
