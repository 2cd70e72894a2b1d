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
    scores,
    without_reposts,
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


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=12))
def test_the_same_words_are_shown_once_and_no_episode_of_them_is_lost(rows: list[tuple[int, int]]) -> None:
    """Rows of an episode and of what is said; each episode says a thing once."""
    rows = list(dict.fromkeys(rows))
    vectors = np.eye(4, dtype=np.float32)[[said for _, said in rows]].reshape(-1, 4)
    groups = [SliceGroup((place,), -float(place)) for place in range(len(rows))]
    kept = without_reposts(groups, vectors, [episode for episode, _ in rows])
    said = list(dict.fromkeys(said for _, said in rows))
    assert [rows[group.places[0]][1] for group in kept] == said
    for group in kept:
        episode, words = rows[group.places[0]]
        assert group.also_in == tuple(other for other, same in rows if same == words and other != episode)


def test_an_episode_may_say_the_same_twice() -> None:
    groups = [SliceGroup((0,), 2.0), SliceGroup((1,), 1.0)]
    assert without_reposts(groups, np.ones((2, 1), np.float32), [1, 1]) == groups
    assert without_reposts([], np.zeros((0, 1), np.float32), []) == []
