"""Relevance: whether there is an answer, which passages belong to it, are on its subject, and clearly so. Pure.

Whether a library answers a question, whether the first passage is what is meant, and which further passages belong, is
learned from marks of readers. What is found within a limit, such as a band, is measured by the best of the whole
answer.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
import numpy.typing as npt

from index.search.answers import Found, Passage
from index.search.ranking import Floats, SliceGroup
from scoring.fitting import sigmoid
from scoring.mirror import is_across

ANSWERABLE = 0.2
"""Least chance that the library answers a question for it to be answered. On a library of 56 episodes 1 % of real
questions are below and 8 % of those on other subjects above, on one of 14 episodes 11 and 12 %; see
docs/measurements.md."""

SURE = 0.45
"""Least chance that the first passage is what is meant for an answer that does not say that it is not sure."""

RIVALS = 4
"""Passages whose mean score that of the first is compared with."""

USUAL_LEAD = 0.46
"""Median lead of a first passage over the ``RIVALS`` next: what is taken where there are none."""

BELONGS = 0.65
"""Least chance that a further passage of an answer belongs to it: more than four of five that reach it do. From 0.55 on
fewer do, and a few more of the right minutes that are not first would be shown; see docs/measurements.md."""

MAY_BELONG = 0.2
"""The same for the first few of an answer that is not sure, any of which may be what is meant."""

SPREAD = 0.1
"""How much less near to the question than the nearest of the first a passage within a limit may be, as cosine."""

LEAST_SHARE = 0.7
"""Least share of the best passage's score that a passage within a limit has."""

AS_TELLING = 0.88
"""Least share of the first's most telling word that the most telling word of a passage within a limit has: “race” alone
does not speak of China."""

AS_NEAR = 0.03
"""How much less near than the nearest a passage may be that lacks those words, as cosine."""

CLEARLY = 0.08
"""How far above the floor the sum of score and nearness of a passage is that is clearly on the subject."""

NEAR_ENOUGH = 0.6
"""Least cosine to the question of a passage that is shown as the other side of it."""

SPEAKS = 0.35
"""Least chance that a passage speaks to what a message claims: half of those that are shown do. From 0.4 on six of ten
do, and some messages lose the only one that opposes them; see docs/measurements.md."""

MOST_SPEAKING = 4
"""Passages on a message's claim, at most."""

MARKED = 8
"""Passages of an answer that readers marked. Of what comes after them nobody knows that its episode speaks for it."""

NEAREST = 3
"""Passages of an answer that is not sure."""

_MEASURING = 3
"""First passages of a whole answer, whose nearest measures what is found within a limit."""

_BELOW_FLOOR = 0.05


@dataclass(frozen=True, slots=True)
class AnswerWeights:
    """Weights of the evidence that a library answers a question, of a logistic model.

    Fitted by ``bench/answerable.py`` on questions that five libraries of 9 to 56 episodes answer, and on others that
    they do not (``data/questions/foreign.jsonl`` and others; see docs/measurements.md).

    Attributes:
        best: of the greatest sum of score and nearness of a passage.
        words: of the logarithm of one more than the question's stems: the more there are, the less likely is it that
            much of them is met by chance.
        held: of the greatest share of the question's idf that a passage and its episode's title and people hold.
        mean: of the mean of the question's cosines to all episodes: how much it is of the library's field.
        spread: of the standard deviation of these: of how special a part of that field.
        bias: of all.
    """

    best: float = 4.13
    words: float = 2.77
    held: float = 3.3
    mean: float = 7.42
    spread: float = 25.9
    bias: float = -15.01


@dataclass(frozen=True, slots=True)
class SurenessWeights:
    """Weights of the evidence that the first passage of an answer is what is meant, of a logistic model.

    Fitted by ``bench/sureness.py`` on first passages that readers marked, on questions with a known answer, and on
    questions that the library does not answer.

    Attributes:
        lead: of its score in the order of passages, less the mean of the ``RIVALS`` next.
        answer: of the chance that the library answers the question, in logits.
        pieces: of the nearness of the word pieces of its nearest sentence to the question's.
        bias: of all.
    """

    lead: float = 3.63
    answer: float = 0.23
    pieces: float = 5.64
    bias: float = -5.38


SURE_WITHOUT_PIECES = SurenessWeights(4.24, 0.28, 0.0, -2.14)
"""Those for a library without word pieces."""


@dataclass(frozen=True, slots=True)
class BelongingWeights:
    """Weights of the evidence that a further passage belongs to an answer, of a logistic model.

    Fitted by ``bench/belonging.py`` on passages that readers marked for questions of members
    (``data/questions/belonging.jsonl``).

    Attributes:
        above_floor: of the sum of score and nearness, less the floor of an answer.
        rank: of one over its rank in the answer.
        terms: of the share of the question's idf that it and its neighbours hold.
        same_episode: where it is of the first passage's episode, and among the first ``MARKED``, unless only that
            episode may answer.
        pieces: of the nearness of the word pieces of its nearest sentence to the question's.
        bias: of all.
    """

    above_floor: float = 1.7
    rank: float = 3.1
    terms: float = 0.43
    same_episode: float = 1.85
    pieces: float = 7.46
    bias: float = -6.92


WITHOUT_PIECES = BelongingWeights(2.11, 2.82, 1.58, 2.27, 0.0, -2.98)
"""Those for a library without word pieces, fitted for a chance of 0.61; their bias makes that ``BELONGS``."""


@dataclass(frozen=True, slots=True)
class SpeakingWeights:
    """Weights of the evidence that a passage speaks to what a message claims, of a logistic model.

    Fitted by ``bench/countering.py`` on passages that a reader marked for messages (``data/questions/counters.jsonl``).

    Attributes:
        above_floor: of the sum of score and nearness, less the floor of an answer.
        rank: of one over its rank.
        bias: of all.
    """

    above_floor: float = 1.86
    rank: float = 1.79
    bias: float = -2.09


_Weights = AnswerWeights | SurenessWeights | BelongingWeights | SpeakingWeights


def answer_evidence(
    score: Floats, near: Floats, *, held: Floats, n_stems: int, likeness: tuple[float, float]
) -> Floats:
    """Return the evidence that a library answers a question, shape (5,), in the order of ``AnswerWeights``.

    Args:
        score: score of each candidate, at least one, shape (n,).
        near: cosine of each candidate to the question, shape (n,).
        held: share of the question's idf that each candidate and its episode's title and people hold, shape (n,).
        n_stems: number of the question's stems.
        likeness: mean and standard deviation of the question's cosines to all episodes.
    """
    return np.array([(score + near).max(), np.log1p(n_stems), min(held.max(), 1.0), *likeness])


def chance_of_answer(evidence: Floats) -> float:
    """Return the chance, 0 to 1, that a library answers a question, from ``answer_evidence``."""
    return float(_chances(evidence, AnswerWeights()))


def lead_of(first: SliceGroup, ranked: Sequence[SliceGroup]) -> float:
    """Return how far the score of ``first`` is above the mean of the best ``RIVALS`` others of ``ranked``.

    ``USUAL_LEAD`` where there are no others.
    """
    rivals = sorted((group.score for group in ranked if group.places != first.places), reverse=True)[:RIVALS]
    return first.score - sum(rivals) / len(rivals) if rivals else USUAL_LEAD


def chance_of_first(lead: float, answer: Floats, pieces: float | None) -> float:
    """Return the chance, 0 to 1, that the first passage is what is meant; see ``SurenessWeights``.

    Args:
        lead: see ``lead_of``.
        answer: see ``answer_evidence``.
        pieces: nearness of the word pieces of its nearest sentence to the question's; None where there are none.
    """
    weights = SURE_WITHOUT_PIECES if pieces is None else SurenessWeights()
    return float(_chances(sureness_evidence(lead, answer, pieces), weights))


def sureness_evidence(lead: float, answer: Floats, pieces: float | None) -> Floats:
    """Return the evidence that the first passage is what is meant, shape (3,); see ``chance_of_first``."""
    return np.array([lead, _logits(answer, AnswerWeights()), pieces or 0.0])


def _chances(evidence: Floats, weights: _Weights) -> Floats:
    """Return the chances, 0 to 1, of rows of ``evidence``, whose columns are in the order of ``weights``."""
    return sigmoid(_logits(evidence, weights))


def _logits(evidence: Floats, weights: _Weights) -> Floats:
    *slopes, bias = dataclasses.astuple(weights)
    logits: Floats = evidence @ np.array(slopes) + bias
    return logits


def belonging_groups(
    groups: Sequence[SliceGroup],
    score: Floats,
    near: Floats,
    *,
    terms: Floats,
    pieces: Floats | None,
    nearest_sentence: Callable[[SliceGroup], float],
    certain: npt.NDArray[np.bool_],
    episodes: Sequence[int],
    floor: float,
    is_sure: bool,
) -> list[SliceGroup]:
    """Return ``groups`` without those that do not belong to the answer, in their order.

    The first stays, and so do those that are ``certain``. Another stays if its best slice belongs with a chance of
    ``BELONGS``, by ``BelongingWeights``. Of an answer that is not sure the first ``NEAREST`` stay with a chance of
    ``MAY_BELONG`` if they nearly reach the floor.

    Args:
        groups: groups, best first.
        score: score of each slice, shape (n,).
        near: cosine of each slice to the question, shape (n,).
        terms: share of the question's idf that each slice and its neighbours hold, shape (n,).
        pieces: nearness of each slice's word pieces to the question's, shape (n,); None where there are none.
        nearest_sentence: gives that of the nearest sentence of a group's best slice, which is no greater; asked only
            where it may matter, and not where there are no ``pieces``.
        certain: slices that belong whatever else, shape (n,).
        episodes: the episode of each slice.
        floor: least sum of score and nearness of the best slice of an answer.
        is_sure: whether the first is surely about the question, see ``Found``.
    """
    if not groups:
        return []
    bests = [group.places[0] for group in groups]
    nearest = np.zeros(len(bests)) if pieces is None else pieces[bests]
    evidence = belonging_evidence(
        groups, score, near, terms=terms, nearest=nearest, episodes=episodes, floor=floor
    )
    if pieces is None:
        chance = _chances(evidence, WITHOUT_PIECES)
    else:
        may_belong = _chances(evidence, BelongingWeights()) >= MAY_BELONG
        evidence[may_belong, -1] = [nearest_sentence(group) for group in compress(groups, may_belong)]
        chance = _chances(evidence, BelongingWeights())
    stays = certain[bests] | (chance >= BELONGS)
    stays[0] = True
    if not is_sure:
        nearly = score[bests] + near[bests] >= floor - _BELOW_FLOOR
        stays[:NEAREST] |= (nearly & (chance >= MAY_BELONG))[:NEAREST]
    return list(compress(groups, stays))


def speaking_groups(
    groups: Sequence[SliceGroup], score: Floats, near: Floats, *, floor: float
) -> list[SliceGroup]:
    """Return those of ``groups`` that speak to what a message claims, in their order.

    That is with a chance of ``SPEAKS``, by ``SpeakingWeights``; ``MOST_SPEAKING`` at most.

    Args:
        groups: groups, best first.
        score: score of each slice, shape (n,).
        near: cosine of each slice to the message, shape (n,).
        floor: least sum of score and nearness of the best slice of an answer.
    """
    nearest = groups[:MOST_SPEAKING]
    chance = _chances(speaking_evidence(nearest, score, near, floor=floor), SpeakingWeights())
    return [group for group, speaks in zip(nearest, chance >= SPEAKS, strict=True) if speaks]


def speaking_evidence(groups: Sequence[SliceGroup], score: Floats, near: Floats, *, floor: float) -> Floats:
    """Return the evidence that each of ``groups`` speaks to a message's claim, shape (n_groups, 2).

    The columns are in the order of ``SpeakingWeights``; for the arguments see ``speaking_groups``.
    """
    bests = [group.places[0] for group in groups]
    ranks = np.arange(1, len(bests) + 1)
    evidence: Floats = np.column_stack([score[bests] + near[bests] - floor, 1 / ranks])
    return evidence


def belonging_evidence(
    groups: Sequence[SliceGroup],
    score: Floats,
    near: Floats,
    *,
    terms: Floats,
    nearest: Floats,
    episodes: Sequence[int],
    floor: float,
) -> Floats:
    """Return the evidence that each of ``groups``, at least one, belongs to the answer, shape (n_groups, 5).

    The columns are in the order of ``BelongingWeights``; ``nearest`` is the last, shape (n_groups,). For the other
    arguments see ``belonging_groups``.
    """
    bests = [group.places[0] for group in groups]
    ranks = np.arange(1, len(bests) + 1)
    tells = len(set(episodes)) > 1
    is_of_first = np.array([tells and episodes[place] == episodes[bests[0]] for place in bests])
    evidence: Floats = np.column_stack(
        [
            score[bests] + near[bests] - floor,
            1 / ranks,
            terms[bests],
            is_of_first & (ranks <= MARKED),
            nearest,
        ]
    )
    return evidence


def on_subject_within(limited: Found, whole: Found) -> Found:
    """Return ``limited`` without the passages that the answer without its limit would not have.

    The best within a limit, such as a band, may be far off the subject: it is measured by the best of all.

    Args:
        limited: an answer within a limit.
        whole: the answer to the same question without that limit.
    """
    best = max((passage.score for passage in whole.passages), default=0.0)
    nearest = max((passage.near for passage in whole.passages[:_MEASURING]), default=0.0)
    telling = whole.passages[0].telling if whole.passages else 0.0
    return limited.only(
        passage
        for passage in limited.passages
        if passage.score >= LEAST_SHARE * best
        and passage.near >= nearest - SPREAD
        and (passage.telling >= AS_TELLING * telling or passage.near >= nearest - AS_NEAR)
    )


def clearly_on_subject(found: Found, *, keeps_first: bool = True) -> Found:
    """Return ``found`` without the passages that are no more on the subject than an answer must be.

    For counting passages by band: what is counted must be on the subject.

    Args:
        found: an answer.
        keeps_first: whether the first passage stays whatever it is, since it is the answer.
    """
    return found.only(
        passage
        for place, passage in enumerate(found.passages)
        if (keeps_first and place == 0) or _is_clear(passage, found.floor)
    )


def opposite_passages(side: float, found: Found) -> list[Passage]:
    """Return the passages that are across the spectrum from ``side`` and clearly on the subject, in their order.

    To oppose somebody takes more than to share words: the least that an answer may be is not enough.

    Args:
        side: a position, -100 to +100.
        found: an answer.
    """
    return [
        passage
        for passage in found.passages
        if is_across(side, passage.reading.position)
        and _is_clear(passage, found.floor)
        and passage.near >= NEAR_ENOUGH
    ]


def _is_clear(passage: Passage, floor: float) -> bool:
    return passage.score + passage.near >= floor + CLEARLY
