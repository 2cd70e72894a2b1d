"""WebVTT and SubRip as people write them: voices, labels, asides, careless blocks."""

from collections.abc import Callable

import pytest

from index.transcripts.formats import parse_transcript
from index.transcripts.model import Transcript

Read = Callable[[str], Transcript]


def srt(*rows: str) -> Transcript:
    """A SubRip file of one caption a second."""
    text = "".join(
        f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\n{row}\n\n" for n, row in enumerate(rows, 1)
    )
    return parse_transcript(text.encode(), name="x.srt")


def test_voices_become_speakers_and_asides_are_not_spoken(read: Read) -> None:
    transcript = read("uploaded.vtt")
    assert [(cue.speaker, cue.text) for cue in transcript.cues] == [
        ("Mara Okonjo", "Every lamp & every keeper had a number."),
        ("Tobias Fenn", "Really?"),
        ("Mara Okonjo", "Really."),
        ("Tobias Fenn", "Then the fog came."),
    ]
    assert (transcript.track, transcript.hints.language) == ("uploaded", "en-GB")


def test_hours_may_be_left_out(read: Read) -> None:
    cues = read("uploaded.vtt").cues
    assert (cues[0].start_s, cues[0].end_s) == (1.0, 4.5)
    assert (cues[-1].start_s, cues[-1].end_s) == (3608.0, 3609.25)


def test_labels_that_recur_are_speakers_and_other_colons_are_speech(read: Read) -> None:
    transcript = read("talk.srt")
    assert [(cue.speaker, cue.text, cue.starts_turn) for cue in transcript.cues] == [
        ("MARA OKONJO", "Good evening. The rule is: never leave the lamp.", True),
        ("TOBIAS FENN", "And in fog?", True),
        ("MARA OKONJO", "Then, above all, then. So: twice as never.", True),
        ("MARA OKONJO", "We kept it burning", False),
        (None, "Did you sleep?", True),
        (None, "Not once.", True),
    ]


def test_two_turns_in_one_caption_share_its_time(read: Read) -> None:
    asked, answered = read("talk.srt").cues[-2:]
    assert asked.start_s == 9.0
    assert asked.end_s == answered.start_s
    assert 9.5 < (answered.start_s or 0.0) < 10.5
    assert answered.end_s == 11.0


@pytest.mark.parametrize(
    "row", ["Sorry: why?", "Note: it was dark.", "He wrote: go home.", "See https://example.org"]
)
def test_a_sentence_with_a_colon_is_no_label(row: str) -> None:
    transcript = srt(row, "And on.", row)
    assert transcript.cues[0].text == row
    assert transcript.cues[0].speaker is None


def test_a_first_name_is_a_label_once_it_recurs() -> None:
    assert [cue.speaker for cue in srt("Mara: Hello.", "Tobias: Hi.", "Mara: So.", "Tobias: Well.").cues] == [
        "Mara",
        "Tobias",
        "Mara",
        "Tobias",
    ]


def test_double_chevrons_open_turns_even_in_the_middle_and_nameless() -> None:
    cues = srt(
        "&gt;&gt; Where is it? >> Here.", "I hold it.", ">> ADA: Thanks.", ">> BO: No.", ">> ADA: Yes."
    ).cues
    assert [(cue.text, cue.starts_turn) for cue in cues] == [
        ("Where is it?", True),
        ("Here.", True),
        ("I hold it.", False),
        ("Thanks.", True),
        ("No.", True),
        ("Yes.", True),
    ]
    assert [cue.speaker for cue in cues[3:]] == ["ADA", "BO", "ADA"]


def test_a_turn_mark_at_the_end_of_a_caption_opens_the_next() -> None:
    assert [(cue.text, cue.starts_turn) for cue in srt("I see >>", "so do I").cues] == [
        ("I see", False),
        ("so do I", True),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("[Music] hello", "hello"),
        ("so (laughs), well", "so, well"),
        ("♪ la la ♪", "la la"),
        ("♩ la la", "la la"),
        ("[upbeat music playing] go", "go"),
        ("[Mara and Tobias laugh] stop", "stop"),
        ("say [that] again", "say [that] again"),
        ("music (mostly choirs) is old", "music (mostly choirs) is old"),
        ("bleep [ __ ] it", "bleep it"),
    ],
)
def test_sound_notes_go_and_insertions_stay(row: str, said: str) -> None:
    assert srt(row).cues[0].text == said


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("The file is <stdin> and x <y and z> w", "The file is <stdin> and x <y and z> w"),
        ("a <b and c> d, <a lot of> e", "a <b and c> d, <a lot of> e"),
        ("a <i>b</i> <B>c</B> <font color='red'>d</font><br/>e", "a b c d e"),
        ("<u>a</u> <s >b</s> <span class=x>c</span>", "a b c"),
        ("a &lt;i&gt;b&lt;/i&gt; and x &lt;y and z&gt; w", "a b and x <y and z> w"),
    ],
)
def test_tags_of_captions_go_and_what_stands_between_other_signs_stays(row: str, said: str) -> None:
    assert srt(row).cues[0].text == said
    vtt = f"WEBVTT\n\n00:01.000 --> 00:04.000\n{row}\n"
    assert parse_transcript(vtt.encode(), name="x.vtt").cues[0].text == said


def test_tags_of_webvtt_go() -> None:
    row = "<c.yellow.bg_blue>a</c> <lang en-GB>b</lang> <ruby>c<rt>d</rt></ruby> <00:02.000><c>e</c> <i.loud>f</i>"
    vtt = f"WEBVTT\n\n00:01.000 --> 00:04.000\n{row}\n"
    assert parse_transcript(vtt.encode(), name="x.vtt").cues[0].text == "a b cd e f"


def test_captions_left_empty_are_dropped() -> None:
    transcript = srt("[Applause]", "Hello.", "...")
    assert [cue.text for cue in transcript.cues] == ["Hello."]
    assert transcript.n_segments == 3


def test_captions_listed_out_of_order_within_ten_seconds_are_sorted() -> None:
    text = "1\n00:00:09,000 --> 00:00:10,000\nlast\n\n2\n00:00:01,000 --> 00:00:02,000\nfirst\n"
    assert [cue.text for cue in parse_transcript(text.encode(), name="x.srt").cues] == ["first", "last"]


def test_blank_lines_between_blocks_and_numbers_may_be_missing() -> None:
    text = (
        "1\n00:00:01,000 --> 00:00:02,000\none\n"
        "2\n00:00:02.000 --> 00:00:03.000\n\ntwo\n\n"
        "00:00:04,000 --> 00:00:05,000\nthree"
    )
    assert [cue.text for cue in parse_transcript(text.encode(), name="x").cues] == ["one", "two", "three"]


def test_content_outweighs_the_name_of_the_file() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nhello there\n"
    assert parse_transcript(text.encode(), name="x.txt").format == "webvtt"
