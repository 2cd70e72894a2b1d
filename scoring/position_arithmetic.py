"""The scale of positions, whole numbers from -100 to 100 where they are told, and means that stay on it."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from scoring.errors import ScoringError, typed_fields

LIMIT = 100.0
"""Positions run from -LIMIT, the low pole, to +LIMIT, the high pole."""


@typed_fields
class PositionInvalid(ScoringError):
    """A position is not a number from ``low`` to ``high``."""

    code = "position_invalid"
    received: float
    low: float = -LIMIT
    high: float = LIMIT


def check_position(position: float) -> None:
    """Raise ``PositionInvalid`` unless ``position`` is a number from -100 to 100."""
    if not -LIMIT <= position <= LIMIT:
        raise PositionInvalid(received=position)


def clamped(position: float) -> float:
    """Return ``position``, moved to the nearest end of the scale if rounding left it beyond."""
    return min(LIMIT, max(-LIMIT, float(position)))


def whole(position: float) -> float:
    """Return ``position`` rounded to a whole number, as every face prints it; a half goes to the even neighbour.

    Readings and headlines are whole from the start, and a band is that of the whole number, so that a number and the
    band beside it always fit.
    """
    return round(position) + 0.0  # no -0.0


def mean_position(positions: Iterable[float], weights: Sequence[float] | None = None) -> float:
    """Return the mean of positions, which lies between the least and the greatest of them.

    The bounds hold exactly: the mean of floating-point numbers can lie outside of their range by a rounding
    error (-100.00000000000001), and then would be no position. The order of the positions does not matter.

    Args:
        positions: one at least.
        weights: a weight for each position, at least 0 and not all 0; equal weights by default.

    Raises:
        ValueError: there are no positions, or not as many weights.
    """
    values = list(positions)
    if not values:
        raise ValueError("the mean of no positions is undefined")
    shares = [1.0] * len(values) if weights is None else weights
    mean = math.fsum(value * share for value, share in zip(values, shares, strict=True)) / math.fsum(shares)
    return min(max(mean, min(values)), max(values))


def moving_mean(positions: Sequence[float], reach: int) -> npt.NDArray[np.float64]:
    """Return the mean of the positions at most ``reach`` places from each, of fewer near the ends; shape (n,).

    As with ``mean_position``, no mean lies outside of the range of the positions.
    """
    values = np.asarray(positions, np.float64)
    if not values.size:
        return values
    sums = np.concatenate(([0.0], np.cumsum(values)))
    places = np.arange(len(values))
    starts = np.maximum(0, places - reach)
    ends = np.minimum(len(values), places + reach + 1)
    means: npt.NDArray[np.float64] = np.clip(
        (sums[ends] - sums[starts]) / (ends - starts), values.min(), values.max()
    )
    return means
