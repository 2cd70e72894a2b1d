"""Means of positions are positions, whatever the arithmetic rounds."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scoring.position_arithmetic import LIMIT, PositionInvalid, check_position, mean_position, moving_mean

POSITIONS = st.lists(st.floats(-LIMIT, LIMIT), min_size=1, max_size=120)
WEIGHTED = st.lists(st.tuples(st.floats(-LIMIT, LIMIT), st.sampled_from((0.35, 0.6, 1.0, 1.4))), min_size=1)


@given(POSITIONS)
@example([0.1] * 3)
def test_a_mean_lies_between_the_least_and_the_greatest_position(positions: list[float]) -> None:
    mean = mean_position(positions)
    assert min(positions) <= mean <= max(positions)
    assert mean == pytest.approx(math.fsum(positions) / len(positions), abs=1e-9)


@given(WEIGHTED)
@example([(-100.0, 0.35), (-100.0, 0.6), (-100.0, 1.4)])
def test_a_weighted_mean_lies_between_them_too(weighted: list[tuple[float, float]]) -> None:
    positions, weights = zip(*weighted, strict=True)
    assert min(positions) <= mean_position(positions, weights) <= max(positions)


@given(POSITIONS, st.integers(0, 10))
@example([-1.5994576627314387, -27.329837385721277, -100.0], 0)
def test_a_moving_mean_lies_between_them_too(positions: list[float], reach: int) -> None:
    means = moving_mean(positions, reach)
    assert means.shape == (len(positions),)
    assert np.all(means >= min(positions))
    assert np.all(means <= max(positions))


def test_a_moving_mean_is_of_the_positions_at_most_so_far_away() -> None:
    assert moving_mean([0.0, 3.0, 6.0, 30.0], 1).tolist() == [1.5, 3.0, 13.0, 18.0]
    assert moving_mean([5.0, 7.0], 0).tolist() == [5.0, 7.0]


@given(POSITIONS, st.integers(0, 10))
def test_a_moving_mean_told_backwards_is_the_same(positions: list[float], reach: int) -> None:
    assert moving_mean(positions[::-1], reach)[::-1] == pytest.approx(moving_mean(positions, reach), abs=1e-9)


def test_no_positions_have_no_mean_and_no_moving_mean() -> None:
    with pytest.raises(ValueError, match="no positions"):
        mean_position([])
    assert moving_mean([], 3).size == 0


@pytest.mark.parametrize("position", [math.nan, math.inf, -100.00000000000001, 101.0])
def test_what_is_off_the_scale_is_refused_with_the_number(position: float) -> None:
    with pytest.raises(PositionInvalid) as caught:
        check_position(position)
    assert caught.value.received is position
