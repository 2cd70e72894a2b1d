"""Agreement of predictions with labels: figures over two sequences, with 95 % intervals.

The formulas are scipy's and scikit-learn's. Both are loaded at the first call, since most commands need
neither.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval, ``low`` to ``high``."""

    value: float
    low: float
    high: float


def spearman(predicted: Sequence[float], labelled: Sequence[float]) -> float:
    """Return Spearman's rank correlation, -1 to 1, with mean ranks for ties.

    Raises:
        ValueError: fewer than two pairs, unequal lengths, NaN, or a side is constant.
    """
    from scipy.stats import spearmanr  # noqa: PLC0415 - see the module

    if len(predicted) != len(labelled) or len(predicted) < 2:
        raise ValueError(
            f"two sequences of one length from 2 are needed, not {len(predicted)} and {len(labelled)}"
        )
    if any(np.isnan(side).any() or np.ptp(side) == 0 for side in map(np.asarray, (predicted, labelled))):
        raise ValueError("rank correlation with NaN or a constant is undefined")
    return float(spearmanr(predicted, labelled).statistic)


def macro_f1(predicted: Sequence[str], labelled: Sequence[str], classes: Sequence[str]) -> float:
    """Return the mean over ``classes`` of F1; a class that is neither predicted nor labelled counts 0.

    Raises:
        ValueError: unequal lengths, no pairs or no classes.
    """
    from sklearn.metrics import f1_score  # noqa: PLC0415 - see the module

    _check(predicted, labelled)
    if not classes:
        raise ValueError("a mean over no classes is undefined")
    figure = f1_score(list(labelled), list(predicted), labels=list(classes), average="macro", zero_division=0)
    return float(figure)


def accuracy(predicted: Sequence[str], labelled: Sequence[str | Sequence[str]]) -> float:
    """Return the share of predictions that are the label, or a label where several fit.

    Raises:
        ValueError: unequal lengths or no pairs.
    """
    _check(predicted, labelled)
    right = sum(p == q if isinstance(q, str) else p in q for p, q in zip(predicted, labelled, strict=True))
    return right / len(predicted)


def bootstrap(
    figure: Callable[[npt.NDArray[np.int64]], float], n: int, *, draws: int = 1000, seed: int = 0
) -> Interval:
    """Return a figure over ``n`` cases with its percentile bootstrap interval (Efron 1979).

    Args:
        figure: called with the numbers of cases, shape (n,); draws for which it raises ``ValueError`` are
            left out.
        n: number of cases, at least 1.
        draws: resamples with replacement.
        seed: makes it repeatable.

    Raises:
        ValueError: no cases, or the figure of all of them is undefined.
    """
    from scipy.stats import bootstrap as resampled  # noqa: PLC0415 - see the module

    if n < 1:
        raise ValueError("a figure needs at least one case")
    value = figure(np.arange(n))
    if n == 1:
        return Interval(value, value, value)

    def defined(cases: npt.NDArray[np.int64]) -> float:
        try:
            return figure(cases)
        except ValueError:
            return float("nan")

    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a distribution with NaN, which is left out below
        found = resampled(
            (np.arange(n),),
            defined,
            n_resamples=draws,
            vectorized=False,
            method="percentile",
            rng=np.random.default_rng(seed),
        )
    drawn = found.bootstrap_distribution[~np.isnan(found.bootstrap_distribution)]
    if not drawn.size:
        return Interval(value, value, value)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Interval(value, float(low), float(high))


def wilson(hits: int, n: int) -> Interval:
    """Return a share of cases with Wilson's score interval (Wilson 1927), which holds for few cases too.

    Raises:
        ValueError: no cases, or hits that are not from 0 to ``n``.
    """
    from scipy.stats import binomtest  # noqa: PLC0415 - see the module

    if n < 1 or not 0 <= hits <= n:
        raise ValueError(f"a share needs 0 to n hits of n from 1 cases, not {hits} of {n}")
    bounds = binomtest(hits, n).proportion_ci(_CONFIDENCE, method="wilson")
    share = hits / n
    return Interval(share, min(share, float(bounds.low)), max(share, float(bounds.high)))


def paired_permutation(
    first: Sequence[float], second: Sequence[float], *, draws: int = 10_000, seed: int = 0
) -> float:
    """Return the two-sided p-value that paired figures have the same mean (Fisher's randomisation test).

    Raises:
        ValueError: unequal lengths, no pairs or NaN.
    """
    _check(first, second)
    difference = np.asarray(first, float) - np.asarray(second, float)
    if np.isnan(difference).any():
        raise ValueError("the mean of NaN is undefined")
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), size=(draws, len(difference)))
    extreme = np.abs((signs * difference).mean(axis=1)) >= abs(difference.mean()) - 1e-12
    return float((extreme.sum() + 1) / (draws + 1))


def _check(first: Sequence[object], second: Sequence[object]) -> None:
    if len(first) != len(second) or not len(first):
        raise ValueError(f"two sequences of one length from 1 are needed, not {len(first)} and {len(second)}")
