"""The sentences of a slice, and which of them are quoted: those that answer a question, or carry the position. Pure."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from unicodedata import east_asian_width

from index.storage.records import SliceRecord
from index.text.boilerplate import adverts_and_boilerplate, turns_of
from index.text.sentences import is_question
from index.text.tokens import TermFinder, fold

SHORTEST_ANSWER_CHARS = 40

MOST_ANSWERING = 3
_NEARNESS_GAIN, _PULL_GAIN = 0.6, 0.1
_LENGTH_COST, _SHORT_COST = 0.12, 0.35
_QUESTION_SHARE = 0.5  # a question takes less of a side than a statement does
_HOST_SHARE = 0.5  # a host mostly asks and sums up
_QUESTION_COST, _HOST_COST, _ASIDE_COST, _ADVERT_COST = 0.15, 0.15, 0.8, 2.0
_BROKEN_OFF_COST = 0.25
_WITH_ASIDE_COST = 0.3  # words that answer, with a greeting or a request to subscribe around them
_ANSWERED_SHARE = (
    0.5  # of a word that somebody else says right before the one speaker to quote takes the floor
)
_LATER_SHARE = 0.25  # and of a word that somebody else says earlier in the slice
_ANSWER_WIDE = 240
FULL_ANSWER_CHARS = 120  # "Yeah, I'll start with an example." is none yet
_PROMPTS = re.compile(
    r"(?:so|and|but|yeah|okay|ok|please|can you|could you|maybe)?,? ?(?:just )?"
    r"(?:(?:tell|walk|give|help|take) (?:me|us)|(?:talk|speak) (?:about|to|through)|say more|describe|explain|expand on"
    r"|share|elaborate|i(?:['’]m| am) (?:curious|interested)"
    r"|i(?:['’]d| would) (?:love|like) to (?:hear|know|understand))\b",
    re.IGNORECASE,
)
"""The beginning of a sentence by which a host asks without a question mark."""
_PROMPTED_BEFORE = 3
"""Sentences before such a one, at most, that lead up to it."""
_BROKEN_OFF = ("...", "…", "—", "–", "-")


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
                for last in range(first, self._reach(first, most) + 1):
                    total = before[last + 1] - before[first]
                    if total > most_pull + 1e-6:
                        best, most_pull = (first, last), total
        if best is None:
            firsts = [first for first in allowed if not self.are_boilerplate[first]]
            reached = [(first, self._reach(first, most)) for first in firsts or allowed]
            return max(reached, key=lambda pair: self.bounds[pair[1]][1] - self.bounds[pair[0]][0])
        first, last = best
        last = max(last, self._reach(first, most // 2))
        while first and self._reach(first - 1, most // 2) >= last:
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

    def within(self, start: int, end: int, most: int) -> tuple[int, int]:
        """Return the first and the last sentence from one offset to another that fit into ``most`` characters."""
        first, last = self.places_of(start, end)
        return first, max(first, min(last, self._reach(first, most)))

    def holding(self, found: Sequence[tuple[int, int, str]], allowed: Sequence[int]) -> int | None:
        """Return the first of the ``allowed`` sentences that holds the words found, a statement before others."""
        holds = [
            number
            for number in allowed
            if any(self.bounds[number][0] <= start < self.bounds[number][1] for start, _, _ in found)
        ]
        return min(holds, key=lambda number: (not self.are_statements[number], number), default=None)

    def answering(
        self, match: Match, found: Sequence[tuple[int, int, str]], most: int, firsts: Sequence[int]
    ) -> tuple[int, int]:
        """Return the first and the last of the sentences that answer best.

        Args:
            match: the question.
            found: the question's words in the slice.
            most: characters at most.
            firsts: the sentences that may be first, in order; at least one. Where these are one speaker's, a window
                counts as far as it is theirs, and a turn that is no mere “yes” speaks of what others said before it.
        """
        total_idf = sum(match.idf.values()) or 1.0
        total_pull = sum(max(0.0, pull) for pull in self.pulls) or 1.0
        held, nearness = self.stems_of(found), self.nearness_to(match, firsts)
        raised: Mapping[int, Mapping[str, float]] = {}
        if len(firsts) < len(self.bounds):
            raised = self._raised_before(firsts, held)
        are_broken = self.are_broken
        best, best_score = (firsts[0], firsts[0]), float("-inf")
        for first in firsts:
            start = self.bounds[first][0]
            stems: set[str] = set()
            near, pull = 0.0, 0.0
            asks, is_aside, has_aside, sells = True, True, False, False
            for last in range(first, min(first + MOST_ANSWERING, self.last_in_turn[first] + 1)):
                end = self.bounds[last][1]
                if last > first and end - start > most:
                    break
                if self.are_boilerplate[last]:
                    has_aside = True
                    stems |= held[last] if is_aside else set()
                else:
                    if is_aside:  # what greets answers only where it stands alone
                        stems, is_aside = set(), False
                    stems |= held[last]
                    near = max(near, nearness[last])
                pull += self.pulls[last]
                asks, sells = asks and self.are_questions[last], sells or self.are_adverts[last]
                score = sum(match.idf.get(stem, 0.0) for stem in stems) / total_idf
                if width(self.text[start:end]) >= FULL_ANSWER_CHARS:
                    score += (
                        sum(
                            share * match.idf.get(stem, 0.0)
                            for stem, share in raised.get(first, {}).items()
                            if stem not in stems
                        )
                        / total_idf
                    )
                score += _NEARNESS_GAIN * near + _PULL_GAIN * max(0.0, pull) / total_pull
                score -= _LENGTH_COST * (last - first)
                score -= _QUESTION_COST * asks
                score -= _HOST_COST * self.are_hosts[first]
                score -= _BROKEN_OFF_COST * are_broken[last]
                score -= _ASIDE_COST if is_aside else _WITH_ASIDE_COST * has_aside
                score -= _ADVERT_COST * sells
                if end - start < SHORTEST_ANSWER_CHARS:  # no text is narrower than it is long
                    score -= _SHORT_COST * (width(self.text[start:end]) < SHORTEST_ANSWER_CHARS)
                if score > best_score + 1e-9:
                    best, best_score = (first, last), score
        return best

    def nearness_to(self, match: Match, firsts: Sequence[int]) -> list[float]:
        """Return how near each sentence is to the question, 0 to 1; for ``firsts`` see ``answering``."""
        windows = self._without_asides(match.windows)
        nearness = _nearness(self.bounds, windows)
        return self._nearness_of(firsts, windows, nearness) if len(firsts) < len(self.bounds) else nearness

    def weights_of(self, match: Match, found: Sequence[tuple[int, int, str]]) -> list[float]:
        """Return how much of the question each sentence holds, in inverse document frequency."""
        return [sum(match.idf.get(stem, 0.0) for stem in stems) for stems in self.stems_of(found)]

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

    def answer_to(
        self, asked: tuple[int, int], most: int, held: Sequence[set[str]]
    ) -> tuple[int, int] | None:
        """Return the first sentences of a guest's answer to ``asked``; None if it has none or is no host's question."""
        first, last = asked
        after = self.last_in_turn[last] + 1
        if not self.are_hosts[first] or after >= len(self.bounds) or not self.ask(first, last, held):
            return None
        if self.are_hosts[after] or self.are_adverts[after]:
            return None
        end = self.answer_end(after, most)
        return (after, end) if self.width_of(after, end) >= FULL_ANSWER_CHARS else None

    def answer_end(self, first: int, most: int) -> int:
        """Return the last of the sentences to quote of an answer that begins with ``first``.

        It takes more than ``MOST_ANSWERING`` where these say little, as “That is a great question.” does, or break off.
        """
        reach = self._reach(first, most)
        last = min(reach, first + MOST_ANSWERING - 1)
        while last < reach and (self.are_broken[last] or self.width_of(first, last) < _ANSWER_WIDE):
            last += 1
        return last

    def ask(self, first: int, last: int, held: Sequence[set[str]]) -> bool:
        """Return True if the sentences from ``first`` to ``last`` ask something, or lead up to what their turn asks.

        They do if it ends so as to have somebody speak of them, or with a question, and both have a word that was
        asked for.
        """
        end = self.last_in_turn[last]
        if any(self.are_questions[first : last + 1]):
            return True
        prompt = self.text[self.bounds[end][0] : self.bounds[end][1]]
        if end - last <= _PROMPTED_BEFORE and _PROMPTS.match(prompt):
            return True
        words = {stem for place in range(first, last + 1) for stem in held[place]}
        asking = [place for place in range(last + 1, end + 1) if self.are_questions[place]]
        return bool(asking) and asking[-1] == end and any(words & held[place] for place in asking)

    def _reach(self, first: int, limit: int) -> int:
        """Return the last sentence of the same turn with which no more than ``limit`` characters are taken."""
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
