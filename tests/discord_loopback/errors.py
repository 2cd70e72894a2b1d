"""What the loopback says when a request or a test does something that Discord would not let pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

INVALID_FORM_BODY = 50035


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule of one request: where it stands in the body, Discord's code for it, and a sentence."""

    route: str
    path: tuple[str | int, ...]
    code: str
    message: str

    def __str__(self) -> str:
        where = ".".join(str(part) for part in self.path) or "(body)"
        return f"{self.route}: {where}: {self.code}: {self.message}"


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule before it is tied to a route."""

    path: tuple[str | int, ...]
    code: str
    message: str


class ApiError(Exception):
    """An answer with an error status, as Discord's API words it."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        errors: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.body: dict[str, Any] = {"message": message, "code": code, **(extra or {})}
        if errors:
            self.body["errors"] = dict(errors)
        self.headers = dict(headers or {})


class InvalidBodyError(Exception):
    """A body that breaks one rule or more; the REST face records each and answers 400 with code 50035."""

    def __init__(self, faults: Iterable[Fault], *, api_code: int = INVALID_FORM_BODY) -> None:
        self.faults = tuple(faults)
        self.api_code = api_code
        super().__init__("; ".join(f"{fault.path}: {fault.code}" for fault in self.faults))


class RefusedByClientError(Exception):
    """The test asked for something that Discord's own client would not let a person do."""


class NoAnswerError(Exception):
    """The bot did not answer within the time the driver was given."""


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    errors: list[dict[str, str]] = field(default_factory=list)

    def tree(self) -> dict[str, Any]:
        grown: dict[str, Any] = {name: child.tree() for name, child in self.children.items()}
        if self.errors:
            grown["_errors"] = self.errors
        return grown


def error_tree(faults: Iterable[Fault]) -> dict[str, Any]:
    """Discord's nested `errors` object: keys and list positions down to `_errors`."""
    root = _Node()
    for fault in faults:
        node = root
        for part in fault.path:
            node = node.children.setdefault(str(part), _Node())
        node.errors.append({"code": fault.code, "message": fault.message})
    return root.tree()
