"""Somebody who says most of no slice is quoted, and given no position."""

import pytest

from bot.discord.features.person.commands import person_answer
from bot.i18n.language import Language
from bot.i18n.message_catalogue import MessageCatalogue
from index.search.person_card import person_card
from scoring.axis import load_axis

from ...index.conftest import AXIS
from ...index.search.test_person_card import ASKED, EPISODE, LONG, SHORT, conversation
from .test_find_words import text_of

ENGLISH = ("says most of none", "In none of these slices do they say most of the words")
GERMAN = ("spricht in keinem am meisten", "In keinem dieser Abschnitte spricht sie am meisten")


@pytest.mark.parametrize(("locale", "said"), [("en", ENGLISH), ("de", GERMAN)])
def test_who_says_most_of_no_slice_is_quoted_without_a_position(locale: str, said: tuple[str, str]) -> None:
    card = person_card(
        "e", "Bo Berg", None, [(EPISODE, [conversation(at, 30, ASKED, SHORT) for at in (1, 2)])]
    )
    shown = text_of(person_answer(Language(MessageCatalogue.load(), locale, load_axis(AXIS)), card))
    assert all(words in shown for words in (*said, "It is late."))
    assert "+30" not in shown


def test_the_positions_that_count_are_told_from_the_slices_in_which_somebody_speaks() -> None:
    slices = [conversation(1, 30, ASKED, SHORT), conversation(2, -40, ASKED, LONG)]
    card = person_card("e", "Bo Berg", None, [(EPISODE, slices)])
    shown = text_of(person_answer(Language(MessageCatalogue.load(), "en", load_axis(AXIS)), card))
    assert "speaks in 2 slices; the position is of the 1 that is mostly theirs" in shown
    assert "+30" not in shown
    assert "−40" in shown
