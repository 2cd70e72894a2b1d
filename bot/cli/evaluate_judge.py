"""The command that measures a judge by pairs that were written to fool it."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bot.app.container import make_judge_options
from bot.app.settings import DATA
from bot.cli.answer_options import AsJson
from bot.cli.session import ProgressBars, Session, session_of
from index.evaluation.judge_traps import GOOD, TrapPair, read_traps, shown_by
from index.judge import ChatJudge

_TRAPS = DATA / "questions" / "judge-traps.jsonl"


def evaluate_judge(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="JSON lines of id, kind, a and b; the written ones by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure the judge that is set by pairs that were written to fool it: which would it show.

    A trap (a view only reported, supposed or meant in irony, one person twice, a question, agreement in other
    words, one word in two fields) should not be shown; the pairs that are good should.
    """
    session = session_of(context)
    options = make_judge_options(session.settings)
    if options is None:
        session.wrong("no_judge")
    with session.explaining():
        pairs = read_traps(file or _TRAPS)
        shown = session.run(_ask(session, options.judge, pairs))
    kinds = Counter(pair.kind for pair in pairs)
    by_kind = {
        kind: {"pairs": n, "shown": sum(shown[pair.name] for pair in pairs if pair.kind == kind)}
        for kind, n in sorted(kinds.items())
    }
    if as_json:
        session.print_json({"model": options.judge.model, "kinds": by_kind, "shown": shown})
        return
    table = Table(title=options.judge.model, title_justify="left")
    for column in ("kind", "pairs", "shown", "should be"):
        table.add_column(column)
    for kind, found in by_kind.items():
        wanted = "all" if kind == GOOD else "none"
        table.add_row(kind, str(found["pairs"]), str(found["shown"]), wanted)
    session.out.print(table)


async def _ask(session: Session, judge: ChatJudge, pairs: list[TrapPair]) -> dict[str, bool]:
    with ProgressBars(session.err) as bars:
        bars.stage("judge", len(pairs))
        async with judge:
            return await shown_by(judge, pairs, bars.advance)
