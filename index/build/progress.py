"""Progress and report of a build."""

import time
from dataclasses import dataclass, field
from typing import Protocol

from index.errors import IndexingError
from index.storage.records import EditionFacts


class Progress(Protocol):
    """Receiver of a build's progress."""

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of ``total`` expected steps."""

    def advance(self, steps: int) -> None:
        """Count ``steps`` more steps of the stage as done."""


class Steps:
    """Progress in episodes, estimated from windows: a batch of windows spans many episodes."""

    def __init__(self, progress: Progress, n_episodes: int, n_windows: int) -> None:
        self._progress, self._n_episodes, self._n_windows = progress, n_episodes, n_windows
        self._embedded = self._reported = 0

    def embedded(self, n_windows: int) -> None:
        """Count ``n_windows`` more windows as done."""
        self._embedded += n_windows
        self._report(self._n_episodes * self._embedded // max(1, self._n_windows))

    def done(self) -> None:
        """Count all episodes as done."""
        self._report(self._n_episodes)

    def _report(self, n_episodes: int) -> None:
        if n_episodes > self._reported:
            self._progress.advance(n_episodes - self._reported)
            self._reported = n_episodes


class Stopwatch:
    """Seconds by stage, in ``seconds``; runs from the moment it is made."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds, self._started_s = seconds, time.perf_counter()

    def lap(self, stage: str) -> None:
        """Add the seconds since the last lap to those of ``stage``."""
        now_s = time.perf_counter()
        self._seconds[stage] = self._seconds.get(stage, 0.0) + now_s - self._started_s
        self._started_s = now_s


@dataclass(frozen=True, slots=True)
class Failure:
    """An episode that could not be indexed, and the reason."""

    slug: str
    error: IndexingError


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """What a judge did in a build.

    Attributes:
        model: its name.
        read: claims of which it said what they answer.
        asked: pairs that it gave a verdict on.
        good: those of them that it called good.
        left: claims and pairs that are still to be asked about.
        problem: why it did not answer, or not about all; None where it did, or where only the limit left some.
    """

    model: str
    read: int
    asked: int
    good: int
    left: int
    problem: IndexingError | None


@dataclass(slots=True)
class BuildReport:
    """Result of a build. Slugs are in order; seconds by stage, in the order in which the stages ran.

    ``judged`` is None without a judge.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    failures: list[Failure] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    n_embedded: int = 0
    facts: EditionFacts | None = None
    is_new: bool = False
    judged: JudgeReport | None = None

    @property
    def is_all_broken(self) -> bool:
        """Return True if the library has episodes and none of them could be indexed."""
        return bool(self.failures) and not (self.added or self.changed or self.unchanged)
