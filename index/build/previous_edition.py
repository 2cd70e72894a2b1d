"""What a build starts from: the published edition, as far as it may be built upon."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Vectors
from index.errors import EditionDamaged
from index.files import copy_file, link_file
from index.storage import queries as store
from index.storage import writer as writing
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

MadeBy = tuple[int, str, str, int]
"""Slicing version, scoring version, axis and layout: rows of the same may be taken over."""


@dataclass(frozen=True, slots=True)
class PreviousEdition:
    """A published edition that a new one starts from.

    Attributes:
        state: the folder below which editions lie.
        facts: what it was made of and with.
        segments: its arrays. Whatever made them, they give the vectors of the texts that it knows.
        seen: what the folders of its episodes said, by slug, where the same rules made it that hold now; None where
            only its vectors may be taken over.
    """

    state: Path
    facts: EditionFacts
    segments: IndexSegments
    seen: dict[str, Seen] | None

    @property
    def folder(self) -> Path:
        """Its files."""
        return editions_folder(self.state) / self.facts.edition

    def is_whole(self) -> bool:
        """Whether every byte is as it was written: what is written anew is given new checksums."""
        try:
            verify(self.state, self.facts.edition)
        except EditionDamaged:
            return False
        return True

    def start(self, scratch: Path, *, is_beside: bool) -> "SegmentStart":
        """Put into the folder ``scratch`` what a new edition begins with."""
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
    """What is there of a new edition before anything new is written.

    Attributes:
        folder: of the segment that is written.
        before: the segments that become part of it; the database of the first is in its place already.
        below: the database of the main segment, where what is written lies beside it.
        linked: checksums of the files that are an older edition's.
    """

    folder: Path
    before: tuple[IndexSegment, ...] = ()
    below: Path | None = None
    linked: Mapping[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        """The file that is written."""
        return self.folder / DATABASE_FILE

    async def merge_segments(self, connection: Connection) -> None:
        """Have in the database that ``connection`` writes all tables, and all that the segments before said."""
        if not self.before:
            await connection.executescript(SCHEMA if self.below is None else SCHEMA_BESIDE)
        if self.below is not None:
            await Below(self.below, VIEWS_OF_BOTH).attach(connection)
        for one in self.before[1:]:
            await writing.take_in(connection, one.folder / DATABASE_FILE)


async def open_previous_edition(state: Path, fingerprint: str, made_by: MadeBy) -> PreviousEdition | None:
    """The published edition if its vectors are of the model with that ``fingerprint`` and it can be read.

    The large files of its main segment are not held against their checksums here; see ``PreviousEdition.is_whole``.
    """
    name = current_name(state)
    if name is None:
        return None
    folder = editions_folder(state) / name
    try:
        facts = read_facts(state, name)
        if facts.fingerprint != fingerprint:
            return None
        check_files(folder, facts, by_length=(DATABASE_FILE, VECTORS_FILE, POSTINGS_FILE))
        connection = await open_database(folder)
        try:
            if await store.editions(connection) != facts.written:
                return None
            own = (facts.slicing_version, facts.scoring_version, facts.axis, facts.schema_version)
            seen = await store.seen(connection) if own == made_by else None
            return PreviousEdition(state, facts, await open_segments(folder, connection), seen)
        finally:
            await connection.close()
    except (EditionDamaged, DatabaseError, OSError, ValueError, KeyError, RuntimeError):
        return None  # nothing is built upon a damaged edition: everything is made anew


class KnownVectors:
    """The vectors of the previous edition by the keys of the texts that they are of.

    Args:
        segments: where they are.
    """

    def __init__(self, segments: IndexSegments) -> None:
        self._rows = np.argsort(
            segments.columns.window_key
        )  # of windows of the same text either one may come
        self._keys = segments.columns.window_key[self._rows]
        self._segments = segments

    def of(self, keys: Sequence[int]) -> tuple[npt.NDArray[np.bool_], Vectors]:
        """Which of ``keys`` are known, and the vectors of those, in order."""
        wanted = np.array(keys, np.uint64)
        is_known = np.zeros(len(wanted), bool)
        places = np.searchsorted(self._keys, wanted)
        inside = places < len(self._keys)
        is_known[inside] = self._keys[places[inside]] == wanted[inside]
        if not is_known.any():  # then no vectors need to be opened
            return is_known, np.zeros((0, self._segments.columns.episode_vector.shape[1]), np.float32)
        return is_known, self._segments.vectors.take(self._rows[places[is_known]])
