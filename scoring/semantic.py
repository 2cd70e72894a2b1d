"""The semantic reader: where a slice stands and through which lens, read off its windows' vectors.

A slice is set against minutes of talk that were written for the axis and labelled
(``data/axes/<axis>/statements``), by the vectors that the index computes anyway: each pulls it towards its
own place, the more alike the stronger (kernel ridge regression). What it was fitted for is an encoder:
another one's vectors mean something else, so the artefact names the encoder's fingerprint.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.errors import ReaderMismatch
from scoring.fitting import KernelMap, Scale, chance
from scoring.statements import EDGE_LABEL
from scoring.stored_arrays import archive_of, stored_arrays

Vectors = npt.NDArray[np.float32]

FORMAT = 2

LEAST_LIKE = 0.35
"""Cosine from which a statement may be shown as a reason."""


N_NEAREST = 60
"""Minutes whose labels are looked at for how sure a reading is."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Readings of slices by their meaning alone.

    Attributes:
        stance: about -2 to 2, shape (n,).
        lenses: a score for each lens, shape (n, n_lenses).
        shares: of the nearest minutes, how many are labelled low, in the middle and high, shape (n, 3).
    """

    stance: npt.NDArray[np.float64]
    lenses: npt.NDArray[np.float64]
    shares: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.stance)


@dataclass(frozen=True, slots=True)
class SemanticReader:
    """A trained reader. Arrays as ``training`` made them.

    Attributes:
        fingerprint: of the encoder.
        version: digest of what it was trained on and how.
        minutes: from a slice's feature to its stance on the labels' scale, and behind it a score for each
            lens.
        labels: of those minutes, -2 to 2, shape (n,).
        lexical: weight of the lexicon's position (-1 to 1) in the raw prediction.
        lens_words: weights of the lexicon's lens evidence in the lens scores, shape (n_lenses, n_lenses).
        scale: from raw predictions to positions.
        sureness: weights of the chance that the band is right, over ``sureness_inputs``.
        sure: least chance that is called ``medium``, and that is called ``high``.
        recorded: Spearman and macro-F1 on the held-out statements when it was made.
        anchor_texts, anchor_vectors, anchor_labels: clear statements, their vectors, shape (n, dim), and
            their labels, -2 to 2.
    """

    fingerprint: str
    version: str
    minutes: KernelMap
    labels: npt.NDArray[np.float64]
    lexical: float
    lens_words: npt.NDArray[np.float64]
    scale: Scale
    sureness: npt.NDArray[np.float64]
    sure: tuple[float, float]
    recorded: tuple[float, float]
    anchor_texts: tuple[str, ...]
    anchor_vectors: npt.NDArray[np.float16]
    anchor_labels: npt.NDArray[np.float64]

    def checked_for(self, fingerprint: str) -> "SemanticReader":
        """Return this reader, if it was made for the encoder ``fingerprint``.

        Raises:
            ReaderMismatch: it was not.
        """
        if fingerprint != self.fingerprint:
            raise ReaderMismatch(expected=self.fingerprint, received=fingerprint)
        return self

    def meaning(self, features: npt.NDArray[np.floating]) -> Meaning:
        """Read slices by their ``feature_of``, shape (n, dim)."""
        near = self.minutes.near(features)
        said = self.minutes.of_near(near)
        return Meaning(said[:, 0], said[:, 1:], shares_of_nearest(near, self.labels))

    def chance_of_right(self, raw: float, lexical: float, shares: npt.NDArray[np.float64]) -> float:
        """Return the chance, 0 to 1, that the band of a raw prediction is the one a labeller would choose."""
        inputs = sureness_inputs(raw, lexical, shares, self.scale)
        return float(chance(inputs[np.newaxis], self.sureness)[0])

    def nearest_anchor(self, vector: npt.NDArray[np.floating], sign: float) -> int | None:
        """Return the anchor nearest to ``vector`` among those of the pole that ``sign`` points to.

        None if none of them is like it: a far-fetched reason is worse than points said to be left over.
        """
        similarity = self.anchor_vectors.astype(np.float32) @ np.asarray(vector, np.float32)
        similarity[np.sign(self.anchor_labels) != np.sign(sign)] = -2.0
        return int(similarity.argmax()) if len(similarity) and similarity.max() >= LEAST_LIKE else None

    def to_bytes(self) -> bytes:
        """Return the contents of the reader's file, a ``.npz`` that depends on the reader alone."""
        arrays: dict[str, Any] = {
            "fingerprint": self.fingerprint,
            "version": self.version,
            "scale": astuple(self.scale),
            "anchor_texts": self.anchor_texts,
            "centres": self.minutes.centres.astype(np.float16),
            "pulls": self.minutes.pulls.astype(np.float32),
            "means": self.minutes.means,
            "width": self.minutes.width,
        }
        for field in fields(self):
            if field.name not in {*arrays, "minutes"}:
                arrays[field.name] = getattr(self, field.name)
        return archive_of(FORMAT, **arrays)

    @classmethod
    def load(cls, path: Path) -> "SemanticReader":
        """Read a file of what ``to_bytes`` returned.

        Raises:
            AxisDataInvalid: it is missing, damaged or of another format.
        """
        with stored_arrays(path, FORMAT) as stored:
            low, high, spread = (float(value) for value in stored["scale"])
            return cls(
                fingerprint=str(stored["fingerprint"]),
                version=str(stored["version"]),
                minutes=KernelMap(
                    stored["centres"].astype(np.float32),
                    stored["pulls"].astype(np.float64),
                    stored["means"],
                    float(stored["width"]),
                ),
                labels=stored["labels"],
                lexical=float(stored["lexical"]),
                lens_words=stored["lens_words"],
                scale=Scale(low, high, spread),
                sureness=stored["sureness"],
                sure=(float(stored["sure"][0]), float(stored["sure"][1])),
                recorded=(float(stored["recorded"][0]), float(stored["recorded"][1])),
                anchor_texts=tuple(str(text) for text in stored["anchor_texts"]),
                anchor_vectors=stored["anchor_vectors"],
                anchor_labels=stored["anchor_labels"],
            )


def shares_of_nearest(
    near: npt.NDArray[np.float64], labels: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the shares of the ``N_NEAREST`` likest minutes that are labelled low, middle and high.

    Args:
        near: likeness of each text to each minute, shape (n, n_minutes).
        labels: of the minutes, -2 to 2.

    Returns:
        shape (n, 3); a row's sum is 1.
    """
    n_nearest = min(N_NEAREST, len(labels))
    nearest = labels[np.argpartition(-near, n_nearest - 1, axis=1)[:, :n_nearest]]
    low, high = (nearest < -EDGE_LABEL).mean(axis=1), (nearest > EDGE_LABEL).mean(axis=1)
    return np.column_stack([low, 1.0 - low - high, high])


def sureness_inputs(
    raw: float, lexical: float, shares: npt.NDArray[np.float64], scale: Scale
) -> npt.NDArray[np.float64]:
    """Return the inputs of confidence: the band's side, the distance to its edge, and who agrees.

    Returns:
        (1, low band, high band, distance in the middle band, distance in an outer band, lexicon on the same side, share
        of the nearest minutes that are labelled so), shape (7,).
    """
    is_low, is_high = raw < scale.low, raw > scale.high
    distance = min(abs(raw - scale.low), abs(raw - scale.high))
    agrees = lexical * (float(is_high) - float(is_low)) if is_low or is_high else -abs(lexical)
    alike = shares[0] if is_low else shares[2] if is_high else shares[1]
    return np.array(
        [1.0, float(is_low), float(is_high), 0.0 if is_low or is_high else distance,
         distance if is_low or is_high else 0.0, agrees, float(alike)]
    )  # fmt: skip


def sureness_rows(
    raw: npt.NDArray[np.float64],
    lexical: npt.NDArray[np.float64],
    shares: Sequence[npt.NDArray[np.float64]] | npt.NDArray[np.float64],
    scale: Scale,
) -> npt.NDArray[np.float64]:
    """Return the ``sureness_inputs`` of several predictions, one a row."""
    rows = zip(raw.tolist(), lexical.tolist(), shares, strict=True)
    return np.stack([sureness_inputs(*row, scale) for row in rows])


def feature_of(vectors: Vectors) -> npt.NDArray[np.float64]:
    """Return the feature vector of a slice.

    Args:
        vectors: unit vectors of its windows, shape (n_windows, dim), the whole slice first, n_windows at
            least 1.

    Returns:
        Half the whole slice's vector and half the mean of its windows', shape (dim,).
    """
    small = vectors[1:] if len(vectors) > 1 else vectors
    feature: npt.NDArray[np.float64] = 0.5 * vectors[0].astype(np.float64) + 0.5 * small.mean(
        axis=0, dtype=np.float64
    )
    return feature
