"""Claims about when an answer is about a question."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from index.search.candidates import FLOOR, FLOOR_AT_SLICES, Candidates, floor_for
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
        floor_for(FLOOR_AT_SLICES),
    )


SIX_STEMS = dict.fromkeys(("rich", "paper", "order", "actual", "done", "ever"), 3.0)


@pytest.mark.parametrize(
    ("idf", "near", "pieces", "score", "is_about"),
    [
        (SIX_STEMS, 0.45, 0.5, FLOOR - 0.6, True),
        (SIX_STEMS, 0.30, 0.5, FLOOR - 0.45, False),
        (SIX_STEMS, 0.30, 0.75, FLOOR - 0.45, True),
        (SIX_STEMS, 0.30, 0.75, FLOOR - 0.6, False),
        (dict(list(SIX_STEMS.items())[:4]), 0.30, 0.75, FLOOR - 0.45, False),
    ],
    ids=["near", "neither", "its word pieces are near", "too far below the floor", "too few words"],
)
def test_a_question_of_many_words_may_be_in_other_words(
    idf: dict[str, float], near: float, pieces: float, score: float, is_about: bool
) -> None:
    found = replace(candidates_of(idf, share=0.4, near=near), near_pieces=np.array([pieces]))
    assert found.is_about(np.array([score])) == is_about


HIGH, LOW = np.array([FLOOR]), np.array([0.9])


@pytest.mark.parametrize(
    ("idf", "share", "near", "is_about"),
    [
        ({"robot": 3.7, "tax": 6.3}, 0.63, 0.4, False),
        ({"robot": 3.7, "tax": 6.3}, 1.0, 0.4, True),
        ({"robot": 3.7, "tax": 6.3}, 0.63, 0.46, True),
        ({"robot": 3.7, "tax": 6.3}, 0.37, 0.46, False),
        ({"robot": 3.7, "tax": 6.3}, 0.37, 0.56, True),
        ({"ai": 0.5, "tutor": 6.3}, 0.92, 0.5, True),
        ({"ai": 0.5, "tutor": 6.3}, 0.08, 0.5, False),
        ({"robot": 3.7, "tax": 6.3, "law": 4.0}, 0.45, 0.5, True),
    ],
    ids=[
        "one of two that tell",
        "both",
        "quite near",
        "the lesser",
        "near in meaning",
        "the one that tells",
        "the common one",
        "of three",
    ],
)
def test_of_two_words_that_tell_one_alone_is_no_subject(
    idf: dict[str, float], share: float, near: float, is_about: bool
) -> None:
    assert candidates_of(idf, share=share, near=near).is_about(HIGH) == is_about


@pytest.mark.parametrize(
    ("idf", "share", "is_about"),
    [({"grokk": 6.9}, 1.0, True), ({"grokk": 6.9}, 0.0, False), ({"model": 1.0}, 1.0, False)],
    ids=["rare and said", "not said", "common"],
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
        ({"big": 1.5, "o": 6.9}, 1.0, True),
        ({"big": 1.5, "o": 6.9}, 0.0, False),
        ({"big": 1.5, "deal": 2.0}, 1.0, False),
    ],
    ids=["a rare word, word for word", "not word for word", "common words"],
)
def test_a_question_with_a_rare_word_is_found_where_it_is_said_word_for_word(
    idf: dict[str, float], phrase: float, is_about: bool
) -> None:
    found = candidates_of(idf, share=1.0, near=0.2)
    found = replace(found, evidence=replace(found.evidence, phrase=np.array([phrase])))
    assert found.is_about(LOW) == is_about
