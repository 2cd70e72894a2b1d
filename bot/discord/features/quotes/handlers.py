"""The buttons and the select that show a picture of a quote, or of a pair of quotes."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from typing import Any

import discord
from discord import ui

from bot.app.input_validation import QuestionRefused
from bot.app.quotes import Quoted, pair_in, quoted_in
from bot.discord.features.quotes.rendering import quotes_answer
from bot.discord.pipeline import Request, Where, answer
from bot.discord.ui.components import ChoiceUnknown, PersistentComponent, QuoteAction, QuoteChoice
from bot.discord.ui.parts import Answer, Picture
from bot.render.png.quote_card import Quote


class QuoteGone(QuestionRefused):
    """The edition has no such words in that episode any more. No fields."""

    code = "quote_gone"


class PairGone(QuestionRefused):
    """The two passages are no pick of the edition any more. No fields."""

    code = "pair_gone"


async def quote(request: Request, action: QuoteAction) -> Answer:
    """Answer with a picture of the words that ``action`` names.

    Raises:
        EpisodeUnknown: the library no longer has the episode.
        QuoteGone: the words are not in it any more.
    """
    card = await request.context.answerer.episode(action.slug, exactly=True)
    quoted = await asyncio.to_thread(quoted_in, card, action.ordinal or 0, action.key)
    if quoted is None:
        raise QuoteGone
    picture = await _picture(request, card.edition, [quoted], (action.slug, action.key))
    return quotes_answer(request.language, [quoted], action, is_public=request.is_public, picture=picture)


async def pair(request: Request, action: QuoteAction) -> Answer:
    """Answer with a picture of the two passages of a pick.

    Raises:
        EpisodeUnknown: the library no longer has the episode.
        PairGone: the two do not answer each other any more.
    """
    found = await request.context.answerer.counterbalance(action.slug, exactly=True)
    known = pair_in(found, action.key)
    if known is None:
        raise PairGone
    quotes, question = known
    picture = await _picture(request, found.edition, quotes, (action.slug, action.key, "pair"))
    return quotes_answer(
        request.language, quotes, action, is_public=request.is_public, picture=picture, question=question
    )


class QuoteButton(
    PersistentComponent[ui.Button[Any], QuoteAction], template=QuoteAction.QUOTE, parse=QuoteAction.parse
):
    """A button that shows a picture of a quote."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Show it."""
        await answer(interaction, lambda request: quote(request, self.action), where=_where(self.action))


class PairButton(
    PersistentComponent[ui.Button[Any], QuoteAction], template=QuoteAction.PAIR, parse=QuoteAction.parse
):
    """A button that shows a picture of two quotes that answer each other."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Show it."""
        await answer(interaction, lambda request: pair(request, self.action), where=_where(self.action))


class QuoteSelect(
    PersistentComponent[ui.Select[Any], QuoteChoice], template=QuoteChoice.PATTERN, parse=QuoteChoice.parse
):
    """A select under what was found: a picture of the quote that is chosen."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Show it."""

        async def handler(request: Request) -> Answer:
            chosen = QuoteChoice.VALUE.fullmatch(self.chosen)
            if chosen is None:
                raise ChoiceUnknown(received=self.chosen)
            return await quote(request, QuoteAction(chosen["slug"], int(chosen["ordinal"]), chosen["key"]))

        await answer(interaction, handler, where="private")


COMPONENTS = (QuoteButton, PairButton, QuoteSelect)
"""Every kind of component about pictures of quotes."""


async def _picture(
    request: Request, edition: str, quotes: Sequence[Quoted], about: Hashable
) -> Picture | None:
    first = quotes[0].excerpt
    drawn = [Quote.of(quoted.episode, quoted.record, quoted.excerpt) for quoted in quotes]
    return await request.context.pictures.quotes(
        request.language, edition, drawn, first.read or first.link, about
    )


def _where(action: QuoteAction) -> Where:
    return "public" if action.verb == "share" else "private"
