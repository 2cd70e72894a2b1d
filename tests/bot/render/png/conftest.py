"""Invented episodes with invented profiles, and one of the sample library with an invented arc."""

import datetime
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bot.i18n.language import Language
from bot.i18n.message_catalogue import MessageCatalogue
from index.library.episodes import EpisodeFile, read_episode
from index.search.answers import EpisodeHit, Found, Passage
from index.search.coverage import Coverage, coverage_of
from index.search.crux_pairs import Crux
from index.search.excerpts import Excerpt
from index.search.related import Counterbalance, Opposed
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.slicing import Slice, slice_transcript
from scoring.axis import Axis, load_axis
from scoring.mirror import Pick, PickCandidate
from scoring.profile import profile_of, profile_of_metadata
from scoring.reading import Reading

ROOT = Path(__file__).resolve().parents[4]

Told = tuple[EpisodeRecord, tuple[SliceRecord, ...]]


def reading_at(axis: Axis, position: float) -> Reading:
    return Reading(position, axis.band_of(position), "technical", "medium", "leans")


def wave(n_slices: int, middle: float, height: float) -> list[float]:
    """An arc that swings around ``middle``, the same on every machine."""
    return [
        round(max(-100.0, min(100.0, middle + height * math.sin(at * 0.7) * math.cos(at * 0.19 + 0.4))), 1)
        for at in range(n_slices)
    ]


def piece(ordinal: int, start_s: float | None, chapter: str | None) -> Slice:
    anchors = ((0, start_s),) if start_s is not None else ()
    end_s = start_s + 65 if start_s is not None else None
    return Slice(ordinal, "Said.", start_s, end_s, None, chapter, (5,), anchors, ((0, None),))


def told(
    axis: Axis,
    arc: Sequence[float],
    *,
    number: int = 1,
    is_timed: bool = True,
    chapters: Sequence[str] = (),
    terms: dict[str, float] | None = None,
    **about: object,
) -> Told:
    """An episode with an arc; without one, known by its title alone."""
    file = EpisodeFile(**{"title": f"Conversation {number}", **about})  # type: ignore[arg-type]
    readings = [reading_at(axis, position) for position in arc]
    profile = profile_of(readings, axis) if readings else profile_of_metadata(reading_at(axis, 12.0), axis)
    slices = tuple(
        SliceRecord(
            at,
            number,
            piece(
                at,
                at * 65.0 if is_timed else None,
                chapters[at * len(chapters) // len(arc)] if chapters else None,
            ),
            reading,
        )
        for at, reading in enumerate(readings)
    )
    record = EpisodeRecord(number, f"episode-{number}", file, None, profile, is_timed, len(arc), terms or {})
    return record, slices


@pytest.fixture(scope="session")
def axis() -> Axis:
    return load_axis(ROOT / "data" / "axes" / "risk-opportunity")


@pytest.fixture(scope="session")
def language(axis: Axis) -> Language:
    """English."""
    return Language(MessageCatalogue.load(), "en", axis)


@pytest.fixture(scope="session")
def tell(axis: Axis) -> Callable[..., Told]:
    """Makes an episode: ``tell(arc, title=...)``."""
    return lambda arc, **about: told(axis, arc, **about)


@pytest.fixture(scope="session")
def swing() -> Callable[[int, float, float], list[float]]:
    """Makes an arc: ``swing(n_slices, middle, height)``."""
    return wave


@pytest.fixture(scope="session")
def episodes(axis: Axis) -> dict[str, Told]:
    """One of each kind that a card has to cope with."""
    chapters = (
        "Opening",
        "What the models hide",
        "Who answers for it",
        "What a good year looks like",
        "Close",
    )
    return {
        "usual": told(
            axis,
            wave(48, -8, 46),
            chapters=chapters,
            title="Márta Žižková on what a model keeps to itself",
            source="Slow Answers",
            guests=["Márta Žižková", "Θεοδώρα Λάμπρου"],
            published=datetime.date(2031, 3, 4),
        ),
        "long": told(
            axis,
            wave(300, 14, 40),
            is_timed=False,
            title="A title that nobody shortened: how three small towns, two hospitals and a shipping office came to "
            "trust, mistrust and then trust again the machines that schedule their nights | Part one of two",
            source="Harbour Talks",
        ),
        "one": told(axis, [4.0], title="A short note"),
        "bare": told(axis, [], title="宮崎の工場で: robots in 深圳 and שלום 🙂", source="Слово"),
        "poles": told(axis, [-100.0, 100.0, 0.0, -100.0, 100.0], title="Everything at once"),
    }


@pytest.fixture(scope="session")
def sample_episode(axis: Axis) -> Told:
    """An episode of the sample library as it is told and timed there; its arc is invented, so that no change of the
    scoring changes a picture."""
    slug = "ada-lindqvist-on-reading-a-network"
    episode = read_episode(ROOT / "data" / "library", slug)
    if episode.transcript is None:
        raise ValueError(slug)
    pieces = slice_transcript(episode.transcript)
    readings = [reading_at(axis, position) for position in wave(len(pieces), 6, 38)]
    slices = tuple(
        SliceRecord(at, 1, own, reading)
        for at, (own, reading) in enumerate(zip(pieces, readings, strict=True))
    )
    profile = profile_of(readings, axis)
    return EpisodeRecord(1, slug, episode.about, None, profile, True, len(pieces), {}), slices


@pytest.fixture(scope="session")
def balance(axis: Axis) -> Counterbalance:
    """Three picks, the last without a transcript."""
    own, own_slices = told(
        axis, wave(60, -24, 30), title="Ivo Brandt on machines that will not be switched off"
    )
    others = (
        told(
            axis, wave(80, 26, 20), number=2, title="Salma Achterberg on a clinic that opened its doors again"
        )[0],
        told(axis, wave(5, 18, 10), number=3, title="A word from the co-operative")[0],
        told(axis, [], number=4, title="Notes on the harvest")[0],
    )
    standing = own.standing()
    picks = tuple(
        Opposed(
            other,
            other.standing(),
            Pick(
                PickCandidate(other.id, other.profile.headline, "technical", topic),
                other.profile.headline - standing.position,
                "across the spectrum",
            ),
            ("switch",),
            Crux(
                "Can a machine be switched off that does not want to be?", 0.3, own_slices[3], own_slices[9]
            ),
        )
        for other, topic in zip(others, (0.61, 0.4, 0.27), strict=True)
    )
    return Counterbalance("invented", own, standing, -standing.position, "crux", picks)


@pytest.fixture(scope="session")
def found(axis: Axis) -> Found:
    """Nine passages in three episodes, most of them at one position."""
    tales = [
        told(axis, wave(70, -10, 40), number=1, title="The long night shift"),
        told(axis, wave(20, 12, 30), number=2, is_timed=False, title="Letters from a small laboratory"),
        told(axis, wave(9, 0, 9), number=3, title="Three questions"),
    ]
    places = ((0, 3), (0, 4), (1, 10), (0, 40), (2, 1), (2, 2), (2, 3), (1, 2), (0, 60))
    passages = []
    for rank, (tale, place) in enumerate(places, start=1):
        record, slices = tales[tale]
        marked = slices[place]
        quote = Excerpt("Said.", 0, 5, marked.piece.start_s, None, None)
        passages.append(Passage(rank, record, (marked,), 0, "Said.", quote, 1.0))
    hits = tuple(
        EpisodeHit(record, tuple(rank for rank, (at, _) in enumerate(places, start=1) if at == tale))
        for tale, (record, _) in enumerate(tales)
    )
    return Found("who watches at night", "e", tuple(passages), hits, True, {})


@pytest.fixture(scope="session")
def coverage(axis: Axis) -> Coverage:
    """Four subjects, one of them with nobody on one side."""
    rows = json.loads((Path(__file__).parent / "library.json").read_text(encoding="utf-8"))
    records = [
        told(axis, [position] * 4, number=number, title=title, terms={term: 1.0})[0]
        for number, (title, term, position) in enumerate(rows, start=1)
    ]
    return coverage_of(records, axis)
