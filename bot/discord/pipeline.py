"""The way of every answer: counted, acknowledged, asked through the door, shown; or the reason why not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import discord

from bot.discord.context import Context
from bot.discord.interaction import Interaction
from bot.discord.language import Speech
from bot.discord.rendering.parts import Answer
from bot.discord.sending import send
from scoring.errors import CodedError

Where = Literal["here", "public", "private", "same"]
"""``here``: seen by the asker, or by all where the server chose so; ``same``: in place of the message pressed on."""

Make = Callable[[Speech, bool], Awaitable[Answer]]

_SETTINGS_WITHIN_S = 0.25


class MayNotShare(CodedError):
    """Somebody who may not write in a channel wants an answer shown in it. No fields."""

    code = "may_not_share"


async def answer(interaction: Interaction, make: Make, *, where: Where = "here") -> None:
    """Answer ``interaction`` with what ``make`` makes. Never raises: whatever happens is told, or logged.

    Args:
        interaction: not acknowledged yet.
        make: called behind the door, with the language to speak and whether everybody will see the answer.
        where: who sees it, and in which message.
    """
    client = interaction.client
    try:
        client.pace.take(interaction.user.id)
        if where == "public" and not _may_write(interaction):
            raise MayNotShare
        is_public = await _acknowledge(interaction, where)
        speech = speech_of(client.context, interaction, is_public=is_public)
        view = await client.context.door.ask(lambda: make(speech, is_public))
        await send(interaction, view, is_new=where != "same")
    except Exception as error:
        # The edge of the program: one person's question must not end anybody else's.
        await client.reporter.tell(interaction, error)


def speech_of(context: Context, interaction: Interaction, *, is_public: bool = False) -> Speech:
    """How to speak: in the asker's language, or in the server's where all can read it."""
    locale = interaction.guild_locale if is_public and interaction.guild_locale else interaction.locale
    return Speech(context.catalogue, str(locale), context.answerer.axis)


def own_message(interaction: Interaction) -> bool:
    """Whether the message that was pressed on answers the one who presses, so that it may change under them."""
    message = interaction.message
    if message is None:
        return False
    asked = message.interaction_metadata
    return message.flags.ephemeral or (asked is not None and asked.user.id == interaction.user.id)


async def _acknowledge(interaction: Interaction, where: Where) -> bool:
    if where == "same":
        is_public = interaction.message is not None and not interaction.message.flags.ephemeral
        await interaction.response.defer()
        return is_public
    is_public = where == "public" or (where == "here" and await _is_public_channel(interaction))
    interaction.extras["is_public"] = is_public
    await interaction.response.defer(ephemeral=not is_public, thinking=True)
    return is_public


async def _is_public_channel(interaction: Interaction) -> bool:
    """Whether the server shows answers to everybody here; not worth being late for."""
    if interaction.guild_id is None:
        return False
    try:
        async with asyncio.timeout(_SETTINGS_WITHIN_S):
            settings = await interaction.client.context.keeping.server_or_default(interaction.guild_id)
    except TimeoutError:
        return False
    places = {interaction.channel_id, getattr(interaction.channel, "parent_id", None)}
    return not places.isdisjoint(settings.public_channels)


def _may_write(interaction: Interaction) -> bool:
    if interaction.guild_id is None:
        return True
    held: Any = interaction.permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    return bool(held.send_messages_in_threads if in_thread else held.send_messages)
