"""The mirror rule: who, on the same subject, stands on the other side.

For an episode at position p the best picks are those nearest to the mirror point -p among the episodes on the
same topic. Topic comes first: what lies below the floor is no pick at all. Close to the centre the mirror is
the same place, so each wing gives one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Relation = Literal["across the spectrum", "near you"]
MirrorOutcome = Literal["across", "wings", "one wing", "near only", "no topic", "alone"]
MirrorClaim = Literal[
    "all near mirror",
    "some near mirror",
    "none near mirror",
    "some across",
    "none across",
    "wings",
    "one wing",
    "no topic",
    "alone",
]
"""Everything that may be said of an episode's picks, see ``claim_of``."""

CENTRE = 6.0
"""An episode whose headline is less than this many points from 0 has no other side, but two wings."""

CROSSING = 10.0
"""Points that must lie between two episodes for one to be across from the other."""

NEAR_MIRROR = 15.0
"""Points from the mirror point within which a pick is near it."""

_TOPIC_POINTS = 60.0
_LENS_POINTS = 5.0


@dataclass(frozen=True, slots=True)
class PickCandidate:
    """An episode that might be picked.

    Attributes:
        key: what names it; ties are settled by it.
        position: its headline, -100 to 100.
        lens: its lens.
        topic: closeness of its topic to the source's, up is closer, 1 the same.
    """

    key: int
    position: float
    lens: str
    topic: float


@dataclass(frozen=True, slots=True)
class Pick:
    """A chosen candidate; ``difference`` is its position less the source's."""

    candidate: PickCandidate
    difference: float
    relation: Relation


@dataclass(frozen=True, slots=True)
class Picks:
    """What the rule gives.

    Attributes:
        mirror: the mirror point.
        picks: best first.
        outcome: ``across`` (somebody stands on the other side); for a source near the centre ``wings`` or
            ``one wing``; ``near only`` (the topic is there, the other side is not); ``no topic`` (nobody
            talks of it); ``alone`` (there is no other episode).
    """

    mirror: float
    picks: tuple[Pick, ...]
    outcome: MirrorOutcome


def mirror_point(position: float) -> float:
    """Return the position opposite to ``position``."""
    return -position


def is_across(position: float, other: float) -> bool:
    """Return True if ``other`` is across the spectrum: on the other side, ``CROSSING`` points away.

    Less than ``CENTRE`` points from 0, ``other`` is on no side, and both wings are the other side of ``position``.
    """
    is_other_side = other * position < 0 or abs(position) < CENTRE
    return abs(other) >= CENTRE and is_other_side and abs(other - position) >= CROSSING


def claim_of(position: float, outcome: MirrorOutcome, shown: Sequence[float]) -> MirrorClaim:
    """Return what is true of the picks that are shown.

    Args:
        position: the source's headline.
        outcome: what the rule gave.
        shown: positions of the picks that the reader sees, which may be fewer than the rule gave.

    Returns:
        ``no topic`` or ``alone`` as the rule gave it; ``wings`` where a pick stands off the centre on either side,
        ``one wing`` where all stand off it on one side. Otherwise by ``is_across``: ``none across`` where the rule
        found nobody there, ``some across`` where a pick is not; and where all are, how many stand within
        ``NEAR_MIRROR`` of the mirror point.
    """
    if outcome in {"no topic", "alone"} or not shown:
        return "alone" if outcome == "alone" else "no topic"
    if outcome in {"wings", "one wing"}:
        low, high = (any(sign * other >= CENTRE for other in shown) for sign in (-1, 1))
        if low and high:
            return "wings"
        if all(abs(other) >= CENTRE for other in shown):
            return "one wing"
    n_across = sum(is_across(position, other) for other in shown)
    if n_across < len(shown):
        return "none across" if outcome == "near only" and not n_across else "some across"
    n_near = sum(abs(other - mirror_point(position)) <= NEAR_MIRROR for other in shown)
    if n_near < len(shown):
        return "some near mirror" if n_near else "none near mirror"
    return "all near mirror"


def rank_picks(
    position: float, lens: str, candidates: Iterable[PickCandidate], *, topic_floor: float, n_picks: int = 3
) -> Picks:
    """Choose and rank counterbalance picks.

    A candidate's worth is, in points of the scale: minus its distance to the mirror point, plus 60 for each
    1.0 of topic closeness, plus 5 for the same lens. So of two at one position and lens the closer topic
    comes first. Ties are settled by the key.

    Args:
        position: the source's headline.
        lens: the source's lens.
        candidates: other episodes, in any order.
        topic_floor: least topic closeness of a pick.
        n_picks: at most so many, at least 1; near the centre both wings are shown, even where one was asked
            for.
    """
    everybody = list(candidates)
    mirror = mirror_point(position)
    on_topic = [candidate for candidate in everybody if candidate.topic >= topic_floor]
    if not on_topic:
        return Picks(mirror, (), "no topic" if everybody else "alone")
    ranked = sorted(
        on_topic, key=lambda candidate: (-_worth(candidate, mirror, lens), -candidate.topic, candidate.key)
    )
    if abs(position) < CENTRE:
        return _wings(position, mirror, lens, on_topic, n_picks)
    across = [candidate for candidate in ranked if is_across(position, candidate.position)]
    chosen = (across or ranked)[:n_picks]
    return Picks(
        mirror, tuple(_pick(candidate, position) for candidate in chosen), "across" if across else "near only"
    )


def most_opposed(
    closeness: npt.NDArray[np.floating], positions: Sequence[float], others: Sequence[float], *, sign: float
) -> tuple[int, int] | None:
    """Return the pair of passages that disagree most on what they share.

    Args:
        closeness: topic closeness of each passage of one episode to each of the other, shape (n, m).
        positions: of the one's passages, length n.
        others: of the other's passages, length m.
        sign: +1 if the other stands nearer to the high pole, -1 if nearer to the low pole, 0 for either.

    Returns:
        Row and column of the pair that, among the closest tenth of all pairs, has the greatest product of
        squared closeness and difference in that direction; ties take the earlier row, then column. The
        closest pair where none of those differs that way; None for an empty matrix.
    """
    if closeness.size == 0:
        return None
    difference = np.asarray(others, float)[np.newaxis, :] - np.asarray(positions, float)[:, np.newaxis]
    apart = np.abs(difference) if sign == 0 else np.maximum(difference * sign, 0.0)
    floor = float(np.quantile(closeness, 0.9))
    worth = np.where(closeness >= floor, np.maximum(closeness, 0.0) ** 2 * apart, 0.0)
    if worth.max() <= 0:
        worth = closeness
    row, column = np.unravel_index(int(np.argmax(worth)), worth.shape)
    return int(row), int(column)


def _worth(candidate: PickCandidate, mirror: float, lens: str) -> float:
    return _fit(candidate, lens) - abs(candidate.position - mirror)


def _fit(candidate: PickCandidate, lens: str) -> float:
    """Return points for topic and lens, whatever the position."""
    return _TOPIC_POINTS * candidate.topic + _LENS_POINTS * (candidate.lens == lens)


def _pick(candidate: PickCandidate, position: float) -> Pick:
    relation: Relation = "across the spectrum" if is_across(position, candidate.position) else "near you"
    return Pick(candidate, candidate.position - position, relation)


def _wings(
    position: float, mirror: float, lens: str, on_topic: Sequence[PickCandidate], n_picks: int
) -> Picks:
    """Pick the best of each wing in turn, the low wing first; both stand clearly off the centre.

    Who is further out is preferred up to 30 points; beyond that only topic and lens count.
    """
    sides = []
    for sign in (-1.0, 1.0):
        side = [
            candidate
            for candidate in on_topic
            if sign * candidate.position >= CENTRE and sign * (candidate.position - position) >= CROSSING / 2
        ]
        side.sort(
            key=lambda candidate: (
                -_fit(candidate, lens) - min(abs(candidate.position - position), 30.0),
                -candidate.topic,
                candidate.key,
            ),
        )
        sides.append(side)
    full = [side for side in sides if side]
    if not full:
        ranked = sorted(
            on_topic,
            key=lambda candidate: (-_worth(candidate, mirror, lens), -candidate.topic, candidate.key),
        )
        return Picks(mirror, tuple(_pick(candidate, position) for candidate in ranked[:n_picks]), "near only")
    chosen = [side[rank] for rank in range(max(map(len, full))) for side in full if rank < len(side)]
    picks = tuple(_pick(candidate, position) for candidate in chosen[: max(n_picks, len(full))])
    return Picks(mirror, picks, "wings" if len(full) == 2 else "one wing")
