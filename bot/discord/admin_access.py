"""Who may use ``/admin``: the checks before each action, and the way of every action."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

import discord

from bot.app.admin_servers import AdminServers
from bot.discord.context import Interaction
from bot.discord.pipeline import Request, asked_for, code_of, counted, report, request_of
from bot.discord.ui.components import ChoiceView
from bot.discord.ui.parts import Answer
from bot.discord.ui.sending import send
from bot.i18n.language import Language
from scoring.errors import CodedError, typed_fields

Check = Callable[[Interaction], Awaitable[None]]
"""Raises an error for people who may not."""


class AdminRefused(CodedError):
    """Base of why something was not done for a person."""

    code = "admin_refused"


class ServerOnly(AdminRefused):
    """Asked outside of a server that the bot is a member of. No fields."""

    code = "server_only"


class ModeratedElsewhere(AdminRefused):
    """Asked in a server that the setting ``moderated_from`` does not name. No fields."""

    code = "moderated_elsewhere"


class ModerationClosed(AdminRefused):
    """Asked in a server that the application's owner has not opened, by somebody else. No fields."""

    code = "moderation_closed"


@typed_fields
class ModerationSet(AdminRefused):
    """A server cannot be opened or closed by a command, since a setting names them; ``server`` is this one's id."""

    code = "moderation_set"
    server: int


class NotOwner(AdminRefused):
    """Asked by somebody who is not the application's owner, nor of its team. No fields."""

    code = "not_owner"


@typed_fields
class NotModerator(AdminRefused):
    """Asked by somebody who is no moderator here; ``roles`` are the names of the roles that would do."""

    code = "not_moderator"
    roles: list[str]


@typed_fields
class NotChannelManager(AdminRefused):
    """A channel is to be told of something by somebody who may not manage messages there, nor moderates."""

    code = "not_channel_manager"
    channel: str


class NotManager(AdminRefused):
    """Settings asked for by somebody who may not manage the server. No fields."""

    code = "not_manager"


async def act(
    interaction: Interaction,
    check: Check,
    action: Callable[[Request], Awaitable[Answer | None]],
    *,
    where: Literal["new", "same"] = "new",
    choose: ChoiceView | None = None,
) -> None:
    """Do what a moderator asks, for their eyes only. Never raises: whatever happens is told, or logged.

    Args:
        interaction: not acknowledged yet.
        check: raises for people who may not.
        action: what is done; its answer is shown, None means that it has shown one by itself.
        where: in a message of its own, or in place of the one that was pressed on.
        choose: what to open of the episode that is chosen where a name may mean several; None offers no choice.
    """
    metrics, name = interaction.client.context.metrics, asked_for(interaction)
    with counted(interaction.client.context, interaction):
        try:
            if where == "new":
                await interaction.response.defer(ephemeral=True, thinking=True)
            else:
                await interaction.response.defer()
            await check(interaction)
            message = await action(request_of(interaction))
            if message is not None:
                await send(interaction, message, is_new=where == "new")
            metrics.questions.add(name, "answered")
        except Exception as error:
            # The edge of the program: one person's fault must not end anybody else's work.
            metrics.questions.add(name, code_of(error))
            await report(interaction, error, choose)


async def check_moderator(interaction: Interaction) -> None:
    """Let pass who may manage a server that moderates, who has one of its moderators' roles, and the owner anywhere.

    Raises:
        ServerOnly: asked in a private channel, or in a server that the bot is not a member of.
        ModeratedElsewhere: asked in a server that the setting ``moderated_from`` does not name.
        ModerationClosed: asked in a server that the application's owner did not open.
        NotModerator: anybody else.
    """
    guild = await _moderating_guild(interaction)
    if _may_manage(interaction):
        return
    settings = await interaction.client.context.community.server(guild.id)
    member = interaction.user
    if isinstance(member, discord.Member) and any(
        role.id in settings.moderator_roles and not role.is_default() for role in member.roles
    ):
        return
    if await interaction.client.is_owner(interaction.user.id):
        return
    roles = [role for number in settings.moderator_roles if (role := guild.get_role(number)) is not None]
    raise NotModerator(roles=[role.name for role in sorted(roles, reverse=True) if not role.is_default()])


async def check_channel_manager(interaction: Interaction, channel: discord.abc.GuildChannel) -> None:
    """Let pass who may manage messages in a channel of the server that they ask in, and moderators.

    Raises:
        ServerOnly: asked in a private channel, or in a server that the bot is not a member of, or of another's channel.
        NotChannelManager: anybody else.
    """
    guild, member = _guild(interaction), interaction.user
    if channel.guild.id != guild.id:
        raise ServerOnly
    if isinstance(member, discord.Member) and channel.permissions_for(member).manage_messages:
        return
    try:
        await check_moderator(interaction)
    except AdminRefused as error:
        raise NotChannelManager(channel=channel.name) from error


def missing_permissions(
    language: Language, channel: discord.abc.GuildChannel, needed: discord.Permissions
) -> list[str]:
    """Return the permissions that the bot needs and lacks in ``channel``, as Discord calls them in a language."""
    held = channel.permissions_for(channel.guild.me)
    return [
        language.say(f"permission.{name}")
        for name, is_needed in needed
        if is_needed and not getattr(held, name)
    ]


async def check_manager(interaction: Interaction) -> None:
    """Let pass who may manage a server that moderates, and the owner: who moderates is not for moderators to say.

    Raises:
        ServerOnly, ModeratedElsewhere, ModerationClosed: as for moderators; NotManager: anybody else.
    """
    await _moderating_guild(interaction)
    if not _may_manage(interaction) and not await interaction.client.is_owner(interaction.user.id):
        raise NotManager


async def check_owner(interaction: Interaction) -> None:
    """Let pass the application's owner and team, to open and close servers.

    Raises:
        ServerOnly: as for moderators; NotOwner: anybody else; ModerationSet: the setting says which servers are open.
    """
    guild = _guild(interaction)
    if not await interaction.client.is_owner(interaction.user.id):
        raise NotOwner
    if (await admin_servers(interaction)).is_set:
        raise ModerationSet(server=guild.id)


async def admin_servers(interaction: Interaction) -> AdminServers:
    """Return which servers ``/admin`` is taken from."""
    context = interaction.client.context
    return AdminServers.of(context.settings, await context.community.moderating())


async def _moderating_guild(interaction: Interaction) -> discord.Guild:
    guild, allowed = _guild(interaction), await admin_servers(interaction)
    if guild.id in allowed.ids:
        return guild
    if allowed.is_set:
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
