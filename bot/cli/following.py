"""The commands ``follow``, ``follows`` and ``unfollow``: sources that the library grows from by itself."""

import asyncio
import dataclasses
import logging
import re
from collections.abc import Sequence
from typing import Annotated

import typer

from bot.app.community import follows_in, has_community
from bot.app.community.follow_tables import Follow, FollowCounts, FollowUnknown
from bot.app.community.store import LARGEST_NUMBER
from bot.app.container import make_builder, make_sources
from bot.app.first_look import Begun, begin_following
from bot.app.followed_recordings import FollowedRecordings, make_followed_recordings
from bot.app.source_poller import Round, SourcePoller, published_slugs
from bot.cli.answer_options import AsJson
from bot.cli.charts import say, title, words
from bot.cli.session import NOTHING, ProgressBars, Session, session_of
from bot.render import json_models
from bot.render.first_look_text import first_look_text
from index.library.sources import FollowKind, Listed, source_of
from index.library.sources.local_speech import is_installed
from index.transcripts.formats.decoding import folded

_MOST_PROBLEMS = 5
_CHANNEL = re.compile(r"(?:https://(?:\w+\.)?discord\.com/channels/\d+/)?(\d{1,20})", re.ASCII)
"""A channel's id, or its link as Discord copies it."""


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("follow")(follow)
    app.command("follows")(follows)
    app.command("unfollow")(unfollow)


def follow(
    context: typer.Context,
    link: Annotated[
        str,
        typer.Argument(
            metavar="LINK",
            help="A YouTube channel or playlist, a podcast feed, a git repository, or a folder.",
        ),
    ],
    channel: Annotated[
        str | None,
        typer.Option(help="Discord channel in which new episodes are announced: its link, or its id."),
    ] = None,
    source: Annotated[str | None, typer.Option(help="The show that its episodes belong to.")] = None,
) -> None:
    """Take in what a source publishes from now on; what it has already is taken in silently."""
    session = session_of(context)
    named = None if channel is None else _CHANNEL.fullmatch(channel.strip())
    number = None if named is None else int(named[1])
    if channel is not None and (number is None or not 0 < number <= LARGEST_NUMBER):
        session.wrong("no_channel", received=channel)
    with session.explaining():
        kind, address = source_of(link, folders=True)
        with ProgressBars(session.err, "look"):
            begun = session.run(_begin(session, kind, address, number, source))
    followed = begun.follow
    if begun.joined != "begun":
        where = "" if number is None else f"; new episodes are announced in channel {number}, too"
        if begun.joined == "moved":
            where = f"; new episodes are announced in channel {number} from now on"
        say(session.out, f"{followed.address} is followed already, as number {followed.id}{where}.")
        return
    say(session.out, f"Following {followed.address} ({followed.kind}) as number {followed.id}.")
    is_transcribing = session.settings.transcribe != "off"
    for sentence in first_look_text(begun, session.catalogue.text, folded, is_transcribing=is_transcribing):
        say(session.out, sentence, indent=2, style="yellow" if followed.problem is not None else "")
    say(
        session.out,
        "A running bot begins within half a minute. Without one: counterpoint follows --look",
        style="dim",
    )


def follows(
    context: typer.Context,
    look: Annotated[
        bool,
        typer.Option("--look", help="Look at all of them now, take in what is there, and index it."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the followed sources with what came of them; --look works on them without a bot."""
    session = session_of(context)
    with session.explaining():
        done = session.run(_looked(session)) if look else None
        listed, problems, breakers = session.run(_listed(session))
    if as_json:
        for entry, counts in listed:
            session.print_json(json_models.followed(entry, counts, session.sentence))
    elif not listed:
        say(session.err, "Nothing is followed. Begin with: counterpoint follow LINK")
    else:
        for entry, counts in listed:
            _print_follow(session, entry, counts)
            for listed_episode, sentence in problems[entry.id]:
                say(session.out, f"{listed_episode.title}: {sentence}", indent=4, style="yellow")
                if listed_episode.enclosure is not None and (session.settings.speech_url or is_installed()):
                    say(session.out, f"→ counterpoint transcribe {listed_episode.enclosure}", indent=6)
        for sentence in breakers:
            say(session.out, sentence, style="yellow")
        if done is not None:
            say(session.out, _told(session, done))
    if not listed:
        raise typer.Exit(NOTHING)


def unfollow(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Its number, as counterpoint follows lists it.")],
) -> None:
    """Follow a source no longer, in no server either; what came of it stays in the library."""
    session = session_of(context)
    with session.explaining():
        gone = session.run(_removed(session, number))
        make_sources(session.settings).forget(gone.kind, gone.address)
    say(session.out, f"{gone.title or gone.address} is followed no longer.")


async def _begin(
    session: Session, kind: FollowKind, address: str, channel: int | None, source: str | None
) -> Begun:
    sources = make_sources(session.settings)
    async with follows_in(session.settings.state_folder, session.settings.community_address) as (tables, _):
        return await begin_following(
            tables, sources, kind, address, source=source, server=None, channel=channel
        )


def _followed_nothing_yet(session: Session) -> bool:
    """Return True if no source was ever followed here: opening the tables would make a library's folder."""
    return not has_community(session.settings.state_folder, session.settings.community_address)


async def _removed(session: Session, number: int) -> Follow:
    if _followed_nothing_yet(session):
        raise FollowUnknown(number=number)
    async with follows_in(session.settings.state_folder, session.settings.community_address) as (tables, _):
        return await tables.remove(number)


async def _listed(
    session: Session,
) -> tuple[list[tuple[Follow, FollowCounts]], dict[int, list[tuple[Listed, str]]], list[str]]:
    settings = session.settings
    if _followed_nothing_yet(session):
        return [], {}, []
    async with follows_in(settings.state_folder, settings.community_address) as (tables, episodes):
        listed = await tables.all()
        problems = {
            entry.id: [
                (listed_episode, session.sentence(error))
                for listed_episode, error in await episodes.problems(entry.id, _MOST_PROBLEMS)
            ]
            for entry, _ in listed
        }
        breakers = [
            f"{breaker.place} is left alone until {breaker.until:%Y-%m-%d %H:%M} UTC. "
            + session.sentence(breaker.problem)
            for breaker in await tables.breakers()
        ]
    return listed, problems, breakers


async def _looked(session: Session) -> Round:
    """Work on all sources until nothing is left to do at once."""
    settings = session.settings
    if _followed_nothing_yet(session):
        return Round()
    # A warning of this log is for the bot's; here it is said as a sentence.
    logging.getLogger(FollowedRecordings.__module__).addHandler(logging.NullHandler())
    async with follows_in(settings.state_folder, settings.community_address) as (tables, episodes):
        await tables.look_now()
        poller = SourcePoller(
            tables,
            episodes,
            make_sources(settings),
            settings.library,
            settings.state_folder,
            index=lambda: _index(session),
            slugs=lambda: published_slugs(settings.state_folder),
            pause_s=settings.fetch_pause_s,
        )
        recordings = make_followed_recordings(
            settings, episodes, began=lambda listed: _say_begun(session, listed)
        )
        whole = Round()
        while True:
            done = await poller.round()
            for slug in done.added:
                say(session.err, f"+ {slug}", style="green")
            whole = _sum(whole, done)
            if done.did_something or await episodes.to_fetch(1):
                continue
            if recordings is None or not await recordings.round():
                return whole
            if recordings.problem is not None:
                say(session.err, session.sentence(recordings.problem), style="yellow")


def _say_begun(session: Session, listed: Listed) -> None:
    say(session.err, f"Turning the recording of “{listed.title}” into text; this takes a while.", style="dim")


async def _index(session: Session) -> None:
    builder = await asyncio.to_thread(make_builder, session.settings)
    with ProgressBars(session.err, "load") as bars:
        await builder.build(bars)


def _sum(whole: Round, done: Round) -> Round:
    total = {
        field.name: getattr(whole, field.name) + getattr(done, field.name)
        for field in dataclasses.fields(Round)
    }
    return Round(**total)


def _told(session: Session, done: Round) -> str:
    added = session.catalogue.count("count.episodes", len(done.added))
    parts = [f"{added} added", f"{done.indexed} indexed"]
    if done.textless:
        parts.append(f"{done.textless} without a text")
    if done.failed:
        parts.append("1 source not reached" if done.failed == 1 else f"{done.failed} sources not reached")
    if done.messages:
        parts.append(f"{done.messages} to be announced by the bot")
    return ", ".join(parts) + "."


def _named(channels: Sequence[int]) -> str:
    return ("channel " if len(channels) == 1 else "channels ") + ", ".join(map(str, channels))


def _print_follow(session: Session, entry: Follow, counts: FollowCounts) -> None:
    say(session.out, words(f"{entry.id}", title(entry.title or entry.address).plain, entry.kind))
    at = f"{entry.looked_at:%Y-%m-%d %H:%M} UTC" if entry.looked_at else ""
    looked = {
        "not_yet": "not looked at yet",
        "read": f"looked at {at}",
        "never_read": "not read so far",
        "no_longer_read": f"last read {at}",
    }[entry.standing]
    channels = sorted({follower.channel for follower in entry.followers if follower.channel is not None})
    told = words(
        entry.address if entry.title else None,
        f"{counts.done} taken in",
        f"{counts.waiting} waiting" if counts.waiting else None,
        f"{counts.no_text + counts.failed} without a text" if counts.no_text + counts.failed else None,
        f"announced in {_named(channels)}" if channels else None,
        looked,
        style="dim",
    )
    say(session.out, told, indent=2)
    if entry.problem is not None:
        again = f" Next look at {entry.next_look_at:%Y-%m-%d %H:%M} UTC."
        say(session.out, session.sentence(entry.problem) + again, indent=2, style="red")
