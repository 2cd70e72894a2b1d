"""An axis as data: its two poles, the bands between them and the lenses it is seen through.

An axis is a folder. Its ``axis.toml`` is read here; its lexicon and its statements are read by the readers
that use them. Nothing in this package knows one axis from another.
"""

import hashlib
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from scoring.errors import AxisDataInvalid, AxisMissing
from scoring.position_arithmetic import LIMIT, check_position, whole

FILE_NAME = "axis.toml"


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge between two bands.

    Attributes:
        position: the edge itself, strictly between the poles.
        is_of_lower: whether the edge itself belongs to the band below it.
    """

    position: float
    is_of_lower: bool

    def is_below(self, position: float) -> bool:
        """Return True if a reading at ``position`` lies in a band above this edge."""
        return position > self.position if self.is_of_lower else position >= self.position


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis. Build it with ``load_axis``.

    Attributes:
        name: short and unique, in the manner of a folder's name.
        title, question: how a person is told what it measures.
        low_pole, high_pole: names of the poles at -100 and +100.
        low_meaning, high_meaning: a line each on what the poles mean.
        bands: names, at least two, from the low pole to the high one.
        edges: one fewer than bands, ascending; ``edges[i]`` lies between ``bands[i]`` and ``bands[i + 1]``.
        lenses: names, in the order in which ties are settled.
        lens_meanings: a line of explanation each, in the same order.
        language: the language whose words it reads, as an ISO 639-1 code, or None where it does not say.
    """

    name: str
    title: str
    question: str
    low_pole: str
    high_pole: str
    low_meaning: str
    high_meaning: str
    bands: tuple[str, ...]
    edges: tuple[Edge, ...]
    lenses: tuple[str, ...]
    lens_meanings: tuple[str, ...]
    language: str | None = None

    @property
    def digest(self) -> str:
        """Return 8 hexadecimal digits that change with the bands, their edges or the lenses."""
        return hashlib.sha256(repr((self.bands, self.edges, self.lenses)).encode()).hexdigest()[:8]

    def band_of(self, position: float) -> str:
        """Return name of the band that ``position`` lies in, rounded as it is printed (see ``whole``).

        Raises:
            PositionInvalid: the position is not a number from -100 to 100.
        """
        check_position(position)
        return self.bands[sum(edge.is_below(whole(position)) for edge in self.edges)]


def load_axis(folder: Path) -> Axis:
    """Load the axis that ``folder`` describes.

    Raises:
        AxisMissing: there is no such folder.
        AxisDataInvalid: ``axis.toml`` is missing, is not TOML, lacks a key or contradicts itself; ``problem``
            says which, as a code and the key after a colon.
    """
    if not folder.is_dir():
        raise AxisMissing(path=str(folder))
    file = folder / FILE_NAME
    data = read_toml(file)
    low, high = _table(file, data, "poles.low"), _table(file, data, "poles.high")
    _check(file, low.get("position") == -LIMIT, "wrong_position:poles.low")
    _check(file, high.get("position") == LIMIT, "wrong_position:poles.high")
    bands, lenses = _tables(file, data, "bands"), _tables(file, data, "lenses")
    _check(file, len(bands) > 1, "one_band")
    return Axis(
        name=_text(file, data, "name"),
        title=_text(file, data, "title"),
        question=_text(file, data, "question"),
        low_pole=_text(file, low, "name"),
        high_pole=_text(file, high, "name"),
        low_meaning=_text(file, low, "meaning"),
        high_meaning=_text(file, high, "meaning"),
        bands=_names(file, bands, "bands"),
        edges=_edges(file, bands),
        lenses=_names(file, lenses, "lenses"),
        lens_meanings=tuple(_text(file, lens, "meaning") for lens in lenses),
        language=_text(file, data, "language") if "language" in data else None,
    )


def read_toml(file: Path) -> dict[str, Any]:
    """Read one of an axis's TOML files.

    Raises:
        AxisDataInvalid: the file cannot be read, or is not TOML in UTF-8.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise AxisDataInvalid(file=str(file), problem="unreadable") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise AxisDataInvalid(file=str(file), problem=f"not_toml:{problem}") from problem


def _edges(file: Path, bands: list[dict[str, Any]]) -> tuple[Edge, ...]:
    edges = []
    for lower, upper in pairwise(bands):
        has_one = ("up_to" in lower) != ("from" in upper)
        _check(file, has_one, f"edge_not_given_once:{lower['name']}|{upper['name']}")
        value: Any = lower.get("up_to", upper.get("from"))
        is_inside = isinstance(value, int | float) and -LIMIT < value < LIMIT
        _check(file, is_inside, f"edge_out_of_range:{value}")
        edges.append(Edge(position=float(value), is_of_lower="up_to" in lower))
    positions = [edge.position for edge in edges]
    _check(file, positions == sorted(set(positions)), "edges_not_ascending")
    return tuple(edges)


def _names(file: Path, tables: list[dict[str, Any]], key: str) -> tuple[str, ...]:
    names = tuple(_text(file, table, "name") for table in tables)
    _check(file, len(set(names)) == len(names), f"names_not_unique:{key}")
    return names


def _table(file: Path, data: dict[str, Any], path: str) -> dict[str, Any]:
    found: Any = data
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    _check(file, isinstance(found, dict), f"missing_table:{path}")
    return dict(found)


def _tables(file: Path, data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = data.get(key)
    is_list = isinstance(found, list) and bool(found) and all(isinstance(item, dict) for item in found)
    _check(file, is_list, f"missing_tables:{key}")
    return list(found or [])


def _text(file: Path, table: dict[str, Any], key: str) -> str:
    found = table.get(key)
    _check(file, isinstance(found, str) and bool(found.strip()), f"missing_text:{key}")
    return str(found)


def _check(file: Path, holds: bool, problem: str) -> None:
    if not holds:
        raise AxisDataInvalid(file=str(file), problem=problem)
