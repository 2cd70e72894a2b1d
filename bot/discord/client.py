"""The Discord client: which features it has, when its commands are told to Discord, who owns it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import discord
import yarl
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discord.command_declaration import AnyCommand, CatalogueTranslator
from bot.discord.context import Context, ContextClient
from bot.discord.errors import UNREACHABLE
from bot.discord.features import (
    about,
    admin,
    alerts,
    counterbalance,
    episode,
    find,
    following,
    missing,
    person,
    privacy,
    quotes,
    spectrum,
    votes,
)
from bot.discord.menus import menus

SYNCED_FILE = "commands.json"
"""In the state folder: what Discord was last told, so that it is told again only when something changed."""

OWNERS_KNOWN_FOR_S = 600.0
"""So long the answer to who owns the application is trusted."""

COMPONENTS: tuple[type[ui.DynamicItem[Any]], ...] = (
    *find.COMPONENTS,
    *episode.COMPONENTS,
    *counterbalance.COMPONENTS,
    *spectrum.COMPONENTS,
    *votes.COMPONENTS,
    *quotes.COMPONENTS,
    *admin.COMPONENTS,
    *following.COMPONENTS,
    *alerts.COMPONENTS,
    *missing.COMPONENTS,
)
"""Every kind of button and select that outlives a restart."""

_BEGINS = ("READY", "RESUMED")
"""Events without which there is no session: where they cannot be read, the client ends, and is started again."""

_LONGEST_RATE_LIMIT_S = 60.0
"""Discord may make a program wait for up to a day; beyond this time the request fails, and others go on."""

_OWNERS_WITHIN_S = 5.0
_RUNS_THE_BOT = (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)

_log = logging.getLogger(__name__)


class CounterpointClient(ContextClient):
    """Answers interactions. It reads no messages and no members, and mentions nobody.

    Args:
        context: the parts that commands and components work with.
        options: of discord.py's client.
    """

    def __init__(self, context: Context, **options: Any) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=_LONGEST_RATE_LIMIT_S,
            **options,
        )
        self.context = context
        state = self._connection
        state.parsers = {event: self._contained(event, parse) for event, parse in state.parsers.items()}
        self.tree = Tree(self)
        self._owners: frozenset[int] = frozenset()
        self._owners_asked_at_s = float("-inf")
        self._asking_owners = asyncio.Lock()

    async def setup_hook(self) -> None:
        """Add commands and components before the gateway is opened, and tell Discord."""
        if self.application is not None:  # as the login has asked for it
            self._owners, self._owners_asked_at_s = _owners_of(self.application), time.monotonic()
        await self.tree.set_translator(CatalogueTranslator(self.context.catalogue))
        for item in all_commands(self.context):
            self.tree.add_command(item)
        self.add_dynamic_items(*COMPONENTS)
        try:
            await self.sync()
        except (
            discord.RateLimited
        ) as error:  # answering with the commands that Discord knows is better than waiting
            _log.warning(
                "commands are told at the next start: Discord takes none for %.0f s", error.retry_after
            )

    async def sync(self) -> bool:
        """Tell Discord which commands there are, if they changed since it was last told. Return True if it was told."""
        path = self.context.settings.state_folder / SYNCED_FILE
        digest = await self._commands_digest()
        if await asyncio.to_thread(_read_digest, path) == digest:
            return False
        await self.tree.sync()
        await asyncio.to_thread(_write_digest, path, digest)
        _log.info("commands synced")
        return True

    async def is_owner(self, person: int) -> bool:
        """Return True for the owner of the Discord application, and for who administers or develops it in its team."""
        async with self._asking_owners:
            if time.monotonic() - self._owners_asked_at_s > OWNERS_KNOWN_FOR_S:
                await self._ask_owners()
        return person in self._owners

    async def _ask_owners(self) -> None:
        """Ask Discord who owns the application; where it does not say, those stay who did."""
        try:
            async with asyncio.timeout(_OWNERS_WITHIN_S):
                self._owners = _owners_of(await self.application_info())
        except (discord.HTTPException, *UNREACHABLE) as error:
            _log.warning("who owns the application could not be asked again: %s", error)
        # Not where whoever asks stops waiting: that is no answer.
        self._owners_asked_at_s = time.monotonic()

    async def on_ready(self) -> None:
        """Enter which servers the bot is in: it may have been invited or removed while it did not run."""
        community = self.context.community
        are_all = self.context.settings.shards is None and not community.is_shared
        await community.left_servers.present({guild.id for guild in self.guilds}, are_all=are_all)
        await self.forget_left_servers()

    async def forget_left_servers(self) -> None:
        """Forget what the servers have set that the bot left long enough ago. Call it once it is known which those are.

        Raises:
            CommunityUnavailable: the database cannot be read or written.
        """
        for follow in await self.context.community.forget_left_servers():
            await asyncio.to_thread(self.context.sources.forget, follow.kind, follow.address)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Enter that the bot is in a server, so that what that has set before is kept."""
        await self.context.community.left_servers.present({guild.id}, are_all=False)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Enter that the bot has left a server, so that what that has set is forgotten in time."""
        await self.context.community.left_servers.left({guild.id})

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log an event that failed; the client goes on."""
        del args, kwargs
        _log.exception("event %s failed", event_method)

    def _contained(self, event: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return a parser of a gateway's event that logs what it cannot read: discord.py would end the client."""
        if event in _BEGINS:
            return parse

        def parse_or_log(data: Any) -> None:
            try:
                parse(data)
            except Exception as error:
                _log.error("Discord sent %s in a form that cannot be read", event)
                self.context.reporter.log_unexpected(error)

        return parse_or_log

    async def _commands_digest(self) -> str:
        """Return a digest of the commands, of whose they are, and of the server they are told to."""
        translator = self.tree.translator
        ordered = sorted(self.tree.get_commands(), key=lambda item: (str(type(item)), item.name))
        payloads = [
            await item.get_translated_payload(self.tree, translator)
            if translator
            else item.to_dict(self.tree)
            for item in ordered
        ]
        whole = json.dumps([self.application_id, Route.BASE, payloads], sort_keys=True, default=str)
        return hashlib.sha256(whole.encode()).hexdigest()


class Tree(app_commands.CommandTree[CounterpointClient]):
    """The command tree; the reporter tells people of every error that a command lets through."""

    async def on_error(
        self, interaction: discord.Interaction[CounterpointClient], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the person; never raises."""
        if interaction.type is discord.InteractionType.autocomplete:
            _log.warning("autocomplete failed", exc_info=error)
            return
        await interaction.client.context.reporter.tell(interaction, error)


def all_commands(context: Context) -> Sequence[AnyCommand]:
    """Return every slash command and message menu."""
    return (
        *find.commands(context),
        *spectrum.commands(context),
        *about.commands(context),
        *counterbalance.commands(context),
        *episode.commands(context),
        *alerts.commands(context),
        *privacy.commands(context),
        *person.commands(context),
        *menus(context),
        admin.group(
            context,
            more=(
                *votes.moderator_commands(context),
                *following.moderator_commands(context),
                *alerts.moderator_commands(context),
                *missing.moderator_commands(context),
            ),
        ),
    )


def make_client(context: Context, **options: Any) -> CounterpointClient:
    """Return the client as the settings want it. discord.py keeps its addresses in classes, so they are set here."""
    settings = context.settings
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody wants to hear this bot
    if settings.api_base is not None:
        Route.BASE = settings.api_base.rstrip("/")
    if settings.gateway is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway)
    if settings.shard_ids is not None:
        own, count = settings.shard_ids
        options = {"shard_ids": [*own], "shard_count": count, **options}
    return CounterpointClient(context, **options)


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


def _read_digest(path: Path) -> str | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(found.get("mark")) if isinstance(found, dict) else None


def _write_digest(path: Path, digest: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"mark": digest}), encoding="utf-8")
