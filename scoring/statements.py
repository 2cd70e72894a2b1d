"""Statements that anchor an axis: texts with positions, lenses and kinds, written for this project."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scoring.errors import AxisDataInvalid
from scoring.json_lines import json_lines

FOLDER = "statements"
FULL = 2.0
"""The label of a pole; labels run from -FULL to FULL."""

EDGE_LABEL = 0.25
"""Labels beyond it, on either side of 0, belong to an outer band."""

_HELD_OUT_FOLD, _N_FOLDS = 7, 8


@dataclass(frozen=True, slots=True)
class Statement:
    """One labelled text.

    Attributes:
        text: what somebody says.
        label: -2 (low pole) to 2 (high pole).
        lens: the lens that fits best.
        case: what kind of text it is; ``natural`` are minutes of talk as they come, the rest is sharpened.
        group: the imagined episode, or the text itself; a group is wholly trained on or wholly held out.
    """

    text: str
    label: float
    lens: str
    case: str
    group: str

    @property
    def is_natural(self) -> bool:
        """Return True for a minute of talk as it comes."""
        return self.case == "natural"

    @property
    def is_held_out(self) -> bool:
        """Return True for the group in eight that is kept from training, to judge what was trained."""
        return zlib.crc32(self.group.encode()) % _N_FOLDS == _HELD_OUT_FOLD


def read_statements(axis_folder: Path) -> list[Statement]:
    """Read all statements of the axis in ``axis_folder``, in the order of the files' names.

    Raises:
        AxisDataInvalid: a file cannot be read, or a line is broken; the file and line are named.
    """
    return [
        statement
        for path in sorted((axis_folder / FOLDER).glob("*.jsonl"))
        for statement in _statements_in(path)
    ]


def _statements_in(path: Path) -> Iterator[Statement]:
    try:
        lines = list(json_lines(path))
    except (OSError, UnicodeDecodeError) as error:
        raise AxisDataInvalid(file=path.name, problem="unreadable") from error
    for number, line in lines:
        try:
            row = json.loads(line)
            label = float(row["position"])
            if not -FULL <= label <= FULL:
                raise ValueError(f"position {label}")
            text = str(row["text"])
            yield Statement(text, label, str(row["lens"]), str(row["case"]), str(row.get("episode") or text))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise AxisDataInvalid(file=f"{path.name}:{number}", problem=f"no_statement:{error}") from error
