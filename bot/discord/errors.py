"""The one place where an error becomes a sentence for a person, and a whole story in the log."""

import logging
import secrets
from pathlib import PurePath
from typing import Any

import discord
from discord import app_commands

from bot.discord.limits import CONTENT_MOST, cut
from bot.discord.markup import shown
from bot.i18n.catalogue import Catalogue
from scoring.errors import CodedError

_log = logging.getLogger(__name__)

UNKNOWN_INTERACTION = 10062
_LONGEST_FIELD = 100


class Reporter:
    """Tells people what went wrong, and counts it.

    Attributes:
        n_late: interactions that Discord no longer knew when they were acknowledged.
        n_unexpected: errors that have no sentence: faults of this program or of its surroundings.
        last_unexpected: the reference of the newest of them, and the name of its class; None before the first.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.n_late = 0
        self.n_unexpected = 0
        self.last_unexpected: tuple[str, str] | None = None

    async def tell(self, interaction: discord.Interaction[Any], error: BaseException) -> None:
        """Say ``error`` to whoever asked, to nobody else. Never raises, never tries twice."""
        error = _cause(error)
        if isinstance(error, discord.NotFound) and error.code == UNKNOWN_INTERACTION:
            self.n_late += 1
            _log.warning("interaction %s came too late or is gone (%d so far)", interaction.id, self.n_late)
            return
        text = self.sentence(error, interaction.locale)
        try:
            await _say(interaction, text)
        except discord.HTTPException as refused:
            _log.warning("could not tell of %r: %s", error, refused)

    def sentence(self, error: BaseException, locale: object) -> str:
        """What a person is told of ``error``, with a short code; an unexpected one is logged with its reference."""
        if isinstance(error, CodedError):
            _log.info("refused: %s", error.code)
            code, said = error.code, self._catalogue.error(error, locale, shown=_harmless)
        elif isinstance(error, app_commands.CheckFailure):
            code, said = "not_here", self._catalogue.text("error.not_here", locale)
        else:
            code = secrets.token_hex(4)
            self.n_unexpected += 1
            self.last_unexpected = (code, type(error).__name__)
            _log.error("unexpected error, reference %s", code, exc_info=error)
            said = self._catalogue.text("error.unexpected", locale, reference=code)
        return f"{cut(said, CONTENT_MOST - 60)}\n-# `{code}`"


def _cause(error: BaseException) -> BaseException:
    while isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError):
        inner = getattr(error, "original", None) or error.__cause__
        if inner is None:
            break
        error = inner
    return error


async def _say(interaction: discord.Interaction[Any], text: str) -> None:
    response = interaction.response
    if not response.is_done():
        await response.send_message(text, ephemeral=True)
    elif response.type is discord.InteractionResponseType.deferred_channel_message:
        if interaction.extras.get("is_public"):
            await interaction.delete_original_response()
            await interaction.followup.send(text, ephemeral=True)
        else:
            await interaction.edit_original_response(content=text)
    else:
        await interaction.followup.send(text, ephemeral=True)


def _harmless(text: str) -> str:
    """Foreign text of an error; of a path on this machine only its last part."""
    path = PurePath(text)
    return shown(path.name if path.is_absolute() else text, _LONGEST_FIELD)
