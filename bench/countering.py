"""Fit and measure which passages speak to what a message claims (*Counter this*, ``index/search/relevance.py``).

    PYTHONPATH=. python bench/countering.py STATE

STATE is the state folder of the library of 56 episodes whose passages were marked. ``data/questions/counters.jsonl``
has messages, each with the claim that it makes, which way its writer leans (-1, 0, 1; hopeful is 1), and marks of
passages, by the first 12 digits of the SHA-1 of their slice's text: ``rel`` 2 (speaks to the claim), 1 (on the
subject) or 0, and for 2 its ``side``: against, for or both; one reader a passage. Printed are what is shown today,
what would be by weights fitted anew, cross-validated over messages, and those weights; then how often a passage that
opposes a message, or agrees with it, lies across the spectrum from its writer.
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
from belonging import DATA, sha_of
from sklearn.metrics import roc_auc_score

from bot.app.container import make_axis, open_encoder
from bot.app.settings import Settings
from index.search import relevance
from index.search import searcher as searching
from index.search.ranking import SliceGroup
from index.search.searcher import Searcher
from index.storage.edition import open_edition

MARKED = DATA / "questions" / "counters.jsonl"
FEATURES = [field.name for field in dataclasses.fields(relevance.SpeakingWeights) if field.name != "bias"]


async def marked_passages(
    state: Path,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the messages, and for each marked passage among the nearest its evidence, mark, band and message."""
    messages = [json.loads(line) for line in MARKED.read_text("utf-8").splitlines()]
    edition = await open_edition(state)
    settings = Settings(state=state)
    searcher = Searcher.over(edition, open_encoder(settings), make_axis(settings))
    seen: list[dict[str, Any]] = []
    kept_by = relevance.speaking_groups

    def keeping(groups: Any, score: Any, near: Any, *, floor: float) -> list[SliceGroup]:
        nearest = groups[: relevance.MOST_SPEAKING]
        evidence = relevance.speaking_evidence(nearest, score, near, floor=floor)
        kept = kept_by(groups, score, near, floor=floor)
        seen.append({"evidence": evidence, "shown": [group in kept for group in nearest]})
        return list(nearest)

    searching.speaking_groups = keeping  # type: ignore[attr-defined]
    searching.without_teasers = lambda groups, *_: list(groups)  # type: ignore[attr-defined]
    rows = []
    for number, message in enumerate(messages):
        seen.clear()
        found = await searcher.find(message["message"], n_passages=25, is_claim=True)
        if not seen:
            continue
        shown = zip(found.passages, seen[-1]["evidence"], seen[-1]["shown"], strict=True)
        for passage, evidence, is_shown in shown:
            marks = [message["marks"].get(sha_of(record.piece.text)) for record in passage.slices]
            best = max(
                (mark for mark in marks if mark is not None), key=lambda mark: mark["rel"], default=None
            )
            if best is not None:
                rows.append(
                    {
                        "evidence": evidence,
                        "rel": best["rel"],
                        "side": best["side"],
                        "message": number,
                        "position": passage.reading.position,
                        "is_shown": is_shown,
                    }
                )
    await edition.close()
    return messages, rows


def told(name: str, shown: Any, rel: Any, opposes: Any, message: Any) -> str:
    """Return how many are shown, how many of these speak to the claim, and how many messages get one opposed."""
    return (
        f"{name}: {shown.sum()} shown for {len(set(message[shown].tolist()))} messages, "
        f"{(rel[shown] == 2).mean():.2f} speak to the claim, {(rel[shown] >= 1).mean():.2f} are on the subject; "
        f"{len(set(message[shown & opposes].tolist()))} messages get one that opposes them"
    )


def main() -> None:
    """Fit, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("state", type=Path)
    messages, rows = asyncio.run(marked_passages(parser.parse_args().state))
    evidence = np.array([row["evidence"] for row in rows])
    rel, message = np.array([row["rel"] for row in rows]), np.array([row["message"] for row in rows])
    shown = np.array([row["is_shown"] for row in rows])
    opposes = np.array([row["side"] in {"against", "both"} for row in rows]) & (rel == 2)
    chance = logistic.cross_validated(evidence, rel == 2, message)
    print(
        f"{len(messages)} messages, {len(rows)} marked passages among their nearest; "
        f"{len(set(message[opposes].tolist()))} could get one that opposes them"
    )
    print("  " + told("today", shown, rel, opposes, message))
    for least in (0.1, 0.15, 0.2, 0.25, 0.3, 0.4):
        kept = chance >= least
        print("  " + told(f"cross-validated, from {least:.2f} on", kept, rel, opposes, message))
    print(f"  AUC of speaking to the claim {roc_auc_score(rel == 2, chance):.3f}")
    leans = np.array([messages[row["message"]]["leans"] for row in rows])
    position = np.array([row["position"] for row in rows])
    agrees = np.array([row["side"] == "for" for row in rows]) & (rel == 2)
    for name, of in (("opposes", opposes), ("agrees", agrees)):
        sided = of & (leans != 0) & (np.abs(position) >= 18)
        across = (leans * position < 0)[sided].mean()
        print(f"  {sided.sum()} in an outer band of which the passage {name}: {across:.2f} lie across")
    logistic.print_weights(FEATURES, logistic.fit(evidence, rel == 2))


if __name__ == "__main__":
    main()
