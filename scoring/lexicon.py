"""The lexical reader: which words of a text pull to which pole of an axis, and how hard.

A lexicon is data (its file says how it is written). Reading is by words, longest term first. Within a clause a
negator turns what follows it, a dismissal turns a risk, a warner turns a benefit, a reliever takes the sting
out of the risk that it acts on, and hedges and boosters scale.
"""

import hashlib
import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scoring.clauses import Words, words_of
from scoring.terms import Entry, Terms, load_terms

NEGATOR_REACH, DISMISSAL_REACH, RELIEVER_REACH, HEDGE_REACH, BOOSTER_REACH = 6, 10, 4, 4, 2
"""How many words an operator reaches, at most, within its clause. Dismissals and warners reach both ways."""

NEGATED, DISMISSED, WARNED, RELIEVED, HEDGED, BOOSTED = -0.5, -0.75, -0.6, 0.0, 0.75, 1.3
"""What an operator multiplies a weight by: "not dangerous" says less for safety than "dangerous" says against."""

COLOUR = 1.0
"""A term of this weight, or less, is silenced by a negator, not turned: "no customer" praises and warns of nothing."""

SATURATION = 1.75
"""Signed evidence per square root of a word at which a text stands at tanh(1), 76 % of the way to its pole."""
_SAID = {"dismissal": DISMISSED, "warner": WARNED}


@dataclass(frozen=True, slots=True)
class Match:
    """A term found in a text.

    Attributes:
        start, end: offsets in the text; matches do not overlap.
        text: ``text[start:end]`` of what was read.
        term: as the lexicon writes it.
        weight: signed, after the operators of its clause, and divided by the square root of how often the text
            has the term: saying it again adds, but less. Negative pulls to the low pole. May be 0.
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
    """What the words of one text say.

    Attributes:
        risk, opportunity: evidence for either pole; sums of weights, both 0 or more.
        pull: signed evidence per 100 words, negative to the low pole; 0 for a text without words.
        lens_evidence: for each lens the sum of its terms' weights.
        n_words: words read, fillers and stammers left out.
        matches: in the order of the text, with those that operators silenced.
    """

    risk: float
    opportunity: float
    pull: float
    lens_evidence: Mapping[str, float]
    n_words: int
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class _Span:
    """Words ``first`` to before ``after``, and what stands there."""

    first: int
    after: int
    entry: Entry


class Lexicon:
    """The words of one axis. Reading is pure, and linear in the length of the text."""

    def __init__(self, terms: Terms, digest: str = "") -> None:
        self._terms = terms
        self.digest = digest
        """Eight characters that change with the file; empty for words that came from none."""

    @classmethod
    def load(cls, path: Path) -> "Lexicon":
        """The lexicon that the file ``path`` holds.

        Raises:
            AxisDataInvalid: it is missing or malformed.
        """
        terms = load_terms(path)
        return cls(terms, hashlib.sha256(path.read_bytes()).hexdigest()[:8])

    @property
    def version(self) -> int:
        """The file's own number."""
        return self._terms.version

    def read(self, text: str) -> LexicalReading:
        """The evidence of ``text``'s words; for a text without any, nothing but zeros."""
        words = words_of(text, self._terms.speech)
        stances, operators = self._spans(words.keys)
        matches = tuple(_matches(text, words, stances, operators))
        risk = -sum(match.weight for match in matches if match.weight < 0)
        opportunity = sum(match.weight for match in matches if match.weight > 0)
        n_words = len(words.keys)
        return LexicalReading(
            risk=float(risk),
            opportunity=float(opportunity),
            pull=100.0 * (opportunity - risk) / n_words if n_words else 0.0,
            lens_evidence=self._lens_evidence(words.keys),
            n_words=n_words,
            matches=matches,
        )

    def _spans(self, keys: Sequence[str]) -> tuple[list[_Span], list[_Span]]:
        """Terms that take a side, and operators. A dismissal and a warner are both."""
        terms = self._terms
        in_neutral = [0] * len(keys)
        after_last = 0
        for place, key in enumerate(keys):
            if place >= after_last and key in terms.neutral.lengths:
                after_last = next((after for after, _ in terms.neutral.at(keys, place)), place)
                in_neutral[place:after_last] = [after_last] * (after_last - place)
        stances: list[_Span] = []
        operators: list[_Span] = []
        after_last = 0
        for place, key in enumerate(keys):
            if place < after_last or not (key in terms.stances.lengths or key in terms.operators.lengths):
                continue
            span = self._span_at(keys, place, in_neutral)
            if span is None:
                continue
            if span.entry.weight:
                stances.append(span)
            if span.entry.role != "stance":
                operators.append(span)
            after_last = span.after
        return stances, operators

    def _span_at(self, keys: Sequence[str], place: int, in_neutral: Sequence[int]) -> _Span | None:
        """The longest term at ``place``; a neutral expression yields only to a longer one that holds it whole."""
        neutral_after = in_neutral[place]
        if neutral_after and place and in_neutral[place - 1] == neutral_after:
            return None
        found = [*self._terms.stances.at(keys, place), *self._terms.operators.at(keys, place)]
        if not found:
            return None
        for after, entry in sorted(found, key=lambda item: -item[0]):
            ends_within = in_neutral[after - 1] > after
            if after > neutral_after and not ends_within:
                return _Span(place, after, entry)
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
    text: str, words: Words, stances: Sequence[_Span], operators: Sequence[_Span]
) -> Iterator[Match]:
    scope = _Scope(words, operators)
    n_times = Counter(span.entry.term for span in stances)
    for span in stances:
        factor, cause = scope.factor(span)
        start, end = words.starts[span.first], words.ends[span.after - 1]
        yield Match(
            start=start,
            end=end,
            text=text[start:end],
            term=span.entry.term,
            weight=span.entry.weight * factor / math.sqrt(n_times[span.entry.term]),
            flipped_by=None
            if cause is None
            else text[words.starts[cause.first] : words.ends[cause.after - 1]],
        )


class _Scope:
    """Which operators reach a term, and what they do to it together."""

    def __init__(self, words: Words, operators: Sequence[_Span]) -> None:
        self._clauses = words.clauses
        self._operators = operators
        self._firsts = [span.first for span in operators]
        self._turned = {
            span.first
            for span in operators
            if span.entry.role in ("dismissal", "warner", "reliever") and self._n_negators(span) % 2
        }

    def factor(self, span: _Span) -> tuple[float, _Span | None]:
        """What the weight of ``span`` is multiplied by, and the operator that turned or silenced it, if any."""
        scale = self._scale(span)
        if span.entry.role == "stance":
            sayers = self._sayers(span)
            if sayers:
                turned = all(sayer.first in self._turned for sayer in sayers)
                return (scale, None) if turned else (_SAID[sayers[0].entry.role] * scale, sayers[0])
        negators = self._negators(span)
        if len(negators) % 2:
            return (0.0 if abs(span.entry.weight) <= COLOUR else NEGATED) * scale, negators[-1]
        if span.entry.weight < 0:
            relievers = [near for near in self._before(span, RELIEVER_REACH) if near.entry.role == "reliever"]
            if relievers and relievers[-1].first not in self._turned:
                return RELIEVED * scale, relievers[-1]
        return scale, None

    def _sayers(self, span: _Span) -> list[_Span]:
        """Dismissals that a risk stands under, or warners that a benefit does."""
        role = "dismissal" if span.entry.weight < 0 else "warner"
        near = self._between(span.first - DISMISSAL_REACH, span.after + DISMISSAL_REACH)
        return [other for other in near if other.entry.role == role and self._shares_clause(other, span)]

    def _scale(self, span: _Span) -> float:
        hedged = any(near.entry.role == "hedge" for near in self._before(span, HEDGE_REACH))
        boosted = any(near.entry.role == "booster" for near in self._before(span, BOOSTER_REACH))
        return (HEDGED if hedged else 1.0) * (BOOSTED if boosted else 1.0)

    def _n_negators(self, span: _Span) -> int:
        return len(self._negators(span))

    def _negators(self, span: _Span) -> list[_Span]:
        return [near for near in self._before(span, NEGATOR_REACH) if near.entry.role == "negator"]

    def _before(self, span: _Span, reach: int) -> list[_Span]:
        near = self._between(span.first - reach, span.first)
        return [other for other in near if other.after <= span.first and self._shares_clause(other, span)]

    def _between(self, first: int, after: int) -> Sequence[_Span]:
        return self._operators[bisect_left(self._firsts, first) : bisect_right(self._firsts, after - 1)]

    def _shares_clause(self, one: _Span, other: _Span) -> bool:
        return self._clauses[one.first] == self._clauses[other.first]


def lexical_position(reading: LexicalReading) -> float:
    """Position of a text by its words alone, -100 to 100.

    100 tanh((opportunity - risk) / (SATURATION sqrt(n_words))): evidence counts for less in a longer text, but
    small talk does not wash it out as a share of all words would. 0 when no word takes a side.
    """
    if not reading.n_words:
        return 0.0
    net = reading.opportunity - reading.risk
    return 100.0 * math.tanh(net / (SATURATION * math.sqrt(reading.n_words)))
