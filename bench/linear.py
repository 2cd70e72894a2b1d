"""Ridge regression on vectors: a straight map, which the readers that ship are compared with."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.fitting import Floats


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
