"""BM25 search over the words of an edition's segments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.storage.inverted_index import Places, Postings, in_all
from index.storage.kept_rows import KeptRows, Mask
from index.storage.vectors import Conditions
from index.text.tokens import idf

_K1, _B = 1.2, 0.75

Floats = npt.NDArray[np.float32]


class WordSearch(Protocol):
    """The words of an edition's slices 0..n-1, wherever they are: in its files, or in a store; see ``BM25Index``."""

    def __len__(self) -> int: ...

    def lengths(self) -> npt.NDArray[np.uint16]:
        """Return the number of words of each slice, shape (n_slices,)."""
        ...

    def frequency(self, stem: str) -> int:
        """Return the document frequency of ``stem``."""
        ...

    def idf(self, stem: str) -> float:
        """Return the BM25 inverse document frequency of ``stem``."""
        ...

    def best(
        self,
        stems: Sequence[str],
        limit: int,
        *,
        together: Iterable[Sequence[str]] = (),
        allowed: Mask | None = None,
        where: Conditions | None = None,
    ) -> tuple[Places, Floats]:
        """Return the slices that match ``stems`` best, best first."""
        ...

    def saying_all(self, stems: Sequence[str]) -> Places:
        """Return the places of the slices whose own text holds all of ``stems``, ascending; none for no stems."""
        ...

    def held(self, stems: Sequence[str], places: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
        """Return bits of the fields that hold each of ``stems`` in each slice, shape (len(stems), len(places))."""
        ...

    def said(self) -> dict[str, tuple[Places, npt.NDArray[np.uint8]]]:
        """Return for each stem that is said the places of the slices whose text holds it, ascending, and how often."""
        ...


@dataclass(frozen=True, slots=True)
class SliceImpacts:
    """The stems of consecutive slices.

    Attributes:
        starts: the stems of slice ``i`` are those from ``starts[i]`` to ``starts[i + 1]``, shape (n_slices + 1,).
        numbers: number of each stem, ascending within a slice, shape (n_stems,), as the two below.
        impacts: what a stem adds to the slice's BM25 score, without its idf.
        held_in: bits of the fields that hold it.
    """

    starts: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.int64]
    impacts: Floats
    held_in: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class SegmentPostings:
    """The postings of one segment, and which of its slices the edition keeps.

    Attributes:
        postings: the segment's postings, as stored.
        kept: its slices that the edition keeps.
        removed: places in the segment of the other slices, ascending.
    """

    postings: Postings
    kept: KeptRows
    removed: Places

    @classmethod
    def of(cls, postings: Postings, is_kept: Mask | None, first: int) -> "SegmentPostings":
        """Return the segment with the slices where ``is_kept``, shape (len(postings),), is True; None keeps all.

        The first of them has the place ``first`` in the edition.
        """
        removed = np.flatnonzero(np.zeros(0, bool) if is_kept is None else ~is_kept).astype(np.int32)
        return cls(postings, KeptRows.of(len(postings), is_kept, first), removed)

    def frequency(self, stem: str) -> int:
        """Return how many of the slices kept hold ``stem``."""
        own = self.postings.of_stem(stem).places
        if not len(self.removed) or not len(own):
            return len(own)
        at = np.minimum(np.searchsorted(own, self.removed), len(own) - 1)
        return len(own) - int(np.count_nonzero(own[at] == self.removed))

    def in_edition(self, places: Places) -> Places:
        """Return the places in the edition of the slices at ``places`` of the segment, without removed ones."""
        found = self.kept.in_edition(places)
        return found[found >= 0].astype(np.int32)

    def holding_all(self, stems: Iterable[str]) -> Places:
        """Return the places in the segment of the slices that hold all of ``stems``, ascending."""
        return in_all(self.postings.of_stem(stem).places for stem in stems)

    def saying_all(self, stems: Iterable[str]) -> Places:
        """Return the places in the segment of the slices whose own text holds all of ``stems``, ascending."""
        found = [self.postings.of_stem(stem) for stem in stems]
        return in_all(own.places[own.are_said] for own in found)


class BM25Index:
    """A BM25 index over the slices 0..n-1 of an edition's segments, in order.

    Args:
        stored: the postings of each segment, and a mask of the slices kept; None for all.
    """

    def __init__(self, *stored: tuple[Postings, Mask | None]) -> None:
        segments: list[SegmentPostings] = []
        self._length = 0
        for postings, is_kept in stored:
            segments.append(SegmentPostings.of(postings, is_kept, self._length))
            self._length += len(segments[-1].kept)
        self.segments = tuple(segments)
        mean = float(self.lengths().mean()) if self._length else 1.0
        self._norms = [
            _K1 * (1 - _B + _B * segment.postings.lengths.astype(np.float32) / (mean or 1.0))
            for segment in segments
        ]

    def __len__(self) -> int:
        return self._length

    def lengths(self) -> npt.NDArray[np.uint16]:
        """Return the number of words of each slice, shape (n_slices,)."""
        own = [segment.kept.values(segment.postings.lengths) for segment in self.segments]
        return np.concatenate([*own, np.zeros(0, np.uint16)])

    def said(self) -> dict[str, tuple[Places, npt.NDArray[np.uint8]]]:
        """Return for each stem that is said the places of the slices whose text holds it, ascending, and how often.

        How often is in tenths, as in ``Postings``, whose other fields count with it where they hold the stem, too.
        """
        said = {stem: self.saying(stem) for stem in self._stems()}
        return {stem: found for stem, found in said.items() if len(found[0])}

    def saying(self, stem: str) -> tuple[Places, npt.NDArray[np.uint8]]:
        """Return places and counts of one stem; see ``said``."""
        places, tenths = [np.zeros(0, np.int32)], [np.zeros(0, np.uint8)]
        for segment in self.segments:
            own = segment.postings.of_stem(stem)
            moved = segment.kept.in_edition(own.places)
            is_said = (moved >= 0) & own.are_said
            places.append(moved[is_said].astype(np.int32))
            tenths.append(own.tenths[is_said])
        return np.concatenate(places), np.concatenate(tenths)

    def frequencies(self) -> dict[str, int]:
        """Return the document frequency of every stem, by stem in alphabetical order."""
        counted = ((stem, self.frequency(stem)) for stem in sorted(self._stems()))
        return {stem: frequency for stem, frequency in counted if frequency}

    def _stems(self) -> dict[str, None]:
        """Return the stems of all segments, each once."""
        return dict.fromkeys(stem for segment in self.segments for stem in segment.postings.numbers)

    def stems_of(self, first: int, stop: int, numbers: Mapping[str, int]) -> SliceImpacts:
        """Return the stems of the slices at the places from ``first`` to ``stop`` (excluded).

        Args:
            first: of the slices.
            stop: of the slices.
            numbers: number of every stem; see ``frequencies``.
        """
        places, stems, impacts, held_in = [], [], [], []
        for segment, norms in zip(self.segments, self._norms, strict=True):
            postings = segment.postings
            moved = segment.kept.in_edition(postings.places)
            at = np.flatnonzero((moved >= first) & (moved < stop))
            renumbered = np.array([numbers.get(stem, -1) for stem in postings.numbers], np.int64)
            stems.append(renumbered[np.searchsorted(postings.starts, at, side="right") - 1])
            places.append(moved[at])
            impacts.append(_scores(1.0, postings.tenths[at], norms[postings.places[at]]))
            held_in.append(postings.held_in[at])
        all_places, all_stems = np.concatenate(places), np.concatenate(stems)
        order = np.lexsort((all_stems, all_places))
        return SliceImpacts(
            np.searchsorted(all_places[order], np.arange(first, stop + 1)),
            all_stems[order],
            np.concatenate(impacts)[order],
            np.concatenate(held_in)[order],
        )

    def frequency(self, stem: str) -> int:
        """Return the document frequency of ``stem``: how many slices hold it."""
        return sum(segment.frequency(stem) for segment in self.segments)

    def idf(self, stem: str) -> float:
        """Return the BM25 inverse document frequency of ``stem``; see ``tokens.idf``."""
        return idf(max(1, len(self)), self.frequency(stem))

    def best(
        self,
        stems: Sequence[str],
        limit: int,
        *,
        together: Iterable[Sequence[str]] = (),
        allowed: Mask | None = None,
        where: Conditions | None = None,
    ) -> tuple[Places, Floats]:
        """Return the slices that match ``stems`` best, best first, ties by place.

        BM25 as in Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework", section 3.2, with simple
        weights for the fields.

        Args:
            stems: stems to look for; any may be absent from the index.
            limit: slices at most.
            together: groups of stems; a slice that holds a whole group gains the idf of each of its stems once more.
            allowed: mask of the slices that may be found, shape (n_slices,); None for all.
            where: the conditions that ``allowed`` was made from.

        Returns:
            Places and their scores, above 0.
        """
        del where  # the mask says all of it
        weights = {stem: self.idf(stem) for stem in stems}
        groups = [(group, np.float32(sum(self.idf(stem) for stem in set(group)))) for group in together]
        totals = []
        for segment, norms in zip(self.segments, self._norms, strict=True):
            own = np.zeros(len(segment.postings), np.float32)
            for stem, weight in weights.items():
                found = segment.postings.of_stem(stem)
                own[found.places] += _scores(weight, found.tenths, norms[found.places])
            for group, gain in groups:
                own[segment.holding_all(group)] += gain
            totals.append(segment.kept.values(own))
        total = totals[0] if len(totals) == 1 else np.concatenate(totals)
        if allowed is not None:
            total[~allowed] = 0
        best = np.flatnonzero(total > self._score_below(weights, total, limit))
        best = best[np.lexsort((best, -total[best]))][:limit]
        return best.astype(np.int32), total[best]

    def _score_below(self, stems: Iterable[str], total: Floats, limit: int) -> float:
        """Return a score just below one that ``limit`` slices reach, found by the rarest stem in as many, or 0."""
        frequencies = sorted((self.frequency(stem), stem) for stem in stems)
        for frequency, stem in frequencies:
            if frequency > limit:
                holding = [
                    segment.in_edition(segment.postings.of_stem(stem).places) for segment in self.segments
                ]
                reached = total[np.concatenate(holding)]
                return float(np.nextafter(np.partition(reached, -limit)[-limit], np.float32(0)))
        return 0.0

    def saying_all(self, stems: Sequence[str]) -> Places:
        """Return the places of the slices whose own text holds all of ``stems``, ascending; none for no stems."""
        found = [segment.in_edition(segment.saying_all(stems)) for segment in self.segments]
        return np.concatenate([*found, np.zeros(0, np.int32)])

    def held(self, stems: Sequence[str], places: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
        """Return the fields that hold each of ``stems`` in each of the slices at ``places``.

        Returns:
            Bits of the fields, 0 for none, shape (len(stems), len(places)).
        """
        found = np.zeros((len(stems), len(places)), np.uint8)
        for segment in self.segments:
            at = np.flatnonzero(segment.kept.are_inside(places))
            own = segment.kept.in_segment(places[at])
            for row, stem in enumerate(stems):
                holders = segment.postings.of_stem(stem)
                if len(holders.places):
                    near = np.minimum(np.searchsorted(holders.places, own), len(holders.places) - 1)
                    found[row, at] = np.where(holders.places[near] == own, holders.held_in[near], 0)
        return found


def _scores(idf_: float, tenths: npt.NDArray[np.uint8], norms: Floats) -> Floats:
    """Return what a stem that occurs so often adds to the scores of slices with these ``norms``."""
    counts = tenths * np.float32(0.1)
    scores: Floats = np.float32(idf_ * (_K1 + 1)) * counts / (counts + norms)
    return scores
