"""Fit and measure which questions a library answers (``index/search/relevance.py``).

    PYTHONPATH=. python bench/answerable.py STATE=QUESTIONS[,QUESTIONS...] [STATE=QUESTIONS ...]

Each STATE is the state folder of a library, and its QUESTIONS are files as ``counterpoint evaluate find`` reads them; a
line without an ``episode`` asks for something that the library has not. Printed are, for each library and each file,
how many questions that it answers are refused and how many that it does not are answered, as the program does today
and by weights fitted anew, by cross-validation over questions, each library counting as much; and those weights.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
from pathlib import Path
from typing import Any

import logistic
import numpy as np

from bot.app.container import make_axis, open_encoder
from bot.app.settings import Settings
from index.search.candidates import Candidates
from index.search.relevance import ANSWERABLE, AnswerWeights
from index.search.searcher import Searcher
from index.storage.edition import open_edition

NAMES = [field.name for field in dataclasses.fields(AnswerWeights) if field.name != "bias"]
_C = 1.0


async def asked(state: Path, files: list[Path]) -> list[dict[str, Any]]:
    """Ask a library all questions; return for each the evidence, whether it has an answer and whether one is given."""
    edition = await open_edition(state)
    settings = Settings(state=state)
    searcher = Searcher.over(edition, open_encoder(settings), make_axis(settings))
    seen: list[Any] = []
    said_by = Candidates.is_about

    def about(found: Candidates, score: Any, **more: Any) -> bool:
        seen.append(found.evidence_of_answer(score))
        return said_by(found, score, **more)

    Candidates.is_about = about  # type: ignore[method-assign]
    rows = []
    for path in files:
        for question in map(json.loads, path.read_text("utf-8").splitlines()):
            seen.clear()
            found = await searcher.find(question["query"])
            if seen:
                rows.append(
                    {
                        "evidence": seen[0],  # of the question as a whole
                        "library": str(state),
                        "file": f"{path.name} {question['kind']}" if question.get("kind") else path.name,
                        "query": question["query"],
                        "has": question.get("episode") is not None,
                        "is_answered": found.is_match,
                    }
                )
    Candidates.is_about = said_by  # type: ignore[method-assign]
    await edition.close()
    return rows


def main() -> None:
    """Ask, fit, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("libraries", nargs="+", metavar="STATE=QUESTIONS[,QUESTIONS...]")
    rows = []
    for library in parser.parse_args().libraries:
        state, _, files = library.partition("=")
        rows += asyncio.run(asked(Path(state), [Path(name) for name in files.split(",")]))
    evidence, has = np.array([row["evidence"] for row in rows]), np.array([row["has"] for row in rows])
    libraries = np.array([row["library"] for row in rows])
    numbers = {query: number for number, query in enumerate(dict.fromkeys(row["query"] for row in rows))}
    question = np.array([numbers[row["query"]] for row in rows])
    weight = np.ones(len(rows))
    for library in set(libraries.tolist()):
        for kind in (True, False):
            same = (libraries == library) & (has == kind)
            weight[same] = 1 / max(same.sum(), 100)  # few questions do not count for many

    chance = logistic.cross_validated(evidence, has, question, weight / weight.mean(), c=_C, seed=0)
    today = np.array([row["is_answered"] for row in rows])
    for library in dict.fromkeys(libraries.tolist()):
        print(library)
        of_library = libraries == library
        for name in dict.fromkeys(row["file"] for row in rows if row["library"] == library):
            for kind in (True, False):
                same = of_library & (has == kind) & np.array([row["file"] == name for row in rows])
                if not same.any():
                    continue
                wrong = [(today[same] != kind).mean()]
                wrong += [((chance[same] >= least) != kind).mean() for least in (0.15, ANSWERABLE, 0.25)]
                told = ", ".join(f"{share:.3f}" for share in wrong)
                print(
                    f"  {name}, {same.sum()} {'it answers: refused' if kind else 'others: answered'} {told}"
                )
    print(f"(today; and by chances cross-validated, from 0.15, {ANSWERABLE:.2f} and 0.25 on)")
    logistic.print_weights(NAMES, logistic.fit(evidence, has, weight / weight.mean(), c=_C))


if __name__ == "__main__":
    main()
