"""The library for whoever counts: readings, profiles, pairs and votes as tables of plain values.

A table's columns stand in ``TABLES`` with their types and meanings: docs/export.md prints them, JSON lines and Parquet
have the same names. Nothing in a table tells who voted.
"""

import json
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Literal

from bot.app.service import LibraryService
from bot.app.votes import VotedReading, line_of
from index.files import storage_errors
from index.search.excerpts import excerpt_of
from index.storage.records import EpisodeRecord, SliceRecord
from scoring.errors import CodedError, typed_fields

Table = Literal["readings", "profiles", "pairs", "votes"]
Form = Literal["jsonl", "parquet"]
Row = dict[str, Any]

N_PAIRS = 3
"""Counterbalance picks of each episode whose pair of passages is exported."""

_EPISODE = {
    "episode": ("text", "slug of the episode"),
    "title": ("text", "of the episode"),
    "source": ("text", "the show; null if none is named"),
    "published": ("text", "day, YYYY-MM-DD; null if unknown"),
}
_READ = {
    "position": ("number", "-100 (risk-forward) to +100 (opportunity-forward)"),
    "band": ("text", "name of the band"),
    "lens": ("text", "technical, governance, societal or philosophical"),
    "confidence": ("text", "low, medium or high"),
}

TABLES: Mapping[Table, Mapping[str, tuple[str, str]]] = {
    "readings": {
        **_EPISODE,
        "slice": ("integer", "number of the slice in its episode, from 0"),
        "start_s": ("number", "seconds from the start of the recording; null without times"),
        "end_s": ("number", "seconds to the end of the last word; null without times"),
        "speaker": ("text", "who says most of it; null if unnamed"),
        "chapter": ("text", "heading over it; null without one"),
        "link": ("text", "opens the recording there; null without times or address"),
        "text": ("text", "the whole slice"),
        **_READ,
        "drivers": ("text", "JSON list of what pulled: text, pull in points, phrase or statement"),
    },
    "profiles": {
        **_EPISODE,
        "shelf": ("text", "the editorial thread; null if none is named"),
        "hosts": ("text", "names, joined by semicolons"),
        "guests": ("text", "names, joined by semicolons"),
        "slices": ("integer", "how many"),
        "headline": ("number", "the episode's position"),
        "band": ("text", "of the headline"),
        "lens": ("text", "that most slices have"),
        "confidence": ("text", "low, medium or high"),
        "median": ("number", "of the slices' positions"),
        "mean": ("number", "of the slices' positions"),
        "min": ("number", "lowest position of a slice"),
        "max": ("number", "highest position of a slice"),
        "p10": ("number", "position that a tenth of the slices lie below"),
        "p90": ("number", "position that nine tenths of the slices lie below"),
    },
    "pairs": {
        "episode": ("text", "slug of the episode"),
        "other": ("text", "slug of an episode that seems to answer it, or of one near by"),
        "outcome": ("text", "crux, or why there is none: no crux, no gate"),
        "question": ("text", "that both passages seem to speak to; null without a crux"),
        "probability": ("number", "that a reader would call the pair a good one, 0 to 1; null without a crux"),
        "judge": ("text", "language model that read both passages and called the pair good; null where none did"),
        "relation": ("text", "of the two headlines: across the spectrum, or near you"),
        "topic": ("number", "similarity of the subjects, 0 to 1"),
        "difference": ("number", "position of the other less that of the episode"),
        "here_slice": ("integer", "slice of the episode in the pair of passages; null without one"),
        "here_position": ("number", "of that slice"),
        "here_quote": ("text", "its words that pull most"),
        "there_slice": ("integer", "slice of the other"),
        "there_position": ("number", "of that slice"),
        "there_quote": ("text", "its words that pull most"),
    },
    "votes": {
        "id": ("text", "of the passage"),
        "episode": ("text", "slug of the episode"),
        "axis": ("text", "name of the axis"),
        "text": ("text", "the passage"),
        "position": ("number", "that was shown"),
        "band": ("text", "that was shown"),
        "confidence": ("text", "that was shown"),
        "scorer": ("text", "version of what read it"),
        "fits": ("integer", "votes that it fits"),
        "too_low": ("integer", "votes that it is too far to the low pole"),
        "too_high": ("integer", "votes that it is too far to the high pole"),
        "last": ("text", "day of the newest vote, YYYY-MM-DD"),
    },
}  # fmt: skip
"""Columns of each table with type and meaning; any may be null where its meaning says so."""


@typed_fields
class ParquetMissing(CodedError):
    """Parquet needs a package that is not installed."""

    code = "parquet_missing"
    package: str


@typed_fields
class ExportExists(CodedError):
    """A file of an export lies there already."""

    code = "export_exists"
    path: str


async def rows_of(table: Table, answerer: LibraryService, votes: list[VotedReading]) -> AsyncIterator[Row]:
    """Give the rows of a table, in the order of the episodes."""
    if table == "votes":
        for vote in votes:
            yield _vote(vote)
        return
    for episode in await answerer.episodes():
        if table == "profiles":
            yield _profile(episode)
        elif table == "readings":
            for record in (await answerer.episode(episode.slug, exactly=True)).slices:
                yield _reading(episode, record)
        else:
            async for row in _pairs(answerer, episode):
                yield row


class RowWriter:
    """Writes one table to a file, which appears when it is whole; use it as a context manager.

    Args:
        folder: made if missing.
        table, form: what, and how.

    Raises:
        ExportExists: there is such a file. ParquetMissing: pyarrow is not installed.
        StorageError: it cannot be written, here or later.
    """

    def __init__(self, folder: Path, table: Table, form: Form) -> None:
        self.path = folder / f"{table}.{form}"
        self.n_rows = 0
        self._table = table
        self._half = folder / f".{table}.{form}.half"
        if os.path.lexists(self.path):
            raise ExportExists(path=str(self.path))
        with storage_errors(folder):
            self._sink: _JsonLines | _Parquet = (
                _JsonLines(self._half) if form == "jsonl" else _Parquet(self._half, TABLES[table])
            )

    def __enter__(self) -> "RowWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with storage_errors(self.path.parent):
            try:
                self._sink.close()
                if kind is None:
                    self._half.rename(self.path)
            finally:
                self._half.unlink(missing_ok=True)

    def write(self, row: Row) -> None:
        """Write a row; it has exactly the columns of its table."""
        if list(row) != list(TABLES[self._table]):
            raise ValueError(f"columns {list(row)}")
        with storage_errors(self.path.parent):
            self._sink.write(row)
        self.n_rows += 1


class _JsonLines:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8")

    def write(self, row: Row) -> None:
        self._file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")

    def close(self) -> None:
        self._file.close()


class _Parquet:
    _AT_ONCE = 5_000

    def __init__(self, path: Path, columns: Mapping[str, tuple[str, str]]) -> None:
        try:
            import pyarrow  # noqa: PLC0415 - an extra
            import pyarrow.parquet  # noqa: PLC0415
        except ImportError as error:
            raise ParquetMissing(package="pyarrow") from error
        types = {"text": pyarrow.string(), "number": pyarrow.float64(), "integer": pyarrow.int64()}
        fields = [
            pyarrow.field(name, types[kind], metadata={"meaning": meaning})
            for name, (kind, meaning) in columns.items()
        ]
        self._schema = pyarrow.schema(fields)
        self._make = pyarrow.Table.from_pylist
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pyarrow.parquet.ParquetWriter(path, self._schema)
        self._rows: list[Row] = []

    def write(self, row: Row) -> None:
        self._rows.append(row)
        if len(self._rows) >= self._AT_ONCE:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._make(self._rows, schema=self._schema))
            self._rows.clear()


def _named(episode: EpisodeRecord) -> Row:
    about = episode.about
    return {
        "episode": episode.slug,
        "title": about.title,
        "source": about.source,
        "published": about.published.isoformat() if about.published else None,
    }


def _reading(episode: EpisodeRecord, record: SliceRecord) -> Row:
    piece, reading = record.piece, record.reading
    drivers = [
        {"text": driver.text, "pull": round(driver.pull, 2), "kind": driver.kind}
        for driver in reading.drivers
    ]
    return {
        **_named(episode),
        "slice": piece.ordinal,
        "start_s": piece.start_s,
        "end_s": piece.end_s,
        "speaker": piece.speaker,
        "chapter": piece.chapter,
        "link": episode.link_at(piece.start_s),
        "text": piece.text,
        "position": _points(reading.position),
        "band": reading.band,
        "lens": reading.lens,
        "confidence": reading.confidence,
        "drivers": json.dumps(drivers, ensure_ascii=False),
    }


def _profile(episode: EpisodeRecord) -> Row:
    profile = episode.profile
    return {
        **_named(episode),
        "shelf": episode.about.shelf,
        "hosts": "; ".join(episode.about.hosts),
        "guests": "; ".join(episode.about.guests),
        "slices": profile.n_slices,
        "headline": _points(profile.headline),
        "band": profile.band,
        "lens": profile.lens,
        "confidence": profile.confidence,
        **{name: _points(getattr(profile, name)) for name in ("median", "mean", "min", "max", "p10", "p90")},
    }


async def _pairs(answerer: LibraryService, episode: EpisodeRecord) -> AsyncIterator[Row]:
    found = await answerer.counterbalance(episode.slug, n_picks=N_PAIRS, exactly=True)
    for opposed in found.picks:
        here, there = opposed.here, opposed.there
        yield {
            "episode": episode.slug,
            "other": opposed.episode.slug,
            "outcome": found.outcome,
            "question": None if opposed.crux is None else opposed.crux.question,
            "probability": None if opposed.crux is None else round(opposed.crux.probability, 4),
            "judge": None if opposed.crux is None else opposed.crux.judge,
            "relation": opposed.pick.relation,
            "topic": round(opposed.pick.candidate.topic, 4),
            "difference": _points(opposed.pick.difference),
            "here_slice": None if here is None else here.piece.ordinal,
            "here_position": None if here is None else _points(here.reading.position),
            "here_quote": None if here is None else excerpt_of(episode, here).text,
            "there_slice": None if there is None else there.piece.ordinal,
            "there_position": None if there is None else _points(there.reading.position),
            "there_quote": None if there is None else excerpt_of(opposed.episode, there).text,
        }


def _vote(vote: VotedReading) -> Row:
    told = line_of(vote)
    shown, counts = told["shown"], told["votes"]
    return {
        "id": told["id"],
        "episode": told["episode"],
        "axis": told["axis"],
        "text": told["text"],
        "position": shown["position"],
        "band": shown["band"],
        "confidence": shown["confidence"],
        "scorer": shown["scorer"],
        "fits": counts["fits"],
        "too_low": counts["too_low"],
        "too_high": counts["too_high"],
        "last": told["last_on"],
    }


def _points(value: float) -> float:
    return round(float(value), 2) + 0.0
