"""Fitting by closed forms: laws that hold for any data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.fitting import Scale, chance, fit_scale, folds_of, logistic, out_of_fold, ridge


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


def test_logistic_regression_gives_frequencies_back() -> None:
    x = np.column_stack([np.ones(400), np.repeat([0.0, 1.0], 200)])
    y = np.concatenate([np.repeat([1.0, 0.0], [50, 150]), np.repeat([1.0, 0.0], [160, 40])])
    weights = logistic(x, y, penalty=1e-6)
    assert np.allclose(chance(np.array([[1.0, 0.0], [1.0, 1.0]]), weights), [0.25, 0.8], atol=1e-4)


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_the_scale_keeps_order_and_stays_between_the_poles(one: float, other: float) -> None:
    scale = Scale(low=-0.5, high=0.75, spread=2.0)
    a, b = (scale.position(raw, -18.0, 18.0) for raw in sorted((one, other)))
    assert -100.0 <= a <= b <= 100.0


def test_the_edges_of_the_scale_are_the_edges_of_the_bands() -> None:
    scale = Scale(low=-0.5, high=0.75, spread=2.0)
    assert scale.position(-0.5, -18.0, 18.0) == -18.0
    assert scale.position(0.75, -18.0, 18.0) == 18.0


def test_a_fitted_scale_cuts_as_many_as_the_labels_do() -> None:
    labels = np.repeat([-1.0, 0.0, 1.0], [30, 50, 20])
    raw = np.random.default_rng(1).normal(size=100)
    scale = fit_scale(raw, labels)
    assert (raw < scale.low).sum() == pytest.approx(30, abs=1)
    assert (raw > scale.high).sum() == pytest.approx(20, abs=1)


def test_a_band_without_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="each band"):
        fit_scale(np.zeros(4), np.zeros(4))
