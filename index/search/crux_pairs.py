"""Cruxes: pairs of passages of two episodes that seem to answer one question from opposite sides.

Steps: claims of the episode -> the nearest claims of the other side in other episodes -> the gate's probability ->
those above the threshold, nearest to each other both ways -> not one speaker twice, both stating their side -> the best
of each episode.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from index.search.excerpts import excerpt_of, states_its_side
from index.search.search_tables import SearchTables
from index.search.speaker_names import is_nobody
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.tokens import fold
from scoring.axis import Axis
from scoring.crux_gate import Claims, CruxGate

THRESHOLD = 0.35
"""Least probability of a pair that is shown. METHODOLOGY.md, "The other side", says how often it is right."""

_SHORTEST_GIVEN = 3

LEAST_READ = 0.05
"""Least probability of a pair that a judge is asked about."""

_N_NEAREST = 5
_BLOCK = 4096
_FEW = 512
_GROUP = 64
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


class CruxSource(ABC):
    """Finder of the cruxes of an edition's episodes."""

    __slots__ = ()

    @property
    @abstractmethod
    def episodes(self) -> Mapping[int, EpisodeRecord]:
        """Return the episodes of the edition by id."""

    @abstractmethod
    async def pairs_of(self, episode: EpisodeRecord) -> list[Crux]:
        """Return the pairs of an episode that may be cruxes, the most probable first, whoever speaks in them."""

    async def cruxes_of(self, episode: EpisodeRecord) -> list[Crux]:
        """Return the cruxes of an episode, the most probable first, at most one with each other, no passage twice.

        Left out are pairs whose passages do not state their side or may be one person's.
        """
        found: dict[int, Crux] = {}
        used: set[int] = set()
        for crux in await self.pairs_of(episode):
            here, there = crux.here, crux.there
            if there.episode_id in found or {here.id, there.id} & used:
                continue
            if may_meet(self.episodes, here, there):
                used |= {here.id, there.id}
                found[there.episode_id] = crux
        return list(found.values())

    async def all_cruxes_of(self, episode: EpisodeRecord) -> list[Crux]:
        """Return every crux of an episode, the most probable first, however often a passage comes."""
        pairs = await self.pairs_of(episode)
        return [crux for crux in pairs if may_meet(self.episodes, crux.here, crux.there)]


@dataclass(frozen=True, slots=True)
class EpisodePairs:
    """Pairs of an episode's claims with claims of others; arrays of shape (n_pairs,).

    Attributes:
        here, there: rows of the ``CruxTable``, of the episode and of the other.
        probabilities: by the gate, 0 to 1.
        questions: that both claims are most like.
    """

    here: npt.NDArray[np.int64]
    there: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float64]
    questions: list[str]


@dataclass(frozen=True, slots=True)
class _Nearest:
    """Claims with their nearest of the other side.

    Attributes:
        here, there: rows of each pair, shape (n_pairs,).
        likeness: cosine of each pair, shape (n_pairs,).
        least: of each claim that was asked about, to the last of its nearest, shape (n_claims,); minus infinity where
            there are fewer than ``_N_NEAREST``.
    """

    here: npt.NDArray[np.int64]
    there: npt.NDArray[np.int64]
    likeness: npt.NDArray[np.float32]
    least: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CruxTable(CruxSource):
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

    @property
    def episodes(self) -> Mapping[int, EpisodeRecord]:
        """Return the episodes of the edition by id."""
        return self.tables.edition.episodes

    async def pairs_of(self, episode: EpisodeRecord) -> list[Crux]:
        """Return the ``candidates`` of an episode with their passages, as ``read`` orders them."""
        return await self.read(self.candidates(episode.id))

    async def read(self, pairs: EpisodePairs) -> list[Crux]:
        """Return an episode's pairs with their passages, the most probable first, ties by the passages' ids."""
        if not len(pairs.here):
            return []
        ids = self.tables.edition.columns.slice_id
        here, there = ids[self.places[pairs.here]].tolist(), ids[self.places[pairs.there]].tolist()
        records = await self.tables.edition.slices.by_id({*here, *there})
        ordered = np.lexsort((there, here, -pairs.probabilities)).tolist()
        return [
            Crux(
                pairs.questions[row],
                float(pairs.probabilities[row]),
                records[here[row]],
                records[there[row]],
            )
            for row in ordered
        ]

    def candidates(self, episode_id: int) -> EpisodePairs:
        """Return the pairs of an episode's claims with claims of others at or above the threshold.

        Each is among the nearest of the other. A passage that is near to everything, of which a library has some, would
        otherwise answer every episode.
        """
        near = self._nearest(np.flatnonzero(self._episodes() == episode_id))
        probabilities = self.probabilities(near.here, near.there)
        good = np.flatnonzero(probabilities >= THRESHOLD)
        answered, places = np.unique(near.there[good], return_inverse=True)
        good = good[near.likeness[good] + _SAME >= self._nearest(answered).least[places]]
        here, there = near.here[good], near.there[good]
        return EpisodePairs(here, there, probabilities[good], self.questions(here, there))

    def candidates_of_all(self) -> dict[int, EpisodePairs]:
        """Return ``candidates`` of every episode that has some, by its id; far quicker than one by one."""
        near = self._nearest(np.arange(len(self.places)))
        mutual = np.flatnonzero(near.likeness + _SAME >= near.least[near.there])
        here, there = near.here[mutual], near.there[mutual]
        both, places = np.unique(
            np.column_stack([np.minimum(here, there), np.maximum(here, there)]), axis=0, return_inverse=True
        )
        probabilities = self.probabilities(*both.T)
        good = np.flatnonzero(probabilities >= THRESHOLD)
        questions = dict(zip(good.tolist(), self.questions(*both[good].T), strict=True))
        places = places.reshape(-1)
        kept = np.flatnonzero(probabilities[places] >= THRESHOLD)
        kept = kept[np.argsort(self._episodes()[here[kept]], kind="stable")]
        owners, starts = np.unique(self._episodes()[here[kept]], return_index=True)
        found = {}
        for owner, first, end in zip(owners.tolist(), starts, np.append(starts, len(kept))[1:], strict=True):
            rows = kept[first:end]
            asked = [questions[pair] for pair in places[rows].tolist()]
            found[owner] = EpisodePairs(here[rows], there[rows], probabilities[places[rows]], asked)
        return found

    def likely_pairs(self, least: float) -> npt.NDArray[np.int64]:
        """Return the pairs of claims of a probability of ``least`` or more, each among the nearest of the other.

        Returns:
            Rows of the claim of the low side and of that of the high side, the most probable first, shape (n_pairs, 2).
        """
        near = self._nearest(np.arange(len(self.places)))
        n_claims = len(self.places)
        is_low = near.here < self.n_low
        found = np.intersect1d(
            near.here[is_low] * n_claims + near.there[is_low],
            near.there[~is_low] * n_claims + near.here[~is_low],
        )
        low, high = np.divmod(found, max(1, n_claims))
        probabilities = self.probabilities(low, high)
        kept = np.flatnonzero(probabilities >= least)
        kept = kept[np.argsort(-probabilities[kept], kind="stable")]
        return np.column_stack([low[kept], high[kept]])

    def probabilities(
        self, low: npt.NDArray[np.int64], high: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Return the gate's probability of each pair of rows of the table, computed in blocks to spare memory."""
        found = np.zeros(len(low))
        for first in range(0, len(low), _BLOCK):
            block = slice(first, first + _BLOCK)
            found[block] = self.gate.probabilities(self._claims(low[block]), self._claims(high[block]))
        return found

    def questions(self, low: npt.NDArray[np.int64], high: npt.NDArray[np.int64]) -> list[str]:
        """Return the question that both claims of each pair of rows of the table are most like."""
        return self.gate.questions_of(self._claims(low), self._claims(high)) if len(low) else []

    def vectors(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Return unit vectors of the claims in ``rows``, shape (n, dim)."""
        return _vectors(self.tables, self.places[rows])

    def _nearest(self, rows: npt.NDArray[np.int64]) -> _Nearest:
        """Return each of ``rows`` with its nearest claims of the other side in other episodes; ties by row."""
        episodes = self._episodes()
        heres, theres, likenesses, least = [], [], [], np.full(len(rows), -np.inf, np.float32)
        for is_high in (False, True):
            of_side = np.flatnonzero((rows >= self.n_low) == is_high)
            first, end = (0, self.n_low) if is_high else (self.n_low, len(self.places))
            for start in range(0, len(of_side) if end > first else 0, _FEW):
                block = of_side[start : start + _FEW]
                likeness = self.projected[rows[block]] @ self.projected[first:end].T
                own = episodes[rows[block]]
                froms = np.searchsorted(episodes[first:end], own)
                tos = np.searchsorted(episodes[first:end], own, side="right")
                for row, (low, high) in enumerate(zip(froms.tolist(), tos.tolist(), strict=True)):
                    likeness[row, low:high] = -np.inf
                places, others, least[block] = _largest(likeness, _N_NEAREST)
                heres.append(rows[block][places])
                theres.append(others + first)
                likenesses.append(likeness[places, others])
        if not heres:
            nobody = np.zeros(0, np.int64)
            return _Nearest(nobody, nobody, np.zeros(0, np.float32), least)
        return _Nearest(np.concatenate(heres), np.concatenate(theres), np.concatenate(likenesses), least)

    def _episodes(self) -> npt.NDArray[np.int64]:
        """Return the episode of each claim; ascending on each side."""
        return self.tables.edition.columns.slice_episode[self.places]

    def _claims(self, rows: npt.NDArray[np.int64]) -> Claims:
        places, columns = self.places[rows], self.tables.edition.columns
        return Claims(
            _vectors(self.tables, places),
            self.projected[rows],
            columns.slice_position[places],
            columns.slice_lens[places],
        )


@dataclass(frozen=True, slots=True)
class CruxesOfAll(CruxSource):
    """Finder of the same cruxes as a ``CruxTable``, for whoever asks about most episodes: it compares all at once.

    Attributes:
        table: the claims of the edition.
        pairs: candidates of each episode that has some, by its id.
    """

    table: CruxTable
    pairs: Mapping[int, EpisodePairs]

    @classmethod
    def of(cls, table: CruxTable) -> "CruxesOfAll":
        """Compare all claims of an edition."""
        return cls(table, table.candidates_of_all())

    @property
    def episodes(self) -> Mapping[int, EpisodeRecord]:
        """Return the episodes of the edition by id."""
        return self.table.episodes

    async def pairs_of(self, episode: EpisodeRecord) -> list[Crux]:
        """Return the pairs of an episode, as ``CruxTable.pairs_of`` does."""
        pairs = self.pairs.get(episode.id)
        return [] if pairs is None else await self.table.read(pairs)


def is_claim(axis: Axis, episode: EpisodeRecord, record: SliceRecord) -> bool:
    """Return True if a slice is a claim that states its side: what is none is in no crux."""
    bands = axis.bands
    return (
        record.reading.confidence != "low"
        and record.reading.band in (bands[0], bands[-1])
        and states_its_side(episode, record)
    )


def may_meet(episodes: Mapping[int, EpisodeRecord], one: SliceRecord, other: SliceRecord) -> bool:
    """Return True if two passages both state their side and are not spoken by the same person."""
    of_one, of_other = episodes[one.episode_id], episodes[other.episode_id]
    return (
        states_its_side(of_one, one)
        and states_its_side(of_other, other)
        and not may_be_one_person(of_one, one, of_other, other)
    )


def _largest(
    values: npt.NDArray[np.float32], n: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return rows and columns of the ``n`` largest finite values of each row, and the last of each row's.

    Values that differ from the last by less than ``_SAME`` are ties, taken by column; the last is minus infinity where
    a row has fewer than ``n``. Most columns are passed over by the largest of their group: that takes a tenth of the
    time of partitioning.
    """
    n_rows, n_columns = values.shape
    if n_columns > 2 * n * _GROUP:
        groups = np.maximum.reduceat(values, np.arange(0, n_columns, _GROUP), axis=1)
        bound = np.partition(groups, groups.shape[1] - n, axis=1)[:, groups.shape[1] - n] - _SAME
        held = np.flatnonzero(values >= np.maximum(bound, np.finfo(np.float32).min)[:, np.newaxis])
    else:
        held = np.flatnonzero(np.isfinite(values))
    rows, columns = np.divmod(held, n_columns)
    found = values[rows, columns]
    starts = np.searchsorted(rows, np.arange(n_rows))
    descending = found[np.lexsort((-found, rows))]
    is_full = np.bincount(rows, minlength=n_rows) >= n
    last = np.full(n_rows, -np.inf, np.float32)
    last[is_full] = descending[starts[is_full] + n - 1]
    order = np.lexsort((columns, np.digitize(found - last[rows], (-_SAME, _SAME)) * -1, rows))
    kept = order[np.arange(len(order)) - starts[rows[order]] < n]
    return rows[kept], columns[kept], last


def _vectors(tables: SearchTables, places: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Return the vectors of whole slices by their places in the columns."""
    return tables.edition.vectors.take(tables.first_windows[places])


def may_be_one_person(
    episode: EpisodeRecord, record: SliceRecord, against: EpisodeRecord, other: SliceRecord
) -> bool:
    """Return True if the excerpts of two slices of different episodes may be spoken by the same person.

    An excerpt whose speaker is unknown, or only called *Host* or the like, may be spoken by any guest or host of its
    episode. Where these are unknown, too, anybody of the same source may speak it. A name may mean whoever bears all of
    its words.
    """
    ones, others = _possible_speakers(episode, record), _possible_speakers(against, other)
    if not (ones and others):
        return episode.about.source is not None and episode.about.source == against.about.source
    return _may_share_one(ones, others)


def may_be_of_one_person(episode: EpisodeRecord, other: EpisodeRecord) -> bool:
    """Return True if two episodes may be one person's: they share a guest, or whoever speaks alone in a source.

    Where neither guests nor hosts are known, it is whoever speaks in that source; and, of a source that has a person's
    name, the person, whom another episode without known people may name in its title or summary (*Rob* for *Robert*).
    """
    about, against = episode.about, other.about
    ones, others = (_words_of_names(one.guests or one.hosts) for one in (about, against))
    if ones and others:
        return _may_share_one(ones, others)
    if about.source is not None and about.source == against.source:
        return True
    return not ones and not others and (_names_source(episode, other) or _names_source(other, episode))


def _may_share_one(names: Sequence[frozenset[str]], others: Sequence[frozenset[str]]) -> bool:
    """Return True if a name of each may be one person's: it has all words of the other."""
    return any(name <= another or another <= name for name in names for another in others)


def _names_source(episode: EpisodeRecord, other: EpisodeRecord) -> bool:
    """Return True if the title or summary of ``episode`` has the person's name that the source of ``other`` has."""
    name = fold(other.about.source or "").split()
    if len(name) < 2:
        return False
    words = re.findall(r"[^\W_]+", fold(f"{episode.about.title} {episode.about.summary or ''}"))
    return any(
        last == name[-1]
        and len(first) >= _SHORTEST_GIVEN
        and (name[0].startswith(first) or first.startswith(name[0]))
        for first, last in pairwise(words)
    )


def _possible_speakers(episode: EpisodeRecord, record: SliceRecord) -> list[frozenset[str]]:
    speaker = excerpt_of(episode, record).speaker
    names = [speaker] if speaker and not is_nobody(speaker) else [*episode.about.guests, *episode.about.hosts]
    return _words_of_names(names)


def _words_of_names(names: Iterable[str]) -> list[frozenset[str]]:
    return [words for name in names if (words := frozenset(fold(name).split()))]
