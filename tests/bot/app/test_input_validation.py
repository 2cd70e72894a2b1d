"""What may be asked: words, names of one capital letter, no single small letter."""

from typing import Any, cast

import pytest

from bot.app.input_validation import (
    QuestionTooShort,
    QuestionWordless,
    SourceAmbiguous,
    SourceUnknown,
    checked_query,
    resolve_source,
    spelled_source,
)


class Shelf:
    async def sources(self) -> list[str]:
        return ["AXRP", "Lenny's Podcast", "Lex Fridman Podcast"]


SHELF = cast(Any, Shelf())


@pytest.mark.parametrize(
    ("typed", "default", "meant"),
    [
        ("lex friedman", None, "Lex Fridman Podcast"),
        (" LEX fridman podcast ", "AXRP", "Lex Fridman Podcast"),
        ("*", "AXRP", None),
        (None, "axrp", "AXRP"),
        (None, "gone", None),
    ],
)
async def test_a_source_is_found_in_any_spelling(
    typed: str | None, default: str | None, meant: str | None
) -> None:
    assert await resolve_source(SHELF, typed, default) == meant


async def test_several_sources_and_none_are_told_apart() -> None:
    with pytest.raises(SourceAmbiguous) as several:
        await resolve_source(SHELF, "podcast", None)
    assert several.value.known == ["Lenny's Podcast", "Lex Fridman Podcast"]
    with pytest.raises(SourceUnknown) as none:
        await resolve_source(SHELF, "hard fork", None)
    assert type(none.value) is SourceUnknown


async def test_the_source_of_new_episodes_may_be_new() -> None:
    assert await spelled_source(SHELF, "lex fridman podcast") == ("Lex Fridman Podcast", None)
    assert await spelled_source(SHELF, "lex friedman") == ("lex friedman", "Lex Fridman Podcast")
    assert await spelled_source(SHELF, "Hard Fork") == ("Hard Fork", None)
    assert await spelled_source(SHELF, " ") == (None, None)


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
