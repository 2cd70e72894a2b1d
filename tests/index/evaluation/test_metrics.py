"""Figures of agreement are those of their definitions; what is undefined raises."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import permutation_test

from index.evaluation.metrics import accuracy, bootstrap, macro_f1, paired_permutation, spearman, wilson

FEW_VALUES = st.lists(
    st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=40
)  # few, so that ties abound
BANDS = ("Risk-forward", "Mixed", "Opportunity-forward")
NAMED = st.lists(st.tuples(st.sampled_from(BANDS), st.sampled_from(BANDS)), min_size=1, max_size=40)


@given(FEW_VALUES)
def test_rank_correlation_asks_for_order_alone_and_is_symmetric(pairs) -> None:
    one, other = [float(a) for a, _ in pairs], [float(b) for _, b in pairs]
    assume(len(set(one)) > 1 and len(set(other)) > 1)
    figure = spearman(one, other)
    assert -1 - 1e-9 <= figure <= 1 + 1e-9
    assert spearman(other, one) == pytest.approx(figure)
    assert spearman([math.exp(a) for a in one], other) == pytest.approx(figure)
    assert spearman([-a for a in one], other) == pytest.approx(-figure)


@pytest.mark.parametrize(
    ("one", "other"),
    [([], []), ([1.0], [1.0]), ([1.0, 2.0], [1.0]), ([1.0, 1.0], [1.0, 2.0]), ([1.0, math.nan], [1.0, 2.0])],
)
def test_rank_correlation_of_too_little_unequal_constant_or_no_numbers_is_undefined(one, other) -> None:
    with pytest.raises(ValueError, match=r"needed|undefined"):
        spearman(one, other)


@given(NAMED)
def test_macro_f1_is_the_mean_of_each_class_and_accuracy_the_share_of_hits(pairs) -> None:
    predicted, labelled = [a for a, _ in pairs], [b for _, b in pairs]
    each = []
    for name in BANDS:
        hits = sum(a == b == name for a, b in pairs)
        named = predicted.count(name) + labelled.count(name)
        each.append(2 * hits / named if named else 0.0)
    assert macro_f1(predicted, labelled, BANDS) == pytest.approx(sum(each) / 3)
    assert accuracy(predicted, labelled) == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))


def test_a_class_that_nobody_names_counts_nothing_rather_than_being_left_out() -> None:
    assert macro_f1(["Mixed"], ["Mixed"], BANDS) == pytest.approx(1 / 3)


def test_where_several_labels_fit_each_is_right() -> None:
    assert accuracy(["a", "b", "c"], [("a", "b"), ["b"], ("a", "b")]) == pytest.approx(2 / 3)


def test_figures_of_nothing_or_of_unequal_lengths_are_undefined() -> None:
    for figure in (lambda a, b: macro_f1(a, b, BANDS), accuracy, paired_permutation):
        for one, other in (([], []), (["a"], [])):
            with pytest.raises(ValueError, match="needed"):
                figure(one, other)
    with pytest.raises(ValueError, match="no classes"):
        macro_f1(["a"], ["a"], [])


def test_an_interval_holds_its_figure_narrows_with_more_cases_and_is_repeatable() -> None:
    def mean_of(n: int):
        values = np.arange(n) % 2
        return bootstrap(lambda rows: float(values[rows].mean()), n)

    few, many = mean_of(20), mean_of(2000)
    for interval in (few, many):
        assert interval.low <= interval.value <= interval.high
    assert many.high - many.low < few.high - few.low
    assert mean_of(20) == few
    # 1.96 standard errors of a fair coin tossed 2000 times
    assert many.high - many.low == pytest.approx(2 * 1.96 * 0.5 / math.sqrt(2000), rel=0.2)


def test_draws_without_a_figure_are_left_out_and_no_cases_have_none() -> None:
    values = np.array([1.0, 1.0, 1.0, 2.0])

    def figure(rows):
        return spearman(values[rows].tolist(), values[rows].tolist())

    assert bootstrap(figure, 4, draws=50).low == pytest.approx(1.0), "constant draws are undefined"
    with pytest.raises(ValueError, match="at least one case"):
        bootstrap(lambda rows: 0.0, 0)


def test_the_interval_of_a_share_is_wilsons_and_stays_within_0_and_1() -> None:
    # Worked by hand: centre (0.75 + z^2 / 8) / (1 + z^2 / 4), reach z sqrt(0.75 * 0.25 / 4 + z^2 / 64) / (1 + z^2 / 4)
    found = wilson(3, 4)
    assert (found.value, found.low, found.high) == (
        0.75,
        pytest.approx(0.300642, abs=1e-5),
        pytest.approx(0.954414, abs=1e-5),
    )
    assert (wilson(0, 3).low, wilson(3, 3).high) == (0.0, 1.0)
    for hits, n in ((0, 0), (-1, 3), (4, 3)):
        with pytest.raises(ValueError, match="needs 0 to n hits"):
            wilson(hits, n)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=20))
def test_a_run_does_not_differ_from_itself(values) -> None:
    assert paired_permutation(values, values, draws=200) == 1.0


def test_a_clear_difference_is_seen_in_both_directions_and_noise_is_not() -> None:
    random = np.random.default_rng(1)
    base = random.normal(size=60)
    better = base + 0.5 + random.normal(scale=0.3, size=60)
    other = base + random.normal(scale=0.3, size=60)
    assert paired_permutation(better.tolist(), base.tolist()) < 0.001
    assert paired_permutation(base.tolist(), better.tolist()) < 0.001
    assert paired_permutation(other.tolist(), base.tolist()) > 0.05


def test_its_p_value_is_that_of_all_sign_changes() -> None:
    one, other = [0.3, 0.9, 0.4, 0.8, 0.7, 0.2, 0.9, 0.5], [0.1, 0.5, 0.5, 0.2, 0.6, 0.3, 0.4, 0.4]
    exact = permutation_test(
        (one, other), lambda a, b: np.mean(np.subtract(a, b)), permutation_type="samples", n_resamples=np.inf
    )
    assert paired_permutation(one, other) == pytest.approx(exact.pvalue, abs=0.02)


def test_no_number_is_no_difference_to_be_sure_of() -> None:
    with pytest.raises(ValueError, match="NaN"):
        paired_permutation([0.1, math.nan], [0.2, 0.3])
