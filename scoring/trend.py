"""Whether positions moved over time: a permutation test, and an honest "too few to say"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Outcome = Literal["too few", "moved", "no move"]

LEAST_DATED = 5
"""Dated positions below which nothing is said."""

LEAST_DAYS = 180
"""Days between the first and the last below which nothing is said."""

LEAST_MOVE = 10.0
"""Points between the ends of the fitted line that count as a move."""

SIGNIFICANCE = 0.05
N_SHUFFLES = 1_999


@dataclass(frozen=True, slots=True)
class Trend:
    """The trend of positions over time.

    Attributes:
        outcome: ``too few`` where nothing can be said; ``moved`` where dates explain positions as well as in one of
            twenty shuffles at most, and the line moves by ``LEAST_MOVE`` points; else ``no move``.
        n: dated positions.
        change: points from the first day to the last by the fitted line; 0 where there are too few.
        p_value: share of shuffles that fit at least as well, the true order counted as one; 1 where there are too few.
    """

    outcome: Outcome
    n: int
    change: float
    p_value: float


def trend_of(days: Sequence[int], positions: Sequence[float], *, seed: int = 0) -> Trend:
    """Return whether ``positions`` moved over ``days``.

    Under any order of dates that has nothing to do with the positions, "moved" comes up at most once in twenty times:
    the test is exact, since the true order is one of the shuffles (Phipson and Smyth, Permutation P-values should never
    be zero, 2010).

    Args:
        days: ordinals of dates, in any order.
        positions: as many, -100 to 100.
        seed: of the shuffles.

    Raises:
        ValueError: there are not as many positions as days.

    Example:
        >>> trend_of([0, 100], [1.0, 2.0]).outcome
        'too few'
    """
    if len(days) != len(positions):
        raise ValueError(f"{len(days)} days, {len(positions)} positions")
    x, y = np.asarray(days, float), np.asarray(positions, float)
    if len(x) < LEAST_DATED or np.ptp(x) < LEAST_DAYS:
        return Trend("too few", len(x), 0.0, 1.0)
    centred_x, centred_y = x - x.mean(), y - y.mean()
    observed = float(centred_x @ centred_y)
    random = np.random.default_rng(seed)
    shuffled = random.permuted(np.tile(centred_x, (N_SHUFFLES, 1)), axis=1) @ centred_y
    # Within rounding, so that an order that fits as well is not taken for one that fits worse.
    n_as_good = int(np.count_nonzero(np.abs(shuffled) >= abs(observed) * (1 - 1e-9)))
    p_value = (1 + n_as_good) / (1 + N_SHUFFLES)
    change = observed / float(centred_x @ centred_x) * float(np.ptp(x))
    has_moved = p_value <= SIGNIFICANCE and abs(change) >= LEAST_MOVE
    return Trend("moved" if has_moved else "no move", len(x), change, p_value)
