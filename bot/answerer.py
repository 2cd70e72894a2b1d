"""The one door to what the library knows: questions in, answer values out. Both faces ask here."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from index import store
from index.edition import Edition, current_name, open_edition
from index.encoder import Encoder
from index.errors import EditionMismatch
from index.keywords import words_in
from index.lookup import Lookup
from index.naming import episode_meant, suggestions
from index.passages import EVERYTHING, Filters, Found
from index.records import EditionFacts, EpisodeRecord, SliceRecord
from index.relations import Counterbalance, Related, counterbalance, related
from index.search import Searcher
from index.slicing import slice_transcript
from index.spelling import Speller
from index.transcript import Cue, Transcript
from index.windows import window_texts, windows_of
from scoring.axis import Axis
from scoring.profile import headline_of
from scoring.reading import Driver, Reading, Scorer


@dataclass(frozen=True, slots=True)
class EpisodeCard:
    """One episode with all its slices in order."""

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


class Answerer:
    """Answers from the published edition, and moves to a newer one between two questions.

    Args:
        state: folder below which editions lie.
        open_encoder: opens the encoder for a model's fingerprint, or the configured one's for None.
        scorer: reads positions of texts that are in no library.
        axis: the axis of positions.
        prefer_editor: whether an editor's position takes the place of the computed one.
    """

    def __init__(
        self,
        state: Path,
        open_encoder: Callable[[str | None], Encoder],
        scorer: Callable[[], Scorer],
        axis: Axis,
        *,
        prefer_editor: bool = False,
    ) -> None:
        self._state = state
        self._open_encoder = open_encoder
        self._open_scorer = scorer
        self.axis = axis
        self.prefer_editor = prefer_editor
        self._encoder: Encoder | None = None
        self._scorer: Scorer | None = None
        self._searcher: Searcher | None = None
        self._turning = asyncio.Lock()

    async def find(self, question: str, *, n_passages: int = 10, filters: Filters = EVERYTHING) -> Found:
        """The passages that answer ``question``; see ``Searcher.find``."""
        searcher = await self._current()
        return await searcher.find(question, n_passages=n_passages, filters=filters)

    async def episode(self, name: str) -> EpisodeCard:
        """The episode that ``name`` means, with its slices.

        Raises:
            EpisodeAmbiguous, EpisodeUnknown: several or none are meant.
        """
        searcher = await self._current()
        episode = episode_meant(name, searcher.edition.episodes.values())
        slices = await store.slices_of(searcher.edition.connection, episode.id)
        return EpisodeCard(episode, tuple(slices))

    async def related(self, name: str, *, limit: int = 5) -> tuple[EpisodeRecord, list[Related]]:
        """The episode that ``name`` means, and those akin to it."""
        searcher = await self._current()
        episode = episode_meant(name, searcher.edition.episodes.values())
        return episode, related(searcher.lookup, episode, limit=limit)

    async def counterbalance(self, name: str, *, n_picks: int = 3) -> Counterbalance:
        """The mirror rule's picks for the episode that ``name`` means."""
        searcher = await self._current()
        episode = episode_meant(name, searcher.edition.episodes.values())
        return await counterbalance(
            searcher.lookup, episode, n_picks=n_picks, prefer_editor=self.prefer_editor
        )

    async def suggest(self, typed: str, *, limit: int = 25) -> list[EpisodeRecord]:
        """Episodes that ``typed`` may become, best first."""
        searcher = await self._current()
        return suggestions(typed, list(searcher.edition.episodes.values()), limit)

    async def episodes(self) -> list[EpisodeRecord]:
        """All episodes of the edition."""
        return list((await self._current()).edition.episodes.values())

    async def facts(self) -> EditionFacts:
        """What the edition that answers was made of and with."""
        return (await self._current()).edition.facts

    async def score(self, texts: Sequence[str]) -> list[Scored]:
        """Where texts that are in no library stand: each is cut like an episode and read; long ones have a headline."""
        return await asyncio.to_thread(self._score, texts)

    async def close(self) -> None:
        """Give the edition's files back."""
        if self._searcher is not None:
            await self._searcher.edition.close()
            self._searcher = None

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
            self._scorer = self._open_scorer()
        return self._scorer

    async def _current(self) -> Searcher:
        """A searcher over the published edition; a newer one is opened when it is there."""
        name = current_name(self._state)
        if self._searcher is not None and (name is None or name == self._searcher.edition.name):
            return self._searcher
        async with self._turning:
            if self._searcher is None or name != self._searcher.edition.name:
                before, edition = self._searcher, await open_edition(self._state)
                self._searcher = await self._searcher_over(edition)
                if before is not None:
                    await before.edition.close()
        return self._searcher

    async def _searcher_over(self, edition: Edition) -> Searcher:
        if self._encoder is None:
            self._encoder = await asyncio.to_thread(self._open_encoder, edition.facts.fingerprint)
        if self._encoder.fingerprint != edition.facts.fingerprint:
            raise EditionMismatch(
                what="model", edition_has=edition.facts.fingerprint, running_has=self._encoder.fingerprint
            )
        names = {
            word
            for one in edition.episodes.values()
            for _, _, word in words_in(" ".join((one.about.title, *one.about.guests, *one.about.hosts)))
        }
        speller = Speller.of(await store.vocabulary(edition.connection), names)
        return Searcher(Lookup.of(edition), self._encoder, self.axis, speller)
