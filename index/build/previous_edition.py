"""The published edition as the start of a new one, as far as its data may be reused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Vectors
from index.errors import EditionDamaged
from index.files import copy_file, link_file
from index.storage import queries, writer
from index.storage.edition import check_files, current_name, editions_folder, read_facts, verify
from index.storage.queries import Seen
from index.storage.records import EditionFacts
from index.storage.schema import SCHEMA, SCHEMA_BESIDE, VIEWS_OF_BOTH
from index.storage.segments import (
    ADDED,
    DATABASE_FILE,
    POSTINGS_FILE,
    SEGMENT_FILES,
    VECTORS_FILE,
    IndexSegment,
    IndexSegments,
    open_database,
    open_segments,
)
from index.storage.sqlite import Below, Connection, DatabaseError

MadeBy = tuple[int, str, str, int, str]
"""Slicing version, scoring version, axis, layout and maps to word pieces: rows made by the same may be reused."""


@dataclass(frozen=True, slots=True)
class PreviousEdition:
    """A published edition that a new one starts from.

    Attributes:
        state: the folder below which editions lie.
        facts: its manifest.
        segments: its arrays, whose vectors may always be reused for the same texts.
        seen: state of its episodes' folders, by slug, if it was made by the present rules; None if only its vectors
            may be reused.
    """

    state: Path
    facts: EditionFacts
    segments: IndexSegments
    seen: dict[str, Seen] | None

    @property
    def folder(self) -> Path:
        """Return the edition's folder."""
        return editions_folder(self.state) / self.facts.edition

    def is_whole(self) -> bool:
        """Return True if all files match their checksums: a rewritten file would hide damage under a new checksum."""
        try:
            verify(self.state, self.facts.edition)
        except EditionDamaged:
            return False
        return True

    def start(self, scratch: Path, *, is_beside: bool) -> "SegmentStart":
        """Link or copy the files that a new edition starts with into the folder ``scratch``."""
        before, folder, linked = self.segments.segments, scratch, dict[str, str]()
        if is_beside:
            for file in SEGMENT_FILES:
                link_file(self.folder / file, scratch / file)
                linked[file] = self.facts.checksums[file]
            before, folder = before[1:], scratch / ADDED
            folder.mkdir()
        if before:
            copy_file(before[0].folder / DATABASE_FILE, folder / DATABASE_FILE)
        return SegmentStart(folder, before, scratch / DATABASE_FILE if is_beside else None, linked)


@dataclass(frozen=True, slots=True)
class SegmentStart:
    """Files of a new edition before any episode is written.

    Attributes:
        folder: folder of the segment that is written.
        before: the segments that become part of it; the database of the first is already copied.
        below: the database of the main segment, if a second segment is written; else None.
        linked: checksums of the files that are shared with an older edition.
    """

    folder: Path
    before: tuple[IndexSegment, ...] = ()
    below: Path | None = None
    linked: Mapping[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        """Return the path of the database that is written."""
        return self.folder / DATABASE_FILE

    async def merge_segments(self, connection: Connection) -> None:
        """Create all tables in the database of ``connection``, and merge the rows of earlier segments into it."""
        if not self.before:
            await connection.executescript(SCHEMA if self.below is None else SCHEMA_BESIDE)
        if self.below is not None:
            await Below(self.below, VIEWS_OF_BOTH).attach(connection)
        for segment in self.before[1:]:
            await writer.merge_database(connection, segment.folder / DATABASE_FILE)


async def open_previous_edition(state: Path, fingerprint: str, made_by: MadeBy) -> PreviousEdition | None:
    """Return the published edition, or None if it cannot be read or its model has another ``fingerprint``.

    The checksums of its large files are not checked here; see ``PreviousEdition.is_whole``.
    """
    name = current_name(state)
    if name is None:
        return None
    folder = editions_folder(state) / name
    try:
        facts = read_facts(state, name)
        if facts.fingerprint != fingerprint or facts.is_replica:
            return None
        check_files(folder, facts, by_length=(DATABASE_FILE, VECTORS_FILE, POSTINGS_FILE))
        connection = await open_database(folder)
        try:
            if await queries.editions(connection) != facts.written:
                return None
            own = (
                facts.slicing_version,
                facts.scoring_version,
                facts.axis,
                facts.schema_version,
                facts.pieces,
            )
            seen = await queries.seen(connection) if own == made_by else None
            return PreviousEdition(state, facts, await open_segments(folder, connection), seen)
        finally:
            await connection.close()
    except (EditionDamaged, DatabaseError, OSError, ValueError, KeyError, RuntimeError):
        return None  # a damaged edition is not reused


async def read_published(state: Path) -> tuple[EditionFacts, frozenset[str]] | None:
    """Return the manifest of the published edition and the slugs of its episodes, by whatever rules it was made.

    None if nothing is published, or not all of it is as it was written.
    """
    name = current_name(state)
    if name is None:
        return None
    try:
        facts = read_facts(state, name)
        verify(state, name)
        connection = await open_database(editions_folder(state) / name)
        try:
            return facts, frozenset(await queries.seen(connection))
        finally:
            await connection.close()
    except (EditionDamaged, DatabaseError, OSError, ValueError):
        return None


class KnownVectors:
    """Vectors of the previous edition by the keys of their texts.

    Args:
        segments: the segments that hold them.
    """

    def __init__(self, segments: IndexSegments) -> None:
        self._rows = np.argsort(
            segments.columns.window_key
        )  # of windows of the same text either one may come
        self._keys = segments.columns.window_key[self._rows]
        self._segments = segments

    def of(self, keys: Sequence[int]) -> tuple[npt.NDArray[np.bool_], Vectors]:
        """Return a mask of the known ``keys``, and the vectors of those in order, shape (n known, dim)."""
        wanted = np.array(keys, np.uint64)
        is_known = np.zeros(len(wanted), bool)
        places = np.searchsorted(self._keys, wanted)
        inside = places < len(self._keys)
        is_known[inside] = self._keys[places[inside]] == wanted[inside]
        if not is_known.any():  # then no vectors need to be opened
            return is_known, np.zeros((0, self._segments.columns.episode_vector.shape[1]), np.float32)
        return is_known, self._segments.vectors.take(self._rows[places[is_known]])
