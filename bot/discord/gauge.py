"""Positions drawn in letters, as Discord shows them."""

from collections.abc import Sequence

from bot.render.text import FILLS, bars, shares, track

__all__ = ["FILLS", "gauge", "shares", "sparkline"]

CELLS = 15


def gauge(position: float, other: float | None = None) -> str:
    """Return a gauge with a marker at ``position``, and a hollow one at ``other``."""
    return f"◂{track(position, other, cells=CELLS)}▸"


def sparkline(arc: Sequence[float], *, most: int = 28) -> str:
    """Return an arc, early to late, as bars whose height is the position."""
    return "".join(bar.letter for bar in bars(arc, most=most))
