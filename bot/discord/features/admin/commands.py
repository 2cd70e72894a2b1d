"""The command ``/admin`` with its subcommands, and moderators' buttons and menus.

A custom_id is ``a:<verb>:<what it is about>``, or ``a:set:<setting>`` of a menu. Whoever presses is checked again.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands, ui

from bot.discord.admin_access import act, check_manager, check_moderator, check_owner
from bot.discord.command_declaration import (
    AnyCommand,
    Choices,
    Command,
    command,
    episode_choice,
    episode_choices,
    known_source_choices,
    localized,
    source_choices,
)
from bot.discord.context import Context, Interaction
from bot.discord.features.admin import actions
from bot.discord.features.admin.rendering import AdminAction
from bot.discord.features.admin.status import SETTING_PATTERN, Setting, setting_of
from bot.discord.pipeline import Request
from bot.discord.ui.components import ChoiceAction, ChoiceUnknown, PersistentComponent
from bot.discord.ui.limits import MAX_CHOICES
from bot.discord.ui.parts import Answer
from bot.i18n.message_catalogue import MessageCatalogue

_FOLDER_WITHIN_S = 0.8
"""So long the library's folder may take while somebody types."""

_log = logging.getLogger(__name__)


def group(context: Context, *, more: Sequence[Command] = ()) -> AnyCommand:
    """Return ``/admin``. Discord hides it from who may not manage the server, unless its owner decides otherwise.

    Args:
        context: the parts of the bot.
        more: further subcommands.
    """
    catalogue = context.catalogue
    admin = app_commands.Group(
        name=localized(catalogue, "command.admin.name"),
        description=localized(catalogue, "command.admin.description"),
        default_permissions=discord.Permissions(manage_guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
    )
    for item in (*_library_commands(catalogue), *more, *_server_commands(catalogue)):
        admin.add_command(item)
    return admin


def _library_commands(catalogue: MessageCatalogue) -> Sequence[Command]:
    @app_commands.autocomplete(source=known_source_choices)
    async def add(
        interaction: Interaction,
        file: discord.Attachment | None = None,
        link: str | None = None,
        title: str | None = None,
        source: str | None = None,
    ) -> None:
        await act(
            interaction,
            check_moderator,
            lambda request: actions.understand(request, file, link, title=title, source=source),
        )

    @app_commands.autocomplete(episode=removable_choices)
    async def remove(interaction: Interaction, episode: str) -> None:
        await act(
            interaction,
            check_moderator,
            lambda request: actions.ask_to_remove(request, episode),
            choose="remove",
        )

    async def reindex(interaction: Interaction, full: bool = False) -> None:
        await act(
            interaction, check_moderator, lambda request: actions.reindex(request, interaction, is_full=full)
        )

    async def status(interaction: Interaction) -> None:
        await act(interaction, check_moderator, lambda request: actions.status(request, interaction))

    return (
        command(catalogue, "admin.add", add, ("file", "link", "title", "source")),
        command(catalogue, "admin.remove", remove, ("episode",)),
        command(catalogue, "admin.reindex", reindex, ("full",)),
        command(catalogue, "admin.status", status, ()),
    )


async def removable_choices(interaction: Interaction, typed: str) -> Choices:
    """Return episodes that ``typed`` may become: first those just added, which no index has yet; none already removed.

    Those just added are read from the library's folder, and offered to moderators alone.
    """
    offered, (new, removed) = await asyncio.gather(
        episode_choices(interaction, typed), _changed(interaction, typed)
    )
    return [*new, *(choice for choice in offered if choice.value not in removed)][:MAX_CHOICES]


async def _changed(interaction: Interaction, typed: str) -> tuple[Choices, set[str]]:
    """Return the episodes just added that ``typed`` may become, and the slugs of those just removed, for moderators."""
    try:
        async with asyncio.timeout(_FOLDER_WITHIN_S):
            await check_moderator(interaction)
            added, removed = await actions.changed_since_indexing(interaction.client.context, typed)
    except Exception as error:  # the person goes on typing, and is told when the command is sent
        _log.warning("the library's folder is not offered: %r", error)
        return [], set()
    return [episode_choice(slug, about) for slug, about in added], removed


def _server_commands(catalogue: MessageCatalogue) -> Sequence[Command]:
    @app_commands.autocomplete(source=source_choices)
    async def settings(interaction: Interaction, source: str | None = None) -> None:
        await act(
            interaction,
            check_manager,
            lambda request: actions.settings(request, interaction, source=source),
        )

    async def open_server(interaction: Interaction) -> None:
        await act(
            interaction,
            check_owner,
            lambda request: actions.set_moderating(request, interaction, is_open=True),
        )

    async def close_server(interaction: Interaction) -> None:
        await act(
            interaction,
            check_owner,
            lambda request: actions.set_moderating(request, interaction, is_open=False),
        )

    return (
        command(catalogue, "admin.settings", settings, ("source",)),
        command(catalogue, "admin.open", open_server, ()),
        command(catalogue, "admin.close", close_server, ()),
    )


class AdminButton(
    PersistentComponent[ui.Button[Any], AdminAction], template=AdminAction.PATTERN, parse=AdminAction.parse
):
    """A moderator's button."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says."""
        about = self.action.about

        async def do(request: Request) -> Answer | None:
            match self.action.verb:
                case "write":
                    return await actions.write(request, about)
                case "drop":
                    return await actions.drop(request, about)
                case "remove":
                    return await actions.remove(request, about)
                case "keep":
                    return await actions.keep(request, about)
                case "reindex":
                    await actions.reindex(request, interaction, is_full=False)
                    return None
                case "stop":
                    return await actions.stop(request, interaction, about)

        await act(interaction, check_moderator, do, where="same")


class RemoveChoice(
    PersistentComponent[ui.Select[Any], ChoiceAction],
    template=ChoiceAction.pattern("remove"),
    parse=ChoiceAction.parse,
):
    """A select of episodes that a name may mean; the one that is chosen is asked about before it is removed."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Ask."""
        await act(
            interaction,
            check_moderator,
            lambda request: actions.ask_to_remove(request, self.chosen, exactly=True),
        )


class SettingMenu(PersistentComponent[ui.Select[Any], Setting], template=SETTING_PATTERN, parse=setting_of):
    """A menu of the settings."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Set what was chosen."""
        setting, values = self.action, list(self.item.values)

        async def do(request: Request) -> Answer | None:
            match setting:
                case "source":
                    return await actions.settings(request, interaction, source=self.chosen)
                case "roles":
                    return await actions.set_roles(request, interaction, _numbers(values))
                case "channels":
                    return await actions.set_channels(request, interaction, _numbers(values))

        await act(interaction, check_manager, do, where="same")


COMPONENTS = (AdminButton, RemoveChoice, SettingMenu)
"""Every kind of component that moderators meet."""

_NUMBER = re.compile(r"[0-9]{1,20}", re.ASCII)


def _numbers(values: Sequence[object]) -> list[int]:
    """Return the ids of what was chosen.

    Raises:
        ChoiceUnknown: a value is no id.
    """
    numbers = [str(getattr(value, "id", value)) for value in values]
    for number in numbers:
        if _NUMBER.fullmatch(number) is None:
            raise ChoiceUnknown(received=number)
    return [int(number) for number in numbers]
