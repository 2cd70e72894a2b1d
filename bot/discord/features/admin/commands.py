"""The command ``/admin`` with its subcommands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.discord.completion import episode_choices, source_choices
from bot.discord.features.admin import actions as work
from bot.discord.features.admin.context import AdminContext
from bot.discord.features.admin.moderators import check_manager, check_moderator, check_owner
from bot.discord.features.admin.pipeline import act
from bot.discord.features.admin.votes import votes as show_votes
from bot.discord.interaction import Interaction
from bot.discord.translation import named


class AdminGroup(app_commands.Group):
    """``/admin``. Discord hides it from who may not manage the server, unless its owner decides otherwise."""

    def __init__(self, desk: AdminContext) -> None:
        catalogue = desk.context.catalogue
        super().__init__(
            name=named(catalogue, "command.admin.name"),
            description=named(catalogue, "command.admin.description"),
            default_permissions=discord.Permissions(manage_guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=False, private_channel=False
            ),
        )
        self.desk = desk
        for command in (
            self._add(),
            self._remove(),
            self._reindex(),
            self._status(),
            self._votes(),
            self._settings(),
            self._open(),
            self._close(),
        ):
            self.add_command(command)

    def _add(self) -> app_commands.Command[Any, ..., Any]:
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
                lambda speech: work.understand(self.desk, speech, file, link, title=title, source=source),
            )

        return self._subcommand("add", add, ("file", "link", "title", "source"))

    def _remove(self) -> app_commands.Command[Any, ..., Any]:
        @app_commands.autocomplete(episode=episode_choices)
        async def remove(interaction: Interaction, episode: str) -> None:
            await act(
                interaction, check_moderator, lambda speech: work.ask_to_remove(self.desk, speech, episode)
            )

        return self._subcommand("remove", remove, ("episode",))

    def _reindex(self) -> app_commands.Command[Any, ..., Any]:
        async def reindex(interaction: Interaction, full: bool = False) -> None:
            await act(
                interaction,
                check_moderator,
                lambda speech: work.reindex(self.desk, speech, interaction, is_full=full),
            )

        return self._subcommand("reindex", reindex, ("full",))

    def _status(self) -> app_commands.Command[Any, ..., Any]:
        async def status(interaction: Interaction) -> None:
            await act(
                interaction, check_moderator, lambda speech: work.status(self.desk, speech, interaction)
            )

        return self._subcommand("status", status, ())

    def _votes(self) -> app_commands.Command[Any, ..., Any]:
        async def votes(interaction: Interaction) -> None:
            await act(interaction, check_moderator, lambda speech: show_votes(self.desk, speech, interaction))

        return self._subcommand("votes", votes, ())

    def _settings(self) -> app_commands.Command[Any, ..., Any]:
        @app_commands.autocomplete(source=source_choices)
        async def settings(interaction: Interaction, source: str | None = None) -> None:
            await act(
                interaction,
                check_manager,
                lambda speech: work.settings(self.desk, speech, interaction, source=source),
            )

        return self._subcommand("settings", settings, ("source",))

    def _open(self) -> app_commands.Command[Any, ..., Any]:
        async def open_server(interaction: Interaction) -> None:
            await act(
                interaction,
                check_owner,
                lambda speech: work.set_moderating(self.desk, speech, interaction, is_open=True),
            )

        return self._subcommand("open", open_server, ())

    def _close(self) -> app_commands.Command[Any, ..., Any]:
        async def close_server(interaction: Interaction) -> None:
            await act(
                interaction,
                check_owner,
                lambda speech: work.set_moderating(self.desk, speech, interaction, is_open=False),
            )

        return self._subcommand("close", close_server, ())

    def _subcommand(
        self, name: str, callback: Callable[..., Any], options: Sequence[str]
    ) -> app_commands.Command[Any, ..., Any]:
        """A subcommand whose names and descriptions stand in the catalogue under ``command.admin.<name>``."""
        catalogue, key = self.desk.context.catalogue, f"command.admin.{name}"
        texts = {one: named(catalogue, f"{key}.options.{one}.description") for one in options}
        renamed = {one: named(catalogue, f"{key}.options.{one}.name") for one in options}
        callback = app_commands.rename(**renamed)(app_commands.describe(**texts)(callback))
        return app_commands.Command(
            name=named(catalogue, f"{key}.name"),
            description=named(catalogue, f"{key}.description"),
            callback=callback,
        )


def desk_of(interaction: Interaction) -> AdminContext:
    """The desk that this bot's ``/admin`` works at; a press of a button finds it here after a restart."""
    group = interaction.client.tree.get_command("admin")
    if not isinstance(group, AdminGroup):
        raise LookupError("this client has no /admin")
    return group.desk
