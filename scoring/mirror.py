"""The mirror rule: where the other side of a position lies, and who stands nearest to it.

For an episode at position p the best picks are those nearest to the mirror point -p, on a close topic, through the same
lens. The rule ranks picks; that two passages meet is told by ``scoring.crux_gate``.
"""

from dataclasses import dataclass
from typing import Literal

Relation = Literal["across the spectrum", "near you"]

CENTRE = 6.0
"""An episode whose headline is less than this many points from 0 has no other side, but two wings."""

CROSSING = 10.0
"""Points that must lie between two episodes for one to be across from the other."""

STEP = 20.0
"""Points by which an episode stands farther to the other side of another for it to be worth naming as such."""

LEANING = 10.0
"""Points by which an episode leans to the other side of another, perhaps without standing on it."""

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
    """A chosen candidate; ``difference`` is its position less the source's, ``relation`` that of the two headlines."""

    candidate: PickCandidate
    difference: float
    relation: Relation


def mirror_point(position: float) -> float:
    """Return the position opposite to ``position``."""
    return -position


def is_across(position: float, other: float) -> bool:
    """Return True if ``other`` is across the spectrum: on the other side, ``CROSSING`` points away.

    A position less than ``CENTRE`` points from 0 is on no side; both wings are its other side.
    """
    is_other_side = other * position < 0 or abs(position) < CENTRE
    return abs(other) >= CENTRE and is_other_side and abs(other - position) >= CROSSING


def is_farther(position: float, other: float, *, by: float = STEP) -> bool:
    """Return True if ``other`` stands ``by`` points or more from ``position``, towards its mirror point.

    Less than ``CENTRE`` points from 0 the mirror point is the same place, and either direction will do. Unlike
    ``is_across``, this may hold of two positions on one side.
    """
    apart = other - position
    return abs(apart) >= by and (abs(position) < CENTRE or apart * position < 0)


def mirror_worth(position: float, lens: str, candidate: PickCandidate) -> float:
    """Return a candidate's worth as a pick, in points of the scale; up is better.

    It is minus the distance to the mirror point, plus 60 for each 1.0 of topic closeness, plus 5 for the same lens. So
    of two at one position and lens the closer topic comes first.

    Args:
        position: the source's headline.
        lens: the source's lens.
        candidate: another episode.
    """
    fit = _TOPIC_POINTS * candidate.topic + _LENS_POINTS * (candidate.lens == lens)
    return fit - abs(candidate.position - mirror_point(position))


def pick_of(position: float, candidate: PickCandidate) -> Pick:
    """Return ``candidate`` as a pick for an episode at ``position``."""
    relation: Relation = "across the spectrum" if is_across(position, candidate.position) else "near you"
    return Pick(candidate, candidate.position - position, relation)
