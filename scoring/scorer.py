"""Positions from words and meaning together: the two readers behind ``Scorer``.

The rule. The lexicon gives a position l (-1 to 1) from words and their clauses. The semantic reader gives a
stance s on the labels' scale of -2 to 2 from the slice's vectors; raw = s + a l, with a weight a for the
words. A monotone scale turns raw into a position such that the band edges lie where the labels change.
Confidence is the chance that the band is right, fitted on texts that the reader was not fitted on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scoring.axis import Axis, load_axis
from scoring.lexicon.reader import LexicalReading, Lexicon, lexical_position
from scoring.position_arithmetic import whole
from scoring.reading import Confidence, Driver, Reading, Reason
from scoring.semantic import Meaning, SemanticReader, feature_of

RULES_VERSION = 9
"""Raised with every change of a rule in this package that could move a position."""

WORTH_SHOWING = 1.0
"""Points below which no statement and no words of a model are shown as a driver."""

_SHOWN_PHRASES = 5
_TAKES_A_SIDE = 6.0


@dataclass(frozen=True, slots=True)
class LexicalScorer:
    """Reads positions by the lexicon alone, for encoders that no semantic reader was trained for."""

    axis: Axis
    lexicon: Lexicon

    @classmethod
    def load(cls, folder: Path) -> "LexicalScorer":
        """Read the axis in ``folder``.

        Raises:
            AxisDataInvalid: one of its files is missing or malformed.
        """
        return cls(load_axis(folder), Lexicon.load(folder / "lexicon.toml"))

    @property
    def version(self) -> str:
        """Return a name that changes whenever a position could."""
        return f"lexicon-{rules_of(self.lexicon, self.axis)}"

    def read(
        self,
        texts: Sequence[str],
        vectors: Sequence[npt.NDArray[np.float32]],  # noqa: ARG002 - as the protocol has it
    ) -> list[Reading]:
        """Return a reading of each text; the vectors are not looked at."""
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> Reading:
        found = self.lexicon.read(text)
        exact = lexical_position(found)
        position = whole(exact)
        drivers, rest = phrase_drivers(found, exact)
        return Reading(
            position=position,
            band=self.axis.band_of(position),
            lens=max(self.axis.lenses, key=lambda lens: found.lens_evidence.get(lens, 0.0)),
            confidence=_lexical_confidence(found, position),
            reason=reason_of(found, exact),
            drivers=drivers,
            rest=rest + position - exact,
        )


@dataclass(frozen=True, slots=True)
class CombinedScorer:
    """Reads positions by the lexicon and the semantic reader of an axis."""

    axis: Axis
    lexicon: Lexicon
    semantic: SemanticReader

    @property
    def version(self) -> str:
        """Return a name that changes whenever a position could."""
        return f"combined-{rules_of(self.lexicon, self.axis)}-{self.semantic.version}"

    def read(self, texts: Sequence[str], vectors: Sequence[npt.NDArray[np.float32]]) -> list[Reading]:
        """Return a reading of each text; the vector of the whole slice stands first in its vectors."""
        if not texts:
            return []
        meaning = self.semantic.meaning(np.stack([feature_of(own) for own in vectors]))
        return [self._read(text, vectors[row], meaning, row) for row, text in enumerate(texts)]

    def _read(self, text: str, vectors: npt.NDArray[np.float32], meaning: Meaning, row: int) -> Reading:
        found = self.lexicon.read(text)
        lexical = lexical_position(found) / 100.0
        raw = float(meaning.stance[row]) + self.semantic.lexical * lexical
        exact = self.position(raw)
        position = whole(exact)
        by_words = exact - self.position(raw - self.semantic.lexical * lexical)
        phrases, rest_of_words = phrase_drivers(found, by_words)
        statements, rest_of_meaning = self._statement_drivers(vectors, text, exact - by_words)
        lenses = meaning.lenses[row] + lens_words(found, self.axis) @ self.semantic.lens_words
        return Reading(
            position=position,
            band=self.axis.band_of(position),
            lens=self.axis.lenses[int(lenses.argmax())],
            confidence=confidence_of(
                self.semantic.chance_of_right(raw, lexical, meaning.shares[row]), self.semantic.sure
            ),
            reason=reason_of(found, exact),
            drivers=tuple(sorted((*phrases, *statements), key=lambda driver: -abs(driver.pull))),
            rest=rest_of_words + rest_of_meaning + position - exact,
        )

    def position(self, raw: float) -> float:
        """Return the position of a raw prediction, not yet rounded."""
        low, high = self.axis.edges[0].position, self.axis.edges[-1].position
        return float(np.clip(self.semantic.scale.position(raw, low, high), -100.0, 100.0))

    def _statement_drivers(
        self, vectors: npt.NDArray[np.float32], text: str, points: float
    ) -> tuple[tuple[Driver, ...], float]:
        if abs(points) < WORTH_SHOWING:
            return (), points
        nearest = self.semantic.nearest_anchor(vectors[0], points)
        if nearest is None:
            return (), points
        statement = Driver(self.semantic.anchor_texts[nearest], points, "statement", 0, len(text))
        return (statement,), 0.0


def lens_words(found: LexicalReading, axis: Axis) -> npt.NDArray[np.float64]:
    """Return the lexicon's evidence for each lens, per square root of a word, in the axis's order."""
    evidence = np.array([found.lens_evidence.get(lens, 0.0) for lens in axis.lenses], np.float64)
    weighed: npt.NDArray[np.float64] = evidence / max(1, found.n_words) ** 0.5
    return weighed


def confidence_of(chance: float, sure: tuple[float, float]) -> Confidence:
    """Return the level of the chance, 0 to 1, that the band is right.

    Args:
        chance: of it.
        sure: least chance that is called ``medium``, and that is called ``high``; from texts that were not trained on.
    """
    medium, high = sure
    return "high" if chance >= high else "medium" if chance >= medium else "low"


def phrase_drivers(found: LexicalReading, points: float) -> tuple[tuple[Driver, ...], float]:
    """Share out ``points`` among the matches that pull most; return these and the points of the others.

    Matches of one term are one driver, at its first place; faint terms are shown only where there is nothing
    stronger. Pulls and rest add up to ``points``.
    """
    balance = sum(match.weight for match in found.matches)
    if not found.matches or abs(balance) < 1e-9:
        return (), points
    by_term: dict[tuple[str, bool], tuple[float, int, int, str]] = {}
    for match in found.matches:
        key = (match.term, match.weight < 0)
        weight, start, end, text = by_term.get(key, (0.0, match.start, match.end, match.text))
        by_term[key] = (weight + match.weight, start, end, text)
    ranked = sorted(
        (entry for entry in by_term.values() if entry[0]), key=lambda entry: (-abs(entry[0]), entry[1])
    )
    telling = [entry for entry in ranked if abs(entry[0]) > 1.0] or ranked
    drivers = tuple(
        Driver(text=text, pull=weight * points / balance, kind="phrase", start=start, end=end)
        for weight, start, end, text in telling[:_SHOWN_PHRASES]
    )
    return drivers, points - sum(driver.pull for driver in drivers)


def reason_of(found: LexicalReading, position: float) -> Reason:
    """Say whether a text leans, cancels out, or says nothing on the axis."""
    if abs(position) >= _TAKES_A_SIDE:
        return "leans"
    return "balanced" if min(found.low, found.high) > 1.0 else "nothing"


def _lexical_confidence(found: LexicalReading, position: float) -> Confidence:
    """Return high where much evidence points to one side; low where little does, or to both."""
    total = found.low + found.high
    if total < 2:
        return "low"
    agreement = abs(found.high - found.low) / total
    if agreement >= 0.7 and abs(position) >= 30:
        return "high"
    return "medium" if agreement >= 0.4 else "low"


def rules_of(lexicon: Lexicon, axis: Axis) -> str:
    """Return a name that changes with the rules of this package, the lexicon and the axis."""
    return f"{lexicon.version}.{RULES_VERSION}-{lexicon.digest}-{axis.digest}"
