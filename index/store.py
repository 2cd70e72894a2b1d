"""An edition's SQLite file: its schema, how episodes are written into it, and the questions put to it."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from index import database
from index.database import Connection
from index.keywords import fold, word_counts
from index.library import AssessmentFile, EpisodeFile
from index.records import EpisodeRecord, SliceRecord
from index.slicing import Slice
from index.topics import weighted_terms
from scoring.profile import Profile
from scoring.reading import Driver, Reading

SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE episode (
    id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, title TEXT NOT NULL,
    source TEXT, shelf TEXT, video_id TEXT, published TEXT, about TEXT NOT NULL, assessment TEXT,
    profile TEXT NOT NULL, is_timed INTEGER NOT NULL, is_heard INTEGER NOT NULL, n_segments INTEGER NOT NULL,
    counts TEXT NOT NULL, terms TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX episode_video ON episode (video_id);
CREATE TABLE slice (
    id INTEGER PRIMARY KEY, episode INTEGER NOT NULL REFERENCES episode ON DELETE CASCADE, ordinal INTEGER NOT NULL,
    text TEXT NOT NULL, start_s REAL, end_s REAL, speaker TEXT, chapter TEXT, unit_ends BLOB NOT NULL,
    anchors BLOB NOT NULL, turns TEXT NOT NULL, position REAL NOT NULL, band TEXT NOT NULL, lens TEXT NOT NULL,
    confidence TEXT NOT NULL, reason TEXT NOT NULL, drivers TEXT NOT NULL, rest REAL NOT NULL
);
CREATE UNIQUE INDEX slice_place ON slice (episode, ordinal);
CREATE VIRTUAL TABLE words USING fts5 (
    text, title, people, chapter, tags, content='', tokenize='porter unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row);
CREATE TABLE word (word TEXT PRIMARY KEY, written INTEGER NOT NULL, heard INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

_SLICE_COLUMNS = (
    "id, episode, ordinal, text, start_s, end_s, speaker, chapter, unit_ends, anchors, turns, "
    "position, band, lens, confidence, reason, drivers, rest"
)


@dataclass(frozen=True, slots=True)
class IndexedEpisode:
    """An episode worked through, ready to be written: its slices with their readings, in order.

    ``counts`` are its ``topics.term_counts``; ``is_heard`` says that a machine wrote its words down.
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


async def add_episode(connection: Connection, episode: IndexedEpisode) -> tuple[int, list[int]]:
    """Write ``episode`` and its slices; returns its id and the slices' ids, ascending in transcript order."""
    about = episode.about
    cursor = await connection.execute(
        "INSERT INTO episode (slug, digest, title, source, shelf, video_id, published, about, assessment, profile,"
        " is_timed, is_heard, n_segments, counts) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            episode.slug,
            episode.digest,
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
    episode_id = cursor.lastrowid or 0
    last = await database.row(connection, "SELECT coalesce(max(id), 0) FROM slice")
    first = (last[0] if last else 0) + 1
    ids = list(range(first, first + len(episode.slices)))
    await database.write_many(
        connection,
        f"INSERT INTO slice ({_SLICE_COLUMNS}) VALUES ({','.join('?' * 18)})",  # noqa: S608 - constants only
        [
            _slice_values(slice_id, episode_id, piece, reading)
            for slice_id, (piece, reading) in zip(ids, episode.slices, strict=True)
        ],
    )
    await database.write_many(
        connection,
        "INSERT INTO words (rowid, text, title, people, chapter, tags) VALUES (?,?,?,?,?,?)",
        [
            (slice_id, *_indexed_words(piece.text, piece.chapter, about))
            for slice_id, (piece, _) in zip(ids, episode.slices, strict=True)
        ],
    )
    return episode_id, ids


async def remove_episode(connection: Connection, slug: str) -> int | None:
    """Take the episode ``slug`` out with its slices; returns its id, or None if it was not there."""
    found = await database.row(connection, "SELECT id, about, is_heard FROM episode WHERE slug = ?", (slug,))
    if found is None:
        return None
    about = EpisodeFile.model_validate_json(found["about"])
    pieces = await database.rows(
        connection, "SELECT id, text, chapter FROM slice WHERE episode = ? ORDER BY ordinal", (found["id"],)
    )
    await database.write_many(  # a contentless FTS5 table is told what to forget
        connection,
        "INSERT INTO words (words, rowid, text, title, people, chapter, tags) VALUES ('delete',?,?,?,?,?,?)",
        [(piece["id"], *_indexed_words(piece["text"], piece["chapter"], about)) for piece in pieces],
    )
    lost = word_counts([piece["text"] for piece in pieces])
    lost = Counter({word: -count for word, count in lost.items()})
    await count_words(connection, *(({}, lost) if found["is_heard"] else (lost, {})))
    await connection.execute("DELETE FROM episode WHERE id = ?", (found["id"],))
    return int(found["id"])


async def count_words(connection: Connection, written: Mapping[str, int], heard: Mapping[str, int]) -> None:
    """Add to how often words occur, in texts that someone spelt and in automatic captions; counts may be negative."""
    await database.write_many(
        connection,
        "INSERT INTO word VALUES (?,?,?) ON CONFLICT (word) DO UPDATE SET"
        " written = written + excluded.written, heard = heard + excluded.heard",
        [(word, written.get(word, 0), heard.get(word, 0)) for word in {**written, **heard}],
    )
    await connection.execute("DELETE FROM word WHERE written <= 0 AND heard <= 0")


async def vocabulary(connection: Connection) -> list[tuple[str, int, int]]:
    """Every word with how often it occurs in texts that someone spelt, and in automatic captions."""
    rows = await database.rows(connection, "SELECT word, written, heard FROM word")
    return [(row["word"], row["written"], row["heard"]) for row in rows]


async def write_meta(connection: Connection, values: Mapping[str, str]) -> None:
    """Keep named facts in the file."""
    await database.write_many(connection, "INSERT OR REPLACE INTO meta VALUES (?,?)", list(values.items()))


async def read_meta(connection: Connection) -> dict[str, str]:
    """The named facts of the file."""
    return {
        row["key"]: row["value"] for row in await database.rows(connection, "SELECT key, value FROM meta")
    }


async def write_terms(connection: Connection) -> None:
    """Weigh every episode's terms against all episodes, and keep the weights that changed."""
    stored = await database.rows(connection, "SELECT id, counts, terms FROM episode")
    weighted = weighted_terms({row["id"]: json.loads(row["counts"]) for row in stored})
    before = {row["id"]: row["terms"] for row in stored}
    texts = {episode_id: json.dumps(terms, ensure_ascii=False) for episode_id, terms in weighted.items()}
    await database.write_many(
        connection,
        "UPDATE episode SET terms = ? WHERE id = ?",
        [(text, episode_id) for episode_id, text in texts.items() if text != before[episode_id]],
    )


async def digests(connection: Connection) -> dict[str, str]:
    """Each episode's digest by slug."""
    return {
        row["slug"]: row["digest"]
        for row in await database.rows(connection, "SELECT slug, digest FROM episode")
    }


async def all_episodes(connection: Connection) -> list[EpisodeRecord]:
    """Every episode, in the order of their ids."""
    return [_episode(row) for row in await database.rows(connection, "SELECT * FROM episode ORDER BY id")]


async def slices_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, SliceRecord]:
    """The slices of ``ids`` that exist, by id, in one query."""
    rows = await database.rows(
        connection,
        f"SELECT {_SLICE_COLUMNS} FROM slice WHERE id IN (SELECT value FROM json_each(?))",  # noqa: S608
        (json.dumps([int(one) for one in ids]),),
    )
    return {row["id"]: _slice(row) for row in rows}


async def slices_of(connection: Connection, episode_id: int) -> list[SliceRecord]:
    """The slices of one episode in transcript order."""
    rows = await database.rows(
        connection,
        f"SELECT {_SLICE_COLUMNS} FROM slice WHERE episode = ? ORDER BY ordinal",  # noqa: S608 - constants only
        (episode_id,),
    )
    return [_slice(row) for row in rows]


async def matching(
    connection: Connection, expression: str, weights: Sequence[float], limit: int
) -> list[tuple[int, float]]:
    """Slice ids that match an FTS5 ``expression`` with their BM25 score (up is better), best first, ties by id."""
    marks = ",".join(f"{float(weight)!r}" for weight in weights)
    rows = await database.rows(
        connection,
        f"SELECT rowid, -bm25(words, {marks}) AS score FROM words WHERE words MATCH ?"  # noqa: S608 - numbers only
        " ORDER BY score DESC, rowid LIMIT ?",
        (expression, limit),
    )
    return [(row["rowid"], row["score"]) for row in rows]


async def matching_among(
    connection: Connection, expression: str, weights: Sequence[float], ids: Iterable[int], limit: int
) -> list[tuple[int, float]]:
    """As ``matching``, for the slices ``ids`` alone."""
    # The plus keeps SQLite from asking the keyword table once for every id, which takes 30 times as long.
    marks = ",".join(f"{float(weight)!r}" for weight in weights)
    rows = await database.rows(
        connection,
        f"SELECT rowid, -bm25(words, {marks}) AS score FROM words WHERE words MATCH ?"  # noqa: S608 - numbers only
        " AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY score DESC, rowid LIMIT ?",
        (expression, json.dumps([int(one) for one in ids]), limit),
    )
    return [(row["rowid"], row["score"]) for row in rows]


async def words_of(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[str, str | None]]:
    """Text and chapter of the slices ``ids``, by id."""
    rows = await database.rows(
        connection,
        "SELECT id, text, chapter FROM slice WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps([int(one) for one in ids]),),
    )
    return {row["id"]: (row["text"], row["chapter"]) for row in rows}


async def slices_spoken_by(connection: Connection, name: str) -> list[int]:
    """Ids of the slices in which someone speaks whose name holds ``name``."""
    rows = await database.rows(
        connection, "SELECT id, turns FROM slice WHERE speaker IS NOT NULL OR turns LIKE '%\"%'"
    )
    wanted = fold(name)
    return [
        row["id"]
        for row in rows
        if any(wanted in fold(speaker or "") for _, speaker in json.loads(row["turns"]))
    ]


async def document_frequencies(connection: Connection, terms: Sequence[str]) -> dict[str, int]:
    """In how many slices each stemmed term occurs; absent terms are left out."""
    rows = await database.rows(
        connection,
        "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))",
        (json.dumps(list(terms)),),
    )
    return {row["term"]: row["doc"] for row in rows}


def _indexed_words(text: str, chapter: str | None, about: EpisodeFile) -> tuple[str, ...]:
    people = " ".join((*about.guests, *about.hosts))
    return (
        text,
        about.title,
        people,
        chapter or "",
        " ".join((*about.tags, about.source or "", about.shelf or "")),
    )


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


def _slice(row: database.Row) -> SliceRecord:
    offsets, centiseconds = np.frombuffer(row["anchors"], np.int32).reshape(2, -1).tolist()
    return SliceRecord(
        id=row["id"],
        episode_id=row["episode"],
        piece=Slice(
            ordinal=row["ordinal"],
            text=row["text"],
            start_s=row["start_s"],
            end_s=row["end_s"],
            speaker=row["speaker"],
            chapter=row["chapter"],
            unit_ends=tuple(np.frombuffer(row["unit_ends"], np.int32).tolist()),
            anchors=tuple(
                (offset, second / 100) for offset, second in zip(offsets, centiseconds, strict=True)
            ),
            turns=tuple((offset, name) for offset, name in json.loads(row["turns"])),
        ),
        reading=Reading(
            position=row["position"],
            band=row["band"],
            lens=row["lens"],
            confidence=row["confidence"],
            reason=row["reason"],
            drivers=tuple(Driver(**driver) for driver in json.loads(row["drivers"])),
            rest=row["rest"],
        ),
    )


def _episode(row: database.Row) -> EpisodeRecord:
    profile = json.loads(row["profile"])
    for name in ("shares", "markers", "arc"):
        profile[name] = tuple(profile[name])
    return EpisodeRecord(
        id=row["id"],
        slug=row["slug"],
        about=EpisodeFile.model_validate_json(row["about"]),
        assessment=AssessmentFile.model_validate_json(row["assessment"]) if row["assessment"] else None,
        profile=Profile(**profile),
        is_timed=bool(row["is_timed"]),
        n_segments=row["n_segments"],
        terms=json.loads(row["terms"]),
    )
