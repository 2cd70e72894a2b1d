"""The JSON contracts: what every ``--json`` prints. Documented in docs/json.md; keys are only ever added.

Each object is a pydantic model named ``...Json``. ``schemas`` gives their JSON schemas, which docs/schema
holds; ``make schemas`` writes them.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from bot.app.build_report import IndexReport
from bot.app.follows import Follow, FollowCounts
from bot.app.service import EpisodeCard, QuotedAt, Scored, Stretch
from index.evaluation.metrics import Interval
from index.evaluation.vote_agreement import Share, VoteAgreement
from index.search.answers import Found, Passage
from index.search.coverage import Coverage
from index.search.excerpts import excerpt_of
from index.search.related import Counterbalance, Opposed, Outcome, Related
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.receipts import GONE
from scoring.errors import CodedError
from scoring.mirror import Relation
from scoring.profile import Profile
from scoring.reading import Confidence, Driver, Reading, Reason

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


class _Json(BaseModel):
    model_config = ConfigDict(frozen=True)


class _NamesEpisode(_Json):
    episode: str
    title: str
    source: str | None
    shelf: str | None
    published: Day | None
    video_id: str | None


class _Statistics(_Json):
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


class PassageJson(_Json):
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
    position: Position
    band: str
    lens: str
    confidence: Confidence
    score: Figure
    also_in: list[str]
    read: str | None


class HitJson(_Json):
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


class FoundJson(_Json):
    """``find --json``."""

    query: str
    edition: str
    is_match: bool
    corrected: dict[str, str]
    nearest: list[str]
    question_language: str | None
    library_language: str | None
    passages: list[PassageJson]
    episodes: list[HitJson]


class MarkerJson(_Json):
    """One of the three marked slices of an episode."""

    marker: Literal["lowest", "median", "highest"]
    slice: Count
    position: Position
    start_s: Seconds | None
    link: str | None
    read: str | None


class DriverJson(_Json):
    """A reason for a position."""

    text: str
    pull: Points
    kind: Literal["phrase", "statement"]
    start: int
    end: int


class TranscriptJson(_Json):
    """A file of an episode, as ``episode.json`` names it."""

    model_config = ConfigDict(extra="allow")

    file: str
    kind: str
    track: str | None
    language: str | None
    stored: Day | None
    original_name: str | None


class ProvenanceJson(_Json):
    """Where an episode's words come from."""

    segments: Count
    timed: bool
    transcripts: list[TranscriptJson]


class AssessmentJson(_Json):
    """An editor's judgement of an episode."""

    position: Position
    confidence: Confidence
    summary: str | None
    note: str | None
    date: Day | None
    name: str


class CardJson(_NamesEpisode):
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
    evidence: Literal["transcript", "metadata only"]
    markers: list[MarkerJson]
    arc: list[Position]
    drivers: list[DriverJson]
    provenance: ProvenanceJson
    assessment: AssessmentJson | None


class TurnJson(_Json):
    """What one speaker says in a slice, before another does."""

    speaker: str | None
    start_s: Seconds | None
    text: str


class SpokenJson(_Json):
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


class WordsJson(_NamesEpisode):
    """``read --json``: neighbouring slices, word for word."""

    edition: str
    n_slices: Count
    at: Count
    slices: list[SpokenJson]


class RelativeJson(_NamesEpisode):
    """An episode on the same topic as another."""

    topic: Figure
    shared: list[str]
    same_shelf: bool
    same_source: bool
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


class RelatedJson(_NamesEpisode):
    """``related --json``."""

    related: list[RelativeJson]


class PieceJson(_Json):
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


class PickJson(_NamesEpisode):
    """An episode that seems to answer another, with the passages of both; or, without these, one near by."""

    position: Position
    evidence: Literal["transcript", "metadata only", "editor"]
    band: str
    lens: str
    difference: Points
    relation: Relation
    topic: Figure
    shared: list[str]
    question: str | None
    probability: Ratio | None
    here: PieceJson | None
    there: PieceJson | None


class CounterbalanceJson(_NamesEpisode):
    """``counterbalance --json``."""

    position: Position
    evidence: Literal["transcript", "metadata only", "editor"]
    mirror: Position
    outcome: Outcome
    picks: list[PickJson]


class ScoredJson(_Json):
    """``score --json``."""

    position: Position
    band: str
    lens: str
    confidence: Confidence
    reason: Reason
    drivers: list[DriverJson]
    slices: Count


class PlacedJson(_NamesEpisode):
    """An episode on the library map."""

    headline: Position
    band: str
    lens: str
    confidence: Confidence


class EpisodeJson(_NamesEpisode):
    """The facts that name an episode."""


class EpisodesJson(_Json):
    """The library's episodes, some at a time."""

    edition: str
    n_episodes: Count
    offset: Count
    episodes: list[PlacedJson]


class GapJson(_Json):
    """A wing on which nobody talks of a subject."""

    band: str
    wanted: Position
    nearest: EpisodeJson | None
    shared: list[str]


class SubjectJson(_Json):
    """A subject of the library; null for the episodes that share none."""

    subject: str | None
    episodes: list[PlacedJson]
    gaps: list[GapJson]


class MapJson(_Json):
    """``map --json``."""

    source: str | None
    topic: str | None
    by: Literal["shelf", "topic"]
    n_episodes: Count
    subjects: list[SubjectJson]


class IntervalJson(_Json):
    """A figure with its 95 % interval."""

    value: Figure
    low: Figure
    high: Figure


class ShareJson(_Json):
    """A share of cases with its 95 % interval; its three numbers are null without cases."""

    hits: Count
    n: Count
    value: Ratio | None
    low: Ratio | None
    high: Ratio | None


class LeftOutJson(_Json):
    """Readings that an agreement does not count."""

    other_axis: Count
    statements: Count


class AgreementJson(_Json):
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


class VerdictJson(_Json):
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


class FollowedJson(_Json):
    """A followed source with what came of it."""

    number: int
    kind: str
    address: str
    title: str | None
    source: str | None
    channel: str | None
    followed_at: str
    looked_at: str | None
    next_look_at: str
    taken_in: Count
    waiting: Count
    textless: Count
    failures: Count
    problem: str | None


CONTRACTS: dict[str, type[BaseModel]] = {
    "find": FoundJson,
    "episode": CardJson,
    "read": WordsJson,
    "related": RelatedJson,
    "counterbalance": CounterbalanceJson,
    "score": ScoredJson,
    "map": MapJson,
    "verify": VerdictJson,
    "episodes": EpisodesJson,
    "index": IndexReport,
    "evaluate-positions-votes": AgreementJson,
    "follows": FollowedJson,
}
"""The object that each command prints. With ``--batch`` its row's ``id`` stands before the other keys.

``episodes`` is no command's: programs ask for it (``bot.programs``).
"""


def schemas() -> dict[str, Json]:
    """Return the JSON schema (draft 2020-12) of each contract, by the name of its file."""
    found = {}
    for name, model in CONTRACTS.items():
        _, document = models_json_schema(
            [(model, "serialization")], ref_template="#/$defs/{model}", title=f"counterpoint {name} --json"
        )
        document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        document["$ref"] = f"#/$defs/{model.__name__}"
        found[name] = dict(sorted(document.items()))
    return found


def found(answer: Found, question_id: Name | None = None) -> Json:
    """Return ``find --json``, with ``question_id`` as ``id`` where it is given."""
    told = FoundJson(
        query=answer.query,
        edition=answer.edition,
        is_match=answer.is_match,
        corrected=dict(answer.corrected),
        nearest=list(answer.nearest),
        question_language=answer.other_language.question if answer.other_language else None,
        library_language=answer.other_language.library if answer.other_language else None,
        passages=[_passage(passage) for passage in answer.passages],
        episodes=[
            HitJson(
                episode=hit.episode.slug,
                title=hit.episode.about.title,
                source=hit.episode.about.source,
                published=_published(hit.episode),
                headline=hit.episode.profile.headline,
                band=hit.episode.profile.band,
                lens=hit.episode.profile.lens,
                confidence=hit.episode.profile.confidence,
                passages=list(hit.ranks),
            )
            for hit in answer.episodes
        ],
    )
    return _identified(told, question_id)


def card(episode_card: EpisodeCard) -> Json:
    """Return ``episode --json``."""
    episode, slices = episode_card.episode, episode_card.slices
    about, profile, assessment = episode.about, episode.profile, episode.assessment
    told = CardJson(
        **_names(episode),
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
        evidence="transcript" if profile.evidence == "transcript" else "metadata only",
        markers=[
            _marker(episode, slices[ordinal], name)
            for name, ordinal in zip(_MARKERS, profile.markers, strict=False)
        ],
        arc=list(profile.arc),
        drivers=[_driver(driver) for driver in episode_card.drivers()],
        provenance=ProvenanceJson(
            segments=episode.n_segments,
            timed=episode.is_timed,
            transcripts=[
                TranscriptJson.model_validate(entry.model_dump(mode="json")) for entry in about.transcripts
            ],
        ),
        assessment=AssessmentJson.model_validate(assessment.model_dump(mode="json")) if assessment else None,
    )
    return _dumped(told)


_MARKERS: tuple[Literal["lowest", "median", "highest"], ...] = ("lowest", "median", "highest")


def words(stretch: Stretch) -> Json:
    """Return ``read --json``."""
    episode = stretch.episode
    told = WordsJson(
        **_names(episode),
        edition=stretch.edition,
        n_slices=episode.profile.n_slices,
        at=stretch.slices[stretch.at].piece.ordinal,
        slices=[_spoken(episode, record) for record in stretch.slices],
    )
    return _dumped(told)


def episodes(
    edition: str, listed: Sequence[EpisodeRecord], *, offset: int = 0, limit: int | None = None
) -> Json:
    """Return the episodes from ``offset`` on, at most ``limit`` of them; ``listed`` are all."""
    told = EpisodesJson(
        edition=edition,
        n_episodes=len(listed),
        offset=offset,
        episodes=[_placed(episode) for episode in listed[offset : None if limit is None else offset + limit]],
    )
    return _dumped(told)


def related(episode: EpisodeRecord, others: Sequence[Related]) -> Json:
    """Return ``related --json``."""
    told = RelatedJson(
        **_names(episode),
        related=[
            RelativeJson(
                **_names(other.episode),
                topic=other.topic,
                shared=list(other.shared),
                same_shelf=other.same_shelf,
                same_source=other.same_source,
                **statistics(other.episode.profile),
                arc=list(other.episode.profile.arc),
            )
            for other in others
        ],
    )
    return _dumped(told)


def counterbalance(answer: Counterbalance) -> Json:
    """Return ``counterbalance --json``."""
    told = CounterbalanceJson(
        **_names(answer.episode),
        position=answer.standing.position,
        evidence=answer.standing.evidence,
        mirror=answer.mirror,
        outcome=answer.outcome,
        picks=[_pick(answer, opposed) for opposed in answer.picks],
    )
    return _dumped(told)


def scored(score: Scored, text_id: Name | None = None) -> Json:
    """Return ``score --json``, with ``text_id`` as ``id`` where it is given."""
    reading = score.reading
    told = ScoredJson(
        position=score.position,
        band=score.band,
        lens=reading.lens,
        confidence=reading.confidence,
        reason=reading.reason,
        drivers=[_driver(driver) for driver in reading.drivers],
        slices=len(score.readings),
    )
    return _identified(told, text_id)


def coverage(library: Coverage) -> Json:
    """Return ``map --json``."""
    told = MapJson(
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
                        nearest=EpisodeJson(**_names(gap.nearest)) if gap.nearest else None,
                        shared=list(gap.shared),
                    )
                    for gap in subject.gaps
                ],
            )
            for subject in library.subjects
        ],
    )
    return _dumped(told)


def verified(link: str, slug: str, quoted: QuotedAt | None) -> Json:
    """Return ``verify --json`` of one link; ``quoted`` is None where its episode is not in the library."""
    verdict = GONE if quoted is None else quoted.verdict
    excerpt = None if quoted is None else quoted.excerpt
    told = VerdictJson(
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
    return _dumped(told)


def agreement(votes: VoteAgreement, *, scorer: str, other_axis: int, statements: int) -> Json:
    """Return ``evaluate positions --votes --json``; readings on another axis and statements are left out."""
    told = AgreementJson(
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
    return _dumped(told)


def followed(follow: Follow, counts: FollowCounts, sentence: Callable[[CodedError], str]) -> Json:
    """Return a line of ``follows --json``; ``sentence`` says an error."""
    told = FollowedJson(
        number=follow.id,
        kind=follow.kind,
        address=follow.address,
        title=follow.title,
        source=follow.source,
        channel=None if follow.channel is None else str(follow.channel),
        followed_at=follow.followed_at.isoformat(),
        looked_at=None if follow.looked_at is None else follow.looked_at.isoformat(),
        next_look_at=follow.next_look_at.isoformat(),
        taken_in=counts.done,
        waiting=counts.waiting,
        textless=counts.no_text + counts.failed,
        failures=follow.n_failures,
        problem=None if follow.problem is None else sentence(follow.problem),
    )
    return _dumped(told)


def interval(figure: Interval) -> Json:
    """Return a figure with its 95 % interval."""
    return _dumped(IntervalJson(value=figure.value, low=figure.low, high=figure.high))


def reading(of_slice: Reading) -> Json:
    """Return the keys of a slice's reading."""
    return {
        "position": round(of_slice.position, 2) + 0.0,
        "band": of_slice.band,
        "lens": of_slice.lens,
        "confidence": of_slice.confidence,
        "reason": of_slice.reason,
        "drivers": [_driver(driver) for driver in of_slice.drivers],
    }


def statistics(profile: Profile) -> Json:
    """Return the keys of a profile's numbers."""
    told = _Statistics(
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
    return _dumped(told)


def _passage(passage: Passage) -> PassageJson:
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
        position=passage.reading.position,
        band=passage.reading.band,
        lens=passage.reading.lens,
        confidence=passage.reading.confidence,
        score=passage.score,
        also_in=[other.slug for other in passage.also_in],
        read=passage.quote.read,
    )


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


def _placed(episode: EpisodeRecord) -> PlacedJson:
    profile = episode.profile
    return PlacedJson(
        **_names(episode),
        headline=profile.headline,
        band=profile.band,
        lens=profile.lens,
        confidence=profile.confidence,
    )


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


def _pick(answer: Counterbalance, opposed: Opposed) -> PickJson:
    profile = opposed.episode.profile
    return PickJson(
        **_names(opposed.episode),
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
        here=_piece(answer.episode, opposed.here) if opposed.here else None,
        there=_piece(opposed.episode, opposed.there) if opposed.there else None,
    )


def _piece(episode: EpisodeRecord, record: SliceRecord) -> PieceJson:
    excerpt = excerpt_of(episode, record)
    return PieceJson(
        slice=record.piece.ordinal,
        start_s=record.piece.start_s,
        link=episode.link_at(record.piece.start_s),
        speaker=record.piece.speaker,
        text=record.piece.text,
        **reading(record.reading),
        quote=excerpt.text,
        quote_start_s=excerpt.start_s,
        quote_speaker=excerpt.speaker,
        quote_link=excerpt.link,
        read=excerpt.read,
    )


def _driver(driver: Driver) -> DriverJson:
    return DriverJson(
        text=driver.text, pull=driver.pull, kind=driver.kind, start=driver.start, end=driver.end
    )


def _share(share: Share) -> ShareJson:
    found = share.interval
    return ShareJson(
        hits=share.hits,
        n=share.n,
        value=None if found is None else found.value,
        low=None if found is None else found.low,
        high=None if found is None else found.high,
    )


def _names(episode: EpisodeRecord) -> Json:
    return {
        "episode": episode.slug,
        "title": episode.about.title,
        "source": episode.about.source,
        "shelf": episode.about.shelf,
        "published": _published(episode),
        "video_id": episode.about.video_id,
    }


def _published(episode: EpisodeRecord) -> str | None:
    return episode.about.published.isoformat() if episode.about.published else None


def _identified(told: BaseModel, row_id: Name | None) -> Json:
    return {**({"id": row_id} if row_id is not None else {}), **_dumped(told)}


def _dumped(told: BaseModel) -> Json:
    return told.model_dump(mode="json")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for contract, schema in schemas().items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{contract}.json").write_text(text, encoding="utf-8")
