"""Commands that answer: find, episode, related, counterbalance, score."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import wire
from bot.answerer import Answerer
from bot.composition import make_answerer
from bot.terminal import showing
from bot.terminal.session import NOTHING, Session, session_of
from bot.texts.catalogue import signed
from index.passages import Filters
from index.relevance import read_rows

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
EpisodeName = Annotated[
    str, typer.Argument(metavar="EPISODE", help="Slug, video id, YouTube link, or enough of the title.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for command in (find, episode, related, counterbalance, score):
        app.command(command.__name__)(command)


@asynccontextmanager
async def answering(session: Session) -> AsyncIterator[Answerer]:
    """An answerer that gives its files back."""
    answerer = make_answerer(session.settings)
    try:
        yield answerer
    finally:
        await answerer.close()


def find(  # noqa: PLR0917 - a command's options
    context: typer.Context,
    query: Annotated[list[str] | None, typer.Argument(help="What you half remember.")] = None,
    passages: Annotated[int, typer.Option("-n", "--passages", min=1, max=100, help="Passages at most.")] = 10,
    source: Annotated[str | None, typer.Option(help="Only this show.")] = None,
    shelf: Annotated[str | None, typer.Option(help="Only this shelf.")] = None,
    speaker: Annotated[str | None, typer.Option(help="Only slices in which this person speaks.")] = None,
    lens: Annotated[
        str | None, typer.Option(help="technical, governance, societal or philosophical.")
    ] = None,
    band: Annotated[str | None, typer.Option(help="Risk-forward, Mixed or Opportunity-forward.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Published on or after.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Published on or before.")
    ] = None,
    batch: Annotated[
        Path | None, typer.Option(help="JSON lines of id and query; prints one JSON object each.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find where something was said: quoted, timed, linked and placed."""
    session = session_of(context)
    if (query is None) == (batch is None):
        session.wrong("Say what to find, or give a file of questions with --batch.")

    async def work() -> bool:
        async with answering(session) as answerer:
            filters = Filters(
                source=source,
                shelf=shelf,
                speaker=speaker,
                lens=_one_of(session, "lens", lens, answerer.axis.lenses),
                band=_one_of(session, "band", band, answerer.axis.bands),
                since=since.date() if since else None,
                until=until.date() if until else None,
            )
            if batch is not None:
                for row in read_rows(batch, ("id", "query")):
                    answer = await answerer.find(str(row["query"]), n_passages=passages, filters=filters)
                    session.print_json(wire.found(answer, row["id"]))
                return True
            answer = await answerer.find(" ".join(query or ()), n_passages=passages, filters=filters)
            if as_json:
                session.print_json(wire.found(answer))
            else:
                showing.print_found(session, answer)
            return answer.is_match

    with session.explaining():
        if not session.run(work()):
            raise typer.Exit(NOTHING)


def episode(context: typer.Context, name: EpisodeName, as_json: AsJson = False) -> None:
    """One episode's whole profile."""
    session = session_of(context)

    async def work() -> None:
        async with answering(session) as answerer:
            card = await answerer.episode(name)
            if as_json:
                session.print_json(wire.card(card))
            else:
                showing.print_card(session, card, answerer.axis.bands)

    with session.explaining():
        session.run(work())


def related(
    context: typer.Context,
    name: EpisodeName,
    count: Annotated[int, typer.Option("-n", min=1, max=50, help="Episodes at most.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Episodes akin to one, with their trails."""
    session = session_of(context)

    async def work() -> bool:
        async with answering(session) as answerer:
            one, others = await answerer.related(name, limit=count)
            if as_json:
                session.print_json(wire.related(one, others))
            else:
                showing.print_related(session, one, others, answerer.axis.bands)
            return bool(others)

    with session.explaining():
        if not session.run(work()):
            raise typer.Exit(NOTHING)


def counterbalance(
    context: typer.Context,
    name: EpisodeName,
    count: Annotated[int, typer.Option("-n", min=1, max=20, help="Picks at most.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Who, on the same subject, stands on the other side."""
    session = session_of(context)

    async def work() -> bool:
        async with answering(session) as answerer:
            answer = await answerer.counterbalance(name, n_picks=count)
            if as_json:
                session.print_json(wire.counterbalance(answer))
            else:
                showing.print_counterbalance(session, answer)
            return bool(answer.picks)

    with session.explaining():
        if not session.run(work()):
            raise typer.Exit(NOTHING)


def score(
    context: typer.Context,
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="A text file, or - for standard input.")
    ] = None,
    batch: Annotated[
        Path | None, typer.Option(help="JSON lines of id and text; prints one JSON object each.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Where a text that is in no library stands."""
    session = session_of(context)
    if (file is None) == (batch is None):
        session.wrong("Name a text file (or - for standard input), or a file of texts with --batch.")

    async def work() -> None:
        async with answering(session) as answerer:
            if batch is not None:
                rows = read_rows(batch, ("id", "text"))
                for row, one in zip(
                    rows, await answerer.score([str(row["text"]) for row in rows]), strict=True
                ):
                    session.print_json(wire.scored(one, row["id"]))
                return
            text = sys.stdin.read() if file == "-" else _text_of(session, Path(file or ""))
            if not text.strip():
                session.wrong("There is no text to score.")
            one = (await answerer.score([text]))[0]
            if as_json:
                session.print_json(wire.scored(one))
            else:
                session.out.print(f"{signed(one.position)}  {one.band}", style="bold")
                reading = one.reading
                session.out.print(f"{reading.lens} lens · {reading.confidence} confidence · {reading.reason}")
                showing.print_drivers(session, reading.drivers)

    with session.explaining():
        session.run(work())


def _text_of(session: Session, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        session.wrong(f"{path} cannot be read as text; give a UTF-8 file, or - for standard input.")


def _one_of(session: Session, name: str, given: str | None, known: tuple[str, ...]) -> str | None:
    if given is None:
        return None
    match = next((one for one in known if one.lower() == given.lower()), None)
    if match is None:
        session.wrong(f"“{given}” is no {name}; choose from {', '.join(known)}.")
    return match
