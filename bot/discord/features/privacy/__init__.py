"""``/privacy`` and ``/forget-me``: what is kept of a person, and how it is deleted."""

from bot.discord.features.privacy.commands import commands

__all__ = ["commands"]
