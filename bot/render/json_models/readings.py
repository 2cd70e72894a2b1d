"""The JSON of positions: ``score --json``, and the keys of a reading and of a profile."""

from typing import Literal

from bot.app.service import Scored
from bot.render.json_models.base import (
    Count,
    Json,
    JsonModel,
    Name,
    Points,
    Position,
    Ratio,
    as_json,
)
from scoring.profile import Profile
from scoring.reading import Confidence, Driver, Reason


class StatisticsJson(JsonModel):
    """A profile's numbers."""

    headline: Position
    band: str
    lens: str
    n_slices: Count
    median: Position
    mean: Position
    min: Position
    max: Position
    p10: Position
    p90: Position
    shares: list[Ratio]


class DriverJson(JsonModel):
    """A reason for a position."""

    text: str
    pull: Points
    kind: Literal["phrase", "statement"]
    start: int
    end: int
    speaker: str | None


class ScoredJson(JsonModel):
    """``score --json``."""

    position: Position
    band: str
    lens: str
    confidence: Confidence
    reason: Reason
    drivers: list[DriverJson]
    slices: Count


def scored(score: Scored, text_id: Name | None = None) -> Json:
    """Return ``score --json``, with ``text_id`` as ``id`` where it is given."""
    reading = score.reading
    model = ScoredJson(
        position=score.position,
        band=score.band,
        lens=reading.lens,
        confidence=reading.confidence,
        reason=reading.reason,
        drivers=[driver_json(driver) for driver in reading.drivers],
        slices=len(score.readings),
    )
    return as_json(model, text_id)


def statistics(profile: Profile) -> Json:
    """Return the keys of a profile's numbers."""
    model = StatisticsJson(
        headline=profile.headline,
        band=profile.band,
        lens=profile.lens,
        n_slices=profile.n_slices,
        median=profile.median,
        mean=profile.mean,
        min=profile.min,
        max=profile.max,
        p10=profile.p10,
        p90=profile.p90,
        shares=list(profile.shares),
    )
    return as_json(model)


def driver_json(driver: Driver, speaker: str | None = None) -> DriverJson:
    """Return a reason for a position; ``speaker`` says the phrase."""
    return DriverJson(
        text=driver.text,
        pull=driver.pull,
        kind=driver.kind,
        start=driver.start,
        end=driver.end,
        speaker=speaker,
    )
