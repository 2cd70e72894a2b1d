"""What is new in the library reaches who waits for it: alerts are matched, weekly digests are made."""

import asyncio
import logging
from collections.abc import Sequence

from bot.app.community.alert_tables import Alert, AlertTables, Hit
from bot.app.community.follow_tables import FollowTables
from bot.app.service import LibraryService
from index.errors import EditionMissing, EpisodeUnknown
from index.search.answers import Passage
from scoring.errors import CodedError
from scoring.mirror import is_across

LOOKS_EVERY_S = 30.0

MOST_WORDS_OF_A_PASSAGE = 60
"""So many words of a passage are looked for in a new episode."""

_LOOKED_AT = 8
_LEAST_SCORE = 0.55
"""A passage of a new episode must score so well for the alert, as a share of the best in the whole library: one episode
alone always has a best passage."""

_log = logging.getLogger(__name__)


class Notifications:
    """Looks at newly published editions.

    Args:
        alerts: who waits for what.
        follows: tell which episodes are taken in silently.
        answerer: finds passages.
    """

    def __init__(self, alerts: AlertTables, follows: FollowTables, answerer: LibraryService) -> None:
        self._alerts = alerts
        self._follows = follows
        self._answerer = answerer
        self._edition: str | None = None

    async def run(self) -> None:
        """Work until cancelled. What goes wrong is logged, and tried again."""
        while True:
            try:
                await self.round()
            except CodedError as error:
                _log.warning("news wait: %s", error)
            except Exception:
                _log.exception("news wait")
            await asyncio.sleep(LOOKS_EVERY_S)

    async def round(self) -> int:
        """Enter what a new edition brought, match it, and put what is due into the outbox; returns the messages."""
        await self._enter_edition()
        alerts = await self._alerts.all()
        for slug in await self._alerts.unmatched():
            hits = [hit for alert in alerts if (hit := await self._hit(alert, slug)) is not None]
            await self._alerts.matched(slug, hits)
        return await self._alerts.tell() + await self._alerts.send_digests()

    async def _enter_edition(self) -> None:
        try:
            edition = (await self._answerer.facts()).edition
        except EditionMissing:
            return
        if edition == self._edition:
            return
        slugs = [episode.slug for episode in await self._answerer.episodes()]
        await self._alerts.enter_known(slugs, silent=await self._follows.silent_slugs())
        self._edition = edition

    async def _hit(self, alert: Alert, slug: str) -> Hit | None:
        """Return the passage of an episode that an alert waits for, or None."""
        if slug == alert.slug:
            return None
        words = " ".join(alert.words.split()[:MOST_WORDS_OF_A_PASSAGE])
        try:
            here = await self._answerer.find(words, n_passages=_LOOKED_AT, episode=slug)
        except EpisodeUnknown:
            return None
        if not here.is_match or not here.passages:
            return None
        everywhere = await self._answerer.find(words, n_passages=1)
        best = max((passage.score for passage in everywhere.passages), default=0.0)
        fitting = [passage for passage in here.passages if passage.score >= _LEAST_SCORE * best]
        chosen = _first_across(alert.side, fitting)
        return None if chosen is None else Hit(alert.id, slug, chosen.slices[chosen.best].piece.ordinal)


def _first_across(side: float | None, passages: Sequence[Passage]) -> Passage | None:
    """Return the best passage, or the best that is across the spectrum from ``side``."""
    return next(
        (passage for passage in passages if side is None or is_across(side, passage.reading.position)), None
    )
