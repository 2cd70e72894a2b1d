"""The arrays of an edition on its way: those of the edition before, less what is gone, and those of new episodes."""

import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.base import Base
from index.columns import Columns, Ints
from index.edition import COLUMNS_FILE, POSTINGS_FILE, VECTORS_FILE
from index.encoder import Vectors
from index.postings import Added
from index.vectors import Mask, WindowVectors

_ROWS_AT_ONCE = 1 << 16


class Growing:
    """New episodes' columns, vectors and words, in the order in which they are handed over.

    Vectors wait in a file without a name, at half precision (which they are stored in anyway), so that memory does
    not grow with the library. The beginning of that file is left free for those of the base.

    Args:
        scratch: the folder of the edition that is made.
        dim: length of a vector.
        base: the edition whose rows are taken over, or None.
    """

    def __init__(self, scratch: Path, dim: int, base: Base | None) -> None:
        self.words = Added()
        self._scratch, self._dim, self._base = scratch, dim, base
        self._columns: list[Columns] = []
        self._n_before = 0 if base is None else len(base.vectors)
        self._n_added = 0
        self._vectors = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - lives as long as this
        self._vectors.seek(self._n_before * self._row_bytes)

    @property
    def _row_bytes(self) -> int:
        return self._dim * np.dtype(np.float16).itemsize

    def add(self, columns: Columns, vectors: Vectors) -> None:
        """The columns of a new episode, and the vectors of its windows, shape (n_windows, dim)."""
        self._columns.append(columns)
        self._vectors.write(vectors.astype(np.float16).tobytes())
        self._n_added += len(vectors)

    def save(self, gone: Ints) -> Columns:
        """Write the arrays' files: the base without its episodes ``gone``, then what was added; gives the columns."""
        before, kept, staying = Columns.empty(self._dim), np.zeros(0, bool), np.zeros(0, bool)
        if self._base is not None:
            staying = ~np.isin(self._base.columns.slice_episode, gone)
            before, kept = self._base.columns.without_episodes(gone)
        columns = before.followed_by(*self._columns)
        columns.save(self._scratch / COLUMNS_FILE)
        words = None if self._base is None else self._base.postings
        self.words.joined_to(words, staying).save(self._scratch / POSTINGS_FILE)
        WindowVectors.of(self._joined(kept), self._dim).save(self._scratch / VECTORS_FILE)
        return columns

    def close(self) -> None:
        """Let the vectors that wait go."""
        self._vectors.close()

    def _joined(self, kept: Mask) -> npt.NDArray[np.float16]:
        """The base's vectors that are ``kept`` and those added, on the disk."""
        rows = np.flatnonzero(kept)
        n_rows, first = len(rows) + self._n_added, (self._n_before - len(rows)) * self._row_bytes
        if not n_rows:
            return np.zeros((0, self._dim), np.float16)
        self._vectors.seek(first)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            if self._base is not None:
                taken = self._base.vectors.take(rows[start : start + _ROWS_AT_ONCE])
                self._vectors.write(taken.astype(np.float16).tobytes())
        self._vectors.flush()
        return np.memmap(self._vectors, np.float16, "r", offset=first, shape=(n_rows, self._dim))
