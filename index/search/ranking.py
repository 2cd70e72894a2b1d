"""How candidates become passages and passages episodes. Pure: numbers in, order out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for each candidate slice; arrays of one shape (n,), up is better.

    Attributes:
        window: cosine of the question to the nearest small window.
        whole: cosine to the whole slice.
        beside: the better of the neighbours' ``whole``.
        episode: cosine to the episode's mean, less what all episodes share.
        own_terms: share (0 to 1) of the question's telling weight that the slice's own words hold.
        near_terms: the same with the words of the slices before and after.
        title_terms: the same of the episode's title and people.
        heading_terms: the same of the chapter's heading.
        phrase: 1 where the question (or what it has in quotation marks) stands word for word.
    """

    window: Floats
    whole: Floats
    beside: Floats
    episode: Floats
    own_terms: Floats
    near_terms: Floats
    title_terms: Floats
    heading_terms: Floats
    phrase: Floats


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of evidence counts.

    The first seven were fitted by softmax regression on questions with known answers, and judged by
    cross-validation (docs/measurements.md). The rest are set by hand, since the questions at hand cannot tell:
    headings as much as titles, and a phrase so that it comes before anything that lacks it.
    """

    window: float = 0.70
    whole: float = 0.60
    beside: float = 0.27
    episode: float = 0.19
    own_terms: float = 0.26
    near_terms: float = 0.61
    title_terms: float = 0.22
    heading_terms: float = 0.22
    phrase: float = 0.35
    named: float = 0.6


EPISODE_PENALTY = 0.1
"""By how much each further passage of one episode must be better than those of others."""

NAMED = 0.999
"""Share of the question's weight that a title holds when the question names it."""


def scores(evidence: Evidence, weights: Weights = Weights()) -> Floats:
    """One score a candidate: the weighted sum of its evidence, and ``named`` where the title is what was asked."""
    total = np.zeros_like(evidence.window)
    for name in Evidence.__dataclass_fields__:
        total += getattr(weights, name) * getattr(evidence, name)
    named: Floats = total + weights.named * (evidence.title_terms >= NAMED)
    return named


RERANKED = 50
"""How many of the best candidates a reranker is asked about."""

RERANK_WEIGHT = 0.35
"""What a reranker's full score counts: as much as an exact phrase, so that it decides among candidates that are
close and seldom against those that words and meaning agree on. Set by hand."""


def best_places(score: Floats, limit: int = RERANKED) -> list[int]:
    """Places of the ``limit`` best scores, best first; ties take the earlier place."""
    places: list[int] = np.argsort(-score, kind="stable")[:limit].tolist()
    return places


def reranked(
    score: Floats, places: Sequence[int], judged: Floats, *, weight: float = RERANK_WEIGHT
) -> Floats:
    """``score`` with ``weight`` times ``judged`` added at ``places``; all others stay as they are.

    Args:
        score: of each candidate.
        places: those that were judged; where they are the best ones, no other comes before them afterwards.
        judged: what a reranker says of each of ``places``, from 0 to 1.
        weight: points of score for a full 1, at least 0.

    Raises:
        ValueError: ``judged`` has not one number from 0 to 1 for each place.
    """
    if judged.shape != (len(places),) or not np.all((judged >= 0.0) & (judged <= 1.0)):
        raise ValueError(f"expected {len(places)} scores from 0 to 1, received shape {judged.shape}")
    total = score.copy()
    total[list(places)] += weight * judged
    return total


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring slices that are one passage: places in the candidates' arrays, the best one first."""

    places: tuple[int, ...]
    score: float


def stretches(
    order: Sequence[int], score: Floats, ordinals: Sequence[tuple[int, int]], *, longest: int
) -> list[Stretch]:
    """Merge neighbours among the candidates into longer passages.

    Args:
        order: places of candidates, best first.
        score: of each candidate.
        ordinals: ``(episode, ordinal)`` of each place.
        longest: slices that one passage may hold.

    Returns:
        Passages that do not overlap, in the order of their best slices. A slice joins the best passage that it
        lies right before or after, unless that is full.
    """
    owner: dict[tuple[int, int], int] = {}
    groups: list[list[int]] = []
    for place in order:
        episode, ordinal = ordinals[place]
        beside = {owner[key] for key in ((episode, ordinal - 1), (episode, ordinal + 1)) if key in owner}
        group = next((one for one in sorted(beside) if len(groups[one]) < longest), len(groups))
        if group == len(groups):
            groups.append([])
        groups[group].append(place)
        owner[episode, ordinal] = group
    return [Stretch(tuple(group), float(score[group[0]])) for group in groups]


def spread_out(
    groups: Sequence[Stretch], episodes: Sequence[int], *, penalty: float = EPISODE_PENALTY
) -> list[Stretch]:
    """``groups`` in an order that does not let one long episode fill an answer.

    Each further passage of an episode must be better by ``penalty`` for each that came before it.

    Args:
        groups: passages, best first.
        episodes: the episode of each.
        penalty: points of score, at least 0.
    """
    taken: dict[int, int] = {}
    worth = []
    for group, episode in zip(groups, episodes, strict=True):
        worth.append(group.score - penalty * taken.get(episode, 0))
        taken[episode] = taken.get(episode, 0) + 1
    return [groups[place] for place in sorted(range(len(groups)), key=lambda place: (-worth[place], place))]


def episode_order(passages: Sequence[tuple[int, float]]) -> list[int]:
    """Episodes, best first, of passages given as ``(episode, score)``, best first.

    An episode counts as its best passage and a little of its second: neither many weak passages nor one that is
    alone among better supported ones wins by that. Ties keep the order of the best passages.
    """
    best: dict[int, list[float]] = {}
    for episode, score in passages:
        best.setdefault(episode, []).append(score)
    worth = {
        episode: values[0] + _SUPPORT * max(0.0, values[1] - values[0] + 0.3 if len(values) > 1 else 0.0)
        for episode, values in best.items()
    }
    return sorted(best, key=lambda episode: -worth[episode])


_SUPPORT = 0.1
