"""Commands that answer: find, episode, read, related, counterbalance, map, score."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.app.input_validation import resolve_filters, resolve_source
from bot.app.one_line import one_line
from bot.cli import printed_answers
from bot.cli.answer_options import AsJson, Picture, open_service, save_picture
from bot.cli.session import ProgressBars, Session, session_of, with_path
from bot.render import json_models
from bot.render.png.counterbalance_plot import draw_balance
from bot.render.png.episode_card import draw_card
from bot.render.png.find_strip import draw_found
from bot.render.png.map import draw_map
from bot.render.png.picture_texts import balance_alt, card_alt, found_alt, map_alt
from index.errors import TranscriptRejected
from index.evaluation.retrieval import read_rows
from index.library.ingest.transcript_files import read_file
from index.transcripts.formats.decoding import decoded
from index.transcripts.formats.timestamps import seconds_of

EpisodeName = Annotated[
    str, typer.Argument(metavar="EPISODE", help="Slug, video id, YouTube link, or enough of the title.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for command in (find, episode, read, related, counterbalance, score):
        app.command(command.__name__)(command)
    app.command("map")(map_library)


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
        str | None, typer.Option(metavar="DAY", help="Published on or after: a year, a month or a day.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="Published on or before: a year, a month or a day.")
    ] = None,
    batch: Annotated[
        Path | None, typer.Option(help="JSON lines of id and query; prints one JSON object each.")
    ] = None,
    picture: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Find where something was said: quoted, timed, linked and placed."""
    session = session_of(context)
    question = " ".join(query or ())
    if (query is None) == (batch is None) or (batch is None and not one_line(question)):
        session.wrong("no_query")
    if picture is not None and batch is not None:
        session.wrong("picture_of_a_batch")

    async def work() -> bool:
        async with open_service(session) as answerer:
            filters = await resolve_filters(
                answerer,
                source=source,
                shelf=shelf,
                speaker=speaker,
                lens=lens,
                band=band,
                since=since,
                until=until,
            )
            if batch is not None:
                rows = read_rows(batch, ("id", "query"))
                with ProgressBars(session.err, is_shown=not session.out.is_terminal) as bars:
                    bars.stage("ask", len(rows))
                    for row in rows:
                        answer = await answerer.find(str(row["query"]), n_passages=passages, filters=filters)
                        session.print_json(json_models.found(answer, row["id"]))
                        bars.advance(1)
                return True
            answer = await answerer.find(question, n_passages=passages, filters=filters)
            if as_json:
                session.print_json(json_models.found(answer))
            else:
                printed_answers.print_found(
                    session,
                    answer,
                    answerer.axis,
                    is_limited=bool(filters),
                    is_of_speaker=filters.speaker is not None,
                )
            if picture is not None:
                language = session.language(answerer.axis)
                png = draw_found(answer, language)
                save_picture(session, picture, png, found_alt(answer, language), quietly=as_json)
            return answer.is_match

    session.finish(work())


def episode(
    context: typer.Context, name: EpisodeName, picture: Picture = None, as_json: AsJson = False
) -> None:
    """Show an episode's whole profile."""
    session = session_of(context)

    async def work() -> None:
        async with open_service(session) as answerer:
            card = await answerer.episode(name)
            if as_json:
                session.print_json(json_models.card(card))
            else:
                printed_answers.print_card(session, card, answerer.axis)
            if picture is not None:
                language = session.language(answerer.axis)
                alt = card_alt(card.episode, card.slices, language)
                png = draw_card(card.episode, card.slices, language)
                save_picture(session, picture, png, alt, quietly=as_json)

    session.finish(work())


def read(  # noqa: PLR0917 - a command's options
    context: typer.Context,
    name: EpisodeName,
    moment: Annotated[
        str | None, typer.Argument(metavar="MOMENT", help="A time, such as 12:34, or seconds.")
    ] = None,
    slice_: Annotated[
        int | None,
        typer.Option("--slice", min=0, help="A slice's number, counted from 0, in place of a time."),
    ] = None,
    around: Annotated[int, typer.Option(min=0, max=100, help="Slices before and after it.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Read what is said around a moment of an episode; without one, how it begins."""
    session = session_of(context)
    at_s = None if moment is None else seconds_of(moment)
    if moment is not None and (at_s is None or slice_ is not None):
        session.wrong("no_moment")

    async def work() -> None:
        async with open_service(session) as answerer:
            stretch = await answerer.read(name, at_s=at_s, ordinal=slice_, around=around)
            if as_json:
                session.print_json(json_models.words(stretch))
            else:
                printed_answers.print_words(session, stretch, answerer.axis)

    session.finish(work())


def related(
    context: typer.Context,
    name: EpisodeName,
    count: Annotated[int, typer.Option("-n", min=1, max=50, help="Episodes at most.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Show episodes on the same topic, with their trails."""
    session = session_of(context)

    async def work() -> bool:
        async with open_service(session) as answerer:
            related_to, others = await answerer.related(name, limit=count)
            if as_json:
                session.print_json(json_models.related(related_to, others))
            else:
                printed_answers.print_related(session, related_to, others, answerer.axis)
            return bool(others)

    session.finish(work())


def counterbalance(
    context: typer.Context,
    name: EpisodeName,
    count: Annotated[int, typer.Option("-n", min=1, max=20, help="Picks at most.")] = 3,
    picture: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Show who seems to answer it from the other side, with a passage of each; else what is near on its topics."""
    session = session_of(context)

    async def work() -> bool:
        async with open_service(session) as answerer:
            answer = await answerer.counterbalance(name, n_picks=count)
            if as_json:
                session.print_json(json_models.counterbalance(answer))
            else:
                printed_answers.print_counterbalance(session, answer, answerer.axis)
            if picture is not None:
                language = session.language(answerer.axis)
                png = draw_balance(answer, language)
                save_picture(session, picture, png, balance_alt(answer, language), quietly=as_json)
            return bool(answer.picks)

    session.finish(work())


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
    """Say where a text that is in no library stands."""
    session = session_of(context)
    if (file is None) == (batch is None):
        session.wrong("no_text")

    async def work() -> None:
        rows = read_rows(batch, ("id", "text")) if batch is not None else []
        text = _text_of(session, file) if file is not None else ""
        async with open_service(session) as answerer:
            if batch is not None:
                with ProgressBars(session.err, "read"):
                    scored = await answerer.score([str(row["text"]) for row in rows])
                for row, score in zip(rows, scored, strict=True):
                    session.print_json(json_models.scored(score, row["id"]))
                return
            score = (await answerer.score([text]))[0]
            if as_json:
                session.print_json(json_models.scored(score))
            else:
                printed_answers.print_scored(session, score, answerer.axis)

    session.finish(work())


def _text_of(session: Session, file: str) -> str:
    """Read the text of a file, or of standard input.

    Raises:
        TranscriptRejected: it cannot be read, is too large or no text.
    """
    is_typed = file == "-"
    try:
        data = sys.stdin.buffer.read() if is_typed else read_file(Path(file))
    except TranscriptRejected as error:
        session.fail(with_path(error, Path(file)))
    text = decoded(data, file="standard input" if is_typed else file)
    if not text.strip():
        session.wrong("text_empty", file="standard input" if is_typed else file)
    return text


def map_library(
    context: typer.Context,
    source: Annotated[str | None, typer.Option(help="Only this show.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only episodes that talk of this.")] = None,
    picture: Picture = None,
    as_json: AsJson = False,
) -> None:
    """Show where the library stands on each subject, and on which side nobody does."""
    session = session_of(context)

    async def work() -> bool:
        async with open_service(session) as answerer:
            limit = await resolve_source(answerer, source, None)
            coverage = await answerer.coverage(source=limit, topic=topic)
            if as_json:
                session.print_json(json_models.coverage(coverage))
            else:
                printed_answers.print_map(session, coverage, answerer.axis)
            if picture is not None and coverage.subjects:
                language = session.language(answerer.axis)
                png = draw_map(coverage, language)
                save_picture(session, picture, png, map_alt(coverage, language), quietly=as_json)
            return bool(coverage.subjects)

    session.finish(work())
