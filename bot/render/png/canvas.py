"""A card to draw on: shapes, gradients and lettering, in units of which a card is 400 wide."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw

from bot.render.png.encoding import encode_png
from bot.render.png.lettering import Block, Face, Lettering
from bot.render.theme import CARD, EDGE, INK, Colour

WIDTH = 400.0
"""Units across a card: its pixels when it is shown as wide as a phone shows it."""

PIXELS = 4
"""Pixels of one unit: a card is 1600 pixels wide."""

MARGIN = 16.0
LEFT, RIGHT = MARGIN, WIDTH - MARGIN
"""Between these a card is drawn on."""

_RADIUS = 12.0
_FINE = 4
"""Shapes are drawn so many times larger and then reduced, for smooth edges."""

Point = tuple[float, float]


class Box(NamedTuple):
    """A rectangle on a card, in units from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


class Canvas:
    """One card.

    Args:
        height: in units.
        lettering: the faces to write with.
    """

    def __init__(self, height: float, lettering: Lettering) -> None:
        size = (round(WIDTH * PIXELS), round(height * PIXELS))
        self.lettering = lettering
        self.height = height
        self._image = Image.new("RGB", size, CARD)
        self._draw = ImageDraw.Draw(self._image)

    def rectangle(self, box: Box, colour: Colour) -> None:
        """Draw a plain rectangle, at least one pixel in each direction."""
        x0, y0, x1, y1 = _pixels(box)
        self._draw.rectangle((x0, y0, x1 - 1, y1 - 1), fill=colour)

    def rounded(self, box: Box, radius: float, colour: Colour) -> None:
        """Draw a rectangle with round corners."""
        x0, y0, x1, y1 = _pixels(box)
        self._image.paste(colour, (x0, y0), _rounded_mask(x1 - x0, y1 - y0, round(radius * PIXELS)))

    def gradient(self, box: Box, colours: Sequence[Colour]) -> None:
        """Draw a bar with round ends that runs through ``colours`` from left to right."""
        x0, y0, x1, y1 = _pixels(box)
        row = Image.new("RGB", (len(colours), 1))
        row.putdata([tuple(colour) for colour in colours])
        bar = row.resize((x1 - x0, y1 - y0), Image.Resampling.BILINEAR)
        radius = round((box.bottom - box.top) / 2 * PIXELS)
        self._image.paste(bar, (x0, y0), _rounded_mask(x1 - x0, y1 - y0, radius))

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Draw a filled polygon with smooth edges."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        box = _pixels(Box(min(xs) - 1, min(ys) - 1, max(xs) + 1, max(ys) + 1))
        mask = Image.new("L", ((box[2] - box[0]) * _FINE, (box[3] - box[1]) * _FINE))
        placed = [((x * PIXELS - box[0]) * _FINE, (y * PIXELS - box[1]) * _FINE) for x, y in points]
        ImageDraw.Draw(mask).polygon(placed, fill=255)
        self._image.paste(colour, box[:2], mask.reduce(_FINE))

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Draw a filled circle."""
        self.rounded(Box(x - radius, y - radius, x + radius, y + radius), radius, colour)

    def hatching(self, box: Box, colour: Colour, step: float = 6.0) -> None:
        """Draw slanted lines, where nothing is."""
        x0, y0, x1, y1 = _pixels(box)
        width, height = x1 - x0, y1 - y0
        mask = Image.new("L", (width * 2, height * 2))
        lines = ImageDraw.Draw(mask)
        for x in range(-height * 2, width * 2, round(step * PIXELS * 2)):
            lines.line((x, height * 2, x + height * 2, 0), fill=255, width=round(PIXELS * 1.6))
        self._image.paste(colour, (x0, y0), mask.reduce(2))

    def text(
        self,
        at: Point,
        text: str,
        face: Face,
        colour: Colour = INK,
        *,
        align: float = 0.0,
        within: tuple[float, float] | None = None,
    ) -> float:
        """Write ``text`` with its baseline at ``at``; returns the x at which it ends.

        Args:
            at: x and y in units.
            text: one line.
            face: size and weight.
            colour: of the letters.
            align: the share of the text that lies left of x: 0 starts there, 0.5 is centred, 1 ends there.
            within: left and right that the text is kept between, by moving it.
        """
        width = self.lettering.width(text, face)
        left = at[0] - width * align
        if within is not None:
            left = max(within[0], min(left, within[1] - width))
        self.lettering.draw(self._draw, (left, at[1]), text, face, colour)
        return left + width

    def block(self, at: Point, block: Block, colour: Colour = INK) -> float:
        """Write a block of lines whose upper left corner is ``at``; returns the y below it."""
        x, y = at
        for line in block.lines:
            y += block.leading
            self.text((x, y - block.leading * 0.18), line, block.face, colour)
        return y

    def png(self) -> bytes:
        """Return the card as PNG, with round corners and a fine edge, clear outside."""
        width, height = self._image.size
        alpha = Image.new("L", (width, height), 255)
        line, reach = round(PIXELS * 0.75), round(_RADIUS * PIXELS)
        for y in (0, height - line):
            self._image.paste(EDGE, (reach, y, width - reach, y + line))
        for x in (0, width - line):
            self._image.paste(EDGE, (x, reach, x + line, height - reach))
        outside, frame = _frame(reach, line)
        for x, left in ((0, 0), (width - reach, reach)):
            for y, top in ((0, 0), (height - reach, reach)):
                corner = (left, top, left + reach, top + reach)
                self._image.paste(EDGE, (x, y), frame.crop(corner))
                alpha.paste(outside.crop(corner), (x, y))
        self._image.putalpha(alpha)
        return encode_png(self._image)


def _pixels(box: Box) -> tuple[int, int, int, int]:
    x0, y0 = round(box.left * PIXELS), round(box.top * PIXELS)
    return x0, y0, max(x0 + 1, round(box.right * PIXELS)), max(y0 + 1, round(box.bottom * PIXELS))


@lru_cache(maxsize=1)
def _frame(reach: int, line: int) -> tuple[Image.Image, Image.Image]:
    """Return what lies within a card of twice ``reach`` pixels in both directions, and its edge of ``line`` pixels."""
    side = 2 * reach
    outside, inside = _rounded_mask(side, side, reach), Image.new("L", (side, side))
    inside.paste(_rounded_mask(side - 2 * line, side - 2 * line, reach - line), (line, line))
    return outside, ImageChops.subtract(outside, inside)


@lru_cache(maxsize=32)
def _disc(diameter: int) -> Image.Image:
    """Return the mask of a disc with smooth edges, ``diameter`` in pixels."""
    disc = Image.new("L", (diameter * _FINE, diameter * _FINE))
    ImageDraw.Draw(disc).ellipse((0, 0, diameter * _FINE - 1, diameter * _FINE - 1), fill=255)
    return disc.reduce(_FINE)


@lru_cache(maxsize=32)
def _rounded_mask(width: int, height: int, radius: int) -> Image.Image:
    """Return a mask of ``width`` by ``height`` pixels whose corners are round."""
    radius = min(radius, width // 2, height // 2)
    if radius < 1:
        return Image.new("L", (width, height), 255)
    disc = _disc(2 * radius)
    if (width, height) == disc.size:
        return disc
    mask = Image.new("L", (width, height), 255)
    for x, left in ((0, 0), (width - radius, radius)):
        for y, top in ((0, 0), (height - radius, radius)):
            mask.paste(disc.crop((left, top, left + radius, top + radius)), (x, y))
    return mask
