"""Claims about asking an edition's words: BM25 as written down, wherever the words are stored."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.storage.bm25 import BM25Index
from index.storage.inverted_index import ABOUT, HEADING, TEXT, Postings, PostingsBuilder, SliceStems
from index.text.tokens import idf, stems_in

WORDS = st.lists(st.sampled_from(["river", "mill", "dam", "école", "the", "rose"]), max_size=12).map(" ".join)
SLICES = st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=8)
KEPT = st.lists(st.booleans(), min_size=8, max_size=8)


def postings_of(slices: list[tuple[str, str, str]]) -> Postings:
    made = PostingsBuilder()
    for text, heading, about in slices:
        made.add(SliceStems.of(text, heading, Counter(stems_in(about))))
    return made.build()


@given(SLICES, KEPT, SLICES, KEPT)
def test_parts_answer_as_one_whole_does(
    before: list[tuple[str, str, str]], keep: list[bool], after: list[tuple[str, str, str]], allow: list[bool]
) -> None:
    kept = np.array(keep[: len(before)], bool)
    parts = BM25Index((postings_of(before), kept), (postings_of(after), None))
    left = [slice_ for slice_, is_kept in zip(before, kept, strict=True) if is_kept]
    whole = BM25Index((postings_of([*left, *after]), None))
    stems = ["river", "mill", "ecol", "absent"]
    assert len(parts) == len(whole)
    assert [parts.frequency(stem) for stem in stems] == [whole.frequency(stem) for stem in stems]
    assert np.array_equal(parts.held(stems, np.arange(len(parts))), whole.held(stems, np.arange(len(whole))))
    saying = [
        place
        for place, (text, _, _) in enumerate([*left, *after])
        if {"river", "mill"} <= set(stems_in(text))
    ]
    assert parts.saying_all(["river", "mill", "river"]).tolist() == saying
    assert parts.saying_all([]).tolist() == []
    allowed = np.resize(np.array(allow, bool), len(parts))
    for limit in (2, 100):
        for among in (None, allowed):
            ours = parts.best(stems, limit, together=iter([["river", "mill"]]), allowed=among)
            theirs = whole.best(stems, limit, together=[["river", "mill"]], allowed=among)
            assert ours[0].tolist() == theirs[0].tolist()
            assert ours[1] == pytest.approx(theirs[1], rel=1e-5)


@given(SLICES, st.lists(st.sampled_from(["river", "mill", "ecol", "absent"]), max_size=4))
def test_scores_are_bm25_with_weighted_fields(slices: list[tuple[str, str, str]], asked: list[str]) -> None:
    postings = BM25Index((postings_of(slices), None))
    counted = [[Counter(stems_in(text)) for text in slice_] for slice_ in slices]
    lengths = [sum(sum(counts.values()) for counts in slice_) for slice_ in counted]
    mean = (sum(lengths) / len(lengths) if lengths else 1.0) or 1.0
    expected = {}
    for place, (text, heading, about) in enumerate(counted):
        score = 0.0
        for stem in set(asked):
            n_having = sum(any(counts[stem] for counts in slice_) for slice_ in counted)
            often = text[stem] + 0.5 * heading[stem] + 0.3 * about[stem]
            norm = 1.2 * (0.25 + 0.75 * lengths[place] / mean)
            score += idf(len(slices), n_having) * often * 2.2 / (often + norm) if often else 0.0
        if score > 0:
            expected[place] = score
    places, scores = postings.best(asked, 100)
    assert dict(zip(places.tolist(), scores.tolist(), strict=True)) == pytest.approx(expected, rel=1e-4)
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    few, _ = postings.best(asked, 2)
    assert len(few) == min(2, len(expected))


@given(SLICES)
def test_it_knows_which_fields_hold_a_word(slices: list[tuple[str, str, str]]) -> None:
    postings = BM25Index((postings_of(slices), None))
    places = np.arange(len(slices))
    stems = ["river", "absent", "ecol"]
    held = postings.held(stems, places)
    for row, stem in enumerate(stems):
        for place, fields in enumerate(slices):
            bits = sum(
                bit
                for bit, text in zip((TEXT, HEADING, ABOUT), fields, strict=True)
                if stem in stems_in(text)
            )
            assert held[row, place] == bits


def test_words_that_belong_together_count_where_all_of_them_are() -> None:
    slices = [("river", "", ""), ("mill", "", ""), ("river mill and a dam there", "", "")]
    postings = BM25Index((postings_of(slices), None))
    apart, plain = postings.best(["river", "mill"], 10)
    together, higher = postings.best(["river", "mill"], 10, together=[["river", "mill"]])
    assert together[0] == 2
    assert higher[0] > plain[apart.tolist().index(2)]
    assert sorted(higher[1:].tolist()) == sorted(plain[apart != 2].tolist())
