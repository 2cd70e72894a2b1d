"""``/counterbalance`` and ``/related``: who is on the other side of an episode, and who talks of the same."""

from bot.discord.features.counterbalance.commands import COMPONENTS, commands, counterbalance, related

__all__ = ["COMPONENTS", "commands", "counterbalance", "related"]
