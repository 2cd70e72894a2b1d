"""How a build tells how far it is, and in the end what it did."""

from dataclasses import dataclass, field
from typing import Protocol

from index.errors import IndexingError
from index.storage.records import EditionFacts


class Progress(Protocol):
    """Told how a build goes on."""

    def stage(self, name: str, total: int) -> None:
        """A stage begins; ``total`` steps are expected of it."""

    def advance(self, steps: int) -> None:
        """So many more steps of the stage are done."""


class Steps:
    """Progress in episodes, told by windows: batches of windows are of many episodes."""

    def __init__(self, progress: Progress, n_episodes: int, n_windows: int) -> None:
        self._progress, self._n_episodes, self._n_windows = progress, n_episodes, n_windows
        self._embedded = self._told = 0

    def embedded(self, n_windows: int) -> None:
        """So many more windows are done."""
        self._embedded += n_windows
        self._tell(self._n_episodes * self._embedded // max(1, self._n_windows))

    def done(self) -> None:
        """All episodes are done."""
        self._tell(self._n_episodes)

    def _tell(self, n_episodes: int) -> None:
        if n_episodes > self._told:
            self._progress.advance(n_episodes - self._told)
            self._told = n_episodes


@dataclass(frozen=True, slots=True)
class Failure:
    """An episode that could not be taken in, and why."""

    slug: str
    error: IndexingError


@dataclass(slots=True)
class BuildReport:
    """What a build did. Slugs are in order; seconds by stage in the order the stages ran."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    failures: list[Failure] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    n_embedded: int = 0
    facts: EditionFacts | None = None
    is_new: bool = False
