"""Building an edition: changed episodes are read, sliced, embedded and scored; others are reused."""

import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import numpy as np

from index.build.changes import compare
from index.build.episode_workers import EpisodeWorkers, ThisProcess
from index.build.judge_stage import JudgeOptions, judge_edition
from index.build.preparation import FinishedEpisode, Models, columns_of
from index.build.previous_edition import (
    KnownVectors,
    PreviousEdition,
    SegmentStart,
    open_previous_edition,
    read_published,
)
from index.build.progress import BuildReport, Failure, Progress, Stopwatch
from index.build.segment_builder import SegmentBuilder
from index.embedding.encoder import Encoder, pieces_version
from index.errors import LibraryMissing, LibraryOfFiles
from index.files import build_lock, make_folder, storage_errors
from index.library.episodes import slugs as library_slugs
from index.library.ingest.transcript_files import likely_transcripts
from index.storage import queries, sqlite, writer
from index.storage.columns import Columns, Ints
from index.storage.edition import (
    SCRATCH_PREFIX,
    Edition,
    checksums,
    current_name,
    edition_name,
    editions_folder,
    open_edition,
    publish,
    sweep_scratch,
    write_judged,
)
from index.storage.records import EditionFacts
from index.storage.schema import SCHEMA_VERSION
from index.storage.vectors import WindowVectors
from index.text.slicing import SLICING_VERSION
from index.text.stopwords import FUNCTION_WORDS
from index.text.tokens import stem
from scoring.axis import Axis
from scoring.reading import Scorer

PublishInStore: TypeAlias = Callable[[Edition, Callable[[int], None]], object]
"""Makes an open edition that of a store; the second argument is told how many windows more are stored."""


_MOST_FILES_NAMED = 3


@dataclass(frozen=True, slots=True)
class Builder:
    """Builder of the editions of a library.

    Args:
        library: folder of episodes.
        state: folder below which editions lie.
        encoder: opens the encoder; its fingerprint decides whether the vectors of the published edition are reused.
        scorer: returns the scorer for an encoder; raises for a scorer below its recorded figures.
        axis: the axis that the scorer reads on.
        model: the model's name, as the manifest shows it.
        judge_options: how a judge is asked about pairs of passages; None without a judge.
        publish_in_store: makes an edition that of the store which others answer from; None without a store.
        workers: returns who reads, cuts, embeds and scores the episodes.
    """

    library: Path
    state: Path
    encoder: Callable[[], Encoder]
    scorer: Callable[[Encoder], Scorer]
    axis: Axis
    model: str
    judge_options: JudgeOptions | None = None
    publish_in_store: PublishInStore | None = None
    workers: Callable[[Models], EpisodeWorkers] = ThisProcess

    async def build(self, progress: Progress, *, full: bool = False) -> BuildReport:
        """Compare the library with the published edition, and publish a new edition if anything changed.

        Broken episodes are reported and left out, or kept as they were published last where that edition can be
        reused; the others are built. Where all are broken and none was taken away, the published edition stays, and
        the build ends there. Last, a judge is asked about pairs that it has not judged before. What it says is
        published as a further edition; one that does not answer is reported, and asked again by the next build.
        At the very end the edition is published in the store, if that has another.

        Args:
            progress: receives each stage and its steps.
            full: read and embed everything again.

        Raises:
            LibraryMissing, LibraryOfFiles, LibraryBusy, ModelUnavailable, StorageError, OutOfMemory, ClusterError:
                the published edition is as it was.
            StoreUnavailable: the edition is published here, and in the store by the next build.
        """
        # Before the lock: its folder may lie in the library, which would be made with it.
        if not self.library.is_dir():
            raise LibraryMissing(path=str(self.library))
        self._check_is_library()
        with storage_errors(self.state), build_lock(self.state):
            sweep_scratch(self.state)
            report = await _Build(self, progress, full).run()
            if report.is_all_broken and not report.is_new:
                return report
            await judge_edition(self.state, self.axis, self.judge_options, report, progress)
            if self.publish_in_store is not None:
                await _publish_in_store(self.state, self.publish_in_store, report, progress)
            return report

    def _check_is_library(self) -> None:
        """Check that a folder without episodes, of which nothing is published, is no folder of transcripts.

        Raises:
            LibraryOfFiles: it is.
        """
        if library_slugs(self.library) or current_name(self.state) is not None:
            return
        with storage_errors(self.library):
            files = likely_transcripts(self.library, most=_MOST_FILES_NAMED)
        if files:
            names = [str(path.relative_to(self.library)) for path in files]
            raise LibraryOfFiles(path=str(self.library), files=names)


async def _publish_in_store(
    state: Path, publish_in_store: PublishInStore, report: BuildReport, progress: Progress
) -> None:
    started_s = time.perf_counter()
    edition = await open_edition(state, falls_back=False)
    try:
        progress.stage("store", edition.facts.n_windows)
        await asyncio.to_thread(publish_in_store, edition, progress.advance)
    finally:
        await edition.close()
    report.seconds["store"] = time.perf_counter() - started_s


class _Build:
    """A run of a builder: the state shared by its stages."""

    def __init__(self, builder: Builder, progress: Progress, full: bool) -> None:
        self.builder, self.progress, self.full = builder, progress, full
        self.report = BuildReport()
        self.previous: PreviousEdition | None = None
        self.known: KnownVectors | None = None
        self.is_beside = False
        self.gone: list[int] = []
        self.next_ids = (1, 1)
        self.n_words = 0
        self.written: Counter[str] = Counter()
        self.heard: Counter[str] = Counter()
        self.terms: Counter[str] = Counter()
        self.watch = Stopwatch(self.report.seconds)

    async def run(self) -> BuildReport:
        slugs = library_slugs(self.builder.library)
        encoder = self.builder.encoder()
        self.models = Models(encoder, self.builder.scorer(encoder), self.builder.axis)
        self.watch.lap("load")
        if not self.full:
            made_by = (
                SLICING_VERSION,
                self.models.scorer.version,
                self.builder.axis.name,
                SCHEMA_VERSION,
                pieces_version(self.models.encoder),
            )
            self.previous = await open_previous_edition(
                self.builder.state, self.models.encoder.fingerprint, made_by
            )
        self._compare(slugs)
        if self.previous is not None and not self.is_beside and not self.previous.is_whole():
            self.previous = None
            self._compare(slugs)
        self.report.removed, self.report.unchanged = self.changes.removed, self.changes.unchanged
        self.watch.lap("compare")
        if self.previous is not None and self.previous.seen is not None and not self.changes:
            self.report.facts = self.previous.facts
            return self.report
        editions = editions_folder(self.builder.state)
        make_folder(editions)
        scratch = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=editions))
        try:
            await self._fill(scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return self.report

    def _compare(self, slugs: Sequence[str]) -> None:
        """Compare with the previous edition, and decide if the change is written beside its main segment."""
        self.progress.stage("compare", len(slugs))
        seen = (self.previous.seen if self.previous is not None else None) or {}
        self.changes = compare(self.builder.library, slugs, seen, compared=self.progress.advance)
        if self.previous is not None and seen and self.changes:
            n_windows = self.previous.facts.n_windows / len(seen)
            n_added = len(self.changes.added) + len(self.changes.changed)
            n_gone = len(self.changes.removed) + len(self.changes.changed)
            self.is_beside = self.previous.segments.has_room_beside(
                round(n_added * n_windows), round(n_gone * n_windows)
            )

    async def _fill(self, scratch: Path) -> None:
        taken = self.previous if self.previous is not None and self.previous.seen is not None else None
        if self.previous is not None:
            self.known = KnownVectors(self.previous.segments)
        start = SegmentStart(scratch)
        if taken is not None:
            start = taken.start(scratch, is_beside=self.is_beside)
            self.n_words = taken.facts.n_words
            self.gone = taken.segments.gone.tolist()
            self.next_ids = taken.segments.next_ids
        self.segment_builder = SegmentBuilder(start.folder, self.models.encoder.dim, start.before)
        try:
            async with sqlite.building(start.database) as connection:
                await start.merge_segments(connection)
                await self._index_changes(connection)
                if (kept := await self._kept(taken)) is not None:
                    self.report.facts = kept
                    return
                self.progress.stage("write", 3)
                facts = await self._finish(connection)
        finally:
            self.segment_builder.close()
        self.progress.advance(1)
        inside = start.folder.relative_to(scratch)
        written = {str(inside / file): checksum for file, checksum in checksums(start.folder).items()}
        judge_options = self.builder.judge_options
        judged = (
            write_judged(scratch, judge_options.cache(self.builder.state).good()) if judge_options else {}
        )
        facts = replace(facts, checksums={**start.linked, **written, **judged})
        publish(self.builder.state, scratch, facts)
        self.progress.advance(1)
        self.report.facts, self.report.is_new = facts, True
        self.watch.lap("publish")

    async def _index_changes(self, connection: sqlite.Connection) -> None:
        """Remove the episodes that are gone; read, embed and write those that are new or changed."""
        for slug in self.changes.removed:
            await self._remove(connection, slug)
        wanted = {**self.changes.added, **self.changes.changed}
        self.progress.stage("embed", len(wanted))
        if not wanted:
            return
        outcomes = self.builder.workers(self.models).finished(
            self.builder.library, dict(sorted(wanted.items())), self.known, self.progress, self.watch
        )
        async with aclosing(outcomes):
            async for outcome in outcomes:
                if isinstance(outcome, Failure):
                    self.report.failures.append(outcome)
                else:
                    await self._add(connection, outcome)

    async def _remove(self, connection: sqlite.Connection, slug: str) -> None:
        """Remove an episode's rows; ``SegmentBuilder.save`` leaves its arrays out."""
        removed = await writer.remove_episode(connection, slug)
        if removed is not None:
            self.gone.append(removed.episode_id)
            self.n_words -= removed.n_words

    async def _add(self, connection: sqlite.Connection, episode: FinishedEpisode) -> None:
        """Write a new episode, or in place of an older one; its numbers follow those of all before it."""
        rows, models = episode.rows, self.models
        if rows.slug in self.changes.changed:
            await self._remove(connection, rows.slug)
            self.report.changed.append(rows.slug)
        else:
            self.report.added.append(rows.slug)
        episode_id, first_slice = self.next_ids
        slices = await writer.add_episode(connection, rows, self.next_ids)
        self.next_ids = (episode_id + 1, first_slice + len(slices))
        columns = columns_of(episode, ids=(episode_id, slices), axis=models.axis)
        self.segment_builder.add(columns, episode.vectors, episode.words)
        (self.heard if rows.is_heard else self.written).update(episode.counted)
        self.terms.update(rows.counts.keys())
        self.n_words += rows.n_words
        self.report.n_embedded += episode.n_embedded

    async def _kept(self, taken: PreviousEdition | None) -> EditionFacts | None:
        """Return the published edition's manifest if no episode could be read and none was taken away; else None."""
        if self.report.added or self.report.changed or self.report.removed:
            return None
        if taken is not None:
            return taken.facts
        if not self.report.is_all_broken:
            return None
        published = await read_published(self.builder.state)
        if published is None:
            return None
        facts, slugs = published
        return facts if slugs and slugs <= self.changes.added.keys() else None

    async def _finish(self, connection: sqlite.Connection) -> EditionFacts:
        gone = np.array(self.gone, np.int64)
        columns, vectors = self.segment_builder.save(gone)
        await writer.count_terms(connection, self.terms)
        await writer.count_words(connection, self.written, self.heard)
        await self._embed_words(connection)
        await writer.write_stamps(connection, self.changes.restamped)
        if not self.is_beside:
            await writer.sweep(connection)
        await writer.check(connection, (len(columns.episode_id), len(columns.slice_id)))
        facts = self._facts(columns, vectors, gone)
        await writer.write_meta(connection, {"edition": facts.edition})
        self.progress.advance(1)
        self.watch.lap("write")
        return facts

    async def _embed_words(self, connection: sqlite.Connection) -> None:
        """Write a vector for each stem that has none: of its most frequent word, of several the first by alphabet."""
        known = await queries.stems_with_vectors(connection)
        words: dict[str, str] = {}
        for word, _ in sorted(
            (self.written + self.heard).items(), key=lambda counted: (-counted[1], counted[0])
        ):
            if word not in FUNCTION_WORDS and (stemmed := stem(word)) not in known:
                words.setdefault(stemmed, word)
        if words:
            vectors = self.models.encoder.encode(list(words.values()))
            await writer.add_word_vectors(connection, list(words), vectors)

    def _facts(self, own: Columns, vectors: WindowVectors, gone: Ints) -> EditionFacts:
        """Return the new edition's manifest; ``own`` and ``vectors`` are those of the written segment."""
        now = datetime.now(UTC)
        before = self.previous.facts if self.previous is not None else None
        kind, recall, main_by, all_columns = vectors.kind, vectors.measured_recall, None, own
        if self.previous is not None and before is not None and self.is_beside:
            kind, recall, main_by = before.vector_search, before.recall, before.written[0]
            main = self.previous.segments.segments[0].columns
            all_columns = main.without_episodes(gone)[0].followed_by(own)
        elif recall is None:
            recall = before.recall if before is not None else vectors.recall()
        return EditionFacts(
            edition=edition_name(now),
            built_at=now.isoformat(timespec="seconds"),
            model=self.builder.model,
            fingerprint=self.models.encoder.fingerprint,
            dim=self.models.encoder.dim,
            axis=self.builder.axis.name,
            slicing_version=SLICING_VERSION,
            scoring_version=self.models.scorer.version,
            schema_version=SCHEMA_VERSION,
            n_episodes=len(all_columns.episode_id),
            n_slices=len(all_columns.slice_id),
            n_windows=len(all_columns.window_slice),
            n_words=self.n_words,
            vector_search=kind,
            recall=round(recall, 4),
            beside=main_by,
            pieces=pieces_version(self.models.encoder),
            checksums={},
        )
