"""Waiting for what must come, in tests: for events, never for a time. The limit of the whole test ends what hangs."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path

LONG_S = 600.0
"""A limit that no machine reaches, for what takes one."""

_numbers = itertools.count()


async def until(holds: Callable[[], object]) -> None:
    """Wait until ``holds()`` is true."""
    while not holds():  # noqa: ASYNC110 - conditions of any kind, also of other processes
        await asyncio.sleep(0.002)


class Gate:
    """A place where another process waits until this one lets it pass, once.

    Example:
        >>> gate = Gate(tmp_path)
        >>> start_process("say('here')" + gate.code + "say('there')")
        >>> await gate.open()
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"gate-{os.getpid()}-{next(_numbers)}"
        os.mkfifo(self._path)

    @property
    def code(self) -> str:
        """Return lines of Python that wait at the gate."""
        return f"\nopen({str(self._path)!r}).read()\n"

    async def open(self) -> None:
        """Wait until the process is at the gate, and let it pass."""
        await until(self._opened)

    def _opened(self) -> bool:
        try:
            os.close(os.open(self._path, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:  # nobody waits at the other end yet
            return False
        return True


class Latch:
    """A place where processes wait until it is opened, all of them and for good; it can be pickled.

    Args:
        folder: one of its own, which is made.

    Example:
        >>> latch = Latch(tmp_path / "latch")
        >>> start_process(latch.wait)
        >>> await until(lambda: latch.arrived)
        >>> latch.open()
    """

    def __init__(self, folder: Path) -> None:
        self._arrivals, self._opened = folder / "arrivals", folder / "opened"
        folder.mkdir()

    @property
    def arrived(self) -> list[int]:
        """Return the numbers of the processes that have waited here or do, once for each time, in their order."""
        return [int(pid) for pid in self._arrivals.read_text().split()] if self._arrivals.exists() else []

    def wait(self) -> None:
        """Wait in this process until it is opened."""
        with self._arrivals.open("a") as arrivals:
            arrivals.write(f"{os.getpid()}\n")
        while not self._opened.exists():
            time.sleep(0.005)

    def open(self) -> None:
        """Let all pass from now on."""
        self._opened.touch()


def is_running(pid: int) -> bool:
    """Return True if there is a process of this number that has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
