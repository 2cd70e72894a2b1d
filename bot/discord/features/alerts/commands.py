"""The commands ``/alerts add`` and ``/alerts list``, ``/admin digest``, and their buttons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands, ui

from bot.app.community.alert_tables import AlertGone, AlertRefused
from bot.app.input_validation import checked_query
from bot.app.notifications import LONGEST_PASSAGE, speaking_of
from bot.discord.admin_access import (
    AdminRefused,
    act,
    check_channel_manager,
    check_moderator,
    missing_permissions,
)
from bot.discord.command_declaration import AnyCommand, Command, command, localized
from bot.discord.context import Context, Interaction
from bot.discord.features.alerts.rendering import (
    NewsAction,
    alert_added_answer,
    alert_gone_answer,
    alerts_answer,
    answer_alert_added_answer,
    digest_answer,
    digest_ended_answer,
)
from bot.discord.pipeline import Request, answer
from bot.discord.ui.components import AnswerAlertAction, PersistentComponent
from bot.discord.ui.parts import Answer
from bot.i18n.language import Language
from index.errors import EpisodeUnknown
from index.search.crux_pairs import is_claim
from scoring.errors import typed_fields
from scoring.mirror import CENTRE
from scoring.position_arithmetic import mean_position

LOOKED_AT = 10
"""Passages that tell on which side the library speaks of a topic so far."""

_BETWEEN = re.compile(r"[,;，；、\n]")
"""What stands between the topics of a digest."""

MOST_TOPICS = 5

NEEDED = discord.Permissions(view_channel=True, send_messages=True, read_message_history=True)
"""What the bot needs in a channel to tell it of something, once."""


class PassageTakesNoSide(AlertRefused):
    """The passage takes no clear side, so that nobody can answer it from the other. No fields."""

    code = "passage_takes_no_side"


class AnswersUnknown(AlertRefused):
    """Who answers whom cannot be told with this model and axis. No fields."""

    code = "answers_unknown"


@typed_fields
class ChannelUntellable(AlertRefused):
    """The bot lacks ``permissions`` in ``channel``, so it could not be told of anything."""

    code = "channel_untellable"
    channel: str
    permissions: list[str]


class DigestUnknown(AdminRefused):
    """The server has no digest. No fields."""

    code = "digest_unknown"


def commands(context: Context) -> Sequence[AnyCommand]:
    """Return the command ``/alerts``."""
    catalogue = context.catalogue

    def choice(key: str, value: str) -> app_commands.Choice[str]:
        return app_commands.Choice(name=localized(catalogue, key), value=value)

    @app_commands.choices(
        only=[choice("alerts.only.across", "other")],
        when=[choice("alerts.when.weekly", "weekly"), choice("alerts.when.once", "once")],
    )
    async def add_typed(
        interaction: Interaction,
        topic: str,
        only: str | None = None,
        when: str | None = None,
        channel: discord.TextChannel | None = None,
    ) -> None:
        async def handler(request: Request) -> Answer:
            if channel is not None:
                await check_tellable(interaction, request.language, channel)
            return await add(
                request,
                topic,
                is_other_only=only == "other",
                is_prompt=when == "once",
                channel=None if channel is None else channel.id,
            )

        await answer(interaction, handler, where="private")

    async def list_typed(interaction: Interaction) -> None:
        await answer(interaction, lambda request: listed(request, interaction), where="private")

    group = app_commands.Group(
        name=localized(catalogue, "command.alerts.name"),
        description=localized(catalogue, "command.alerts.description"),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
    )
    group.add_command(command(catalogue, "alerts.add", add_typed, ("topic", "only", "when", "channel")))
    group.add_command(command(catalogue, "alerts.list", list_typed, ()))
    return [group]


def moderator_commands(context: Context) -> Sequence[Command]:
    """Return the subcommand ``/admin digest``."""

    async def digest_typed(
        interaction: Interaction, channel: discord.TextChannel | None = None, topics: str | None = None
    ) -> None:
        await act(
            interaction,
            check_moderator,
            lambda request: digest(request, interaction.guild, channel=channel, topics=topics),
        )

    return [command(context.catalogue, "admin.digest", digest_typed, ("channel", "topics"))]


async def check_tellable(interaction: Interaction, language: Language, channel: discord.TextChannel) -> None:
    """Let pass who may have the bot tell a channel that it can tell.

    Raises:
        ServerOnly, NotChannelManager: they may not. ChannelUntellable: the bot cannot.
    """
    await check_channel_manager(interaction, channel)
    missing = missing_permissions(language, channel, NEEDED)
    if missing:
        raise ChannelUntellable(channel=channel.name, permissions=missing)


async def add(
    request: Request, topic: str, *, is_other_only: bool, is_prompt: bool, channel: int | None = None
) -> Answer:
    """Wait for a topic; for its other side alone, if that is wanted and the library takes a side on it so far.

    The asker is told, or the channel of that number.

    Raises:
        QuestionRefused: the topic cannot be looked for. TooManyAlerts, AlertKnown: there is no room, or no need.
    """
    context, words = request.context, checked_query(topic)
    found = await context.answerer.find(words, n_passages=LOOKED_AT)
    speaking, side = speaking_of(words, found.passages), None
    if is_other_only and speaking:
        mean = mean_position([passage.reading.position for passage in speaking])
        side = mean if abs(mean) >= CENTRE else None
    added = await context.community.alerts.add(
        request.person,
        "topic",
        words,
        side=side,
        is_prompt=is_prompt,
        locale=str(request.language.locale),
        channel=channel,
        server=None if channel is None else request.server,
    )
    return alert_added_answer(
        request.language,
        added,
        wanted_side=is_other_only,
        n_now=len({passage.episode.id for passage in speaking}),
    )


async def add_for_passage(request: Request, slug: str, ordinal: int) -> Answer:
    """Wait for the other side of a passage to answer.

    Raises:
        EpisodeUnknown: the library no longer has the episode. PassageTakesNoSide: it is no claim.
        AnswersUnknown: nobody can tell answers.
        TooManyAlerts, AlertKnown: there is no room, or no need.
    """
    context = request.context
    card = await context.answerer.episode(slug, exactly=True)
    if ordinal >= len(card.slices):
        raise EpisodeUnknown(received=slug, nearest=[])
    record = card.slices[ordinal]
    cruxes = await context.answerer.cruxes(slug)
    if not cruxes.is_known:
        raise AnswersUnknown
    if not is_claim(context.answerer.axis, card.episode, record):
        raise PassageTakesNoSide
    added = await context.community.alerts.add(
        request.person,
        "answer",
        record.piece.text[:LONGEST_PASSAGE],
        side=record.reading.position,
        passage=(slug, ordinal),
        locale=str(request.language.locale),
    )
    n_now = len({other.slug for crux, other in cruxes.pairs if crux.here.piece.ordinal == ordinal})
    return answer_alert_added_answer(request.language, added, judge=cruxes.judge, n_now=n_now)


async def listed(request: Request, interaction: Interaction) -> Answer:
    """Show what the asker waits for, and what tells the channels of this server that they may have told."""
    tables = request.context.community.alerts
    own, managed = await tables.of(request.person), []
    for alert in await tables.all():
        channel = None if alert.channel is None else _channel(interaction, alert.channel)
        if channel is not None and await _may_tell(interaction, channel):
            managed.append(alert)
    return alerts_answer(request.language, own, managed)


async def remove(request: Request, interaction: Interaction, number: int) -> Answer:
    """Wait for something no longer.

    Raises:
        AlertGone: neither the asker nor a channel of this server has such an alert.
        NotChannelManager: a channel has it, and is not theirs to say.
    """
    tables = request.context.community.alerts
    alert = await tables.get(number)
    if alert.channel is None:
        await tables.remove(request.person, number)
        return alert_gone_answer(request.language, alert)
    channel = _channel(interaction, alert.channel)
    if channel is None:
        raise AlertGone
    await check_channel_manager(interaction, channel)
    await tables.remove_from_channel(alert.channel, number)
    return alert_gone_answer(request.language, alert)


def _channel(interaction: Interaction, number: int) -> discord.abc.GuildChannel | None:
    """Return a channel of the server that is asked in; None for any other."""
    return None if interaction.guild is None else interaction.guild.get_channel(number)


async def _may_tell(interaction: Interaction, channel: discord.abc.GuildChannel) -> bool:
    try:
        await check_channel_manager(interaction, channel)
    except AdminRefused:
        return False
    return True


async def digest(
    request: Request,
    guild: discord.Guild | None,
    *,
    channel: discord.TextChannel | None,
    topics: str | None,
) -> Answer:
    """Show the server's weekly digest, after setting its channel and topics, whichever are named.

    Topics without a channel are set for the channel that the digest has; a channel without topics is told of all.

    Raises:
        DigestUnknown: there is none, and no channel is named. QuestionRefused: a topic cannot be looked for.
    """
    digests, server = request.context.community.digests, request.server or 0
    before = await digests.get(server) if channel is None else None
    if channel is None and before is None:
        raise DigestUnknown
    told = channel if before is None or guild is None else guild.get_channel(before.channel)
    lacking = () if told is None else missing_permissions(request.language, told, NEEDED)
    if before is not None and topics is None:
        return digest_answer(request.language, before, missing=lacking)
    wanted = [checked_query(topic) for topic in _BETWEEN.split(topics or "") if topic.strip()]
    by_spelling: dict[str, str] = {}
    for topic in wanted:
        by_spelling.setdefault(topic.casefold(), topic)
    named = list(by_spelling.values())
    place = channel.id if channel is not None else before.channel if before is not None else 0
    found = await digests.set(server, place, named[:MOST_TOPICS])
    return digest_answer(request.language, found, missing=lacking, left_out=named[MOST_TOPICS:])


class NewsButton(
    PersistentComponent[ui.Button[Any], NewsAction], template=NewsAction.PATTERN, parse=NewsAction.parse
):
    """A button that ends an alert or a digest, or lists the alerts."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Do it."""
        action = self.action
        if action.verb == "off":
            await answer(
                interaction, lambda request: remove(request, interaction, action.number), where="private"
            )
            return
        if action.verb == "list":
            await answer(interaction, lambda request: listed(request, interaction), where="private")
            return

        async def end(request: Request) -> Answer:
            if not await request.context.community.digests.end(request.server or 0):
                raise DigestUnknown
            return digest_ended_answer(request.language)

        await act(interaction, check_moderator, end)


class AnswerAlertButton(
    PersistentComponent[ui.Button[Any], AnswerAlertAction],
    template=AnswerAlertAction.PATTERN,
    parse=AnswerAlertAction.parse,
):
    """The button under a passage: tell me when the other side answers."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """Enter the alert."""
        action = self.action
        await answer(
            interaction,
            lambda request: add_for_passage(request, action.slug, action.ordinal),
            where="private",
        )


COMPONENTS = (NewsButton, AnswerAlertButton)
"""Every kind of component about alerts and digests."""
