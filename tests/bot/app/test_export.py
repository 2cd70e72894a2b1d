"""Tables hold what they promise, in both forms, and what stands in docs/export.md is what is in them."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from small_library import SmallLibrary, make_opener

from bot.app.export import TABLES, ExportExists, RowWriter, Table, rows_of
from bot.app.service import LocalLibraryService
from bot.app.votes import Shown, VotedPassage, VotedReading
from index.errors import StorageFailed

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "export.md"
KINDS: dict[str, Any] = {"text": str, "number": (int, float), "integer": int}
VOTE = VotedReading(
    VotedPassage("the-dam", "k" * 12, "risk-opportunity", "words", "Dam", None, 1.0, None),
    Shown(-12.0, "Mixed", "technical", "low", "scorer-1"),
    {"fits": 2},
    None,
)


async def tables(tmp_path: Path) -> dict[Table, list[dict[str, Any]]]:
    library = SmallLibrary.of_two(tmp_path)
    await library.build()
    answerer = LocalLibraryService(make_opener(library.state))
    try:
        return {name: [row async for row in rows_of(name, answerer, [VOTE])] for name in TABLES}
    finally:
        await answerer.close()


def test_tables_that_cannot_be_written_are_an_error_with_the_place_and_leave_nothing(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    with pytest.raises(StorageFailed) as refused:
        RowWriter(taken, "votes", "jsonl")
    assert refused.value.path == str(taken)
    folder = tmp_path / "out"
    with pytest.raises(StorageFailed), RowWriter(folder, "votes", "jsonl") as writer:
        writer.path.mkdir()
    assert [path.name for path in folder.iterdir()] == ["votes.jsonl"]


async def test_every_row_has_the_columns_of_its_table_in_both_forms(tmp_path: Path) -> None:
    found = await tables(tmp_path / "library")
    assert {row["episode"] for row in found["readings"]} == {"the-dam", "the-school"}
    assert len(found["profiles"]) == 2
    assert found["votes"][0]["fits"] == 2
    for name, rows in found.items():
        for row in rows:
            for column, (kind, _) in TABLES[name].items():
                value = row[column]
                assert value is None or (isinstance(value, KINDS[kind]) and not isinstance(value, bool)), (
                    column
                )
                assert not isinstance(value, float) or math.isfinite(value)
        for form in ("jsonl", "parquet"):
            with RowWriter(tmp_path / "out", name, form) as writer:
                for row in rows:
                    writer.write(row)
        lines = [
            json.loads(line) for line in (tmp_path / "out" / f"{name}.jsonl").read_text("utf-8").splitlines()
        ]
        assert lines == rows
        parquet = pyarrow.parquet.read_table(tmp_path / "out" / f"{name}.parquet")
        assert parquet.to_pylist() == rows
        assert parquet.column_names == list(TABLES[name])
    with pytest.raises(ExportExists):
        RowWriter(tmp_path / "out", "votes", "jsonl")


def test_a_half_written_table_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), RowWriter(tmp_path, "votes", "jsonl"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="columns"), RowWriter(tmp_path, "votes", "jsonl") as writer:
        writer.write({"id": "x"})


def test_the_data_dictionary_is_that_of_the_tables() -> None:
    sections = re.split(r"^## ", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)[1:]
    found = {
        section.split("`")[1]: {
            name: (kind, meaning)
            for name, kind, meaning in re.findall(
                r"^\| `(\w+)` \| (\w+) \| (.+?) \|$", section, flags=re.MULTILINE
            )
        }
        for section in sections
        if section.startswith("`")
    }
    assert found == {name: dict(columns) for name, columns in TABLES.items()}
