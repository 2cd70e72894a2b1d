"""An axis is data: what its file says, and what it refuses."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.i18n.message_catalogue import signed
from scoring.axis import load_axis
from scoring.errors import AxisDataInvalid
from scoring.position_arithmetic import PositionInvalid

FOLDER = Path(__file__).resolve().parents[2] / "data" / "axes" / "risk-opportunity"
AXIS = load_axis(FOLDER)

OTHER = """
name = "tea-coffee"
title = "Tea to coffee"
question = "Which one?"
[poles.low]
name = "tea"
position = -100
meaning = "prefers tea"
[poles.high]
name = "coffee"
position = 100
meaning = "prefers coffee"
[[bands]]
name = "Leaf"
[[bands]]
name = "Bean"
from = 0
[[lenses]]
name = "taste"
meaning = "how it tastes"
"""


def test_the_shipped_axis_has_its_poles_bands_and_lenses():
    assert (AXIS.low_pole, AXIS.high_pole) == ("risk-forward", "opportunity-forward")
    assert AXIS.bands == ("Risk-forward", "Mixed", "Opportunity-forward")
    assert AXIS.lenses == ("technical", "governance", "societal", "philosophical")
    assert len(AXIS.lens_meanings) == 4
    assert all(AXIS.lens_meanings)


@pytest.mark.parametrize(
    ("position", "band"),
    [
        (-100, "Risk-forward"),
        (-18, "Risk-forward"),
        (-17.51, "Risk-forward"),
        (-17.5, "Risk-forward"),
        (-17.49, "Mixed"),
        (0, "Mixed"),
        (17.49, "Mixed"),
        (17.5, "Opportunity-forward"),
        (18, "Opportunity-forward"),
        (100, "Opportunity-forward"),
    ],
)
def test_an_edge_belongs_to_the_outer_band(position, band):
    assert AXIS.band_of(position) == band


@given(st.floats(-100, 100))
@example(-17.99)
@example(-18.49)
@example(17.6)
def test_a_band_is_that_of_the_number_as_it_is_printed(position):
    printed = int(signed(position).replace("−", "-"))
    assert AXIS.band_of(position) == AXIS.band_of(printed)
    assert AXIS.band_of(printed) == (
        AXIS.bands[0] if printed <= -18 else AXIS.bands[-1 if printed >= 18 else 1]
    )


@pytest.mark.parametrize("position", [math.nan, math.inf, -math.inf, 100.001, -101])
def test_a_number_off_the_scale_has_no_band(position):
    with pytest.raises(PositionInvalid) as caught:
        AXIS.band_of(position)
    assert "received" in caught.value.fields


@given(st.floats(-100, 100), st.floats(-100, 100))
def test_bands_keep_the_order_of_positions(one, other):
    low, high = sorted((one, other))
    assert AXIS.bands.index(AXIS.band_of(low)) <= AXIS.bands.index(AXIS.band_of(high))


def test_another_axis_loads_the_same_way(tmp_path):
    (tmp_path / "axis.toml").write_text(OTHER, encoding="utf-8")
    axis = load_axis(tmp_path)
    assert axis.bands == ("Leaf", "Bean")
    assert (axis.band_of(-0.51), axis.band_of(0)) == ("Leaf", "Bean")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("from = 0", "", "edge_not_given_once"),
        ("from = 0", "from = 100", "edge_out_of_range"),
        ("from = 0", "from = nan", "edge_out_of_range"),
        ("from = 0", f"from = {'9' * 400}", "edge_out_of_range"),
        ('name = "Bean"', 'name = "Leaf"', "names_not_unique:bands"),
        ("position = -100", "position = -1", "wrong_position:poles.low"),
        ('meaning = "prefers coffee"', "", "missing_text:meaning"),
        ("[[lenses]]", "[[glasses]]", "missing_tables:lenses"),
        ('[[bands]]\nname = "Bean"\nfrom = 0\n', "", "one_band"),
        ("[poles.high]", "[poles.top]", "missing_table:poles.high"),
        ('title = "Tea to coffee"', "title =", "not_toml"),
    ],
)
def test_a_broken_axis_says_what_is_wrong(tmp_path, old, new, problem):
    assert old in OTHER
    (tmp_path / "axis.toml").write_text(OTHER.replace(old, new), encoding="utf-8")
    with pytest.raises(AxisDataInvalid) as caught:
        load_axis(tmp_path)
    assert str(caught.value.fields["problem"]).startswith(problem)
    assert str(caught.value.fields["file"]).endswith("axis.toml")


def test_a_folder_without_an_axis_is_refused(tmp_path):
    with pytest.raises(AxisDataInvalid):
        load_axis(tmp_path)


def test_an_axis_with_other_edges_has_another_digest() -> None:
    moved = replace(AXIS, edges=(replace(AXIS.edges[0], position=-25.0), *AXIS.edges[1:]))
    assert moved.digest != AXIS.digest
    assert replace(AXIS, title="Another title").digest == AXIS.digest
