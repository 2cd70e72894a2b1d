"""A thread with an event loop of its own, where answering may compute without holding up whoever listens to Discord."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class BackgroundLoop:
    """Runs coroutines beside the caller's event loop, all on one thread. Started at its first use.

    What runs here shares nothing with the caller's loop: it must not await anything that belongs to it.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    async def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """What ``work`` returns or raises. Whoever is cancelled while waiting cancels it."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._running()))

    def begin(self, work: Coroutine[Any, Any, object]) -> None:
        """Run ``work`` without waiting for it; what it raises is dropped."""
        asyncio.run_coroutine_threadsafe(work, self._running())

    async def close(self) -> None:
        """Cancel what still runs and end the thread; a later ``run`` starts a new one."""
        with self._starting:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            await asyncio.to_thread(thread.join)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                # A daemon: a face that ends without closing is not kept waiting.
                self._thread = threading.Thread(
                    target=_turn, args=(self._loop,), name=self._name, daemon=True
                )
                self._thread.start()
            return self._loop


def _turn(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
