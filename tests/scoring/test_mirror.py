"""The mirror rule: topic first, then who stands nearest to the opposite place."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scoring.mirror import (
    CENTRE,
    CROSSING,
    NEAR_MIRROR,
    PickCandidate,
    Picks,
    claim_of,
    is_across,
    mirror_point,
    most_opposed,
    rank_picks,
)

LENSES = ("technical", "governance", "societal", "philosophical")
POSITIONS = st.floats(-100, 100)
LIBRARIES = st.lists(
    st.builds(PickCandidate, st.integers(0, 10_000), POSITIONS, st.sampled_from(LENSES), st.floats(0, 1)),
    max_size=15,
    unique_by=lambda candidate: candidate.key,
)


def ranked(
    position: float, candidates: list[PickCandidate], *, n_picks: int = 3, floor: float = 0.25
) -> Picks:
    return rank_picks(position, "technical", candidates, topic_floor=floor, n_picks=n_picks)


def keys(picks: Picks) -> list[int]:
    return [pick.candidate.key for pick in picks.picks]


def one(key: int, position: float, *, topic: float = 0.5, lens: str = "technical") -> PickCandidate:
    return PickCandidate(key, position, lens, topic)


@given(POSITIONS)
def test_the_mirror_of_the_mirror_is_the_place_itself(position: float) -> None:
    assert mirror_point(mirror_point(position)) == position
    assert ranked(position, []).mirror == mirror_point(position)


@given(POSITIONS, LIBRARIES, st.integers(1, 6), st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(position, candidates, n_picks, random) -> None:
    shuffled = random.sample(candidates, len(candidates))
    assert ranked(position, candidates, n_picks=n_picks) == ranked(position, shuffled, n_picks=n_picks)


@given(POSITIONS, LIBRARIES, st.data())
def test_at_one_position_and_lens_the_closer_topic_never_loses(position, candidates, data) -> None:
    assume(candidates)
    shown = data.draw(st.sampled_from(candidates))
    closer = PickCandidate(10_001, shown.position, shown.lens, data.draw(st.floats(shown.topic, 1)))
    assume(closer.topic > shown.topic)
    order = keys(ranked(position, [*candidates, closer], n_picks=99))
    if shown.key in order:
        assert closer.key in order
        assert order.index(closer.key) < order.index(shown.key)


@given(POSITIONS, LIBRARIES)
def test_nothing_below_the_floor_is_picked_and_nothing_twice(position, candidates) -> None:
    picks = ranked(position, candidates, floor=0.5)
    assert all(pick.candidate.topic >= 0.5 for pick in picks.picks)
    assert len(set(keys(picks))) == len(picks.picks) <= 3


@given(POSITIONS, LIBRARIES)
def test_outcome_difference_and_relation_say_what_is_so(position, candidates) -> None:
    picks = ranked(position, candidates)
    assert bool(picks.picks) == (picks.outcome not in ("alone", "no topic"))
    assert (picks.outcome == "alone") == (not candidates)
    for pick in picks.picks:
        other = pick.candidate.position
        assert pick.difference == other - position
        if pick.relation == "across the spectrum":
            assert abs(pick.difference) >= CROSSING
            assert other * position < 0 or abs(position) < CENTRE <= abs(other)
        if picks.outcome == "across":
            assert pick.relation == "across the spectrum"


@given(POSITIONS, LIBRARIES)
def test_turning_the_whole_axis_around_turns_the_picks_around(position, candidates) -> None:
    assume(abs(position) >= CENTRE)
    turned = [PickCandidate(each.key, -each.position, each.lens, each.topic) for each in candidates]
    assert keys(ranked(-position, turned)) == keys(ranked(position, candidates))


def test_the_nearest_to_the_mirror_point_is_best_and_the_lens_settles() -> None:
    library = [one(1, 55), one(2, 31), one(3, 10), one(4, 28, lens="societal")]
    assert keys(ranked(-30, library)) == [2, 4, 3]
    assert keys(ranked(-30, [one(1, 31, lens="societal"), one(2, 28)])) == [2, 1]


def test_topic_goes_before_position() -> None:
    assert keys(ranked(-30, [one(1, 30, topic=0.3), one(2, 20, topic=0.8)])) == [2, 1]


def test_equals_are_settled_by_their_key() -> None:
    assert keys(ranked(-30, [one(9, 30), one(4, 30), one(7, 30)])) == [4, 7, 9]


def test_a_one_sided_library_says_so_and_shows_the_nearest() -> None:
    picks = ranked(-40, [one(1, -38), one(2, -5), one(3, -70)])
    assert picks.outcome == "near only"
    assert keys(picks) == [2, 1, 3]
    assert {pick.relation for pick in picks.picks} == {"near you"}


def test_a_step_over_the_centre_is_not_yet_the_other_side() -> None:
    picks = ranked(-6, [one(1, 2)])
    assert (picks.outcome, picks.picks[0].relation) == ("near only", "near you")


def test_near_the_centre_each_wing_gives_one_even_where_one_pick_is_asked_for() -> None:
    library = [one(1, 40, topic=0.4), one(2, 40, topic=0.6), one(3, -25), one(4, 1), one(5, -90, topic=0.3)]
    picks = ranked(2, library, n_picks=1)
    assert (picks.outcome, keys(picks)) == ("wings", [3, 2])
    assert {pick.relation for pick in picks.picks} == {"across the spectrum"}
    assert keys(ranked(2, library, n_picks=4)) == [3, 2, 5, 1]


def test_near_the_centre_with_one_wing_only_it_is_said() -> None:
    picks = ranked(-2, [one(1, 40), one(2, -3)])
    assert (picks.outcome, keys(picks)) == ("one wing", [1])


def test_with_one_wing_only_one_pick_asked_for_is_one() -> None:
    assert keys(ranked(-2, [one(1, 40), one(2, 45), one(3, -3)], n_picks=1)) == [1]


def test_a_wing_stands_off_the_centre_not_merely_off_the_source() -> None:
    picks = ranked(5.5, [one(1, -0.5), one(2, 1)])
    assert picks.outcome == "near only"


def test_in_a_wing_the_same_lens_is_preferred() -> None:
    assert keys(ranked(0, [one(1, 40, lens="societal"), one(2, 40)], n_picks=2)) == [2, 1]


@pytest.mark.parametrize(("candidates", "outcome"), [([], "alone"), ([one(1, 40, topic=0.1)], "no topic")])
def test_nobody_and_nobody_on_the_topic_are_two_outcomes(candidates, outcome) -> None:
    assert ranked(-30, candidates) == Picks(30, (), outcome)


def test_a_closeness_that_is_no_number_is_no_topic() -> None:
    assert ranked(-30, [one(1, 30, topic=float("nan"))]).outcome == "no topic"


MATRICES = st.integers(1, 6).flatmap(
    lambda n: st.integers(1, 6).flatmap(
        lambda m: st.tuples(
            st.lists(st.lists(st.floats(-1, 1), min_size=m, max_size=m), min_size=n, max_size=n),
            st.lists(POSITIONS, min_size=n, max_size=n),
            st.lists(POSITIONS, min_size=m, max_size=m),
        )
    )
)


@given(MATRICES, st.sampled_from((-1.0, 0.0, 1.0)))
def test_the_pair_is_a_pair_of_the_two_and_among_the_closest(matrix, sign) -> None:
    closeness, here, there = np.array(matrix[0]), matrix[1], matrix[2]
    pair = most_opposed(closeness, here, there, sign=sign)
    assert pair is not None
    assert closeness[pair] >= np.quantile(closeness, 0.9) - 1e-12


def test_of_equally_close_passages_those_disagree_most_that_lie_furthest_apart_that_way() -> None:
    closeness = np.full((2, 3), 0.7)
    assert most_opposed(closeness, [-50, 0], [10, -80, 60], sign=1) == (0, 2)
    assert most_opposed(closeness, [-50, 0], [10, -80, 60], sign=-1) == (1, 1)
    assert most_opposed(closeness, [-50, 0], [10, -80, 60], sign=0) == (0, 2)


def test_where_nobody_differs_the_closest_pair_is_shown_and_without_passages_none() -> None:
    assert most_opposed(np.array([[0.1, 0.2], [0.9, 0.3]]), [5, 5], [5, 5], sign=1) == (1, 0)
    assert most_opposed(np.zeros((0, 3)), [], [1, 2, 3], sign=1) is None
    assert most_opposed(np.zeros((2, 0)), [1, 2], [], sign=0) is None


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


@pytest.mark.parametrize(
    ("position", "outcome", "shown", "claim"),
    [
        (-42, "across", (10, 8, 6), "none near mirror"),
        (-42, "across", (42 - NEAR_MIRROR, 42 + NEAR_MIRROR), "all near mirror"),
        (-42, "across", (42 - NEAR_MIRROR - 0.1,), "none near mirror"),
        (-42, "across", (10, 40), "some near mirror"),
        (-42, "across", (40, 0), "some across"),
        (-42, "near only", (0, -30), "none across"),
        (2, "wings", (-20, 40), "wings"),
        (2, "wings", (40,), "one wing"),
        (2, "one wing", (40, 30), "one wing"),
        (2, "near only", (1,), "none across"),
        (2, "no topic", (), "no topic"),
        (2, "alone", (), "alone"),
    ],
)
def test_of_picks_only_that_is_claimed_that_they_bear_out(position, outcome, shown, claim) -> None:
    assert claim_of(position, outcome, shown) == claim


@given(POSITIONS, LIBRARIES)
def test_a_claim_about_the_other_side_or_the_mirror_point_holds_for_every_pick(position, candidates) -> None:
    picks = ranked(position, candidates)
    shown = [pick.candidate.position for pick in picks.picks]
    claim = claim_of(position, picks.outcome, shown)
    if claim in {"all near mirror", "some near mirror", "none near mirror"}:
        assert all(is_across(position, other) for other in shown)
    if claim == "all near mirror":
        assert all(abs(other - picks.mirror) <= NEAR_MIRROR for other in shown)
    if claim == "none near mirror":
        assert all(abs(other - picks.mirror) > NEAR_MIRROR for other in shown)
    if claim == "none across":
        assert not any(
            is_across(position, candidate.position) for candidate in candidates if candidate.topic >= 0.25
        )
    assert claim != "some across"
