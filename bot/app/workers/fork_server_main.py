"""The process that workers are forked from: ``python -m bot.app.workers.fork_server_main FD``.

FD is one end of a pair of sockets, over which requests come as ``fork_server`` has them. The process imports what
workers need, which starts no thread that a fork would lose, and then only forks, kills and waits. It ends with the bot.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import sys
from importlib import import_module

from bot.app.workers import main as worker
from bot.app.workers.fork_server import EVENT, REQUEST, Act
from index.embedding.encoder import import_openvino

_NEEDED = ("bot.app.container", "faiss", "tokenizers")
"""Imported by a worker that opens an edition, when it does so; and OpenVINO."""

_FAILED = 1


def main(descriptor: int) -> None:
    """Fork workers on request; does not return."""
    worker.be_a_child()
    for module in _NEEDED:
        import_module(module)
    import_openvino()
    gc.collect()
    gc.freeze()  # a collection in a worker would copy all pages that hold what is imported
    woken, waking = os.pipe()
    for end in (woken, waking):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
    requests = socket.socket(fileno=descriptor)
    workers: set[int] = set()
    with contextlib.suppress(OSError):  # the bot is gone
        while True:
            ready, _, _ = select.select([requests.fileno(), woken], [], [])
            if woken in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(woken, 1 << 12)
                _report_ends(requests, workers)
            if requests.fileno() in ready:
                data, sockets, _, _ = socket.recv_fds(requests, REQUEST.size, 1)
                if len(data) < REQUEST.size:
                    break
                act, pid = REQUEST.unpack(data)
                if act == Act.FORK:
                    try:
                        pid = _fork(sockets[0], [requests.fileno(), woken, waking])
                    except OSError as error:  # no memory or no process left; those that are there go on
                        os.close(sockets[0])
                        requests.sendall(EVENT.pack(Act.FORK, 0, error.errno or 0))
                        continue
                    workers.add(pid)
                    requests.sendall(EVENT.pack(Act.FORK, pid, 0))
                elif pid in workers:
                    os.kill(pid, signal.SIGKILL)
    os._exit(0)


def _fork(connection: int, ours: list[int]) -> int:
    """Return the id of a new worker that serves ``connection``; ``ours`` are descriptors that it must not keep."""
    pid = os.fork()
    if pid:
        os.close(connection)
        return pid
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in ours:
            os.close(descriptor)
        worker.main(connection)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(_FAILED)


def _report_ends(requests: socket.socket, workers: set[int]) -> None:
    """Tell the bot of all workers that have ended."""
    while workers:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        if pid in workers:  # and no process that a library has started
            workers.discard(pid)
            requests.sendall(EVENT.pack(Act.ENDED, pid, os.waitstatus_to_exitcode(status)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
