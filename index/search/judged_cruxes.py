"""Cruxes that a judge read: which pairs of an edition it is asked about, and those that it called good."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.judge.prompt import is_one_turn
from index.search.crux_pairs import LEAST_READ, Crux, CruxTable, best_of, may_meet
from index.storage.judged_pairs import JudgedPairs, JudgeVerdict, PairKey, Span, pair_key, text_digest
from index.storage.records import EpisodeRecord, SliceRecord

_PAIRS_A_CHUNK = 256


@dataclass(frozen=True, slots=True)
class CandidatePair:
    """Two claims of different sides that a judge may be asked about, in the order of ``key``.

    Attributes:
        key: digests of their texts.
        first, second: the passages.
        probability: that a reader would call the pair a good one, by the gate.
    """

    key: PairKey
    first: SliceRecord
    second: SliceRecord
    probability: float


async def pairs_to_read(table: CruxTable) -> AsyncIterator[CandidatePair]:
    """Yield the pairs of an edition that are worth a judge's reading, the most probable first, no two texts twice.

    They are those at or above ``LEAST_READ`` that are near to each other both ways, state their sides and are spoken by
    different people.
    """
    edition = table.tables.edition
    ids = edition.columns.slice_id[table.places]
    found = table.all_candidates(LEAST_READ)
    seen: set[PairKey] = set()
    for start in range(0, len(found.low), _PAIRS_A_CHUNK):
        chunk = slice(start, start + _PAIRS_A_CHUNK)
        pairs = list(zip(ids[found.low[chunk]].tolist(), ids[found.high[chunk]].tolist(), strict=True))
        records = await edition.slices.by_id({number for pair in pairs for number in pair})
        for (low, high), probability in zip(pairs, found.probabilities[chunk].tolist(), strict=True):
            one, other = records[low], records[high]
            key = pair_key(one.piece.text, other.piece.text)
            if key in seen or not may_meet(edition.episodes, one, other):
                continue
            seen.add(key)
            if text_digest(one.piece.text) != key[0]:
                one, other = other, one
            yield CandidatePair(key, one, other, probability)


@dataclass(frozen=True, slots=True)
class JudgedCruxes:
    """The pairs of an edition that a judge called good.

    Attributes:
        table: the claims of the edition.
        model: name of the judge.
        pairs: rows of the low and the high claim of each pair in the table, with the verdict and the key of the pair.
    """

    table: CruxTable
    model: str
    pairs: Sequence[tuple[int, int, PairKey, JudgeVerdict]]

    @classmethod
    async def of(cls, table: CruxTable, judged: JudgedPairs) -> "JudgedCruxes":
        """Find the passages of judged pairs among the claims of an edition; reads the texts of all claims."""
        edition = table.tables.edition
        ids = edition.columns.slice_id[table.places].tolist()
        rows_of: dict[str, list[int]] = {}
        wanted = {digest for key in judged.pairs for digest in key}
        texts = await edition.slices.texts(ids) if wanted else {}
        for row, number in enumerate(ids):
            if texts and (digest := text_digest(texts[number])) in wanted:
                rows_of.setdefault(digest, []).append(row)
        pairs = [
            (min(one, other), max(one, other), key, verdict)
            for key, verdict in judged.pairs.items()
            for one in rows_of.get(key[0], ())
            for other in rows_of.get(key[1], ())
            if (one < table.n_low) != (other < table.n_low)
        ]
        return cls(table, judged.model, sorted(pairs, key=lambda pair: pair[:3]))

    async def cruxes_of(self, episode: EpisodeRecord) -> list[Crux]:
        """Return the good pairs of an episode, at most one with each other episode, no passage twice.

        They are ordered by the gate's probability, highest first; ties by the passages' places.
        """
        return best_of(self.table.tables.edition.episodes, await self._pairs_of(episode))

    async def all_cruxes_of(self, episode: EpisodeRecord) -> list[Crux]:
        """Return every good pair of an episode, in the order of ``cruxes_of``."""
        episodes = self.table.tables.edition.episodes
        return [crux for crux in await self._pairs_of(episode) if may_meet(episodes, crux.here, crux.there)]

    async def _pairs_of(self, episode: EpisodeRecord) -> list[Crux]:
        """Return the good pairs, whoever speaks in them."""
        edition = self.table.tables.edition
        episodes = edition.columns.slice_episode[self.table.places]
        own = [
            pair
            for pair in self.pairs
            if (episodes[pair[0]] == episode.id) != (episodes[pair[1]] == episode.id)
        ]
        if not own:
            return []
        low, high = (np.array([pair[side] for pair in own], np.int64) for side in (0, 1))
        probabilities, questions = self.table.probabilities(low, high), self.table.questions(low, high)
        ids = edition.columns.slice_id[self.table.places]
        records = await edition.slices.by_id({int(ids[row]) for pair in own for row in pair[:2]})
        cruxes = []
        for place in np.argsort(-probabilities, kind="stable").tolist():
            one, other, key, verdict = own[place]
            sides = [_with_claim(records[int(ids[row])], key, verdict.spans) for row in (one, other)]
            if sides[0].episode_id != episode.id:
                sides.reverse()
            question = verdict.question or questions[place]
            cruxes.append(Crux(question, float(probabilities[place]), sides[0], sides[1], self.model))
        return cruxes


def _with_claim(record: SliceRecord, key: PairKey, spans: tuple[Span | None, Span | None]) -> SliceRecord:
    """Return the record with the sentences that the judge says make its claim, where they are one speaker's still."""
    span = spans[0] if text_digest(record.piece.text) == key[0] else spans[1]
    return replace(record, claim=span) if span is not None and is_one_turn(record.piece, span) else record
