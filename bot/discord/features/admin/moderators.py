"""Who may: looked at when it matters, in the server, whatever Discord's own settings say."""

from __future__ import annotations

import discord

from bot.app.community import CommunityDatabase
from bot.discord.features.admin.errors import ModeratedElsewhere, NotManager, NotModerator, ServerOnly
from bot.discord.interaction import Interaction


async def check_moderator(interaction: Interaction, keeping: CommunityDatabase) -> None:
    """Let pass who may manage the server, and who has one of its moderators' roles.

    Raises:
        ServerOnly: asked in a private channel, or in a server that the bot is not a member of.
        ModeratedElsewhere: asked in a server that the setting ``moderated_from`` does not name.
        NotModerator: anybody else.
    """
    guild = _guild(interaction)
    if _may_manage(interaction):
        return
    settings = await keeping.server(guild.id)
    member = interaction.user
    if isinstance(member, discord.Member) and any(
        role.id in settings.moderator_roles and not role.is_default() for role in member.roles
    ):
        return
    roles = [role for number in settings.moderator_roles if (role := guild.get_role(number)) is not None]
    raise NotModerator(roles=[role.name for role in sorted(roles, reverse=True) if not role.is_default()])


async def check_manager(interaction: Interaction, keeping: CommunityDatabase) -> None:
    """Let pass who may manage the server: who moderates is not for moderators to say.

    Raises:
        ServerOnly, ModeratedElsewhere: as for moderators; NotManager: anybody else.
    """
    del keeping
    _guild(interaction)
    if not _may_manage(interaction):
        raise NotManager


def _guild(interaction: Interaction) -> discord.Guild:
    # A command that somebody installed for themself comes with a guild too, in which we have no say.
    if interaction.guild is None or not interaction.is_guild_integration():
        raise ServerOnly
    allowed = interaction.client.context.settings.moderated_from
    if allowed and interaction.guild.id not in allowed:
        raise ModeratedElsewhere
    return interaction.guild


def _may_manage(interaction: Interaction) -> bool:
    held = interaction.permissions
    return held.administrator or held.manage_guild
