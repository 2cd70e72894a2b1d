"""What is asked of an edition and what it answers, as values."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from index.search.excerpts import Excerpt
from index.storage.records import EpisodeRecord, SliceRecord
from scoring.reading import Reading


@dataclass(frozen=True, slots=True)
class Filters:
    """What an answer is limited to; None asks for nothing. Applied before anything is cut off.

    Attributes:
        source, shelf, speaker: names; letter case and accents do not matter. A speaker's name may be a part of it.
        lens, band: as the axis names them.
        since, until: dates of publication, both included; an episode without a date is left out by either.
        episode: id of the only episode to look into.
    """

    source: str | None = None
    shelf: str | None = None
    speaker: str | None = None
    lens: str | None = None
    band: str | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    episode: int | None = None

    def __bool__(self) -> bool:
        return self != EVERYTHING


EVERYTHING = Filters()
"""No limits."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of speech that answers: one slice, or neighbouring ones merged.

    Attributes:
        rank: 1 for the best of its answer.
        episode: where it was said.
        slices: in transcript order, at least one.
        best: which of ``slices`` matched best; its reading is the passage's.
        text: the words of all its slices.
        quote: what to show of it; its offsets are those of ``text``.
        score: how well it matches; up is better, comparable within an edition.
        also_in: other episodes that hold nearly the same words.
    """

    rank: int
    episode: EpisodeRecord
    slices: tuple[SliceRecord, ...]
    best: int
    text: str
    quote: Excerpt
    score: float
    also_in: tuple[EpisodeRecord, ...] = ()

    @property
    def reading(self) -> Reading:
        """Where the passage stands: the reading of its best slice."""
        return self.slices[self.best].reading

    @property
    def start_s(self) -> float | None:
        """Second of the first word, or None."""
        return self.slices[0].piece.start_s

    @property
    def end_s(self) -> float | None:
        """Second at which the last word ends, or None."""
        return self.slices[-1].piece.end_s

    @property
    def place(self) -> float:
        """Return where in its episode the passage begins, from 0 to below 1: for transcripts without times."""
        return self.slices[0].piece.ordinal / max(1, self.episode.profile.n_slices)

    @property
    def chapter(self) -> str | None:
        """Return the heading over its first word, or None."""
        return self.slices[0].piece.chapter

    @property
    def link(self) -> str | None:
        """Opens the recording shortly before the quote; None without times."""
        return self.quote.link

    @property
    def quote_text(self) -> str:
        """The words of the quote."""
        return self.quote.text


@dataclass(frozen=True, slots=True)
class EpisodeHit:
    """An episode of an answer with its passages, best first, by their ranks."""

    episode: EpisodeRecord
    ranks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """A question in another language than the library: both as ISO 639-1 codes."""

    question: str
    library: str


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a question.

    Attributes:
        query: as it was asked.
        edition: the edition that answered.
        passages: best first.
        episodes: best first; every passage belongs to exactly one.
        is_match: False where nothing in the library is about the question; then there are no passages.
        corrected: words of the question that the library does not know, and what was looked up for them.
        nearest: where nothing matched, what the library talks of that comes nearest.
        other_language: where the question is not in the library's language; None where it is, or nobody can tell.
    """

    query: str
    edition: str
    passages: tuple[Passage, ...]
    episodes: tuple[EpisodeHit, ...]
    is_match: bool
    corrected: Mapping[str, str]
    nearest: tuple[str, ...] = ()
    other_language: OtherLanguage | None = None
