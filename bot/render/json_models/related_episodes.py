"""The JSON of episodes beside another: ``related --json`` and ``counterbalance --json``."""

from collections.abc import Sequence

from bot.app.edition_answers import said_by
from bot.render.json_models.base import (
    Count,
    Figure,
    Json,
    JsonModel,
    NamesEpisode,
    Points,
    Position,
    Ratio,
    Seconds,
    as_json,
    names_of,
)
from bot.render.json_models.readings import DriverJson, driver_json, statistics
from index.search.excerpts import excerpt_of
from index.search.related import Counterbalance, Opposed, Outcome, Related
from index.storage.records import EpisodeRecord, SliceRecord
from scoring.mirror import Relation
from scoring.profile import EvidenceMode
from scoring.reading import Confidence, Reason


class RelativeJson(NamesEpisode):
    """An episode on the same topic as another."""

    topic: Figure
    shared: list[str]
    same_shelf: bool
    same_source: bool
    title_shared: str | None
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
    arc: list[Position]


class RelatedJson(NamesEpisode):
    """``related --json``."""

    related: list[RelativeJson]


class PieceJson(JsonModel):
    """A slice with its reading, and what every face quotes of it."""

    slice: Count
    start_s: Seconds | None
    link: str | None
    speaker: str | None
    text: str
    position: Position
    band: str
    lens: str
    confidence: Confidence
    reason: Reason
    drivers: list[DriverJson]
    quote: str
    quote_start_s: Seconds | None
    quote_speaker: str | None
    quote_link: str | None
    read: str | None


class PickJson(NamesEpisode):
    """An episode that seems to answer another, with the passages of both; or, without these, one near by."""

    position: Position
    evidence: EvidenceMode
    band: str
    lens: str
    difference: Points
    relation: Relation
    topic: Figure
    shared: list[str]
    question: str | None
    probability: Ratio | None
    judge: str | None
    here: PieceJson | None
    there: PieceJson | None


class CounterbalanceJson(NamesEpisode):
    """``counterbalance --json``."""

    position: Position
    evidence: EvidenceMode
    mirror: Position
    outcome: Outcome
    picks: list[PickJson]


def related(episode: EpisodeRecord, others: Sequence[Related]) -> Json:
    """Return ``related --json``."""
    model = RelatedJson(
        **names_of(episode),
        related=[
            RelativeJson(
                **names_of(other.episode),
                topic=other.topic,
                shared=list(other.shared),
                same_shelf=other.same_shelf,
                same_source=other.same_source,
                title_shared=other.title,
                **statistics(other.episode.profile),
                arc=list(other.episode.profile.arc),
            )
            for other in others
        ],
    )
    return as_json(model)


def counterbalance(answer: Counterbalance) -> Json:
    """Return ``counterbalance --json``."""
    model = CounterbalanceJson(
        **names_of(answer.episode),
        position=answer.standing.position,
        evidence=answer.standing.evidence,
        mirror=answer.mirror,
        outcome=answer.outcome,
        picks=[_pick(answer, opposed) for opposed in answer.picks],
    )
    return as_json(model)


def _pick(answer: Counterbalance, opposed: Opposed) -> PickJson:
    profile = opposed.episode.profile
    return PickJson(
        **names_of(opposed.episode),
        position=opposed.standing.position,
        evidence=opposed.standing.evidence,
        band=profile.band,
        lens=profile.lens,
        difference=opposed.pick.difference,
        relation=opposed.pick.relation,
        topic=opposed.pick.candidate.topic,
        shared=list(opposed.shared),
        question=opposed.crux.question if opposed.crux else None,
        probability=opposed.crux.probability if opposed.crux else None,
        judge=opposed.crux.judge if opposed.crux else None,
        here=_piece(answer.episode, opposed.here) if opposed.here else None,
        there=_piece(opposed.episode, opposed.there) if opposed.there else None,
    )


def _piece(episode: EpisodeRecord, record: SliceRecord) -> PieceJson:
    excerpt, reading = excerpt_of(episode, record), record.reading
    return PieceJson(
        slice=record.piece.ordinal,
        start_s=record.piece.start_s,
        link=episode.link_at(record.piece.start_s),
        speaker=record.piece.speaker,
        text=record.piece.text,
        position=reading.position,
        band=reading.band,
        lens=reading.lens,
        confidence=reading.confidence,
        reason=reading.reason,
        drivers=[driver_json(driver, said_by(record, driver)) for driver in reading.drivers],
        quote=excerpt.text,
        quote_start_s=excerpt.start_s,
        quote_speaker=excerpt.speaker,
        quote_link=excerpt.link,
        read=excerpt.read,
    )
