"""Fitting by closed forms: laws that hold for any data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.fitting import Scale, chance, fit_scale, folds_of, kernel_ridge, logistic, out_of_fold


def some_data(seed: int = 0, n: int = 60, dim: int = 5) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, dim))
    return x, (x @ random.normal(size=(dim, 2))) + 0.7


def test_what_was_said_is_said_again_where_nothing_is_held_back() -> None:
    x, y = some_data()
    assert np.allclose(kernel_ridge(x, y, width=2.0, penalty=1e-6)(x), y, atol=1e-2)


def test_a_greater_penalty_draws_everything_to_the_mean() -> None:
    x, y = some_data()
    loose, tight = (kernel_ridge(x, y, width=2.0, penalty=penalty)(x) for penalty in (1.0, 1e6))
    assert np.std(tight) < np.std(loose)
    assert np.allclose(tight, y.mean(axis=0), atol=1e-3)


def test_what_is_like_nothing_gets_the_mean() -> None:
    x, y = some_data()
    fitted = kernel_ridge(np.abs(x), y, width=200.0, penalty=1.0)
    assert np.allclose(fitted(-np.ones((1, x.shape[1]))), y.mean(axis=0))


def test_the_length_of_a_vector_does_not_matter() -> None:
    x, y = some_data()
    fitted = kernel_ridge(x, y, width=2.0, penalty=1.0)
    assert np.allclose(fitted(3.0 * x), fitted(x), atol=1e-5)


def test_a_linear_truth_beside_is_learnt_by_its_pull() -> None:
    x, _ = some_data()
    beside = np.random.default_rng(3).normal(size=(len(x), 2))
    told = beside @ np.array([[1.5], [-0.5]])
    fitted = kernel_ridge(x, told - told.mean(), width=2.0, penalty=1e-3, beside=beside)
    expected = fitted(x) + beside @ (beside.T @ fitted.pulls)
    assert np.allclose(expected, told - told.mean(), atol=0.05)


@pytest.mark.parametrize(("width", "penalty"), [(0.0, 1.0), (2.0, 0.0), (2.0, -1.0)])
def test_a_number_that_is_not_above_0_is_refused(width: float, penalty: float) -> None:
    x, y = some_data()
    with pytest.raises(ValueError, match="above 0"):
        kernel_ridge(x, y, width=width, penalty=penalty)


def test_shapes_that_do_not_fit_are_refused() -> None:
    x, y = some_data()
    with pytest.raises(ValueError, match="needed"):
        kernel_ridge(x, y[:-1], width=2.0, penalty=1.0)


def test_a_group_is_predicted_by_fits_that_did_not_see_it() -> None:
    x, y = some_data()
    groups = [f"episode {number // 3}" for number in range(len(x))]
    folds = folds_of(groups)
    assert all(len(set(folds[start : start + 3])) == 1 for start in range(0, len(x), 3))
    shifted = y.copy()
    shifted[folds == folds[0]] += 100  # what the fold holds must not move its own predictions
    own = folds == folds[0]
    alike = [out_of_fold(x, labels, folds, width=2.0, penalty=1.0)[own] for labels in (y, shifted)]
    assert np.allclose(*alike)
    one_fit = kernel_ridge(x[~own], y[~own], width=2.0, penalty=1.0)
    assert np.allclose(alike[0], one_fit(x[own]), atol=1e-5)


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


def test_predictions_that_are_all_alike_stand_in_the_middle() -> None:
    scale = fit_scale(np.zeros(9), np.array([-1.0, 0.0, 1.0] * 3))
    assert scale.position(0.0, -18.0, 18.0) == 0.0


def test_a_fitted_scale_cuts_as_many_as_the_labels_do() -> None:
    labels = np.repeat([-1.0, 0.0, 1.0], [30, 50, 20])
    raw = np.random.default_rng(1).normal(size=100)
    scale = fit_scale(raw, labels)
    assert (raw < scale.low).sum() == pytest.approx(30, abs=1)
    assert (raw > scale.high).sum() == pytest.approx(20, abs=1)


def test_a_band_without_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="each band"):
        fit_scale(np.zeros(4), np.zeros(4))
