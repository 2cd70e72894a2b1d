"""Buttons and selects that lead to a reading, the three that vote on it, and ``/admin votes``."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.app.community import CommunityUnavailable
from bot.app.community.vote_tables import OwnVote
from bot.app.input_validation import QuestionRefused
from bot.app.service import EpisodeCard
from bot.app.votes import passage_key, passage_of, shown_of
from bot.discord.admin_access import act, check_moderator
from bot.discord.command_declaration import Command, command
from bot.discord.context import Context, Interaction
from bot.discord.features.votes.overview import export, overview_answer
from bot.discord.features.votes.rendering import VoteAction, VoteDone, as_shown, reading_answer
from bot.discord.pipeline import Request, answer, is_own_message
from bot.discord.ui.components import SLUG, ChoiceUnknown, PersistentComponent, ReadingAction
from bot.discord.ui.parts import Answer
from index.errors import EpisodeUnknown
from index.evaluation.vote_agreement import VoteVerdict
from scoring.errors import CodedError, typed_fields


@typed_fields
class SliceUnknown(QuestionRefused):
    """The slice of a button is no longer there: the episode was indexed anew. ``received`` is its number, 1-based."""

    code = "slice_unknown"
    received: int
    n_slices: int


class VoteRefused(CodedError):
    """Base of why a vote is not counted."""

    code = "vote"


class PassageGone(VoteRefused):
    """The edition has no slice of these words in that episode any more. No fields."""

    code = "passage_gone"


@typed_fields
class ReadingMoved(VoteRefused):
    """The passage's position is no longer the one that the voter was shown."""

    code = "reading_moved"
    shown: int
    now: float


async def reading(request: Request, slug: str, ordinal: int) -> Answer:
    """Answer with one slice of an episode: its reading, its drivers, and the asker's own vote.

    Raises:
        EpisodeUnknown: the library no longer has the episode.
        SliceUnknown: it has fewer slices by now.
    """
    return await _reading(request, await request.context.answerer.episode(slug, exactly=True), ordinal)


async def vote(request: Request, action: VoteAction) -> Answer:
    """Cast a vote, or take it back where the same person had said the same of the same reading.

    Raises:
        PassageGone, ReadingMoved: a vote is on what was shown, so what can no longer be shown cannot be voted on.
            Taking back always works.
    """
    votes, axis = request.context.community.votes, request.language.axis.name
    earlier = await votes.own(request.person, action.slug, action.key)
    takes_back = _verdict_at(earlier, action.position) == action.verdict
    if takes_back:
        await votes.take_back(request.person, action.slug, action.key)
    card = await _card(request, action.slug)
    ordinal = None if card is None else _ordinal_of(card, axis, action.key)
    if card is None or ordinal is None:
        if takes_back:
            return Answer(request.language.say("vote.taken_back_of_gone"))
        raise PassageGone
    if not takes_back:
        record = card.slices[ordinal]
        if as_shown(record.reading.position) != action.position:
            raise ReadingMoved(shown=action.position, now=record.reading.position)
        passage = passage_of(axis, card.episode, record)
        await votes.cast(request.person, passage, shown_of(record, card.scoring_version), action.verdict)
    done: VoteDone = "taken_back" if takes_back else "counted" if earlier is None else "replaced"
    return await _reading(request, card, ordinal, done)


class ReadingButton(
    PersistentComponent[ui.Button[Any], ReadingAction], template=ReadingAction.TURN, parse=ReadingAction.parse
):
    """A button that leads to the reading of a slice: in place in the presser's own message."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Show the slice."""
        await answer(
            interaction,
            lambda request: reading(request, self.action.slug, self.action.ordinal),
            where="same" if is_own_message(interaction) else "private",
        )


_PLACE = re.compile(rf"(?:{SLUG}:)?(?P<ordinal>\d+)", re.ASCII)


class PlaceSelect(
    PersistentComponent[ui.Select[Any], ReadingAction],
    template=ReadingAction.SELECT,
    parse=ReadingAction.parse,
):
    """A select of an episode's places: on its card it opens a reading, on a reading it moves to another.

    Under what was found its places may be in several episodes; each value then names its own.
    """

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Show the slice that was chosen."""

        async def handler(request: Request) -> Answer:
            chosen = _PLACE.fullmatch(self.chosen)
            if chosen is None:
                raise ChoiceUnknown(received=self.chosen)
            return await reading(request, chosen["slug"] or self.action.slug, int(chosen["ordinal"]))

        is_here = self.action.verb == "pick" and is_own_message(interaction)
        await answer(interaction, handler, where="same" if is_here else "private")


class VoteButton(
    PersistentComponent[ui.Button[Any], VoteAction], template=VoteAction.PATTERN, parse=VoteAction.parse
):
    """One of the three buttons under a reading."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Count the vote, and show the reading with it: in place in the voter's own message."""
        message = interaction.message
        is_own = message is not None and message.flags.ephemeral
        await answer(
            interaction, lambda request: vote(request, self.action), where="same" if is_own else "private"
        )


COMPONENTS = (ReadingButton, PlaceSelect, VoteButton)
"""Every kind of component about readings and votes."""


def moderator_commands(context: Context) -> Sequence[Command]:
    """Return the subcommand ``/admin votes``."""

    async def votes_typed(interaction: Interaction) -> None:
        await act(interaction, check_moderator, lambda request: overview(request, interaction.filesize_limit))

    return [command(context.catalogue, "admin.votes", votes_typed, ())]


async def overview(request: Request, max_bytes: int) -> Answer:
    """Answer with all votes counted; the file of them is left out if Discord takes none as large as that."""
    readings = await request.context.community.votes.readings()
    data = await asyncio.to_thread(export, readings)
    return overview_answer(request.language, readings, data if len(data) <= max_bytes else None)


async def _reading(request: Request, card: EpisodeCard, ordinal: int, done: VoteDone | None = None) -> Answer:
    if ordinal >= len(card.slices):
        raise SliceUnknown(received=ordinal + 1, n_slices=len(card.slices))
    record, slug = card.slices[ordinal], card.episode.slug
    key = passage_key(request.language.axis.name, record.piece.text)
    try:
        own = await _own_verdict(request, slug, key, as_shown(record.reading.position))
    except CommunityUnavailable:
        own = None  # a reading is shown all the same
    return reading_answer(request.language, card, ordinal, own, done)


async def _own_verdict(request: Request, slug: str, key: str, position: int) -> VoteVerdict | None:
    """Return the asker's verdict on a passage; None if they cast none, or cast it on another position.

    Raises:
        CommunityUnavailable: the database cannot be read.
    """
    return _verdict_at(await request.context.community.votes.own(request.person, slug, key), position)


def _verdict_at(own: OwnVote | None, position: int) -> VoteVerdict | None:
    return own.verdict if own is not None and as_shown(own.position) == position else None


async def _card(request: Request, slug: str) -> EpisodeCard | None:
    """Return the episode of a slug with its slices; None where it is gone."""
    try:
        return await request.context.answerer.episode(slug, exactly=True)
    except EpisodeUnknown:
        return None


def _ordinal_of(card: EpisodeCard, axis: str, key: str) -> int | None:
    """Return the ordinal of the slice that ``key`` names; the first of those with the same words."""
    return next(
        (
            ordinal
            for ordinal, record in enumerate(card.slices)
            if passage_key(axis, record.piece.text) == key
        ),
        None,
    )
