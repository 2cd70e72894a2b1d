"""Worker processes forked from one that has imported everything they need.

Importing takes a second of a core, opening an edition half of one. When a worker is lost, everybody waits for the next,
so on Linux its imports are made once, by a process that does nothing else (``fork_server_main``), as the fork server of
``multiprocessing`` does. Elsewhere forking is not safe beside the libraries in use; each worker is a new interpreter.
"""

import asyncio
import contextlib
import os
import socket
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import bot
from bot.app.settings import SECRET_VARIABLES

REQUEST = struct.Struct(">Bq")
"""To the fork server: what to do, and the process id, or 0. ``FORK`` comes with a socket."""

EVENT = struct.Struct(">Bqi")
"""From the fork server: what happened, process id, and exit status (negative for a signal) or 0.

Where a worker cannot be forked the process id is 0, and the error's number follows.
"""

_FORKS = sys.platform == "linux"
_EXITS_WITHIN_S = 5.0


class Act(IntEnum):
    """What a request or an event is about."""

    FORK = 0
    """Fork a worker; its id follows as an event."""

    KILL = 1
    """Kill a worker, if it has not ended."""

    ENDED = 2
    """A worker has ended."""


class ForkServerLost(Exception):
    """The process that forks has ended: by itself, by an operator, or for want of memory."""


@dataclass(frozen=True, slots=True)
class ChildProcess:
    """A started worker.

    Attributes:
        pid: its process id.
        kill: ends it at once; nothing happens if it has ended.
        wait: waits until it has ended and returns its exit status: negative for a signal, None if it is not known.
    """

    pid: int
    kill: Callable[[], None]
    wait: Callable[[], Awaitable[int | None]]


class ForkServer:
    """Starts workers; the process that they are forked from is started by the first of them, and again if it is lost.

    Args:
        environment: of the processes; this process's own if None. Secrets in it are left out.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = worker_environment(os.environ if environment is None else environment)
        self._connected: _Connection | None = None
        self._starting = asyncio.Lock()

    async def start_worker(self, connection: socket.socket) -> ChildProcess:
        """Start a worker that serves ``connection``, the worker's end of a pair of sockets.

        Raises:
            OSError: no process can be started.
            ForkServerLost: the process that forks ended before it did.
        """
        if not _FORKS:
            return self._new_interpreter(connection)
        async with self._starting:
            if self._connected is None or self._connected.is_lost:
                self._connected = await _Connection.start(self._environment)
            return await self._connected.fork(connection)

    async def close(self) -> None:
        """End the fork server's process, and with it all of its workers."""
        if self._connected is not None:
            await self._connected.close()

    def _new_interpreter(self, connection: socket.socket) -> ChildProcess:
        process = _run("bot.app.workers.main", connection, self._environment)

        def kill() -> None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()

        return ChildProcess(process.pid, kill, lambda: _exit_status(process))


class _Connection:
    """A running fork server."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", requests: socket.socket, events: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:  # fmt: skip
        self.is_lost = False
        self._process, self._requests, self._writer = process, requests, writer
        self._forks: deque[asyncio.Future[tuple[int, asyncio.Future[int | None]]]] = deque()
        self._ends: dict[int, asyncio.Future[int | None]] = {}
        self._reading = asyncio.create_task(self._read(events))

    @classmethod
    async def start(cls, environment: Mapping[str, str]) -> "_Connection":
        """Start a fork server. Whoever is stopped meanwhile, as by a pool that closes, leaves no process."""
        ours, theirs = socket.socketpair()
        requests = ours.dup()  # a transport hides its socket, and a socket can only be sent by the real one
        process = None
        try:
            with theirs:
                process = _run("bot.app.workers.fork_server_main", theirs, environment)
            events, writer = await asyncio.open_unix_connection(sock=ours)
        except BaseException:
            ours.close()
            requests.close()
            if process is not None:
                process.kill()
                await _exit_status(process)
            raise
        return cls(process, requests, events, writer)

    async def fork(self, connection: socket.socket) -> ChildProcess:
        forked = asyncio.get_running_loop().create_future()
        self._forks.append(forked)
        try:
            socket.send_fds(self._requests, [REQUEST.pack(Act.FORK, 0)], [connection.fileno()])
        except OSError as error:
            self._lose()
            raise ForkServerLost from error
        pid, ended = await forked

        async def wait() -> int | None:
            return await asyncio.shield(ended)

        return ChildProcess(pid, lambda: self._kill(pid), wait)

    async def close(self) -> None:
        self._lose()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._reading.cancel()
        await _exit_status(self._process)

    def _kill(self, pid: int) -> None:
        """Have the worker killed by its parent, which alone knows whether the id is still its own."""
        if not self.is_lost:
            with contextlib.suppress(OSError):
                self._requests.send(REQUEST.pack(Act.KILL, pid))

    async def _read(self, events: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                act, pid, status = EVENT.unpack(await events.readexactly(EVENT.size))
                if act == Act.ENDED:
                    self._ends.pop(pid).set_result(status)
                    continue
                forked = self._forks.popleft()
                if not pid:
                    if not forked.done():
                        forked.set_exception(OSError(status, os.strerror(status)))
                    continue
                ended = self._ends[pid] = asyncio.get_running_loop().create_future()
                if not forked.done():  # else nobody waits for it any more
                    forked.set_result((pid, ended))
        self._lose()
        await _exit_status(self._process)

    def _lose(self) -> None:
        """Forget the fork server; its workers end with it."""
        if self.is_lost:
            return
        self.is_lost = True
        self._requests.close()
        self._writer.close()
        for forked in self._forks:
            if not forked.done():
                forked.set_exception(ForkServerLost())
        for ended in self._ends.values():
            ended.set_result(None)


def worker_environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return a worker's environment: it finds what this process can import, and no secret."""
    root = str(Path(bot.__file__).resolve().parents[1])
    paths = dict.fromkeys([root, *(path for path in sys.path if path)])
    kept = {name: value for name, value in given.items() if name not in SECRET_VARIABLES}
    return {**kept, "PYTHONPATH": os.pathsep.join(paths)}


def _run(module: str, connection: socket.socket, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", module, str(connection.fileno())],
        stdin=subprocess.DEVNULL,
        pass_fds=(connection.fileno(),),
        env=environment,
    )


async def _exit_status(process: "subprocess.Popen[bytes]") -> int | None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        return await asyncio.to_thread(process.wait, _EXITS_WITHIN_S)
    return None
