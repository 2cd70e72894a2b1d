"""Captions and published transcripts of every known format, read into one shape.

``parse_transcript`` is the door: bytes in, a ``Transcript`` or a typed error out. A format is one function in a module
named for it; they share ``timestamps``, ``markup``, ``speakers``, ``caption_lines`` and ``assembly``. What is known
of an episode from elsewhere than its transcript does not belong here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import get_args

from index.errors import NotATranscript
from index.transcripts.formats.block_subtitles import parse_sbv, parse_subrip, parse_webvtt
from index.transcripts.formats.decoding import check_line_lengths, decode
from index.transcripts.formats.detection import Detected, FormatName, detect
from index.transcripts.formats.json_rows import JsonRows, parse_rows
from index.transcripts.formats.line_subtitles import (
    parse_frames,
    parse_lyrics,
    parse_substation,
    parse_tenths,
)
from index.transcripts.formats.published import parse_published
from index.transcripts.formats.speakers import full_names, written_as_names
from index.transcripts.formats.tables import parse_table
from index.transcripts.formats.timed_xml import parse_ttml, parse_youtube_xml
from index.transcripts.formats.youtube_json3 import is_json3, parse_json3
from index.transcripts.model import Transcript

FORMATS: tuple[FormatName, ...] = get_args(FormatName)
"""Every name that ``Transcript.format`` may have."""

TEXT_PARSERS: dict[FormatName, Callable[..., Transcript]] = {
    "webvtt": parse_webvtt,
    "subrip": parse_subrip,
    "sbv": parse_sbv,
    "substation": parse_substation,
    "microdvd": parse_frames,
    "mpl2": parse_tenths,
    "lyrics": parse_lyrics,
    "ttml": parse_ttml,
    "youtube_xml": parse_youtube_xml,
    "table": parse_table,
    "published": parse_published,
    "plain": parse_published,
}
"""The parser of each format that is read from text; those of JSON take the decoded value."""

__all__ = [
    "FORMATS",
    "TEXT_PARSERS",
    "FormatName",
    "parse_transcript",
    "with_full_names",
    "with_written_names",
]

_IN_ONE_LINE = ("ttml", "youtube_xml")


def parse_transcript(data: bytes, *, name: str) -> Transcript:
    r"""Return the transcript in ``data``.

    Args:
        data: the whole file.
        name: the file's name; tells formats apart where the content does not, and stands in every error.

    Raises:
        TranscriptRejected: by its subclasses FileTooLarge, WrongEncoding, LineTooLong, NotATranscript,
            UnsupportedFormat, SyntaxBroken, NestedTooDeeply, MalformedCue, TimesRunBackwards, TooManyLines,
            TooManyCues, TooManyWords or NoSpeech, and by nothing else whatever the bytes are.

    Example:
        >>> parse_transcript(b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello.", name="a.vtt").cues[0].start_s
        1.0
    """
    decoded = decode(data, file=name)
    detected = detect(decoded.text, file=name)
    transcript = _parsed(detected, decoded.text, name)
    transcript = with_full_names(transcript, known=(*transcript.hints.hosts, *transcript.hints.guests))
    return (
        transcript
        if decoded.encoding == transcript.encoding
        else replace(transcript, encoding=decoded.encoding)
    )


def with_full_names(transcript: Transcript, *, known: Iterable[str]) -> Transcript:
    """Return ``transcript`` with each speaker under the fullest form of the name; see ``speakers.full_names``."""
    if all(cue.speaker is None for cue in transcript.cues):
        return transcript
    turns = [
        cue.speaker
        for before, cue in pairwise((None, *transcript.cues))
        if cue is not None
        and cue.speaker is not None
        and (before is None or cue.starts_turn or before.speaker != cue.speaker)
    ]
    return _renamed(transcript, full_names(turns, known=known))


def with_written_names(transcript: Transcript, *, known: Iterable[str]) -> Transcript:
    """Return ``transcript`` with names in capitals as names are written; see ``speakers.written_as_names``."""
    labels = {cue.speaker for cue in transcript.cues if cue.speaker is not None}
    return _renamed(transcript, written_as_names(labels, known=known))


def _renamed(transcript: Transcript, names: Mapping[str, str]) -> Transcript:
    if not names:
        return transcript
    cues = [
        replace(cue, speaker=names[cue.speaker]) if cue.speaker is not None and cue.speaker in names else cue
        for cue in transcript.cues
    ]
    return replace(transcript, cues=tuple(cues))


def _parsed(detected: Detected, text: str, name: str) -> Transcript:
    if isinstance(detected.value, JsonRows):
        return parse_rows(detected.value, file=name)
    if is_json3(detected.value):
        return parse_json3(detected.value, file=name)
    parse = TEXT_PARSERS.get(detected.format)
    if parse is None:
        raise NotATranscript(file=name, line=None)
    if detected.format not in _IN_ONE_LINE:
        check_line_lengths(text, file=name)
    return parse(text, file=name)
