"""What people say of readings, and how far a scorer agrees with them: counts and shares, nothing fitted.

A verdict is on a reading as it was shown: its position, band and confidence at that moment. Nothing here, and
nothing that calls it, moves a position.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from index.evaluation.metrics import Interval, wilson
from scoring.reading import Confidence

VoteVerdict = Literal["fits", "too low", "too high"]
"""``too low`` says that a position lies too far towards the low pole, ``too high`` the opposite."""

VERDICTS: tuple[VoteVerdict, ...] = ("fits", "too low", "too high")

Finding = VoteVerdict | Literal["divided"]

MOVED = 3.0
"""Points from which a reading counts as moved. Reading a passage anew outside its transcript cuts its windows
differently, which alone moves it by up to so much (146 slices of real talk: half a point on average, at most
3.0)."""


@dataclass(frozen=True, slots=True)
class VotedPosition:
    """One reading that people voted on.

    Attributes:
        position, band, confidence: as they were shown.
        counts: votes by verdict; one at least.
        now: the position that the current scorer gives the passage.
        band_now: the band of ``now``.
    """

    position: float
    band: str
    confidence: str
    counts: Mapping[VoteVerdict, int]
    now: float
    band_now: str

    @property
    def finding(self) -> Finding:
        """Return the voters' common finding; see ``finding_of``."""
        return finding_of(self.counts)

    @property
    def has_moved(self) -> bool:
        """Return True if the passage is read elsewhere now than it was shown."""
        return abs(self.now - self.position) >= MOVED

    @property
    def moved_as_asked(self) -> bool:
        """Return True if it moved the way that the voters asked for."""
        asked = {"too low": 1.0, "too high": -1.0}.get(self.finding, 0.0)
        return self.has_moved and (self.now - self.position) * asked > 0


@dataclass(frozen=True, slots=True)
class VoteShare:
    """``hits`` of ``n`` cases."""

    hits: int
    n: int

    @property
    def interval(self) -> Interval | None:
        """Return the share with its 95 % interval (Wilson's); None without cases."""
        return wilson(self.hits, self.n) if self.n else None


@dataclass(frozen=True, slots=True)
class VoteAgreement:
    """Agreement of readings with the people who voted on them.

    Attributes:
        n_votes, n_readings: what it rests on.
        votes_fit: of all votes, those that say that the reading fits.
        readings_fit: of all readings, those that the voters find fitting.
        by_band, by_confidence: ``readings_fit`` for each band and confidence that was shown.
        n_too_low, n_too_high: complaints, in votes.
        too_low: of all complaints, those of ``too low``; one half where they lean to no side.
        moved: of all readings, those that are read elsewhere now.
        as_asked: of the moved ones found too low or too high, those that moved that way; one half is chance.
        kept: of those found fitting, those that have not moved, or not out of their band.
    """

    n_votes: int
    n_readings: int
    votes_fit: VoteShare
    readings_fit: VoteShare
    by_band: Mapping[str, VoteShare]
    by_confidence: Mapping[str, VoteShare]
    n_too_low: int
    n_too_high: int
    too_low: VoteShare
    moved: VoteShare
    as_asked: VoteShare
    kept: VoteShare


def finding_of(counts: Mapping[VoteVerdict, int]) -> Finding:
    """Return the voters' common finding: ``fits`` where more than half say so, else the commoner complaint.

    ``divided`` where both complaints are equally common, or where nobody voted.
    """
    low, high = counts.get("too low", 0), counts.get("too high", 0)
    if counts.get("fits", 0) > low + high:
        return "fits"
    return "divided" if low == high else "too low" if low > high else "too high"


def agreement_of(judged: Sequence[VotedPosition], bands: Sequence[str]) -> VoteAgreement:
    """Measure how far readings agree with votes.

    Each reading counts once, however many voted on it; ``votes_fit`` alone counts votes. Where a few people
    cast most votes, cases are not independent and intervals are too narrow.

    Args:
        judged: in any order, may be empty.
        bands: that are reported, in this order, also where nothing was shown in them.
    """
    totals = {name: sum(reading.counts.get(name, 0) for reading in judged) for name in VERDICTS}
    complaints = totals["too low"] + totals["too high"]
    criticised = [
        reading for reading in judged if reading.has_moved and reading.finding in ("too low", "too high")
    ]
    fitting = [reading for reading in judged if reading.finding == "fits"]
    return VoteAgreement(
        n_votes=totals["fits"] + complaints,
        n_readings=len(judged),
        votes_fit=VoteShare(totals["fits"], totals["fits"] + complaints),
        readings_fit=_fitting(judged),
        by_band={name: _fitting([reading for reading in judged if reading.band == name]) for name in bands},
        by_confidence={
            name: _fitting([reading for reading in judged if reading.confidence == name])
            for name in get_args(Confidence)
        },
        n_too_low=totals["too low"],
        n_too_high=totals["too high"],
        too_low=VoteShare(totals["too low"], complaints),
        moved=VoteShare(sum(reading.has_moved for reading in judged), len(judged)),
        as_asked=VoteShare(sum(reading.moved_as_asked for reading in criticised), len(criticised)),
        kept=VoteShare(
            sum(not reading.has_moved or reading.band_now == reading.band for reading in fitting),
            len(fitting),
        ),
    )


def _fitting(judged: Sequence[VotedPosition]) -> VoteShare:
    return VoteShare(sum(reading.finding == "fits" for reading in judged), len(judged))
