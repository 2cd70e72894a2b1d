"""What may be asked: words, names of one capital letter, no single small letter."""

from typing import Any, cast

import pytest

from bot.app.input_validation import (
    DayUnreadable,
    QuestionTooShort,
    QuestionWordless,
    ShelfAmbiguous,
    ShelfUnknown,
    SourceAmbiguous,
    SourceUnknown,
    checked_query,
    day_limit,
    resolve_shelf,
    resolve_source,
    spelled_source,
    whole_day,
)


class Shelf:
    async def shelves(self) -> list[str]:
        return ["Time and judgement", "Time in labs", "Work and schools"]

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


async def test_a_shelf_is_found_as_a_source_is() -> None:
    assert await resolve_shelf(SHELF, "work") == "Work and schools"
    assert await resolve_shelf(SHELF, " ") is await resolve_shelf(SHELF, None) is None
    with pytest.raises(ShelfAmbiguous) as several:
        await resolve_shelf(SHELF, "time")
    assert several.value.known == ["Time and judgement", "Time in labs"]
    with pytest.raises(ShelfUnknown) as none:
        await resolve_shelf(SHELF, "nope")
    assert type(none.value) is ShelfUnknown
    assert none.value.known == await SHELF.shelves()


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


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2025", "2025-01-01", "2025-12-31"),
        (" 2024-2 ", "2024-02-01", "2024-02-29"),
        ("2025-12-24", "2025-12-24", "2025-12-24"),
        ("24.12.2025", "2025-12-24", "2025-12-24"),
        ("12. 2025", "2025-12-01", "2025-12-31"),
    ],
)
def test_a_year_or_month_limits_to_its_beginning_or_its_end(typed: str, first: str, last: str) -> None:
    assert str(day_limit(typed, is_last=False)) == first
    assert str(day_limit(typed, is_last=True)) == last


@pytest.mark.parametrize("typed", ["last year", "2025-13", "2025-02-30", "0000", "25", "2025-12-24-1"])
def test_what_is_no_day_is_named(typed: str) -> None:
    with pytest.raises(DayUnreadable) as refused:
        day_limit(typed, is_last=True)
    assert refused.value.fields == {"received": typed}


def test_a_day_of_publication_is_a_whole_day() -> None:
    assert whole_day(None) is whole_day(" ") is None
    assert str(whole_day("2025-12-24")) == str(whole_day("24.12.2025")) == "2025-12-24"
    for typed in ("2025", "2025-12", "Christmas"):
        with pytest.raises(DayUnreadable):
            whole_day(typed)


def test_no_day_is_no_limit() -> None:
    assert day_limit(None, is_last=True) is None
    assert day_limit("  ", is_last=False) is None
