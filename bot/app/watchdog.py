"""End the process when it stands still, so that whatever supervises it can start it again."""

import asyncio
import faulthandler
import logging
import os
import socket
import time

STANDS_STILL_AFTER_S = 30.0
"""So long the event loop may stand still before the process is ended."""

BEAT_S = 5.0

_NOTIFY_WITHIN_S = 1.0

_log = logging.getLogger(__name__)


class Watchdog:
    """A timer that ends the process with status 1 unless it is set anew in time.

    When it runs out, the stack of every thread is written to stderr first. The timer is faulthandler's: a thread in C,
    which also runs where other C code holds the interpreter's lock. A process has one such timer.
    """

    def __init__(self, limit_s: float = STANDS_STILL_AFTER_S) -> None:
        self._limit_s = limit_s
        self._ends_at_s: float | None = None

    async def watch(self) -> None:
        """Set the timer anew every ``BEAT_S`` seconds, and tell systemd, until cancelled."""
        while True:
            self._set()
            notify("WATCHDOG=1")
            await asyncio.sleep(min(BEAT_S, self._limit_s / 4))

    def end_within(self, limit_s: float) -> None:
        """End the process at the latest after ``limit_s`` seconds from now, whatever happens meanwhile.

        May be called from a signal handler. A second call changes nothing.
        """
        if self._ends_at_s is None:
            self._ends_at_s = time.monotonic() + limit_s
            faulthandler.dump_traceback_later(limit_s, exit=True)

    def _set(self) -> None:
        if self._ends_at_s is None:
            faulthandler.dump_traceback_later(self._limit_s, exit=True)
        if self._ends_at_s is not None:  # by a signal, even between these two lines
            faulthandler.dump_traceback_later(max(0.1, self._ends_at_s - time.monotonic()), exit=True)


def notify(state: str) -> bool:
    """Tell systemd the ``state`` of this service; see sd_notify(3).

    Args:
        state: such as ``READY=1``, ``WATCHDOG=1``, ``STOPPING=1`` or ``STATUS=...``.

    Returns:
        False where no supervisor asked to be told, or it cannot be reached.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.settimeout(_NOTIFY_WITHIN_S)
            channel.sendto(state.encode(), address)
    except OSError as error:
        _log.warning("systemd could not be told %s: %s", state, error)
        return False
    return True
