"""The rows of a segment that an edition keeps, and their numbers in the edition."""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]
_Value = TypeVar("_Value", bound=np.generic)


@dataclass(frozen=True, slots=True)
class KeptRows:
    """The rows of one segment that an edition keeps: in the edition they follow each other in their order.

    Attributes:
        first: number in the edition of the first row kept.
        n_rows: number of rows kept.
        rows: rows of the segment that are kept, ascending; None for all.
    """

    first: int
    n_rows: int
    rows: Rows | None

    @classmethod
    def of(cls, n_stored: int, is_kept: Mask | None, first: int) -> "KeptRows":
        """Return the rows where ``is_kept``, shape (n_stored,), is True; all if it is None."""
        if is_kept is None or is_kept.all():
            return cls(first, n_stored, None)
        rows = np.flatnonzero(is_kept)
        return cls(first, len(rows), rows)

    def __len__(self) -> int:
        return self.n_rows

    def are_inside(self, numbers: npt.NDArray[np.integer[Any]]) -> Mask:
        """Return which ``numbers`` of the edition's rows are of this segment, of the same shape."""
        return (numbers >= self.first) & (numbers < self.first + self.n_rows)

    def in_segment(self, numbers: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.integer[Any]]:
        """Return the rows of the segment that have these ``numbers``, all of this segment, in the edition."""
        places = numbers - self.first
        return places if self.rows is None else self.rows[places]

    def in_edition(self, rows: npt.NDArray[np.integer[Any]]) -> Rows:
        """Return the number in the edition of each of the segment's ``rows``, in their shape; -1 for removed ones."""
        if self.rows is None:
            return rows + np.int64(self.first)
        if not self.n_rows:
            return np.full(rows.shape, -1, np.int64)
        at = np.minimum(np.searchsorted(self.rows, rows), self.n_rows - 1)
        return np.where(self.rows[at] == rows, at + self.first, -1)

    def values(self, stored: npt.NDArray[_Value]) -> npt.NDArray[_Value]:
        """Return those of ``stored``, one for each row of the segment, that belong to rows kept."""
        return stored if self.rows is None else stored[self.rows]
