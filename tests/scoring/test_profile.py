"""An episode's profile: laws of the headline, and statistics as numpy has them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app.settings import DATA
from scoring.axis import load_axis
from scoring.profile import SILENT_WEIGHT, headline_of, profile_of, profile_of_metadata
from scoring.reading import Reading, unread

AXIS = load_axis(DATA / "axes" / "risk-opportunity")
LEVELS = ("low", "medium", "high")


def reading(position: float, *, confidence="medium", reason="leans", lens="technical") -> Reading:
    return Reading(position, AXIS.band_of(position), lens, confidence, reason)


READINGS = st.builds(
    reading,
    st.integers(-100, 100).map(float),
    confidence=st.sampled_from(LEVELS),
    reason=st.sampled_from(("leans", "balanced", "nothing")),
    lens=st.sampled_from(AXIS.lenses),
)
EPISODES = st.lists(READINGS, min_size=1, max_size=90)


def turned(a_reading: Reading) -> Reading:
    return reading(
        -a_reading.position, confidence=a_reading.confidence, reason=a_reading.reason, lens=a_reading.lens
    )


@given(EPISODES)
def test_saying_everything_twice_does_not_move_the_headline(readings: list[Reading]) -> None:
    assert headline_of(readings * 2) == pytest.approx(headline_of(readings), abs=1e-9)


@given(EPISODES, st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_said_does_not_move_the_headline(readings, random) -> None:
    shuffled = random.sample(readings, len(readings))
    assert headline_of(shuffled) == pytest.approx(headline_of(readings), abs=1e-9)


@given(EPISODES)
def test_turning_every_position_around_turns_the_headline_around(readings) -> None:
    assert headline_of([turned(reading) for reading in readings]) == pytest.approx(
        -headline_of(readings), abs=1e-9
    )


@given(EPISODES)
def test_the_headline_lies_among_the_positions(readings) -> None:
    positions = [reading.position for reading in readings]
    assert min(positions) - 1e-9 <= headline_of(readings) <= max(positions) + 1e-9


@given(st.lists(st.floats(-40, 40), min_size=60, max_size=60), st.sampled_from((-100.0, 100.0)))
def test_one_extreme_minute_moves_an_hour_by_a_few_points_at_most(positions, extreme) -> None:
    hour = [reading(position) for position in positions]
    struck = [reading(extreme, confidence="high"), *hour[1:]]
    assert abs(headline_of(struck) - headline_of(hour)) < 5


def test_without_the_clip_that_minute_would_carry_further() -> None:
    hour = [reading(0.0)] * 59 + [reading(100.0)]
    assert headline_of(hour) == 0.0
    assert np.mean([reading.position for reading in hour]) > 1.5


@given(st.integers(10, 100), st.integers(1, 40), st.integers(0, 40))
def test_small_talk_dilutes_but_less_than_talk_that_takes_no_side(position, n_siding, n_silent) -> None:
    siding = [reading(position)] * n_siding
    beside_small_talk = headline_of(siding + [reading(0.0, reason="nothing")] * n_silent)
    beside_balance = headline_of(siding + [reading(0.0, reason="balanced")] * n_silent)
    assert -1e-9 <= beside_balance <= beside_small_talk + 1e-9 <= position + 2e-9


def test_small_talk_counts_a_third_of_what_takes_a_side() -> None:
    half = [reading(40.0)] * 10 + [reading(0.0, reason="nothing")] * 10
    assert headline_of(half) == round(40 / (1 + SILENT_WEIGHT))


def test_a_sure_minute_outweighs_an_unsure_one() -> None:
    assert headline_of([reading(50.0, confidence="high"), reading(-50.0, confidence="low")]) > 0


def test_no_readings_have_no_headline() -> None:
    for ask in (headline_of, lambda none: profile_of(none, AXIS)):
        with pytest.raises(ValueError, match="reading"):
            ask([])


@given(EPISODES)
def test_percentiles_are_numpys_with_linear_interpolation(readings) -> None:
    profile = profile_of(readings, AXIS)
    positions = np.array([reading.position for reading in readings])
    wanted = np.percentile(positions, (0, 10, 50, 90, 100), method="linear")
    assert (profile.min, profile.p10, profile.median, profile.p90, profile.max) == tuple(wanted)
    assert profile.mean == pytest.approx(positions.mean(), abs=1e-9)
    assert profile.arc == tuple(positions)
    assert profile.n_slices == len(readings)


@given(EPISODES)
def test_shares_are_those_of_the_bands_in_order_and_add_up_to_one(readings) -> None:
    shares = profile_of(readings, AXIS).shares
    assert math.fsum(shares) == pytest.approx(1.0)
    for band, share in zip(AXIS.bands, shares, strict=True):
        assert share * len(readings) == pytest.approx(sum(reading.band == band for reading in readings))


@given(EPISODES)
def test_markers_are_the_outermost_slices_and_one_nearest_to_the_median(readings) -> None:
    profile = profile_of(readings, AXIS)
    low, middle, high = profile.markers
    assert (profile.arc[low], profile.arc[high]) == (profile.min, profile.max)
    nearest = min(abs(position - profile.median) for position in profile.arc)
    assert abs(profile.arc[middle] - profile.median) == nearest
    assert profile.arc.index(profile.min) == low, "the earlier of equals"
    assert profile.arc.index(profile.max) == high, "the earlier of equals"


@given(EPISODES)
def test_a_headline_is_a_whole_number_in_the_band_beside_it(readings) -> None:
    profile = profile_of(readings, AXIS)
    assert profile.headline == round(profile.headline)
    assert profile.band == AXIS.band_of(profile.headline)


@given(EPISODES, st.randoms())
def test_markers_stand_where_they_may(readings, random) -> None:
    may_mark = [random.random() < 0.5 for _ in readings]
    markers = profile_of(readings, AXIS, may_mark).markers
    if sum(may_mark) < 3:
        assert markers == profile_of(readings, AXIS).markers, "too few places: all may be marked"
        return
    allowed = [reading.position for reading, may in zip(readings, may_mark, strict=True) if may]
    assert all(may_mark[ordinal] for ordinal in markers)
    assert markers[1] not in {markers[0], markers[2]}
    assert readings[markers[0]].position == min(allowed)
    assert readings[markers[2]].position == max(allowed)


def test_one_slice_is_a_whole_profile() -> None:
    profile = profile_of([reading(-30.0, lens="governance")], AXIS)
    assert (profile.headline, profile.median, profile.p10, profile.p90) == (-30.0,) * 4
    assert profile.shares == (1.0, 0.0, 0.0)
    assert profile.markers == (0, 0, 0)
    assert (profile.lens, profile.confidence) == ("governance", "low")


def test_lenses_that_are_as_frequent_are_settled_by_the_axis() -> None:
    both = [reading(0.0, lens="philosophical"), reading(0.0, lens="governance")]
    assert profile_of(both, AXIS).lens == "governance"
    assert profile_of(both[::-1], AXIS).lens == "governance"


@pytest.mark.parametrize(
    ("n_sure", "n_unsure", "n_silent", "confidence"),
    [(3, 5, 0, "high"), (2, 6, 0, "medium"), (7, 0, 9, "medium"), (2, 0, 30, "low"), (0, 3, 0, "medium")],
)
def test_confidence_follows_the_written_rule(n_sure, n_unsure, n_silent, confidence) -> None:
    readings = [
        *[reading(30.0, confidence="high")] * n_sure,
        *[reading(30.0, confidence="low")] * n_unsure,
        *[reading(0.0, reason="nothing")] * n_silent,
    ]
    assert profile_of(readings, AXIS).confidence == confidence


def test_an_episode_without_a_transcript_stands_on_its_metadata_and_says_so() -> None:
    profile = profile_of_metadata(reading(25.0), AXIS)
    assert (profile.headline, profile.band) == (25.0, "Opportunity-forward")
    assert (profile.evidence, profile.confidence, profile.n_slices) == ("metadata only", "low", 0)
    assert (profile.markers, profile.arc, sum(profile.shares)) == ((), (), 0.0)


def test_a_profile_of_what_could_not_be_read_says_so() -> None:
    unread_one, read = unread(reading(-80.0), "Mixed"), reading(-80.0)
    mostly, half = profile_of([unread_one, unread_one, read], AXIS), profile_of([unread_one, read], AXIS)
    assert (mostly.evidence, mostly.confidence) == ("other language", "low")
    assert half.evidence == "transcript"
    assert headline_of([unread_one, read]) == headline_of([reading(0.0, reason="nothing"), read])
