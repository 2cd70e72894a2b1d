"""Sending an answer: with its picture, and in another form where Discord refuses the first.

Components v2 are refused in two ways: by a server that speaks Discord's protocol (the setting ``api_base``) but is
older than they are; and by Discord itself, which has been seen to refuse heavy component payloads within all the limits
that it documents. Embeds have other limits (6000 characters in all), which any answer fitted for components keeps.
"""

import logging
from dataclasses import dataclass, field
from typing import Any

import discord
from discord import ui

from bot.discord.ui.limits import MAX_BUTTONS_IN_ROW, MAX_EMBEDS, MAX_ROWS
from bot.discord.ui.parts import Answer, PlacedButton

_log = logging.getLogger(__name__)

_MALFORMED = 400
_WITHOUT_FILE = (403, 413)


async def send(interaction: discord.Interaction[Any], answer: Answer, *, is_new: bool) -> None:
    """Show ``answer`` in place of what the interaction showed so far; its files replace any that were there.

    An answer that Discord refuses is sent once more in another form, if there is one. The file needs no permission: in
    answers to interactions, apps may always embed and attach (Discord's change log, "Calculated Permissions in
    Interaction Payloads").

    Args:
        interaction: acknowledged.
        answer: fitted.
        is_new: True if the message shows nothing yet.

    Raises:
        discord.HTTPException: refused in the other form as well, or there is no other.
    """
    try:
        await interaction.edit_original_response(view=answer, attachments=answer.files())
    except discord.HTTPException as refused:
        form = form_instead(answer, refused, is_new=is_new)
        if form is None:
            raise
        await interaction.edit_original_response(**form, attachments=answer.files())


def form_instead(answer: Answer, refused: discord.HTTPException, *, is_new: bool) -> dict[str, Any] | None:
    """Return the form in which an answer that Discord refused is sent once more, with the files that it has then.

    Without its picture where the file is refused (403, 413), or where the message has components v2 already, which it
    cannot give up; else as embeds.

    Args:
        answer: fitted; its picture is taken out where it goes without.
        refused: the refusal.
        is_new: True if the message shows nothing yet.

    Returns:
        Arguments for discord.py's methods that send; None where no other form would be taken.
    """
    is_plain = refused.status == _MALFORMED and is_new
    is_bare = answer.picture is not None and (
        refused.status in _WITHOUT_FILE or (refused.status == _MALFORMED and not is_new)
    )
    if not (is_plain or is_bare):
        return None
    _log.warning("an answer was refused (%s); it is sent in another form", refused)
    if is_bare:
        return {"view": answer.without_picture()}
    return {"embeds": plain_embeds(answer), "view": plain_components(answer)}


@dataclass(slots=True)
class _Embed:
    colour: discord.Colour | None
    texts: list[str] = field(default_factory=list)


def plain_embeds(answer: Answer) -> list[discord.Embed]:
    """Return the words of ``answer``, one embed a panel; its picture in the first."""
    parts: list[_Embed] = []
    for item in answer.children:
        if isinstance(item, ui.Container):
            parts.append(_Embed(_colour(item), _texts(item)))
        elif isinstance(item, ui.TextDisplay):
            if not parts or parts[-1].colour is not None:
                parts.append(_Embed(None))
            parts[-1].texts.append(item.content)
    while len(parts) > MAX_EMBEDS:
        parts[-2].texts += parts.pop().texts
    embeds = [discord.Embed(description="\n".join(part.texts), colour=part.colour) for part in parts]
    if answer.picture is not None and embeds:
        embeds[0].set_image(url=answer.picture.address)
    return embeds


def plain_components(answer: Answer) -> ui.View:
    """Return the buttons and selects of ``answer`` in their order, as many as there are rows for.

    None is beside its episode here, so those of an episode say whose they are.
    """
    view = ui.View(timeout=None)
    rows: list[list[ui.Item[Any]]] = []
    for item in answer.walk_children():
        if isinstance(item, ui.Select):
            rows.append([item])
        elif isinstance(item, ui.Button):
            is_full = not rows or isinstance(rows[-1][0], ui.Select) or len(rows[-1]) == MAX_BUTTONS_IN_ROW
            if is_full:
                rows.append([])
            rows[-1].append(item)
    for number, items in enumerate(rows[:MAX_ROWS]):
        for item in items:
            view.add_item(_copied(item, number))
    view.stop()
    return view


def _copied(item: ui.Item[Any], number: int) -> ui.Item[Any]:
    if isinstance(item, ui.Select):
        return ui.Select(
            custom_id=item.custom_id, placeholder=item.placeholder, options=item.options, row=number
        )
    if not isinstance(item, ui.Button):
        raise TypeError(type(item).__name__)
    if item.url is not None:
        return ui.Button(label=item.label, url=item.url, row=number)
    label = item.alone if isinstance(item, PlacedButton) else item.label
    return ui.Button(
        label=label, custom_id=item.custom_id, style=item.style, disabled=item.disabled, row=number
    )


def _texts(container: ui.Container[Any]) -> list[str]:
    return [item.content for item in container.walk_children() if isinstance(item, ui.TextDisplay)]


def _colour(container: ui.Container[Any]) -> discord.Colour | None:
    return None if container.accent_colour is None else discord.Colour(int(container.accent_colour))
