"""What moderators do: add, remove, reindex, look, set."""

from bot.discord.features.admin.commands import AdminGroup
from bot.discord.features.admin.components import ADMIN_ITEMS
from bot.discord.features.admin.context import AdminContext

__all__ = ["ADMIN_ITEMS", "AdminContext", "AdminGroup"]
