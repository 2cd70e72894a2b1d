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

SURE = 3
"""First passages that may be less near to the question than ``SPREAD`` allows: words may say more than vectors."""

SPREAD = 0.1
"""How much less near to the question than the nearest of the first a further passage may be, as cosine."""

SPREAD_OF_WHOLE = 0.3
"""The same for a passage that holds all words of a question of several."""

SPREAD_OF_FIRST = 0.3
"""How much less near to the question than the nearest the first ``SURE`` may be, unless they hold all words."""

LEAST_SHARE = 0.7
"""Least share of the best passage's score that a further passage of an answer has."""

AS_TELLING = 0.88
"""Least share of the first's most telling word that the most telling word of a further passage has: “race” alone does
not speak of China. Within the first's episode ``_AS_TELLING_THERE`` is enough: that talk is about it."""

_AS_TELLING_THERE = 0.5

AS_NEAR = 0.03
"""How much less near than the nearest a passage may be that lacks those words, as cosine."""

CLEARLY = 0.08
"""How far above the floor the sum of score and nearness of a passage is that is clearly on the subject."""

NEAR_ENOUGH = 0.6
"""Least cosine to the question of a passage that is shown as the other side of it."""

_BELOW_FLOOR = 0.05
_LEAST_TERMS_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class _Best:
    """The best of an answer: its highest score, the nearest of the first ``SURE``, the first's most telling word."""

    score: float
    near: float
    telling: float

    def admits(self, score: float, near: float, *, is_telling: bool, spread: float = SPREAD) -> bool:
        """Return True if a further passage is on the subject that the best is on.

        Args:
            score: the passage's.
            near: its cosine to the question.
            is_telling: whether it holds words that tell as much as the first's.
            spread: how much less near than the nearest it may be.
        """
        return (
            score >= LEAST_SHARE * self.score
            and near >= self.near - spread
            and (is_telling or near >= self.near - AS_NEAR)
        )


def on_subject(
    groups: Sequence[SliceGroup],
    score: Floats,
    near: Floats,
    *,
    terms: Floats,
    telling: Floats,
    whole: npt.NDArray[np.bool_],
    certain: npt.NDArray[np.bool_],
    episodes: Sequence[int],
    floor: float,
) -> list[SliceGroup]:
    """Return ``groups`` without those that are not on the question's subject, in their order.

    The first stays, and so do those that are ``certain``. Another stays if its best slice

    - has ``LEAST_SHARE`` of the best score that is not ``certain``;
    - reaches, with its nearness, nearly the floor of a whole answer;
    - holds half as much of the question's words as the first, and one about as telling as the first's most telling
      (of the first's episode: half as telling), or is as near as the nearest;
    - is, among the first ``SURE``, at most ``SPREAD_OF_FIRST`` less near in meaning than the nearest of those, after
      them at most ``SPREAD``, or ``SPREAD_OF_WHOLE`` where it is ``whole``.

    docs/measurements.md has what this leaves of the passages to questions about 56 real episodes.

    Args:
        groups: groups, best first.
        score: score of each slice, shape (n,).
        near: cosine of each slice to the question, shape (n,).
        terms: share of the question's idf that each slice and its neighbours hold, shape (n,).
        telling: greatest idf of the question's words that they hold, shape (n,).
        whole: slices that hold all words of a question of several, shape (n,).
        certain: slices that are on the subject whatever else, shape (n,).
        episodes: the episode of each slice.
        floor: least sum of score and nearness of the best slice of an answer.
    """
    bests = [group.places[0] for group in groups]
    if not bests:
        return []
    first = bests[0]
    compared = [place for place in bests if not certain[place]] or bests
    best = _Best(
        score=float(score[compared].max()),
        near=max(float(near[place]) for place in bests[:SURE]),
        telling=float(telling[first]),
    )

    def is_telling(place: int) -> bool:
        share = _AS_TELLING_THERE if episodes[place] == episodes[first] else AS_TELLING
        return bool(
            terms[place] >= _LEAST_TERMS_SHARE * terms[first] and telling[place] >= share * best.telling
        )

    def spread(number: int, place: int) -> float:
        if number < SURE:
            return 1.0 if whole[place] else SPREAD_OF_FIRST
        return SPREAD_OF_WHOLE if whole[place] else SPREAD

    def stays(number: int, place: int) -> bool:
        if number == 0 or certain[place]:
            return True
        return bool(
            score[place] + near[place] >= floor - _BELOW_FLOOR
            and best.admits(
                float(score[place]),
                float(near[place]),
                is_telling=is_telling(place),
                spread=spread(number, place),
            )
        )

    return [group for number, group in enumerate(groups) if stays(number, group.places[0])]


def on_subject_within(limited: Found, whole: Found) -> Found:
    """Return ``limited`` without the passages that the answer without its limit would not have.

    The best within a limit, such as a band, may be far off the subject: it is measured by the best of all.

    Args:
        limited: an answer within a limit.
        whole: the answer to the same question without that limit.
    """
    best = _Best(
        score=max((passage.score for passage in whole.passages), default=0.0),
        near=max((passage.near for passage in whole.passages[:SURE]), default=0.0),
        telling=whole.passages[0].telling if whole.passages else 0.0,
    )
    return limited.only(
        passage
        for passage in limited.passages
        if best.admits(passage.score, passage.near, is_telling=passage.telling >= AS_TELLING * best.telling)
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
