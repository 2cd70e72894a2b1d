"""Limits on questions: how many are answered at once, how long one may take, how quickly one person may ask."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from cachetools import LRUCache

from scoring.errors import CodedError, typed_fields

_MOST_PEOPLE = 10_000
_ROUNDING_S = 1e-9

_Answer = TypeVar("_Answer")


class LimiterError(CodedError):
    """Base of why a question was not answered."""

    code = "limiter"


@typed_fields
class Busy(LimiterError):
    """The queue is full, or the program is about to end. ``waiting`` and ``limit`` are in questions."""

    code = "busy"
    waiting: int
    limit: int


@typed_fields
class TookTooLong(LimiterError):
    """A question was not answered in time."""

    code = "took_too_long"
    limit_s: float


@typed_fields
class TooQuick(LimiterError):
    """A person asks too quickly; ``wait_s`` is in whole seconds after which the next question is taken."""

    code = "too_quick"
    wait_s: int


class RequestLimiter:
    """Limits how many questions are answered at once, how many wait, and how long each may take.

    Args:
        at_once: questions that are worked on at the same time, at least 1.
        longest_queue: questions that may wait for them, at least 0.
        limit_s: seconds that one question may take, its wait included.
    """

    def __init__(self, *, at_once: int = 4, longest_queue: int = 100, limit_s: float = 20.0) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._most = at_once + longest_queue
        self._limit_s = limit_s
        self._inside = 0
        self._is_closed = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def inside(self) -> int:
        """Questions that are worked on or wait."""
        return self._inside

    async def ask(self, question: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """Return the answer to ``question``.

        Args:
            question: called once, when its turn comes. What it raises is raised here.

        Raises:
            Busy: too many wait, or the limiter is closed; ``question`` was not called.
            TookTooLong: the time is over; ``question`` was cancelled.
        """
        if self._is_closed or self._inside >= self._most:
            raise Busy(waiting=self._inside, limit=self._most)
        self._inside += 1
        self._empty.clear()
        try:
            async with asyncio.timeout(self._limit_s) as limit, self._places:
                return await question()
        except TimeoutError as error:
            if limit.expired():
                raise TookTooLong(limit_s=self._limit_s) from error
            raise
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    async def close(self, *, within_s: float) -> bool:
        """Stop admitting questions and wait for the running ones.

        Args:
            within_s: longest wait, in seconds.

        Returns:
            True if all of them were answered in that time.
        """
        self._is_closed = True
        try:
            async with asyncio.timeout(within_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True


class RateLimiter:
    """A leaky bucket for each person. The people not seen for longest are forgotten beyond 10,000.

    Args:
        burst: questions that one person may ask at once, at least 1.
        every_s: seconds after which one more is allowed.
        now_s: a monotonic clock.
    """

    def __init__(
        self, *, burst: int = 10, every_s: float = 2.5, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._every_s = every_s
        self._now_s = now_s
        self._empty_at_s: LRUCache[int, float] = LRUCache(_MOST_PEOPLE)

    def take(self, person: int) -> None:
        """Count one question of ``person``.

        Raises:
            TooQuick: it comes too early, and is not counted.
        """
        now_s = self._now_s()
        empty_at_s = max(now_s, self._empty_at_s.get(person, now_s)) + self._every_s
        too_early_s = empty_at_s - now_s - self._burst * self._every_s
        if too_early_s > _ROUNDING_S:
            raise TooQuick(wait_s=math.ceil(too_early_s - _ROUNDING_S / 2))
        self._empty_at_s[person] = empty_at_s
