"""Servers whose members may use ``/admin``: named by a setting, or opened by the application's owner."""

from dataclasses import dataclass

from bot.app.settings import Settings


@dataclass(frozen=True, slots=True)
class AdminServers:
    """The servers that ``/admin`` is taken from; in all others it works for the application's owner or team alone.

    Attributes:
        ids: of the servers.
        is_set: whether the setting ``moderated_from`` names them, which then decides alone, for the owner, too.
    """

    ids: frozenset[int]
    is_set: bool

    @classmethod
    def of(cls, settings: Settings, opened: frozenset[int]) -> "AdminServers":
        """Return what holds where the owner ``opened`` these servers."""
        if settings.moderated_from:
            return cls(frozenset(settings.moderated_from), is_set=True)
        return cls(opened, is_set=False)
