"""What every command is handed: the parts that the composition root made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.discord.pictures import Pictures

if TYPE_CHECKING:
    from bot.app.community import CommunityDatabase
    from bot.app.limiter import RequestLimiter
    from bot.app.service import LibraryService
    from bot.app.settings import Settings
    from bot.i18n.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that commands work with. Made once, in ``bot.discord.client``; nothing here is global.

    Attributes:
        answerer: what the library knows.
        door: every question goes through it, so that neither queue nor time is without bound.
        keeping: what members and moderators made: settings of servers, questions behind buttons, jobs.
        catalogue: every sentence, by key and language.
        settings: what the one who runs it set.
        pictures: what draws them, and keeps the newest.
    """

    answerer: LibraryService
    door: RequestLimiter
    keeping: CommunityDatabase
    catalogue: Catalogue
    settings: Settings
    pictures: Pictures = field(default_factory=Pictures)
