"""A move is told where there is one, hardly ever where dates are shuffled, and never of a few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.trend import LEAST_DATED, SIGNIFICANCE, trend_of

DAYS = [0, 120, 200, 390, 500, 640, 700, 900]


def test_a_steady_move_is_told_with_its_size() -> None:
    trend = trend_of(DAYS, [-30 + day / 15 for day in DAYS])
    assert trend.outcome == "moved"
    assert trend.change == pytest.approx(60)
    assert trend_of(DAYS, [30 - day / 15 for day in DAYS]).change == pytest.approx(-60)


def test_shuffled_dates_give_a_move_at_most_once_in_twenty() -> None:
    """400 careers in which dates mean nothing; a fair test says "moved" in 20 of them, 3 standard errors allowed."""
    random = np.random.default_rng(5)
    n_moved = 0
    for number in range(400):
        n = int(random.integers(LEAST_DATED, 15))
        positions = random.normal(0, 40, n).clip(-100, 100)
        days = random.choice(3000, n, replace=False).tolist()
        n_moved += trend_of(days, positions.tolist(), seed=number).outcome == "moved"
    assert n_moved <= 20 + 3 * np.sqrt(400 * SIGNIFICANCE * (1 - SIGNIFICANCE))


@pytest.mark.parametrize(
    ("days", "positions"),
    [
        ([], []),
        ([0], [1.0]),
        (DAYS[:4], [-90.0, -30.0, 30.0, 90.0]),
        (range(8), [10.0 * n for n in range(8)]),
    ],
)
def test_of_a_few_or_of_a_short_time_nothing_is_said(days: list[int], positions: list[float]) -> None:
    trend = trend_of(list(days), positions)
    assert (trend.outcome, trend.change, trend.p_value) == ("too few", 0.0, 1.0)


def test_a_small_move_is_none_however_steady() -> None:
    assert trend_of(DAYS, [day / 200 for day in DAYS]).outcome == "no move"


@given(st.lists(st.tuples(st.integers(0, 5000), st.floats(-100, 100)), max_size=12))
def test_the_order_in_which_they_come_means_nothing_and_a_mirrored_life_moves_the_other_way(
    dated: list[tuple[int, float]],
) -> None:
    trend = trend_of([day for day, _ in dated], [position for _, position in dated])
    mirrored = trend_of([day for day, _ in dated], [-position for _, position in dated])
    assert mirrored.outcome == trend.outcome
    assert mirrored.change == pytest.approx(-trend.change)
    assert 0 < trend.p_value <= 1


def test_as_many_days_as_positions() -> None:
    with pytest.raises(ValueError, match="2 days"):
        trend_of([1, 2], [0.0])
