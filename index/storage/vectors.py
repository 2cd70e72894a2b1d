"""Window vectors and nearest-neighbour search over them; no other module uses FAISS.

Vectors are unit length, so that the inner product is the cosine; ``similarity`` is up to 1, up is better. They are
stored as float16, row after row. A small library is scanned whole. Over a large one lie lists by nearness (an inverted
file with product quantization: Jégou, Douze and Schmid, 2011, "Product quantization for nearest neighbor search",
section IV), whose codes of four bits for two numbers fit into the processor's registers (André, Kermarrec and Le
Scouarnec, 2015, "Cache locality is not enough"): the nearest by codes are compared again by their float16 vectors. As
many lists are scanned as it takes to find what a whole scan finds, measured when they are made. Vectors are mapped into
memory, so that opening costs nothing.
"""

import errno
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Vectors
from index.storage.kept_rows import KeptRows, Mask, Rows

_faiss: Any = faiss  # its stubs do not know what its Python wrappers accept

SCANNED_WHOLE = 20_000
"""Up to so many vectors all are scanned: about 3 ms."""

LEAST_RECALL = 0.99
"""Share of the ten nearest of a whole scan that must be found; see ``WindowVectors.recall``."""

_LISTS_PER_ROOT = 2.0
_ROWS_A_LIST, _ROUNDS, _SEED = 48, 8, 20
_NUMBERS_A_CODE, _CODE_BITS = 2, 4
_COMPARED_AGAIN, _LEAST_COMPARED = 2.0, 300
_SAMPLE, _SAMPLE_COSINE, _RECALLED, _AS_NEAR, _MORE_RECALL = 200, 0.7, 10, 1e-5, 0.001
_FEWEST_PROBED = 16
_FEW = 5_000
_BLOCK = 65_536

_LEAST_MORE = 20


@dataclass(frozen=True, slots=True)
class Conditions:
    """What windows and slices must be of to be found, for a search that filters by itself; None for anything.

    Attributes:
        episodes: ids of the episodes, ascending.
        band, lens: a number in the axis's order.
        slices: ids of the slices, ascending.
    """

    episodes: tuple[int, ...] | None = None
    band: int | None = None
    lens: int | None = None
    slices: tuple[int, ...] | None = None


class WindowSearch(Protocol):
    """The vectors of an edition's windows in rows 0..n-1, wherever they are: in its files, or in a store."""

    def __len__(self) -> int: ...

    @property
    def dim(self) -> int:
        """Return the length of a vector."""
        ...

    def search(
        self, queries: Vectors, k: int, *, allowed: Mask | None = None, where: Conditions | None = None
    ) -> tuple[Vectors, Rows]:
        """Return the ``k`` nearest rows to each query, nearest first; see ``WindowVectors.search``.

        Args:
            queries: shape (n_queries, dim).
            k: at least 1.
            allowed: mask of the rows that may be found, shape (n,); all if None.
            where: the conditions that ``allowed`` was made from.
        """
        ...

    def take(self, rows: npt.NDArray[np.integer]) -> Vectors:
        """Return the vectors of ``rows``, shape (len(rows), dim), float32."""
        ...


class WindowVectors:
    """Vectors in rows 0..n-1.

    Args:
        stored: a FAISS index that holds the vectors row after row, as float16.
        lists: a FAISS index that finds the nearest of them by codes; None where all are scanned.

    Attributes:
        measured_recall: ``recall`` when the lists were trained; None for lists that were trained earlier.
    """

    def __init__(self, stored: Any, lists: Any = None) -> None:
        self._stored, self._lists = stored, lists
        self._both = _faiss.IndexRefine(lists, stored) if lists is not None else None
        self.measured_recall: float | None = None

    @classmethod
    def of(cls, vectors: npt.NDArray[np.floating[Any]], dim: int) -> "WindowVectors":
        """Build an index over ``vectors``, shape (n, dim); n may be 0. The same vectors give the same index."""
        made = cls(_empty(dim), _lists_over(vectors, dim) if len(vectors) > SCANNED_WHOLE else None)
        made._add(vectors)
        made._probe_enough()
        return made

    @classmethod
    def open(cls, path: Path) -> "WindowVectors":
        """Map an index that ``save`` wrote; the lists, a tenth of it, are read.

        Raises:
            RuntimeError: the file is missing or damaged, or holds something else.
        """
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        if not isinstance(index, _faiss.IndexRefine | _faiss.IndexScalarQuantizer):
            raise RuntimeError(f"{path} holds another kind of index")
        if not isinstance(index, _faiss.IndexRefine):
            return cls(index)
        opened = cls(faiss.downcast_index(index.refine_index), faiss.downcast_index(index.base_index))
        opened._both = index  # which owns them
        return opened

    def save(self, path: Path) -> None:
        """Write the index to ``path``.

        Raises:
            OSError: the disk is full, read-only or broken.
        """
        try:
            faiss.write_index(self._both or self._stored, str(path))
        except RuntimeError as error:  # FAISS has the system's reason in its text alone
            reasons = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EFBIG)
            number = next((reason for reason in reasons if os.strerror(reason) in str(error)), errno.EIO)
            raise OSError(number, os.strerror(number), str(path)) from error

    def changed(self, kept: Mask, added: npt.NDArray[np.floating[Any]]) -> "WindowVectors":
        """Return an index of the ``kept`` rows, in their order, followed by ``added``.

        Lists and codes are made anew only where the library has doubled since (or halved, or passed
        ``SCANNED_WHOLE``); where every row is kept, only the added ones are coded.

        Args:
            kept: shape (n,).
            added: shape (n_added, dim).
        """
        n_rows = int(kept.sum()) + len(added)
        is_alike = self._lists is not None and 0.7 < _n_lists(n_rows) / self._lists.nlist < 1.42
        if n_rows > SCANNED_WHOLE and not is_alike:
            return WindowVectors.of(np.concatenate([self.halves()[kept], added]), self.dim)
        if n_rows <= SCANNED_WHOLE or self._lists is None:
            made = WindowVectors(_empty(self.dim))
            made.measured_recall = 1.0
            made._add(self.halves()[kept])
        elif kept.all():
            stored = _empty(self.dim)
            stored.add_sa_codes(self.halves().view(np.uint8))
            made = WindowVectors(stored, faiss.clone_index(self._lists))
        else:
            lists = faiss.clone_index(self._lists)
            lists.reset()
            made = WindowVectors(_empty(self.dim), lists)
            made._add(self.halves()[kept])
        made._add(added)
        return made

    def __len__(self) -> int:
        return int(self._stored.ntotal)

    @property
    def dim(self) -> int:
        """Return the length of a vector."""
        return int(self._stored.d)

    @property
    def kind(self) -> str:
        """Return the search method in words, for the manifest."""
        if self._lists is None:
            return "all vectors, float16"
        return f"{self._lists.nprobe} of {self._lists.nlist} lists by codes, the best again by float16"

    def search(self, queries: Vectors, k: int, *, allowed: Mask | None = None) -> tuple[Vectors, Rows]:
        """Return the ``k`` nearest rows to each query, nearest first.

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
        if allowed is not None and self._lists is not None and n_allowed <= _FEW:
            return self._nearest_among(queries, k, np.flatnonzero(allowed))
        selector = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            selector = _faiss.IDSelectorBitmap(bits)
        if self._lists is None:
            params = _faiss.SearchParameters(sel=selector)
            return _without_gaps(*self._stored.search(queries, k, params=params))
        probed = min(self._lists.nlist, math.ceil(self._lists.nprobe * len(self) / n_allowed))
        params = _faiss.IndexRefineSearchParameters(
            k_factor=max(_COMPARED_AGAIN, _LEAST_COMPARED / k),
            base_index_params=_faiss.SearchParametersIVF(sel=selector, nprobe=probed),
        )
        both: Any = self._both
        return _without_gaps(*both.search(queries, k, params=params))

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Vectors:
        """Return the vectors of ``rows``, shape (len(rows), dim), float32."""
        vectors: Vectors = self.halves()[rows].astype(np.float32)
        return vectors

    def recall(self, k: int = 10) -> float:
        """Return the share of the ``k`` nearest of a whole scan that ``search`` finds, 0 to 1.

        Queries are vectors of the library turned by noise to a cosine of 0.7, about as near as a question is to its
        answer; real questions find about as much (docs/measurements.md).
        """
        if self._lists is None:
            return 1.0
        return self._recall_of(*self._sample(k), k)

    def halves(self) -> npt.NDArray[np.float16]:
        """Return a view of all vectors as stored, shape (n, dim), float16."""
        if not len(self):
            return np.zeros((0, self.dim), np.float16)
        codes = faiss.rev_swig_ptr(self._stored.codes.data(), len(self) * self._stored.code_size)
        halves: npt.NDArray[np.float16] = codes.view(np.float16).reshape(len(self), self.dim)
        return halves

    def _add(self, vectors: npt.NDArray[np.floating[Any]]) -> None:
        for start in range(0, len(vectors), _BLOCK):
            block = np.ascontiguousarray(vectors[start : start + _BLOCK], np.float16)
            self._stored.add_sa_codes(block.view(np.uint8))
            if self._lists is not None:
                self._lists.add(block.astype(np.float32))
        if self._both is not None:
            self._both.ntotal = self._stored.ntotal

    def _nearest_among(self, queries: Vectors, k: int, rows: Rows) -> tuple[Vectors, Rows]:
        similarities = queries @ self.take(rows).T
        order = np.argsort(-similarities, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(similarities, order, axis=1), rows[order]

    def _probe_enough(self) -> None:
        """Set how many lists are scanned: the fewest, by steps of a quarter, that reach ``LEAST_RECALL``.

        Where twice as many find no more (then it is the codes that tell vectors apart too badly), so many are enough.
        """
        if self._lists is None:
            self.measured_recall = 1.0
            return
        self.measured_recall = 0.0
        queries, least = self._sample(_RECALLED)
        probed = enough = _FEWEST_PROBED
        while self.measured_recall < LEAST_RECALL and probed <= 2 * enough:
            self._lists.nprobe = min(probed, self._lists.nlist)
            found = self._recall_of(queries, least, _RECALLED)
            if found > self.measured_recall + _MORE_RECALL:
                self.measured_recall, enough = found, self._lists.nprobe
            probed += probed // 4
        self._lists.nprobe = enough

    def _sample(self, k: int) -> tuple[Vectors, Vectors]:
        """Return sample queries, and the similarity of the ``k``-th nearest vector to each by a whole scan."""
        draw = np.random.default_rng(_SEED)
        queries = self.take(draw.choice(len(self), min(_SAMPLE, len(self)), replace=False))
        noise = draw.standard_normal(queries.shape, dtype=np.float32)
        noise *= math.sqrt(1 / _SAMPLE_COSINE**2 - 1) / np.linalg.norm(noise, axis=1, keepdims=True)
        queries = queries + noise
        return queries, self._stored.search(queries, k)[0][:, -1]

    def _recall_of(self, queries: Vectors, least: Vectors, k: int) -> float:
        """Return the recall by similarity, not by row: the same words in two recordings are equally near."""
        found = self.search(queries, k)[0]
        return float((found >= least[:, np.newaxis] - _AS_NEAR).sum() / (k * len(queries)))


def _empty(dim: int) -> Any:
    index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    index.is_trained = True
    return index


def _lists_over(vectors: npt.NDArray[np.floating[Any]], dim: int) -> Any:
    """Train empty lists: their centres, by spherical k-means over a sample of ``vectors``, and the codes' centres."""
    n_lists = _n_lists(len(vectors))
    lists = _faiss.IndexIVFPQFastScan(
        faiss.IndexFlatIP(dim), dim, n_lists, dim // _NUMBERS_A_CODE, _CODE_BITS, faiss.METRIC_INNER_PRODUCT
    )
    lists.by_residual = False
    lists.cp.niter, lists.cp.seed, lists.cp.spherical = _ROUNDS, _SEED, True
    n_sampled = min(len(vectors), _ROWS_A_LIST * n_lists)
    sampled = np.sort(np.random.default_rng(_SEED).choice(len(vectors), n_sampled, replace=False))
    lists.train(np.ascontiguousarray(vectors[sampled], np.float32))
    return lists


def _n_lists(n_rows: int) -> int:
    return max(1, round(_LISTS_PER_ROOT * math.sqrt(n_rows)))


def _without_gaps(similarities: Vectors, rows: Rows) -> tuple[Vectors, Rows]:
    """Return the columns that every query filled: lists may hold fewer rows than ``k``."""
    full = int((rows >= 0).sum(axis=1).min(initial=rows.shape[1]))
    return similarities[:, :full], rows[:, :full]


@dataclass(frozen=True, slots=True)
class SegmentVectors:
    """The vectors of one segment, as stored, and which of its rows the edition keeps."""

    vectors: WindowVectors
    kept: KeptRows

    def search(self, queries: Vectors, k: int, allowed: Mask | None) -> tuple[Vectors, Rows]:
        """Search this segment alone; see ``EditionVectors.search``. ``allowed`` and the rows are the edition's."""
        kept = self.kept
        asked = None if allowed is None else allowed[kept.first : kept.first + len(kept)]
        if kept.rows is None:
            similarities, rows = self.vectors.search(queries, k, allowed=asked)
            return similarities, kept.in_edition(rows)
        if asked is None and len(kept):
            # Searching for a few more rows, some of which may be removed, is quicker than a filter.
            more = k + max(_LEAST_MORE, k // 2)
            similarities, rows = self.vectors.search(queries, more)
            numbers = kept.in_edition(rows)
            k_kept = min(k, len(kept))  # beyond these, only removed rows are left
            if (numbers >= 0).sum(axis=1).min(initial=k_kept) >= k_kept:
                order = np.argsort(numbers < 0, axis=1, kind="stable")[:, :k_kept]
                return np.take_along_axis(similarities, order, axis=1), np.take_along_axis(
                    numbers, order, axis=1
                )
        mask = np.zeros(len(self.vectors), bool)
        mask[kept.rows] = True if asked is None else asked
        similarities, rows = self.vectors.search(queries, k, allowed=mask)
        return similarities, kept.in_edition(rows)


class EditionVectors:
    """The vectors of an edition in rows 0..n-1, segment after segment.

    Args:
        stored: the vectors of each segment, at least one, and a mask of the rows kept, shape (rows of the segment,);
            None for all.
    """

    def __init__(self, *stored: tuple[WindowVectors, Mask | None]) -> None:
        segments: list[SegmentVectors] = []
        self._length = 0
        for vectors, is_kept in stored:
            segments.append(SegmentVectors(vectors, KeptRows.of(len(vectors), is_kept, self._length)))
            self._length += len(segments[-1].kept)
        self.segments = tuple(segments)

    def __len__(self) -> int:
        return self._length

    @property
    def dim(self) -> int:
        """Return the length of a vector."""
        return self.segments[0].vectors.dim

    def search(
        self, queries: Vectors, k: int, *, allowed: Mask | None = None, where: Conditions | None = None
    ) -> tuple[Vectors, Rows]:
        """Return the ``k`` nearest rows to each query, nearest first; see ``WindowVectors.search``."""
        del where  # the mask says all of it
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
            return self.segments[0].vectors.take(self.segments[0].kept.in_segment(rows))
        taken = np.zeros((len(rows), self.dim), np.float32)
        for segment in self.segments:
            inside = segment.kept.are_inside(rows)
            taken[inside] = segment.vectors.take(segment.kept.in_segment(rows[inside]))
        return taken
