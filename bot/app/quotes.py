"""Quotes that a button names by a hash of their words, so that a picture shows those words or none."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce

from bot.app.service import EpisodeCard
from index.search.answers import Passage
from index.search.excerpts import LONGEST_FIRST_CHARS, Excerpt, excerpt_between, excerpt_of
from index.search.related import Counterbalance, Opposed
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.receipts import digest_of, words_at
from index.text.sentences import clause_starts
from index.text.slicing import Slice, joined

KEY_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of one slice of an episode."""

    episode: EpisodeRecord
    record: SliceRecord
    excerpt: Excerpt

    @classmethod
    def of_passage(cls, passage: Passage) -> "Quoted":
        """Return what is quoted of a passage."""
        return cls(passage.episode, passage.slices[passage.best], passage.quote)

    @property
    def key(self) -> str:
        """Return ``KEY_LENGTH`` letters, a hash of the words without case and signs."""
        return _key_of(self.excerpt.text)


def quote_of(episode: EpisodeRecord, record: SliceRecord) -> Quoted:
    """Return the words that carry the position of a slice."""
    return Quoted(episode, record, excerpt_of(episode, record))


def quote_within(episode: EpisodeRecord, record: SliceRecord, shown: Excerpt) -> Quoted:
    """Return the words of ``quote_of``, or the first sentences of what is ``shown`` of the slice, if they lie outside.

    So a picture never quotes what the passage that it is asked for does not show.
    """
    own = quote_of(episode, record)
    if shown.start <= own.excerpt.start and own.excerpt.end <= shown.end:
        return own
    within = (
        bounds for bounds in _runs_of(record.piece) if bounds[0] == shown.start and bounds[1] <= shown.end
    )
    start, end = max(within, default=(shown.start, shown.end))
    return Quoted(episode, record, excerpt_between(episode, record, start, end))


def quoted_in(card: EpisodeCard, ordinal: int, key: str) -> Quoted | None:
    """Return the words of an episode that have this key, or None where they are not said any more.

    Looked for are sentences in a row, as many as an excerpt may hold, and the words that carry a slice's position;
    first in the slice numbered ``ordinal``, with those that reach into the slices beside it and those that begin or
    end with a clause, then in all others. Every run of sentences is hashed, which takes a second for a long episode:
    not for an event loop.
    """
    records = sorted(card.slices, key=lambda record: (record.piece.ordinal != ordinal, record.piece.ordinal))
    for record in records:
        carrying = excerpt_of(card.episode, record)
        if _key_of(carrying.text) == key:
            return Quoted(card.episode, record, carrying)
        if (found := _run_of(card.episode, record, record.piece, _runs_of(record.piece), key)) is not None:
            return found
        if record.piece.ordinal == ordinal and (found := _beyond(card, record, key)) is not None:
            return found
    return None


def pair_of(answer: Counterbalance, opposed: Opposed) -> tuple[Quoted, Quoted] | None:
    """Return the two passages of a pick's crux, or None where it has none."""
    if opposed.crux is None:
        return None
    return quote_of(answer.episode, opposed.crux.here), quote_of(opposed.episode, opposed.crux.there)


def pair_key(pair: tuple[Quoted, Quoted]) -> str:
    """Return ``KEY_LENGTH`` letters, a hash of the words of both."""
    return _key_of(" ".join(quoted.excerpt.text for quoted in pair))


def pair_in(answer: Counterbalance, key: str) -> tuple[tuple[Quoted, Quoted], str] | None:
    """Return the pair of this key among the picks, with the question that both seem to answer; None if it is gone."""
    for opposed in answer.picks:
        pair = pair_of(answer, opposed)
        if pair is not None and opposed.crux is not None and pair_key(pair) == key:
            return pair, opposed.crux.question
    return None


def _beyond(card: EpisodeCard, record: SliceRecord, key: str) -> Quoted | None:
    """Return the words of this key that reach over the ends of a slice, or begin or end with a clause of it."""
    near = range(record.piece.ordinal - 1, record.piece.ordinal + 2)
    pieces = sorted(
        (other.piece for other in card.slices if other.piece.ordinal in near), key=lambda piece: piece.ordinal
    )
    for number, piece in enumerate(pieces):
        whole = reduce(joined, pieces[number:])
        if (
            found := _run_of(card.episode, record, whole, _clauses_of(whole, len(piece.text)), key)
        ) is not None:
            return found
    return None


def _run_of(
    episode: EpisodeRecord, record: SliceRecord, piece: Slice, runs: Iterable[tuple[int, int]], key: str
) -> Quoted | None:
    """Return the first of the ``runs`` of a text that has this key, as a quote of ``record``."""
    for start, end in runs:
        if _key_of(piece.text[start:end]) == key:
            excerpt = excerpt_between(episode, replace(record, piece=piece), start, end)
            return Quoted(episode, record, excerpt)
    return None


def _clauses_of(piece: Slice, within: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of clauses in a row that an excerpt may hold and that begin before the offset ``within``."""
    units = list(piece.units())
    clauses = clause_starts(piece.text)
    commas = (match.start() + 1 for match in re.finditer("[,;:] ", piece.text))
    starts = sorted({*(start for start, _ in units), *clauses})
    ends = sorted({*(end for _, end in units), *(at - 1 for at in clauses), *commas})
    for start in starts[: bisect_left(starts, within)]:
        for end in ends[bisect_right(ends, start) : bisect_right(ends, start + LONGEST_FIRST_CHARS)]:
            yield start, end


def _runs_of(piece: Slice) -> Iterator[tuple[int, int]]:
    """Yield start and end of all sentences in a row that an excerpt may hold; a single one may be longer."""
    units = list(piece.units())
    for first, (start, own_end) in enumerate(units):
        yield start, own_end
        for _, end in units[first + 1 :]:
            if end - start > LONGEST_FIRST_CHARS:
                break
            yield start, end


def _key_of(text: str) -> str:
    return digest_of([word for _, word in words_at(text)])[:KEY_LENGTH]
