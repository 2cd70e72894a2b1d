"""What commands and buttons are handed: Discord's interaction, at a client that holds our parts."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, TypeAlias

import aiohttp
import discord
from discord import app_commands

from bot.app.limiter import RateLimiter
from bot.discord.context import Context
from bot.discord.errors import Reporter

OWNERS_KNOWN_FOR_S = 600.0
"""So long the answer to who owns the application is trusted."""

_OWNERS_WITHIN_S = 5.0
_RUNS_THE_BOT = (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)

_log = logging.getLogger(__name__)


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
        self._owners: frozenset[int] = frozenset()
        self._owners_asked_at_s = float("-inf")

    async def is_owner(self, person: int) -> bool:
        """Return True for the owner of the Discord application, or whoever administers or develops it in its team."""
        if time.monotonic() - self._owners_asked_at_s > OWNERS_KNOWN_FOR_S:
            self._owners_asked_at_s = time.monotonic()
            try:
                async with asyncio.timeout(_OWNERS_WITHIN_S):
                    self._owners = _owners_of(await self.application_info())
            except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
                _log.warning("who owns the application is not known anew: %s", error)
                if not self._owners and self.application is not None:
                    self._owners = _owners_of(self.application)  # as it was at the login
        return person in self._owners


def _owners_of(application: discord.AppInfo) -> frozenset[int]:
    team = application.team
    if team is None:
        return frozenset({application.owner.id})
    members = {
        member.id
        for member in team.members
        if member.role in _RUNS_THE_BOT and member.membership_state is discord.TeamMembershipState.accepted
    }
    return frozenset(members if team.owner_id is None else members | {team.owner_id})


Interaction: TypeAlias = discord.Interaction[AnsweringClient]
