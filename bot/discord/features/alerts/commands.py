"""The commands ``/alerts add`` and ``/alerts list``, ``/admin digest``, and their buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands, ui

from bot.app.community.alert_tables import AlertRefused
from bot.app.input_validation import checked_query
from bot.app.notifications import LONGEST_PASSAGE
from bot.discord.admin_access import AdminRefused, act, check_moderator
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
from index.errors import EpisodeUnknown
from index.search.crux_pairs import is_claim
from scoring.mirror import CENTRE
from scoring.position_arithmetic import mean_position

LOOKED_AT = 10
"""Passages that tell on which side the library speaks of a topic so far."""

MOST_TOPICS = 5


class PassageTakesNoSide(AlertRefused):
    """The passage takes no clear side, so that nobody can answer it from the other. No fields."""

    code = "passage_takes_no_side"


class AnswersUnknown(AlertRefused):
    """Who answers whom cannot be told with this model and axis. No fields."""

    code = "answers_unknown"


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
        interaction: Interaction, topic: str, only: str | None = None, when: str | None = None
    ) -> None:
        async def handler(request: Request) -> Answer:
            return await add(request, topic, is_other_only=only == "other", is_prompt=when == "once")

        await answer(interaction, handler, where="private")

    async def list_typed(interaction: Interaction) -> None:
        await answer(interaction, listed, where="private")

    group = app_commands.Group(
        name=localized(catalogue, "command.alerts.name"),
        description=localized(catalogue, "command.alerts.description"),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
    )
    group.add_command(command(catalogue, "alerts.add", add_typed, ("topic", "only", "when")))
    group.add_command(command(catalogue, "alerts.list", list_typed, ()))
    return [group]


def moderator_commands(context: Context) -> Sequence[Command]:
    """Return the subcommand ``/admin digest``."""

    async def digest_typed(
        interaction: Interaction, channel: discord.TextChannel | None = None, topics: str | None = None
    ) -> None:
        await act(
            interaction, check_moderator, lambda request: digest(request, channel=channel, topics=topics)
        )

    return [command(context.catalogue, "admin.digest", digest_typed, ("channel", "topics"))]


async def add(request: Request, topic: str, *, is_other_only: bool, is_prompt: bool) -> Answer:
    """Wait for a topic; for its other side alone, if that is wanted and the library takes a side on it so far.

    Raises:
        QuestionRefused: the topic cannot be looked for. TooManyAlerts, AlertKnown: there is no room, or no need.
    """
    context, words = request.context, checked_query(topic)
    found = await context.answerer.find(words, n_passages=LOOKED_AT)
    side = None
    if is_other_only and found.passages:
        mean = mean_position([passage.reading.position for passage in found.passages])
        side = mean if abs(mean) >= CENTRE else None
    added = await context.community.alerts.add(
        request.person, "topic", words, side=side, is_prompt=is_prompt, locale=str(request.language.locale)
    )
    return alert_added_answer(request.language, added, wanted_side=is_other_only, n_now=len(found.episodes))


async def add_for_passage(request: Request, slug: str, ordinal: int) -> Answer:
    """Wait for the other side of a passage to answer.

    Raises:
        EpisodeUnknown: the library no longer has the episode. PassageTakesNoSide: it is no claim.
        AnswersUnknown: nobody can tell answers.
        TooManyAlerts, AlertKnown: there is no room, or no need.
    """
    context = request.context
    card = await context.answerer.episode(slug)
    if card.episode.slug != slug or ordinal >= len(card.slices):
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


async def listed(request: Request) -> Answer:
    """Show what the asker waits for."""
    return alerts_answer(request.language, await request.context.community.alerts.of(request.person))


async def remove(request: Request, number: int) -> Answer:
    """Wait for something no longer.

    Raises:
        AlertGone: the asker has no such alert.
    """
    await request.context.community.alerts.remove(request.person, number)
    return alert_gone_answer(request.language)


async def digest(request: Request, *, channel: discord.TextChannel | None, topics: str | None) -> Answer:
    """Show the server's weekly digest, after setting its channel and topics if a channel is named.

    Raises:
        DigestUnknown: there is none, and no channel is named. QuestionRefused: a topic cannot be looked for.
    """
    tables, server = request.context.community.alerts, request.server or 0
    if channel is None:
        found = await tables.digest(server)
        if found is None:
            raise DigestUnknown
        return digest_answer(request.language, found)
    wanted = [checked_query(topic) for topic in (topics or "").split(",") if topic.strip()][:MOST_TOPICS]
    return digest_answer(request.language, await tables.set_digest(server, channel.id, wanted))


class NewsButton(
    PersistentComponent[ui.Button[Any], NewsAction], template=NewsAction.PATTERN, parse=NewsAction.parse
):
    """A button that ends an alert or a digest."""

    async def respond(self, interaction: discord.Interaction[Any]) -> None:
        """End it."""
        action = self.action
        if action.verb == "off":
            await answer(interaction, lambda request: remove(request, action.number), where="private")
            return

        async def end(request: Request) -> Answer:
            if not await request.context.community.alerts.end_digest(request.server or 0):
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
