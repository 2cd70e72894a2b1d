"""The windows' vectors and nearest-neighbour search over them: the one room of FAISS.

Vectors are unit length, so that the inner product is the cosine; ``similarity`` is up to 1, up is better. They are
stored as float16. A small library is scanned whole. A large one is parted into lists by nearness (an inverted file,
Jégou, Douze and Schmid, 2011, "Product quantization for nearest neighbor search", section IV, here without the
product quantization), and only the lists nearest to a question are scanned: as many as it takes to find what a whole
scan finds, measured when the lists are made. Files are mapped into memory, so that opening costs nothing.
"""

import math
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from index.encoder import Vectors

_faiss: Any = faiss  # its stubs do not know what its Python wrappers accept

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SCANNED_WHOLE = 20_000
"""Up to so many vectors all are scanned: about 3 ms."""

LEAST_RECALL = 0.985
"""Share of the ten nearest of a whole scan that must be found; see ``WindowVectors.recall``."""

_LISTS_PER_ROOT = 4.0
_ROWS_A_LIST, _ROUNDS, _SEED = 48, 8, 20
_SAMPLE, _SAMPLE_COSINE = 200, 0.7
_FEWEST_PROBED = 16
_FEW = 20_000
_BLOCK = 65_536


class WindowVectors:
    """Vectors in rows 0..n-1.

    Args:
        index: a FAISS index of inner products over float16 codes.

    Attributes:
        measured_recall: what ``recall`` said when the lists were made; None where they were made before.
    """

    def __init__(self, index: Any) -> None:
        self._index = index
        self.measured_recall: float | None = None

    @classmethod
    def of(cls, vectors: npt.NDArray[np.floating[Any]], dim: int) -> "WindowVectors":
        """An index over ``vectors``, shape (n, dim); n may be 0. The same vectors give the same index."""
        made = cls(_parted(vectors, dim) if len(vectors) > SCANNED_WHOLE else _scanned(dim))
        made._add(vectors)
        made._probe_enough()
        return made

    @classmethod
    def open(cls, path: Path) -> "WindowVectors":
        """Map what ``save`` wrote.

        Raises:
            RuntimeError: the file is missing or damaged.
        """
        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))

    def save(self, path: Path) -> None:
        """Write the index to ``path``."""
        faiss.write_index(self._index, str(path))

    def changed(self, kept: Mask, added: npt.NDArray[np.floating[Any]]) -> "WindowVectors":
        """The rows that are ``kept``, in their order, with ``added`` behind.

        Takes time for the added ones, and for copying; lists are made anew only where the library has doubled since
        (or halved, or passed ``SCANNED_WHOLE``).

        Args:
            kept: shape (n,).
            added: shape (n_added, dim).
        """
        n_rows = int(kept.sum()) + len(added)
        if self._is_parted and n_rows > SCANNED_WHOLE and 0.7 < _n_lists(n_rows) / self._index.nlist < 1.42:
            made = WindowVectors(self._parted_alike(kept))
        elif self._is_parted or n_rows > SCANNED_WHOLE:
            return WindowVectors.of(np.concatenate([self._take_half(np.flatnonzero(kept)), added]), self.dim)
        else:
            made = WindowVectors(_scanned(self.dim))
            made.measured_recall = 1.0
            made._add(self._take_half(np.flatnonzero(kept)))
        made._add(added)
        return made

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    @property
    def kind(self) -> str:
        """What is searched, in words for the manifest."""
        if not self._is_parted:
            return "all vectors, float16"
        return f"{self._index.nprobe} of {self._index.nlist} lists, float16"

    def search(self, queries: Vectors, k: int, *, allowed: Mask | None = None) -> tuple[Vectors, Rows]:
        """The ``k`` nearest rows to each query, nearest first.

        Args:
            queries: shape (n_queries, dim).
            k: at least 1.
            allowed: shape (n,), True for the rows that may be found; all if None. The fewer they are, the more of
                the library is scanned; few are all looked at.

        Returns:
            similarities and rows, both of shape (n_queries, min(k, rows allowed)); with more than ``SCANNED_WHOLE``
            rows perhaps fewer columns.
        """
        n_allowed = len(self) if allowed is None else int(allowed.sum())
        k = min(k, n_allowed)
        if k == 0:
            return np.zeros((len(queries), 0), np.float32), np.zeros((len(queries), 0), np.int64)
        queries = np.ascontiguousarray(queries, np.float32)
        if allowed is None:
            return _without_gaps(*self._index.search(queries, k))
        if self._is_parted and n_allowed <= _FEW:
            return self._nearest_among(queries, k, np.flatnonzero(allowed))
        selector = _faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        if not self._is_parted:
            return _without_gaps(
                *self._index.search(queries, k, params=_faiss.SearchParameters(sel=selector))
            )
        probed = min(self._index.nlist, math.ceil(self._index.nprobe * len(self) / n_allowed))
        params = _faiss.SearchParametersIVF(sel=selector, nprobe=probed)
        return _without_gaps(*self._index.search(queries, k, params=params))

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Vectors:
        """The vectors of ``rows``, shape (len(rows), dim), float32."""
        if not len(rows):
            return np.zeros((0, self.dim), np.float32)
        result: Vectors = self._index.reconstruct_batch(np.ascontiguousarray(rows, np.int64))
        return result

    def recall(self, k: int = 10) -> float:
        """What share of the ``k`` nearest of a whole scan ``search`` finds, 0 to 1.

        Asked are vectors of the library turned by noise to a cosine of 0.7, about as near as a question is to its
        answer; real questions find about as much (docs/measurements.md).
        """
        if not self._is_parted:
            return 1.0
        queries, nearest = self._sample(k)
        return self._recall_of(queries, nearest)

    @property
    def _is_parted(self) -> bool:
        return isinstance(self._index, faiss.IndexIVF)

    def _add(self, vectors: npt.NDArray[np.floating[Any]]) -> None:
        for start in range(0, len(vectors), _BLOCK):
            self._index.add(np.ascontiguousarray(vectors[start : start + _BLOCK], np.float32))

    def _take_half(self, rows: Rows) -> npt.NDArray[np.float16]:
        blocks = [
            self.take(rows[start : start + _BLOCK]).astype(np.float16)
            for start in range(0, len(rows), _BLOCK)
        ]
        return np.concatenate(blocks) if blocks else np.zeros((0, self.dim), np.float16)

    def _parted_alike(self, kept: Mask) -> Any:
        """The same lists with the rows that are ``kept``, numbered anew."""
        old, new = self._index, _empty_lists(self._index.quantizer, self._index.nlist, self.dim)
        new.referenced_objects.append(old)  # which owns the centres
        new.is_trained, new.nprobe = True, old.nprobe
        numbers = np.cumsum(kept) - 1
        for number in range(old.nlist):
            size = old.invlists.list_size(number)
            if not size:
                continue
            rows = faiss.rev_swig_ptr(old.invlists.get_ids(number), size)
            codes = faiss.rev_swig_ptr(old.invlists.get_codes(number), size * old.code_size)
            staying = kept[rows]
            if staying.any():
                own = np.ascontiguousarray(numbers[rows[staying]], np.int64)
                moved = np.ascontiguousarray(codes.reshape(size, -1)[staying])
                new.invlists.add_entries(number, len(own), faiss.swig_ptr(own), faiss.swig_ptr(moved))
        new.ntotal = int(kept.sum())
        new.set_direct_map_type(_faiss.DirectMap.Array)
        return new

    def _nearest_among(self, queries: Vectors, k: int, rows: Rows) -> tuple[Vectors, Rows]:
        similarities = queries @ self.take(rows).T
        order = np.argsort(-similarities, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(similarities, order, axis=1), rows[order]

    def _probe_enough(self) -> None:
        """Set how many lists are scanned: the fewest, by steps of a half, that reach ``LEAST_RECALL``."""
        self.measured_recall = 1.0
        if not self._is_parted:
            return
        queries, nearest = self._sample(10)
        probed = _FEWEST_PROBED
        while True:
            self._index.nprobe = min(probed, self._index.nlist)
            self.measured_recall = self._recall_of(queries, nearest)
            if self.measured_recall >= LEAST_RECALL or probed >= self._index.nlist:
                return
            probed += probed // 2

    def _sample(self, k: int) -> tuple[Vectors, Rows]:
        """Questions, and the rows of the ``k`` nearest vectors by a whole scan, shape (n_questions, k)."""
        draw = np.random.default_rng(_SEED)
        queries = self.take(draw.choice(len(self), min(_SAMPLE, len(self)), replace=False))
        noise = draw.standard_normal(queries.shape, dtype=np.float32)
        noise *= math.sqrt(1 / _SAMPLE_COSINE**2 - 1) / np.linalg.norm(noise, axis=1, keepdims=True)
        queries = queries + noise
        best, rows = np.full((len(queries), k), -np.inf, np.float32), np.zeros((len(queries), k), np.int64)
        for start in range(0, len(self), _BLOCK):
            block = np.arange(start, min(start + _BLOCK, len(self)))
            similarity = np.concatenate([best, queries @ self.take(block).T], axis=1)
            known = np.concatenate([rows, np.broadcast_to(block, (len(queries), len(block)))], axis=1)
            order = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
            best, rows = (np.take_along_axis(values, order, axis=1) for values in (similarity, known))
        return queries, rows

    def _recall_of(self, queries: Vectors, nearest: Rows) -> float:
        k = nearest.shape[1]
        found = self._index.search(np.ascontiguousarray(queries, np.float32), k)[1]
        hits = [len(np.intersect1d(a, b)) for a, b in zip(found, nearest, strict=True)]
        return float(np.mean(hits) / k)


def _scanned(dim: int) -> Any:
    index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    index.is_trained = True
    return index


def _parted(vectors: npt.NDArray[np.floating[Any]], dim: int) -> Any:
    """An empty index with its lists' centres, by spherical k-means over a sample of ``vectors``."""
    n_lists = _n_lists(len(vectors))
    index = _empty_lists(faiss.IndexFlatIP(dim), n_lists, dim)
    index.cp.niter, index.cp.seed, index.cp.spherical = _ROUNDS, _SEED, True
    n_sampled = min(len(vectors), _ROWS_A_LIST * n_lists)
    sampled = np.sort(np.random.default_rng(_SEED).choice(len(vectors), n_sampled, replace=False))
    index.train(np.ascontiguousarray(vectors[sampled], np.float32))
    index.set_direct_map_type(_faiss.DirectMap.Array)  # which list a row lies in, for taking it out again
    return index


def _empty_lists(quantizer: Any, n_lists: int, dim: int) -> Any:
    return _faiss.IndexIVFScalarQuantizer(
        quantizer, dim, n_lists, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT, False
    )


def _n_lists(n_rows: int) -> int:
    return max(1, round(_LISTS_PER_ROOT * math.sqrt(n_rows)))


def _without_gaps(similarities: Vectors, rows: Rows) -> tuple[Vectors, Rows]:
    """The columns that every query filled: lists may hold fewer than were asked for."""
    full = int((rows >= 0).sum(axis=1).min(initial=rows.shape[1]))
    return similarities[:, :full], rows[:, :full]
