"""Who speaks of a topic, of what a search brings for it."""

from types import SimpleNamespace
from typing import Any

import pytest

from bot.app.notifications import speaking_of

WORD_FOR_WORD = "One prompt injection and the ferry is gone."
ALL_WORDS = "We injected the user's prompt again."
NEAR = "That exact prompt, or one like it?"


@pytest.mark.parametrize(
    ("texts", "speaking"),
    [
        ([NEAR, WORD_FOR_WORD, ALL_WORDS], [WORD_FOR_WORD]),
        ([NEAR, ALL_WORDS], [ALL_WORDS]),
        ([NEAR], [NEAR]),
        ([], []),
    ],
)
def test_who_says_a_topic_word_for_word_speaks_of_it_before_who_is_near(
    texts: list[str], speaking: list[str]
) -> None:
    passages: Any = [SimpleNamespace(text=text) for text in texts]
    assert [passage.text for passage in speaking_of("prompt injection", passages)] == speaking
