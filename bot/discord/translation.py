"""Names and descriptions of commands in every language of the catalogue."""

import discord
from discord import app_commands

from bot.i18n.catalogue import DEFAULT, Catalogue


def named(catalogue: Catalogue, key: str) -> app_commands.locale_str:
    """The text under ``key``, to be translated when commands are synced."""
    return app_commands.locale_str(catalogue.text(key), key=key)


class CatalogueTranslator(app_commands.Translator):
    """Discord's own texts about a command, from the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """``string`` in ``locale``; None where it is in the default language already, or in none we have."""
        del context
        key = string.extras.get("key")
        language = self._catalogue.language_of(locale.value)
        if key is None or language == DEFAULT or not self._catalogue.has(key):
            return None
        return self._catalogue.text(key, locale.value)
