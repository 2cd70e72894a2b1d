"""Positions in letters, as Discord shows them."""

from collections.abc import Sequence

from bot.i18n.catalogue import signed
from bot.i18n.language import Language
from bot.render.text import bars, track

CELLS = 15
"""Places of a marker on a gauge; odd, so that one is the middle."""

_MOST_BARS = 28


def gauge(position: float, other: float | None = None) -> str:
    """Return a gauge from the low pole to the high one, marked at ``position`` and hollow at ``other``."""
    return f"◂{track(position, other, cells=CELLS)}▸"


def sparkline(arc: Sequence[float]) -> str:
    """Return an arc, early to late, as bars whose height is the position; empty for an empty arc."""
    return "".join(bar.letter for bar in bars(arc, most=_MOST_BARS))


def position_line(language: Language, position: float) -> str:
    """Return a position as a gauge, a number and a band."""
    return f"`{gauge(position)} {signed(position)}` {language.band(language.axis.band_of(position))}"


def signed_tenths(points: float) -> str:
    """Return points of the scale with one decimal where they are few, such as a driver's share of an hour."""
    if abs(points) >= 9.95:
        return signed(points)
    text = f"{abs(points):.1f}"
    return "0" if text == "0.0" else ("+" if points > 0 else "−") + text
