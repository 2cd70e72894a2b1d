"""Ranking of candidates, passages and episodes. Pure: numbers in, order out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence for each candidate slice that is about a question: arrays of shape (n,), up is better.

    Attributes:
        window: cosine of the question to the nearest window of the slice, of which the first is the whole slice.
        whole: cosine to the whole slice.
        beside: the better of the slices before and after it: their ``window`` if they are candidates too, else
            their ``whole``. At an end of the episode, the slice's own ``window`` stands for the missing neighbour.
        episode: cosine to the episode's direction; see ``SearchTables.directions``.
        own_terms: share (0 to 1) of the question's idf that the slice's own words hold.
        near_terms: the same, with the words of the slices before and after.
        title_terms: the same for the episode's title and people.
        heading_terms: the same for the chapter's heading.
        phrase: 1 if the slice holds the question, or its quoted phrases, word for word; else 0.
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
    """Weight of each kind of evidence.

    The first seven were fitted by softmax regression on questions with known answers, and judged by
    cross-validation (docs/measurements.md). The rest are set by hand, since those questions do not
    determine them: headings as much as titles, and a phrase so that it comes before anything that lacks it.
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


PIECES = 2.5
"""Weight of the nearness of word pieces, see ``WordPieces.nearness``, in the order of candidates. See
docs/measurements.md."""

EPISODE_PENALTY = 0.1
"""Score that each further passage of an episode loses."""

NAMED = 0.999
"""Least share of the question's idf that a title or heading holds when the question names it."""


def scores(evidence: Evidence, weights: Weights = Weights()) -> Floats:
    """Return the weighted sum of each candidate's evidence, plus ``named`` if the question names its episode."""
    total = np.zeros_like(evidence.window)
    for name in Evidence.__dataclass_fields__:
        total += getattr(weights, name) * getattr(evidence, name)
    named: Floats = total + weights.named * (evidence.title_terms >= NAMED)
    return named


RERANKED = 50
"""How many of the best candidates a reranker scores."""

RERANK_WEIGHT = 0.35
"""Weight of a reranker's full score: that of an exact phrase, so that it decides between close candidates and seldom
overrules words and vectors that agree. Set by hand."""


def best_places(score: Floats, limit: int = RERANKED) -> list[int]:
    """Return the places of the ``limit`` best scores, best first, ties by place."""
    places: list[int] = np.argsort(-score, kind="stable")[:limit].tolist()
    return places


def reranked(
    score: Floats, places: Sequence[int], judged: Floats, *, weight: float = RERANK_WEIGHT
) -> Floats:
    """Return ``score`` with ``weight`` times ``judged`` added at ``places``.

    Args:
        score: score of each candidate, shape (n,).
        places: candidates that were judged; if they are the best ones, they remain so.
        judged: a reranker's score of each of ``places``, from 0 to 1.
        weight: score for a full 1, at least 0.

    Raises:
        ValueError: if ``judged`` is not a number from 0 to 1 for each place.
    """
    if judged.shape != (len(places),) or not np.all((judged >= 0.0) & (judged <= 1.0)):
        raise ValueError(f"expected {len(places)} scores from 0 to 1, received shape {judged.shape}")
    total = score.copy()
    total[list(places)] += weight * judged
    return total


@dataclass(frozen=True, slots=True)
class SliceGroup:
    """Neighbouring slices that form a passage.

    Attributes:
        places: places in the candidates' arrays, the best slice first.
        score: by which groups are ordered, of the best slice.
        also_in: ids of the episodes whose groups only repeat it, see ``without_reposts``.
    """

    places: tuple[int, ...]
    score: float
    also_in: tuple[int, ...] = ()


def group_neighbours(
    order: Sequence[int], score: Floats, ordinals: Sequence[tuple[int, int]], *, longest: int
) -> list[SliceGroup]:
    """Merge neighbouring candidates into longer passages.

    Args:
        order: places of candidates, best first.
        score: score of each candidate.
        ordinals: ``(episode, ordinal)`` of each place.
        longest: slices of a passage at most.

    Returns:
        Groups that do not overlap, in the order of their best slices. A slice joins the best group that it lies
        right before or after and that is not full.
    """
    owner: dict[tuple[int, int], int] = {}
    groups: list[list[int]] = []
    for place in order:
        episode, ordinal = ordinals[place]
        beside = {owner[key] for key in ((episode, ordinal - 1), (episode, ordinal + 1)) if key in owner}
        group = next((number for number in sorted(beside) if len(groups[number]) < longest), len(groups))
        if group == len(groups):
            groups.append([])
        groups[group].append(place)
        owner[episode, ordinal] = group
    return [SliceGroup(tuple(group), float(score[group[0]])) for group in groups]


def diversify(
    groups: Sequence[SliceGroup], episodes: Sequence[int], *, penalty: float = EPISODE_PENALTY
) -> list[SliceGroup]:
    """Return ``groups`` reordered so that one long episode does not fill an answer, ties in the order given.

    Each group loses ``penalty`` for every better group of its episode.

    Args:
        groups: groups, best first.
        episodes: the episode of each group.
        penalty: score, at least 0.
    """
    taken: dict[int, int] = {}
    adjusted = []
    for group, episode in zip(groups, episodes, strict=True):
        adjusted.append(group.score - penalty * taken.get(episode, 0))
        taken[episode] = taken.get(episode, 0) + 1
    return [
        groups[place] for place in sorted(range(len(groups)), key=lambda place: (-adjusted[place], place))
    ]


REPOSTED = 0.97
"""Least cosine of two whole slices of different episodes that count as the same words."""


def without_reposts(
    groups: Sequence[SliceGroup],
    vectors: npt.NDArray[np.float32],
    episodes: Sequence[int],
) -> list[SliceGroup]:
    """Return ``groups`` without those whose best slice repeats a slice of a better one.

    A group that is repeated has the episodes of its repeats in ``also_in``, best first.

    Args:
        groups: groups, best first.
        vectors: unit vector of each whole slice, shape (n, dim).
        episodes: the episode of each slice.
    """
    episode = np.array(episodes)
    alike = (vectors @ vectors.T >= REPOSTED) & (episode[:, np.newaxis] != episode)
    repeats: dict[int, list[int]] = {}
    for place, other in np.argwhere(alike).tolist():
        repeats.setdefault(place, []).append(other)
    chosen: list[SliceGroup] = []
    owners: dict[int, int] = {}
    also: dict[int, list[int]] = {}
    for group in groups:
        best = group.places[0]
        same = min((owners[at] for at in repeats.get(best, ()) if at in owners), default=None)
        if same is not None:
            also.setdefault(same, []).append(episodes[best])
        else:
            owners.update(dict.fromkeys(group.places, len(chosen)))
            chosen.append(group)
    return [
        replace(group, also_in=tuple(dict.fromkeys(also.get(number, ()))))
        for number, group in enumerate(chosen)
    ]


SUPPORT, SUPPORTS_WITHIN = 0.1, 0.3
"""An episode gains this share of what its second passage has above a score that much below its best one's."""


def episode_order(passages: Sequence[tuple[int, float]]) -> list[int]:
    """Return the episodes, best first, of passages given as ``(episode, score)``, best first.

    An episode's score is that of its best passage plus a little of its second, so that neither many weak passages nor
    a single good passage decides alone. Ties keep the order of the best passages.
    """
    best: dict[int, list[float]] = {}
    for episode, score in passages:
        best.setdefault(episode, []).append(score)
    adjusted = {
        episode: values[0]
        + SUPPORT * max(0.0, values[1] - values[0] + SUPPORTS_WITHIN if len(values) > 1 else 0.0)
        for episode, values in best.items()
    }
    return sorted(best, key=lambda episode: -adjusted[episode])
