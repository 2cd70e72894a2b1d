"""Vector search over the windows of an edition's segments."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Vectors
from index.storage.vectors import Mask, Rows, WindowVectors

_LEAST_MORE = 20


@dataclass(frozen=True, slots=True)
class SegmentVectors:
    """The vectors of one segment, and which of its rows the edition keeps.

    Attributes:
        vectors: the segment's vectors, as stored.
        first: row in the edition of the first row kept.
        kept: rows of the segment that are kept, ascending; None for all.
    """

    vectors: WindowVectors
    first: int
    kept: Rows | None

    def __len__(self) -> int:
        return len(self.vectors) if self.kept is None else len(self.kept)

    def search(self, queries: Vectors, k: int, allowed: Mask | None) -> tuple[Vectors, Rows]:
        """Search this segment alone; see ``EditionVectors.search``. ``allowed`` and the rows are the edition's."""
        asked = None if allowed is None else allowed[self.first : self.first + len(self)]
        if self.kept is None:
            similarities, rows = self.vectors.search(queries, k, allowed=asked)
            return similarities, self.first + rows
        if asked is None and len(self):
            # Searching for a few more rows, some of which may be removed, is quicker than a filter.
            more = k + max(_LEAST_MORE, k // 2)
            similarities, rows = self.vectors.search(queries, more)
            at = np.minimum(np.searchsorted(self.kept, rows), len(self.kept) - 1)
            is_kept = self.kept[at] == rows
            if is_kept.sum(axis=1).min() >= min(k, len(self)):
                order = np.argsort(~is_kept, axis=1, kind="stable")[:, :k]
                return (
                    np.take_along_axis(similarities, order, axis=1),
                    self.first + np.take_along_axis(at, order, axis=1),
                )
        mask = np.zeros(len(self.vectors), bool)
        mask[self.kept] = True if asked is None else asked
        similarities, rows = self.vectors.search(queries, k, allowed=mask)
        return similarities, self.first + np.searchsorted(self.kept, rows)

    def in_segment(self, rows: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
        """Return the rows in the segment of its ``rows`` in the edition."""
        return rows - self.first if self.kept is None else self.kept[rows - self.first]


class EditionVectors:
    """The vectors of an edition in rows 0..n-1, segment after segment.

    Args:
        stored: the vectors of each segment, at least one, and a mask of the rows kept, shape (rows of the segment,);
            None for all.
    """

    def __init__(self, *stored: tuple[WindowVectors, Mask | None]) -> None:
        segments: list[SegmentVectors] = []
        first = 0
        for vectors, is_kept in stored:
            kept = None if is_kept is None or is_kept.all() else np.flatnonzero(is_kept)
            segments.append(SegmentVectors(vectors, first, kept))
            first += len(segments[-1])
        self.segments = tuple(segments)
        self._length = first

    def __len__(self) -> int:
        return self._length

    @property
    def dim(self) -> int:
        """Return the length of a vector."""
        return self.segments[0].vectors.dim

    def search(self, queries: Vectors, k: int, *, allowed: Mask | None = None) -> tuple[Vectors, Rows]:
        """Return the ``k`` nearest rows to each query, nearest first; see ``WindowVectors.search``."""
        found = [segment.search(queries, k, allowed) for segment in self.segments]
        if len(found) == 1:
            return found[0]
        all_similarities = np.concatenate([similarities for similarities, _ in found], axis=1)
        all_rows = np.concatenate([rows for _, rows in found], axis=1)
        order = np.argsort(-all_similarities, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(all_similarities, order, axis=1), np.take_along_axis(
            all_rows, order, axis=1
        )

    def take(self, rows: npt.NDArray[np.integer]) -> Vectors:
        """Return the vectors of ``rows``, shape (len(rows), dim), float32."""
        if len(self.segments) == 1:
            return self.segments[0].vectors.take(self.segments[0].in_segment(rows))
        taken = np.zeros((len(rows), self.dim), np.float32)
        for segment in self.segments:
            inside = (rows >= segment.first) & (rows < segment.first + len(segment))
            taken[inside] = segment.vectors.take(segment.in_segment(rows[inside]))
        return taken
