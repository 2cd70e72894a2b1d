"""A worker process: opens the published edition, says so, and answers what the bot asks until it is ended.

Forked by ``fork_server_main``, or run as ``python -m bot.app.workers.main FD``; FD is one end of a pair of sockets. The
main thread answers one request after the other; a second thread reads what comes in and answers lookups meanwhile. A
worker keeps nothing, so it may be killed at any moment; it ends by itself when the bot is gone.
"""

import asyncio
import contextlib
import ctypes
import gc
import logging
import os
import pickle
import queue
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from bot.app.edition_requests import EditionRequest, Find, Lookup
from bot.app.edition_session import EditionSession
from bot.app.freed_memory import limit_arenas, release_mapped_pages, return_blocks, trim
from bot.app.workers.protocol import (
    HEADER,
    Kind,
    Ready,
    Start,
    WorkerFailure,
    encode,
    encode_whole,
    frame,
)
from scoring.errors import CodedError

OUT_OF_MEMORY = 3
"""Exit status of a worker whose question took more memory than it may."""

_WARM_WORDS = "what is this library about and who speaks of it " * 8
_KILLED_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_OOM_SCORE = "500"
_DATA_FILES = frozenset({".bin", ".faiss"})
_OPENING_BYTES = 2 << 20
"""Larger than what a question takes at once, smaller than what opening does."""


class Channel:
    """The worker's end of the sockets. Frames may be sent from several threads."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reading = connection.makefile("rb")
        self._sending = threading.Lock()

    def receive(self) -> tuple[Kind, int, bytes]:
        """Return the next frame.

        Raises:
            EOFError: the bot has closed its end.
        """
        kind, number, length = HEADER.unpack(self._exactly(HEADER.size))
        return Kind(kind), number, self._exactly(length)

    def send(self, kind: Kind, number: int, payload: bytes) -> None:
        """Send a frame."""
        with self._sending:
            self._connection.sendall(frame(kind, number, payload))

    def send_outcome(self, number: int, compute: Callable[[], object]) -> None:
        """Send what ``compute`` returns or raises. Running out of memory ends the process."""
        try:
            kind, payload = Kind.ANSWER, encode(compute())
        except CodedError as error:
            kind, payload = Kind.REFUSED, pickle.dumps(error)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)  # whatever was half done is not to be relied on
        except Exception as error:
            kind, payload = Kind.FAILED, encode(WorkerFailure.of(error))
        self.send(kind, number, payload)

    def _exactly(self, n_bytes: int) -> bytes:
        found = self._reading.read(n_bytes)
        if len(found) < n_bytes:
            raise EOFError
        return found


def main(descriptor: int) -> None:
    """Serve requests that come over the socket ``descriptor``; does not return."""
    be_a_child()
    _be_the_first_to_go()
    channel = Channel(socket.socket(fileno=descriptor))
    try:
        _, _, payload = channel.receive()
        start: Start = pickle.loads(payload)  # noqa: S301 - from the bot, over a socket without a name
        _serve(channel, start)
    except (EOFError, OSError):  # the bot is gone
        os._exit(0)


def _serve(channel: Channel, start: Start) -> None:
    # The bot logs once, for all workers, which editions were passed over.
    logging.getLogger("index.storage.edition").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        session = loop.run_until_complete(_open(start))
    except CodedError as error:
        channel.send(Kind.REFUSED, 0, pickle.dumps(error))
        os._exit(0)
    except Exception as error:
        channel.send(Kind.FAILED, 0, encode(WorkerFailure.of(error)))
        os._exit(0)
    gc.collect()
    trim()
    release_mapped_pages(_DATA_FILES)
    gc.freeze()  # what is open stays open: no collection looks at it again
    if start.memory_bytes:
        _limit_memory(start.memory_bytes)
    channel.send(Kind.READY, 0, encode_whole(_ready(session)))
    requests: queue.SimpleQueue[tuple[int, EditionRequest[object]]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(channel, session, requests), daemon=True).start()
    while True:
        number, request = requests.get()
        answering = request.answered_by(session)
        channel.send_outcome(number, lambda: loop.run_until_complete(answering))  # noqa: B023 - called at once


async def _open(start: Start) -> EditionSession:
    """Open the edition, and meet all that a first question has to wait for."""
    session = await start.make_opener().open(skip=start.skip)
    await session.read_speakers()
    words = _WARM_WORDS.split()
    for n_words in (3, *range(8, len(words), 8)):  # the model prepares for each length once
        await asyncio.to_thread(session.searcher.encoder.encode, [" ".join(words[:n_words])])
    await Find(" ".join(words[:6])).answered_by(session)
    return session


def _ready(session: EditionSession) -> Ready:
    return Ready(session.facts, session.episodes, dict(session.searcher.edition.passed_over))


def _read(
    channel: Channel,
    session: EditionSession,
    requests: "queue.SimpleQueue[tuple[int, EditionRequest[object]]]",
) -> None:
    """Take frames in until the bot closes its end, which ends the process."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            kind, number, payload = channel.receive()
            asked = pickle.loads(payload)  # noqa: S301 - from the bot, over a socket without a name
            if kind is Kind.LOOKUP and isinstance(asked, Lookup):
                channel.send_outcome(number, lambda: asked.looked_up_in(session))  # noqa: B023 - called at once
            elif isinstance(asked, EditionRequest):
                requests.put((number, asked))
    os._exit(0)


def be_a_child() -> None:
    """Leave signals to the bot, and die with the parent."""
    limit_arenas()
    return_blocks(_OPENING_BYTES)
    for number in (signal.SIGINT, signal.SIGTERM):  # a terminal and systemd send them to all processes
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_KILLED_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


def _be_the_first_to_go() -> None:
    """Have the system end this process before others when the machine's memory is used up."""
    with contextlib.suppress(OSError):  # no Linux
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE, encoding="ascii")


def _limit_memory(more_bytes: int) -> None:
    """Let this process's own memory grow by ``more_bytes`` at most; mapped files do not count."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        status = Path("/proc/self/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmData:"))
        limit = int(line.split()[1]) * 1024 + more_bytes
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


if __name__ == "__main__":
    main(int(sys.argv[1]))
