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
from index.vectors import WindowVectors


class Growing:
    """New episodes' columns, vectors and words, in the order in which they are handed over.

    Vectors wait in a file without a name, at half precision (which they are stored in anyway), so that memory does
    not grow with the library.

    Args:
        scratch: the folder of the edition that is made.
        dim: length of a vector.
        base: the edition whose rows are taken over, or None.
    """

    def __init__(self, scratch: Path, dim: int, base: Base | None) -> None:
        self.words = Added()
        self._scratch, self._dim, self._base = scratch, dim, base
        self._columns: list[Columns] = []
        self._vectors = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - lives as long as this
        self._n_vectors = 0

    def add(self, columns: Columns, vectors: Vectors) -> None:
        """The columns of a new episode, and the vectors of its windows, shape (n_windows, dim)."""
        self._columns.append(columns)
        self._vectors.write(vectors.astype(np.float16).tobytes())
        self._n_vectors += len(vectors)

    def save(self, gone: Ints) -> tuple[Columns, WindowVectors]:
        """Write the arrays' files: the base without its episodes ``gone``, then what was added."""
        if self._base is None or self._base.rows is None:
            columns = Columns.empty(self._dim).followed_by(*self._columns)
            words = self.words.joined_to(None, np.zeros(0, bool))
            vectors = WindowVectors.of(self._added(), self._dim)
        else:
            left, kept = self._base.columns.without_episodes(gone)
            columns = left.followed_by(*self._columns)
            staying = ~np.isin(self._base.columns.slice_episode, gone)
            words = self.words.joined_to(self._base.rows.postings, staying)
            vectors = self._base.vectors.changed(kept, self._added())
        columns.save(self._scratch / COLUMNS_FILE)
        words.save(self._scratch / POSTINGS_FILE)
        vectors.save(self._scratch / VECTORS_FILE)
        return columns, vectors

    def close(self) -> None:
        """Let the vectors that wait go."""
        self._vectors.close()

    def _added(self) -> npt.NDArray[np.float16]:
        if not self._n_vectors:
            return np.zeros((0, self._dim), np.float16)
        self._vectors.flush()
        return np.memmap(self._vectors, np.float16, "r", shape=(self._n_vectors, self._dim))
