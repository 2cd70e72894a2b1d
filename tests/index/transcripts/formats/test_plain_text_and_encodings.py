"""Plain text is paragraphs of speech; encodings other than UTF-8 are read where they cannot be mistaken."""

from collections.abc import Callable

import pytest

from index.transcripts.formats import FORMATS, parse_transcript
from index.transcripts.model import Transcript

Read = Callable[[str], Transcript]

SRT = "1\n00:00:01,000 --> 00:00:02,000\nUn café, s’il vous plaît\n"


def test_paragraphs_are_cues_without_times(read: Read) -> None:
    transcript = read("plain.txt")
    assert len(transcript.cues) == 2
    assert transcript.cues[0].text.endswith("nobody was allowed to leave the harbour.")
    assert (transcript.format, transcript.kind, transcript.is_timed) == ("plain", "published", False)


def test_lines_are_cues_where_no_blank_line_parts_them() -> None:
    text = "The lamp went out in the night.\nNobody on the whole ferry saw it go.\nWe did not even look for it then.\n"
    assert len(parse_transcript(text.encode(), name="x.txt").cues) == 3


def test_labels_in_plain_text_are_speakers() -> None:
    text = "Ada: Where is the lamp now?\n\nBo: On the table: there.\n\nAda: I see it.\n\nBo: Good."
    cues = parse_transcript(text.encode(), name="x.txt").cues
    assert [(cue.speaker, cue.text) for cue in cues] == [
        ("Ada", "Where is the lamp now?"),
        ("Bo", "On the table: there."),
        ("Ada", "I see it."),
        ("Bo", "Good."),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_a_subtitle_file(encoding: str) -> None:
    assert parse_transcript(SRT.encode(encoding), name="x.srt").cues[0].text == "Un café, s’il vous plaît"


def test_line_ends_of_three_systems() -> None:
    for end in ("\n", "\r\n", "\r"):
        assert parse_transcript(SRT.replace("\n", end).encode(), name="x.srt").cues[0].start_s == 1.0


def test_the_names_of_the_formats_are_stable() -> None:
    assert FORMATS == (
        "webvtt",
        "subrip",
        "sbv",
        "substation",
        "microdvd",
        "mpl2",
        "lyrics",
        "ttml",
        "youtube_json3",
        "youtube_xml",
        "youtube_transcript_api",
        "podcast_json",
        "segments_json",
        "table",
        "published",
        "plain",
    )
