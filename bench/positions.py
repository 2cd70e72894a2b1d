"""How well positions are read, by method and against the number of statements: no test, a measurement.

    PYTHONPATH=. python bench/positions.py [FILE.jsonl ...] [--supervised] [--work .bench/positions]

A FILE holds a labelled passage a line: ``text``, ``position`` (-2 to 2) and, for ``--supervised``, its ``episode``.
Without a FILE the axis's held-out minutes are read, by which the edges are cut too; they are written, and hold fewer
of the lexicon's words than talk does. COUNTERPOINT_AXIS names another axis.

Every method sees the vectors that an index build makes, and the axis's statements less those held out. Its raw
predictions become bands by two edges that cut the held-out minutes in the shares of their labels; what ships has edges
of its own too. Intervals are the project's bootstrap over passages, and somewhat too narrow: minutes of one talk are
alike. Draws are seeded. WORK keeps the exported model and vectors, without the texts: the first run embeds for some
minutes, the next ones do not.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from bench.minutes import Ints, Minutes, drawn, kept_vectors, labelled_rows, minutes_of
from bench.readers import (
    WRITTEN_ANCHORS,
    Fit,
    Method,
    and_words,
    by_anchors,
    by_chance,
    by_kernel,
    by_logistic,
    by_neighbours,
    by_ridge,
    by_shipped,
    by_windows,
    drawn_anchors,
    on_itself,
    with_words,
)
from bot.app.container import make_scorer, open_encoder
from bot.app.settings import Settings
from bot.i18n.catalogue import Catalogue
from index.embedding.encoder import Encoder
from index.evaluation.metrics import bootstrap, macro_f1, spearman
from index.training.reader import labelled_bands
from scoring.axis import Axis
from scoring.errors import AxisDataInvalid, CodedError
from scoring.fitting import Floats, Scale, fit_scale, folds_of
from scoring.scorer import CombinedScorer
from scoring.statements import FULL, read_statements

SIZES, REAL_SIZES = (100, 200, 400, 800, 1600), (50, 100, 200, 300)
N_DRAWS, N_REAL_DRAWS, N_ANCHORS_A_POLE = 10, 3, 10
KERNEL_WORDS = 1.2
"""The lexicon's weight beside the kernel; chosen on 390 minutes of talk."""

Draws = Sequence[Method]
"""One method, or several that differ by what was drawn for them."""

Way = tuple[str, int, Draws, Scale | None]
"""A method's name, the number of statements it was made of, itself, and its edges if it has its own."""

Figure = Callable[[Ints], float]


def main() -> None:
    """Print the tables, or one sentence on what is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--supervised", action="store_true", help="train on each file itself, too")
    parser.add_argument("--work", type=Path, default=Path(".bench/positions"))
    wanted = parser.parse_args()
    try:
        measure(wanted.files, wanted.work, supervised=wanted.supervised)
    except CodedError as error:
        sys.exit(Catalogue.load().error(error))


def measure(files: Sequence[Path], work: Path, *, supervised: bool) -> None:
    """Print the tables of each file.

    Raises:
        CodedError: a file or the axis is broken.
    """
    settings = Settings(state=work)
    rows = [labelled_rows(file, needs_episodes=supervised) for file in files]
    encoder = open_encoder(settings)
    ships, statements = make_scorer(settings, encoder.fingerprint), read_statements(settings.axis_folder)
    natural, held_out = (
        np.array([getattr(one, trait) for one in statements]) for trait in ("is_natural", "is_held_out")
    )
    if not isinstance(ships, CombinedScorer) or not natural.any():
        raise AxisDataInvalid(file=str(settings.axis_folder), problem="no reader or no natural statements")

    def seen(texts: list[str], labels: list[float], groups: list[str]) -> Minutes:
        vectors = kept_vectors(texts, encoder, work / "vectors")
        return minutes_of(texts, labels, groups, vectors, ships.lexicon)

    told = zip(*((one.text, one.label, one.group) for one in statements), strict=True)
    every = seen(*(list(one) for one in told))
    held, minutes, sharpened = (
        every.at(np.flatnonzero(which))
        for which in (natural & held_out, natural & ~held_out, ~natural & ~held_out)
    )
    labelled = [
        seen(
            [str(row["text"]) for row in own],
            [float(row["position"]) for row in own],
            [str(row.get("episode", row["text"])) for row in own],
        )
        for own in rows
    ]
    say(f"Axis {ships.axis.name}: {len(minutes)} natural minutes and {len(sharpened)} sharpened statements")
    say(f"to train on, {len(held)} held-out minutes for the edges; encoder {encoder.fingerprint}.")
    methods = list(methods_of(minutes, sharpened, ships, encoder))
    curve = list(curve_of(minutes, ships.semantic.lexical))
    names = [file.stem for file in files] or ["held-out minutes"]
    for name, one in zip(names, labelled or [held], strict=True):
        say(f"\n## {name}: {len(one)} passages, {len(set(one.groups))} episodes or texts\n")
        print_methods(methods, one, held, ships.axis)
        print_curve(curve, one, held, ships)
        if supervised:
            print_supervised(one, minutes, ships)


def methods_of(
    minutes: Minutes, sharpened: Minutes, ships: CombinedScorer, encoder: Encoder
) -> Iterator[Way]:
    """Every method, from a floor to what ships."""
    yield "always the middle", 0, [lambda one: np.zeros(len(one))], None
    yield "at random", 0, [by_chance(seed) for seed in range(N_DRAWS)], None
    yield "the lexicon alone", 0, [lambda one: one.lexical], None
    hows = "difference of means", "best match of a window"
    if ships.axis.name in WRITTEN_ANCHORS:
        poles = [encoder.encode(pole.splitlines()) for pole in WRITTEN_ANCHORS[ships.axis.name]]
        for how, method in zip(hows, by_anchors(*poles), strict=True):
            yield f"plain anchor sentences, {how}", sum(map(len, poles)), [method], None
    drawn_ones = zip(
        *(by_anchors(*drawn_anchors(ships.semantic, N_ANCHORS_A_POLE, seed)) for seed in range(N_DRAWS)),
        strict=True,
    )
    for how, draws in zip(hows, drawn_ones, strict=True):
        yield f"clear statements drawn as anchors, {how}", 2 * N_ANCHORS_A_POLE, draws, None
    yield "nearest neighbours among natural minutes", len(minutes), [by_neighbours(minutes)], None
    both = minutes.and_then(sharpened)
    for what, trained in (("sharpened", sharpened), ("natural", minutes), ("both alike", both)):
        yield f"logistic regression on bands, {what}", len(trained), [by_logistic(trained)], None
        yield f"ridge, {what}", len(trained), [by_ridge(trained)], None
    kernel = by_kernel(minutes)
    yield "ridge with a Gaussian kernel, natural", len(minutes), [kernel], None
    name = f"the same with {KERNEL_WORDS:g} times the words"
    yield name, len(minutes), [and_words(kernel, KERNEL_WORDS)], None
    for attention, how in (
        (0.0, "mean"),
        (2.0, "attention to the strongest"),
        (np.inf, "the strongest alone"),
    ):
        name = f"ridge on windows one by one, natural, {how}"
        yield name, len(minutes), [by_windows(minutes, attention)], None
    meaning = by_shipped(ships.semantic)
    yield "what ships, meaning alone", len(minutes), [meaning], None
    combined = and_words(meaning, ships.semantic.lexical)
    yield f"what ships, with {ships.semantic.lexical:g} times the words", len(minutes), [combined], None
    yield "what ships, with its own edges", len(minutes), [combined], ships.semantic.scale


def curve_of(minutes: Minutes, words: float) -> Iterator[tuple[int, list[Draws]]]:
    """For each number of natural minutes four ways trained on so many, several draws of each."""
    for size in (*(size for size in SIZES if size < len(minutes)), len(minutes)):
        draws = [drawn(minutes, size, seed) for seed in range(N_DRAWS if size < len(minutes) else 1)]
        linear = [by_ridge(one) for one in draws]
        kernels = [by_kernel(one) for one in draws]
        more = [and_words(one, words) for one in kernels]
        yield size, [linear, [by_logistic(one) for one in draws], kernels, more]


def print_methods(methods: Sequence[Way], one: Minutes, held: Minutes, axis: Axis) -> None:
    """Print the table by method."""
    say("| method | statements | Spearman | macro-F1 of bands |\n|---|---|---|---|")
    for name, n, draws, scale in methods:
        say(f"| {name} | {n} | {' | '.join(judged(draws, one, held, axis, scale))} |")


def print_curve(
    curve: Sequence[tuple[int, list[Draws]]], one: Minutes, held: Minutes, ships: CombinedScorer
) -> None:
    """Print the table against the number of natural minutes."""
    more = f"kernel and {ships.semantic.lexical:g} times the words"
    say(f"\n| natural minutes | ridge | F1 | logistic | F1 | kernel | F1 | {more} | F1 |\n|{'---|' * 9}")
    for size, ways in curve:
        cells = [cell for draws in ways for cell in judged(draws, one, held, ships.axis)]
        say(f"| {size} | {' | '.join(cells)} |")


def print_supervised(one: Minutes, minutes: Minutes, ships: CombinedScorer) -> None:
    """Print what a file's own passages teach of its other episodes."""
    folds, words = folds_of(one.groups), ships.semantic.lexical
    most = min(int((folds != fold).sum()) for fold in np.unique(folds))
    ways: dict[str, tuple[Fit, Minutes | None]] = {
        "ridge": (with_words(0.0), None),
        "ridge with the words": (with_words(words), None),
        "the same and all natural minutes": (with_words(words), minutes),
        "kernel, words and all natural minutes": (partial(by_kernel, words=words), minutes),
    }
    say(f"\nTrained on other episodes of this file, {most} passages at least, with edges by its labels:\n")
    say(f"| passages | {' | F1 | '.join(ways)} | F1 |\n|{'---|' * 9}")
    for size in (*(size for size in REAL_SIZES if size < most), len(one)):
        cells: list[str] = []
        for fit, written in ways.values():
            seeds = range(N_REAL_DRAWS if size < most else 1)
            raws = [on_itself(one, size, seed, fit, written) for seed in seeds]
            cells += figures(raws, [fit_scale(raw, one.labels) for raw in raws], one.labels, ships.axis)
        say(f"| {size if size < most else 'all'} | {' | '.join(cells)} |")


def judged(
    draws: Draws, one: Minutes, held: Minutes, axis: Axis, scale: Scale | None = None
) -> tuple[str, str]:
    """``figures`` of methods on ``one``; without ``scale`` edges cut ``held`` in the shares of its labels."""
    scales = [scale or fit_scale(method(held), held.labels) for method in draws]
    return figures([method(one) for method in draws], scales, one.labels, axis)


def figures(raws: Sequence[Floats], scales: Sequence[Scale], labels: Floats, axis: Axis) -> tuple[str, str]:
    """Spearman and macro-F1: of one prediction with its interval, of several their mean and deviation."""
    labelled = labelled_bands(labels.tolist(), axis)
    found = []
    for raw, scale in zip(raws, scales, strict=True):
        named = labelled_bands(
            np.where(raw < scale.low, -FULL, np.where(raw > scale.high, FULL, 0)).tolist(), axis
        )
        found.append(
            (
                lambda at, raw=raw: spearman(raw[at].tolist(), labels[at].tolist()),
                lambda at, named=named: macro_f1(
                    [named[row] for row in at], [labelled[row] for row in at], axis.bands
                ),
            )
        )
    rank, match = zip(*found, strict=True)
    return summary(rank, len(labels)), summary(match, len(labels))


def summary(draws: Sequence[Figure], n: int) -> str:
    """A figure over ``n`` cases as a table's cell; a dash where it is undefined."""
    try:
        if len(draws) == 1:
            one = bootstrap(draws[0], n)
            return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"
        values = [figure(np.arange(n)) for figure in draws]
    except ValueError:
        return "–"
    return f"{np.mean(values):.3f} ± {np.std(values):.3f}"


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
