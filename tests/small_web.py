"""A small web on 127.0.0.1 that plays what servers do: pages with validators, blocks, redirects, drips, floods."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from loopback_http import QuietHandler, serving


@dataclass
class Plays:
    """What one path answers.

    Attributes:
        body: sent whole, unless it drips.
        status, kind, headers: of the answer.
        drips_s: seconds between two single bytes of the body.
        drips_headers_s: seconds between two header lines, for ever.
        repeats: how many times the body is sent, one after the other.
    """

    body: bytes = b""
    status: int = 200
    kind: str = "text/plain"
    headers: dict[str, str] = field(default_factory=dict)
    drips_s: float = 0.0
    drips_headers_s: float = 0.0
    repeats: int = 1


class SmallWeb:
    """``with SmallWeb() as web``: set ``web.pages[path]``; ``web.asked`` holds (path, headers) of each request.

    A page with an ETag or a Last-Modified answers 304 where the request names it, as servers do.
    """

    def __init__(self) -> None:
        self.pages: dict[str, Plays] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.n_sent_bytes = 0
        self._closing = threading.Event()
        self.port = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def __enter__(self) -> SmallWeb:
        web = self

        class Handler(QuietHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
                web.asked.append((self.path, dict(self.headers)))
                plays = web.pages.get(self.path, Plays(b"nothing here", 404))
                with suppress(BrokenPipeError, ConnectionResetError):
                    web.send(self, plays)
                self.close_connection = True

            do_POST = do_GET  # noqa: N815

        self._server = serving(Handler)
        self.port = self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.__exit__(None, None, None)

    def send(self, handler: BaseHTTPRequestHandler, plays: Plays) -> None:
        asked = handler.headers
        known = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
        is_known = any(plays.headers.get(name) and asked.get(question) == plays.headers[name]
                       for name, question in known.items())  # fmt: skip
        handler.send_response(304 if is_known and plays.status == 200 else plays.status)
        for name, value in plays.headers.items():
            handler.send_header(name, value)
        if plays.drips_headers_s:
            handler.flush_headers()
            while not self._closing.wait(plays.drips_headers_s):
                handler.wfile.write(b"X-More: of it\r\n")
            return
        if is_known and plays.status == 200:
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        handler.send_header("Content-Type", plays.kind)
        handler.send_header("Content-Length", str(len(plays.body) * plays.repeats))
        handler.end_headers()
        if plays.drips_s:
            for place in range(len(plays.body)):
                if self._closing.wait(plays.drips_s):
                    return
                handler.wfile.write(plays.body[place : place + 1])
                self.n_sent_bytes += 1
            return
        for _ in range(plays.repeats):
            handler.wfile.write(plays.body)
            self.n_sent_bytes += len(plays.body)


def is_loopback(address: Any) -> bool:
    """Let connections to this machine pass, and no others."""
    return bool(address.is_loopback)


def any_port(port: int) -> bool:
    """Let every port pass."""
    return port > 0


def now_s() -> float:
    """Seconds of a clock that only moves on."""
    return time.monotonic()
