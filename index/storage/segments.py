"""The segments of an edition: the main one, and beside it what came since.

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
from index.storage.schema import VIEWS_OF_BOTH
from index.storage.sqlite import Below, Connection, open_for_reading, rows
from index.storage.vector_search import EditionVectors
from index.storage.vectors import SCANNED_WHOLE, Mask, WindowVectors

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
    """The files of one segment; each is opened when it is asked for.

    Raises:
        OSError, ValueError, KeyError, RuntimeError: when a file is missing or damaged.
    """

    folder: Path

    @cached_property
    def columns(self) -> Columns:
        """Which windows and slices it has."""
        return Columns.open(self.folder / COLUMNS_FILE)

    @cached_property
    def vectors(self) -> WindowVectors:
        """Their vectors."""
        return WindowVectors.open(self.folder / VECTORS_FILE)

    @cached_property
    def postings(self) -> Postings:
        """Their words."""
        return Postings.open(self.folder / POSTINGS_FILE)

    def left(self, gone: Ints) -> tuple[Columns, Mask, Mask]:
        """The columns less the episodes ``gone``, and which windows and slices were kept."""
        columns, windows = self.columns.without_episodes(gone)
        return columns, windows, ~np.isin(self.columns.slice_episode, gone)


@dataclass(frozen=True)
class IndexSegments:
    """Main segment and, perhaps, the one beside it, as one.

    Attributes:
        segments: one or two.
        gone: ids of the main segment's episodes that the edition no longer has.
    """

    segments: tuple[IndexSegment, ...]
    gone: Ints

    @cached_property
    def _main_left(self) -> tuple[Columns, Mask | None, Mask | None]:
        """The main segment's columns less what is gone, and which windows and slices were kept; None for all."""
        if not len(self.gone):
            return self.segments[0].columns, None, None
        return self.segments[0].left(self.gone)

    @cached_property
    def columns(self) -> Columns:
        """Of all windows and slices; those of the main segment come first."""
        left = self._main_left[0]
        return (
            left.followed_by(*(one.columns for one in self.segments[1:])) if len(self.segments) > 1 else left
        )

    @cached_property
    def vectors(self) -> EditionVectors:
        """Of all windows, in the order of the columns."""
        first, *others = self.segments
        return EditionVectors((first.vectors, self._main_left[1]), *((one.vectors, None) for one in others))

    @cached_property
    def words(self) -> BM25Index:
        """Of all slices, in the order of the columns."""
        first, *others = self.segments
        return BM25Index((first.postings, self._main_left[2]), *((one.postings, None) for one in others))

    @property
    def next_ids(self) -> tuple[int, int]:
        """Ids for an episode and a slice, greater than any that there ever were here."""
        columns = [one.columns for one in self.segments]
        return (
            1 + max(int(one.episode_id.max(initial=0)) for one in columns),
            1 + max(int(one.slice_id.max(initial=0)) for one in columns),
        )

    def has_room_beside(self, n_added: int, n_gone: int) -> bool:
        """Return True if a change is small enough to be written beside the main segment.

        Beside a segment that is scanned whole nothing is: it is written in a moment. What lies beside is scanned whole
        by every question, so it must stay small.

        Args:
            n_added: about how many windows are added.
            n_gone: about how many go.
        """
        main, *beside = (len(one.columns.window_slice) for one in self.segments)
        n_beside = sum(beside) + n_added
        n_missing = main + sum(beside) - len(self.columns.window_slice) + n_gone
        return main > SCANNED_WHOLE and n_beside <= _MOST_BESIDE and n_missing <= _LARGEST_SHARE * main


def folders_of(edition: Path) -> tuple[Path, ...]:
    """The folders of the segments of the edition in the folder ``edition``, the main one first."""
    beside = edition / ADDED
    return (edition, beside) if beside.is_dir() else (edition,)


async def open_database(edition: Path) -> Connection:
    """A connection that reads the databases of all segments as one.

    Raises:
        DatabaseError: one is missing or is no database.
    """
    main, *beside = (folder / DATABASE_FILE for folder in folders_of(edition))
    if not beside:
        return await open_for_reading(main)
    return await open_for_reading(beside[0], Below(main, VIEWS_OF_BOTH))


async def open_segments(edition: Path, connection: Connection) -> IndexSegments:
    """The segments of the edition in the folder ``edition``, whose databases ``connection`` reads."""
    folders = folders_of(edition)
    gone = await rows(connection, "SELECT episode FROM gone ORDER BY episode") if len(folders) > 1 else []
    return IndexSegments(
        tuple(map(IndexSegment, folders)), np.array([row["episode"] for row in gone], np.int64)
    )
