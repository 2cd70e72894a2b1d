"""``/find``: where something was said. The question, its answer in pages, its other side, its bands side by side."""

from bot.discord.features.find.commands import COMPONENTS, commands, counter, find, speaks_to
from bot.discord.features.find.question import FindQuestion

__all__ = ["COMPONENTS", "FindQuestion", "commands", "counter", "find", "speaks_to"]
