"""What is asked of an edition's words: which slices hold them, and how well they match, by BM25."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.keywords import telling
from index.postings import Places, Postings

_K1, _B = 1.2, 0.75

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Part:
    """Postings whose slices are some of the edition's.

    Attributes:
        postings: as they are stored.
        first: the place in the edition of the first slice that is left.
        kept: which of its slices the edition has, shape (len(postings),); None for all.
        places: the place in the edition of each slice, where not all are kept.
    """

    postings: Postings
    first: int
    kept: Mask | None
    places: Places | None

    def __len__(self) -> int:
        return len(self.postings) if self.kept is None else int(self.kept.sum())

    def held_by(self, start: int, end: int) -> tuple[Places, slice | Mask]:
        """Places in the edition of the slices that hold a stem, ascending, and which postings of its span they are."""
        own = self.postings.places[start:end]
        if self.kept is None or self.places is None:
            return own + np.int32(self.first) if self.first else own, slice(None)
        left = self.kept[own]
        return self.places[own[left]], left


class SliceWords:
    """The words of slices 0..n-1, which lie in one or several stored parts, one behind the other.

    Args:
        stored: the parts, and which of their slices count; None for all.
    """

    def __init__(self, *stored: tuple[Postings, Mask | None]) -> None:
        parts: list[Part] = []
        first = 0
        for postings, kept in stored:
            if kept is not None and kept.all():
                kept = None  # noqa: PLW2901 - the same, and quicker
            places = None if kept is None else (np.cumsum(kept) - 1 + first).astype(np.int32)
            parts.append(Part(postings, first, kept, places))
            first += len(parts[-1])
        self.parts = tuple(parts)
        self._length = first
        lengths = [
            one.postings.lengths if one.kept is None else one.postings.lengths[one.kept] for one in parts
        ]
        words = np.concatenate([*lengths, np.zeros(0, np.uint16)]).astype(np.float32)
        mean = float(words.mean()) if len(words) else 1.0
        self._norms: Floats = _K1 * (1 - _B + _B * words / (mean or 1.0))

    def __len__(self) -> int:
        return self._length

    def frequency(self, stem: str) -> int:
        """In how many slices ``stem`` occurs."""
        return sum(len(places) for places, _ in self._postings_of(stem))

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
        holding: list[list[Places]] = []
        for stem in dict.fromkeys(stems):
            found = list(self._postings_of(stem))
            weight = telling(max(1, len(self)), sum(len(places) for places, _ in found))
            for places, tenths in found:
                often = tenths * np.float32(0.1)
                total[places] += np.float32(weight * (_K1 + 1)) * often / (often + self._norms[places])
            holding.append([places for places, _ in found])
        for group in together:
            total[self._holding_all(group)] += np.float32(sum(self.telling(stem) for stem in set(group)))
        if allowed is not None:
            total[~allowed] = 0
        found_at = np.flatnonzero(total > _surpassed(holding, total, limit))
        found_at = found_at[np.lexsort((found_at, -total[found_at]))][:limit]
        return found_at.astype(np.int32), total[found_at]

    def held(self, stems: Sequence[str], places: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
        """The fields that hold each of ``stems`` in each of the slices at ``places``, as bits.

        Returns:
            shape (len(stems), len(places)).
        """
        found = np.zeros((len(stems), len(places)), np.uint8)
        for row, stem in enumerate(stems):
            for part in self.parts:
                start, end = part.postings.span(stem)
                having, which = part.held_by(start, end)
                if len(having):
                    at = np.minimum(np.searchsorted(having, places), len(having) - 1)
                    fields = part.postings.held_in[start:end][which]
                    found[row] |= np.where(having[at] == places, fields[at], np.uint8(0))
        return found

    def _postings_of(self, stem: str) -> Iterator[tuple[Places, npt.NDArray[np.uint8]]]:
        """Places of the slices that hold ``stem`` and how often in tenths, part by part; ascending."""
        for part in self.parts:
            start, end = part.postings.span(stem)
            if start < end:
                places, which = part.held_by(start, end)
                yield places, part.postings.tenths[start:end][which]

    def _holding_all(self, stems: Sequence[str]) -> Places:
        groups = [[places for places, _ in self._postings_of(stem)] for stem in set(stems)]
        groups.sort(key=_n_places)
        if not groups:
            return np.zeros(0, np.int32)
        left = _joined(groups[0])
        for group in groups[1:]:
            left = left[np.isin(left, _joined(group), assume_unique=True)]
        return left


def _surpassed(holding: Sequence[Sequence[Places]], total: Floats, limit: int) -> float:
    """A score just below one that ``limit`` slices reach, told by the rarest stem that has so many; or 0."""
    for groups in sorted(holding, key=_n_places):
        if _n_places(groups) > limit:
            reached = total[_joined(groups)]
            return float(np.nextafter(np.partition(reached, -limit)[-limit], np.float32(0)))
    return 0.0


def _n_places(groups: Sequence[Places]) -> int:
    return sum(map(len, groups))


def _joined(groups: Sequence[Places]) -> Places:
    if len(groups) == 1:
        return groups[0]
    return np.concatenate([*groups, np.zeros(0, np.int32)])
