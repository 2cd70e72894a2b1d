"""Who may: checked whenever something is done, in the server, whatever Discord's own settings say."""

from __future__ import annotations

import discord

from bot.app.community import CommunityDatabase
from bot.app.moderation import Moderation
from bot.discord.features.admin.errors import (
    ModeratedElsewhere,
    ModerationClosed,
    ModerationSet,
    NotManager,
    NotModerator,
    NotOwner,
    ServerOnly,
)
from bot.discord.interaction import Interaction


async def check_moderator(interaction: Interaction, keeping: CommunityDatabase) -> None:
    """Let pass who may manage a server that moderates, who has one of its moderators' roles, and the owner anywhere.

    Raises:
        ServerOnly: asked in a private channel, or in a server that the bot is not a member of.
        ModeratedElsewhere: asked in a server that the setting ``moderated_from`` does not name.
        ModerationClosed: asked in a server that the application's owner did not open.
        NotModerator: anybody else.
    """
    guild = await _moderating_guild(interaction, keeping)
    if _may_manage(interaction):
        return
    settings = await keeping.server(guild.id)
    member = interaction.user
    if isinstance(member, discord.Member) and any(
        role.id in settings.moderator_roles and not role.is_default() for role in member.roles
    ):
        return
    if await interaction.client.is_owner(interaction.user.id):
        return
    roles = [role for number in settings.moderator_roles if (role := guild.get_role(number)) is not None]
    raise NotModerator(roles=[role.name for role in sorted(roles, reverse=True) if not role.is_default()])


async def check_manager(interaction: Interaction, keeping: CommunityDatabase) -> None:
    """Let pass who may manage a server that moderates, and the owner: who moderates is not for moderators to say.

    Raises:
        ServerOnly, ModeratedElsewhere, ModerationClosed: as for moderators; NotManager: anybody else.
    """
    await _moderating_guild(interaction, keeping)
    if not _may_manage(interaction) and not await interaction.client.is_owner(interaction.user.id):
        raise NotManager


async def check_owner(interaction: Interaction, keeping: CommunityDatabase) -> None:
    """Let pass the application's owner and team, to open and close servers.

    Raises:
        ServerOnly: as for moderators; NotOwner: anybody else; ModerationSet: the setting says which servers are open.
    """
    guild = _guild(interaction)
    if not await interaction.client.is_owner(interaction.user.id):
        raise NotOwner
    if (await moderation(interaction, keeping)).is_set:
        raise ModerationSet(server=guild.id)


async def moderation(interaction: Interaction, keeping: CommunityDatabase) -> Moderation:
    """Return which servers ``/admin`` is taken from."""
    return Moderation.of(interaction.client.context.settings, await keeping.moderating())


async def _moderating_guild(interaction: Interaction, keeping: CommunityDatabase) -> discord.Guild:
    guild, moderating = _guild(interaction), await moderation(interaction, keeping)
    if guild.id in moderating.servers:
        return guild
    if moderating.is_set:
        raise ModeratedElsewhere
    if not await interaction.client.is_owner(interaction.user.id):
        raise ModerationClosed
    return guild


def _guild(interaction: Interaction) -> discord.Guild:
    # A command that somebody installed for themself comes with a guild too, in which we have no say.
    if interaction.guild is None or not interaction.is_guild_integration():
        raise ServerOnly
    return interaction.guild


def _may_manage(interaction: Interaction) -> bool:
    held = interaction.permissions
    return held.administrator or held.manage_guild
