"""The Discord client: its composition, its commands and buttons, and when they are told to Discord."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import discord
import yarl
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discord.buttons import BUTTONS
from bot.discord.commands import member_commands
from bot.discord.context import Context
from bot.discord.interaction import AnsweringClient
from bot.discord.translation import CatalogueTranslator
from bot.discord.vote_handlers import VOTE_ITEMS

_log = logging.getLogger(__name__)

SYNCED_FILE = "commands.json"
"""Below the state folder: what was last told to Discord, so that it is told again only when it changed."""

AnyCommand = app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu


class CounterpointClient(AnsweringClient):
    """Answers interactions with the members' commands and buttons, and with more where they are given.

    Args:
        context: the parts that commands work with.
        commands: more commands than the members' own.
        items: more kinds of buttons, selects and the like that live in their custom_id.
    """

    def __init__(
        self,
        context: Context,
        *,
        commands: Sequence[AnyCommand] = (),
        items: Sequence[type[ui.DynamicItem[Any]]] = (),
        **options: Any,
    ) -> None:
        super().__init__(context, **options)
        self.tree = Tree(self)
        self._more_commands = commands
        self._more_items = items

    async def setup_hook(self) -> None:
        """Before the gateway: commands, buttons, and the languages that they speak."""
        await self.tree.set_translator(CatalogueTranslator(self.context.catalogue))
        for command in (*member_commands(self.context), *self._more_commands):
            self.tree.add_command(command)
        self.add_dynamic_items(*BUTTONS, *VOTE_ITEMS, *self._more_items)
        await self.sync()

    async def sync(self, *, even_if_unchanged: bool = False) -> bool:
        """Tell Discord which commands there are, if they changed since it was last told. True where it was told."""
        path = self.context.settings.state_folder / SYNCED_FILE
        mark = await self._commands_mark()
        if not even_if_unchanged and await asyncio.to_thread(_read, path) == mark:
            return False
        await self.tree.sync()
        await asyncio.to_thread(_write, path, mark)
        _log.info("commands synced")
        return True

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """An event that failed is logged with its name; the client goes on."""
        del args, kwargs
        _log.exception("event %s failed", event_method)

    async def _commands_mark(self) -> str:
        """What is to be told, to whom and where, as a digest."""
        translator = self.tree.translator
        commands = self.tree.get_commands()
        told = [
            await one.get_translated_payload(self.tree, translator) if translator else one.to_dict(self.tree)
            for one in sorted(commands, key=lambda one: (str(type(one)), one.name))
        ]
        whole = json.dumps([self.application_id, Route.BASE, told], sort_keys=True, default=str)
        return hashlib.sha256(whole.encode()).hexdigest()


class Tree(app_commands.CommandTree[CounterpointClient]):
    """The command tree; whatever a command lets through is told by the client's reporter."""

    async def on_error(
        self, interaction: discord.Interaction[CounterpointClient], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the person; never raises."""
        if interaction.type is discord.InteractionType.autocomplete:
            _log.warning("autocomplete failed", exc_info=error)
            return
        await interaction.client.reporter.tell(interaction, error)


def make_client(
    context: Context,
    *,
    commands: Sequence[AnyCommand] = (),
    items: Sequence[type[ui.DynamicItem[Any]]] = (),
    **options: Any,
) -> CounterpointClient:
    """The client as settings want it. discord.py keeps its addresses in classes, so they are set here, once."""
    settings = context.settings
    if settings.api_base is not None:
        Route.BASE = settings.api_base.rstrip("/")
    if settings.gateway is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway)
    return CounterpointClient(context, commands=commands, items=items, **options)


def _read(path: Path) -> str | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(found.get("mark")) if isinstance(found, dict) else None


def _write(path: Path, mark: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"mark": mark}), encoding="utf-8")
