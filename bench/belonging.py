"""Fit and measure which further passages belong to an answer (``index/search/relevance.py``).

    PYTHONPATH=. python bench/belonging.py STATE

STATE is the state folder of the library of 56 episodes whose passages were marked. ``data/questions/belonging.jsonl``
has for each question marks of the first passages that would be shown, by the first 12 digits of the SHA-1 of their
slice's text: 2 (glad of it), 1 (related) or 0 (does not belong), one reader a question. Printed are the shares that
belong of what is shown today and by weights fitted anew, by cross-validation over questions, and those weights.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import logistic
import numpy as np
from sklearn.metrics import roc_auc_score

from bot.app.container import make_axis, open_encoder
from bot.app.settings import Settings
from index.search import relevance
from index.search import searcher as searching
from index.search.candidates import Candidates
from index.search.ranking import SliceGroup
from index.search.searcher import Searcher
from index.storage.edition import open_edition

DATA = Path(__file__).parents[1] / "data"
MARKED = DATA / "questions" / "belonging.jsonl"
FEATURES = [field.name for field in dataclasses.fields(relevance.BelongingWeights) if field.name != "bias"]


def sha_of(text: str) -> str:
    """Return the first 12 digits of the SHA-1 of ``text``."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:12]


async def marked_passages(state: Path) -> list[dict[str, Any]]:
    """Return for each marked further passage its evidence, its mark, its question and whether it is shown today."""
    questions = [json.loads(line) for line in MARKED.read_text("utf-8").splitlines()]
    edition = await open_edition(state)
    settings = Settings(state=state)
    searcher = Searcher.over(edition, open_encoder(settings), make_axis(settings))
    seen: list[dict[str, Any]] = []
    chosen_by, kept_by = Searcher._belonging, searching.belonging_groups

    def choosing(chosen: Any, match: Any, finder: Any, records: Any, **more: Any) -> list[SliceGroup]:
        seen.append({"candidates": match.candidates, "score": match.score, "records": records})
        return chosen_by(chosen, match, finder, records, **more)

    def keeping(groups: Any, score: Any, near: Any, **more: Any) -> list[SliceGroup]:
        kept = kept_by(groups, score, near, **more)
        asked = {name: more[name] for name in ("terms", "episodes", "floor")}
        nearest = np.array([more["nearest_sentence"](group) for group in groups])
        evidence = relevance.belonging_evidence(groups, score, near, nearest=nearest, **asked)
        seen[-1].update(groups=groups, evidence=evidence, shown={group.places[0] for group in kept})
        return kept

    Searcher._belonging = staticmethod(choosing)  # type: ignore[method-assign]
    searching.belonging_groups = keeping
    answered = Candidates.is_about
    Candidates.is_about = lambda *_, **__: True  # type: ignore[method-assign]
    rows = []
    for number, question in enumerate(questions):
        seen.clear()
        await searcher.find(question["question"])
        if not seen or "groups" not in seen[-1]:
            continue
        last = seen[-1]
        candidates, is_answered = last["candidates"], answered(last["candidates"], last["score"])
        for group, evidence in list(zip(last["groups"], last["evidence"], strict=True))[1:]:
            place = group.places[0]
            mark = question["marks"].get(sha_of(last["records"][int(candidates.ids[place])].piece.text))
            if mark is None:
                continue
            rows.append(
                {
                    "evidence": evidence,
                    "mark": mark,
                    "question": number,
                    "from": question["from"],
                    "is_answered": is_answered,
                    "is_shown": place in last["shown"],
                }
            )
    await edition.close()
    return rows


def told(name: str, shown: Any, mark: Any) -> str:
    """Return how many are shown, how many of them belong, and how many of the glad ones are shown."""
    return (
        f"{name}: {shown.sum()} shown, {(mark[shown] >= 1).mean():.2f} belong, "
        f"{(mark[shown] == 2).mean():.2f} glad; of the glad {shown[mark == 2].mean():.2f} shown"
    )


def main() -> None:
    """Fit, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("state", type=Path)
    rows = asyncio.run(marked_passages(parser.parse_args().state))
    evidence = np.array([row["evidence"] for row in rows])
    mark, question = np.array([row["mark"] for row in rows]), np.array([row["question"] for row in rows])
    source, shown = np.array([row["from"] for row in rows]), np.array([row["is_shown"] for row in rows])
    answered = np.array([row["is_answered"] for row in rows])
    weight = np.where(mark == 2, 2.0, 1.0)
    chance = logistic.cross_validated(evidence, mark >= 1, question, weight)
    for kind in ("all", *dict.fromkeys(source.tolist())):
        of_kind = answered & ((source == kind) | (kind == "all"))
        print(f"{kind}, {len(set(question[of_kind].tolist()))} questions, {of_kind.sum()} further passages")
        print("  " + told("today", shown[of_kind], mark[of_kind]))
        for least in (0.35, 0.55, relevance.BELONGS, 0.75):
            kept = chance[of_kind] >= least
            print("  " + told(f"cross-validated, from {least:.2f} on", kept, mark[of_kind]))
        print(f"  AUC of belonging {roc_auc_score(mark[of_kind] >= 1, chance[of_kind]):.3f}")
    logistic.print_weights(FEATURES, logistic.fit(evidence, mark >= 1, weight))


if __name__ == "__main__":
    main()
