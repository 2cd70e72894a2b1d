"""What several pictures draw alike: the scale, markers by shape, arcs and trails."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from bot.i18n.language import Language
from bot.render.png.canvas import Box, Canvas, Point
from bot.render.png.lettering import SMALL, SMALL_BOLD
from bot.render.theme import (
    AMBER,
    BAR_LIMIT,
    CARD,
    DARK,
    INK,
    PLOT,
    QUIET,
    RULE,
    WHITE,
    Colour,
    averaged,
    bar_share,
    colour_of,
    ink_on,
    mixed,
    position_at,
    spread,
)
from scoring.axis import Axis


class Mark(NamedTuple):
    """A marker: told by its shape as well as by its colour."""

    shape: Literal["down", "disc", "up", "diamond"]
    colour: Colour


LOWEST = Mark("down", AMBER)
MEDIAN = Mark("disc", DARK)
HIGHEST = Mark("up", WHITE)
MIRROR = Mark("diamond", CARD)

NUMBER_RADIUS = 7.5
"""Of the disc around a number, in units."""

_GRADIENT_STEPS = 65
_TINT = 0.13
_SMALLEST_PITCH = 0.9
_TRAIL_PITCH, _TRAIL_WIDEST = 1.6, 12.0


def across(left: float, right: float, position: float) -> float:
    """Return the x of ``position`` on a scale from ``left`` to ``right``; or its y from foot to head."""
    return left + (right - left) * (spread(position) + 1) / 2


def strip(canvas: Canvas, box: Box, axis: Axis) -> None:
    """Draw the perspective strip, amber to cyan to white, with a notch at each band's edge."""
    steps = [-1 + 2 * step / (_GRADIENT_STEPS - 1) for step in range(_GRADIENT_STEPS)]
    canvas.gradient(box, [colour_of(position_at(step)) for step in steps])
    for edge in axis.edges:
        x = across(box.left, box.right, edge.position)
        canvas.rectangle(Box(x - 0.75, box.top, x + 0.75, box.bottom), CARD)


def band_names(canvas: Canvas, left: float, right: float, baseline: float, language: Language) -> None:
    """Draw each band's name, centred under its part of the scale."""
    axis = language.axis
    ends = [left, *(across(left, right, edge.position) for edge in axis.edges), right]
    for band, (start, end) in zip(axis.bands, pairwise(ends), strict=True):
        name = canvas.lettering.shortened(language.band(band), SMALL, end - start - 4)
        canvas.text(((start + end) / 2, baseline), name, SMALL, QUIET, align=0.5)


def marker(canvas: Canvas, at: Point, mark: Mark, size: float = 6.0) -> None:
    """Draw a marker centred on ``at``, outlined so that it stands out on any ground."""
    if _is_dark(mark.colour):
        _shape(canvas, at, mark, size + 2.2, DARK)
        _shape(canvas, at, mark, size + 0.9, WHITE)
        _shape(canvas, at, mark, size - 0.5, mark.colour)
    else:
        _shape(canvas, at, mark, size + 1.6, DARK)
        _shape(canvas, at, mark, size, mark.colour)


def _is_dark(colour: Colour) -> bool:
    return ink_on(colour) == INK


def numbered(canvas: Canvas, at: Point, number: int, position: float) -> None:
    """Draw a disc in the colour of ``position`` with a number on it."""
    x, y = at
    ground = colour_of(position)
    canvas.disc(x, y, NUMBER_RADIUS + 1.2, DARK)
    canvas.disc(x, y, NUMBER_RADIUS, ground)
    canvas.text((x, y + 4), str(number), SMALL_BOLD, ink_on(ground), align=0.5)


def by_band(position: float, axis: Axis) -> Mark:
    """Return the marker of ``position``: down in the lowest band, up in the highest, a disc between them."""
    band = axis.band_of(position)
    shape: Literal["down", "disc", "up"] = (
        "down" if band == axis.bands[0] else "up" if band == axis.bands[-1] else "disc"
    )
    return Mark(shape, colour_of(position))


def bands_beside(canvas: Canvas, box: Box, axis: Axis) -> None:
    """Draw a plot's ground with the outer bands shaded to the left and the right, and a line at 0."""
    canvas.rectangle(box, PLOT)
    low, high = (across(box.left, box.right, axis.edges[place].position) for place in (0, -1))
    canvas.rectangle(Box(box.left, box.top, low, box.bottom), mixed(PLOT, AMBER, _TINT))
    canvas.rectangle(Box(high, box.top, box.right, box.bottom), mixed(PLOT, WHITE, _TINT))
    zero = across(box.left, box.right, 0)
    canvas.rectangle(Box(zero - 0.25, box.top, zero + 0.25, box.bottom), RULE)


def bands_above(canvas: Canvas, box: Box, axis: Axis) -> None:
    """Draw a plot's ground: the low band shaded at the foot, the high one at the head, a line at 0."""
    canvas.rectangle(box, PLOT)
    low, high = (across(box.bottom, box.top, axis.edges[place].position) for place in (0, -1))
    canvas.rectangle(Box(box.left, low, box.right, box.bottom), mixed(PLOT, AMBER, _TINT))
    canvas.rectangle(Box(box.left, box.top, box.right, high), mixed(PLOT, WHITE, _TINT))
    zero = across(box.bottom, box.top, 0)
    canvas.rectangle(Box(box.left, zero - 0.25, box.right, zero + 0.25), RULE)


def bars(canvas: Canvas, box: Box, arc: Sequence[float], *, limit: float, stub: float = 1.5) -> None:
    """Draw the arc as bars from the middle of ``box``: up towards the high pole, down towards the low one.

    Args:
        canvas: to draw on.
        box: the bars' room.
        arc: positions; where there are more than there is room for, neighbours are averaged.
        limit: the position at which a bar is as high as it gets.
        stub: height of a bar at 0 in units, so that a slice with nothing to say is still seen.
    """
    shown = averaged(arc, int((box.right - box.left) / _SMALLEST_PITCH))
    if not shown:
        return
    zero, reach = (box.top + box.bottom) / 2, (box.bottom - box.top) / 2
    pitch = (box.right - box.left) / len(shown)
    gap = 0.25 if pitch < 2.5 else min(1.5, pitch * 0.18)
    for number, position in enumerate(shown):
        x0 = box.left + number * pitch + gap / 2
        height = max(stub, abs(bar_share(position, limit)) * reach)
        top, bottom = (zero, zero + height) if position < 0 else (zero - height, zero)
        canvas.rectangle(Box(x0, top, x0 + pitch - gap, bottom), colour_of(position))


def trail(canvas: Canvas, box: Box, arc: Sequence[float]) -> None:
    """Draw a small arc on a quiet ground; a line where there is none."""
    canvas.rounded(box, 3, PLOT)
    zero, middle = (box.top + box.bottom) / 2, (box.left + box.right) / 2
    canvas.rectangle(Box(box.left + 3, zero - 0.25, box.right - 3, zero + 0.25), RULE)
    room = box.right - box.left - 6
    half = min(room, _TRAIL_WIDEST * len(arc)) / 2
    inner = Box(middle - half, box.top + 2, middle + half, box.bottom - 2)
    bars(canvas, inner, averaged(arc, int(room / _TRAIL_PITCH)), limit=BAR_LIMIT, stub=0.6)


def line_between(canvas: Canvas, left: float, right: float, y: float, positions: tuple[float, float]) -> None:
    """Draw a line from one x to another, in the colours between two positions."""
    start, end = positions
    shades = [colour_of(start + (end - start) * step / 16) for step in range(17)]
    if right < left:
        left, right, shades = right, left, shades[::-1]
    if right - left >= 1:
        canvas.gradient(Box(left, y - 1.1, right, y + 1.1), shades)


def _shape(canvas: Canvas, at: Point, mark: Mark, radius: float, colour: Colour) -> None:
    x, y = at
    if mark.shape == "disc":
        canvas.disc(x, y, radius * 0.95, colour)
    elif mark.shape == "diamond":
        reach = radius * 1.2
        canvas.polygon([(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)], colour)
    else:
        sign = 1 if mark.shape == "down" else -1
        wide, foot, tip = radius * 1.15, y - sign * radius * 0.8, y + sign * radius * 1.15
        canvas.polygon([(x - wide, foot), (x + wide, foot), (x, tip)], colour)
