"""The subcommand ``/admin missing``: questions without an answer, topics with one wing, and where a text may be had."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, Self, cast

import discord
from discord import ui

from bot.app.community.unanswered_tables import UNANSWERED_KEPT_FOR, Unanswered
from bot.discord.admin_access import act, check_moderator
from bot.discord.command_declaration import Command, command
from bot.discord.context import Context, Interaction
from bot.discord.pipeline import Request
from bot.discord.ui.components import PersistentComponent
from bot.discord.ui.limits import MAX_LABEL, Detail, cut, fitted
from bot.discord.ui.markup import link, safe
from bot.discord.ui.parts import Answer, panel, row
from bot.i18n.language import Language
from bot.render.theme import GREY
from index.library.sources import Listed
from index.search.coverage import Gap, Subject
from index.text.tokens import only_words, stems_in, terms_of
from scoring.errors import CodedError

MissingVerb = Literal["on", "off", "search"]

_MOST_SEARCHED, _MOST_LOOKED_THROUGH = 20, 5_000
_DESCRIPTION_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class MissingAction:
    """The action of a button: count questions or no longer, or look for them in followed sources."""

    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"m:(?P<verb>on|off|search)")

    verb: MissingVerb

    def __str__(self) -> str:
        return f"m:{self.verb}"

    @classmethod
    def parse(cls, match: re.Match[str]) -> Self:
        """Return the action that ``PATTERN`` matched."""
        return cls(cast(MissingVerb, match["verb"]))


def moderator_commands(context: Context) -> Sequence[Command]:
    """Return the subcommand."""

    async def missing_typed(interaction: Interaction) -> None:
        await act(interaction, check_moderator, missing)

    return [command(context.catalogue, "admin.missing", missing_typed, ())]


async def missing(request: Request) -> Answer:
    """Show the questions that found nothing, and the subjects with an empty wing."""
    tables, server = request.context.community.unanswered, request.server or 0
    try:
        subjects = (await request.context.answerer.coverage()).subjects
    except CodedError:
        subjects = ()  # nothing is indexed yet
    since = await tables.counted_since(server)
    asked = await tables.most_asked(server) if since is not None else []
    return missing_answer(request.language, asked, subjects, since=since)


async def set_counting(request: Request, *, is_on: bool) -> Answer:
    """Count questions from now on, or no longer."""
    await request.context.community.unanswered.set_on(request.server or 0, is_on=is_on)
    return await missing(request)


async def search(request: Request) -> Answer:
    """Show what followed sources list on the questions that found nothing."""
    community = request.context.community
    asked = await community.unanswered.most_asked(request.server or 0, limit=_MOST_SEARCHED)
    listed = await community.followed_episodes.not_taken_in(_MOST_LOOKED_THROUGH)
    return found_answer(request.language, await asyncio.to_thread(matching, asked, listed))


def matching(asked: Sequence[Unanswered], listed: Sequence[Listed]) -> list[tuple[Unanswered, list[Listed]]]:
    """Return the questions with the listed episodes whose title or description holds all words that are looked up.

    Questions that none may answer are left out. Thousands of episodes take seconds: not for an event loop.
    """
    wanted = [(question, frozenset(terms_of(question.words).stems)) for question in asked]
    found: dict[Unanswered, list[Listed]] = {}
    for item in listed:
        held = frozenset(stems_in(_told_of(item), with_characters=True))
        for question, needed in wanted:
            if needed and needed <= held:
                found.setdefault(question, []).append(item)
    return [(question, found[question]) for question in asked if question in found]


def _told_of(item: Listed) -> str:
    return only_words(f"{item.title} {(item.description or '')[:_DESCRIPTION_CHARS]}")


def missing_answer(
    language: Language, asked: Sequence[Unanswered], subjects: Sequence[Subject], *, since: datetime | None
) -> Answer:
    """Return what is missing, with a button to begin or end the counting; it is on since ``since``, off if None."""
    is_on = since is not None
    gaps = [(subject, gap) for subject in subjects if subject.name for gap in subject.gaps]

    def build(detail: Detail) -> Answer:
        lines = [f"- {safe(entry.words, detail.name)} · {entry.n}" for entry in asked[: 3 * detail.items]]
        if since is None:
            lines = [language.say("missing.off", days=UNANSWERED_KEPT_FOR.days)]
        elif not lines:
            counted = discord.utils.format_dt(since)
            lines = [language.say("missing.nothing", since=counted, days=UNANSWERED_KEPT_FOR.days)]
        wings = [_gap_line(language, subject, gap, detail) for subject, gap in gaps[: 2 * detail.items]]
        return Answer(
            panel(
                GREY,
                f"## {language.say('missing.heading')}",
                "\n".join(lines),
                f"### {language.say('missing.wings')}\n" + "\n".join(wings) if wings else None,
                row(
                    _button(language, "missing.stop" if is_on else "missing.begin", "off" if is_on else "on"),
                    _button(language, "missing.search", "search") if asked else None,
                ),
            )
        )

    return fitted(build)


def found_answer(language: Language, found: Sequence[tuple[Unanswered, Sequence[Listed]]]) -> Answer:
    """Return the episodes of followed sources that may answer, by question."""

    def build(detail: Detail) -> Answer:
        parts = []
        for question, listed in found[: 2 * detail.items]:
            titles = [
                "- " + link(safe(item.title, detail.name), item.url, longest=detail.link)
                for item in listed[: max(1, detail.items // 2)]
            ]
            parts.append(f"**{safe(question.words, detail.name)}**\n" + "\n".join(titles))
        return Answer(panel(GREY, *(parts or [language.say("missing.not_found")])))

    return fitted(build)


def _gap_line(language: Language, subject: Subject, gap: Gap, detail: Detail) -> str:
    return "- " + language.say(
        "missing.gap", subject=safe(subject.name or "", detail.name), band=language.band_within(gap.band)
    )


def _button(language: Language, key: str, verb: MissingVerb) -> ui.Button[Any]:
    return ui.Button(label=cut(language.say(key), MAX_LABEL), custom_id=str(MissingAction(verb)))


class MissingButton(
    PersistentComponent[ui.Button[Any], MissingAction],
    template=MissingAction.PATTERN,
    parse=MissingAction.parse,
):
    """A moderator's button under what is missing."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says."""
        verb = self.action.verb

        async def do(request: Request) -> Answer:
            if verb == "search":
                return await search(request)
            return await set_counting(request, is_on=verb == "on")

        await act(interaction, check_moderator, do, where="new" if verb == "search" else "same")


COMPONENTS = (MissingButton,)
"""Every kind of component about what is missing."""
