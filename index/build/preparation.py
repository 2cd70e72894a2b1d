"""Preparation of episodes for an edition: slices, windows, keys, vectors, positions, words, columns.

Everything here depends on an episode alone and not on the others, so any process may do it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Encoder, Vectors, WordPieceEncoder, WordPieces, pieces_version
from index.library.episodes import Episode, EpisodeFile, read_episode
from index.storage.columns import Columns
from index.storage.inverted_index import SliceStems
from index.storage.queries import Seen
from index.storage.writer import IndexedEpisode
from index.text.boilerplate import aside_of
from index.text.positions import read_positions
from index.text.slicing import Slice, slice_transcript
from index.text.tokens import stems_in, word_counts
from index.text.topics import term_counts
from index.text.windows import Window, window_key, window_texts, windows_of
from scoring.axis import Axis
from scoring.profile import profile_of, profile_of_metadata
from scoring.reading import Reading, Scorer


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


@dataclass(frozen=True, slots=True)
class Models:
    """What turns texts into vectors and positions.

    Attributes:
        encoder: embeds windows.
        scorer: reads positions.
        axis: the axis that it reads on.
    """

    encoder: Encoder
    scorer: Scorer
    axis: Axis


@dataclass(frozen=True, slots=True)
class FinishedEpisode:
    """All that an edition stores of an episode, apart from the numbers of its rows.

    Attributes:
        rows: of the database.
        windows: those of each slice.
        keys: of all windows, in order.
        vectors: of all windows, in order, shape (n_windows, dim), at half precision as they are stored.
        words: the stems of each slice.
        counted: how often its slices hold each word.
        n_embedded: number of its windows that were embedded now.
    """

    rows: IndexedEpisode
    windows: tuple[tuple[Window, ...], ...]
    keys: tuple[int, ...]
    vectors: npt.NDArray[np.float16]
    words: tuple[SliceStems, ...]
    counted: Counter[str]
    n_embedded: int = 0

    @classmethod
    def of(
        cls, prepared: Prepared, rows: IndexedEpisode, vectors: Vectors, n_embedded: int = 0
    ) -> "FinishedEpisode":
        """Add to ``rows`` the words of the episode's slices and of its description.

        Args:
            prepared: the episode.
            rows: the same with a reading for each slice.
            vectors: of all its windows in order, shape (n_windows, dim).
            n_embedded: number of its windows that were embedded now.
        """
        about = rows.about
        said = (
            about.title, *about.guests, *about.hosts, *about.tags, about.source or "", about.shelf or "",
        )  # fmt: skip
        described = Counter(stems_in(" ".join(said)))
        return cls(
            rows,
            prepared.windows,
            prepared.keys,
            vectors.astype(np.float16),
            tuple(SliceStems.of(piece.text, piece.chapter or "", described) for piece in prepared.slices),
            word_counts(piece.text for piece in prepared.slices),
            n_embedded,
        )


def finish(
    episodes: Sequence[Prepared],
    models: Models,
    known: tuple[npt.NDArray[np.bool_], Vectors] | None = None,
    *,
    embedded: Callable[[int], None] | None = None,
) -> Iterator[FinishedEpisode]:
    """Embed the windows of ``episodes`` all at once, then read positions and words of one after the other.

    Args:
        episodes: in any order, which is kept.
        models: what embeds and reads.
        known: which of all their windows need not be embedded, shape (n_windows,), and the vectors of these in order,
            as ``KnownVectors.of`` returns them; None if all are to be embedded.
        embedded: called with the number of windows embedded since the last call.

    Raises:
        ModelUnavailable: the scorer's model cannot be opened.
    """
    texts = [text for prepared in episodes for text in prepared.texts()]
    vectors = np.zeros((len(texts), models.encoder.dim), np.float32)
    is_known = np.zeros(len(texts), bool)
    if known is not None:
        is_known, vectors[known[0]] = known[0].copy(), known[1]  # that of another process may not be written
    whole = _are_whole(episodes)
    pieces = _embed(texts, vectors, is_known, whole, models.encoder, progress=embedded)
    end = 0
    for prepared in episodes:
        start, end = end, end + len(prepared.keys)
        own = vectors[start:end]
        rows = _rows(prepared, own, models)
        if pieces is not None:
            of_slices = (pieces[row] for row in range(start, end) if whole[row])
            rows = replace(rows, pieces=tuple(of_slices))
        yield FinishedEpisode.of(prepared, rows, own, int((~is_known[start:end]).sum()))


def n_to_embed(
    episodes: Sequence[Prepared], encoder: Encoder, known: tuple[npt.NDArray[np.bool_], Vectors] | None
) -> int:
    """Return the number of windows that ``finish`` will embed; for the arguments see there."""
    whole = _are_whole(episodes)
    is_known = np.zeros(len(whole), bool) if known is None else known[0]
    return int((~is_known | (whole & bool(pieces_version(encoder)))).sum())


def _are_whole(episodes: Sequence[Prepared]) -> npt.NDArray[np.bool_]:
    """Return a mask of the windows that are whole slices, the first of each."""
    firsts = (
        place == 0 for prepared in episodes for group in prepared.windows for place in range(len(group))
    )
    return np.array(list(firsts), bool)


def _embed(
    texts: Sequence[str],
    vectors: Vectors,
    is_known: npt.NDArray[np.bool_],
    whole: npt.NDArray[np.bool_],
    encoder: Encoder,
    *,
    progress: Callable[[int], None] | None,
) -> dict[int, bytes] | None:
    """Fill in the ``vectors`` that are not known, and return the packed word pieces of whole slices by row.

    An encoder without word pieces gives None. Where it has them, whole slices are embedded even if their vectors are
    known, and no longer count as known.
    """
    pieces: dict[int, bytes] | None = None
    if pieces_version(encoder):
        pieces = {}
        is_known &= ~whole
    missing = np.flatnonzero(~is_known).tolist()
    if not missing:
        return pieces
    wanted = [texts[row] for row in missing]
    if pieces is None or not isinstance(encoder, WordPieceEncoder):
        new = encoder.encode(wanted, progress=progress)
    else:
        kept = pieces

        def take(place: int, found: WordPieces) -> None:
            if whole[missing[place]]:
                kept[missing[place]] = found.packed()

        new = encoder.encode_with_pieces(wanted, take, progress=progress)
    # As they are stored, so that what is read from them does not depend on when they were computed.
    vectors[missing] = new.astype(np.float16)
    return pieces


def _rows(prepared: Prepared, vectors: Vectors, models: Models) -> IndexedEpisode:
    """Return the episode with a reading for each slice and its profile.

    An episode without a transcript is read by its title and summary.
    """
    stops = np.cumsum([0, *(len(group) for group in prepared.windows)]).tolist()
    readings = read_positions(
        models.scorer,
        models.axis,
        [piece.text for piece in prepared.slices],
        [vectors[start:end] for start, end in pairwise(stops)],
    )
    about, transcript = prepared.episode.about, prepared.episode.transcript
    if readings:
        pairs = zip(prepared.slices, readings, strict=True)
        profile = profile_of(readings, models.axis, [_is_guests(about, *pair) for pair in pairs])
    else:
        text = ". ".join(filter(None, (about.title, about.summary, about.why_it_matters)))
        vectors_of_text = [models.encoder.encode([text])]
        profile = profile_of_metadata(
            read_positions(models.scorer, models.axis, [text], vectors_of_text)[0], models.axis
        )
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


def _is_guests(about: EpisodeFile, piece: Slice, reading: Reading) -> bool:
    """Return True if guests say half of a slice at least, and the phrase that pulls most its way.

    What a host asks or supposes does not speak for the episode.
    """
    said = piece.chars_by_speaker()
    guests = sum(n_chars for speaker, n_chars in said.items() if about.speaks_as_guest(speaker))
    phrases = (driver for driver in reading.drivers if driver.kind == "phrase")
    strongest = next((phrase for phrase in phrases if phrase.pull * reading.position > 0), None)
    return 2 * guests >= sum(said.values()) and (
        strongest is None or about.speaks_as_guest(piece.speaker_at(strongest.start))
    )


def columns_of(episode: FinishedEpisode, *, ids: tuple[int, list[int]], axis: Axis) -> Columns:
    """Return the columns of an episode; ``ids`` are its own id and those of its slices."""
    episode_id, slice_ids = ids
    windows = [
        (slice_id, window)
        for slice_id, group in zip(slice_ids, episode.windows, strict=True)
        for window in group
    ]
    readings = [reading for _, reading in episode.rows.slices]
    vectors = episode.vectors.astype(np.float32)
    centre = vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1], np.float32)
    return Columns(
        window_slice=np.array([slice_id for slice_id, _ in windows], np.int64),
        window_start=np.array([window.start for _, window in windows], np.int32),
        window_end=np.array([window.end for _, window in windows], np.int32),
        window_key=np.array(episode.keys, np.uint64),
        slice_id=np.array(slice_ids, np.int64),
        slice_episode=np.full(len(slice_ids), episode_id, np.int64),
        slice_position=np.array([reading.position for reading in readings], np.float32),
        slice_band=np.array([axis.bands.index(reading.band) for reading in readings], np.int8),
        slice_lens=np.array([axis.lenses.index(reading.lens) for reading in readings], np.int8),
        slice_aside=np.array([aside_of(piece) for piece, _ in episode.rows.slices], np.int8),
        episode_id=np.array([episode_id], np.int64),
        episode_vector=centre[np.newaxis].astype(np.float16),
    )
