"""The JSON of the whole library: ``map --json`` and the list of episodes."""

from collections.abc import Sequence
from typing import Literal

from bot.render.json_models.base import Count, Json, JsonModel, NamesEpisode, Position, as_json, names_of
from index.search.coverage import Coverage
from index.storage.records import EpisodeRecord
from scoring.reading import Confidence


class PlacedJson(NamesEpisode):
    """An episode on the library map."""

    headline: Position
    band: str
    lens: str
    confidence: Confidence


class EpisodeJson(NamesEpisode):
    """The facts that name an episode."""


class EpisodesJson(JsonModel):
    """The library's episodes, some at a time."""

    edition: str
    n_episodes: Count
    offset: Count
    episodes: list[PlacedJson]


class GapJson(JsonModel):
    """A wing on which nobody talks of a subject."""

    band: str
    wanted: Position
    nearest: EpisodeJson | None
    shared: list[str]


class SubjectJson(JsonModel):
    """A subject of the library; null for the episodes that share none."""

    subject: str | None
    episodes: list[PlacedJson]
    gaps: list[GapJson]


class MapJson(JsonModel):
    """``map --json``."""

    source: str | None
    topic: str | None
    by: Literal["shelf", "topic"]
    n_episodes: Count
    subjects: list[SubjectJson]


def episodes(
    edition: str, listed: Sequence[EpisodeRecord], *, offset: int = 0, limit: int | None = None
) -> Json:
    """Return the episodes from ``offset`` on, at most ``limit`` of them; ``listed`` are all."""
    model = EpisodesJson(
        edition=edition,
        n_episodes=len(listed),
        offset=offset,
        episodes=[_placed(episode) for episode in listed[offset : None if limit is None else offset + limit]],
    )
    return as_json(model)


def coverage(library: Coverage) -> Json:
    """Return ``map --json``."""
    model = MapJson(
        source=library.source,
        topic=library.topic,
        by=library.by,
        n_episodes=library.n_episodes,
        subjects=[
            SubjectJson(
                subject=subject.name,
                episodes=[_placed(episode) for episode in subject.episodes],
                gaps=[
                    GapJson(
                        band=gap.band,
                        wanted=gap.wanted,
                        nearest=EpisodeJson(**names_of(gap.nearest)) if gap.nearest else None,
                        shared=list(gap.shared),
                    )
                    for gap in subject.gaps
                ],
            )
            for subject in library.subjects
        ],
    )
    return as_json(model)


def _placed(episode: EpisodeRecord) -> PlacedJson:
    profile = episode.profile
    return PlacedJson(
        **names_of(episode),
        headline=profile.headline,
        band=profile.band,
        lens=profile.lens,
        confidence=profile.confidence,
    )
