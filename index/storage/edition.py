"""Editions: built, checked and published states of the index. Readers answer from exactly one.

STATE/editions/<edition>/manifest.json   what it was made of and with, and checksums
STATE/editions/<edition>/index.db        episodes, slices, readings, word pieces (SQLite)
STATE/editions/<edition>/windows.faiss   vectors
STATE/editions/<edition>/columns.npz     which window belongs to which slice, and what filters ask for
STATE/editions/<edition>/postings.npy    which slices hold which words
STATE/editions/<edition>/judged.json     pairs of passages that a judge called good (``judged_pairs``), where one is set
STATE/editions/<edition>/added/          the same four of what came since (``segments``)
STATE/editions/CURRENT                   the name of the published one; replaced by one atomic rename
"""

import errno
import logging
import os
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import IO, Protocol

from index.errors import (
    EditionDamaged,
    EditionFileChanged,
    EditionFileForbidden,
    EditionFileForeign,
    EditionFileMissing,
    EditionFileUnreadable,
    EditionMismatch,
    EditionMissing,
    IndexingError,
    OutOfMemory,
    StoreNotSet,
)
from index.files import copy_file, inherit_access, link_file, make_folder, replace_file, sync
from index.storage import queries, sqlite, writer
from index.storage.bm25 import WordSearch
from index.storage.columns import Columns
from index.storage.judged_pairs import JUDGED_FILE, JudgedPairs
from index.storage.queries import SliceRows, StoredSlices
from index.storage.records import EditionFacts, EpisodeRecord
from index.storage.schema import SCHEMA_VERSION
from index.storage.segments import (
    COLUMNS_FILE,
    DATABASE_FILE,
    POSTINGS_FILE,
    SEGMENT_FILES,
    VECTORS_FILE,
    folders_of,
    open_database,
    open_segments,
)
from index.storage.sqlite import Connection, DatabaseError
from index.storage.vectors import WindowSearch
from index.storage.vocabulary import VOCABULARY_FILE, EditionVocabulary
from index.text.slicing import SLICING_VERSION

MANIFEST_FILE = "manifest.json"
POINTER_FILE = "CURRENT"

SCRATCH_PREFIX = ".building-"
"""Folders in which an edition is built; hidden, and of no use once their build is over."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_BLOCK_BYTES = 1 << 20
_MOST_TRIES = 3
_NOTHING: Mapping[str, IndexingError] = MappingProxyType({})

_log = logging.getLogger(__name__)


class EditionStore(Protocol):
    """A store of editions (``milvus``), as whoever opens a replica sees it.

    A *replica* is an edition on a machine that answers from a store. Its folder has what a machine must know to put a
    question: columns, episodes, who speaks where, and the vocabulary. The rest is asked of the store.
    """

    def vectors(self, facts: EditionFacts) -> WindowSearch:
        """Return the vectors of an edition."""
        ...

    def words(self, facts: EditionFacts, vocabulary: EditionVocabulary, columns: Columns) -> WordSearch:
        """Return the words of an edition's slices."""
        ...

    def slices(self, facts: EditionFacts, columns: Columns) -> SliceRows:
        """Return the rows of an edition's slices."""
        ...


@dataclass(frozen=True, slots=True)
class Edition:
    """An open edition. ``episodes`` are by id; ``close`` closes the connection.

    Attributes:
        passed_over: newer editions that could not be opened, by name, with the reason; empty where this is the
            published one.
        judged: the pairs of passages that a judge called good; None where the edition was built without a judge.
    """

    folder: Path
    facts: EditionFacts
    episodes: dict[int, EpisodeRecord]
    columns: Columns
    vectors: WindowSearch
    postings: WordSearch
    slices: SliceRows
    connection: Connection
    passed_over: Mapping[str, IndexingError] = field(default_factory=dict)
    judged: JudgedPairs | None = None

    @property
    def name(self) -> str:
        """Return the edition's name; it changes whenever an answer could change."""
        return self.facts.edition

    async def close(self) -> None:
        """Close the files."""
        await self.connection.close()


def editions_folder(state: Path) -> Path:
    """Return the folder of editions below the state folder."""
    return state / "editions"


def edition_name(now: datetime) -> str:
    """Return the name of an edition that is built at the time ``now`` of UTC; later ones come later in order."""
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond:06d}"


def current_name(state: Path) -> str | None:
    """Return the published edition's name, or None where nothing is published or the pointer cannot be read."""
    try:
        return _published_name(state)
    except (EditionDamaged, EditionMissing):
        return None


def edition_names(state: Path) -> list[str]:
    """Return the names of all editions that were finished, the newest first, published or not."""
    try:
        folders = list(editions_folder(state).iterdir())
    except OSError:
        return []
    names = (folder.name for folder in folders if folder.is_dir())
    return sorted((name for name in names if _NAME.fullmatch(name) and name != POINTER_FILE), reverse=True)


def read_facts(state: Path, name: str) -> EditionFacts:
    """Return the manifest of the edition ``name``.

    Raises:
        EditionDamaged: it is missing, unreadable, or says something else than a manifest does.
    """
    with _damage(name, MANIFEST_FILE):
        return EditionFacts.of_bytes((editions_folder(state) / name / MANIFEST_FILE).read_bytes())


async def open_edition(
    state: Path,
    *,
    falls_back: bool = True,
    skip: Mapping[str, IndexingError] = _NOTHING,
    store: EditionStore | None = None,
) -> Edition:
    """Open the published edition, or the newest older one that can be opened.

    Where the pointer names an edition that is not there, the newest that can be opened takes its place.

    Vectors, columns and postings are held against their checksums, the databases against their lengths and the
    edition's name in them. ``verify`` reads it all.

    Args:
        state: the state folder.
        falls_back: False to open the published edition or none.
        skip: editions that are not to be opened, with the reason.
        store: what replicas are parts of; None where none is set, so that they cannot be opened.

    Raises:
        EditionMissing: nothing is published.
        EditionDamaged: a file of the published edition is missing, unreadable, or of another edition.
        EditionMismatch: it was sliced or written by other rules than this program's.
        StoreNotSet: it is a replica, and no store is set.
        OutOfMemory: it does not fit into the memory.
    """
    for _ in range(_MOST_TRIES):
        published, passed_over = _published(state)
        others = edition_names(state)
        if published in others:
            others = [name for name in others if name < published]
        for name in ([] if published is None else [published]) + (others if falls_back else []):
            try:
                if name in skip:
                    raise skip[name].again()
                edition = await _open(state, name, passed_over, store)
            except IndexingError as error:
                passed_over[name] = error
                if current_name(state) != published:  # a build has published, and removed, meanwhile
                    break
                continue
            for newer, reason in passed_over.items():
                _log.error("edition %s cannot be opened (%s); %s answers in its place", newer, reason, name)
            return edition
        if current_name(state) == published:
            break
    raise next(iter(passed_over.values()))


def _published(state: Path) -> tuple[str | None, dict[str, IndexingError]]:
    """Return the published edition's name, or None and why it cannot be told."""
    try:
        return _published_name(state), {}
    except EditionDamaged as error:
        return None, {POINTER_FILE: error}


async def _open(
    state: Path,
    name: str,
    passed_over: Mapping[str, IndexingError],
    store: EditionStore | None,
) -> Edition:
    facts = read_facts(state, name)
    if facts.is_replica and store is None:
        raise StoreNotSet(edition=name)
    if facts.slicing_version != SLICING_VERSION:
        raise EditionMismatch(what="slicing", edition_has=facts.slicing_version, running_has=SLICING_VERSION)
    if facts.schema_version != SCHEMA_VERSION:
        raise EditionMismatch(what="layout", edition_has=facts.schema_version, running_has=SCHEMA_VERSION)
    folder = editions_folder(state) / name
    databases = [file for file in facts.checksums if Path(file).name == DATABASE_FILE]
    check_files(folder, facts, by_length=databases)
    with _damage(name, DATABASE_FILE):
        connection = await open_database(folder)
    try:
        with _damage(name, DATABASE_FILE):
            if await queries.editions(connection) != facts.written:
                raise EditionFileForeign(edition=name, file=DATABASE_FILE)
            segments = await open_segments(folder, connection)
        with _damage(name, COLUMNS_FILE):
            columns = segments.columns
        vectors: WindowSearch
        words: WordSearch
        slices: SliceRows
        if facts.is_replica and store is not None:
            with _damage(name, VOCABULARY_FILE):
                vocabulary = EditionVocabulary.open(folder / VOCABULARY_FILE)
            vectors, slices = store.vectors(facts), store.slices(facts, columns)
            words = store.words(facts, vocabulary, columns)
        else:
            with _damage(name, VECTORS_FILE):
                vectors = segments.vectors
            with _damage(name, POSTINGS_FILE):
                words = segments.words
            slices = StoredSlices(connection)
        if not len(vectors) == len(columns.window_slice) == facts.n_windows or vectors.dim != facts.dim:
            raise EditionFileForeign(edition=name, file=VECTORS_FILE)
        if len(words) != len(columns.slice_id):
            raise EditionFileForeign(edition=name, file=POSTINGS_FILE)
        with _damage(name, JUDGED_FILE):
            judged = read_judged(folder, facts)
        with _damage(name, DATABASE_FILE):
            episodes = {episode.id: episode for episode in await queries.all_episodes(connection)}
    except BaseException:
        await connection.close()
        raise
    return Edition(
        folder, facts, episodes, columns, vectors, words, slices, connection, dict(passed_over), judged
    )


def read_judged(folder: Path, facts: EditionFacts) -> JudgedPairs | None:
    """Return the judged pairs of the edition in ``folder``; None where it was built without a judge.

    Raises:
        OSError, ValueError, KeyError, TypeError: the file is missing or damaged.
    """
    if JUDGED_FILE not in facts.checksums:
        return None
    return JudgedPairs.of_bytes((folder / JUDGED_FILE).read_bytes())


def _published_name(state: Path) -> str:
    """Return the name in the pointer.

    Raises:
        EditionMissing: there is no pointer; EditionDamaged: it cannot be read or holds no name.
    """
    pointer = editions_folder(state) / POINTER_FILE
    if not os.path.lexists(pointer):
        raise EditionMissing(path=str(state))
    with _damage(POINTER_FILE, POINTER_FILE):
        name = pointer.read_text(encoding="utf-8").strip()
    if not _NAME.fullmatch(name):
        raise EditionFileUnreadable(edition=POINTER_FILE, file=POINTER_FILE)
    return name


@contextmanager
def _damage(edition: str, file: str) -> Iterator[None]:
    """Turn whatever a library raises about a file of an edition into an error of the project."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise EditionFileMissing(edition=edition, file=file) from error
    except PermissionError as error:
        raise EditionFileForbidden(edition=edition, file=file) from error
    except MemoryError as error:
        raise OutOfMemory(path=f"{edition}/{file}") from error
    except OSError as error:
        if error.errno == errno.ENOMEM:
            raise OutOfMemory(path=f"{edition}/{file}") from error
        raise EditionFileUnreadable(edition=edition, file=file) from error
    except (DatabaseError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise EditionFileUnreadable(edition=edition, file=file) from error


def publish(state: Path, scratch: Path, facts: EditionFacts) -> None:
    """Make the files in ``scratch`` the published edition ``facts.edition``.

    Everything is on the disk before the one rename that readers see. A process that dies before it leaves the
    published edition as it was. The files get owner and mode of the folder of editions, so that whoever may read
    that folder may read them. Older editions are removed, but for the newest that is whole: the one to fall back to.
    """
    folder = editions_folder(state)
    (scratch / MANIFEST_FILE).write_bytes(facts.to_bytes())
    inherit_access(scratch)
    for file in (*facts.checksums, MANIFEST_FILE):
        sync(scratch / file)
    for segment in reversed(folders_of(scratch)):
        sync(segment)
    scratch.rename(folder / facts.edition)
    sync(folder)
    pointer = folder / POINTER_FILE
    if pointer.is_dir():  # which containers make where a mounted file is missing
        pointer.rmdir()
    replace_file(pointer, f"{facts.edition}\n".encode())
    older = [name for name in edition_names(state) if name != facts.edition]
    kept = next((name for name in older if is_complete(state, name)), None)
    for name in older:
        if name != kept:
            shutil.rmtree(folder / name, ignore_errors=True)


async def publish_judged(state: Path, facts: EditionFacts, judged: JudgedPairs | None) -> EditionFacts:
    """Publish the published edition anew with other judged pairs, or without any; return its manifest.

    The new edition shares all files with the old but for the small ones that differ: the database of the segment that
    was written last, which names the edition, and the pairs.

    Args:
        state: the state folder.
        facts: of the published edition.
        judged: the pairs.
    """
    source = editions_folder(state) / facts.edition
    now = datetime.now(UTC)
    name = edition_name(now)
    scratch = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=editions_folder(state)))
    try:
        renamed = (folders_of(source)[-1] / DATABASE_FILE).relative_to(source)
        files = {file: checksum for file, checksum in facts.checksums.items() if file != JUDGED_FILE}
        for file in files:
            make_folder((scratch / file).parent)
            (copy_file if Path(file) == renamed else link_file)(source / file, scratch / file)
        async with sqlite.building(scratch / renamed) as connection:
            await writer.write_meta(connection, {"edition": name})
        files[str(renamed)] = checksum_of(scratch / renamed)
        files |= write_judged(scratch, judged)
        newer = replace(facts, edition=name, built_at=now.isoformat(timespec="seconds"), checksums=files)
        publish(state, scratch, newer)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return newer


def write_judged(folder: Path, judged: JudgedPairs | None) -> dict[str, str]:
    """Write the judged pairs of an edition into its folder, if there are any; return the file with its checksum."""
    if judged is None:
        return {}
    (folder / JUDGED_FILE).write_bytes(judged.to_bytes())
    return {JUDGED_FILE: checksum_of(folder / JUDGED_FILE)}


def sweep_scratch(state: Path) -> None:
    """Remove what builds left behind that were killed; only under the build lock."""
    folder = editions_folder(state)
    if folder.is_dir():
        for left in folder.glob(f"{SCRATCH_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)


def is_complete(state: Path, name: str) -> bool:
    """Return True if all files of the edition ``name`` are there at their lengths; their bytes are not read."""
    try:
        facts = read_facts(state, name)
        check_files(editions_folder(state) / name, facts, by_length=list(facts.checksums))
    except EditionDamaged:
        return False
    return True


def checksums(folder: Path) -> dict[str, str]:
    """Return length and CRC-32 of each file of the segment in ``folder``: they tell accidents, not attackers."""
    return {file: checksum_of(folder / file) for file in SEGMENT_FILES}


def checksum_of(path: Path) -> str:
    """Return length and CRC-32 of a file."""
    with path.open("rb", buffering=0) as handle:
        return _checksum(handle)


def verify(state: Path, name: str) -> None:
    """Compare all files of the edition ``name`` with their checksums.

    Raises:
        EditionDamaged: one is missing or differs.
    """
    facts = read_facts(state, name)
    check_files(editions_folder(state) / name, facts)


def check_files(folder: Path, facts: EditionFacts, *, by_length: Sequence[str] = ()) -> None:
    """Compare the files of the edition in ``folder`` with its checksums, those ``by_length`` by their lengths alone.

    Raises:
        EditionDamaged: a file is missing, cannot be read, or differs.
    """
    wanted = {DATABASE_FILE, COLUMNS_FILE, VOCABULARY_FILE} if facts.is_replica else {*SEGMENT_FILES}
    if not wanted <= {*facts.checksums}:
        raise EditionFileUnreadable(edition=facts.edition, file=MANIFEST_FILE)
    for file, expected in facts.checksums.items():
        with _damage(facts.edition, file), (folder / file).open("rb", buffering=0) as handle:
            if file in by_length:
                is_as_written = f"{os.fstat(handle.fileno()).st_size}" == expected.partition("-")[0]
            else:
                is_as_written = _checksum(handle) == expected
        if not is_as_written:
            raise EditionFileChanged(edition=facts.edition, file=file)


def _checksum(handle: IO[bytes]) -> str:
    length = crc = 0
    while block := handle.read(_BLOCK_BYTES):
        length, crc = length + len(block), zlib.crc32(block, crc)
    return f"{length}-{crc:08x}"
