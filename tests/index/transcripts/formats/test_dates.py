"""A day is read however a show writes it, and left alone where nobody can tell day from month."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.transcripts.formats.dates import day_in


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05", "2024-3-5", "2024/03/05", "2024.03.05", "20240305", "2024-03-05T10:00:00Z", "05.03.2024",
        "March 5, 2024", "Mar 5, 2024", "Mar. 5th, 2024", "March 5 2024", "5 March 2024", "5. März 2024",
        "5 de marzo de 2024", "5th of March 2024", "Tue, 05 Mar 2024 10:00:00 +0000", "2024年3月5日",
        "Published on March 5, 2024 by the office",
    ],
)  # fmt: skip
def test_a_day_in_many_hands(text: str) -> None:
    assert day_in(text) == "2024-03-05"


def test_slashes_tell_day_from_month_only_above_twelve() -> None:
    assert day_in("03/25/2024") == day_in("25/03/2024") == "2024-03-25"
    assert day_in("03/05/2024") is None


@pytest.mark.parametrize(
    "text", [None, "", "2024-13-45", "2024-02-30", "yesterday", "99999999", "Maybe 5, 2024"]
)
def test_what_is_no_day(text: str | None) -> None:
    assert day_in(text) is None


@given(st.text(max_size=300))
def test_any_text_is_a_day_or_none(text: str) -> None:
    day = day_in(text)
    assert day is None or len(day) == 10
