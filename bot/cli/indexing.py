"""The command ``index``: an edition is built, and what became of it is printed, for people or for the bot."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from bot.app.build_report import IndexReport, plain_fields
from bot.app.container import make_builder
from bot.cli.adding import print_refusal
from bot.cli.charts import say, words
from bot.cli.session import NOTHING, ProgressBars, Session, session_of
from index.build.progress import Progress
from scoring.errors import CodedError

_MOST_NAMED = 20


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("index")(index)


def index(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Read and embed everything again.")] = False,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Let the Ray cluster at HOST:PORT or ray://HOST:PORT work on the episodes; local starts one here.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    progress_json: Annotated[bool, typer.Option("--progress-json", hidden=True)] = False,
) -> None:
    """Bring the index up to the library: only what changed is embedded again."""
    session = session_of(context)
    with session.explaining(), errors_as_lines(is_wanted=progress_json):
        if progress_json:
            report = _build(session, ProgressLines(), full=full, ray=ray)
            print_line({"report": report.to_json()})
        else:
            with ProgressBars(session.err, "load") as bars:
                report = _build(session, bars, full=full, ray=ray)
            if as_json:
                session.print_json(report.to_json())
            else:
                print_report(session, report)
    if report.failures:
        raise typer.Exit(NOTHING)


def _build(session: Session, progress: Progress, *, full: bool, ray: str | None) -> IndexReport:
    report = session.run(make_builder(session.settings, ray=ray).build(progress, full=full))
    return IndexReport.of(report, session.sentence)


@contextmanager
def errors_as_lines(*, is_wanted: bool) -> Iterator[None]:
    """Print an error of the project as a line for the program that started this one, if that wants it."""
    try:
        yield
    except CodedError as error:
        if is_wanted:
            print_line({"error": {"code": error.code, "fields": plain_fields(error)}})
        raise


class ProgressLines:
    """A build's progress as JSON lines, for the process that started it."""

    def __init__(self) -> None:
        self._stage, self._done, self._total = "", 0, 0

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of so many steps."""
        self._stage, self._done, self._total = name, 0, total
        self.advance(0)

    def advance(self, steps: int) -> None:
        """Tell of so many further steps."""
        self._done += steps
        print_line({"stage": self._stage, "done": self._done, "total": self._total})


def print_line(value: dict[str, Any]) -> None:
    """Print a line for the program that started this one; see ``bot.app.job_progress``."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_report(session: Session, report: IndexReport) -> None:
    """Print what a build did, and how long each stage took."""
    out = session.out
    for mark, slugs in (("+", report.added), ("~", report.changed), ("−", report.removed)):
        for slug in slugs[:_MOST_NAMED]:
            say(out, f"{mark} {slug}")
        if len(slugs) > _MOST_NAMED:
            say(out, f"{mark} … and {len(slugs) - _MOST_NAMED} more")
    for failure in report.failures:
        print_refusal(session, failure.episode, failure.problem)
    if report.edition is not None:
        what = "Published" if report.is_new else "Nothing changed;"
        if report.is_kept:
            say(out, session.catalogue.text("build.kept"), hang=2, style="yellow")
            what = "Kept"
        counts = report.model_dump(include={"episodes", "slices", "windows", "words", "embedded"})
        size = session.catalogue.text("build.size", **counts)
        say(out, f"{what} edition {report.edition}: {size}", hang=2)
        if not report.episodes and not report.failures:
            say(out, session.catalogue.text("build.no_episodes"), hang=2, style="yellow")
    if report.judged is not None:
        told = report.judged.model_dump(include={"model", "read", "asked", "good", "left"})
        say(out, session.catalogue.text("judge.report", **told), hang=2)
        if report.judged.problem:
            say(out, report.judged.problem, hang=2, style="yellow")
    stages = (f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds.items())
    say(out, words(*stages, style="dim"))
