"""Who reads, cuts, embeds and scores the episodes of a build: this process, or others (``ray_workers``).

What comes out is the same, episode by episode and in the same order; the builder writes it.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.build.preparation import FinishedEpisode, Models, Prepared, finish, n_to_embed, prepare
from index.build.previous_edition import KnownVectors
from index.build.progress import Failure, Progress, Steps, Stopwatch
from index.embedding.encoder import Vectors
from index.errors import IndexingError
from index.storage.queries import Seen

_EPISODES_A_CHUNK = 24


class EpisodeWorkers(Protocol):
    """Reads, cuts, embeds and scores episodes. Two implementations: this process, and workers of a Ray cluster."""

    def finished(
        self,
        library: Path,
        wanted: Mapping[str, Seen],
        known: KnownVectors | None,
        progress: Progress,
        watch: Stopwatch,
    ) -> AsyncGenerator[FinishedEpisode | Failure, None]:
        """Yield each of the ``wanted`` episodes in order, or why it cannot be indexed.

        Args:
            library: folder of episodes.
            wanted: state of their folders, by slug.
            known: vectors that need not be computed again.
            progress: told of every episode.
            watch: measures stages; what the receiver does between two episodes counts to theirs.
        """


class ThisProcess:
    """Works on a few episodes at once, so that batches for the model are full.

    Args:
        models: what embeds and scores.
    """

    def __init__(self, models: Models) -> None:
        self._models = models

    async def finished(
        self,
        library: Path,
        wanted: Mapping[str, Seen],
        known: KnownVectors | None,
        progress: Progress,
        watch: Stopwatch,
    ) -> AsyncGenerator[FinishedEpisode | Failure, None]:
        """Yield as the protocol has it."""
        left = iter(wanted.items())
        while chunk := list(islice(left, _EPISODES_A_CHUNK)):
            outcomes = [prepare_or_fail(library, slug, seen) for slug, seen in chunk]
            prepared = [outcome for outcome in outcomes if isinstance(outcome, Prepared)]
            progress.advance(len(chunk) - len(prepared))
            watch.lap("read")
            found = known_of(prepared, known)
            steps = Steps(progress, len(prepared), n_to_embed(prepared, self._models.encoder, found))
            done = finish(prepared, self._models, found, embedded=steps.embedded)
            for outcome in outcomes:
                yield outcome if isinstance(outcome, Failure) else next(done)
            steps.done()
            watch.lap("embed and score")


def prepare_or_fail(library: Path, slug: str, seen: Seen) -> Prepared | Failure:
    """Return the prepared episode, or why it cannot be read."""
    try:
        return prepare(library, slug, seen)
    except IndexingError as error:
        return Failure(slug, error)


def known_of(
    episodes: Sequence[Prepared], known: KnownVectors | None
) -> tuple[npt.NDArray[np.bool_], Vectors] | None:
    """Return which windows of ``episodes`` are ``known``, and their vectors; None if nothing is known at all."""
    return None if known is None else known.of([key for prepared in episodes for key in prepared.keys])
