"""Every parser has limits, and says which one a file goes beyond."""

# ruff: noqa: E501 (a table of inputs reads better in rows)

import json
from contextlib import suppress

import pytest

from index.errors import NestedTooDeeply, TooManyCues, TooManyLines, TooManyWords, TranscriptRejected
from index.transcripts.formats import parse_transcript


@pytest.mark.parametrize("tag", ["p", "text", "s", "div"])
def test_nested_xml(tag: str) -> None:
    for root in ("timedtext", "transcript", "tt"):
        data = f"<{root}><body>" + f'<{tag} t="1" begin="1s">a' * 30_000
        with pytest.raises(NestedTooDeeply) as refused:
            parse_transcript(data.encode(), name="x.xml")
        assert refused.value.fields["limit"] == 32


def test_more_lines_than_any_conversation_has() -> None:
    with pytest.raises(TooManyLines):
        parse_transcript(b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"- A\n" * 1_600_000, name="x.vtt")


def test_more_turns_than_any_conversation_has() -> None:
    with pytest.raises(TooManyCues):
        parse_transcript(b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"- A\n" * 301_000, name="x.vtt")


def test_more_captions_than_any_conversation_has() -> None:
    with pytest.raises(TooManyCues):
        parse_transcript(b"00:00:01,000 --> 00:00:02,000\n" * 301_000, name="x.srt")


def test_more_words_than_any_conversation_has() -> None:
    row = "a b c d e f g h i j " * 1000
    value = [{"text": row, "start": n, "duration": 1} for n in range(201)]
    with pytest.raises(TooManyWords):
        parse_transcript(json.dumps(value).encode(), name="x.json")


@pytest.mark.parametrize(
    "row",
    [
        "lamp and law and the long winter\n", "Ada: 0:05\n", "[0:05] ", "(0:05)\n", "**A** ", "- 0:05 - ", "| 0:05 | A | b |\n",
        "0:05\n", "A\n0:05\n", "# 0:05 A\n", "[A](b?t=5) ", "\\[0:05\\] A: b\n", "0:05 0:05\n", "[A 0:05]\n", "1. [0:05]\n",
    ],
)  # fmt: skip
def test_a_hundred_kilobytes_of_one_shape_are_read_or_refused(row: str) -> None:
    """The suite's time limit watches; ``bench/fuzz.py`` measures the growth."""
    text = row * (100_000 // len(row))
    with suppress(TranscriptRejected):
        parse_transcript(text.encode(), name="x.md")
