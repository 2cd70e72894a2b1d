"""What a build starts from: the published edition, as far as it may be built upon."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index import database, store
from index.columns import Columns
from index.database import DatabaseError
from index.edition import (
    COLUMNS_FILE,
    DATABASE_FILE,
    POSTINGS_FILE,
    VECTORS_FILE,
    current_name,
    editions_folder,
    read_facts,
    verify,
)
from index.encoder import Vectors
from index.errors import EditionDamaged
from index.postings import Postings
from index.records import EditionFacts
from index.store import Seen
from index.vectors import WindowVectors

MadeBy = tuple[int, str, str, int]
"""Slicing version, scoring version, axis and layout: rows of the same may be taken over."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What an edition holds of its episodes besides vectors.

    Attributes:
        postings: its words.
        seen: what the folders of its episodes said, by slug.
    """

    postings: Postings
    seen: dict[str, Seen]


@dataclass(frozen=True, slots=True)
class Base:
    """A published edition that a new one starts from.

    Attributes:
        folder: its files.
        facts: what it was made of and with.
        columns, vectors: its arrays. Whatever made them, they give the vectors of the texts that it knows.
        rows: the rest of it, where the same rules made it that hold now; None where it must not be taken over.
    """

    folder: Path
    facts: EditionFacts
    columns: Columns
    vectors: WindowVectors
    rows: Rows | None

    def copy_rows(self, goal: Path) -> None:
        """Copy the database to ``goal``; its blocks are shared where the file system can do that."""
        with (self.folder / DATABASE_FILE).open("rb") as source, goal.open("wb") as copy:
            try:
                while os.copy_file_range(source.fileno(), copy.fileno(), 1 << 30):
                    pass
            except (OSError, AttributeError):  # another file system, or a kernel without it
                copy.truncate(0)
                os.lseek(source.fileno(), 0, os.SEEK_SET)
                os.lseek(copy.fileno(), 0, os.SEEK_SET)
                shutil.copyfileobj(source, copy, 1 << 20)


async def open_base(state: Path, fingerprint: str, made_by: MadeBy) -> Base | None:
    """The published edition if its vectors are of the model with that ``fingerprint`` and every byte is as written.

    What is taken over is held against its checksums, since it is given new ones.
    """
    name = current_name(state)
    if name is None:
        return None
    folder = editions_folder(state) / name
    try:
        facts = read_facts(state, name)
        if facts.fingerprint != fingerprint:
            return None
        own = (facts.slicing_version, facts.scoring_version, facts.axis, facts.schema_version)
        verify(state, name, (VECTORS_FILE, COLUMNS_FILE))
        columns, vectors = Columns.open(folder / COLUMNS_FILE), WindowVectors.open(folder / VECTORS_FILE)
        if own != made_by:
            return Base(folder, facts, columns, vectors, None)
        verify(state, name, (DATABASE_FILE, POSTINGS_FILE))
        rows = Rows(Postings.open(folder / POSTINGS_FILE), await _seen(folder / DATABASE_FILE))
        return Base(folder, facts, columns, vectors, rows)
    except (EditionDamaged, DatabaseError, OSError, ValueError, KeyError, RuntimeError):
        return None  # a damaged edition is no base: everything is made anew


class KnownVectors:
    """The vectors of a base by the keys of the texts that they are of.

    Args:
        base: where they are.
    """

    def __init__(self, base: Base) -> None:
        self._rows = np.argsort(base.columns.window_key, kind="stable")
        self._keys = base.columns.window_key[self._rows]
        self._vectors = base.vectors

    def of(self, keys: Sequence[int]) -> tuple[npt.NDArray[np.bool_], Vectors]:
        """Which of ``keys`` are known, and the vectors of those, in order."""
        wanted = np.array(keys, np.uint64)
        if not len(self._keys):
            return np.zeros(len(wanted), bool), np.zeros((0, self._vectors.dim), np.float32)
        places = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        is_known = self._keys[places] == wanted
        return is_known, self._vectors.take(self._rows[places[is_known]])


async def _seen(path: Path) -> dict[str, Seen]:
    connection = await database.open_for_reading(path)
    try:
        return await store.seen(connection)
    finally:
        await connection.close()
