"""Library to edition: what changed is read, sliced, embedded and scored; the rest is taken over as it was."""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index import database, library, store, writing
from index.columns import Columns
from index.edition import (
    COLUMNS_FILE,
    DATABASE_FILE,
    POSTINGS_FILE,
    VECTORS_FILE,
    build_lock,
    checksums,
    current_name,
    editions_folder,
    publish,
    read_facts,
    verify,
)
from index.encoder import Encoder, Vectors
from index.errors import EditionDamaged, IndexingError
from index.keywords import word_counts
from index.postings import Added, Postings
from index.preparation import Prepared, add_postings, columns_of, prepare, read_positions
from index.records import EditionFacts
from index.schema import SCHEMA, SCHEMA_VERSION
from index.slicing import SLICING_VERSION
from index.vectors import WindowVectors
from scoring.axis import Axis
from scoring.reading import Scorer

_EPISODES_A_CHUNK = 24


class Progress(Protocol):
    """Told how a build goes on."""

    def stage(self, name: str, total: int) -> None:
        """A stage begins; ``total`` steps are expected of it."""

    def advance(self, steps: int) -> None:
        """So many more steps of the stage are done."""


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


@dataclass(frozen=True, slots=True)
class _Cache:
    """Vectors of the published edition by key: ``keys`` ascend, ``rows`` say where each one's vector is."""

    keys: npt.NDArray[np.uint64]
    rows: npt.NDArray[np.int64]
    vectors: WindowVectors


class _Build:
    """One run of a builder: the state that its stages hand on."""

    def __init__(self, builder: Builder, progress: Progress, full: bool) -> None:
        self.builder = builder
        self.progress = progress
        self.full = full
        self.report = BuildReport()
        self.base: EditionFacts | None = None
        self.cache: _Cache | None = None
        self.columns = Columns.empty(0)
        self.postings: Postings | None = None
        self.kept_slices = np.zeros(0, bool)
        self.added = Added()
        self.new_vectors: list[Vectors] = []
        self.written: Counter[str] = Counter()
        self.heard: Counter[str] = Counter()
        self._started_s = time.perf_counter()

    async def run(self) -> BuildReport:
        slugs = library.slugs(self.builder.library)
        encoder = self.builder.encoder()
        self.scorer = self.builder.scorer(encoder)
        self._lap("load")
        self.columns = Columns.empty(encoder.dim)
        self._open_base(encoder)
        editions = editions_folder(self.builder.state)
        editions.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=editions))
        try:
            await self._fill(scratch, slugs, encoder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return self.report

    def _open_base(self, encoder: Encoder) -> None:
        """The published edition, as far as it can be built upon: its rows, or only its vectors as a cache."""
        name = current_name(self.builder.state)
        if name is None or self.full:
            return
        folder = editions_folder(self.builder.state) / name
        try:
            facts = read_facts(self.builder.state, name)
            if facts.fingerprint != encoder.fingerprint:
                return
            verify(self.builder.state, name)
            columns = Columns.open(folder / COLUMNS_FILE)
            vectors = WindowVectors.open(folder / VECTORS_FILE)
            postings = Postings.open(folder / POSTINGS_FILE)
        except (EditionDamaged, OSError, ValueError, KeyError, RuntimeError):
            return  # a damaged edition is no base: everything is made anew
        order = np.argsort(columns.window_key, kind="stable")
        self.cache = _Cache(columns.window_key[order], order, vectors)
        made_by = (facts.slicing_version, facts.scoring_version, facts.axis, facts.schema_version)
        if made_by == (SLICING_VERSION, self.scorer.version, self.builder.axis.name, SCHEMA_VERSION):
            self.base, self.columns, self.postings = facts, columns, postings

    async def _fill(self, scratch: Path, slugs: Sequence[str], encoder: Encoder) -> None:
        path = scratch / DATABASE_FILE
        if self.base is not None:
            shutil.copyfile(editions_folder(self.builder.state) / self.base.edition / DATABASE_FILE, path)
        async with database.building(path) as connection:
            if self.base is None:
                await connection.executescript(SCHEMA)
            changes = await self._changes(connection, slugs)
            prepared = self._read(changes)
            gone = [*self.report.removed, *self.report.changed]
            if self.base is not None and not prepared and not gone:
                self.report.facts = self.base
                return
            await self._forget(connection, gone, encoder)
            self._lap("read")
            self.progress.stage("embed", sum(len(one.keys) for one in prepared))
            for start in range(0, len(prepared), _EPISODES_A_CHUNK):
                await self._take_in(connection, prepared[start : start + _EPISODES_A_CHUNK], encoder)
            self._lap("embed and score")
            self.progress.stage("write", 3)
            facts = await self._finish(connection, scratch, encoder)
        self.progress.advance(1)
        facts = facts.with_checksums(checksums(scratch))
        publish(self.builder.state, scratch, facts)
        self.progress.advance(1)
        self.report.facts, self.report.is_new = facts, True
        self._lap("publish")

    async def _forget(self, connection: database.Connection, slugs: Sequence[str], encoder: Encoder) -> None:
        """Take ``slugs`` out of the rows and columns that the edition is built upon."""
        ids = [await writing.remove_episode(connection, slug) for slug in slugs]
        known = np.array([one for one in ids if one is not None], np.int64)
        self.kept_slices = ~np.isin(self.columns.slice_episode, known)
        self.columns, kept = self.columns.without_episodes(known)
        if self.base is not None and self.cache is not None:
            self.new_vectors.append(self.cache.vectors.take(np.flatnonzero(kept)))
        else:
            self.new_vectors.append(np.zeros((0, encoder.dim), np.float32))

    async def _changes(self, connection: database.Connection, slugs: Sequence[str]) -> dict[str, str]:
        """Digests of the episodes that are new or changed; what is gone or unchanged goes into the report."""
        known = await store.digests(connection)
        self.progress.stage("compare", len(slugs))
        changes = {}
        for slug in slugs:
            digest = library.digest(self.builder.library, slug)
            if known.get(slug) == digest:
                self.report.unchanged += 1
            else:
                changes[slug] = digest
                (self.report.changed if slug in known else self.report.added).append(slug)
            self.progress.advance(1)
        self.report.removed = sorted(set(known) - set(slugs))
        self._lap("compare")
        return changes

    def _read(self, changes: dict[str, str]) -> list[Prepared]:
        self.progress.stage("read", len(changes))
        prepared = []
        for slug, digest in changes.items():
            try:
                prepared.append(prepare(self.builder.library, slug, digest))
            except IndexingError as error:
                self.report.failures.append(Failure(slug, error))
                for group in (self.report.added, self.report.changed):
                    if slug in group:
                        group.remove(slug)
            self.progress.advance(1)
        return prepared

    async def _take_in(
        self, connection: database.Connection, chunk: list[Prepared], encoder: Encoder
    ) -> None:
        keys = np.array([key for one in chunk for key in one.keys], np.uint64)
        vectors = self._vectors_for(keys, [text for one in chunk for text in one.texts()], encoder)
        row = 0
        for one in chunk:
            own = vectors[row : row + len(one.keys)]
            row += len(one.keys)
            indexed = read_positions(one, own, scorer=self.scorer, axis=self.builder.axis, encoder=encoder)
            ids = await writing.add_episode(connection, indexed)
            add_postings(one, self.added)
            (self.heard if indexed.is_heard else self.written).update(
                word_counts(piece.text for piece in one.slices)
            )
            self.columns = self.columns.followed_by(
                columns_of(one, indexed, own, ids=ids, axis=self.builder.axis)
            )
        self.new_vectors.append(vectors)

    def _vectors_for(self, keys: npt.NDArray[np.uint64], texts: list[str], encoder: Encoder) -> Vectors:
        """Vectors from the cache where the key is known, from the model where it is not."""
        vectors = np.zeros((len(texts), encoder.dim), np.float32)
        missing = np.ones(len(texts), bool)
        if self.cache is not None and len(self.cache.keys):
            places = np.minimum(np.searchsorted(self.cache.keys, keys), len(self.cache.keys) - 1)
            missing = self.cache.keys[places] != keys
            vectors[~missing] = self.cache.vectors.take(self.cache.rows[places[~missing]])
            self.progress.advance(int((~missing).sum()))
        wanted = np.flatnonzero(missing)
        if len(wanted):
            vectors[wanted] = encoder.encode([texts[row] for row in wanted], progress=self.progress.advance)
            self.report.n_embedded += len(wanted)
        return vectors

    async def _finish(self, connection: database.Connection, scratch: Path, encoder: Encoder) -> EditionFacts:
        WindowVectors.of(np.concatenate(self.new_vectors), encoder.dim).save(scratch / VECTORS_FILE)
        self.columns.save(scratch / COLUMNS_FILE)
        self.added.joined_to(self.postings, self.kept_slices).save(scratch / POSTINGS_FILE)
        await writing.write_terms(connection)
        await writing.count_words(connection, self.written, self.heard)
        counted = await database.row(
            connection,
            "SELECT (SELECT count(*) FROM episode) AS episodes, count(*) AS slices,"
            " coalesce(sum(length(text) - length(replace(text, ' ', '')) + 1), 0) AS words FROM slice",
        )
        if counted is None or counted["slices"] != len(self.columns.slice_id):
            raise EditionDamaged(edition="new", file=DATABASE_FILE, problem="slices and columns disagree")
        now = datetime.now(UTC)
        facts = EditionFacts(
            edition=f"{now:%Y%m%d-%H%M%S}-{now.microsecond:06d}",
            built_at=now.isoformat(timespec="seconds"),
            model=self.builder.model,
            fingerprint=encoder.fingerprint,
            dim=encoder.dim,
            axis=self.builder.axis.name,
            slicing_version=SLICING_VERSION,
            scoring_version=self.scorer.version,
            schema_version=SCHEMA_VERSION,
            n_episodes=counted["episodes"],
            n_slices=counted["slices"],
            n_windows=len(self.columns.window_slice),
            n_words=counted["words"],
            checksums={},
        )
        await writing.write_meta(connection, {"edition": facts.edition})
        self.progress.advance(1)
        self._lap("write")
        return facts

    def _lap(self, stage: str) -> None:
        now_s = time.perf_counter()
        self.report.seconds[stage] = self.report.seconds.get(stage, 0.0) + now_s - self._started_s
        self._started_s = now_s
