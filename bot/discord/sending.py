"""An answer on its way into Discord: with its picture, and in another form where Discord refuses the first."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import discord

from bot.discord.rendering.plain import plain_buttons, plain_embeds

if TYPE_CHECKING:
    from bot.discord.rendering.parts import Answer

_log = logging.getLogger(__name__)

_MALFORMED = 400
_WITHOUT_FILE = (403, 413)


async def send(interaction: discord.Interaction[Any], answer: Answer, *, is_new: bool) -> None:
    """Show ``answer`` in the place of what the interaction showed so far; its picture replaces any that was there.

    An answer that Discord refuses is sent once more in another form: without its picture where the file is refused
    (403, 413), or where the message has components v2 already, which it cannot give up; else as embeds. The file
    needs no permission: in answers to interactions, apps may always embed and attach (Discord's change log,
    "Calculated Permissions in Interaction Payloads").

    Args:
        interaction: acknowledged.
        answer: fitted.
        is_new: whether the message shows nothing yet.

    Raises:
        discord.HTTPException: refused in the other form as well, or there is no other.
    """
    try:
        await interaction.edit_original_response(view=answer, attachments=_files(answer))
    except discord.HTTPException as refused:
        is_plain = refused.status == _MALFORMED and is_new
        is_bare = answer.picture is not None and (
            refused.status in _WITHOUT_FILE or (refused.status == _MALFORMED and not is_new)
        )
        if not (is_plain or is_bare):
            raise
        _log.warning("an answer was refused (%s); it is sent in another form", refused)
        if is_bare:
            await interaction.edit_original_response(view=answer.without_picture(), attachments=[])
            return
        await interaction.edit_original_response(
            embeds=plain_embeds(answer), view=plain_buttons(answer), attachments=_files(answer)
        )


def _files(answer: Answer) -> list[discord.File]:
    return [] if answer.picture is None else [answer.picture.file()]
