"""What operators do to the terms that they reach: negation, dismissal, report, rejection.

Most operators stay in their clause. Two do not, because in talk a view is seldom rejected in the clause that
states it: a rejection ("i don't buy any of that") points back over the words before it, and a report ("people
say that ...") covers what follows it up to the word that turns from it ("but", "well").
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scoring.lexicon.phrases import Entry

DISMISSAL_REACH, RELIEVER_REACH, HEDGE_REACH, BOOSTER_REACH = 10, 4, 4, 2
"""How many words an operator reaches, at most, within its clause. Dismissals and warners reach both ways."""

NEGATOR_REACH, LONG_NEGATOR_REACH = 3, 6
"""The same for a negator, counted from its end. One of three words or more ("not going to") governs more than
a bare "not", whose clause talk often leaves without a mark."""

REJECTION_REACH, REPORT_REACH = 30, 30
"""How many words a rejection points back over, and a report may take before the word that turns from it."""

NEGATED, DISMISSED, WARNED, RELIEVED, HEDGED, BOOSTED = -0.4, -0.75, -0.6, 0.4, 0.75, 1.3
"""What an operator multiplies a weight by: "not dangerous" says less for safety than "dangerous" says
against."""

REJECTED, REPORTED = -0.5, 0.0
"""The same for what a rejection points back to, and for what was only reported before the speaker turned."""

COLOUR = 1.0
"""A term of this weight, or less, is silenced by a negator, not turned: "no customer" praises and warns of
nothing."""

LONGEST_OPERATOR = 6
"""Words of the longest negator, reliever, hedge or booster that is still found."""

_CAN_BE_NEGATED = ("dismissal", "warner", "reliever", "rejection")


@dataclass(frozen=True, slots=True)
class Span:
    """Words ``first`` to before ``after``, and what stands there."""

    first: int
    after: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Effect:
    """The factor of a term's weight, and the operator that turned or silenced it, if one did."""

    factor: float
    cause: Span | None = None


def effects(stances: Sequence[Span], operators: Sequence[Span], clauses: Sequence[int]) -> list[Effect]:
    """Return the effect on each of ``stances``, in their order.

    Args:
        stances: terms with a weight, by ``first``; dismissals, warners and rejections are among them.
        operators: all that is no plain term, by ``first``.
        clauses: for each word of the text the ordinal of its clause.
    """
    scope = _Clauses(clauses, stances, operators)
    found = [scope.effect(span) for span in stances]
    firsts = [span.first for span in stances]
    for report, turn in _reports(operators):
        for at in range(bisect_left(firsts, report.after), bisect_left(firsts, turn.first)):
            if stances[at].entry.role == "stance" and found[at].cause is None:
                found[at] = Effect(REPORTED * found[at].factor, report)
    pointed_after = 0
    for at, span in enumerate(stances):
        if span.entry.role != "rejection":
            continue
        if not scope.is_turned(span):
            ahead = scope.named_ahead(span)
            start = max(bisect_left(firsts, span.first - REJECTION_REACH), pointed_after)
            before = [near for near in range(start, at) if stances[near].entry.role == "stance" and not ahead]
            named = [*ahead, *(stances[near] for near in before)]
            balance = sum(near.entry.weight for near in named)
            sign = float((balance > 0) - (balance < 0))
            found[at] = Effect(-sign * found[at].factor)
            for near in before:
                if stances[near].entry.weight * sign > 0 and found[near].cause is None:
                    found[near] = Effect(REJECTED * found[near].factor, span)
        pointed_after = at + 1
    return found


def _reports(operators: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """Return each report that the speaker turns from, and the turn."""
    report: Span | None = None
    for span in operators:
        if span.entry.role == "reporter":
            report = span
        elif span.entry.role == "turn" and report is not None:
            if span.first - report.after <= REPORT_REACH:
                yield report, span
            report = None


class _Clauses:
    """Finds the operators that reach a term within its clause, and what they do to it together."""

    def __init__(self, clauses: Sequence[int], stances: Sequence[Span], operators: Sequence[Span]) -> None:
        self._clauses = clauses
        self._stances = stances
        self._stance_firsts = [span.first for span in stances]
        self._operators = operators
        self._firsts = [span.first for span in operators]
        self._turned = {
            span.first
            for span in operators
            if span.entry.role in _CAN_BE_NEGATED and len(self._negators(span)) % 2
        }

    def is_turned(self, operator: Span) -> bool:
        return operator.first in self._turned

    def effect(self, span: Span) -> Effect:
        scale = self._scale(span)
        if span.entry.role == "rejection":
            return Effect(0.0 if self.is_turned(span) else scale)
        sayers = self._sayers(span) if span.entry.role == "stance" else []
        if sayers:
            turned = all(self.is_turned(sayer) for sayer in sayers)
            turning = DISMISSED if span.entry.weight < 0 else WARNED
            return Effect(scale) if turned else Effect(turning * scale, sayers[0])
        found = self._negation(span) or self._denial(span) or self._relief(span) or Effect(1.0)
        return Effect(found.factor * scale, found.cause)

    def named_ahead(self, rejection: Span) -> list[Span]:
        """Return the terms that follow in the clause of ``rejection``; without any it points back."""
        return [
            near
            for near in self._stances_within(rejection.after, rejection.after + DISMISSAL_REACH)
            if near.entry.role == "stance" and self._shares_clause(near, rejection)
        ]

    def _sayers(self, span: Span) -> list[Span]:
        """Return the operators over ``span``: dismissals of a risk, warners of a benefit, rejections."""
        role = "dismissal" if span.entry.weight < 0 else "warner"
        near = self._between(span.first - DISMISSAL_REACH, span.after + DISMISSAL_REACH)
        return [
            other
            for other in near
            if self._shares_clause(other, span)
            and (other.entry.role == role or (other.entry.role == "rejection" and other.after <= span.first))
        ]

    def _negation(self, span: Span) -> Effect | None:
        negators = self._negators(span)
        if len(negators) % 2 == 0:
            return None
        return Effect(0.0 if abs(span.entry.weight) <= COLOUR else NEGATED, negators[-1])

    def _denial(self, span: Span) -> Effect | None:
        """Silence a negated predicate that says the same as its subject: "terrorists could not misuse it"."""
        if span.entry.role != "stance":
            return None
        for negator in self._between(span.after, span.after + 1):
            if negator.entry.role == "negator" and self._shares_clause(negator, span):
                for predicate in self._stances_within(negator.after, negator.after + _reach(negator))[:1]:
                    same = predicate.entry.weight * span.entry.weight > 0
                    if same and predicate.entry.role == "stance" and self._shares_clause(predicate, negator):
                        return Effect(0.0, negator)
        return None

    def _relief(self, span: Span) -> Effect | None:
        if span.entry.weight > 0:
            return None
        relievers = [near for near in self._before(span, RELIEVER_REACH) if near.entry.role == "reliever"]
        return Effect(RELIEVED, relievers[-1]) if relievers and not self.is_turned(relievers[-1]) else None

    def _scale(self, span: Span) -> float:
        hedged = any(near.entry.role == "hedge" for near in self._before(span, HEDGE_REACH))
        boosted = any(near.entry.role == "booster" for near in self._before(span, BOOSTER_REACH))
        return (HEDGED if hedged else 1.0) * (BOOSTED if boosted else 1.0)

    def _negators(self, span: Span) -> list[Span]:
        return [
            near
            for near in self._before(span, LONG_NEGATOR_REACH)
            if near.entry.role == "negator" and span.first - near.after < _reach(near)
        ]

    def _before(self, span: Span, reach: int) -> list[Span]:
        near = self._between(span.first - reach - LONGEST_OPERATOR, span.first)
        return [
            other
            for other in near
            if span.first - reach < other.after <= span.first and self._shares_clause(other, span)
        ]

    def _between(self, first: int, after: int) -> Sequence[Span]:
        return self._operators[bisect_left(self._firsts, first) : bisect_right(self._firsts, after - 1)]

    def _stances_within(self, first: int, after: int) -> Sequence[Span]:
        return self._stances[
            bisect_left(self._stance_firsts, first) : bisect_left(self._stance_firsts, after)
        ]

    def _shares_clause(self, first: Span, second: Span) -> bool:
        return self._clauses[first.first] == self._clauses[second.first]


def _reach(negator: Span) -> int:
    return LONG_NEGATOR_REACH if negator.after - negator.first > 2 else NEGATOR_REACH
