"""Claims about questions as words, held against SQLite's own tokenizer."""

import re
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.keywords import (
    LONGEST_QUESTION,
    TermFinder,
    match_expression,
    phrase_pattern,
    readable,
    stem,
    telling,
    terms_of,
    words_in,
)
from index.stopwords import FUNCTION_WORDS

from .conftest import DATA

PLAIN = sorted(
    {
        word
        for path in (DATA / "library").rglob("*.*")
        for word in re.findall(r"[a-z]{3,}", path.read_text(encoding="utf-8", errors="ignore").lower())
    }
)
HOSTILE = [
    '"',
    "NEAR(",
    "*",
    "-",
    "AND OR NOT",
    "🦊🔥",
    "x" * 6000,
    "",
    "\x00",
    "a\x00b",
    "'; DROP TABLE words;--",
]
HOSTILE += [
    "^river",
    "text:river",
    "{a b}: c",
    "\ud800 river",
    '"' * 3000,
    '"a b" ' * 800,
    "(" * 500,
    "+ +",
    "\\",
    "%",
    "ﬁ ß İ",
]


@pytest.fixture(scope="module")
def keywords() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE VIRTUAL TABLE words USING fts5 (text, tokenize='porter unicode61 remove_diacritics 2');"
        "CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, instance);"
    )
    connection.execute("INSERT INTO words VALUES ('the river rose over the dam')")
    return connection


def test_stems_are_those_that_the_keyword_table_has(keywords: sqlite3.Connection) -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE VIRTUAL TABLE words USING fts5 (text, tokenize='porter unicode61 remove_diacritics 2');"
        "CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, instance);"
    )
    connection.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", list(enumerate(PLAIN)))
    theirs = {row: term for term, row in connection.execute("SELECT term, doc FROM vocabulary")}
    assert len(theirs) > 1000
    assert {PLAIN[row]: term for row, term in theirs.items() if stem(PLAIN[row]) != term} == {}


def test_a_finder_finds_every_word_of_the_stems_it_was_asked_for() -> None:
    by_stem: dict[str, list[str]] = {}
    for word in PLAIN:
        if word not in FUNCTION_WORDS:
            by_stem.setdefault(stem(word), []).append(word)
    missed = [
        (asked, word)
        for family in by_stem.values()
        for asked in family
        for word in family
        if TermFinder(terms_of(asked)).stems_in(f"So {word.title()}, then.") != {stem(asked)}
    ]
    assert missed == []


@pytest.mark.parametrize("question", HOSTILE)
def test_whatever_is_typed_is_words(question: str, keywords: sqlite3.Connection) -> None:
    terms = terms_of(question)
    if terms:
        keywords.execute("SELECT rowid FROM words WHERE words MATCH ?", (match_expression(terms),)).fetchall()
    assert TermFinder(terms).find("the river rose") is not None


@given(st.text(max_size=300))
def test_any_text_makes_a_valid_expression(question: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE words USING fts5 (text, tokenize='porter unicode61 remove_diacritics 2')"
    )
    terms = terms_of(question)
    if terms:
        connection.execute(
            "SELECT rowid FROM words WHERE words MATCH ?", (match_expression(terms),)
        ).fetchall()
    connection.close()


def test_function_words_count_only_where_there_is_nothing_else() -> None:
    assert terms_of("What is the river doing?").stems == ("river",)
    assert terms_of("to be or not to be").stems == ("to", "be", "or", "not")
    assert terms_of("a river, a River, rivers").stems == ("river",)


def test_quotation_marks_keep_words_together_and_nothing_else_is_an_operator() -> None:
    assert terms_of('the "old mill" and “mill wheel” but "one"').phrases == (
        ("old", "mill"),
        ("mill", "wheel"),
    )
    assert set(match_expression(terms_of("mill NOT wheel")).split(" OR ")) == {'"mill"', '"wheel"'}


def test_a_question_is_read_to_its_two_thousandth_character() -> None:
    assert len(readable("é" * 5000)) == LONGEST_QUESTION
    assert readable("e\u0301te\u0301") == "été"
    assert readable("a\udcffb") == "a b"


def test_words_keep_their_places_and_lose_possessive_endings() -> None:
    text = "Ada’s mill isn't Bo's."
    found = words_in(text)
    assert [word for _, _, word in found] == ["ada", "mill", "isn't", "bo"]
    assert [text[start:end] for start, end, _ in found] == ["Ada", "mill", "isn't", "Bo"]


def test_a_phrase_is_found_across_what_is_no_word() -> None:
    pattern = phrase_pattern([word for _, _, word in words_in("Ada's old mill isn't here")])
    assert pattern is not None
    assert pattern.search("so ADA’s old-mill, isn’t  here!")
    assert not pattern.search("Ada's olden mill isn't here")
    assert phrase_pattern(["mill"]) is None


def test_rarer_words_tell_more_and_none_tells_nothing() -> None:
    weights = [telling(100, n) for n in (0, 1, 10, 50, 100)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0
