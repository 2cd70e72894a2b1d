"""The vectors of an edition's windows, which lie in one or several stored parts, one behind the other."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Vectors
from index.storage.vectors import Mask, Rows, WindowVectors

_LEAST_MORE = 20


@dataclass(frozen=True, slots=True)
class Part:
    """Vectors whose rows are some of the edition's.

    Attributes:
        vectors: as they are stored.
        first: the row in the edition of the first that is left.
        own: the rows here that are left, ascending; None for all.
    """

    vectors: WindowVectors
    first: int
    own: Rows | None

    def __len__(self) -> int:
        return len(self.vectors) if self.own is None else len(self.own)

    def search(self, queries: Vectors, k: int, allowed: Mask | None) -> tuple[Vectors, Rows]:
        """As ``EditionVectors.search`` for this part alone; ``allowed`` and the rows are the edition's."""
        asked = None if allowed is None else allowed[self.first : self.first + len(self)]
        if self.own is None:
            similarities, rows = self.vectors.search(queries, k, allowed=asked)
            return similarities, self.first + rows
        if asked is None and len(self):
            # To look for some more in place of what is gone is quicker than a filter.
            more = k + max(_LEAST_MORE, k // 2)
            similarities, rows = self.vectors.search(queries, more)
            at = np.minimum(np.searchsorted(self.own, rows), len(self.own) - 1)
            is_left = self.own[at] == rows
            if is_left.sum(axis=1).min() >= min(k, len(self)):
                order = np.argsort(~is_left, axis=1, kind="stable")[:, :k]
                return (
                    np.take_along_axis(similarities, order, axis=1),
                    self.first + np.take_along_axis(at, order, axis=1),
                )
        mask = np.zeros(len(self.vectors), bool)
        mask[self.own] = True if asked is None else asked
        similarities, rows = self.vectors.search(queries, k, allowed=mask)
        return similarities, self.first + np.searchsorted(self.own, rows)

    def here(self, rows: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
        """The rows here of ``rows`` in the edition."""
        return rows - self.first if self.own is None else self.own[rows - self.first]


class EditionVectors:
    """The vectors in rows 0..n-1.

    Args:
        stored: the parts, and which of their rows count, shape (rows of the part,); None for all. At least one.
    """

    def __init__(self, *stored: tuple[WindowVectors, Mask | None]) -> None:
        parts: list[Part] = []
        first = 0
        for vectors, kept in stored:
            own = None if kept is None or kept.all() else np.flatnonzero(kept)
            parts.append(Part(vectors, first, own))
            first += len(parts[-1])
        self.parts = tuple(parts)
        self._length = first

    def __len__(self) -> int:
        return self._length

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.parts[0].vectors.dim

    def search(self, queries: Vectors, k: int, *, allowed: Mask | None = None) -> tuple[Vectors, Rows]:
        """The ``k`` nearest rows to each query, nearest first; see ``WindowVectors.search``."""
        found = [part.search(queries, k, allowed) for part in self.parts]
        if len(found) == 1:
            return found[0]
        all_similarities = np.concatenate([similarities for similarities, _ in found], axis=1)
        all_rows = np.concatenate([rows for _, rows in found], axis=1)
        order = np.argsort(-all_similarities, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(all_similarities, order, axis=1), np.take_along_axis(
            all_rows, order, axis=1
        )

    def take(self, rows: npt.NDArray[np.integer]) -> Vectors:
        """The vectors of ``rows``, shape (len(rows), dim), float32."""
        if len(self.parts) == 1:
            return self.parts[0].vectors.take(self.parts[0].here(rows))
        taken = np.zeros((len(rows), self.dim), np.float32)
        for part in self.parts:
            inside = (rows >= part.first) & (rows < part.first + len(part))
            taken[inside] = part.vectors.take(part.here(rows[inside]))
        return taken
