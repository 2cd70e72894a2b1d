"""Fit and measure which sentences are quoted (``SentenceWeights`` of ``index/search/quotable_sentences.py``).

    PYTHONPATH=. python bench/quote_sentences.py CORPUS_STATE SAMPLE_STATE

The states are those of the library of 56 episodes and of the sample library. ``data/questions/quotes.jsonl`` has
questions, and the sentences that a reader would have quoted (``want``) and without which a quote misses the point
(``core``), each by the SHA-1 of its slice's text and its offsets there. Printed is, for each library, how often the
first passage's quote has the whole core, by itself or in the question before it, which share of the core's letters it
has, how long it is, and which share of its words the reader wanted; how well the chances tell the core from other
sentences, by cross-validation over questions; and weights fitted anew.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import logistic
import numpy as np
from belonging import DATA, sha_of
from sklearn.metrics import roc_auc_score

from bot.app.container import make_axis, open_encoder
from bot.app.settings import Settings
from index.search.quotable_sentences import QuotableSentences, SentenceWeights
from index.search.searcher import Searcher
from index.storage.edition import open_edition

LABELS = DATA / "questions" / "quotes.jsonl"
FEATURES = [field.name for field in dataclasses.fields(SentenceWeights) if field.name != "bias"]


def words(text: str) -> str:
    """Return a text in small letters, without signs."""
    return re.sub(r"\W+", " ", text.lower()).strip()


async def quoted(state: Path, library: str) -> list[dict[str, Any]]:
    """Return, for each labelled question of a library, its first quote, its core, and the evidence of each sentence."""
    edition, settings = await open_edition(state), Settings(state=state)
    searcher = Searcher.over(edition, open_encoder(settings), make_axis(settings))
    texts = {}
    for episode in edition.episodes.values():
        for record in await edition.slices.of_episode(episode.id):
            texts[sha_of(record.piece.text)] = record.piece.text
    seen: list[tuple[list[str], Any]] = []
    evidence_of = QuotableSentences.evidence

    def evidence(self: QuotableSentences, *args: Any, **more: Any) -> Any:
        rows = evidence_of(self, *args, **more)
        seen.append(([self.text[start:end] for start, end in self.bounds], rows))
        return rows

    QuotableSentences.evidence = evidence  # type: ignore[method-assign]
    answers = []
    for label in map(json.loads, LABELS.read_text("utf-8").splitlines()):
        core = [(texts.get(sha), start, end) for sha, start, end in label["core"]]
        if label["library"] != library or any(text is None for text, *_ in core):
            continue
        seen.clear()
        found = await searcher.find(label["question"])
        if not found.passages:
            continue
        quote = found.passages[0].quote
        told = [text[start:end] for text, start, end in core if text is not None]
        shown = [words(quote.text), *([words(quote.asked.text)] if quote.asked else [])]
        held = [any(words(sentence) in text for text in shown) for sentence in told]
        lengths = [len(sentence) for sentence in told]
        (first, start, _), (last, _, end) = label["want"]
        wanted = texts[first][start:end] if first == last else f"{texts[first][start:]} {texts[last][:end]}"
        own = set(words(quote.text).split())
        answers.append(
            {
                "whole": all(held),
                "share": np.average(held, weights=lengths),
                "length": len(quote.text),
                "wanted": len(own & set(words(wanted).split())) / max(1, len(own)),
                "is_core": [sentence in told for sentence in seen[0][0]],
                "evidence": seen[0][1],
            }
        )
    QuotableSentences.evidence = evidence_of  # type: ignore[method-assign]
    await edition.close()
    return answers


def main() -> None:
    """Ask, fit, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("sample", type=Path)
    given = parser.parse_args()
    answers = []
    for library, state in (("corpus", given.corpus), ("sample", given.sample)):
        of_library = asyncio.run(quoted(state, library))
        print(
            f"{library}, {len(of_library)} questions:",
            ", ".join(
                f"{name} {np.mean([answer[name] for answer in of_library]):.3f}"
                for name in ("whole", "share", "length", "wanted")
            ),
        )
        answers += of_library
    evidence = np.vstack([answer["evidence"] for answer in answers])
    is_core = np.concatenate([answer["is_core"] for answer in answers])
    groups = np.repeat(np.arange(len(answers)), [len(answer["is_core"]) for answer in answers])
    chance = logistic.cross_validated(evidence, is_core, groups, c=1.0)
    print(f"AUC of a sentence of the core {roc_auc_score(is_core, chance):.3f}")
    logistic.print_weights(FEATURES, logistic.fit(evidence, is_core, c=1.0))


if __name__ == "__main__":
    main()
