"""Pictures beside answers: drawn off the event loop, kept for who asks next, never in the way of the words."""

import asyncio
import io
import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import discord

from bot.app.service import EpisodeCard
from bot.discord.limits import ALT_MOST, cut
from bot.discord.markup import folded
from bot.i18n.language import Language
from bot.render.png.alternatives import balance_alt, card_alt, found_alt, map_alt
from bot.render.png.balance import draw_balance
from bot.render.png.card import draw_card
from bot.render.png.found import draw_found
from bot.render.png.map import draw_map
from index.search.answers import Found
from index.search.coverage import Coverage
from index.search.related import Counterbalance

MOST_BYTES = 32 * 1024 * 1024
"""Of all pictures that are kept; about 150 of them."""

WITHIN_S = 3.0
"""How long an answer waits for its picture."""

_AT_ONCE = 2

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with the words that stand for it.

    Attributes:
        name: of the file.
        alt: alternative text, at most ``ALT_MOST`` characters in one line.
        png: the file.
    """

    name: str
    alt: str
    png: bytes

    @property
    def address(self) -> str:
        """What a message's components call it."""
        return f"attachment://{self.name}"

    def file(self) -> discord.File:
        """The file for one sending; discord.py closes it."""
        return discord.File(io.BytesIO(self.png), self.name, description=self.alt)


@dataclass(frozen=True, slots=True)
class _Key:
    """What a picture is of.

    Nothing else may change what it shows: there is one size, and values never change within an edition.
    """

    edition: str
    kind: str
    what: Hashable
    language: str


class Pictures:
    """Draws pictures, and keeps the newest up to ``most_bytes``.

    A picture is kept under the edition that its values come from, so that a newer edition never meets an older one's;
    where the edition is not known (None), it is drawn and not kept. What two ask for at once is drawn once.
    Every method gives None, and logs why, where a picture cannot be drawn or not soon enough: the words go without.

    Args:
        most_bytes: of all PNG files together.
        within_s: how long an asker waits; a picture that is late is kept for the next one.
    """

    def __init__(self, *, most_bytes: int = MOST_BYTES, within_s: float = WITHIN_S) -> None:
        self._most_bytes = most_bytes
        self._within_s = within_s
        self._kept: OrderedDict[_Key, Picture] = OrderedDict()
        self._underway: dict[_Key, asyncio.Task[Picture | None]] = {}
        self._few = asyncio.Semaphore(_AT_ONCE)
        self.n_bytes = 0
        self.n_drawn = 0

    async def card(self, language: Language, card: EpisodeCard, edition: str | None) -> Picture | None:
        """An episode's card."""
        episode, slices = card.episode, card.slices
        return await self._picture(
            self._key(edition, "card", episode.slug, language),
            lambda: draw_card(episode, slices, language),
            lambda: card_alt(episode, slices, language),
            kind="card",
        )

    async def balance(
        self, language: Language, answer: Counterbalance, edition: str | None
    ) -> Picture | None:
        """An episode and its picks."""
        return await self._picture(
            self._key(edition, "balance", answer.episode.slug, language),
            lambda: draw_balance(answer, language),
            lambda: balance_alt(answer, language),
            kind="balance",
        )

    async def found(self, language: Language, answer: Found, what: Hashable) -> Picture | None:
        """Where passages stand; ``what`` names the question and its page. None where there are none."""
        if not answer.passages:
            return None
        return await self._picture(
            self._key(answer.edition or None, "found", what, language),
            lambda: draw_found(answer, language),
            lambda: found_alt(answer, language),
            kind="found",
        )

    async def map(self, language: Language, coverage: Coverage, edition: str | None) -> Picture | None:
        """A library by subject. None where there are none."""
        if not coverage.subjects:
            return None
        return await self._picture(
            self._key(edition, "map", (coverage.source, coverage.topic), language),
            lambda: draw_map(coverage, language),
            lambda: map_alt(coverage, language),
            kind="map",
        )

    def _key(self, edition: str | None, kind: str, what: Hashable, language: Language) -> _Key | None:
        spoken = language.catalogue.language_of(language.locale)
        return None if edition is None else _Key(edition, kind, what, spoken)

    async def _picture(
        self, key: _Key | None, draw: Callable[[], bytes], tell: Callable[[], str], *, kind: str
    ) -> Picture | None:
        if key is not None and key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        task = self._underway.get(key) if key is not None else None
        if task is None:
            task = asyncio.create_task(self._drawn(key, draw, tell, kind))
            if key is not None:
                self._underway[key] = task
        try:
            async with asyncio.timeout(self._within_s):
                return await asyncio.shield(task)
        except TimeoutError:
            _log.warning("the picture %s is late; its answer went without", kind)
            return None

    async def _drawn(
        self, key: _Key | None, draw: Callable[[], bytes], tell: Callable[[], str], kind: str
    ) -> Picture | None:
        try:
            async with self._few:
                png = await asyncio.to_thread(draw)
                self.n_drawn += 1
            picture = Picture(f"{kind}.png", cut(folded(tell()), ALT_MOST), png)
        except Exception:  # whatever it is, the words are worth more than the picture
            _log.exception("the picture %s could not be drawn", kind)
            return None
        finally:
            if key is not None:
                self._underway.pop(key, None)
        if key is not None:
            self._keep(key, picture)
        return picture

    def _keep(self, key: _Key, picture: Picture) -> None:
        self._kept[key] = picture
        self.n_bytes += len(picture.png)
        while self.n_bytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self.n_bytes -= len(oldest.png)
