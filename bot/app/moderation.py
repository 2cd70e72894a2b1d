"""Which servers look after the library: those that a setting names, or that the application's owner opened."""

from dataclasses import dataclass

from bot.app.settings import Settings


@dataclass(frozen=True, slots=True)
class Moderation:
    """The servers that ``/admin`` is taken from; in all others it works for the application's owner or team alone.

    Attributes:
        servers: their ids.
        is_set: whether the setting ``moderated_from`` names them, which then decides alone, for the owner, too.
    """

    servers: frozenset[int]
    is_set: bool

    @classmethod
    def of(cls, settings: Settings, opened: frozenset[int]) -> "Moderation":
        """Return what holds where the owner ``opened`` these servers."""
        if settings.moderated_from:
            return cls(frozenset(settings.moderated_from), is_set=True)
        return cls(opened, is_set=False)
