"""The command that shows what the library covers, and which wings it lacks: map."""

from typing import Annotated

import typer

from bot.cli.ask import AsJson, answering
from bot.cli.charts import gauge, say, title, words
from bot.cli.pictures import Picture, save
from bot.cli.session import NOTHING, Session, session_of
from bot.i18n.catalogue import signed
from bot.render import json_models
from bot.render.png.alternatives import map_alt
from bot.render.png.map import draw_map
from bot.render.png.words import gaps_in_words
from index.search.coverage import Coverage
from index.storage.records import EpisodeRecord
from scoring.axis import Axis


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("map")(map_library)


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
        async with answering(session) as answerer:
            coverage = await answerer.coverage(source=source, topic=topic)
            if as_json:
                session.print_json(json_models.coverage(coverage))
            else:
                print_map(session, coverage, answerer.axis)
            if picture is not None and coverage.subjects:
                language = session.language(answerer.axis)
                png = draw_map(coverage, language)
                save(session, picture, png, map_alt(coverage, language), quietly=as_json)
            return bool(coverage.subjects)

    with session.explaining():
        if not session.run(work()):
            raise typer.Exit(NOTHING)


def print_map(session: Session, coverage: Coverage, axis: Axis) -> None:
    """Print each subject with its episodes by band, then the wings that are missing."""
    out = session.out
    if not coverage.subjects:
        say(out, "The library has no episode of that kind.")
        return
    for number, subject in enumerate(coverage.subjects):
        if number:
            out.print()
        say(
            out,
            title(subject.name or "Other subjects").append(f" · {len(subject.episodes)}", style="not bold"),
        )
        say(out, gauge(axis, subject.mean).append(f"  mean {signed(subject.mean)}"), indent=2)
        for band in axis.bands:
            own = [episode for episode in subject.episodes if episode.profile.band == band]
            told = f"{band}: {len(own) or 'nobody'}" + (f", {_named(own)}" if own else "")
            say(
                out,
                told,
                indent=2,
                hang=4,
                style="" if own or band not in axis.bands[:: len(axis.bands) - 1] else "red",
            )
    gaps = gaps_in_words(coverage, session.language(axis))
    if gaps:
        out.print()
        say(out, title("Missing voices"))
        for sentence in gaps:
            say(out, sentence, indent=2, hang=4)
    elif any(subject.name is not None for subject in coverage.subjects):
        out.print()
        say(out, words("Every subject has somebody on both sides."))


_MOST_NAMED = 3


def _named(episodes: list[EpisodeRecord]) -> str:
    shown = [
        f"{episode.about.title} ({signed(episode.profile.headline)})" for episode in episodes[:_MOST_NAMED]
    ]
    more = len(episodes) - len(shown)
    return "; ".join((*shown, *([f"and {more} more"] if more else [])))
