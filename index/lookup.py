"""What search wants to know of an edition besides its rows, worked out once when the edition is opened."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from index import store
from index.edition import Edition
from index.encoder import Vectors
from index.keywords import stems_in, telling


@dataclass(frozen=True, slots=True)
class Lookup:
    """Tables over one edition.

    Attributes:
        edition: the edition.
        directions: for each episode the unit direction in which its mean vector differs from the mean of all
            episodes, shape (n_episodes, dim); zeros for an episode without a transcript.
        title_stems: stems of each episode's title and people, by its id.
    """

    edition: Edition
    directions: Vectors
    title_stems: dict[int, frozenset[str]]
    _frequencies: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, edition: Edition) -> "Lookup":
        """Work the tables of ``edition`` out."""
        means = edition.columns.episode_vector.astype(np.float32)
        spoken = np.any(means != 0, axis=1)
        means = _unit(means)
        centred = means - means[spoken].mean(axis=0) if spoken.sum() > 1 else means
        centred[~spoken] = 0
        titles = {
            episode.id: frozenset(
                stems_in(" ".join((episode.about.title, *episode.about.guests, *episode.about.hosts)))
            )
            for episode in edition.episodes.values()
        }
        return cls(edition, _unit(centred), titles)

    def episode_similarity(self, episodes: npt.NDArray[np.int64], vector: Vectors) -> npt.NDArray[np.float64]:
        """Cosine of ``vector`` to the direction of each of ``episodes``, shape (len(episodes),)."""
        places = np.searchsorted(self.edition.columns.episode_id, episodes)
        return (self.directions @ vector)[places].astype(np.float64)

    async def telling(self, stems: tuple[str, ...]) -> dict[str, float]:
        """How much each of ``stems`` tells in this edition."""
        unknown = [stem for stem in stems if stem not in self._frequencies]
        if unknown:
            counted = await store.document_frequencies(self.edition.connection, unknown)
            self._frequencies.update(counted)  # never more than the edition has words
        n_slices = max(1, self.edition.facts.n_slices)
        return {stem: telling(n_slices, self._frequencies.get(stem, 0)) for stem in stems}


def _unit(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return unit
