"""BM25 search over the words of an edition's segments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from index.storage.inverted_index import TEXT, Places, Postings
from index.text.tokens import idf

_K1, _B = 1.2, 0.75

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
_Value = TypeVar("_Value", bound=np.generic)


@dataclass(frozen=True, slots=True)
class SegmentPostings:
    """The postings of one segment, and which of its slices the edition keeps.

    Attributes:
        postings: the segment's postings, as stored.
        first: place in the edition of the first slice kept.
        kept: places in the segment of the slices kept, ascending; None for all.
        removed: places in the segment of the other slices, ascending.
    """

    postings: Postings
    first: int
    kept: Places | None
    removed: Places

    @classmethod
    def of(cls, postings: Postings, first: int, is_kept: Mask | None) -> "SegmentPostings":
        """Return the segment with the slices where ``is_kept``, shape (len(postings),), is True; None keeps all.

        The first of them has the place ``first`` in the edition.
        """
        if is_kept is None or is_kept.all():
            return cls(postings, first, None, np.zeros(0, np.int32))
        kept, removed = (np.flatnonzero(mask).astype(np.int32) for mask in (is_kept, ~is_kept))
        return cls(postings, first, kept, removed)

    def __len__(self) -> int:
        return len(self.postings) if self.kept is None else len(self.kept)

    def values_kept(self, values: npt.NDArray[_Value]) -> npt.NDArray[_Value]:
        """Return those of ``values``, one for each slice of the segment, that belong to slices kept."""
        return values if self.kept is None else values[self.kept]

    def holding(self, stem: str) -> Places:
        """Return the places in the segment of the slices that hold ``stem``, ascending, removed ones included."""
        start, end = self.postings.span(stem)
        return self.postings.places[start:end]

    def frequency(self, stem: str) -> int:
        """Return how many of the slices kept hold ``stem``."""
        own = self.holding(stem)
        if not len(self.removed) or not len(own):
            return len(own)
        at = np.minimum(np.searchsorted(own, self.removed), len(own) - 1)
        return len(own) - int(np.count_nonzero(own[at] == self.removed))

    def in_edition(self, places: Places) -> Places:
        """Return the places in the edition of the slices at ``places`` of the segment, without removed ones."""
        if self.kept is None:
            return places + np.int32(self.first)
        at = np.searchsorted(self.kept, places)
        inside = at < len(self.kept)
        at, places = at[inside], places[inside]
        found: Places = (at[self.kept[at] == places] + self.first).astype(np.int32)
        return found

    def in_segment(self, places: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
        """Return the places in the segment of its slices at ``places`` in the edition."""
        return places - self.first if self.kept is None else self.kept[places - self.first]

    def holding_all(self, stems: Iterable[str]) -> Places:
        """Return the places in the segment of the slices that hold all of ``stems``, ascending."""
        groups = sorted((self.holding(stem) for stem in stems), key=len)
        together = groups[0] if groups else np.zeros(0, np.int32)
        for group in groups[1:]:
            together = together[np.isin(together, group, assume_unique=True)]
        return together

    def saying_all(self, stems: Iterable[str]) -> Places:
        """Return the places in the segment of the slices whose own text holds all of ``stems``, ascending."""
        together: Places | None = None
        for stem in stems:
            start, end = self.postings.span(stem)
            saying = self.postings.places[start:end][(self.postings.held_in[start:end] & TEXT) > 0]
            together = saying if together is None else together[np.isin(together, saying, assume_unique=True)]
        return np.zeros(0, np.int32) if together is None else together


class BM25Index:
    """A BM25 index over the slices 0..n-1 of an edition's segments, in order.

    Args:
        stored: the postings of each segment, and a mask of the slices kept; None for all.
    """

    def __init__(self, *stored: tuple[Postings, Mask | None]) -> None:
        segments: list[SegmentPostings] = []
        self._length = 0
        for postings, is_kept in stored:
            segments.append(SegmentPostings.of(postings, self._length, is_kept))
            self._length += len(segments[-1])
        self.segments = tuple(segments)
        lengths = [segment.values_kept(segment.postings.lengths) for segment in segments]
        mean = float(np.concatenate([*lengths, np.zeros(0)]).mean()) if self._length else 1.0
        self._norms = [
            _K1 * (1 - _B + _B * segment.postings.lengths.astype(np.float32) / (mean or 1.0))
            for segment in segments
        ]

    def __len__(self) -> int:
        return self._length

    def lengths(self) -> npt.NDArray[np.uint16]:
        """Return the number of words of each slice, shape (n_slices,)."""
        own = [segment.values_kept(segment.postings.lengths) for segment in self.segments]
        return np.concatenate([*own, np.zeros(0, np.uint16)])

    def said(self) -> dict[str, tuple[Places, npt.NDArray[np.uint8]]]:
        """Return for each stem that is said the places of the slices whose text holds it, ascending, and how often.

        How often is in tenths, as in ``Postings``, whose other fields count with it where they hold the stem, too.
        """
        found: dict[str, list[tuple[Places, npt.NDArray[np.uint8]]]] = {}
        for segment in self.segments:
            postings = segment.postings
            moved = np.full(len(postings), -1, np.int32)
            kept = np.arange(len(postings)) if segment.kept is None else segment.kept
            moved[kept] = np.arange(len(kept), dtype=np.int32) + segment.first
            places = moved[postings.places]
            is_said = (places >= 0) & ((postings.held_in & TEXT) > 0)
            for number, stem in enumerate(postings.stems.tobytes().decode().split("\n")):
                own = slice(int(postings.starts[number]), int(postings.starts[number + 1]))
                mask = is_said[own]
                if mask.any():
                    found.setdefault(stem, []).append((places[own][mask], postings.tenths[own][mask]))
        return {
            stem: (np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))
            for stem, parts in found.items()
        }

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
    ) -> tuple[Places, Floats]:
        """Return the slices that match ``stems`` best, best first, ties by place.

        BM25 as in Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework", section 3.2, with simple
        weights for the fields.

        Args:
            stems: stems to look for; any may be absent from the index.
            limit: slices at most.
            together: groups of stems; a slice that holds a whole group gains the idf of each of its stems once more.
            allowed: mask of the slices that may be found, shape (n_slices,); None for all.

        Returns:
            Places and their scores, above 0.
        """
        weights = {stem: self.idf(stem) for stem in stems}
        totals = []
        for segment, norms in zip(self.segments, self._norms, strict=True):
            own = np.zeros(len(segment.postings), np.float32)
            for stem, weight in weights.items():
                start, end = segment.postings.span(stem)
                places = segment.postings.places[start:end]
                counts = segment.postings.tenths[start:end] * np.float32(0.1)
                own[places] += np.float32(weight * (_K1 + 1)) * counts / (counts + norms[places])
            for group in together:
                own[segment.holding_all(group)] += np.float32(sum(self.idf(stem) for stem in set(group)))
            totals.append(segment.values_kept(own))
        total = totals[0] if len(totals) == 1 else np.concatenate(totals)
        if allowed is not None:
            total[~allowed] = 0
        found = np.flatnonzero(total > self._score_below(weights, total, limit))
        found = found[np.lexsort((found, -total[found]))][:limit]
        return found.astype(np.int32), total[found]

    def _score_below(self, stems: Iterable[str], total: Floats, limit: int) -> float:
        """Return a score just below one that ``limit`` slices reach, found by the rarest stem in as many, or 0."""
        frequencies = sorted((self.frequency(stem), stem) for stem in stems)
        for frequency, stem in frequencies:
            if frequency > limit:
                reached = total[
                    np.concatenate([segment.in_edition(segment.holding(stem)) for segment in self.segments])
                ]
                return float(np.nextafter(np.partition(reached, -limit)[-limit], np.float32(0)))
        return 0.0

    def saying_all(self, stems: Sequence[str]) -> Places:
        """Return the places of the slices whose own text holds all of ``stems``, ascending; none for no stems."""
        stems = list(dict.fromkeys(stems))
        return np.concatenate(
            [
                np.zeros(0, np.int32),
                *(segment.in_edition(segment.saying_all(stems)) for segment in self.segments),
            ]
        )

    def held(self, stems: Sequence[str], places: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
        """Return the fields that hold each of ``stems`` in each of the slices at ``places``.

        Returns:
            Bits of the fields, 0 for none, shape (len(stems), len(places)).
        """
        found = np.zeros((len(stems), len(places)), np.uint8)
        for segment in self.segments:
            at = np.flatnonzero((places >= segment.first) & (places < segment.first + len(segment)))
            if len(at):
                own = segment.in_segment(places[at])
                for row, stem in enumerate(stems):
                    start, end = segment.postings.span(stem)
                    if start < end:
                        holders = segment.postings.places[start:end]
                        near = np.minimum(np.searchsorted(holders, own), end - start - 1)
                        fields = segment.postings.held_in[start:end][near]
                        found[row, at] = np.where(holders[near] == own, fields, 0)
        return found
