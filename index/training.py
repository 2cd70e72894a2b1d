"""Training the semantic reader of an axis on its statements, with an encoder. Deterministic; about half a minute."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.calibration import (
    EDGE_LABEL,
    LEXICAL_WEIGHTS,
    fit_sureness,
    read_calibration,
)
from index.encoder import Encoder
from index.minutes import vectors_of
from scoring.agreement import macro_f1, spearman
from scoring.axis import Axis, load_axis
from scoring.errors import ScorerBelowRecord
from scoring.fitting import fit_scale, folds_of, out_of_fold, ridge
from scoring.lexicon import Lexicon, lexical_position
from scoring.scorer import CombinedScorer, lens_words
from scoring.semantic import SemanticReader, feature_of
from scoring.statements import Statement, read_statements

TRAINING_VERSION = 2
LEAST_STATEMENTS = 100
RECORD_TOLERANCE = 0.02
"""How far below its record a figure may lie: other arithmetic moves predictions in the third place."""

_ALPHAS = (1.0, 3.0, 10.0, 30.0)
_LENS_ALPHA = 10.0
_SHARPENED_WEIGHTS = (0.0, 0.2, 0.5)
_LONGEST_ANCHOR_WORDS, _MOST_ANCHORS = 32, 400


@dataclass(frozen=True, slots=True)
class Training:
    """What training gave.

    Attributes:
        reader: the trained reader.
        n_trained, n_held_out: statements used, and natural ones kept apart.
        alpha, sharpened: penalty, and weight of sharpened statements, that cross-validation chose.
        figures: Spearman and macro-F1 by cross-validation (``cv ...``) and on the held-out statements.
    """

    reader: SemanticReader
    n_trained: int
    n_held_out: int
    alpha: float
    sharpened: float
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Material:
    """Statements as the readers see them; arrays over all of them."""

    statements: Sequence[Statement]
    features: npt.NDArray[np.float64]
    lexical: npt.NDArray[np.float64]
    lens_words: npt.NDArray[np.float64]
    labels: npt.NDArray[np.float64]
    natural: npt.NDArray[np.bool_]
    held_out: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Choice:
    """One setting under cross-validation, and what it gives: predictions for all statements."""

    spearman: float
    raw: npt.NDArray[np.float64]
    alpha: float
    sharpened: float
    lexical: float


def train(axis_folder: Path, encoder: Encoder, progress: Callable[[int], None] | None = None) -> Training:
    """Train a reader for the axis in ``axis_folder`` and the vectors of ``encoder``.

    The penalty, the lexicon's weight, and how much sharpened statements count beside natural ones, are the
    calibration's where the axis has one, else chosen by
    cross-validation over groups on the natural statements (on all, where an axis has none); held-out
    statements are looked at last.

    Raises:
        AxisDataInvalid: the axis's files are broken.
        ValueError: there are too few statements to train on.
    """
    axis, lexicon = load_axis(axis_folder), Lexicon.load(axis_folder / "lexicon.toml")
    statements = read_statements(axis_folder)
    if len(statements) < LEAST_STATEMENTS:
        raise ValueError(
            f"at least {LEAST_STATEMENTS} statements are needed to train on, not {len(statements)}"
        )
    material = _material(statements, axis, lexicon, encoder, progress)
    target = material.natural if material.natural.any() else np.ones(len(statements), bool)
    folds = folds_of([statement.group for statement in statements])
    calibration = read_calibration(axis_folder)
    lexical_weights: Sequence[float] = LEXICAL_WEIGHTS
    alphas: Sequence[float] = _ALPHAS
    shares: Sequence[float] = _SHARPENED_WEIGHTS
    if calibration is not None:
        lexical_weights = (calibration.lexical,)
        alphas = alphas if calibration.penalty is None else (calibration.penalty,)
        shares = shares if calibration.sharpened is None else (calibration.sharpened,)
    chosen = max(
        (
            _cross_validated(material, target, folds, (alpha, sharpened), lexical_weights)
            for alpha in alphas
            for sharpened in shares
        ),
        key=lambda one: (round(one.spearman, 3), one.alpha, -one.sharpened),
    )
    weights = _weights(material, target, chosen.sharpened)
    used = weights > 0
    stance = ridge(material.features[used], material.labels[used, np.newaxis], chosen.alpha, weights[used])
    one_hot = np.array([[float(one.lens == lens) for lens in axis.lenses] for one in statements])
    lens_inputs = np.column_stack([material.features, material.lens_words])
    judged = target & ~material.held_out
    lenses = ridge(lens_inputs[judged], one_hot[judged], _LENS_ALPHA)
    scale = calibration.scale if calibration else fit_scale(chosen.raw[judged], material.labels[judged])
    sureness, sure = fit_sureness(
        chosen.raw[judged], material.lexical[judged], material.labels[judged], scale
    )
    if calibration and calibration.sureness is not None and calibration.sure is not None:
        sureness, sure = calibration.sureness, calibration.sure
    reader = SemanticReader(
        fingerprint=encoder.fingerprint,
        version=_version(statements, chosen, (scale, sureness.round(3).tolist(), sure)),
        stance=stance.weights[:, 0],
        intercept=float(stance.intercept[0]),
        lexical=chosen.lexical,
        lenses=lenses.weights[: encoder.dim],
        lens_words=lenses.weights[encoder.dim :],
        lens_intercepts=lenses.intercept,
        scale=scale,
        sureness=sureness,
        sure=sure,
        recorded=(0.0, 0.0),
        **_anchors(material, encoder),
    )
    rows = np.flatnonzero(target & material.held_out)
    judged_on = _figures(material, rows, CombinedScorer(axis, lexicon, reader))
    reader = replace(reader, recorded=(judged_on["spearman"], judged_on["macro-F1"]))
    figures = {
        "cv spearman": chosen.spearman,
        **{f"held-out {name}": value for name, value in judged_on.items()},
    }
    return Training(reader, int(used.sum()), len(rows), chosen.alpha, chosen.sharpened, figures)


def check_record(axis_folder: Path, scorer: CombinedScorer, encoder: Encoder) -> dict[str, float]:
    """The scorer's figures on the held-out statements of its axis, if they are no worse than recorded.

    Raises:
        ScorerBelowRecord: a figure lies more than ``RECORD_TOLERANCE`` below the reader's record.
    """
    statements = [one for one in read_statements(axis_folder) if one.is_held_out]
    natural = [one for one in statements if one.is_natural] or statements
    material = _material(natural, scorer.axis, scorer.lexicon, encoder, None)
    found = _figures(material, np.arange(len(natural)), scorer)
    for (name, value), recorded in zip(found.items(), scorer.semantic.recorded, strict=True):
        if value < recorded - RECORD_TOLERANCE:
            raise ScorerBelowRecord(figure=name, recorded=recorded, received=value)
    return found


def _material(
    statements: Sequence[Statement],
    axis: Axis,
    lexicon: Lexicon,
    encoder: Encoder,
    progress: Callable[[int], None] | None,
) -> _Material:
    vectors = vectors_of([one.text for one in statements], encoder, progress)
    readings = [lexicon.read(one.text) for one in statements]
    return _Material(
        statements=statements,
        features=np.stack([feature_of(own) for own in vectors]),
        lexical=np.array([lexical_position(found) / 100.0 for found in readings]),
        lens_words=np.array([lens_words(found, axis) for found in readings]),
        labels=np.array([one.label for one in statements]),
        natural=np.array([one.is_natural for one in statements]),
        held_out=np.array([one.is_held_out for one in statements]),
    )


def _weights(material: _Material, target: npt.NDArray[np.bool_], sharpened: float) -> npt.NDArray[np.float64]:
    weights = np.where(target, 1.0, sharpened)
    weights[material.held_out] = 0.0
    return weights


def _cross_validated(
    material: _Material,
    target: npt.NDArray[np.bool_],
    folds: npt.NDArray[np.int64],
    setting: tuple[float, float],
    lexical_weights: Sequence[float],
) -> _Choice:
    """Predictions for all statements, none by a fit that saw its group, with the lexicon at its best weight."""
    alpha, sharpened = setting
    weights = _weights(material, target, sharpened)
    used = weights > 0
    meaning = np.zeros(len(target))
    meaning[used] = out_of_fold(
        material.features[used], material.labels[used, np.newaxis], folds[used], alpha, weights[used]
    )[:, 0]
    judged = target & used
    labels = material.labels[judged].tolist()

    def with_words(lexical: float) -> _Choice:
        raw = meaning + lexical * material.lexical
        return _Choice(spearman(raw[judged].tolist(), labels), raw, alpha, sharpened, lexical)

    return max((with_words(lexical) for lexical in lexical_weights), key=lambda one: round(one.spearman, 3))


def _anchors(material: _Material, encoder: Encoder) -> dict[str, Any]:
    """Short clear statements, strongest first, evenly from both poles."""
    clear = [
        one
        for one in material.statements
        if abs(one.label) >= 1 and one.case == "plain" and len(one.text.split()) <= _LONGEST_ANCHOR_WORDS
    ]
    chosen: list[Statement] = []
    for sign in (-1, 1):
        side = [one for one in clear if one.label * sign > 0 and one.text[:1].isupper()]
        side.sort(key=lambda one: (-abs(one.label), hashlib.sha256(one.text.encode()).digest()))
        chosen += side[: _MOST_ANCHORS // 2]
    return {
        "anchor_texts": tuple(one.text for one in chosen),
        "anchor_vectors": encoder.encode([one.text for one in chosen]).astype(np.float16),
        "anchor_labels": np.array([one.label for one in chosen]),
    }


def _figures(material: _Material, rows: npt.NDArray[np.int64], scorer: CombinedScorer) -> dict[str, float]:
    """Spearman and macro-F1 of the bands over ``rows`` of the material."""
    raw = [scorer.semantic.raw(material.features[row], material.lexical[row]) for row in rows]
    labels = material.labels[rows].tolist()
    positions = [scorer.position(value) for value in raw]
    named = [scorer.axis.band_of(position) for position in positions]
    return {
        "spearman": spearman(positions, labels),
        "macro-F1": macro_f1(named, labelled_bands(labels, scorer.axis), scorer.axis.bands),
    }


def labelled_bands(labels: Sequence[float], axis: Axis) -> list[str]:
    """The band of each label of -2 to 2: an outer one beyond a quarter."""
    return [
        axis.bands[0] if one < -EDGE_LABEL else axis.bands[-1] if one > EDGE_LABEL else axis.bands[1]
        for one in labels
    ]


def _version(statements: Sequence[Statement], chosen: _Choice, calibrated: tuple[Any, ...]) -> str:
    digest = hashlib.sha256(
        f"{TRAINING_VERSION} {chosen.alpha} {chosen.sharpened} {chosen.lexical} {calibrated}".encode()
    )
    for one in statements:
        digest.update(f"{one.text}\0{one.label}\0{one.lens}\0{one.case}\n".encode())
    return digest.hexdigest()[:12]
