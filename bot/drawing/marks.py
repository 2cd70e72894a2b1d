"""What several pictures draw alike: the scale, markers by shape, arcs and trails."""

from collections.abc import Sequence
from typing import Literal

from bot.drawing.canvas import Canvas
from bot.drawing.lettering import SMALL
from bot.drawing.palette import (
    AMBER,
    CARD,
    DARK,
    PLOT,
    QUIET,
    RULE,
    WHITE,
    Colour,
    colour_of,
    mixed,
    position_at,
    spread,
)
from scoring.axis import Axis

Shape = Literal["down", "disc", "up", "diamond"]

LOWEST: tuple[Shape, Colour] = ("down", AMBER)
MEDIAN: tuple[Shape, Colour] = ("disc", DARK)
HIGHEST: tuple[Shape, Colour] = ("up", WHITE)

_GRADIENT_STEPS = 65
_TINT = 0.13


def across(left: float, right: float, position: float) -> float:
    """The x of ``position`` on a scale from ``left`` to ``right``."""
    return left + (right - left) * (spread(position) + 1) / 2


def strip(canvas: Canvas, left: float, top: float, right: float, bottom: float, axis: Axis) -> None:
    """The perspective strip, amber to cyan to white, with a notch at each band's edge."""
    steps = [-1 + 2 * step / (_GRADIENT_STEPS - 1) for step in range(_GRADIENT_STEPS)]
    canvas.gradient(left, top, right, bottom, [colour_of(position_at(step)) for step in steps])
    for edge in axis.edges:
        x = across(left, right, edge.position)
        canvas.rectangle(x - 0.75, top, x + 0.75, bottom, CARD)


def band_names(canvas: Canvas, left: float, baseline: float, right: float, axis: Axis) -> None:
    """Each band's name, centred under its part of the scale."""
    ends = [left, *(across(left, right, edge.position) for edge in axis.edges), right]
    for number, band in enumerate(axis.bands):
        start, end = ends[number], ends[number + 1]
        name = canvas.lettering.shortened(band, SMALL, end - start - 4)
        canvas.text(((start + end) / 2, baseline), name, SMALL, QUIET, align=0.5)


def marker(canvas: Canvas, x: float, y: float, shape: Shape, colour: Colour, size: float = 6.0) -> None:
    """A marker centred on ``x`` and ``y``, with a dark and a light outline so that it stands out on any ground."""
    light = WHITE if colour == DARK else DARK
    rings = ((size + 2.2, DARK if colour == DARK else CARD), (size + 0.9, light), (size - 0.5, colour))
    if colour != DARK:
        rings = ((size + 1.6, DARK), (size, colour), (0.0, colour))
    for radius, ring in rings:
        if radius > 0:
            _shape(canvas, x, y, shape, radius, ring)


def _shape(canvas: Canvas, x: float, y: float, shape: Shape, radius: float, colour: Colour) -> None:
    if shape == "disc":
        canvas.disc(x, y, radius * 0.95, colour)
    elif shape == "diamond":
        reach = radius * 1.2
        canvas.polygon([(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)], colour)
    else:
        wide, tip, foot = radius * 1.15, radius * 1.15, radius * 0.8
        sign = 1 if shape == "down" else -1
        canvas.polygon([(x - wide, y - sign * foot), (x + wide, y - sign * foot), (x, y + sign * tip)], colour)


def bands_beside(canvas: Canvas, left: float, top: float, right: float, bottom: float, axis: Axis) -> None:
    """A plot's ground with the outer bands shaded to the left and the right, and a line at 0."""
    canvas.rectangle(left, top, right, bottom, PLOT)
    low, high = (across(left, right, axis.edges[place].position) for place in (0, -1))
    canvas.rectangle(left, top, low, bottom, mixed(PLOT, AMBER, _TINT))
    canvas.rectangle(high, top, right, bottom, mixed(PLOT, WHITE, _TINT))
    canvas.rectangle(across(left, right, 0) - 0.25, top, across(left, right, 0) + 0.25, bottom, RULE)


def bands_above(canvas: Canvas, left: float, top: float, right: float, bottom: float, axis: Axis) -> None:
    """A plot's ground with the low band shaded at the foot and the high one at the head, and a line at 0."""
    canvas.rectangle(left, top, right, bottom, PLOT)
    low, high = (across(bottom, top, axis.edges[place].position) for place in (0, -1))
    canvas.rectangle(left, low, right, bottom, mixed(PLOT, AMBER, _TINT))
    canvas.rectangle(left, top, right, high, mixed(PLOT, WHITE, _TINT))
    zero = across(bottom, top, 0)
    canvas.rectangle(left, zero - 0.25, right, zero + 0.25, RULE)


def bars(
    canvas: Canvas,
    left: float,
    right: float,
    zero: float,
    reach: float,
    arc: Sequence[float],
    *,
    limit: float,
    stub: float = 1.5,
) -> list[float]:
    """The arc as bars from the line at ``zero``: up towards the high pole, down towards the low one.

    Args:
        canvas: to draw on.
        left, right: ends of the whole.
        zero: y of position 0.
        reach: height of a bar at ``limit``, in units.
        arc: positions; more of them than there is room for are averaged.
        limit: the position at which a bar is as high as it gets.
        stub: height of a bar at 0, so that a slice with nothing to say is still seen.

    Returns:
        The x of each slice's middle.
    """
    n_bars = min(len(arc), int((right - left) / 0.9))
    pitch = (right - left) / max(1, n_bars)
    gap = 0.25 if pitch < 2.5 else min(1.5, pitch * 0.18)
    for number in range(n_bars):
        start, end = number * len(arc) // n_bars, (number + 1) * len(arc) // n_bars
        position = sum(arc[start:end]) / (end - start)
        x0 = left + number * pitch + gap / 2
        height = max(stub, min(1.0, abs(spread(position)) / spread(limit)) * reach)
        top, bottom = (zero, zero + height) if position < 0 else (zero - height, zero)
        canvas.rectangle(x0, top, x0 + pitch - gap, bottom, colour_of(position))
    return [left + (right - left) * (ordinal + 0.5) / len(arc) for ordinal in range(len(arc))]


def trail(
    canvas: Canvas, left: float, top: float, right: float, bottom: float, arc: Sequence[float]
) -> None:
    """A small arc on a quiet ground; a dash where there is none."""
    canvas.rounded(left, top, right, bottom, 3, PLOT)
    zero = (top + bottom) / 2
    if not arc:
        canvas.rectangle(left + 6, zero - 0.4, right - 6, zero + 0.4, RULE)
        return
    inner = min(right - left - 6, 12.0 * len(arc))
    middle = (left + right) / 2
    canvas.rectangle(left + 3, zero - 0.25, right - 3, zero + 0.25, RULE)
    reach = (bottom - top) / 2 - 2
    most = int(inner / 1.6)
    shown = _averaged(arc, most) if len(arc) > most else arc
    bars(canvas, middle - inner / 2, middle + inner / 2, zero, reach, shown, limit=70, stub=0.6)


def line_between(canvas: Canvas, x0: float, x1: float, y: float, positions: tuple[float, float]) -> None:
    """A line from one position to another in the colours between them."""
    if abs(x1 - x0) < 1:
        return
    shades = [colour_of(positions[0] + (positions[1] - positions[0]) * step / 16) for step in range(17)]
    if x1 < x0:
        x0, x1, shades = x1, x0, shades[::-1]
    canvas.gradient(x0, y - 1.1, x1, y + 1.1, shades)


def _averaged(arc: Sequence[float], n: int) -> list[float]:
    stops = [number * len(arc) // n for number in range(n + 1)]
    return [sum(arc[a:b]) / (b - a) for a, b in zip(stops, stops[1:], strict=False)]
