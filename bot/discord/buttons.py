"""Buttons that live in their custom_id: they work after a restart and for weeks, and answer from today's edition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.discord import answers as asking
from bot.discord.custom_ids import (
    EPISODE_PATTERN,
    FIND_PATTERN,
    PLACES_PATTERN,
    READING_PATTERN,
    SPECTRUM_PATTERN,
    EpisodePress,
    FindPress,
    ReadingPress,
    SpectrumPress,
)
from bot.discord.persistent import LastingItem
from bot.discord.pipeline import Where, answer, own_message
from bot.discord.questions import FindQuestion, QuestionForgotten

if TYPE_CHECKING:
    from bot.discord.language import Speech
    from bot.discord.rendering.parts import Answer


class FindButton(LastingItem[ui.Button[Any], FindPress], template=FIND_PATTERN, read=FindPress.of):
    """A button about a stored question."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Ask the question again, as the button says."""
        press, context = self.press, interaction.client.context

        async def make(speech: Speech, is_public: bool) -> Answer:
            question = FindQuestion.of(await context.keeping.kept("find", press.key))
            page = press.page
            if press.verb == "flip":
                question, page = question.flipped(), 0
            elif press.verb == "wide":
                question, page = question.widened(), 0
            return await asking.find(context, question, page)(speech, is_public)

        where: Where = "same" if own_message(interaction) else "private"
        await answer(interaction, make, where={"share": "public", "mine": "private"}.get(press.verb, where))  # type: ignore[arg-type]


class EpisodeButton(
    LastingItem[ui.Button[Any], EpisodePress], template=EPISODE_PATTERN, read=EpisodePress.of
):
    """A button about an episode: opens its card, its counterbalance or its relatives in a message of its own."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer about the episode."""
        views = {"card": asking.card, "picks": asking.picks, "kin": asking.kin}
        make = views[self.press.view](interaction.client.context, self.press.slug)
        await answer(interaction, make, where="public" if self.press.verb == "share" else "private")


class ReadingButton(
    LastingItem[ui.Button[Any], ReadingPress], template=READING_PATTERN, read=ReadingPress.of
):
    """A button that leads to the reading of a slice: in place in the presser's own message."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the slice."""
        context, voter = interaction.client.context, interaction.user.id
        make = asking.reading(context, self.press.slug, self.press.ordinal, voter=voter)
        await answer(interaction, make, where="same" if own_message(interaction) else "private")


class PlacesSelect(LastingItem[ui.Select[Any], ReadingPress], template=PLACES_PATTERN, read=ReadingPress.of):
    """A select of an episode's places: on its card it opens a reading, on a reading it moves to another."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the slice that was chosen."""
        context, voter = interaction.client.context, interaction.user.id
        make = asking.reading(context, self.press.slug, int(self.item.values[0]), voter=voter)
        is_here = self.press.verb == "pick" and own_message(interaction)
        await answer(interaction, make, where="same" if is_here else "private")


class SpectrumButton(
    LastingItem[ui.Button[Any], SpectrumPress], template=SPECTRUM_PATTERN, read=SpectrumPress.of
):
    """A button about a stored look over the library."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Look again, as the button says."""
        context, press = interaction.client.context, self.press

        async def make(speech: Speech, is_public: bool) -> Answer:
            kept = await context.keeping.kept("spectrum", press.key)
            if kept is None:
                raise QuestionForgotten
            return await asking.spectrum(context, kept.get("source"), kept.get("topic"))(speech, is_public)

        await answer(interaction, make, where="public" if press.verb == "share" else "private")


BUTTONS = (FindButton, EpisodeButton, ReadingButton, PlacesSelect, SpectrumButton)
"""Every kind of button and select that members meet."""
