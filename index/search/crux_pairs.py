"""Cruxes: pairs of passages of two episodes that seem to answer one question from opposite sides.

Steps: claims of the episode -> the nearest claims of the other side in other episodes -> the gate's probability ->
those above the threshold, nearest to each other both ways -> not one speaker twice, both stating their side -> the best
of each episode.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.search.excerpts import excerpt_of, states_its_side
from index.search.search_tables import SearchTables
from index.storage import queries
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.tokens import fold
from scoring.crux_gate import Claims, CruxGate

THRESHOLD = 0.35
"""Least probability of a pair that is shown. METHODOLOGY.md, "The other side", says how often it is right."""

LEAST_READ = 0.05
"""Least probability of a pair that a judge is asked about."""

_N_NEAREST = 5
_BLOCK = 4096
_FEW = 512
_SAME = 1e-6
"""Cosines that differ by less are ties."""


@dataclass(frozen=True, slots=True)
class Crux:
    """Two passages that seem to speak to one question from opposite sides.

    Attributes:
        question: in words, from the gate's questions.
        probability: that a reader would call the pair a good one, by the gate: ``THRESHOLD`` to 1, 0 to 1 if judged.
        here: the passage of the episode that was asked about.
        there: that of the other episode.
        judge: name of the language model that read both and called the pair good; None where only the gate did.
    """

    question: str
    probability: float
    here: SliceRecord
    there: SliceRecord
    judge: str | None = None


class CruxSource(Protocol):
    """Finder of the cruxes of an episode."""

    async def cruxes_of(self, episode: EpisodeRecord) -> list[Crux]:
        """Return the cruxes of an episode, at most one with each other episode, no passage twice."""


@dataclass(frozen=True, slots=True)
class CruxCandidates:
    """Pairs of claims by their rows in a ``CruxTable``, the most probable first; all of shape (n_pairs,).

    Attributes:
        low, high: of the low side and of the high side.
        probabilities: by the gate, 0 to 1.
    """

    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float64]


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
        ids = self.tables.edition.columns.slice_id
        records = await queries.slices_by_id(
            self.tables.edition.connection, {*ids[here].tolist(), *ids[there].tolist()}
        )
        ordered = np.lexsort((there, here, -probabilities))
        pairs = [(row, records[int(ids[here[row]])], records[int(ids[there[row]])]) for row in ordered]
        return best_of(
            self.tables.edition.episodes,
            (Crux(questions[row], float(probabilities[row]), one, other) for row, one, other in pairs),
        )

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

    def all_candidates(self, least: float) -> "CruxCandidates":
        """Return all pairs of claims at or above a probability, each among the nearest of the other.

        They are the pairs that ``candidates`` finds from either side, for the whole edition at once.
        """
        low, high = np.arange(self.n_low), np.arange(self.n_low, len(self.places))
        found = self._nearest(low, high) & {(one, other) for other, one in self._nearest(high, low)}
        pairs = np.array(sorted(found), np.int64).reshape(-1, 2)
        probabilities = np.zeros(len(pairs))
        for first in range(0, len(pairs), _BLOCK):
            block = pairs[first : first + _BLOCK]
            probabilities[first : first + _BLOCK] = self.probabilities(block[:, 0], block[:, 1])
        kept = np.flatnonzero(probabilities >= least)
        kept = kept[np.argsort(-probabilities[kept], kind="stable")]
        return CruxCandidates(pairs[kept, 0], pairs[kept, 1], probabilities[kept])

    def probabilities(
        self, low: npt.NDArray[np.int64], high: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Return the gate's probability of each pair of rows of the table."""
        return self.gate.probabilities(self._claims(low), self._claims(high))

    def questions(self, low: npt.NDArray[np.int64], high: npt.NDArray[np.int64]) -> list[str]:
        """Return the question that both claims of each pair of rows of the table are most like."""
        return self.gate.questions_of(self._claims(low), self._claims(high)) if len(low) else []

    def _nearest(self, rows: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> set[tuple[int, int]]:
        """Return each of ``rows`` with each of its nearest in ``others``, those of other episodes, as pairs."""
        episodes = self.tables.edition.columns.slice_episode[self.places]
        n_nearest = min(_N_NEAREST, len(others))
        found: set[tuple[int, int]] = set()
        for first in range(0, len(rows) if n_nearest else 0, _FEW):
            block = rows[first : first + _FEW]
            likeness = self.projected[block] @ self.projected[others].T
            likeness[episodes[block][:, None] == episodes[others]] = -np.inf
            nearest = np.argpartition(-likeness, n_nearest - 1, axis=1)[:, :n_nearest]
            is_other = np.isfinite(np.take_along_axis(likeness, nearest, axis=1))
            owners = np.repeat(block, n_nearest).reshape(nearest.shape)
            found.update(zip(owners[is_other].tolist(), others[nearest[is_other]].tolist(), strict=True))
        return found

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


def best_of(episodes: Mapping[int, EpisodeRecord], ordered: Iterable[Crux]) -> list[Crux]:
    """Return those of ``ordered`` cruxes of one episode that may be shown, at most one with each other episode.

    Left out are pairs whose passages do not state their side or may be one person's, and passages that came before.

    Args:
        episodes: of the edition, by id.
        ordered: the best first.
    """
    found: dict[int, Crux] = {}
    used: set[int] = set()
    for crux in ordered:
        one, other = crux.here, crux.there
        if other.episode_id in found or {one.id, other.id} & used:
            continue
        if may_meet(episodes, one, other):
            used |= {one.id, other.id}
            found[other.episode_id] = crux
    return list(found.values())


def may_meet(episodes: Mapping[int, EpisodeRecord], one: SliceRecord, other: SliceRecord) -> bool:
    """Return True if two passages both state their side and are not spoken by the same person."""
    of_one, of_other = episodes[one.episode_id], episodes[other.episode_id]
    return (
        states_its_side(of_one, one)
        and states_its_side(of_other, other)
        and not may_be_one_person(of_one, one, of_other, other)
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
