"""Pictures of quotes: of the words of one passage, or of two that answer each other."""

from bot.discord.features.quotes.handlers import COMPONENTS

__all__ = ["COMPONENTS"]
