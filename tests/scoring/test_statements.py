"""An axis's statements are read as people and their editors write them, and a broken line is named."""

import json
from pathlib import Path

import pytest

from scoring.errors import AxisDataInvalid
from scoring.statements import read_statements

ROW = {"text": "We will lose control.", "position": -1.5, "lens": "technical", "case": "plain"}


def written(folder: Path, data: bytes) -> Path:
    (folder / "statements").mkdir()
    (folder / "statements" / "own.jsonl").write_bytes(data)
    return folder


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(ROW).encode(),
        json.dumps(ROW).encode() + b"\r\n\r\n",
        "\ufeff".encode() + json.dumps(ROW).encode() + b"\n",
    ],
)
def test_a_mark_blank_lines_and_any_line_ends_are_no_fault(tmp_path: Path, data: bytes) -> None:
    (statement,) = read_statements(written(tmp_path, data))
    assert (statement.text, statement.label, statement.group) == (ROW["text"], -1.5, ROW["text"])


def test_a_line_ends_at_a_line_feed_alone(tmp_path: Path) -> None:
    text = "We will lose control.\u2028Surely.\x85"
    data = json.dumps({**ROW, "text": text}, ensure_ascii=False).encode()
    (statement,) = read_statements(written(tmp_path, data))
    assert statement.text == text


@pytest.mark.parametrize(
    ("data", "file"),
    [
        (b'{"text": "caf\xe9"}', "own.jsonl"),
        (b"\n[1]", "own.jsonl:2"),
        (b'"text"', "own.jsonl:1"),
        (json.dumps({**ROW, "position": 3}).encode(), "own.jsonl:1"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, data: bytes, file: str) -> None:
    with pytest.raises(AxisDataInvalid) as caught:
        read_statements(written(tmp_path, data))
    assert caught.value.file == file
