"""What the bot says by itself: it makes each message from its feature, sends it with a nonce, and finds it again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import discord

from bot.app.community.outbox import Kind, OutMessage
from bot.app.outbox_sender import GoalClosed, NotFindable, SendPointless, SendRefused
from bot.discord.context import Context, ContextClient
from bot.discord.features import alerts, following
from bot.discord.ui.parts import Answer
from bot.discord.ui.sending import form_instead
from bot.i18n.language import Language
from index.errors import EpisodeUnknown
from scoring.errors import CodedError

LOOKED_BACK = timedelta(minutes=5)
"""So long before a message was first tried, or else made ready, its goal is looked through for it; clocks differ."""

MOST_LOOKED_THROUGH = 500

_UNKNOWN_CHANNEL = 10_003
_MISSING_ACCESS, _MISSING_PERMISSIONS = 50_001, 50_013
_CLOSED = (_UNKNOWN_CHANNEL, _MISSING_ACCESS, _MISSING_PERMISSIONS)
"""Codes of Discord's by which it refuses a message because of its channel; something on the way there has none."""

_FROM_THE_SERVER = 500
_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Written:
    """A kind of message: how it is made.

    Attributes:
        answer: makes the message; raises ``SendPointless`` where there is nothing to tell any more.
        marker: gives the custom_id by which it is found again.
    """

    answer: Callable[[Context, Language, OutMessage], Awaitable[Answer]]
    marker: Callable[[OutMessage], str]


async def _announced(context: Context, language: Language, message: OutMessage) -> Answer:
    try:
        card = await context.answerer.episode(message.payload["slug"], exactly=True)
    except EpisodeUnknown as error:
        raise SendPointless("the episode is gone") from error
    picture = await context.pictures.card(language, card)
    return following.announcement(language, card, picture)


WRITTEN: Mapping[Kind, Written] = {
    "alert": Written(alerts.alert_message, alerts.news_marker),
    "alerts_ended": Written(alerts.alerts_ended_message, alerts.news_marker),
    "digest": Written(alerts.digest_message, alerts.news_marker),
    "episode": Written(_announced, lambda message: following.announcement_marker(message.payload["slug"])),
}


class DiscordMessenger:
    """A ``Messenger`` at Discord.

    Args:
        client: logged in, with its servers known.
    """

    def __init__(self, client: ContextClient) -> None:
        self._client = client

    async def find(self, message: OutMessage) -> int | None:
        """Return the number of the message if it was sent; see ``Messenger.find``."""
        marker = WRITTEN[message.kind].marker(message)
        if message.goal == "channel" and not self._may_read(message.goal_id):
            raise NotFindable("read_message_history is missing")
        own = self._client.user
        since = (message.sending_since or message.created_at) - LOOKED_BACK
        n_looked_at = 0
        try:
            goal = await self._goal(message)
            async for found in goal.history(after=since, limit=MOST_LOOKED_THROUGH, oldest_first=True):
                n_looked_at += 1
                is_own = own is not None and found.author.id == own.id and found.interaction_metadata is None
                if is_own and marker in _custom_ids(found.components):
                    return int(found.id)
        except discord.HTTPException as error:
            raise NotFindable(f"HTTP {error.status}, {error.code}") from error
        if n_looked_at >= MOST_LOOKED_THROUGH:
            raise NotFindable(f"it is not among the first {MOST_LOOKED_THROUGH} messages since")
        return None

    async def send(self, message: OutMessage) -> int:
        """Send the message, and return its number; see ``Messenger.send``."""
        context = self._client.context
        try:
            written = await WRITTEN[message.kind].answer(context, self._language(message), message)
        except CodedError as error:
            raise SendRefused(error.code) from error
        try:
            goal = await self._goal(message)
        except discord.RateLimited as error:
            raise SendRefused(f"rate limited for {error.retry_after:.0f} s") from error
        except discord.HTTPException as error:
            raise SendRefused(f"HTTP {error.status}, {error.code}") from error
        try:
            return await self._sent(goal, written, message)
        except discord.RateLimited as error:
            raise SendRefused(f"rate limited for {error.retry_after:.0f} s") from error
        except discord.HTTPException as error:
            if error.status >= _FROM_THE_SERVER or error.status == _TOO_MANY:
                raise
            told = f"HTTP {error.status}, {error.code}"
            if message.goal == "channel" and error.code in _CLOSED:
                raise GoalClosed(told, is_gone=error.code == _UNKNOWN_CHANNEL) from error
            raise SendRefused(told) from error

    async def _sent(self, goal: discord.abc.Messageable, written: Answer, message: OutMessage) -> int:
        try:
            sent = await goal.send(view=written, files=written.files(), nonce=message.nonce)
        except discord.HTTPException as refused:
            form = form_instead(written, refused, is_new=True)
            if form is None:
                raise
            sent = await goal.send(**form, files=written.files(), nonce=message.nonce)
        return int(sent.id)

    async def _goal(self, message: OutMessage) -> discord.abc.Messageable:
        """Return where a message goes. Discord refuses it for a person who takes no messages."""
        if message.goal == "channel":
            return self._client.get_partial_messageable(message.goal_id)
        return await self._client.create_dm(discord.Object(message.goal_id))

    def _may_read(self, channel: int) -> bool:
        """Return True if the history of a channel can be read: without the permission Discord shows an empty one."""
        found = self._client.get_channel(channel)
        if not isinstance(found, discord.abc.GuildChannel | discord.Thread) or found.guild.me is None:
            return False
        return found.permissions_for(found.guild.me).read_message_history

    def _language(self, message: OutMessage) -> Language:
        context, locale = self._client.context, message.payload.get("locale")
        channel = self._client.get_channel(message.goal_id) if message.goal == "channel" else None
        guild = getattr(channel, "guild", None)
        if locale is None and guild is not None:
            locale = str(guild.preferred_locale)
        return Language(context.catalogue, str(locale or "en"), context.answerer.axis)


def _custom_ids(components: Any) -> set[str]:
    """Return the custom_ids of all components of a message, nested ones too."""
    found: set[str] = set()
    left = list(components)
    while left:
        component = left.pop()
        if isinstance(custom_id := getattr(component, "custom_id", None), str):
            found.add(custom_id)
        left += list(getattr(component, "children", ()) or ())
        accessory = getattr(component, "accessory", None)
        left += [] if accessory is None else [accessory]
    return found
