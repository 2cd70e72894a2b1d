"""Lettering in pictures: faces and sizes, lines that fit, and which typeface has a character.

Inter (in ``fonts/``) writes Latin with all its diacritics, Greek and Cyrillic. Noto Sans CJK, a package of
its own, writes Chinese, Japanese and Korean; where it is not installed, and for every other script, letters
are written in Latin ones and symbols are left out: no picture ever shows an empty box.
"""

import struct
import threading
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from anyascii import anyascii
from PIL import ImageDraw, ImageFont

from bot.render.theme import INK, Colour

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


@lru_cache(maxsize=4096)
def runs_of(text: str, *, cjk: Path | None) -> tuple[Run, ...]:
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
    return tuple(runs)


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


SMALLEST = 11.0
"""The smallest lettering, in units: pixels of a card that is shown 400 pixels wide."""

_ELLIPSIS = "…"
_EVENING_SHARES = (0.72, 0.82, 0.92)
_OPTICAL_SIZES = (14.0, 32.0)


@dataclass(frozen=True, slots=True)
class Face:
    """A size in units and a weight (400 regular, 700 bold)."""

    size: float
    weight: int = 400


SMALL = Face(SMALLEST)
SMALL_BOLD = Face(SMALLEST, 650)
TEXT = Face(12.5, 500)
TITLE = Face(18.5, 680)
FIGURE = Face(24.0, 720)


@dataclass(frozen=True, slots=True)
class Block:
    """Text broken into lines of one face; ``height`` in units."""

    lines: tuple[str, ...]
    face: Face

    @property
    def leading(self) -> float:
        """Return the distance from line to line, in units."""
        return round(self.face.size * 1.22, 2)

    @property
    def height(self) -> float:
        """Return the height of all lines, in units."""
        return self.leading * len(self.lines)


class _Fonts(threading.local):
    """Fonts that the current thread has opened: FreeType's are not to be shared between threads."""

    def __init__(self) -> None:
        self.opened: dict[tuple[Face, int | None, float], ImageFont.FreeTypeFont] = {}


_fonts = _Fonts()


class Lettering:
    """Measures and draws text in the faces of a picture.

    Args:
        pixels: of one unit.
    """

    def __init__(self, pixels: float) -> None:
        self._pixels = pixels
        self._cjk = cjk_file()

    def width(self, text: str, face: Face) -> float:
        """Return the width of ``text``, in units."""
        runs = runs_of(text, cjk=self._cjk)
        return sum(_length(run, face, self._pixels) for run in runs) / self._pixels

    def draw(
        self, on: ImageDraw.ImageDraw, at: tuple[float, float], text: str, face: Face, colour: Colour = INK
    ) -> None:
        """Draw ``text`` from ``at`` on: left end and baseline, in units."""
        x, y = at[0] * self._pixels, round(at[1] * self._pixels)
        for run in runs_of(text, cjk=self._cjk):
            font = _font(face, run.face, self._pixels)
            is_faked = run.face is not None and face.weight >= 600  # the collection has no bold
            on.text(
                (x, y), run.text, fill=colour, font=font, anchor="ls", stroke_width=0.6 if is_faked else 0
            )
            x += _length(run, face, self._pixels)

    def shortened(self, text: str, face: Face, width: float) -> str:
        """Return ``text`` or as many of its characters as fit ``width`` (units) before an ellipsis."""
        if self.width(text, face) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width(text[:middle].rstrip(" ,;:–—-") + _ELLIPSIS, face) <= width:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip(" ,;:–—-") + _ELLIPSIS

    def set_in(self, text: str, width: float, faces: Sequence[tuple[Face, int]]) -> Block:
        """Set ``text`` in the first of ``faces`` whose number of lines of ``width`` units suffices.

        In the last face the last line is shortened to what fits; a word that is wider than a line is broken.

        Raises:
            ValueError: there are no faces.
        """
        for face, most_lines in faces:
            lines = self._wrapped(text, face, width)
            if len(lines) <= most_lines:
                return Block(tuple(self._evened(text, face, width, lines)), face)
        if not faces:
            raise ValueError("a text needs a face")
        rest = " ".join(lines[most_lines - 1 :])
        return Block((*lines[: most_lines - 1], self.shortened(rest, face, width)), face)

    def _evened(self, text: str, face: Face, width: float, lines: list[str]) -> list[str]:
        """Return as many lines, but none of a single word where the others can do with less."""
        for share in _EVENING_SHARES if len(lines) > 1 else ():
            narrower = self._wrapped(text, face, width * share)
            if len(narrower) == len(lines):
                return narrower
        return lines

    def _wrapped(self, text: str, face: Face, width: float) -> list[str]:
        lines: list[str] = []
        line = ""
        for word in text.split():
            longer = f"{line} {word}" if line else word
            if self.width(longer, face) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            line = word
            while self.width(line, face) > width and len(line) > 1:
                fitting = len(self.shortened(line, face, width)) - 1
                lines.append(line[: max(1, fitting)])
                line = line[max(1, fitting) :]
        return [*lines, line] if line or not lines else lines


@lru_cache(maxsize=8192)
def _length(run: Run, face: Face, pixels: float) -> float:
    """Return the width of ``run`` in pixels."""
    return _font(face, run.face, pixels).getlength(run.text)


def _font(face: Face, cjk_face: int | None, pixels: float) -> ImageFont.FreeTypeFont:
    opened, key = _fonts.opened, (face, cjk_face, pixels)
    if key not in opened:
        size, cjk = face.size * pixels, cjk_file()
        if cjk_face is None or cjk is None:
            font = ImageFont.truetype(INTER, size)
            optical = min(max(face.size * 1.3, _OPTICAL_SIZES[0]), _OPTICAL_SIZES[1])
            font.set_variation_by_axes([optical, face.weight])
        else:
            font = ImageFont.truetype(cjk, size * 0.96, index=cjk_face)
        opened[key] = font
    return opened[key]
