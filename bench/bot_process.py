"""The real bot, in a process of its own, at a loopback Discord: for the drills and measurements beside it.

Run as a script it is that process: the bot as ``counterpoint bot`` composes it, except that the pace at which a person
may ask is not limited.
"""

from __future__ import annotations

import asyncio
import cProfile
import dataclasses
import os
import shutil
import signal
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from discord_loopback.server import LoopbackDiscord

from bot.app import container
from bot.app.container import make_pooled_service
from bot.app.edition_session import EditionOpener
from bot.app.limiter import RateLimiter
from bot.app.settings import Settings
from bot.discord.runner import composed, serve
from bot.i18n.message_catalogue import MessageCatalogue

_ENDS_WITHIN_S = 30.0


def run_bot(make_opener: Callable[[Settings], EditionOpener] = container.make_opener) -> None:
    """Run the bot until it is asked to stop.

    Args:
        make_opener: makes what opens editions in a worker; importable by name there. Where a path stands on the command
            line, what the event loop's thread spends its processor time on is written there by cProfile.
    """
    if len(sys.argv) <= 1:
        asyncio.run(_bot(make_opener))
        return
    with cProfile.Profile(time.thread_time) as profiler:
        asyncio.run(_bot(make_opener))
    profiler.dump_stats(sys.argv[1])


async def _bot(make_opener: Callable[[Settings], EditionOpener]) -> None:
    settings, stop = Settings(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with composed(
        settings, MessageCatalogue.load(), service=make_pooled_service(settings, make_opener)
    ) as client:
        client.context = dataclasses.replace(client.context, rate_limiter=RateLimiter(burst=1_000_000))
        assert settings.token is not None
        await serve(client, settings.token.get_secret_value(), stop)


@asynccontextmanager
async def bot_over(
    server: LoopbackDiscord,
    library: Path,
    state: Path,
    *,
    script: Path = Path(__file__),
    log: Path = Path(os.devnull),
    profile: Path | None = None,
) -> AsyncIterator[Process]:
    """Start the bot at ``server``, wait until it is connected, and end it at last.

    Args:
        server: where it connects to.
        library: its library.
        state: holds an edition of it; the files are linked, nothing is written to them.
        script: a script that calls ``run_bot``.
        log: what the bot logs.
        profile: what the bot's own process spends its time on; None for no profile, which takes half of it.

    Raises:
        AssertionError: the bot was not connected within a minute, or did not end with status 0.
    """
    with tempfile.TemporaryDirectory(dir=state) as scratch, log.open("wb") as logged:
        own = Path(scratch) / "state"
        own.mkdir()
        for folder in ("editions", "models", "readers"):
            if (state / folder).is_dir():
                shutil.copytree(state / folder, own / folder, copy_function=os.link)
        process = await asyncio.create_subprocess_exec(
            sys.executable, script, *([str(profile)] if profile else ()),
            env={
                **os.environ,
                "COUNTERPOINT_LIBRARY": str(library), "COUNTERPOINT_STATE": str(own),
                "COUNTERPOINT_API_BASE": server.api_base, "COUNTERPOINT_GATEWAY": server.gateway_url,
                "DISCORD_TOKEN": server.token,
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            },
            stderr=logged,
        )  # fmt: skip
        try:
            await server.wait_for_bot(within_s=60)
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
                await asyncio.wait_for(process.wait(), _ENDS_WITHIN_S)
        assert process.returncode == 0, f"the bot ended with {process.returncode}"


if __name__ == "__main__":
    run_bot()
