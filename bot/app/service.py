"""The library as the terminal and the bot ask it: one interface, answered in this process or by worker processes."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from bot.app.edition_answers import (
    Appearance,
    EpisodeCard,
    EpisodeCruxes,
    EpisodePage,
    QuotedAt,
    SaidDriver,
    SliceWords,
    Stretch,
    Surroundings,
)
from bot.app.edition_requests import (
    EditionRequest,
    Find,
    LookAtQuote,
    Lookup,
    ReadAround,
    ReadDigests,
    ReadSliceWords,
    ResolveEpisode,
    Score,
    ShowCounterbalance,
    ShowCoverage,
    ShowCruxes,
    ShowEpisode,
    ShowPage,
    ShowPeople,
    ShowPerson,
    ShowRelated,
    ShowSurroundings,
    SuggestEpisodes,
    SuggestSpeakers,
    WeighStems,
)
from bot.app.edition_session import EditionOpener, EditionSession
from bot.app.text_scores import Scored, score_texts
from index.errors import IndexingError
from index.search.answers import Found
from index.search.coverage import Coverage
from index.search.filters import EVERYTHING, Filters
from index.search.person_card import PersonCard
from index.search.related import Counterbalance, Related
from index.storage.edition import current_name
from index.storage.records import EditionFacts, EpisodeRecord
from index.text.receipts import PageLink
from index.text.tokens import fold
from scoring.axis import Axis
from scoring.errors import CodedError
from scoring.reading import Scorer

__all__ = [
    "Appearance",
    "EpisodeCard",
    "EpisodeCruxes",
    "EpisodePage",
    "LibraryService",
    "LocalLibraryService",
    "QuotedAt",
    "SaidDriver",
    "Scored",
    "SliceWords",
    "Stretch",
    "Surroundings",
]

T = TypeVar("T")

_log = logging.getLogger(__name__)


class LibraryService(ABC):
    """Answers questions from the published edition; the next question after a newer one is published asks that.

    Every method raises ``EditionMissing`` where nothing is published, and another ``IndexingError`` where no edition
    can be opened. Every answer comes from one edition.

    Args:
        axis: the axis of positions.
        prefer_editor: whether an editor's position takes the place of the computed one.
    """

    def __init__(self, axis: Axis, *, prefer_editor: bool) -> None:
        self.axis = axis
        self.prefer_editor = prefer_editor

    @property
    @abstractmethod
    def problem(self) -> CodedError | None:
        """The error that keeps the published edition from answering; None where it answers, or none does yet."""

    @property
    @abstractmethod
    def is_opening(self) -> bool:
        """True until the first edition is open, or has failed to open: nothing is answered yet."""

    @abstractmethod
    async def turn_to_newest(self, *, within_s: float) -> bool:
        """Wait until the published edition is the one that answers the next question.

        Returns:
            False where it cannot be opened, or is not open within ``within_s`` seconds.
        """

    @abstractmethod
    async def facts(self) -> EditionFacts:
        """Return what the edition that answers was made of and with."""

    @abstractmethod
    async def episodes(self) -> list[EpisodeRecord]:
        """Return all episodes of the edition."""

    @abstractmethod
    async def close(self) -> None:
        """Give up what is under way, and close files and processes. Takes at most a few seconds."""

    @abstractmethod
    async def _ask(self, request: EditionRequest[T]) -> T:
        """Return the answer to ``request``."""

    @abstractmethod
    async def _look_up(self, request: Lookup[T]) -> T:
        """Return the answer to ``request``, whatever else is being asked."""

    async def find(
        self,
        question: str,
        *,
        n_passages: int = 10,
        filters: Filters = EVERYTHING,
        episode: str | None = None,
        is_claim: bool = False,
    ) -> Found:
        """Return the passages that answer ``question``; see ``Searcher.find``.

        Args:
            question: words, as a person typed them.
            n_passages: at most so many, at least 1.
            filters: limits; their ``episode`` is set from ``episode``.
            episode: slug of the only episode to look into, or None.
            is_claim: whether passages are wanted that speak to what a message claims.

        Raises:
            EpisodeUnknown: the edition has no episode of that slug.
        """
        return await self._ask(Find(question, n_passages, filters, episode, is_claim))

    async def episode(self, name: str, *, exactly: bool = False) -> EpisodeCard:
        """Return the episode that ``name`` means, with its slices.

        Args:
            name: slug, video id, link, or enough of the title.
            exactly: True for what a button or a message keeps: a slug, whose words mean no other episode once it is
                gone.

        Raises:
            EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
        """
        return await self._ask(ShowEpisode(name, exactly))

    async def read(
        self, name: str, *, at_s: float | None = None, ordinal: int | None = None, around: int = 1
    ) -> Stretch:
        """Return the words around a moment of the episode that ``name`` means.

        Args:
            name: slug, video id, link, or enough of the title.
            at_s: a second of the recording; None where a slice is named.
            ordinal: 0-based number of a slice, used where ``at_s`` is None; None for the first.
            around: slices before and after it, 0 or more.

        Raises:
            EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
            NothingToRead: there are no words at that moment.
        """
        return await self._ask(ReadAround(name, at_s, ordinal, around))

    async def related(
        self, name: str, *, limit: int = 5, exactly: bool = False
    ) -> tuple[EpisodeRecord, list[Related]]:
        """Return the episode that ``name`` means (see ``episode``), and at most ``limit`` akin to it, best first."""
        return await self._ask(ShowRelated(name, limit, exactly))

    async def counterbalance(self, name: str, *, n_picks: int = 3, exactly: bool = False) -> Counterbalance:
        """Return who answers the episode that ``name`` means (see ``episode``) from the other side.

        Args:
            name: slug, video id, link, or enough of the title.
            n_picks: at most so many, at least 1.
            exactly: True for a slug alone.
        """
        return await self._ask(ShowCounterbalance(name, n_picks, exactly))

    async def cruxes(self, slug: str) -> EpisodeCruxes:
        """Return every crux of the episode of that slug; see ``CruxSource.all_cruxes_of``."""
        return await self._ask(ShowCruxes(slug))

    async def page(self, slug: str) -> EpisodePage:
        """Return all that the page of the episode of that slug tells."""
        return await self._ask(ShowPage(slug))

    async def surroundings(self, slugs: Sequence[str]) -> tuple[Surroundings, ...]:
        """Return the episodes that the pages of some episodes lead to, in their order; many at once are quick."""
        return await self._ask(ShowSurroundings(tuple(slugs)))

    async def quoted_at(self, link: PageLink) -> QuotedAt:
        """Return where the words that a link to a page quotes stand now.

        Raises:
            EpisodeUnknown: the library has no such episode.
        """
        return await self._ask(LookAtQuote(link))

    async def people(self) -> tuple[Appearance, ...]:
        """Return the speakers of each episode, who speaks most first."""
        return await self._ask(ShowPeople())

    async def digests(self) -> dict[str, str]:
        """Return a digest of each episode's folder as it was when it was read, by slug."""
        return await self._ask(ReadDigests())

    async def slice_words(self) -> SliceWords:
        """Return the inverted index of the words that were said, for a search without this program."""
        return await self._ask(ReadSliceWords())

    async def coverage(self, *, source: str | None = None, topic: str | None = None) -> Coverage:
        """Return the library by subject; see ``coverage_of``."""
        return await self._ask(ShowCoverage(source, topic))

    async def person(self, name: str, *, topic: str | None = None) -> PersonCard:
        """Return what the person of this very name says, on a topic if it is given; see ``person_card``."""
        return await self._ask(ShowPerson(name, topic))

    async def idf(self, question: str) -> dict[str, float]:
        """Return the inverse document frequency in this library of each stem of ``question`` that is looked up."""
        return await self._ask(WeighStems(question))

    async def score(self, texts: Sequence[str]) -> list[Scored]:
        """Return where texts that are in no library stand: each is cut like an episode and read."""
        return list(await self._ask(Score(tuple(texts))))

    async def suggest(self, typed: str, *, limit: int = 25) -> list[EpisodeRecord]:
        """Return episodes that ``typed`` may become, best first. Waits for no question that is being answered."""
        return await self._look_up(SuggestEpisodes(typed, limit))

    async def suggest_speakers(self, typed: str, *, limit: int = 25) -> list[str]:
        """Return speakers whose name holds ``typed``, or where none does is like it; those who speak most first."""
        return await self._look_up(SuggestSpeakers(typed, limit))

    async def resolve(self, name: str, *, exactly: bool = False) -> EpisodeRecord:
        """Return the episode that ``name`` means; see ``episode``.

        Raises:
            EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
        """
        return await self._look_up(ResolveEpisode(name, exactly))

    async def sources(self) -> list[str]:
        """Return the sources that the library has, in alphabetical order."""
        return _names(episode.about.source for episode in await self.episodes())

    async def shelves(self) -> list[str]:
        """Return the shelves that the library has, in alphabetical order."""
        return _names(episode.about.shelf for episode in await self.episodes())


def _names(found: Iterable[str | None]) -> list[str]:
    return sorted({name for name in found if name}, key=fold)


@dataclass(slots=True)
class _Open:
    """A session with how many requests read it; a retired one is closed by the last of them."""

    session: EditionSession
    n_readers: int = 0
    is_retired: bool = False


class LocalLibraryService(LibraryService):
    """Answers in this process, on the caller's event loop: for the terminal, where nobody else waits.

    Where a newer edition cannot be opened the older one goes on answering; the newer one is tried once.
    """

    def __init__(self, opener: EditionOpener) -> None:
        super().__init__(opener.axis, prefer_editor=opener.prefer_editor)
        self._opener = opener
        self._open: _Open | None = None
        self._refused: str | None = None
        self._reason: CodedError | None = None
        self._turning = asyncio.Lock()

    @property
    def problem(self) -> CodedError | None:
        """The error that keeps the published edition from answering; None where it answers, or none does yet."""
        return self._reason

    @property
    def is_opening(self) -> bool:
        """False: it is opened by whoever asks, who waits for it."""
        return False

    async def turn_to_newest(self, *, within_s: float) -> bool:
        """Open the published edition; False where it cannot be opened."""
        del within_s  # opened before this returns
        return (await self._current()).session.name == current_name(self._opener.state)

    async def facts(self) -> EditionFacts:
        """Return what the edition that answers was made of and with."""
        return (await self._current()).session.facts

    async def episodes(self) -> list[EpisodeRecord]:
        """Return all episodes of the edition."""
        return list((await self._current()).session.episodes)

    async def score(self, texts: Sequence[str]) -> list[Scored]:
        """Return where texts stand; this needs no edition."""
        return list(await asyncio.to_thread(self._scored, texts))

    async def close(self) -> None:
        """Close the edition's files; a later question opens it anew, from any event loop."""
        current, self._open = self._open, None
        if current is not None:
            await current.session.close()
        self._turning = asyncio.Lock()  # the old one may belong to a loop that has ended

    def scorer(self) -> Scorer:
        """Return the scorer, opened at its first use."""
        return self._opener.scorer()

    def _scored(self, texts: Sequence[str]) -> tuple[Scored, ...]:
        encoder = self._opener.encoder()
        return score_texts(texts, encoder, self._opener.scorer(encoder), self._opener.axis)

    async def _ask(self, request: EditionRequest[T]) -> T:
        async with self._reading() as session:
            return await request.answered_by(session)

    async def _look_up(self, request: Lookup[T]) -> T:
        async with self._reading() as session:
            await session.read_speakers()
            return request.looked_up_in(session)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[EditionSession]:
        """Yield the current session, whose files stay open until the block ends."""
        current = await self._current()
        current.n_readers += 1
        try:
            yield current.session
        finally:
            current.n_readers -= 1
            if current.is_retired and not current.n_readers:
                await current.session.close()

    def _is_behind(self, current: _Open) -> bool:
        return current_name(self._opener.state) not in (None, current.session.name, self._refused)

    async def _current(self) -> _Open:
        if self._open is not None and not self._is_behind(self._open):
            return self._open
        async with self._turning:
            before = self._open
            if before is not None and not self._is_behind(before):
                return before
            name = current_name(self._opener.state)
            try:
                opened = _Open(await self._opener.open(falls_back=before is None))
            except IndexingError as error:
                if before is None:
                    raise
                self._reason = error
                _log.exception("edition %s cannot be opened; %s goes on answering", name, before.session.name)
                self._refused = name
                return before
            passed_over = opened.session.searcher.edition.passed_over
            self._reason = next(iter(passed_over.values()), None)
            if passed_over:
                self._refused = name
            if before is not None:
                before.is_retired = True
                if not before.n_readers:
                    await before.session.close()
            self._open = opened
            return opened
