"""Writing episodes to an edition's SQLite file and removing them; ``queries`` reads it.

Writes go to ``main``, the file of the segment that is built. Where a file is attached below it, table names without
that prefix mean both files together (``schema.VIEWS_OF_BOTH``).
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.errors import EditionFileForeign
from index.library.episodes import AssessmentFile, EpisodeFile
from index.storage import queries, sqlite
from index.storage.schema import SLICE_COLUMNS
from index.storage.sqlite import Connection
from index.text.slicing import Slice
from index.text.spelling import sound_of
from index.text.tokens import word_counts
from scoring.profile import Profile
from scoring.reading import Reading

_BYTE = 127.0


@dataclass(frozen=True, slots=True)
class IndexedEpisode:
    """An episode ready to be written: its slices with their readings, in order.

    ``counts`` are its ``topics.term_counts``; ``is_heard`` is True for automatic captions; ``stamp`` is that of its
    folder (``changes.stamp``), or None. ``pieces`` are the word pieces of each slice, ``WordPieces.packed``; empty for
    none.
    """

    slug: str
    digest: str
    about: EpisodeFile
    assessment: AssessmentFile | None
    profile: Profile
    is_timed: bool
    is_heard: bool
    n_segments: int
    counts: Mapping[str, int]
    slices: tuple[tuple[Slice, Reading], ...]
    stamp: str | None = None
    pieces: tuple[bytes, ...] = ()

    @property
    def n_words(self) -> int:
        """Return the number of words in all slices."""
        return sum(_n_words(piece.text) for piece, _ in self.slices)


@dataclass(frozen=True, slots=True)
class Removed:
    """A removed episode: its id, and the number of words in its slices."""

    episode_id: int
    n_words: int


async def add_episode(connection: Connection, episode: IndexedEpisode, ids: tuple[int, int]) -> list[int]:
    """Write ``episode`` and its slices, and return the slices' ids, ascending in transcript order.

    Args:
        connection: to the database that is written.
        episode: the episode.
        ids: of the episode and of its first slice; none had them before, and they are greater than all there.
    """
    about = episode.about
    episode_id, first = ids
    await connection.execute(
        "INSERT INTO main.episode (id, slug, digest, stamp, title, source, shelf, video_id, published, about,"
        " assessment, profile, is_timed, is_heard, n_segments, counts)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            episode_id,
            episode.slug,
            episode.digest,
            episode.stamp,
            about.title,
            about.source,
            about.shelf,
            about.video_id,
            about.published.isoformat() if about.published else None,
            about.model_dump_json(exclude_defaults=True),
            episode.assessment.model_dump_json(exclude_defaults=True) if episode.assessment else None,
            json.dumps(asdict(episode.profile)),
            int(episode.is_timed),
            int(episode.is_heard),
            episode.n_segments,
            json.dumps(episode.counts, ensure_ascii=False),
        ),
    )
    slices = list(range(first, first + len(episode.slices)))
    await sqlite.write_many(
        connection,
        f"INSERT INTO main.slice ({SLICE_COLUMNS}) VALUES ({','.join('?' * 18)})",  # noqa: S608 - constants only
        [
            _slice_values(slice_id, episode_id, piece, reading)
            for slice_id, (piece, reading) in zip(slices, episode.slices, strict=True)
        ],
    )
    await sqlite.write_many(
        connection,
        "INSERT INTO main.word_pieces VALUES (?,?)",
        [(slice_id, pieces) for slice_id, pieces in zip(slices, episode.pieces, strict=False) if pieces],
    )
    return slices


async def remove_episode(connection: Connection, slug: str) -> Removed | None:
    """Remove the episode ``slug`` with its slices, words and terms; return None if it was not there.

    An episode of the file below stays in it, and is noted as gone.
    """
    found = await sqlite.row(connection, "SELECT id, is_heard, counts FROM episode WHERE slug = ?", (slug,))
    if found is None:
        return None
    pieces = await sqlite.rows(connection, "SELECT text FROM slice WHERE episode = ?", (found["id"],))
    texts = [piece["text"] for piece in pieces]
    lost = Counter({word: -count for word, count in word_counts(texts).items()})
    await count_words(connection, *(({}, lost) if found["is_heard"] else (lost, {})))
    await count_terms(connection, dict.fromkeys(json.loads(found["counts"]), -1))
    deleted = await connection.execute("DELETE FROM main.episode WHERE id = ?", (found["id"],))
    if not deleted.rowcount:
        await connection.execute("INSERT INTO main.gone VALUES (?)", (found["id"],))
        await connection.execute("DELETE FROM main.restamped WHERE slug = ?", (slug,))
    return Removed(found["id"], sum(map(_n_words, texts)))


async def count_words(connection: Connection, written: Mapping[str, int], heard: Mapping[str, int]) -> None:
    """Add to the counts of words, ``written`` by a person or ``heard`` in automatic captions; counts may be negative.

    Words that fall to 0 stay until ``sweep``.
    """
    words = sorted({**written, **heard})
    await connection.execute(
        "INSERT OR IGNORE INTO main.word SELECT * FROM word WHERE word IN (SELECT value FROM json_each(?))",
        (json.dumps(words),),
    )
    await sqlite.write_many(
        connection,
        "INSERT INTO main.word VALUES (?,?,?,?) ON CONFLICT (word) DO UPDATE SET"
        " written = written + excluded.written, heard = heard + excluded.heard",
        [(word, sound_of(word), written.get(word, 0), heard.get(word, 0)) for word in words],
    )


async def add_word_vectors(
    connection: Connection, stems: Sequence[str], vectors: npt.NDArray[np.float32]
) -> None:
    """Write the vectors of words, a byte a number, under stems that have none yet; see ``queries.word_vectors``.

    Args:
        connection: to the database that is written.
        stems: of the words, shape (n,).
        vectors: unit vectors, shape (n, dim).
    """
    packed = np.rint(vectors * _BYTE).astype(np.int8)
    rows = [(stem, row.tobytes()) for stem, row in zip(stems, packed, strict=True)]
    await sqlite.write_many(connection, "INSERT INTO main.word_vector VALUES (?,?)", rows)


async def count_terms(connection: Connection, episodes: Mapping[str, int]) -> None:
    """Add to the number of episodes with each term; may be negative. Terms that fall to 0 stay until ``sweep``."""
    await connection.execute(
        "INSERT OR IGNORE INTO main.term SELECT * FROM term WHERE term IN (SELECT value FROM json_each(?))",
        (json.dumps(list(episodes)),),
    )
    await sqlite.write_many(
        connection,
        "INSERT INTO main.term VALUES (?,?) ON CONFLICT (term) DO UPDATE SET episodes = episodes + excluded.episodes",
        sorted(episodes.items()),
    )


async def check(connection: Connection, expected: tuple[int, int]) -> None:
    """Check that the file has the ``expected`` numbers of episodes and slices.

    Raises:
        EditionFileForeign: it has other numbers.
    """
    counted = await sqlite.row(
        connection,
        "SELECT (SELECT count(*) FROM main.episode) AS episodes, (SELECT count(*) FROM main.slice) AS slices",
    )
    if counted is None or (counted["episodes"], counted["slices"]) != expected:
        raise EditionFileForeign(edition="new", file="index.db")


async def sweep(connection: Connection) -> None:
    """Remove words and terms that no longer occur; only where no file is attached below."""
    await connection.execute("DELETE FROM main.word WHERE written <= 0 AND heard <= 0")
    await connection.execute("DELETE FROM main.term WHERE episodes <= 0")


async def merge_database(connection: Connection, beside: Path) -> None:
    """Copy the rows and removals of the database ``beside`` into this one."""
    await connection.commit()  # a transaction cannot attach
    await connection.execute("ATTACH ? AS beside", (str(beside),))
    await connection.execute("DELETE FROM main.episode WHERE id IN (SELECT episode FROM beside.gone)")
    await connection.execute(
        "UPDATE main.episode SET stamp = newer.stamp FROM beside.restamped AS newer"
        " WHERE newer.slug = main.episode.slug"
    )
    for table in ("episode", "slice", "word_pieces", "word_vector"):
        await connection.execute(f"INSERT INTO main.{table} SELECT * FROM beside.{table}")  # noqa: S608 - constants
    for table in ("word", "term"):
        await connection.execute(
            f"INSERT OR REPLACE INTO main.{table} SELECT * FROM beside.{table}"  # noqa: S608 - constants
        )
    await connection.commit()
    await connection.execute("DETACH beside")


async def write_stamps(connection: Connection, stamps: Mapping[str, str]) -> None:
    """Write newer stamps, by slug, of folders whose contents have not changed."""
    newer = [(stamp, slug) for slug, stamp in stamps.items()]
    await sqlite.write_many(connection, "UPDATE main.episode SET stamp = ? WHERE slug = ?", newer)
    if await queries.has_below(connection):
        await sqlite.write_many(
            connection, "INSERT OR REPLACE INTO main.restamped (stamp, slug) VALUES (?,?)", newer
        )


async def write_meta(connection: Connection, values: Mapping[str, str]) -> None:
    """Write named facts to the file."""
    await sqlite.write_many(connection, "INSERT OR REPLACE INTO main.meta VALUES (?,?)", list(values.items()))


def _n_words(text: str) -> int:
    return text.count(" ") + 1


def _slice_values(slice_id: int, episode_id: int, piece: Slice, reading: Reading) -> tuple[object, ...]:
    offsets = np.array([offset for offset, _ in piece.anchors], np.int32)
    centiseconds = np.array([round(second * 100) for _, second in piece.anchors], np.int32)
    return (
        slice_id,
        episode_id,
        piece.ordinal,
        piece.text,
        _hundredths(piece.start_s),
        _hundredths(piece.end_s),
        piece.speaker,
        piece.chapter,
        np.array(piece.unit_ends, np.int32).tobytes(),
        np.stack([offsets, centiseconds]).tobytes(),
        json.dumps(piece.turns, ensure_ascii=False),
        reading.position,
        reading.band,
        reading.lens,
        reading.confidence,
        reading.reason,
        json.dumps([asdict(driver) for driver in reading.drivers], ensure_ascii=False),
        reading.rest,
    )


def _hundredths(second: float | None) -> float | None:
    """Round ``second`` to the hundredth, like the anchors, so that a slice does not start after its first word."""
    return None if second is None else round(second * 100) / 100
