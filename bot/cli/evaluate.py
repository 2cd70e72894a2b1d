"""Commands that measure: evaluate find here, evaluate positions in ``agreeing``."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.markup import escape
from rich.table import Table

from bot.app.settings import DATA
from bot.cli.agreement import evaluate_positions
from bot.cli.ask import AsJson, answering
from bot.cli.charts import say
from bot.cli.session import ProgressBars, Session, session_of
from bot.render import json_models
from index.evaluation.metrics import Interval, bootstrap, paired_permutation
from index.evaluation.retrieval import (
    Question,
    QuestionOutcome,
    figures,
    kind_of,
    outcome_of,
    read_questions,
    read_rows,
    right_episodes,
)

_SAMPLE = DATA / "questions" / "sample.jsonl"
_WORST = 10
_SHOWN_CHARS = 90
_BY_SOURCE, _BY_KIND = "by source", "by kind"

evaluate = typer.Typer(help="Measure against questions and labels with known answers.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    evaluate.command("find")(evaluate_find)
    evaluate.command("positions")(evaluate_positions)
    app.add_typer(evaluate, name="evaluate")


def evaluate_find(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="JSON lines of id, query, episode, text; the sample's by default."),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Keep each question's outcome, to compare with later.")
    ] = None,
    against: Annotated[Path | None, typer.Option(help="Outcomes of another run, kept with --save.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how often the right minute comes first, by source and by kind of question, with 95 % intervals.

    A passage counts as found when it holds at least 30 % of the answer's word 5-grams, or when half of its
    own lie in the answer. Questions whose episode is null should find nothing.
    """
    session = session_of(context)
    report: dict[str, Any] = {}
    kept: dict[str, dict[str, float]] = {}
    with session.explaining():
        for path in files or [_SAMPLE]:
            questions = read_questions(path)
            if not questions:
                session.wrong(f"{path} holds no questions.")
            outcomes = session.run(_ask(session, questions))
            report[path.stem] = _summary(outcomes)
            kept |= _values(outcomes)
            if not as_json:
                _print_summary(session, path.stem, report[path.stem], outcomes)
        if save is not None:
            _save(session, save, kept)
        if against is not None:
            compared = _compare(kept, {row["id"]: row for row in read_rows(against, ("id", *figures([])))})
            report["against"] = compared
            if not as_json:
                _print_comparison(session, compared)
    if as_json:
        session.print_json(report)


async def _ask(session: Session, questions: Sequence[Question]) -> list[QuestionOutcome]:
    outcomes = []
    async with answering(session) as answerer:
        with ProgressBars(session.err) as bars:
            bars.stage("ask", len(questions))
            episodes = await answerer.episodes()
            for question in questions:
                kind = kind_of(question, await answerer.telling(question.query))
                found = await answerer.find(question.query)
                right = right_episodes(question.episode, episodes)
                outcomes.append(outcome_of(replace(question, kind=kind), found, right))
                bars.advance(1)
    return outcomes


def _summary(outcomes: Sequence[QuestionOutcome]) -> dict[str, Any]:
    real = [outcome for outcome in outcomes if outcome.question.text is not None]
    foreign = [outcome for outcome in outcomes if outcome.question.text is None]
    summary = _figures(real)
    if real:
        summary["refused"] = sum(not outcome.is_match for outcome in real) / len(real)
    if foreign:
        summary["foreign questions"] = len(foreign)
        summary["foreign answered"] = sum(outcome.is_match for outcome in foreign) / len(foreign)
    if real:
        summary[_BY_SOURCE] = _by(real, lambda outcome: outcome.source or "no source")
        summary[_BY_KIND] = _by(real, lambda outcome: outcome.question.kind or "")
    return summary


def _by(outcomes: Sequence[QuestionOutcome], name_of: Callable[[QuestionOutcome], str]) -> dict[str, Any]:
    groups: dict[str, list[QuestionOutcome]] = {}
    for outcome in outcomes:
        groups.setdefault(name_of(outcome), []).append(outcome)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return {name: _figures(own) for name, own in ranked}


def _figures(outcomes: Sequence[QuestionOutcome]) -> dict[str, Any]:
    """Return the number of questions, and each figure with its interval."""
    values = figures(outcomes).items() if outcomes else ()
    return {"questions": len(outcomes), **{name: json_models.interval(_mean_of(own)) for name, own in values}}


def _mean_of(values: Sequence[float]) -> Interval:
    array = np.array(values)
    return bootstrap(lambda rows: float(array[rows].mean()), len(array))


def _values(outcomes: Sequence[QuestionOutcome]) -> dict[str, dict[str, float]]:
    real = [outcome for outcome in outcomes if outcome.question.text is not None]
    table = figures(real)
    return {
        outcome.question.id: {name: table[name][row] for name in table} for row, outcome in enumerate(real)
    }


def _save(session: Session, path: Path, kept: Mapping[str, Mapping[str, float]]) -> None:
    try:
        path.write_text("".join(_line(name, values) for name, values in kept.items()), encoding="utf-8")
    except OSError as error:
        session.wrong(f"{path} cannot be written: {error.strerror or 'unknown reason'}.")


def _line(question_id: str, values: Mapping[str, float]) -> str:
    return json.dumps({"id": question_id, **values}) + "\n"


def _compare(
    now: Mapping[str, Mapping[str, float]], before: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    both = sorted(set(now) & set(before))
    if not both:
        return {"questions": 0}
    compared: dict[str, Any] = {"questions": len(both)}
    for name in next(iter(now.values())):
        values, earlier = [now[key][name] for key in both], [float(before[key][name]) for key in both]
        compared[name] = {
            "now": round(float(np.mean(values)), 4),
            "before": round(float(np.mean(earlier)), 4),
            "p": round(paired_permutation(values, earlier), 4),
        }
    return compared


def _print_summary(
    session: Session, name: str, summary: Mapping[str, Any], outcomes: Sequence[QuestionOutcome]
) -> None:
    table = Table(title=name, title_justify="left")
    for column in ("figure", "value", "95 % interval"):
        table.add_column(column)
    for figure, value in summary.items():
        if figure in (_BY_SOURCE, _BY_KIND):
            continue
        if isinstance(value, dict):
            table.add_row(figure, f"{value['value']:.3f}", f"{value['low']:.3f} to {value['high']:.3f}")
        else:
            table.add_row(figure, f"{value:.3f}" if isinstance(value, float) else str(value), "")
    session.out.print(table)
    for grouping in (_BY_SOURCE, _BY_KIND):
        if grouping in summary:
            _print_groups(session, grouping, summary[grouping])
    misses = [
        outcome
        for outcome in outcomes
        if outcome.question.text is not None and (outcome.rank is None or outcome.rank > 1)
    ]
    misses.sort(key=lambda outcome: (outcome.rank is not None, -(outcome.rank or 0), outcome.question.id))
    for outcome in misses[:_WORST]:
        place = (
            f"rank {outcome.rank}" if outcome.rank else "not in ten" if outcome.is_match else "nothing found"
        )
        say(session.out, f"{place}: {outcome.question.query}", indent=2, hang=4)
        if outcome.first is not None:
            quote = (
                outcome.first[1]
                if len(outcome.first[1]) <= _SHOWN_CHARS
                else outcome.first[1][:_SHOWN_CHARS] + "…"
            )
            say(session.out, f"came first: {outcome.first[0]}: “{quote}”", indent=6, style="dim")
    if len(misses) > _WORST:
        say(session.out, f"… and {len(misses) - _WORST} more that did not come first", indent=2, style="dim")


def _print_groups(session: Session, title: str, groups: Mapping[str, Mapping[str, Any]]) -> None:
    table = Table(title=title, title_justify="left")
    for column in ("", *next(iter(groups.values()))):
        table.add_column(column)
    for name, group in groups.items():
        cells = [
            f"{value['value']:.3f}\n{value['low']:.2f}–{value['high']:.2f}"
            for value in group.values()
            if isinstance(value, dict)
        ]
        table.add_row(escape(name), str(group["questions"]), *cells)
    session.out.print(table)


def _print_comparison(session: Session, compared: Mapping[str, Any]) -> None:
    table = Table(
        title=f"against the other run, {compared['questions']} questions in both", title_justify="left"
    )
    for column in ("figure", "now", "before", "p (paired permutation)"):
        table.add_column(column)
    for name, row in compared.items():
        if isinstance(row, dict):
            table.add_row(name, f"{row['now']:.3f}", f"{row['before']:.3f}", f"{row['p']:.3f}")
    session.out.print(table)
