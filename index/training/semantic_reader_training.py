"""Training the semantic reader of an axis on its statements. Deterministic; about half a minute."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.embedding.encoder import Encoder
from index.embedding.text_vectors import vectors_of
from index.evaluation.metrics import macro_f1, spearman
from index.training.calibration import LEXICAL_WEIGHTS, fit_sureness, read_calibration
from scoring.axis import Axis, load_axis
from scoring.errors import AxisDataInvalid, ScorerBelowRecord
from scoring.fitting import KernelMap, fit_scale, folds_of, kernel_ridge, out_of_fold, sides_of
from scoring.lexicon.reader import Lexicon, lexical_position
from scoring.scorer import CombinedScorer, lens_words
from scoring.semantic import SemanticReader, feature_of, shares_of_nearest
from scoring.statements import EDGE_LABEL, FOLDER, Statement, read_statements

TRAINING_VERSION = 4
LEAST_STATEMENTS = 100
RECORD_TOLERANCE = 0.02
"""How far below its record a figure may lie: other arithmetic moves predictions in the third place."""

_PENALTIES = (0.5, 1.0, 2.0)
_WIDTHS = (1.0, 2.0, 4.0)
_LONGEST_ANCHOR_WORDS, _MOST_ANCHORS = 32, 400


@dataclass(frozen=True, slots=True)
class Training:
    """Result of training.

    Attributes:
        reader: the trained reader.
        n_trained, n_held_out: statements used, and natural ones kept apart.
        penalty, width: of the kernel ridge regression, as cross-validation or the calibration chose them.
        figures: Spearman and macro-F1 by cross-validation (``cv ...``) and on the held-out statements.
    """

    reader: SemanticReader
    n_trained: int
    n_held_out: int
    penalty: float
    width: float
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Material:
    """Statements and their features; all arrays are over the statements."""

    statements: Sequence[Statement]
    features: npt.NDArray[np.float64]
    lexical: npt.NDArray[np.float64]
    lens_words: npt.NDArray[np.float64]
    labels: npt.NDArray[np.float64]
    natural: npt.NDArray[np.bool_]
    held_out: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Choice:
    """One setting under cross-validation, with out-of-fold predictions for the training rows by meaning alone.

    ``spearman`` is the correlation with the labels after the lexicon is added at its best weight, ``lexical``.
    """

    spearman: float
    meaning: npt.NDArray[np.float64]
    penalty: float
    width: float
    lexical: float


def train(axis_folder: Path, encoder: Encoder) -> Training:
    """Train a reader for the axis in ``axis_folder`` and the vectors of ``encoder``.

    Trained on are the natural statements, or all where an axis has none of them. Penalty, width and the
    lexicon's weight are the calibration's where it has them, else chosen by cross-validation over groups;
    held-out statements are looked at last. Sharpened statements are what readings name as reasons.

    Raises:
        AxisDataInvalid: the axis's files are broken, or there are too few statements to train on, of a band or at all.
    """
    try:
        return _trained(axis_folder, encoder)
    except ValueError as error:  # of a figure that is not defined
        problem = f"not_enough_statements:{error}"
        raise AxisDataInvalid(file=str(axis_folder / FOLDER), problem=problem) from error


def _trained(axis_folder: Path, encoder: Encoder) -> Training:
    axis, lexicon = load_axis(axis_folder), Lexicon.load(axis_folder / "lexicon.toml")
    statements = read_statements(axis_folder)
    if len(statements) < LEAST_STATEMENTS:
        raise ValueError(
            f"at least {LEAST_STATEMENTS} statements are needed to train on, not {len(statements)}"
        )
    material = _material(statements, axis, lexicon, encoder)
    target = material.natural if material.natural.any() else np.ones(len(statements), bool)
    trained = np.flatnonzero(target & ~material.held_out)
    folds = folds_of([statements[row].group for row in trained])
    calibration = read_calibration(axis_folder)
    penalties: Sequence[float] = _PENALTIES
    widths: Sequence[float] = _WIDTHS
    if calibration is not None:
        penalties = penalties if calibration.penalty is None else (calibration.penalty,)
        widths = widths if calibration.width is None else (calibration.width,)
    chosen = max(
        (
            _cross_validated(material, trained, folds, penalty, width)
            for penalty in penalties
            for width in widths
        ),
        key=lambda trial: (round(trial.spearman, 3), trial.penalty, -trial.width),
    )
    one_hot = np.array([[float(statement.lens == lens) for lens in axis.lenses] for statement in statements])
    words, labels, lexical = (
        values[trained] for values in (material.lens_words, material.labels, material.lexical)
    )
    fitted = partial(kernel_ridge, material.features[trained], width=chosen.width, penalty=chosen.penalty)
    stance, lenses = fitted(labels[:, np.newaxis]), fitted(one_hot[trained], beside=words)
    near = stance.near(material.features[trained])
    near[folds[:, np.newaxis] == folds] = -1.0  # as if a text's own group had not been there
    shares = shares_of_nearest(near, labels)
    weight = calibration.lexical if calibration else chosen.lexical
    raw = chosen.meaning + weight * lexical
    scale = calibration.scale if calibration else fit_scale(raw, labels)
    sureness, sure = fit_sureness(raw, lexical, shares, labels, scale)
    if calibration and calibration.sureness is not None and calibration.sure is not None:
        sureness, sure = calibration.sureness, calibration.sure
    reader = SemanticReader(
        fingerprint=encoder.fingerprint,
        version=_version(statements, chosen, (weight, scale, sureness.round(3).tolist(), sure)),
        minutes=KernelMap(  # rounded as it is stored, so that it reads the same
            stance.centres.astype(np.float16).astype(np.float32),
            np.hstack([stance.pulls, lenses.pulls]).astype(np.float32).astype(np.float64),
            np.concatenate([stance.means, lenses.means]),
            chosen.width,
        ),
        labels=labels,
        lexical=weight,
        lens_words=words.T @ lenses.pulls,
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
    return Training(reader, len(trained), len(rows), chosen.penalty, chosen.width, figures)


def check_record(axis_folder: Path, scorer: CombinedScorer, encoder: Encoder) -> dict[str, float]:
    """Return the scorer's figures on the held-out statements, if they are no worse than recorded.

    Raises:
        ScorerBelowRecord: a figure lies more than ``RECORD_TOLERANCE`` below the reader's record.
    """
    statements = [statement for statement in read_statements(axis_folder) if statement.is_held_out]
    natural = [statement for statement in statements if statement.is_natural] or statements
    material = _material(natural, scorer.axis, scorer.lexicon, encoder)
    found = _figures(material, np.arange(len(natural)), scorer)
    for (name, value), recorded in zip(found.items(), scorer.semantic.recorded, strict=True):
        if value < recorded - RECORD_TOLERANCE:
            raise ScorerBelowRecord(figure=name, recorded=recorded, received=value)
    return found


def _material(statements: Sequence[Statement], axis: Axis, lexicon: Lexicon, encoder: Encoder) -> _Material:
    vectors = vectors_of([statement.text for statement in statements], encoder)
    readings = [lexicon.read(statement.text) for statement in statements]
    return _Material(
        statements=statements,
        features=np.stack([feature_of(own) for own in vectors]),
        lexical=np.array([lexical_position(found) / 100.0 for found in readings]),
        lens_words=np.array([lens_words(found, axis) for found in readings]),
        labels=np.array([statement.label for statement in statements]),
        natural=np.array([statement.is_natural for statement in statements]),
        held_out=np.array([statement.is_held_out for statement in statements]),
    )


def _cross_validated(
    material: _Material,
    trained: npt.NDArray[np.int64],
    folds: npt.NDArray[np.int64],
    penalty: float,
    width: float,
) -> _Choice:
    """Predict the rows ``trained``, none by a fit that saw its group, with the lexicon at its best weight."""
    labels = material.labels[trained]
    meaning = out_of_fold(
        material.features[trained], labels[:, np.newaxis], folds, width=width, penalty=penalty
    )[:, 0]

    def with_words(lexical: float) -> _Choice:
        raw = meaning + lexical * material.lexical[trained]
        return _Choice(spearman(raw.tolist(), labels.tolist()), meaning, penalty, width, lexical)

    return max(
        (with_words(lexical) for lexical in LEXICAL_WEIGHTS), key=lambda trial: round(trial.spearman, 3)
    )


def _anchors(material: _Material, encoder: Encoder) -> dict[str, Any]:
    """Choose short clear statements, strongest first, evenly from both poles."""
    clear = [
        statement
        for statement in material.statements
        if abs(statement.label) >= 1
        and statement.case == "plain"
        and len(statement.text.split()) <= _LONGEST_ANCHOR_WORDS
    ]
    chosen: list[Statement] = []
    for sign in (-1, 1):
        side = [
            statement for statement in clear if statement.label * sign > 0 and statement.text[:1].isupper()
        ]
        side.sort(
            key=lambda statement: (-abs(statement.label), hashlib.sha256(statement.text.encode()).digest())
        )
        chosen += side[: _MOST_ANCHORS // 2]
    return {
        "anchor_texts": tuple(statement.text for statement in chosen),
        "anchor_vectors": encoder.encode([candidate.text for candidate in chosen]).astype(np.float16),
        "anchor_labels": np.array([statement.label for statement in chosen]),
    }


def _figures(material: _Material, rows: npt.NDArray[np.int64], scorer: CombinedScorer) -> dict[str, float]:
    """Return spearman and macro-F1 of the bands over ``rows`` of the material."""
    meaning = scorer.semantic.meaning(material.features[rows]).stance
    raw = meaning + scorer.semantic.lexical * material.lexical[rows]
    labels = material.labels[rows].tolist()
    positions = [scorer.position(float(value)) for value in raw]
    named = [scorer.axis.band_of(position) for position in positions]
    return {
        "spearman": spearman(positions, labels),
        "macro-F1": macro_f1(named, labelled_bands(labels, scorer.axis), scorer.axis.bands),
    }


def labelled_bands(labels: Sequence[float], axis: Axis) -> list[str]:
    """Return the band of each label of -2 to 2: an outer one beyond ``EDGE_LABEL``, else the second."""
    named = {-1: axis.bands[0], 0: axis.bands[1], 1: axis.bands[-1]}
    return [named[side] for side in sides_of(np.array(labels), -EDGE_LABEL, EDGE_LABEL).tolist()]


def _version(statements: Sequence[Statement], chosen: _Choice, calibrated: tuple[Any, ...]) -> str:
    digest = hashlib.sha256(f"{TRAINING_VERSION} {chosen.penalty} {chosen.width} {calibrated}".encode())
    for statement in statements:
        digest.update(f"{statement.text}\0{statement.label}\0{statement.lens}\0{statement.case}\n".encode())
    return digest.hexdigest()[:12]
