"""Servers on 127.0.0.1 for stand-ins of the web: each answers on a thread of its own, and ends with its test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Reply(NamedTuple):
    """An answer: its status, body and headers, and how many seconds after the question it comes."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}
    after_s: float = 0.0


class QuietHandler(BaseHTTPRequestHandler):
    """A handler that writes nothing to the test's output."""

    def log_message(self, *_: object) -> None: ...


@contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[int]:
    """Serve requests by ``handler`` on a free port; yields the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving_posts(take: Callable[[str, Any, bytes], Reply]) -> Iterator[int]:
    """Serve POST requests by ``take``, a function of path, headers and body; yields the port."""

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = take(self.path, self.headers, body)
            time.sleep(reply.after_s)
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
            except OSError:  # whoever asked has gone
                self.close_connection = True

    with serving(Handler) as port:
        yield port
