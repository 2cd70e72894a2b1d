"""Laws of ranking: order of arrival does not count, more evidence never harms, merging never overlaps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.search.ranking import (
    Evidence,
    SliceGroup,
    diversify,
    episode_order,
    group_neighbours,
    on_subject,
    scores,
)

KINDS = list(Evidence.__dataclass_fields__)
SHARES = st.floats(0, 1, width=32)
ROWS = st.lists(st.tuples(*(SHARES for _ in KINDS)), min_size=1, max_size=12)
PLACES = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 12)), unique=True, max_size=25)


def evidence_of(rows: list[tuple[float, ...]]) -> Evidence:
    return Evidence(*np.array(rows, np.float64).reshape(-1, len(KINDS)).T)


@given(ROWS, st.randoms())
def test_a_score_depends_on_its_own_evidence_alone(rows: list[tuple[float, ...]], random: object) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = scores(evidence_of([rows[place] for place in order]))
    assert shuffled == pytest.approx(scores(evidence_of(rows))[order])


@given(ROWS, st.sampled_from(KINDS), SHARES)
def test_more_evidence_never_lowers_a_score(rows: list[tuple[float, ...]], kind: str, more: float) -> None:
    before = evidence_of(rows)
    after = replace(before, **{kind: np.minimum(getattr(before, kind) + more, 1.0)})
    assert np.all(scores(after) >= scores(before) - 1e-12)


def kept_of(
    rows: list[tuple[float, float, float]],
    *,
    certain: int | None = None,
    whole: int | None = None,
    telling: tuple[float, ...] | None = None,
    episodes: tuple[int, ...] | None = None,
) -> list[int]:
    """Return the places of the groups that stay, of rows of score, nearness and terms, best first; the floor is 1."""
    score, near, terms = (np.array(column) for column in zip(*rows, strict=True))
    groups = [SliceGroup((place,), float(score[place])) for place in range(len(rows))]
    are_whole, are_certain = (
        np.array([place == known for place in range(len(rows))]) for known in (whole, certain)
    )
    kept = on_subject(
        groups, score, near, terms=terms, telling=terms if telling is None else np.array(telling),
        whole=are_whole, certain=are_certain, floor=1.0,
        episodes=range(len(rows)) if episodes is None else episodes,
    )  # fmt: skip
    return [group.places[0] for group in kept]


@pytest.mark.parametrize(
    "row",
    [(0.69, 0.6, 1.0), (0.71, 0.2, 1.0), (0.9, 0.5, 0.4), (0.9, 0.5, 0.0)],
    ids=["far below the best score", "below the floor", "half of the words", "none of the words"],
)
def test_a_further_passage_that_is_off_the_subject_is_left_out(row: tuple[float, float, float]) -> None:
    first, other = (1.0, 0.6, 0.9), (0.9, 0.55, 0.9)
    assert kept_of([first, row, other]) == [0, 2]
    assert kept_of([first, row, other], certain=1) == [0, 1, 2]
    assert kept_of([row, first]) == [0, 1]  # the best passage is shown whatever it is


def test_half_of_the_words_are_not_enough_without_a_telling_one() -> None:
    """Of “does it make inequality worse” a passage has “make” and “worse”: nobody asked for these."""
    rows = [(1.0, 0.6, 0.7), (0.9, 0.5, 0.42), (0.9, 0.5, 0.42), (0.9, 0.58, 0.42)]
    assert kept_of(rows, telling=(7.4, 3.8, 6.8, 3.8)) == [0, 2, 3], "or it is as near as the nearest"


def test_in_the_episode_of_the_first_passage_a_less_telling_word_is_enough() -> None:
    """A talk on one chess program names it once, and speaks of its moves for an hour."""
    rows, telling = [(1.0, 0.6, 0.8), (0.9, 0.5, 0.45)], (7.4, 3.8)
    assert kept_of(rows, telling=telling, episodes=(1, 1)) == [0, 1]
    assert kept_of(rows, telling=telling, episodes=(1, 2)) == [0]
    assert kept_of(rows, telling=(7.4, 3.0), episodes=(1, 1)) == [0], "half as telling, no less"


def test_the_first_passages_too_are_somewhat_near_unless_they_hold_all_words() -> None:
    rows = [(1.0, 0.7, 0.9), (0.9, 0.39, 0.9), (0.9, 0.41, 0.9)]
    assert kept_of(rows) == [0, 2]
    assert kept_of(rows, whole=1) == [0, 1, 2]


def test_a_passage_in_other_words_stays_where_it_is_as_near_as_the_nearest() -> None:
    assert kept_of([(1.0, 0.6, 0.9), (0.8, 0.58, 0.0)]) == [0, 1]


def test_from_the_fourth_on_passages_are_nearly_as_near_as_the_first() -> None:
    rows = [(1.0, 0.6, 1.0), (0.95, 0.45, 1.0), (0.9, 0.45, 1.0), (0.9, 0.51, 1.0), (0.9, 0.49, 1.0)]
    assert kept_of(rows) == [0, 1, 2, 3]
    assert kept_of(rows, whole=4) == [0, 1, 2, 3, 4], "or hold all of the question's words"


def test_no_groups_are_on_no_subject() -> None:
    none, no = np.zeros(0), np.zeros(0, bool)
    assert (
        on_subject([], none, none, terms=none, telling=none, whole=no, certain=no, episodes=(), floor=1.0)
        == []
    )


def test_no_candidates_have_no_scores() -> None:
    assert scores(evidence_of([])).shape == (0,)


@given(PLACES, st.integers(1, 4), st.randoms())
def test_merged_neighbours_never_overlap_nor_jump(
    ordinals: list[tuple[int, int]], longest: int, random: object
) -> None:
    score = np.array([random.random() for _ in ordinals])  # type: ignore[attr-defined]
    order = np.argsort(-score, kind="stable").tolist()
    groups = group_neighbours(order, score, ordinals, longest=longest)
    assert sorted(place for group in groups for place in group.places) == list(range(len(ordinals)))
    for group in groups:
        held = sorted(ordinals[place] for place in group.places)
        assert len({episode for episode, _ in held}) == 1
        assert [ordinal for _, ordinal in held] == list(range(held[0][1], held[0][1] + len(held)))
        assert len(held) <= longest
        assert group.score == score[group.places[0]] == max(score[place] for place in group.places)
    assert [group.score for group in groups] == sorted((group.score for group in groups), reverse=True)


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(1, 4)), max_size=20), st.floats(0, 0.5))
def test_spreading_loses_nothing_and_keeps_each_episodes_order(
    found: list[tuple[float, int]], penalty: float
) -> None:
    found = sorted(found, key=lambda row: -row[0])
    groups = [SliceGroup((place,), score) for place, (score, _) in enumerate(found)]
    spread = diversify(groups, [episode for _, episode in found], penalty=penalty)
    assert sorted(group.places for group in spread) == [group.places for group in groups]
    for episode in {episode for _, episode in found}:
        own = [group.places[0] for group in spread if found[group.places[0]][1] == episode]
        assert own == sorted(own)
    if spread:
        assert spread[0] is groups[0]


def test_a_long_episode_does_not_fill_an_answer() -> None:
    groups = [SliceGroup((place,), score) for place, score in enumerate([2.0, 1.99, 1.98, 1.95])]
    assert [group.places[0] for group in diversify(groups, [1, 1, 1, 2])] == [0, 3, 1, 2]
    assert diversify(groups, [1, 1, 1, 2], penalty=0.0) == groups


def test_a_second_good_passage_lifts_its_episode_a_little() -> None:
    assert episode_order([(1, 2.0), (2, 1.99), (2, 1.98)]) == [2, 1]
    assert episode_order([(1, 2.0), (2, 1.5), (2, 1.5), (2, 1.5)]) == [1, 2]
    assert episode_order([]) == []


@given(st.lists(st.tuples(st.integers(1, 5), st.floats(0, 3)), max_size=20))
def test_every_episode_is_ranked_once(passages: list[tuple[int, float]]) -> None:
    ranked = episode_order(sorted(passages, key=lambda row: -row[1]))
    assert sorted(ranked) == sorted({episode for episode, _ in passages})
