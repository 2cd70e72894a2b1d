"""Calibration of raw predictions to positions and confidence, from an axis's ``calibration.toml`` or fitted.

Written statements hold fewer of a lexicon's words than speech does, so numbers fitted on them alone suit another
distribution. If labelled passages of speech exist, these few numbers are fitted on them; the passages themselves are
not trained on, and are not stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Encoder
from index.embedding.text_vectors import vectors_of
from index.evaluation.metrics import spearman
from scoring.axis import read_toml
from scoring.errors import AxisDataInvalid
from scoring.fitting import Scale, chance, fit_scale, logistic, sides_of
from scoring.lexicon.reader import Lexicon, lexical_position
from scoring.semantic import Meaning, SemanticReader, feature_of, sureness_inputs, sureness_rows
from scoring.statements import EDGE_LABEL

FILE = "calibration.toml"
LEXICAL_WEIGHTS = (0.0, 0.3, 0.6, 1.0, 1.5, 2.0, 3.0, 5.0)
_HIGH_SHARE, _LOW_SHARE = 0.33, 0.35

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibration of one axis.

    Attributes:
        lexical: the lexicon's weight beside the semantic reader's.
        scale: from raw predictions to positions.
        sureness: weights of ``sureness_inputs`` for the chance that a band is right; None where it is to be
            fitted on the statements.
        sure: chances from which confidence is medium, and high; None likewise.
        penalty, width: of the kernel ridge regression; None where cross-validation is to choose.
    """

    lexical: float
    scale: Scale
    sureness: Floats | None = None
    sure: tuple[float, float] | None = None
    penalty: float | None = None
    width: float | None = None


def read_calibration(axis_folder: Path) -> Calibration | None:
    """Read the calibration of the axis in ``axis_folder``; None without the file.

    Raises:
        AxisDataInvalid: the file is broken.
    """
    path = axis_folder / FILE
    if not path.is_file():
        return None
    values = read_toml(path)
    try:
        scale = Scale(float(values["low"]), float(values["high"]), float(values["spread"]))
        found = Calibration(
            lexical=float(values["lexical"]),
            scale=scale,
            penalty=float(values["penalty"]) if "penalty" in values else None,
            width=float(values["width"]) if "width" in values else None,
        )
        confidence = values.get("confidence")
        if confidence is None:
            return found
        weights = np.array([float(value) for value in confidence["weights"]])
        if weights.shape != sureness_inputs(0.0, 0.0, np.zeros(3), scale).shape:
            raise ValueError(f"confidence has {len(weights)} weights")
        sure = float(confidence["medium"]), float(confidence["high"])
        return replace(found, sureness=weights, sure=sure)
    except (ValueError, KeyError, TypeError) as error:
        raise AxisDataInvalid(file=str(path), problem=f"no_calibration:{error}") from error


def write_calibration(calibration: Calibration, axis_folder: Path, *, n_passages: int) -> Path:
    """Write ``calibration`` beside the axis's other files, saying how many passages it was fitted on."""
    scale = calibration.scale
    lines = [
        f"# Fitted by `counterpoint train-axis --calibrate` on {n_passages} labelled passages (not kept).",
        f"lexical = {calibration.lexical:g}",
        f"low = {scale.low:.3f}",
        f"high = {scale.high:.3f}",
        f"spread = {scale.spread:.3f}",
    ]
    lines += [
        f"{name} = {value:g}"
        for name, value in (("penalty", calibration.penalty), ("width", calibration.width))
        if value is not None
    ]
    if calibration.sureness is not None and calibration.sure is not None:
        lines += [
            "",
            "[confidence]",
            f"weights = [{', '.join(f'{value:.3f}' for value in calibration.sureness)}]",
            f"medium = {calibration.sure[0]:.3f}",
            f"high = {calibration.sure[1]:.3f}",
        ]
    path = axis_folder / FILE
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def calibrate(
    axis_folder: Path, reader: SemanticReader, encoder: Encoder, passages: Sequence[tuple[str, float]]
) -> Calibration:
    """Fit the calibration of an axis on labelled passages of real talk; ``train`` takes it over.

    Args:
        axis_folder: the axis.
        reader: trained on the axis's statements.
        encoder: that it was trained for.
        passages: texts with labels from -2 to 2.

    Raises:
        ValueError: a band has no labels.
    """
    lexicon = Lexicon.load(axis_folder / "lexicon.toml")
    features = [feature_of(own) for own in vectors_of([text for text, _ in passages], encoder)]
    before = read_calibration(axis_folder)
    found = fit_calibration(
        reader.meaning(np.stack(features)),
        np.array([lexical_position(lexicon.read(text)) / 100.0 for text, _ in passages]),
        np.array([label for _, label in passages]),
    )
    if before is None:
        return found
    return replace(found, penalty=before.penalty, width=before.width)


def fit_calibration(meaning: Meaning, lexical: Floats, labels: Floats) -> Calibration:
    """Fit a calibration on labelled passages.

    The lexicon's weight is the greatest that comes within 0.001 of the best Spearman correlation, since words
    express negation, which vectors hardly do. Edges cut off as many passages as the labels do. Confidence is by
    ``fit_sureness``.

    Args:
        meaning: predictions of the semantic reader.
        lexical: positions by the lexicon, -1 to 1, shape (n,).
        labels: -2 to 2, shape (n,).

    Raises:
        ValueError: a band has no labels.
    """
    agreeing = {
        weight: spearman((meaning.stance + weight * lexical).tolist(), labels.tolist())
        for weight in LEXICAL_WEIGHTS
    }
    weight = max(
        candidate for candidate, value in agreeing.items() if value >= max(agreeing.values()) - 0.001
    )
    raw = meaning.stance + weight * lexical
    scale = fit_scale(raw, labels)
    sureness, sure = fit_sureness(raw, lexical, meaning.shares, labels, scale)
    return Calibration(weight, scale, sureness, sure)


def fit_sureness(
    raw: Floats, lexical: Floats, shares: Floats, labels: Floats, scale: Scale
) -> tuple[Floats, tuple[float, float]]:
    """Fit the chance that a band is right; return its weights, and the least chances of medium and high."""
    inputs = sureness_rows(raw, lexical, shares, scale)
    is_right = sides_of(raw, scale.low, scale.high) == sides_of(labels, -EDGE_LABEL, EDGE_LABEL)
    weights = logistic(inputs, is_right.astype(np.float64))
    medium, high = np.quantile(chance(inputs, weights), (_LOW_SHARE, 1 - _HIGH_SHARE))
    return weights, (float(medium), float(high))
