"""Colours: told apart by everybody, readable, and the same scale on both sides."""

import itertools
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.pages
from bot.render.theme import (
    AMBER,
    CARD,
    CYAN,
    DARK,
    INK,
    PLOT,
    QUIET,
    WHITE,
    Colour,
    colour_of,
    contrast,
    ink_on,
    mixed,
    position_at,
    spread,
)

# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# 2009, severity 1.0; on linear RGB.
VISION = {
    "everybody": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
APART = 40.0
"""Least CIE76 difference of two colours that mean different things; 2.3 is just noticeable."""

positions = st.floats(-100, 100)


def seen(colour: Colour, vision: str) -> npt.NDArray[np.float64]:
    """CIE L*a*b* of ``colour`` as somebody with ``vision`` sees it."""
    encoded = np.array(colour) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(VISION[vision]) @ linear, 0, 1)
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
    xyz = np.array(to_xyz) @ linear / np.array([0.95047, 1, 1.08883])
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
def test_colours_that_mean_different_things_stay_apart_for_the_colour_blind(vision: str) -> None:
    for colour, other in itertools.combinations((AMBER, CYAN, WHITE, DARK), 2):
        assert np.linalg.norm(seen(colour, vision) - seen(other, vision)) >= APART
    for colour in (AMBER, CYAN, WHITE):
        assert np.linalg.norm(seen(colour, vision) - seen(PLOT, vision)) >= APART


@pytest.mark.parametrize("vision", VISION)
def test_a_risk_bar_and_an_opportunity_bar_of_forty_points_stay_apart(vision: str) -> None:
    assert np.linalg.norm(seen(colour_of(-40), vision) - seen(colour_of(40), vision)) >= APART


@pytest.mark.parametrize("ink", [INK, QUIET])
@pytest.mark.parametrize(
    "ground",
    [CARD, PLOT, mixed(PLOT, AMBER, 0.13), mixed(PLOT, WHITE, 0.13)],
    ids=["card", "plot", "low", "high"],
)
def test_lettering_has_a_contrast_of_4_5_on_every_ground(ink: Colour, ground: Colour) -> None:
    assert contrast(ink, ground) >= 4.5


@given(positions)
def test_a_number_is_readable_on_the_colour_of_any_position(position: float) -> None:
    ground = colour_of(position)
    assert contrast(ink_on(ground), ground) >= 4.5


@given(positions)
def test_bars_stand_out_from_their_ground(position: float) -> None:
    assert contrast(colour_of(position), PLOT) >= 3.0


@given(positions)
def test_the_scale_is_the_same_on_both_sides(position: float) -> None:
    assert spread(-position) == -spread(position)


@given(positions, positions)
def test_the_scale_keeps_the_order(first: float, other: float) -> None:
    low, high = sorted((first, other))
    assert spread(low) <= spread(high)


@given(positions)
def test_a_place_on_the_scale_leads_back_to_its_position(position: float) -> None:
    assert position_at(spread(position)) == pytest.approx(position, abs=1e-9)


def test_the_scale_reaches_from_end_to_end() -> None:
    assert (spread(-100), spread(0), spread(100)) == (-1.0, 0.0, 1.0)


def test_the_strip_runs_from_amber_through_cyan_to_white() -> None:
    assert (colour_of(-100), colour_of(0), colour_of(100)) == (AMBER, CYAN, WHITE)


def test_files_that_cannot_import_the_theme_write_its_colours() -> None:
    pages = Path(bot.pages.__file__).parent / "static"
    styles, icon = ((pages / name).read_text(encoding="utf-8").lower() for name in ("pages.css", "icon.svg"))
    amber, cyan, white, card = ("#" + bytes(colour).hex() for colour in (AMBER, CYAN, WHITE, CARD))
    rules = (
        f".lowest path {{ fill: {amber}; }}",
        f".share0 {{ fill: {amber}; }}",
        f".share1 {{ fill: {cyan}; }}",
    )
    assert [rule for rule in (*rules, f".share2 {{ fill: {white}; }}") if rule not in styles] == []
    assert [colour for colour in (amber, card, white) if f'fill="{colour}"' not in icon] == []
