"""Claims about the inverted index: it says what the texts say, however it came to be."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.storage.inverted_index import Postings, PostingsBuilder, SliceStems
from index.text.tokens import stems_in

WORDS = st.lists(st.sampled_from(["river", "mill", "dam", "école", "the", "rose"]), max_size=12).map(" ".join)
SLICES = st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=8)


def added(slices: list[tuple[str, str, str]]) -> PostingsBuilder:
    made = PostingsBuilder()
    for text, heading, about in slices:
        made.add(SliceStems.of(text, heading, Counter(stems_in(about))))
    return made


def postings_of(slices: list[tuple[str, str, str]]) -> Postings:
    return added(slices).build()


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
    changed = added(after).build((postings_of(before), kept))
    staying = [slice_ for slice_, is_kept in zip(before, kept, strict=True) if is_kept]
    anew = postings_of([*staying, *after])
    assert said(changed) == said(anew)
    assert changed.lengths.tolist() == anew.lengths.tolist()


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
