"""How commands are declared: names and descriptions in every language, and options that complete themselves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, TypeVar

import discord
from discord import app_commands

from bot.app.input_validation import EVERY_SOURCE
from bot.app.one_line import one_line
from bot.app.service import LibraryService
from bot.discord.context import Interaction
from bot.discord.ui.limits import MAX_CHOICE, MAX_CHOICES, cut, size
from bot.i18n.message_catalogue import DEFAULT, MessageCatalogue
from index.library.episodes import EpisodeFile
from index.text.source_names import sources_meant
from index.text.tokens import fold

Command: TypeAlias = app_commands.Command[Any, ..., Any]
AnyCommand: TypeAlias = Command | app_commands.Group | app_commands.ContextMenu
Choices = list[app_commands.Choice[str]]
T = TypeVar("T")

_WITHIN_S = 2.0
_SEPARATOR = " · "

_log = logging.getLogger(__name__)


def localized(catalogue: MessageCatalogue, key: str) -> app_commands.locale_str:
    """Return the text under ``key``, to be translated when commands are synced."""
    return app_commands.locale_str(catalogue.text(key), key=key)


def command(
    catalogue: MessageCatalogue, key: str, callback: Callable[..., Any], options: Sequence[str]
) -> Command:
    """Return a command whose names and descriptions are in the catalogue under ``command.<key>``.

    Args:
        catalogue: every sentence.
        key: such as ``find`` or ``admin.add``.
        callback: its parameters after the interaction are the options.
        options: names of these parameters.
    """
    key = f"command.{key}"
    texts = {name: localized(catalogue, f"{key}.options.{name}.description") for name in options}
    names = {name: localized(catalogue, f"{key}.options.{name}.name") for name in options}
    callback = app_commands.rename(**names)(app_commands.describe(**texts)(callback))
    return app_commands.Command(
        name=localized(catalogue, f"{key}.name"),
        description=localized(catalogue, f"{key}.description"),
        callback=callback,
    )


def for_everybody(commands: Sequence[AnyCommand]) -> Sequence[AnyCommand]:
    """Let commands work in servers and in private messages, installed by a server or by a person."""
    for item in commands:
        item.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
        item.allowed_contexts = app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=True
        )
    return commands


class CatalogueTranslator(app_commands.Translator):
    """Gives Discord its own texts about a command, from the catalogue."""

    def __init__(self, catalogue: MessageCatalogue) -> None:
        self._catalogue = catalogue

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return ``string`` in ``locale``; None if that is the default language, or there is no text."""
        del context
        key = string.extras.get("key")
        language = self._catalogue.language_of(locale.value)
        if key is None or language == DEFAULT or not self._catalogue.has(key):
            return None
        return self._catalogue.text(key, locale.value)


async def episode_choices(interaction: Interaction, typed: str) -> Choices:
    """Return episodes whose title, guest or source ``typed`` may become."""
    episodes = await _ask(
        interaction, lambda answerer: answerer.suggest(typed[:MAX_CHOICE], limit=MAX_CHOICES)
    )
    return [episode_choice(episode.slug, episode.about) for episode in episodes or []]


def episode_choice(slug: str, about: EpisodeFile) -> app_commands.Choice[str]:
    """Return the choice of an episode: its title and source, for its slug."""
    return app_commands.Choice(name=_label(about), value=slug)


async def source_choices(interaction: Interaction, typed: str) -> Choices:
    """Return sources that ``typed`` may mean; first the choice of all if nothing is typed."""
    sources = await _ask(interaction, lambda answerer: answerer.sources())
    if sources is None:
        return []
    choices = _source_choices(typed, sources)
    if not typed.strip():
        every = interaction.client.context.catalogue.text("find.every_source", interaction.locale)
        choices.insert(0, app_commands.Choice(name=cut(every, MAX_CHOICE), value=EVERY_SOURCE))
    return choices[:MAX_CHOICES]


async def known_source_choices(interaction: Interaction, typed: str) -> Choices:
    """Return sources that ``typed`` may mean, where all together are no choice: what is added belongs to one."""
    return _source_choices(typed, await _ask(interaction, lambda answerer: answerer.sources()) or [])


def _source_choices(typed: str, sources: Sequence[str]) -> Choices:
    typed = typed[:MAX_CHOICE].strip()
    holding = [source for source in sources if fold(typed) in fold(source)]
    return _choices(holding or sources_meant(typed, sources))


async def speaker_choices(interaction: Interaction, typed: str) -> Choices:
    """Return speakers whose name holds ``typed``, those who speak most first."""
    speakers = await _ask(
        interaction, lambda answerer: answerer.suggest_speakers(typed[:MAX_CHOICE], limit=MAX_CHOICES)
    )
    return _choices(speakers or [])


async def _ask(
    interaction: Interaction, question: Callable[[LibraryService], Awaitable[list[T]]]
) -> list[T] | None:
    """Return the answer; None if it fails or is late: what is typed is checked again when it is sent."""
    try:
        async with asyncio.timeout(_WITHIN_S):
            return await question(interaction.client.context.answerer)
    except Exception as error:  # the person goes on typing, and is told when the command is sent
        _log.warning("nothing to offer: %r", error)
        return None


def _choices(names: Sequence[str]) -> Choices:
    fitting = [name for name in names if one_line(name) and size(name) <= MAX_CHOICE]
    return [app_commands.Choice(name=one_line(name), value=name) for name in fitting[:MAX_CHOICES]]


def _label(about: EpisodeFile) -> str:
    title = one_line(about.title)
    if not about.source:
        return cut(title, MAX_CHOICE)
    source = cut(one_line(about.source), MAX_CHOICE // 3)
    return f"{cut(title, MAX_CHOICE - size(source) - len(_SEPARATOR))}{_SEPARATOR}{source}"
