"""Commands of the one who keeps the library: add, remove, index, doctor."""

import dataclasses
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.composition import make_builder
from bot.terminal.checks import examine
from bot.terminal.session import NOTHING, Bars, Session, session_of
from bot.terminal.showing import print_plan, print_report
from index.build import BuildReport
from index.errors import IndexingError
from index.intake import Holdings, Plan, Wishes, find_files, plan_file, remember, remove, write


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("add")(add)
    app.command("remove")(remove_episode)
    app.command("index")(index)
    app.command("doctor")(doctor)


def add(  # noqa: PLR0917 - a command's options
    context: typer.Context,
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Transcript files, folders, YouTube links.")
    ],
    source: Annotated[str | None, typer.Option(help="The show it belongs to.")] = None,
    title: Annotated[str | None, typer.Option(help="The episode's title.")] = None,
    url: Annotated[str | None, typer.Option(help="Where the recording is.")] = None,
    published: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it came out.")
    ] = None,
    shelf: Annotated[str | None, typer.Option(help="The editorial thread it stands in.")] = None,
    tags: Annotated[str | None, typer.Option(help="Tags, separated by commas.")] = None,
    slug: Annotated[str | None, typer.Option(help="Its name in the library.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a file.")] = False,
) -> None:
    """Read transcripts of any format and put them into the library."""
    session = session_of(context)
    wishes = Wishes(
        source=source,
        title=title,
        url=url,
        published=published.date() if published else None,
        shelf=shelf,
        tags=tuple(tag.strip() for tag in (tags or "").split(",") if tag.strip()),
        slug=slug,
    )
    with session.explaining():
        files = find_files([Path(path) for path in paths])
    if not files:
        session.wrong(f"No transcript lies in {', '.join(paths)}.")
    if len(files) > 1 and any((title, url, slug, published)):
        session.wrong("--title, --url, --published and --slug name one episode; add its file alone.")
    _add_files(session, files, wishes, dry_run=dry_run, as_json=as_json)


def _add_files(session: Session, files: list[Path], wishes: Wishes, *, dry_run: bool, as_json: bool) -> None:
    settings = session.settings
    holdings = Holdings(settings.library)
    counts = dict.fromkeys(("new", "same", "joins", "updates", "refused"), 0)
    with Bars(session.err) as bars:
        bars.stage("add", len(files))
        for path in files:
            try:
                plan = plan_file(path, wishes, holdings)
                if not dry_run:
                    write(plan, settings.library, settings.state_folder)
                remember(plan, holdings)
            except IndexingError as error:
                counts["refused"] += 1
                if as_json:
                    session.print_json(
                        {"file": str(path), "action": "refused", "problem": session.sentence(error)}
                    )
                else:
                    session.out.print(f"✗ {path.name}: {session.sentence(error)}", style="red", markup=False)
            else:
                counts[plan.action] += 1
                if as_json:
                    session.print_json(_plan_json(path, plan))
                else:
                    print_plan(session, path, plan)
            bars.advance(1)
    if not as_json:
        done = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        session.out.print(f"{len(files)} files: {done}." + (" Nothing was written." if dry_run else ""))
        if counts["new"] + counts["joins"] + counts["updates"] and not dry_run:
            session.out.print("Next: counterpoint index", style="dim")
    if counts["refused"]:
        raise typer.Exit(NOTHING)


def _plan_json(path: Path, plan: Plan) -> dict[str, Any]:
    return {
        "file": str(path),
        "action": plan.action,
        "episode": plan.slug,
        "about": plan.about.model_dump(mode="json", exclude_defaults=True),
        "transcript": dataclasses.asdict(plan.facts),
        "learned_from": dict(plan.said),
        "notes": [{"code": note.code, **note.fields} for note in plan.notes],
    }


def remove_episode(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(help="The episode's name in the library.")],
) -> None:
    """Take an episode out of the library; its folder is kept under LIBRARY/.removed."""
    session = session_of(context)
    with session.explaining():
        kept = remove(slug, session.settings.library, session.settings.state_folder)
    session.out.print(
        f"Removed {slug}; it lies in {kept}. Next: counterpoint index", markup=False, highlight=False
    )


def index(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Read and embed everything again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    progress_json: Annotated[bool, typer.Option("--progress-json", hidden=True)] = False,
) -> None:
    """Bring the index up to the library: only what changed is embedded again."""
    session = session_of(context)
    with session.explaining():
        builder = make_builder(session.settings)
        if progress_json:
            report = session.run(builder.build(_Lines(), full=full))
            _print_line({"report": report_json(session, report)})
        else:
            with Bars(session.err) as bars:
                report = session.run(builder.build(bars, full=full))
            if as_json:
                session.print_json(report_json(session, report))
            else:
                print_report(session, report)
    if report.failures:
        raise typer.Exit(NOTHING)


def report_json(session: Session, report: BuildReport) -> dict[str, Any]:
    """What a build did."""
    return {
        "edition": report.facts.edition if report.facts else None,
        "is_new": report.is_new,
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "failures": [
            {"episode": one.slug, "problem": session.sentence(one.error)} for one in report.failures
        ],
        "embedded": report.n_embedded,
        "seconds": {stage: round(seconds, 3) for stage, seconds in report.seconds.items()},
        "episodes": report.facts.n_episodes if report.facts else 0,
        "slices": report.facts.n_slices if report.facts else 0,
        "windows": report.facts.n_windows if report.facts else 0,
        "words": report.facts.n_words if report.facts else 0,
    }


class _Lines:
    """A build's progress as JSON lines, for the process that started it."""

    def __init__(self) -> None:
        self._stage, self._done, self._total = "", 0, 0

    def stage(self, name: str, total: int) -> None:
        self._stage, self._done, self._total = name, 0, total
        self.advance(0)

    def advance(self, steps: int) -> None:
        self._done += steps
        _print_line({"stage": self._stage, "done": self._done, "total": self._total})


def _print_line(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check library, edition, model and versions, and say what to run."""
    session = session_of(context)
    checks = session.run(examine(session))
    if as_json:
        session.print_json([dataclasses.asdict(check) for check in checks])
    else:
        for check in checks:
            mark, style = ("✓", "green") if check.is_good else ("✗", "red")
            session.out.print(
                f"{mark} {check.name}: {check.finding}", style=style, markup=False, highlight=False
            )
            if check.to_do:
                session.out.print(f"  → {check.to_do}", markup=False, highlight=False)
    if not all(check.is_good for check in checks):
        raise typer.Exit(NOTHING)
