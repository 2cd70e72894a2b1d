"""Moderators' buttons and menus, which live in their custom_id and work after a restart."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import ui

from bot.chat.admin import work
from bot.chat.admin.acting import act
from bot.chat.admin.commands import desk_of
from bot.chat.admin.custom_ids import ADMIN_PATTERN, SETTING_PATTERN, AdminPress
from bot.chat.admin.moderators import check_manager, check_moderator
from bot.chat.answering import Interaction
from bot.chat.rendering.parts import Answer
from bot.chat.speech import Speech


class AdminButton(ui.DynamicItem[ui.Button[Any]], template=ADMIN_PATTERN):
    """A moderator's button. Whoever presses is checked again."""

    def __init__(self, item: ui.Button[Any], press: AdminPress) -> None:
        super().__init__(item)
        self.press = press

    @classmethod
    async def from_custom_id(  # type: ignore[override]  # the item is always a button: that is what carries the id
        cls, interaction: Interaction, item: ui.Button[Any], match: re.Match[str], /
    ) -> Self:
        """The button that ``match`` describes."""
        del interaction
        return cls(item, AdminPress.of(match))

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


class SettingMenu(ui.DynamicItem[ui.Select[Any]], template=SETTING_PATTERN):
    """A menu of the settings."""

    def __init__(self, item: ui.Select[Any], setting: str) -> None:
        super().__init__(item)
        self.setting = setting

    @classmethod
    async def from_custom_id(  # type: ignore[override]  # the item is always a menu: that is what carries the id
        cls, interaction: Interaction, item: ui.Select[Any], match: re.Match[str], /
    ) -> Self:
        """The menu that ``match`` describes."""
        del interaction
        return cls(item, match["setting"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Set what was chosen."""
        desk, values = desk_of(interaction), list(self.item.values)

        async def do(speech: Speech) -> Answer | None:
            if self.setting == "source":
                return await work.set_source(desk, speech, interaction, str(values[0]) if values else "")
            numbers = [int(getattr(one, "id", one)) for one in values]
            if self.setting == "roles":
                return await work.set_roles(desk, speech, interaction, numbers)
            return await work.set_channels(desk, speech, interaction, numbers)

        await act(interaction, check_manager, do, where="same")


ADMIN_ITEMS = (AdminButton, SettingMenu)
"""Every kind of button and menu that moderators meet."""
