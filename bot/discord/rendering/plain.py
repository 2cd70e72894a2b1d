"""An answer without components v2: embeds, the picture on the first of them, and the same buttons.

Components v2 cannot be used where the server at the other end refuses them. That happens in two ways: a server that
speaks Discord's protocol (the setting ``api_base``) but is older than they are; and Discord itself, which has been
seen to refuse heavy component payloads within all the limits that it documents. Embeds have other limits (6000
characters in all), which any answer that was fitted for components keeps.
"""

from dataclasses import dataclass, field
from typing import Any

import discord
from discord import ui

from bot.discord.limits import BUTTONS_IN_ROW_MOST, EMBEDS_MOST, ROWS_MOST
from bot.discord.rendering.parts import Answer, CardButton


@dataclass(slots=True)
class _Piece:
    colour: discord.Colour | None
    texts: list[str] = field(default_factory=list)


def plain_embeds(answer: Answer) -> list[discord.Embed]:
    """The words of ``answer``, one embed a panel; its picture in the first."""
    pieces: list[_Piece] = []
    for part in answer.children:
        if isinstance(part, ui.Container):
            pieces.append(_Piece(_colour(part), _texts(part)))
        elif isinstance(part, ui.TextDisplay):
            if not pieces or pieces[-1].colour is not None:
                pieces.append(_Piece(None))
            pieces[-1].texts.append(part.content)
    while len(pieces) > EMBEDS_MOST:
        pieces[-2].texts += pieces.pop().texts
    embeds = [discord.Embed(description="\n".join(one.texts), colour=one.colour) for one in pieces]
    if answer.picture is not None and embeds:
        embeds[0].set_image(url=answer.picture.address)
    return embeds


def plain_buttons(answer: Answer) -> ui.View:
    """The buttons and selects of ``answer`` in their order, as many as there are rows for.

    None stands beside its episode here, so a button of a card says whose it is.
    """
    view = ui.View(timeout=None)
    rows: list[list[ui.Item[Any]]] = []
    for part in answer.walk_children():
        if isinstance(part, ui.Select):
            rows.append([part])
        elif isinstance(part, ui.Button):
            is_full = not rows or isinstance(rows[-1][0], ui.Select) or len(rows[-1]) == BUTTONS_IN_ROW_MOST
            if is_full:
                rows.append([])
            rows[-1].append(part)
    for number, items in enumerate(rows[:ROWS_MOST]):
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
    label = item.alone if isinstance(item, CardButton) else item.label
    return ui.Button(label=label, custom_id=item.custom_id, disabled=item.disabled, row=number)


def _texts(panel: ui.Container[Any]) -> list[str]:
    return [one.content for one in panel.walk_children() if isinstance(one, ui.TextDisplay)]


def _colour(panel: ui.Container[Any]) -> discord.Colour | None:
    return None if panel.accent_colour is None else discord.Colour(int(panel.accent_colour))
