"""How good the first slices are by several methods, on questions whose slices were graded: a measurement.

    PYTHONPATH=. python bench/graded_questions.py STATE

STATE is the state folder of a library that holds the graded slices. ``data/questions/graded.jsonl`` has, for each of 60
questions, the slices that today's ranking, BM25 alone and the encoder alone had among their first ten, by the SHA-1
of their texts, with the grades of two readers who did not see each other's: 3 this is it, 2 in part, 1 the same
subject, 0 something else. Their mean counts; a slice that nobody graded counts 0, and the line says how many these are.
The ranking's slices are all those of the passages that it shows, each passage's best first; it leaves out what it holds
to be off the subject, so they are often fewer than ten. nDCG is that of Jarvelin and Kekalainen (2002), with gains of
2^grade - 1.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
from pathlib import Path

import numpy as np

from bot.app.container import make_axis, open_encoder
from bot.app.settings import DATA, Settings
from index.evaluation.metrics import bootstrap, spearman
from index.search.searcher import Searcher
from index.storage.edition import open_edition
from index.text.tokens import terms_of

GRADED = DATA / "questions" / "graded.jsonl"
N_FIRST = 10
RIGHT, SOMETHING_ELSE = 2.0, 0.5
"""Least mean grade of a slice that answers; mean grade below which it is of another subject."""


def digest(text: str) -> str:
    """The first 12 hex digits of a text's SHA-1."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:12]


def ndcg(grades: list[float], pool: list[float], depth: int) -> float:
    """Normalized gain (nDCG) of the first slices, with ``grades``, of a question whose graded slices have ``pool``.

    Written out since scikit-learn's takes every slice that was not ranked for a tie with the others, and an answer of
    three passages has no fourth.
    """
    gained, ideal = (
        sum((2**grade - 1) / np.log2(rank + 2) for rank, grade in enumerate(each[:depth]))
        for each in (grades, sorted(pool, reverse=True))
    )
    return float(gained / ideal) if ideal else 0.0


def figures_of(grades: list[float], pool: list[float]) -> dict[str, float]:
    """The figures of one question's ranking with ``grades``, where the graded slices have ``pool``."""
    return {
        "nDCG@3": ndcg(grades, pool, 3),
        "nDCG@10": ndcg(grades, pool, N_FIRST),
        "first answers": float(bool(grades) and grades[0] >= RIGHT),
        "one of the first ten answers": float(any(grade >= RIGHT for grade in grades)),
        "of another subject": float(np.mean([grade < SOMETHING_ELSE for grade in grades])) if grades else 0.0,
        "slices": float(len(grades)),
    }


async def ranked(searcher: Searcher, question: str) -> dict[str, list[int]]:
    """The ids of the first ten slices by each method; fewer where a method answers with fewer."""
    edition, tables = searcher.edition, searcher.tables
    vector = searcher.encoder.encode([question])[0]
    every = edition.vectors.take(np.arange(len(tables.window_places)))
    nearest = np.maximum.reduceat(every @ vector, tables.first_windows[:-1])
    words, _ = edition.postings.best(list(terms_of(question).stems), N_FIRST)
    found = await searcher.find(question, n_passages=N_FIRST)
    ids = edition.columns.slice_id
    return {
        "the ranking": [
            record.id
            for passage in found.passages
            for record in sorted(
                passage.slices, key=lambda record, best=passage.slices[passage.best]: record != best
            )
        ][:N_FIRST],
        "BM25 alone": ids[words[:N_FIRST]].tolist(),
        "the encoder alone": ids[np.argsort(-nearest, kind="stable")[:N_FIRST]].tolist(),
    }


async def measure(state: Path) -> None:
    """Print the figures of each method with 95 % intervals, and how well the readers agree."""
    questions = [json.loads(line) for line in GRADED.read_text(encoding="utf-8").splitlines()]
    settings = Settings(state=state)
    edition = await open_edition(state)
    try:
        searcher = Searcher.over(edition, open_encoder(settings), make_axis(settings))
        figures: dict[str, list[dict[str, float]]] = {}
        unknown: dict[str, int] = {}
        for question in questions:
            means = {name: float(np.mean(grades)) for name, grades in question["grades"].items()}
            for method, ids in (await ranked(searcher, question["question"])).items():
                records = await edition.slices.by_id(ids)
                names = [digest(records[slice_id].piece.text) for slice_id in ids]
                grades = [means.get(name, 0.0) for name in names]
                figures.setdefault(method, []).append(figures_of(grades, list(means.values())))
                unknown[method] = unknown.get(method, 0) + sum(name not in means for name in names)
    finally:
        await edition.close()
    pairs = [grades for question in questions for grades in question["grades"].values()]
    first, second = ([float(pair[at]) for pair in pairs] for at in (0, 1))
    print(
        f"{len(questions)} questions, {len(pairs)} graded slices; the readers agree at Spearman "
        f"{spearman(first, second):.2f}, exactly in {np.mean(np.equal(first, second)):.0%}"
    )
    for method, rows in figures.items():
        print(f"{method}, {unknown[method]} slices that nobody graded")
        for name in rows[0]:
            values = np.array([row[name] for row in rows])
            interval = bootstrap(lambda cases, values=values: float(values[cases].mean()), len(values))  # type: ignore[misc]
            print(f"  {name}: {interval.value:.3f} ({interval.low:.3f} to {interval.high:.3f})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("state", type=Path)
    asyncio.run(measure(parser.parse_args().state))
