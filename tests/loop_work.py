"""How much work an event loop does without a pause, counted in calls: the same on every machine, however busy."""

import asyncio
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any
from unittest.mock import patch

MOST_CALLS = 20_000
"""Calls that one callback may make, of functions in Python and in C: a few milliseconds."""


@dataclass(slots=True)
class LoopWork:
    """The calls of the callback that made most, by the function that is called, or that calls one in C."""

    calls: Counter[CodeType] = field(default_factory=Counter)

    def check(self) -> None:
        """Fail if that callback held up the loop."""
        n_calls = self.calls.total()
        most = [f"{code.co_qualname} {n}" for code, n in self.calls.most_common(5)]
        assert n_calls <= MOST_CALLS, f"{n_calls} calls without a pause: {', '.join(most)}"


@asynccontextmanager
async def loop_work() -> AsyncIterator[LoopWork]:
    """Count the calls of each callback of this thread's loop in the block; what runs in other threads is free."""
    work, run, thread = LoopWork(), asyncio.Handle._run, threading.get_ident()

    def counted(handle: asyncio.Handle) -> None:
        if threading.get_ident() != thread:
            run(handle)
            return
        calls: Counter[CodeType] = Counter()

        def count(frame: FrameType, event: str, _argument: Any) -> None:
            if event in {"call", "c_call"}:
                calls[frame.f_code] += 1

        sys.setprofile(count)
        try:
            run(handle)
        finally:
            sys.setprofile(None)
        if calls.total() > work.calls.total():
            work.calls = calls

    with patch.object(asyncio.Handle, "_run", counted):
        await asyncio.sleep(0)  # the rest of this callback is a callback of its own
        yield work
        await asyncio.sleep(0)
