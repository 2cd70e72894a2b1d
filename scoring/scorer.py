"""The lexicon as a scorer: positions from the words alone. The first of two readers behind ``Scorer``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scoring.axis import Axis, load_axis
from scoring.lexicon import LexicalReading, Lexicon, lexical_position
from scoring.reading import Confidence, Driver, Reading, Reason

RULES_VERSION = 1
"""Raised with every change of a rule in this package that could move a position."""

SHOWN_DRIVERS = 6
_TAKES_A_SIDE = 6.0


@dataclass(frozen=True, slots=True)
class LexicalScorer:
    """Reads positions by the lexicon of an axis."""

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
        """Changes whenever a position could change."""
        return f"lexicon-{self.lexicon.version}.{RULES_VERSION}"

    def read(self, texts: Sequence[str], vectors: Sequence[npt.NDArray[np.float32]]) -> list[Reading]:  # noqa: ARG002
        """One reading a text; the vectors are not looked at."""
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> Reading:
        found = self.lexicon.read(text)
        position = lexical_position(found)
        drivers, rest = phrase_drivers(found, position)
        return Reading(
            position=position,
            band=self.axis.band_of(position),
            lens=max(self.axis.lenses, key=lambda lens: found.lens_evidence.get(lens, 0.0)),
            confidence=_confidence(found, position),
            reason=reason_of(found, position),
            drivers=drivers,
            rest=rest,
        )


def phrase_drivers(found: LexicalReading, points: float) -> tuple[tuple[Driver, ...], float]:
    """The matches that pull most, sharing out ``points`` by their weights, and the points of those not shown.

    Matches of one term are one driver, at its first place. Pulls and rest add up to ``points``.
    """
    balance = sum(match.weight for match in found.matches)
    if not found.matches or abs(balance) < 1e-9:
        return (), points
    by_term: dict[tuple[str, bool], tuple[float, int, int, str]] = {}
    for match in found.matches:
        key = (match.term, match.weight < 0)
        weight, start, end, text = by_term.get(key, (0.0, match.start, match.end, match.text))
        by_term[key] = (weight + match.weight, start, end, text)
    ranked = sorted(by_term.values(), key=lambda entry: (-abs(entry[0]), entry[1]))[:SHOWN_DRIVERS]
    drivers = tuple(
        Driver(text=text, pull=weight * points / balance, kind="phrase", start=start, end=end)
        for weight, start, end, text in ranked
        if weight
    )
    return drivers, points - sum(driver.pull for driver in drivers)


def reason_of(found: LexicalReading, position: float) -> Reason:
    """Whether the words lean, cancel out, or say nothing on the axis."""
    if found.risk == 0 and found.opportunity == 0:
        return "nothing"
    return "leans" if abs(position) >= _TAKES_A_SIDE else "balanced"


def _confidence(found: LexicalReading, position: float) -> Confidence:
    """High where much evidence points one way; low where there is hardly any, or it points both ways."""
    total = found.risk + found.opportunity
    if total < 2:
        return "low"
    agreement = abs(found.opportunity - found.risk) / total
    if agreement >= 0.7 and abs(position) >= 30:
        return "high"
    return "medium" if agreement >= 0.4 else "low"
