"""Questions to the library as values, and how each is answered: the one place where requests become answers.

A request names its answer's type and answers itself from an open edition, so the terminal, which asks in its own
process, and the bot, whose workers ask in theirs, run the same code. Requests are frozen and hashable: equal requests
have equal answers within one edition.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from bot.app.edition_answers import (
    Appearance,
    EpisodeCard,
    EpisodeCruxes,
    EpisodePage,
    MomentOutside,
    QuotedAt,
    SliceOutside,
    SliceWords,
    Stretch,
    Surroundings,
    TranscriptMissing,
    TranscriptUntimed,
)
from bot.app.edition_session import EditionSession
from bot.app.text_scores import Scored, score_texts
from index.errors import EpisodeUnknown
from index.search.answers import Found, Passage
from index.search.coverage import NEAR_TOPIC, Coverage, coverage_of
from index.search.episode_names import LONGEST_NAME
from index.search.excerpts import excerpt_between
from index.search.filters import EVERYTHING, Filters, slices_spoken_by
from index.search.person_card import PersonCard, person_card
from index.search.related import Counterbalance, Related, TopicLikeness, counterbalance, related
from index.search.searcher import Searcher
from index.search.speaker_names import is_nobody, speakers_like, suggested_speakers
from index.storage import queries
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.receipts import PageLink, SpokenWords
from index.text.tokens import readable, terms_of

MOST_ON_A_TOPIC = 60
"""Passages of a person on a topic that are looked at."""

_MOST_READ_FOR_HEADINGS = 50_000
"""Slices of the largest library whose headings are read for its subjects: that takes a look at every slice."""

_MANY = 24
"""Episodes from which on comparing the claims of all episodes is quicker than those of each."""

_SILENCE_S = 60.0
"""Seconds after the last word that still belong to it."""

T_co = TypeVar("T_co", covariant=True)


class EditionRequest(ABC, Generic[T_co]):
    """A question to one edition."""

    __slots__ = ()

    @abstractmethod
    async def answered_by(self, session: EditionSession) -> T_co:
        """Return the answer from ``session``."""


class Lookup(ABC, Generic[T_co]):
    """A question that names in memory answer within milliseconds. It must not wait for a slow request."""

    __slots__ = ()

    @abstractmethod
    def looked_up_in(self, session: EditionSession) -> T_co:
        """Return the answer from ``session``, whose speakers have been read."""


@dataclass(frozen=True, slots=True)
class Find(EditionRequest[Found]):
    """Passages for a question, see ``Searcher.find``; ``slug`` is of the only episode to look into, or None."""

    question: str
    n_passages: int = 10
    filters: Filters = EVERYTHING
    slug: str | None = None
    is_claim: bool = False

    async def answered_by(self, session: EditionSession) -> Found:
        """Return the passages.

        Raises:
            EpisodeUnknown: the edition has no episode of that slug.
        """
        filters = self.filters
        if self.slug is not None:
            filters = replace(filters, episode=_episode(session, self.slug, exactly=True).id)
        return await session.searcher.find(
            self.question, n_passages=self.n_passages, filters=filters, is_claim=self.is_claim
        )


@dataclass(frozen=True, slots=True)
class ShowEpisode(EditionRequest[EpisodeCard]):
    """The episode that ``name`` means, or is the slug of, with its slices."""

    name: str
    exactly: bool = False

    async def answered_by(self, session: EditionSession) -> EpisodeCard:
        """Return the card.

        Raises:
            EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
        """
        episode = _episode(session, self.name, exactly=self.exactly)
        slices = tuple(await session.searcher.edition.slices.of_episode(episode.id))
        bands = session.searcher.axis.bands
        return EpisodeCard(
            session.name,
            session.facts.scoring_version,
            episode,
            slices,
            frozenset((bands[0], bands[-1])),
        )


@dataclass(frozen=True, slots=True)
class ReadAround(EditionRequest[Stretch]):
    """The words around a moment of the episode that ``name`` means.

    Attributes:
        name: slug, video id, link, or enough of the title.
        at_s: a second of the recording; None where a slice is named.
        ordinal: 0-based number of a slice, where no second is named; 0 if that is None, too.
        around: slices before and after it, 0 or more.
    """

    name: str
    at_s: float | None
    ordinal: int | None
    around: int

    async def answered_by(self, session: EditionSession) -> Stretch:
        """Return the slice that is spoken at that moment, with its neighbours as far as there are any.

        Raises:
            EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
            NothingToRead: there are no words at that moment.
        """
        episode = _episode(session, self.name)
        slices = await session.searcher.edition.slices.of_episode(episode.id)
        at = self._place(episode, slices)
        first = max(0, at - self.around)
        return Stretch(session.name, episode, tuple(slices[first : at + self.around + 1]), at - first)

    def _place(self, episode: EpisodeRecord, slices: Sequence[SliceRecord]) -> int:
        title = episode.about.title
        if not slices:
            raise TranscriptMissing(title=title)
        if self.at_s is None:
            ordinal = self.ordinal or 0
            if not 0 <= ordinal < len(slices):
                raise SliceOutside(title=title, received=ordinal, last=len(slices) - 1)
            return ordinal
        timed = [place for place, record in enumerate(slices) if record.piece.start_s is not None]
        if not timed:
            raise TranscriptUntimed(title=title, last=len(slices) - 1)
        begun = [place for place in timed if (slices[place].piece.start_s or 0.0) <= self.at_s]
        end_s = slices[timed[-1]].piece.end_s
        if end_s is not None and self.at_s > end_s + _SILENCE_S:
            raise MomentOutside(title=title, received=self.at_s, end_s=end_s)
        return begun[-1] if begun else timed[0]


@dataclass(frozen=True, slots=True)
class ShowRelated(EditionRequest[tuple[EpisodeRecord, list[Related]]]):
    """The episode that ``name`` means, or is the slug of, and at most ``limit`` akin to it."""

    name: str
    limit: int
    exactly: bool = False

    async def answered_by(self, session: EditionSession) -> tuple[EpisodeRecord, list[Related]]:
        """Return the episode and those akin to it, best first.

        Raises:
            EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
        """
        episode = _episode(session, self.name, exactly=self.exactly)
        return episode, related(session.searcher.tables, episode, limit=self.limit)


@dataclass(frozen=True, slots=True)
class ShowCounterbalance(EditionRequest[Counterbalance]):
    """A request for those who answer the episode that ``name`` means, or is the slug of, from the other side."""

    name: str
    n_picks: int
    exactly: bool = False

    async def answered_by(self, session: EditionSession) -> Counterbalance:
        """Return the picks.

        Raises:
            EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
        """
        episode = _episode(session, self.name, exactly=self.exactly)
        return await counterbalance(
            session.searcher.tables,
            episode,
            await session.cruxes(),
            n_picks=self.n_picks,
            prefer_editor=session.prefer_editor,
        )


@dataclass(frozen=True, slots=True)
class ShowCruxes(EditionRequest[EpisodeCruxes]):
    """A request for those who answer the passages of an episode, by its slug, pair by pair."""

    slug: str

    async def answered_by(self, session: EditionSession) -> EpisodeCruxes:
        """Return the pairs.

        Raises:
            EpisodeUnknown: the edition has no episode of that slug.
        """
        episode, cruxes = _episode(session, self.slug, exactly=True), await session.cruxes()
        if cruxes is None:
            return EpisodeCruxes(episode, (), is_known=False)
        edition = session.searcher.edition
        pairs = [
            (crux, edition.episodes[crux.there.episode_id]) for crux in await cruxes.all_cruxes_of(episode)
        ]
        judge = None if edition.judged is None else edition.judged.model
        return EpisodeCruxes(episode, tuple(pairs), is_known=True, judge=judge)


@dataclass(frozen=True, slots=True)
class ShowSurroundings(EditionRequest[tuple[Surroundings, ...]]):
    """A request for the episodes that the pages of some episodes, by their slugs, lead to."""

    slugs: tuple[str, ...]
    n_related: int = 6
    n_picks: int = 3

    async def answered_by(self, session: EditionSession) -> tuple[Surroundings, ...]:
        """Return the episodes around each, in the order of ``slugs``. Many together take a tenth of the time.

        Raises:
            EpisodeUnknown: the edition has no episode of one of the slugs.
        """
        tables = session.searcher.tables
        cruxes = await (session.cruxes_of_all() if len(self.slugs) >= _MANY else session.cruxes())
        likeness = TopicLikeness(tables)
        found = []
        for slug in self.slugs:
            episode = _episode(session, slug, exactly=True)
            others = related(tables, episode, limit=self.n_related, likeness=likeness)
            picks = await counterbalance(
                tables,
                episode,
                cruxes,
                n_picks=self.n_picks,
                prefer_editor=session.prefer_editor,
                likeness=likeness,
            )
            found.append(Surroundings(tuple(others), picks))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class ShowPage(EditionRequest[EpisodePage]):
    """A request for the contents of an episode's page, by its slug."""

    slug: str

    async def answered_by(self, session: EditionSession) -> EpisodePage:
        """Return the page's contents.

        Raises:
            EpisodeUnknown: the edition has no episode of that slug.
        """
        card = await ShowEpisode(self.slug, exactly=True).answered_by(session)
        (around,) = await ShowSurroundings((self.slug,)).answered_by(session)
        return EpisodePage(card, around)


@dataclass(frozen=True, slots=True)
class LookAtQuote(EditionRequest[QuotedAt]):
    """A request for the present place of the words that a link to a page quotes."""

    link: PageLink

    async def answered_by(self, session: EditionSession) -> QuotedAt:
        """Return where the words stand, found by their receipt, or without one by the anchor.

        Raises:
            EpisodeUnknown: the edition has no episode of that slug.
        """
        card = await ShowEpisode(self.link.slug, exactly=True).answered_by(session)
        return quoted_at(card, self.link)


def quoted_at(card: EpisodeCard, link: PageLink) -> QuotedAt:
    """Return where the words that ``link`` quotes stand in the episode of ``card``."""
    episode, slices = card.episode, card.slices
    if link.receipt is None:
        found = link.sentence_in([record.piece for record in slices])
        if found is None:
            return QuotedAt(episode, None, None, None)
        record, (start, end) = slices[found[0]], found[1:]
        return QuotedAt(episode, None, record, excerpt_between(episode, record, start, end))
    spoken = SpokenWords.of([record.piece for record in slices])
    verdict = spoken.check(link.receipt)
    if verdict.word is None:
        return QuotedAt(episode, verdict, None, None)
    place, start, end = spoken.sentences_of(verdict)
    record = slices[place]
    return QuotedAt(episode, verdict, record, excerpt_between(episode, record, start, end))


@dataclass(frozen=True, slots=True)
class ShowPeople(EditionRequest[tuple[Appearance, ...]]):
    """A request for the speakers, with their episodes."""

    async def answered_by(self, session: EditionSession) -> tuple[Appearance, ...]:
        """Return the people who speak in each episode, in the order of the episodes' ids, who speaks most first."""
        slugs = {episode.id: episode.slug for episode in session.episodes}
        rows = await queries.appearances(session.searcher.edition.connection)
        return tuple(
            Appearance(row.speaker, slugs[row.episode], row.ordinal, row.n_turns)
            for row in rows
            if not is_nobody(row.speaker)
        )


@dataclass(frozen=True, slots=True)
class ReadDigests(EditionRequest[dict[str, str]]):
    """A digest of each episode's folder as it was when it was read."""

    async def answered_by(self, session: EditionSession) -> dict[str, str]:
        """Return the digests by slug."""
        found = await queries.seen(session.searcher.edition.connection)
        return {slug: seen.digest for slug, seen in found.items()}


@dataclass(frozen=True, slots=True)
class ReadSliceWords(EditionRequest[SliceWords]):
    """The inverted index of the words that were said, by stem."""

    async def answered_by(self, session: EditionSession) -> SliceWords:
        """Return the words of all slices."""
        edition = session.searcher.edition
        owners = edition.columns.slice_episode
        firsts = np.flatnonzero(np.diff(owners, prepend=-1))
        return SliceWords(
            slugs=tuple(edition.episodes[int(owners[first])].slug for first in firsts),
            starts=tuple(firsts.tolist()),
            n_words=tuple(edition.postings.lengths().tolist()),
            postings=await asyncio.to_thread(edition.postings.said),
        )


@dataclass(frozen=True, slots=True)
class ShowCoverage(EditionRequest[Coverage]):
    """The library by subject; of one source and on one topic where they are given."""

    source: str | None = None
    topic: str | None = None

    async def answered_by(self, session: EditionSession) -> Coverage:
        """Return the subjects; see ``coverage_of``."""
        tables, edition = session.searcher.tables, session.searcher.edition
        headings = None
        if session.facts.n_slices <= _MOST_READ_FOR_HEADINGS:
            headings = await queries.headings(edition.connection)
        near = await asyncio.to_thread(self._near, session.searcher)
        return await asyncio.to_thread(
            coverage_of,
            session.episodes,
            session.searcher.axis,
            source=self.source,
            topic=self.topic,
            edition=session.name,
            shares=tables.shares_saying,
            headings=headings,
            likeness=TopicLikeness(tables).to_all,
            near=near,
        )

    def _near(self, searcher: Searcher) -> dict[int, float]:
        """Return the share of each episode's slices that are near the topic in meaning; empty without a topic."""
        if self.topic is None or not searcher.edition.facts.n_windows:
            return {}
        (vector,) = searcher.encoder.encode([readable(self.topic)])
        return searcher.tables.shares_near(vector, NEAR_TOPIC)


@dataclass(frozen=True, slots=True)
class ShowPerson(EditionRequest[PersonCard]):
    """A request for what the person of this very name says, on a topic if it is given."""

    name: str
    topic: str | None = None

    async def answered_by(self, session: EditionSession) -> PersonCard:
        """Return the card; it has no appearances where nobody of that name speaks of it."""
        episodes = {episode.id: episode for episode in session.episodes}
        edition = session.searcher.edition
        name, passages = self.name[:LONGEST_NAME], tuple[Passage, ...]()
        if self.topic is None:
            ids = await slices_spoken_by(session.searcher.tables, name)
            records = list((await edition.slices.by_id(ids)).values())
        else:
            found = await session.searcher.find(
                self.topic, n_passages=MOST_ON_A_TOPIC, filters=Filters(speaker=name)
            )
            passages = found.passages
            records = [record for passage in passages for record in passage.slices]
        by_episode: dict[int, list[SliceRecord]] = {}
        for record in records:
            by_episode.setdefault(record.episode_id, []).append(record)
        grouped = [(episodes[number], slices) for number, slices in by_episode.items()]
        return person_card(session.name, name, self.topic, grouped, passages)


@dataclass(frozen=True, slots=True)
class WeighStems(EditionRequest[dict[str, float]]):
    """A request for the inverse document frequency of each stem of a question that is looked up."""

    question: str

    async def answered_by(self, session: EditionSession) -> dict[str, float]:
        """Return the inverse document frequency of each stem."""
        tables = session.searcher.tables
        return {stem: tables.idf(stem) for stem in terms_of(self.question).stems}


@dataclass(frozen=True, slots=True)
class Score(EditionRequest[tuple[Scored, ...]]):
    """A request for the positions of texts that are in no library."""

    texts: tuple[str, ...]

    async def answered_by(self, session: EditionSession) -> tuple[Scored, ...]:
        """Return a reading of each text, in their order."""
        searcher = session.searcher
        return await asyncio.to_thread(
            lambda: score_texts(self.texts, searcher.encoder, session.scorer(), searcher.axis)
        )


@dataclass(frozen=True, slots=True)
class SuggestEpisodes(Lookup[list[EpisodeRecord]]):
    """Episodes that ``typed`` may become, best first."""

    typed: str
    limit: int

    def looked_up_in(self, session: EditionSession) -> list[EpisodeRecord]:
        """Return at most ``limit`` episodes."""
        return session.names.suggestions(self.typed, self.limit)


@dataclass(frozen=True, slots=True)
class SuggestSpeakers(Lookup[list[str]]):
    """Speakers whose name ``typed`` may become; see ``index.search.speaker_names.suggested_speakers``."""

    typed: str
    limit: int

    def looked_up_in(self, session: EditionSession) -> list[str]:
        """Return at most ``limit`` names."""
        typed, speakers = self.typed[:LONGEST_NAME], session.speakers or ()
        return (suggested_speakers(typed, speakers) or speakers_like(typed, speakers))[: self.limit]


@dataclass(frozen=True, slots=True)
class ResolveEpisode(Lookup[EpisodeRecord]):
    """The episode that ``name`` means, or is the slug of."""

    name: str
    exactly: bool = False

    def looked_up_in(self, session: EditionSession) -> EpisodeRecord:
        """Return the episode.

        Raises:
            EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
        """
        return _episode(session, self.name, exactly=self.exactly)


def _episode(session: EditionSession, name: str, *, exactly: bool = False) -> EpisodeRecord:
    """Return the episode that ``name`` means; ``exactly`` the one of that slug, and no other once that is gone.

    Raises:
        EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
    """
    if not exactly:
        return session.names.meant(name)
    if name not in session.by_slug:
        raise EpisodeUnknown(received=name, nearest=[])
    return session.by_slug[name]
