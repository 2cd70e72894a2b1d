"""A small library, indexed once for all tests, and a bot over it at a loopback Discord."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from discord_loopback.connection import connected
from discord_loopback.driver import Person
from discord_loopback.server import LoopbackDiscord
from discord_loopback.world import PATIENCE_S
from indexed_sample import IndexedSample, SharedFolder
from milvus_server import MilvusServer
from postgres_server import A_FILE, A_SERVER, address_in
from small_library import Quiet
from waiting import LONG_S

from bot.app.community import CommunityDatabase
from bot.app.container import make_builder, make_service, make_sources, make_store
from bot.app.jobs import Jobs
from bot.app.limiter import RateLimiter, RequestLimiter
from bot.app.service import LocalLibraryService
from bot.app.settings import Settings
from bot.app.workers.pool import WorkerPool
from bot.discord.client import CounterpointClient, make_client
from bot.discord.context import Context
from bot.discord.errors import Reporter
from bot.discord.pictures import Pictures
from bot.i18n.message_catalogue import MessageCatalogue
from index.library.sources import Fetcher, YouTubeSource
from index.storage.edition import open_edition

VIDEO = "Counterp0in"

LIMITS = (
    "bot.app.container._ANSWER_LIMIT_S",
    "bot.discord.client._OWNERS_WITHIN_S",
    "bot.discord.command_declaration._WITHIN_S",
    "bot.discord.context.CLOSES_WITHIN_S",
    "bot.discord.features.admin.actions.STATUS_WITHIN_S",
    "bot.discord.features.admin.commands._FOLDER_WITHIN_S",
    "bot.discord.pipeline._SETTINGS_WITHIN_S",
    "bot.discord.runner.ANSWERS_WITHIN_S",
    "bot.discord.runner._EACH_ENDS_WITHIN_S",
    "bot.discord.runner._REACHED_WITHIN_S",
)
"""Seconds after which the bot answers without a part that is late."""

Start = Callable[..., AbstractAsyncContextManager[CounterpointClient]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the conversations of a module marked ``both_databases`` on a file and on a PostgreSQL server."""
    is_asked_for = metafunc.definition.get_closest_marker("both_databases") is not None
    if is_asked_for and "community_address" in metafunc.fixturenames:
        metafunc.parametrize("community_address", [A_FILE, A_SERVER], indirect=True)
    is_asked_for = metafunc.definition.get_closest_marker("both_stores") is not None
    if is_asked_for and "answering_settings" in metafunc.fixturenames:
        metafunc.parametrize("answering_settings", [IN_FILES, IN_STORE], indirect=True)


IN_FILES, IN_STORE = "edition in files", "edition in a store"


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bot wait for whatever is late, however busy the machine is; a test of a limit sets that one itself."""
    for name in LIMITS:
        monkeypatch.setattr(name, LONG_S)
    monkeypatch.setattr("bot.app.jobs._NICENESS", 0)  # else a real reindex hardly runs on a busy machine
    for made, limit in (
        (Pictures, "within_s"),
        (WorkerPool, "lookup_within_s"),
        (WorkerPool, "opens_within_s"),
    ):
        monkeypatch.setitem(made.__init__.__kwdefaults__, limit, LONG_S)


@pytest.fixture(scope="session")
def sample_in_store(
    milvus: MilvusServer, sample: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """The sample library's edition in a Milvus database, and a machine that has nothing else of it but the models."""
    address, state = milvus.fresh_address(), tmp_path_factory.mktemp("replica")
    (state / "models").symlink_to(sample.state_folder / "models")
    made = Settings(library=state / "none", state=state, precision=sample.precision, store=address)
    store = make_store(made)
    assert store is not None

    async def publish() -> None:
        edition = await open_edition(sample.state_folder)
        store.publish(edition)
        await edition.close()

    asyncio.run(publish())
    store.close()
    return made


@pytest.fixture
def answering_settings(request: pytest.FixtureRequest, sample: Settings) -> Settings:
    """The settings of whoever answers."""
    if getattr(request, "param", IN_FILES) == IN_FILES:
        return sample
    settings: Settings = request.getfixturevalue("sample_in_store")
    return settings


@pytest_asyncio.fixture
async def community_address(request: pytest.FixtureRequest) -> str | None:
    """Where the bot's community database is: None for a file."""
    return await address_in(request, getattr(request, "param", A_FILE))


@pytest.fixture(scope="session")
def sample(indexed_sample: IndexedSample, shared_folder: SharedFolder) -> Settings:
    """The sample library with a published edition in which one recording is a video; nobody writes to it."""

    def fill(home: Path) -> None:
        shutil.copytree(indexed_sample.library, home / "library")
        shutil.copytree(indexed_sample.state, home / "state")
        # The sample's recordings are no videos; one of them becomes one, so that a link can name it.
        about = home / "library" / "tove-kassabian-on-short-clocks" / "episode.json"
        about.write_text(json.dumps(json.loads(about.read_text("utf-8")) | {"video_id": VIDEO}), "utf-8")
        asyncio.run(make_builder(_settings(home)).build(Quiet()))

    return _settings(shared_folder.make("sample-with-a-video", fill))


def _settings(home: Path) -> Settings:
    return Settings(library=home / "library", state=home / "state")


@pytest.fixture(scope="session")
def answerers() -> dict[Path, LocalLibraryService]:
    """What answers from a state folder, by that folder. It keeps its model, which takes a while to load."""
    return {}


@pytest_asyncio.fixture
async def answerer(
    answering_settings: Settings, answerers: dict[Path, LocalLibraryService]
) -> AsyncIterator[LocalLibraryService]:
    """What knows the sample library; closed after each test, and opened anew by the next."""
    state = answering_settings.state_folder
    if state not in answerers:
        answerers[state] = make_service(answering_settings)
    yield answerers[state]
    await answerers[state].close()


@pytest_asyncio.fixture
async def context(
    answerer: LocalLibraryService, sample: Settings, tmp_path: Path, community_address: str | None
) -> AsyncIterator[Context]:
    """The parts of a bot over the sample library, with a community database of this test's own."""
    settings = sample.model_copy(update={"state": tmp_path})
    catalogue = MessageCatalogue.load()
    community = await CommunityDatabase.open(tmp_path, address=community_address)
    context = Context(
        settings=settings,
        catalogue=catalogue,
        answerer=answerer,
        community=community,
        jobs=Jobs(community, settings),
        fetcher=Fetcher(YouTubeSource()),
        reporter=Reporter(catalogue),
        sources=make_sources(settings),
        limiter=RequestLimiter(limit_s=PATIENCE_S),
    )
    yield context
    context.pictures.close()
    await community.close()


class Bot(CounterpointClient):
    """As it runs, but for discord.py's wait of 5 s before a second IDENTIFY: nobody limits us here."""

    async def before_identify_hook(self, _shard_id: int | None, *, initial: bool = False) -> None:
        """No wait."""


@asynccontextmanager
async def running(server: LoopbackDiscord, context: Context, **options: Any) -> AsyncIterator[Bot]:
    """A bot at ``server``, connected; stopped at the end, as a restart would stop it."""
    settings = context.settings.model_copy(
        update={"api_base": server.api_base, "gateway": server.gateway_url}
    )
    whole = dataclasses.replace(context, settings=settings)
    make_client(whole)  # sets the addresses
    client = Bot(whole, guild_ready_timeout=0.05, **options)
    async with connected(server, client):
        yield client


@pytest_asyncio.fixture
async def bot(loopback: LoopbackDiscord, context: Context) -> AsyncIterator[Bot]:
    """A bot that runs for the whole test."""
    async with running(loopback, context) as client:
        yield client


@pytest.fixture
def start(loopback: LoopbackDiscord, context: Context) -> Start:
    """Starts a bot: ``async with start() as bot``; twice in one test is a restart."""
    return lambda **options: running(loopback, context, **options)


@pytest.fixture
def guild(loopback: LoopbackDiscord) -> Any:
    """A server."""
    return loopback.add_guild()


@pytest.fixture
def ada(guild: Any, bot: Bot) -> Person:
    """A member who may ask as quickly as she likes."""
    bot.context = dataclasses.replace(bot.context, rate_limiter=RateLimiter(burst=10_000))
    return guild.add_member("Ada")
