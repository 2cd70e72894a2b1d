"""The JSON of an episode's profile: ``episode --json``."""

from typing import Literal

from pydantic import ConfigDict

from bot.app.service import EpisodeCard
from bot.render.json_models.base import (
    Count,
    Day,
    Json,
    JsonModel,
    NamesEpisode,
    Position,
    Ratio,
    Seconds,
    as_json,
    names_of,
)
from bot.render.json_models.readings import DriverJson, driver_json, statistics
from index.storage.records import EpisodeRecord, SliceRecord
from scoring.reading import Confidence


class MarkerJson(JsonModel):
    """One of the three marked slices of an episode."""

    marker: Literal["lowest", "median", "highest"]
    slice: Count
    position: Position
    start_s: Seconds | None
    link: str | None
    read: str | None


class TranscriptJson(JsonModel):
    """A file of an episode, as ``episode.json`` names it."""

    model_config = ConfigDict(extra="allow")

    file: str
    kind: str
    track: str | None
    language: str | None
    stored: Day | None
    original_name: str | None


class ProvenanceJson(JsonModel):
    """Where an episode's words come from."""

    segments: Count
    timed: bool
    transcripts: list[TranscriptJson]


class AssessmentJson(JsonModel):
    """An editor's judgement of an episode."""

    position: Position
    confidence: Confidence
    summary: str | None
    note: str | None
    date: Day | None
    name: str


class CardJson(NamesEpisode):
    """``episode --json``: the whole profile."""

    hosts: list[str]
    guests: list[str]
    tags: list[str]
    url: str | None
    duration_s: Seconds | None
    why_it_matters: str | None
    summary: str | None
    editor_note: str | None
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
    confidence: Confidence
    evidence: Literal["transcript", "other language", "metadata only"]
    markers: list[MarkerJson]
    arc: list[Position]
    drivers: list[DriverJson]
    provenance: ProvenanceJson
    assessment: AssessmentJson | None


def card(episode_card: EpisodeCard) -> Json:
    """Return ``episode --json``."""
    episode, slices = episode_card.episode, episode_card.slices
    about, profile, assessment = episode.about, episode.profile, episode.assessment
    model = CardJson(
        **names_of(episode),
        hosts=list(about.hosts),
        guests=list(about.guests),
        tags=list(about.tags),
        url=about.url,
        duration_s=about.duration_s,
        why_it_matters=about.why_it_matters,
        summary=about.summary,
        editor_note=about.editor_note,
        **statistics(profile),
        confidence=profile.confidence,
        evidence=profile.evidence if profile.evidence != "editor" else "metadata only",
        markers=[
            _marker(episode, slices[ordinal], name)
            for name, ordinal in zip(_MARKERS, profile.markers, strict=False)
        ],
        arc=list(profile.arc),
        drivers=[driver_json(said.driver, said.speaker) for said in episode_card.drivers()],
        provenance=ProvenanceJson(
            segments=episode.n_segments,
            timed=episode.is_timed,
            transcripts=[
                TranscriptJson.model_validate(entry.model_dump(mode="json")) for entry in about.transcripts
            ],
        ),
        assessment=AssessmentJson.model_validate(assessment.model_dump(mode="json")) if assessment else None,
    )
    return as_json(model)


_MARKERS: tuple[Literal["lowest", "median", "highest"], ...] = ("lowest", "median", "highest")


def _marker(
    episode: EpisodeRecord, record: SliceRecord, name: Literal["lowest", "median", "highest"]
) -> MarkerJson:
    return MarkerJson(
        marker=name,
        slice=record.piece.ordinal,
        position=record.reading.position,
        start_s=record.piece.start_s,
        link=episode.link_at(record.piece.start_s),
        read=episode.read_at(record.piece),
    )
