"""Claims about the inverted index: it says what the texts say, however it came to be."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.keywords import stems_in, telling
from index.postings import ABOUT, HEADING, TEXT, Added, Postings

WORDS = st.lists(st.sampled_from(["river", "mill", "dam", "école", "the", "rose"]), max_size=12).map(" ".join)
SLICES = st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=8)


def added(slices: list[tuple[str, str, str]]) -> Added:
    made = Added()
    for text, heading, about in slices:
        made.add(text, heading, Counter(stems_in(about)))
    return made


def postings_of(slices: list[tuple[str, str, str]]) -> Postings:
    return added(slices).joined_to(None, np.zeros(0, bool))


def said(postings: Postings) -> dict[str, list[tuple[int, int, int]]]:
    stems = postings.stems.tobytes().decode().split("\n") if len(postings.stems) else []
    return {
        stem: [
            (int(postings.places[at]), int(postings.tenths[at]), int(postings.held_in[at]))
            for at in range(postings.starts[number], postings.starts[number + 1])
        ]
        for number, stem in enumerate(stems)
    }


@given(SLICES, st.lists(st.booleans(), min_size=8, max_size=8), SLICES)
def test_taking_out_and_adding_is_the_same_as_beginning_anew(
    before: list[tuple[str, str, str]], keep: list[bool], after: list[tuple[str, str, str]]
) -> None:
    kept = np.array(keep[: len(before)], bool)
    changed = added(after).joined_to(postings_of(before), kept)
    staying = [one for one, is_kept in zip(before, kept, strict=True) if is_kept]
    anew = postings_of([*staying, *after])
    assert said(changed) == said(anew)
    assert changed.lengths.tolist() == anew.lengths.tolist()


@given(SLICES, st.lists(st.sampled_from(["river", "mill", "ecol", "absent"]), max_size=4))
def test_scores_are_bm25_with_weighted_fields(slices: list[tuple[str, str, str]], asked: list[str]) -> None:
    postings = postings_of(slices)
    counted = [[Counter(stems_in(text)) for text in one] for one in slices]
    lengths = [sum(sum(counts.values()) for counts in one) for one in counted]
    mean = (sum(lengths) / len(lengths) if lengths else 1.0) or 1.0
    expected = {}
    for place, (text, heading, about) in enumerate(counted):
        score = 0.0
        for stem in set(asked):
            n_having = sum(any(counts[stem] for counts in one) for one in counted)
            often = text[stem] + 0.5 * heading[stem] + 0.3 * about[stem]
            norm = 1.2 * (0.25 + 0.75 * lengths[place] / mean)
            score += telling(len(slices), n_having) * often * 2.2 / (often + norm) if often else 0.0
        if score > 0:
            expected[place] = score
    places, scores = postings.best(asked, 100)
    assert dict(zip(places.tolist(), scores.tolist(), strict=True)) == pytest.approx(expected, rel=1e-4)
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    few, _ = postings.best(asked, 2)
    assert len(few) == min(2, len(expected))


@given(SLICES)
def test_it_knows_which_fields_hold_a_word(slices: list[tuple[str, str, str]]) -> None:
    postings = postings_of(slices)
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
    postings = postings_of([("river", "", ""), ("mill", "", ""), ("river mill and a dam there", "", "")])
    apart, plain = postings.best(["river", "mill"], 10)
    together, higher = postings.best(["river", "mill"], 10, together=[["river", "mill"]])
    assert together[0] == 2
    assert higher[0] > plain[apart.tolist().index(2)]
    assert sorted(higher[1:].tolist()) == sorted(plain[apart != 2].tolist())


def test_what_was_saved_is_what_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "postings.npy"
    for slices in ([], [("", "", "")], [("the river rose", "école", "mill"), ("", "", "")]):
        made = postings_of(slices)
        made.save(path)
        opened = Postings.open(path)
        assert said(opened) == said(made)
        assert len(opened) == len(slices)
    whole = path.read_bytes()
    for cut in (0, 5, 70, len(whole) - 64):
        path.write_bytes(whole[:cut])
        with pytest.raises((ValueError, OSError)):
            Postings.open(path)
