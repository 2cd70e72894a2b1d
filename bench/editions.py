"""Large editions for benchmarks: real windows recombined into new episodes, their real vectors with noise.

python bench/editions.py STATE OUT WINDOWS      STATE holds a published edition; OUT gets one of about WINDOWS windows

Every slice of the new episodes is made of windows drawn at random from the whole of STATE, so that words occur as
often as they do there and no text occurs twice. A window's vector is the real one turned by noise to a cosine of
about 0.9; a whole slice's is the mean of its windows', turned likewise. Its word pieces are those of its windows.
Positions are drawn from STATE's.
"""

import asyncio
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.app.container import make_axis
from bot.app.settings import Settings
from index.build.preparation import FinishedEpisode, Prepared, columns_of
from index.embedding.encoder import Vectors
from index.library.episodes import Episode
from index.storage import queries, sqlite, writer
from index.storage.columns import Columns
from index.storage.edition import Edition, checksums, editions_folder, open_edition, publish
from index.storage.inverted_index import PostingsBuilder
from index.storage.records import EpisodeRecord, SliceRecord
from index.storage.schema import SCHEMA
from index.storage.segments import COLUMNS_FILE, DATABASE_FILE, POSTINGS_FILE, VECTORS_FILE
from index.storage.vectors import WindowVectors
from index.text.slicing import Slice
from index.text.topics import term_counts
from index.text.windows import window_key, window_texts, windows_of
from scoring.axis import Axis
from scoring.profile import profile_of

_SLICES_AN_EPISODE = 46
_COSINE = 0.9
_NUMBERS = 32  # of a stored word piece, a byte each; two bytes of its offset follow


@dataclass(frozen=True, slots=True)
class Material:
    """What new episodes are made of: the small windows of an edition, its slices and episodes.

    Attributes:
        texts: of the windows.
        vectors: of the windows, shape (n_windows, dim).
        pieces: stored word pieces of each window, offsets counted from its start; empty in an edition without.
        slices: all of the edition.
        episodes: all of the edition.
    """

    texts: list[str]
    vectors: Vectors
    pieces: list[bytes]
    slices: list[SliceRecord]
    episodes: list[EpisodeRecord]

    @classmethod
    async def of(cls, edition: Edition) -> "Material":
        """Everything in ``edition``."""
        columns = edition.columns
        slices = await edition.slices.by_id(columns.slice_id.tolist())
        is_whole = np.diff(columns.window_slice, prepend=-1) != 0
        rows = np.flatnonzero(~is_whole)
        stored = await edition.slices.pieces(columns.slice_id.tolist())
        texts, pieces = [], []
        for row in rows:
            number = int(columns.window_slice[row])
            start, end = int(columns.window_start[row]), int(columns.window_end[row])
            texts.append(slices[number].piece.text[start:end])
            pieces.append(_moved(stored.get(number, b""), start, end, to=0))
        return cls(
            texts, edition.vectors.take(rows), pieces, list(slices.values()), list(edition.episodes.values())
        )


class Maker:
    """Makes episodes, each from its seed."""

    def __init__(self, material: Material, axis: Axis) -> None:
        self.material = material
        self.axis = axis

    def episode(self, seed: int) -> tuple[Prepared, writer.IndexedEpisode, Vectors]:
        """A new episode with the vectors of its windows."""
        draw, normal = random.Random(seed), np.random.default_rng(seed)
        model = draw.choice(self.material.episodes)
        pieces, groups, vectors, word_pieces = [], [], [], []
        for ordinal in range(_SLICES_AN_EPISODE):
            chosen = draw.sample(range(len(self.material.texts)), draw.randint(3, 5))
            piece = _slice(ordinal, [self.material.texts[number] for number in chosen])
            windows = windows_of(piece)
            units = list(piece.units())
            inside = [
                [number for number, (start, _) in zip(chosen, units, strict=True) if w.start <= start < w.end]
                for w in windows
            ]
            vectors.append(
                np.stack([_turned(self.material.vectors[number].sum(axis=0), normal) for number in inside])
            )
            pieces.append(piece)
            groups.append(windows)
            word_pieces.append(
                b"".join(
                    _moved(self.material.pieces[number], 0, end - start, to=start)
                    for number, (start, end) in zip(chosen, units, strict=True)
                )
            )
        readings = [draw.choice(self.material.slices).reading for _ in pieces]
        readings = [replace(reading, drivers=(), rest=reading.position) for reading in readings]
        slug = f"made-{seed:06d}"
        about = model.about.model_copy(update={"title": f"{model.about.title} {seed}", "video_id": None})
        prepared = Prepared(
            slug=slug,
            seen=queries.Seen(f"{seed:064x}", None),
            episode=Episode(slug, about, None, None),
            slices=tuple(pieces),
            windows=tuple(groups),
            keys=tuple(
                window_key(text)
                for piece, group in zip(pieces, groups, strict=True)
                for text in window_texts(piece, group)
            ),
            counts=term_counts(pieces),
        )
        indexed = writer.IndexedEpisode(
            slug=slug,
            digest=prepared.seen.digest,
            about=about,
            assessment=None,
            profile=profile_of(readings, self.axis),
            is_timed=True,
            is_heard=seed % 3 == 0,
            n_segments=len(pieces),
            counts=prepared.counts,
            slices=tuple(zip(pieces, readings, strict=True)),
            pieces=tuple(word_pieces),
        )
        return prepared, indexed, np.concatenate(vectors)


def _moved(stored: bytes, start: int, end: int, *, to: int) -> bytes:
    """Return the stored word pieces from ``start`` up to ``end`` of a text, as of one where ``start`` is at ``to``."""
    if not stored:
        return b""
    rows = np.frombuffer(stored, np.uint8).reshape(-1, _NUMBERS + 2)
    starts = np.ascontiguousarray(rows[:, _NUMBERS:]).view("<u2")[:, 0]
    inside = (starts >= start) & (starts < end)
    moved = (starts[inside] - start + to).astype("<u2")[:, np.newaxis].view(np.uint8)
    return bytes(np.hstack([rows[inside, :_NUMBERS], moved]).tobytes())


def _slice(ordinal: int, texts: list[str]) -> Slice:
    ends, end = [], -1
    for text in texts:
        end += len(text) + 1
        ends.append(end)
    start_s = ordinal * 65.0
    return Slice(
        ordinal=ordinal,
        text=" ".join(texts),
        start_s=start_s,
        end_s=start_s + 65,
        speaker=None,
        chapter=None,
        unit_ends=tuple(ends),
        anchors=((0, start_s),),
        turns=((0, None),),
    )


def _turned(vector: npt.NDArray[np.float32], normal: np.random.Generator) -> npt.NDArray[np.float32]:
    noise = normal.standard_normal(len(vector)).astype(np.float32)
    noise *= np.sqrt(1 / _COSINE**2 - 1) / np.linalg.norm(noise)
    turned = vector / np.linalg.norm(vector) + noise
    unit: npt.NDArray[np.float32] = (turned / np.linalg.norm(turned)).astype(np.float32)
    return unit


async def make(state: Path, out: Path, n_windows: int) -> None:
    """Publish an edition of about ``n_windows`` windows in ``out``, made of the one published in ``state``."""
    axis = make_axis(Settings())
    base = await open_edition(state)
    maker = Maker(await Material.of(base), axis)
    stems, word_vectors = await queries.word_vectors(base.connection)
    await base.close()
    editions_folder(out).mkdir(parents=True, exist_ok=True)
    shutil.copytree(state / "models", out / "models", dirs_exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=editions_folder(out)))
    columns, vectors, postings, made, next_ids = [], [], PostingsBuilder(), 0, (1, 1)
    terms: Counter[str] = Counter()
    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    async with sqlite.building(scratch / DATABASE_FILE) as connection:
        await connection.executescript(SCHEMA)
        for seed in count():
            if made >= n_windows:
                break
            prepared, indexed, own = maker.episode(seed)
            slices = await writer.add_episode(connection, indexed, next_ids)
            ids = (next_ids[0], slices)
            next_ids = (next_ids[0] + 1, next_ids[1] + len(slices))
            episode = FinishedEpisode.of(prepared, indexed, own)
            for words in episode.words:
                postings.add(words)
            columns.append(columns_of(episode, ids=ids, axis=axis))
            vectors.append(episode.vectors)
            counts[indexed.is_heard].update(episode.counted)
            terms.update(indexed.counts.keys())
            made += len(own)
        await writer.count_terms(connection, terms)
        await writer.count_words(connection, counts[False], counts[True])
        await writer.add_word_vectors(connection, stems, word_vectors / np.float32(127))
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-made"
        await writer.write_meta(connection, {"edition": name})
    joined = Columns(
        **{field: np.concatenate([getattr(part, field) for part in columns]) for field in Columns.__slots__}
    )
    joined.save(scratch / COLUMNS_FILE)
    postings.build().save(scratch / POSTINGS_FILE)
    index = WindowVectors.of(np.concatenate(vectors), base.facts.dim)
    index.save(scratch / VECTORS_FILE)
    facts = replace(
        base.facts,
        edition=name,
        n_episodes=len(columns),
        n_slices=len(joined.slice_id),
        n_windows=made,
        vector_search=index.kind,
        recall=index.measured_recall or 0.0,
    )
    publish(out, scratch, replace(facts, checksums=checksums(scratch)))
    print(f"{len(columns)} episodes, {len(joined.slice_id)} slices, {made} windows in {out}")


if __name__ == "__main__":
    asyncio.run(make(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
