"""Cruxes that a judge read: which pairs of an edition it is asked about, and those that it called good."""

from collections.abc import AsyncIterator, Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from index.judge.answers_prompt import PLAINLY
from index.judge.prompt import is_one_turn
from index.search.crux_pairs import LEAST_READ, Crux, CruxSource, CruxTable, may_meet
from index.search.excerpts import states_its_side
from index.storage.judged_pairs import (
    ClaimAnswer,
    JudgedPairs,
    JudgeVerdict,
    PairKey,
    Span,
    pair_key,
    text_digest,
)
from index.storage.records import EpisodeRecord, SliceRecord

_PAIRS_A_CHUNK = 256
_N_OPPOSED = 3
_ABOVE_ANY_COSINE = 10.0
_LEAST_STRENGTHS = PLAINLY + 1
"""Of both answers together: at least one is stated plainly."""


@dataclass(frozen=True, slots=True)
class CandidatePair:
    """Two claims of different sides that a judge may be asked about, in the order of ``key``.

    Attributes:
        key: digests of their texts.
        first, second: the passages.
    """

    key: PairKey
    first: SliceRecord
    second: SliceRecord


async def pairs_to_read(
    table: CruxTable, answers: Callable[[str], Sequence[ClaimAnswer]] | None = None
) -> AsyncIterator[CandidatePair]:
    """Yield the pairs of an edition that are worth a judge's reading, the best first, no two texts twice.

    With ``answers`` they are claims of different episodes of which one answers a contested question with yes and the
    other with no, at least one of them plainly; of each claim the three whose answers are plainest, then those that are
    nearest to it. Without, they are those at or above ``LEAST_READ`` by the gate that are near to each other both ways.
    Both state their sides and are spoken by different people.

    Args:
        table: the claims of the edition.
        answers: returns what a claim answers by the digest of its text; None for an axis without contested questions.
    """
    edition = table.tables.edition
    ids = edition.columns.slice_id[table.places]
    if answers is None:
        rows = table.likely_pairs(LEAST_READ)
    else:
        rows = await _opposite_answers(table, answers)
    seen: set[PairKey] = set()
    for start in range(0, len(rows), _PAIRS_A_CHUNK):
        pairs = ids[rows[start : start + _PAIRS_A_CHUNK]].tolist()
        records = await edition.slices.by_id({number for pair in pairs for number in pair})
        for pair in pairs:
            one, other = (records[number] for number in pair)
            key = pair_key(one.piece.text, other.piece.text)
            if key in seen or not may_meet(edition.episodes, one, other):
                continue
            seen.add(key)
            if text_digest(one.piece.text) != key[0]:
                one, other = other, one
            yield CandidatePair(key, one, other)


async def claims_to_read(table: CruxTable, read: Container[str]) -> list[SliceRecord]:
    """Return the claims of an edition whose answers are not known yet, those of the strongest positions first.

    Args:
        table: the claims of the edition.
        read: digests of the texts whose answers are known.
    """
    edition = table.tables.edition
    ids = edition.columns.slice_id[table.places].tolist()
    texts = await edition.slices.texts(ids)
    new = {text_digest(text): number for number, text in texts.items()}
    records = await edition.slices.by_id([number for text, number in new.items() if text not in read])
    found = [
        record for record in records.values() if states_its_side(edition.episodes[record.episode_id], record)
    ]
    return sorted(found, key=lambda record: (-abs(record.reading.position), record.id))


async def _opposite_answers(
    table: CruxTable, answers: Callable[[str], Sequence[ClaimAnswer]]
) -> npt.NDArray[np.int64]:
    """Return rows of claims that answer one question differently, shape (n, 2): the plainest, then the nearest."""
    edition = table.tables.edition
    ids = edition.columns.slice_id[table.places].tolist()
    texts = await edition.slices.texts(ids)
    by_question: dict[str, dict[bool, list[tuple[int, int]]]] = {}
    for row, number in enumerate(ids):
        for answer in answers(text_digest(texts[number])):
            sides = by_question.setdefault(answer.question, {True: [], False: []})
            sides[answer.is_yes].append((row, answer.strength))
    worth: dict[tuple[int, int], float] = {}
    for question in sorted(by_question):
        sides = by_question[question]
        if sides[True] and sides[False]:
            for pair, value in _best_opposed(table, np.array(sides[True]), np.array(sides[False])):
                worth[pair] = max(worth.get(pair, -np.inf), value)
    ordered = sorted(worth, key=lambda pair: (-worth[pair], pair))
    return np.array(ordered, np.int64).reshape(-1, 2)


def _best_opposed(
    table: CruxTable, yes: npt.NDArray[np.int64], no: npt.NDArray[np.int64]
) -> Iterator[tuple[tuple[int, int], float]]:
    """Yield the pairs that are among the best of either claim, as (smaller row, larger row), with their worth.

    ``yes`` and ``no`` hold row and strength of the claims that answer so, shape (n, 2).
    """
    episodes = table.tables.edition.columns.slice_episode[table.places]
    vectors = [table.vectors(side[:, 0]) for side in (yes, no)]
    strengths = yes[:, 1][:, np.newaxis] + no[:, 1]
    worth = strengths * _ABOVE_ANY_COSINE + vectors[0] @ vectors[1].T
    is_same_episode = episodes[yes[:, 0]][:, np.newaxis] == episodes[no[:, 0]]
    worth[is_same_episode | (strengths < _LEAST_STRENGTHS)] = -np.inf
    for each, own, others in ((worth, yes, no), (worth.T, no, yes)):
        best = np.argsort(-each, axis=1, kind="stable")[:, :_N_OPPOSED]
        for place, row in enumerate(own[:, 0].tolist()):
            for other in best[place].tolist():
                if np.isfinite(each[place, other]):
                    there = int(others[other, 0])
                    yield (min(row, there), max(row, there)), float(each[place, other])


@dataclass(frozen=True, slots=True)
class JudgedCruxes(CruxSource):
    """The pairs of an edition that a judge called good.

    Attributes:
        table: the claims of the edition.
        model: name of the judge.
        pairs: rows of both claims of each pair in the table, the smaller first, with key and verdict of the pair.
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
            if one != other
        ]
        return cls(table, judged.model, sorted(pairs, key=lambda pair: pair[:3]))

    @property
    def episodes(self) -> Mapping[int, EpisodeRecord]:
        """Return the episodes of the edition by id."""
        return self.table.episodes

    async def pairs_of(self, episode: EpisodeRecord) -> list[Crux]:
        """Return the good pairs of an episode, the most probable by the gate first, ties by the passages' places."""
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
