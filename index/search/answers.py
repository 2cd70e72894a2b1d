"""Answers of a search, as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from index.search.excerpts import Excerpt
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.slicing import Slice
from scoring.reading import Reading


@dataclass(frozen=True, slots=True)
class Passage:
    """Speech that answers: a slice, or several neighbouring slices merged.

    Attributes:
        rank: rank in the answer, from 1.
        episode: the episode.
        slices: in transcript order, at least one.
        best: place in ``slices`` of the slice that is quoted; its reading is the passage's.
        text: text of all its slices.
        quote: excerpt to show; its offsets are offsets in ``text``.
        score: of the slice that was found, up is better; comparable within an edition. It is the quoted one or one
            beside it, as where a host asks in one slice and the guest answers in the next.
        also_in: other episodes that hold nearly the same words.
        near: cosine of the slice that was found, or of its nearest window, to the question; up is better.
        telling: greatest inverse document frequency of the question's words that the slice that was found and those
            beside it hold; 0 if they hold none.
    """

    rank: int
    episode: EpisodeRecord
    slices: tuple[SliceRecord, ...]
    best: int
    text: str
    quote: Excerpt
    score: float
    also_in: tuple[EpisodeRecord, ...] = ()
    near: float = 0.0
    telling: float = 0.0

    @property
    def reading(self) -> Reading:
        """Return the reading of the best slice."""
        return self.slices[self.best].reading

    @property
    def start_s(self) -> float | None:
        """Return the second of the first word, or None."""
        return self.slices[0].piece.start_s

    @property
    def end_s(self) -> float | None:
        """Return the second at which the last word ends, or None."""
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
        """Return a link that opens the recording shortly before the quote; None without times."""
        return self.quote.link

    @property
    def beginning(self) -> tuple[Slice, int]:
        """Return the slice in which the quote begins, which may be the one before the best, and its offset there."""
        offset = self.quote.start
        for record in self.slices:
            if offset < len(record.piece.text):
                break
            offset -= len(record.piece.text) + 1
        return record.piece, offset

    @property
    def quote_text(self) -> str:
        """Return the text of the quote."""
        return self.quote.text


@dataclass(frozen=True, slots=True)
class EpisodeHit:
    """An episode of an answer with the ranks of its passages, best first."""

    episode: EpisodeRecord
    ranks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """Languages of a question and of the library, which differ, as ISO 639-1 codes."""

    question: str
    library: str


@dataclass(frozen=True, slots=True)
class AskedYear:
    """The year of publication that a question asks for; where no episode of it answers, all are searched.

    Attributes:
        is_known: whether an episode of that year answers.
    """

    year: int
    is_known: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a question.

    Attributes:
        query: the question as asked.
        edition: name of the edition that answered.
        passages: best first.
        episodes: best first; every passage belongs to exactly one.
        is_match: False if nothing in the library is about the question; then there are no passages.
        corrected: words of the question that the library does not know, each with the word searched instead, if a
            passage has that.
        nearest: if nothing matched, the library's terms that come nearest.
        other_language: both languages if they differ; None if they do not or are unknown.
        floor: least sum of score and nearness of the best passage of an answer, by how many slices were searched.
        absent: the person whose words the question asks for and whom no episode has as a speaker or guest, as typed.
        year: the year of publication that the question asks for; None if it asks for none.
        asked: the sentence of a long question that is answered; None if the whole is, or nothing matched.
        is_sure: False if the first passage may well not be what is meant: the library hardly answers the question, no
            sentence is near to it, or others are nearly as good; see ``relevance.chance_of_first``. True where there
            are no passages.
    """

    query: str
    edition: str
    passages: tuple[Passage, ...]
    episodes: tuple[EpisodeHit, ...]
    is_match: bool
    corrected: Mapping[str, str]
    nearest: tuple[str, ...] = ()
    other_language: OtherLanguage | None = None
    floor: float = 0.0
    absent: str | None = None
    year: AskedYear | None = None
    asked: str | None = None
    is_sure: bool = True

    def only(self, passages: Iterable[Passage]) -> "Found":
        """Return the answer with ``passages``, some of its own in their order, and the episodes that these are of."""
        kept = tuple(passages)
        ranks = {passage.rank for passage in kept}
        hits = (
            EpisodeHit(hit.episode, tuple(rank for rank in hit.ranks if rank in ranks))
            for hit in self.episodes
        )
        return replace(self, passages=kept, episodes=tuple(hit for hit in hits if hit.ranks))
