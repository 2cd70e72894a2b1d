"""The library as the bot asks it: by worker processes."""

import asyncio
from typing import Any, TypeVar

from cachetools import LRUCache

from bot.app.edition_requests import EditionRequest, Lookup
from bot.app.service import LibraryService
from bot.app.store_follower import StoreFollower
from bot.app.workers.pool import OpenedEdition, PoolStatus, WorkerPool
from bot.app.workers.protocol import decode
from bot.app.workers.stopped_questions import AnsweringStarts
from index.errors import EditionMissing
from index.storage.records import EditionFacts, EpisodeRecord
from scoring.axis import Axis
from scoring.errors import CodedError

_KEPT_BYTES = 8 << 20
_LOOKS_EVERY_S = 0.05

T = TypeVar("T")


class PooledLibraryService(LibraryService):
    """Answers by worker processes: for the bot, whose event loop must never wait for a question.

    Answers are kept as the bytes that the worker sent, up to ``kept_bytes`` of them, until a newer edition answers:
    turning a page asks the same question again. ``follower``, if given, brings the published editions of a store here.
    """

    def __init__(
        self,
        pool: WorkerPool,
        axis: Axis,
        *,
        prefer_editor: bool = False,
        kept_bytes: int = _KEPT_BYTES,
        follower: StoreFollower | None = None,
    ) -> None:
        super().__init__(axis, prefer_editor=prefer_editor)
        self._pool = pool
        self._follower = follower
        if follower is not None:
            follower.start()
        self._kept: LRUCache[tuple[str, EditionRequest[Any]], bytes] = LRUCache(kept_bytes, getsizeof=len)

    @property
    def status(self) -> PoolStatus:
        """The state of the pool."""
        return self._pool.status

    @property
    def problem(self) -> CodedError | None:
        """The error that keeps the published edition from answering; None where it answers, or none does yet."""
        return self._pool.status.problem

    @property
    def is_opening(self) -> bool:
        """True until the first edition is open, or has failed to open: nothing is answered yet."""
        return self._pool.is_opening

    async def turn_to_newest(self, *, within_s: float) -> bool:
        """Wait until the published edition answers the next question; False where it does not in time."""
        return await self._pool.turn_to_newest(within_s=within_s)

    async def first_look(self) -> None:
        """Wait until the edition that a store has published is here, or could not be fetched."""
        while self._follower is not None and not self._follower.has_looked:  # noqa: ASYNC110 - a thread's
            await asyncio.sleep(_LOOKS_EVERY_S)

    async def facts(self) -> EditionFacts:
        """Return what the edition that answers was made of and with."""
        return (await self._contents()).facts

    async def episodes(self) -> list[EpisodeRecord]:
        """Return all episodes of the edition."""
        return [*(await self._contents()).episodes.values()]

    async def close(self) -> None:
        """End the workers, whatever they do; see ``WorkerPool.close``."""
        self._kept.clear()
        if self._follower is not None:
            self._follower.stop()
        await self._pool.close()

    async def _ask(self, request: EditionRequest[T]) -> T:
        contents = await self._contents()
        payload = self._kept.get((contents.edition, request))
        if payload is None:
            payload, contents = await self._pool.ask(request)
            if len(payload) <= self._kept.maxsize / 10:
                self._kept[contents.edition, request] = payload
        answer: T = decode(payload, contents.episodes)
        return answer

    async def _look_up(self, request: Lookup[T]) -> T:
        return await self._pool.look_up(request)

    async def _contents(self) -> OpenedEdition:
        is_fetched = self._follower is None or self._follower.has_looked
        try:
            return await self._pool.contents()
        except EditionMissing as missing:
            if is_fetched:
                raise
            raise AnsweringStarts from missing
