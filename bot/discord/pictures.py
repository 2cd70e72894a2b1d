"""Pictures beside answers: drawn off the event loop, kept for the next who asks, never in the way of the words."""

import asyncio
import logging
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cachetools import LRUCache

from bot.app.one_line import one_line
from bot.app.service import EpisodeCard
from bot.discord.ui.limits import MAX_ALT, cut
from bot.discord.ui.parts import Picture
from bot.i18n.language import Language
from bot.render.png.counterbalance_plot import draw_balance
from bot.render.png.episode_card import draw_card
from bot.render.png.find_strip import draw_found
from bot.render.png.map import draw_map
from bot.render.png.picture_texts import balance_alt, card_alt, found_alt, map_alt
from bot.render.png.quote_card import Quote, draw_quotes, quotes_alt
from index.search.answers import Found
from index.search.coverage import Coverage
from index.search.related import Counterbalance

MAX_BYTES = 16 * 1024 * 1024
"""Of all pictures that are kept; 50 answers to questions at least, and more cards."""

WITHIN_S = 3.0
"""How long an answer waits for its picture."""

MAX_WAITING = 6
"""Pictures that are drawn or wait to be drawn; beyond that an answer goes without."""

_THREADS = 2

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Key:
    """What a picture shows. There is one size, and values never change within an edition."""

    edition: str
    kind: str
    about: Hashable
    language: str


class Pictures:
    """Draws pictures, and keeps the newest up to ``max_bytes``.

    A picture is kept under the edition that its values come from; where there is none, it is drawn and not kept. What
    two ask for at once is drawn once. Every method returns None, and logs why, where a picture cannot be drawn or not
    soon enough: the words go without.

    Args:
        max_bytes: of all PNG files together, their alternative texts included.
        within_s: how long an answer waits; a picture that is late is kept for the next one.
        max_waiting: pictures that may be drawn or wait to be drawn.
    """

    def __init__(
        self, *, max_bytes: int = MAX_BYTES, within_s: float = WITHIN_S, max_waiting: int = MAX_WAITING
    ) -> None:
        self._within_s = within_s
        self._max_waiting = max_waiting
        self._kept: LRUCache[_Key, Picture] = LRUCache(max_bytes, getsizeof=_bytes_of)
        self._underway: dict[_Key, asyncio.Task[Picture | None]] = {}
        self._threads = ThreadPoolExecutor(_THREADS, "drawing")
        self.n_drawn = 0

    @property
    def n_bytes(self) -> int:
        """Bytes of all pictures that are kept."""
        return int(self._kept.currsize)

    async def card(self, language: Language, card: EpisodeCard) -> Picture | None:
        """Return the picture of an episode's card."""
        episode, slices = card.episode, card.slices
        return await self._picture(
            _key(card.edition, "card", episode.slug, language),
            lambda: draw_card(episode, slices, language),
            lambda: card_alt(episode, slices, language),
        )

    async def balance(self, language: Language, answer: Counterbalance) -> Picture | None:
        """Return the picture of an episode and its picks."""
        return await self._picture(
            _key(answer.edition, "balance", answer.episode.slug, language),
            lambda: draw_balance(answer, language),
            lambda: balance_alt(answer, language),
        )

    async def found(self, language: Language, answer: Found, about: Hashable) -> Picture | None:
        """Return the picture of where passages stand; ``about`` names question and page. None without passages."""
        if not answer.passages:
            return None
        return await self._picture(
            _key(answer.edition, "found", about, language),
            lambda: draw_found(answer, language),
            lambda: found_alt(answer, language),
        )

    async def quotes(
        self, language: Language, edition: str, quotes: Sequence[Quote], link: str | None, about: Hashable
    ) -> Picture | None:
        """Return the picture of a quote, or of two that answer each other.

        Args:
            language: of its words.
            edition: that the quotes are from.
            quotes: one or two.
            link: where the first can be read, or None.
            about: names the quotes within the edition.
        """
        return await self._picture(
            _key(edition, "quote", about, language),
            lambda: draw_quotes(quotes, link, language),
            lambda: quotes_alt(quotes, language),
        )

    async def map(self, language: Language, coverage: Coverage) -> Picture | None:
        """Return the picture of a library by subject. None without subjects."""
        if not coverage.subjects:
            return None
        return await self._picture(
            _key(coverage.edition, "map", (coverage.source, coverage.topic), language),
            lambda: draw_map(coverage, language),
            lambda: map_alt(coverage, language),
        )

    def close(self) -> None:
        """Begin no more pictures, and wait for none."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _picture(
        self, key: _Key, draw: Callable[[], bytes], describe: Callable[[], str]
    ) -> Picture | None:
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        task = self._underway.get(key)
        if task is None:
            if len(self._underway) >= self._max_waiting:
                _log.warning("%d pictures are waited for; an answer went without", len(self._underway))
                return None
            task = asyncio.create_task(self._drawn(key, draw, describe))
            self._underway[key] = task
        try:
            async with asyncio.timeout(self._within_s):
                return await asyncio.shield(task)
        except TimeoutError:
            _log.warning("the picture %s is late; its answer went without", key.kind)
            return None

    async def _drawn(
        self, key: _Key, draw: Callable[[], bytes], describe: Callable[[], str]
    ) -> Picture | None:
        try:
            png = await asyncio.get_running_loop().run_in_executor(self._threads, draw)
            self.n_drawn += 1
            picture = Picture(f"{key.kind}.png", cut(one_line(describe()), MAX_ALT), png)
        except Exception:  # whatever it is, the words are worth more than the picture
            _log.exception("the picture %s could not be drawn", key.kind)
            return None
        finally:
            self._underway.pop(key, None)
        if key.edition and _bytes_of(picture) <= self._kept.maxsize:
            self._kept[key] = picture
        return picture


def _key(edition: str, kind: str, about: Hashable, language: Language) -> _Key:
    return _Key(edition, kind, about, language.catalogue.language_of(language.locale))


def _bytes_of(picture: Picture) -> int:
    return len(picture.png) + len(picture.alt.encode())
