"""Whether the running bot is well: it says so in a file every few seconds, and ``python -m bot.app.health`` reads it.

The file is ``STATE/alive``: its age tells that the event loop turns, its content that Discord is connected.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bot.app.settings import Settings

ALIVE_FILE = "alive"
BEAT_S = 10.0
OLDEST_S = 45.0
"""From this age on the bot counts as hung: four beats missed."""


async def beat(state: Path, is_connected: Callable[[], bool]) -> None:
    """Say every ``BEAT_S`` seconds how the bot is, until cancelled; then take the file away."""
    path = state / ALIVE_FILE
    try:
        while True:
            path.write_text("connected" if is_connected() else "connecting", encoding="ascii")
            await asyncio.sleep(BEAT_S)
    finally:
        path.unlink(missing_ok=True)


def is_well(state: Path, *, now: float) -> bool:
    """Whether a bot works on ``state``, turns, and is connected; ``now`` in seconds since 1970."""
    path = state / ALIVE_FILE
    try:
        return now - path.stat().st_mtime < OLDEST_S and path.read_text(encoding="ascii") == "connected"
    except (OSError, UnicodeDecodeError):
        return False


if __name__ == "__main__":
    sys.exit(0 if is_well(Settings().state_folder, now=time.time()) else 1)
