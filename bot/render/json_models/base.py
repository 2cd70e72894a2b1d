"""What the JSON models share: their base, their kinds of numbers, the keys that name an episode."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from index.storage.records import EpisodeRecord

Json = dict[str, Any]


def _rounded(digits: int) -> BeforeValidator:
    return BeforeValidator(lambda value: None if value is None else round(value, digits) + 0.0)  # no -0.0


Points = Annotated[float, _rounded(2)]
"""Points of the scale, or a difference of two positions."""

Position = Annotated[float, _rounded(2), Field(ge=-100, le=100)]
Seconds = Annotated[float, _rounded(2), Field(ge=0)]
"""Seconds from the start of a recording."""

Figure = Annotated[float, _rounded(4)]
Ratio = Annotated[float, _rounded(4), Field(ge=0, le=1)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Count = Annotated[int, Field(ge=0)]

Name = str | int
"""The ``id`` that a row of a ``--batch`` file had."""


class JsonModel(BaseModel):
    """The base of all models: frozen."""

    model_config = ConfigDict(frozen=True)


class NamesEpisode(JsonModel):
    """The keys that name an episode; ``names_of`` gives them."""

    episode: str
    title: str
    source: str | None
    shelf: str | None
    published: Day | None
    video_id: str | None


def names_of(episode: EpisodeRecord) -> Json:
    """Return the keys of ``NamesEpisode``."""
    return {
        "episode": episode.slug,
        "title": episode.about.title,
        "source": episode.about.source,
        "shelf": episode.about.shelf,
        "published": day_published(episode),
        "video_id": episode.about.video_id,
    }


def day_published(episode: EpisodeRecord) -> str | None:
    """Return the day on which an episode was published, as ``2026-11-22``."""
    return episode.about.published.isoformat() if episode.about.published else None


def as_json(model: BaseModel, row_id: Name | None = None) -> Json:
    """Return the model as JSON can hold it, with ``row_id`` as ``id`` before its keys where it is given."""
    return {**({"id": row_id} if row_id is not None else {}), **model.model_dump(mode="json")}
