"""What the scoring package says of one slice, and the seam behind which readers stand."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Confidence = Literal["low", "medium", "high"]
Reason = Literal["leans", "balanced", "nothing", "other language"]
TAKES_NO_SIDE: frozenset[Reason] = frozenset({"nothing", "other language"})
"""Reasons of a reading that says nothing of a side."""

LEAST_TOLD = 3.0
"""Points below which a driver beside a stronger one is no reason to tell."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A reason for a position that can be shown.

    Attributes:
        text: the phrase as the slice has it, or the statement that the slice is nearest to.
        pull: points on the scale that it adds; negative pulls to the low pole.
        kind: ``phrase`` (words of the slice) or ``statement`` (an anchor of the axis).
        start, end: offsets of the phrase in the slice's text, or of the unit that the statement is near to.
    """

    text: str
    pull: float
    kind: Literal["phrase", "statement"]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of one slice.

    Attributes:
        position: a whole number from -100 (low pole) to 100 (high pole).
        band: name of the band that the position lies in.
        lens: name of the lens.
        confidence: how far the position can be trusted.
        reason: ``leans`` to a side; ``balanced`` (both sides are there and cancel); ``nothing`` on the axis; ``other
            language`` than the axis reads, so that the position is 0 without having been read.
        drivers: strongest first; their pulls and ``rest`` add up to the position.
        rest: points of the position that no shown driver accounts for.
    """

    position: float
    band: str
    lens: str
    confidence: Confidence
    reason: Reason
    drivers: tuple[Driver, ...] = ()
    rest: float = 0.0


def telling_drivers(reading: Reading, wings: Container[str]) -> tuple[Driver, ...]:
    """Return the drivers of a reading that tell a person why it stands there, strongest first.

    None in the middle band: such a slice takes no side, and its field's own words would pass for reasons (“defend” in
    talk of a game). None of low confidence: most such reasons that were read were cut from something else. Of others in
    a wing the strongest, and those of ``LEAST_TOLD`` points or more.

    Args:
        reading: of a slice.
        wings: names of the outer bands.
    """
    if reading.band not in wings or reading.confidence == "low":
        return ()
    return tuple(
        driver for place, driver in enumerate(reading.drivers) if place == 0 or abs(driver.pull) >= LEAST_TOLD
    )


class Scorer(Protocol):
    """Reads positions off texts. Two implementations: lexicon alone, and lexicon with the semantic reader."""

    @property
    def version(self) -> str:
        """Return a name that changes whenever any position could: with data, weights or rules."""

    def read(self, texts: Sequence[str], vectors: Sequence[npt.NDArray[np.float32]]) -> list[Reading]:
        """Return a reading of each text, in order.

        Args:
            texts: slices' texts.
            vectors: for each text the unit vectors of its windows, shape (n_windows, dim), n_windows at least
                0.
        """


def unread(reading: Reading, band: str) -> Reading:
    """Return what stands in the place of ``reading`` where the text is in another language than the axis reads.

    Args:
        reading: what was made of the words; only its lens is kept.
        band: the band of position 0.
    """
    return Reading(0.0, band, reading.lens, "low", "other language")
