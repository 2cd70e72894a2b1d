"""The questions of an axis that people answer yes and no. An axis need not have any."""

import re
from collections.abc import Mapping
from pathlib import Path

from scoring.axis import read_toml
from scoring.errors import AxisDataInvalid

FILE_NAME = "questions.toml"

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def read_contested_questions(folder: Path) -> Mapping[str, str]:
    """Return the contested questions of the axis in ``folder`` by their names, in the file's order.

    Returns:
        Name to question; empty where the axis has no ``questions.toml``.

    Raises:
        AxisDataInvalid: the file cannot be read, or holds a name or a question that is none.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return {}
    told = read_toml(path).get("questions")
    if not isinstance(told, dict) or not told:
        raise AxisDataInvalid(file=str(path), problem="no_questions")
    for name, question in told.items():
        if _NAME.fullmatch(name) is None:
            raise AxisDataInvalid(file=str(path), problem=f"question_name:{name}")
        if not isinstance(question, str) or not question.rstrip().endswith("?") or "\n" in question:
            raise AxisDataInvalid(file=str(path), problem=f"question_text:{name}")
    return told
