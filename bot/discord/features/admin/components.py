"""Moderators' buttons and menus, which live in their custom_id and work after a restart."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.discord.features.admin import actions as work
from bot.discord.features.admin.commands import desk_of
from bot.discord.features.admin.custom_ids import (
    ADMIN_PATTERN,
    SETTING_PATTERN,
    AdminPress,
    Setting,
    setting_of,
)
from bot.discord.features.admin.moderators import check_manager, check_moderator
from bot.discord.features.admin.pipeline import act
from bot.discord.language import Speech
from bot.discord.persistent import LastingItem
from bot.discord.rendering.parts import Answer


class AdminButton(LastingItem[ui.Button[Any], AdminPress], template=ADMIN_PATTERN, read=AdminPress.of):
    """A moderator's button. Whoever presses is checked again."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says."""
        desk, press = desk_of(interaction), self.press

        async def do(speech: Speech) -> Answer | None:
            match press.verb:
                case "write":
                    return await work.write(desk, speech, press.about)
                case "drop":
                    return await work.drop(desk, speech, press.about)
                case "remove":
                    return await work.remove(desk, speech, press.about)
                case "keep":
                    return await work.keep(speech, press.about)
                case "reindex":
                    await work.reindex(desk, speech, interaction, is_full=False)
                    return None

        await act(interaction, check_moderator, do, where="same")


class SettingMenu(LastingItem[ui.Select[Any], Setting], template=SETTING_PATTERN, read=setting_of):
    """A menu of the settings."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Set what was chosen."""
        desk, setting, values = desk_of(interaction), self.press, list(self.item.values)

        async def do(speech: Speech) -> Answer | None:
            if setting == "source":
                return await work.set_source(desk, speech, interaction, str(values[0]) if values else "")
            numbers = [int(getattr(one, "id", one)) for one in values]
            if setting == "roles":
                return await work.set_roles(desk, speech, interaction, numbers)
            return await work.set_channels(desk, speech, interaction, numbers)

        await act(interaction, check_manager, do, where="same")


ADMIN_ITEMS = (AdminButton, SettingMenu)
"""Every kind of button and menu that moderators meet."""
