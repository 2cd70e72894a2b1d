"""How episodes are written into an edition's SQLite file and taken out of it; ``store`` asks it.

What is written goes to ``main``: the one file of a part that is made. Where a file lies below it, names without that
prefix are of both together (``schema.VIEWS_OF_BOTH``).
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from index.errors import EditionFileForeign
from index.library.episodes import AssessmentFile, EpisodeFile
from index.storage import queries as store
from index.storage import sqlite as database
from index.storage.schema import SLICE_COLUMNS
from index.storage.sqlite import Connection
from index.text.slicing import Slice
from index.text.spelling import sound_of
from index.text.tokens import word_counts
from scoring.profile import Profile
from scoring.reading import Reading


@dataclass(frozen=True, slots=True)
class IndexedEpisode:
    """An episode worked through, ready to be written: its slices with their readings, in order.

    ``counts`` are its ``topics.term_counts``; ``is_heard`` says that a machine wrote its words down; ``stamp`` is that
    of its folder, where it had one (``stamps``).
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

    @property
    def n_words(self) -> int:
        """Words of all its slices."""
        return sum(_n_words(piece.text) for piece, _ in self.slices)


@dataclass(frozen=True, slots=True)
class Removed:
    """An episode that was taken out: its id, and how many words its slices had."""

    episode_id: int
    n_words: int


async def add_episode(connection: Connection, episode: IndexedEpisode, ids: tuple[int, int]) -> list[int]:
    """Write ``episode`` and its slices, and return the slices' ids, ascending in transcript order.

    Args:
        connection: to the database that is written.
        episode: what to write.
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
    await database.write_many(
        connection,
        f"INSERT INTO main.slice ({SLICE_COLUMNS}) VALUES ({','.join('?' * 18)})",  # noqa: S608 - constants only
        [
            _slice_values(slice_id, episode_id, piece, reading)
            for slice_id, (piece, reading) in zip(slices, episode.slices, strict=True)
        ],
    )
    return slices


async def remove_episode(connection: Connection, slug: str) -> Removed | None:
    """Take the episode ``slug`` out with its slices, words and terms; None if it was not there.

    An episode of the file below stays in it, and is noted as gone.
    """
    found = await database.row(connection, "SELECT id, is_heard, counts FROM episode WHERE slug = ?", (slug,))
    if found is None:
        return None
    pieces = await database.rows(connection, "SELECT text FROM slice WHERE episode = ?", (found["id"],))
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
    """Add to how often words occur, in texts that someone spelt and in automatic captions; counts may be negative.

    What falls to 0 stays until ``sweep``.
    """
    words = sorted({**written, **heard})
    await connection.execute(
        "INSERT OR IGNORE INTO main.word SELECT * FROM word WHERE word IN (SELECT value FROM json_each(?))",
        (json.dumps(words),),
    )
    await database.write_many(
        connection,
        "INSERT INTO main.word VALUES (?,?,?,?) ON CONFLICT (word) DO UPDATE SET"
        " written = written + excluded.written, heard = heard + excluded.heard",
        [(word, sound_of(word), written.get(word, 0), heard.get(word, 0)) for word in words],
    )


async def count_terms(connection: Connection, episodes: Mapping[str, int]) -> None:
    """Add to in how many episodes terms occur; counts may be negative. What falls to 0 stays until ``sweep``."""
    await connection.execute(
        "INSERT OR IGNORE INTO main.term SELECT * FROM term WHERE term IN (SELECT value FROM json_each(?))",
        (json.dumps(list(episodes)),),
    )
    await database.write_many(
        connection,
        "INSERT INTO main.term VALUES (?,?) ON CONFLICT (term) DO UPDATE SET episodes = episodes + excluded.episodes",
        sorted(episodes.items()),
    )


async def check(connection: Connection, expected: tuple[int, int]) -> None:
    """Hold the file that was written against how many episodes and slices are ``expected`` in it.

    Raises:
        EditionFileForeign: there are others.
    """
    counted = await database.row(
        connection,
        "SELECT (SELECT count(*) FROM main.episode) AS episodes, (SELECT count(*) FROM main.slice) AS slices",
    )
    if counted is None or (counted["episodes"], counted["slices"]) != expected:
        raise EditionFileForeign(edition="new", file="index.db")


async def sweep(connection: Connection) -> None:
    """Take words and terms out that occur nowhere any more; only where there is no file below."""
    await connection.execute("DELETE FROM main.word WHERE written <= 0 AND heard <= 0")
    await connection.execute("DELETE FROM main.term WHERE episodes <= 0")


async def take_in(connection: Connection, beside: Path) -> None:
    """Take all that the file ``beside`` this one says into it."""
    await connection.commit()  # a transaction cannot attach
    await connection.execute("ATTACH ? AS beside", (str(beside),))
    await connection.execute("DELETE FROM main.episode WHERE id IN (SELECT episode FROM beside.gone)")
    await connection.execute(
        "UPDATE main.episode SET stamp = newer.stamp FROM beside.restamped AS newer"
        " WHERE newer.slug = main.episode.slug"
    )
    for table in ("episode", "slice"):
        await connection.execute(f"INSERT INTO main.{table} SELECT * FROM beside.{table}")  # noqa: S608 - constants
    for table in ("word", "term"):
        await connection.execute(
            f"INSERT OR REPLACE INTO main.{table} SELECT * FROM beside.{table}"  # noqa: S608 - constants
        )
    await connection.commit()
    await connection.execute("DETACH beside")


async def write_stamps(connection: Connection, stamps: Mapping[str, str]) -> None:
    """Keep the newer stamps of folders that say what they said, by slug."""
    newer = [(one, slug) for slug, one in stamps.items()]
    await database.write_many(connection, "UPDATE main.episode SET stamp = ? WHERE slug = ?", newer)
    if await store.has_below(connection):
        await database.write_many(
            connection, "INSERT OR REPLACE INTO main.restamped (stamp, slug) VALUES (?,?)", newer
        )


async def write_meta(connection: Connection, values: Mapping[str, str]) -> None:
    """Keep named facts in the file."""
    await database.write_many(
        connection, "INSERT OR REPLACE INTO main.meta VALUES (?,?)", list(values.items())
    )


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
    """``second`` to the hundredth, like the anchors, so that a slice does not start after its first word."""
    return None if second is None else round(second * 100) / 100
