"""What every button and select that outlives a restart is made of: it is read back from its custom_id."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar, Generic, Self, TypeVar

import discord
from discord import ui

ItemT = TypeVar("ItemT", bound=ui.Item[Any])
PressT = TypeVar("PressT")

_NOTHING = re.compile(r"(?!)")


class LastingItem(ui.DynamicItem[ItemT], Generic[ItemT, PressT], template=_NOTHING):
    """A button or select whose custom_id says what it does; a kind adds its ``callback``.

    Each kind names two things in its class's parameters: ``template``, which whole custom_ids match and by which
    discord.py tells kinds apart, and ``read``, which makes the press of a match. Messages with these ids stand in
    channels for years, so neither may stop reading what it once read.

    Attributes:
        press: what the custom_id says.
    """

    _read: ClassVar[Callable[[re.Match[str]], Any]]

    def __init_subclass__(cls, *, template: re.Pattern[str], read: Callable[[re.Match[str]], Any]) -> None:
        super().__init_subclass__(template=template)
        cls._read = staticmethod(read)

    def __init__(self, item: ItemT, press: PressT) -> None:
        super().__init__(item)
        self.press = press

    @classmethod
    async def from_custom_id(  # type: ignore[override]  # a template of buttons is matched by buttons alone
        cls, interaction: discord.Interaction[Any], item: ItemT, match: re.Match[str], /
    ) -> Self:
        """The item that ``match`` describes."""
        del interaction
        return cls(item, cls._read(match))
