"""``/admin``: what moderators do. Add, remove, reindex, look at the status, set; open and close servers."""

from bot.discord.features.admin.actions import close_messages
from bot.discord.features.admin.commands import COMPONENTS, group

__all__ = ["COMPONENTS", "close_messages", "group"]
