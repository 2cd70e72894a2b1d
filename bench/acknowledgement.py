"""How long people wait for the acknowledgement and the answer when many ask at once, over real sockets.

    PYTHONPATH=.:tests python bench/acknowledgement.py LIBRARY STATE [--people 50] [--rounds 4] [--reindex]

The bot and its worker run as ``counterpoint bot`` composes them, in processes of their own (``bot_process.py``). With
``--reindex`` a full index of LIBRARY is built meanwhile, at the low priority that the bot gives it, into a state folder
that is thrown away.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
from bot_process import bot_over
from discord_loopback.server import LoopbackDiscord

QUERIES = ("reward hacking", "tutors in schools", "open weights", "who pays for harm", "jobs and machines")

_BUILDING_S = 15.0  # until the new index embeds


async def measure(told: argparse.Namespace) -> None:
    """Print the acknowledgement's and the answer's p50, p99 and longest, in milliseconds."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(LoopbackDiscord())
        await stack.enter_async_context(bot_over(server, told.library, told.state))
        guild = server.add_guild()
        members = [guild.add_member(f"P{number}") for number in range(told.people)]
        await members[0].slash("find", query="warm up", within_s=60)
        building = await _build(told.library, told.state) if told.reindex else None
        if building is not None:
            stack.push_async_callback(_end, building)
            await asyncio.sleep(_BUILDING_S)
        answered_ms: list[float] = []
        acknowledged_ms: list[float] = []

        async def ask(number: int, turn: int) -> None:
            began_s = time.perf_counter()
            query = QUERIES[(number + turn) % len(QUERIES)]
            reply = await members[number].slash("find", query=query, within_s=60)
            answered_ms.append((time.perf_counter() - began_s) * 1000)
            acknowledged_ms.append(reply.ack_ms)

        for turn in range(told.rounds):
            await asyncio.gather(*(ask(number, turn) for number in range(told.people)))
        for name, values in (("acknowledged", acknowledged_ms), ("answered", answered_ms)):
            p50, p99 = np.percentile(values, (50, 99))
            print(f"{name}: n={len(values)} p50={p50:.0f} ms p99={p99:.0f} ms longest={max(values):.0f} ms")
        still = building is not None and building.returncode is None
        print(f"violations: {len(server.violations)}; index still building: {still}")


async def _build(library: Path, state: Path) -> asyncio.subprocess.Process:
    """Start the index command on a copy of the models."""
    home = Path(tempfile.mkdtemp())
    if (state / "models").is_dir():
        shutil.copytree(state / "models", home / "models")
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli.app", "index", "--full",
        env={**os.environ, "COUNTERPOINT_LIBRARY": str(library), "COUNTERPOINT_STATE": str(home)},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        preexec_fn=lambda: os.nice(15),
    )  # fmt: skip


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("state", type=Path)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--reindex", action="store_true")
    asyncio.run(measure(parser.parse_args()))
