"""The shape of an arc: the stretches it stays in one band, and where it turns most sharply."""

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.axis import Axis
from scoring.position_arithmetic import mean_position, moving_mean

_PARTS = 8
"""An arc is told in about so many parts: what lasts less than one of them is a passing remark."""


@dataclass(frozen=True, slots=True)
class ArcStretch:
    """Slices ``start`` to ``end`` (excluded) that stand in one band, neighbours taken together."""

    band: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A place where an arc changes.

    Attributes:
        ordinal: the first slice after it.
        change: mean position of the slices after it less that of those before, in points.
    """

    ordinal: int
    change: float


def stretches(arc: Sequence[float], axis: Axis) -> tuple[ArcStretch, ...]:
    """Return the arc as stretches of one band each, in order; empty for an empty arc.

    Each slice is taken with its neighbours (a moving mean over an eighth of the arc), and a stretch shorter
    than half of that belongs to the one before it.
    """
    if not arc:
        return ()
    span = max(1, len(arc) // _PARTS)
    bands = [axis.band_of(float(value)) for value in moving_mean(arc, span)]
    found: list[ArcStretch] = []
    for ordinal, band in enumerate(bands):
        if found and found[-1].band == band:
            found[-1] = ArcStretch(band, found[-1].start, ordinal + 1)
        else:
            found.append(ArcStretch(band, ordinal, ordinal + 1))
    kept: list[ArcStretch] = []
    for found_ in found:
        is_short = (found_.end - found_.start) * 2 < span
        if kept and (is_short or kept[-1].band == found_.band):
            kept[-1] = ArcStretch(kept[-1].band, kept[-1].start, found_.end)
        else:
            kept.append(found_)
    return tuple(kept)


def sharpest_turns(arc: Sequence[float], limit: int = 2) -> tuple[Turn, ...]:
    """Return the places where the arc changes most, in transcript order.

    The mean of the slices in an eighth of the arc before a place is held against that of those after it; two
    turns lie at least so far apart. Places without any change are none. Ties take the earlier.
    """
    span = max(1, len(arc) // _PARTS)
    changes = {
        at: mean_position(arc[at : at + span]) - mean_position(arc[at - span : at])
        for at in range(span, len(arc) - span + 1)
    }
    chosen: list[Turn] = []
    for at in sorted(changes, key=lambda place: (-abs(changes[place]), place)):
        if len(chosen) == limit or changes[at] == 0:
            break
        if all(abs(at - other.ordinal) >= span for other in chosen):
            chosen.append(Turn(at, changes[at]))
    return tuple(sorted(chosen, key=lambda turn: turn.ordinal))
