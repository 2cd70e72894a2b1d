"""Claims about misspelt and misheard words."""

from index.keywords import TermFinder, match_expression, terms_of
from index.spelling import Speller, sound_of

SPELLER = Speller.of(
    [
        ("bayesian", 3, 0), ("basan", 0, 2), ("interpretability", 9, 4), ("river", 5, 5), ("rivet", 1, 0),
        ("grokking", 2, 0), ("grocking", 0, 3), ("statistics", 4, 1), ("miller", 1, 0),
    ],
    ["murfet", "hoogland"],
)  # fmt: skip


def corrected(question: str) -> dict[str, str]:
    return SPELLER.correct(terms_of(question))[1]


def test_an_unknown_word_becomes_the_nearest_written_one() -> None:
    terms, changed = SPELLER.correct(terms_of("baysian interprtability"))
    assert changed == {"baysian": "bayesian", "interprtability": "interpretability"}
    assert terms.words == ("bayesian", "interpretability")
    assert terms.stems == terms_of("bayesian interpretability").stems


def test_names_are_corrected_too() -> None:
    assert corrected("Daniel Murfett") == {"murfett": "murfet"}


def test_known_words_quoted_words_short_words_and_numbers_are_left_alone() -> None:
    assert corrected("rivers of statistics") == {}
    assert corrected('"baysian inference"') == {}
    assert corrected("rvr 20266 xyzzyplugh") == {}


def test_two_letters_changed_places_are_one_mistake() -> None:
    assert corrected("rievr") == {"rievr": "river"}


def test_misheard_words_stand_for_what_was_meant() -> None:
    terms = SPELLER.with_mishearings(terms_of("bayesian statistics"))
    assert dict(terms.heard) == {"basan": terms_of("bayesian").stems[0]}
    assert '"basan"' in match_expression(terms)
    assert TermFinder(terms).stems_in("a theory of basan statistics") == frozenset(terms.stems)


def test_like_sounds_are_alike() -> None:
    assert sound_of("bayesian") == sound_of("basan")
    assert sound_of("grokking") == sound_of("grocking")
    assert sound_of("") == ""


def test_an_edition_without_words_corrects_nothing() -> None:
    nothing = Speller.of([])
    terms = terms_of("river")
    assert nothing.correct(terms) == (terms, {})
    assert nothing.with_mishearings(terms) == terms
