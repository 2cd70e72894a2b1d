"""Search tables precomputed when an edition opens, and who speaks where, read when it is first asked for."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Vectors
from index.storage import queries
from index.storage.edition import Edition
from index.storage.sqlite import Connection
from index.text.languages import language_of_library
from index.text.tokens import stem, stems_in
from scoring.fitting import unit

_NEAR_WINDOWS = 1000
_USUAL_SPREAD, _USUAL_EPISODES = 0.055, 4
"""The spread of a question's cosines to the episodes of a large library, and as how many episodes it counts."""


class SpeakerSlices:
    """The slices in which each speaker of an edition speaks, read at the first use and kept: it reads every slice."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._reading = asyncio.Lock()
        self._by_speaker: Mapping[str, Sequence[int]] | None = None

    async def by_speaker(self) -> Mapping[str, Sequence[int]]:
        """Return the ids of the slices in which each speaker speaks."""
        async with self._reading:
            if self._by_speaker is None:
                self._by_speaker = await queries.slices_by_speaker(self._connection)
            return self._by_speaker


@dataclass(frozen=True, slots=True)
class SearchTables:
    """Tables of one edition.

    Attributes:
        edition: the edition.
        episode_means: unit vector of each episode's mean, of those that have a transcript, shape (n, dim).
        directions: unit vector of each episode's difference from the mean of all episodes, shape (n_episodes, dim);
            zeros for an episode without a transcript.
        speaks: True for each episode whose direction is not zero, shape (n_episodes,).
        shelves, sources: numbers of each episode's shelf and source, -1 where it has none, shape (n_episodes,).
        title_stems: stems of each episode's title and people, by its id.
        window_places: place in the slice columns of each window's slice, shape (n_windows,).
        first_windows: row of each slice's first window, which is the whole slice, then the number of windows, shape
            (n_slices + 1,).
        language: ISO 639-1 code of the library's main language, or None if unknown.
        spoken: the slices in which each speaker speaks.
    """

    edition: Edition
    episode_means: Vectors
    directions: Vectors
    speaks: npt.NDArray[np.bool_]
    shelves: npt.NDArray[np.int64]
    sources: npt.NDArray[np.int64]
    title_stems: dict[int, frozenset[str]]
    window_places: npt.NDArray[np.int32]
    first_windows: npt.NDArray[np.int64]
    language: str | None
    spoken: SpeakerSlices

    @classmethod
    def of(cls, edition: Edition) -> "SearchTables":
        """Compute the tables of ``edition``."""
        means = edition.columns.episode_vector.astype(np.float32)
        spoken = np.any(means != 0, axis=1)
        means = unit(means)
        centred = means - means[spoken].mean(axis=0) if spoken.sum() > 1 else means
        centred[~spoken] = 0
        titles = {
            episode.id: frozenset(
                stems_in(" ".join((episode.about.title, *episode.about.guests, *episode.about.hosts)))
            )
            for episode in edition.episodes.values()
        }
        owners = edition.columns.window_slice
        is_first = np.diff(owners, prepend=-1) != 0  # every slice has a window, and ids ascend
        directions = unit(centred)
        episodes = [edition.episodes[number] for number in edition.columns.episode_id.tolist()]
        return cls(
            edition,
            means[spoken],
            directions,
            np.any(directions != 0, axis=1),
            _numbered([episode.about.shelf for episode in episodes]),
            _numbered([episode.about.source for episode in episodes]),
            titles,
            (np.cumsum(is_first) - 1).astype(np.int32),
            np.append(np.flatnonzero(is_first), len(owners)),
            language_of_library(lambda word: edition.postings.frequency(stem(word)), len(edition.postings)),
            SpeakerSlices(edition.connection),
        )

    def place_of(self, episode_id: int) -> int:
        """Return the place of an episode in the episode columns."""
        return int(np.searchsorted(self.edition.columns.episode_id, episode_id))

    def episode_similarity(self, episodes: npt.NDArray[np.int64], vector: Vectors) -> npt.NDArray[np.float64]:
        """Return the cosine of ``vector`` to the direction of each of ``episodes``, shape (len(episodes),)."""
        places = np.searchsorted(self.edition.columns.episode_id, episodes)
        return (self.directions[places] @ vector).astype(np.float64)

    def likeness(self, vector: Vectors) -> tuple[float, float]:
        """Return the mean and the standard deviation of the cosines of ``vector`` to the episodes.

        As if a few more episodes spread as they do in large libraries: a few tell little of that, and one nothing.
        """
        cosines = self.episode_means @ vector
        if not len(cosines):
            return 0.0, _USUAL_SPREAD
        seen, n = float(cosines.var()), len(cosines)
        variance = (n * seen + _USUAL_EPISODES * _USUAL_SPREAD**2) / (n + _USUAL_EPISODES)
        return float(cosines.mean()), math.sqrt(variance)

    def slice_vectors(self, episode_id: int) -> Vectors:
        """Return the vectors of an episode's whole slices, in order, shape (n_slices, dim)."""
        first, end = np.searchsorted(self.edition.columns.slice_episode, (episode_id, episode_id + 1))
        return self.edition.vectors.take(self.first_windows[first:end])

    def shares_saying(self, stems: Sequence[str]) -> dict[int, float]:
        """Return by its id the share, above 0 up to 1, of each episode's slices whose text holds all of ``stems``."""
        return self._shares_of(self.edition.postings.saying_all(stems))

    def _shares_of(self, places: npt.NDArray[np.integer]) -> dict[int, float]:
        """Return by its id which share of each episode's slices are those at ``places``, all different."""
        owners = self.edition.columns.slice_episode
        episodes, counts = np.unique(owners[places], return_counts=True)
        sizes = np.searchsorted(owners, episodes, side="right") - np.searchsorted(
            owners, episodes, side="left"
        )
        return dict(zip(episodes.tolist(), (counts / sizes).tolist(), strict=True))

    def shares_near(self, vector: Vectors, least: float) -> dict[int, float]:
        """Return by its id the share of each episode's slices that have a cosine of ``least`` to ``vector`` or more.

        Only the ``_NEAR_WINDOWS`` nearest windows of the edition are looked at; episodes without one are left out.
        """
        similarities, rows = self.edition.vectors.search(vector[np.newaxis], _NEAR_WINDOWS)
        places = np.unique(self.window_places[rows[0][similarities[0] >= least]])
        return self._shares_of(places)

    def idf(self, stemmed: str) -> float:
        """Return the BM25 inverse document frequency of a stem in this edition."""
        return self.edition.postings.idf(stemmed)


def _numbered(names: Sequence[str | None]) -> npt.NDArray[np.int64]:
    """Return a number for each name, equal ones for equal names; -1 for None."""
    numbers: dict[str, int] = {}
    return np.array(
        [-1 if name is None else numbers.setdefault(name, len(numbers)) for name in names], np.int64
    )
