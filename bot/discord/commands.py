"""What members may ask: six slash commands and two message menus."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot.discord import answers as asking
from bot.discord.about import about
from bot.discord.completion import episode_choices, source_choices
from bot.discord.context import Context
from bot.discord.interaction import Interaction
from bot.discord.language import Speech
from bot.discord.pipeline import Make, Where, answer
from bot.discord.questions import FindQuestion, checked_message, checked_query
from bot.discord.rendering.parts import Answer
from bot.discord.translation import named
from index.errors import EpisodeUnknown
from index.search.episode_names import episode_meant
from index.transcripts.links import video_id_in

Member = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu

_LINK = re.compile(r"<?https?://\S+", re.IGNORECASE)
_EPISODE_COMMANDS = (("counterbalance", asking.picks), ("episode", asking.card), ("related", asking.kin))


def member_commands(context: Context) -> Sequence[Member]:
    """All commands for members; none needs a permission, all work in servers and in direct messages."""
    commands: list[Member] = [_find(context), _spectrum(context), _about(context)]
    commands += [_episode_command(context, name, ask) for name, ask in _EPISODE_COMMANDS]
    commands += [_menu(context, "find_in_transcripts", _find_in), _menu(context, "counter_this", _counter)]
    for one in commands:
        one.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
        one.allowed_contexts = app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=True
        )
    return commands


def _find(context: Context) -> Member:
    axis, catalogue = context.answerer.axis, context.catalogue

    def choices(kind: str, names: Sequence[str]) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(
                name=named(catalogue, f"{kind}.{name}") if catalogue.has(f"{kind}.{name}") else name,
                value=name,
            )
            for name in names
        ]

    @app_commands.choices(lens=choices("lens", axis.lenses), band=choices("band", axis.bands))
    @app_commands.autocomplete(source=source_choices)
    async def find(  # noqa: PLR0917  # Discord hands every option over by its name
        interaction: Interaction,
        query: str,
        source: str | None = None,
        lens: str | None = None,
        band: str | None = None,
        balanced: bool = False,
    ) -> None:
        async def make(speech: Speech, is_public: bool) -> Answer:
            question = FindQuestion(checked_query(query), lens=lens, band=band, balanced=balanced)
            default = await _default_source(context, interaction)
            meant = await asking.source_meant(context.answerer, source, default)
            return await asking.find(context, replace(question, source=meant))(speech, is_public)

        await answer(interaction, make)

    return _command(context, "find", find, ("query", "source", "lens", "band", "balanced"))


def _spectrum(context: Context) -> Member:
    @app_commands.autocomplete(source=source_choices)
    async def spectrum(interaction: Interaction, source: str | None = None, topic: str | None = None) -> None:
        async def make(speech: Speech, is_public: bool) -> Answer:
            default = await _default_source(context, interaction)
            meant = await asking.source_meant(context.answerer, source, default)
            about = None if topic is None else checked_query(topic)
            return await asking.spectrum(context, meant, about)(speech, is_public)

        await answer(interaction, make)

    return _command(context, "spectrum", spectrum, ("source", "topic"))


def _episode_command(context: Context, name: str, ask: Callable[[Context, str], Make]) -> Member:
    @app_commands.autocomplete(episode=episode_choices)
    async def about_episode(interaction: Interaction, episode: str) -> None:
        await answer(interaction, ask(context, episode))

    return _command(context, name, about_episode, ("episode",))


def _about(context: Context) -> Member:
    async def tell(interaction: Interaction) -> None:
        await answer(interaction, about(context))

    return _command(context, "about", tell, ())


def _command(
    context: Context, name: str, callback: Callable[..., Any], options: Sequence[str]
) -> app_commands.Command[Any, ..., Any]:
    """A command whose names and descriptions stand in the catalogue under ``command.<name>``."""
    catalogue = context.catalogue
    key = f"command.{name}"
    texts = {one: named(catalogue, f"{key}.options.{one}.description") for one in options}
    renamed = {one: named(catalogue, f"{key}.options.{one}.name") for one in options}
    callback = app_commands.rename(**renamed)(app_commands.describe(**texts)(callback))
    return app_commands.Command(
        name=named(catalogue, f"{key}.name"),
        description=named(catalogue, f"{key}.description"),
        callback=callback,
    )


def _menu(context: Context, name: str, ask: Callable[[Context, str], Make]) -> Member:
    async def about_message(interaction: Interaction, message: discord.Message) -> None:
        async def make(speech: Speech, is_public: bool) -> Answer:
            return await ask(context, message.content)(speech, is_public)

        where: Where = "private"
        await answer(interaction, make, where=where)

    return app_commands.ContextMenu(name=named(context.catalogue, f"menu.{name}"), callback=about_message)


def _find_in(context: Context, content: str) -> Make:
    """A message as a question; a link to a video of the library limits it to that, and alone asks for its card."""

    async def make(speech: Speech, is_public: bool) -> Answer:
        slug = await _episode_linked(context, content)
        words = _LINK.sub(" ", content).strip()
        if slug is not None and not words:
            return await asking.card(context, slug)(speech, is_public)
        question = FindQuestion(checked_message(words or content), episode=slug)
        return await asking.find(context, question)(speech, is_public)

    return make


def _counter(context: Context, content: str) -> Make:
    """The other side of a message, or of the episode that it links to."""

    async def make(speech: Speech, is_public: bool) -> Answer:
        slug = await _episode_linked(context, content)
        if slug is not None:
            return await asking.picks(context, slug)(speech, is_public)
        words = _LINK.sub(" ", content).strip()
        return await asking.counter(context, checked_message(words or content))(speech, is_public)

    return make


async def _episode_linked(context: Context, content: str) -> str | None:
    """Slug of the episode that the first YouTube link in ``content`` names; None without one.

    Raises:
        EpisodeUnknown: there is nothing but a link, and the library does not have that video.
    """
    video = video_id_in(content)
    if video is None:
        return None
    try:
        return episode_meant(video, await context.answerer.episodes()).slug
    except EpisodeUnknown as error:
        if not _LINK.sub(" ", content).strip():
            raise EpisodeUnknown(received=content.strip(), nearest=[]) from error
        return None


async def _default_source(context: Context, interaction: Interaction) -> str | None:
    if interaction.guild_id is None:
        return None
    return (await context.keeping.server_or_default(interaction.guild_id)).default_source
