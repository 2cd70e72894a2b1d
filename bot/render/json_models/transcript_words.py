"""The JSON of an episode's words: ``read --json`` and ``verify --json``."""

from typing import Literal

from bot.app.service import QuotedAt, Stretch
from bot.render.json_models.base import (
    Count,
    Figure,
    Json,
    JsonModel,
    NamesEpisode,
    Position,
    Seconds,
    as_json,
    names_of,
)
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.receipts import GONE
from scoring.reading import Confidence


class TurnJson(JsonModel):
    """What one speaker says in a slice, before another does."""

    speaker: str | None
    start_s: Seconds | None
    text: str


class SpokenJson(JsonModel):
    """A slice as it was spoken, with its reading."""

    slice: Count
    start_s: Seconds | None
    end_s: Seconds | None
    link: str | None
    read: str | None
    chapter: str | None
    turns: list[TurnJson]
    position: Position
    band: str
    lens: str
    confidence: Confidence


class WordsJson(NamesEpisode):
    """``read --json``: neighbouring slices, word for word."""

    edition: str
    n_slices: Count
    at: Count
    slices: list[SpokenJson]


class VerdictJson(JsonModel):
    """``verify --json``, of one link."""

    link: str
    episode: str
    title: str | None
    verdict: Literal["as quoted", "moved", "changed", "gone", "no receipt"]
    moved_s: Figure | None
    start_s: Seconds | None
    same_surroundings: bool | None
    quote: str | None
    speaker: str | None
    read: str | None


def words(stretch: Stretch) -> Json:
    """Return ``read --json``."""
    episode = stretch.episode
    model = WordsJson(
        **names_of(episode),
        edition=stretch.edition,
        n_slices=episode.profile.n_slices,
        at=stretch.slices[stretch.at].piece.ordinal,
        slices=[_spoken(episode, record) for record in stretch.slices],
    )
    return as_json(model)


def verified(link: str, slug: str, quoted: QuotedAt | None) -> Json:
    """Return ``verify --json`` of one link; ``quoted`` is None where its episode is not in the library."""
    verdict = GONE if quoted is None else quoted.verdict
    excerpt = None if quoted is None else quoted.excerpt
    model = VerdictJson(
        link=link,
        episode=slug,
        title=quoted.episode.about.title if quoted is not None else None,
        verdict="no receipt" if verdict is None else verdict.kind,
        moved_s=verdict.moved_s if verdict is not None else None,
        start_s=excerpt.start_s if excerpt is not None else None,
        same_surroundings=verdict.is_surrounded if verdict is not None and verdict.word is not None else None,
        quote=excerpt.text if excerpt is not None else None,
        speaker=excerpt.speaker if excerpt is not None else None,
        read=excerpt.read if excerpt is not None else None,
    )
    return as_json(model)


def _spoken(episode: EpisodeRecord, record: SliceRecord) -> SpokenJson:
    piece, of_slice = record.piece, record.reading
    return SpokenJson(
        slice=piece.ordinal,
        start_s=piece.start_s,
        end_s=piece.end_s,
        link=episode.link_at(piece.start_s),
        read=episode.read_at(piece),
        chapter=piece.chapter,
        turns=[
            TurnJson(speaker=speaker, start_s=piece.second_at(start), text=piece.text[start:end])
            for start, end, speaker in piece.turn_bounds()
        ],
        position=of_slice.position,
        band=of_slice.band,
        lens=of_slice.lens,
        confidence=of_slice.confidence,
    )
