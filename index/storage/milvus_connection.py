"""A connection to a Milvus database; no other module uses pymilvus.

Installed with the extra ``counterpoint[milvus]``.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from pymilvus import DataType, MilvusClient
from pymilvus.exceptions import MilvusException

from index.errors import StoreUnavailable
from index.storage.store_address import StoreAddress

MOST_CHARACTERS = 65_535
"""Characters that a text in Milvus may have."""

MOST_FOUND = 16_384
"""Rows that a search in Milvus may return for each query."""

_ROWS_AT_ONCE = 2_000
_WITHIN_S = 10.0
_FILLS_WITHIN_S = 600.0
SELDOM_PINGED = {"grpc.keepalive_time_ms": 300_000, "grpc.keepalive_permit_without_calls": False}
"""Milvus Lite closes a connection that is pinged more often, and gRPC prints that; every request has its own limit."""


# Its own lines hold whole tracebacks of errors that are told by name here.
logging.getLogger("pymilvus").setLevel(logging.CRITICAL)


class FieldType(NamedTuple):
    """Type of a field of a collection."""

    kind: DataType
    options: Mapping[str, int]


INTEGER = FieldType(DataType.INT64, {})
TEXT = FieldType(DataType.VARCHAR, {"max_length": MOST_CHARACTERS})
SPARSE_VECTOR = FieldType(DataType.SPARSE_FLOAT_VECTOR, {})


def dense_vector(dim: int) -> FieldType:
    """Return the type of vectors of ``dim`` numbers."""
    return FieldType(DataType.FLOAT_VECTOR, {"dim": dim})


class MilvusConnection:
    """A connection to one Milvus database, opened at its first use; threads may share it.

    Args:
        address: where it is.

    Its methods raise ``StoreUnavailable`` where the server cannot be reached or refuses.
    """

    def __init__(self, address: StoreAddress) -> None:
        self.address = address

    @cached_property
    def client(self) -> Any:
        """Return the client."""
        with self._named():
            return MilvusClient(
                self.address.uri,
                user=self.address.user,
                password=self.address.password,
                db_name=self.address.database,
                timeout=_WITHIN_S,
                grpc_options=SELDOM_PINGED,
            )

    def close(self) -> None:
        """Close the connection, if there is one."""
        client = self.__dict__.pop("client", None)
        if client is not None:
            client.close()

    def collections(self) -> list[str]:
        """Return the names of all collections."""
        client = self.client
        with self._named():
            return list(client.list_collections(timeout=_WITHIN_S))

    def drop(self, collection: str) -> None:
        """Drop a collection."""
        with self._named():
            self.client.drop_collection(collection, timeout=_WITHIN_S)

    def goal_of(self, alias: str) -> str | None:
        """Return the collection that an alias names; None where there is no such alias."""
        client = self.client
        with self._named():
            if alias not in client.list_aliases(timeout=_WITHIN_S)["aliases"]:
                return None
            return str(client.describe_alias(alias, timeout=_WITHIN_S)["collection_name"])

    def point(self, alias: str, collection: str, *, is_new: bool) -> None:
        """Make an alias name a collection, in one step for everybody."""
        client = self.client
        with self._named():
            if is_new:
                client.create_alias(collection, alias, timeout=_WITHIN_S)
            else:
                client.alter_alias(collection, alias, timeout=_WITHIN_S)

    def fill(
        self,
        collection: str,
        fields: Mapping[str, FieldType],
        rows: Iterable[Mapping[str, object]],
        *,
        rows_at_once: int = _ROWS_AT_ONCE,
        **index: object,
    ) -> Iterator[int]:
        """Make a collection, fill it, and make it durable and searchable; yield how many rows each step stored.

        Args:
            collection: its name; there is none of this name yet.
            fields: its fields; the first is the key, an integer, the last the vector.
            rows: by the names of the fields.
            rows_at_once: rows of a request.
            index: of the vector, as Milvus names it.

        Raises:
            StoreUnavailable: ``rows_missing``, where the store has fewer rows than it was given.
        """
        client, n_rows = self.client, 0
        key, *_, vector = fields
        with self._named():
            schema = MilvusClient.create_schema(auto_id=False)
            for name, (kind, options) in fields.items():
                schema.add_field(name, kind, is_primary=name == key, **options)
            client.create_collection(
                collection, schema=schema, consistency_level="Eventually", timeout=_WITHIN_S
            )
        waiting = iter(rows)
        while block := list(islice(waiting, rows_at_once)):
            with self._named():
                client.insert(collection, block, timeout=_FILLS_WITHIN_S)
            n_rows += len(block)
            yield len(block)
        with self._named():
            client.flush(collection, timeout=_FILLS_WITHIN_S)
            params = client.prepare_index_params()
            params.add_index(vector, **index)
            client.create_index(collection, params, timeout=_FILLS_WITHIN_S)
            client.load_collection(collection, timeout=_FILLS_WITHIN_S)
            counted = client.query(
                collection,
                filter="",
                output_fields=["count(*)"],
                consistency_level="Strong",
                timeout=_FILLS_WITHIN_S,
            )
        if (found := counted[0]["count(*)"]) != n_rows:
            raise StoreUnavailable(address=self.address.shown, problem=f"rows_missing:{found}/{n_rows}")

    def search(
        self,
        collection: str,
        fields: tuple[str, str],
        queries: Sequence[object],
        limit: int,
        where: str,
        **params: int,
    ) -> list[list[tuple[int, float]]]:
        """Return the keys and inner products of the rows nearest to each query, nearest first.

        Args:
            collection: its name.
            fields: names of its key and of the vector that is searched.
            queries: vectors; sparse ones are weights by dimension, and rows that share none of them are not found.
            limit: rows for each query at most.
            where: condition in Milvus's language; empty for none.
            params: of the search.
        """
        key, vector = fields
        with self._named():
            found = self.client.search(
                collection,
                data=list(queries),
                anns_field=vector,
                limit=limit,
                filter=where,
                search_params={"metric_type": "IP", "params": params},
                timeout=_WITHIN_S,
            )
        return [[(hit[key], hit["distance"]) for hit in hits] for hits in found]

    def get(self, collection: str, keys: Sequence[int], fields: Sequence[str]) -> list[dict[str, Any]]:
        """Return the rows of ``keys`` that there are, in any order."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(keys), _ROWS_AT_ONCE):
            with self._named():
                found += self.client.get(
                    collection,
                    list(keys[start : start + _ROWS_AT_ONCE]),
                    output_fields=list(fields),
                    timeout=_WITHIN_S,
                )
        return found

    def get_all(self, collection: str, keys: Sequence[int], fields: Sequence[str]) -> list[dict[str, Any]]:
        """Return the rows of ``keys``, each once, in any order.

        Raises:
            StoreUnavailable: ``rows_missing``, where one is not there.
        """
        found = self.get(collection, keys, fields)
        if len(found) != len(keys):
            raise StoreUnavailable(
                address=self.address.shown, problem=f"rows_missing:{len(found)}/{len(keys)}"
            )
        return found

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn errors of the client into ``StoreUnavailable``."""
        try:
            yield
        except MilvusException as error:
            problem = " ".join(str(error.message or type(error).__name__).split())[:200]
            raise StoreUnavailable(address=self.address.shown, problem=problem) from error
