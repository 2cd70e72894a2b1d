"""Claims about what two titles have in common."""

import pytest

from index.search.shared_titles import shared_titles

SERIES = [
    "Why clocks drift - Great Problems of Time Keeping part 1.5",
    "Sundials - Great Problems of Time Keeping Part 2",
    "Great problems of time keeping (the paper)",
]


@pytest.mark.parametrize(
    ("title", "other", "shared"),
    [
        (SERIES[0], SERIES[1], "Great Problems of Time Keeping"),
        (SERIES[2], SERIES[0], "Great problems of time keeping"),
        ("Tide Mill Engines", "Old friends of Tide Mill Engines, extra bit", "Tide Mill Engines"),
        ("Ann Lee (founder and CEO)", "Bo Ray (founder and CEO)", None),
        ("The Long Bench, part 3", "The Long Bench, part 4", None),
        ("What we owe to the river", "What we owe to the mill", None),
        ("", "Sundials", None),
    ],
)
def test_what_titles_share_is_told_where_it_is_the_name_of_something(
    title: str, other: str, shared: str | None
) -> None:
    assert shared_titles(title, [other]) == [shared]


def test_how_a_show_calls_all_its_episodes_is_no_name_of_a_series() -> None:
    everybody = [f"The Slow Mill Talk Show with guest {letter}" for letter in "abcdefgh"]
    assert shared_titles(everybody[0], everybody[1:4]) == ["Slow Mill Talk Show with guest"] * 3
    assert shared_titles(everybody[0], everybody[1:]) == [None] * 7
