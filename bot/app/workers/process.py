"""A worker process as the bot sees it: started, asked, watched and ended."""

import asyncio
import contextlib
import itertools
import os
import pickle
import signal
import socket
from collections.abc import Mapping
from typing import Any

from bot.app.edition_requests import EditionRequest, Lookup
from bot.app.workers.fork_server import ChildProcess, ForkServer, ForkServerLost
from bot.app.workers.protocol import (
    HEADER,
    Kind,
    Ready,
    Start,
    WorkerFailure,
    decode,
    encode,
    encode_whole,
    frame,
    refusal,
)
from index.storage.records import EpisodeRecord

_EXITS_WITHIN_S = 5.0
_GIVES_WAY, _LOWEST_PRIORITY = 10, 19
_NO_EPISODES: Mapping[int, EpisodeRecord] = {}

Reply = tuple[Kind, bytes]


class WorkerGone(Exception):
    """The process ended before it answered. ``exit_status`` is negative for a signal, None if it is not known."""

    def __init__(self, exit_status: int | None) -> None:
        self.exit_status = exit_status
        super().__init__(describe_exit(exit_status))

    @property
    def is_from_outside(self) -> bool:
        """True if somebody else ended it: the system for want of memory, an operator, or a file that was cut short."""
        return self.exit_status in (None, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGBUS)


class WorkerFailed(Exception):
    """An unforeseen error in a worker; its cause has the worker's own traceback."""

    def __init__(self, failure: WorkerFailure) -> None:
        super().__init__(failure.summary)
        self.__cause__ = _WorkerTraceback(failure.story)


class _WorkerTraceback(Exception):
    def __str__(self) -> str:
        return f"in a worker process:\n{self.args[0]}"


class WorkerProcess:
    """One worker process.

    Attributes:
        pid: of the process.
    """

    def __init__(
        self,
        process: ChildProcess,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.pid = process.pid
        self._process = process
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Reply]] = {0: _future()}
        self._gone: asyncio.Future[int | None] = _future()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, fork_server: ForkServer) -> "WorkerProcess":
        """Start a process; it waits for ``open``.

        Raises:
            OSError: no process can be started.
            WorkerGone: the fork server ended first.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                process = await fork_server.start_worker(theirs)
            reader, writer = await asyncio.open_unix_connection(sock=ours)
        except BaseException as error:
            ours.close()  # which ends the process, if there is one
            if isinstance(error, ForkServerLost):
                raise WorkerGone(None) from error
            raise
        return cls(process, reader, writer)

    async def open(self, start: Start) -> Ready:
        """Have the worker open the published edition, and return what it answers from.

        Raises:
            CodedError: the edition cannot be opened.
            WorkerFailed, WorkerGone: opening it failed, or ended the process.
        """
        self._send(Kind.START, 0, encode_whole(start))
        kind, payload = await self._waiting[0]
        if kind is not Kind.READY:
            raise outcome(kind, payload)
        # Thousands of episodes take a while to read, so not on the event loop.
        ready: Ready = await asyncio.to_thread(pickle.loads, payload)
        return ready

    async def ask(self, request: EditionRequest[object] | Lookup[object]) -> Reply:
        """Return the kind and the bytes of what the worker says to ``request``.

        Raises:
            WorkerGone: the process has ended.
        """
        if self._gone.done():
            raise WorkerGone(self._gone.result())
        number = next(self._numbers)
        reply: asyncio.Future[Reply] = _future()
        self._waiting[number] = reply
        try:
            kind = Kind.LOOKUP if isinstance(request, Lookup) else Kind.REQUEST
            self._send(kind, number, encode(request))
            return await reply
        finally:
            self._waiting.pop(number, None)

    def kill(self) -> None:
        """End the process at once. It keeps nothing that could be lost."""
        self._process.kill()

    def give_way(self) -> None:
        """Let other processes have the cores first, from now on."""
        with contextlib.suppress(OSError, AttributeError):  # it has ended, or no such thing here
            own = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, self.pid, min(own + _GIVES_WAY, _LOWEST_PRIORITY))

    async def gone(self) -> int | None:
        """Wait until the process has ended, and return its exit status."""
        return await asyncio.shield(self._gone)

    def _send(self, kind: Kind, number: int, payload: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(frame(kind, number, payload))

    async def _read(self) -> None:
        """Hand replies to those who wait for them, until the process ends."""
        with contextlib.suppress(asyncio.IncompleteReadError, OSError, ValueError):
            while True:
                kind, number, length = HEADER.unpack(await self._reader.readexactly(HEADER.size))
                payload = await self._reader.readexactly(length)
                waiting = self._waiting.get(number)
                if waiting is not None and not waiting.done():
                    waiting.set_result((Kind(kind), payload))
        self.kill()  # it has closed its end, or said what cannot be understood
        self._writer.close()
        status: int | None = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_EXITS_WITHIN_S):
                status = await self._process.wait()
        self._gone.set_result(status)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(WorkerGone(status))
                waiting.exception()  # retrieved, so that asyncio does not warn where nobody waits


def outcome(kind: Kind, payload: bytes) -> Exception:
    """Return the error that a ``REFUSED`` or ``FAILED`` frame holds."""
    if kind is Kind.REFUSED:
        return refusal(payload)
    return WorkerFailed(decode(payload, _NO_EPISODES))


def describe_exit(status: int | None) -> str:
    """Return an exit status in words for the log."""
    if status is None:
        return "does not end"
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def _future() -> "asyncio.Future[Any]":
    return asyncio.get_running_loop().create_future()
