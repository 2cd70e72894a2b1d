"""From ``/find`` and its buttons to the library and back: the command, how a question is answered, its buttons."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import discord
from discord import app_commands, ui

from bot.app.community import CommunityUnavailable
from bot.app.input_validation import (
    checked_query,
    day_limits,
    is_servers_choice,
    resolve_source,
    resolve_speaker,
)
from bot.app.service import LibraryService
from bot.discord.command_declaration import (
    AnyCommand,
    command,
    for_everybody,
    localized,
    source_choices,
    speaker_choices,
)
from bot.discord.context import Context, Interaction
from bot.discord.features.find.question import FindQuestion
from bot.discord.features.find.rendering import (
    IN_A_BAND,
    BandPassages,
    FindResult,
    balanced_answer,
    found_answer,
    numbered_by_band,
    on_page,
)
from bot.discord.pipeline import Request, Where, answer, is_own_message
from bot.discord.ui.components import FindAction, PersistentComponent
from bot.discord.ui.parts import Answer
from bot.i18n.message_catalogue import MessageCatalogue
from index.search.answers import Found, Passage
from index.search.filters import Filters
from index.search.relevance import clearly_on_subject, on_subject_within, opposite_passages
from scoring.axis import Axis
from scoring.mirror import CENTRE
from scoring.position_arithmetic import mean_position

_log = logging.getLogger(__name__)

KIND = "find"
"""Of stored questions."""

LOOKED_AT = 25
"""Passages that an answer's pages are made of."""

COUNTED = 60
"""Passages that are counted by band for a balanced answer, and looked through for the other side."""

_SIDE_FROM = 10


def commands(context: Context) -> Sequence[AnyCommand]:
    """Return the command ``/find``."""
    axis, catalogue = context.answerer.axis, context.catalogue

    @app_commands.choices(**_axis_choices(catalogue, axis))
    @app_commands.autocomplete(source=source_choices, speaker=speaker_choices)
    async def find_typed(  # noqa: PLR0917  # Discord hands every option over by its name
        interaction: Interaction,
        query: str,
        source: str | None = None,
        speaker: str | None = None,
        lens: str | None = None,
        band: str | None = None,
        balanced: bool = False,
        since: str | None = None,
        until: str | None = None,
    ) -> None:
        async def handler(request: Request) -> Answer:
            answerer = request.context.answerer
            first, last = day_limits(since, until)
            wanted = await resolve_source(answerer, source, await request.default_source())
            question = FindQuestion(
                checked_query(query),
                source=wanted,
                is_usual=is_servers_choice(source, wanted),
                speaker=await resolve_speaker(answerer, speaker),
                lens=lens,
                band=band,
                balanced=balanced,
                since=None if first is None else first.isoformat(),
                until=None if last is None else last.isoformat(),
            )
            return await find(request, question, is_typed=True)

        await answer(interaction, handler)

    options = ("query", "source", "speaker", "lens", "band", "balanced", "since", "until")
    return for_everybody([command(catalogue, "find", find_typed, options)])


async def find(request: Request, question: FindQuestion, page: int = 0, *, is_typed: bool = False) -> Answer:
    """Answer a question: its passages, those of each band side by side, or those on the other side.

    Args:
        request: who asks, and how to answer.
        question: checked.
        page: 0-based; the last one if there are fewer.
        is_typed: whether a person typed it as a question; where it finds nothing, it may be counted for moderators.

    Raises:
        EpisodeUnknown: the library no longer has the episode that the question is limited to.
    """
    key = await request.context.community.keep(KIND, question.payload())
    if question.balanced and not question.other:
        return await _balanced(request, question, key)
    if question.other:
        here = await _ask(request, question, LOOKED_AT)
        side = _side_of(here)
        if side is not None and abs(side) < CENTRE:
            return await _balanced(request, replace(question, balanced=True, band=None), key, side=side)
        result = await _other_side(request, question, key, here, side=side)
    else:
        found = await _ask(request, question, LOOKED_AT)
        if not found.passages and question.band is not None:
            elsewhere = replace(question, band=None, missed=question.band)
            wider = await _ask(request, elsewhere, LOOKED_AT)
            if wider.passages:
                question, found = elsewhere, wider
                key = await request.context.community.keep(KIND, question.payload())
        result = FindResult(question, key, found, request.is_public)
        if is_typed and not found.passages and not await _is_limited_by_asker(request, question):
            await _note_unanswered(request, question)
    page = min(page, result.n_pages - 1)
    picture = await request.context.pictures.found(request.language, on_page(result, page), (key, page))
    return found_answer(request.language, result, page, picture)


async def _is_limited_by_asker(request: Request, question: FindQuestion) -> bool:
    """Return True if anything limits a question but the server's usual source, for which nobody asked."""
    is_usual = question.source is not None and question.source == await request.default_source()
    return (replace(question, source=None) if is_usual else question).is_limited


async def _note_unanswered(request: Request, question: FindQuestion) -> None:
    """Count a question that found nothing, where the server's moderators want that; not worth failing for."""
    if request.server is None:
        return
    try:
        await request.context.community.unanswered.note(request.server, question.query)
    except CommunityUnavailable as error:
        _log.warning("a question without an answer was not counted: %s", error.problem)


async def counter(request: Request, question: FindQuestion) -> Answer:
    """Answer with what speaks to a message's claim, band by band.

    Nobody is said to oppose it: where a message of a chat stands is read too badly for that (METHODOLOGY.md has how
    badly), and a passage's position says what it fears or hopes, not whether it agrees.

    Args:
        request: who asks.
        question: for the words of the message.
    """
    return await find(request, replace(question, balanced=True, is_claim=True))


async def speaks_to(request: Request, question: FindQuestion) -> bool:
    """Return True if ``counter`` would answer with a passage."""
    return bool((await _ask(request, replace(question, is_claim=True), COUNTED)).passages)


class FindButton(
    PersistentComponent[ui.Button[Any], FindAction], template=FindAction.PATTERN, parse=FindAction.parse
):
    """A button about a stored question."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Ask the question again, as the button says."""
        action = self.action

        async def handler(request: Request) -> Answer:
            question = FindQuestion.of(await request.context.community.kept(KIND, action.key))
            if action.verb == "flip":
                return await find(request, question.flipped())
            if action.verb == "wide":
                return await find(request, question.widened())
            return await find(request, question, action.page)

        await answer(interaction, handler, where=_where(action, interaction))


COMPONENTS = (FindButton,)
"""Every kind of button about questions."""


def _where(action: FindAction, interaction: Interaction) -> Where:
    match action.verb:
        case "share":
            return "public"
        case "mine":
            return "private"
        case _:
            return "same" if is_own_message(interaction) else "private"


def _axis_choices(catalogue: MessageCatalogue, axis: Axis) -> dict[str, list[app_commands.Choice[str]]]:
    def choices(kind: str, names: Sequence[str]) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(
                name=localized(catalogue, f"{kind}.{name}") if catalogue.has(f"{kind}.{name}") else name,
                value=name,
            )
            for name in names
        ]

    return {"lens": choices("lens", axis.lenses), "band": choices("band", axis.bands)}


async def _ask(
    request: Request, question: FindQuestion, n_passages: int, *, band: str | None = None
) -> Found:
    """Return at most ``n_passages`` within the question's limits; in ``band`` instead of its own if one is given."""
    answerer: LibraryService = request.context.answerer
    axis, wanted = answerer.axis, band or question.band
    filters = Filters(
        source=question.source,
        speaker=question.speaker,
        lens=question.lens if question.lens in axis.lenses else None,
        band=wanted if wanted in axis.bands else None,
        since=None if question.since is None else date.fromisoformat(question.since),
        until=None if question.until is None else date.fromisoformat(question.until),
    )
    found = await answerer.find(
        question.query,
        n_passages=n_passages,
        filters=filters,
        episode=question.episode,
        is_claim=question.is_claim,
    )
    if question.apart is None:
        return found
    return found.only(passage for passage in found.passages if passage.episode.slug != question.apart)


async def _ask_within(
    request: Request, question: FindQuestion, n_passages: int, band: str, whole: Found
) -> Found:
    """Return what is found in ``band`` of that sentence of a long question that ``whole`` answers."""
    return await _ask(request, replace(question, query=whole.asked or question.query), n_passages, band=band)


async def _balanced(
    request: Request, question: FindQuestion, key: str, *, side: float | None = None
) -> Answer:
    """Answer with passages of every band side by side, and how many there are of each.

    ``side`` is given where the other side was asked for of passages that stand there, too close to the centre.
    """
    found = await _ask(request, question, COUNTED)
    if not question.is_claim:
        found = clearly_on_subject(found)
    groups = [
        BandPassages(band, await _in_band(request, question, band, found))
        for band in request.language.axis.bands
    ]
    counts = [
        max(len(group.passages), sum(passage.reading.band == group.band for passage in found.passages))
        for group in groups  # what was found in a band alone is not among the others
    ]
    together, numbered = numbered_by_band(found, groups)
    picture = await request.context.pictures.found(request.language, together, (key, "bands"))
    result = FindResult(question, key, found, request.is_public, countered=side)
    return balanced_answer(request.language, result, numbered, counts, picture)


async def _in_band(request: Request, question: FindQuestion, band: str, found: Found) -> tuple[Passage, ...]:
    """Return the passages to show of a band: those that are counted in it, else what is surely found in it alone.

    What is not sure there mostly shares a word and no more. Of a message's claim nothing is looked for in a band alone:
    what is nearest to it there may speak to something else.
    """
    counted = tuple(passage for passage in found.passages if passage.reading.band == band)
    if question.is_claim or counted:
        return counted if question.is_claim else counted[:IN_A_BAND]
    alone = await _ask_within(request, question, IN_A_BAND, band, found)
    return (
        clearly_on_subject(on_subject_within(alone, found), keeps_first=False).passages
        if alone.is_sure
        else ()
    )


def _side_of(here: Found) -> float | None:
    """Return the position whose other side is asked for; None where the library has nothing on the subject."""
    if not here.passages:
        return None
    return mean_position([passage.reading.position for passage in here.passages[:_SIDE_FROM]])


async def _other_side(
    request: Request, question: FindQuestion, key: str, here: Found, *, side: float | None
) -> FindResult:
    """Return passages of the opposite wing; where it is empty, what is across the spectrum at all.

    Args:
        request: who asks.
        question: for the other side.
        key: under which it is stored.
        here: what this side says.
        side: where this side stands, off the centre; None where nothing was found.
    """
    if side is None:
        return FindResult(question, key, here, request.is_public)
    axis = request.language.axis
    wing = axis.bands[0 if side > 0 else -1]
    there = on_subject_within(await _ask_within(request, question, LOOKED_AT, wing, here), here)
    opposite = opposite_passages(side, there)
    if opposite:
        return FindResult(question, key, there.only(opposite), request.is_public, countered=side)
    anywhere = replace(question, query=here.asked or question.query, band=None)
    everywhere = on_subject_within(await _ask(request, anywhere, COUNTED), here)
    leaning = opposite_passages(side, everywhere)
    return FindResult(
        question, key, everywhere.only(leaning), request.is_public, countered=side, is_clear=False
    )
