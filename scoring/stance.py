"""Positions by a model that was trained on labelled minutes of real talk, with the lexicon beside it.

The rule. The model reads a text and gives a leaning p on the labels' scale of -2 to 2, the chance s that the text takes
a side at all, a score for each lens, and for each word piece how likely it belongs to the words that carry the position
(what the labellers called ``why``). raw = p s + a l with the lexicon's position l (-1 to 1) at a small weight a. A
monotone scale turns raw into a position such that the band edges lie where the labels change. Confidence is the chance
that the band is right, fitted on talks that the model was not trained on.

The model runs behind ``StanceModel``; this file is arithmetic alone.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

from scoring.apostrophes import with_plain_apostrophes
from scoring.axis import Axis
from scoring.fitting import Scale, chance
from scoring.lexicon.reader import LexicalReading, Lexicon, lexical_position
from scoring.position_arithmetic import whole
from scoring.reading import Driver, Reading
from scoring.scorer import WORTH_SHOWING, confidence_of, phrase_drivers, reason_of, rules_of
from scoring.semantic import sureness_inputs

Floats = npt.NDArray[np.float64]

_CARRIES = 0.15
"""Chance from which a word lengthens a carrying phrase rather than shortens it."""
_SHORTEST, _LONGEST = 3, 18
"""Words of a carrying phrase."""
_WORD = re.compile(r"\w+(?:'\w+)*")
_FILLERS = frozenset({"um", "uh", "uhm", "er", "erm", "hmm", "mm"})
_LEAN_WIDTH = 1.0
"""Leaning at which 73 % of a taken side's chance goes to its pole."""


@dataclass(frozen=True, slots=True)
class Stance:
    """The model's outputs for one text.

    Attributes:
        leaning: -2 to 2 as the labels have it; negative to the low pole.
        takes_side: the chance, 0 to 1, that the text takes a side.
        lenses: a score for each lens, shape (n_lenses,).
        why: for each word piece the chance that it belongs to the words that carry the position, shape (n,).
        spans: where the word of each piece stands in the text, shape (n, 2); an empty span is no word.
    """

    leaning: float
    takes_side: float
    lenses: Floats
    why: Floats
    spans: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as a stance model reads it: what captions would have of it, whoever wrote it down.

    Attributes:
        text: its words in small letters, without punctuation, fillers and stammers, parted by spaces; an apostrophe
            inside a word is ``'``.
        starts: where each word begins in ``text``, shape (n,).
        spans: where each word stands in the text as it was given, shape (n, 2).
    """

    text: str
    starts: npt.NDArray[np.int64]
    spans: npt.NDArray[np.int64]

    def given(self, pieces: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return where pieces of ``text`` stand in the text as it was given, by whole words.

        Args:
            pieces: shape (n, 2); an empty span stays one.
        """
        found = np.zeros_like(pieces)
        words = pieces[:, 1] > pieces[:, 0]
        if words.any():
            found[words] = self.spans[np.searchsorted(self.starts, pieces[words, 0], side="right") - 1]
        return found


def spoken(text: str) -> Spoken:
    """Return ``text`` as a stance model reads it."""
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(with_plain_apostrophes(text)):
        word = match[0].lower()
        if word not in _FILLERS and (not words or word != words[-1]):
            words.append(word)
            spans.append(match.span())
    starts = np.cumsum([0, *(len(word) + 1 for word in words)])[: len(words)]
    return Spoken(" ".join(words), starts.astype(np.int64), np.array(spans, np.int64).reshape(-1, 2))


class StanceModel(Protocol):
    """A trained model, run by some runtime."""

    @property
    def version(self) -> str:
        """Return a name that changes with the weights."""

    def stances(self, texts: Sequence[str]) -> list[Stance]:
        """Return what the model says of each text, in order."""


@dataclass(frozen=True, slots=True)
class StanceCalibration:
    """From what the model says to positions and confidence.

    Attributes:
        lexical: weight of the lexicon's position (-1 to 1) in the raw prediction.
        scale: from raw predictions to positions.
        sureness: weights of the chance that the band is right, over ``semantic.sureness_inputs``.
        sure: least chance that is called ``medium``, and that is called ``high``.
    """

    lexical: float
    scale: Scale
    sureness: Floats
    sure: tuple[float, float]


@dataclass(frozen=True, slots=True)
class StanceScorer:
    """Reads positions by a stance model and the lexicon of an axis."""

    axis: Axis
    lexicon: Lexicon
    model: StanceModel
    calibration: StanceCalibration

    @property
    def version(self) -> str:
        """Return a name that changes whenever a position could."""
        return f"stance-{rules_of(self.lexicon, self.axis)}-{self.model.version}"

    def read(
        self,
        texts: Sequence[str],
        vectors: Sequence[npt.NDArray[np.float32]],  # noqa: ARG002 - as the protocol has it
    ) -> list[Reading]:
        """Return a reading of each text; the vectors are not looked at."""
        return [
            self._read(text, stance) for text, stance in zip(texts, self.model.stances(texts), strict=True)
        ]

    def _read(self, text: str, stance: Stance) -> Reading:
        found = self.lexicon.read(text)
        lexical = lexical_position(found) / 100.0
        by_model = stance.leaning * stance.takes_side
        raw = by_model + self.calibration.lexical * lexical
        exact = self._held_back(self.position(raw), self.position(by_model))
        position = whole(exact)
        drivers, rest = self._drivers(text, stance, found, exact, self.position(by_model))
        calibration = self.calibration
        sureness = sureness_inputs(raw, lexical, shares_of(stance), calibration.scale)
        right = float(chance(sureness[np.newaxis], calibration.sureness)[0])
        return Reading(
            position=position,
            band=self.axis.band_of(position),
            lens=self.axis.lenses[int(stance.lenses.argmax())],
            confidence=confidence_of(right, calibration.sure),
            reason=reason_of(found, exact),
            drivers=drivers,
            rest=rest + position - exact,
        )

    def _held_back(self, position: float, by_model: float) -> float:
        """Return ``position``, or the nearest whole number of the middle band where the model's own is in that.

        So words alone take no side.
        """
        low, high = self.axis.edges[0].position, self.axis.edges[-1].position
        if low < whole(by_model) < high:
            return float(np.clip(position, math.floor(low) + 1, math.ceil(high) - 1))
        return position

    def position(self, raw: float) -> float:
        """Return the position of a raw prediction, not yet rounded; 0 is that of a text that takes no side."""
        low, high = self.axis.edges[0].position, self.axis.edges[-1].position
        scale = self.calibration.scale
        if scale.low < raw < 0:
            return low * raw / scale.low
        if 0 <= raw < scale.high:
            return high * raw / scale.high
        return float(np.clip(scale.position(raw, low, high), -100.0, 100.0))

    def _drivers(
        self, text: str, stance: Stance, found: LexicalReading, position: float, by_model: float
    ) -> tuple[tuple[Driver, ...], float]:
        """Return the words that carry the model's points, then the lexicon's that carry the others, and what is left.

        Pulls and rest add up to the position. A term of the lexicon inside the carrying words is not shown twice.
        """
        carrying = carrying_phrase(text, stance) if abs(by_model) >= WORTH_SHOWING else None
        phrases, rest = phrase_drivers(found, position - by_model)
        if carrying is None:
            return phrases, rest + by_model
        start, end = carrying
        inside = [driver for driver in phrases if driver.start < end and driver.end > start]
        outside = [driver for driver in phrases if driver not in inside]
        pull = by_model + sum(driver.pull for driver in inside)
        shown = (Driver(text[start:end], pull, "phrase", start, end), *outside)
        return tuple(sorted(shown, key=lambda driver: -abs(driver.pull))), rest


def shares_of(stance: Stance) -> Floats:
    """Return the chances that a labeller would say low, neither and high, shape (3,), by the model alone."""
    to_high = 1.0 / (1.0 + float(np.exp(-2.0 * stance.leaning / _LEAN_WIDTH)))
    takes = stance.takes_side
    return np.array([takes * (1.0 - to_high), 1.0 - takes, takes * to_high])


def carrying_phrase(text: str, stance: Stance) -> tuple[int, int] | None:
    """Return where the words stand that carry the position most: 3 to 18 words of one sentence.

    It is the run of words whose chances, each less 0.15, have the greatest sum (Bentley 1984, bounded in length). None
    for a text without words.
    """
    words = _words(stance)
    if not words:
        return None
    gains = np.array([score for _, _, score in words]) - _CARRIES
    sums = np.concatenate([[0.0], np.cumsum(gains)])
    gaps = [text[one[1] : other[0]] for one, other in pairwise(words)]
    sentence = np.cumsum([0, *(any(mark in gap for mark in ".?!") for gap in gaps)])
    best: tuple[float, int, int] | None = None
    for first in range(len(words)):
        for last in range(first, min(first + _LONGEST, len(words))):
            if sentence[last] != sentence[first]:
                break
            ends_sentence = last + 1 == len(words) or sentence[last + 1] != sentence[first]
            if last - first + 1 < _SHORTEST and not ends_sentence:
                continue
            gain = float(sums[last + 1] - sums[first])
            if best is None or gain > best[0]:
                best = gain, first, last
    if best is None:
        return None
    return words[best[1]][0], words[best[2]][1]


def _words(stance: Stance) -> list[tuple[int, int, float]]:
    """Return the words that the model read: start, end and the greatest of their pieces' chances."""
    words: list[tuple[int, int, float]] = []
    for (start, end), score in zip(stance.spans.tolist(), stance.why.tolist(), strict=True):
        if end <= start:
            continue
        if words and words[-1][0] == start:
            words[-1] = start, end, max(words[-1][2], score)
        else:
            words.append((start, end, score))
    return words
