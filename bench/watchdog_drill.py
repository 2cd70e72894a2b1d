"""End the real bot in every state that it may hang in, against the loopback Discord, and print how long each took.

PYTHONPATH=.:tests python bench/watchdog_drill.py STATE_FOLDER    # of a library that is indexed: it is copied, not
changed
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from discord_loopback.server import LoopbackDiscord

RUN = """
import asyncio, logging, time
from bot.discord import runner
from bot.app.settings import Settings
from bot.i18n.message_catalogue import MessageCatalogue

async def hang(context, warm=runner._warm):
    await warm(context)
    {hang}

logging.basicConfig(level=logging.INFO)
runner._warm = hang
runner.run(Settings.read(), MessageCatalogue.load())
"""

HANGS = {
    "nothing": "pass",
    "a thread that sleeps for ever": "asyncio.get_running_loop().run_in_executor(None, time.sleep, 10**6)",
    "the event loop, asleep": "time.sleep(10**6)",
    "the event loop, in a loop of Python's": "exec('while True: pass')",
    "the event loop, in C with the interpreter's lock": "__import__('re').match('(a+)+b', 'a' * 60)",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """How one process ended: after so many seconds, with a status, and whether it left its stacks."""

    after_s: float
    status: int
    has_stacks: bool


async def end(server: LoopbackDiscord, library: Path, state: Path, hang: str, *, ask: bool) -> Ended:
    """Start a bot that hangs in one way once it is up; then ask it to end, or wait until it ends by itself."""
    environment = {
        **os.environ,
        "COUNTERPOINT_LIBRARY": str(library),
        "COUNTERPOINT_STATE": str(state),
        "COUNTERPOINT_API_BASE": server.api_base,
        "COUNTERPOINT_GATEWAY": server.gateway_url,
        "DISCORD_TOKEN": server.token,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN.format(hang=hang), env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        await server.wait_for_bot(within_s=60)
        lines = process.stderr
        while lines is not None and b"answering from edition" not in await lines.readline():
            pass
        await asyncio.sleep(2.0)  # so that it hangs by now
        began_s = time.monotonic()
        if ask:
            process.send_signal(signal.SIGTERM)
        _, told = await asyncio.wait_for(process.communicate(), 120)
        return Ended(time.monotonic() - began_s, process.returncode or 0, b"most recent call first" in told)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("state", type=Path)
    parser.add_argument("--library", type=Path, default=Path("data/library"))
    given, write = parser.parse_args(), sys.stdout.write
    write("| what hangs | asked to end | ended after | status | stacks in the log |\n|---|---|---|---|---|\n")
    for name, hang in HANGS.items():
        for ask in (True, False):
            if not ask and "loop" not in name:
                continue  # nothing that should end it
            with tempfile.TemporaryDirectory() as folder:
                state = Path(folder) / "state"
                shutil.copytree(given.state, state, symlinks=True)
                async with LoopbackDiscord() as server:
                    ended = await end(server, given.library, state, hang, ask=ask)
            asked = "SIGTERM" if ask else "by nobody"
            stacks = "yes" if ended.has_stacks else "no"
            write(f"| {name} | {asked} | {ended.after_s:.1f} s | {ended.status} | {stacks} |\n")
            sys.stdout.flush()


asyncio.run(main())
