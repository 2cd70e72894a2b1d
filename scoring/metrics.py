"""How well predictions agree with labels: pure functions of two sequences, with 95 % intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_Z = 1.959963984540054  # 97.5 % of the normal distribution lie below it


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval, ``low`` to ``high``: percentile bootstrap (Efron 1979); of a share, Wilson's."""

    value: float
    low: float
    high: float


def ranks(values: Sequence[float]) -> Floats:
    """Ranks from 1, ties sharing their mean rank.

    Raises:
        ValueError: a value is not a number.
    """
    array = np.asarray(values, float)
    if np.isnan(array).any():
        raise ValueError("ranks of NaN are undefined")
    _, inverse, counts = np.unique(array, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    mean_ranks: Floats = (ends - (counts - 1) / 2)[inverse]
    return mean_ranks


def spearman(predicted: Sequence[float], labelled: Sequence[float]) -> float:
    """Spearman's rank correlation, -1 to 1, ties by mean ranks.

    Raises:
        ValueError: fewer than two pairs, unequal lengths, NaN, or one side constant.
    """
    if len(predicted) != len(labelled) or len(predicted) < 2:
        raise ValueError(
            f"two sequences of one length from 2 are needed, not {len(predicted)} and {len(labelled)}"
        )
    one, other = ranks(predicted), ranks(labelled)
    if one.std() == 0 or other.std() == 0:
        raise ValueError("rank correlation with a constant is undefined")
    return float(np.corrcoef(one, other)[0, 1])


def macro_f1(predicted: Sequence[str], labelled: Sequence[str], classes: Sequence[str]) -> float:
    """Mean over ``classes`` of the harmonic mean of precision and recall; a class nobody names or has counts 0.

    Raises:
        ValueError: unequal lengths, no pairs or no classes.
    """
    _check(predicted, labelled)
    if not classes:
        raise ValueError("a mean over no classes is undefined")
    total = 0.0
    for name in classes:
        hits = sum(p == name == q for p, q in zip(predicted, labelled, strict=True))
        named = sum(p == name for p in predicted) + sum(q == name for q in labelled)
        total += 2 * hits / named if named else 0.0
    return total / len(classes)


def accuracy(predicted: Sequence[str], labelled: Sequence[str | Sequence[str]]) -> float:
    """Share of predictions that are the label, or one of the labels where several fit.

    Raises:
        ValueError: unequal lengths or no pairs.
    """
    _check(predicted, labelled)
    right = sum(p == q if isinstance(q, str) else p in q for p, q in zip(predicted, labelled, strict=True))
    return right / len(predicted)


def bootstrap(
    figure: Callable[[npt.NDArray[np.int64]], float], n: int, *, draws: int = 1000, seed: int = 0
) -> Interval:
    """A figure over ``n`` cases with its 95 % interval.

    Args:
        figure: the figure over the cases whose numbers it is given; draws for which it raises ``ValueError`` are
            left out.
        n: number of cases, at least 1.
        draws: resamples with replacement.
        seed: makes it repeatable.

    Raises:
        ValueError: no cases, or the figure of all of them is undefined.
    """
    if n < 1:
        raise ValueError("a figure needs at least one case")
    random = np.random.default_rng(seed)
    values = []
    for _ in range(draws):
        try:
            values.append(figure(random.integers(0, n, n)))
        except ValueError:
            continue
    value = figure(np.arange(n))
    if not values:
        return Interval(value, value, value)
    low, high = np.percentile(values, (2.5, 97.5))
    return Interval(value, float(low), float(high))


def wilson(hits: int, n: int) -> Interval:
    """A share of independent cases with Wilson's score interval (Wilson 1927), which holds for few cases too.

    Raises:
        ValueError: no cases, or hits that are not from 0 to ``n``.
    """
    if n < 1 or not 0 <= hits <= n:
        raise ValueError(f"a share needs 0 to n hits of n from 1 cases, not {hits} of {n}")
    share, weight = hits / n, _Z**2 / n
    centre = (share + weight / 2) / (1 + weight)
    reach = _Z * (share * (1 - share) / n + weight / (4 * n)) ** 0.5 / (1 + weight)
    return Interval(share, max(0.0, min(share, centre - reach)), min(1.0, max(share, centre + reach)))


def paired_permutation(
    one: Sequence[float], other: Sequence[float], *, draws: int = 10_000, seed: int = 0
) -> float:
    """Two-sided p-value that paired figures of two runs have one mean (Fisher's randomisation test).

    Raises:
        ValueError: unequal lengths, no pairs or NaN.
    """
    _check(one, other)
    difference = np.asarray(one, float) - np.asarray(other, float)
    if np.isnan(difference).any():
        raise ValueError("the mean of NaN is undefined")
    random = np.random.default_rng(seed)
    signs = random.choice((-1.0, 1.0), size=(draws, len(difference)))
    extreme = np.abs((signs * difference).mean(axis=1)) >= abs(difference.mean()) - 1e-12
    return float((extreme.sum() + 1) / (draws + 1))


def _check(one: Sequence[object], other: Sequence[object]) -> None:
    if len(one) != len(other) or not len(one):
        raise ValueError(f"two sequences of one length from 1 are needed, not {len(one)} and {len(other)}")
