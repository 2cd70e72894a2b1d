"""The ways of reading positions that ``bench/positions.py`` compares: each made of statements, applied to minutes."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from bench.linear import Linear, out_of_fold, ridge
from bench.minutes import Minutes, drawn
from index.embedding.encoder import Vectors
from index.evaluation.metrics import spearman
from scoring.fitting import Floats, chance, folds_of, likeness, logistic, unit
from scoring.semantic import SemanticReader
from scoring.statements import EDGE_LABEL

PENALTIES, NEIGHBOURS = (1.0, 3.0, 10.0, 30.0), (5, 20, 60)
WIDTH = 2.0
"""How fast a minute's say falls with distance in ``by_kernel``; chosen, with a penalty of 1, on 390 minutes of talk."""

PASSAGE_WEIGHT = 5.0
"""How many written minutes a passage of real talk counts as, where both are trained on."""

WRITTEN_ANCHORS = {
    "risk-opportunity": (
        """Advanced AI could end in human extinction.
We are building something that we cannot control.
AI will be used to deceive and manipulate people.
The systems may pursue goals that harm us, and we could not stop them.
This technology is dangerous and nobody is prepared for it.
Companies race ahead and ignore the risks.
AI makes it easier to build weapons and attack society.
People will lose their jobs and their power to machines.
The safety measures fail and the model behaves badly.
We should slow down before something goes terribly wrong.""",
        """AI will cure diseases and save millions of lives.
This is going to make everyone more productive and prosperous.
The fears about AI are exaggerated.
These tools help people to do things they never could before.
The model works remarkably well, and it gets better every month.
AI will speed up science and solve our hardest problems.
We can make these systems safe, and the methods work.
Our customers love it, and it saves them hours of work.
It gives every child a patient tutor and every person an expert.
I am optimistic and excited about what this makes possible.""",
    )
}
"""By the axis's name ten plain sentences for each pole, one a line, the low pole's first."""


Method = Callable[[Minutes], Floats]
"""Raw predictions, shape (n,), up towards the high pole; of its own scale."""


def by_chance(seed: int) -> Method:
    """Numbers that know nothing of the text."""
    return lambda minutes: np.random.default_rng([seed, len(minutes)]).random(len(minutes))


def by_anchors(low: Vectors, high: Vectors) -> tuple[Method, Method]:
    """Anchor sentences' vectors, shape (n, dim), against a text's: by difference of means, and by best match.

    The first takes the cosine of the whole text with the mean of the high anchors less that of the low ones; the second
    the best cosine of any window with any high anchor less the best with any low one.
    """
    direction = high.mean(axis=0) - low.mean(axis=0)

    def best(minutes: Minutes) -> Floats:
        return np.array([(own @ high.T).max() - (own @ low.T).max() for own in minutes.vectors], np.float64)

    return lambda minutes: minutes.wholes() @ direction, best


def drawn_anchors(reader: SemanticReader, n: int, seed: int) -> tuple[Vectors, Vectors]:
    """Vectors of ``n`` of a reader's anchor statements for each pole, the low one first."""
    random = np.random.default_rng(seed)
    low, high = (
        random.choice(np.flatnonzero(reader.anchor_labels * sign > 0), n, replace=False) for sign in (-1, 1)
    )
    return reader.anchor_vectors[low].astype(np.float32), reader.anchor_vectors[high].astype(np.float32)


def by_neighbours(trained: Minutes) -> Method:
    """The mean label of the nearest texts, as many as cross-validation over groups prefers (of ``NEIGHBOURS``)."""
    centres, folds = unit(trained.features), folds_of(trained.groups)
    similarity = centres @ centres.T
    similarity[folds[:, np.newaxis] == folds] = -2.0
    n_nearest = max(
        NEIGHBOURS,
        key=lambda n: round(_agreement(_nearest(similarity, trained.labels, n), trained.labels), 3),
    )
    return lambda minutes: _nearest(unit(minutes.features) @ centres.T, trained.labels, n_nearest)


def linear_map(x: Floats, labels: Floats, groups: Sequence[str], weights: Floats | None = None) -> Linear:
    """Ridge regression with the penalty that cross-validation over groups prefers, as training chooses it.

    Args:
        x: shape (n, dim).
        labels: shape (n,).
        groups: of each row; one group's rows are in one fold, and there are two folds at least.
        weights: of the rows, shape (n,); equal if None.
    """
    weights = np.ones(len(x)) if weights is None else weights
    folds, y = folds_of(groups), labels[:, np.newaxis]

    def agreement(penalty: float) -> float:
        return _agreement(out_of_fold(x, y, folds, penalty, weights)[:, 0], labels, weights == weights.max())

    penalty = max(PENALTIES, key=lambda one: (round(agreement(one), 3), one))
    return ridge(x, y, penalty, weights)


def by_ridge(trained: Minutes) -> Method:
    """``linear_map`` on the features."""
    fitted = linear_map(trained.features, trained.labels, trained.groups)
    return lambda minutes: fitted(minutes.features)[:, 0]


def by_kernel(trained: Minutes, weights: Floats | None = None, words: float = 0.0) -> Method:
    """Kernel ridge regression: every trained minute speaks, those of like vectors louder.

    The kernel of two minutes is exp(-WIDTH |u - v|^2) of their features at unit length, plus ``words`` squared times
    the product of their lexical positions.

    Args:
        trained: what it is fitted on.
        weights: of its minutes, shape (n,), above 0; equal if None.
        words: how much the lexicon's position counts.
    """
    weights = np.ones(len(trained)) if weights is None else weights
    mean = float(np.average(trained.labels, weights=weights))

    def kernel(minutes: Minutes) -> Floats:
        near = likeness(unit(minutes.features), unit(trained.features), WIDTH)
        return near + words**2 * np.outer(minutes.lexical, trained.lexical)

    pulls = np.linalg.solve(kernel(trained) + np.diag(1.0 / weights), trained.labels - mean)
    return lambda minutes: kernel(minutes) @ pulls + mean


def by_logistic(trained: Minutes) -> Method:
    """Logistic regression on bands: the chance of the high band less that of the low one, each against the rest."""
    low, high = (
        logistic(_with_ones(trained.features), outside.astype(np.float64))
        for outside in (trained.labels < -EDGE_LABEL, trained.labels > EDGE_LABEL)
    )

    def read(minutes: Minutes) -> Floats:
        x = _with_ones(minutes.features)
        return chance(x, high) - chance(x, low)

    return read


def by_windows(trained: Minutes, attention: float) -> Method:
    """Windows read one by one by a ridge regression on windows, each of which has its text's label.

    A text's windows are averaged with weights exp(attention |reading|): 0 is their mean, infinity the strongest alone.
    """
    windows = [own[1:] if len(own) > 1 else own for own in trained.vectors]
    counts = np.array([len(own) for own in windows])
    fitted = linear_map(
        np.concatenate(windows).astype(np.float64),
        np.repeat(trained.labels, counts),
        np.repeat(np.array(trained.groups), counts).tolist(),
    )

    def read(minutes: Minutes) -> Floats:
        return np.array(
            [attended(fitted(own[1:] if len(own) > 1 else own)[:, 0], attention) for own in minutes.vectors]
        )

    return read


def attended(readings: Floats, attention: float) -> float:
    """The mean of ``readings``, shape (n,) from 1, weighted by exp(attention |reading|)."""
    strength = np.abs(readings) - np.abs(readings).max()
    if np.isinf(attention):
        return float(readings[strength.argmax()])
    return float(np.average(readings, weights=np.exp(attention * strength)))


def by_shipped(reader: SemanticReader) -> Method:
    """A trained reader without the words."""
    return lambda minutes: reader.meaning(minutes.features).stance


def and_words(method: Method, weight: float) -> Method:
    """A method's prediction plus ``weight`` times the lexicon's position."""
    return lambda minutes: method(minutes) + weight * minutes.lexical


Fit = Callable[[Minutes, Floats], Method]
"""What is made of minutes with their weights."""


def with_words(words: float) -> Fit:
    """``linear_map`` on the features and, as one more column, ``words`` times the lexicon's position."""

    def x(minutes: Minutes) -> Floats:
        return np.column_stack([minutes.features, words * minutes.lexical]) if words else minutes.features

    def fit(trained: Minutes, weights: Floats) -> Method:
        fitted = linear_map(x(trained), trained.labels, trained.groups, weights)
        return lambda minutes: fitted(x(minutes))[:, 0]

    return fit


def on_itself(labelled: Minutes, size: int, seed: int, fit: Fit, written: Minutes | None = None) -> Floats:
    """What ``labelled`` gets from its own other episodes: predictions, none by a fit that saw its episode.

    Args:
        labelled: with episodes as groups.
        size: of the passages of the other episodes so many are drawn to train on, all if there are fewer.
        seed: of the draw.
        fit: what is trained.
        written: statements that are trained on as well, a passage counting as much as ``PASSAGE_WEIGHT`` of them.
    """
    raw, folds = np.zeros(len(labelled)), folds_of(labelled.groups)
    for fold in np.unique(folds):
        inside = np.flatnonzero(folds == fold)
        own = drawn(labelled.at(np.flatnonzero(folds != fold)), size, seed)
        trained = own if written is None else own.and_then(written)
        weights = np.where(np.arange(len(trained)) < len(own), PASSAGE_WEIGHT, 1.0)
        raw[inside] = fit(trained, weights)(labelled.at(inside))
    return raw


def _with_ones(x: Floats) -> Floats:
    return np.column_stack([np.ones(len(x)), x])


def _nearest(similarity: Floats, labels: Floats, n: int) -> Floats:
    n = min(n, len(labels))
    mean: Floats = labels[np.argpartition(-similarity, n - 1, axis=1)[:, :n]].mean(axis=1)
    return mean


def _agreement(predicted: Floats, labels: Floats, judged: npt.NDArray[np.bool_] | None = None) -> float:
    judged = np.ones(len(labels), bool) if judged is None else judged
    try:
        return spearman(predicted[judged].tolist(), labels[judged].tolist())
    except ValueError:  # all alike: it says nothing
        return 0.0
