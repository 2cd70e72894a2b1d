"""The JSON of measurements: figures with their intervals, ``evaluate positions --votes --json``."""

from bot.render.json_models.base import Count, Figure, Json, JsonModel, Ratio, as_json
from index.evaluation.metrics import Interval
from index.evaluation.vote_agreement import VoteAgreement, VoteShare


class IntervalJson(JsonModel):
    """A figure with its 95 % interval."""

    value: Figure
    low: Figure
    high: Figure


class ShareJson(JsonModel):
    """A share of cases with its 95 % interval; its three numbers are null without cases."""

    hits: Count
    n: Count
    value: Ratio | None
    low: Ratio | None
    high: Ratio | None


class LeftOutJson(JsonModel):
    """Readings that an agreement does not count."""

    other_axis: Count
    statements: Count


class AgreementJson(JsonModel):
    """``evaluate positions --votes --json``."""

    scorer: str
    votes: Count
    readings: Count
    left_out: LeftOutJson
    votes_fit: ShareJson
    readings_fit: ShareJson
    by_band: dict[str, ShareJson]
    by_confidence: dict[str, ShareJson]
    too_low: Count
    too_high: Count
    too_low_share: ShareJson
    moved: ShareJson
    as_asked: ShareJson
    kept: ShareJson


def agreement(votes: VoteAgreement, *, scorer: str, other_axis: int, statements: int) -> Json:
    """Return ``evaluate positions --votes --json``; readings on another axis and statements are left out."""
    model = AgreementJson(
        scorer=scorer,
        votes=votes.n_votes,
        readings=votes.n_readings,
        left_out=LeftOutJson(other_axis=other_axis, statements=statements),
        votes_fit=_share(votes.votes_fit),
        readings_fit=_share(votes.readings_fit),
        by_band={name: _share(share) for name, share in votes.by_band.items()},
        by_confidence={name: _share(share) for name, share in votes.by_confidence.items()},
        too_low=votes.n_too_low,
        too_high=votes.n_too_high,
        too_low_share=_share(votes.too_low),
        moved=_share(votes.moved),
        as_asked=_share(votes.as_asked),
        kept=_share(votes.kept),
    )
    return as_json(model)


def interval(figure: Interval) -> Json:
    """Return a figure with its 95 % interval."""
    return as_json(IntervalJson(value=figure.value, low=figure.low, high=figure.high))


def _share(share: VoteShare) -> ShareJson:
    found = share.interval
    return ShareJson(
        hits=share.hits,
        n=share.n,
        value=None if found is None else found.value,
        low=None if found is None else found.low,
        high=None if found is None else found.high,
    )
