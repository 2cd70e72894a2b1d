"""What may be asked: words, names of one capital letter, no single small letter."""

import pytest

from bot.app.input_validation import QuestionTooShort, QuestionWordless, checked_query


@pytest.mark.parametrize("query", ["C++", "C#", ".NET", "R", "U.S.", "爱", "4o", "s s"])
def test_names_may_be_asked(query: str) -> None:
    assert checked_query(query) == query


@pytest.mark.parametrize("query", ["a", "s", "'s", "é", "7"])
def test_a_single_small_letter_is_too_short(query: str) -> None:
    with pytest.raises(QuestionTooShort):
        checked_query(query)


@pytest.mark.parametrize("query", ["🦊", "...", "___", "\u0301"])
def test_signs_are_no_words(query: str) -> None:
    with pytest.raises(QuestionWordless):
        checked_query(query)
