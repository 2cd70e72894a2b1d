"""What sells, greets or introduces is told from what is said on the subject."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text import boilerplate as module
from index.text.boilerplate import adverts, aside_of, boilerplate, is_aside
from index.text.sentences import sentence_ends

from ..conftest import piece_of


def marked(text: str) -> list[bool]:
    ends = sentence_ends(text)
    starts = [0, *(end + 1 for end in ends[:-1])]
    return boilerplate(text, list(zip(starts, ends, strict=True)))


@pytest.mark.parametrize(
    "text",
    [
        "This episode is brought to you by Harbour Rope, the rope for every harbour.",
        "Head on over to harbourrope.com and click bundle.",
        "Today, my guest is Ottoline Braddock.",
        "In this episode I'll be speaking with Ottoline Braddock.",
        "Thank you so much for being here.",
        "You can support the podcast at patreon.com/harbour.",
        "If you liked this, subscribe to the channel and leave a review.",
        "Welcome back to the harbour talks, today with Ottoline Braddock.",
        "Use code FERRY for ten percent off.",
        "Welcome to Slow Kitchen.",
        "In our conversation, we talk about how teams bake.",
        "The opening and closing themes are by Perpetua Lind.",
        "Well thanks very much for chatting with me today.",
        "Financial support for this episode was provided by the River Fund.",
        "Hello everybody, welcome to Slow Kitchen.",
        "Finally, if you have any feedback about this podcast, you can email me, at ferry@harbour.example.",
        "Today’s guest wrote the book on harbours.",
        "Hello, I’m joined by Ottoline Braddock.",
        "Don’t forget to like this.",
        "Today’s sponsor is Harbour Rope.",
        "Where can people follow your work?",
        "And where should our listeners follow you?",
        "Where can folks try your rope, follow you if they want more of it?",
        "This episode was sponsored by Harbour Rope.",
        "Thanks to Harbour Rope for sponsoring this video.",
        "If you become an annual subscriber of my newsletter, you get a year free of Harbour Rope.",
    ],
)
def test_an_aside_is_known(text: str) -> None:
    assert marked(text) == [True]


@pytest.mark.parametrize(
    "text",
    [
        "Nobody asked the pilots whether the bill that the senator sponsored was safe.",
        "People subscribe and use it every single day.",
        "If you go to the model and ask it to lie, it lies.",
        "It proposes a call of api.example.com and we look at the log.",
        "We were welcome in the village, and we gave them a discount.",
        "I follow the money.",
        "Anybody is welcome to try it at home.",
        "The model asked for feedback about its plan.",
        "It wrote an email to the pilot.",
        "There is support for this view in the data.",
        "A law that is sponsored by the senator would not be safer.",
        "The museum is sponsoring the dam.",
        "The easiest way to get started with locks is to open one.",
        "I don't follow them blindly.",
        "We never follow you where you go.",
    ],
)
def test_what_is_said_on_a_subject_is_none(text: str) -> None:
    assert marked(text) == [False]


def test_a_slice_that_mostly_greets_or_closes_is_an_aside() -> None:
    closing = ("Welcome to Slow Kitchen.", "If you have feedback about this podcast, you can email me.")
    assert is_aside(piece_of(*closing))
    assert is_aside(piece_of("This episode is brought to you by Harbour Rope."))
    assert not is_aside(piece_of(*closing, *["The dam is a danger to everybody who lives below it."] * 3))
    assert not is_aside(piece_of("The dam is a danger."))


def test_what_most_of_a_slice_is_besides_talk() -> None:
    assert aside_of(piece_of("The dam is a danger.")) == module.NO_ASIDE
    assert aside_of(piece_of("Welcome to Slow Kitchen.")) == module.ASIDE
    assert aside_of(piece_of("This episode is brought to you by Harbour Rope.")) == module.ADVERT


def test_what_stands_between_two_selling_sentences_sells() -> None:
    text = (
        "The dam is a danger. This episode is brought to you by Harbour Rope. Rope is safe. Rope is the future. "
        "Get started free today at harbourrope.com/talks. The dam must go."
    )
    assert marked(text) == [False, True, True, True, True, False]


ADVERT = (
    "This episode is brought to you by Harbour Rope. Every harbour needs rope. Rope of theirs holds a ferry. "
    "Ask your pilots. Ropes that fray cost lives. Theirs never did. It comes in amber. It comes in grey. It floats. "
    "Ferries trust it. Bridges trust it. Learn more at harbourrope.com."
)


def sold(text: str, turns: list[int]) -> list[bool]:
    ends = sentence_ends(text)
    starts = [0, *(end + 1 for end in ends[:-1])]
    return adverts(text, list(zip(starts, ends, strict=True)), turns)


def test_an_advert_is_as_long_as_from_its_sponsor_to_its_address() -> None:
    text = f"The dam is a danger. {ADVERT} So what about the dam?"
    assert sold(text, [1, *[2] * 12, 2]) == [False, *[True] * 12, False]


def test_an_advert_that_began_above_sells_down_to_its_address() -> None:
    text = "Ropes that fray cost lives. It floats. Learn more at harbourrope.com. So what about the dam?"
    assert sold(text, [1, 1, 1, 1]) == [True, True, True, False]


def test_an_advert_that_goes_on_below_sells_to_the_end_of_the_turn() -> None:
    text = "This episode is brought to you by Harbour Rope. It floats. Ferries trust it. The dam must go."
    assert sold(text, [1, 1, 1, 2]) == [True, True, True, False]


def test_who_will_one_day_visit_an_address_sells_nothing() -> None:
    text = "The dam must go. It floats. If you go to boats.com, they use it, and you will visit ferries.com."
    assert sold(text, [1, 1, 1]) == [False, False, False]


@pytest.mark.parametrize("verb", ["supported", "presented", "sponsored"])
def test_a_view_that_somebody_supports_opens_no_advert(verb: str) -> None:
    text = f"That is {verb} by several large studies of dams. They hold. Nobody drowned. The costs are the trouble."
    assert sold(text, [1, 1, 1, 1]) == [False] * 4


@pytest.mark.parametrize(
    "sponsored",
    ["This episode is sponsored by", "Today's show is kindly supported by", "This video was presented by"],
)
def test_an_episode_that_somebody_supports_opens_one(sponsored: str) -> None:
    assert sold(f"{sponsored} Harbour Rope. It floats. The dam must go.", [1, 1, 2]) == [True, True, False]


@pytest.mark.parametrize(
    "last",
    [
        "If people want the proposal they can go to ferries.org.",
        "You want to read it, go to ferries.org.",
        "Then the engineers should get their plans from ferries.org.",
        "They were praised for sponsoring the bill.",
    ],
)
def test_where_people_can_read_on_closes_no_advert(last: str) -> None:
    assert sold(f"A treaty slows the dam. It holds. {last}", [1, 1, 1]) == [False] * 3


@pytest.mark.parametrize(
    "last",
    [
        "And so please go to ropes.com.",
        "Please visit ropes dot com.",
        "If it frays, head over to ropes.com today.",
    ],
)
def test_a_bidding_to_go_to_an_address_closes_one(last: str) -> None:
    assert sold(f"Ropes that fray cost lives. It floats. {last} So, the dam.", [1] * 4) == [
        True,
        True,
        True,
        False,
    ]


def test_what_another_says_before_an_address_does_not_sell() -> None:
    text = "The dam must go. It floats. Learn more at harbourrope.com."
    assert sold(text, [1, 2, 2]) == [False, False, False]


@pytest.mark.parametrize("phrases", [module._SELLS, module._SHOWS, module._OPENS, module._CLOSES])
@given(data=st.data())
def test_whatever_a_pattern_matches_holds_one_of_its_triggers(phrases: Any, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(phrases.pattern))
    assert phrases.are_in(text)
