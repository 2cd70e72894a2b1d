"""The JSON of answers to questions: ``find --json``."""

from typing import Annotated

from pydantic import Field

from bot.render.json_models.base import (
    Count,
    Day,
    Figure,
    Json,
    JsonModel,
    Name,
    Position,
    Seconds,
    as_json,
    day_published,
)
from index.search.answers import Found, Passage
from scoring.reading import Confidence


class QuestionBeforeJson(JsonModel):
    """What somebody else asks right before a quote that answers it."""

    speaker: str
    text: str
    marks: list[tuple[int, int]]


class PassageJson(JsonModel):
    """One slice, or neighbouring slices that answer together."""

    rank: Annotated[int, Field(ge=1)]
    episode: str
    title: str
    source: str | None
    slice: Count
    slices: list[Count]
    start_s: Seconds | None
    end_s: Seconds | None
    link: str | None
    speaker: str | None
    text: str
    quote: str
    quote_start_s: Seconds | None
    marks: list[tuple[int, int]]
    question_before: QuestionBeforeJson | None
    position: Position
    band: str
    lens: str
    confidence: Confidence
    score: Figure
    also_in: list[str]
    read: str | None


class HitJson(JsonModel):
    """An episode that answers, with the ranks of its passages."""

    episode: str
    title: str
    source: str | None
    published: Day | None
    headline: Position
    band: str
    lens: str
    confidence: Confidence
    passages: list[int]


class FoundJson(JsonModel):
    """``find --json``."""

    query: str
    edition: str
    is_match: bool
    is_sure: bool
    asked: str | None
    corrected: dict[str, str]
    nearest: list[str]
    question_language: str | None
    library_language: str | None
    absent: str | None
    year: int | None
    is_year_known: bool | None
    passages: list[PassageJson]
    episodes: list[HitJson]


def found(answer: Found, question_id: Name | None = None) -> Json:
    """Return ``find --json``, with ``question_id`` as ``id`` where it is given."""
    model = FoundJson(
        query=answer.query,
        edition=answer.edition,
        is_match=answer.is_match,
        is_sure=answer.is_sure,
        asked=answer.asked,
        corrected=dict(answer.corrected),
        nearest=list(answer.nearest),
        question_language=answer.other_language.question if answer.other_language else None,
        library_language=answer.other_language.library if answer.other_language else None,
        absent=answer.absent,
        year=answer.year.year if answer.year else None,
        is_year_known=answer.year.is_known if answer.year else None,
        passages=[_passage(passage) for passage in answer.passages],
        episodes=[
            HitJson(
                episode=hit.episode.slug,
                title=hit.episode.about.title,
                source=hit.episode.about.source,
                published=day_published(hit.episode),
                headline=hit.episode.profile.headline,
                band=hit.episode.profile.band,
                lens=hit.episode.profile.lens,
                confidence=hit.episode.profile.confidence,
                passages=list(hit.ranks),
            )
            for hit in answer.episodes
        ],
    )
    return as_json(model, question_id)


def _passage(passage: Passage) -> PassageJson:
    asked = passage.quote.asked
    before = None
    if asked is not None:
        before = QuestionBeforeJson(speaker=asked.speaker, text=asked.text, marks=list(asked.marks))
    return PassageJson(
        rank=passage.rank,
        episode=passage.episode.slug,
        title=passage.episode.about.title,
        source=passage.episode.about.source,
        slice=passage.slices[0].piece.ordinal,
        slices=[record.piece.ordinal for record in passage.slices],
        start_s=passage.start_s,
        end_s=passage.end_s,
        link=passage.link,
        speaker=passage.quote.speaker,
        text=passage.text,
        quote=passage.quote_text,
        quote_start_s=passage.quote.start_s,
        marks=list(passage.quote.marks),
        question_before=before,
        position=passage.reading.position,
        band=passage.reading.band,
        lens=passage.reading.lens,
        confidence=passage.reading.confidence,
        score=passage.score,
        also_in=[other.slug for other in passage.also_in],
        read=passage.quote.read,
    )
