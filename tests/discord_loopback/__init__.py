"""A stand-in for Discord on 127.0.0.1, for tests of any bot. It imports nothing of the product; see README.md."""

from discord_loopback.driver import Person
from discord_loopback.errors import NoAnswerError, RefusedByClientError, Violation
from discord_loopback.messages import Message
from discord_loopback.people import MANAGE_GUILD
from discord_loopback.reply import Reply
from discord_loopback.server import LoopbackDiscord, LoopbackGuild

__all__ = [
    "MANAGE_GUILD",
    "LoopbackDiscord",
    "LoopbackGuild",
    "Message",
    "NoAnswerError",
    "Person",
    "RefusedByClientError",
    "Reply",
    "Violation",
]
