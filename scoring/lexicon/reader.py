"""The lexical reader: which words of a text pull to which pole of an axis, and how hard.

A lexicon is data (its file says how it is written). Reading is by words, longest term first; what negators,
dismissals, reports and rejections make of a term's weight is told in `scoring.lexicon.scope`.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scoring.lexicon.clauses import ClauseWords, words_of
from scoring.lexicon.phrases import PhraseTables, load_terms
from scoring.lexicon.scope import Span, effects

SATURATION = 1.75
"""Signed evidence per square root of a word at which a text stands at tanh(1), 76 % of the way to its
pole."""


@dataclass(frozen=True, slots=True)
class LexiconMatch:
    """A term found in a text.

    Attributes:
        start, end: offsets in the text; matches do not overlap.
        text: ``text[start:end]`` of what was read.
        term: as the lexicon writes it.
        weight: signed, after the operators of its clause, and divided by the square root of how often the
            text has the term: saying it again adds, but less. Negative pulls to the low pole. May be 0.
        flipped_by: the words that turned or silenced it, as the text has them.
    """

    start: int
    end: int
    text: str
    term: str
    weight: float
    flipped_by: str | None = None


@dataclass(frozen=True, slots=True)
class LexicalReading:
    """The reading of a text by its words.

    Attributes:
        low, high: evidence for the low and for the high pole; sums of weights, both 0 or more.
        lens_evidence: for each lens the sum of its terms' weights.
        n_words: words read, fillers and stammers left out.
        matches: in the order of the text, with those that operators silenced.
    """

    low: float
    high: float
    lens_evidence: Mapping[str, float]
    n_words: int
    matches: tuple[LexiconMatch, ...]


class Lexicon:
    """The words of one axis. Reading is pure, and linear in the length of the text."""

    def __init__(self, terms: PhraseTables, digest: str = "") -> None:
        self._terms = terms
        self.digest = digest
        """Eight characters that change with the file; empty for words that came from none."""

    @classmethod
    def load(cls, path: Path) -> "Lexicon":
        """Load the lexicon in the file ``path``.

        Raises:
            AxisDataInvalid: it is missing or malformed.
        """
        terms = load_terms(path)
        return cls(terms, hashlib.sha256(path.read_bytes()).hexdigest()[:8])

    @property
    def version(self) -> int:
        """Return the version that the file names."""
        return self._terms.version

    def read(self, text: str) -> LexicalReading:
        """Return the evidence of ``text``'s words; zeros for a text without any."""
        words = words_of(text, self._terms.speech)
        stances, operators = self._spans(words)
        matches = tuple(_matches(text, words, stances, operators))
        return LexicalReading(
            low=float(-sum(match.weight for match in matches if match.weight < 0)),
            high=float(sum(match.weight for match in matches if match.weight > 0)),
            lens_evidence=self._lens_evidence(words.keys),
            n_words=len(words.keys),
            matches=matches,
        )

    def _spans(self, words: ClauseWords) -> tuple[list[Span], list[Span]]:
        """Return the terms that take a side, and the operators. A dismissal and a warner are both."""
        terms, keys = self._terms, words.keys
        in_neutral = [0] * len(keys)
        after_last = 0
        for place, key in enumerate(keys):
            if place >= after_last and key in terms.neutral.lengths:
                after_last = next((after for after, _ in terms.neutral.at(keys, place)), place)
                in_neutral[place:after_last] = [after_last] * (after_last - place)
        stances: list[Span] = []
        operators: list[Span] = []
        after_last = 0
        for place, key in enumerate(keys):
            if place < after_last or not (key in terms.stances.lengths or key in terms.operators.lengths):
                continue
            span = self._span_at(words, place, in_neutral)
            if span is None:
                continue
            if span.entry.weight:
                stances.append(span)
            if span.entry.role != "stance":
                operators.append(span)
            after_last = span.after
        return stances, operators

    def _span_at(self, words: ClauseWords, place: int, in_neutral: Sequence[int]) -> Span | None:
        """Return the longest term at ``place``; a neutral expression yields only to one that contains it.

        Terms do not run over a punctuation mark, neutral expressions may ("helpful, harmless and honest").
        """
        neutral_after = in_neutral[place]
        if neutral_after and place and in_neutral[place - 1] == neutral_after:
            return None
        found = [*self._terms.stances.at(words.keys, place), *self._terms.operators.at(words.keys, place)]
        if not found:
            return None
        for after, entry in sorted(found, key=lambda item: -item[0]):
            ends_within = in_neutral[after - 1] > after
            if (
                words.stretches[place] == words.stretches[after - 1]
                and after > neutral_after
                and not ends_within
            ):
                return Span(place, after, entry)
        return None

    def _lens_evidence(self, keys: Sequence[str]) -> dict[str, float]:
        evidence = dict.fromkeys(self._terms.lens_names, 0.0)
        after_last = 0
        for place, key in enumerate(keys):
            if place < after_last or key not in self._terms.lenses.lengths:
                continue
            longest = next(self._terms.lenses.at(keys, place), None)
            if longest is not None:
                after_last = longest[0]
                for lens, weight in longest[1].items():
                    evidence[lens] += weight
        return evidence


def _matches(
    text: str, words: ClauseWords, stances: Sequence[Span], operators: Sequence[Span]
) -> Iterator[LexiconMatch]:
    n_times = Counter(span.entry.term for span in stances)
    for span, effect in zip(stances, effects(stances, operators, words.clauses), strict=True):
        start, end = words.starts[span.first], words.ends[span.after - 1]
        yield LexiconMatch(
            start=start,
            end=end,
            text=text[start:end],
            term=span.entry.term,
            weight=span.entry.weight * effect.factor / math.sqrt(n_times[span.entry.term]),
            flipped_by=None
            if effect.cause is None
            else text[words.starts[effect.cause.first] : words.ends[effect.cause.after - 1]],
        )


def lexical_position(reading: LexicalReading) -> float:
    """Return the position of a text by its words alone, -100 to 100.

    100 tanh((high - low) / (SATURATION sqrt(n_words))): evidence counts for less in a longer text,
    but small talk does not wash it out as a share of all words would. 0 when no word takes a side.
    """
    if not reading.n_words:
        return 0.0
    net = reading.high - reading.low
    return 100.0 * math.tanh(net / (SATURATION * math.sqrt(reading.n_words)))
