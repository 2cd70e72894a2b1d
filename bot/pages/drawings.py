"""Where the drawings of a page lie: an episode's arc, its bands' shares, a small outline of it, and the map of all.

Positions in, percents and pixels out; templates draw them. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.render.theme import averaged, bar_share, colour_of, position_at, spread
from index.storage.records import EpisodeRecord, SliceRecord
from scoring.axis import Axis
from scoring.profile import Profile

_ARC_HEIGHT = 132.0
_TRAIL_BARS = 40
_SWARM_ROW = 12.5
_SWARM_APART = 3.4
_SWARM_ROWS = 40

RAMP = [(round(100 * step / 16), colour_of(position_at(-1 + step / 8)).css) for step in range(17)]
"""Colours of the scale: how far along in percent, and the colour as CSS writes it."""


class Bar(NamedTuple):
    """A bar of an arc: x and widths in percent, y and height in pixels."""

    record: SliceRecord
    x: float
    width: float
    drawn: float
    y: float
    height: float


class Share(NamedTuple):
    """A band's part of a whole, in percent."""

    x: float
    width: float


class Dot(NamedTuple):
    """An episode on the map of all: x in percent, y in pixels."""

    episode: EpisodeRecord
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Swarm:
    """The map of all episodes; ``height`` in pixels."""

    dots: tuple[Dot, ...]
    height: float


def percent(position: float) -> float:
    """Return where ``position`` is drawn on a scale, 0 to 100, kept so far inside that markers are whole."""
    return round(1.5 + 97.0 * (spread(position) + 1) / 2, 2)


def _arc_y(position: float) -> float:
    return _ARC_HEIGHT / 2 * (1 - bar_share(position, 100.0))


def arc_bars(slices: Sequence[SliceRecord]) -> list[Bar]:
    """Return a bar for each slice, in order: from the middle to its position, at least two pixels high."""
    n = max(1, len(slices))
    middle = _ARC_HEIGHT / 2
    bars = []
    for place, record in enumerate(slices):
        y = _arc_y(record.reading.position)
        height = max(2.0, abs(middle - y))
        width = 100 / n
        top = middle - height if record.reading.position > 0 else middle
        bars.append(
            Bar(
                record,
                round(place * width, 3),
                round(width, 3),
                round(width * 0.8, 3),
                round(top, 1),
                round(height, 1),
            )
        )
    return bars


def band_shares(profile: Profile) -> list[Share]:
    """Return the share of each band of an episode, in the order of the axis, side by side."""
    found, x = [], 0.0
    for share in profile.shares:
        found.append(Share(round(x, 2), round(100 * share, 2)))
        x += 100 * share
    return found


def sparkline_path(arc: Sequence[float]) -> str:
    """Return an arc as the outline of bars in a box of 120 by 24, around its middle."""
    values = averaged(arc, _TRAIL_BARS)
    width = 120 / len(values)
    parts = []
    for place, position in enumerate(values):
        height = -11.5 * bar_share(position)
        if abs(height) < 0.5:
            height = -0.5
        parts.append(f"M{place * width:.1f} 12h{width * 0.8:.1f}v{height:.1f}h-{width * 0.8:.1f}z")
    return "".join(parts)


def swarm_of(episodes: Sequence[EpisodeRecord]) -> Swarm:
    """Return the dots of the map of all episodes: each as low as it can be without touching one before it."""
    rows: list[list[float]] = []
    placed: list[tuple[EpisodeRecord, float, int]] = []
    for episode in sorted(episodes, key=lambda episode: (episode.profile.headline, episode.slug)):
        x = percent(episode.profile.headline)
        free = (row for row, own in enumerate(rows) if x - own[-1] >= _SWARM_APART)
        number = next(free, len(rows) if len(rows) < _SWARM_ROWS else len(placed) % _SWARM_ROWS)
        if number == len(rows):
            rows.append([])
        rows[number].append(x)
        placed.append((episode, x, number))
    height = max(1, len(rows)) * _SWARM_ROW + 4
    return Swarm(tuple(Dot(episode, x, height - 8 - row * _SWARM_ROW) for episode, x, row in placed), height)


def arc_bands(axis: Axis) -> list[tuple[float, float]]:
    """Return y and height of the outer bands behind an arc, in pixels."""
    low, high = (axis.edges[place].position for place in (0, -1))
    top, foot = _arc_y(high), _arc_y(low)
    return [(0.0, round(top, 1)), (round(foot, 1), round(_ARC_HEIGHT - foot, 1))]
