"""Relevance: which passages of an answer are on the question's subject, and which are clearly so. Pure.

All rules measure a passage by the best of the whole answer, so that every part of it is held to the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.search.answers import Found, Passage
from index.search.ranking import Floats, SliceGroup
from scoring.mirror import is_across

BELONGS = 0.45
"""Least chance that a further passage of an answer belongs to it: three of four that are shown do. From 0.55 on four of
five would, but of the right minutes that are not first too many would be lost; see docs/measurements.md."""

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

MARKED = 8
"""Passages of an answer that readers marked. Of what comes after them nobody knows that its episode speaks for it."""

NEAREST = 3
"""Passages of an answer that is not sure; of any answer, those whose nearest measures the ones within a limit."""

_BELOW_FLOOR = 0.05


@dataclass(frozen=True, slots=True)
class BelongingWeights:
    """Weights of the evidence that a further passage belongs to an answer, of a logistic model.

    Fitted by ``bench/belonging.py`` on passages that readers marked for questions of members
    (``data/questions/belonging.jsonl``).

    Attributes:
        above_floor: of the sum of score and nearness, less the floor of an answer.
        rank: of one over its rank in the answer.
        terms: of the share of the question's idf that it and its neighbours hold.
        same_episode: where it is of the first passage's episode, and among the first ``MARKED``.
        bias: of all.
    """

    above_floor: float = 2.19
    rank: float = 2.88
    terms: float = 1.48
    same_episode: float = 2.24
    bias: float = -3.16


def on_subject(
    groups: Sequence[SliceGroup],
    score: Floats,
    near: Floats,
    *,
    terms: Floats,
    certain: npt.NDArray[np.bool_],
    episodes: Sequence[int],
    floor: float,
    is_sure: bool = True,
    weights: BelongingWeights = BelongingWeights(),
) -> list[SliceGroup]:
    """Return ``groups`` without those that do not belong to the answer, in their order.

    The first stays, and so do those that are ``certain``. Another stays if its best slice belongs with a chance of
    ``BELONGS``, by ``BelongingWeights``. Of an answer that is not sure the first ``NEAREST`` stay that nearly reach the
    floor: any of them may be what is meant.

    Args:
        groups: groups, best first.
        score: score of each slice, shape (n,).
        near: cosine of each slice to the question, shape (n,).
        terms: share of the question's idf that each slice and its neighbours hold, shape (n,).
        certain: slices that belong whatever else, shape (n,).
        episodes: the episode of each slice.
        floor: least sum of score and nearness of the best slice of an answer.
        is_sure: whether the first is surely about the question, see ``Found``.
        weights: of the evidence.
    """
    if not groups:
        return []
    bests = [group.places[0] for group in groups]
    ranks = np.arange(1, len(bests) + 1)
    is_of_first = np.array([episodes[place] == episodes[bests[0]] for place in bests])
    logit = (
        weights.above_floor * (score[bests] + near[bests] - floor)
        + weights.rank / ranks
        + weights.terms * terms[bests]
        + weights.same_episode * (is_of_first & (ranks <= MARKED))
        + weights.bias
    )
    stays = certain[bests] | (1.0 / (1.0 + np.exp(-logit)) >= BELONGS)
    stays[0] = True
    if not is_sure:
        stays[:NEAREST] |= score[bests][:NEAREST] + near[bests][:NEAREST] >= floor - _BELOW_FLOOR
    return [group for group, does_stay in zip(groups, stays, strict=True) if does_stay]


def on_subject_within(limited: Found, whole: Found) -> Found:
    """Return ``limited`` without the passages that the answer without its limit would not have.

    The best within a limit, such as a band, may be far off the subject: it is measured by the best of all.

    Args:
        limited: an answer within a limit.
        whole: the answer to the same question without that limit.
    """
    best = max((passage.score for passage in whole.passages), default=0.0)
    nearest = max((passage.near for passage in whole.passages[:NEAREST]), default=0.0)
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
