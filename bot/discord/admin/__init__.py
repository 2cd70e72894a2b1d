"""What moderators do: add, remove, reindex, look, set."""

from bot.discord.admin.commands import AdminGroup
from bot.discord.admin.components import ADMIN_ITEMS
from bot.discord.admin.context import AdminContext

__all__ = ["ADMIN_ITEMS", "AdminContext", "AdminGroup"]
