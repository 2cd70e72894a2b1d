"""``/episode``: the card of a conversation. What it is, its position and why, its arc, and how far to trust it."""

from bot.discord.features.episode.commands import COMPONENTS, card, commands

__all__ = ["COMPONENTS", "card", "commands"]
