"""What is offered while an option is being typed. It never fails: what is typed is checked again on arrival."""

from __future__ import annotations

import asyncio
import logging

from discord import app_commands

from bot.discord.answers import EVERY_SOURCE, sources
from bot.discord.interaction import Interaction
from bot.discord.limits import CHOICE_MOST, CHOICES_MOST, cut, size
from bot.discord.markup import folded
from index.storage.records import EpisodeRecord
from index.text.tokens import fold

_log = logging.getLogger(__name__)

_WITHIN_S = 2.0

Choices = list[app_commands.Choice[str]]


async def episode_choices(interaction: Interaction, typed: str) -> Choices:
    """Episodes whose title, guest or source ``typed`` may become."""
    try:
        async with asyncio.timeout(_WITHIN_S):
            found = await interaction.client.context.answerer.suggest(typed[:200], limit=CHOICES_MOST)
    except Exception as error:  # whatever it is, the person goes on typing, and is told on arrival
        _log.warning("no episodes to offer: %r", error)
        return []
    return [app_commands.Choice(name=_label(one), value=one.slug) for one in found]


async def source_choices(interaction: Interaction, typed: str) -> Choices:
    """Sources that contain what is ``typed``, after the choice of all."""
    try:
        async with asyncio.timeout(_WITHIN_S):
            known = await sources(interaction.client.context.answerer)
    except Exception as error:  # as above
        _log.warning("no sources to offer: %r", error)
        return []
    every = interaction.client.context.catalogue.text("find.every_source", interaction.locale)
    wanted = fold(typed)
    fitting = [one for one in known if wanted in fold(one) and size(one) <= CHOICE_MOST]
    choices = [app_commands.Choice(name=one, value=one) for one in fitting]
    if not wanted:
        choices.insert(0, app_commands.Choice(name=cut(every, CHOICE_MOST), value=EVERY_SOURCE))
    return choices[:CHOICES_MOST]


def _label(episode: EpisodeRecord) -> str:
    about = episode.about
    if not about.source:
        return cut(folded(about.title), CHOICE_MOST)
    source = cut(folded(about.source), CHOICE_MOST // 3)
    return f"{cut(folded(about.title), CHOICE_MOST - size(source) - 3)} · {source}"
