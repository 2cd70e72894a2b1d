"""What the library knows: questions in, answer values out. Both faces ask here.

All of it runs aside, on a thread of its own with its own event loop: embedding, vector search and ranking compute,
and a face that listens to Discord must not wait for them.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from bot.app.background_loop import BackgroundLoop
from bot.app.edition_session import EditionSession
from index.embedding.encoder import Encoder
from index.embedding.reranker import Reranker
from index.errors import EditionMismatch, EpisodeUnknown, IndexingError
from index.search.answers import EVERYTHING, Filters, Found
from index.search.coverage import Coverage, coverage_of
from index.search.episode_names import episode_meant, suggestions
from index.search.related import Counterbalance, Related, counterbalance, related
from index.search.searcher import Searcher
from index.storage import queries as store
from index.storage.edition import Edition, current_name, open_edition
from index.storage.records import EditionFacts, EpisodeRecord, SliceRecord
from index.text.slicing import slice_transcript
from index.text.tokens import fold, terms_of
from index.text.windows import window_texts, windows_of
from index.transcripts.model import Cue, Transcript
from scoring.axis import Axis
from scoring.profile import headline_of
from scoring.reading import Driver, Reading, Scorer


@dataclass(frozen=True, slots=True)
class EpisodeCard:
    """One episode with all its slices in order.

    Attributes:
        edition: name of the edition that it comes from.
        scoring_version: of the scorer that read the slices.
        episode: the episode.
        slices: all of them, in transcript order.
    """

    edition: str
    scoring_version: str
    episode: EpisodeRecord
    slices: tuple[SliceRecord, ...]

    def drivers(self, limit: int = 6) -> tuple[Driver, ...]:
        """The phrases and statements that pull most over all slices: those of one text added up, strongest first."""
        pulls: dict[tuple[str, bool], Driver] = {}
        for record in self.slices:
            for one in record.reading.drivers:
                key = (one.text.casefold(), one.pull < 0)
                known = pulls.get(key)
                pulls[key] = one if known is None else replace(known, pull=known.pull + one.pull)
        ranked = sorted(pulls.values(), key=lambda one: (-abs(one.pull), one.text))[:limit]
        return tuple(replace(one, pull=one.pull / len(self.slices)) for one in ranked)


@dataclass(frozen=True, slots=True)
class Scored:
    """Where a text that is in no library stands: its slices' readings and their headline."""

    position: float
    band: str
    reading: Reading
    readings: tuple[Reading, ...]


_log = logging.getLogger(__name__)


class Answerer:
    """Answers from the published edition, and moves to a newer one between two questions.

    May be asked from any event loop. Where a newer edition cannot be opened the older one goes on answering.

    Args:
        state: folder below which editions lie.
        open_encoder: opens the encoder for a model's fingerprint, or the configured one's for None.
        scorer: gives what reads positions off an encoder's vectors.
        axis: the axis of positions.
        prefer_editor: whether an editor's position takes the place of the computed one.
        open_reranker: opens what has a second look at the best candidates; None for no such look.
    """

    def __init__(
        self,
        state: Path,
        open_encoder: Callable[[str | None], Encoder],
        scorer: Callable[[Encoder], Scorer],
        axis: Axis,
        *,
        prefer_editor: bool = False,
        open_reranker: Callable[[], Reranker] | None = None,
    ) -> None:
        self._state = state
        self._open_encoder = open_encoder
        self._open_scorer = scorer
        self._open_reranker = open_reranker
        self.axis = axis
        self.prefer_editor = prefer_editor
        self._encoder: Encoder | None = None
        self._scorer: Scorer | None = None
        self._reranker: Reranker | None = None
        self._opened: EditionSession | None = None
        self._refused: str | None = None
        self._turning = asyncio.Lock()
        self._aside = BackgroundLoop("answering")

    async def find(
        self,
        question: str,
        *,
        n_passages: int = 10,
        filters: Filters = EVERYTHING,
        episode: str | None = None,
    ) -> Found:
        """Return the passages that answer ``question``; see ``Searcher.find``.

        Args:
            question: words, as a person typed them.
            n_passages: at most so many, at least 1.
            filters: limits; their ``episode`` is set from ``episode``.
            episode: slug of the only episode to look into, or None.

        Raises:
            EpisodeUnknown: the edition has no episode of that slug.
        """
        return await self._aside.run(self._find(question, n_passages, filters, episode))

    async def episode(self, name: str) -> EpisodeCard:
        """The episode that ``name`` means, with its slices.

        Raises:
            EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
        """
        return await self._aside.run(self._episode(name))

    async def related(self, name: str, *, limit: int = 5) -> tuple[EpisodeRecord, list[Related]]:
        """The episode that ``name`` means, and those akin to it."""
        return await self._aside.run(self._related(name, limit))

    async def counterbalance(self, name: str, *, n_picks: int = 3) -> Counterbalance:
        """The mirror rule's picks for the episode that ``name`` means.

        Args:
            name: slug, video id, link, or enough of the title.
            n_picks: at most so many, at least 1; where both wings answer, one of each even if one was asked for.
        """
        return await self._aside.run(self._counterbalance(name, n_picks))

    async def telling(self, question: str) -> dict[str, float]:
        """How much each stem of ``question`` that is looked up tells in this library; the rarer the more."""
        return await self._aside.run(self._telling(question))

    async def suggest(self, typed: str, *, limit: int = 25) -> list[EpisodeRecord]:
        """Episodes that ``typed`` may become, best first.

        Waits neither for a question that is being answered nor for a newer edition to be opened.
        """
        opened = self._opened
        if opened is None:
            opened = await self._aside.run(self._current())
        elif self._is_behind(opened):
            self._aside.begin(self._current())
        return await asyncio.to_thread(
            suggestions, typed, list(opened.searcher.edition.episodes.values()), limit
        )

    async def episodes(self) -> list[EpisodeRecord]:
        """All episodes of the edition."""
        return list((await self._aside.run(self._current())).searcher.edition.episodes.values())

    async def resolve(self, name: str) -> EpisodeRecord:
        """Return the episode that ``name`` means.

        Raises:
            EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
        """
        session = await self._aside.run(self._current())
        return episode_meant(name, session.searcher.edition.episodes.values())

    async def sources(self) -> list[str]:
        """Return the sources that the library has, in alphabetical order."""
        return sorted(
            {episode.about.source for episode in await self.episodes() if episode.about.source}, key=fold
        )

    async def suggest_speakers(self, typed: str, *, limit: int = 25) -> list[str]:
        """Return speakers whose name holds ``typed``, however it is written; those who speak most first."""
        wanted = fold(typed)
        return [name for name in await self._aside.run(self._speakers()) if wanted in fold(name)][:limit]

    async def coverage(self, *, source: str | None = None, topic: str | None = None) -> Coverage:
        """Return the library by subject; see ``coverage_of``."""
        session = await self._aside.run(self._current())
        return await asyncio.to_thread(
            coverage_of,
            list(session.searcher.edition.episodes.values()),
            self.axis,
            source=source,
            topic=topic,
            edition=session.name,
        )

    async def facts(self) -> EditionFacts:
        """What the edition that answers was made of and with."""
        return (await self._aside.run(self._current())).searcher.edition.facts

    async def score(self, texts: Sequence[str]) -> list[Scored]:
        """Where texts that are in no library stand: each is cut like an episode and read; long ones have a headline."""
        return await asyncio.to_thread(self._score, texts)

    async def close(self) -> None:
        """Give the edition's files back."""
        if self._opened is not None:
            await self._aside.run(self._opened.searcher.edition.close())
            self._opened = None
        await self._aside.close()
        self._turning = asyncio.Lock()  # the old one may belong to the loop that has ended

    async def _speakers(self) -> list[str]:
        async with self._reading() as opened:
            return await opened.speakers()

    async def _find(self, question: str, n_passages: int, filters: Filters, slug: str | None) -> Found:
        async with self._reading() as opened:
            if slug is not None:
                episodes = opened.searcher.edition.episodes.values()
                number = next((episode.id for episode in episodes if episode.slug == slug), None)
                if number is None:
                    raise EpisodeUnknown(received=slug, nearest=[])
                filters = replace(filters, episode=number)
            return await opened.find(question, n_passages, filters)

    async def _episode(self, name: str) -> EpisodeCard:
        async with self._reading() as opened:
            searcher = opened.searcher
            episode = episode_meant(name, searcher.edition.episodes.values())
            slices = tuple(await store.slices_of(searcher.edition.connection, episode.id))
            return EpisodeCard(opened.name, searcher.edition.facts.scoring_version, episode, slices)

    async def _related(self, name: str, limit: int) -> tuple[EpisodeRecord, list[Related]]:
        async with self._reading() as opened:
            searcher = opened.searcher
            episode = episode_meant(name, searcher.edition.episodes.values())
            return episode, related(searcher.lookup, episode, limit=limit)

    async def _counterbalance(self, name: str, n_picks: int) -> Counterbalance:
        async with self._reading() as opened:
            searcher = opened.searcher
            episode = episode_meant(name, searcher.edition.episodes.values())
            return await counterbalance(
                searcher.lookup, episode, n_picks=n_picks, prefer_editor=self.prefer_editor
            )

    async def _telling(self, question: str) -> dict[str, float]:
        async with self._reading() as opened:
            searcher = opened.searcher
            return {stem: searcher.lookup.telling(stem) for stem in terms_of(question).stems}

    def _score(self, texts: Sequence[str]) -> list[Scored]:
        encoder, scorer = self.encoder(), self.scorer()
        cut = [
            slice_transcript(Transcript((Cue(" ".join(text.split()) or "-"),), "plain", "published"))
            for text in texts
        ]
        pieces = [piece for slices in cut for piece in slices]
        windows = [window_texts(piece, windows_of(piece)) for piece in pieces]
        vectors = encoder.encode([text for group in windows for text in group])
        stops = np.cumsum([0, *map(len, windows)]).tolist()
        readings = scorer.read(
            [piece.text for piece in pieces],
            [vectors[a:b] for a, b in pairwise(stops)],
        )
        scored = []
        for slices in cut:
            own, readings = tuple(readings[: len(slices)]), readings[len(slices) :]
            position = headline_of(own)
            clearest = min(own, key=lambda one: abs(one.position - position))
            scored.append(Scored(position, self.axis.band_of(position), clearest, own))
        return scored

    def encoder(self) -> Encoder:
        """The encoder, opened at its first use."""
        if self._encoder is None:
            self._encoder = self._open_encoder(None)
        return self._encoder

    def scorer(self) -> Scorer:
        """The scorer, opened at its first use."""
        if self._scorer is None:
            self._scorer = self._open_scorer(self.encoder())
        return self._scorer

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[EditionSession]:
        """The current edition, whose files stay open until the block ends."""
        opened = await self._current()
        opened.readers += 1
        try:
            yield opened
        finally:
            opened.readers -= 1
            if opened.is_retired and not opened.readers:
                await opened.searcher.edition.close()

    def _is_behind(self, opened: EditionSession) -> bool:
        """Whether another edition is published than the one that is open, and it is not known to be broken."""
        return current_name(self._state) not in (None, opened.name, self._refused)

    async def _current(self) -> EditionSession:
        """The published edition, opened; an older one where the published one cannot be."""
        if self._opened is not None and not self._is_behind(self._opened):
            return self._opened
        async with self._turning:
            before = self._opened
            if before is not None and not self._is_behind(before):
                return before
            name = current_name(self._state)
            try:
                edition = await open_edition(self._state, falls_back=before is None)
                self._opened = EditionSession(await self._searcher_over(edition))
            except IndexingError:
                if before is None:
                    raise
                _log.exception("edition %s cannot be opened; %s goes on answering", name, before.name)
                self._refused = name
                return before
            if edition.passed_over:
                self._refused = name
            if before is not None:
                before.is_retired = True
                if not before.readers:
                    await before.searcher.edition.close()
            return self._opened

    async def _searcher_over(self, edition: Edition) -> Searcher:
        wanted = edition.facts.fingerprint
        try:
            if edition.facts.axis != self.axis.name:
                raise EditionMismatch(what="axis", edition_has=edition.facts.axis, running_has=self.axis.name)
            if self._encoder is None or self._encoder.fingerprint != wanted:
                encoder = await asyncio.to_thread(self._open_encoder, wanted)
                if encoder.fingerprint != wanted:
                    raise EditionMismatch(what="model", edition_has=wanted, running_has=encoder.fingerprint)
                self._encoder, self._scorer = encoder, None
            if self._open_reranker is not None and self._reranker is None:
                self._reranker = await asyncio.to_thread(self._open_reranker)
        except IndexingError:
            await edition.close()
            raise
        return Searcher.over(edition, self._encoder, self.axis, self._reranker)
