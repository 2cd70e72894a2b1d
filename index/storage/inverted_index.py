"""An inverted index of stems in arrays, as it is stored; ``bm25`` searches it.

It has for every stem the places of the slices that hold it, with how often and in which fields. It is kept beside the
database rather than in SQLite's full-text index, which needs some microseconds for every slice that holds any word of a
question, and a common word is in most slices. Adding up arrays is a hundred times as fast; they may stay on the disk
(memory-mapped), and show which words of a question a slice holds without reading its text.
"""

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from index.storage.kept_rows import Mask
from index.storage.mapped_arrays import MappedArrays
from index.text.tokens import stems_in

TEXT, HEADING, ABOUT = 1, 2, 4
"""Fields of a slice as bits: its own text, its chapter's heading, and the description of its episode."""

_TENTHS_OF = {TEXT: 10, HEADING: 5, ABOUT: 3}
_MOST = 255

Places = npt.NDArray[np.int32]


class StemPostings(NamedTuple):
    """The postings of one stem: views of the arrays of ``Postings``, of one length."""

    places: Places
    tenths: npt.NDArray[np.uint8]
    held_in: npt.NDArray[np.uint8]

    @property
    def are_said(self) -> Mask:
        """Return which of the slices hold the stem in their own text."""
        return (self.held_in & TEXT) > 0


@dataclass(frozen=True, slots=True)
class Postings(MappedArrays):
    """An inverted index over slices 0..n-1, in the order of the slice columns.

    Attributes:
        stems: every stem as UTF-8 bytes, one a line; a stem's number is its line, from 0.
        starts: the postings of stem ``i`` are those from ``starts[i]`` to ``starts[i + 1]``, shape (n_stems + 1,).
        places: places of the slices, ascending within a stem, shape (n_postings,).
        tenths: term frequency weighted by field, in tenths, at most 25.5 times, shape (n_postings,).
        held_in: bits of the fields that hold the stem, shape (n_postings,).
        lengths: number of words of each slice, all fields together, shape (n_slices,).
        numbers: number of each stem, in their order.
    """

    stems: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    places: Places
    tenths: npt.NDArray[np.uint8]
    held_in: npt.NDArray[np.uint8]
    lengths: npt.NDArray[np.uint16]
    numbers: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbers = {stem: number for number, stem in enumerate(stems_of_bytes(self.stems))}
        object.__setattr__(self, "numbers", numbers)

    @classmethod
    def empty(cls) -> "Postings":
        """Return postings without slices."""
        return PostingsBuilder().build()

    def __len__(self) -> int:
        return len(self.lengths)

    def of_stem(self, stem: str) -> StemPostings:
        """Return the postings of ``stem``; empty arrays if it has none."""
        number = self.numbers.get(stem)
        span = slice(0, 0) if number is None else slice(*self.starts[number : number + 2].tolist())
        return StemPostings(self.places[span], self.tenths[span], self.held_in[span])


@dataclass(frozen=True, slots=True)
class SliceStems:
    """The stems of one slice, in the order in which they first occur.

    Attributes:
        stems: each once.
        tenths: term frequency of each weighted by field, in tenths, as ``Postings`` has it.
        held_in: for each the bits of the fields that hold it.
        length: number of words, all fields together, at most 65,535.
    """

    stems: tuple[str, ...]
    tenths: bytes
    held_in: bytes
    length: int

    @classmethod
    def of(cls, text: str, heading: str, about: Counter[str]) -> "SliceStems":
        """Return the stems of a slice.

        Args:
            text: the slice's own text.
            heading: its chapter's heading; empty if it has none.
            about: counted stems of the description of its episode.
        """
        counted = (
            (TEXT, Counter(stems_in(text, with_characters=True))),
            (HEADING, Counter(stems_in(heading, with_characters=True))),
            (ABOUT, about),
        )
        tenths: dict[str, int] = {}
        held_in: dict[str, int] = {}
        for bit, counts in counted:
            for stem, count in counts.items():
                tenths[stem] = tenths.get(stem, 0) + count * _TENTHS_OF[bit]
                held_in[stem] = held_in.get(stem, 0) | bit
        length = min(sum(sum(counts.values()) for _, counts in counted), 65535)
        return cls(
            tuple(tenths),
            bytes(min(value, _MOST) for value in tenths.values()),
            bytes(held_in.values()),
            length,
        )


class PostingsBuilder:
    """Builds ``Postings`` from slices added in order."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._terms, self._places = array("i"), array("i")
        self._tenths, self._held_in, self._lengths = array("B"), array("B"), array("H")

    def add(self, words: SliceStems) -> None:
        """Add the next slice."""
        place = len(self._lengths)
        for stem in words.stems:
            self._terms.append(self._numbers.setdefault(stem, len(self._numbers)))
        self._places.extend([place] * len(words.stems))
        self._tenths.frombytes(words.tenths)
        self._held_in.frombytes(words.held_in)
        self._lengths.append(words.length)

    def build(self, *before: tuple[Postings, Mask]) -> Postings:
        """Return the postings of the segments ``before``, in order, followed by the slices added.

        Args:
            before: the postings of each segment, and a mask of the slices kept, shape (slices of the segment,).
        """
        joined = self._alone()
        for postings, kept in reversed(before):
            joined = _joined(postings, kept, joined)
        return joined

    def _alone(self) -> Postings:
        terms = np.asarray(self._terms, np.int32)
        order = np.argsort(terms, kind="stable")
        counts = np.bincount(terms, minlength=len(self._numbers))
        return Postings(
            stems=bytes_of_stems(list(self._numbers)),
            starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            places=np.asarray(self._places, np.int32)[order],
            tenths=np.asarray(self._tenths, np.uint8)[order],
            held_in=np.asarray(self._held_in, np.uint8)[order],
            lengths=np.asarray(self._lengths, np.uint16),
        )


def _joined(base: Postings, kept: Mask, own: Postings) -> Postings:
    """Return the ``kept`` slices of ``base`` followed by those of ``own``, in one pass without sorting again."""
    numbers = dict(base.numbers)
    own_numbers = np.array([numbers.setdefault(word, len(numbers)) for word in own.numbers], np.int64)
    kept_arrays, kept_starts = _kept_postings(base, kept)
    n_before = np.zeros(len(numbers), np.int64)
    n_before[: len(kept_starts) - 1] = np.diff(kept_starts)
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
        stems=bytes_of_stems([words[number] for number in used]),
        starts=np.append(starts[used], starts[-1]),
        places=both(kept_arrays[0], own.places + np.int32(kept.sum())),
        tenths=both(kept_arrays[1], own.tenths),
        held_in=both(kept_arrays[2], own.held_in),
        lengths=np.concatenate([base.lengths[kept], own.lengths]),
    )


def _kept_postings(
    base: Postings, kept: Mask
) -> tuple[tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]], npt.NDArray[np.int64]]:
    """Return places (numbered anew), tenths and fields of the ``kept`` slices, and the starts of the stems."""
    if kept.all():
        return (base.places, base.tenths, base.held_in), base.starts
    staying = kept[base.places]
    starts = np.concatenate([[0], np.cumsum(staying)])[base.starts]
    moved = (np.cumsum(kept) - 1).astype(np.int32)
    return (moved[base.places[staying]], base.tenths[staying], base.held_in[staying]), starts


def in_all(lists: Iterable[Places]) -> Places:
    """Return the places that are in each of ``lists``, ascending as they are; none for no lists."""
    together, *others = sorted(lists, key=len) or [np.zeros(0, np.int32)]
    for places in others:
        together = together[np.isin(together, places, assume_unique=True)]
    return together


def bytes_of_stems(stems: Iterable[str]) -> npt.NDArray[np.uint8]:
    """Return stems as they are stored: UTF-8, one a line."""
    return np.frombuffer("\n".join(stems).encode(), np.uint8)


def stems_of_bytes(stored: npt.NDArray[np.uint8]) -> list[str]:
    """Return the stems that ``bytes_of_stems`` stored."""
    return stored.tobytes().decode().split("\n") if len(stored) else []
