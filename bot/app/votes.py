"""Votes on readings as values: what was voted on, what was shown, and how many said what; never who.

A vote belongs to a passage, not to a row of an edition: it is named by its episode's slug and by its words, so that
it survives a rebuild, and carries them, so that it can be exported when the episode is changed or gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.app.short_hash import short_hash
from index.errors import RowsInvalid
from index.evaluation.retrieval import read_rows
from index.evaluation.vote_agreement import VERDICTS, VoteVerdict, finding_of
from index.storage.records import EpisodeRecord, SliceRecord
from scoring.position_arithmetic import LIMIT

KEY_LENGTH = 12
"""Characters of a passage's key: letters, digits, ``-`` and ``_``."""

_REQUIRED = ("id", "episode", "text", "axis", "shown", "votes")


@dataclass(frozen=True, slots=True)
class VotedPassage:
    """A passage that was voted on, with all that is needed to show it without its episode.

    Attributes:
        slug: the episode's name in the library.
        key: see ``passage_key``.
        axis: the axis that positions are read on.
        text: the slice's words.
        title, source: the episode's, when the newest vote came.
        start_s: second of its first word, or None.
        link: opens the recording there, or None.
    """

    slug: str
    key: str
    axis: str
    text: str
    title: str
    source: str | None
    start_s: float | None
    link: str | None

    @property
    def id(self) -> str:
        """Return its name, the same in every edition and every export."""
        return f"{self.slug}:{self.key}"


@dataclass(frozen=True, slots=True)
class Shown:
    """The reading that a voter saw; ``scorer`` is the version that gave it."""

    position: float
    band: str
    lens: str
    confidence: str
    scorer: str


@dataclass(frozen=True, slots=True)
class VotedReading:
    """A passage and one reading of it, with the votes on that reading.

    Attributes:
        passage: what was voted on; it comes again for every other reading of it that somebody voted on.
        shown: the reading.
        counts: votes by verdict; one at least.
        last_on: the day of the newest vote (UTC); None where a file does not say it.
    """

    passage: VotedPassage
    shown: Shown
    counts: Mapping[VoteVerdict, int]
    last_on: date | None


def passage_key(axis: str, text: str) -> str:
    """Return a passage's key in its episode: a hash of its axis and words."""
    return short_hash(axis, text, KEY_LENGTH)


def passage_of(axis: str, episode: EpisodeRecord, record: SliceRecord) -> VotedPassage:
    """Return a slice of an edition as what is voted on."""
    piece = record.piece
    return VotedPassage(
        slug=episode.slug,
        key=passage_key(axis, piece.text),
        axis=axis,
        text=piece.text,
        title=episode.about.title,
        source=episode.about.source,
        start_s=piece.start_s,
        link=episode.link_at(piece.start_s),
    )


def shown_of(record: SliceRecord, scorer: str) -> Shown:
    """Return a slice's reading as a voter sees it."""
    reading = record.reading
    return Shown(reading.position, reading.band, reading.lens, reading.confidence, scorer)


def totals(readings: Sequence[VotedReading]) -> dict[VoteVerdict, int]:
    """Return the votes by verdict over all readings."""
    return {name: sum(voted.counts.get(name, 0) for voted in readings) for name in VERDICTS}


def criticised(readings: Sequence[VotedReading]) -> list[VotedReading]:
    """Return the readings that voters find not to fit, those first that most votes are against."""
    found = [voted for voted in readings if finding_of(voted.counts) != "fits"]
    return sorted(found, key=lambda voted: voted.counts.get("fits", 0) - sum(voted.counts.values()))


def line_of(voted: VotedReading) -> dict[str, Any]:
    """Return a line of ``votes --json`` and of the moderators' file; nothing in it tells who voted.

    With a ``position`` from -2 to 2 that a person adds it is a labelled passage, and a statement of an axis.
    """
    passage, shown = voted.passage, voted.shown
    return {
        "id": passage.id,
        "episode": passage.slug,
        "title": passage.title,
        "source": passage.source,
        "start_s": None if passage.start_s is None else round(passage.start_s, 2),
        "link": passage.link,
        "text": passage.text,
        "lens": shown.lens,
        "case": "natural",
        "axis": passage.axis,
        "shown": {
            "position": round(shown.position, 2) + 0.0,  # no -0.0
            "band": shown.band,
            "confidence": shown.confidence,
            "scorer": shown.scorer,
        },
        "votes": {_json_key(name): voted.counts.get(name, 0) for name in VERDICTS},
        "last_on": voted.last_on.isoformat() if voted.last_on else None,
    }


def read_votes(path: Path) -> list[VotedReading]:
    """Read what ``counterpoint votes --json`` printed, or a moderator was handed.

    Raises:
        RowsInvalid: the file cannot be read, or a line is no such object.
    """
    return [_voted(row, path) for row in read_rows(path, _REQUIRED)]


def _voted(row: Mapping[str, Any], path: Path) -> VotedReading:
    name = row["id"]

    def check(holds: bool, problem: str, field: str) -> None:
        if not holds:
            raise RowsInvalid(file=str(path), line=None, problem=f"{problem}:{name}: {field}")

    shown, votes = row["shown"], row["votes"]
    check(isinstance(shown, dict), "no_object", "shown")
    check(isinstance(votes, dict), "no_object", "votes")
    for key in ("episode", "text", "axis"):
        check(isinstance(row[key], str) and bool(row[key].strip()), "no_text", key)
    for key in ("band", "confidence", "scorer"):
        check(isinstance(shown.get(key), str), "no_text", f"shown.{key}")
    position = shown.get("position")
    check(_is_number(position) and -LIMIT <= position <= LIMIT, "no_position", "shown.position")
    counts: dict[VoteVerdict, int] = {verdict: votes.get(_json_key(verdict), 0) for verdict in VERDICTS}
    check(
        all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in counts.values())
        and sum(counts.values()) > 0,
        "no_counts",
        "votes",
    )
    second, day = row.get("start_s"), row.get("last_on")
    check(second is None or _is_number(second), "no_number", "start_s")
    return VotedReading(
        VotedPassage(
            slug=row["episode"],
            key=passage_key(row["axis"], row["text"]),
            axis=row["axis"],
            text=row["text"],
            title=str(row.get("title") or row["episode"]),
            source=_text_or_none(row.get("source")),
            start_s=second,
            link=_text_or_none(row.get("link")),
        ),
        Shown(
            float(position), shown["band"], str(row.get("lens") or ""), shown["confidence"], shown["scorer"]
        ),
        {verdict: n for verdict, n in counts.items() if n},
        _day(day),
    )


def _json_key(verdict: VoteVerdict) -> str:
    return verdict.replace(" ", "_")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
