"""An open edition with the models that its questions need, and how both are opened."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np

from index.embedding.encoder import Encoder, pieces_version
from index.embedding.reranker import Reranker
from index.errors import EditionMismatch, IndexingError
from index.search.crux_pairs import CruxesOfAll, CruxSource, CruxTable
from index.search.episode_names import EpisodeNames
from index.search.judged_cruxes import JudgedCruxes
from index.search.searcher import Searcher
from index.search.speaker_names import is_nobody
from index.storage import queries
from index.storage.edition import Edition, EditionStore, open_edition
from index.storage.records import EditionFacts, EpisodeRecord
from index.transcripts.links import episode_page
from scoring.axis import Axis
from scoring.crux_gate import CruxGate
from scoring.reading import Scorer


@dataclass(slots=True)
class EditionSession:
    """An edition that is open for requests.

    Attributes:
        searcher: answers questions from the edition.
        episodes: all of them, in the order of their ids.
        scorer: gives the scorer; it is opened at its first use, which takes long: not on an event loop.
        prefer_editor: whether an editor's position takes the place of the computed one.
        open_gate: opens the gate of cruxes, or returns None where the encoder and axis have none.
        speakers: names of people, those who speak most first; None before ``read_speakers``.
        by_slug: the episodes by their slugs.
        names: finds episodes by what is typed.
    """

    searcher: Searcher
    episodes: tuple[EpisodeRecord, ...]
    scorer: Callable[[], Scorer]
    prefer_editor: bool
    open_gate: Callable[[], CruxGate | None]
    speakers: tuple[str, ...] | None = None
    by_slug: Mapping[str, EpisodeRecord] = field(init=False)
    names: EpisodeNames = field(init=False)
    _cruxes: CruxSource | None = field(default=None, init=False)
    _of_all: CruxSource | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.by_slug = {episode.slug: episode for episode in self.episodes}
        self.names = EpisodeNames(self.episodes)

    @property
    def name(self) -> str:
        """The edition's name."""
        return self.searcher.edition.name

    @property
    def facts(self) -> EditionFacts:
        """Facts of the edition: what it was made of and with."""
        return self.searcher.edition.facts

    async def read_speakers(self) -> None:
        """Read who speaks in the edition, once: that takes a look at every slice. A *Host* is nobody."""
        if self.speakers is None:
            labels = await queries.speakers(self.searcher.edition.connection)
            self.speakers = tuple(label for label in labels if not is_nobody(label))

    async def cruxes(self) -> CruxSource | None:
        """Return what finds cruxes, made at its first use and kept; None where there is no gate.

        It is the judge's word where the edition was built with a judge, else the gate's.
        """
        if self._cruxes is None:
            gate = await asyncio.to_thread(self.open_gate)
            if gate is None:
                return None
            unsure = np.array(await queries.unsure_slices(self.searcher.edition.connection), np.int64)
            n_bands = len(self.searcher.axis.bands)
            table = await asyncio.to_thread(CruxTable.of, self.searcher.tables, gate, unsure, n_bands)
            judged = self.searcher.edition.judged
            self._cruxes = table if judged is None else await JudgedCruxes.of(table, judged)
        return self._cruxes

    async def cruxes_of_all(self) -> CruxSource | None:
        """Return what finds the same cruxes as ``cruxes``, quicker for whoever asks about most episodes; kept."""
        if self._of_all is None:
            found = await self.cruxes()
            self._of_all = (
                await asyncio.to_thread(CruxesOfAll.of, found) if isinstance(found, CruxTable) else found
            )
        return self._of_all

    async def close(self) -> None:
        """Close the edition's files."""
        await self.searcher.edition.close()


class EditionOpener:
    """Opens the published edition, and keeps the models that it needs for the next.

    Args:
        state: folder below which editions lie.
        open_encoder: opens the encoder of an export, by name, or the configured one for None.
        open_scorer: opens the scorer for an encoder's vectors.
        axis: the axis of positions.
        prefer_editor: whether an editor's position takes the place of the computed one.
        open_reranker: opens the cross-encoder that rescores the best candidates; None for none.
        site: address of the pages that quotes link to; None for none.
        open_gate: opens the gate of cruxes for an encoder's fingerprint, or returns None where there is none.
        store: what replicas are parts of; None without a store.
        fetch: brings the published edition of a store here before one is opened; None without a store.
    """

    def __init__(
        self,
        state: Path,
        open_encoder: Callable[[str | None], Encoder],
        open_scorer: Callable[[Encoder], Scorer],
        axis: Axis,
        *,
        prefer_editor: bool = False,
        open_reranker: Callable[[], Reranker] | None = None,
        site: str | None = None,
        open_gate: Callable[[str], CruxGate | None] = lambda _: None,
        store: EditionStore | None = None,
        fetch: Callable[[], object] | None = None,
    ) -> None:
        self.state = state
        self.axis = axis
        self.prefer_editor = prefer_editor
        self._open_encoder = open_encoder
        self._open_scorer = open_scorer
        self._open_reranker = open_reranker
        self._site = site
        self._open_gate = open_gate
        self._store = store
        self._fetch = fetch
        self._encoder: Encoder | None = None
        self._opened_for: str | None = None
        self._scorer: tuple[Encoder, Scorer] | None = None
        self._reranker: Reranker | None = None
        self._opening = threading.RLock()

    async def open(
        self, *, falls_back: bool = True, skip: Mapping[str, IndexingError] = MappingProxyType({})
    ) -> EditionSession:
        """Open the published edition, or an older one in its place; see ``open_edition``.

        Raises:
            IndexingError: nothing is published, or it cannot be opened.
        """
        if self._fetch is not None:
            await asyncio.to_thread(self._fetch)
        edition = await open_edition(self.state, falls_back=falls_back, skip=skip, store=self._store)
        if self._site is not None:
            for number, episode in edition.episodes.items():
                page = f"{self._site}/{episode_page(episode.slug)}"
                edition.episodes[number] = replace(episode, page=page)
        try:
            encoder = await self._encoder_for(edition)
            if self._open_reranker is not None and self._reranker is None:
                self._reranker = await asyncio.to_thread(self._open_reranker)
            searcher = Searcher.over(edition, encoder, self.axis, self._reranker)
        except BaseException:
            await edition.close()
            raise
        return await asyncio.to_thread(  # for the names of many episodes take a second
            EditionSession,
            searcher,
            tuple(edition.episodes.values()),
            partial(self.scorer, encoder),
            self.prefer_editor,
            partial(self._open_gate, encoder.fingerprint),
        )

    def encoder(self) -> Encoder:
        """Return the encoder, opened at its first use; from any thread."""
        with self._opening:
            if self._encoder is None:
                self._encoder = self._open_encoder(None)
            return self._encoder

    def scorer(self, encoder: Encoder | None = None) -> Scorer:
        """Return the scorer for an encoder's vectors, opened at its first use; from any thread.

        Args:
            encoder: ``encoder()`` if None.
        """
        with self._opening:
            wanted = encoder if encoder is not None else self.encoder()
            if self._scorer is None or self._scorer[0] is not wanted:
                self._scorer = wanted, self._open_scorer(wanted)
            return self._scorer[1]

    def _is_for(self, encoder: Encoder, facts: EditionFacts) -> bool:
        """Return True if an encoder is an edition's, or the nearest to it that there is."""
        is_same = encoder.fingerprint == facts.fingerprint
        return is_same and (
            pieces_version(encoder) == facts.pieces or self._opened_for == facts.encoder_export
        )

    async def _encoder_for(self, edition: Edition) -> Encoder:
        facts, wanted = edition.facts, edition.facts.fingerprint
        if edition.facts.axis != self.axis.name:
            raise EditionMismatch(what="axis", edition_has=edition.facts.axis, running_has=self.axis.name)
        if self._encoder is None or not self._is_for(self._encoder, facts):
            encoder = await asyncio.to_thread(self._open_encoder, facts.encoder_export)
            self._opened_for = facts.encoder_export
            if encoder.fingerprint != wanted:
                raise EditionMismatch(what="model", edition_has=wanted, running_has=encoder.fingerprint)
            self._encoder, self._scorer = encoder, None
        return self._encoder
