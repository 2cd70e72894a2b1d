"""How often a judge is fooled: pairs of passages that were written to look like answers from the other side.

Each is put to the judge as a build puts it (``pair_verdict``).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import RowsInvalid
from index.evaluation.retrieval import read_rows
from index.judge import AnswerInvalid, ChatJudge, pair_verdict
from index.judge.errors import JudgeUnreadable
from index.text.sentences import unit_ends
from index.text.slicing import Slice

GOOD = "good"
"""Kind of the pairs that are no traps: a judge should call them good."""

_SPEAKER = re.compile(r"(?P<name>[^\W\d_][^:\n]{1,60}): ")


@dataclass(frozen=True, slots=True)
class TrapPair:
    """Two passages that seem to answer one question from opposite sides.

    Attributes:
        name: of the pair.
        kind: what is wrong with it, or ``GOOD``.
        first, second: the passages.
    """

    name: str
    kind: str
    first: Slice
    second: Slice


def read_traps(path: Path) -> list[TrapPair]:
    """Return the pairs in a file of JSON lines of id, kind, a and b; a passage may begin with ``Name: ``.

    Raises:
        RowsInvalid: a line is broken, or the file holds none.
    """
    rows = read_rows(path, ("id", "kind", "a", "b"))
    if not rows:
        raise RowsInvalid(file=str(path), line=None, problem="no_pairs")
    return [
        TrapPair(str(row["id"]), str(row["kind"]), _passage(str(row["a"])), _passage(str(row["b"])))
        for row in rows
    ]


async def shown_by(
    judge: ChatJudge, pairs: Sequence[TrapPair], advance: Callable[[int], None] | None = None
) -> dict[str, bool]:
    """Return whether each pair would be shown, by its name.

    Args:
        judge: opened.
        pairs: to ask about, one after another.
        advance: called with 1 after each.

    Raises:
        JudgeError: the judge does not answer, or not in the form that it was asked for.
    """
    shown = {}
    for pair in pairs:
        try:
            verdict = await pair_verdict(judge, pair.first, pair.second)
        except AnswerInvalid as error:
            raise JudgeUnreadable(address=judge.address, model=judge.model) from error
        shown[pair.name] = verdict.good
        if advance is not None:
            advance(1)
    return shown


def _passage(told: str) -> Slice:
    named = _SPEAKER.match(told)
    text, speaker = (told[named.end() :], named["name"]) if named else (told, None)
    return Slice(0, text, None, None, speaker, None, tuple(unit_ends(text)), (), ((0, speaker),))
