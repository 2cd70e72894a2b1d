"""The JSON contracts: what every ``--json`` prints. Documented in docs/json.md; keys are only ever added."""

from collections.abc import Sequence
from typing import Any

from bot.app.service import EpisodeCard, Scored
from index.search.answers import Found, Passage
from index.search.excerpts import excerpt_of
from index.search.related import Counterbalance, Opposed, Related
from index.storage.records import EpisodeRecord, SliceRecord
from scoring.metrics import Interval
from scoring.profile import Profile
from scoring.reading import Driver, Reading

Json = dict[str, Any]


def found(answer: Found, question_id: str | None = None) -> Json:
    """``find --json``; with ``--batch`` each object has its question's ``id`` first."""
    return {
        **({"id": question_id} if question_id is not None else {}),
        "query": answer.query,
        "edition": answer.edition,
        "is_match": answer.is_match,
        "corrected": dict(answer.corrected),
        "nearest": list(answer.nearest),
        "question_language": answer.other_language.question if answer.other_language else None,
        "library_language": answer.other_language.library if answer.other_language else None,
        "passages": [passage(one) for one in answer.passages],
        "episodes": [
            {
                "episode": hit.episode.slug,
                "title": hit.episode.about.title,
                "source": hit.episode.about.source,
                "published": _date(hit.episode),
                "headline": _points(hit.episode.profile.headline),
                "band": hit.episode.profile.band,
                "lens": hit.episode.profile.lens,
                "confidence": hit.episode.profile.confidence,
                "passages": list(hit.ranks),
            }
            for hit in answer.episodes
        ],
    }


def passage(one: Passage) -> Json:
    """One passage; ``slice`` is the ordinal of its first slice, ``start_s`` and ``link`` are null without times."""
    return {
        "rank": one.rank,
        "episode": one.episode.slug,
        "title": one.episode.about.title,
        "source": one.episode.about.source,
        "slice": one.slices[0].piece.ordinal,
        "slices": [record.piece.ordinal for record in one.slices],
        "start_s": _seconds(one.start_s),
        "end_s": _seconds(one.end_s),
        "link": one.link,
        "speaker": one.quote.speaker,
        "text": one.text,
        "quote": one.quote_text,
        "quote_start_s": _seconds(one.quote.start_s),
        "marks": [list(mark) for mark in one.quote.marks],
        "position": _points(one.reading.position),
        "band": one.reading.band,
        "lens": one.reading.lens,
        "confidence": one.reading.confidence,
        "score": round(one.score, 4),
        "also_in": [other.slug for other in one.also_in],
    }


def card(one: EpisodeCard) -> Json:
    """``episode --json``: the whole profile."""
    about, profile = one.episode.about, one.episode.profile
    return {
        **about_episode(one.episode),
        "hosts": list(about.hosts),
        "guests": list(about.guests),
        "tags": list(about.tags),
        "url": about.url,
        "duration_s": _seconds(about.duration_s),
        "why_it_matters": about.why_it_matters,
        "summary": about.summary,
        "editor_note": about.editor_note,
        **statistics(profile),
        "confidence": profile.confidence,
        "evidence": profile.evidence,
        "markers": [marker(one, name, place) for name, place in zip(_MARKERS, profile.markers, strict=False)],
        "arc": [_points(position) for position in profile.arc],
        "drivers": [driver(shown) for shown in one.drivers()],
        "provenance": {
            "segments": one.episode.n_segments,
            "timed": one.episode.is_timed,
            "transcripts": [entry.model_dump(mode="json") for entry in about.transcripts],
        },
        "assessment": one.episode.assessment.model_dump(mode="json") if one.episode.assessment else None,
    }


_MARKERS = ("lowest", "median", "highest")


def statistics(profile: Profile) -> Json:
    """The numbers of a profile."""
    return {
        "headline": _points(profile.headline),
        "band": profile.band,
        "lens": profile.lens,
        "n_slices": profile.n_slices,
        "median": _points(profile.median),
        "mean": _points(profile.mean),
        "min": _points(profile.min),
        "max": _points(profile.max),
        "p10": _points(profile.p10),
        "p90": _points(profile.p90),
        "shares": [round(share, 4) for share in profile.shares],
    }


def marker(one: EpisodeCard, name: str, ordinal: int) -> Json:
    """One of the three markers of the perspective map."""
    record = one.slices[ordinal]
    return {
        "marker": name,
        "slice": ordinal,
        "position": _points(record.reading.position),
        "start_s": _seconds(record.piece.start_s),
        "link": one.episode.link_at(record.piece.start_s),
    }


def about_episode(episode: EpisodeRecord) -> Json:
    """What names an episode."""
    return {
        "episode": episode.slug,
        "title": episode.about.title,
        "source": episode.about.source,
        "shelf": episode.about.shelf,
        "published": _date(episode),
        "video_id": episode.about.video_id,
    }


def related(episode: EpisodeRecord, others: Sequence[Related]) -> Json:
    """``related --json``."""
    return {
        **about_episode(episode),
        "related": [
            {
                **about_episode(one.episode),
                "topic": round(one.topic, 4),
                "shared": list(one.shared),
                "same_shelf": one.same_shelf,
                "same_source": one.same_source,
                **statistics(one.episode.profile),
                "arc": [_points(position) for position in one.episode.profile.arc],
            }
            for one in others
        ],
    }


def counterbalance(answer: Counterbalance) -> Json:
    """``counterbalance --json``."""
    return {
        **about_episode(answer.episode),
        "position": _points(answer.standing.position),
        "evidence": answer.standing.evidence,
        "mirror": _points(answer.mirror),
        "outcome": answer.outcome,
        "picks": [_pick(answer, one) for one in answer.picks],
    }


def _pick(answer: Counterbalance, one: Opposed) -> Json:
    return {
        **about_episode(one.episode),
        "position": _points(one.standing.position),
        "evidence": one.standing.evidence,
        "band": one.episode.profile.band,
        "lens": one.episode.profile.lens,
        "difference": _points(one.pick.difference),
        "relation": one.pick.relation,
        "topic": round(one.pick.candidate.topic, 4),
        "shared": list(one.shared),
        "here": piece(answer.episode, one.here) if one.here else None,
        "there": piece(one.episode, one.there) if one.there else None,
    }


def piece(episode: EpisodeRecord, record: SliceRecord) -> Json:
    """One slice with its reading; ``quote`` is what every face quotes of it."""
    excerpt = excerpt_of(episode, record)
    return {
        "slice": record.piece.ordinal,
        "start_s": _seconds(record.piece.start_s),
        "link": episode.link_at(record.piece.start_s),
        "speaker": record.piece.speaker,
        "text": record.piece.text,
        **reading(record.reading),
        "quote": excerpt.text,
        "quote_start_s": _seconds(excerpt.start_s),
        "quote_speaker": excerpt.speaker,
        "quote_link": excerpt.link,
    }


def reading(one: Reading) -> Json:
    """A slice's reading."""
    return {
        "position": _points(one.position),
        "band": one.band,
        "lens": one.lens,
        "confidence": one.confidence,
        "reason": one.reason,
        "drivers": [driver(shown) for shown in one.drivers],
    }


def scored(one: Scored, text_id: str | None = None) -> Json:
    """``score --json``; with ``--batch`` each object has its text's ``id``."""
    return {
        **({"id": text_id} if text_id is not None else {}),
        "position": _points(one.position),
        "band": one.band,
        "lens": one.reading.lens,
        "confidence": one.reading.confidence,
        "reason": one.reading.reason,
        "drivers": [driver(shown) for shown in one.reading.drivers],
        "slices": len(one.readings),
    }


def interval(one: Interval) -> Json:
    """A figure with its 95 % interval."""
    return {"value": round(one.value, 4), "low": round(one.low, 4), "high": round(one.high, 4)}


def driver(one: Driver) -> Json:
    """A reason for a position."""
    return {"text": one.text, "pull": _points(one.pull), "kind": one.kind, "start": one.start, "end": one.end}


def _points(value: float) -> float:
    return round(value, 2) + 0.0  # no -0.0


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _date(episode: EpisodeRecord) -> str | None:
    return episode.about.published.isoformat() if episode.about.published else None
