"""Watching of a worker's request: when it takes unusually long, and when it is over its time.

Time in which no core was free for the worker is no fault of the request: it is marked as slow later, and given back.
"""

import asyncio
import time
from collections.abc import Callable

from bot.app.workers.core_waits import ThreadTimes, waited_for_core_s

_UNUSUAL, _LEARNT = 5.0, 0.05
_MOST_GIVEN = 3.0
"""Times its limit that a request is given besides where its worker waited for a core so long."""
_WORTH_GIVING = 0.05
_STARVED = 0.6
"""Share of its time in which a worker waited for a core from which on it is slow for that reason."""


class RequestTimes:
    """How long requests may take, and have taken of late.

    Args:
        limit_s: seconds after which a request is over its time.
        slow_s: seconds after which it is slow; more where requests take longer than usual.
    """

    def __init__(self, *, limit_s: float, slow_s: float) -> None:
        self.limit_s = limit_s
        self._slow_s = slow_s
        self._usual_s = 0.0

    @property
    def slow_after_s(self) -> float:
        """On a busy machine everything is slow, and another worker would make it slower."""
        return min(max(self._slow_s, _UNUSUAL * self._usual_s), self.limit_s / 2)

    def learn(self, taken_s: float) -> None:
        """Note how long an answer took."""
        self._usual_s += _LEARNT * (taken_s - self._usual_s)


class RequestWatch:
    """Watches one request from now on, until ``end``.

    Args:
        pid: process that answers it.
        times: how long it may take.
        on_slow: called once when it takes long; with True where the request is the reason, with False where no core
            was free for it.
        on_over: called once when it is over its time.
    """

    def __init__(
        self, pid: int, times: RequestTimes, *, on_slow: Callable[[bool], None], on_over: Callable[[], None]
    ) -> None:
        self._pid, self._limit_s = pid, times.limit_s
        self._on_slow, self._on_over = on_slow, on_over
        self._since: ThreadTimes | None = None
        self._given_s = 0.0
        self._timers: list[asyncio.TimerHandle] = []
        self._later(times.slow_after_s / 2, self._note_times)
        self._later(times.slow_after_s, self._slow)
        self._later(self._limit_s, self._over)

    def end(self) -> None:
        """Stop watching."""
        for timer in self._timers:
            timer.cancel()

    def _later(self, delay_s: float, call: Callable[[], None]) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(delay_s, call))

    def _note_times(self) -> None:
        self._since = ThreadTimes.of(self._pid)

    def _slow(self) -> None:
        """Tell that it takes long; later where no core is free for it, since another worker would be slow, too."""
        since = self._since
        if since is not None and self._waited_s() > _STARVED * (time.monotonic() - since.at_s):
            self._later(self._limit_s / 3, lambda: self._on_slow(False))
        else:
            self._on_slow(True)

    def _over(self) -> None:
        """Tell that the request is over its time, once the time in which it waited for a core is given back."""
        more_s = min(self._waited_s(), _MOST_GIVEN * self._limit_s) - self._given_s
        if more_s > _WORTH_GIVING * self._limit_s:
            self._given_s += more_s
            self._later(more_s, self._over)
        else:
            self._on_over()

    def _waited_s(self) -> float:
        return 0.0 if self._since is None else waited_for_core_s(self._pid, self._since)
