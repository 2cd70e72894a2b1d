"""What moderators see of votes: counts, what is criticised most, and all of them as a file of JSON lines."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.app.votes import VotedReading, line_of, totals
from bot.discord.features.admin.rendering import GREY
from bot.discord.interaction import Interaction
from bot.discord.language import Speech
from bot.discord.limits import Detail, fitted
from bot.discord.markup import linked, shown
from bot.discord.rendering.parts import Answer, panel
from bot.discord.votes import verdict_label
from bot.i18n.catalogue import signed
from scoring.vote_agreement import VERDICTS, finding_of

if TYPE_CHECKING:
    from bot.discord.features.admin.context import AdminContext

FILE = "votes.jsonl"


async def votes(desk: AdminContext, speech: Speech, interaction: Interaction) -> None:
    """Show the counts, with all votes attached; without the file where Discord would not take one so large."""
    readings = await desk.context.keeping.votes.readings()
    data = await asyncio.to_thread(export, readings)
    fits = len(data) <= interaction.filesize_limit
    view = counted(speech, readings, has_file=fits)
    files = [discord.File(io.BytesIO(data), FILE)] if readings and fits else []
    await interaction.edit_original_response(view=view, attachments=files)


def export(readings: Sequence[VotedReading]) -> bytes:
    """All votes as JSON lines; see ``line_of``."""
    return "".join(json.dumps(line_of(one), ensure_ascii=False) + "\n" for one in readings).encode()


def counted(speech: Speech, readings: Sequence[VotedReading], *, has_file: bool) -> Answer:
    """The message.

    Args:
        speech: the moderator's language; counts are of the votes on its axis.
        readings: that were voted on.
        has_file: whether they are attached.
    """
    own = [one for one in readings if one.passage.axis == speech.axis.name]
    criticised = [one for one in own if finding_of(one.counts) != "fits"]
    criticised.sort(key=lambda one: one.counts.get("fits", 0) - sum(one.counts.values()))

    def build(detail: Detail) -> Answer:
        return Answer(
            panel(
                GREY,
                f"## {speech.say('admin.votes.heading')}",
                _totals(speech, own) if own else speech.say("admin.votes.none"),
                _by_band(speech, own),
                _criticised(speech, criticised, detail),
                "-# " + speech.say("admin.votes.note"),
            ),
            None
            if not readings
            else ui.File(f"attachment://{FILE}")
            if has_file
            else speech.say("admin.votes.large"),
        )

    return fitted(build)


def said_of(speech: Speech, readings: Sequence[VotedReading]) -> str:
    """Votes by verdict in a line."""
    counts = totals(readings)
    return " · ".join(f"{verdict_label(speech, one)} {counts[one]}" for one in VERDICTS)


def _totals(speech: Speech, own: Sequence[VotedReading]) -> str:
    n_passages = len({one.passage.id for one in own})
    n_votes = sum(totals(own).values())
    return f"{speech.count('admin.votes.total', n_votes, passages=n_passages)}\n{said_of(speech, own)}"


def _by_band(speech: Speech, own: Sequence[VotedReading]) -> str | None:
    lines = [
        f"- {speech.say('admin.votes.band', band=speech.band(band))} {said_of(speech, there)}"
        for band in speech.axis.bands
        if (there := [one for one in own if one.shown.band == band])
    ]
    return "\n".join(lines) or None


def _criticised(speech: Speech, criticised: Sequence[VotedReading], detail: Detail) -> str | None:
    if not criticised:
        return None
    lines = [f"### {speech.say('admin.votes.criticised')}"]
    for one in criticised[: detail.items]:
        passage = one.passage
        when = ""
        if passage.start_s is not None:
            clock = speech.say("passage.clock", second=passage.start_s)
            when = " · " + linked(clock, passage.link, longest=detail.link)
        lines.append(
            f"- {shown(passage.title, detail.name)}{when} · **{signed(one.shown.position)}**\n"
            f"-# {said_of(speech, [one])}"
        )
    return "\n".join(lines)
