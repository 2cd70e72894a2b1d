"""What commands and buttons are handed: Discord's interaction, at a client that holds our parts."""

from __future__ import annotations

from typing import Any, TypeAlias

import discord
from discord import app_commands

from bot.app.limiter import RateLimiter
from bot.discord.context import Context
from bot.discord.errors import Reporter


class AnsweringClient(discord.AutoShardedClient):
    """A client that reads no messages and no members, and mentions nobody. ``client`` adds the commands.

    Attributes:
        context: the parts that commands work with.
        reporter: tells people what went wrong.
        pace: how quickly a person may ask.
        tree: the commands.
    """

    tree: app_commands.CommandTree[Any]

    def __init__(self, context: Context, **options: Any) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            **options,
        )
        self.context = context
        self.reporter = Reporter(context.catalogue)
        self.pace = RateLimiter()


Interaction: TypeAlias = discord.Interaction[AnsweringClient]
