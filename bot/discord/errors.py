"""The one place where an error becomes a sentence for a person, and a traceback in the log."""

import logging
import secrets
from pathlib import PurePath
from typing import Any

import aiohttp
import discord
from discord import app_commands, ui

from bot.discord.ui.limits import MAX_CONTENT, cut
from bot.discord.ui.markup import safe
from bot.i18n.language import Language
from bot.i18n.message_catalogue import MessageCatalogue
from scoring.errors import CodedError

_log = logging.getLogger(__name__)

UNREACHABLE = (aiohttp.ClientError, OSError, discord.RateLimited)
"""Errors of a request to Discord that nobody answered: the network's, or a longer wait than ours; not a refusal."""

_UNKNOWN_INTERACTION = 10062
_UNKNOWN_MESSAGE, _UNKNOWN_WEBHOOK, _INVALID_WEBHOOK_TOKEN = 10_008, 10_015, 50_027
_DISMISSED = (_UNKNOWN_MESSAGE, _UNKNOWN_WEBHOOK, _INVALID_WEBHOOK_TOKEN)
"""Codes of Discord's for an answer whose message was dismissed or deleted meanwhile, or is older than 15 minutes."""

_CHANNEL = discord.AppCommandOptionType.channel
"""An option that discord.py finds nothing for: a channel of a server that has the command, but not the bot."""

_LONGEST_FIELD = 100
_LONGEST_CODE_LINE = 60


class Reporter:
    """Tells people what went wrong, and counts it.

    Attributes:
        n_late: interactions that Discord no longer knew when they were acknowledged.
        n_unexpected: errors that have no sentence: faults of this program or of its surroundings.
        last_unexpected: the reference of the newest of them, and the name of its class; None before the first.
    """

    def __init__(self, catalogue: MessageCatalogue) -> None:
        self._catalogue = catalogue
        self.n_late = 0
        self.n_unexpected = 0
        self.last_unexpected: tuple[str, str] | None = None

    async def tell(
        self, interaction: discord.Interaction[Any], error: BaseException, *, choice: ui.View | None = None
    ) -> None:
        """Say ``error`` to the person who asked, and to nobody else. Never raises, never tries twice.

        Args:
            interaction: acknowledged or not.
            error: whatever went wrong.
            choice: a select of ways out to send with the sentence, or None.
        """
        try:
            error = _cause(error)
            if isinstance(error, discord.HTTPException) and error.code in _DISMISSED:
                _log.info("nobody waits for the answer to interaction %s any more", interaction.id)
                return
            if isinstance(error, discord.NotFound) and error.code == _UNKNOWN_INTERACTION:
                self.n_late += 1
                _log.warning(
                    "interaction %s came too late or is gone (%d so far)", interaction.id, self.n_late
                )
                return
            await _say(interaction, self.sentence(error, interaction.locale), choice)
        except Exception as refused:  # a reply that cannot be sent must not end the task that sends it
            _log.warning("could not tell of %r: %r", error, refused)

    def sentence(self, error: BaseException, locale: object) -> str:
        """Return the sentence about ``error`` with a short code; an unexpected error is logged with its reference."""
        if isinstance(error, CodedError):
            _log.info("refused: %s", error.code)
            code, sentence = error.code, self._catalogue.error(error, locale, shown=_harmless)
        elif isinstance(error, app_commands.CheckFailure):
            code, sentence = "not_here", self._catalogue.text("error.not_here", locale)
        elif isinstance(error, app_commands.TransformerError) and error.type is _CHANNEL:
            code, sentence = "channel_unseen", self._catalogue.text("error.channel_unseen", locale)
        else:
            code = self.log_unexpected(error)
            sentence = self._catalogue.text("error.unexpected", locale, reference=code)
        return f"{cut(sentence, MAX_CONTENT - _LONGEST_CODE_LINE)}\n-# `{code}`"

    def log_unexpected(self, error: BaseException) -> str:
        """Log and count an error that has no sentence; return its reference."""
        code = secrets.token_hex(4)
        self.n_unexpected += 1
        self.last_unexpected = (code, type(error).__name__)
        _log.error("unexpected error, reference %s", code, exc_info=error)
        return code


def error_text(language: Language, error: CodedError, most: int) -> str:
    """Return the sentence about ``error``; each foreign text in it is escaped, and cut to ``most`` characters."""
    return language.catalogue.error(error, language.locale, shown=lambda text: _harmless(text, most))


def _cause(error: BaseException) -> BaseException:
    while isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError):
        inner = getattr(error, "original", None) or error.__cause__
        if inner is None:
            break
        error = inner
    return error


async def _say(interaction: discord.Interaction[Any], text: str, choice: ui.View | None) -> None:
    response = interaction.response
    view = discord.utils.MISSING if choice is None else choice
    if not response.is_done():
        await response.send_message(text, view=view, ephemeral=True)
    elif response.type is discord.InteractionResponseType.deferred_channel_message:
        if interaction.extras.get("is_public"):
            await interaction.delete_original_response()
            await interaction.followup.send(text, view=view, ephemeral=True)
        else:
            await interaction.edit_original_response(content=text, view=view)
    else:
        await interaction.followup.send(text, view=view, ephemeral=True)


def _harmless(text: str, most: int = _LONGEST_FIELD) -> str:
    """Return foreign text of an error as it may be shown; of a path on this machine only its last part."""
    path = PurePath(text)
    return safe(path.name if path.is_absolute() else text, most)
