"""Waiting for what must come, in tests: for events, never for a time. The limit of the whole test ends what hangs."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable
from pathlib import Path

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
