"""Run the bot: make its parts, start the client, watch it, and end all of it in order."""

import asyncio
import faulthandler
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from itertools import chain, count, repeat
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.http import Route

from bot.app.admin_servers import AdminServers
from bot.app.community import CommunityDatabase, CommunityUnavailable
from bot.app.followed_recordings import make_followed_recordings
from bot.app.health import HealthMonitor
from bot.app.logs import set_up_logs
from bot.app.notifications import Notifications
from bot.app.outbox_sender import OutboxSender
from bot.app.service import LibraryService
from bot.app.settings import Settings
from bot.app.source_poller import SourcePoller, answered_slugs
from bot.app.state_lock import state_lock
from bot.app.status_server import HOST, StatusServer
from bot.app.watchdog import Watchdog, notify
from bot.discord.client import CounterpointClient, make_client
from bot.discord.context import Context, end_within
from bot.discord.errors import UNREACHABLE
from bot.discord.features.admin import close_messages
from bot.discord.messenger import DiscordMessenger
from bot.discord.prometheus_gauges import add_gauges, stored_figures
from bot.i18n.message_catalogue import MessageCatalogue
from bot.pages.server import AddressTaken, serving
from bot.web import make_web_app
from index.library.sources import EpisodeSources, TranscriptSource
from scoring.errors import CodedError, typed_fields

PERMISSIONS = discord.Permissions.none()
"""What the bot needs in a server: nothing. Answers to interactions may always embed and attach, pictures too."""

SCOPES = ("bot", "applications.commands")

ENDS_WITHIN_S = 10.0
"""After being asked to stop, the process ends in this time, whatever hangs."""

ANSWERS_WITHIN_S = 5.0
"""After being asked to stop: what is being answered by then has been, or is given up."""

PRUNES_EVERY_S = 24 * 3600.0
"""So often what is over its time is forgotten, however little happens: members are told for how long it is kept."""

_EACH_ENDS_WITHIN_S = 1.0
_REACHED_WITHIN_S = 30.0
_REACHED_AGAIN_AFTER_S = (5.0, 10.0, 20.0, 40.0, 60.0)
_ELECTED_EVERY_S = 20.0
_OWN_QUESTION = "is anybody there {number}"

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


@typed_fields
class DiscordUnreachable(RunError):
    """Discord does not answer; ``cause`` is the name of the network's error."""

    code = "discord_unreachable"
    cause: str


@typed_fields
class DiscordRefused(RunError):
    """Discord answers with an error; ``status`` is its HTTP status."""

    code = "discord_refused"
    status: int


@typed_fields
class CommandsRefused(RunError):
    """Discord does not take the commands; ``problem`` is its own list of what is wrong with them, in one line."""

    code = "commands_refused"
    problem: str


def run(settings: Settings, catalogue: MessageCatalogue) -> None:
    """Run the bot until SIGTERM or SIGINT; then finish what is being answered and end, within ``ENDS_WITHIN_S``.

    A process whose event loop stands still is ended by ``bot.app.watchdog``, and so is one that does not end in time
    after this function: call it last.

    Raises:
        RunError, StateInUse, StorageError, CommunityDamaged, CommunityUnavailable: it cannot run.
        AnsweringStopped: it cannot run on.
    """
    faulthandler.enable()  # so that a crash and systemd's SIGABRT leave the stacks in the log
    asyncio.run(_until_signal(settings, catalogue, Watchdog()))


def invite(settings: Settings) -> str:
    """Return the link that invites the bot into a server, with exactly the permissions that it needs.

    Raises:
        TokenMissing, TokenRefused, DiscordUnreachable, DiscordRefused: whose bot it is cannot be told.
    """
    # discord.py warns of intents and of voice; a link needs neither.
    logging.getLogger("discord").setLevel(logging.ERROR)
    return asyncio.run(_invite(settings))


@asynccontextmanager
async def composed(
    settings: Settings,
    catalogue: MessageCatalogue,
    *,
    source: TranscriptSource | None = None,
    service: LibraryService | None = None,
    sources: EpisodeSources | None = None,
    **options: Any,
) -> AsyncIterator[CounterpointClient]:
    """Make the client with all its parts; they are closed when the block ends.

    Args:
        settings: of whoever runs the bot.
        catalogue: every sentence.
        source: where videos' transcripts come from; YouTube if None.
        service: what answers; worker processes over the published edition if None.
        sources: what lists and fetches followed episodes; the web if None.
        options: of the discord.py client.

    Raises:
        StateInUse, StorageError: another bot or a restore uses the state folder, or it cannot be written.
        CommunityDamaged, CommunityUnavailable: the community database cannot be opened.
    """
    with state_lock(settings.state_folder):
        async with Context.open(
            settings, catalogue, source=source, service=service, sources=sources
        ) as context:
            await _log_admin_servers(context)
            async with _pages(context):
                yield make_client(context, **options)


async def serve(client: CounterpointClient, token: str, stop: asyncio.Event) -> None:
    """Answer until ``stop`` is set; then finish what is being answered.

    Raises:
        TokenRefused, CommandsRefused, DiscordUnreachable, DiscordRefused: the client cannot begin.
        AnsweringStopped: the bot does not answer any more.
    """
    context = client.context
    await client.__aenter__()  # binds it to the loop: what waits for it begins before it has logged in
    numbers = count(1)
    monitor = HealthMonitor(
        context.settings.state_folder,
        lambda: _is_connected(client),
        lambda: context.limiter.ask(
            lambda: context.answerer.find(_OWN_QUESTION.format(number=next(numbers)), n_passages=1)
        ),
        n_answered=lambda: context.metrics.stage_seconds.count("answer"),
    )
    started = asyncio.create_task(_start(client, token))
    warm = asyncio.create_task(_warm(context))
    asking = asyncio.create_task(monitor.ask())
    alive = asyncio.create_task(monitor.beat())
    growing = asyncio.create_task(_grow(client))
    told = asyncio.create_task(_tell_status(context, monitor))
    pruning = asyncio.create_task(_prune(client))
    stopping = asyncio.create_task(stop.wait())
    tasks: set[asyncio.Task[Any]] = {started, warm, asking, alive, growing, told, pruning, stopping}
    for part in (warm, alive, growing, told, pruning):  # the bot answers without them
        part.add_done_callback(_log_end)
    try:
        await asyncio.wait({started, asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            await context.finish(within_s=ANSWERS_WITHIN_S)
        for over in (started, asking):
            if over.done():
                over.result()
    finally:
        for task in tasks - {started}:
            task.cancel()
        await end_within(_EACH_ENDS_WITHIN_S, "the connection to Discord", client.close())
        started.cancel()
        await asyncio.wait(tasks, timeout=_EACH_ENDS_WITHIN_S)


def _log_end(part: "asyncio.Task[Any]") -> None:
    """Log the error that ended a part of the bot."""
    if not part.cancelled() and (error := part.exception()) is not None:
        _log.error("a part of the bot has ended", exc_info=error)


def token_of(settings: Settings) -> str:
    """Return the token.

    Raises:
        TokenMissing: none is set.
    """
    token = settings.token.get_secret_value().strip() if settings.token is not None else ""
    if not token:
        raise TokenMissing
    return token


async def _until_signal(settings: Settings, catalogue: MessageCatalogue, watchdog: Watchdog) -> None:
    token, stop, loop = token_of(settings), asyncio.Event(), asyncio.get_running_loop()
    set_up_logs(settings.log_format)
    logging.getLogger("bot").setLevel(logging.INFO)

    def end() -> None:
        watchdog.end_within(ENDS_WITHIN_S - 0.5)
        loop.call_soon_threadsafe(stop.set)

    watching = asyncio.create_task(watchdog.watch())
    try:
        with _signals((signal.SIGTERM, signal.SIGINT), end):
            async with composed(settings, catalogue) as client:
                notify("READY=1")
                try:
                    await serve(client, token, stop)
                finally:
                    watchdog.end_within(ENDS_WITHIN_S)
                    notify("STOPPING=1")
    finally:
        watching.cancel()


@contextmanager
def _signals(numbers: Sequence[signal.Signals], react: Callable[[], None]) -> Iterator[None]:
    """Call ``react`` on signals. It runs between two instructions of the main thread, even if the loop stands still."""
    before = {number: signal.signal(number, lambda *_: react()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@asynccontextmanager
async def _pages(context: Context) -> AsyncIterator[None]:
    """Serve the pages beside the bot where a setting says so; a place that cannot be had is logged, no more."""
    settings = context.settings
    async with AsyncExitStack() as stack:
        if settings.serve is not None:
            app = make_web_app(settings, context.answerer, context.catalogue, context.web_limiter)
            host, _, port = settings.serve.rpartition(":")
            try:
                address = await stack.enter_async_context(serving(app, host, int(port)))
                _log.info("serving the pages at %s", address)
            except AddressTaken as error:
                _log.error("the pages are not served: %s", error)
        yield


def _is_connected(client: CounterpointClient) -> bool:
    """Return True if every shard has its connection; ``is_ready`` alone stays true when one is lost."""
    return client.is_ready() and not any(shard.is_closed() for shard in client.shards.values())


async def _invite(settings: Settings) -> str:
    if settings.api_base is not None:
        Route.BASE = settings.api_base.rstrip("/")
    token = token_of(settings)
    client = discord.Client(intents=discord.Intents.none())
    try:
        async with _named_failures():
            await client.login(token)
        if client.application_id is None:
            raise TokenRefused
        return discord.utils.oauth_url(client.application_id, permissions=PERMISSIONS, scopes=SCOPES)
    finally:
        await client.close()


async def _start(client: CounterpointClient, token: str) -> None:
    await _reach_discord(client.http.user_agent)
    async with _named_failures():
        await client.login(token)
        closing = asyncio.create_task(_close_messages(client))
        try:
            await client.connect()
        finally:
            closing.cancel()


async def _reach_discord(user_agent: str) -> None:
    """Wait until Discord answers: a machine may be up before its network, and no supervisor starts a bot for ever.

    The client itself cannot: a login that failed cannot be begun again.
    """
    limit, headers = aiohttp.ClientTimeout(total=_REACHED_WITHIN_S), {"User-Agent": user_agent}
    pauses = chain(_REACHED_AGAIN_AFTER_S, repeat(_REACHED_AGAIN_AFTER_S[-1]))
    async with aiohttp.ClientSession(timeout=limit, headers=headers) as session:
        for pause_s in pauses:
            try:
                async with session.get(f"{Route.BASE}/gateway") as answer:
                    if answer.status < 500:
                        return
                    problem = f"HTTP {answer.status}"
            except UNREACHABLE as error:
                problem = type(error).__name__
            _log.warning("Discord could not be reached (%s); tried again in %g s", problem, pause_s)
            await asyncio.sleep(pause_s)


async def _grow(client: CounterpointClient) -> None:
    """Work on followed sources, and send what there is to tell, as long as the bot runs.

    Of several bots that share a community database one at a time does: the one that leads. Whoever answers from a
    store and has no library cannot add to it, so it leaves that to others.
    """
    community, settings = client.context.community, client.context.settings
    if settings.store is not None and not settings.library.is_dir():
        _log.info("no library is here: another bot follows sources and tells what is new")
        return None
    while True:
        while not await _leads(community):  # noqa: ASYNC110 - nobody tells when another bot ends
            await asyncio.sleep(_ELECTED_EVERY_S)
        growing = asyncio.create_task(_grow_alone(client))
        try:
            while not growing.done() and await _leads(community):
                await asyncio.wait({growing}, timeout=_ELECTED_EVERY_S)
            if growing.done():
                return growing.result()
        finally:
            growing.cancel()
            await asyncio.wait({growing})


async def _leads(community: CommunityDatabase) -> bool:
    try:
        return await community.leads()
    except CommunityUnavailable:
        return False


async def _grow_alone(client: CounterpointClient) -> None:
    context = client.context
    poller = make_poller(context)
    sender = OutboxSender(
        context.community.outbox,
        DiscordMessenger(client),
        pace_s=context.settings.message_pace_s,
        count=context.metrics.messages.add,
        closed=context.community.close_channel,
    )

    async def send() -> None:
        await client.wait_until_ready()
        await sender.run()

    recordings = make_followed_recordings(
        context.settings, context.community.followed_episodes, context.following
    )
    async with asyncio.TaskGroup() as working:
        working.create_task(poller.run())
        if recordings is not None:
            working.create_task(recordings.run())
        working.create_task(Notifications(context.community, context.answerer).run())
        working.create_task(send())


@asynccontextmanager
async def _named_failures() -> AsyncIterator[None]:
    try:
        yield
    except discord.LoginFailure as error:
        raise TokenRefused from error
    except app_commands.CommandSyncFailure as error:
        raise CommandsRefused(problem=" ".join(str(error).split())) from error
    except discord.HTTPException as error:
        raise DiscordRefused(status=error.status) from error
    except (*UNREACHABLE, discord.GatewayNotFound) as error:
        raise DiscordUnreachable(cause=type(error).__name__) from error


async def _close_messages(client: CounterpointClient) -> None:
    """Close the messages of jobs that an earlier program left under way."""
    try:
        await close_messages(client)
    except Exception:  # what an earlier program left behind must not harm this one
        _log.exception("messages of earlier jobs stay as they are")


def make_poller(context: Context) -> SourcePoller:
    """Return what works on the followed sources, with an index built by a background job."""
    settings = context.settings

    async def index() -> None:
        await (await context.jobs.reindex(full=False, asked_by=None)).report()

    return SourcePoller(
        context.community.follows,
        context.community.followed_episodes,
        context.sources,
        settings.library,
        settings.state_folder,
        index=index,
        slugs=lambda: answered_slugs(context.answerer),
        pause_s=settings.fetch_pause_s,
        woken=context.following,
        count=context.metrics.fetches.add,
    )


async def _prune(client: CounterpointClient) -> None:
    """Forget what is over its time, again and again; beginning has done it once."""
    while True:
        await asyncio.sleep(PRUNES_EVERY_S)
        try:
            await client.context.community.prune()
            await client.forget_left_servers()
        except CommunityUnavailable as error:
            _log.warning("what is over its time stays for now: %s", error.problem)


async def _tell_status(context: Context, monitor: HealthMonitor) -> None:
    """Answer for health and figures on a port of this machine, if one is set."""
    port = context.settings.status_port
    if port is None:
        return
    add_gauges(context)
    server = StatusServer(lambda: monitor.health, context.metrics, lambda: stored_figures(context))
    async with server.listening(port) as taken:
        _log.info("health and figures on http://%s:%d/healthz, /readyz and /metrics", HOST, taken)
        await asyncio.Event().wait()


async def _warm(context: Context) -> None:
    """Open edition and model before the first question needs them."""
    try:
        facts = await context.answerer.facts()
        _log.info("answering from edition %s: %d episodes", facts.edition, facts.n_episodes)
    except CodedError as error:
        _log.warning("nothing to answer from yet: %s", error)


async def _log_admin_servers(context: Context) -> None:
    allowed = AdminServers.of(context.settings, await context.community.moderating())
    if allowed.ids:
        _log.info("/admin is taken from the servers %s", ", ".join(map(str, sorted(allowed.ids))))
    else:
        _log.warning(
            "/admin works for the owner of the Discord application alone; "
            "`/admin open` in a server, or COUNTERPOINT_MODERATED_FROM, lets its managers in"
        )
