"""The words that stand for a picture: the shape, the figures, and never more than Discord takes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.drawing.words import (
    LONGEST_ALT,
    balance_alt,
    card_alt,
    clipped,
    found_alt,
    gaps_in_words,
    map_alt,
    most_of,
    range_of,
    shape_in_words,
)
from bot.texts.language import Language
from index.coverage import Coverage
from index.passages import Found
from index.relations import Counterbalance
from scoring.axis import load_axis

ROOT = Path(__file__).resolve().parents[3]

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
    record, slices = tell([])
    assert shape_in_words(record.profile, slices, language) == "no transcript, so no arc"


def test_the_line_of_statistics_keeps_its_words_between_the_numbers(tell: Tell, language: Language) -> None:
    record, _ = tell([-19.0, -16.0, 0.0, 0.0, 0.0])
    assert range_of(record.profile, language) == "median 0 · mean −7 · range −19 to 0 (p10 to p90 −18 to 0)"


@pytest.mark.parametrize("kind", ["usual", "long", "one", "bare", "poles"])
def test_a_card_is_described_with_title_headline_and_markers(
    kind: str, episodes: dict[str, Any], language: Language
) -> None:
    record, slices = episodes[kind]
    told = card_alt(record, slices, language)
    assert record.about.title in told
    assert record.profile.band in told
    assert "()" not in told
    assert ("Most risk-forward" in told) == bool(slices)
    assert len(told) <= LONGEST_ALT


def test_a_balance_names_mirror_picks_and_differences(balance: Counterbalance, language: Language) -> None:
    told = balance_alt(balance, language)
    assert "mirror point is +23" in told
    assert all(one.episode.about.title in told for one in balance.picks)
    assert "difference +50" in told


def test_a_balance_without_picks_says_so(balance: Counterbalance, language: Language) -> None:
    assert balance_alt(replace(balance, picks=()), language).endswith(
        "Nobody in the library talks of the same."
    )


def test_found_passages_are_counted_by_band_and_placed(found: Found, language: Language) -> None:
    told = found_alt(found, language)
    assert "1 risk-forward, 7 mixed, 1 opportunity-forward" in told
    assert "The long night shift at 3:15" in told


def test_the_map_and_its_gaps_are_told(coverage: Coverage, language: Language) -> None:
    assert "Ward round: 0 risk-forward, 1 mixed, 2 opportunity-forward" in map_alt(coverage, language)
    assert any(
        told.startswith("Ward round: nobody risk-forward in 3 episodes; wanted")
        for told in gaps_in_words(coverage, language)
    )


def test_long_words_are_cut_at_a_word() -> None:
    told = clipped("word " * 500)
    assert len(told) <= LONGEST_ALT
    assert told.endswith("word…")


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
        "beginnt gemischt",
        "Am meisten Risiko",
        "Spiegelpunkt ist +23",
        "Nähe im Thema",
    ):
        assert part in told, part
    for part in ("isk-forward", "mixed", "slice", "headline", "nobody"):
        assert part not in told, part


def test_an_axis_without_names_in_the_catalogue_is_told_with_its_own(language: Language) -> None:
    other = load_axis(ROOT / "data" / "axes" / "open-closed")
    assert replace(language, axis=other).band_within(other.bands[-1]) == "open"
    assert most_of(other.low_pole, replace(language, axis=other)) == "Most closed"
