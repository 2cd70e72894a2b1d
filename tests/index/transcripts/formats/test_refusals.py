"""What is no transcript is refused by an error that names the file and, where there is one, the line."""

import json

import pytest

from index.errors import (
    FileCutShort,
    FileTooLarge,
    LineTooLong,
    MalformedCue,
    NestedTooDeeply,
    NoSpeech,
    NotATranscript,
    PageGiven,
    PictureGiven,
    RecordingGiven,
    SyntaxBroken,
    TimesRunBackwards,
    TranscriptRejected,
    UnsupportedFormat,
    WrongEncoding,
)
from index.transcripts.formats import parse_transcript

PROSE = (
    "We met on the night ferry and talked about the lamp, the law, and the long winter that followed it. " * 2
)
SRT = "1\n00:00:01,000 --> 00:00:02,000\nhello there\n\n2\n{0}\nagain\n"


@pytest.mark.parametrize(
    ("data", "name", "error", "line"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "x.vtt", PictureGiven, None),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "x", PictureGiven, None),
        (b"\x00" * 40, "shot.bmp", PictureGiven, None),
        (b"ID3\x03\x00\x00\x00 not really a sound", "monday.mp3", RecordingGiven, None),
        (b"\xff\xfb\x90\x44" + b"\x00" * 40, "x.txt", RecordingGiven, None),
        (b"\x00\x00\x00\x20ftypM4A \x00\x00", "x", RecordingGiven, None),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", "x", RecordingGiven, None),
        (b"OggS\x00\x02", "x.vtt", RecordingGiven, None),
        (bytes(range(256)) * 8, "talk.m4a", RecordingGiven, None),
        (b"\x1f\x8b\x08\x00", "talk.vtt.gz", UnsupportedFormat, None),
        (bytes(range(256)) * 8, "x.txt", NotATranscript, None),
        (b"<!DOCTYPE html><html><body>hello</body></html>", "x.txt", PageGiven, 1),
        (b"\n<html><head><title>Sign in</title></head></html>", "captions_en.vtt", PageGiven, 1),
        (b'<?xml version="1.0"?><rss><channel/></rss>', "x.xml", PageGiven, 1),
        (b"<transcript><text start='1'>oh</transcript>", "x.xml", SyntaxBroken, 1),
        (b"<transcript>\n<text start='1'>oh</text>\n<text sta", "x.xml", FileCutShort, 3),
        (b"<tt><body>\n<div><p begin='1s' end='2s'>oh</p>", "x.ttml", FileCutShort, 2),
        (b'<!DOCTYPE t [<!ENTITY a "b">]><timedtext>&a;</timedtext>', "x.srv3", PageGiven, 1),
        (b'{"name": "x", "version": 3}', "package.json", NotATranscript, None),
        (b'{"events": [\n{"a": ', "x.json", FileCutShort, 2),
        (b'{"segments": [\n{"start": 1, "text": "the la', "x.txt", FileCutShort, 2),
        (
            b'{"segments": [{"start": 1, "text": "the lamp"},\n{"start": 2., "text": "x"}]}',
            "x.json",
            SyntaxBroken,
            2,
        ),
        (b'{"segments": [{"start": 1, "text": "the lamp"}]}\n}', "x.json", SyntaxBroken, 2),
        (b'{"start": 1, "text": "oh"}\n{"start": 2, "te', "x.jsonl", FileCutShort, 2),
        (
            b'{"start": 1, "text": "oh"}\n{"start": 2}}\n{"start": 3, "text": "ah"}',
            "x.jsonl",
            SyntaxBroken,
            2,
        ),
        (b"[" * 100_000, "x.json", NestedTooDeeply, None),
        (
            b"import os\n\n\ndef main(argv):\n    return os.path.join('a', 'b')\n" * 9,
            "x.txt",
            NotATranscript,
            None,
        ),
        (b"id,name,age\n1,Ada,36\n2,Bo,41\n" * 9, "x.txt", NotATranscript, None),
        (b"# Title\n\n```\nx = {1: [2, 3]}\ny = f(x)[0] + 3\n```\n", "x.md", NotATranscript, None),
        (b"Hello there.", "x.txt", NotATranscript, None),
        (PROSE.encode(), "x.srt", NotATranscript, None),
        (b"", "x.txt", NoSpeech, None),
        (b"", "x.srt", NoSpeech, None),
        (b"WEBVTT\n\n", "x.vtt", NoSpeech, None),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n[Music]\n", "x.vtt", NoSpeech, None),
        (b'{"events": []}', "x.json3", NoSpeech, None),
        (b"fine\n" + PROSE.encode() + b"\ncaf\xe9", "x.txt", WrongEncoding, 3),
        (PROSE.encode("utf-16-le"), "x.txt", WrongEncoding, 1),
        (b"\xff\xfe\x00\x00" + PROSE.encode("utf-32-le"), "x.txt", WrongEncoding, 1),
        (b"\xff\xfea\x00\n\x00\x00\xd8b\x00", "x.txt", WrongEncoding, 2),
        (SRT.format("00:00:xx,000 --> 00:00:03,000").encode(), "x.srt", MalformedCue, 6),
        (SRT.format("NaN --> NaN").encode(), "x.srt", MalformedCue, 6),
        (SRT.format("49:00:02,000 --> 49:00:03,000").encode(), "x.srt", MalformedCue, 6),
        (SRT.format("00:99:02,000 --> 00:99:03,000").encode(), "x.srt", MalformedCue, 6),
        (b'[{"text": "hi", "start": NaN, "duration": 1}]', "x.json", MalformedCue, None),
        (b'[{"text": "hi", "start": -1, "duration": 1}]', "x.json", MalformedCue, None),
        (b'[{"text": "hi", "start": 1e999, "duration": 1}]', "x.json", MalformedCue, None),
        (b'[{"text": "hi", "start": true}]', "x.json", MalformedCue, None),
        (b'[{"text": "hi", "start": 1}, 7]', "x.json", MalformedCue, None),
        (b'<transcript><text start="soon">hi</text></transcript>', "x.xml", MalformedCue, None),
    ],
)
def test_refused_by_name_and_line(
    data: bytes, name: str, error: type[TranscriptRejected], line: int | None
) -> None:
    with pytest.raises(error) as refused:
        parse_transcript(data, name=name)
    assert type(refused.value) is error
    assert (refused.value.fields["file"], refused.value.fields["line"]) == (name, line)


def test_json_cut_anywhere_is_cut_short_and_the_place_is_told() -> None:
    whole = json.dumps({"segments": [{"start": 1.5, "end": 2, "text": "the lamp", "is_final": True}]})
    for n in range(20, len(whole)):
        with pytest.raises(FileCutShort) as refused:
            parse_transcript(whole[:n].encode(), name="cut.json")
        assert (refused.value.line, refused.value.column) == (1, len(whole[:n].rstrip()))


@pytest.mark.parametrize("opening", ["FORM", "caffeine", "RIFF", "MM", "II", "ID"])
def test_a_text_may_begin_as_a_recording_nearly_does(opening: str) -> None:
    assert parse_transcript(f"{opening} {PROSE}".encode(), name="x.txt").cues


def test_times_that_run_backwards() -> None:
    text = "1\n00:01:40,000 --> 00:01:42,000\nlater\n\n2\n00:00:05,000 --> 00:00:06,000\nearlier\n"
    with pytest.raises(TimesRunBackwards) as refused:
        parse_transcript(text.encode(), name="x.srt")
    assert refused.value.fields == {"file": "x.srt", "line": 6, "before_s": 100.0, "after_s": 5.0}


def test_a_file_above_fifty_megabytes() -> None:
    with pytest.raises(FileTooLarge) as refused:
        parse_transcript(b"a" * 50_000_001, name="x.txt")
    assert refused.value.fields == {"file": "x.txt", "line": None, "size": 50_000_001, "limit": 50_000_000}


@pytest.mark.parametrize("text", ["WEBVTT\n\n00:01.000 --> 00:02.000\n{0}\n", "Well.\n\n\n{0}"])
def test_a_line_of_two_million_characters(text: str) -> None:
    with pytest.raises(LineTooLong) as refused:
        parse_transcript(text.format("lamp " * 400_000).encode(), name="x")
    assert refused.value.fields == {"file": "x", "line": 4, "length": 2_000_000, "limit": 200_000}


def test_json_may_come_in_one_long_line() -> None:
    snippets = [{"text": "the lamp went out", "start": n, "duration": 1} for n in range(10_000)]
    assert len(parse_transcript(json.dumps(snippets).encode(), name="x.json").cues) == 10_000
