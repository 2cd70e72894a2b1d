"""The way of every answer: counted, acknowledged, computed within limits, sent; or the reason why not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import discord

from bot.app.logs import REQUEST
from bot.app.prometheus_metrics import Metrics
from bot.discord.context import Context, Interaction
from bot.discord.ui.components import ChoiceView
from bot.discord.ui.parts import Answer, choice_view
from bot.discord.ui.sending import send
from bot.i18n.language import Language
from index.errors import EpisodeAmbiguous, EpisodeUnknown
from scoring.errors import CodedError

Where = Literal["here", "public", "private", "same"]
"""``here``: seen by the asker, or by all where the server chose so; ``same``: in place of the message pressed on."""

_SETTINGS_WITHIN_S = 0.25


class MayNotShare(CodedError):
    """A person who may not write in a channel wants an answer shown in it. No fields."""

    code = "may_not_share"


@dataclass(frozen=True, slots=True)
class Request:
    """A person's request: who asks, where, in which language, and who will see the answer.

    Attributes:
        context: the parts of the bot.
        person: id of the one who asks.
        server: id of the server, or None in private messages.
        language: of the answer.
        is_public: True if everybody in the channel will see the answer.
    """

    context: Context
    person: int
    server: int | None
    language: Language
    is_public: bool

    async def default_source(self) -> str | None:
        """Return the source that questions are limited to in this server where none is named; None for all."""
        if self.server is None:
            return None
        return (await self.context.community.server_or_default(self.server)).default_source


Handler = Callable[[Request], Awaitable[Answer]]
"""Makes the answer to a request; raises a ``CodedError`` where there is none."""


async def answer(
    interaction: Interaction, handler: Handler, *, where: Where = "here", choose: ChoiceView | None = None
) -> None:
    """Answer ``interaction`` by ``handler``. Never raises: whatever happens is told, or logged.

    Args:
        interaction: not acknowledged yet.
        handler: called when the limiter admits the question.
        where: who sees the answer, and in which message.
        choose: what to open of the episode that is chosen where a name may mean several; None offers no choice.
    """
    context = interaction.client.context
    metrics, name = context.metrics, asked_for(interaction)
    with counted(context, interaction):
        try:
            context.rate_limiter.take(interaction.user.id)
            if where == "public" and not _may_write(interaction):
                raise MayNotShare
            with _timed(metrics, "acknowledge"):
                is_public = await _acknowledge(interaction, where)
            request = request_of(interaction, is_public=is_public)
            with _timed(metrics, "answer"):
                message = await context.limiter.ask(lambda: handler(request))
            with _timed(metrics, "send"):
                await send(interaction, message, is_new=where != "same")
            metrics.questions.add(name, "answered")
        except Exception as error:
            # The edge of the program: one person's question must not end anybody else's.
            metrics.questions.add(name, code_of(error))
            await report(interaction, error, choose)


async def report(interaction: Interaction, error: Exception, choose: ChoiceView | None) -> None:
    """Tell a person of ``error``, with a select of the episodes that a name may mean or is nearest to."""
    context, choice = interaction.client.context, None
    context.metrics.errors.add(code_of(error))
    if isinstance(error, EpisodeAmbiguous) and choose is not None:
        language = request_of(interaction).language
        choice = choice_view(language, error.candidates, error.slugs, choose)
    elif isinstance(error, EpisodeUnknown) and choose is not None and error.fields.get("slugs"):
        fields, language = error.fields, request_of(interaction).language
        choice = choice_view(language, fields["nearest"], fields["slugs"], choose)
    await context.reporter.tell(interaction, error, choice=choice)


@contextmanager
def counted(context: Context, interaction: Interaction) -> Iterator[None]:
    """Count the current task among the running answers until the block ends; its log lines bear its number."""
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("answers are tasks")
    context.running.add(task)
    token = REQUEST.set(str(interaction.id))
    try:
        yield
    finally:
        REQUEST.reset(token)
        context.running.discard(task)


def asked_for(interaction: Interaction) -> str:
    """Return the name of the command, or the first part of a component's custom_id."""
    if interaction.command is not None:
        return interaction.command.qualified_name
    data: Any = interaction.data or {}
    custom_id = str(data.get("custom_id", ""))
    return f"component {custom_id.partition(':')[0]}"[:40]


def code_of(error: BaseException) -> str:
    """Return the code of an error, or the name of its class."""
    return error.code if isinstance(error, CodedError) else type(error).__name__


@contextmanager
def _timed(metrics: Metrics, stage: str) -> Iterator[None]:
    """Count how long a stage took that came to its end."""
    began_s = time.perf_counter()
    yield
    metrics.stage_seconds.observe(time.perf_counter() - began_s, stage)


def request_of(interaction: Interaction, *, is_public: bool = False) -> Request:
    """Return the request: in the asker's language, or in the server's where everybody reads the answer."""
    context = interaction.client.context
    locale = interaction.guild_locale if is_public and interaction.guild_locale else interaction.locale
    language = Language(context.catalogue, str(locale), context.answerer.axis)
    return Request(context, interaction.user.id, interaction.guild_id, language, is_public)


def is_own_message(interaction: Interaction) -> bool:
    """Return True if the message pressed on answers the person who presses, so that it may change in place."""
    message = interaction.message
    if message is None:
        return False
    asked = message.interaction_metadata
    return message.flags.ephemeral or (asked is not None and asked.user.id == interaction.user.id)


async def _acknowledge(interaction: Interaction, where: Where) -> bool:
    if where == "same":
        is_public = interaction.message is not None and not interaction.message.flags.ephemeral
        await interaction.response.defer()
        return is_public
    is_public = where == "public" or (where == "here" and await _is_public_channel(interaction))
    interaction.extras["is_public"] = is_public
    await interaction.response.defer(ephemeral=not is_public, thinking=True)
    return is_public


async def _is_public_channel(interaction: Interaction) -> bool:
    """Return True if the server shows answers to everybody here; not worth a late acknowledgement."""
    if interaction.guild_id is None:
        return False
    try:
        async with asyncio.timeout(_SETTINGS_WITHIN_S):
            settings = await interaction.client.context.community.server_or_default(interaction.guild_id)
    except TimeoutError:
        return False
    places = {interaction.channel_id, getattr(interaction.channel, "parent_id", None)}
    return not places.isdisjoint(settings.public_channels)


def _may_write(interaction: Interaction) -> bool:
    if interaction.guild_id is None:
        return True
    held: Any = interaction.permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    return bool(held.send_messages_in_threads if in_thread else held.send_messages)
