"""The sentences of a slice, and which of them are quoted: those that answer a question, or carry the position. Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import accumulate
from unicodedata import east_asian_width

import numpy as np

from index.search.ranking import Floats
from index.storage.records import SliceRecord
from index.text.boilerplate import adverts_and_boilerplate, turns_of
from index.text.sentences import is_question
from index.text.tokens import TermFinder, fold
from scoring.fitting import sigmoid

SHORTEST_ANSWER_CHARS = 40

FULL_ANSWER_CHARS = 120
"""Letters of a turn that is no mere “yes”: "Yeah, I'll start with an example." is none yet."""
_QUESTION_SHARE = 0.5  # a question takes less of a side than a statement does
_HOST_SHARE = 0.5  # a host mostly asks and sums up
_ASIDE_COST, _ADVERT_COST = 3.0, 3.0  # in logits, of what greets, and besides of what sells
_BROKEN_OFF_SHARE = 0.5  # of the chance of a sentence that is broken off
_ANSWERED_SHARE = (
    0.5  # of a word that somebody else says right before the one speaker to quote takes the floor
)
_LATER_SHARE = 0.25  # and of a word that somebody else says earlier in the slice
_LEAST_CHANCE = 0.15
"""Chance of being what is asked for below which a sentence makes a quote longer and not better. Quotes are then as long
as readers would have them."""
_BROKEN_OFF = ("...", "…", "—", "–", "-")


@dataclass(frozen=True, slots=True)
class SentenceWeights:
    """Weights of the evidence that a sentence is what is asked for, of a logistic model.

    Fitted by ``bench/quote_sentences.py`` on sentences that readers marked in the right slice and those beside it
    (``data/questions/quotes.jsonl``).

    Attributes:
        held: of the share of the question's idf that it holds.
        behind: of how much less that is than the greatest share that any sentence holds, 0 or less.
        near: of its nearness to the question, from 0 for the farthest sentence to 1 for the nearest.
        question: where it asks something.
        host: where it is a host's, beside a guest's.
        beside: where it is of a slice beside the best.
        bias: of all.
    """

    held: float = 2.72
    behind: float = 2.29
    near: float = 3.62
    question: float = -0.55
    host: float = -1.28
    beside: float = -1.66
    bias: float = -4.16


@dataclass(frozen=True, slots=True)
class Match:
    """A question, to choose an excerpt that answers it.

    Attributes:
        finder: finds the question's words.
        idf: inverse document frequency of each of its stems, 0 or more.
        windows: start, end and similarity to the question of the slice's small windows, in order; may be empty.
        speaker: the speaker who was asked for, as typed, whose sentences alone are quoted, or None.
    """

    finder: TermFinder
    idf: Mapping[str, float]
    windows: Sequence[tuple[int, int, float]] = ()
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class QuotableSentences:
    """The sentences of a slice by number.

    Attributes:
        text: of the slice.
        bounds: start and end.
        last_in_turn: the last sentence of the same turn.
        pulls: towards the slice's position.
        are_boilerplate: whether each greets, introduces or sells.
        are_adverts: whether each sells.
        are_questions: whether each is a question.
        are_hosts: whether each is a host's, where a guest speaks, too; else none.
    """

    text: str
    bounds: Sequence[tuple[int, int]]
    last_in_turn: Sequence[int]
    pulls: Sequence[float]
    are_boilerplate: Sequence[bool]
    are_adverts: Sequence[bool]
    are_questions: Sequence[bool]
    are_hosts: Sequence[bool]

    @property
    def are_broken(self) -> list[bool]:
        """Return which sentences their speaker breaks off."""
        return [self.text[start:end].endswith(_BROKEN_OFF) for start, end in self.bounds]

    @property
    def are_statements(self) -> list[bool]:
        """Return which sentences state something: no question, greeting, introduction or advert."""
        return [
            not is_aside and not is_question
            for is_aside, is_question in zip(self.are_boilerplate, self.are_questions, strict=True)
        ]

    @classmethod
    def of(cls, record: SliceRecord, hosts: Sequence[str]) -> "QuotableSentences":
        """Return the sentences of a slice of an episode with these hosts."""
        piece, reading = record.piece, record.reading
        bounds = list(piece.units())
        starts, offsets = [start for start, _ in bounds], [offset for offset, _ in piece.turns]
        turns = [bisect_right(offsets, start) for start in starts]
        last = list(range(len(bounds)))
        for place in reversed(range(len(bounds) - 1)):
            if turns[place] == turns[place + 1]:
                last[place] = last[place + 1]
        are_adverts, are_boilerplate = adverts_and_boilerplate(piece.text, bounds, turns_of(piece, bounds))
        are_questions = [is_question(piece.text[start:end]) for start, end in bounds]
        folded = {fold(name) for name in hosts}
        are_of_hosts = {
            turn: fold(piece.speaker_at(start) or "") in folded
            for turn, start in dict(zip(turns, starts, strict=True)).items()
        }
        of_hosts = [are_of_hosts[turn] for turn in turns]
        shares = [
            0.0 if is_aside else (_QUESTION_SHARE if is_question else 1.0) * (_HOST_SHARE if is_host else 1.0)
            for is_host, is_aside, is_question in zip(of_hosts, are_boilerplate, are_questions, strict=True)
        ]
        pulls = [0.0] * len(bounds)
        sign = -1.0 if reading.position < 0 else 1.0
        for driver in reading.drivers:
            place = max(0, bisect_right(starts, driver.start) - 1)
            pulls[place] += sign * driver.pull * shares[place]
        are_hosts = [is_host and not all(of_hosts) for is_host in of_hosts]
        return cls(piece.text, bounds, last, pulls, are_boilerplate, are_adverts, are_questions, are_hosts)

    def carrying(self, most: int, allowed: Sequence[int]) -> tuple[int, int]:
        """Return the first and the last of the sentences that carry the position; the first is ``allowed``."""
        may_begin = frozenset(allowed)
        stated = self.are_statements
        pulls = self.pulls
        if any(pull > 0 and is_stated for pull, is_stated in zip(pulls, stated, strict=True)):
            pulls = [
                pull if is_stated else min(0.0, pull) for pull, is_stated in zip(pulls, stated, strict=True)
            ]
        before = [0.0, *accumulate(pulls)]
        best, most_pull = None, 0.0
        for first, pull in enumerate(pulls):
            if pull > 0 and first in may_begin:
                for last in range(first, self.reach(first, most) + 1):
                    total = before[last + 1] - before[first]
                    if total > most_pull + 1e-6:
                        best, most_pull = (first, last), total
        if best is None:
            firsts = [first for first in allowed if not self.are_boilerplate[first]]
            reached = [(first, self.reach(first, most)) for first in firsts or allowed]
            return max(reached, key=lambda pair: self.bounds[pair[1]][1] - self.bounds[pair[0]][0])
        first, last = best
        last = max(last, self.reach(first, most // 2))
        while first and self.reach(first - 1, most // 2) >= last:
            first -= 1
        return first, last

    def from_to(self, first: int, last: int) -> tuple[int, int]:
        """Return where the sentence ``first`` starts and ``last`` ends."""
        return self.bounds[first][0], self.bounds[last][1]

    def claim(self, start: int, end: int, most: int) -> tuple[int, int]:
        """Return the bounds of a claim, cut to ``most`` characters: after a sentence beyond half of them, or a word."""
        if end - start <= most:
            return start, end
        ends = [last for _, last in self.bounds if start + most // 2 <= last <= start + most]
        if not ends:
            ends = [max(start + 1, self.text.rfind(" ", start, start + most + 1))]
        return start, ends[-1]

    def holding(self, found: Sequence[tuple[int, int, str]], allowed: Sequence[int]) -> int | None:
        """Return the first of the ``allowed`` sentences that holds the words found, a statement before others."""
        holds = [
            number
            for number in allowed
            if any(self.bounds[number][0] <= start < self.bounds[number][1] for start, _, _ in found)
        ]
        return min(holds, key=lambda number: (not self.are_statements[number], number), default=None)

    def answering(
        self,
        match: Match,
        held: Sequence[set[str]],
        near: Sequence[float],
        *,
        most: int,
        allowed: Sequence[int],
        own: range,
    ) -> tuple[int, int, int]:
        """Return the first and the last of the sentences that answer best, all of one turn, and the likeliest of them.

        They are the one that is likeliest asked for, by ``SentenceWeights``, and those around it whose chances exceed
        ``_LEAST_CHANCE`` by most, counted by their letters. Of equal ones the one that carries the position is
        taken, else the first. What greets or sells answers only where there is hardly anything else.

        Args:
            match: the question.
            held: its stems in each sentence.
            near: how near each sentence is to it, see ``nearness_to``.
            most: characters at most; a single sentence may be longer.
            allowed: the sentences that may be quoted, in order; at least one.
            own: the sentences of the best slice.
        """
        chances = self._chances(match, held, near, allowed=allowed, own=own)
        likeliest = max(allowed, key=lambda place: (round(chances[place], 9), self.pulls[place]))
        is_aside = self.are_boilerplate[likeliest]
        alike = {place for place in allowed if self.are_boilerplate[place] == is_aside}
        gains = [
            (chance - _LEAST_CHANCE) * self.width_of(place, place) for place, chance in enumerate(chances)
        ]
        before = [0.0, *accumulate(gains)]
        best, most_gained = (likeliest, likeliest), gains[likeliest]
        for first in range(likeliest, -1, -1):
            reach = self.reach(first, most)
            if first not in alike or (reach < likeliest and first != likeliest):
                break
            for last in range(likeliest, reach + 1):
                if last not in alike:
                    break
                gained = before[last + 1] - before[first]
                if gained > most_gained + 1e-9:
                    best, most_gained = (first, last), gained
        return *best, likeliest

    def _chances(
        self,
        match: Match,
        held: Sequence[set[str]],
        near: Sequence[float],
        *,
        allowed: Sequence[int],
        own: range,
    ) -> list[float]:
        """Return the chance of each sentence to be what is asked for; for the arguments see ``answering``."""
        *slopes, bias = astuple(SentenceWeights())
        logits = self.evidence(match, held, near, allowed=allowed, own=own) @ np.array(slopes) + bias
        logits -= _ASIDE_COST * np.array(self.are_boilerplate) + _ADVERT_COST * np.array(self.are_adverts)
        chances: list[float] = (sigmoid(logits) * np.where(self.are_broken, _BROKEN_OFF_SHARE, 1.0)).tolist()
        return chances

    def evidence(
        self,
        match: Match,
        held: Sequence[set[str]],
        near: Sequence[float],
        *,
        allowed: Sequence[int],
        own: range,
    ) -> Floats:
        """Return the evidence that each sentence is what is asked for, shape (n, 6), as ``SentenceWeights`` has it.

        Whoever is asked about a thing speaks of it without saying its name again: where one person alone is quoted,
        the first sentence of a turn has a share of the words that others said before it. For the arguments see
        ``answering``.
        """
        raised = self._raised_before(allowed, held) if len(allowed) < len(self.bounds) else {}
        total = sum(match.idf.values()) or 1.0
        shares = np.zeros(len(self.bounds))
        for place, stems in enumerate(held):
            parts = {**raised.get(place, {}), **dict.fromkeys(stems, 1.0)}
            shares[place] = sum(part * match.idf.get(stem, 0.0) for stem, part in parts.items()) / total
        evidence: Floats = np.column_stack(
            [
                shares,
                shares - shares.max(),
                near,
                self.are_questions,
                self.are_hosts,
                [place not in own for place in range(len(self.bounds))],
            ]
        )
        return evidence

    def nearness_to(self, match: Match, allowed: Sequence[int]) -> list[float]:
        """Return how near each sentence is to the question, 0 to 1; for ``allowed`` see ``answering``."""
        windows = self._without_asides(match.windows)
        nearness = _nearness(self.bounds, windows)
        return self._nearness_of(allowed, windows, nearness) if len(allowed) < len(self.bounds) else nearness

    def width_of(self, first: int, last: int) -> int:
        """Return the width of the sentences from ``first`` to ``last``; see ``width``."""
        return width(self.text[self.bounds[first][0] : self.bounds[last][1]])

    def places_of(self, start: int, end: int) -> tuple[int, int]:
        """Return the first and the last of the sentences that lie between two offsets, at least in part."""
        places = [place for place, (first, last) in enumerate(self.bounds) if last > start and first < end]
        return places[0], places[-1]

    def is_one_quote(self, first: int, last: int, most: int) -> bool:
        """Return True if these sentences are there, of one turn, none an aside, and fit into ``most`` characters."""
        return (
            last <= self.last_in_turn[first]
            and self.bounds[last][1] - self.bounds[first][0] <= most
            and not any(self.are_boilerplate[first : last + 1])
        )

    def reach(self, first: int, limit: int) -> int:
        """Return the last sentence of the turn of ``first`` with which no more than ``limit`` characters are taken."""
        last = first
        while last < self.last_in_turn[first] and self.bounds[last + 1][1] - self.bounds[first][0] <= limit:
            last += 1
        return last

    def _nearness_of(
        self, allowed: Sequence[int], windows: Sequence[tuple[int, int, float]], nearness: Sequence[float]
    ) -> list[float]:
        """Return ``nearness`` of each sentence by the share of its window that is of ``allowed`` sentences."""
        near = list(nearness)
        for start, end, _ in windows:
            inside = [place for place, (at, to) in enumerate(self.bounds) if start <= at and to <= end]
            theirs = sum(self.width_of(place, place) for place in inside if place in allowed)
            share = theirs / max(1, sum(self.width_of(place, place) for place in inside))
            for place in inside:
                near[place] *= share
        return near

    def _raised_before(self, allowed: Sequence[int], held: Sequence[set[str]]) -> dict[int, dict[str, float]]:
        """Return what others have said before each first sentence of a turn of ``allowed``: stems with their share.

        Whoever is asked about a thing speaks of it without saying its name again.
        """
        raised: dict[int, dict[str, float]] = {}
        for place in allowed:
            if place == 0 or place - 1 in allowed:
                continue
            if self.width_of(place, self.last_in_turn[place]) < FULL_ANSWER_CHARS:
                continue
            turn = self.last_in_turn[place - 1]
            shares: dict[str, float] = {}
            for before in range(place):
                if before not in allowed:
                    share = _ANSWERED_SHARE if self.last_in_turn[before] == turn else _LATER_SHARE
                    shares.update(dict.fromkeys(held[before], share))
            raised[place] = shares
        return raised

    def _without_asides(self, windows: Sequence[tuple[int, int, float]]) -> Sequence[tuple[int, int, float]]:
        """Return the ``windows`` without a sentence that greets or sells, whose likeness may be that sentence's."""
        asides = [
            bounds for bounds, is_aside in zip(self.bounds, self.are_boilerplate, strict=True) if is_aside
        ]
        return [
            window
            for window in windows
            if not any(start < window[1] and window[0] < end for start, end in asides)
        ]

    def stems_of(self, found: Sequence[tuple[int, int, str]]) -> list[set[str]]:
        """Return the question's stems in each sentence."""
        starts = [start for start, _ in self.bounds]
        held: list[set[str]] = [set() for _ in starts]
        for start, _, stem in found:
            held[max(0, bisect_right(starts, start) - 1)].add(stem)
        return held


def _nearness(sentences: Sequence[tuple[int, int]], windows: Sequence[tuple[int, int, float]]) -> list[float]:
    """Return 0 to 1 for each sentence: how near its window is to the question, against the slice's other windows."""
    similarities = [similarity for _, _, similarity in windows]
    low, high = min(similarities, default=0.0), max(similarities, default=0.0)
    if high <= low:
        return [0.0] * len(sentences)
    starts = [start for start, _, _ in windows]
    near = []
    for start, end in sentences:
        place = bisect_right(starts, start) - 1
        is_inside = place >= 0 and end <= windows[place][1]
        near.append((windows[place][2] - low) / (high - low) if is_inside else 0.0)
    return near


def width(text: str) -> int:
    """Return the length of ``text`` in Latin letters: a Chinese or Japanese character says as much as three."""
    return (
        len(text) if text.isascii() else sum(3 if east_asian_width(letter) in "WF" else 1 for letter in text)
    )
