"""Editions in a Milvus database, which bots on other machines answer from; no other module uses pymilvus.

An edition there is two collections: the vectors of its windows with what filters ask for, in the edition's rows; and
its other files (rows, inverted index, columns, judged pairs), in pieces. A machine that answers copies the files into
its state folder, which is then a *replica*, and asks the first collection for vectors. The alias names that collection
of the published edition. Publishing fills new collections, compares their counts, and moves the alias: one step, for
everybody. A process that dies before has changed nothing; what it left is dropped by the next.

Installed with the extra ``counterpoint[milvus]``.
"""

import base64
import logging
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter
from pymilvus import DataType, MilvusClient
from pymilvus.exceptions import MilvusException

from index.embedding.encoder import Vectors
from index.errors import EditionFileUnreadable, LibraryBusy, StoreUnavailable
from index.files import build_lock, make_folder
from index.storage.edition import (
    MANIFEST_FILE,
    SCRATCH_PREFIX,
    Edition,
    check_files,
    current_name,
    edition_names,
    editions_folder,
    publish,
)
from index.storage.records import EditionFacts
from index.storage.segments import VECTORS_FILE
from index.storage.store_address import StoreAddress
from index.storage.vectors import SCANNED_WHOLE, Conditions, Mask, Rows

ALIAS = "counterpoint"
_WINDOWS, _FILES = f"{ALIAS}_windows_", f"{ALIAS}_files_"
_ROWS_AT_ONCE = 2_000
_PIECES_AT_ONCE = 64
_PIECE_BYTES = 45_000
"""Bytes of a file, compressed, that a text of 65,535 characters holds in base 64, with room to spare."""
_MOST_CHARACTERS = 65_535
_GRAPH = {"M": 32, "efConstruction": 200}
_LEAST_EF = 400
_WITHIN_S = 10.0
_FILLS_WITHIN_S = 600.0

_FACTS: TypeAdapter[EditionFacts] = TypeAdapter(EditionFacts)
# Its own lines hold whole tracebacks of errors that are told by name here.
logging.getLogger("pymilvus").setLevel(logging.CRITICAL)


class MilvusStore:
    """The editions in one Milvus database. It connects at its first use; threads may share it.

    Args:
        address: where it is.

    Its methods raise ``StoreUnavailable`` where the server cannot be reached or refuses.
    """

    def __init__(self, address: StoreAddress) -> None:
        self.address = address

    @cached_property
    def client(self) -> Any:
        """Return the connection."""
        with self._named():
            return MilvusClient(
                self.address.uri,
                user=self.address.user,
                password=self.address.password,
                db_name=self.address.database,
                timeout=_WITHIN_S,
            )

    def close(self) -> None:
        """Close the connection, if there is one."""
        client = self.__dict__.pop("client", None)
        if client is not None:
            client.close()

    def current(self) -> str | None:
        """Return the name of the published edition, or None where nothing is published."""
        client = self.client
        with self._named():
            if ALIAS not in client.list_aliases(timeout=_WITHIN_S)["aliases"]:
                return None
            collection = client.describe_alias(ALIAS, timeout=_WITHIN_S)["collection_name"]
        return _edition_of(collection)

    def publish(self, edition: Edition, *, advance: Callable[[int], None] = lambda _: None) -> bool:
        """Make an open edition the store's published one; False where it is already.

        The edition that was published before is kept, for who still answers from it; older ones are dropped.

        Args:
            edition: with its vectors at hand, which a replica's are not.
            advance: told how many windows more are stored.
        """
        before = self.current()
        if before == edition.name:
            self._drop_all_but({edition.name, *self._older(edition.name)[:1]})
            return False
        self._drop_all_but({before} if before is not None else set())
        with self._named():
            self._fill_windows(edition, advance)
            self._fill_files(edition)
            self._point_to(edition.name, is_first=before is None)
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
                with self._named():
                    facts = self._fetch_files(name, scratch)
            except (ValueError, KeyError, zlib.error, FileNotFoundError) as error:
                raise EditionFileUnreadable(edition=name, file=MANIFEST_FILE) from error
            check_files(scratch, facts)
            publish(state, scratch, facts)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return name

    def vectors(self, facts: EditionFacts) -> "MilvusVectors":
        """Return the vectors of an edition in the store."""
        return MilvusVectors(self, facts)

    def _fill_windows(self, edition: Edition, advance: Callable[[int], None]) -> None:
        client, name, columns = self.client, _collection(_WINDOWS, edition.name), edition.columns
        schema = MilvusClient.create_schema(auto_id=False)
        schema.add_field("row", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=edition.facts.dim)
        for field in ("slice", "episode", "band", "lens"):
            schema.add_field(field, DataType.INT64)
        client.create_collection(name, schema=schema, consistency_level="Eventually", timeout=_WITHIN_S)
        places = columns.places_of(columns.window_slice)
        values: dict[str, npt.NDArray[Any]] = {
            "slice": columns.window_slice,
            "episode": columns.slice_episode[places],
            "band": columns.slice_band[places],
            "lens": columns.slice_lens[places],
        }
        for start in range(0, len(places), _ROWS_AT_ONCE):
            rows = np.arange(start, min(start + _ROWS_AT_ONCE, len(places)))
            vectors = edition.vectors.take(rows)
            client.insert(
                name,
                [
                    {
                        "row": int(row),
                        "vector": vector,
                        **{field: int(of[row]) for field, of in values.items()},
                    }
                    for row, vector in zip(rows, vectors, strict=True)
                ],
                timeout=_FILLS_WITHIN_S,
            )
            advance(len(rows))
        is_small = len(places) <= SCANNED_WHOLE
        self._finish(
            name,
            len(places),
            index_type="FLAT" if is_small else "HNSW",
            metric_type="IP",
            params={} if is_small else _GRAPH,
        )

    def _fill_files(self, edition: Edition) -> None:
        client, name = self.client, _collection(_FILES, edition.name)
        schema = MilvusClient.create_schema(auto_id=False)
        schema.add_field("number", DataType.INT64, is_primary=True)
        schema.add_field("file", DataType.VARCHAR, max_length=200)
        schema.add_field("data", DataType.VARCHAR, max_length=_MOST_CHARACTERS)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)  # no collection is without
        client.create_collection(name, schema=schema, consistency_level="Eventually", timeout=_WITHIN_S)
        n_pieces, pieces = 0, list[dict[str, Any]]()
        files = [MANIFEST_FILE, *(file for file in edition.facts.checksums if not _holds_vectors(file))]
        for file in files:
            for data in _pieces_of(edition.folder / file):
                text = base64.b64encode(data).decode()
                pieces.append({"number": n_pieces, "file": file, "data": text, "vector": [1.0, 0.0]})
                n_pieces += 1
                if len(pieces) == _PIECES_AT_ONCE:
                    client.insert(name, pieces, timeout=_FILLS_WITHIN_S)
                    pieces = []
        if pieces:
            client.insert(name, pieces, timeout=_FILLS_WITHIN_S)
        self._finish(name, n_pieces, index_type="FLAT", metric_type="IP", params={})

    def _finish(self, collection: str, n_rows: int, **index: Any) -> None:
        """Make a filled collection durable and searchable, and compare its count."""
        client = self.client
        client.flush(collection, timeout=_FILLS_WITHIN_S)
        params = client.prepare_index_params()
        params.add_index("vector", **index)
        client.create_index(collection, params, timeout=_FILLS_WITHIN_S)
        client.load_collection(collection, timeout=_FILLS_WITHIN_S)
        found = client.query(
            collection,
            filter="",
            output_fields=["count(*)"],
            consistency_level="Strong",
            timeout=_FILLS_WITHIN_S,
        )[0]["count(*)"]
        if found != n_rows:
            raise StoreUnavailable(address=self.address.shown, problem=f"rows_missing:{found}/{n_rows}")

    def _point_to(self, edition: str, *, is_first: bool) -> None:
        collection = _collection(_WINDOWS, edition)
        if is_first:
            self.client.create_alias(collection, ALIAS, timeout=_WITHIN_S)
        else:
            self.client.alter_alias(collection, ALIAS, timeout=_WITHIN_S)

    def _fetch_files(self, name: str, folder: Path) -> EditionFacts:
        """Write the files of an edition into ``folder``, and return its manifest as that of a replica."""
        collection, number = _collection(_FILES, name), 0
        unpacking: dict[str, Any] = {}
        while True:
            ids = list(range(number, number + _PIECES_AT_ONCE))
            found = self.client.get(
                collection, ids, output_fields=["number", "file", "data"], timeout=_WITHIN_S
            )
            for row in sorted(found, key=lambda row: int(row["number"])):
                path = folder / _safe(row["file"])
                make_folder(path.parent)
                unpacked = unpacking.setdefault(row["file"], zlib.decompressobj())
                with path.open("ab") as handle:
                    handle.write(unpacked.decompress(base64.b64decode(row["data"])))
            number += len(found)
            if len(found) < len(ids):
                break
        facts = _FACTS.validate_json((folder / MANIFEST_FILE).read_bytes(), strict=True)
        kept = {file: sum_ for file, sum_ in facts.checksums.items() if not _holds_vectors(file)}
        return replace(facts, checksums=kept, is_replica=True)

    def _older(self, than: str) -> list[str]:
        return sorted((name for name in self._stored() if name < than), reverse=True)

    def _stored(self) -> list[str]:
        with self._named():
            found = self.client.list_collections(timeout=_WITHIN_S)
        return [_edition_of(name) for name in found if name.startswith(_WINDOWS)]

    def _drop_all_but(self, editions: set[str]) -> None:
        kept = {_collection(kind, name) for kind in (_WINDOWS, _FILES) for name in editions}
        with self._named():
            for collection in self.client.list_collections(timeout=_WITHIN_S):
                if collection.startswith((_WINDOWS, _FILES)) and collection not in kept:
                    self.client.drop_collection(collection, timeout=_WITHIN_S)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn errors of the client into ``StoreUnavailable``."""
        try:
            yield
        except MilvusException as error:
            problem = " ".join(str(error.message or type(error).__name__).split())[:200]
            raise StoreUnavailable(address=self.address.shown, problem=problem) from error


class MilvusVectors:
    """The vectors of an edition in a store, in rows 0..n-1; see ``vectors.WindowSearch``.

    Args:
        store: has the edition.
        facts: of the edition.
    """

    def __init__(self, store: MilvusStore, facts: EditionFacts) -> None:
        self._store, self._facts = store, facts
        self._collection = _collection(_WINDOWS, facts.edition)

    def __len__(self) -> int:
        return self._facts.n_windows

    @property
    def dim(self) -> int:
        """Return the length of a vector."""
        return self._facts.dim

    def search(
        self, queries: Vectors, k: int, *, allowed: Mask | None = None, where: Conditions | None = None
    ) -> tuple[Vectors, Rows]:
        """Return the ``k`` nearest rows to each query, nearest first; the server filters by ``where``."""
        n_allowed = len(self) if allowed is None else int(allowed.sum())
        k = min(k, n_allowed)
        if k == 0:
            return np.zeros((len(queries), 0), np.float32), np.zeros((len(queries), 0), np.int64)
        is_small = len(self) <= SCANNED_WHOLE
        with self._store._named():
            found = self._store.client.search(
                self._collection,
                data=list(np.ascontiguousarray(queries, np.float32)),
                anns_field="vector",
                limit=k,
                filter=expression_of(where),
                search_params={"metric_type": "IP", "params": {} if is_small else {"ef": max(_LEAST_EF, k)}},
                timeout=_WITHIN_S,
            )
        width = min((len(hits) for hits in found), default=0)
        return (
            np.array([[hit["distance"] for hit in hits[:width]] for hits in found], np.float32).reshape(
                -1, width
            ),
            np.array([[hit["row"] for hit in hits[:width]] for hits in found], np.int64).reshape(-1, width),
        )

    def take(self, rows: npt.NDArray[np.integer]) -> Vectors:
        """Return the vectors of ``rows``, shape (len(rows), dim), float32."""
        wanted = np.unique(rows)
        taken = np.zeros((len(wanted), self.dim), np.float32)
        for start in range(0, len(wanted), _ROWS_AT_ONCE):
            block = wanted[start : start + _ROWS_AT_ONCE]
            with self._store._named():
                found = self._store.client.get(
                    self._collection, block.tolist(), output_fields=["row", "vector"], timeout=_WITHIN_S
                )
            if len(found) != len(block):
                raise StoreUnavailable(
                    address=self._store.address.shown, problem=f"edition_not_whole:{self._facts.edition}"
                )
            at = np.searchsorted(wanted, [row["row"] for row in found])
            taken[at] = np.array([row["vector"] for row in found], np.float32)
        return taken[np.searchsorted(wanted, rows)]


def expression_of(where: Conditions | None) -> str:
    """Return conditions in Milvus's language; empty for none."""
    if where is None:
        return ""
    parts = [
        f"{field} in [{','.join(map(str, ids))}]"
        for field, ids in (("episode", where.episodes), ("slice", where.slices))
        if ids is not None
    ]
    parts += [
        f"{field} == {number}"
        for field, number in (("band", where.band), ("lens", where.lens))
        if number is not None
    ]
    return " and ".join(parts)


def _collection(kind: str, edition: str) -> str:
    return kind + edition.replace("-", "_")


def _edition_of(collection: str) -> str:
    return collection.removeprefix(_WINDOWS).replace("_", "-")


def _holds_vectors(file: str) -> bool:
    return PurePosixPath(file).name == VECTORS_FILE


def _safe(file: str) -> str:
    """Return the path of a file in an edition, which leads out of no folder."""
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or len(path.parts) > 2:
        raise ValueError(f"an edition has no file {file}")
    return file


def _pieces_of(path: Path) -> Iterator[bytes]:
    """Yield a file, compressed, in pieces of at most ``_PIECE_BYTES``."""
    packed, waiting = zlib.compressobj(6), b""
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            waiting += packed.compress(block)
            while len(waiting) >= _PIECE_BYTES:
                yield waiting[:_PIECE_BYTES]
                waiting = waiting[_PIECE_BYTES:]
    waiting += packed.flush()
    for start in range(0, len(waiting), _PIECE_BYTES):
        yield waiting[start : start + _PIECE_BYTES]
