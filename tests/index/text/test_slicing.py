"""Claims about slices: every word once and in order, cut where speech pauses."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text.slicing import TARGET_CHARS, Slice, goes_on, interpolate_second, joined, slice_transcript
from index.transcripts.formats import parse_transcript
from index.transcripts.model import Cue, Transcript

from ..conftest import SHARED, piece_of

SPEAKERS = st.sampled_from([None, "Ada Lind", "Bo Berg"])
CHAPTERS = st.sampled_from([None, "The dam", "The mill"])
WORDS = st.lists(
    st.sampled_from(["river", "Dr.", "and", "risen.", "mill,", "why?", "I", "dam", "wheel", "x" * 350]),
    min_size=1,
    max_size=25,
)


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    """Cues as parsers give them: with word times, with their own times only, or with none."""
    cues = []
    now_s = 0.0
    for _ in range(draw(st.integers(1, 60))):
        words = draw(WORDS)
        times = draw(st.sampled_from(["words", "cue", "none", "open"]))
        start_s = now_s
        starts_s = []
        for _ in words:
            starts_s.append(round(now_s, 2))
            now_s += draw(st.sampled_from([0.0, 0.2, 0.5, 3.0]))
        cues.append(
            Cue(
                text=" ".join(words),
                start_s=None if times == "none" else start_s,
                end_s=now_s if times in ("words", "cue") else None,
                speaker=draw(SPEAKERS),
                chapter=draw(CHAPTERS),
                word_starts_s=tuple(starts_s) if times == "words" else (),
                starts_turn=draw(st.booleans()),
            )
        )
        now_s -= draw(st.sampled_from([0.0, 0.0, 0.5])) if now_s > 1 else 0.0  # cues of players overlap
    return Transcript(tuple(cues), "made", "captions")


def words_of(pieces: tuple[Slice, ...]) -> list[str]:
    return [word for piece in pieces for word in piece.text.split(" ")]


@given(transcripts(), st.sampled_from([1, 60, 400, TARGET_CHARS]))
@settings(max_examples=60)
def test_every_word_is_in_exactly_one_slice_in_order(transcript: Transcript, target_chars: int) -> None:
    pieces = slice_transcript(transcript, target_chars=target_chars)
    assert words_of(pieces) == [word for cue in transcript.cues for word in cue.text.split(" ")]
    assert [piece.ordinal for piece in pieces] == list(range(len(pieces)))


@given(transcripts())
@settings(max_examples=60)
def test_a_slice_knows_its_units_its_seconds_and_its_turns(transcript: Transcript) -> None:
    for piece in slice_transcript(transcript, target_chars=300):
        ends = piece.unit_ends
        assert list(ends) == sorted(set(ends))
        assert ends[-1] == len(piece.text)
        assert " ".join(piece.text[start:end] for start, end in piece.units()) == piece.text
        assert all(
            earlier[0] < later[0] and earlier[1] <= later[1] for earlier, later in pairwise(piece.anchors)
        )
        assert piece.turns[0] == (0, piece.speaker)
        seconds = [piece.second_at(offset) for offset in range(len(piece.text))]
        if not piece.anchors:
            assert set(seconds) == {None}
            continue
        known = [second for second in seconds if second is not None]
        assert len(known) == len(seconds)
        assert known == sorted(known)
        assert known[0] == piece.start_s
        assert piece.end_s is None or known[-1] <= max(piece.end_s, piece.anchors[-1][1]) + 1e-9


@given(transcripts())
@settings(max_examples=40)
def test_a_slice_begins_with_the_speaker_and_the_chapter_of_its_first_word(transcript: Transcript) -> None:
    owners = [cue for cue in transcript.cues for _ in cue.text.split(" ")]
    at = 0
    for piece in slice_transcript(transcript, target_chars=300):
        assert (piece.speaker, piece.chapter) == (owners[at].speaker, owners[at].chapter)
        for offset, speaker in piece.turns:
            place = at + piece.text[:offset].count(" ")
            assert owners[place].speaker == speaker == piece.speaker_at(offset)
        at += piece.text.count(" ") + 1


def test_cuts_fall_at_the_ends_of_sentences() -> None:
    text = " ".join(
        f"The river rose for the {n}th time this year, and the mill stood still." for n in range(200)
    )
    pieces = slice_transcript(Transcript((Cue(text),), "made", "published"))
    assert len(pieces) > 5
    assert all(piece.text.startswith("The river") and piece.text.endswith("still.") for piece in pieces)


def test_a_new_chapter_is_the_best_place_to_cut() -> None:
    sentence = "The river rose and the mill stood still for all of that week. "
    cues = [Cue((sentence * 15).strip(), chapter="One"), Cue((sentence * 40).strip(), chapter="Two")]
    pieces = slice_transcript(Transcript(tuple(cues), "made", "published"))
    assert pieces[0].text == cues[0].text
    assert all(piece.chapter == "Two" for piece in pieces[1:])


def test_slices_are_about_a_minute_and_leave_no_short_rest() -> None:
    text = "the river rose and the mill stood still " * 700
    lengths = [
        len(piece.text)
        for piece in slice_transcript(Transcript((Cue(text.strip()),), "made", "captions", "auto"))
    ]
    assert min(lengths) > 0.7 * TARGET_CHARS
    assert max(lengths) < 1.4 * TARGET_CHARS


def test_one_word_is_one_slice() -> None:
    (piece,) = slice_transcript(Transcript((Cue("Yes", 3.0, 4.0),), "made", "captions"))
    assert (piece.text, piece.start_s, piece.end_s, piece.unit_ends) == ("Yes", 3.0, 4.0, (3,))


def test_a_target_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="0"):
        slice_transcript(Transcript((Cue("Yes"),), "made", "captions"), target_chars=0)


def test_a_second_between_two_known_ones_is_in_proportion() -> None:
    piece = piece_of("The river rose.", "It fell.", anchors=((0, 10.0), (10, 20.0)), end_s=26.8)
    assert piece.second_at(5) == 15.0
    assert piece.second_at(10) == 20.0
    assert piece.second_at(17) == pytest.approx(20 + 6.8 * 7 / 14)
    assert interpolate_second((), 5, 10, 20.0) is None


def test_two_million_characters_in_one_line_are_cut() -> None:
    text = ("the river rose and the mill stood still. But nobody came, " * 35_000)[:2_000_000].strip()
    pieces = slice_transcript(Transcript((Cue(text),), "made", "published"))
    assert words_of(pieces) == text.split(" ")
    one_word = slice_transcript(Transcript((Cue("x" * 2_000_000),), "made", "published"))
    assert len(one_word) == 1


def test_the_episode_of_the_seed_page_makes_sixteen() -> None:
    page = SHARED / "seed-page.txt"
    if not page.is_file():
        pytest.skip("the seed page is not beside this checkout")
    spoken = max(page.read_text(encoding="utf-8").splitlines(), key=len)
    transcript = parse_transcript(spoken.encode(), name="seed.txt")
    pieces = slice_transcript(transcript)
    assert len(pieces) == 16
    assert words_of(pieces) == re.sub(r"\[Music\]", " ", spoken).split()


@given(transcripts())
def test_the_turns_of_a_slice_are_all_its_words_each_by_its_speaker(transcript: Transcript) -> None:
    for piece in slice_transcript(transcript, target_chars=300):
        turns = list(piece.turn_bounds())
        assert " ".join(piece.text[start:end] for start, end, _ in turns) == piece.text
        assert [(start, speaker) for start, _, speaker in turns] == list(piece.turns)
        assert all(start < end for start, end, _ in turns)


@given(transcripts(), st.sampled_from([60, 400]))
@settings(max_examples=60)
def test_two_slices_as_one_have_the_sentences_seconds_and_speakers_of_both(
    transcript: Transcript, target_chars: int
) -> None:
    for first, second in pairwise(slice_transcript(transcript, target_chars=target_chars)):
        whole, shift = joined(first, second), len(first.text) + 1
        assert whole.text == f"{first.text} {second.text}"
        assert [whole.text[start:end] for start, end in whole.units()] == [
            piece.text[start:end] for piece in (first, second) for start, end in piece.units()
        ]
        if second.anchors:
            for start, _ in second.units():
                at, alone = whole.second_at(shift + start), second.second_at(start)
                assert at is not None
                assert at == alone or start < second.anchors[0][0]
        for start, _ in second.units():
            assert whole.speaker_at(shift + start) == second.speaker_at(start)
        assert len(whole.turns) == len(first.turns) + len(second.turns) - goes_on(first, second)


def test_a_slice_goes_on_in_the_next_where_the_same_speaker_does() -> None:
    first, second = piece_of("The dam is old."), piece_of("It may break.")
    assert goes_on(first, second), "no turns are marked at all"
    assert not goes_on(replace(first, turns=((0, None), (4, None))), second), "one may begin there"
    named = replace(first, speaker="Bo", turns=((0, "Bo"), (4, "Ada")))
    assert goes_on(named, replace(second, speaker="Ada", turns=((0, "Ada"), (3, "Bo"))))
    assert not goes_on(named, replace(second, speaker="Bo", turns=((0, "Bo"),)))
    assert not goes_on(first, replace(second, chapter="The dam"))
