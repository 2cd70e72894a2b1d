"""A strict stand-in for a chat service that speaks OpenAI's protocol: it takes what the protocol says and no more."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-not-to-be-told"
MODEL = "reader-1"

Messages = list[dict[str, str]]

_REQUIRED, _OPTIONAL = {"model", "messages", "stream"}, {"temperature", "response_format"}


def verdict(**changed: Any) -> str:
    """What a judge says that calls a pair good, with ``changed`` keys."""
    told = {
        "same_question": True,
        "opposed": True,
        "good": True,
        "question": "Do tutors help children to read?",
        "a": {"first": "", "last": ""},
        "b": {"first": "", "last": ""},
    }
    return json.dumps({**told, **changed})


def passages_in(messages: Messages) -> tuple[str, str]:
    """The two passages that a request is about."""
    found = re.search(r"<(\S+) A>\n(.*)\n</\1 A>\n\n<\1 B>\n(.*)\n</\1 B>", messages[1]["content"], re.DOTALL)
    assert found is not None
    return found[2], found[3]


class ChatService:
    """Answers each request with ``says``, or with the next of ``planned``: status, body, headers, seconds to wait."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Messages] = []
        self.models: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.planned: list[tuple[int, bytes, dict[str, str], float]] = []
        self.says: Callable[[Messages], str] = lambda _: verdict()
        self._lock = threading.Lock()

    def plan(self, status: int, body: bytes = b"{}", *, after_s: float = 0.0, **headers: str) -> None:
        """Answer one of the next requests otherwise."""
        self.planned.append((status, body, headers, after_s))

    def take(self, path: str, headers: Any, data: bytes) -> tuple[int, bytes, dict[str, str], float]:
        with self._lock:
            body = json.loads(data)
            self.faults += self._faults(path, headers, body)
            self.bodies.append(body)
            self.asked.append(body["messages"])
            self.models.append(body["model"])
            planned = self.planned.pop(0) if self.planned else None
        if planned is not None:
            return planned
        said = {"role": "assistant", "content": self.says(body["messages"])}
        told = {"object": "chat.completion", "choices": [{"index": 0, "message": said}]}
        return 200, json.dumps(told).encode(), {}, 0.0

    def _faults(self, path: str, headers: Any, body: dict[str, Any]) -> Iterator[str]:
        if path != "/v1/chat/completions":
            yield f"path {path}"
        if headers.get("Authorization") != f"Bearer {KEY}":
            yield "key"
        if headers.get("Content-Type") != "application/json":
            yield f"type {headers.get('Content-Type')}"
        if not _REQUIRED <= body.keys() <= _REQUIRED | _OPTIONAL or body["stream"] is not False:
            yield f"keys {sorted(body)}"
        roles = [message.get("role") for message in body["messages"]]
        if roles != ["system", "user"] or not all(
            message.keys() == {"role", "content"} and isinstance(message["content"], str)
            for message in body["messages"]
        ):
            yield f"messages {roles}"


@contextmanager
def chat_service() -> Iterator[ChatService]:
    """A service that answers on this machine; at the end, it must have had nothing to complain of."""
    played = ChatService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer, headers, after_s = played.take(self.path, self.headers, body)
            time.sleep(after_s)
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:  # whoever asked has gone
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Nothing is written to the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    played.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield played
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert played.faults == []
