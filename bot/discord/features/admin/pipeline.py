"""The way of everything that moderators do: acknowledged for their eyes only, checked, done, told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from bot.app.community import CommunityDatabase
from bot.discord.interaction import Interaction
from bot.discord.language import Speech
from bot.discord.pipeline import speech_of
from bot.discord.rendering.parts import Answer

Check = Callable[[Interaction, CommunityDatabase], Awaitable[None]]
Do = Callable[[Speech], Awaitable[Answer | None]]


async def act(
    interaction: Interaction, check: Check, do: Do, *, where: Literal["new", "same"] = "new"
) -> None:
    """Do what a moderator asks. Never raises: whatever happens is told, or logged.

    Args:
        interaction: not acknowledged yet.
        check: raises for who may not.
        do: what is done, in the moderator's language; its answer is shown, None has shown it by itself.
        where: in a message of its own, or in place of the one that was pressed on.
    """
    client = interaction.client
    try:
        if where == "new":
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            await interaction.response.defer()
        await check(interaction, client.context.keeping)
        view = await do(speech_of(client.context, interaction))
        if view is not None:
            await interaction.edit_original_response(view=view)
    except Exception as error:
        # The edge of the program: one person's fault must not end anybody else's work.
        await client.reporter.tell(interaction, error)
