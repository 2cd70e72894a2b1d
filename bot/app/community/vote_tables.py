"""The votes in the community database: one a person and passage, kept with the passage, told as counts.

A person is in there as a number of Discord's and nothing else, so that everybody counts once; no count, line or file
that leaves this module has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.app.community.store import CommunityTables, Row
from bot.app.votes import Shown, VotedPassage, VotedReading
from index.evaluation.vote_agreement import VERDICTS, VoteVerdict

SCHEMA = """
    CREATE TABLE voted (
        slug TEXT NOT NULL,
        key TEXT NOT NULL,
        axis TEXT NOT NULL,
        text TEXT NOT NULL,
        title TEXT NOT NULL,
        source TEXT,
        start_s REAL,
        link TEXT,
        PRIMARY KEY (slug, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE vote (
        slug TEXT NOT NULL,
        key TEXT NOT NULL,
        person INTEGER NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict IN ('fits', 'too low', 'too high')),
        position REAL NOT NULL,
        band TEXT NOT NULL,
        lens TEXT NOT NULL,
        confidence TEXT NOT NULL,
        scorer TEXT NOT NULL,
        cast_at TEXT NOT NULL,
        PRIMARY KEY (slug, key, person),
        FOREIGN KEY (slug, key) REFERENCES voted ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX vote_by_person ON vote (person)
    """
"""A passage's key is of its words and its axis (``passage_key``), so one vote a passage is one an axis too."""

_READINGS = """
    SELECT voted.*, position, band, lens, confidence, scorer,
        sum(CASE WHEN verdict = 'fits' THEN 1 ELSE 0 END) AS fits,
        sum(CASE WHEN verdict = 'too low' THEN 1 ELSE 0 END) AS too_low,
        sum(CASE WHEN verdict = 'too high' THEN 1 ELSE 0 END) AS too_high,
        max(cast_at) AS last_at
    FROM vote JOIN voted ON voted.slug = vote.slug AND voted.key = vote.key
    GROUP BY voted.slug, voted.key, position, band, lens, confidence, scorer
    ORDER BY voted.slug, start_s NULLS FIRST, voted.key, min(cast_at), position
    """
_COLUMNS = ("fits", "too_low", "too_high")
_LEFT_ALONE = "DELETE FROM voted WHERE (slug, key) NOT IN (SELECT slug, key FROM vote)"


@dataclass(frozen=True, slots=True)
class OwnVote:
    """A person's vote on a passage, and the position that was shown when they cast it."""

    verdict: VoteVerdict
    position: float


class VoteTables(CommunityTables):
    """The votes. ``bot.app.community.database.votes_in`` opens them beside a running bot."""

    async def cast(self, person: int, passage: VotedPassage, shown: Shown, verdict: VoteVerdict) -> None:
        """Store a person's verdict on a reading, in place of their earlier one on the passage."""
        place = (passage.slug, passage.key)
        async with self._store.transaction() as connection:
            await connection.execute(
                "INSERT INTO voted VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (slug, key) DO UPDATE SET "
                "title = excluded.title, source = excluded.source, start_s = excluded.start_s, link = excluded.link",
                (
                    *place,
                    passage.axis,
                    passage.text,
                    passage.title,
                    passage.source,
                    passage.start_s,
                    passage.link,
                ),
            )
            await connection.execute(
                "INSERT INTO vote VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (slug, key, person) DO UPDATE SET "
                "verdict = excluded.verdict, position = excluded.position, band = excluded.band, lens = excluded.lens, "
                "confidence = excluded.confidence, scorer = excluded.scorer, cast_at = excluded.cast_at",
                (
                    *place,
                    person,
                    verdict,
                    shown.position,
                    shown.band,
                    shown.lens,
                    shown.confidence,
                    shown.scorer,
                    self._now().isoformat(),
                ),
            )

    async def take_back(self, person: int, slug: str, key: str) -> bool:
        """Forget a person's vote on a passage, and the passage with its last vote. False where there was none."""
        async with self._store.transaction() as connection:
            gone = await connection.execute(
                "DELETE FROM vote WHERE slug = ? AND key = ? AND person = ?", (slug, key, person)
            )
            await connection.execute(_LEFT_ALONE)
        return gone.rowcount > 0

    async def forget(self, person: int) -> int:
        """Forget every vote of a person. Returns how many there were."""
        async with self._store.transaction() as connection:
            gone = await connection.execute("DELETE FROM vote WHERE person = ?", (person,))
            await connection.execute(_LEFT_ALONE)
        return gone.rowcount

    async def count_of(self, person: int) -> int:
        """Return how many votes of a person there are."""
        return await self._store.count("vote WHERE person = ?", (person,))

    async def own(self, person: int, slug: str, key: str) -> OwnVote | None:
        """Return a person's vote on a passage, or None."""
        found = await self._store.row(
            "SELECT verdict, position FROM vote WHERE slug = ? AND key = ? AND person = ?",
            (slug, key, person),
        )
        return None if found is None else OwnVote(found["verdict"], found["position"])

    async def readings(self) -> list[VotedReading]:
        """Return every reading that was voted on with its counts: by episode, then as they are spoken."""
        return [_reading(row) for row in await self._store.rows(_READINGS)]

    async def totals(self) -> dict[VoteVerdict, int]:
        """Return the votes by verdict, on all axes together."""
        found = await self._store.rows("SELECT verdict, count(*) AS n FROM vote GROUP BY verdict")
        counted = {row["verdict"]: row["n"] for row in found}
        return {name: counted.get(name, 0) for name in VERDICTS}


def _reading(row: Row) -> VotedReading:
    counts: Sequence[int] = [row[column] for column in _COLUMNS]
    return VotedReading(
        VotedPassage(
            slug=row["slug"],
            key=row["key"],
            axis=row["axis"],
            text=row["text"],
            title=row["title"],
            source=row["source"],
            start_s=row["start_s"],
            link=row["link"],
        ),
        Shown(row["position"], row["band"], row["lens"], row["confidence"], row["scorer"]),
        {name: n for name, n in zip(VERDICTS, counts, strict=True) if n},
        datetime.fromisoformat(row["last_at"]).date(),
    )
