"""Ranking of candidates, passages and episodes. Pure: numbers in, order out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence for each candidate slice: arrays of shape (n,), up is better.

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


EPISODE_PENALTY = 0.1
"""Score that each further passage of an episode loses."""

NAMED = 0.999
"""Least share of the question's idf that a title holds when the question names it."""


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
        score: score of the best slice.
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
    *,
    limit: int,
) -> list[SliceGroup]:
    """Return the first ``limit`` groups without those whose best slice repeats a slice of a better one.

    A group that is repeated has the episodes of its repeats in ``also_in``, best first.

    Args:
        groups: groups, best first.
        vectors: unit vector of each whole slice, shape (n, dim).
        episodes: the episode of each slice.
        limit: groups at most.
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
        elif len(chosen) < limit:
            owners.update(dict.fromkeys(group.places, len(chosen)))
            chosen.append(group)
    return [
        replace(group, also_in=tuple(dict.fromkeys(also.get(number, ()))))
        for number, group in enumerate(chosen)
    ]


SURE = 3
"""First passages that may be less near to the question than ``SPREAD`` allows: words may say more than vectors."""

SPREAD = 0.1
"""How much less near to the question than the nearest of the first a further passage may be, as cosine."""

SPREAD_OF_WHOLE = 0.3
"""The same for a passage that holds all words of a question of several."""

LEAST_SHARE = 0.7
"""Least share of the best passage's score that a further passage of an answer has."""

_BELOW_FLOOR = 0.05
_LEAST_TERMS_SHARE = 0.5

AS_TELLING = 0.88
"""Least share of the first's most telling word that the most telling word of a further passage has: “race” alone does
not speak of China. Within the first's episode ``_AS_TELLING_THERE`` is enough: that talk is about it."""

_AS_TELLING_THERE = 0.5

SPREAD_OF_FIRST = 0.3
"""How much less near to the question than the nearest the first ``SURE`` may be, unless they hold all words."""

AS_NEAR = 0.03
"""How much less near than the nearest a passage may be that lacks those words, as cosine."""


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
    compared = [place for place in bests if not certain[place]] or bests
    highest = float(score[compared].max())
    nearest = max(float(near[place]) for place in bests[:SURE])
    least_terms = _LEAST_TERMS_SHARE * float(terms[bests[0]])
    most_telling = float(telling[bests[0]])

    def is_telling(place: int) -> bool:
        share = _AS_TELLING_THERE if episodes[place] == episodes[bests[0]] else AS_TELLING
        return bool(terms[place] >= least_terms and telling[place] >= share * most_telling)

    def spread(number: int, place: int) -> float:
        if number < SURE:
            return 1.0 if whole[place] else SPREAD_OF_FIRST
        return SPREAD_OF_WHOLE if whole[place] else SPREAD

    def stays(number: int, place: int) -> bool:
        if number == 0 or certain[place]:
            return True
        return bool(
            score[place] >= LEAST_SHARE * highest
            and score[place] + near[place] >= floor - _BELOW_FLOOR
            and (is_telling(place) or near[place] >= nearest - AS_NEAR)
            and near[place] >= nearest - spread(number, place)
        )

    return [group for number, group in enumerate(groups) if stays(number, group.places[0])]


def episode_order(passages: Sequence[tuple[int, float]]) -> list[int]:
    """Return the episodes, best first, of passages given as ``(episode, score)``, best first.

    An episode's score is that of its best passage plus a little of its second, so that neither many weak passages nor
    a single good passage decides alone. Ties keep the order of the best passages.
    """
    best: dict[int, list[float]] = {}
    for episode, score in passages:
        best.setdefault(episode, []).append(score)
    adjusted = {
        episode: values[0] + _SUPPORT * max(0.0, values[1] - values[0] + 0.3 if len(values) > 1 else 0.0)
        for episode, values in best.items()
    }
    return sorted(best, key=lambda episode: -adjusted[episode])


_SUPPORT = 0.1
