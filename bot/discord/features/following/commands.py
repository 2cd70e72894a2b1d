"""The subcommands ``/admin follow`` and ``/admin follows``, and the menu that ends a following."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands, ui

from bot.app.community.outbox import OutMessage
from bot.app.first_look import begin_following
from bot.app.input_validation import spelled_source
from bot.discord.admin_access import act, check_moderator, missing_permissions
from bot.discord.command_declaration import Command, command, known_source_choices
from bot.discord.context import Context, Interaction
from bot.discord.features.following.rendering import (
    FollowAction,
    followed_answer,
    follows_answer,
    unfollowed_answer,
)
from bot.discord.pipeline import Request
from bot.discord.ui.components import ChoiceUnknown, PersistentComponent
from bot.discord.ui.parts import Answer
from index.library.sources import source_of

NEEDED = discord.Permissions(
    view_channel=True, send_messages=True, attach_files=True, read_message_history=True
)
"""What the bot needs in a channel to announce episodes there, each once."""


def moderator_commands(context: Context) -> Sequence[Command]:
    """Return the two subcommands."""
    catalogue = context.catalogue

    @app_commands.autocomplete(source=known_source_choices)
    async def follow_typed(
        interaction: Interaction,
        link: str,
        channel: discord.TextChannel | None = None,
        source: str | None = None,
    ) -> None:
        await act(
            interaction,
            check_moderator,
            lambda request: follow(request, link, channel=channel, source=source),
        )

    async def follows_typed(interaction: Interaction) -> None:
        await act(interaction, check_moderator, lambda request: follows(request, interaction.guild))

    return (
        command(catalogue, "admin.follow", follow_typed, ("link", "channel", "source")),
        command(catalogue, "admin.follows", follows_typed, ()),
    )


async def follow(
    request: Request, link: str, *, channel: discord.TextChannel | None, source: str | None
) -> Answer:
    """Follow what a link leads to, from now on, or announce here as well what others follow.

    What nobody follows yet is looked at first. Where it cannot be reached now, it is followed, and looked at again.

    Raises:
        NothingToFollow: the link leads to no channel, playlist, feed or repository.
        SourceError: what is there is none of them, such as a page for people.
        FollowKnown: this server follows it already, and announces it in no other channel.
    """
    kind, address = source_of(link, folders=False)
    context = request.context
    show, near = await spelled_source(context.answerer, source)
    begun = await begin_following(
        context.community.follows,
        context.sources,
        kind,
        address,
        source=show,
        server=request.server,
        channel=None if channel is None else channel.id,
    )
    context.following.set()
    missing = [] if channel is None else missing_permissions(request.language, channel, NEEDED)
    return followed_answer(
        request.language,
        begun,
        request.server,
        missing,
        is_transcribing=context.settings.transcribe != "off",
        near=near if begun.joined == "begun" else None,
    )


async def follows(request: Request, guild: discord.Guild | None) -> Answer:
    """Show what this server follows, and whoever works in the terminal, and what is wrong with it."""
    community = request.context.community
    everything, breakers = await asyncio.gather(community.follows.all(), community.follows.breakers())
    listed = [
        (entry, counts)
        for entry, counts in everything
        if entry.follower(request.server) is not None or entry.follower(None) is not None
    ]
    problems = {
        entry.id: await community.followed_episodes.problems(entry.id, limit=3) for entry, _ in listed
    }
    troubles = await community.outbox.troubles(lambda message: _is_for(guild, message))
    return follows_answer(request.language, listed, problems, breakers, troubles, server=request.server)


def _is_for(guild: discord.Guild | None, message: OutMessage) -> bool:
    """Return True for a message to a channel that a server has or, where the message says so, had."""
    if guild is None or message.goal != "channel":
        return False
    is_own = message.payload.get("server") == guild.id
    return is_own or guild.get_channel_or_thread(message.goal_id) is not None


async def unfollow(request: Request, number: int) -> Answer:
    """End this server's following of a source.

    Raises:
        FollowUnknown: this server follows nothing of that number.
    """
    context = request.context
    left, is_gone = await context.community.follows.leave(number, request.server)
    if is_gone:
        await asyncio.to_thread(context.sources.forget, left.kind, left.address)
    return unfollowed_answer(request.language, left, is_gone=is_gone)


_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)


class UnfollowMenu(
    PersistentComponent[ui.Select[Any], FollowAction],
    template=FollowAction.PATTERN,
    parse=FollowAction.parse,
):
    """A menu of followed sources; the one that is chosen is followed no longer."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """End the following."""

        async def do(request: Request) -> Answer:
            if _NUMBER.fullmatch(self.chosen) is None:
                raise ChoiceUnknown(received=self.chosen)
            return await unfollow(request, int(self.chosen))

        await act(interaction, check_moderator, do, where="same")


COMPONENTS = (UnfollowMenu,)
"""Every kind of component about followed sources."""
