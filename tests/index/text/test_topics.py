"""Claims about the words that set an episode apart."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.topics import KEPT_TERMS, TermWeights, shared_terms, subject_terms, term_counts

from ..conftest import piece_of


def weighted_terms(counts: dict[int, dict[str, int]]) -> dict[int, TermWeights]:
    """Each episode's terms weighed against all."""
    spread = Counter(term for terms in counts.values() for term in terms)
    shared = {term: count for term, count in spread.items() if count > 1}
    return {
        number: TermWeights(lambda own=terms: own, shared, len(counts)) for number, terms in counts.items()
    }


TEXTS = st.lists(
    st.sampled_from(
        "prince princes princess river rivers mill mills miller of the basin weights 2026 it's pa pas pass".split()
    ),
    max_size=120,
).map(" ".join)


@given(TEXTS)
def test_any_talk_has_terms_that_occur_often_enough(text: str) -> None:
    for term, count in term_counts([piece_of(text)] if text else []).items():
        assert count >= 3
        assert term == term.lower()


def test_plurals_are_counted_with_their_singular_even_in_chains() -> None:
    counts = term_counts([piece_of(*["prince"] * 3, "princes", *["princess"] * 2, *["mills"] * 4, "mill")])
    assert counts["prince"] == 4
    assert counts["mills"] == 5
    assert "mill" not in counts


def test_a_word_that_lives_in_a_phrase_is_dropped_for_it() -> None:
    counts = term_counts([piece_of(*["mechanistic interpretability matters here."] * 5)])
    assert "mechanistic interpretability" in counts or any(
        "mechanistic interpretability" in term for term in counts
    )
    assert "mechanistic" not in counts


def test_terms_stay_inside_sentences() -> None:
    counts = term_counts([piece_of(*["the river.", "mills turn."] * 5)])
    assert not any("river mills" in term for term in counts)


@given(
    st.dictionaries(
        st.integers(1, 5), st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 50)), max_size=5
    )
)
def test_weights_are_shares_best_first(counts: dict[int, dict[str, int]]) -> None:
    for episode, terms in weighted_terms(counts).items():
        values = list(terms.values())
        assert set(terms) == set(counts[episode])
        assert values == sorted(values, reverse=True)
        assert all(0 <= value <= 1 for value in values)


def test_what_everybody_talks_of_weighs_less_than_what_one_does() -> None:
    weighted = weighted_terms({1: {"model": 9, "river": 9}, 2: {"model": 9, "mill": 9}, 3: {"model": 9}})
    assert weighted[1]["river"] == pytest.approx(1.0)
    assert weighted[1]["model"] < 0.5


def test_only_so_many_terms_are_kept() -> None:
    assert len(weighted_terms({1: {f"term{n}": 3 for n in range(500)}})[1]) == KEPT_TERMS


def test_shared_terms_are_in_both_best_first() -> None:
    one, other = {"river": 1.0, "mill": 0.4, "dam": 0.0}, {"mill": 0.9, "river": 0.5, "dam": 1.0}
    assert shared_terms(one, other) == ("river", "mill")
    assert shared_terms(one, {}) == ()


def test_what_is_sold_is_no_topic() -> None:
    advert = "This episode is brought to you by Harbour Rope, the rope of ropes."
    assert "harbour rope" not in term_counts([piece_of(*[advert] * 4, *["the river rose."] * 4)])
    assert "river rose" in term_counts([piece_of(*["the river rose."] * 4), piece_of(advert)])


def test_words_that_name_nothing_are_not_shared() -> None:
    terms = {"video": 1.0, "situation": 0.9, "default": 0.8, "river": 0.5, "default setting": 0.4}
    assert shared_terms(terms, terms) == ("river", "default setting")


def test_an_adverb_is_not_shared_and_a_noun_that_ends_like_one_is() -> None:
    terms = {"roughly": 1.0, "anomaly": 0.5, "effort": 0.4, "family supply": 0.3}
    assert shared_terms(terms, terms) == ("anomaly", "family supply")


def test_of_two_terms_that_hold_one_another_the_better_is_shared() -> None:
    terms = {"building ai products": 1.0, "ai products": 0.9, "products": 0.8, "evals": 0.5}
    assert shared_terms(terms, terms) == ("building ai products", "evals")
    assert shared_terms(terms, terms, limit=1) == ("building ai products",)


def test_how_much_of_something_is_no_topic() -> None:
    counts = {0: {"hundreds of millions": 9, "low single digits": 9, "river": 3, "million dams": 3}}
    assert set(weighted_terms(counts)[0]) == {"river", "million dams"}


def test_a_function_word_is_no_topic() -> None:
    talk = piece_of("Another mill, another weir, another ferry, toward the mill, almost a mill.")
    counts = term_counts([talk, talk, talk])
    assert "mill" in counts
    assert not {"another", "toward", "almost"} & set(counts)


def test_a_verb_or_an_adjective_is_no_topic_and_a_noun_of_the_same_letters_is() -> None:
    verbs = "They move the ferry to the mill. You can move a mill, and we move it by ferry."
    nouns = "The first move of the game is a good move. Each move that the machine makes is a move of chess."
    adjectives = (
        "The mill is very muddy. A muddy ferry was so muddy that the mill seemed muddy, and we were muddy."
    )
    between = " ".join(
        f"The main {word} is here, and the main {word} is there." for word in "mill ferry weir".split()
    )
    for text, is_left_out in (
        (verbs, {"move"}),
        (nouns, set()),
        (adjectives, {"muddy"}),
        (between, {"main"}),
    ):
        counts = term_counts([piece_of(text)] * 4)
        assert ({"move", "muddy", "main"} & set(text.split())) - set(counts) == is_left_out, text
    german = piece_of(
        "Wir reden heute von der Fähre und von dem Wehr. Die Fähre kostet zu viel, das Wehr auch."
    )
    assert {"fähre", "wehr"} <= set(term_counts([german] * 4)), (
        "what is said in another language is left as it is"
    )


def test_the_subjects_of_a_card_name_something_and_none_is_said_twice() -> None:
    terms = {
        "game theory": 1.0,
        "room": 0.9,
        "choices": 0.8,
        "theory": 0.7,
        "contains": 0.6,
        "river": 0.5,
        "mill": 0.4,
    }
    assert subject_terms(terms, 2) == ("game theory", "river")
    assert subject_terms(["building mills", "build mills", "mill"], 3) == ("building mills",)
    assert subject_terms({}, 3) == ()


def test_what_two_share_is_looked_for_among_all_their_terms() -> None:
    """The best of each may be what sets it apart from the other."""
    own = {f"{letter}{number} dam": 9 for letter in "ab" for number in range(KEPT_TERMS)}
    counts = {
        0: {term: 9 for term in own if term[0] == "a"} | {"scalable oversight": 3},
        1: {term: 9 for term in own if term[0] == "b"} | {"scalable oversight": 3},
    }
    first, second = weighted_terms(counts).values()
    assert "scalable oversight" not in first
    assert shared_terms(first, second) == ("scalable oversight",)
