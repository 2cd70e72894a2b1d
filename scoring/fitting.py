"""Fitting the semantic reader: kernel ridge regression and calibration. Deterministic; seconds on a CPU."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.statements import EDGE_LABEL

Floats = npt.NDArray[np.float64]

N_FOLDS = 8


@dataclass(frozen=True, slots=True)
class KernelMap:
    """A fitted map by likeness: every case it was fitted on speaks, those of like vectors louder.

    Attributes:
        centres: unit vectors of those cases, shape (n, dim).
        pulls: what each adds, shape (n, outputs).
        means: what is said where nothing is alike, shape (outputs,).
        width: how fast likeness falls with distance: exp(-width |u - v|^2).
    """

    centres: npt.NDArray[np.float32]
    pulls: Floats
    means: Floats
    width: float

    def __call__(self, x: npt.NDArray[np.floating]) -> Floats:
        """Return outputs of shape (m, outputs) for rows ``x`` of shape (m, dim), of any length but 0."""
        return self.of_near(self.near(x))

    def near(self, x: npt.NDArray[np.floating]) -> Floats:
        """Return the likeness of rows ``x`` to each case, shape (m, n)."""
        return likeness(unit(x), self.centres, self.width)

    def of_near(self, near: Floats) -> Floats:
        """Return outputs of shape (m, outputs) for likenesses ``near``."""
        result: Floats = near @ self.pulls + self.means
        return result


def unit(x: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Return rows of ``x``, shape (n, dim), at unit length; rows of zeros stay."""
    norms = np.linalg.norm(x, axis=1, keepdims=True)
    rows: npt.NDArray[np.float32] = (x / np.where(norms > 0, norms, 1.0)).astype(np.float32)
    return rows


def likeness(x: npt.NDArray[np.float32], centres: npt.NDArray[np.float32], width: float) -> Floats:
    """Return the Gaussian kernel exp(-width |u - v|^2) of unit vectors, shape (n, m), from 0 to 1."""
    near: Floats = np.exp(np.minimum(2.0 * width * ((x @ centres.T).astype(np.float64) - 1.0), 0.0))
    return near


def kernel_ridge(
    x: npt.NDArray[np.floating], y: Floats, *, width: float, penalty: float, beside: Floats | None = None
) -> KernelMap:
    """Fit a kernel ridge regression (Saunders, Gammerman and Vovk 1998) to ``y`` less its mean.

    Args:
        x: shape (n, dim).
        y: shape (n, outputs).
        width: of the kernel, above 0.
        penalty: above 0.
        beside: further inputs that count linearly, shape (n, k): their pull is ``beside.T @ pulls``.

    Raises:
        ValueError: shapes do not fit, or a number is not above 0.
    """
    if width <= 0 or penalty <= 0:
        raise ValueError(f"width and penalty must be above 0, not {width} and {penalty}")
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
        raise ValueError(f"x (n, dim) and y (n, outputs) are needed, not {x.shape} and {y.shape}")
    centres, means = unit(x), y.mean(axis=0)
    alike = likeness(centres, centres, width)
    if beside is not None:
        alike = alike + beside @ beside.T
    return KernelMap(centres, np.linalg.solve(alike + penalty * np.eye(len(x)), y - means), means, width)


def folds_of(groups: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return a fold, 0 to ``N_FOLDS`` - 1, for each group's name; the same at every run, cases of a group share it."""
    return np.array([zlib.crc32(group.encode()) % N_FOLDS for group in groups], np.int64)


def out_of_fold(
    x: npt.NDArray[np.floating], y: Floats, folds: npt.NDArray[np.int64], *, width: float, penalty: float
) -> Floats:
    """Predict each case by a kernel ridge regression on the other folds.

    Args:
        x: shape (n, dim).
        y: shape (n, outputs).
        folds: of each case, shape (n,); at least two different ones.
        width: of the kernel, above 0.
        penalty: above 0.

    Returns:
        Predictions in the shape of ``y``.
    """
    centres = unit(x)
    alike = likeness(centres, centres, width)
    predicted = np.zeros_like(y)
    for fold in np.unique(folds):
        inside, others = folds == fold, folds != fold
        means = y[others].mean(axis=0)
        pulls = np.linalg.solve(
            alike[np.ix_(others, others)] + penalty * np.eye(others.sum()), y[others] - means
        )
        predicted[inside] = alike[np.ix_(inside, others)] @ pulls + means
    return predicted


def logistic(x: npt.NDArray[np.floating], y: npt.NDArray[np.floating], *, penalty: float = 1.0) -> Floats:
    """Return the weights of a logistic regression, shape (dim,); the first column is the intercept's.

    Args:
        x: shape (n, dim), the first column all ones.
        y: 0 or 1, shape (n,).
        penalty: L2, not on the intercept.
    """
    weights = np.zeros(x.shape[1])
    shrink = np.full(x.shape[1], penalty)
    shrink[0] = 1e-9
    for _ in range(50):
        p = chance(x, weights)
        gradient = x.T @ (y - p) - shrink * weights
        curvature = x.T @ (x * (p * (1 - p))[:, np.newaxis]) + np.diag(shrink)
        step = np.linalg.solve(curvature, gradient)
        weights += step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def chance(x: npt.NDArray[np.floating], weights: Floats) -> Floats:
    """Return the probability, 0 to 1, that a logistic regression gives to each row of ``x``, shape (n,).

    Args:
        x: shape (n, dim).
        weights: shape (dim,).
    """
    return sigmoid(np.asarray(x, np.float64) @ weights)


def sigmoid(logits: Floats) -> Floats:
    """Return the probability of each of ``logits``, which are clipped to -30 and 30."""
    probability: Floats = 1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0)))
    return probability


@dataclass(frozen=True, slots=True)
class Scale:
    """The map from raw predictions to positions: band edges lie where labels change.

    Attributes:
        low, high: raw predictions at the lower and the upper band edge.
        spread: raw distance beyond an edge at which a position has gone tanh(1) of the way to its pole.
    """

    low: float
    high: float
    spread: float

    def position(self, raw: float, low_edge: float, high_edge: float) -> float:
        """Return the position of ``raw``: linear between the edges, saturating towards the poles.

        Where both edges are one prediction, as of predictions that hardly differ, it is in the middle between them.
        """
        if raw < self.low:
            return low_edge - (100.0 + low_edge) * float(np.tanh((self.low - raw) / self.spread))
        if raw > self.high:
            return high_edge + (100.0 - high_edge) * float(np.tanh((raw - self.high) / self.spread))
        width = self.high - self.low
        return low_edge + (high_edge - low_edge) * ((raw - self.low) / width if width else 0.5)


def sides_of(values: Floats, low: float, high: float) -> npt.NDArray[np.int64]:
    """Return for each value -1 below ``low``, 1 above ``high`` and 0 between or on them; of the shape of ``values``."""
    sides: npt.NDArray[np.int64] = np.where(values < low, -1, np.where(values > high, 1, 0))
    return sides


def fit_scale(raw: Floats, labels: Floats) -> Scale:
    """Choose edges such that the bands hold as many cases as the labels' bands do.

    Args:
        raw: out-of-fold predictions, shape (n,).
        labels: -2 to 2, shape (n,).

    Raises:
        ValueError: a band has no labels.
    """
    sides = sides_of(labels, -EDGE_LABEL, EDGE_LABEL)
    share_low, share_high = float((sides < 0).mean()), float((sides > 0).mean())
    if not 0 < share_low < 1 or not 0 < share_high < 1 or share_low + share_high >= 1:
        raise ValueError(f"each band needs labels; shares are {share_low:.2f} and {share_high:.2f}")
    low, high = float(np.quantile(raw, share_low)), float(np.quantile(raw, 1 - share_high))
    spread = float(np.quantile(raw, 0.97) - np.quantile(raw, 0.03)) * 0.75
    return Scale(low, high, max(spread, 1e-6))
