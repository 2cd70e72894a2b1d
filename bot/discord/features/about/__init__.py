"""``/about``: what positions mean, how they are made, how far they hold, what is stored."""

from bot.discord.features.about.commands import commands

__all__ = ["commands"]
