"""A language is named where its words or its script say so, and nowhere else."""

from collections import Counter

import pytest

from index.text.languages import is_in_another, language_of, language_of_library
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
        ("опасен ли искусственный интеллект?", "ru"),
        ("штучний інтелект небезпечний?", "uk"),
        ("what did Быков say", None),
        ("штучны інтэлект небяспечны", None),
        ("изкуственият интелект опасен ли е", None),
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


@pytest.mark.parametrize(
    "text",
    [
        "Künstliche Intelligenz wird uns alle umbringen, sagen viele Forscher.",
        "L'IA va tous nous tuer, et personne ne contrôle ces systèmes.",
        "Umelá inteligencia nás všetkých zabije, ak ju nezastavíme.",
        "Компании соревнуются, и никто не знает, как сделать эти машины безопасными.",
        "人工智能会杀死我们所有人",
        "هذه الآلات ستقتلنا جميعا إذا لم نوقفها",
    ],
)
def test_a_text_in_another_language_is_told(text: str) -> None:
    assert is_in_another(text, "en")


@pytest.mark.parametrize(
    "text",
    [
        "AI will kill us all, and nobody is in control of it.",
        "We went to see Die Walküre, and the man beside me said: das ist nicht gut, es ist zu laut.",
        "Adrià Garriga-Alonso, Jérôme Frossard, Erik de Bruijn, Jeroen De Dauw, Igor Vasquez, Tim Neilson",
        "No, no, no.",
        "GPT-4, Claude, Gemini",
        "Doom.",
        "[music] 2031 🤖",
        "",
    ],
)
def test_english_and_what_is_in_no_language_are_in_no_other(text: str) -> None:
    assert not is_in_another(text, "en")


def test_where_no_language_is_given_or_known_nothing_is_in_another() -> None:
    german = "Das ist eine Katastrophe, und niemand hat die Kontrolle über diese Systeme."
    assert not is_in_another(german, None)
    assert not is_in_another(german, "xx")
    assert not is_in_another(german, "de")
    assert is_in_another("That is a catastrophe, and nobody is in control of what they are.", "de")
