"""Queries over an edition's SQLite file, which ``writer`` writes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from index.library.episodes import AssessmentFile, EpisodeFile
from index.storage import sqlite
from index.storage.records import EpisodeRecord, SliceRecord
from index.storage.schema import SLICE_COLUMNS
from index.storage.sqlite import Connection
from index.text.slicing import Slice
from index.text.topics import TermWeights
from scoring.profile import Profile
from scoring.reading import Driver, Reading

SliceRow: TypeAlias = sqlite.Row | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredWords:
    """The vocabulary of an edition, for ``spelling.Speller``."""

    connection: Connection

    async def written(self) -> list[tuple[str, int]]:
        """Return every word that a person spelt, and how often it occurs."""
        rows = await sqlite.rows(self.connection, "SELECT word, written FROM word WHERE written > 0")
        return [(row["word"], row["written"]) for row in rows]

    async def heard(self, length: int) -> list[str]:
        """Return the words that only captions have, of ``length`` letters or one more or less."""
        rows = await sqlite.rows(
            self.connection,
            "SELECT word FROM word WHERE written = 0 AND length(word) BETWEEN ? AND ?",
            (length - 1, length + 1),
        )
        return [row["word"] for row in rows]

    async def sounding_like(
        self, words: Sequence[str], sounds: Sequence[str]
    ) -> tuple[set[str], dict[str, list[str]]]:
        """Return those of ``words`` that a person spelt, and by sound the caption-only words of ``sounds``."""
        rows = await sqlite.rows(
            self.connection,
            "SELECT word, sound, 1 AS is_spelt FROM word WHERE written > 0 AND word IN (SELECT value FROM json_each(?))"
            " UNION ALL SELECT word, sound, 0 FROM word"
            " WHERE written = 0 AND sound IN (SELECT value FROM json_each(?))",
            (json.dumps(list(words)), json.dumps(list(sounds))),
        )
        misheard: dict[str, list[str]] = {}
        for row in rows:
            if not row["is_spelt"]:
                misheard.setdefault(row["sound"], []).append(row["word"])
        return {row["word"] for row in rows if row["is_spelt"]}, misheard


async def stems_with_vectors(connection: Connection) -> set[str]:
    """Return the stems of which ``word_vectors`` has a word's vector."""
    return {row["stem"] for row in await sqlite.rows(connection, "SELECT stem FROM word_vector")}


async def word_vectors(connection: Connection) -> tuple[list[str], npt.NDArray[np.int8]]:
    """Return the vector of a word of each stem, the most frequent when it was first indexed.

    Returns:
        The stems, and the vectors, of whatever length, shape (n_stems, dim). Stems of episodes that are gone may be
        among them.
    """
    rows = await sqlite.rows(connection, "SELECT stem, vector FROM word_vector ORDER BY stem")
    vectors = np.frombuffer(b"".join(row["vector"] for row in rows), np.int8)
    return [row["stem"] for row in rows], vectors.reshape(len(rows), -1) if rows else vectors.reshape(0, 0)


async def has_below(connection: Connection) -> bool:
    """Return True if a second file is attached below (``schema.SCHEMA_BESIDE``)."""
    return any(row["name"] == "below" for row in await sqlite.rows(connection, "PRAGMA database_list"))


async def editions(connection: Connection) -> list[str]:
    """Return the editions that wrote the databases, the attached file below first."""
    found = []
    for schema in ("below", "main") if await has_below(connection) else ("main",):
        stored = await sqlite.row(
            connection,
            f"SELECT value FROM {schema}.meta WHERE key = 'edition'",  # noqa: S608 - constants only
        )
        found.append(stored["value"] if stored else "")
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """State of an episode's folder when it was read: its digest, and its stamp or None."""

    digest: str
    stamp: str | None


async def seen(connection: Connection) -> dict[str, Seen]:
    """Return the state of each episode's folder when it was read, by slug."""
    newer: dict[str, str] = {}
    if await has_below(connection):
        restamped = await sqlite.rows(connection, "SELECT slug, stamp FROM main.restamped")
        newer = {row["slug"]: row["stamp"] for row in restamped}
    rows = await sqlite.rows(connection, "SELECT slug, digest, stamp FROM episode")
    return {row["slug"]: Seen(row["digest"], newer.get(row["slug"], row["stamp"])) for row in rows}


async def all_episodes(connection: Connection) -> list[EpisodeRecord]:
    """Return every episode, ordered by id."""
    shared = await sqlite.rows(connection, "SELECT term, episodes FROM term WHERE episodes > 1")
    spread = {row["term"]: row["episodes"] for row in shared}
    stored = await sqlite.rows(connection, "SELECT * FROM episode ORDER BY id")
    return [_episode(row, spread, len(stored)) for row in stored]


class SliceRows(Protocol):
    """The rows of an edition's slices, wherever they are: in its SQLite file, or in a store."""

    async def by_id(self, ids: Iterable[int]) -> dict[int, SliceRecord]:
        """Return the slices ``ids``, by id in ascending order; ids that do not exist are left out."""
        ...

    async def of_episode(self, episode_id: int) -> list[SliceRecord]:
        """Return the slices of an episode in transcript order."""
        ...

    async def texts(self, ids: Iterable[int]) -> dict[int, str]:
        """Return the texts of the slices ``ids``, by id; ids that do not exist are left out."""
        ...

    async def pieces(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the packed word pieces (``WordPieces``) of the slices ``ids`` that have some, by id."""
        ...


@dataclass(frozen=True, slots=True)
class StoredSlices:
    """The slices of an edition, in its SQLite file; see ``SliceRows``."""

    connection: Connection

    async def by_id(self, ids: Iterable[int]) -> dict[int, SliceRecord]:
        """Return the slices ``ids``, in one query."""
        rows = await sqlite.rows(
            self.connection,
            f"SELECT {SLICE_COLUMNS} FROM slice WHERE id IN (SELECT value FROM json_each(?))",  # noqa: S608
            _listed(ids),
        )
        return {row["id"]: slice_of(row) for row in rows}

    async def of_episode(self, episode_id: int) -> list[SliceRecord]:
        """Return the slices of an episode in transcript order."""
        rows = await sqlite.rows(
            self.connection,
            f"SELECT {SLICE_COLUMNS} FROM slice WHERE episode = ? ORDER BY ordinal",  # noqa: S608 - constants only
            (episode_id,),
        )
        return [slice_of(row) for row in rows]

    async def texts(self, ids: Iterable[int]) -> dict[int, str]:
        """Return the texts of the slices ``ids``."""
        rows = await sqlite.rows(
            self.connection,
            "SELECT id, text FROM slice WHERE id IN (SELECT value FROM json_each(?))",
            _listed(ids),
        )
        return {row["id"]: row["text"] for row in rows}

    async def pieces(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the word pieces of the slices ``ids``."""
        rows = await sqlite.rows(
            self.connection,
            "SELECT slice, data FROM word_pieces WHERE slice IN (SELECT value FROM json_each(?))",
            _listed(ids),
        )
        return {row["slice"]: row["data"] for row in rows}


async def headings(connection: Connection) -> dict[int, list[str]]:
    """Return the headings of the chapters of each episode that has some, by its id. Reads every slice."""
    rows = await sqlite.rows(
        connection, "SELECT DISTINCT episode, chapter FROM slice WHERE chapter IS NOT NULL"
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row["episode"], []).append(row["chapter"])
    return found


async def unsure_slices(connection: Connection) -> list[int]:
    """Return the ids of the slices whose confidence is low."""
    rows = await sqlite.rows(connection, "SELECT id FROM slice WHERE confidence = 'low'")
    return [row["id"] for row in rows]


async def slices_by_speaker(connection: Connection) -> dict[str, list[int]]:
    """Return the ids of the slices in which each speaker speaks. Reads the turns of every slice."""
    rows = await sqlite.rows(
        connection, "SELECT id, turns FROM slice WHERE speaker IS NOT NULL OR turns LIKE '%\"%'"
    )
    found: dict[str, list[int]] = {}
    for row in rows:
        for speaker in {speaker for _, speaker in json.loads(row["turns"]) if speaker}:
            found.setdefault(speaker, []).append(row["id"])
    return found


async def speakers(connection: Connection) -> list[str]:
    """Return all speakers, most turns first; ties in alphabetical order."""
    rows = await sqlite.rows(
        connection,
        "SELECT json_extract(turn.value, '$[1]') AS speaker FROM slice, json_each(slice.turns) AS turn "
        "GROUP BY 1 HAVING speaker IS NOT NULL ORDER BY count(*) DESC, speaker",
    )
    return [row["speaker"] for row in rows]


class AppearanceRow(NamedTuple):
    """A speaker of an episode: number of turns, and the ordinal of the first slice that has one."""

    episode: int
    speaker: str
    ordinal: int
    n_turns: int


async def appearances(connection: Connection) -> list[AppearanceRow]:
    """Return the speakers of each episode, by episode id, most turns first; ties in alphabetical order."""
    rows = await sqlite.rows(
        connection,
        "SELECT slice.episode AS episode, json_extract(turn.value, '$[1]') AS speaker, min(slice.ordinal) AS ordinal, "
        "count(*) AS n_turns FROM slice, json_each(slice.turns) AS turn "
        "GROUP BY 1, 2 HAVING speaker IS NOT NULL ORDER BY 1, 4 DESC, 2",
    )
    return [AppearanceRow(row["episode"], row["speaker"], row["ordinal"], row["n_turns"]) for row in rows]


def _listed(ids: Iterable[int]) -> tuple[str]:
    """Return ``ids`` as the value of a statement that reads them with ``json_each``."""
    return (json.dumps([int(number) for number in ids]),)


def slice_of(row: SliceRow) -> SliceRecord:
    """Return the slice in a row of the table ``slice``, by the names of its columns."""
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


def _episode(row: sqlite.Row, spread: Mapping[str, int], n_episodes: int) -> EpisodeRecord:
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
        terms=TermWeights(partial(json.loads, row["counts"]), spread, n_episodes),
    )
