"""The windows' vectors and nearest-neighbour search over them: the one room of FAISS.

Vectors are unit length, so that the inner product is the cosine; ``similarity`` is up to 1, up is better.
"""

from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from index.encoder import Vectors

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class WindowVectors:
    """Vectors in rows 0..n-1, stored as float16, scanned exactly.

    Args:
        index: a FAISS index of inner products.
    """

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def of(cls, vectors: npt.NDArray[np.floating[Any]], dim: int) -> "WindowVectors":
        """An index over ``vectors``, shape (n, dim); n may be 0."""
        index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        index.is_trained = True
        if len(vectors):
            index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def open(cls, path: Path) -> "WindowVectors":
        """Read what ``save`` wrote.

        Raises:
            RuntimeError: the file is missing or damaged.
        """
        return cls(faiss.read_index(str(path)))

    def save(self, path: Path) -> None:
        """Write the index to ``path``."""
        faiss.write_index(self._index, str(path))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def search(self, queries: Vectors, k: int, *, allowed: Mask | None = None) -> tuple[Vectors, Rows]:
        """The ``k`` nearest rows to each query, nearest first.

        Args:
            queries: shape (n_queries, dim).
            k: at least 1.
            allowed: shape (n,), True for the rows that may be found; all if None. The result is exact at any share.

        Returns:
            similarities and rows, both of shape (n_queries, min(k, rows allowed)).
        """
        n_allowed = len(self) if allowed is None else int(allowed.sum())
        k = min(k, n_allowed)
        if k == 0:
            return np.zeros((len(queries), 0), np.float32), np.zeros((len(queries), 0), np.int64)
        params = None
        if allowed is not None:
            library: Any = faiss  # its stubs do not know what its Python wrappers accept
            selector = library.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
            params = library.SearchParameters(sel=selector)
        similarities, rows = self._index.search(np.ascontiguousarray(queries, np.float32), k, params=params)
        return similarities, rows

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Vectors:
        """The vectors of ``rows``, shape (len(rows), dim), float32."""
        if not len(rows):
            return np.zeros((0, self.dim), np.float32)
        result: Vectors = self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64))
        return result
