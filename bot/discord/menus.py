"""Message menus, which lead to one feature or another: what is said of a message, and what is on its other side."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

import discord
from discord import app_commands

from bot.app.input_validation import QuestionEmpty, checked_message
from bot.discord.command_declaration import AnyCommand, for_everybody, localized
from bot.discord.context import Context, Interaction
from bot.discord.features.counterbalance import counterbalance
from bot.discord.features.episode import card
from bot.discord.features.find import FindQuestion, counter, find
from bot.discord.pipeline import Request, answer
from bot.discord.ui.markup import plain_text
from bot.discord.ui.parts import Answer
from index.errors import VideoUnknown
from index.text.stopwords import CHATTER, FILLERS, FUNCTION_WORDS
from index.text.tokens import tokenize
from index.transcripts.links import video_id_in, video_url

_LEAST_ASKED = 3
"""Fewer words than these beside a link to a video that the library does not have are talk about the video."""

_LINK = re.compile(r"<?https?://\S+", re.IGNORECASE)
_NO_SUBJECT = FUNCTION_WORDS | FILLERS | CHATTER


def menus(context: Context) -> Sequence[AnyCommand]:
    """Return the message menus."""
    return for_everybody(
        [
            _menu(context, "find_in_transcripts", find_in_transcripts),
            _menu(context, "counter_this", counter_this),
        ]
    )


async def find_in_transcripts(request: Request, content: str) -> Answer:
    """Answer a message as a question; a link to a video of the library limits it.

    A link with little but chatter around it, and no question, asks for the episode's card. The card is shown, too,
    where the episode has nothing close to the words.

    Raises:
        VideoUnknown: the library does not have the linked video, and the message asks nothing else.
    """
    words, is_linked = _checked(content), video_id_in(content) is not None
    slug = await _linked_episode(request, content, n_needed=_LEAST_ASKED)
    if slug is not None and len(_asked(words)) < (1 if "?" in words else _LEAST_ASKED - 1):
        return await card(request, slug)
    query, answerer = checked_message(words), request.context.answerer
    if slug is not None and not (await answerer.find(query, n_passages=1, episode=slug)).passages:
        return await card(request, slug, note=request.language.say("find.nothing_in_linked"))
    return await find(
        request,
        FindQuestion(
            query,
            episode=slug,
            missing_video=is_linked and slug is None,
            title=None if slug is None else (await answerer.resolve(slug)).about.title,
        ),
    )


async def counter_this(request: Request, content: str) -> Answer:
    """Answer with the other side of a message, or of the episode that it links to.

    Raises:
        VideoUnknown: as above.
    """
    slug = await _linked_episode(request, content, n_needed=_LEAST_ASKED)
    if slug is not None:
        return await counterbalance(request, slug)
    return await counter(request, checked_message(_checked(content)))


def _menu(
    context: Context, name: str, handler: Callable[[Request, str], Awaitable[Answer]]
) -> app_commands.ContextMenu:
    async def about_message(interaction: Interaction, message: discord.Message) -> None:
        await answer(interaction, lambda request: handler(request, message.content), where="private")

    return app_commands.ContextMenu(name=localized(context.catalogue, f"menu.{name}"), callback=about_message)


def _without_links(content: str) -> str:
    return _LINK.sub(" ", content).strip()


def _checked(content: str) -> str:
    """Return the words of a message without links.

    Raises:
        QuestionEmpty: it has no link to a video, and nothing but chatter.
    """
    words = _without_links(content)
    if video_id_in(content) is None and not _asked(words) and any(map(str.isalpha, words)):
        raise QuestionEmpty
    return words


def _asked(words: str) -> set[str]:
    """Return the stems of ``words`` that may be a subject: no function words, fillers or chatter."""
    return {token.stem for token in tokenize(plain_text(words)) if token.word not in _NO_SUBJECT}


async def _linked_episode(request: Request, content: str, *, n_needed: int) -> str | None:
    """Return the slug of the episode that the first YouTube link in ``content`` names; None without one.

    Raises:
        VideoUnknown: the library does not have that video, and fewer than ``n_needed`` words say what else is asked.
    """
    video = video_id_in(content)
    if video is None:
        return None
    try:
        return (await request.context.answerer.resolve(video_url(video))).slug
    except VideoUnknown:
        if len(_asked(_without_links(content))) < n_needed:
            raise
        return None
