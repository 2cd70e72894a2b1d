"""A language is named where its words or its script say so, and nowhere else."""

from collections import Counter

import pytest

from index.text.languages import language_of, language_of_library
from index.text.tokens import tokenize


def told(question: str) -> str | None:
    return language_of(token.word for token in tokenize(question))


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("what will AI do to our jobs", "en"),
        ("Wird KI unsere Jobs wegnehmen und was kann man tun?", "de"),
        ("soll mein kind noch programmieren lernen", "de"),
        ("dois-je encore apprendre à coder", "fr"),
        ("est-ce que les machines sont dangereuses pour nous", "fr"),
        ("¿por qué no se puede parar una máquina?", "es"),
        ("почему они не могут это остановить", "ru"),
        ("机器推论", "zh"),
        ("機械はなぜ考えるのか", "ja"),
        ("人工知能の規制は必要ですか", "ja"),
        ("大規模言語モデル安全性", "ja"),
        ("人工智能会取代人类吗", "zh"),
        ("기계는 왜 생각하는가", "ko"),
        ("γιατί οι μηχανές", "el"),
        ("job losses", None),
        ("die hard", None),
        ("Hubinger", None),
        ("", None),
    ],
)
def test_a_question_tells_its_language(question: str, language: str | None) -> None:
    assert told(question) == language


def test_one_common_word_is_enough_where_so_little_is_asked_for() -> None:
    words = [token.word for token in tokenize("können sprachmodelle logisch denken")]
    assert language_of(words) is None
    assert language_of(words, least=1) == "de"
    assert language_of(["wie", "sprachmodelle"], least=1) is None, "Dutch as well as German"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("So what is it that you think the machine will do to us, and why? " * 3, "en"),
        ("Und was ist es, was die Maschine mit uns machen wird, und warum nicht? " * 3, "de"),
        ("", None),
        ("xyz", None),
    ],
)
def test_a_library_tells_its_language(text: str, language: str | None) -> None:
    counts = Counter(token.word for token in tokenize(text))
    assert language_of_library(lambda word: int(word in counts), 1) == language
