"""``/admin missing``: what members asked for and the library does not have."""

from bot.discord.features.missing.commands import COMPONENTS, moderator_commands

__all__ = ["COMPONENTS", "moderator_commands"]
