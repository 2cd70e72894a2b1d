"""``/alerts`` and ``/admin digest``: what people and servers wait for, and the messages that tell them."""

from bot.discord.features.alerts.commands import COMPONENTS, commands, moderator_commands
from bot.discord.features.alerts.messages import (
    alert_message,
    alerts_ended_message,
    digest_message,
    news_marker,
)

__all__ = [
    "COMPONENTS",
    "alert_message",
    "alerts_ended_message",
    "commands",
    "digest_message",
    "moderator_commands",
    "news_marker",
]
