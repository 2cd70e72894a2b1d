"""Buttons that live in their custom_id: they work after a restart and for weeks, and answer from today's edition."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.chat import asking
from bot.chat.answering import Where, answer, own_message
from bot.chat.custom_ids import (
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
from bot.chat.questions import FindQuestion, QuestionForgotten

if TYPE_CHECKING:
    from bot.chat.rendering.parts import Answer
    from bot.chat.speech import Speech


class FindButton(ui.DynamicItem[ui.Button[Any]], template=FIND_PATTERN):
    """A button about a stored question."""

    def __init__(self, item: ui.Button[Any], press: FindPress) -> None:
        super().__init__(item)
        self.press = press

    @classmethod
    async def from_custom_id(  # type: ignore[override]  # the item is always a button: that is what carries the id
        cls, interaction: discord.Interaction[Any], item: ui.Button[Any], match: re.Match[str], /
    ) -> Self:
        """The button that ``match`` describes."""
        del interaction
        return cls(item, FindPress.of(match))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Ask the question again, as the button says."""
        press, context = self.press, interaction.client.context

        async def make(speech: Speech, is_public: bool) -> Answer:
            question = FindQuestion.of(await context.keeping.kept(press.key))
            page = press.page
            if press.verb == "flip":
                question, page = question.flipped(), 0
            elif press.verb == "wide":
                question, page = question.widened(), 0
            return await asking.find(context, question, page)(speech, is_public)

        where: Where = "same" if own_message(interaction) else "private"
        await answer(interaction, make, where={"share": "public", "mine": "private"}.get(press.verb, where))  # type: ignore[arg-type]


class EpisodeButton(ui.DynamicItem[ui.Button[Any]], template=EPISODE_PATTERN):
    """A button about an episode: opens its card, its counterbalance or its relatives in a message of its own."""

    def __init__(self, item: ui.Button[Any], press: EpisodePress) -> None:
        super().__init__(item)
        self.press = press

    @classmethod
    async def from_custom_id(  # type: ignore[override]  # as above
        cls, interaction: discord.Interaction[Any], item: ui.Button[Any], match: re.Match[str], /
    ) -> Self:
        """The button that ``match`` describes."""
        del interaction
        return cls(item, EpisodePress.of(match))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer about the episode."""
        views = {"card": asking.card, "picks": asking.picks, "kin": asking.kin}
        make = views[self.press.view](interaction.client.context, self.press.slug)
        await answer(interaction, make, where="public" if self.press.verb == "share" else "private")


class ReadingButton(ui.DynamicItem[ui.Button[Any]], template=READING_PATTERN):
    """A button that leads to the reading of a slice: in place in the presser's own message."""

    def __init__(self, item: ui.Button[Any], press: ReadingPress) -> None:
        super().__init__(item)
        self.press = press

    @classmethod
    async def from_custom_id(  # type: ignore[override]  # as above
        cls, interaction: discord.Interaction[Any], item: ui.Button[Any], match: re.Match[str], /
    ) -> Self:
        """The button that ``match`` describes."""
        del interaction
        return cls(item, ReadingPress.of(match))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the slice."""
        context, voter = interaction.client.context, interaction.user.id
        make = asking.reading(context, self.press.slug, self.press.ordinal, voter=voter)
        await answer(interaction, make, where="same" if own_message(interaction) else "private")


class PlacesSelect(ui.DynamicItem[ui.Select[Any]], template=PLACES_PATTERN):
    """A select of an episode's places: on its card it opens a reading, on a reading it moves to another."""

    def __init__(self, item: ui.Select[Any], press: ReadingPress) -> None:
        super().__init__(item)
        self.press = press

    @classmethod
    async def from_custom_id(  # type: ignore[override]  # the item is always a select, as above
        cls, interaction: discord.Interaction[Any], item: ui.Select[Any], match: re.Match[str], /
    ) -> Self:
        """The select that ``match`` describes."""
        del interaction
        return cls(item, ReadingPress.of(match))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the slice that was chosen."""
        context, voter = interaction.client.context, interaction.user.id
        make = asking.reading(context, self.press.slug, int(self.item.values[0]), voter=voter)
        is_here = self.press.verb == "pick" and own_message(interaction)
        await answer(interaction, make, where="same" if is_here else "private")


class SpectrumButton(ui.DynamicItem[ui.Button[Any]], template=SPECTRUM_PATTERN):
    """A button about a stored look over the library."""

    def __init__(self, item: ui.Button[Any], press: SpectrumPress) -> None:
        super().__init__(item)
        self.press = press

    @classmethod
    async def from_custom_id(  # type: ignore[override]  # as above
        cls, interaction: discord.Interaction[Any], item: ui.Button[Any], match: re.Match[str], /
    ) -> Self:
        """The button that ``match`` describes."""
        del interaction
        return cls(item, SpectrumPress.of(match))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Look again, as the button says."""
        context, press = interaction.client.context, self.press

        async def make(speech: Speech, is_public: bool) -> Answer:
            kept = await context.keeping.kept(press.key)
            if kept is None:
                raise QuestionForgotten
            return await asking.spectrum(context, kept.get("source"), kept.get("topic"))(speech, is_public)

        await answer(interaction, make, where="public" if press.verb == "share" else "private")


BUTTONS = (FindButton, EpisodeButton, ReadingButton, PlacesSelect, SpectrumButton)
"""Every kind of button and select that members meet."""
