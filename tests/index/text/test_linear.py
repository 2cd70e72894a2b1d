"""Claims about the straight map that the readers are compared with (``bench/linear.py``)."""

import numpy as np
import pytest

from bench.linear import out_of_fold, ridge
from scoring.fitting import folds_of


def some_data(seed: int = 0, n: int = 60, dim: int = 5) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, dim))
    return x, (x @ random.normal(size=(dim, 2))) + 0.7


def test_a_linear_truth_is_recovered_with_its_intercept() -> None:
    x, y = some_data()
    fitted = ridge(x, y, 1e-9)
    assert np.allclose(fitted(x), y)
    assert np.allclose(fitted.intercept, 0.7)


def test_a_greater_penalty_shrinks_the_weights_and_leaves_the_mean() -> None:
    x, y = some_data()
    loose, tight = ridge(x, y, 1.0), ridge(x, y, 1e6)
    assert np.linalg.norm(tight.weights) < np.linalg.norm(loose.weights)
    assert np.allclose(tight(x).mean(axis=0), y.mean(axis=0))


def test_a_case_of_weight_two_counts_like_two_cases() -> None:
    x, y = some_data()
    weights = np.ones(len(x))
    weights[0] = 2
    doubled = ridge(np.vstack([x, x[:1]]), np.vstack([y, y[:1]]), 3.0)
    assert np.allclose(ridge(x, y, 3.0, weights).weights, doubled.weights)


@pytest.mark.parametrize("alpha", [0, -1])
def test_a_penalty_that_is_none_is_refused(alpha: float) -> None:
    x, y = some_data()
    with pytest.raises(ValueError, match="alpha"):
        ridge(x, y, alpha)


def test_shapes_that_do_not_fit_are_refused() -> None:
    x, y = some_data()
    with pytest.raises(ValueError, match="needed"):
        ridge(x, y[:-1], 1.0)


def test_a_group_is_predicted_by_fits_that_did_not_see_it() -> None:
    x, y = some_data()
    groups = [f"episode {number // 3}" for number in range(len(x))]
    folds = folds_of(groups)
    assert all(len(set(folds[start : start + 3])) == 1 for start in range(0, len(x), 3))
    shifted = y.copy()
    shifted[folds == folds[0]] += 100  # what the fold holds must not move its own predictions
    own = folds == folds[0]
    ones = np.ones(len(x))
    assert np.allclose(
        out_of_fold(x, y, folds, 1.0, ones)[own], out_of_fold(x, shifted, folds, 1.0, ones)[own]
    )
