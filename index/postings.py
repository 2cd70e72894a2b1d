"""Which slices hold which words: an inverted index in arrays, ranked by BM25.

For every stem the places of the slices that hold it, with how often and in which fields. Kept beside the database
rather than in its full-text index, which needs some microseconds for every slice that any word of a question occurs
in: a common word occurs in most. Arrays are added up a hundred times as fast, may stay on the disk (memory-mapped),
and tell which of a question's words a slice holds without its text being read.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index import arrays
from index.keywords import stems_in, telling

TEXT, HEADING, ABOUT = 1, 2, 4
"""Fields that hold a word, as bits: the slice's own text, its chapter's heading, what is said about its episode."""

_K1, _B = 1.2, 0.75
_TENTHS_OF = {TEXT: 10, HEADING: 5, ABOUT: 3}
_MOST = 255

Places = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Postings:
    """An inverted index over slices 0..n-1, in the order of the slice columns.

    Attributes:
        stems: every stem; the number of one is its place here. As UTF-8 bytes, one a line.
        starts: the postings of stem ``i`` are those from ``starts[i]`` to ``starts[i + 1]``, shape (n_stems + 1,).
        places: of the slices, ascending within a stem, shape (n_postings,).
        tenths: how often the stem occurs, in tenths, by the weights of the fields; at most 25.5 times.
        held_in: bits of the fields that hold it.
        lengths: words of each slice, all fields together, shape (n_slices,).
    """

    stems: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    places: Places
    tenths: npt.NDArray[np.uint8]
    held_in: npt.NDArray[np.uint8]
    lengths: npt.NDArray[np.uint16]
    _numbers: dict[str, int] = field(init=False, repr=False, compare=False)
    _norms: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        words = self.stems.tobytes().decode().split("\n") if len(self.stems) else []
        lengths = self.lengths.astype(np.float32)
        mean = float(lengths.mean()) if len(lengths) else 1.0
        object.__setattr__(self, "_numbers", {word: number for number, word in enumerate(words)})
        object.__setattr__(self, "_norms", _K1 * (1 - _B + _B * lengths / (mean or 1.0)))

    @classmethod
    def empty(cls) -> "Postings":
        """No slices."""
        return Added().joined_to(None, np.zeros(0, bool))

    @classmethod
    def open(cls, path: Path) -> "Postings":
        """Map what ``save`` wrote; it is read from the disk where it is looked at.

        Raises:
            OSError, ValueError: the file is missing or damaged.
        """
        return cls(**arrays.mapped(path, _STORED))

    def save(self, path: Path) -> None:
        """Write the arrays to ``path``."""
        arrays.save(path, {name: getattr(self, name) for name in _STORED})

    def __len__(self) -> int:
        return len(self.lengths)

    def frequency(self, stem: str) -> int:
        """In how many slices ``stem`` occurs."""
        start, end = self._span(stem)
        return end - start

    def telling(self, stem: str) -> float:
        """How much ``stem`` tells here; see ``keywords.telling``."""
        return telling(max(1, len(self)), self.frequency(stem))

    def best(
        self,
        stems: Sequence[str],
        limit: int,
        *,
        together: Iterable[Sequence[str]] = (),
        allowed: Mask | None = None,
    ) -> tuple[Places, Floats]:
        """The slices that hold most of ``stems``, best first, ties by place.

        BM25 as in Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework", section 3.2, with simple
        weights for the fields.

        Args:
            stems: any of them may be absent.
            limit: at most so many.
            together: groups of stems; a slice that holds a whole group counts as if each stood there once more.
            allowed: which slices may be found, shape (n_slices,); all if None.

        Returns:
            places and scores above 0.
        """
        total = np.zeros(len(self), np.float32)
        for stem in dict.fromkeys(stems):
            start, end = self._span(stem)
            if start < end:
                places = self.places[start:end]
                often = self.tenths[start:end] * np.float32(0.1)
                gain = np.float32(self.telling(stem) * (_K1 + 1)) * often / (often + self._norms[places])
                total[places] += gain
        for group in together:
            total[self._holding_all(group)] += np.float32(sum(self.telling(stem) for stem in set(group)))
        if allowed is not None:
            total[~allowed] = 0
        found = np.flatnonzero(total > self._surpassed(stems, total, limit))
        found = found[np.lexsort((found, -total[found]))][:limit]
        return found.astype(np.int32), total[found]

    def _surpassed(self, stems: Sequence[str], total: Floats, limit: int) -> float:
        """A score just below one that ``limit`` slices reach, told by the rarest stem that has so many; or 0."""
        spans = sorted((self._span(stem) for stem in stems), key=lambda span: span[1] - span[0])
        for start, end in spans:
            if end - start > limit:
                reached = total[self.places[start:end]]
                return float(np.nextafter(np.partition(reached, -limit)[-limit], np.float32(0)))
        return 0.0

    def held(self, stems: Sequence[str], places: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
        """The fields that hold each of ``stems`` in each of the slices at ``places``, as bits.

        Returns:
            shape (len(stems), len(places)).
        """
        found = np.zeros((len(stems), len(places)), np.uint8)
        for row, stem in enumerate(stems):
            start, end = self._span(stem)
            if start < end:
                having = self.places[start:end]
                at = np.minimum(np.searchsorted(having, places), end - start - 1)
                found[row] = np.where(having[at] == places, self.held_in[start:end][at], 0)
        return found

    def _span(self, stem: str) -> tuple[int, int]:
        number = self._numbers.get(stem)
        return (0, 0) if number is None else (int(self.starts[number]), int(self.starts[number + 1]))

    def _holding_all(self, stems: Sequence[str]) -> Places:
        spans = sorted((self._span(stem) for stem in set(stems)), key=lambda span: span[1] - span[0])
        if not spans:
            return np.zeros(0, np.int32)
        left = np.asarray(self.places[spans[0][0] : spans[0][1]])
        for start, end in spans[1:]:
            left = (
                left[np.isin(left, self.places[start:end], assume_unique=True)] if end > start else left[:0]
            )
        return left


_STORED = tuple(one.name for one in fields(Postings) if one.init)


class Added:
    """Slices on their way into ``Postings``, in order."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._terms, self._places = array("i"), array("i")
        self._tenths, self._held_in, self._lengths = array("B"), array("B"), array("H")

    def add(self, text: str, heading: str, about: Counter[str]) -> None:
        """The next slice: its words, its chapter's heading, and the counted stems of what is said of its episode."""
        counted = (
            (TEXT, Counter(stems_in(text))),
            (HEADING, Counter(stems_in(heading))),
            (ABOUT, about),
        )
        tenths: dict[str, int] = {}
        held_in: dict[str, int] = {}
        for bit, counts in counted:
            for stem, count in counts.items():
                tenths[stem] = tenths.get(stem, 0) + count * _TENTHS_OF[bit]
                held_in[stem] = held_in.get(stem, 0) | bit
        place = len(self._lengths)
        for stem, value in tenths.items():
            self._terms.append(self._numbers.setdefault(stem, len(self._numbers)))
            self._places.append(place)
            self._tenths.append(min(value, _MOST))
            self._held_in.append(held_in[stem])
        self._lengths.append(min(sum(sum(counts.values()) for _, counts in counted), 65535))

    def joined_to(self, base: Postings | None, kept: Mask) -> Postings:
        """What ``base`` has of the slices that are ``kept``, with the added ones behind.

        Args:
            base: what was there before; None for nothing.
            kept: shape (slices of the base,).
        """
        own = self._alone()
        return own if base is None else _joined(base, kept, own)

    def _alone(self) -> Postings:
        terms = np.asarray(self._terms, np.int32)
        order = np.argsort(terms, kind="stable")
        counts = np.bincount(terms, minlength=len(self._numbers))
        return Postings(
            stems=_bytes_of(list(self._numbers)),
            starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            places=np.asarray(self._places, np.int32)[order],
            tenths=np.asarray(self._tenths, np.uint8)[order],
            held_in=np.asarray(self._held_in, np.uint8)[order],
            lengths=np.asarray(self._lengths, np.uint16),
        )


def _joined(base: Postings, kept: Mask, own: Postings) -> Postings:
    """``base`` less the slices that are not ``kept``, with ``own`` behind: one pass over both, nothing sorted again."""
    numbers = dict(base._numbers)
    own_numbers = np.array([numbers.setdefault(word, len(numbers)) for word in own._numbers], np.int64)
    left, starts_left = _less(base, kept)
    n_before = np.zeros(len(numbers), np.int64)
    n_before[: len(starts_left) - 1] = np.diff(starts_left)
    n_added = np.zeros(len(numbers), np.int64)
    n_added[own_numbers] = np.diff(own.starts)
    starts = np.concatenate([[0], np.cumsum(n_before + n_added)])
    first = starts[own_numbers] + n_before[own_numbers]  # where the own postings of each own stem begin
    is_own = np.zeros(starts[-1], bool)
    at = np.repeat(first - own.starts[:-1], np.diff(own.starts)) + np.arange(len(own.places))
    is_own[at] = True
    is_before = ~is_own

    def both(before: npt.NDArray[Any], added: npt.NDArray[Any]) -> npt.NDArray[Any]:
        values = np.empty(len(is_own), before.dtype)
        values[is_before] = before
        values[at] = added
        return values

    used = np.flatnonzero(n_before + n_added)
    words = list(numbers)
    return Postings(
        stems=_bytes_of([words[one] for one in used]),
        starts=np.append(starts[used], starts[-1]),
        places=both(left[0], own.places + np.int32(kept.sum())),
        tenths=both(left[1], own.tenths),
        held_in=both(left[2], own.held_in),
        lengths=np.concatenate([base.lengths[kept], own.lengths]),
    )


def _less(
    base: Postings, kept: Mask
) -> tuple[tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]], npt.NDArray[np.int64]]:
    """Places (numbered anew), tenths and fields of ``base`` in the slices that are ``kept``, and each stem's start."""
    if kept.all():
        return (base.places, base.tenths, base.held_in), base.starts
    staying = kept[base.places]
    starts = np.concatenate([[0], np.cumsum(staying)])[base.starts]
    moved = (np.cumsum(kept) - 1).astype(np.int32)
    return (moved[base.places[staying]], base.tenths[staying], base.held_in[staying]), starts


def _bytes_of(stems: Sequence[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(stems).encode(), np.uint8)
