"""The segment that a build writes: columns, vectors and words of new episodes, behind those that are kept."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.storage.columns import Columns, Ints
from index.storage.inverted_index import PostingsBuilder, SliceStems
from index.storage.segments import COLUMNS_FILE, POSTINGS_FILE, VECTORS_FILE, IndexSegment
from index.storage.vectors import WindowVectors


class SegmentBuilder:
    """Collector of new episodes' columns, vectors and words, in the order in which they are added.

    Vectors are buffered in an unnamed temporary file at half precision, as they are stored, so that memory does not
    grow with the library.

    Args:
        folder: folder of the segment.
        dim: length of a vector.
        before: segments that become part of it, in order.
    """

    def __init__(self, folder: Path, dim: int, before: Sequence[IndexSegment]) -> None:
        self._words = PostingsBuilder()
        self._folder, self._dim, self._before = folder, dim, before
        self._columns: list[Columns] = []
        self._vectors = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - lives as long as this
        self._n_vectors = 0

    def add(self, columns: Columns, vectors: npt.NDArray[np.float16], words: Sequence[SliceStems]) -> None:
        """Add a new episode: its columns, its windows' vectors, shape (n_windows, dim), and its slices' words."""
        self._columns.append(columns)
        self._vectors.write(vectors.tobytes())
        self._n_vectors += len(vectors)
        for slice_words in words:
            self._words.add(slice_words)

    def save(self, gone: Ints) -> tuple[Columns, WindowVectors]:
        """Write and return the arrays: earlier segments without the episodes ``gone``, then the added episodes."""
        kept_segments = [(segment, *segment.columns.without_episodes(gone)) for segment in self._before]
        columns = Columns.empty(self._dim).followed_by(
            *(own for _, own, _, _ in kept_segments), *self._columns
        )
        words = self._words.build(*((segment.postings, slices) for segment, _, _, slices in kept_segments))
        if kept_segments:
            (first, _, kept, _), *others = kept_segments
            behind = [segment.vectors.halves()[windows] for segment, _, windows, _ in others]
            added = np.concatenate([*behind, self._added()]) if behind else self._added()
            vectors = first.vectors.changed(kept, added)
        else:
            vectors = WindowVectors.of(self._added(), self._dim)
        columns.save(self._folder / COLUMNS_FILE)
        words.save(self._folder / POSTINGS_FILE)
        vectors.save(self._folder / VECTORS_FILE)
        return columns, vectors

    def close(self) -> None:
        """Discard the buffered vectors."""
        self._vectors.close()

    def _added(self) -> npt.NDArray[np.float16]:
        if not self._n_vectors:
            return np.zeros((0, self._dim), np.float16)
        self._vectors.flush()
        return np.memmap(self._vectors, np.float16, "r", shape=(self._n_vectors, self._dim))
