"""The command ``/episode``, the buttons that open a card, and how a card is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands, ui

from bot.discord.command_declaration import AnyCommand, command, episode_choices, for_everybody
from bot.discord.context import Context, Interaction
from bot.discord.features.episode.rendering import card_answer
from bot.discord.pipeline import Request, answer
from bot.discord.ui.components import ChoiceAction, EpisodeAction, PersistentComponent
from bot.discord.ui.parts import Answer
from index.search.episode_names import LONGEST_NAME


def commands(context: Context) -> Sequence[AnyCommand]:
    """Return the command ``/episode``."""

    @app_commands.autocomplete(episode=episode_choices)
    async def episode_typed(interaction: Interaction, episode: str) -> None:
        await answer(interaction, lambda request: card(request, episode), choose="card")

    return for_everybody([command(context.catalogue, "episode", episode_typed, ("episode",))])


async def card(request: Request, name: str, *, exactly: bool = False, note: str | None = None) -> Answer:
    """Answer with the card of the episode that ``name`` means, and below its heading a ``note`` on why it is shown.

    A button or menu names an episode ``exactly``, by its slug.

    Raises:
        EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
    """
    context = request.context
    found = await context.answerer.episode(name[:LONGEST_NAME], exactly=exactly)
    picture = await context.pictures.card(request.language, found)
    return card_answer(
        request.language,
        found,
        prefer_editor=context.answerer.prefer_editor,
        is_public=request.is_public,
        picture=picture,
        note=note,
    )


class CardButton(
    PersistentComponent[ui.Button[Any], EpisodeAction], template=EpisodeAction.CARD, parse=EpisodeAction.parse
):
    """A button that opens an episode's card in a message of its own."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Show the card."""
        await answer(
            interaction,
            lambda request: card(request, self.action.slug, exactly=True),
            where="public" if self.action.verb == "share" else "private",
        )


class CardChoice(
    PersistentComponent[ui.Select[Any], ChoiceAction],
    template=ChoiceAction.pattern("card"),
    parse=ChoiceAction.parse,
):
    """A select of episodes that a name may mean; the card of the one that is chosen is opened."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Show the card."""
        await answer(interaction, lambda request: card(request, self.chosen, exactly=True), where="private")


COMPONENTS = (CardButton, CardChoice)
"""Every kind of component that opens a card."""
