"""Positions drawn in letters: a gauge, two markers on one track, an arc, and shares of a whole."""

from collections.abc import Sequence

import numpy as np

CELLS = 15
"""Places of a marker on a gauge; odd, so that one is the middle."""

_LOW, _HIGH, _TRACK, _MIDDLE = "◂", "▸", "─", "┼"
_HERE, _THERE = "●", "○"
_STEPS = "▁▂▃▄▅▆▇█"
FILLS = "█▒░"
"""How shares are filled, from the low pole to the high one."""


def gauge(position: float, other: float | None = None) -> str:
    """A track from the low pole to the high one with a marker at ``position``, -100 to 100.

    ``other`` is drawn hollow; where both fall into one place, ``position`` is seen.
    """
    cells = [_TRACK] * CELLS
    cells[CELLS // 2] = _MIDDLE
    if other is not None:
        cells[_cell(other)] = _THERE
    cells[_cell(position)] = _HERE
    return _LOW + "".join(cells) + _HIGH


def sparkline(arc: Sequence[float], *, most: int = 28) -> str:
    """An arc, early to late, as bars whose height is the position; a long one is averaged into ``most`` bars.

    Bars span -50 to 50, where whole minutes stand; what is further out fills a bar, or empties it.
    """
    if not arc:
        return ""
    groups = np.array_split(np.asarray(arc, float), min(most, len(arc)))
    heights = [float(np.clip((group.mean() + 50.0) / 100.0, 0.0, 1.0)) for group in groups]
    return "".join(_STEPS[min(len(_STEPS) - 1, int(height * len(_STEPS)))] for height in heights)


def shares(parts: Sequence[float], *, cells: int = 20) -> str:
    """Shares of a whole as one bar; each part that is not nothing has a cell at least.

    Args:
        parts: not negative, at most three; their sum is the whole.
        cells: width of the bar.
    """
    whole = sum(parts)
    if whole <= 0:
        return _TRACK * cells
    widths = [max(1, round(part / whole * cells)) if part > 0 else 0 for part in parts]
    while sum(widths) != cells:
        widest = max(range(len(widths)), key=lambda place: (widths[place], -place))
        widths[widest] += 1 if sum(widths) < cells else -1
    return "".join(fill * width for fill, width in zip(FILLS, widths, strict=False))


def _cell(position: float) -> int:
    return min(CELLS - 1, max(0, round((position + 100.0) / 200.0 * (CELLS - 1))))
