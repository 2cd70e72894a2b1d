"""Segments of an edition: the main segment, and a small second segment with later changes.

A small change to a large library does not write the library anew. The new edition shares the main segment's files with
the edition before (they never change, so they are linked), and has a second segment in its folder ``added``: the
episodes that were added or changed since, and which episodes of the main segment are gone. When that grows, both become
one main segment again. What is read of an edition is read of both together.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from index.storage.bm25 import BM25Index
from index.storage.columns import Columns, Ints
from index.storage.inverted_index import Postings
from index.storage.kept_rows import Mask
from index.storage.schema import VIEWS_OF_BOTH
from index.storage.sqlite import Below, Connection, open_for_reading, rows
from index.storage.vectors import SCANNED_WHOLE, EditionVectors, WindowVectors

DATABASE_FILE, VECTORS_FILE, COLUMNS_FILE, POSTINGS_FILE = (
    "index.db",
    "windows.faiss",
    "columns.npz",
    "postings.npy",
)
SEGMENT_FILES = (DATABASE_FILE, VECTORS_FILE, COLUMNS_FILE, POSTINGS_FILE)
ADDED = "added"

_MOST_BESIDE, _LARGEST_SHARE = 5_000, 1 / 8


@dataclass(frozen=True)
class IndexSegment:
    """Files of one segment; each is opened on first use.

    Raises:
        OSError, ValueError, KeyError, RuntimeError: when a file is missing or damaged.
    """

    folder: Path

    @cached_property
    def columns(self) -> Columns:
        """Return the segment's columns."""
        return Columns.open(self.folder / COLUMNS_FILE)

    @cached_property
    def vectors(self) -> WindowVectors:
        """Return the vectors of the segment's windows."""
        return WindowVectors.open(self.folder / VECTORS_FILE)

    @cached_property
    def postings(self) -> Postings:
        """Return the inverted index of the segment's slices."""
        return Postings.open(self.folder / POSTINGS_FILE)


@dataclass(frozen=True)
class IndexSegments:
    """The segments of an edition, read as a whole.

    Attributes:
        segments: the main segment, and perhaps a second.
        gone: ids of the main segment's episodes that the edition no longer has.
    """

    segments: tuple[IndexSegment, ...]
    gone: Ints

    @cached_property
    def _main_kept(self) -> tuple[Columns, Mask | None, Mask | None]:
        """Return the main segment's kept columns, and masks of the windows and slices kept; None for all."""
        if not len(self.gone):
            return self.segments[0].columns, None, None
        return self.segments[0].columns.without_episodes(self.gone)

    @cached_property
    def columns(self) -> Columns:
        """Return the columns of all segments, the main segment first."""
        kept = self._main_kept[0]
        others = [segment.columns for segment in self.segments[1:]]
        return kept.followed_by(*others) if others else kept

    @cached_property
    def vectors(self) -> EditionVectors:
        """Return the vectors of all windows, in the order of the columns."""
        first, *others = self.segments
        return EditionVectors(
            (first.vectors, self._main_kept[1]), *((segment.vectors, None) for segment in others)
        )

    @cached_property
    def words(self) -> BM25Index:
        """Return the BM25 search over all slices, in the order of the columns."""
        first, *others = self.segments
        return BM25Index(
            (first.postings, self._main_kept[2]), *((segment.postings, None) for segment in others)
        )

    @property
    def next_ids(self) -> tuple[int, int]:
        """Return ids for a new episode and a new slice, greater than any in the segments."""
        columns = [segment.columns for segment in self.segments]
        return (
            1 + max(int(own.episode_id.max(initial=0)) for own in columns),
            1 + max(int(own.slice_id.max(initial=0)) for own in columns),
        )

    def has_room_beside(self, n_added: int, n_gone: int) -> bool:
        """Return True if a change is small enough to be written beside the main segment.

        A main segment that is scanned whole is quick to write anew, so it never gets a second. Every question scans
        the second segment whole, so it must stay small.

        Args:
            n_added: about how many windows are added.
            n_gone: about how many go.
        """
        main, *beside = (len(segment.columns.window_slice) for segment in self.segments)
        n_beside = sum(beside) + n_added
        n_missing = main + sum(beside) - len(self.columns.window_slice) + n_gone
        return main > SCANNED_WHOLE and n_beside <= _MOST_BESIDE and n_missing <= _LARGEST_SHARE * main


def folders_of(edition: Path) -> tuple[Path, ...]:
    """Return the folders of the edition's segments, the main segment first."""
    beside = edition / ADDED
    return (edition, beside) if beside.is_dir() else (edition,)


async def open_database(edition: Path) -> Connection:
    """Open a connection that reads the databases of all segments together.

    Raises:
        DatabaseError: one is missing or is no database.
    """
    main, *beside = (folder / DATABASE_FILE for folder in folders_of(edition))
    if not beside:
        return await open_for_reading(main)
    return await open_for_reading(beside[0], Below(main, VIEWS_OF_BOTH))


async def open_segments(edition: Path, connection: Connection) -> IndexSegments:
    """Return the segments of the edition in the folder ``edition``, whose databases ``connection`` reads."""
    folders = folders_of(edition)
    gone = await rows(connection, "SELECT episode FROM gone ORDER BY episode") if len(folders) > 1 else []
    return IndexSegments(
        tuple(map(IndexSegment, folders)), np.array([row["episode"] for row in gone], np.int64)
    )
