"""Words in a picture: measured, wrapped, shortened and drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import ImageDraw, ImageFont

from bot.render.png.typefaces import INTER, cjk_file, runs_of
from bot.render.theme import INK, Colour

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


class Lettering:
    """The faces of one picture, opened as they are needed; never shared between two.

    Args:
        pixels: of one unit.
    """

    def __init__(self, pixels: float) -> None:
        self._pixels = pixels
        self._cjk = cjk_file()
        self._opened: dict[tuple[Face, int | None], ImageFont.FreeTypeFont] = {}

    def width(self, text: str, face: Face) -> float:
        """Return the width of ``text``, in units."""
        runs = runs_of(text, cjk=self._cjk)
        return sum(self._font(face, run.face).getlength(run.text) for run in runs) / self._pixels

    def draw(
        self, on: ImageDraw.ImageDraw, at: tuple[float, float], text: str, face: Face, colour: Colour = INK
    ) -> None:
        """Draw ``text`` from ``at`` on: left end and baseline, in units."""
        x, y = at[0] * self._pixels, round(at[1] * self._pixels)
        for run in runs_of(text, cjk=self._cjk):
            font = self._font(face, run.face)
            is_faked = run.face is not None and face.weight >= 600  # the collection has no bold
            on.text(
                (x, y), run.text, fill=colour, font=font, anchor="ls", stroke_width=0.6 if is_faked else 0
            )
            x += font.getlength(run.text)

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

    def _font(self, face: Face, cjk_face: int | None) -> ImageFont.FreeTypeFont:
        key = (face, cjk_face)
        if key not in self._opened:
            size = face.size * self._pixels
            if cjk_face is None or self._cjk is None:
                font = ImageFont.truetype(INTER, size)
                optical = min(max(face.size * 1.3, _OPTICAL_SIZES[0]), _OPTICAL_SIZES[1])
                font.set_variation_by_axes([optical, face.weight])
            else:
                font = ImageFont.truetype(self._cjk, size * 0.96, index=cjk_face)
            self._opened[key] = font
        return self._opened[key]
