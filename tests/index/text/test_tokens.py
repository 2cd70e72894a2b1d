"""Claims about questions as words."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from index.text.stopwords import FUNCTION_WORDS
from index.text.tokens import (
    LONGEST_QUESTION,
    TermFinder,
    fold,
    holds_phrases,
    idf,
    readable,
    stem,
    stems_in,
    terms_of,
    tokenize,
)

from ..conftest import DATA

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
        if [found for *_, found in TermFinder(terms_of(asked)).find(f"So {word.title()}, then.")]
        != [stem(asked)]
    ]
    assert missed == []


@pytest.mark.parametrize("question", HOSTILE)
def test_whatever_is_typed_is_words(question: str) -> None:
    assert [stem for stem in terms_of(question).stems if not stem.strip()] == []
    assert TermFinder(terms_of(question)).find("the river rose") is not None


@pytest.mark.parametrize("word", "andes ins willing likes useful ate mining theses ups doe ha wills".split())
def test_no_word_is_taken_for_a_function_word_by_its_stem(word: str) -> None:
    function_stems = {stem(each) for each in FUNCTION_WORDS} | FUNCTION_WORDS
    assert stem(word) not in function_stems
    assert stem(stem(word)) == stem(word)


def test_inflections_of_one_word_still_have_one_stem() -> None:
    assert stem("liked") == stem("likes") == stem("liking") != stem("like")
    assert stem("mines") == stem("mining")
    assert not TermFinder(terms_of("unicorns in the andes")).find("lost and found")


def test_words_are_known_by_their_stems_without_accents() -> None:
    assert stems_in("Schrödinger's Écoles, rivers") == ["schroding", "ecol", "river"]


def test_names_are_compared_without_the_ways_to_write_them() -> None:
    assert {fold(f"Núria O{sign}Shea") for sign in "'’‘ʼ＇´"} == {"nuria o'shea"}


def test_function_words_count_only_where_there_is_nothing_else() -> None:
    assert terms_of("What is the river doing?").stems == ("river",)
    assert terms_of("to be or not to be").stems == ("to", "be", "or", "not")
    assert terms_of("a river, a River, rivers").stems == ("river",)
    assert terms_of("the episode with Lind").stems == ("lind",)
    assert terms_of("which podcasts").stems == ("podcast",)


def test_quotation_marks_keep_words_together_and_nothing_else_is_an_operator() -> None:
    phrases = terms_of('the "old mill" and “mill wheel” but "one"').phrases
    assert [[word.word for word in phrase] for phrase in phrases] == [["old", "mill"], ["mill", "wheel"]]
    assert terms_of("mill NOT wheel").stems == ("mill", "wheel")


def test_a_question_is_read_to_its_two_thousandth_character() -> None:
    assert len(readable("é" * 5000)) == LONGEST_QUESTION
    assert readable("e\u0301te\u0301") == "été"
    assert readable("a\udcffb") == "a b"


def test_words_keep_their_places_and_lose_possessive_endings() -> None:
    text = "Ada’s mill isn't Bo's."
    found = tokenize(text)
    assert [token.word for token in found] == ["ada", "mill", "isn't", "bo"]
    assert [text[token.start : token.end] for token in found] == ["Ada", "mill", "isn't", "Bo"]


def test_a_phrase_is_found_across_what_is_no_word() -> None:
    phrase = terms_of("Ada's old mill isn't here").words
    assert holds_phrases("so ADA’s old-mill, isn’t  here!", [phrase])
    assert not holds_phrases("Ada's olden mill isn't here", [phrase])


def test_the_idf_of_several_words_is_the_same_in_any_order() -> None:
    """Sets of words come in another order in each process: one question would be answered in two ways."""
    weights = [idf(2567, n) for n in (3, 17, 120, 611, 45)]
    assert len({sum(order) for order in permutations(weights)}) == 1


def test_rarer_words_tell_more_and_none_tells_nothing() -> None:
    weights = [idf(100, n) for n in (0, 1, 10, 50, 100)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0


@pytest.mark.parametrize(
    ("question", "text", "marked"),
    [
        ("U.S.", "In the U.S. the ports tell us more.", ["U.S."]),
        ("US policy", "In the U.S. the ports tell us more.", ["U.S."]),
        ("A.I.", "It is A.I. as I said.", ["A.I."]),
        ("AI", "It is A.I. as I said, and AI too.", ["A.I.", "AI"]),
        ("s", "It's the boss's cats, it is.", []),
        ("ſ", "It's the boss's cats, it is.", []),
        ("C++", "We had C, then C++ and C#.", ["C++"]),
        ("c#", "We had C, then C++ and C#.", ["C#"]),
        (".NET", "The net is not .NET at all.", [".NET"]),
        ("Gödel", "Later Gödel's proof, or Godel’s.", ["Gödel", "Godel"]),
        ("godel", "Later Go\u0308del spoke.", ["Go\u0308del"]),
        ("gpt4o", "It was GPT-4o, not gpt 4.", ["GPT", "4o", "gpt"]),
        ("isnt", "It isn't hard.", ["isn't"]),
        ("how many percent", "I'm at 85%, and 3.5% before; % alone is none.", ["%", "%"]),
        ("85%", "I'm at 85 percent.", ["85", "percent"]),
        ("机器推论", "然后有人提到把机器推论洗成权威事实", ["机器", "器推", "推论"]),
    ],
)
def test_words_are_found_and_marked_as_people_mean_them(question: str, text: str, marked: list[str]) -> None:
    found = TermFinder(terms_of(question)).find(text)
    assert [text[start:end] for start, end, _ in found] == marked


@pytest.mark.parametrize("text", ["s", "'s", "ś š ş ſ", "ｓ", "\uff9e \uff9f", "ﬆ", "...", "s's's's"])
def test_no_token_and_no_stem_is_ever_empty(text: str) -> None:
    for token in tokenize(f"{text} u {text}", with_characters=True):
        assert token.start < token.end
        assert token.word
        assert token.stem == stem(token.word) != ""
    assert TermFinder(terms_of(text)).find("U.S. has s's's's... u x") is not None


def test_a_phrase_of_one_letter_repeated_is_no_trap() -> None:
    phrase = terms_of("s " * 40 + "x").words
    assert not holds_phrases("U.S. has " + "s s " * 20_000, [phrase])


def test_threads_that_stem_at_once_do_not_spoil_each_others_words() -> None:
    words = [f"{start}{end}" for start in PLAIN[:300] for end in ("ations", "fulness", "y", "ically")]
    orders = [words, words[::-1], sorted(words, key=len), sorted(words, key=lambda word: word[::-1])]
    expected = {word: stem.__wrapped__(word) for word in words}
    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            found = list(
                threads.map(lambda order: {word: stem.__wrapped__(word) for word in order}, orders * 4)
            )
    finally:
        sys.setswitchinterval(switch)
    assert all(stems == expected for stems in found)
