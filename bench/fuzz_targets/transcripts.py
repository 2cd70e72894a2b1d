"""Every parser of a transcript, the detection of formats and encodings, front matter, dates, and the alignment."""

# ruff: noqa: E501 (a table of inputs reads better in rows)

import json
from collections.abc import Callable
from random import Random
from typing import Any

from bench.fuzz_targets import Target, text
from index.errors import TranscriptRejected
from index.transcripts.alignment import with_times_of
from index.transcripts.formats import TEXT_PARSERS, parse_transcript
from index.transcripts.formats.dates import day_in
from index.transcripts.formats.decoding import folded
from index.transcripts.formats.front_matter import read_front_matter, split_front_matter
from index.transcripts.formats.speakers import accepted_labels
from index.transcripts.model import Cue, Transcript

_SYNTAX = {
    "webvtt": ("WEBVTT\n\n", "\n\n00:00:{s}.000 --> 00:00:{s}.900\n", "<v Ada>", "- ", ">> ", "<00:00:01.000><c>", "NOTE\n"),
    "subrip": ("\n\n1\n00:00:{s},000 --> 00:00:{s},900\n", "[A]: ", "Ada: ", "<br>", "\\N", "{\\an8}", "-->", "– >"),
    "sbv": ("\n\n0:00:{s}.000,0:00:{s}.900\n", "[br]", "0:00:01.000,"),
    "substation": ("[Events]\n", "\nDialogue: 0,0:00:{s}.00,0:00:{s}.90,D,Ada,0,0,0,,", "{\\i1}", "\nFormat: Start,End,Text\n"),
    "microdvd": ("{1}{1}25\n", "\n{{s}}{{s}}", "|", "{y:i}"),
    "mpl2": ("\n[{s}][{s}]", "|", "/"),
    "lyrics": ("[ti:x]\n", "\n[00:{s}.00]", "<00:{s}.00>", "[offset:+5]"),
    "ttml": ("<tt><body>", "<p begin='{s}s'>", "<span>", "</span>", "</p>", "<br/>", "</body></tt>"),
    "youtube_xml": ("<timedtext><body>", "<p t='{s}000' d='900'>", "<s>", "</s>", "</p>", "</body></timedtext>"),
    "table": ("start,end,text\n", "\n{s},{s},", '"', "\t"),
    "published": (
        "---\ntitle: x\n---\n", "# ", "**Ada:** ", "\n\n**Ada** (0:{s}):\n", "[0:{s}](https://youtu.be/abcdefghijk?t={s}) ",
        "\\[0:{s}\\] ", "0:{s}\n", "- [0:{s}] Ada: ", "| 0:{s} | Ada | ", "### 0:{s} - ", "0 minutes {s} seconds\n", "Transcript\n",
    ),
}  # fmt: skip


def _of_format(name: str) -> Callable[[Random, int], str]:
    def make(random: Random, size: int) -> str:
        units = [unit.replace("{s}", f"{second:02}") for unit in _SYNTAX[name] for second in (1, 2, 59)]
        chosen = random.choices(units, k=random.randint(1, 6))
        foreign = text(random, random.randint(0, 40))
        run = "".join(chosen) + foreign
        body = run * (size // max(1, len(run)) + 1)
        return (_SYNTAX[name][0] + body)[: max(size, 1)]

    return make


def _parse(name: str) -> Callable[[str], object]:
    return lambda made: TEXT_PARSERS[name](folded(made), file="x")  # type: ignore[index]


def _json(random: Random, size: int) -> bytes:
    keys = random.choices(
        ("text", "start", "end", "duration", "body", "startTime", "word", "speaker", "utf8", "segs"), k=4
    )
    row: dict[str, Any] = {
        key: random.choice((text(random, 12), random.random() * 100, random.randint(-5, 10**6), None))
        for key in keys
    }
    rows = [row] * max(1, size // 60)
    value = random.choice((rows, {"segments": rows}, {"events": rows}, {"results": {"items": rows}}))
    return json.dumps(value).encode()


def _bytes(random: Random, size: int) -> bytes:
    encoding = random.choice(("utf-8", "cp1251", "cp1252", "gb18030", "shift_jis", "utf-16"))
    return text(random, size).encode(encoding, errors="replace")


def _any(data: bytes) -> object:
    return parse_transcript(data, name="x.txt")


def _pair(random: Random, size: int) -> tuple[Transcript, Transcript]:
    words = text(random, size).split() or ["a"]
    published = Transcript(
        tuple(Cue(" ".join(words[at : at + 30])) for at in range(0, len(words), 30)), "published", "published"
    )
    heard = [word for word in words if random.random() > 0.1] or ["a"]
    cues = tuple(
        Cue(" ".join(heard[at : at + 9]), start_s=float(at), end_s=at + 9.0) for at in range(0, len(heard), 9)
    )
    return published, Transcript(cues, "webvtt", "captions")


_REFUSED = (TranscriptRejected,)

TARGETS = (
    *(
        Target(f"parse {name}", _of_format(name), _parse(name), expected=_REFUSED, largest=100_000)
        for name in _SYNTAX
    ),
    Target("parse json", _json, _any, expected=_REFUSED, largest=100_000),
    Target("parse any bytes", _bytes, _any, expected=_REFUSED, largest=100_000),
    Target(
        "front matter", text, lambda made: read_front_matter(split_front_matter(f"---\n{made}\n---\n")[0])
    ),
    Target("day in", text, day_in),
    Target("labels", text, lambda made: accepted_labels(made.split("\n"), n_openings=made.count("\n") + 1)),
    Target("align", _pair, lambda pair: with_times_of(*pair), largest=60_000),
)
