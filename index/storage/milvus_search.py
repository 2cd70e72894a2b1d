"""What a question asks of an edition in a Milvus database: vectors, words and rows.

Words are sparse vectors. A slice has two numbers for each stem that it holds: what the stem adds to its BM25 score
(``bm25.SliceImpacts``) at dimension 8 n of the stem's number n, and 1 at dimension 8 n + b, where b are the bits of the
fields that hold it. So the inner product with the idf of a question's stems is the BM25 score, to the rounding of
float32; with weights on dimensions 8 n + b it tells which slices hold which stems, and where.
"""

import asyncio
import base64
import json
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations, pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from cachetools import LRUCache

from index.embedding.encoder import Vectors
from index.storage.bm25 import Floats, SliceImpacts
from index.storage.columns import Columns
from index.storage.inverted_index import Places, in_all
from index.storage.kept_rows import Mask, Rows
from index.storage.milvus_connection import MOST_CHARACTERS, MOST_FOUND, MilvusConnection
from index.storage.queries import SliceRow, slice_of
from index.storage.records import EditionFacts, SliceRecord
from index.storage.schema import SLICE_COLUMNS
from index.storage.vectors import SCANNED_WHOLE, Conditions
from index.storage.vocabulary import EditionVocabulary

PIECE_BYTES = 45_000
"""Bytes, compressed, that a text of 65,535 characters holds in base 64, with room to spare."""

_LEAST_EF = 400
_WORDS = ("slice", "words")
_FIELDS = 8
NO_STEMS: Mapping[int, float] = MappingProxyType({0: 1.0})
"""The vector of a row without stems: Milvus has no empty ones."""

_STEMS_A_QUERY = 8
"""Three bits for each stem: a float32 holds 24 of them exactly."""

_MOST_TOGETHER = 3
_GREATEST_IMPACT = 2.2
_KEPT_ROWS = 1_024
_KEPT_LIST_BYTES = 32 << 20
_LISTS_AT_ONCE = 500
_COLUMNS = [*SLICE_COLUMNS.split(", "), "pieces"]
_COUNT_CHARACTERS = 8
_BLOBS = frozenset({"unit_ends", "anchors", "pieces"})

StemList = tuple[Places, npt.NDArray[np.uint8]]
"""Places of the slices whose text holds a stem, ascending, and how often, in tenths; see ``bm25.BM25Index.said``."""


class MilvusVectors:
    """The vectors of an edition in a store, in rows 0..n-1; see ``vectors.WindowSearch``.

    Args:
        connection: to the database.
        collection: has them.
        facts: of the edition.
    """

    def __init__(self, connection: MilvusConnection, collection: str, facts: EditionFacts) -> None:
        self._connection, self._collection, self._facts = connection, collection, facts

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
        k = min(k, len(self) if allowed is None else int(allowed.sum()))
        if k == 0:
            return np.zeros((len(queries), 0), np.float32), np.zeros((len(queries), 0), np.int64)
        params = {} if len(self) <= SCANNED_WHOLE else {"ef": max(_LEAST_EF, k)}
        found = self._connection.search(
            self._collection,
            ("row", "vector"),
            list(np.ascontiguousarray(queries, np.float32)),
            k,
            expression_of(where),
            **params,
        )
        width = min((len(hits) for hits in found), default=0)
        rows, similarities = ([[hit[part] for hit in hits[:width]] for hits in found] for part in (0, 1))
        return (
            np.array(similarities, np.float32).reshape(-1, width),
            np.array(rows, np.int64).reshape(-1, width),
        )

    def take(self, rows: npt.NDArray[np.integer]) -> Vectors:
        """Return the vectors of ``rows``, shape (len(rows), dim), float32."""
        wanted = np.unique(rows)
        taken = np.zeros((len(wanted), self.dim), np.float32)
        found = self._connection.get_all(self._collection, wanted.tolist(), ["row", "vector"])
        if found:
            at = np.searchsorted(wanted, [row["row"] for row in found])
            taken[at] = np.array([row["vector"] for row in found], np.float32)
        return taken[np.searchsorted(wanted, rows)]


class MilvusWords(EditionVocabulary):
    """The words of an edition in a store; see ``bm25.WordSearch``.

    Args:
        connection: to the database.
        slices: the collection of slices.
        pieces: the collection of pieces, which has the lists of slices that say a stem.
        vocabulary: of the edition.
        columns: of the edition.
    """

    def __init__(
        self,
        connection: MilvusConnection,
        slices: str,
        pieces: str,
        vocabulary: EditionVocabulary,
        columns: Columns,
    ) -> None:
        super().__init__(vocabulary.stems, vocabulary.frequencies, vocabulary.pieces, vocabulary.n_words)
        self._connection, self._slices, self._pieces = connection, slices, pieces
        self._slice_id = columns.slice_id
        self._kept: LRUCache[int, StemList] = LRUCache(
            _KEPT_LIST_BYTES, getsizeof=lambda stored: int(stored[0].nbytes)
        )
        self._lock = threading.Lock()

    def best(
        self,
        stems: Sequence[str],
        limit: int,
        *,
        together: Iterable[Sequence[str]] = (),
        allowed: Mask | None = None,
        where: Conditions | None = None,
    ) -> tuple[Places, Floats]:
        """Return the slices that match ``stems`` best, best first; the server filters by ``where``.

        Of ``together`` the first ``_MOST_TOGETHER`` groups are looked at. Which of equal slices are the last of
        ``limit`` is the server's choice.
        """
        limit = min(limit, MOST_FOUND, len(self) if allowed is None else int(allowed.sum()))
        weights = {self.numbers[stem]: self.idf(stem) for stem in stems if stem in self.numbers}
        groups = [{*group} for group in together]
        groups = [group for group in groups if group and group <= self.numbers.keys()][:_MOST_TOGETHER]
        # A slice that holds one stem more of a group lies above all that do not.
        step = 2.0 ** np.ceil(np.log2(1 + _GREATEST_IMPACT * sum(weights.values())))
        queries: list[dict[int, float]] = []
        gains: list[tuple[float, float]] = []
        for chosen in chain.from_iterable(combinations(groups, size) for size in range(len(groups) + 1)):
            held = {self.numbers[stem] for group in chosen for stem in group}
            query = {_FIELDS * number: weight for number, weight in weights.items()}
            query |= {dimension: float(step) for number in held for dimension in _dimensions_of(number)}
            if query:
                queries.append(query)
                gains.append((step * len(held), sum(self.idf(stem) for group in chosen for stem in group)))
        scores: dict[int, float] = {}
        if limit and queries:
            found = self._connection.search(self._slices, _WORDS, queries, limit, expression_of(where))
            for hits, (least, gain) in zip(found, gains, strict=True):
                for slice_id, product in hits:
                    if product >= least and (score := product - least + gain) > scores.get(slice_id, 0.0):
                        scores[slice_id] = score
        places = np.searchsorted(self._slice_id, np.array(list(scores), np.int64)).astype(np.int32)
        values = np.array(list(scores.values()), np.float32)
        order = np.lexsort((places, -values))[:limit]
        return places[order], values[order]

    def saying_all(self, stems: Sequence[str]) -> Places:
        """Return the places of the slices whose own text holds all of ``stems``, ascending; none for no stems."""
        numbers = [self.numbers.get(stem) for stem in dict.fromkeys(stems)]
        known = [number for number in numbers if number is not None]
        if not known or len(known) < len(numbers):
            return np.zeros(0, np.int32)
        with self._lock:
            lists = {number: self._kept[number] for number in known if number in self._kept}
        for number, stored in self._lists([number for number in known if number not in lists]):
            lists[number] = stored
            with self._lock:
                if stored[0].nbytes <= _KEPT_LIST_BYTES:
                    self._kept[number] = stored
        return in_all(places for places, _ in lists.values())

    def held(self, stems: Sequence[str], places: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
        """Return bits of the fields that hold each of ``stems`` in each slice, shape (len(stems), len(places))."""
        known = [stem for stem in dict.fromkeys(stems) if stem in self.numbers]
        wanted = np.unique(places)
        bits = {stem: np.zeros(len(wanted), np.uint8) for stem in stems}
        blocks = [known[start : start + _STEMS_A_QUERY] for start in range(0, len(known), _STEMS_A_QUERY)]
        if blocks and len(wanted):
            queries = [
                {
                    dimension: float(fields * _FIELDS**place)
                    for place, stem in enumerate(block)
                    for fields, dimension in enumerate(_dimensions_of(self.numbers[stem]), start=1)
                }
                for block in blocks
            ]
            where = expression_of(Conditions(slices=tuple(self._slice_id[wanted].tolist())))
            found = self._connection.search(self._slices, _WORDS, queries, len(wanted), where)
            for block, hits in zip(blocks, found, strict=True):
                at = np.searchsorted(self._slice_id[wanted], [slice_id for slice_id, _ in hits])
                sums = np.array([product for _, product in hits], np.int64)
                for place, stem in enumerate(block):
                    bits[stem][at] = sums // _FIELDS**place % _FIELDS
        near = np.searchsorted(wanted, places)
        return np.array([bits[stem][near] for stem in stems], np.uint8).reshape(len(stems), len(places))

    def said(self) -> dict[str, tuple[Places, npt.NDArray[np.uint8]]]:
        """Return for each stem that is said the places of the slices whose text holds it, ascending, and how often."""
        stems = list(self.numbers)
        lists = self._lists([*self.numbers.values()])
        return {stems[number - 1]: stored for number, stored in lists if len(stored[0])}

    def _lists(self, numbers: Sequence[int]) -> Iterator[tuple[int, StemList]]:
        for start in range(0, len(numbers), _LISTS_AT_ONCE):
            block = numbers[start : start + _LISTS_AT_ONCE]
            spans = {number: range(*self.pieces[number - 1 : number + 1].tolist()) for number in block}
            keys = [key for span in spans.values() for key in span]
            rows = self._connection.get_all(self._pieces, keys, ["number", "data"]) if keys else []
            pieces = {int(row["number"]): base64.b64decode(row["data"]) for row in rows}
            for number, span in spans.items():
                yield number, _unpacked_list(b"".join(pieces[key] for key in span))


class MilvusSlices:
    """The rows of an edition's slices in a store, the last ones read kept in memory; see ``queries.SliceRows``.

    Args:
        connection: to the database.
        collection: has them.
        columns: of the edition.
    """

    def __init__(self, connection: MilvusConnection, collection: str, columns: Columns) -> None:
        self._connection, self._collection, self._columns = connection, collection, columns
        self._kept: LRUCache[int, tuple[SliceRecord, bytes]] = LRUCache(_KEPT_ROWS)

    async def by_id(self, ids: Iterable[int]) -> dict[int, SliceRecord]:
        """Return the slices ``ids``, by id in ascending order; ids that do not exist are left out."""
        return {number: record for number, (record, _) in (await self._rows(ids)).items()}

    async def _rows(self, ids: Iterable[int]) -> dict[int, tuple[SliceRecord, bytes]]:
        """Return the slices ``ids`` with their word pieces, by id in ascending order."""
        asked = np.unique(np.fromiter(ids, np.int64))
        wanted: list[int] = asked[np.isin(asked, self._columns.slice_id)].tolist()
        found = {number: self._kept[number] for number in wanted if number in self._kept}
        missing = [number for number in wanted if number not in found]
        if missing:
            read = await asyncio.to_thread(self._read, missing)
            self._kept.update(read)
            found |= read
        return {number: found[number] for number in wanted}

    def _read(self, ids: Sequence[int]) -> dict[int, tuple[SliceRecord, bytes]]:
        first = self._parts(ids)
        keys = {
            number: [part_key(number, part) for part in range(1, n_parts_of(text))]
            for number, text in first.items()
        }
        others = self._parts([*chain.from_iterable(keys.values())])
        rows = {
            number: unpacked_row([text, *(others[key] for key in keys[number])])
            for number, text in first.items()
        }
        return {number: (slice_of(row), row["pieces"]) for number, row in rows.items()}

    def _parts(self, keys: Sequence[int]) -> dict[int, str]:
        rows = self._connection.get_all(self._collection, keys, ["slice", "row"])
        return {int(row["slice"]): row["row"] for row in rows}

    async def of_episode(self, episode_id: int) -> list[SliceRecord]:
        """Return the slices of an episode in transcript order."""
        ids = self._columns.slice_id[self._columns.slice_episode == episode_id]
        records = (await self.by_id(ids.tolist())).values()
        return sorted(records, key=lambda record: record.piece.ordinal)

    async def texts(self, ids: Iterable[int]) -> dict[int, str]:
        """Return the texts of the slices ``ids``, by id; ids that do not exist are left out."""
        return {number: record.piece.text for number, record in (await self.by_id(ids)).items()}

    async def pieces(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the packed word pieces of the slices ``ids`` that have some, by id."""
        return {number: pieces for number, (_, pieces) in (await self._rows(ids)).items() if pieces}


def sparse_vectors(stems: SliceImpacts) -> Iterator[Mapping[int, float]]:
    """Yield the vector of each slice; see the module."""
    for start, end in pairwise(stems.starts.tolist()):
        first = _FIELDS * stems.numbers[start:end]
        vector: dict[int, float] = dict(zip(first.tolist(), stems.impacts[start:end].tolist(), strict=True))
        vector |= dict.fromkeys((first + stems.held_in[start:end]).tolist(), 1.0)
        yield vector or NO_STEMS


def packed_row(row: SliceRow, *, most_characters: int = MOST_CHARACTERS) -> list[str]:
    """Return a row of the table ``slice`` as texts of at most so many characters; nearly always it is one.

    The first begins with the number of all: a word without end makes a slice of any length.
    """
    values = [
        base64.b64encode(row[name] or b"").decode() if name in _BLOBS else row[name] for name in _COLUMNS
    ]
    packed = base64.b64encode(zlib.compress(json.dumps(values, ensure_ascii=False).encode(), 6)).decode()
    length = most_characters - _COUNT_CHARACTERS
    parts = [packed[start : start + length] for start in range(0, len(packed), length)]
    return [f"{len(parts):{_COUNT_CHARACTERS}}{parts[0]}", *parts[1:]]


def unpacked_row(parts: Sequence[str]) -> Mapping[str, Any]:
    """Return the row in the texts that ``packed_row`` made."""
    packed = parts[0][_COUNT_CHARACTERS:] + "".join(parts[1:])
    values = json.loads(zlib.decompress(base64.b64decode(packed)))
    return {
        name: base64.b64decode(value) if name in _BLOBS else value
        for name, value in zip(_COLUMNS, values, strict=True)
    }


def n_parts_of(first: str) -> int:
    """Return the number of texts of a row, from the first."""
    return int(first[:_COUNT_CHARACTERS])


def part_key(slice_id: int, part: int) -> int:
    """Return the key of a further text of a slice's row, ``part`` from 1 on; no slice has such a key."""
    return -(slice_id << 20 | part)


def pieces_of_list(places: Places, tenths: npt.NDArray[np.uint8]) -> list[bytes]:
    """Return the slices that say a stem, and how often, in pieces; none for no slices."""
    if not len(places):
        return []
    packed = zlib.compress(np.diff(places, prepend=np.int32(0)).tobytes() + tenths.tobytes(), 6)
    return [packed[start : start + PIECE_BYTES] for start in range(0, len(packed), PIECE_BYTES)]


def _unpacked_list(packed: bytes) -> StemList:
    data = zlib.decompress(packed) if packed else b""
    end = len(data) // 5 * 4
    steps, tenths = np.frombuffer(data[:end], np.int32), np.frombuffer(data[end:], np.uint8)
    return np.cumsum(steps, dtype=np.int32), tenths


def _dimensions_of(number: int) -> range:
    """Return the dimensions that tell which fields hold a stem, by the bits of the fields from 1 to 7."""
    return range(_FIELDS * number + 1, _FIELDS * (number + 1))


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
