"""A few sentences inside a slice: what is embedded and matched.

A slice has its windows, which part its units among them, and itself as one more window: the small ones find the
sentence, the whole one the subject. Both together rank better than either, and no better with windows that
overlap (docs/measurements.md). Titles are not put in front: they have vectors and words of their own in ranking,
and a reading of positions wants the speech alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from index.text.slicing import Slice

WINDOW_CHARS = 350
"""Longest small window, unless a single unit is longer."""


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive units of one slice; ``start`` and ``end`` are offsets in the slice's text."""

    start: int
    end: int


def windows_of(piece: Slice, *, window_chars: int = WINDOW_CHARS) -> tuple[Window, ...]:
    """The windows of ``piece``: the whole slice first, then small ones in order that part its units.

    A small window takes units while they fit into ``window_chars``; a slice that is one such window has only
    itself.
    """
    whole = Window(0, len(piece.text))
    small: list[Window] = []
    for start, end in piece.units():
        if small and end - small[-1].start <= window_chars:
            small[-1] = Window(small[-1].start, end)
        else:
            small.append(Window(start, end))
    return (whole, *small) if len(small) > 1 else (whole,)


def window_texts(piece: Slice, windows: Sequence[Window]) -> list[str]:
    """The text of each window, as it is embedded."""
    return [piece.text[window.start : window.end] for window in windows]


def window_key(text: str) -> int:
    """64 bits that name a window's text: its vector is cached under them."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
