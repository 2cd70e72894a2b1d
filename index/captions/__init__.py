"""Captions and published transcripts of every known format, read into one shape."""

from typing import get_args

from index.captions.decoding import check_line_lengths, decoded
from index.captions.plain import parse_plain
from index.captions.podcast_json import is_podcast_json, parse_podcast_json
from index.captions.published import parse_published
from index.captions.sniff import FormatName, Sniffed, sniff
from index.captions.subrip import parse_subrip
from index.captions.webvtt import parse_webvtt
from index.captions.youtube_json3 import is_json3, parse_json3
from index.captions.youtube_transcript_api import parse_snippets, snippets_of
from index.captions.youtube_xml import parse_youtube_xml
from index.transcript import Transcript

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
