"""Message menus, which lead to one feature or another: what is said of a message, and what is on its other side."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

import discord
from discord import app_commands

from bot.app.input_validation import MessageLinkUnknown, QuestionEmpty, checked_message
from bot.discord.command_declaration import AnyCommand, for_everybody, localized
from bot.discord.context import Context, Interaction
from bot.discord.features.counterbalance import counterbalance
from bot.discord.features.episode import card
from bot.discord.features.find import FindQuestion, counter, find, speaks_to
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
    """Answer a message as a question; a link to an episode of the library limits it.

    A link with little but chatter around it, and no question, asks for the episode's card. The card is shown, too,
    where the episode has nothing close to the words.

    Raises:
        VideoUnknown, MessageLinkUnknown: the library does not have what is linked, and the message asks nothing else.
    """
    slug = await _linked_episode(request, content, n_needed=_LEAST_ASKED)
    words = _checked(content, is_linked=slug is not None)
    if slug is not None and len(_asked(words)) < (1 if "?" in words else _LEAST_ASKED - 1):
        return await card(request, slug, exactly=True)
    query, answerer = checked_message(words), request.context.answerer
    if slug is not None and not (await answerer.find(query, n_passages=1, episode=slug)).passages:
        return await card(request, slug, exactly=True, note=request.language.say("find.nothing_in_linked"))
    if slug is None:
        return await find(request, _about_words(content, query))
    title = (await answerer.resolve(slug, exactly=True)).about.title
    return await find(request, FindQuestion(query, episode=slug, title=title))


async def counter_this(request: Request, content: str) -> Answer:
    """Answer with what speaks to a message's claim, or with the other side of the episode that it links to.

    Where the library speaks to the message's own words beside the link, others than that episode answer these.

    Raises:
        VideoUnknown, MessageLinkUnknown: as above.
    """
    slug = await _linked_episode(request, content, n_needed=_LEAST_ASKED)
    words = _checked(content, is_linked=slug is not None)
    if slug is None:
        return await counter(request, _about_words(content, checked_message(words)))
    if len(_asked(words)) >= _LEAST_ASKED - 1:
        question = FindQuestion(checked_message(words), apart=slug)
        if await speaks_to(request, question):
            return await counter(request, question)
    return await counterbalance(request, slug, exactly=True)


def _about_words(content: str, query: str) -> FindQuestion:
    """Return the question for the words of a message whose link, if it has one, leads to no episode."""
    is_video = video_id_in(content) is not None
    is_link = not is_video and _LINK.search(content) is not None
    return FindQuestion(query, missing_video=is_video, missing_link=is_link)


def _menu(
    context: Context, name: str, handler: Callable[[Request, str], Awaitable[Answer]]
) -> app_commands.ContextMenu:
    async def about_message(interaction: Interaction, message: discord.Message) -> None:
        await answer(interaction, lambda request: handler(request, message.content), where="private")

    return app_commands.ContextMenu(name=localized(context.catalogue, f"menu.{name}"), callback=about_message)


def _without_links(content: str) -> str:
    return _LINK.sub(" ", content).strip()


def _checked(content: str, *, is_linked: bool) -> str:
    """Return the words of a message without links.

    Raises:
        QuestionEmpty: it links to no video and no episode, and has nothing but chatter. MessageLinkUnknown: the same,
            with another link.
    """
    words = _without_links(content)
    if is_linked or video_id_in(content) is not None or _asked(words):
        return words
    if _LINK.search(content):
        raise MessageLinkUnknown
    if any(map(str.isalpha, words)):
        raise QuestionEmpty
    return words


def _asked(words: str) -> set[str]:
    """Return the stems of ``words`` that may be a subject: no function words, fillers or chatter."""
    return {token.stem for token in tokenize(plain_text(words)) if token.word not in _NO_SUBJECT}


async def _linked_episode(request: Request, content: str, *, n_needed: int) -> str | None:
    """Return the slug of the episode that the first YouTube link in ``content``, or else a link, leads to; or None.

    Raises:
        VideoUnknown: the library does not have that video, and fewer than ``n_needed`` words say what else is asked.
    """
    video, answerer = video_id_in(content), request.context.answerer
    if video is None:
        links = {_bare(link) for link in _LINK.findall(content)}
        episodes = await answerer.episodes() if links else []
        return next(
            (each.slug for each in episodes if each.about.url and _bare(each.about.url) in links), None
        )
    try:
        return (await answerer.resolve(video_url(video))).slug
    except VideoUnknown:
        if len(_asked(_without_links(content))) < n_needed:
            raise
        return None


def _bare(link: str) -> str:
    """Return ``link`` without what does not tell pages apart, for comparing."""
    return link.strip("<>").partition("://")[2].partition("#")[0].removeprefix("www.").rstrip("/.,;:!?)\"'")
