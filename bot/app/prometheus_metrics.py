"""Figures of the running bot in Prometheus' text format, counted in this process. Nothing of a person is in them.

The format is that of https://prometheus.io/docs/instrumenting/exposition_formats/ (text, version 0.0.4).
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of a histogram's buckets."""

MOST_SERIES = 500
"""A metric counts at most so many combinations of labels; further ones are counted as ``other``."""

Labels = tuple[str, ...]


@dataclass(slots=True)
class Counter:
    """A number by labels that only grows.

    Attributes:
        name, help: as Prometheus shows them.
        labels: names of the labels.
    """

    name: str
    help: str
    labels: Labels = ()
    _values: dict[Labels, float] = field(default_factory=dict)

    def add(self, *values: str, n: float = 1.0) -> None:
        """Count ``n`` more for these values of the labels."""
        key = _bounded(self._values, values)
        self._values[key] = self._values.get(key, 0.0) + n

    def value(self, *values: str) -> float:
        """Return the number for these values of the labels."""
        return self._values.get(values, 0.0)

    def lines(self) -> list[str]:
        """Return the metric in the text format."""
        shown = dict(sorted(self._values.items())) or ({} if self.labels else {(): 0.0})
        return [
            *_head(self.name, self.help, "counter"),
            *(f"{self.name}{_labelled(self.labels, key)} {_number(n)}" for key, n in shown.items()),
        ]


@dataclass(slots=True)
class Histogram:
    """Seconds by labels, in buckets."""

    name: str
    help: str
    labels: Labels = ()
    _counts: dict[Labels, list[int]] = field(default_factory=dict)
    _sums: dict[Labels, float] = field(default_factory=dict)

    def observe(self, seconds: float, *values: str) -> None:
        """Count one that took ``seconds``; what is no number is left out."""
        if not math.isfinite(seconds):
            return
        key = _bounded(self._counts, values)
        counts = self._counts.setdefault(key, [0] * (len(SECONDS) + 1))
        counts[bisect_left(SECONDS, seconds)] += 1
        self._sums[key] = self._sums.get(key, 0.0) + max(0.0, seconds)

    def within(self, share: float, *values: str) -> float | None:
        """Return the seconds within which at least ``share`` (0 to 1) were done, by buckets; None if none was counted.

        It is infinite where that took longer than the last bucket.
        """
        counts = self._counts.get(values, ())
        wanted, n_done = share * sum(counts), 0
        for seconds, n in zip((*SECONDS, math.inf), counts, strict=False):
            n_done += n
            if n and n_done >= wanted:
                return seconds
        return None

    def count(self, *values: str) -> int:
        """Return how many were counted for these values of the labels."""
        return sum(self._counts.get(values, ()))

    def lines(self) -> list[str]:
        """Return the metric in the text format."""
        lines = _head(self.name, self.help, "histogram")
        for key, counts in sorted(self._counts.items()):
            total = 0
            for bound, n in zip((*SECONDS, math.inf), counts, strict=True):
                total += n
                labels = _labelled((*self.labels, "le"), (*key, _number(bound)))
                lines.append(f"{self.name}_bucket{labels} {total}")
            lines.append(f"{self.name}_sum{_labelled(self.labels, key)} {_number(self._sums[key])}")
            lines.append(f"{self.name}_count{_labelled(self.labels, key)} {total}")
        return lines


@dataclass(frozen=True, slots=True)
class ReadMetric:
    """A number that is read when it is asked for; None leaves it out. One that only grows is a ``counter``."""

    name: str
    help: str
    kind: Literal["counter", "gauge"]
    read: Callable[[], float | None]

    def lines(self) -> list[str]:
        """Return the metric in the text format."""
        value = self.read()
        if value is None:
            return []
        return [*_head(self.name, self.help, self.kind), f"{self.name} {_number(value)}"]


class Metrics:
    """The figures of a bot.

    Attributes:
        questions: by what was asked for, and what came of it: ``answered`` or the code of an error.
        stage_seconds: of ``acknowledge``, ``answer`` (waiting for a turn included) and ``send``.
        fetches: by kind of source and outcome.
        messages: that the bot sent by itself, by kind and outcome.
        errors: by code; those without a sentence under the name of their class.
    """

    def __init__(self) -> None:
        self.questions = Counter(
            "counterpoint_questions_total", "What people asked for.", ("what", "outcome")
        )
        self.stage_seconds = Histogram(
            "counterpoint_stage_seconds", "Seconds that a stage of an answer took.", ("stage",)
        )
        self.fetches = Counter(
            "counterpoint_fetches_total",
            "Looks at followed sources and fetches of texts.",
            ("kind", "outcome"),
        )
        self.messages = Counter(
            "counterpoint_messages_total", "Messages that the bot sent by itself.", ("kind", "outcome")
        )
        self.errors = Counter("counterpoint_errors_total", "Errors that people were told of.", ("code",))
        self._read: list[ReadMetric] = []

    def gauge(self, name: str, text: str, read: Callable[[], float | None]) -> None:
        """Add a number that rises and falls, and is read when it is asked for."""
        self._read.append(ReadMetric(name, text, "gauge", read))

    def counter(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Add a number that only grows, and is read when it is asked for; ``name`` ends with ``_total``."""
        self._read.append(ReadMetric(name, text, "counter", read))

    def text(self, more: Mapping[str, tuple[str, float]] | None = None) -> str:
        """Return all of it in the text format; ``more`` are further gauges by name, with their help and value."""
        found: Sequence[Counter | Histogram | ReadMetric] = (
            self.questions, self.stage_seconds, self.fetches, self.messages, self.errors, *self._read,
        )  # fmt: skip
        lines = [line for metric in found for line in metric.lines()]
        for name, (text, value) in (more or {}).items():
            lines += [*_head(name, text, "gauge"), f"{name} {_number(value)}"]
        return "\n".join(lines) + "\n"


def _bounded(known: Mapping[Labels, object], values: Labels) -> Labels:
    if values in known or len(known) < MOST_SERIES:
        return values
    return ("other",) * len(values)


def _head(name: str, text: str, kind: str) -> list[str]:
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]


def _labelled(names: Labels, values: Labels) -> str:
    if not names:
        return ""
    shown = (value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for value in values)
    return "{" + ",".join(f'{name}="{value}"' for name, value in zip(names, shown, strict=True)) + "}"


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{value:.10g}"
