"""Windows of a slice: the pieces of text that are embedded and matched.

A slice has small windows, which divide its units among them, and the whole slice as one more window: the small ones
find the sentence, the whole one the subject. Both together rank better than either, and overlapping windows are no
better (docs/measurements.md). Titles are not put in front: ranking has evidence of its own for them, and a reading of
positions needs the speech alone.
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
    """Return the windows of ``piece``: the whole slice first, then the small windows in order.

    A small window takes units while they fit into ``window_chars``; a slice with only one small window has only the
    whole one.
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
    """Return the text of each window, as it is embedded."""
    return [piece.text[window.start : window.end] for window in windows]


def window_key(text: str) -> int:
    """Return a 64-bit hash of a window's text, the key of its cached vector."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
