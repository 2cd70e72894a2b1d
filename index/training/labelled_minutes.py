"""Labelled minutes of real talk: what a stance model is trained on."""

import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.errors import RowsInvalid
from scoring.statements import Statement

_PARTS = re.compile(r"\s*(?:\.\.\.|…|\[\.\.\.\])\s*")
_SHORTEST_PART = 4
N_PARTS = 20
"""Parts that talks are dealt into; a talk lies wholly in one."""


@dataclass(frozen=True, slots=True)
class Minute:
    """One labelled text.

    Attributes:
        text: what somebody says.
        position: -2 (first pole) to 2 (second pole).
        lens: name of the lens; empty where nobody said.
        why: words of the text that carry the position, perhaps several parted by an ellipsis; empty where nothing does,
            None where nobody said.
        talk: the conversation it was taken from.
        weight: how much it counts in training, 1 for a minute of real talk.
    """

    text: str
    position: float
    lens: str
    why: str | None
    talk: str
    weight: float = 1.0

    @property
    def part(self) -> int:
        """Return the part, 0 to ``N_PARTS`` - 1, that its talk was dealt into, the same at every run."""
        return zlib.crc32(self.talk.encode()) % N_PARTS


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore")

    text: str = Field(min_length=1)
    position: float = Field(ge=-2, le=2)
    lens: str = ""
    why: str | None = None
    episode: str = ""


def read_minutes(file: Path) -> list[Minute]:
    """Read labelled minutes: JSON lines with ``text`` and ``position``, and perhaps ``lens``, ``why`` and ``episode``.

    Raises:
        RowsInvalid: the file cannot be read, holds none, or a line is broken; file and line are named.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RowsInvalid(file=str(file), line=None, problem="cannot be read") from error
    minutes = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = _Row.model_validate(json.loads(line))
        except (ValidationError, ValueError) as error:
            problem = "no labelled minute: text, and a position from -2 to 2"
            raise RowsInvalid(file=str(file), line=number, problem=problem) from error
        minutes.append(Minute(row.text, row.position, row.lens, row.why, row.episode or row.text))
    if not minutes:
        raise RowsInvalid(file=str(file), line=None, problem="it holds no labelled minutes")
    return minutes


def written_minutes(statements: Sequence[Statement], weight: float) -> list[Minute]:
    """Return an axis's written statements as minutes that count ``weight`` each."""
    return [
        Minute(statement.text, statement.label, statement.lens, None, statement.group, weight)
        for statement in statements
    ]


def why_pieces(minute: Minute, spans: npt.NDArray[np.int64]) -> npt.NDArray[np.float32] | None:
    """Return for each word piece 1 if it belongs to the words that carry the position, else 0; None if nobody said.

    Args:
        minute: labelled; a ``why`` that is not in its text counts as not said.
        spans: where the pieces' words stand in the text, shape (n, 2); an empty span is no word.
    """
    if minute.why is None:
        return None
    inside = np.zeros(len(spans), np.float32)
    folded = minute.text.casefold()
    parts = [part.strip(' "“”') for part in _PARTS.split(minute.why)]
    for part in parts:
        start = folded.find(part.casefold()) if len(part) >= _SHORTEST_PART else -1
        if start >= 0:
            end = start + len(part)
            inside[(spans[:, 1] > spans[:, 0]) & (spans[:, 0] < end) & (spans[:, 1] > start)] = 1.0
    return None if minute.why and not inside.any() else inside
