"""Message menus, which lead to one feature or another: what is said of a message, and what is on its other side."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

import discord
from discord import app_commands

from bot.app.questions import checked_message
from bot.discord.commands import AnyCommand, for_everybody, localized
from bot.discord.context import Context, Interaction
from bot.discord.features.counterbalance import counterbalance
from bot.discord.features.episode import card
from bot.discord.features.find import FindQuestion, counter, find
from bot.discord.pipeline import Request, answer
from bot.discord.ui.parts import Answer
from index.errors import EpisodeUnknown
from index.transcripts.links import video_id_in

_LINK = re.compile(r"<?https?://\S+", re.IGNORECASE)


def menus(context: Context) -> Sequence[AnyCommand]:
    """Return the message menus."""
    return for_everybody(
        [
            _menu(context, "find_in_transcripts", find_in_transcripts),
            _menu(context, "counter_this", counter_this),
        ]
    )


async def find_in_transcripts(request: Request, content: str) -> Answer:
    """Answer a message as a question; a link to a video of the library limits it, and alone asks for its card."""
    slug, words = await _linked_episode(request, content), _without_links(content)
    if slug is not None and not words:
        return await card(request, slug)
    return await find(request, FindQuestion(checked_message(words or content), episode=slug))


async def counter_this(request: Request, content: str) -> Answer:
    """Answer with the other side of a message, or of the episode that it links to."""
    slug = await _linked_episode(request, content)
    if slug is not None:
        return await counterbalance(request, slug)
    return await counter(request, checked_message(_without_links(content) or content))


def _menu(
    context: Context, name: str, handler: Callable[[Request, str], Awaitable[Answer]]
) -> app_commands.ContextMenu:
    async def about_message(interaction: Interaction, message: discord.Message) -> None:
        await answer(interaction, lambda request: handler(request, message.content), where="private")

    return app_commands.ContextMenu(name=localized(context.catalogue, f"menu.{name}"), callback=about_message)


def _without_links(content: str) -> str:
    return _LINK.sub(" ", content).strip()


async def _linked_episode(request: Request, content: str) -> str | None:
    """Return the slug of the episode that the first YouTube link in ``content`` names; None without one.

    Raises:
        EpisodeUnknown: there is nothing but a link, and the library does not have that video.
    """
    video = video_id_in(content)
    if video is None:
        return None
    try:
        return (await request.context.answerer.resolve(video)).slug
    except EpisodeUnknown as error:
        if not _without_links(content):
            raise EpisodeUnknown(received=content.strip(), nearest=[]) from error
        return None
