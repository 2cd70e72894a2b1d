"""Claims about where sentences end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.sentences import LONGEST_UNIT_CHARS, is_question, sentence_ends, unit_ends

WORDS = st.lists(
    st.sampled_from(
        ["river", "Dr.", "and", "I", "e.g.", "mill,", "dam.", "why?", "(so)", "J.", "…", "a" * 400]
    ),
    min_size=1,
    max_size=300,
)


def sentences(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in pairwise([0, *sentence_ends(text)])]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It rose. It fell!", ["It rose.", "It fell!"]),
        ("Dr. Lind said so. Then she left.", ["Dr. Lind said so.", "Then she left."]),
        ("J. K. Berg is here. So am I. Good.", ["J. K. Berg is here.", "So am I.", "Good."]),
        ("It was 3.14 exactly. Yes.", ["It was 3.14 exactly.", "Yes."]),
        ('She said "stop." Then "why?" And left.', ['She said "stop."', 'Then "why?"', "And left."]),
        ("Some rivers, e.g. the Ister, rise.", ["Some rivers, e.g. the Ister, rise."]),
        ("Well... so it is.", ["Well...", "so it is."]),
        ("no stop at all", ["no stop at all"]),
        ("Is it safe? No. We tested it.", ["Is it safe?", "No.", "We tested it."]),
        ("See fig. 3 and no. 5 and p. 12 there.", ["See fig. 3 and no. 5 and p. 12 there."]),
        ("We chose plan B. Then we left.", ["We chose plan B.", "Then we left."]),
        ("It lacks vitamin D. We’ve seen it.", ["It lacks vitamin D.", "We’ve seen it."]),
        ("He left the U.S. The dam broke.", ["He left the U.S.", "The dam broke."]),
        ("The U.S. Senate met U.S. US troops.", ["The U.S. Senate met U.S. US troops."]),
        ("They sell oil, gas, etc. The rest is coal.", ["They sell oil, gas, etc.", "The rest is coal."]),
        ("J. A. Lind and P. Berg met, e.g. The Two.", ["J. A. Lind and P. Berg met, e.g. The Two."]),
        ("It rose by 3. The dam held.", ["It rose by 3.", "The dam held."]),
        ("When? 2024. The dam broke.", ["When?", "2024.", "The dam broke."]),
        ("1. The dam. 12. A mill.", ["1. The dam.", "12. A mill."]),
    ],
)
def test_a_stop_ends_a_sentence_unless_it_stands_inside_one(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@pytest.mark.parametrize(
    "sentence",
    [
        "Why?",
        'He asked "why?"',
        "“为什么？”",
        "「なぜ？」",
        "لماذا؟",
        "Why (and how?)",
        "Why?!",
        "Why?...",
        "Why? ",
    ],
)
def test_a_question_ends_with_its_mark_whatever_closes_after_it(sentence: str) -> None:
    assert is_question(sentence)


@pytest.mark.parametrize("sentence", ["", "?id=3 is a part of the link.", '"Why?" was all.', "No!", "”"])
def test_what_only_holds_a_question_mark_is_no_question(sentence: str) -> None:
    assert not is_question(sentence)


def test_nothing_has_no_sentences() -> None:
    assert sentence_ends("") == []
    assert unit_ends("") == []


@given(WORDS, st.booleans())
def test_units_ascend_to_the_end_and_part_no_word(words: list[str], timed: bool) -> None:
    text = " ".join(words)
    starts = [len(" ".join(words[:n])) + (n > 0) for n in range(len(words))]
    anchors = [(at, n * 0.9) for n, at in enumerate(starts)] if timed else []
    ends = unit_ends(text, anchors, starts[::7])
    assert ends == sorted(set(ends))
    assert ends[-1] == len(text)
    assert all(end == len(text) or text[end] == " " for end in ends)
    assert [word for start, end in pairwise([0, *ends]) for word in text[start:end].split()] == words


@given(st.lists(st.sampled_from(["so", "river", "banks,", "then"]), min_size=100, max_size=400))
def test_unpunctuated_speech_is_taken_in_breaths(words: list[str]) -> None:
    text = " ".join(words)
    assert all(end - start <= LONGEST_UNIT_CHARS + 1 for start, end in pairwise([0, *unit_ends(text)]))


def test_a_pause_is_where_a_breath_ends() -> None:
    words = ["word"] * 100
    anchors = [(5 * n, 0.3 * n + (5.0 if n >= 40 else 0.0)) for n in range(100)]
    assert unit_ends(" ".join(words), anchors)[0] == 5 * 40 - 1


def test_a_line_of_dots_and_a_turn_of_a_million_characters_are_no_traps() -> None:
    assert sentence_ends("." * 200_000 + "a") == [
        200_001
    ]  # would take hours if every dot looked at all others
    assert len(sentence_ends("The river has risen. " * 100_000)) == 100_001
