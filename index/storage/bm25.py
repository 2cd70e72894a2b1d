"""What is asked of an edition's words: which slices hold them, and how well they match, by BM25."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from index.storage.inverted_index import Places, Postings
from index.text.tokens import idf

_K1, _B = 1.2, 0.75

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
_Value = TypeVar("_Value", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Part:
    """Postings whose slices are some of the edition's.

    Attributes:
        postings: as they are stored.
        first: the place in the edition of the first slice that is left.
        left: the places here of the slices that are left, ascending; None for all.
        gone: the places here of the others, ascending.
    """

    postings: Postings
    first: int
    left: Places | None
    gone: Places

    @classmethod
    def of(cls, postings: Postings, first: int, kept: Mask | None) -> "Part":
        """The slices that are ``kept``, shape (len(postings),), None for all; the first has the place ``first``."""
        if kept is None or kept.all():
            return cls(postings, first, None, np.zeros(0, np.int32))
        left, gone = (np.flatnonzero(which).astype(np.int32) for which in (kept, ~kept))
        return cls(postings, first, left, gone)

    def __len__(self) -> int:
        return len(self.postings) if self.left is None else len(self.left)

    def all_left(self, values: npt.NDArray[_Value]) -> npt.NDArray[_Value]:
        """Of values for each slice here, those of the slices that are left."""
        return values if self.left is None else values[self.left]

    def holding(self, stem: str) -> Places:
        """The places here of the slices that hold ``stem``, ascending, gone ones too."""
        start, end = self.postings.span(stem)
        return self.postings.places[start:end]

    def frequency(self, stem: str) -> int:
        """How many slices that are left hold ``stem``."""
        own = self.holding(stem)
        if not len(self.gone) or not len(own):
            return len(own)
        at = np.minimum(np.searchsorted(own, self.gone), len(own) - 1)
        return len(own) - int(np.count_nonzero(own[at] == self.gone))

    def in_edition(self, places: Places) -> Places:
        """The places in the edition of the slices at ``places`` here, less those that are gone."""
        if self.left is None:
            return places + np.int32(self.first)
        at = np.searchsorted(self.left, places)
        inside = at < len(self.left)
        at, places = at[inside], places[inside]
        found: Places = (at[self.left[at] == places] + self.first).astype(np.int32)
        return found

    def here(self, places: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
        """The places here of slices of this part at ``places`` in the edition."""
        return places - self.first if self.left is None else self.left[places - self.first]

    def holding_all(self, stems: Iterable[str]) -> Places:
        """The places here of the slices that hold all of ``stems``."""
        groups = sorted((self.holding(stem) for stem in stems), key=len)
        together = groups[0] if groups else np.zeros(0, np.int32)
        for group in groups[1:]:
            together = together[np.isin(together, group, assume_unique=True)]
        return together


class SliceWords:
    """The words of slices 0..n-1, which lie in one or several stored parts, one behind the other.

    Args:
        stored: the parts, and which of their slices count; None for all.
    """

    def __init__(self, *stored: tuple[Postings, Mask | None]) -> None:
        parts: list[Part] = []
        self._length = 0
        for postings, kept in stored:
            parts.append(Part.of(postings, self._length, kept))
            self._length += len(parts[-1])
        self.parts = tuple(parts)
        lengths = [part.all_left(part.postings.lengths) for part in parts]
        mean = float(np.concatenate([*lengths, np.zeros(0)]).mean()) if self._length else 1.0
        self._norms = [
            _K1 * (1 - _B + _B * part.postings.lengths.astype(np.float32) / (mean or 1.0)) for part in parts
        ]

    def __len__(self) -> int:
        return self._length

    def frequency(self, stem: str) -> int:
        """In how many slices ``stem`` occurs."""
        return sum(part.frequency(stem) for part in self.parts)

    def telling(self, stem: str) -> float:
        """How much ``stem`` tells here; see ``tokens.idf``."""
        return idf(max(1, len(self)), self.frequency(stem))

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
        asked = {stem: self.telling(stem) for stem in stems}
        totals = []
        for part, norms in zip(self.parts, self._norms, strict=True):
            own = np.zeros(len(part.postings), np.float32)
            for stem, weight in asked.items():
                start, end = part.postings.span(stem)
                places = part.postings.places[start:end]
                often = part.postings.tenths[start:end] * np.float32(0.1)
                own[places] += np.float32(weight * (_K1 + 1)) * often / (often + norms[places])
            for group in together:
                own[part.holding_all(group)] += np.float32(sum(self.telling(stem) for stem in set(group)))
            totals.append(part.all_left(own))
        total = totals[0] if len(totals) == 1 else np.concatenate(totals)
        if allowed is not None:
            total[~allowed] = 0
        found = np.flatnonzero(total > self._surpassed(asked, total, limit))
        found = found[np.lexsort((found, -total[found]))][:limit]
        return found.astype(np.int32), total[found]

    def _surpassed(self, stems: Iterable[str], total: Floats, limit: int) -> float:
        """A score just below one that ``limit`` slices reach, told by the rarest stem that has so many; or 0."""
        often = sorted((self.frequency(stem), stem) for stem in stems)
        for frequency, stem in often:
            if frequency > limit:
                reached = total[np.concatenate([part.in_edition(part.holding(stem)) for part in self.parts])]
                return float(np.nextafter(np.partition(reached, -limit)[-limit], np.float32(0)))
        return 0.0

    def held(self, stems: Sequence[str], places: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
        """The fields that hold each of ``stems`` in each of the slices at ``places``, as bits.

        Returns:
            shape (len(stems), len(places)).
        """
        found = np.zeros((len(stems), len(places)), np.uint8)
        for part in self.parts:
            at = np.flatnonzero((places >= part.first) & (places < part.first + len(part)))
            if len(at):
                here = part.here(places[at])
                for row, stem in enumerate(stems):
                    start, end = part.postings.span(stem)
                    if start < end:
                        having = part.postings.places[start:end]
                        near = np.minimum(np.searchsorted(having, here), end - start - 1)
                        fields = part.postings.held_in[start:end][near]
                        found[row, at] = np.where(having[near] == here, fields, 0)
        return found
