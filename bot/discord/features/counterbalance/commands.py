"""The commands ``/counterbalance`` and ``/related``, their buttons, and how they are answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import discord
from discord import app_commands, ui

from bot.discord.command_declaration import AnyCommand, Command, command, episode_choices, for_everybody
from bot.discord.context import Context, Interaction
from bot.discord.features.counterbalance.rendering import counterbalance_answer, related_answer
from bot.discord.pipeline import Request, answer
from bot.discord.ui.components import ChoiceAction, ChoiceView, EpisodeAction, PersistentComponent
from bot.discord.ui.parts import Answer
from index.search.episode_names import LONGEST_NAME

_PICKS, _RELATED = 3, 5


def commands(context: Context) -> Sequence[AnyCommand]:
    """Return the two commands."""
    return for_everybody([_command(context, "counterbalance", "picks"), _command(context, "related", "kin")])


async def counterbalance(request: Request, name: str, *, exactly: bool = False) -> Answer:
    """Answer with who is on the other side of the episode that ``name`` means, or ``exactly`` of that slug.

    Raises:
        EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
    """
    context = request.context
    found = await context.answerer.counterbalance(name[:LONGEST_NAME], n_picks=_PICKS, exactly=exactly)
    picture = await context.pictures.balance(request.language, found)
    return counterbalance_answer(request.language, found, is_public=request.is_public, picture=picture)


async def related(request: Request, name: str, *, exactly: bool = False) -> Answer:
    """Answer with episodes akin to the one that ``name`` means, or ``exactly`` of that slug.

    Raises:
        EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
    """
    answerer = request.context.answerer
    episode, others = await answerer.related(name[:LONGEST_NAME], limit=_RELATED, exactly=exactly)
    return related_answer(request.language, episode, others, is_public=request.is_public)


_HANDLERS: Mapping[str, Callable[..., Awaitable[Answer]]] = {
    "picks": counterbalance,
    "kin": related,
}
"""By the view that a custom_id names."""


class EpisodeButton(
    PersistentComponent[ui.Button[Any], EpisodeAction],
    template=EpisodeAction.OTHERS,
    parse=EpisodeAction.parse,
):
    """A button that opens an episode's counterbalance, or what is related to it, in a message of its own."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Answer about the episode."""
        handler, slug = _HANDLERS[self.action.view], self.action.slug
        await answer(
            interaction,
            lambda request: handler(request, slug, exactly=True),
            where="public" if self.action.verb == "share" else "private",
        )


class EpisodeChoice(
    PersistentComponent[ui.Select[Any], ChoiceAction],
    template=ChoiceAction.pattern("picks", "kin"),
    parse=ChoiceAction.parse,
):
    """A select of episodes that a name may mean."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Answer about the episode that is chosen."""
        handler = _HANDLERS[self.action.view]
        await answer(
            interaction, lambda request: handler(request, self.chosen, exactly=True), where="private"
        )


COMPONENTS = (EpisodeButton, EpisodeChoice)
"""Every kind of component that opens one of the two."""


def _command(context: Context, name: str, view: ChoiceView) -> Command:
    handler = _HANDLERS[view]

    @app_commands.autocomplete(episode=episode_choices)
    async def episode_typed(interaction: Interaction, episode: str) -> None:
        await answer(interaction, lambda request: handler(request, episode), choose=view)

    return command(context.catalogue, name, episode_typed, ("episode",))
