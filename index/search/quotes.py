"""The sentence or two of a slice that answer a question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from index.text.slicing import Slice
from index.text.tokens import TermFinder

LONGEST_QUOTE_CHARS = 420
SHORTEST_QUOTE_CHARS = 40
_WINDOW_GAIN = 0.6
_LENGTH_COST = 0.12
_SHORT_COST = 0.35


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a slice: offsets in its text, and the matched words in it as offsets in the same text."""

    start: int
    end: int
    marks: tuple[tuple[int, int], ...]


def best_span(
    piece: Slice, finder: TermFinder, weights: Mapping[str, float], windows: Sequence[tuple[int, int, float]]
) -> Span:
    """The one to three consecutive units of ``piece`` that answer best.

    Args:
        piece: the slice.
        finder: finds the question's words.
        weights: how much each stem tells, 0 or more.
        windows: ``(start, end, similarity)`` of its small windows to the question; may be empty.

    Returns:
        A span of whole units, at most ``LONGEST_QUOTE_CHARS`` long unless one unit is longer. It gains by the
        words it holds, by lying in the windows that are nearest to the question, and loses by length. Ties take
        the earlier span, then the shorter.
    """
    units = list(piece.units())
    found = finder.find(piece.text)
    total = sum(weights.values()) or 1.0
    held = [{word for at, _, word in found if start <= at < end} for start, end in units]
    nearness = _nearness(units, windows)
    best, best_score = units[0], float("-inf")
    for first, (start, _) in enumerate(units):
        stems: set[str] = set()
        for last in range(first, min(first + 3, len(units))):
            end = units[last][1]
            if last > first and end - start > LONGEST_QUOTE_CHARS:
                break
            stems |= held[last]
            score = sum(weights.get(word, 0.0) for word in stems) / total
            score += _WINDOW_GAIN * max(nearness[first : last + 1])
            score -= _LENGTH_COST * (last - first) + _SHORT_COST * (
                _width(piece.text[start:end]) < SHORTEST_QUOTE_CHARS
            )
            if score > best_score + 1e-9:
                best, best_score = (start, end), score
    start, end = best
    return Span(start, end, _joined((a, b) for a, b, _ in found if start <= a and b <= end))


def _joined(marks: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return ``marks``, in order of their start, with those that overlap or touch made one."""
    joined: list[tuple[int, int]] = []
    for start, end in marks:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _width(text: str) -> int:
    """Return the length of ``text`` in Latin letters: a Chinese or Japanese character says as much as three."""
    return (
        len(text) if text.isascii() else sum(3 if east_asian_width(letter) in "WF" else 1 for letter in text)
    )


def _nearness(units: Sequence[tuple[int, int]], windows: Sequence[tuple[int, int, float]]) -> list[float]:
    """0 to 1 for each unit: how near the window that holds it is to the question, against the slice's other windows."""
    similarities = [similarity for _, _, similarity in windows]
    low, high = min(similarities, default=0.0), max(similarities, default=0.0)
    if high <= low:
        return [0.0] * len(units)
    own = (next((value for a, b, value in windows if a <= start and end <= b), low) for start, end in units)
    return [(value - low) / (high - low) for value in own]
