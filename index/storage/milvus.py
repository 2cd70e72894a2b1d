"""Editions in a Milvus database, which bots on other machines answer from.

An edition there is three collections: the vectors of its windows with what filters ask for, in the edition's rows; its
slices with their words (``milvus_search``), their rows and the same filters; and, in pieces, its other files (who
speaks where, columns, vocabulary, judged pairs) with the list of slices that say each stem. A machine that answers
copies the files into its state folder, which is then a *replica*, and asks the collections for everything else. The
alias names the collection of windows of the published edition. Publishing fills new collections, compares their
counts, and moves the alias: one step, for everybody. A process that dies before has changed nothing; what it left is
dropped by the next.
"""

import base64
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from index.errors import EditionFileUnreadable, LibraryBusy
from index.files import build_lock, make_folder
from index.storage import sqlite
from index.storage.bm25 import BM25Index
from index.storage.columns import Columns
from index.storage.edition import (
    MANIFEST_FILE,
    SCRATCH_PREFIX,
    Edition,
    check_files,
    checksum_of,
    current_name,
    edition_names,
    editions_folder,
    publish,
)
from index.storage.milvus_connection import (
    INTEGER,
    SPARSE_VECTOR,
    TEXT,
    MilvusConnection,
    dense_vector,
)
from index.storage.milvus_search import (
    NO_STEMS,
    PIECE_BYTES,
    MilvusSlices,
    MilvusVectors,
    MilvusWords,
    packed_row,
    part_key,
    pieces_of_list,
    sparse_vectors,
)
from index.storage.records import EditionFacts
from index.storage.schema import WITH_PIECES, WITHOUT_TEXTS
from index.storage.segments import DATABASE_FILE, POSTINGS_FILE, VECTORS_FILE, folders_of
from index.storage.store_address import StoreAddress
from index.storage.vectors import SCANNED_WHOLE
from index.storage.vocabulary import VOCABULARY_FILE, EditionVocabulary

ALIAS = "counterpoint"
_WINDOWS, _SLICES, _PIECES = f"{ALIAS}_windows_", f"{ALIAS}_slices_", f"{ALIAS}_pieces_"
_KINDS = (_WINDOWS, _SLICES, _PIECES)
_ROWS_AT_ONCE = 2_000
_PIECES_AT_ONCE = 64
_FIRST_OF_LISTS = 1 << 40
_GRAPH = {"M": 32, "efConstruction": 200}
_FILTERS = {"slice": INTEGER, "episode": INTEGER, "band": INTEGER, "lens": INTEGER}


class MilvusStore:
    """The editions in one Milvus database. It connects at its first use; threads may share it.

    Args:
        address: where it is.

    Its methods raise ``StoreUnavailable`` where the server cannot be reached or refuses.
    """

    def __init__(self, address: StoreAddress) -> None:
        self.connection = MilvusConnection(address)

    def close(self) -> None:
        """Close the connection, if there is one."""
        self.connection.close()

    def current(self) -> str | None:
        """Return the name of the published edition, or None where nothing is published."""
        collection = self.connection.goal_of(ALIAS)
        return None if collection is None else _edition_of(collection)

    def publish(self, edition: Edition, *, advance: Callable[[int], None] = lambda _: None) -> bool:
        """Make an open edition the store's published one; False where it is already.

        The edition that was published before is kept, for who still answers from it; older ones are dropped.

        Args:
            edition: with its files at hand, all of which a replica does not have.
            advance: told how many windows more are stored.
        """
        before = self.current()
        if before == edition.name:
            self._drop_all_but({edition.name, *self._older(edition.name)[:1]})
            return False
        self._drop_all_but({before} if before is not None else set())
        self._fill_windows(edition, advance)
        self._fill_slices(edition)
        self._fill_pieces(edition)
        self.connection.point(ALIAS, _collection(_WINDOWS, edition.name), is_new=before is None)
        self._drop_all_but({edition.name, *({before} if before is not None else set())})
        return True

    def fetch(self, state: Path) -> str | None:
        """Make the store's published edition that of a state folder, unless that has it or a newer one.

        The files are compared with their checksums before anybody sees them.

        Returns:
            The name of the edition that was fetched; None for none.

        Raises:
            EditionDamaged: what arrived is not what was published.
            OSError: the disk is full, read-only or broken.
        """
        if not self._is_ahead(state):
            return None
        try:
            with build_lock(state):
                return self._fetch(state)
        except LibraryBusy:  # another program fetches, or builds a newer one
            return None

    def _is_ahead(self, state: Path) -> bool:
        name = self.current()
        return name is not None and name > (current_name(state) or "")

    def _fetch(self, state: Path) -> str | None:
        name = self.current()
        if name is None or not self._is_ahead(state):
            return None
        editions = editions_folder(state)
        make_folder(editions)
        if name in edition_names(state):  # of another program on this state folder, or of one that died
            shutil.rmtree(editions / name, ignore_errors=True)
        scratch = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=editions))
        try:
            try:
                facts = self._fetch_files(name, scratch)
            except (ValueError, KeyError, zlib.error, FileNotFoundError) as error:
                raise EditionFileUnreadable(edition=name, file=MANIFEST_FILE) from error
            check_files(scratch, facts)
            publish(state, scratch, facts)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return name

    def vectors(self, facts: EditionFacts) -> MilvusVectors:
        """Return the vectors of an edition in the store."""
        return MilvusVectors(self.connection, _collection(_WINDOWS, facts.edition), facts)

    def words(self, facts: EditionFacts, vocabulary: EditionVocabulary, columns: Columns) -> MilvusWords:
        """Return the words of an edition in the store."""
        slices, pieces = (_collection(kind, facts.edition) for kind in (_SLICES, _PIECES))
        return MilvusWords(self.connection, slices, pieces, vocabulary, columns)

    def slices(self, facts: EditionFacts, columns: Columns) -> MilvusSlices:
        """Return the rows of the slices of an edition in the store."""
        return MilvusSlices(self.connection, _collection(_SLICES, facts.edition), columns)

    def _fill_windows(self, edition: Edition, advance: Callable[[int], None]) -> None:
        columns = edition.columns
        places = columns.places_of(columns.window_slice)

        def rows() -> Iterator[dict[str, Any]]:
            for start in range(0, len(places), _ROWS_AT_ONCE):
                block = np.arange(start, min(start + _ROWS_AT_ONCE, len(places)))
                vectors = edition.vectors.take(block)
                for row, vector in zip(block.tolist(), vectors, strict=True):
                    yield {"row": row, **_filters(columns, int(places[row])), "vector": vector}

        is_small = len(places) <= SCANNED_WHOLE
        for n_stored in self.connection.fill(
            _collection(_WINDOWS, edition.name),
            {"row": INTEGER, **_FILTERS, "vector": dense_vector(edition.facts.dim)},
            rows(),
            index_type="FLAT" if is_small else "HNSW",
            metric_type="IP",
            params={} if is_small else _GRAPH,
        ):
            advance(n_stored)

    def _fill_slices(self, edition: Edition) -> None:
        columns, words = edition.columns, _words_of(edition)
        numbers = {stem: number for number, stem in enumerate(words.frequencies(), start=1)}

        def vectors() -> Iterator[Mapping[int, float]]:
            for start in range(0, len(words), _ROWS_AT_ONCE):
                yield from sparse_vectors(
                    words.stems_of(start, min(start + _ROWS_AT_ONCE, len(words)), numbers)
                )

        def rows() -> Iterator[dict[str, Any]]:
            for place, (row, vector) in enumerate(zip(_slices_of(edition), vectors(), strict=True)):
                first, *others = packed_row(row)
                filters = _filters(columns, place)
                yield {**filters, "row": first, "words": dict(vector)}
                for part, text in enumerate(others, start=1):
                    yield {
                        **filters,
                        "slice": part_key(row["id"], part),
                        "row": text,
                        "words": dict(NO_STEMS),
                    }

        for _ in self.connection.fill(
            _collection(_SLICES, edition.name),
            {**_FILTERS, "row": TEXT, "words": SPARSE_VECTOR},
            rows(),
            index_type="SPARSE_INVERTED_INDEX",
            metric_type="IP",
            params={},
        ):
            pass

    def _fill_pieces(self, edition: Edition) -> None:
        with tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX, dir=edition.folder.parent) as folder:
            for _ in self.connection.fill(
                _collection(_PIECES, edition.name),
                {"number": INTEGER, "file": TEXT, "data": TEXT, "vector": dense_vector(2)},
                _pieces_of(edition, Path(folder)),
                rows_at_once=_PIECES_AT_ONCE,
                index_type="FLAT",
                metric_type="IP",
                params={},
            ):
                pass

    def _fetch_files(self, name: str, folder: Path) -> EditionFacts:
        """Write the files of a replica into ``folder``, and return its manifest."""
        collection, number = _collection(_PIECES, name), 0
        unpacking: dict[str, Any] = {}
        while True:
            ids = list(range(number, number + _PIECES_AT_ONCE))
            found = self.connection.get(collection, ids, ["number", "file", "data"])
            for row in sorted(found, key=lambda row: int(row["number"])):
                path = folder / _safe(row["file"])
                make_folder(path.parent)
                unpacked = unpacking.setdefault(row["file"], zlib.decompressobj())
                with path.open("ab") as handle:
                    handle.write(unpacked.decompress(base64.b64decode(row["data"])))
            number += len(found)
            if len(found) < len(ids):
                break
        return EditionFacts.of_bytes((folder / MANIFEST_FILE).read_bytes())

    def _older(self, than: str) -> list[str]:
        stored = (_edition_of(name) for name in self.connection.collections() if name.startswith(_WINDOWS))
        return sorted((name for name in stored if name < than), reverse=True)

    def _drop_all_but(self, editions: set[str]) -> None:
        kept = {_collection(kind, name) for kind in _KINDS for name in editions}
        for collection in self.connection.collections():
            if collection.startswith(_KINDS) and collection not in kept:
                self.connection.drop(collection)


def _collection(kind: str, edition: str) -> str:
    return kind + edition.replace("-", "_")


def _edition_of(collection: str) -> str:
    return collection.removeprefix(_WINDOWS).replace("_", "-")


def _words_of(edition: Edition) -> BM25Index:
    if not isinstance(edition.postings, BM25Index):
        raise TypeError("a replica cannot be published")
    return edition.postings


def _filters(columns: Columns, place: int) -> dict[str, int]:
    """Return what filters ask for of the slice at a place."""
    return {
        "slice": int(columns.slice_id[place]),
        "episode": int(columns.slice_episode[place]),
        "band": int(columns.slice_band[place]),
        "lens": int(columns.slice_lens[place]),
    }


def _slices_of(edition: Edition) -> Iterator[sqlite.Row]:
    """Yield the rows of the slices of an edition, in the order of its columns."""
    kept = frozenset(edition.columns.slice_id.tolist())
    for folder in folders_of(edition.folder):
        for row in sqlite.scan(folder / DATABASE_FILE, f"SELECT {WITH_PIECES} FROM slice ORDER BY id"):  # noqa: S608
            if row["id"] in kept:
                yield row


def _pieces_of(edition: Edition, scratch: Path) -> Iterator[dict[str, Any]]:
    """Yield an edition in pieces: the list of slices of each stem, then the files of its replicas.

    Files are numbered from 0, lists from ``_FIRST_OF_LISTS``.
    """
    words = _words_of(edition)
    frequencies, firsts = words.frequencies(), [_FIRST_OF_LISTS]
    for stem in frequencies:
        lists = pieces_of_list(*words.saying(stem))
        yield from (_piece(number, "", data) for number, data in enumerate(lists, start=firsts[-1]))
        firsts.append(firsts[-1] + len(lists))
    EditionVocabulary.of(frequencies, firsts, words.lengths()).save(scratch / VOCABULARY_FILE)
    paths = {VOCABULARY_FILE: scratch / VOCABULARY_FILE}
    for number, file in enumerate(edition.facts.checksums):
        match PurePosixPath(file).name:
            case str(name) if name in {VECTORS_FILE, POSTINGS_FILE}:
                continue
            case str(name) if name == DATABASE_FILE:
                paths[file] = scratch / f"{number}.db"
                sqlite.copy_changed(edition.folder / file, paths[file], WITHOUT_TEXTS)
            case _:
                paths[file] = edition.folder / file
    sums = {file: checksum_of(path) for file, path in paths.items()}
    facts = replace(edition.facts, checksums=sums, is_replica=True)
    manifest = scratch / MANIFEST_FILE
    manifest.write_bytes(facts.to_bytes())
    number = 0
    for file, path in {MANIFEST_FILE: manifest, **paths}.items():
        for data in _packed(path):
            yield _piece(number, file, data)
            number += 1


def _piece(number: int, file: str, data: bytes) -> dict[str, Any]:
    # No collection is without a vector.
    return {"number": number, "file": file, "data": base64.b64encode(data).decode(), "vector": [1.0, 0.0]}


def _safe(file: str) -> str:
    """Return the path of a file in an edition, which leads out of no folder."""
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or len(path.parts) > 2:
        raise ValueError(f"an edition has no file {file}")
    return file


def _packed(path: Path) -> Iterator[bytes]:
    """Yield a file, compressed, in pieces of at most ``PIECE_BYTES``."""
    packed, waiting = zlib.compressobj(6), b""
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            waiting += packed.compress(block)
            while len(waiting) >= PIECE_BYTES:
                yield waiting[:PIECE_BYTES]
                waiting = waiting[PIECE_BYTES:]
    waiting += packed.flush()
    for start in range(0, len(waiting), PIECE_BYTES):
        yield waiting[start : start + PIECE_BYTES]
