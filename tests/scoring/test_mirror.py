"""The mirror rule: who stands nearest to the opposite place, with the topic and the lens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.mirror import (
    CENTRE,
    CROSSING,
    STEP,
    PickCandidate,
    is_across,
    is_farther,
    mirror_point,
    mirror_worth,
    pick_of,
)

LENSES = ("technical", "governance", "societal", "philosophical")
POSITIONS = st.floats(-100, 100)
CANDIDATES = st.builds(
    PickCandidate, st.integers(0, 10_000), POSITIONS, st.sampled_from(LENSES), st.floats(0, 1)
)


def worth(position: float, other: float, *, topic: float = 0.5, lens: str = "technical") -> float:
    return mirror_worth(position, "technical", PickCandidate(1, other, lens, topic))


@given(POSITIONS)
def test_the_mirror_of_the_mirror_is_the_place_itself(position: float) -> None:
    assert mirror_point(mirror_point(position)) == position


@given(POSITIONS, CANDIDATES)
def test_turning_the_whole_axis_around_changes_no_worth(position, candidate) -> None:
    turned = PickCandidate(candidate.key, -candidate.position, candidate.lens, candidate.topic)
    assert mirror_worth(-position, "technical", turned) == mirror_worth(position, "technical", candidate)


@given(POSITIONS, CANDIDATES, st.floats(0, 1))
def test_at_one_position_and_lens_the_closer_topic_is_worth_no_less(position, candidate, topic) -> None:
    other = PickCandidate(candidate.key, candidate.position, candidate.lens, topic)
    closer, further = (candidate, other) if candidate.topic >= topic else (other, candidate)
    assert mirror_worth(position, "technical", closer) >= mirror_worth(position, "technical", further)


def test_the_nearest_to_the_mirror_point_is_worth_most_and_the_lens_settles() -> None:
    assert worth(-30, 31) > worth(-30, 28, lens="societal") > worth(-30, 10)
    assert worth(-30, 28) > worth(-30, 31, lens="societal")


def test_topic_goes_before_position() -> None:
    assert worth(-30, 20, topic=0.8) > worth(-30, 30, topic=0.3)


@given(POSITIONS, CANDIDATES)
def test_a_pick_says_how_the_headlines_differ_and_whether_they_lie_across(position, candidate) -> None:
    pick = pick_of(position, candidate)
    assert pick.difference == candidate.position - position
    assert (pick.relation == "across the spectrum") == is_across(position, candidate.position)


@given(POSITIONS, POSITIONS)
def test_across_the_spectrum_is_mutual_off_the_centre_and_never_near(position, other) -> None:
    if is_across(position, other):
        assert abs(other - position) >= CROSSING
    if abs(position) >= CENTRE and abs(other) >= CENTRE:
        assert is_across(position, other) == is_across(other, position)
        assert not is_across(position, other) or position * other < 0


@pytest.mark.parametrize(
    ("position", "other", "is_so"),
    [
        (-8, 3, False),
        (-8, 6, True),
        (-42, 5.9, False),
        (-42, 6, True),
        (5, -5, False),
        (5, -6, True),
        (6, -3.9, False),
    ],
)
def test_across_the_spectrum_is_said_only_of_who_stands_off_the_centre(position, other, is_so) -> None:
    assert is_across(position, other) == is_so


@given(POSITIONS, POSITIONS)
def test_farther_is_a_step_towards_the_mirror_point(position: float, other: float) -> None:
    farther = is_farther(position, other)
    assert farther == is_farther(-position, -other)
    if abs(position) < CENTRE:
        assert farther == (abs(other - position) >= STEP)
    else:
        towards = position - other if position > 0 else other - position
        assert farther == (towards >= STEP)


def test_farther_may_be_of_the_same_side() -> None:
    assert is_farther(-50, -27)
    assert not is_across(-50, -27)
    assert not is_farther(-50, -68)
