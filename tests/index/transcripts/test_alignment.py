"""Claims about taking a recording's seconds over to a published text."""

import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.transcripts.alignment import common_runs, with_times_of
from index.transcripts.formats import parse_transcript
from index.transcripts.model import Cue, Transcript

CORPUS = Path(__file__).resolve().parents[3] / ".." / "shared" / "corpus"

words = st.lists(st.sampled_from("a b c d e f g the of model risk".split()), max_size=120)


def captions_of(text: str, *, seconds_a_word: float = 0.5, words_a_cue: int = 8) -> Transcript:
    spoken = text.split()
    cues = tuple(
        Cue(
            text=" ".join(spoken[at : at + words_a_cue]),
            start_s=at * seconds_a_word,
            end_s=(at + len(spoken[at : at + words_a_cue])) * seconds_a_word,
        )
        for at in range(0, len(spoken), words_a_cue)
    )
    return Transcript(cues=cues, format="webvtt", kind="captions")


def published_of(*turns: str) -> Transcript:
    return Transcript(
        cues=tuple(Cue(text=turn, speaker=f"Speaker {number}") for number, turn in enumerate(turns)),
        format="published",
        kind="published",
    )


def test_every_turn_gets_the_second_its_first_word_was_heard_at() -> None:
    said = ["Well, the river has risen again this spring.", "It has; the mill wheel stood still for a week."]
    timed = with_times_of(
        published_of(*said), captions_of("well the river has risen again this spring it has "
                                         "the mill wheel stood still for a week")
    )  # fmt: skip
    assert [cue.start_s for cue in timed.cues] == [0.0, 4.0]
    assert [cue.speaker for cue in timed.cues] == ["Speaker 0", "Speaker 1"]
    assert [cue.text for cue in timed.cues] == said


def test_words_that_the_captions_misheard_lie_between_their_neighbours() -> None:
    timed = with_times_of(
        published_of("one two three Lindqvist five six seven"),
        captions_of("one two three lint fist five six seven"),
    )
    starts_s = timed.cues[0].word_starts_s
    assert starts_s[2] < starts_s[3] < starts_s[4]
    assert list(starts_s) == sorted(starts_s)


def test_another_talk_lends_no_times() -> None:
    published = published_of("the river has risen again this spring and the mill stands still")
    assert (
        with_times_of(published, captions_of("my dog likes to sleep under the old green table")) is published
    )


def test_captions_without_times_lend_none() -> None:
    published = published_of("the river has risen again")
    silent = replace(captions_of("x"), cues=(Cue(text="the river has risen again"),))
    assert with_times_of(published, silent) is published


@given(words, words)
def test_matches_are_equal_words_and_rise_on_both_sides(ours: list[str], theirs: list[str]) -> None:
    matches = common_runs(ours, theirs)
    assert all(ours[mine] == theirs[other] for mine, other in matches)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(matches))


@given(st.lists(st.integers(0, 300).map(str), min_size=3, max_size=900))
def test_a_text_matches_itself_whole_where_it_has_a_unique_phrase(text: list[str]) -> None:
    text = ["first", "words", "of", "all", "come", "once", *text]
    matched = common_runs(text, text)
    assert matched[:6] == [(place, place) for place in range(6)]
    assert matched == [(place, place) for place in range(len(text))]


def test_a_long_talk_with_many_repeats_is_matched_almost_whole() -> None:
    chance = random.Random(7)
    common = [f"w{number}" for number in range(400)]
    said = [chance.choice(common) for _ in range(20_000)]
    heard = [word if chance.random() > 0.08 else "misheard" for word in said if chance.random() > 0.02]
    matches = common_runs(said, heard)
    assert len(matches) > 0.8 * len(said)


def test_one_word_repeated_forever_says_nothing_about_place() -> None:
    assert common_runs(["so"] * 20_000, ["so"] * 20_000) == []


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus does not lie beside this checkout")
@pytest.mark.parametrize("name", ["jesse-hoogland", "caspar-oesterheld", "samuel-albanie"])
def test_a_real_talk_gets_its_marks_back_within_three_seconds(name: str) -> None:
    path = next(path for path in sorted(CORPUS.rglob("*")) if name in path.name)
    truth = parse_transcript(path.read_bytes(), name=path.name)
    chance = random.Random(3)
    marks = [(at, cue.start_s) for at, cue in enumerate(truth.cues) if cue.start_s is not None]
    heard: list[Cue] = []
    for (at, start_s), (after, stop_s) in pairwise([*marks, (len(truth.cues), (truth.end_s or 0.0) + 60.0)]):
        spoken = " ".join(cue.text for cue in truth.cues[at:after]).lower().replace(",", "").split()
        step_s = (stop_s - start_s) / max(len(spoken), 1)
        spoken = [word if chance.random() > 0.1 else "[unclear]" for word in spoken]
        heard.extend(
            Cue(
                text=" ".join(spoken[first : first + 9]),
                start_s=start_s + first * step_s,
                end_s=start_s + min(first + 9, len(spoken)) * step_s,
            )
            for first in range(0, len(spoken), 9)
        )
    captions = Transcript(cues=tuple(heard), format="webvtt", kind="captions", track="auto")
    bare = replace(
        truth, cues=tuple(replace(cue, start_s=None, end_s=None, word_starts_s=()) for cue in truth.cues)
    )
    timed = with_times_of(bare, captions)
    errors_s = [abs((timed.cues[at].start_s or 0.0) - start_s) for at, start_s in marks]
    assert len(errors_s) > 20
    assert max(errors_s) <= 3.0
