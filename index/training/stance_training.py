"""From labelled minutes to a stance file: training, calibration on talks left out, and the figures on record."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.embedding.stance_weights import StanceWeights
from index.evaluation.metrics import macro_f1, spearman
from index.training.labelled_minutes import Minute, place_of, written_minutes
from index.training.stance_trainer import StanceSettings, StanceTrainer
from scoring.axis import Axis, load_axis
from scoring.fitting import chance, fit_scale, logistic, sides_of
from scoring.lexicon.reader import Lexicon, lexical_position
from scoring.semantic import sureness_rows
from scoring.stance import Stance, StanceCalibration, carrying_phrase, shares_of
from scoring.statements import EDGE_LABEL, Statement, read_statements

LEXICAL_WEIGHTS = (0.0, 0.15, 0.3, 0.45)
HELD_OUT_PARTS = 3
"""Of the 20 parts that talks are dealt into, how many calibrate and judge instead of being trained on."""
LEAST_MINUTES = 200
RANK = 128
_WRITTEN_WEIGHT = 0.3
_MOST_WRITTEN = 600
_HIGH_RIGHT = 0.9
_MEDIUM_SHARE = 0.35
_CLEAR_LABEL = 1.0
_READ_AT_ONCE = 500

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StanceTraining:
    """Result of training.

    Attributes:
        weights: the model, calibrated.
        n_trained, n_taught, n_written, n_held_out: labelled, taught and written minutes trained on, and minutes kept
            apart.
        figures: on the minutes kept apart, by name.
        readings: what the model says of the texts it was asked to read, in their order.
    """

    weights: StanceWeights
    n_trained: int
    n_taught: int
    n_written: int
    n_held_out: int
    figures: dict[str, float]
    readings: list[Stance]


def train_stance(
    axis_folder: Path,
    minutes: Sequence[Minute],
    base: str,
    settings: StanceSettings | None = None,
    progress: Callable[[int], None] | None = None,
    *,
    taught: Sequence[Minute] = (),
    to_read: Sequence[str] = (),
    start: StanceWeights | None = None,
) -> StanceTraining:
    """Train a stance model for the axis in ``axis_folder``.

    Args:
        axis_folder: its written statements are trained on as well, at a small weight.
        minutes: labelled minutes of real talk.
        base: the sentence encoder to start from.
        settings: how to train.
        progress: called with the number of minutes done since the last call.
        taught: minutes that a larger model has read, of talks that are not kept apart.
        to_read: texts that the trained model reads, to teach a smaller one.
        start: a trained model to go on from, which never saw the talks that are kept apart.

    Raises:
        AxisDataInvalid: the axis's files are broken.
        ModelUnavailable: the base cannot be had.
        ValueError: a band has no labels among those kept apart.
    """
    axis, lexicon = load_axis(axis_folder), Lexicon.load(axis_folder / "lexicon.toml")
    trained = [minute for minute in minutes if minute.part >= HELD_OUT_PARTS]
    held_out = [minute for minute in minutes if minute.part < HELD_OUT_PARTS]
    written = written_minutes(_chosen(read_statements(axis_folder)), _WRITTEN_WEIGHT)
    trainer = StanceTrainer(base, axis.lenses, settings or StanceSettings(), start)
    trainer.train([*trained, *taught, *written], progress)
    stances = trainer.stances([minute.text for minute in held_out])
    lexical = np.array([lexical_position(lexicon.read(minute.text)) / 100.0 for minute in held_out])
    calibration = calibrate_stance(stances, lexical, np.array([minute.position for minute in held_out]))
    figures = stance_figures(held_out, stances, lexical, calibration, axis)
    weights = StanceWeights(
        base=base,
        base_fingerprint=trainer.base_fingerprint,
        changes=trainer.changes(),
        heads=trainer.heads(),
        max_tokens=trainer.settings.max_tokens,
        calibration=calibration,
        recorded=figures,
    )
    return StanceTraining(
        weights,
        n_trained=len(trained),
        n_taught=len(taught),
        n_written=len(written),
        n_held_out=len(held_out),
        figures=figures,
        readings=[
            stance
            for first in range(0, len(to_read), _READ_AT_ONCE)  # what is kept of a text takes memory
            for stance in trainer.stances(to_read[first : first + _READ_AT_ONCE])
        ],
    )


def _chosen(statements: Sequence[Statement]) -> list[Statement]:
    """Return the negated statements, which talk has few of, and some of the others, the same at every run."""
    negated = [statement for statement in statements if statement.case == "negated"]
    others = [statement for statement in statements if statement.case != "negated"]
    others.sort(key=lambda statement: zlib.crc32(statement.text.encode()))
    return negated + others[:_MOST_WRITTEN]


def calibrate_stance(stances: Sequence[Stance], lexical: Floats, labels: Floats) -> StanceCalibration:
    """Fit weight of the words, band edges and confidence on minutes that the model was not trained on.

    Band edges cut off as many minutes as the labels do. High confidence begins where the bands of all that are surer
    are right in 90 of 100.

    Args:
        stances: what the model says of each.
        lexical: positions by the lexicon, -1 to 1, shape (n,).
        labels: -2 to 2, shape (n,).

    Raises:
        ValueError: a band has no labels.
    """
    by_model = np.array([stance.leaning * stance.takes_side for stance in stances])
    lexical_weight = max(
        LEXICAL_WEIGHTS,
        key=lambda weight: round(spearman((by_model + weight * lexical).tolist(), labels.tolist()), 3),
    )
    raw = by_model + lexical_weight * lexical
    scale = fit_scale(raw, labels)
    inputs = sureness_rows(raw, lexical, [shares_of(stance) for stance in stances], scale)
    right = sides_of(raw, scale.low, scale.high) == sides_of(labels, -EDGE_LABEL, EDGE_LABEL)
    weights = logistic(inputs, right.astype(np.float64))
    chances = chance(inputs, weights)
    order = np.argsort(-chances)
    so_far = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(so_far >= _HIGH_RIGHT)
    high = float(chances[order][enough[-1]]) if len(enough) else 1.0
    medium = min(high, float(np.quantile(chances, _MEDIUM_SHARE)))
    return StanceCalibration(lexical_weight, scale, weights, (medium, high))


def stance_figures(
    minutes: Sequence[Minute],
    stances: Sequence[Stance],
    lexical: Floats,
    calibration: StanceCalibration,
    axis: Axis,
) -> dict[str, float]:
    """Return how well readings agree with labels.

    Returns:
        ``right side`` among minutes with a label of 1 or more on either side; ``takes a side``, the area under the
        receiver operating characteristic of the absolute position; ``spearman``; ``macro-F1`` of the bands; ``lens``;
        ``high`` and ``high share``, how many of those of high confidence have the right band and how many these are;
        ``drivers``, in how many minutes that take a side the carrying phrase shares a word with the labeller's.
    """
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - most commands need no scikit-learn

    labels = np.array([minute.position for minute in minutes])
    by_model = np.array([stance.leaning * stance.takes_side for stance in stances])
    raw = by_model + calibration.lexical * lexical
    clear = np.abs(labels) >= _CLEAR_LABEL
    named = ("low", "middle", "high")
    scale = calibration.scale
    predicted = sides_of(raw, scale.low, scale.high)
    labelled = sides_of(labels, -EDGE_LABEL, EDGE_LABEL)
    inputs = sureness_rows(raw, lexical, [shares_of(stance) for stance in stances], scale)
    sure = chance(inputs, calibration.sureness) >= calibration.sure[1]
    lenses = [axis.lenses[int(stance.lenses.argmax())] for stance in stances]
    return {
        "right side": float((np.sign(raw[clear]) == np.sign(labels[clear])).mean()),
        "takes a side": float(roc_auc_score(labelled != 0, np.abs(raw))),
        "spearman": spearman(raw.tolist(), labels.tolist()),
        "macro-F1": macro_f1(
            [named[band + 1] for band in predicted], [named[band + 1] for band in labelled], named
        ),
        "lens": float(np.mean([lens == minute.lens for lens, minute in zip(lenses, minutes, strict=True)])),
        "high": float((predicted[sure] == labelled[sure]).mean()) if sure.any() else float("nan"),
        "high share": float(sure.mean()),
        "drivers": _drivers_shared(minutes, stances),
    }


def _drivers_shared(minutes: Sequence[Minute], stances: Sequence[Stance]) -> float:
    shared = []
    for minute, stance in zip(minutes, stances, strict=True):
        if not minute.why or abs(minute.position) <= EDGE_LABEL:
            continue
        found = carrying_phrase(minute.text, stance)
        if (place := place_of(minute.why, minute.text)) is not None:
            shared.append(found is not None and found[0] < place[1] and found[1] > place[0])
    return float(np.mean(shared)) if shared else float("nan")
