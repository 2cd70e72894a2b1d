"""What a background process says of its work, line by line: the values, and how they are read. Pure.

{"stage": "embed", "done": 120, "total": 900}   whenever it got on
{"report": {...}}                               at its end, as ``counterpoint index --json``
{"error": {"code": "...", "fields": {...}}}     instead, where an error of the project ended it
"""

import json
from dataclasses import dataclass

from bot.app.build_report import IndexReport
from scoring.errors import CodedError, error_of


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of a job: ``done`` of ``total`` steps of ``stage``; ``total`` may be 0."""

    stage: str
    done: int
    total: int


def read_line(line: bytes) -> Step | IndexReport | CodedError | None:
    """Return the step that a line of the process names; None for a line of another shape."""
    try:
        told = json.loads(line)
        if "report" in told:
            return IndexReport.model_validate(told["report"])
        if "error" in told:
            return error_of(str(told["error"]["code"]), dict(told["error"]["fields"]))
        return Step(str(told["stage"]), int(told["done"]), int(told["total"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
