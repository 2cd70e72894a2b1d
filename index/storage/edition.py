"""Editions: built, checked and published states of the index. Readers answer from exactly one.

STATE/editions/<edition>/manifest.json   what it was made of and with, and checksums
STATE/editions/<edition>/index.db        episodes, slices, readings (SQLite)
STATE/editions/<edition>/windows.faiss   vectors
STATE/editions/<edition>/columns.npz     which window belongs to which slice, and what filters ask for
STATE/editions/<edition>/postings.npy    which slices hold which words
STATE/editions/<edition>/added/          the same four of what came since (``parts``)
STATE/editions/CURRENT                   the name of the published one; replaced by one atomic rename
"""

import json
import os
import shutil
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from index.errors import EditionDamaged, EditionMismatch, EditionMissing
from index.storage import queries as store
from index.storage.bm25 import SliceWords
from index.storage.columns import Columns
from index.storage.records import EditionFacts, EpisodeRecord
from index.storage.schema import SCHEMA_VERSION
from index.storage.segments import (
    COLUMNS_FILE,
    DATABASE_FILE,
    PART_FILES,
    POSTINGS_FILE,
    VECTORS_FILE,
    folders_of,
    open_database,
    open_parts,
)
from index.storage.sqlite import Connection, DatabaseError
from index.storage.vector_search import EditionVectors
from index.text.slicing import SLICING_VERSION

MANIFEST_FILE = "manifest.json"
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Edition:
    """An opened edition. ``episodes`` are by id; the connection is closed by ``close``."""

    folder: Path
    facts: EditionFacts
    episodes: dict[int, EpisodeRecord]
    columns: Columns
    vectors: EditionVectors
    postings: SliceWords
    connection: Connection

    @property
    def name(self) -> str:
        """The edition's name; changes whenever any answer could change."""
        return self.facts.edition

    async def close(self) -> None:
        """Give the files back."""
        await self.connection.close()


def editions_folder(state: Path) -> Path:
    """Where editions lie below the state folder."""
    return state / "editions"


def current_name(state: Path) -> str | None:
    """The published edition's name, or None where nothing is published."""
    try:
        pointer = (editions_folder(state) / "CURRENT").read_text(encoding="utf-8", errors="replace")
        return pointer.strip() or None
    except FileNotFoundError:
        return None


def read_facts(state: Path, name: str) -> EditionFacts:
    """The manifest of the edition ``name``.

    Raises:
        EditionDamaged: it is missing or unreadable.
    """
    path = editions_folder(state) / name / MANIFEST_FILE
    try:
        return EditionFacts(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise EditionDamaged(edition=name, file=MANIFEST_FILE, problem="missing or unreadable") from error


async def open_edition(state: Path) -> Edition:
    """Open the published edition.

    Vectors, columns and postings are held against their checksums; the databases, of which few pages are ever looked
    at, have an edition's name in them. ``verify`` reads it all.

    Raises:
        EditionMissing: nothing is published.
        EditionDamaged: a file is missing, unreadable, or of another edition.
        EditionMismatch: it was sliced or written by other rules than this program's.
    """
    name = current_name(state)
    if name is None:
        raise EditionMissing(path=str(state))
    facts = read_facts(state, name)
    if facts.slicing_version != SLICING_VERSION:
        raise EditionMismatch(what="slicing", edition_has=facts.slicing_version, running_has=SLICING_VERSION)
    if facts.schema_version != SCHEMA_VERSION:
        raise EditionMismatch(what="layout", edition_has=facts.schema_version, running_has=SCHEMA_VERSION)
    folder = editions_folder(state) / name
    _check(folder, facts, [file for file in facts.checksums if Path(file).name != DATABASE_FILE])
    for part in folders_of(folder):
        if not (part / DATABASE_FILE).is_file():
            raise EditionDamaged(edition=name, file=DATABASE_FILE, problem="missing")
    try:
        connection = await open_database(folder)
    except DatabaseError as error:
        raise EditionDamaged(edition=name, file=DATABASE_FILE, problem="unreadable") from error
    try:
        if await store.editions(connection) != facts.written:
            raise EditionDamaged(edition=name, file=DATABASE_FILE, problem="of another edition")
        parts = await open_parts(folder, connection)
        vectors = _read(lambda: parts.vectors, name, VECTORS_FILE)
        columns = _read(lambda: parts.columns, name, COLUMNS_FILE)
        words = _read(lambda: parts.words, name, POSTINGS_FILE)
        if not len(vectors) == len(columns.window_slice) == facts.n_windows or vectors.dim != facts.dim:
            raise EditionDamaged(edition=name, file=VECTORS_FILE, problem="of another edition")
        if len(words) != len(columns.slice_id):
            raise EditionDamaged(edition=name, file=POSTINGS_FILE, problem="of another edition")
        episodes = {episode.id: episode for episode in await store.all_episodes(connection)}
    except BaseException as error:
        await connection.close()
        if isinstance(error, DatabaseError | ValueError | TypeError | KeyError):
            raise EditionDamaged(edition=name, file=DATABASE_FILE, problem="unreadable") from error
        raise
    return Edition(folder, facts, episodes, columns, vectors, words, connection)


_Opened = TypeVar("_Opened")


def _read(opened: Callable[[], _Opened], edition: str, file: str) -> _Opened:
    try:
        return opened()
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise EditionDamaged(edition=edition, file=file, problem="unreadable") from error


def publish(state: Path, scratch: Path, facts: EditionFacts) -> None:
    """Make the files in ``scratch`` the published edition ``facts.edition``; older ones but the last are removed.

    Everything is on the disk before the one rename that readers see. A process that dies before it leaves the
    published edition as it was.
    """
    folder = editions_folder(state)
    (scratch / MANIFEST_FILE).write_text(json.dumps(asdict(facts), indent=2) + "\n", encoding="utf-8")
    for file in (*facts.checksums, MANIFEST_FILE):
        _sync(scratch / file)
    for part in reversed(folders_of(scratch)):
        _sync(part)
    before = current_name(state)
    scratch.rename(folder / facts.edition)
    _sync(folder)
    pointer = folder / ".CURRENT"
    pointer.write_text(facts.edition + "\n", encoding="utf-8")
    _sync(pointer)
    pointer.rename(folder / "CURRENT")
    _sync(folder)
    kept = {facts.edition, before}
    for old in folder.iterdir():
        if old.is_dir() and old.name not in kept:
            shutil.rmtree(old, ignore_errors=True)


def checksums(folder: Path) -> dict[str, str]:
    """Length and CRC-32 of each file of the part in ``folder``: they tell accidents, which derived files may have."""
    return {file: _checksum(folder / file) for file in PART_FILES}


def verify(state: Path, name: str, *, but: Sequence[str] = ()) -> None:
    """Compare the files of the edition ``name``, all ``but`` some, with their checksums.

    Raises:
        EditionDamaged: one is missing or differs.
    """
    facts = read_facts(state, name)
    if not {*PART_FILES} <= {*facts.checksums}:
        raise EditionDamaged(edition=name, file=MANIFEST_FILE, problem="without checksums")
    _check(editions_folder(state) / name, facts, [file for file in facts.checksums if file not in but])


def _check(folder: Path, facts: EditionFacts, files: Sequence[str]) -> None:
    for file in files:
        try:
            found = _checksum(folder / file)
        except OSError as error:
            raise EditionDamaged(edition=facts.edition, file=file, problem="missing") from error
        if found != facts.checksums.get(file):
            raise EditionDamaged(edition=facts.edition, file=file, problem="differs from its checksum")


def _checksum(path: Path) -> str:
    length = crc = 0
    with path.open("rb", buffering=0) as handle:
        while block := handle.read(_BLOCK_BYTES):
            length, crc = length + len(block), zlib.crc32(block, crc)
    return f"{length}-{crc:08x}"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
