"""A rolling automatic track comes out with every spoken word once, in order, at its second."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from index.transcripts.formats import parse_transcript
from index.transcripts.model import Transcript

Read = Callable[[str], Transcript]

words = st.sampled_from(["yes", "no", "the", "lamp", "very", "fog", "harbour", "I'm", "a"])
spoken_lines = st.lists(st.lists(words, min_size=1, max_size=6), min_size=4, max_size=12)


def test_every_word_once_and_honest_repeats_kept(read: Read) -> None:
    transcript = read("rolling.vtt")
    assert [cue.text for cue in transcript.cues] == [
        "welcome back to the night ferry",
        "it was very very quiet on deck",
        "yes",
        "yes",
        "that is what the harbour pilot said",
        "that is what the harbour pilot said",
    ]
    assert (transcript.format, transcript.track, transcript.hints.language) == ("webvtt", "auto", "en")


def test_each_word_knows_its_second(read: Read) -> None:
    cues = read("rolling.vtt").cues
    assert cues[0].word_starts_s == (0.16, 0.41, 0.66, 0.91, 1.16, 1.41)
    assert cues[2].word_starts_s == (4.48,)
    assert all(len(cue.word_starts_s) == len(cue.text.split()) for cue in cues)


def test_sound_notes_count_as_segments_but_are_no_words(read: Read) -> None:
    transcript = read("rolling.vtt")
    assert transcript.n_segments == len(transcript.cues) + 1
    assert "Music" not in " ".join(cue.text for cue in transcript.cues)


@given(spoken_lines)
def test_law_unrolling_a_rolled_vtt_gives_the_lines_back(lines: list[list[str]]) -> None:
    transcript = parse_transcript(_rolled_vtt(lines).encode(), name="x.vtt")
    assert [cue.text.split() for cue in transcript.cues] == lines


@given(spoken_lines)
def test_law_unrolling_a_rolled_srt_without_word_times_gives_the_lines_back(lines: list[list[str]]) -> None:
    transcript = parse_transcript(_rolled_srt(lines).encode(), name="x.srt")
    assert [cue.text.split() for cue in transcript.cues] == lines
    assert transcript.track == "auto"


def test_a_row_that_grows_word_by_word_is_one_sentence() -> None:
    text = "".join(
        f"{n}\n00:00:0{n},000 --> 00:00:0{n + 1},000\n{' '.join(['the', 'lamp', 'went', 'out'][: n + 1])}\n\n"
        for n in range(4)
    )
    transcript = parse_transcript(text.encode(), name="grown.srt")
    assert " ".join(cue.text for cue in transcript.cues) == "the lamp went out"


def test_a_track_that_does_not_roll_keeps_the_same_line_said_twice() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nYes.\n\n2\n00:00:02,000 --> 00:00:03,000\nYes.\n"
    assert [cue.text for cue in parse_transcript(text.encode(), name="x.srt").cues] == ["Yes.", "Yes."]


def _clock(ms: int, mark: str) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}{mark}{ms % 1000:03}"


def _rolled_vtt(lines: list[list[str]]) -> str:
    text = "WEBVTT\nKind: captions\n\n"
    before = " "
    for number, line in enumerate(lines):
        start = number * 3000
        timed = "".join(
            f"<{_clock(start + 100 * at, '.')}><c> {word}</c>" for at, word in enumerate(line[1:], 1)
        )
        whole = " ".join(line)
        text += f"{_clock(start, '.')} --> {_clock(start + 2990, '.')} align:start\n{before}\n{line[0]}{timed}\n\n"
        text += f"{_clock(start + 2990, '.')} --> {_clock(start + 3000, '.')} align:start\n{whole}\n \n\n"
        before = whole
    return text


def _rolled_srt(lines: list[list[str]]) -> str:
    text = ""
    before = ""
    for number, line in enumerate(lines):
        start = number * 3000
        whole = " ".join(line)
        text += f"{2 * number + 1}\n{_clock(start, ',')} --> {_clock(start + 2990, ',')}\n{before}{whole}\n\n"
        text += f"{2 * number + 2}\n{_clock(start + 2990, ',')} --> {_clock(start + 3000, ',')}\n{whole}\n\n"
        before = whole + "\n"
    return text
