"""A drill: the bot follows a podcast, fetches, indexes and announces, while it is killed again and again (SIGKILL).

    PYTHONPATH=.:tests python bench/following_drill.py [--kills 200] [--seed N] [--minutes M] [--whole] [--log FILE]

The feed, its transcripts and Discord are loopback servers in this process; the bot is a process of its own, composed as
``counterpoint bot`` composes it, but for an encoder without a model and short pauses. It is forked from a process that
has imported everything, and parses and indexes in its own process, so that a kill meets the steps of following rather
than an import; with ``--whole`` it is started anew each time, and parses and indexes in processes of their own.
A new episode is published whenever the last one was announced, now and then two or three. The bot is killed after a
random time, drawn between 0 and about the length of a whole round. At the end it is left alone until all is announced.
Exits with 1 where an episode was announced twice or not at all, or one that is older than the following.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from discord_loopback.server import LoopbackDiscord
from small_web import Plays, SmallWeb, any_port, is_loopback

from bot.app.community import follows_in
from bot.app.jobs import environment_of
from bot.app.settings import Settings
from bot.i18n.message_catalogue import MessageCatalogue

OLD = 3
STEPS = ("listed", "adding", "added", "done", "waiting", "sending", "sent")


async def bot(*, is_whole: bool) -> None:
    """Run the bot until it is killed.

    Args:
        is_whole: whether it parses and indexes in processes of their own.
    """
    from small_library import make_opener  # noqa: PLC0415 - only the bot's own process needs it

    from bot.app import jobs  # noqa: PLC0415
    from bot.app.community.polling_schedule import LOOK_EVERY  # noqa: PLC0415
    from bot.app.service import LocalLibraryService  # noqa: PLC0415
    from bot.discord.runner import composed, serve  # noqa: PLC0415
    from index.library.sources import WebAndFolderSources, YouTubeSource  # noqa: PLC0415

    settings = Settings()
    every: Any = LOOK_EVERY
    every["feed"] = every["feed"] / 3600
    sources = WebAndFolderSources(
        YouTubeSource(), settings.state_folder / "followed", is_allowed=is_loopback, ports=any_port
    )
    service = LocalLibraryService(make_opener(settings.state_folder))
    command = [sys.executable, __file__, "--index"]
    real = jobs.Jobs.__init__

    def indexed_here(self: Any, community: Any, settings: Any, **_: Any) -> None:
        real(self, community, settings, command=command)

    jobs._NICENESS = 0  # on a machine that others use, too, an index would take minutes
    if is_whole:
        jobs.Jobs.__init__ = indexed_here  # type: ignore[method-assign]
    else:
        _do_all_here(settings)
    async with composed(settings, MessageCatalogue.load(), service=service, sources=sources) as client:
        assert settings.token is not None
        await serve(client, settings.token.get_secret_value(), asyncio.Event())


def _do_all_here(settings: Settings) -> None:
    """Let this process index and parse by itself."""
    from small_library import SmallLibrary  # noqa: PLC0415

    from bot.app import jobs  # noqa: PLC0415
    from bot.app.source_poller import SourcePoller  # noqa: PLC0415
    from index.library.ingest import parse_bytes  # noqa: PLC0415

    class Here:
        async def report(self) -> str:
            library = SmallLibrary(settings.library.parent)
            library.library, library.state = settings.library, settings.state_folder
            return await library.build()

    async def reindex(*_: Any, **__: Any) -> Here:
        return Here()

    async def parse(data: bytes, name: str, *, sidecars: Any) -> Any:
        return parse_bytes(data, name, sidecars=sidecars)

    jobs.Jobs.reindex = reindex  # type: ignore[assignment, method-assign]
    (SourcePoller.__init__.__kwdefaults__ or {})["parse"] = parse


def zygote() -> None:
    """Import everything, then fork a bot for each line of the standard input, and print its number."""
    import requests  # noqa: F401, PLC0415
    import small_library  # noqa: F401, PLC0415

    import bot.app.community.follow_tables  # noqa: PLC0415
    import bot.app.service  # noqa: PLC0415
    import bot.discord.runner  # noqa: F401, PLC0415
    import index.library.sources  # noqa: F401, PLC0415

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that nobody has to wait for them
    for _ in sys.stdin:
        number = os.fork()
        if number == 0:
            os.setsid()
            try:
                asyncio.run(bot_alone())
            finally:
                os._exit(1)
        print(number, flush=True)


async def bot_alone() -> None:
    """Run a bot that does everything in its own process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    await bot(is_whole=False)


async def index() -> None:
    """Build an edition with an encoder that has no model; print as ``counterpoint index --progress-json`` does."""
    from small_library import SmallLibrary  # noqa: PLC0415

    settings = Settings()
    library = SmallLibrary(settings.library.parent)
    library.library, library.state = settings.library, settings.state_folder
    print(f'{{"report": {{"edition": "{await library.build()}"}}}}', flush=True)


class Podcast:
    """The feed as it grows."""

    def __init__(self, web: SmallWeb, seed: int) -> None:
        self._web = web
        self._draw = random.Random(seed)
        self.n_episodes = 0
        self.publish(OLD)

    def publish(self, n: int) -> None:
        """Publish ``n`` episodes: their transcripts first, then the feed that names them."""
        for _ in range(n):
            self.n_episodes += 1
            number = self.n_episodes
            lines = " ".join(
                self._draw.choices("dam river school hope danger valley lantern keys".split(), k=60)
            )
            cues = [f"00:{m:02}:00.000 --> 00:{m:02}:50.000\n{lines} {number} {m}." for m in range(4)]
            body = ("WEBVTT\n\n" + "\n\n".join(cues) + "\n").encode()
            self._web.pages[f"/{number}.vtt"] = Plays(body, kind="text/vtt")
        items = "".join(
            f"<item><title>Evening {number}</title><guid>evening-{number}</guid>"
            f"<link>{self._web.url(f'/{number}')}</link><pubDate>{format_datetime(datetime.now(UTC))}</pubDate>"
            f'<podcast:transcript url="{self._web.url(f"/{number}.vtt")}" type="text/vtt"/></item>'
            for number in range(self.n_episodes, 0, -1)
        )
        feed = (
            '<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>'
            f"<title>The Lantern Room</title>{items}</channel></rss>"
        )
        self._web.pages["/feed"] = Plays(
            feed.encode(), kind="application/rss+xml", headers={"ETag": f'"{self.n_episodes}"'}
        )


class FollowingDrill:
    """The bot's process, and what was announced."""

    def __init__(
        self, server: LoopbackDiscord, channel: Any, environment: dict[str, str], log: Any, *, is_whole: bool
    ) -> None:
        self._server, self._channel, self._environment, self._log = server, channel, environment, log
        self._is_whole = is_whole
        self._process: asyncio.subprocess.Process | None = None
        self._zygote: asyncio.subprocess.Process | None = None
        self._number = 0

    def announced(self) -> Counter[str]:
        """How often each episode was announced, by its slug."""
        found: Counter[str] = Counter()
        for message in self._server.messages:
            if message.channel is self._channel and message.author.bot:
                found[next(b["custom_id"].split(":")[1] for b in message.buttons if "custom_id" in b)] += 1
        return found

    async def start(self) -> None:
        """Start the bot in a process group of its own."""
        if self._is_whole:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, __file__, "--bot", env=self._environment, stdout=self._log, stderr=self._log,
                start_new_session=True,
            )  # fmt: skip
            self._number = self._process.pid
            return
        if self._zygote is None:
            self._zygote = await asyncio.create_subprocess_exec(
                sys.executable, __file__, "--zygote", env=self._environment, stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE, stderr=self._log,
            )  # fmt: skip
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        self._zygote.stdin.write(b"start\n")
        self._number = int(await self._zygote.stdout.readline())

    async def kill(self) -> None:
        """Kill the bot and all its children, in the middle of whatever they do."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._number, signal.SIGKILL)
        if self._process is not None:
            await self._process.wait()
            return
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.kill(self._number, 0)
                await asyncio.sleep(0.005)

    async def close(self) -> None:
        """End the process that bots are forked from."""
        if self._zygote is not None:
            self._zygote.kill()
            await self._zygote.wait()

    async def all_announced(self, n: int, *, within_s: float) -> bool:
        """Wait until ``n`` episodes were announced."""
        deadline_s = time.monotonic() + within_s
        while len(self.announced()) < n:
            if time.monotonic() > deadline_s:
                return False
            await asyncio.sleep(0.05)
        return True


async def state_of(state: Path) -> Counter[str]:
    """What the database says is on its way: episodes by state."""
    found: Counter[str] = Counter()
    with contextlib.suppress(Exception):
        async with follows_in(state) as (tables, _):
            for table, states in (("followed_episode", STEPS[:3]), ("outbox", STEPS[4:6])):
                counted = f"SELECT state, count(*) AS n FROM {table} GROUP BY state"
                for row in await tables._store.rows(counted):
                    if row["state"] in states:
                        found[row["state"]] += row["n"]
    return found


async def drill(told: argparse.Namespace) -> bool:
    """Run the drill, print what came of it, and return True if nothing was lost or doubled."""
    draw = random.Random(told.seed)
    print(f"seed {told.seed}, {told.kills} kills")
    with (
        tempfile.TemporaryDirectory(dir=told.work) as scratch,
        SmallWeb() as web,
        told.log.open("wb") as log,
    ):
        folder = Path(scratch)
        (folder / "library").mkdir()
        podcast = Podcast(web, told.seed)
        async with LoopbackDiscord() as server:
            guild = server.add_guild()
            channel = guild.channels[0]
            settings = Settings(library=folder / "library", state=folder / "state")
            environment = {
                **environment_of(settings),
                "COUNTERPOINT_API_BASE": server.api_base, "COUNTERPOINT_GATEWAY": server.gateway_url,
                "DISCORD_TOKEN": server.token, "COUNTERPOINT_FETCH_PAUSE_S": "0.05",
                "COUNTERPOINT_MESSAGE_PACE_S": "0.05",
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            }  # fmt: skip
            async with follows_in(settings.state_folder) as (tables, _):
                await tables.add("feed", web.url("/feed"), channel=channel.id)
            run = FollowingDrill(server, channel, environment, log, is_whole=told.whole)
            try:
                return await _killed(run, podcast, settings, draw, told)
            finally:
                await run.close()


async def _killed(
    run: FollowingDrill, podcast: Podcast, settings: Settings, draw: random.Random, told: Any
) -> bool:
    began_s = time.monotonic()
    await run.start()
    while not (settings.state_folder / "editions" / "CURRENT").exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.1)
    podcast.publish(1)
    await run.all_announced(1, within_s=600)
    await run.kill()
    podcast.publish(1)
    round_began_s = time.monotonic()
    await run.start()
    await run.all_announced(2, within_s=600)
    round_s = time.monotonic() - round_began_s
    await run.kill()
    interrupted: Counter[str] = Counter()
    window_s, n_announced, n_in_vain = 1.1 * round_s, 2, 0
    n_kills = 0
    for number in range(told.kills):
        if time.monotonic() - began_s > 60 * told.minutes:
            break
        n_kills += 1
        if len(run.announced()) == podcast.n_episodes - OLD:
            podcast.publish(draw.choice((1, 1, 1, 2, 3)))
        await run.start()
        is_all = asyncio.create_task(run.all_announced(podcast.n_episodes - OLD, within_s=600))
        # Up to a moment after the last announcement: the kill may meet its entry in the database, too.
        await asyncio.wait({is_all}, timeout=draw.uniform(0.0, window_s))
        await asyncio.sleep(draw.uniform(0.0, 0.2) if is_all.done() else 0.0)
        await run.kill()
        is_all.cancel()
        met = await state_of(settings.state_folder)
        interrupted.update(met.keys() or ["nothing under way"])
        # A machine that others use, too, is quick at one time and slow at another.
        n_in_vain = n_in_vain + 1 if len(run.announced()) == n_announced else 0
        n_announced = len(run.announced())
        if n_in_vain == 5:
            window_s, n_in_vain = 1.5 * window_s, 0
        elif n_in_vain == 0:
            window_s = max(1.1 * round_s, 0.9 * window_s)
        if (number + 1) % 20 == 0:
            print(f"  {number + 1} kills, {sum(run.announced().values())} announced", flush=True)
    await run.start()
    await run.all_announced(podcast.n_episodes - OLD, within_s=600)
    await asyncio.sleep(round_s)
    await run.kill()
    announced = run.announced()
    wanted = {f"evening-{number}" for number in range(OLD + 1, podcast.n_episodes + 1)}
    lost, doubled = wanted - announced.keys(), [slug for slug, n in announced.items() if n > 1]
    flooded = announced.keys() - wanted
    print(f"one round undisturbed, the start of the program included: {round_s:.1f} s")
    print(f"{len(wanted)} new episodes, {n_kills} kills, {time.monotonic() - began_s:.0f} s in all")
    print(
        "kills with something under way, by what it was: "
        + ", ".join(f"{s} {n}" for s, n in interrupted.most_common())
    )
    print(f"lost {len(lost)}, doubled {len(doubled)}, older than the following and announced {len(flooded)}")
    return not lost and not doubled and not flooded


if __name__ == "__main__":
    if sys.argv[1:] == ["--bot"]:
        asyncio.run(bot(is_whole=True))
        sys.exit()
    if sys.argv[1:] == ["--zygote"]:
        zygote()
        sys.exit()
    if sys.argv[1:] == ["--index"]:
        asyncio.run(index())
        sys.exit()
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    asked.add_argument(
        "--whole", action="store_true", help="start, parse and index in processes of their own"
    )
    asked.add_argument("--minutes", type=float, default=240.0, help="no further kill after so many")
    asked.add_argument("--work", type=Path, default=None)
    asked.add_argument("--log", type=Path, default=Path(os.devnull))
    sys.exit(0 if asyncio.run(drill(asked.parse_args())) else 1)
