"""One door for questions: few at once, a bounded queue before it, and a time limit for each."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from scoring.errors import CodedError

_Answer = TypeVar("_Answer")


class LimiterError(CodedError):
    """Base of why a question was not answered."""

    code = "door"


class Busy(LimiterError):
    """The queue is full, or the program is about to end. Fields: ``waiting`` and ``limit`` in questions."""

    code = "busy"


class TookTooLong(LimiterError):
    """A question was not answered in time. Fields: ``limit_s``."""

    code = "took_too_long"


class RequestLimiter:
    """Lets questions in.

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
        self._is_shut = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def inside(self) -> int:
        """Questions that are being worked on or wait."""
        return self._inside

    async def ask(self, question: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """The answer to ``question``.

        Args:
            question: called once, when its turn comes. What it raises is raised here.

        Raises:
            Busy: too many wait already, or the door is shut; ``question`` was not called.
            TookTooLong: the time is over; ``question`` was cancelled.
        """
        if self._is_shut or self._inside >= self._most:
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

    async def shut(self, *, within_s: float) -> bool:
        """Let nobody in any more, and wait for those inside.

        Args:
            within_s: how long to wait, in seconds.

        Returns:
            Whether all of them got their answer in that time.
        """
        self._is_shut = True
        try:
            async with asyncio.timeout(within_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True
