"""A strict stand-in for a chat service that speaks OpenAI's protocol: it takes what the protocol says and no more."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from loopback_http import Reply, serving_posts

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


def claims_in(messages: Messages) -> list[str]:
    """The passages that a request about claims holds; none where it is about a pair."""
    found = re.finditer(r"<(\S+) \d+>\n(.*?)\n</\1 \d+>", messages[1]["content"], re.DOTALL)
    return [match[2] for match in found]


def quotes_in(messages: Messages) -> bool:
    """Return True if a request asks to check the quotes of a pair."""
    return messages[-1].get("content", "").startswith("Question: ")


def check(*, upheld: bool = True) -> str:
    """What a judge says of the quotes of a pair."""
    return json.dumps({"clear_a": True, "clear_b": True, "both_can_hold": not upheld})


def answers(*rows: tuple[int, str, bool, int]) -> str:
    """What a judge says that passages answer: number, question, yes or not, strength."""
    told = [
        {"passage": number, "question": question, "answer": "yes" if is_yes else "no", "strength": strength}
        for number, question, is_yes, strength in rows
    ]
    return json.dumps({"answers": told})


class ChatService:
    """Answers each request with ``says``, one about quotes with ``checks``, or either with the next of ``planned``."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Messages] = []
        self.checked: list[Messages] = []
        self.models: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.planned: list[Reply] = []
        self.says: Callable[[Messages], str] = lambda _: verdict()
        self.checks: Callable[[Messages], str] = lambda _: check()
        self._lock = threading.Lock()

    def plan(self, status: int, body: bytes = b"{}", *, after_s: float = 0.0, **headers: str) -> None:
        """Answer one of the next requests otherwise."""
        own = {name.replace("_", "-"): value for name, value in headers.items()}
        self.planned.append(Reply(status, body, own, after_s))

    def take(self, path: str, headers: Any, data: bytes) -> Reply:
        with self._lock:
            body = json.loads(data)
            self.faults += self._faults(path, headers, body)
            self.bodies.append(body)
            (self.checked if quotes_in(body["messages"]) else self.asked).append(body["messages"])
            self.models.append(body["model"])
            planned = self.planned.pop(0) if self.planned else None
        if planned is not None:
            return planned
        says = self.checks if quotes_in(body["messages"]) else self.says
        said = {"role": "assistant", "content": says(body["messages"])}
        told = {"object": "chat.completion", "choices": [{"index": 0, "message": said}]}
        return Reply(200, json.dumps(told).encode())

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
    with serving_posts(played.take) as port:
        played.url = f"http://127.0.0.1:{port}/v1"
        yield played
    assert played.faults == []
