"""How quickly one person may ask: a few questions at once, then one every few seconds."""

import time
from collections import OrderedDict
from collections.abc import Callable

from scoring.errors import CodedError

_MOST_REMEMBERED = 10_000


class TooQuick(CodedError):
    """Somebody asks faster than is kind to others. Fields: ``wait_s``, whole seconds until the next question."""

    code = "too_quick"


class RateLimiter:
    """A leaky bucket a person. Remembers so many people at most; those not heard of longest are forgotten first.

    Args:
        burst: questions that may come at once, at least 1.
        every_s: seconds after which one more may come.
        now_s: a monotonic clock.
    """

    def __init__(
        self, *, burst: int = 10, every_s: float = 2.5, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._every_s = every_s
        self._now_s = now_s
        self._empty_at_s: OrderedDict[int, float] = OrderedDict()

    def take(self, person: int) -> None:
        """Count one question of ``person``.

        Raises:
            TooQuick: it comes too early, and is not counted.
        """
        now_s = self._now_s()
        empty_at_s = max(now_s, self._empty_at_s.get(person, now_s)) + self._every_s
        too_early_s = empty_at_s - now_s - self._burst * self._every_s
        if too_early_s > 1e-9:
            raise TooQuick(wait_s=max(1, round(too_early_s)))
        self._empty_at_s[person] = empty_at_s
        self._empty_at_s.move_to_end(person)
        if len(self._empty_at_s) > _MOST_REMEMBERED:
            self._empty_at_s.popitem(last=False)
