"""What the library answers, each from one edition, and why no words can be shown of a moment.

Answers of search are in ``index.search``: ``Found``, ``Counterbalance``, ``Coverage``, ``PersonCard``.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from index.library.ingest.hosts_and_guests import LEAST_GUEST_SHARE
from index.search.crux_pairs import Crux
from index.search.excerpts import Excerpt, excerpt_of
from index.search.related import Counterbalance, Related
from index.search.speaker_names import is_nobody
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.receipts import ReceiptVerdict
from index.text.sentences import is_question
from index.text.tokens import fold
from scoring.errors import CodedError, typed_fields
from scoring.reading import Driver, telling_drivers

_LEAST_PULL = 0.1
"""Points below which what pulls over all slices is not worth naming."""


@dataclass(frozen=True, slots=True)
class SaidDriver:
    """A reason for an episode's position; ``speaker`` says the phrase, None if nobody knows or it is a statement."""

    driver: Driver
    speaker: str | None


def said_by(record: SliceRecord, driver: Driver) -> str | None:
    """Return who says the phrase of a slice that drives its position; None if nobody knows or it is a statement."""
    return record.piece.speaker_at(driver.start) if driver.kind == "phrase" else None


@dataclass(frozen=True, slots=True)
class EpisodeCard:
    """One episode with all its slices in order.

    Attributes:
        edition: name of the edition that it comes from.
        scoring_version: of the scorer that read the slices.
        episode: the episode.
        slices: all of them, in transcript order.
        wings: names of the outer bands.
    """

    edition: str
    scoring_version: str
    episode: EpisodeRecord
    slices: tuple[SliceRecord, ...]
    wings: frozenset[str]

    @property
    def guests(self) -> tuple[str, ...]:
        """Return the guests; where none are known, the people other than the hosts who say ``LEAST_GUEST_SHARE``.

        That is of the characters that a person is named for; who says most comes first.
        """
        about, said = self.episode.about, Counter[str]()
        if about.guests:
            return about.guests
        for record in self.slices:
            for speaker, n_chars in record.piece.chars_by_speaker().items():
                if speaker is not None and not is_nobody(speaker):
                    said[speaker] += n_chars
        hosts = {fold(name) for name in about.hosts}
        least = LEAST_GUEST_SHARE * said.total()
        return tuple(
            name for name, n_chars in said.most_common() if n_chars >= least and fold(name) not in hosts
        )

    def drivers(self, limit: int = 6) -> tuple[SaidDriver, ...]:
        """Return the phrases and statements that pull most over all slices, strongest first; equal texts are summed.

        Phrases of a question are left out, and those of a host where others speak: to ask for dangers, or to suppose
        them, is not to see them. So is what tells nothing in its slice (see ``telling_drivers``).
        """
        about = self.episode.about
        voices = {speaker for record in self.slices for speaker in record.piece.chars_by_speaker()}
        others_speak = any(about.speaks_as_guest(speaker) for speaker in voices)
        pulls: dict[tuple[str, bool], SaidDriver] = {}
        for record in self.slices:
            text = record.piece.text
            asked = [(start, end) for start, end in record.piece.units() if is_question(text[start:end])]
            for driver in telling_drivers(record.reading, self.wings):
                is_phrase = driver.kind == "phrase"
                speaker = said_by(record, driver)
                if is_phrase and any(start <= driver.start < end for start, end in asked):
                    continue
                if others_speak and not about.speaks_as_guest(speaker):
                    continue
                key = (driver.text.casefold(), driver.pull < 0)
                known = pulls.get(key)
                pull = driver.pull / len(self.slices)
                pulls[key] = (
                    SaidDriver(replace(driver, pull=pull), speaker)
                    if known is None
                    else replace(known, driver=replace(known.driver, pull=known.driver.pull + pull))
                )
        ranked = sorted(pulls.values(), key=lambda said: (-abs(said.driver.pull), said.driver.text))[:limit]
        return tuple(said for said in ranked if abs(said.driver.pull) >= _LEAST_PULL)

    def speaker_of(self, ordinal: int) -> str | None:
        """Return who says the words that are quoted of a slice, or None if nobody knows."""
        return excerpt_of(self.episode, self.slices[ordinal]).speaker


@dataclass(frozen=True, slots=True)
class EpisodeCruxes:
    """The cruxes of an episode, pair by pair: who answers its passages from the other side.

    Attributes:
        episode: the episode.
        pairs: its cruxes, the most probable first, each with the other episode; a passage may come several times.
        is_known: False where the encoder or axis has no gate, so that nobody knows.
        judge: name of the language model whose word it is; None where it is the gate's.
    """

    episode: EpisodeRecord
    pairs: tuple[tuple[Crux, EpisodeRecord], ...]
    is_known: bool
    judge: str | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The episodes around one, best first: those akin to it, and those that answer it from the other side."""

    related: tuple[Related, ...]
    counterbalance: Counterbalance


@dataclass(frozen=True, slots=True)
class EpisodePage:
    """The contents of an episode's page, from one edition: the episode with all its slices, and those around it."""

    card: EpisodeCard
    around: Surroundings


@dataclass(frozen=True, slots=True)
class Appearance:
    """A speaker in an episode: with how many turns, and the place of the first slice in which they speak."""

    name: str
    slug: str
    ordinal: int
    n_turns: int


@dataclass(frozen=True, slots=True)
class QuotedAt:
    """The present place of the words that a link to a page quotes.

    Attributes:
        episode: the episode.
        verdict: what became of the words; None where the link has no receipt that can be read.
        record: the slice in which they begin, or None where they are gone.
        excerpt: the words as they stand, or None where they are gone.
    """

    episode: EpisodeRecord
    verdict: ReceiptVerdict | None
    record: SliceRecord | None
    excerpt: Excerpt | None


@dataclass(frozen=True, slots=True)
class SliceWords:
    """An edition's inverted index, for a search without the program.

    Attributes:
        slugs: of the episodes that have slices, in the order of their slices.
        starts: for each of them the place of its first slice; the slices of all are numbered one after another.
        n_words: number of words of each slice.
        postings: for each stem the places of the slices that hold it, ascending, with how often in tenths.
    """

    slugs: tuple[str, ...]
    starts: tuple[int, ...]
    n_words: tuple[int, ...]
    postings: Mapping[str, tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring slices of an episode, to be read as they were spoken.

    Attributes:
        edition: name of the edition that they come from.
        episode: the episode.
        slices: in transcript order, at least one.
        at: place in ``slices`` of the one that was asked for.
    """

    edition: str
    episode: EpisodeRecord
    slices: tuple[SliceRecord, ...]
    at: int


class NothingToRead(CodedError):
    """Base of why no words can be shown of a moment."""

    code = "nothing_to_read"


@typed_fields
class TranscriptMissing(NothingToRead):
    """The episode has no transcript."""

    code = "transcript_missing"
    title: str


@typed_fields
class TranscriptUntimed(NothingToRead):
    """The transcript has no times, so that no second can be looked up; its slices are 0 to ``last``."""

    code = "transcript_untimed"
    title: str
    last: int


@typed_fields
class MomentOutside(NothingToRead):
    """The second ``received`` lies behind the last word, which ends at ``end_s``."""

    code = "moment_outside"
    title: str
    received: float
    end_s: float


@typed_fields
class SliceOutside(NothingToRead):
    """The episode has no slice ``received``; they are numbered from 0 to ``last``."""

    code = "slice_outside"
    title: str
    received: int
    last: int
