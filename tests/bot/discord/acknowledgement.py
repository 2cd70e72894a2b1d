"""How long people wait for the acknowledgement when many ask at once, over real sockets. No test: a measurement.

    PYTHONPATH=.:tests python tests/bot/discord/acknowledgement.py LIBRARY [STATE] [--people N] [--rounds N] [--reindex]

With ``--reindex`` a full index of the same library is built meanwhile, by a process of its own as in the bot,
into a state folder that is thrown away.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from discord_loopback.server import LoopbackDiscord

from bot.app.community import CommunityDatabase
from bot.app.container import make_service
from bot.app.jobs import Jobs
from bot.app.limiter import RateLimiter
from bot.app.settings import Settings
from bot.discord.client import CounterpointClient, make_client
from bot.discord.context import Context
from bot.discord.errors import Reporter
from bot.i18n.catalogue import Catalogue
from index.library.sources import Fetcher, YouTubeSource

QUERIES = ("reward hacking", "tutors in schools", "open weights", "who pays for harm", "jobs and machines")


async def measure(library: Path, state: Path, people: int, rounds: int, *, reindex: bool) -> None:
    """Print the acknowledgement's and the answer's p50, p99 and longest, in milliseconds."""
    settings = Settings(library=library, state=state)
    with tempfile.TemporaryDirectory() as kept:
        community, catalogue = await CommunityDatabase.open(Path(kept)), Catalogue.load()
        async with LoopbackDiscord() as server:
            own = settings.model_copy(
                update={"api_base": server.api_base, "gateway": server.gateway_url, "state": Path(kept)}
            )
            context = Context(
                settings=own,
                catalogue=catalogue,
                answerer=make_service(settings),
                community=community,
                jobs=Jobs(community, own),
                fetcher=Fetcher(YouTubeSource()),
                reporter=Reporter(catalogue),
                rate_limiter=RateLimiter(burst=10_000),
            )
            build = Settings(library=library, state=Path(kept)) if reindex else None
            await _ask(server, make_client(context), people, rounds, build)
            await context.close()


async def _ask(
    server: LoopbackDiscord, client: CounterpointClient, people: int, rounds: int, build: Settings | None
) -> None:
    members = [server.add_guild().add_member(f"P{n}") for n in range(people)]
    async with client:
        running = asyncio.create_task(client.start(server.token))
        await server.wait_for_bot()
        await members[0].slash("find", query="warm up")
        building = await _build(build) if build is not None else None
        if building is not None:
            await asyncio.sleep(15)
        answered: list[float] = []
        acknowledged: list[float] = []

        async def one(number: int, turn: int) -> None:
            began_s = time.perf_counter()
            reply = await members[number].slash(
                "find", query=QUERIES[(number + turn) % len(QUERIES)], within_s=60
            )
            answered.append((time.perf_counter() - began_s) * 1000)
            acknowledged.append(reply.ack_ms)

        for turn in range(rounds):
            await asyncio.gather(*(one(number, turn) for number in range(people)))
        still = building is not None and building.returncode is None
        for name, values in (("acknowledged", acknowledged), ("answered", answered)):
            p50, p99 = np.percentile(values, (50, 99))
            print(f"{name}: n={len(values)} p50={p50:.0f} ms p99={p99:.0f} ms longest={max(values):.0f} ms")
        print(f"violations: {len(server.violations)}; index still building: {still}")
        if building is not None and still:
            building.kill()
            await building.wait()
        await client.close()
        await asyncio.gather(running, return_exceptions=True)


async def _build(settings: Settings) -> asyncio.subprocess.Process:
    """The index command on a copy of the models, at the low priority that the bot gives it."""
    home = Path(tempfile.mkdtemp())
    models = settings.state_folder.parent / "models"
    if models.is_dir():
        shutil.copytree(models, home / "models")
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli.app", "index", "--full",
        env={**os.environ, "COUNTERPOINT_LIBRARY": str(settings.library), "COUNTERPOINT_STATE": str(home)},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        preexec_fn=lambda: os.nice(10),
    )  # fmt: skip


if __name__ == "__main__":
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("library", type=Path)
    told.add_argument("state", type=Path, nargs="?")
    told.add_argument("--people", type=int, default=50)
    told.add_argument("--rounds", type=int, default=4)
    told.add_argument("--reindex", action="store_true")
    given = told.parse_args()
    asyncio.run(
        measure(
            given.library,
            given.state or given.library / ".counterpoint",
            given.people,
            given.rounds,
            reindex=given.reindex,
        )
    )
