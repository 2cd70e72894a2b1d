"""Reasons are shown where a passage takes a side, and nowhere else."""

from dataclasses import replace

import pytest

from bot.discord.features.votes.rendering import reading_answer
from bot.i18n.language import Language
from bot.i18n.message_catalogue import MessageCatalogue
from scoring.axis import load_axis

from ...index.conftest import AXIS
from ..app.test_cards import TURNS, card, spoken_card
from .test_find_words import text_of


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("reason", ["nothing", "balanced", "leans"])
def test_an_opened_passage_of_the_middle_says_that_nothing_takes_a_side(locale: str, reason: str) -> None:
    language = Language(MessageCatalogue.load(), locale, load_axis(AXIS))
    wing = card("A boat came close to the rocks.", "close to the rocks")
    record = replace(wing.slices[0], reading=replace(wing.slices[0].reading, band="Mixed", reason=reason))
    middle = replace(wing, slices=(record,))
    assert language.say("reading.why") in text_of(reading_answer(language, wing, 0))
    shown = text_of(reading_answer(language, middle, 0))
    assert language.say("reading.no_side" if reason == "leans" else "reading.nothing") in shown
    assert "**close to the rocks**" not in shown, "no word stands out where none is a reason"
    assert "−9" not in shown
    unsure = replace(wing.slices[0], reading=replace(wing.slices[0].reading, confidence="low"))
    assert language.say("reading.unsure") in text_of(
        reading_answer(language, replace(wing, slices=(unsure,)), 0)
    )


def test_a_reason_bears_the_name_of_who_says_it_where_several_speak() -> None:
    language = Language(MessageCatalogue.load(), "en", load_axis(AXIS))
    shown = text_of(reading_answer(language, spoken_card(*TURNS), 0))
    assert "“Suppose that a boat hits the rocks.” (Ines Vale)" in shown
    assert "(Ines Vale)" not in text_of(reading_answer(language, spoken_card(TURNS[0]), 0))
