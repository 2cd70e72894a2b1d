"""What a background process says of its work, line by line: the values, and how they are read. Pure.

{"stage": "embed", "done": 120, "total": 900}   whenever it got on
{"report": {...}}                               at its end, as ``counterpoint index --json``
{"error": {"code": "...", "fields": {...}}}     instead, where an error of the project ended it
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scoring.errors import CodedError, error_of


@dataclass(frozen=True, slots=True)
class Step:
    """How far a job is: ``done`` of ``total`` steps of ``stage``; ``total`` may be 0."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An episode that a reindex could not take in: why as an error, or where that is not known in its own words."""

    slug: str
    error: CodedError | None
    problem: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a reindex did; slugs in order, seconds by stage in the order that the stages ran in."""

    edition: str | None
    is_new: bool
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    left_out: tuple[LeftOut, ...]
    n_embedded: int
    n_episodes: int
    n_slices: int
    seconds: Mapping[str, float]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Report":
        """The report that ``counterpoint index --json`` prints; what it does not say is empty."""
        return cls(
            edition=told.get("edition"),
            is_new=bool(told.get("is_new")),
            added=tuple(told.get("added", ())),
            changed=tuple(told.get("changed", ())),
            removed=tuple(told.get("removed", ())),
            unchanged=int(told.get("unchanged", 0)),
            left_out=tuple(_left_out(one) for one in told.get("failures", ())),
            n_embedded=int(told.get("embedded", 0)),
            n_episodes=int(told.get("episodes", 0)),
            n_slices=int(told.get("slices", 0)),
            seconds=dict(told.get("seconds", {})),
        )


def read_line(line: bytes) -> Step | Report | CodedError | None:
    """What one line of the process says; None for a line of another shape."""
    try:
        told = json.loads(line)
        if "report" in told:
            return Report.of(told["report"])
        if "error" in told:
            return error_of(str(told["error"]["code"]), dict(told["error"]["fields"]))
        return Step(str(told["stage"]), int(told["done"]), int(told["total"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _left_out(told: Mapping[str, Any]) -> LeftOut:
    error = error_of(str(told["code"]), dict(told.get("fields", {}))) if told.get("code") else None
    return LeftOut(str(told.get("episode", "")), error, str(told.get("problem", "")))
