"""The reading of a slice, and votes on it: what is said there, its position and why, what members say of that."""

from bot.discord.features.votes.handlers import COMPONENTS, moderator_commands

__all__ = ["COMPONENTS", "moderator_commands"]
