"""Logistic models of a few kinds of evidence (``index/search/relevance.py``), fitted and cross-validated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

N_FOLDS = 10


def fit(evidence: Any, is_so: Any, weight: Any = None, *, c: float = 0.3) -> Pipeline:
    """Return a model fitted on rows of ``evidence``, shape (n, k), scaled to unit variance.

    Args:
        evidence: shape (n, k).
        is_so: labels, shape (n,).
        weight: how much each row counts, shape (n,); None for all alike.
        c: inverse strength of regularization.
    """
    model = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=3000))
    return model.fit(evidence, is_so, logisticregression__sample_weight=weight)


def cross_validated(
    evidence: Any, is_so: Any, groups: Any, weight: Any = None, *, c: float = 0.3, seed: int = 3
) -> Any:
    """Return the chance of each row by a model that saw no row of its fold, shape (n,).

    Args:
        evidence: shape (n, k).
        is_so: labels, shape (n,).
        groups: number of the question of each row, from 0, shape (n,); a question lies in one fold.
        weight: as for ``fit``.
        c: as for ``fit``.
        seed: of the folds.
    """
    fold = np.random.default_rng(seed).integers(0, N_FOLDS, groups.max() + 1)[groups]
    chance = np.zeros(len(evidence))
    for part in range(N_FOLDS):
        train, test = fold != part, fold == part
        if test.any():
            share = None if weight is None else weight[train]
            chance[test] = fit(evidence[train], is_so[train], share, c=c).predict_proba(evidence[test])[:, 1]
    return chance


def print_weights(names: Sequence[str], model: Pipeline) -> None:
    """Print what a model weighs each kind of evidence with, unscaled, by name, and its bias."""
    scaler, logistic = model.named_steps.values()
    slopes = logistic.coef_[0] / scaler.scale_
    print({name: round(float(slope), 2) for name, slope in zip(names, slopes, strict=True)})
    print("bias", round(float(logistic.intercept_[0] - slopes @ scaler.mean_), 2))
