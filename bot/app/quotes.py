"""Quotes that a button names by a hash of their words, so that a picture shows those words or none."""

import re
from base64 import urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from hashlib import blake2b
from typing import Self

from bot.app.service import EpisodeCard
from index.search.answers import Passage
from index.search.excerpts import LONGEST_FIRST_CHARS, Excerpt, excerpt_between, excerpt_of
from index.search.related import Counterbalance, Opposed
from index.storage.records import EpisodeRecord, SliceRecord
from index.text.sentences import clause_starts
from index.text.slicing import Slice, joined

KEY_LENGTH = 5

_MODULUS = 2**30 - 35
"""The largest prime of 30 bits, as many as ``KEY_LENGTH`` letters hold."""

_BASE = 657_931_177


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
    most = min(shown.end, shown.start + LONGEST_FIRST_CHARS)
    end = max((end for end in record.piece.unit_ends if shown.start < end <= most), default=most)
    if end < shown.end and end not in record.piece.unit_ends:
        space = record.piece.text.rfind(" ", shown.start, end)
        end = space if space > shown.start else end
    return Quoted(episode, record, excerpt_between(episode, record, shown.start, end))


def quoted_in(card: EpisodeCard, ordinal: int, key: str) -> Quoted | None:
    """Return the words of an episode that have this key, or None where they are not said any more.

    Looked for are the words that carry a slice's position, and what begins with a sentence or clause and ends with any
    word, as far as an excerpt may go, also into the slice after it; first what touches the slice numbered ``ordinal``,
    then all others. A long episode takes up to a second: not for an event loop.
    """
    records = card.slices
    touching = (ordinal, ordinal - 1)
    places = sorted(
        range(len(records)), key=lambda place: (records[place].piece.ordinal not in touching, place)
    )
    for place in places:
        record = records[place]
        carrying = quote_of(card.episode, record)
        if carrying.key == key:
            return carrying
        pieces = [record.piece, *_next_piece(records, place)]
        text = reduce(joined, pieces)
        if (bounds := _bounds_of(text, len(record.piece.text), key)) is not None:
            if bounds[1] > len(record.piece.text) and pieces[-1].ordinal == ordinal:
                record = records[place + 1]
            excerpt = excerpt_between(card.episode, replace(record, piece=text), *bounds)
            return Quoted(card.episode, record, excerpt)
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


def _next_piece(records: Sequence[SliceRecord], place: int) -> Iterator[Slice]:
    """Yield the text of the next slice, if there is one."""
    for after in records[place + 1 : place + 2]:
        if after.piece.ordinal == records[place].piece.ordinal + 1:
            yield after.piece


def _bounds_of(piece: Slice, within: int, key: str) -> tuple[int, int] | None:
    """Return start and end of the words that have this key and begin before the offset ``within``, or None.

    A single sentence may be longer than an excerpt.
    """
    words = _Words.of(piece.text)
    units = list(piece.units())
    starts = [*(start for start, _ in units), *clause_starts(piece.text)]
    unit_ends = {words.up_to(end): end for end in piece.unit_ends}
    for start in starts:
        if start >= within:
            continue
        first = words.up_to(start)
        own_end = piece.unit_ends[bisect_right(piece.unit_ends, start)]
        for stop in (*range(first + 1, words.up_to(start + LONGEST_FIRST_CHARS) + 1), words.up_to(own_end)):
            if words.key(first, stop) == key:
                return start, unit_ends.get(stop, words.ends[stop - 1])
    return None


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text, with a rolling hash (Karp and Rabin, 1987): the key of any of them in a row is one step.

    Attributes:
        ends: where each word ends, with the signs behind it.
        hashes: of the first words, by how many they are.
    """

    ends: list[int]
    hashes: list[int]

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the words of a text: letters and digits between spaces, without case."""
        ends, hashes = [], [0]
        for match in re.finditer(r"\S+", text):
            if letters := "".join(filter(str.isalnum, match[0].casefold())):
                ends.append(match.end())
                word = int.from_bytes(blake2b(letters.encode(), digest_size=8).digest())
                hashes.append((hashes[-1] * _BASE + word) % _MODULUS)
        return cls(ends, hashes)

    def up_to(self, offset: int) -> int:
        """Return how many words end at an offset or before it."""
        return bisect_right(self.ends, offset)

    def key(self, first: int, stop: int) -> str:
        """Return ``KEY_LENGTH`` letters of 6 bits, a hash of the words from number ``first`` to before ``stop``."""
        before = self.hashes[first] * pow(_BASE, stop - first, _MODULUS)
        hashed = (self.hashes[stop] - before) % _MODULUS
        return urlsafe_b64encode((hashed << 2).to_bytes(4))[:KEY_LENGTH].decode("ascii")


def _key_of(text: str) -> str:
    words = _Words.of(text)
    return words.key(0, len(words.ends))
