"""How far a quote's second lies from the truth when only cues, or a mark now and then, have times.

YouTube's rolling automatic tracks know when every word starts, so they can be made poorer and compared with
themselves. ``python tests/index/search/test_second_of_quote.py`` prints the distribution.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from index.text.slicing import slice_transcript
from index.transcripts.formats import parse_transcript
from index.transcripts.model import Cue, Transcript

TRACKS = Path(__file__).resolve().parents[3] / ".." / "shared" / "corpus" / "captions"
MARKED_EVERY_S = 30.0
Floats = npt.NDArray[np.float64]


def fully_timed() -> list[Transcript]:
    """The tracks whose every word has a time."""
    transcripts = (
        parse_transcript(path.read_bytes(), name=path.name) for path in sorted(TRACKS.glob("*.vtt"))
    )
    return [transcript for transcript in transcripts if all(cue.word_starts_s for cue in transcript.cues)]


def by_cue(transcript: Transcript) -> Transcript:
    """The same words where each caption line knows its start and end and no more."""
    return replace(transcript, cues=tuple(replace(cue, word_starts_s=()) for cue in transcript.cues))


def by_mark(transcript: Transcript) -> Transcript:
    """The same words in paragraphs of half a minute, of which each knows its start, as published ones do."""
    groups: list[list[Cue]] = []
    for cue in transcript.cues:
        if not groups or (cue.start_s or 0.0) >= (groups[-1][0].start_s or 0.0) + MARKED_EVERY_S:
            groups.append([])
        groups[-1].append(cue)
    cues = (Cue(" ".join(cue.text for cue in group), group[0].start_s) for group in groups)
    return replace(transcript, cues=tuple(cues), kind="published")


def errors_s(transcript: Transcript, poorer: Callable[[Transcript], Transcript]) -> tuple[Floats, Floats]:
    """By how many seconds the poorer transcript's slices are early (-) or late (+): at each unit's start, at each word.

    Automatic tracks have no sentences, so that their units mostly start where a cue does; sentences of other tracks
    start anywhere, for which the words stand.
    """
    truth = [second for cue in transcript.cues for second in cue.word_starts_s]
    at_units, at_words, number = [], [], 0
    for piece in slice_transcript(poorer(transcript)):
        starts = {start for start, _ in piece.units()}
        offset = 0
        for word in piece.text.split(" "):
            second = piece.second_at(offset)
            assert second is not None
            at_words.append(second - truth[number])
            if offset in starts:
                at_units.append(second - truth[number])
            offset += len(word) + 1
            number += 1
    assert number == len(truth)
    return np.array(at_units), np.array(at_words)


def off_by_s(poorer: Callable[[Transcript], Transcript]) -> tuple[Floats, Floats]:
    """How far off, at the start of every unit and at every word of all tracks; 0 or more."""
    if not TRACKS.is_dir():
        pytest.skip("needs the automatic tracks of ../shared/corpus, which are not here")
    found = [errors_s(transcript, poorer) for transcript in fully_timed()]
    at_units, at_words = (np.abs(np.concatenate(part)) for part in zip(*found, strict=True))
    return at_units, at_words


def test_where_every_word_has_a_time_a_quote_has_it_too() -> None:
    at_units, at_words = off_by_s(lambda cues: cues)
    assert max(at_units.max(), at_words.max()) < 0.01


def test_where_cues_have_times_a_quote_is_within_three_seconds_wherever_it_starts() -> None:
    at_units, at_words = off_by_s(by_cue)
    assert np.mean(at_units < 3.0) >= 0.99
    assert np.mean(at_words < 3.0) >= 0.99


def test_where_half_minutes_are_marked_most_quotes_are_within_three_seconds_and_none_leaves_its_own() -> None:
    for off in off_by_s(by_mark):
        assert np.mean(off < 3.0) >= 0.9
        assert off.max() < 1.5 * MARKED_EVERY_S


if __name__ == "__main__":
    print(f"{len(fully_timed())} tracks whose every word has a time")
    for name, poorer in (("cue times", by_cue), (f"a mark every {MARKED_EVERY_S:g} s", by_mark)):
        for where, off in zip(("unit starts", "words"), off_by_s(poorer), strict=True):
            spread = (
                f"median {np.median(off):.2f} s, p95 {np.percentile(off, 95):.2f} s, max {off.max():.2f} s"
            )
            print(f"{name}, {len(off)} {where}: {spread}, below 3 s {np.mean(off < 3.0):.4f}")
