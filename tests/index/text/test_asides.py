"""What sells, greets or introduces is told from what is said on the subject."""

import pytest

from index.text.asides import asides
from index.text.sentences import sentence_ends


def marked(text: str) -> list[bool]:
    ends = sentence_ends(text)
    starts = [0, *(end + 1 for end in ends[:-1])]
    return asides(text, list(zip(starts, ends, strict=True)))


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
    ],
)
def test_what_is_said_on_a_subject_is_none(text: str) -> None:
    assert marked(text) == [False]


def test_what_stands_between_two_selling_sentences_sells() -> None:
    text = (
        "The dam is a danger. This episode is brought to you by Harbour Rope. Rope is safe. Rope is the future. "
        "Get started free today at harbourrope.com/talks. The dam must go."
    )
    assert marked(text) == [False, True, True, True, True, False]
