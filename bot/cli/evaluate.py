"""Commands that measure: evaluate find, and evaluate positions by labelled passages or people's votes."""

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
from bot.cli.answer_options import AsJson, open_service
from bot.cli.charts import say
from bot.cli.evaluate_judge import evaluate_judge
from bot.cli.session import NOTHING, ProgressBars, Session, session_of
from bot.cli.votes import agree_with_votes
from bot.render import json_models
from index.errors import RowsInvalid
from index.evaluation.metrics import Interval, accuracy, bootstrap, macro_f1, paired_permutation, spearman
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
from index.training.semantic_reader_training import labelled_bands

_SAMPLE = DATA / "questions" / "sample.jsonl"
_WORST = 10
_SHOWN_CHARS = 90
_NEAR = 25
"""Points that a position may lie from a careful reader's."""
_TAKES_SIDE = 1.0
"""Label, on either side, from which on a passage plainly takes one."""
_FAR_OUT = 50
"""Points, on either side, from which on a reading is far out."""
_POINTS = 50.0
"""Points of a label's unit: labels run from -2 to 2, positions from -100 to 100."""
_BY_SOURCE, _BY_KIND = "by source", "by kind"

evaluate = typer.Typer(help="Measure against questions and labels with known answers.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    evaluate.command("find")(evaluate_find)
    evaluate.command("positions")(evaluate_positions)
    evaluate.command("judge")(evaluate_judge)
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
                session.wrong("no_questions", file=path)
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
    async with open_service(session) as answerer:
        with ProgressBars(session.err) as bars:
            bars.stage("ask", len(questions))
            episodes = await answerer.episodes()
            for question in questions:
                kind = kind_of(question, await answerer.idf(question.query))
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
        session.wrong("not_written", file=path, reason=error.strerror or type(error).__name__)


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


def evaluate_positions(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="JSON lines of id, text, position (-2 to 2) and lens; with --votes, the output of `votes --json`."
        ),
    ] = None,
    votes: Annotated[
        bool,
        typer.Option("--votes", help="Against people's votes: those of FILE, or those cast on this bot."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure how well positions agree with labelled passages, with 95 % intervals and a reliability table.

    With --votes: how often those who voted find that a reading fits, by band and by confidence, to which side
    they want it moved, and whether readings that have moved since went that way. Votes never move a position
    themselves.
    """
    session = session_of(context)
    if votes:
        with session.explaining():
            found = agree_with_votes(session, file, as_json=as_json)
        if not found:
            raise typer.Exit(NOTHING)
        return
    if file is None:
        session.wrong("no_labels")
    with session.explaining():
        rows = labelled_passages(session, file, "lens")
        report = session.run(_read(session, rows))
    if as_json:
        session.print_json(report)
        return
    table = Table(title=f"{file.stem}: {len(rows)} passages", title_justify="left")
    for column in ("figure", "value", "95 % interval"):
        table.add_column(column)
    for name, value in report["figures"].items():
        table.add_row(name, f"{value['value']:.3f}", f"{value['low']:.3f} to {value['high']:.3f}")
    session.out.print(table)
    reliability = Table(title="reliability", title_justify="left")
    for column in ("confidence", "share of readings", "band right"):
        reliability.add_column(column)
    for row in report["reliability"]:
        right = "" if row["right"] is None else f"{row['right']:.2f}"
        reliability.add_row(row["confidence"], f"{row['share']:.2f}", right)
    session.out.print(reliability)


def labelled_passages(session: Session, file: Path, *also: str) -> Sequence[Mapping[str, Any]]:
    """Read the passages in ``file``, each with id, text, position and the fields ``also``.

    Raises:
        RowsInvalid: a line is broken, or a position is no number from -2 to 2.
    """
    rows = read_rows(file, ("id", "text", "position", *also))
    if not rows:
        session.wrong("no_passages", file=file)
    for row in rows:
        label = row["position"]
        is_number = isinstance(label, int | float) and not isinstance(label, bool) and -2 <= label <= 2
        if not is_number:
            problem = f"no_label:{row['id']}"
            raise RowsInvalid(file=str(file), line=None, problem=problem)
    return rows


async def _read(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    async with open_service(session) as answerer:
        scored = await answerer.score([str(row["text"]) for row in rows])
        bands, axis = answerer.axis.bands, answerer.axis
    labels = [float(row["position"]) for row in rows]
    apart = np.array(
        [abs(score.position - _POINTS * label) for score, label in zip(scored, labels, strict=True)]
    )
    is_near = (apart <= _NEAR).astype(np.float64)
    signs = np.sign(labels)
    labelled = labelled_bands(labels, axis)
    positions = np.array([score.position for score in scored])
    named = [score.band for score in scored]
    lenses = [score.reading.lens for score in scored]
    true_lenses = [row["lens"] for row in rows]
    of_side = np.flatnonzero(np.abs(labels) >= _TAKES_SIDE)
    far_out = np.flatnonzero(np.abs(positions) >= _FAR_OUT)

    def on_right_side(of: Any) -> Any:
        return bootstrap(lambda at: float((np.sign(positions[of][at]) == signs[of][at]).mean()), len(of))

    def over(rows_: Any) -> tuple[list[str], list[str]]:
        return [named[row] for row in rows_], [labelled[row] for row in rows_]

    n = len(rows)
    intervals = {
        "Spearman": bootstrap(lambda at: spearman(positions[at].tolist(), [labels[row] for row in at]), n),
        "macro-F1 of bands": bootstrap(lambda at: macro_f1(*over(at), bands), n),
        "accuracy of bands": bootstrap(lambda at: accuracy(*over(at)), n),
        f"within {_NEAR} points": bootstrap(lambda at: float(is_near[at].mean()), n),
    }
    if any(true_lenses):
        intervals["accuracy of lens"] = bootstrap(
            lambda at: accuracy([lenses[row] for row in at], [true_lenses[row] for row in at]), n
        )
    if len(of_side):
        intervals["right side, of labels of 1 or more"] = on_right_side(of_side)
    if len(far_out):
        intervals[f"right side, of readings of {_FAR_OUT} or more"] = on_right_side(far_out)
    reliability = []
    for level in ("low", "medium", "high"):
        own = [row for row, score in enumerate(scored) if score.reading.confidence == level]
        right = [named[row] == labelled[row] for row in own]
        reliability.append(
            {"confidence": level, "share": len(own) / n, "right": float(np.mean(right)) if right else None}
        )
    return {
        "figures": {name: json_models.interval(interval) for name, interval in intervals.items()},
        "reliability": reliability,
    }
