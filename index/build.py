"""Library to edition: what changed is read, sliced, embedded and scored; the rest is taken over as it was."""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np

from index import database, library, writing
from index.base import Base, KnownVectors, open_base
from index.columns import Columns
from index.comparison import compare
from index.edition import DATABASE_FILE, build_lock, checksums, editions_folder, publish
from index.encoder import Encoder, Vectors
from index.errors import EditionDamaged, IndexingError
from index.growing import Growing
from index.keywords import word_counts
from index.preparation import Prepared, add_postings, columns_of, prepare, read_positions
from index.records import EditionFacts
from index.schema import SCHEMA, SCHEMA_VERSION
from index.slicing import SLICING_VERSION
from index.steps import Progress, Steps
from index.store import Seen
from index.vectors import WindowVectors
from scoring.axis import Axis
from scoring.reading import Scorer

_EPISODES_A_CHUNK = 24


@dataclass(frozen=True, slots=True)
class Failure:
    """An episode that could not be taken in, and why."""

    slug: str
    error: IndexingError


@dataclass(slots=True)
class BuildReport:
    """What a build did. Slugs are in order; seconds by stage in the order the stages ran."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    failures: list[Failure] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    n_embedded: int = 0
    facts: EditionFacts | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Builder:
    """What builds editions of one library.

    Args:
        library: folder of episodes.
        state: folder below which editions lie.
        encoder: opens the encoder, whose fingerprint decides what of the published edition may be taken over.
        scorer: gives what reads positions off the vectors of an encoder; refuses one that reads them badly.
        axis: the axis that the scorer reads on.
        model: the model's name, as the manifest shows it.
    """

    library: Path
    state: Path
    encoder: Callable[[], Encoder]
    scorer: Callable[[Encoder], Scorer]
    axis: Axis
    model: str

    async def build(self, progress: Progress, *, full: bool = False) -> BuildReport:
        """Bring the published edition up to the library, and publish a new one if anything changed.

        Broken episodes are reported and left out, or kept as they were published last where that edition can be
        built upon; the others go on.

        Args:
            progress: told of each stage.
            full: read and embed everything again.

        Raises:
            LibraryMissing, LibraryBusy, ModelUnavailable: nothing was changed.
        """
        library.slugs(self.library)  # before the lock, whose folder may lie in the library and would make it
        with build_lock(self.state):
            return await _Build(self, progress, full).run()


class _Build:
    """One run of a builder: the state that its stages hand on."""

    def __init__(self, builder: Builder, progress: Progress, full: bool) -> None:
        self.builder, self.progress, self.full = builder, progress, full
        self.report = BuildReport()
        self.base: Base | None = None
        self.known: KnownVectors | None = None
        self.gone: list[int] = []
        self.n_words = 0
        self.written: Counter[str] = Counter()
        self.heard: Counter[str] = Counter()
        self.terms: Counter[str] = Counter()
        self._started_s = time.perf_counter()

    async def run(self) -> BuildReport:
        slugs = library.slugs(self.builder.library)
        self.encoder = self.builder.encoder()
        self.scorer = self.builder.scorer(self.encoder)
        self._lap("load")
        await self._open_base()
        self.progress.stage("compare", len(slugs))
        seen = self.base.rows.seen if self.base is not None and self.base.rows is not None else {}
        self.changes = compare(self.builder.library, slugs, seen, compared=self.progress.advance)
        self.report.removed, self.report.unchanged = self.changes.removed, self.changes.unchanged
        self._lap("compare")
        if self.base is not None and not self.changes:
            self.report.facts = self.base.facts
            return self.report
        editions = editions_folder(self.builder.state)
        editions.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=editions))
        try:
            await self._fill(scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return self.report

    async def _open_base(self) -> None:
        """The published edition, as far as it can be built upon: its rows, or only its vectors."""
        if self.full:
            return
        made_by = (SLICING_VERSION, self.scorer.version, self.builder.axis.name, SCHEMA_VERSION)
        base = await open_base(self.builder.state, self.encoder.fingerprint, made_by)
        if base is not None:
            self.known = KnownVectors(base)
            self.base = base if base.rows is not None else None

    async def _fill(self, scratch: Path) -> None:
        if self.base is not None:
            self.base.copy_rows(scratch / DATABASE_FILE)
            self.n_words = self.base.facts.n_words
        self.growing = Growing(scratch, self.encoder.dim, self.base)
        try:
            async with database.building(scratch / DATABASE_FILE) as connection:
                if self.base is None:
                    await connection.executescript(SCHEMA)
                await self._take_in_all(connection)
                if self.base is not None and not (
                    self.report.added or self.report.changed or self.report.removed
                ):
                    self.report.facts = self.base.facts
                    return
                self.progress.stage("write", 3)
                facts = await self._finish(connection)
        finally:
            self.growing.close()
        self.progress.advance(1)
        facts = facts.with_checksums(checksums(scratch))
        publish(self.builder.state, scratch, facts)
        self.progress.advance(1)
        self.report.facts, self.report.is_new = facts, True
        self._lap("publish")

    async def _take_in_all(self, connection: database.Connection) -> None:
        """Forget the episodes that are gone; read, embed and write those that are new or changed."""
        for slug in self.changes.removed:
            await self._forget(connection, slug)
        wanted = {**self.changes.added, **self.changes.changed}
        self.progress.stage("embed", len(wanted))
        episodes = self._read(dict(sorted(wanted.items())))
        while chunk := list(islice(episodes, _EPISODES_A_CHUNK)):
            self._lap("read")
            for one in chunk:
                if one.slug in self.changes.changed:
                    await self._forget(connection, one.slug)
            await self._take_in(connection, chunk)
            self._lap("embed and score")

    async def _forget(self, connection: database.Connection, slug: str) -> None:
        """Take an episode of the base out of the rows; ``growing`` leaves it out of the arrays."""
        removed = await writing.remove_episode(connection, slug)
        if removed is not None:
            self.gone.append(removed.episode_id)
            self.n_words -= removed.n_words

    def _read(self, wanted: dict[str, Seen]) -> Iterator[Prepared]:
        """The episodes one after the other, less those that cannot be read, which go into the report."""
        for slug, seen in wanted.items():
            try:
                prepared = prepare(self.builder.library, slug, seen)
            except IndexingError as error:
                self.report.failures.append(Failure(slug, error))
                self.progress.advance(1)
                continue
            (self.report.changed if slug in self.changes.changed else self.report.added).append(slug)
            yield prepared

    async def _take_in(self, connection: database.Connection, chunk: list[Prepared]) -> None:
        vectors = self._vectors_for(chunk)
        row = 0
        for one in chunk:
            own = vectors[row : row + len(one.keys)]
            row += len(one.keys)
            indexed = read_positions(
                one, own, scorer=self.scorer, axis=self.builder.axis, encoder=self.encoder
            )
            ids = await writing.add_episode(connection, indexed)
            self.growing.add(columns_of(one, indexed, own, ids=ids, axis=self.builder.axis), own)
            add_postings(one, self.growing.words)
            (self.heard if indexed.is_heard else self.written).update(
                word_counts(piece.text for piece in one.slices)
            )
            self.terms.update(indexed.counts.keys())
            self.n_words += indexed.n_words

    def _vectors_for(self, chunk: Sequence[Prepared]) -> Vectors:
        """Vectors of all windows of ``chunk``: those that are known, and from the model the others."""
        keys = [key for one in chunk for key in one.keys]
        texts = [text for one in chunk for text in one.texts()]
        vectors = np.zeros((len(keys), self.encoder.dim), np.float32)
        is_known = np.zeros(len(keys), bool)
        if self.known is not None:
            is_known, vectors_known = self.known.of(keys)
            vectors[is_known] = vectors_known
        missing = np.flatnonzero(~is_known)
        steps = Steps(self.progress, len(chunk), len(missing))
        if len(missing):
            vectors[missing] = self.encoder.encode([texts[row] for row in missing], progress=steps.embedded)
            self.report.n_embedded += len(missing)
        steps.done()
        return vectors

    async def _finish(self, connection: database.Connection) -> EditionFacts:
        columns, vectors = self.growing.save(np.array(self.gone, np.int64))
        await writing.count_terms(connection, self.terms)
        await writing.count_words(connection, self.written, self.heard)
        await writing.write_stamps(connection, self.changes.restamped)
        facts = self._facts(columns, vectors)
        await self._check_rows(connection, facts)
        await writing.write_meta(connection, {"edition": facts.edition})
        self.progress.advance(1)
        self._lap("write")
        return facts

    def _facts(self, columns: Columns, vectors: WindowVectors) -> EditionFacts:
        now = datetime.now(UTC)
        recall = vectors.measured_recall
        if recall is None:
            recall = self.base.facts.recall if self.base is not None else vectors.recall()
        return EditionFacts(
            edition=f"{now:%Y%m%d-%H%M%S}-{now.microsecond:06d}",
            built_at=now.isoformat(timespec="seconds"),
            model=self.builder.model,
            fingerprint=self.encoder.fingerprint,
            dim=self.encoder.dim,
            axis=self.builder.axis.name,
            slicing_version=SLICING_VERSION,
            scoring_version=self.scorer.version,
            schema_version=SCHEMA_VERSION,
            n_episodes=len(columns.episode_id),
            n_slices=len(columns.slice_id),
            n_windows=len(columns.window_slice),
            n_words=self.n_words,
            vector_search=vectors.kind,
            recall=round(recall, 4),
            checksums={},
        )

    async def _check_rows(self, connection: database.Connection, facts: EditionFacts) -> None:
        counted = await database.row(
            connection,
            "SELECT (SELECT count(*) FROM episode) AS episodes, (SELECT count(*) FROM slice) AS slices",
        )
        if counted is None or (counted["episodes"], counted["slices"]) != (facts.n_episodes, facts.n_slices):
            raise EditionDamaged(edition="new", file=DATABASE_FILE, problem="slices and columns disagree")

    def _lap(self, stage: str) -> None:
        now_s = time.perf_counter()
        self.report.seconds[stage] = self.report.seconds.get(stage, 0.0) + now_s - self._started_s
        self._started_s = now_s
