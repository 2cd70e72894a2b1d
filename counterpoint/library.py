"""A library that is open for questions: ``Library`` for threads, ``AsyncLibrary`` for an event loop."""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from datetime import date
from functools import cache, wraps
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, cast

from pydantic import BaseModel

from bot.app.container import make_embedded_service
from bot.app.service import LibraryService
from bot.app.settings import Settings
from bot.i18n.message_catalogue import MessageCatalogue
from bot.programs.operations import (
    COUNTERBALANCE,
    EPISODE,
    FIND,
    READ,
    RELATED,
    SPECTRUM,
    Operation,
)
from bot.render import json_models
from bot.render.json_models import (
    CardJson,
    CounterbalanceJson,
    EpisodesJson,
    FoundJson,
    MapJson,
    RelatedJson,
    WordsJson,
)
from scoring.errors import CodedError

_ENDS_WITHIN_S = 10.0

P = ParamSpec("P")
T = TypeVar("T")


@cache
def _catalogue() -> MessageCatalogue:
    return MessageCatalogue.load()


def sentence(error: CodedError, language: str = "en") -> str:
    """Return the sentence of an error for a person: what was received, what was expected, what to do.

    Args:
        error: anything that this package raises of its own.
        language: such as ``de``; English where there is none.
    """
    return _catalogue().error(error, language)


class AsyncLibrary:
    """A library that coroutines of one event loop ask; any number at once. Use it as an async context manager.

    Answers come from the edition that is published at the moment of the question. Asking changes nothing on the disk,
    but that a model which was never exported is exported once.

    Example:
        >>> async with AsyncLibrary("library") as library:            # doctest: +SKIP
        ...     found = await library.find("half remembered words")

    Args:
        library: folder of episodes.
        state: folder of the index; ``LIBRARY/.counterpoint`` if None.
        settings: other settings by their names in ``bot.app.settings``, such as ``axis`` or ``threads``; what is not
            given comes from the variables ``COUNTERPOINT_*``, as for the program.

    Raises:
        pydantic.ValidationError: a setting is wrong. TypeError: there is none of that name.
    """

    def __init__(self, library: str | Path, state: str | Path | None = None, **settings: Any) -> None:
        given = {
            "library": Path(library),
            **({"state": Path(state)} if state is not None else {}),
            **settings,
        }
        self._service: LibraryService = make_embedded_service(Settings.read(**given))
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Self:
        """Open the published edition.

        Raises:
            EditionMissing: nothing is indexed. CounterpointError: the edition cannot be opened.
        """
        self._loop = asyncio.get_running_loop()
        try:
            await self._service.facts()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the edition's files; may be called again."""
        self._loop = None
        await self._service.close()

    async def find(
        self,
        question: str,
        *,
        n_passages: int = 10,
        episode: str | None = None,
        source: str | None = None,
        shelf: str | None = None,
        speaker: str | None = None,
        lens: str | None = None,
        band: str | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
    ) -> FoundJson:
        """Return where something was said: passages, best first, each with a quote, its second, link and position.

        Args:
            question: words, up to 2000 characters.
            n_passages: at most so many, 1 to 50.
            episode: only this one: its slug, video id, link, or enough of its title.
            source: only this show; letter case and accents do not matter.
            shelf: only this shelf.
            speaker: only what this person says; a first name or a surname is enough.
            lens: only passages that are read through this lens.
            band: only passages whose position lies in this band.
            since: only episodes published on or after this day; ``"2025-12"`` is its first day, ``"2025"`` too.
            until: only episodes published on or before this day; of a month or a year its last.

        Raises:
            ArgumentsInvalid, QuestionRefused: it cannot be asked so; no such source, shelf, speaker, lens or band.
            EpisodeUnknown, EpisodeAmbiguous: ``episode`` means none or several.
        """
        return await self._ask(
            FIND,
            FoundJson,
            question=question,
            n_passages=n_passages,
            episode=episode,
            source=source,
            shelf=shelf,
            speaker=speaker,
            lens=lens,
            band=band,
            since=_written(since),
            until=_written(until),
        )

    async def episode(self, name: str) -> CardJson:
        """Return an episode's profile.

        Args:
            name: slug, video id, link, or enough of the title.

        Raises:
            EpisodeUnknown, EpisodeAmbiguous: it means none or several.
        """
        return await self._ask(EPISODE, CardJson, episode=name)

    async def counterbalance(self, name: str, *, n_picks: int = 3) -> CounterbalanceJson:
        """Return who stands on the other side of the subject of an episode.

        Args:
            name: slug, video id, link, or enough of the title.
            n_picks: at most so many, 1 to 20.

        Raises:
            EpisodeUnknown, EpisodeAmbiguous: ``name`` means none or several.
        """
        return await self._ask(COUNTERBALANCE, CounterbalanceJson, episode=name, n_picks=n_picks)

    async def related(self, name: str, *, limit: int = 5) -> RelatedJson:
        """Return at most ``limit`` (1 to 50) episodes that talk of the same as an episode, best first.

        Raises:
            EpisodeUnknown, EpisodeAmbiguous: ``name`` means none or several.
        """
        return await self._ask(RELATED, RelatedJson, episode=name, limit=limit)

    async def read(
        self,
        name: str,
        *,
        at_s: float | None = None,
        slice_number: int | None = None,
        around: int = 1,
    ) -> WordsJson:
        """Return the words around a moment of an episode, turn by turn; without a moment, how it begins.

        Args:
            name: slug, video id, link, or enough of the title.
            at_s: a second of the recording.
            slice_number: ``slice`` of another answer, from 0, in place of a second.
            around: slices before and after it, 0 to 10.

        Raises:
            NothingToRead: there are no words at that moment.
            EpisodeUnknown, EpisodeAmbiguous: ``name`` means none or several.
        """
        return await self._ask(READ, WordsJson, episode=name, at_s=at_s, slice=slice_number, around=around)

    async def spectrum(self, *, source: str | None = None, topic: str | None = None) -> MapJson:
        """Return the library by subject, of one ``source`` and on one ``topic`` where they are given.

        Raises:
            QuestionRefused: there is no such source, or the topic holds no word.
        """
        return await self._ask(SPECTRUM, MapJson, source=source, topic=topic)

    async def episodes(self) -> EpisodesJson:
        """Return all episodes, in the order of the index."""
        service = self._checked()
        facts = await service.facts()
        return EpisodesJson.model_validate(json_models.episodes(facts.edition, await service.episodes()))

    def _checked(self) -> LibraryService:
        if self._loop is None:
            raise RuntimeError("the library is closed, or was not entered")
        if self._loop is not asyncio.get_running_loop():
            raise RuntimeError("the library belongs to another event loop")
        return self._service

    async def _ask(self, operation: Operation[Any], contract: type[T], **given: Any) -> T:
        service = self._checked()
        answer = await operation.ask(service, operation.parsed(given))
        return cast("T", cast("type[BaseModel]", contract).model_validate(answer))


def _written(day: date | str | None) -> str | None:
    return date.isoformat(day) if isinstance(day, date) else day


def _waiting(
    method: Callable[Concatenate[AsyncLibrary, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate["Library", P], T]:
    """Return the method of ``Library`` that waits for ``method``; its arguments and documentation are the same."""

    @wraps(method)
    def waiting(self: "Library", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._run(method(self._inner, *args, **kwargs))

    return waiting


class Library:
    """A library that threads ask; any number at once. Use it as a context manager, or close it.

    A thread of its own answers, so it may be asked from any thread; within an event loop, which it would hold up, use
    ``AsyncLibrary``. It does not survive a fork: open another in the child. What is left open when the main thread ends
    is closed then.

    Example:
        >>> with Library.open("library") as library:                  # doctest: +SKIP
        ...     found = library.find("half remembered words")
    """

    def __init__(self, inner: AsyncLibrary) -> None:
        """Use ``Library.open``."""
        self._inner = inner
        self._pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._loop.run_forever, name="counterpoint", daemon=True)
        self._thread.start()
        threading.Thread(target=self._close_with_main_thread, name="counterpoint-end", daemon=True).start()

    @classmethod
    def open(cls, library: str | Path, state: str | Path | None = None, **settings: Any) -> Self:
        """Open the published edition of a library.

        Args:
            library: folder of episodes.
            state: folder of the index; ``LIBRARY/.counterpoint`` if None.
            settings: as of ``AsyncLibrary``.

        Raises:
            EditionMissing: nothing is indexed; run ``counterpoint index``.
            CounterpointError: the edition cannot be opened.
            pydantic.ValidationError: a setting is wrong. TypeError: there is none of that name.
        """
        opened = cls(AsyncLibrary(library, state, **settings))
        try:
            opened._run(opened._inner.__aenter__())
        except BaseException:
            opened.close()
            raise
        return opened

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the edition's files and end the thread; may be called again, from any thread."""
        if self._pid != os.getpid():
            return
        with self._closing:
            if not self._loop.is_closed():
                asyncio.run_coroutine_threadsafe(self._inner.close(), self._loop).result(_ENDS_WITHIN_S)
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join(_ENDS_WITHIN_S)
                self._loop.close()

    find = _waiting(AsyncLibrary.find)
    episode = _waiting(AsyncLibrary.episode)
    counterbalance = _waiting(AsyncLibrary.counterbalance)
    related = _waiting(AsyncLibrary.related)
    read = _waiting(AsyncLibrary.read)
    spectrum = _waiting(AsyncLibrary.spectrum)
    episodes = _waiting(AsyncLibrary.episodes)

    def _run(self, asking: Coroutine[Any, Any, T]) -> T:
        try:
            if self._pid != os.getpid():
                raise RuntimeError("the library was opened before this process was forked; open another")
            if self._loop.is_closed():
                raise RuntimeError("the library is closed")
            future = asyncio.run_coroutine_threadsafe(asking, self._loop)
        except BaseException:
            asking.close()
            raise
        try:
            return future.result()
        except BaseException:
            future.cancel()  # where the waiting thread was interrupted
            raise

    def _close_with_main_thread(self) -> None:
        """Close what is left open, since the database's thread would keep the program from ending."""
        threading.main_thread().join()
        self.close()
