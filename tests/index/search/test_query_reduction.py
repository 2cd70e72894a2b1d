"""Of a long message the rarest words are searched, and the sentences that have them."""

import pytest

from index.search.query_reduction import (
    MOST_STEMS,
    PeopleNames,
    asks_for_place,
    known_words,
    reduce_query,
    typed_sentences,
    without_common_words,
    without_manner,
    without_names,
    without_year,
)
from index.text.tokens import stems_in, terms_of

COUNTS = {
    "machin": 90,
    "everyon": 95,
    "talk": 99,
    "smarter": 3,
    "switch": 5,
    "copi": 6,
    "hide": 4,
    "extinct": 2,
}
MESSAGE = (
    "I have been reading about this all weekend and everyone I talk to feels the same. Once these machines are smarter "
    "than us we will not be able to switch them off, they will copy themselves and hide. We sleepwalk into extinction."
)


def reduced(message: str) -> tuple[str, tuple[str, ...]]:
    asked, terms = reduce_query(
        message, terms_of(message), frequency=lambda stem: COUNTS.get(stem, 0), n_slices=100
    )
    return asked, terms.stems


def test_common_words_chatter_and_what_the_library_lacks_do_not_tell() -> None:
    asked, stems = reduced(MESSAGE)
    assert stems == ("smarter", "switch", "copi", "hide", "extinct")
    assert asked == MESSAGE.partition("same. ")[2], "the first sentence tells nothing"


def test_a_question_of_a_few_words_is_taken_as_it_is() -> None:
    question = "does everyone talk of machines that hide"
    assert reduced(question) == (question, terms_of(question).stems)


def test_of_many_words_the_rarest_are_taken_in_their_order() -> None:
    words = [f"word{chr(97 + place)}" for place in range(12)]
    counts = {stem: 12 - place for place, word in enumerate(words) for stem in stems_in(word)}
    message = " ".join(words)
    _, terms = reduce_query(
        message, terms_of(message), frequency=lambda stem: counts.get(stem, 0), n_slices=1000
    )
    assert terms.stems == tuple(stems_in(" ".join(words[-MOST_STEMS:])))


def test_a_quoted_phrase_is_kept_however_common() -> None:
    quoted = f'{MESSAGE} "everyone talks"'
    assert {"everyon", "talk"} <= set(reduced(quoted)[1])


def test_where_nothing_tells_the_question_is_taken_as_it_is() -> None:
    message = "alpha beta gamma delta epsilon zeta eta theta iota kappa"
    assert reduced(message) == (message, terms_of(message).stems)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("river locks in simple words", "river locks"),
        ("ELI5: river locks", "river locks"),
        ("please explain to me like I'm five river locks", "river locks"),
        ("like I’m five: river locks", "river locks"),
        ("river locks in layman’s terms", "river locks"),
        ("why do simple words matter", "why do simple words matter"),
        ("explain river locks", "explain river locks"),
        ("river locks for beginners", "river locks for beginners"),
        ('"in simple words"', '"in simple words"'),
        ("in simple words", "in simple words"),
    ],
)
def test_how_an_answer_is_wanted_is_no_subject(typed: str, asked: str) -> None:
    assert without_manner(typed) == asked


NAMES = (("evan", "hubinger"), ("hubinger",), ("paul", "grace"))


@pytest.mark.parametrize(
    ("question", "left", "named"),
    [
        ("what does Hubinger say about sleeper agents", "what does say about sleeper agents", {1}),
        ("evan hubinger on sleeper agents", "on sleeper agents", {0, 1}),
        ("what does hubinger think", "what does hubinger think", set()),
        ("a grace period", "a grace period", set()),
        ('"hubinger" sleeper agents', '"hubinger" sleeper agents', set()),
    ],
)
def test_a_guest_whom_a_question_names_is_not_searched_for_in_what_is_said(
    question: str, left: str, named: set[int]
) -> None:
    assert without_names(question, PeopleNames(NAMES)) == (left, frozenset(named))


@pytest.mark.parametrize(
    ("question", "known"),
    [
        ("Was ist ein Satisficer?", "satisficer"),
        ("Was sagt Hubinger über den mesa optimizer", "hubinger mesa optimizer"),
        ("Wie gefährlich ist künstliche Intelligenz?", ""),
        ("Wer hat die Hand am Schalter der Maschine?", ""),
    ],
)
def test_of_a_question_in_another_language_the_words_that_the_library_has_are_searched(
    question: str, known: str
) -> None:
    stems = set(stems_in("satisficer hubinger mesa optimizer hand"))
    assert known_words(terms_of(question), language="de", is_known=stems.__contains__) == known


@pytest.mark.parametrize(
    ("question", "left", "year"),
    [
        ("what was said in 2024 about chips", "what was said  about chips", 2024),
        ("episodes from 2023 on coups", "episodes  on coups", 2023),
        ("2025 episodes about coding", "episodes about coding", 2025),
        ("what did people fear back in 2021", "what did people fear", 2021),
        ("what did the weir guy say about floods in 2025", "what did the weir guy say about floods", 2025),
        ("what did they fear about floods back in 2021?", "what did they fear about floods ?", 2021),
        ("interviews published in 2023 on dams", "interviews published  on dams", 2023),
        ("what was said in 2024?", "what was said ?", 2024),
        ("who said something on dam safety in 2024?", "who said something on dam safety ?", 2024),
    ],
)
def test_a_year_beside_the_saying_is_the_year_in_which_it_was_said(
    question: str, left: str, year: int
) -> None:
    asked, found = without_year(question)
    assert (" ".join(asked.split()), found) == (" ".join(left.split()), year)


@pytest.mark.parametrize(
    "question",
    [
        "what they say will happen in 2030",
        "what they say about jobs in 2026",
        "who said the dam would break in 2024",
        "he said it happened in 2024",
        "will it come before 2030",
        '"said in 2024"',
        "gpt in 2024",
        "what started the board crisis at Lumen back in 2019",
        "what happened back in 2019",
        "talks of 2024 elections",
        "what was said in 2024 papers on dams",
        "the paper on dams published in 2019",
        "",
    ],
)
def test_another_year_is_a_word_like_others(question: str) -> None:
    assert without_year(question) == (question, None)


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [
        ("where's the bit about locks", True),
        ("where does he talk about locks?", True),
        ("where in the interview do they mention the lock keeper", True),
        ("at what time is the lock keeper discussed", True),
        ("which part is it where she says that locks leak", True),
        ("timestamp for the locks please", True),
        ("wo sagt er das mit den Schleusen", True),
        ("ab welcher Minute geht es um Schleusen", True),
        ("Wo wird über Schleusen gesprochen?", True),
        ("where does the power come from", False),
        ("where do models in the wild fail?", False),
        ("in what time will the lock be built", False),
        ("which part of the lock is costliest", False),
        ("what part of the brain sees", False),
        ("what time is it", False),
        ("wo kommt der Strom her", False),
        ("wo im Gehirn liegt das", False),
    ],
)
def test_where_something_is_said_is_another_question_than_where_it_is(question: str, is_asked: bool) -> None:
    assert asks_for_place(question) is is_asked


def test_common_words_of_another_language_are_not_searched_in_a_library_that_says_them() -> None:
    asked = terms_of("Was passiert, wenn der Roboter auf dem Kutter ausfällt?")
    assert set(without_common_words(asked, "de").stems) == set(stems_in("passiert Roboter Kutter ausfällt"))
    only = terms_of("wer und was")
    assert without_common_words(only, "de") == only, "where there is nothing else, they are asked for"


def test_days_and_places_of_no_kind_are_chatter() -> None:
    message = f"{MESSAGE} I cannot find it anywhere, I swear, not on Thursday."
    counts = {**COUNTS, "anywher": 1, "swear": 1, "thursdai": 1}
    _, terms = reduce_query(
        message, terms_of(message), frequency=lambda stem: counts.get(stem, 0), n_slices=100
    )
    assert not {"anywher", "swear", "thursdai"} & set(terms.stems)
    assert "extinct" in terms.stems


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        ("this drives me mad. i heard it on a run", ["this drives me mad.", "i heard it on a run"]),
        (
            "who said it?? the one with “robots.” or\nthe chess one",
            ["who said it??", "the one with “robots.", "or", "the chess one"],
        ),
        ("one sentence, however long, is no parts", []),
        ("\n\n", []),
    ],
)
def test_sentences_of_chat_begin_with_small_letters_and_on_lines(typed: str, sentences: list[str]) -> None:
    assert typed_sentences(typed) == sentences
