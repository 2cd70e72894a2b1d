"""Fitting the semantic reader: ridge regression and calibration in closed form. Deterministic; seconds on a CPU."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

N_FOLDS = 8


@dataclass(frozen=True, slots=True)
class Linear:
    """A fitted linear map: ``x @ weights + intercept``; ``weights`` has shape (dim, outputs)."""

    weights: Floats
    intercept: Floats

    def __call__(self, x: npt.NDArray[np.floating]) -> Floats:
        """Outputs of shape (n, outputs) for rows ``x`` of shape (n, dim)."""
        result: Floats = np.asarray(x, np.float64) @ self.weights + self.intercept
        return result


def ridge(
    x: npt.NDArray[np.floating], y: Floats, alpha: float, sample_weights: Floats | None = None
) -> Linear:
    """Weighted least squares with an L2 penalty on the weights, not on the intercept (Hoerl and Kennard 1970).

    Args:
        x: shape (n, dim).
        y: shape (n, outputs).
        alpha: penalty, above 0.
        sample_weights: shape (n,), not negative; equal if None.

    Raises:
        ValueError: shapes do not fit, or ``alpha`` is not above 0.
    """
    if alpha <= 0:
        raise ValueError(f"alpha must be above 0, not {alpha}")
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
        raise ValueError(f"x (n, dim) and y (n, outputs) are needed, not {x.shape} and {y.shape}")
    weights = np.ones(len(x)) if sample_weights is None else np.asarray(sample_weights, np.float64)
    total = weights.sum()
    x64 = np.asarray(x, np.float64)
    x_mean, y_mean = weights @ x64 / total, weights @ y / total
    xc, yc = x64 - x_mean, y - y_mean
    gram = xc.T @ (xc * weights[:, np.newaxis]) + alpha * np.eye(x.shape[1])
    solved = np.linalg.solve(gram, xc.T @ (yc * weights[:, np.newaxis]))
    return Linear(solved, y_mean - x_mean @ solved)


def folds_of(groups: Sequence[str], n_folds: int = N_FOLDS) -> npt.NDArray[np.int64]:
    """A fold for each group's name, the same at every run; all cases of one group are in one fold."""
    return np.array([zlib.crc32(group.encode()) % n_folds for group in groups], np.int64)


def out_of_fold(
    x: npt.NDArray[np.floating], y: Floats, folds: npt.NDArray[np.int64], alpha: float, sample_weights: Floats
) -> Floats:
    """Predictions for each case by a fit on the other folds, shape of ``y``."""
    predicted = np.zeros_like(y)
    for fold in np.unique(folds):
        inside = folds == fold
        fitted = ridge(x[~inside], y[~inside], alpha, sample_weights[~inside])
        predicted[inside] = fitted(x[inside])
    return predicted


def logistic(x: npt.NDArray[np.floating], y: npt.NDArray[np.floating], *, penalty: float = 1.0) -> Floats:
    """Weights of a logistic regression by Newton's method, shape (dim,); the first column is the intercept's.

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
    """The probability that a logistic regression gives to rows ``x``."""
    probability: Floats = 1.0 / (1.0 + np.exp(-np.clip(np.asarray(x, np.float64) @ weights, -30, 30)))
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
        """The position of ``raw``: linear between the edges, saturating towards -100 and 100 beyond them."""
        if raw < self.low:
            return low_edge - (100.0 + low_edge) * float(np.tanh((self.low - raw) / self.spread))
        if raw > self.high:
            return high_edge + (100.0 - high_edge) * float(np.tanh((raw - self.high) / self.spread))
        return low_edge + (high_edge - low_edge) * (raw - self.low) / (self.high - self.low)


def fit_scale(raw: Floats, labels: Floats, *, edge: float = 0.25) -> Scale:
    """Choose edges such that the bands hold as many cases as the labels' bands do.

    Args:
        raw: out-of-fold predictions, shape (n,).
        labels: shape (n,).
        edge: labels beyond it, on either side, belong to an outer band.

    Raises:
        ValueError: a band has no labels.
    """
    share_low, share_high = float((labels < -edge).mean()), float((labels > edge).mean())
    if not 0 < share_low < 1 or not 0 < share_high < 1 or share_low + share_high >= 1:
        raise ValueError(f"each band needs labels; shares are {share_low:.2f} and {share_high:.2f}")
    low, high = float(np.quantile(raw, share_low)), float(np.quantile(raw, 1 - share_high))
    spread = float(np.quantile(raw, 0.97) - np.quantile(raw, 0.03)) * 0.75
    return Scale(low, high, max(spread, 1e-6))
