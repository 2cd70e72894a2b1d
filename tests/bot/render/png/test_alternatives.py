"""The words that stand for a picture: the shape, the figures, and never more than Discord takes."""

import re
from dataclasses import replace
from typing import Any

import pytest

from bot.i18n.language import Language
from bot.i18n.message_catalogue import signed
from bot.render.png.picture_texts import (
    LONGEST_ALT,
    balance_alt,
    card_alt,
    clipped,
    found_alt,
    whole_in_words,
)
from index.search.answers import Found
from index.search.related import Counterbalance
from index.storage.records import EpisodeRecord


@pytest.mark.parametrize("kind", ["usual", "long", "one", "bare", "poles"])
def test_a_card_is_described_with_title_headline_and_markers(
    kind: str, episodes: dict[str, Any], language: Language
) -> None:
    record, slices = episodes[kind]
    told = card_alt(record, slices, language)
    assert record.about.title in told
    assert record.profile.band in told
    assert "()" not in told
    assert ("Most risk-forward" in told or "Lowest" in told) == (len(slices) > 1)
    assert len(told) <= LONGEST_ALT


def test_a_balance_names_mirror_picks_and_differences(balance: Counterbalance, language: Language) -> None:
    told = balance_alt(balance, language)
    assert "mirror point is +23" in told
    assert all(pick.episode.about.title in told for pick in balance.picks)
    assert "difference +50" in told
    assert "both seem to speak to: Can a machine be switched off" in told


def test_a_balance_of_episodes_that_are_only_near_says_that_nobody_answers(
    balance: Counterbalance, language: Language
) -> None:
    near = tuple(replace(pick, crux=None) for pick in balance.picks)
    told = balance_alt(replace(balance, outcome="no crux", picks=near), language)
    assert told.startswith("Nobody clearly answers Ivo Brandt")
    assert "seem" not in told
    assert "Counterbalance" not in told


def test_a_balance_without_picks_says_so(balance: Counterbalance, language: Language) -> None:
    assert balance_alt(replace(balance, picks=()), language).endswith(
        "Nobody in the library talks of the same."
    )


def test_what_the_find_strip_shows_of_episodes_and_passages_is_told(found: Found, language: Language) -> None:
    told = found_alt(found, language)
    assert "1 risk-forward, 7 mixed, 1 opportunity-forward" in told
    for hit in found.episodes:
        assert f"{hit.episode.about.title} ({whole_in_words(hit.episode, language, 4)}): " in told, "the arc"
    assert "1 at 3:15, " in told
    assert "3 in slice 11, " in told, "where nobody knows when"
    for passage in found.passages:
        stand = f"{signed(passage.reading.position)} {language.band_within(passage.reading.band)}"
        assert re.search(rf"[:;] {passage.rank} (at|in slice) [\d:]+, {re.escape(stand)}[;.]", told)


@pytest.mark.parametrize("locale", ["en", "de"])
def test_where_words_are_many_titles_and_arcs_give_way_before_a_passage(
    found: Found, language: Language, locale: str
) -> None:
    language = replace(language, locale=locale)

    def long(record: EpisodeRecord) -> EpisodeRecord:
        return replace(record, about=record.about.model_copy(update={"title": "An unending title " * 20}))

    many = replace(
        found,
        query="what was it that they said about " * 30,
        passages=tuple(replace(passage, episode=long(passage.episode)) for passage in found.passages),
        episodes=tuple(replace(hit, episode=long(hit.episode)) for hit in found.episodes),
    )
    told = found_alt(many, language)
    assert len(told) <= LONGEST_ALT
    assert not told.endswith("…")
    assert whole_in_words(many.episodes[0].episode, language, 2) in told
    for passage in many.passages:
        stand = f"{signed(passage.reading.position)} {language.band_within(passage.reading.band)}"
        assert re.search(rf"[:;] {passage.rank} [^;]+, {re.escape(stand)}[;.]", told)


def test_long_words_are_cut_at_a_word() -> None:
    told = clipped("word " * 500)
    assert len(told) <= LONGEST_ALT
    assert told.endswith("word…")


def test_a_word_that_is_too_long_by_itself_is_cut_within() -> None:
    assert clipped("x" * 50, 10) == "xxxxxxxxx…"
