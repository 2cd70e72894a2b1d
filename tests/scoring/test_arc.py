"""The shape of an arc: its stretches cover it in order, its turns are where it changes."""

from itertools import pairwise
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from scoring.axis import load_axis
from scoring.profile import sharpest_turns, stretches

AXIS = load_axis(Path(__file__).resolve().parents[2] / "data" / "axes" / "risk-opportunity")

arcs = st.lists(st.floats(-100, 100), max_size=120)


@given(arcs)
@example([-1.5994576627314387, -27.329837385721277, -100.0])  # a mean of cumulative sums left the scale
def test_stretches_cover_the_arc_in_order_and_neighbours_differ(arc: list[float]) -> None:
    told = stretches(tuple(arc), AXIS)
    assert [stretch.start for stretch in told] == [0, *(stretch.end for stretch in told)][: len(told)]
    assert (told[-1].end if told else 0) == len(arc)
    assert all(stretch.band != other.band for stretch, other in pairwise(told))


def test_one_loud_slice_is_no_stretch_of_its_own() -> None:
    told = stretches((*[0.0] * 30, -60.0, *[0.0] * 30), AXIS)
    assert [stretch.band for stretch in told] == ["Mixed"]


@given(arcs, st.integers(1, 4))
def test_turns_lie_inside_apart_and_in_order(arc: list[float], limit: int) -> None:
    turns = sharpest_turns(arc, limit)
    places = [turn.ordinal for turn in turns]
    assert len(turns) <= limit
    assert places == sorted(set(places))
    assert all(0 < place < len(arc) for place in places)
    assert all(abs(place - other) >= max(1, len(arc) // 8) for place, other in pairwise(places))


def test_the_turns_of_a_step_up_and_a_step_down_are_the_steps() -> None:
    up, down = sharpest_turns([0.0] * 16 + [40.0] * 16 + [-20.0] * 16)
    assert (up.ordinal, up.change) == (16, 40.0)
    assert (down.ordinal, down.change) == (32, -60.0)


def test_a_level_arc_and_a_single_slice_have_no_turns() -> None:
    assert sharpest_turns([5.0] * 20) == ()
    assert sharpest_turns([5.0]) == ()
