"""Workers are forked, and a worker that cannot be costs nothing but itself."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping

import pytest

from bot.app.workers import fork_server
from bot.app.workers.fork_server import EVENT, REQUEST, Act, ForkServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")


def answers_with(events: list[bytes], peer: socket.socket) -> None:
    """Answer each request for a worker with the next of ``events``."""
    with peer:
        for event in events:
            _, sent, _, _ = socket.recv_fds(peer, REQUEST.size, 1)
            os.close(sent[0])
            peer.sendall(event)


async def test_a_worker_that_cannot_be_forked_leaves_the_fork_server_and_its_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stand_in(_: str, connection: socket.socket, __: Mapping[str, str]) -> subprocess.Popen[bytes]:
        events = [EVENT.pack(Act.FORK, 0, errno.ENOMEM), EVENT.pack(Act.FORK, 12345, 0)]
        threading.Thread(target=answers_with, args=(events, connection.dup()), daemon=True).start()
        return subprocess.Popen(["sleep", "60"])

    monkeypatch.setattr(fork_server, "_run", stand_in)
    server = ForkServer()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with pytest.raises(OSError, match=os.strerror(errno.ENOMEM)):
            await server.start_worker(theirs)
        child = await server.start_worker(theirs)
        assert child.pid == 12345
        gone = asyncio.create_task(child.wait())
        await server.close()
        assert await gone is None, "its end is not known"


async def test_whoever_is_stopped_while_it_starts_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    connecting = asyncio.Event()

    def stand_in(*_: object) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(["sleep", "60"]))
        return started[-1]

    async def never(**_: object) -> None:
        connecting.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(fork_server, "_run", stand_in)
    monkeypatch.setattr(asyncio, "open_unix_connection", never)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        asked = asyncio.create_task(ForkServer().start_worker(theirs))
        await connecting.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
    assert [process.returncode for process in started] == [-9], "ended, and waited for"
