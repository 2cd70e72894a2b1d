"""``/person``: who speaks where, on what, from which positions, and whether those moved."""

from bot.discord.features.person.commands import commands

__all__ = ["commands"]
