"""Positions in letters: the same in Discord and in the terminal, on the same scale as the pictures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.render.text import bars, shares, track
from bot.render.theme import BAR_LIMIT, bar_share


@given(st.floats(-100, 100), st.one_of(st.none(), st.floats(-100, 100)))
def test_a_gauge_is_as_wide_wherever_it_points(position: float, other: float | None) -> None:
    drawn = track(position, other, cells=15)
    assert len(drawn) == 15
    assert drawn.count("●") == 1


def test_a_gauge_points_where_the_position_is() -> None:
    assert track(-100, cells=15) == "●──────┼───────"
    assert track(0, cells=15) == "───────●───────"
    assert track(100, -100, cells=15) == "○──────┼──────●"
    assert track(10, 10, cells=15).count("○") == 0


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_shares_fill_the_bar_and_nothing_present_is_hidden(parts: list[float]) -> None:
    bar = shares(parts)
    assert len(bar) == 20
    if sum(parts) > 0:
        assert all(fill in bar for fill, part in zip("█▒░", parts, strict=True) if part > 0)


@given(st.lists(st.floats(-100, 100), max_size=400))
def test_an_arc_has_a_bar_a_slice_until_there_are_too_many(arc: list[float]) -> None:
    assert len(bars(arc, most=28)) == min(28, len(arc))


@given(st.floats(-100, 100), st.floats(-100, 100))
def test_a_higher_position_never_has_a_lower_bar(first: float, other: float) -> None:
    low, high = sorted((first, other))
    (first,), (second,) = bars([low], most=1), bars([high], most=1)
    assert first.letter <= second.letter
    assert bar_share(low) <= bar_share(high)


def test_bars_use_the_scale_of_the_pictures() -> None:
    assert [bar.letter for bar in bars([-BAR_LIMIT, 0, BAR_LIMIT], most=3)] == ["▁", "▅", "█"]
