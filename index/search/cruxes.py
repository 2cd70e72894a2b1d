"""Cruxes: pairs of passages of two episodes that seem to answer one question from opposite sides.

Steps: claims of the episode -> the nearest claims of the other side in other episodes -> the gate's probability ->
those above the threshold, nearest to each other both ways -> not one speaker twice, both stating their side -> the best
of each episode.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.search.excerpts import excerpt_of, states_its_side
from index.search.tables import SearchTables
from index.storage import queries
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.tokens import fold
from scoring.crux import Claims, CruxGate

THRESHOLD = 0.35
"""Least probability of a pair that is shown. METHODOLOGY.md, "The other side", says how often it is right."""

_N_NEAREST = 5
_BLOCK = 4096
_SAME = 1e-6
"""Cosines that differ by less are ties."""


@dataclass(frozen=True, slots=True)
class Crux:
    """Two passages that seem to speak to one question from opposite sides.

    Attributes:
        question: in words, from the gate's questions.
        probability: that a reader would call the pair a good one, ``THRESHOLD`` to 1.
        here: the passage of the episode that was asked about.
        there: that of the other episode.
    """

    question: str
    probability: float
    here: SliceRecord
    there: SliceRecord


@dataclass(frozen=True, slots=True)
class CruxTable:
    """Every claim of an edition: the slices in an outer band whose confidence is not low.

    Attributes:
        tables: of the edition.
        gate: judges pairs of claims.
        places: of the claims in the slice columns, those of the low side first, shape (n_claims,).
        n_low: claims of the low side.
        projected: by the gate, shape (n_claims, n_projected).
    """

    tables: SearchTables
    gate: CruxGate
    places: npt.NDArray[np.int64]
    n_low: int
    projected: npt.NDArray[np.float32]

    @classmethod
    def of(
        cls, tables: SearchTables, gate: CruxGate, unsure: npt.NDArray[np.int64], n_bands: int
    ) -> "CruxTable":
        """Return the table of an edition.

        Args:
            tables: of the edition.
            gate: for the encoder that the edition was built with.
            unsure: ids of the slices whose confidence is low.
            n_bands: bands of the axis, at least 2.
        """
        columns = tables.edition.columns
        is_sure = ~np.isin(columns.slice_id, unsure)
        low = np.flatnonzero(is_sure & (columns.slice_band == 0))
        places = np.concatenate([low, np.flatnonzero(is_sure & (columns.slice_band == n_bands - 1))])
        projected = np.zeros((len(places), len(gate.claims)), np.float32)
        for first in range(0, len(places), _BLOCK):
            block = slice(first, first + _BLOCK)
            projected[block] = gate.project(_vectors(tables, places[block]))
        return cls(tables, gate, places, len(low), projected)

    async def cruxes_of(self, episode: EpisodeRecord) -> list[Crux]:
        """Return the cruxes of an episode, at most one with each other episode, no passage twice.

        They are ordered by probability, highest first; ties by the passages' ids.
        """
        here, there, probabilities, questions = self.candidates(episode.id)
        if not len(here):
            return []
        edition = self.tables.edition
        ids = edition.columns.slice_id
        records = await queries.slices_by_id(edition.connection, {*ids[here].tolist(), *ids[there].tolist()})
        found: dict[int, Crux] = {}
        used: set[int] = set()
        for row in np.lexsort((there, here, -probabilities)):
            one, other = records[int(ids[here[row]])], records[int(ids[there[row]])]
            if other.episode_id in found or {one.id, other.id} & used:
                continue
            against = edition.episodes[other.episode_id]
            if not (states_its_side(episode, one) and states_its_side(against, other)):
                continue
            if may_be_one_person(episode, one, against, other):
                continue
            used |= {one.id, other.id}
            found[other.episode_id] = Crux(questions[row], float(probabilities[row]), one, other)
        return list(found.values())

    def candidates(
        self, episode_id: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64], list[str]]:
        """Return pairs at or above the threshold: places here and there, probabilities and questions."""
        episodes = self.tables.edition.columns.slice_episode[self.places]
        is_own = episodes == episode_id
        own_rows, other_rows = [], []
        low, high = (0, self.n_low), (self.n_low, len(self.places))
        for (first, last), (opposite, end) in ((low, high), (high, low)):
            own = np.flatnonzero(is_own[first:last]) + first
            is_excluded = is_own[opposite:end]
            n_nearest = min(_N_NEAREST, int((~is_excluded).sum()))
            if not len(own) or not n_nearest:
                continue
            likeness = self.projected[own] @ self.projected[opposite:end].T
            likeness[:, is_excluded] = -np.inf
            nearest = np.argpartition(-likeness, n_nearest - 1, axis=1)[:, :n_nearest]
            own_rows.append(np.repeat(own, n_nearest))
            other_rows.append(nearest.ravel() + opposite)
        if not own_rows:
            nobody = np.zeros(0, np.int64)
            return nobody, nobody, np.zeros(0), []
        here, there = np.concatenate(own_rows), np.concatenate(other_rows)
        pairs = self._claims(here), self._claims(there)
        probabilities = self.gate.probabilities(*pairs)
        good = np.flatnonzero(probabilities >= THRESHOLD)
        good = good[self._are_mutual(here[good], there[good])]
        questions = self.gate.questions_of(pairs[0].take(good), pairs[1].take(good)) if len(good) else []
        return self.places[here[good]], self.places[there[good]], probabilities[good], questions

    def _are_mutual(self, here: npt.NDArray[np.int64], there: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Return for each pair of rows whether ``here`` is, too, among the nearest of ``there``.

        A passage that is near to everything, of which a library has some, would otherwise answer every episode.
        """
        episodes = self.tables.edition.columns.slice_episode[self.places]
        mutual = np.zeros(len(here), np.bool_)
        for pair, (one, other) in enumerate(zip(here.tolist(), there.tolist(), strict=True)):
            side = slice(0, self.n_low) if one < self.n_low else slice(self.n_low, None)
            likeness = self.projected[side] @ self.projected[other]
            likeness[episodes[side] == episodes[other]] = -np.inf
            mutual[pair] = (likeness > self.projected[one] @ self.projected[other] + _SAME).sum() < _N_NEAREST
        return mutual

    def _claims(self, rows: npt.NDArray[np.int64]) -> Claims:
        places, columns = self.places[rows], self.tables.edition.columns
        return Claims(
            _vectors(self.tables, places),
            self.projected[rows],
            columns.slice_position[places],
            columns.slice_lens[places],
        )


def _vectors(tables: SearchTables, places: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Return the vectors of whole slices by their places in the columns."""
    return tables.edition.vectors.take(tables.first_windows[places])


def may_be_one_person(
    episode: EpisodeRecord, record: SliceRecord, against: EpisodeRecord, other: SliceRecord
) -> bool:
    """Return True if the excerpts of two slices of different episodes may be spoken by the same person.

    An excerpt whose speaker is unknown may be spoken by any guest or host of its episode. Where these are unknown, too,
    anybody of the same source may speak it. A name may mean whoever bears all of its words.
    """
    ones, others = _possible_speakers(episode, record), _possible_speakers(against, other)
    if not (ones and others):
        return episode.about.source is not None and episode.about.source == against.about.source
    return any(name <= another or another <= name for name in ones for another in others)


def _possible_speakers(episode: EpisodeRecord, record: SliceRecord) -> list[frozenset[str]]:
    speaker = excerpt_of(episode, record).speaker
    names = [speaker] if speaker else [*episode.about.guests, *episode.about.hosts]
    return [words for name in names if (words := frozenset(fold(name).split()))]
