"""Lines made to send patterns astray are read or refused without going astray (the suite's time limit watches)."""

from contextlib import suppress

import pytest

from index.errors import TranscriptRejected
from index.transcripts.formats import parse_transcript

LONG = 190_000
HOSTILE = [
    "# a" + " " * LONG + "b",
    "a" + " " * LONG + "b:",
    "**a" + " " * LONG + "(1:00",
    "<v" + " " * LONG,
    "[" * LONG,
    "(" * LONG,
    "*a" * (LONG // 2),
    "_a " * (LONG // 3),
    "<" * LONG,
    "-" * LONG + "x",
    ">> A: " * (LONG // 6),
    "&" * LONG,
    "youtube.com/watch?" * (LONG // 18),
    "[a](b" * (LONG // 5),
    "`a" * (LONG // 2),
    "0:00 " * (LONG // 5),
    "--> " * (LONG // 4),
    "[Music] , " * (LONG // 10),
]


@pytest.mark.parametrize("line", HOSTILE)
@pytest.mark.parametrize(
    "shell",
    [
        "WEBVTT\n\n00:01.000 --> 00:02.000\n{0}\n\n00:03.000 --> 00:04.000\n{0}\n",
        "---\ntitle: x\n---\n**Ada:** {0}\n\n{0}\n\n**Bo:** {0}\n",
        "---\nx: [\ntitle: {0}\n---\nWords of somebody, at last.\n",
        "{0}\n\n{0}\n",
    ],
)
def test_hostile_line(line: str, shell: str) -> None:
    with suppress(TranscriptRejected):
        parse_transcript(shell.replace("{0}", line).encode(), name="x")
