"""Telling the format of a text: by what stands in it first, by the file's name second."""

import json
import re
import sys
from dataclasses import dataclass
from typing import Literal

from index.errors import (
    FileCutShort,
    NestedTooDeeply,
    NotATranscript,
    PageGiven,
    SyntaxBroken,
    UnsupportedFormat,
)
from index.transcripts.formats.block_subtitles import SBV_TIMING, TIMING
from index.transcripts.formats.json_rows import rows_of
from index.transcripts.formats.line_subtitles import FRAME_LINE, LYRICS_TAG, TENTHS_LINE
from index.transcripts.formats.tables import is_table
from index.transcripts.formats.youtube_json3 import is_json3

FormatName = Literal[
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
]

_HEADER = re.compile(r"\s*WEBVTT(?=\s|$)")
_XML_HEAD = r"\s*(?:<\?xml[^<>]{0,500}\?>\s*)?(?:<!--.{0,500}?-->\s*)?"
_YOUTUBE_ROOT = re.compile(rf"{_XML_HEAD}<(?:transcript|timedtext)[\s>/]", re.DOTALL)
_TTML_ROOT = re.compile(rf"{_XML_HEAD}<(?:[a-z][\w.-]{{0,20}}:)?tt[\s>]", re.DOTALL)
_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml|\?php|svg|rss|script|div)", re.IGNORECASE)
_SUBSTATION = re.compile(
    r"(?mi)^[ \t]*\[Script Info\]|^[ \t]*Dialogue[ \t]*:[ \t]*[^,\n]{0,20},[ \t]*\d{1,2}:\d{2}:\d{2}"
)
_ARROW_LINE = re.compile(r"(?m)^[^\n]{0,40}[0-9][^\n]{0,10}-->")
_CUE_NUMBER = re.compile(r"(?m)^[ \t]*[0-9]+[ \t]*\n[^\n]*-->")
_OPENINGS: tuple[tuple[re.Pattern[str], FormatName], ...] = (
    (_HEADER, "webvtt"),
    (_YOUTUBE_ROOT, "youtube_xml"),
    (_TTML_ROOT, "ttml"),
)
_UNREAD = (
    (re.compile(r"\s*<SAMI\b", re.IGNORECASE), "SAMI"),
    (re.compile(r"\s*Scenarist_SCC"), "SCC"),
    (re.compile(r"\s*(?:\$FontName|//.{0,200}\n\s*\$)"), "Spruce STL"),
    (re.compile(r"\s*# VobSub index file"), "VobSub"),
    (
        re.compile(rf"{_XML_HEAD}<(?:USFSubtitles|DCSubtitle|SubtitleReel|fcpxml|xmeml)\b", re.DOTALL),
        "XML subtitle",
    ),
)
_NAMED_FORMATS: dict[str, FormatName] = {
    ".srt": "subrip", ".vtt": "webvtt", ".sbv": "sbv", ".ass": "substation", ".ssa": "substation", ".lrc": "lyrics",
    ".ttml": "ttml", ".dfxp": "ttml", ".itt": "ttml",
}  # fmt: skip
_SUBTITLE_NAMES = (*_NAMED_FORMATS, ".sub", ".smi", ".scc", ".stl", ".idx")
_DATA_NAMES = (
    ".json", ".xml", ".html", ".htm", ".py", ".js", ".ts", ".css", ".c", ".h", ".cpp", ".rs", ".go", ".java", ".csv",
    ".conf", ".cfg", ".rb", ".php", ".ipynb", ".tsv", ".yml", ".yaml", ".toml", ".ini", ".sh", ".sql", ".log", ".lock",
)  # fmt: skip
_JSON_NAMES = (".json", ".json3", ".jsonl")
_JSON_OPENING = re.compile(r'\s*\[?\s*\{\s*"[^"\n]{1,60}"\s*:')
_LONGEST_JSON_WORD = len("Infinity")
_OPENING = 20_000
_FEWEST_LINES_OF_FORMAT = 2


@dataclass(frozen=True, slots=True)
class Detected:
    """A format, and the decoded value where finding it out took decoding JSON."""

    format: FormatName
    value: object = None


def detect(text: str, *, file: str) -> Detected:
    """Return the format of ``text``, which is decoded and folded.

    Raises:
        UnsupportedFormat: captions of a kind that is not read; PageGiven; SyntaxBroken: JSON with an error, or cut
            short, by FileCutShort; NotATranscript: JSON or XML of another
            kind, a subtitle or data file by name that holds nothing of the sort; NestedTooDeeply. Whether a plain
            text reads as speech is for its parser to say.
    """
    for signature, name in _UNREAD:
        if signature.match(text):
            raise UnsupportedFormat(file=file, line=1, format=name)
    if text.lstrip()[:1] in {"{", "["} and (found := _json_format(text, file)) is not None:
        return found
    by_opening = next((name for signature, name in _OPENINGS if signature.match(text)), None)
    if by_opening is not None:
        return Detected(by_opening)
    if _PAGE.match(text):
        raise PageGiven(file=file, line=1)
    by_lines = _format_of_lines(text, file.lower())
    if by_lines is not None:
        return Detected(by_lines)
    return Detected(_format_by_name(text, file))


def _format_by_name(text: str, file: str) -> FormatName:
    """Return the format of a text that shows none: of an empty caption file its own, of others published text."""
    suffix = next((name for name in (*_SUBTITLE_NAMES, *_DATA_NAMES) if file.lower().endswith(name)), None)
    if suffix is None:
        return "published"
    if text.strip() or suffix not in _NAMED_FORMATS:
        raise NotATranscript(file=file, line=None)
    return _NAMED_FORMATS[suffix]


def _format_of_lines(text: str, name: str) -> FormatName | None:
    """Return the format that lines of a fixed form tell."""
    opening = text[:_OPENING]
    if _SUBSTATION.search(opening):
        return "substation"
    if TIMING.search(text) or (name.endswith((".srt", ".vtt")) and _has_broken_timings(text)):
        return "webvtt" if name.endswith(".vtt") else "subrip"
    if SBV_TIMING.search(opening):
        return "sbv"
    if name.endswith(".lrc") or LYRICS_TAG.search(opening[:2000]):
        return "lyrics"
    rows = [row for row in opening.split("\n") if row.strip()]
    for pattern, found in ((FRAME_LINE, "microdvd"), (TENTHS_LINE, "mpl2")):
        n_rows = sum(1 for row in rows if pattern.fullmatch(row))
        if n_rows >= min(_FEWEST_LINES_OF_FORMAT, len(rows)) and 2 * n_rows > len(rows):
            return "microdvd" if found == "microdvd" else "mpl2"
    return "table" if is_table(text) else None


def _has_broken_timings(text: str) -> bool:
    return "-->" in text and (_CUE_NUMBER.search(text) is not None or _ARROW_LINE.search(text) is not None)


def _json_format(text: str, file: str) -> Detected | None:
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        rows = _json_lines(text)
        if rows and (found := rows_of(rows)) is not None:
            return Detected(found.format_name, found)
        if file.lower().endswith(_JSON_NAMES) or _JSON_OPENING.match(text):
            raise _broken_json(text, file, error) from error
        return None
    except RecursionError as error:
        raise NestedTooDeeply(file=file, line=None, limit=sys.getrecursionlimit()) from error
    except ValueError as error:
        raise NotATranscript(file=file, line=None) from error
    if is_json3(value):
        return Detected("youtube_json3", value)
    if (found := rows_of(value)) is not None:
        return Detected(found.format_name, found)
    if isinstance(value, dict | list):
        raise NotATranscript(file=file, line=None)
    return None


def _broken_json(text: str, file: str, error: json.JSONDecodeError) -> SyntaxBroken:
    """Return where JSON, or one of several lines of JSON, is broken, and if it is because its end is missing."""
    if error.msg == "Extra data":
        return _broken_json_line(text, file, error)
    return _syntax_broken(file, error, error.lineno, is_last=True)


def _broken_json_line(text: str, file: str, whole: json.JSONDecodeError) -> SyntaxBroken:
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    for number, line in lines:
        try:
            json.loads(line)
        except json.JSONDecodeError as error:
            if line is lines[0][1]:  # one value in several lines, with something after it
                break
            return _syntax_broken(file, error, number, is_last=number == lines[-1][0])
        except (ValueError, RecursionError):
            break
    return _syntax_broken(file, whole, whole.lineno, is_last=False)


def _syntax_broken(file: str, error: json.JSONDecodeError, line: int, *, is_last: bool) -> SyntaxBroken:
    left = error.doc[error.pos :].strip()
    is_at_end = len(left) < _LONGEST_JSON_WORD and left[:1] not in {"}", "]"}
    if is_last and (is_at_end or error.msg.startswith("Unterminated string")):
        *before, last = error.doc.rstrip().split("\n")
        return FileCutShort(file=file, line=max(line, len(before) + 1), format="JSON", column=len(last))
    return SyntaxBroken(file=file, line=line, format="JSON", column=error.colno)


def _json_lines(text: str) -> list[object]:
    """Return the values of a file that holds one on each line; none where a line is no JSON."""
    rows: list[object] = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except (ValueError, RecursionError):
            return []
    return rows
