"""Telling the format of a text: by what stands in it first, by the file's name second."""

import json
import re
from dataclasses import dataclass
from typing import Literal

from index.errors import NotATranscript
from index.transcripts.formats.cue_blocks import ARROW
from index.transcripts.formats.front_matter import split_front_matter
from index.transcripts.formats.markdown import heading_of
from index.transcripts.formats.podcast_json import is_podcast_json
from index.transcripts.formats.timestamps import CLOCK
from index.transcripts.formats.turns import has_marked_labels
from index.transcripts.formats.youtube_json3 import is_json3
from index.transcripts.formats.youtube_transcript_api import snippets_of

FormatName = Literal[
    "webvtt",
    "subrip",
    "youtube_json3",
    "youtube_xml",
    "youtube_transcript_api",
    "podcast_json",
    "published",
    "plain",
]

_HEADER = re.compile(r"\s*WEBVTT(?=\s|$)")
_YOUTUBE_ROOT = re.compile(
    r"\s*(?:<\?xml[^<>]*\?>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:transcript|timedtext)[\s>/]", re.DOTALL
)
_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml|\?php|svg|rss|script|div|tt[\s>])", re.IGNORECASE)
_TIMING = re.compile(rf"(?m)^[ \t]*-?{CLOCK}[ \t]*-->|-->[ \t]*-?{CLOCK}")
_CUE_NUMBER = re.compile(r"(?m)^[ \t]*[0-9]+[ \t]*\n[^\n]*-->")
_SUBTITLE_NAMES = (".srt", ".vtt")
_DATA_NAMES = (
    ".json", ".xml", ".html", ".htm", ".py", ".js", ".ts", ".css", ".c", ".h", ".cpp", ".rs", ".go", ".java", ".csv",
    ".conf", ".cfg", ".rb", ".php", ".ipynb", ".tsv", ".yml", ".yaml", ".toml", ".ini", ".sh", ".sql", ".log", ".lock",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A format, and the decoded value where finding it out took decoding JSON."""

    format: FormatName
    value: object = None


def sniff(text: str, *, file: str) -> Sniffed:
    """The format of ``text``, which is decoded and folded.

    Raises:
        NotATranscript: a web page, JSON or XML of another kind, a subtitle or data file by name that holds
            nothing of the sort. Whether a plain text reads as speech is for its parser to say.
    """
    if _HEADER.match(text):
        return Sniffed("webvtt")
    if text.lstrip()[:1] in {"{", "["} and (found := _json_format(text, file)) is not None:
        return found
    if _YOUTUBE_ROOT.match(text):
        return Sniffed("youtube_xml")
    if _PAGE.match(text):
        raise NotATranscript(file=file, line=1)
    name = file.lower()
    if ARROW in text and (
        _TIMING.search(text) or (name.endswith(_SUBTITLE_NAMES) and _CUE_NUMBER.search(text))
    ):
        return Sniffed("webvtt" if name.endswith(".vtt") else "subrip")
    if name.endswith(_SUBTITLE_NAMES) and not text.strip():
        return Sniffed("webvtt" if name.endswith(".vtt") else "subrip")
    if name.endswith((*_SUBTITLE_NAMES, *_DATA_NAMES)):
        raise NotATranscript(file=file, line=None)
    return Sniffed("published" if _is_published(text) else "plain")


def _json_format(text: str, file: str) -> Sniffed | None:
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        if file.lower().endswith(".json"):
            raise NotATranscript(file=file, line=error.lineno) from error
        return None
    except (ValueError, RecursionError) as error:
        raise NotATranscript(file=file, line=None) from error
    if is_json3(value):
        return Sniffed("youtube_json3", value)
    if is_podcast_json(value):
        return Sniffed("podcast_json", value)
    if snippets_of(value) is not None:
        return Sniffed("youtube_transcript_api", value)
    raise NotATranscript(file=file, line=None)


def _is_published(text: str) -> bool:
    block, _, _ = split_front_matter(text)
    lines = text.split("\n")
    return bool(block) or has_marked_labels(lines) or any(heading_of(line) for line in lines)
