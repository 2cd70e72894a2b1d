"""Fit and measure when an answer is surely what is meant (``index/search/relevance.py``).

    PYTHONPATH=. python bench/sureness.py STATE QUESTIONS [QUESTIONS ...]

STATE is the state folder of the library of 56 episodes, and QUESTIONS are files as ``counterpoint evaluate find`` reads
them; a line without an ``episode`` asks for something that the library has not. The first passage is right if it holds
the answer, or if a reader marked it as belonging (``data/questions/belonging.jsonl``). Printed are, for each file, how
many answers are sure and how many of these, and of the others, begin with the right passage, as the program does today
and by weights fitted anew, by cross-validation over questions; and those weights. Answers that are sure for another
reason (an episode is named, or the words are said) are in no fit.
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
from belonging import MARKED, sha_of
from sklearn.metrics import roc_auc_score

from bot.app.container import make_axis, open_encoder
from bot.app.settings import Settings
from index.evaluation.retrieval import holds
from index.search import relevance
from index.search import searcher as searching
from index.search.answers import Found
from index.search.searcher import Searcher
from index.storage.edition import open_edition

FEATURES = [field.name for field in dataclasses.fields(relevance.SurenessWeights) if field.name != "bias"]
OTHER_SUBJECTS, MARKED_WEIGHT = 4.0, 2.0
"""Weights of what the library does not answer, and of what a reader marked: of others only one passage counts."""


def is_right(question: dict[str, Any], found: Found) -> bool | None:
    """Return whether the first passage is right; None if nobody has marked it."""
    first = found.passages[0]
    if "marks" in question:
        marks = [question["marks"].get(sha_of(record.piece.text)) for record in first.slices]
        known = [mark for mark in marks if mark is not None]
        return max(known) >= 1 if known else None
    return question.get("text") is not None and holds(first.text, question["text"])


async def answered(state: Path, files: list[Path]) -> list[dict[str, Any]]:
    """Ask a library all questions; return for each answer the evidence, whether it is right and whether it is sure."""
    edition = await open_edition(state)
    settings = Settings(state=state)
    searcher = Searcher.over(edition, open_encoder(settings), make_axis(settings))
    seen: list[Any] = []
    said_by = relevance.chance_of_first

    def chance(*evidence: Any) -> float:
        seen.append(relevance.sureness_evidence(*evidence))
        return said_by(*evidence)

    searching.chance_of_first = chance  # type: ignore[attr-defined]
    rows = []
    for path in files:
        for question in map(json.loads, path.read_text("utf-8").splitlines()):
            seen.clear()
            found = await searcher.find(question.get("query") or question["question"])
            if not found.is_match or (right := is_right(question, found)) is None:
                continue
            name = f"{path.name} {question['from']}" if "from" in question else path.name
            rows.append(
                {
                    "evidence": seen[-1] if seen else None,
                    "file": name,
                    "right": right,
                    "is_sure": found.is_sure,
                    "weight": OTHER_SUBJECTS
                    if "marks" not in question and question.get("episode") is None
                    else MARKED_WEIGHT
                    if "marks" in question
                    else 1.0,
                }
            )
    await edition.close()
    return rows


def told(name: str, is_sure: Any, right: Any) -> str:
    """Return the share that is sure, and of these and of the others the share that begins right."""
    shares = [f"{right[some].mean():.2f}" if some.any() else "-" for some in (is_sure, ~is_sure)]
    return f"  {name}: {is_sure.mean():.2f} sure; {shares[0]} of these begin right, of the others {shares[1]}"


def main() -> None:
    """Ask, fit, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("state", type=Path)
    parser.add_argument("questions", type=Path, nargs="+")
    asked = parser.parse_args()
    rows = asyncio.run(answered(asked.state, [MARKED, *asked.questions]))
    right, today = np.array([row["right"] for row in rows]), np.array([row["is_sure"] for row in rows])
    told_by = np.array([row["evidence"] is not None for row in rows])
    weight = np.array([row["weight"] for row in rows])[told_by]
    evidence = np.array([row["evidence"] for row in rows if row["evidence"] is not None])
    chance = np.ones(len(rows))
    chance[told_by] = logistic.cross_validated(evidence, right[told_by], np.arange(len(evidence)), weight)
    files = np.array([row["file"] for row in rows])
    for name in dict.fromkeys(files.tolist()):
        of_file = files == name
        print(f"{name}, {of_file.sum()} answers")
        print(told("today", today[of_file], right[of_file]))
        for least in (0.35, relevance.SURE, 0.5):
            sure = chance[of_file] >= least
            print(told(f"cross-validated, from {least:.2f} on", sure, right[of_file]))
    print(f"AUC of a first passage that is right {roc_auc_score(right[told_by], chance[told_by]):.3f}")
    logistic.print_weights(FEATURES, logistic.fit(evidence, right[told_by], weight))


if __name__ == "__main__":
    main()
