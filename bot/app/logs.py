"""Log lines: as text, or as one JSON object a line, each with the number of the request that it belongs to."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

REQUEST: ContextVar[str] = ContextVar("request", default="-")
"""The number of the request that is worked on: Discord's of the interaction, or ``-``."""

LogFormat = Literal["text", "json"]

_TEXT = "%(asctime)s %(levelname)s %(name)s [%(request)s] %(message)s"


class RequestFilter(logging.Filter):
    """Puts the number of the request into each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        record.request = REQUEST.get()
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``at`` (UTC), ``level``, ``logger``, ``request``, ``message``, maybe ``error``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": getattr(record, "request", "-"),
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def set_up_logs(form: LogFormat) -> None:
    """Let all log lines of this process go to its error stream in a form, in place of how they went there before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RequestFilter())
    handler.setFormatter(JsonFormatter() if form == "json" else logging.Formatter(_TEXT))
    root = logging.getLogger()
    for before in list(root.handlers):
        root.removeHandler(before)
    root.addHandler(handler)
