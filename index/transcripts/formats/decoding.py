"""From the bytes of a file to its text: size, encoding, and characters that nobody hears."""

import codecs
import re
from dataclasses import dataclass

from index.errors import (
    FileTooLarge,
    LineTooLong,
    NotATranscript,
    PictureGiven,
    RecordingGiven,
    TooManyLines,
    UnsupportedFormat,
    WrongEncoding,
)
from index.transcripts.formats.encodings import detected_encoding

LARGEST_FILE_BYTES = 50_000_000
LONGEST_LINE_CHARACTERS = 200_000
MOST_LINES = 1_500_000
"""Five for each of the most captions that are read."""

_BINARY_OPENINGS = (b"\x7fELF", b"SQLite format 3")
_PICTURE_OPENINGS = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
_RECORDING_OPENINGS = (
    b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9",  # MP3, AAC
    b"OggS", b"fLaC", b"caff\x00", b"#!AMR", b"FLV\x01", b"\x1a\x45\xdf\xa3", b"\x00\x00\x01\xba",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # WMA, WMV
)  # fmt: skip
_RECORDING_SUFFIXES = (
    ".mp3", ".m4a", ".m4b", ".mp4", ".m4v", ".mov", ".aac", ".wav", ".flac", ".ogg", ".oga", ".ogv", ".opus", ".webm",
    ".mka", ".mkv", ".avi", ".wma", ".wmv", ".aif", ".aiff", ".caf", ".amr", ".3gp", ".flv", ".mpg", ".mpeg",
)  # fmt: skip
_PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".heic", ".avif", ".bmp", ".tif", ".tiff")
_DOCUMENT_OPENINGS = (
    (b"%PDF-", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"PK\x03\x04", "ZIP (Word and OpenDocument files are such, too)"),
    (b"\xd0\xcf\x11\xe0", "Word 97"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7-Zip"),
)
_OPENING_BYTES = 8192
_CONTROL_BYTES = bytes({*range(9), *range(14, 27), 28, 29, 30, 31})
_SILENT = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ud800-\udfff]"
    # A joiner or half-space between letters of a script that has them is spelling; elsewhere it is dust.
    "|(?<![\u0600-\u06ff\u0750-\u077f\u0900-\u0dff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u06ff\u0750-\u077f\u0900-\u0dff])"
)
_BLANK = re.compile("[\x00-\x08\x0b-\x1f\x7f-\xa0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")


@dataclass(frozen=True, slots=True)
class Decoded:
    r"""A text, lines ended by ``\n``, invisible characters folded, and the encoding it came in, by Python's name."""

    text: str
    encoding: str


def decode(data: bytes, *, file: str) -> Decoded:
    """Return the text of ``data``.

    UTF-8 with or without a mark and UTF-16 with one are read; so are the code pages of Europe, Russia, the Arabic
    world and East Asia where ``encodings`` is sure of one.

    Raises:
        FileTooLarge: above 50 MB; UnsupportedFormat: a document such as PDF; RecordingGiven, PictureGiven: sound or a
            film, a picture; NotATranscript: anything else that is binary;
        WrongEncoding: anything else, with the line; TooManyLines: above ``MOST_LINES``.
    """
    if len(data) > LARGEST_FILE_BYTES:
        raise FileTooLarge(file=file, line=None, size=len(data), limit=LARGEST_FILE_BYTES)
    for opening, name in _DOCUMENT_OPENINGS:
        if data.startswith(opening):
            raise UnsupportedFormat(file=file, line=None, format=name)
    if data.startswith((*_BINARY_OPENINGS, *_PICTURE_OPENINGS, *_RECORDING_OPENINGS)) or data[4:8] == b"ftyp":
        raise _refusal(data, file)
    text, encoding = _text(data, file)
    text = folded(text.replace("\r\n", "\n").replace("\r", "\n"))
    if text.count("\n") >= MOST_LINES:
        raise TooManyLines(file=file, line=None, limit=MOST_LINES)
    return Decoded(text, encoding)


def decoded(data: bytes, *, file: str) -> str:
    """Return the text of ``data`` as ``decode`` does, without its encoding."""
    return decode(data, file=file).text


def folded(text: str) -> str:
    """Return ``text`` without zero-width characters, and with plain spaces for fixed ones and control characters."""
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return _BLANK.sub(" ", _SILENT.sub("", text))


def check_line_lengths(text: str, *, file: str) -> None:
    """Check that no line has more than ``LONGEST_LINE_CHARACTERS``.

    Raises:
        LineTooLong: the first that has.
    """
    if len(text) <= LONGEST_LINE_CHARACTERS:
        return
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE_CHARACTERS:
            raise LineTooLong(file=file, line=number, length=len(line), limit=LONGEST_LINE_CHARACTERS)


def _text(data: bytes, file: str) -> tuple[str, str]:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise WrongEncoding(file=file, line=1)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16(data, file), "utf-16"
    if b"\x00" in data:
        if _is_unmarked_utf16(data):
            raise WrongEncoding(file=file, line=1)
        raise _refusal(data, file)
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        wrong_at = error.start
    if _is_binary(data):
        raise _refusal(data, file)
    encoding = detected_encoding(data, is_captions=b"-->" in data or b"Dialogue:" in data)
    if encoding is None:
        raise WrongEncoding(file=file, line=data.count(b"\n", 0, wrong_at) + 1)
    return data.decode(encoding), encoding


def is_recording_name(name: str) -> bool:
    """Return True if a file of this name is a recording: sound, or a film."""
    return name.casefold().endswith(_RECORDING_SUFFIXES)


def _refusal(data: bytes, file: str) -> NotATranscript:
    """Return why a file that is no text is refused, told by its first bytes, or else by its name."""
    kind = data[8:12]
    is_container = data[4:8] == b"ftyp" or kind in (b"WAVE", b"AVI ", b"WEBP", b"AIFF", b"AIFC")
    if data.startswith(_PICTURE_OPENINGS) or (is_container and kind in (b"WEBP", b"heic", b"mif1", b"avif")):
        return PictureGiven(file=file, line=None)
    if data.startswith(_RECORDING_OPENINGS) or is_container or is_recording_name(file):
        return RecordingGiven(file=file, line=None)
    if file.casefold().endswith(_PICTURE_SUFFIXES):
        return PictureGiven(file=file, line=None)
    return NotATranscript(file=file, line=None)


def _utf16(data: bytes, file: str) -> str:
    encoding = "utf-16-le" if data.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    body = data[2:]
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body[: error.start].decode(encoding, errors="replace").count("\n") + 1
        raise WrongEncoding(file=file, line=line) from error


def _is_unmarked_utf16(data: bytes) -> bool:
    opening = data[:_OPENING_BYTES]
    even, odd = opening[::2].count(0), opening[1::2].count(0)
    return max(even, odd) > 0.6 * len(opening) / 2 and min(even, odd) < 0.1 * len(opening) / 2


def _is_binary(data: bytes) -> bool:
    opening = data[:_OPENING_BYTES]
    return len(opening) - len(opening.translate(None, _CONTROL_BYTES)) > 0.01 * len(opening)
