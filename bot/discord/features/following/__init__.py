"""``/admin follow`` and ``/admin follows``, and what is said in a channel when a followed source has a new episode."""

from bot.discord.features.following.commands import COMPONENTS, moderator_commands
from bot.discord.features.following.rendering import announcement, announcement_marker

__all__ = ["COMPONENTS", "announcement", "announcement_marker", "moderator_commands"]
