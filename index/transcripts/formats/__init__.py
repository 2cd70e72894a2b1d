"""Captions and published transcripts of every known format, read into one shape."""

from typing import get_args

from index.transcripts.formats.decoding import check_line_lengths, decoded
from index.transcripts.formats.detection import FormatName, Sniffed, sniff
from index.transcripts.formats.plain_text import parse_plain
from index.transcripts.formats.podcast_json import is_podcast_json, parse_podcast_json
from index.transcripts.formats.published import parse_published
from index.transcripts.formats.subrip import parse_subrip
from index.transcripts.formats.webvtt import parse_webvtt
from index.transcripts.formats.youtube_json3 import is_json3, parse_json3
from index.transcripts.formats.youtube_transcript_api import parse_snippets, snippets_of
from index.transcripts.formats.youtube_xml import parse_youtube_xml
from index.transcripts.model import Transcript

FORMATS: tuple[FormatName, ...] = get_args(FormatName)
"""Every name that ``Transcript.format`` may have."""

_TEXT_PARSERS = {
    "webvtt": parse_webvtt,
    "subrip": parse_subrip,
    "published": parse_published,
    "plain": parse_plain,
}

__all__ = ["FORMATS", "FormatName", "parse_transcript"]


def parse_transcript(data: bytes, *, name: str) -> Transcript:
    """The transcript in ``data``.

    Args:
        data: the whole file.
        name: the file's name; tells formats apart where the content does not, and stands in every error.

    Raises:
        TranscriptRejected: by its subclasses FileTooLarge, WrongEncoding, LineTooLong, NotATranscript,
            MalformedCue, TimesRunBackwards or NoSpeech, and by nothing else whatever the bytes are.
    """
    text = decoded(data, file=name)
    sniffed = sniff(text, file=name)
    parse = _TEXT_PARSERS.get(sniffed.format)
    if parse is not None:
        check_line_lengths(text, file=name)
        return parse(text, file=name)
    return _parse_structured(sniffed, text, name)


def _parse_structured(sniffed: Sniffed, text: str, name: str) -> Transcript:
    value = sniffed.value
    if is_json3(value):
        return parse_json3(value, file=name)
    if is_podcast_json(value):
        return parse_podcast_json(value, file=name)
    snippets = snippets_of(value)
    if snippets is not None:
        return parse_snippets(value, snippets, file=name)
    return parse_youtube_xml(text, file=name)
