"""Colours, and how a position becomes one.

Amber stands for the low pole, cyan for the middle, white for the high pole. Height and shape always say the
same, so that nothing rests on colour alone; the colours are chosen to stay apart for people who are
colour-blind, and the tests hold them to it.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from scoring.axis import Axis
from scoring.position_arithmetic import LIMIT


class Colour(NamedTuple):
    """A colour in sRGB: red, green and blue, 0 to 255."""

    red: int
    green: int
    blue: int

    @property
    def css(self) -> str:
        """The colour as a style sheet writes it, such as ``#f7a61e``."""
        return "#{:02x}{:02x}{:02x}".format(*self)


AMBER = Colour(0xF7, 0xA6, 0x1E)
CYAN = Colour(0x12, 0x93, 0xB8)
WHITE = Colour(0xF6, 0xFA, 0xFC)

CARD = Colour(0x17, 0x1A, 0x21)
"""The background: darker than a dark Discord, so that it stands out on dark and on light alike."""

PLOT = Colour(0x1E, 0x22, 0x2B)
RULE = Colour(0x3A, 0x41, 0x4F)
EDGE = Colour(0x32, 0x38, 0x44)
INK = Colour(0xF3, 0xF5, 0xF8)
QUIET = Colour(0xA9, 0xB2, 0xC1)
DARK = Colour(0x0B, 0x0D, 0x11)

GREEN, RED, GREY = Colour(0x4E, 0x9F, 0x6D), Colour(0xC0, 0x50, 0x4D), Colour(0x77, 0x77, 0x77)
"""Of messages to moderators: done, refused or dangerous, nothing changed."""

BAR_LIMIT = 70.0
"""Points from which on a bar of a small arc, drawn or in letters, is as high as it gets."""

_EVEN = 25.0
"""Points around the centre within which the drawn scale is nearly even; further out it is compressed."""

_PURE = 60.0
"""Points from which on a pole's own colour is shown: one slice in a hundred lies further out."""


def spread(position: float) -> float:
    """Return where ``position`` (-100 to 100) is drawn, from -1 to 1: asinh(p / 25) / asinh(4).

    Conversations live near the centre: nine slices in ten lie within 40 points. The scale is nearly even
    there and compressed towards the poles, the same on both sides, so that a mirror point stays a mirror
    point.
    """
    return math.asinh(position / _EVEN) / math.asinh(LIMIT / _EVEN)


def position_at(share: float) -> float:
    """Return the position that ``spread`` draws at ``share``, -1 to 1."""
    return _EVEN * math.sinh(share * math.asinh(LIMIT / _EVEN))


def bar_share(position: float, limit: float = BAR_LIMIT) -> float:
    """Return the height of the bar of ``position``: -1 at ``-limit`` and below, 1 at ``limit``."""
    return max(-1.0, min(1.0, spread(position) / spread(limit)))


def averaged(arc: Sequence[float], most: int) -> Sequence[float]:
    """Return ``arc``, or ``most`` values of it: means of neighbours, in order."""
    if len(arc) <= most:
        return arc
    stops = [number * len(arc) // most for number in range(most + 1)]
    return [sum(arc[start:end]) / (end - start) for start, end in pairwise(stops)]


def band_colour(axis: Axis, position: float) -> Colour:
    """Return the colour of a position's band: amber for the lowest, white for the highest, else cyan."""
    band = axis.band_of(position)
    return AMBER if band == axis.bands[0] else WHITE if band == axis.bands[-1] else CYAN


def terminal_style(axis: Axis, position: float) -> str:
    """Return the style of a position in a terminal: yellow in the lowest band, cyan in the highest, else plain.

    These are the terminal's own colours, so that they can be read on its ground, light or dark.
    """
    band = axis.band_of(position)
    return "yellow" if band == axis.bands[0] else "cyan" if band == axis.bands[-1] else ""


@lru_cache(maxsize=8192)
def colour_of(position: float) -> Colour:
    """Return the colour of ``position``: amber up to -60, cyan at 0, white from +60 on."""
    share = max(-1.0, min(1.0, spread(position) / spread(_PURE)))
    return mixed(CYAN, AMBER, -share) if share < 0 else mixed(CYAN, WHITE, share)


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """Return ``first`` with ``share`` (0 to 1) of ``second``, mixed in Oklab so that no step looks muddy."""
    pairs = zip(_oklab(first), _oklab(second), strict=True)
    return _srgb(*(a + (b - a) * share for a, b in pairs))


def contrast(first: Colour, second: Colour) -> float:
    """Return contrast ratio of two colours, 1 to 21, as WCAG 2 defines it."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=8192)
def ink_on(ground: Colour) -> Colour:
    """Return the lettering that stands out more on ``ground``: dark or light."""
    return DARK if contrast(DARK, ground) >= contrast(INK, ground) else INK


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(value) for value in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _gamma(share: float) -> int:
    share = max(0.0, min(1.0, share))
    encoded = 12.92 * share if share <= 0.0031308 else 1.055 * share ** (1 / 2.4) - 0.055
    return round(encoded * 255)


@lru_cache(maxsize=64)
def _oklab(colour: Colour) -> tuple[float, float, float]:
    """Convert to Björn Ottosson's Oklab, https://bottosson.github.io/posts/oklab/."""
    red, green, blue = (_linear(value) for value in colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _srgb(lightness: float, a: float, b: float) -> Colour:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return Colour(
        _gamma(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _gamma(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _gamma(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )
