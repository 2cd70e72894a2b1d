"""How a position and an arc are told in words, in the reader's language and on any axis."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.i18n.language import End, Language
from bot.render.png.picture_texts import (
    balance_alt,
    card_alt,
    extreme_of,
    found_alt,
    gaps_in_words,
    map_alt,
    most_of,
    range_of,
    shape_in_words,
    whole_in_words,
)
from index.search.answers import Found
from index.search.coverage import Coverage
from index.search.related import Counterbalance
from scoring.axis import load_axis

ROOT = Path(__file__).resolve().parents[4]

Tell = Callable[..., Any]


def test_the_shape_is_told_with_its_turns_and_their_times(tell: Tell, language: Language) -> None:
    record, slices = tell([0] * 8 + [-40] * 8 + [0] * 8)
    assert shape_in_words(record.profile, slices, language) == (
        "starts mixed, falls to risk-forward at 8:40, ends mixed from 17:20"
    )


def test_without_times_the_shape_is_told_by_slices(tell: Tell, language: Language) -> None:
    record, slices = tell([0] * 8 + [40] * 8, is_timed=False)
    assert (
        shape_in_words(record.profile, slices, language)
        == "starts mixed, ends opportunity-forward from slice 9"
    )


def test_an_arc_in_one_band_and_an_episode_without_an_arc_say_so(tell: Tell, language: Language) -> None:
    record, slices = tell([30.0, 31.0])
    assert shape_in_words(record.profile, slices, language) == "stays opportunity-forward throughout"
    record, slices = tell([30.0] * 15 + [0.0] + [30.0] * 8)
    assert shape_in_words(record.profile, slices, language) == "stays opportunity-forward almost throughout"
    record, slices = tell([])
    assert shape_in_words(record.profile, slices, language) == "no transcript, so no arc"


def test_without_the_slices_places_are_parts_of_the_whole(tell: Tell, language: Language) -> None:
    record, _ = tell([0] * 8 + [-40] * 8 + [0] * 8)
    assert shape_in_words(record.profile, None, language) == (
        "starts mixed, falls to risk-forward 33% in, ends mixed from 67%"
    )
    assert shape_in_words(record.profile, None, language, 2) == (
        "starts mixed, goes back and forth, ends mixed from 67%"
    )
    assert whole_in_words(record, replace(language, locale="de")) == (
        "ganze Folge −13 gemischt; "
        "beginnt bei „gemischt“, fällt nach 33 % auf „Risiko voran“, bleibt ab 67 % bei „gemischt“"
    )


def test_the_line_of_statistics_keeps_its_words_between_the_numbers(tell: Tell, language: Language) -> None:
    record, _ = tell([-19.0, -16.0, 0.0, 0.0, 0.0])
    assert range_of(record.profile, language) == "median 0 · mean −7 · range −19 to 0 (p10 to p90 −18 to 0)"


def test_the_map_and_its_gaps_are_told(coverage: Coverage, language: Language) -> None:
    assert "Ward round: 0 risk-forward, 1 mixed, 2 opportunity-forward" in map_alt(coverage, language)
    assert any(
        told.startswith("Ward round: of 3 episodes none is risk-forward as a whole; wanted")
        for told in gaps_in_words(coverage, language)
    )


def test_the_words_speak_the_readers_language(
    episodes: dict[str, Any], balance: Counterbalance, found: Found, coverage: Coverage, language: Language
) -> None:
    german = replace(language, locale="de")
    record, slices = episodes["usual"]
    told = " ".join(
        (
            card_alt(record, slices, german),
            balance_alt(balance, german),
            found_alt(found, german),
            map_alt(coverage, german),
            *gaps_in_words(coverage, german),
        )
    )
    for part in (
        "4. März 2031",
        "beginnt bei „gemischt“",
        "Am meisten Risiko",
        "Spiegelpunkt ist +23",
        "Nähe im Thema",
    ):
        assert part in told, part
    for part in ("isk-forward", "mixed", "slice", "headline", "nobody"):
        assert part not in told, part


@pytest.mark.parametrize(
    ("end", "position", "name"),
    [
        ("low", 3.0, "Lowest"),
        ("low", -40.0, "Most risk-forward"),
        ("high", 3.0, "Highest"),
        ("high", 40.0, "Most opportunity-forward"),
    ],
)
def test_most_of_a_pole_is_said_only_of_what_gets_there(
    language: Language, end: End, position: float, name: str
) -> None:
    assert extreme_of(end, position, language) == name


def test_an_axis_without_names_in_the_catalogue_is_told_with_its_own(language: Language) -> None:
    other = load_axis(ROOT / "data" / "axes" / "open-closed")
    assert replace(language, axis=other).band_within(other.bands[-1]) == "open"
    assert most_of(other.low_pole, replace(language, axis=other)) == "Most closed"
