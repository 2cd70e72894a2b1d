"""An episode's readings taken together: headline, spread, bands, markers, and the shape of the arc."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from scoring.axis import Axis
from scoring.position_arithmetic import clamped, mean_position, moving_mean, whole
from scoring.reading import TAKES_NO_SIDE, Confidence, Reading

EvidenceMode = Literal["transcript", "other language", "metadata only", "editor"]

SILENT_WEIGHT = 0.35
"""A slice with nothing on the axis counts this much of one that takes a side: small talk dilutes, but
gently."""

_CONFIDENCE_WEIGHT = {"low": 0.6, "medium": 1.0, "high": 1.4}
_SLICES_A_CLIPPED_ONE = 20
_N_MARKERS = 3

_PARTS = 8
"""An arc is told in about so many parts: what lasts less than one of them is a passing remark."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The readings of an episode's slices taken together. Positions are -100 to 100.

    Attributes:
        headline: the episode's position.
        band, lens: of the headline; the lens that most slices are seen through, ties by the axis's order.
        confidence: of the headline.
        evidence: what the headline rests on; ``other language`` where most of the transcript could not be read.
        n_slices: number of slices; 0 for an episode without a transcript.
        median, mean, min, max, p10, p90: of the slices' positions; percentiles interpolate linearly.
        shares: share of the slices in each band, in the axis's order; they add up to 1 (or are all 0).
        markers: ordinals of the slices with the lowest, the median and the highest position among those that may speak
            for the episode (see ``profile_of``); empty without slices. Ties take the earlier slice.
        arc: the slices' positions in transcript order.
    """

    headline: float
    band: str
    lens: str
    confidence: Confidence
    evidence: EvidenceMode
    n_slices: int
    median: float
    mean: float
    min: float
    max: float
    p10: float
    p90: float
    shares: tuple[float, ...]
    markers: tuple[int, int, int] | tuple[()]
    arc: tuple[float, ...]

    @property
    def apart(self) -> tuple[int, int, int] | tuple[()]:
        """Return the markers where there are places to mark; a single slice is no extreme of anything."""
        return self.markers if self.n_slices > 1 else ()


def headline_of(readings: Sequence[Reading]) -> float:
    """Return an episode's position from its slices' readings, a whole number.

    The mean of the positions, clipped at their 5th and 95th percentile so that one strong minute does not
    carry an hour, weighted by confidence, with slices that say nothing on the axis at ``SILENT_WEIGHT``.

    It depends on the distribution of the readings alone: neither their order nor their number moves it, and
    turning every position around turns it around. (So the percentiles are those of the distribution itself,
    averaged where it steps: interpolated ones would move when an episode is repeated.)

    Raises:
        ValueError: there are no readings.
    """
    if not readings:
        raise ValueError("a headline needs at least one reading")
    positions = np.array([reading.position for reading in readings])
    low, high = _clip_edges(np.sort(positions))
    weights = [
        SILENT_WEIGHT if reading.reason in TAKES_NO_SIDE else _CONFIDENCE_WEIGHT[reading.confidence]
        for reading in readings
    ]
    return whole(mean_position(np.clip(positions, low, high).tolist(), weights))


def profile_of(readings: Sequence[Reading], axis: Axis, may_mark: Sequence[bool] | None = None) -> Profile:
    """Return the profile of the slices whose ``readings`` are given in transcript order.

    Args:
        readings: of all slices.
        axis: the axis of positions.
        may_mark: for each slice whether a marker may stand there; None for all. Where that leaves fewer places than
            there are markers, any may.

    Raises:
        ValueError: there are no readings.
    """
    headline = headline_of(readings)
    positions = np.array([reading.position for reading in readings])
    p10, median, p90 = (clamped(value) for value in np.percentile(positions, (10, 50, 90)))
    bands = Counter(reading.band for reading in readings)
    lenses = Counter(reading.lens for reading in readings)
    n_slices = len(readings)
    n_unread = sum(reading.reason == "other language" for reading in readings)
    return Profile(
        headline=headline,
        band=axis.band_of(headline),
        lens=max(axis.lenses, key=lambda lens: lenses[lens]),
        confidence=_confidence(readings),
        evidence="other language" if 2 * n_unread > n_slices else "transcript",
        n_slices=n_slices,
        median=median,
        mean=mean_position(positions.tolist()),
        min=float(positions.min()),
        max=float(positions.max()),
        p10=p10,
        p90=p90,
        shares=tuple(bands[band] / n_slices for band in axis.bands),
        markers=_markers(positions, median, may_mark),
        arc=tuple(float(position) for position in positions),
    )


def _markers(
    positions: npt.NDArray[np.float64], median: float, may_mark: Sequence[bool] | None
) -> tuple[int, int, int]:
    places = np.flatnonzero(np.ones(len(positions), bool) if may_mark is None else np.asarray(may_mark, bool))
    if len(places) < _N_MARKERS:
        places = np.arange(len(positions))
    low, high = int(places[positions[places].argmin()]), int(places[positions[places].argmax()])
    between = places[(places != low) & (places != high)]
    if not len(between):
        between = places
    return low, int(between[np.abs(positions[between] - median).argmin()]), high


def profile_of_metadata(reading: Reading, axis: Axis) -> Profile:
    """Return the profile of an episode without a transcript, from title and summary read as a text."""
    return Profile(
        headline=reading.position,
        band=reading.band,
        lens=reading.lens,
        confidence="low",
        evidence="metadata only",
        n_slices=0,
        median=reading.position,
        mean=reading.position,
        min=reading.position,
        max=reading.position,
        p10=reading.position,
        p90=reading.position,
        shares=tuple(0.0 for _ in axis.bands),
        markers=(),
        arc=(),
    )


def _clip_edges(ordered: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the 5th and the 95th percentile of ``ordered`` positions, without rounding of ranks."""
    k, rest = divmod(len(ordered), _SLICES_A_CLIPPED_ONE)
    inner = k if rest else k - 1
    return mean_position(ordered[[inner, k]].tolist()), mean_position(ordered[[-1 - inner, -1 - k]].tolist())


def _confidence(readings: Sequence[Reading]) -> Confidence:
    """Return high for 8 slices or more that take a side, a third of them surely; low for fewer than 3."""
    siding = [reading for reading in readings if reading.reason not in TAKES_NO_SIDE]
    sure = sum(reading.confidence == "high" for reading in siding)
    if len(siding) >= 8 and sure * 3 >= len(siding):
        return "high"
    return "low" if len(siding) < 3 else "medium"


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


@lru_cache(maxsize=2048)
def stretches(arc: tuple[float, ...], axis: Axis) -> tuple[ArcStretch, ...]:
    """Return the arc as stretches of one band each, in order; empty for an empty arc.

    Each slice is taken with its neighbours (a moving mean over an eighth of the arc), and a stretch shorter
    than half of that belongs to the one before it.
    """
    if not arc:
        return ()
    span = max(1, len(arc) // _PARTS)
    bands = [axis.band_of(float(value)) for value in moving_mean(arc, span // 2)]
    found: list[ArcStretch] = []
    for ordinal, band in enumerate(bands):
        if found and found[-1].band == band:
            found[-1] = ArcStretch(band, found[-1].start, ordinal + 1)
        else:
            found.append(ArcStretch(band, ordinal, ordinal + 1))
    kept: list[ArcStretch] = []
    for stretch in found:
        is_short = (stretch.end - stretch.start) * 2 < span
        if kept and (is_short or kept[-1].band == stretch.band):
            kept[-1] = ArcStretch(kept[-1].band, kept[-1].start, stretch.end)
        else:
            kept.append(stretch)
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
