"""Claims about when an answer is about a question."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from index.search.candidates import BAR_OF_PLACE, FLOOR_AT_SLICES, Candidates, bar_for
from index.search.ranking import Evidence


def candidates_of(idf: dict[str, float], *, share: float, near: float) -> Candidates:
    """One slice that holds ``share`` of the question's idf, itself and with its neighbours."""
    evidence = {name: np.zeros(1) for name in Evidence.__dataclass_fields__}
    evidence |= {"own_terms": np.array([share]), "near_terms": np.array([share]), "window": np.array([near])}
    edition: Any = SimpleNamespace()
    vectors = np.zeros((1, 3), np.float32)
    return Candidates(
        np.array([1]),
        [(1, 0)],
        Evidence(**evidence),
        vectors,
        None,
        idf,
        np.array([max(idf.values())]),
        np.full(1, -1.0),
        None,
        {},
        edition,
        bar_for(FLOOR_AT_SLICES),
        (0.15, 0.055),
    )


SIX_STEMS = dict.fromkeys(("rich", "paper", "order", "actual", "done", "ever"), 3.0)
TWO_STEMS = dict(list(SIX_STEMS.items())[:2])
LOW = np.array([0.7])


@pytest.mark.parametrize(
    ("idf", "share", "near", "likeness", "is_about"),
    [
        (SIX_STEMS, 0.4, 0.45, (0.15, 0.055), True),
        (TWO_STEMS, 0.4, 0.45, (0.15, 0.055), False),
        (SIX_STEMS, 0.0, 0.45, (0.15, 0.055), False),
        (SIX_STEMS, 0.4, 0.25, (0.15, 0.055), False),
        (SIX_STEMS, 0.4, 0.45, (0.02, 0.03), False),
    ],
    ids=["answered", "of few words", "without its words", "not near", "of another field"],
)
def test_a_question_is_answered_by_all_evidence_together(
    idf: dict[str, float], share: float, near: float, likeness: tuple[float, float], is_about: bool
) -> None:
    found = replace(candidates_of(idf, share=share, near=near), likeness=likeness)
    assert found.is_about(LOW) == is_about


def test_less_is_needed_where_somebody_knows_that_it_is_there() -> None:
    found = candidates_of(SIX_STEMS, share=0.2, near=0.37)
    assert not found.is_about(LOW)
    assert found.is_about(LOW, names_guest=True)
    assert replace(found, bar=BAR_OF_PLACE).is_about(LOW)


@pytest.mark.parametrize(("n_stems", "is_about"), [(1, True), (3, True), (4, False)])
def test_a_few_words_are_found_where_all_are_said(n_stems: int, is_about: bool) -> None:
    """But not as a message of several sentences: chatter."""
    found = candidates_of(dict(list(SIX_STEMS.items())[:n_stems]), share=1.0, near=0.0)
    found = replace(found, likeness=(0.0, 0.03))
    assert found.is_about(np.array([0.0])) == is_about
    assert not found.is_about(np.array([0.0]), is_message=True)


@pytest.mark.parametrize(
    ("idf", "share", "is_about"),
    [({"grokk": 6.9}, 1.0, True), ({"grokk": 6.9}, 0.0, False)],
    ids=["rare and said", "not said"],
)
def test_a_rare_word_alone_is_found_where_it_is_said_however_far_in_meaning(
    idf: dict[str, float], share: float, is_about: bool
) -> None:
    found = candidates_of(idf, share=share, near=0.2)
    assert found.is_about(LOW) == is_about
    assert found.are_the_word.tolist() == [is_about]
    assert not found.reach_floor(LOW).any()


@pytest.mark.parametrize(("title", "is_asked"), [(0.19, False), (0.2, True), (1.0, True)])
def test_an_episode_is_asked_for_where_its_title_holds_a_fifth_of_the_question(
    title: float, is_asked: bool
) -> None:
    """Only there may the closing of a show answer."""
    found = candidates_of({"follow": 3.0, "tom": 5.0}, share=0.0, near=0.5)
    found = replace(found, evidence=replace(found.evidence, title_terms=np.array([title])))
    assert found.are_of_asked_episode.tolist() == [is_asked]


@pytest.mark.parametrize(
    ("idf", "phrase", "is_about"),
    [
        ({"big": 1.5, "o": 6.9} | SIX_STEMS, 1.0, True),
        ({"big": 1.5, "o": 6.9} | SIX_STEMS, 0.0, False),
        ({"big": 1.5, "deal": 2.0} | SIX_STEMS, 1.0, False),
    ],
    ids=["a rare word, word for word", "not word for word", "common words"],
)
def test_a_question_with_a_rare_word_is_found_where_it_is_said_word_for_word(
    idf: dict[str, float], phrase: float, is_about: bool
) -> None:
    found = candidates_of(idf, share=0.2, near=0.0)
    found = replace(found, evidence=replace(found.evidence, phrase=np.array([phrase])))
    assert found.is_about(LOW) == is_about
