"""Claims about relevance: what is on a question's subject, what is clearly so, and what stands on its other side."""

import dataclasses

import numpy as np
import pytest

from index.search.answers import Found, Passage
from index.search.ranking import Floats, SliceGroup
from index.search.relevance import (
    MOST_SPEAKING,
    SURE,
    USUAL_LEAD,
    answer_evidence,
    belonging_groups,
    chance_of_first,
    clearly_on_subject,
    lead_of,
    on_subject_within,
    opposite_passages,
    speaking_groups,
)
from index.search.searcher import Searcher


@pytest.fixture
async def found(sample: Searcher) -> Found:
    return await sample.find("people and machines at work", n_passages=20)


def kept_of(
    rows: list[tuple[float, float, float]],
    *,
    certain: int | None = None,
    episodes: tuple[int, ...] | None = None,
    floor: float = 1.0,
    is_sure: bool = True,
    pieces: Floats | None = None,
    sentences: Floats | None = None,
) -> list[int]:
    """Return the places of the groups that stay, of rows of score, nearness and terms, best first."""
    nearest = pieces if sentences is None else sentences
    score, near, terms = (np.array(column) for column in zip(*rows, strict=True))
    groups = [SliceGroup((place,), float(score[place])) for place in range(len(rows))]
    kept = belonging_groups(
        groups,
        score,
        near,
        terms=terms,
        pieces=pieces,
        nearest_sentence=lambda group: float(nearest[group.places[0]]),  # type: ignore[index]  # asked where there are
        certain=np.array([place == certain for place in range(len(rows))]),
        floor=floor,
        is_sure=is_sure,
        episodes=range(len(rows)) if episodes is None else episodes,
    )
    return [group.places[0] for group in kept]


def answer_of(best: float) -> Floats:
    """Return the evidence of an answer whose best passage has this sum of score and nearness."""
    half = np.array([best / 2])
    return answer_evidence(half, half, held=np.array([0.8]), n_stems=5, likeness=(0.2, 0.1))


def speaking_of(*rows: tuple[float, float]) -> list[int]:
    """Return the places of the groups that speak to a claim, of rows of score and nearness."""
    score, near = (np.array(column) for column in zip(*rows, strict=True))
    groups = [SliceGroup((place,), float(score[place])) for place in range(len(rows))]
    return [group.places[0] for group in speaking_groups(groups, score, near, floor=1.37)]


def test_what_speaks_to_a_claim_is_near_to_it_and_of_the_first_few() -> None:
    near, far = (1.2, 0.65), (0.4, 0.2)
    assert speaking_of(near, near, far) == [0, 1]
    assert speaking_of(far) == [], "the best is left out, too, where it speaks to something else"
    assert speaking_of(*[(1.6, 0.8)] * 20) == list(range(MOST_SPEAKING))


async def test_more_speaks_to_a_claim_than_answers_a_question(sample: Searcher) -> None:
    claim = "machines take the work of interpreters and nobody needs them on the telephone any more"
    asked = await sample.find(claim, n_passages=20)
    spoken = await sample.find(claim, n_passages=20, is_claim=True)
    assert 0 < len(spoken.passages) <= MOST_SPEAKING
    assert [passage.rank for passage in spoken.passages] == list(range(1, len(spoken.passages) + 1))
    assert asked.passages[0].slices[0].id in {passage.slices[0].id for passage in spoken.passages}
    nothing = await sample.find("linear switches click nicer on a mechanical keyboard", is_claim=True)
    assert not nothing.passages


@pytest.mark.parametrize(
    "row", [(0.6, 0.4, 0.6), (0.9, 0.3, 0.0)], ids=["no more than an answer must be", "none of the words"]
)
def test_a_further_passage_that_does_not_belong_is_left_out(row: tuple[float, float, float]) -> None:
    first, other = (1.2, 0.6, 0.9), (1.1, 0.55, 0.9)
    assert kept_of([first, row, other]) == [0, 2]
    assert kept_of([first, row, other], certain=1) == [0, 1, 2]
    assert kept_of([row, first]) == [0, 1], "the best passage is shown whatever it is"


def test_a_further_passage_whose_word_pieces_are_far_from_the_question_is_left_out() -> None:
    rows = [(1.3, 0.6, 0.9), (1.2, 0.6, 0.9), (1.2, 0.6, 0.9)]
    near, scattered = np.array([0.8, 0.8, 0.5]), np.array([0.8, 0.5, 0.5])
    assert kept_of(rows, pieces=near) == [0, 1]
    assert kept_of(rows, pieces=near, sentences=scattered) == [0], "near as a whole, and no sentence of it is"
    assert kept_of(rows, pieces=None) == [0, 1, 2], "where there are none, they tell nothing"


def test_the_first_passage_is_surer_the_farther_it_is_ahead_of_the_next_few() -> None:
    def groups(*scores: float) -> list[SliceGroup]:
        return [SliceGroup((place,), score) for place, score in enumerate(scores)]

    def lead(*scores: float) -> float:
        return lead_of(groups(*scores)[0], groups(*scores))

    assert lead(2.0, 1.0, 1.0, 0.5, 0.5, -9.0) == pytest.approx(1.25), "the fifth after it is no rival"
    assert lead(2.0) == USUAL_LEAD
    assert lead_of(groups(2.0, 1.0)[1], groups(2.0, 1.0)) == -1.0, "a better one may be left out as an advert"
    answered, hardly = (answer_of(best) for best in (1.9, 1.3))
    for pieces in (0.6, None):
        ahead, beside = lead(2.0, 1.5, 1.5), lead(2.0, 1.95, 1.9)
        assert chance_of_first(ahead, answered, pieces) >= SURE > chance_of_first(beside, answered, pieces)
        assert chance_of_first(0.2, hardly, pieces) < SURE < chance_of_first(0.4, answer_of(2.6), pieces)
    assert chance_of_first(0.3, answered, 0.45) < SURE < chance_of_first(0.3, answered, 0.75), (
        "no sentence is near, or one is"
    )


def test_of_the_episode_of_the_first_passage_more_belongs() -> None:
    """A talk on one chess program names it once, and speaks of its moves for an hour."""
    rows = [(1.2, 0.6, 0.8), (0.8, 0.4, 0.3), (0.5, 0.2, 0.1)]
    assert kept_of(rows, episodes=(1, 1, 2)) == [0, 1]
    assert kept_of(rows, episodes=(1, 2, 2)) == [0]
    assert kept_of(rows, episodes=(1, 1, 1)) == [0], "where only one may answer, that tells nothing"


def test_the_same_passage_belongs_in_the_second_place_rather_than_in_the_tenth() -> None:
    rows = [(1.2, 0.6, 0.9), *[(1.15, 0.55, 0.55)] * 9]
    kept = kept_of(rows)
    assert kept == [*range(len(kept))]
    assert 1 < len(kept) < 10


def test_where_more_is_searched_it_takes_more_to_belong() -> None:
    rows = [(1.2, 0.6, 0.9), (1.15, 0.55, 0.55)]
    assert kept_of(rows, floor=1.0) == [0, 1]
    assert kept_of(rows, floor=1.5) == [0]


def test_no_groups_are_on_no_subject() -> None:
    none = np.zeros(0)
    no = np.zeros(0, bool)
    assert (
        belonging_groups(
            [],
            none,
            none,
            terms=none,
            pieces=none,
            nearest_sentence=lambda _: 0.0,
            certain=no,
            episodes=(),
            floor=1.0,
            is_sure=True,
        )
        == []
    )


def test_of_an_answer_that_is_not_sure_three_stay_that_nearly_reach_the_floor() -> None:
    rows = [(0.7, 0.4, 0.5), (0.6, 0.39, 0.6), (0.5, 0.4, 0.9), (0.6, 0.39, 0.9)]
    assert kept_of(rows) == [0]
    assert kept_of(rows, is_sure=False) == [0, 1], "the third is below the floor, and the fourth one too many"
    far = np.array([0.5, 0.3, 0.5, 0.5])
    assert kept_of(rows, is_sure=False, pieces=far) == [0], (
        "no sentence of the second is near to what is asked"
    )


def test_beyond_what_readers_marked_an_episode_alone_speaks_for_none() -> None:
    rows = [(1.2, 0.6, 0.9), *[(0.77, 0.4, 0.4)] * 9, (0.1, 0.1, 0.0)]
    assert kept_of(rows, episodes=(*(1,) * 10, 2)) == [*range(8)]


@pytest.mark.parametrize(
    ("score", "near", "telling", "stays"),
    [
        (0.71, 0.51, 0.89, True),
        (0.69, 0.6, 1.0, False),
        (0.9, 0.49, 1.0, False),
        (0.9, 0.51, 0.87, False),
        (0.9, 0.58, 0.0, True),
    ],
    ids=["good enough", "far below the best score", "too far", "no telling word", "as near as the nearest"],
)
def test_the_best_of_a_band_is_measured_by_the_best_of_all(
    found: Found, score: float, near: float, telling: float, stays: bool
) -> None:
    best = dataclasses.replace(found.passages[0], score=1.0, near=0.6, telling=1.0)
    whole = dataclasses.replace(found, passages=(best,))
    passage = dataclasses.replace(found.passages[0], score=score, near=near, telling=telling)
    limited = dataclasses.replace(found, passages=(passage,), episodes=found.episodes[:1])
    kept = on_subject_within(limited, whole)
    assert bool(kept.passages) is stays
    assert bool(kept.episodes) is stays


def test_an_answer_is_on_its_own_subject(found: Found) -> None:
    """Measured by itself, the best of an answer stays; of no answer, nothing does."""
    assert on_subject_within(found, found).passages[0] == found.passages[0]
    none = found.only(())
    assert on_subject_within(none, found) == on_subject_within(none, none) == none
    assert none.episodes == ()


async def test_opposite_are_only_passages_across_the_spectrum(found: Found) -> None:
    def at(position: float) -> Passage:
        record = found.passages[0].slices[found.passages[0].best]
        reading = dataclasses.replace(record.reading, position=position)
        return dataclasses.replace(
            found.passages[0], slices=(dataclasses.replace(record, reading=reading),), best=0, near=0.9
        )

    passages = tuple(at(position) for position in (-30, -5, 0, 5.9, 6, 40))
    everything = dataclasses.replace(found, passages=passages, floor=-1.0)
    assert opposite_passages(-7, everything) == [*passages[4:]]
    assert opposite_passages(30, everything) == [*passages[:1]]


def test_an_opposite_passage_is_clearly_on_the_subject(found: Found) -> None:
    best = found.passages[0]
    score, near = 0.8, 0.6
    reading = dataclasses.replace(best.slices[best.best].reading, position=40.0)
    record = dataclasses.replace(best.slices[best.best], reading=reading)
    there = dataclasses.replace(best, slices=(record,), best=0, score=score, near=near)
    for floor, is_shown in ((1.3, True), (1.37, False)):
        one = dataclasses.replace(found, passages=(there,), floor=floor)
        assert bool(opposite_passages(-30.0, one)) == is_shown
        far = dataclasses.replace(there, score=0.9, near=0.5)
        assert opposite_passages(-30.0, dataclasses.replace(one, passages=(far,))) == [], "shares words alone"


def test_what_is_counted_by_band_is_clearly_on_the_subject_or_first(found: Found) -> None:
    scores = ((0.8, 0.5), (0.9, 0.6), (0.8, 0.6))
    passages = tuple(
        dataclasses.replace(found.passages[0], rank=rank, score=score, near=near)
        for rank, (score, near) in enumerate(scores, start=1)
    )
    one = dataclasses.replace(found, passages=passages, floor=1.37)
    assert [passage.rank for passage in clearly_on_subject(one).passages] == [1, 2]
    assert [passage.rank for passage in clearly_on_subject(one, keeps_first=False).passages] == [2]
    none = dataclasses.replace(found, passages=(), episodes=())
    assert clearly_on_subject(none).passages == ()
