"""Preparation of an episode for an edition: slices, windows, keys, positions, columns."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from index.embedding.encoder import Encoder, Vectors
from index.library.episodes import Episode, read_episode
from index.storage.columns import Columns
from index.storage.inverted_index import PostingsBuilder
from index.storage.queries import Seen
from index.storage.writer import IndexedEpisode
from index.text.slicing import Slice, slice_transcript
from index.text.tokens import stems_in
from index.text.topics import term_counts
from index.text.windows import Window, window_key, window_texts, windows_of
from scoring.axis import Axis
from scoring.profile import profile_of, profile_of_metadata
from scoring.reading import Scorer


@dataclass(frozen=True, slots=True)
class Prepared:
    """An episode with its slices and windows.

    Attributes:
        slug: as in the library.
        seen: state of its folder when it was read.
        episode: the episode in the library.
        slices: in order; none for an episode without a transcript.
        windows: those of each slice.
        keys: 64 bits for each window of all slices, in order, that name its text.
        counts: candidate terms and how often they occur.
    """

    slug: str
    seen: Seen
    episode: Episode
    slices: tuple[Slice, ...]
    windows: tuple[tuple[Window, ...], ...]
    keys: tuple[int, ...]
    counts: Mapping[str, int]

    def texts(self) -> Iterator[str]:
        """Yield the text of every window, in order."""
        for piece, windows in zip(self.slices, self.windows, strict=True):
            yield from window_texts(piece, windows)


def prepare(library_folder: Path, slug: str, seen: Seen) -> Prepared:
    """Read the episode ``slug`` and divide it into slices and windows.

    Raises:
        IndexingError: something in its folder is broken.
    """
    episode = read_episode(library_folder, slug)
    slices = slice_transcript(episode.transcript) if episode.transcript else ()
    windows = tuple(windows_of(piece) for piece in slices)
    keys = tuple(
        window_key(text)
        for piece, group in zip(slices, windows, strict=True)
        for text in window_texts(piece, group)
    )
    return Prepared(slug, seen, episode, slices, windows, keys, term_counts(slices))


def read_positions(
    prepared: Prepared, vectors: Vectors, scorer: Scorer, axis: Axis, encoder: Encoder
) -> IndexedEpisode:
    """Return the episode with a reading for each slice and its profile.

    Args:
        prepared: the episode.
        vectors: of all its windows in order, shape (n_windows, dim).
        scorer: reads positions.
        axis: the axis that it reads on.
        encoder: embeds the title and summary of an episode that has no transcript.
    """
    stops = np.cumsum([0, *(len(group) for group in prepared.windows)]).tolist()
    readings = scorer.read(
        [piece.text for piece in prepared.slices],
        [vectors[start:end] for start, end in pairwise(stops)],
    )
    about, transcript = prepared.episode.about, prepared.episode.transcript
    if readings:
        profile = profile_of(readings, axis)
    else:
        text = ". ".join(filter(None, (about.title, about.summary, about.why_it_matters)))
        profile = profile_of_metadata(scorer.read([text], [encoder.encode([text])])[0], axis)
    return IndexedEpisode(
        slug=prepared.slug,
        digest=prepared.seen.digest,
        stamp=prepared.seen.stamp,
        about=about,
        assessment=prepared.episode.assessment,
        profile=profile,
        is_timed=bool(transcript and transcript.is_timed),
        is_heard=bool(transcript and transcript.track == "auto"),
        n_segments=transcript.n_segments if transcript else 0,
        counts=prepared.counts,
        slices=tuple(zip(prepared.slices, readings, strict=True)),
    )


def add_postings(prepared: Prepared, postings: PostingsBuilder) -> None:
    """Add every slice to ``postings``: its words, its heading and the stems of the episode's description."""
    about = prepared.episode.about
    said = (about.title, *about.guests, *about.hosts, *about.tags, about.source or "", about.shelf or "")
    counted = Counter(stems_in(" ".join(said)))
    for piece in prepared.slices:
        postings.add(piece.text, piece.chapter or "", counted)


def columns_of(
    prepared: Prepared,
    indexed: IndexedEpisode,
    vectors: Vectors,
    *,
    ids: tuple[int, list[int]],
    axis: Axis,
) -> Columns:
    """Return the columns of an episode; ``ids`` are its own id and those of its slices."""
    episode_id, slice_ids = ids
    windows = [
        (slice_id, window)
        for slice_id, group in zip(slice_ids, prepared.windows, strict=True)
        for window in group
    ]
    readings = [reading for _, reading in indexed.slices]
    centre = vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1], np.float32)
    return Columns(
        window_slice=np.array([slice_id for slice_id, _ in windows], np.int64),
        window_start=np.array([window.start for _, window in windows], np.int32),
        window_end=np.array([window.end for _, window in windows], np.int32),
        window_key=np.array(prepared.keys, np.uint64),
        slice_id=np.array(slice_ids, np.int64),
        slice_episode=np.full(len(slice_ids), episode_id, np.int64),
        slice_position=np.array([reading.position for reading in readings], np.float32),
        slice_band=np.array([axis.bands.index(reading.band) for reading in readings], np.int8),
        slice_lens=np.array([axis.lenses.index(reading.lens) for reading in readings], np.int8),
        episode_id=np.array([episode_id], np.int64),
        episode_vector=centre[np.newaxis].astype(np.float16),
    )
