"""The typefaces that pictures are lettered with, and which characters each of them has.

Inter (in ``fonts/``) writes Latin with all its diacritics, Greek and Cyrillic. Noto Sans CJK, a package of
its own, writes Chinese, Japanese and Korean; where it is not installed, and for every other script, letters
are written in Latin ones and symbols are left out: no picture ever shows an empty box.
"""

import struct
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from anyascii import anyascii

INTER = Path(__file__).resolve().parent / "fonts" / "Inter.ttf"
_CJK_PACKAGE, _CJK_FILE = "noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc"
_JAPANESE, _KOREAN, _CHINESE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """The characters that a font file has: ranges of code points, ascending, ends included."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __contains__(self, character: str) -> bool:
        place = bisect_right(self.starts, ord(character)) - 1
        return place >= 0 and ord(character) <= self.ends[place]


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one face; ``face`` is its number in the CJK collection, or None for Inter."""

    text: str
    face: int | None


@cache
def cjk_file() -> Path | None:
    """Return the collection of Chinese, Japanese and Korean faces, or None where it is not installed."""
    spec = find_spec(_CJK_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).parent / _CJK_FILE
    return file if file.is_file() else None


def runs_of(text: str, *, cjk: Path | None) -> list[Run]:
    """Split ``text`` into runs of one face; characters that no face has are transliterated or left out."""
    text = unicodedata.normalize("NFC", text)
    face = _cjk_face(text)
    runs: list[Run] = []
    for character in text:
        if character in coverage(INTER):
            written, own = character, None
        elif cjk is not None and character in coverage(cjk) and _is_letter(character):
            written, own = character, face
        else:
            written, own = _in_latin(character), None
        if not written:
            continue
        if runs and (runs[-1].face == own or written == " "):
            runs[-1] = Run(runs[-1].text + written, runs[-1].face)
        else:
            runs.append(Run(written, own))
    return runs


@cache
def coverage(file: Path) -> CharacterSet:
    """Return the characters of ``file``, a TrueType or OpenType font or collection, by its cmap.

    Raises:
        OSError, struct.error: the program's own files are damaged.
    """
    data = _cmap(file)
    n_tables = struct.unpack_from(">H", data, 2)[0]
    offsets = {
        struct.unpack_from(">H", data, offset)[0]: offset
        for (offset,) in (struct.unpack_from(">I", data, 8 + 8 * number) for number in range(n_tables))
    }
    ranges = _groups(data, offsets[12]) if 12 in offsets else _segments(data, offsets[4])
    return CharacterSet(tuple(start for start, _ in ranges), tuple(end for _, end in ranges))


def _cmap(file: Path) -> bytes:
    with file.open("rb") as stream:
        head = stream.read(16)
        start = struct.unpack_from(">I", head, 12)[0] if head[:4] == b"ttcf" else 0
        stream.seek(start + 4)
        n_tables = struct.unpack(">H", stream.read(2))[0]
        stream.seek(start + 12)
        directory = stream.read(16 * n_tables)
        for at in range(0, len(directory), 16):
            if directory[at : at + 4] == b"cmap":
                offset, length = struct.unpack_from(">II", directory, at + 8)
                stream.seek(offset)
                return stream.read(length)
    raise struct.error(f"no cmap in {file.name}")


def _groups(data: bytes, offset: int) -> list[tuple[int, int]]:
    n_groups = struct.unpack_from(">I", data, offset + 12)[0]
    groups = (struct.unpack_from(">II", data, offset + 16 + 12 * number) for number in range(n_groups))
    return sorted((start, end) for start, end in groups)


def _segments(data: bytes, offset: int) -> list[tuple[int, int]]:
    n_segments = struct.unpack_from(">H", data, offset + 6)[0] // 2
    ends = struct.unpack_from(f">{n_segments}H", data, offset + 14)
    starts = struct.unpack_from(f">{n_segments}H", data, offset + 16 + 2 * n_segments)
    return sorted(pair for pair in zip(starts, ends, strict=True) if pair[0] != 0xFFFF)


def _cjk_face(text: str) -> int:
    """Choose the face by language: kana mean Japanese, hangul Korean."""
    if any("\u3040" <= character <= "\u30ff" for character in text):
        return _JAPANESE
    return _KOREAN if any("\uac00" <= character <= "\ud7af" for character in text) else _CHINESE


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNP"


def _in_latin(character: str) -> str:
    kind = unicodedata.category(character)
    if kind[0] == "Z":
        return " "
    if kind[0] in "LNPM" or kind == "Sc":
        return anyascii(character)
    return ""
