"""What ``counterpoint bot`` runs: the parts made, the client started, and all of it ended in order."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
from discord.http import Route

from bot.app.community import DATABASE_FILE, CommunityDamaged, CommunityDatabase
from bot.app.container import make_answerer
from bot.app.health import beat
from bot.app.jobs import Jobs
from bot.app.limiter import RequestLimiter
from bot.app.settings import Settings
from bot.discord.client import CounterpointClient, make_client
from bot.discord.context import Context
from bot.discord.features.admin import ADMIN_ITEMS, AdminContext, AdminGroup
from bot.i18n.catalogue import Catalogue
from index.errors import IndexingError
from index.library.sources import Fetcher, TranscriptSource, YouTubeSource
from index.storage import sqlite as database
from scoring.errors import CodedError

PERMISSIONS = discord.Permissions.none()
"""What the bot needs in a server: nothing. Answers to interactions may always embed and attach, pictures too."""

SCOPES = ("bot", "applications.commands")

ANSWERS_WITHIN_S = 7.0
"""After being asked to stop: what is being answered by then has been, or is given up. The rest takes two seconds."""

_ENDS_WITHIN_S = 2.0
_ANSWERING_TASKS = ("CommandTree-invoker", "discord-ui-dynamic-item")

_log = logging.getLogger(__name__)


class RunError(CodedError):
    """Base of why the bot does not run."""

    code = "running"


class TokenMissing(RunError):
    """No token is set. No fields."""

    code = "token_missing"


class TokenRefused(RunError):
    """Discord does not know the token. No fields."""

    code = "token_refused"


class DiscordUnreachable(RunError):
    """Discord does not answer, or not as it should. Fields: ``problem``."""

    code = "discord_unreachable"


def run(settings: Settings, catalogue: Catalogue) -> None:
    """Run the bot until SIGTERM or SIGINT; then finish what is being answered, within 10 s.

    Raises:
        RunError, CommunityDamaged: it cannot run.
    """
    asyncio.run(_until_signal(settings, catalogue))


def invite(settings: Settings) -> str:
    """The link that invites the bot into a server, with exactly the permissions that it needs.

    Raises:
        TokenMissing, TokenRefused, DiscordUnreachable: whose bot it is cannot be told.
    """
    return asyncio.run(_invite(settings))


@asynccontextmanager
async def composed(
    settings: Settings, catalogue: Catalogue, *, source: TranscriptSource | None = None, **options: Any
) -> AsyncIterator[CounterpointClient]:
    """The client with all its parts; they are given back when the block ends.

    Args:
        settings: what the one who runs it set.
        catalogue: every sentence.
        source: where videos' transcripts come from; YouTube if None.
        options: of the discord.py client.

    Raises:
        CommunityDamaged: the members' database cannot be opened.
    """
    state = settings.state_folder
    try:
        keeping = await CommunityDatabase.open(state)
    except (database.DatabaseError, OSError) as error:
        raise CommunityDamaged(path=str(state / DATABASE_FILE), problem=str(error)) from error
    answerer = make_answerer(settings)
    jobs = Jobs(keeping, settings)
    context = Context(
        answerer=answerer, door=RequestLimiter(), keeping=keeping, catalogue=catalogue, settings=settings
    )
    desk = AdminContext(context, jobs, Fetcher(source or YouTubeSource()))
    try:
        yield make_client(context, commands=(AdminGroup(desk),), items=ADMIN_ITEMS, **options)
    finally:
        await jobs.close()
        await answerer.close()
        await keeping.close()


async def serve(client: CounterpointClient, token: str, stop: asyncio.Event) -> None:
    """Answer until ``stop`` is set; then finish what is being answered.

    Raises:
        TokenRefused, DiscordUnreachable: the client cannot begin.
    """
    context = client.context
    started = asyncio.create_task(_start(client, token))
    alive = asyncio.create_task(beat(context.settings.state_folder, client.is_ready))
    warm = asyncio.create_task(_warm(context))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({started, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not started.done():
            await _finish(client)
        else:
            started.result()
    finally:
        for task in (alive, warm, stopping):
            task.cancel()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(client.close(), _ENDS_WITHIN_S)
        started.cancel()
        await asyncio.wait({started, alive, warm, stopping}, timeout=_ENDS_WITHIN_S)


def token_of(settings: Settings) -> str:
    """The token.

    Raises:
        TokenMissing: none is set.
    """
    token = settings.token.get_secret_value().strip() if settings.token is not None else ""
    if not token:
        raise TokenMissing
    return token


async def _until_signal(settings: Settings, catalogue: Catalogue) -> None:
    token, stop = token_of(settings), asyncio.Event()
    logging.getLogger("bot").setLevel(logging.INFO)
    async with _signals((signal.SIGTERM, signal.SIGINT), stop.set), composed(settings, catalogue) as client:
        await serve(client, token, stop)


@asynccontextmanager
async def _signals(numbers: Sequence[signal.Signals], react: Callable[[], None]) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    for number in numbers:
        loop.add_signal_handler(number, react)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def _invite(settings: Settings) -> str:
    if settings.api_base is not None:
        Route.BASE = settings.api_base.rstrip("/")
    client = discord.Client(intents=discord.Intents.none())
    try:
        async with _named_failures():
            await client.login(token_of(settings))
        if client.application_id is None:
            raise DiscordUnreachable(problem="no application")
        return discord.utils.oauth_url(client.application_id, permissions=PERMISSIONS, scopes=SCOPES)
    finally:
        await client.close()


async def _start(client: CounterpointClient, token: str) -> None:
    async with _named_failures():
        await client.start(token)


@asynccontextmanager
async def _named_failures() -> AsyncIterator[None]:
    try:
        yield
    except discord.LoginFailure as error:
        raise TokenRefused from error
    except discord.HTTPException as error:
        raise DiscordUnreachable(problem=f"HTTP {error.status}") from error
    except (aiohttp.ClientError, OSError, discord.GatewayNotFound) as error:
        raise DiscordUnreachable(problem=type(error).__name__) from error


async def _warm(context: Context) -> None:
    """Open edition and model before the first question needs them."""
    try:
        facts = await context.answerer.facts()
        _log.info("answering from edition %s: %d episodes", facts.edition, facts.n_episodes)
    except IndexingError as error:
        _log.warning("nothing to answer from yet: %s", error)


async def _finish(client: CounterpointClient) -> None:
    """Let nobody in any more, and wait for the answers that are on their way."""
    _log.info("asked to stop; %d questions are being answered", client.context.door.inside)
    group = client.tree.get_command("admin")
    ending: list[Coroutine[Any, Any, Any]] = [client.context.door.close(within_s=ANSWERS_WITHIN_S)]
    if isinstance(group, AdminGroup):
        ending.append(group.desk.jobs.close())
    answering = {
        task
        for task in asyncio.all_tasks()
        if task.get_name().startswith(_ANSWERING_TASKS) and not task.done()
    }
    tasks = {asyncio.ensure_future(one) for one in ending} | answering
    _, late = await asyncio.wait(tasks, timeout=ANSWERS_WITHIN_S)
    if late:
        _log.warning("%d answers were given up", len(late))
