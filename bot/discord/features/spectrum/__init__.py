"""``/spectrum``: the library by subject, and the wings that it lacks."""

from bot.discord.features.spectrum.commands import COMPONENTS, commands, spectrum

__all__ = ["COMPONENTS", "commands", "spectrum"]
