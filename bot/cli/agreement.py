"""The command evaluate positions: agreement with labelled passages, or with people's votes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from bot.cli.ask import AsJson, answering
from bot.cli.session import NOTHING, Session, session_of
from bot.cli.votes import agree_with_votes
from bot.render import json_models
from index.errors import RowsInvalid
from index.evaluation.metrics import accuracy, bootstrap, macro_f1, spearman
from index.evaluation.retrieval import read_rows
from index.training.reader import labelled_bands


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
        session.wrong("Name a file of labelled passages, or measure against people's votes with --votes.")
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
        session.wrong(f"{file} holds no passages.")
    for row in rows:
        label = row["position"]
        is_number = isinstance(label, int | float) and not isinstance(label, bool) and -2 <= label <= 2
        if not is_number:
            problem = f"position of {row['id']} is no number from -2 to 2"
            raise RowsInvalid(file=str(file), line=None, problem=problem)
    return rows


async def _read(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    async with answering(session) as answerer:
        scored = await answerer.score([str(row["text"]) for row in rows])
        bands, axis = answerer.axis.bands, answerer.axis
    labels = [float(row["position"]) for row in rows]
    labelled = labelled_bands(labels, axis)
    positions = np.array([score.position for score in scored])
    named = [score.band for score in scored]
    lenses = [score.reading.lens for score in scored]
    true_lenses = [row["lens"] for row in rows]

    def over(rows_: Any) -> tuple[list[str], list[str]]:
        return [named[row] for row in rows_], [labelled[row] for row in rows_]

    n = len(rows)
    intervals = {
        "Spearman": bootstrap(lambda at: spearman(positions[at].tolist(), [labels[row] for row in at]), n),
        "macro-F1 of bands": bootstrap(lambda at: macro_f1(*over(at), bands), n),
        "accuracy of bands": bootstrap(lambda at: accuracy(*over(at)), n),
        "accuracy of lens": bootstrap(
            lambda at: accuracy([lenses[row] for row in at], [true_lenses[row] for row in at]), n
        ),
    }
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
