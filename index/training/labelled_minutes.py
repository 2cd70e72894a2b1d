"""Minutes of real talk that a stance model is trained on: labelled ones, and ones that a larger model has read."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.errors import RowsInvalid
from scoring.json_lines import json_lines
from scoring.stance import Stance
from scoring.statements import Statement

_PARTS = re.compile(r"\s*(?:\.\.\.|…|\[\.\.\.\])\s*")
_SHORTEST_PART = 4
N_PARTS = 20
"""Parts that talks are dealt into; a talk lies wholly in one."""


@dataclass(frozen=True, slots=True)
class Taught:
    """What a larger model (the teacher) says of a text besides its position.

    Attributes:
        takes_side: the chance, 0 to 1, that the text takes a side.
        lenses: the chance of each lens, in the axis's order, sum 1.
    """

    takes_side: float
    lenses: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Minute:
    """One text, labelled or taught.

    Attributes:
        text: what somebody says.
        position: -2 (low pole) to 2 (high pole).
        lens: name of the lens; empty where nobody said.
        why: words of the text that carry the position, perhaps several parted by an ellipsis; empty where nothing does,
            None where nobody said.
        talk: the conversation it was taken from.
        weight: how much it counts in training, 1 for a minute of real talk.
        taught: chances that are learned in place of a label's yes or no; None for a labelled text.
    """

    text: str
    position: float
    lens: str
    why: str | None
    talk: str
    weight: float = 1.0
    taught: Taught | None = None

    @property
    def part(self) -> int:
        """Return the part that its talk was dealt into."""
        return part_of(self.talk)


def part_of(talk: str) -> int:
    """Return the part, 0 to ``N_PARTS`` - 1, that a talk is dealt into; the same at every run."""
    return int(hashlib.sha1(talk.encode(), usedforsecurity=False).hexdigest(), 16) % N_PARTS


Row = TypeVar("Row", bound=BaseModel)


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore")

    text: str = Field(min_length=1)
    position: float = Field(ge=-2, le=2)
    lens: str = ""
    why: str | None = None
    episode: str = ""


class _Text(BaseModel):
    model_config = ConfigDict(extra="ignore")

    text: str = Field(min_length=1)


class _Teacher(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    position: float
    side: float = Field(ge=0, le=1)
    lenses: dict[str, float]


class _TaughtRow(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    text: str = Field(min_length=1)
    teacher: _Teacher
    weight: float = Field(default=1.0, gt=0)


def read_minutes(file: Path) -> list[Minute]:
    """Read labelled minutes: JSON lines with ``text`` and ``position``, and perhaps ``lens``, ``why`` and ``episode``.

    Raises:
        RowsInvalid: the file cannot be read, holds none, or a line is broken; file and line are named.
    """
    rows = _rows(file, _Row, "no labelled minute: text, and a position from -2 to 2")
    if not rows:
        raise RowsInvalid(file=str(file), line=None, problem="it holds no labelled minutes")
    return [Minute(row.text, row.position, row.lens, row.why, row.episode or row.text) for row in rows]


def read_taught_minutes(file: Path, lenses: Sequence[str]) -> list[Minute]:
    """Read what ``write_taught_minutes`` wrote; a line may have a ``weight`` (1 without).

    Args:
        file: JSON lines.
        lenses: of the axis, in its order; those that a line does not name have the chance 0.

    Raises:
        RowsInvalid: the file cannot be read, or a line is broken; file and line are named.
    """
    rows = _rows(file, _TaughtRow, "no taught minute: text, and the teacher's position, side and lenses")
    minutes = []
    for number, row in enumerate(rows, start=1):
        chances = np.array([row.teacher.lenses.get(lens, 0.0) for lens in lenses])
        if chances.min() < 0 or chances.sum() <= 0:
            problem = f"reading {number} has no chances of this axis's lenses"
            raise RowsInvalid(file=str(file), line=None, problem=problem)
        taught = Taught(row.teacher.side, tuple((chances / chances.sum()).tolist()))
        minutes.append(Minute(row.text, row.teacher.position, "", None, row.text, row.weight, taught))
    return minutes


def write_taught_minutes(
    file: Path, texts: Sequence[str], stances: Sequence[Stance], lenses: Sequence[str]
) -> None:
    """Write what a model says of texts: JSON lines of ``text`` and ``teacher`` (position, side, lenses)."""
    with file.open("w", encoding="utf-8") as handle:
        for text, stance in zip(texts, stances, strict=True):
            chances = np.exp(stance.lenses - stance.lenses.max())
            chances /= chances.sum()
            teacher = {
                "position": round(stance.leaning, 4),
                "side": round(stance.takes_side, 4),
                "lenses": dict(zip(lenses, np.round(chances, 4).tolist(), strict=True)),
            }
            handle.write(json.dumps({"text": text, "teacher": teacher}, ensure_ascii=False) + "\n")


def read_texts(file: Path) -> list[str]:
    """Read the ``text`` of each JSON line of a file, each text once.

    Raises:
        RowsInvalid: the file cannot be read, or a line is broken; file and line are named.
    """
    return list(dict.fromkeys(row.text for row in _rows(file, _Text, "no text")))


def _rows(file: Path, kind: type[Row], problem: str) -> list[Row]:
    try:
        lines = list(json_lines(file))
    except (OSError, UnicodeDecodeError) as error:
        raise RowsInvalid(file=str(file), line=None, problem="cannot be read") from error
    rows = []
    for number, line in lines:
        try:
            rows.append(kind.model_validate_json(line))
        except ValidationError as error:
            raise RowsInvalid(file=str(file), line=number, problem=problem) from error
    return rows


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
    parts = [part.strip(' "“”') for part in _PARTS.split(minute.why)]
    for part in parts:
        place = place_of(part, minute.text) if len(part) >= _SHORTEST_PART else None
        if place is not None:
            start, end = place
            inside[(spans[:, 1] > spans[:, 0]) & (spans[:, 0] < end) & (spans[:, 1] > start)] = 1.0
    return None if minute.why and not inside.any() else inside


def place_of(words: str, text: str) -> tuple[int, int] | None:
    """Return start and end of the first place where ``text`` has ``words``, whatever their case; None for none."""
    found = re.search(re.escape(words), text, re.IGNORECASE)
    return None if found is None else found.span()
