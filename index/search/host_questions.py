"""What somebody asks right before a quote, and the answer that a host's question gets. Pure."""

import re
from collections.abc import Sequence

from index.search.quotable_sentences import FULL_ANSWER_CHARS, QuotableSentences

LONGEST_QUESTION_CHARS = 240
"""Characters of the question that is shown before a quote; a single sentence may be longer."""

_ANSWER_WIDE, _FIRST_SENTENCES = 240, 3
_QUESTION_WIDE = 60  # "What did they find?" is understood with the sentence before it
_SHORTEST_QUESTION = 25  # “Bad is that?”
_LATE_IN_ANSWER = 1
"""Sentences of an answer before a quote, at most, that begins with it: “Yeah. I think ...”."""
_STATED_AFTER = 2
"""Sentences that are said after a question by whoever asks it, at most."""
_PROMPTS = re.compile(
    r"(?:so|and|but|yeah|okay|ok|please|can you|could you|maybe)?,? ?(?:just )?"
    r"(?:(?:tell|walk|give|help|take) (?:me|us)|(?:talk|speak) (?:about|to|through)|say more|describe|explain|expand on"
    r"|share|elaborate|i(?:['’]m| am) (?:curious|interested)"
    r"|i(?:['’]d| would) (?:love|like) to (?:hear|know|understand))\b",
    re.IGNORECASE,
)
"""The beginning of a sentence by which a host asks without a question mark."""
_PROMPTED_BEFORE = 3
"""Sentences before such a one, at most, that lead up to it."""


def question_before(sentences: QuotableSentences, first: int) -> tuple[int, int] | None:
    """Return the first and the last sentence of the question that the turn of ``first`` answers.

    None if ``first`` is not near the beginning of its turn, or the turn before it does not end with a question, or
    with something that its speaker wants to hear about. A short question has the sentence before it.
    """
    begin = _turn_start(sentences, first)
    if begin == 0 or first - begin > _LATE_IN_ANSWER:
        return None
    last, start = begin - 1, _turn_start(sentences, begin - 1)
    asked = next(
        (
            place
            for place in range(last, max(start, last - _STATED_AFTER) - 1, -1)
            if not sentences.are_boilerplate[place]
            and (sentences.are_questions[place] or _prompts(sentences, place))
        ),
        None,
    )
    if asked is None:
        return None
    if sentences.width_of(asked, last) > LONGEST_QUESTION_CHARS:
        last = asked
    while (
        asked > start
        and not sentences.are_boilerplate[asked - 1]
        and (sentences.are_questions[asked - 1] or sentences.width_of(asked, last) < _QUESTION_WIDE)
        and sentences.width_of(asked - 1, last) <= LONGEST_QUESTION_CHARS
    ):
        asked -= 1
    return (asked, last) if sentences.width_of(asked, last) >= _SHORTEST_QUESTION else None


def answer_to(
    sentences: QuotableSentences, asked: tuple[int, int], most: int, held: Sequence[set[str]]
) -> tuple[int, int] | None:
    """Return the first sentences of a guest's answer to ``asked``; None if it has none or is no host's question.

    Args:
        sentences: of a slice.
        asked: the first and the last of those that ask.
        most: characters of the answer at most.
        held: the question's stems in each sentence.
    """
    first, last = asked
    after = sentences.last_in_turn[last] + 1
    if not sentences.are_hosts[first] or after >= len(sentences.bounds) or not asks(sentences, asked, held):
        return None
    if sentences.are_hosts[after] or sentences.are_adverts[after]:
        return None
    end = answer_end(sentences, after, most)
    return (after, end) if sentences.width_of(after, end) >= FULL_ANSWER_CHARS else None


def answer_end(sentences: QuotableSentences, first: int, most: int) -> int:
    """Return the last of the sentences to quote of an answer that begins with ``first``.

    It takes more than ``_FIRST_SENTENCES`` where these say little, as “That is a great question.” does, or break off.
    """
    reach = sentences.reach(first, most)
    last = min(reach, first + _FIRST_SENTENCES - 1)
    while last < reach and (sentences.are_broken[last] or sentences.width_of(first, last) < _ANSWER_WIDE):
        last += 1
    return last


def asks(sentences: QuotableSentences, said: tuple[int, int], held: Sequence[set[str]]) -> bool:
    """Return True if the sentences ``said``, first and last, ask something, or lead up to what their turn asks.

    They do if it ends so as to have somebody speak of them, or with a question, and both have a word that was
    asked for.
    """
    first, last = said
    end = sentences.last_in_turn[last]
    if any(sentences.are_questions[first : last + 1]):
        return True
    if end - last <= _PROMPTED_BEFORE and _prompts(sentences, end):
        return True
    words = {stem for place in range(first, last + 1) for stem in held[place]}
    asking = [place for place in range(last + 1, end + 1) if sentences.are_questions[place]]
    return bool(asking) and asking[-1] == end and any(words & held[place] for place in asking)


def _prompts(sentences: QuotableSentences, place: int) -> bool:
    """Return True if a sentence has somebody speak of something without a question mark."""
    start, end = sentences.bounds[place]
    return _PROMPTS.match(sentences.text, start, end) is not None


def _turn_start(sentences: QuotableSentences, place: int) -> int:
    """Return the first sentence of the turn that a sentence is of."""
    while place and sentences.last_in_turn[place - 1] == sentences.last_in_turn[place]:
        place -= 1
    return place
