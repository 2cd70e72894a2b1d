"""What moderators do: add, remove, reindex, look, set."""

from bot.chat.admin.commands import AdminGroup
from bot.chat.admin.desk import Desk
from bot.chat.admin.presses import ADMIN_ITEMS

__all__ = ["ADMIN_ITEMS", "AdminGroup", "Desk"]
