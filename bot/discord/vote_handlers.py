"""What a press of a vote button does: a vote is cast, replaced or taken back, and the reading shown with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.app.votes import passage_key, passage_of, shown_of
from bot.discord import answers as asking
from bot.discord.persistent import LastingItem
from bot.discord.pipeline import Make, answer
from bot.discord.rendering.parts import Answer
from bot.discord.votes import VOTE_PATTERN, VotePress, as_shown, is_of
from index.errors import EpisodeAmbiguous, EpisodeUnknown
from scoring.errors import CodedError

if TYPE_CHECKING:
    from bot.app.service import EpisodeCard
    from bot.discord.context import Context
    from bot.discord.language import Speech


class VoteRefused(CodedError):
    """Base of why a vote is not counted."""

    code = "vote"


class PassageGone(VoteRefused):
    """The edition has no slice of these words in that episode any more. No fields."""

    code = "passage_gone"


class ReadingMoved(VoteRefused):
    """The passage is read elsewhere than the voter was shown. Fields: ``shown``, ``now``."""

    code = "reading_moved"


class VoteButton(LastingItem[ui.Button[Any], VotePress], template=VOTE_PATTERN, read=VotePress.of):
    """One of the three buttons under a reading."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Count it; whose message it is sees what became of it, in their own message."""
        message = interaction.message
        is_own = message is not None and message.flags.ephemeral
        make = pressed(interaction.client.context, interaction.user.id, self.press)
        await answer(interaction, make, where="same" if is_own else "private")


def pressed(context: Context, person: int, press: VotePress) -> Make:
    """Cast the vote that ``press`` says; where the person had said the same of the same reading, take it back.

    The answer raises ``PassageGone`` and ``ReadingMoved``: a vote is on what was shown, so what can no longer be shown
    cannot be voted on. Taking back always works.
    """

    async def make(speech: Speech, is_public: bool) -> Answer:
        box, axis = context.keeping.votes, context.answerer.axis.name
        own = await box.own(person, press.slug, press.key)
        takes_back = own is not None and own.verdict == press.verdict and is_of(own, press.position)
        if takes_back:
            await box.take_back(person, press.slug, press.key)
        card, scorer = await _card(context, press.slug)
        ordinal = _place(card, axis, press.key)
        if card is None or ordinal is None:
            if takes_back:
                return Answer(speech.say("vote.taken_back"))
            raise PassageGone
        record = card.slices[ordinal]
        if not takes_back:
            if as_shown(record.reading.position) != press.position:
                raise ReadingMoved(shown=press.position, now=record.reading.position)
            passage = passage_of(axis, card.episode, record)
            await box.cast(person, passage, shown_of(record, scorer), press.verdict)
        return await asking.reading(context, press.slug, ordinal, voter=person)(speech, is_public)

    return make


async def _card(context: Context, slug: str) -> tuple[EpisodeCard | None, str]:
    """The episode ``slug`` and the version of the scorer that read it, both of one edition; None where it is gone."""
    while True:
        facts = await context.answerer.facts()
        try:
            card = await context.answerer.episode(slug)
        except (EpisodeUnknown, EpisodeAmbiguous):
            return None, facts.scoring_version
        if (await context.answerer.facts()).edition == facts.edition:
            return card if card.episode.slug == slug else None, facts.scoring_version


def _place(card: EpisodeCard | None, axis: str, key: str) -> int | None:
    """The ordinal of the slice that ``key`` names; the first of those with the same words."""
    if card is None:
        return None
    return next(
        (place for place, one in enumerate(card.slices) if passage_key(axis, one.piece.text) == key), None
    )


VOTE_ITEMS = (VoteButton,)
"""Every kind of button about votes."""
