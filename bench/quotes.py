"""Which of two ways of quoting a reader prefers: no test, a measurement.

    python bench/quotes.py ask STATE QUESTIONS.jsonl > NEW.jsonl         # in each of two trees
    python bench/quotes.py compare OLD.jsonl NEW.jsonl [--questions 60] [--seed 7] > PAIRS.txt
    python bench/quotes.py count OLD.jsonl NEW.jsonl JUDGED.json [--questions 60] [--seed 7]

QUESTIONS has JSON lines with ``query``. ``ask`` writes the first two quotes of each, with what is said around them.
``compare`` prints those that differ of as many questions, with which is A and which is B drawn by the seed; JUDGED says
for each number A, B or T (no difference), and ``count`` says how often the new one was preferred.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.app.container import make_axis, open_encoder
from bot.app.settings import Settings
from index.search.answers import Passage
from index.search.searcher import Searcher
from index.storage.edition import Edition, open_edition

_QUOTES, _AROUND = 2, 420

Row = dict[str, Any]


async def ask(state: Path, queries: list[str]) -> None:
    """Print the first quotes of each question as JSON lines."""
    settings = Settings(state=state)
    edition = await open_edition(state)
    searcher = Searcher.over(edition, open_encoder(settings), make_axis(settings))
    for query in queries:
        for passage in (await searcher.find(query)).passages[:_QUOTES]:
            around = await _around(edition, passage)
            row = {"query": query, "rank": passage.rank, "speaker": passage.quote.speaker}
            print(json.dumps({**row, "quote": passage.quote_text, "around": around}, ensure_ascii=False))
    await edition.close()


async def _around(edition: Edition, passage: Passage) -> str:
    """Return a quote with what is said before and after it."""
    slices = await edition.slices.of_episode(passage.episode.id)
    text = " ".join(record.piece.text for record in slices)
    at = text.find(passage.quote_text)
    return text[max(0, at - _AROUND) : at + len(passage.quote_text) + _AROUND]


def pairs(old: list[Row], new: list[Row], questions: int, seed: int) -> Iterator[tuple[Row, Row, bool]]:
    """Yield what is A, what is B, and whether A is the new one, where the two differ."""
    newer = {(row["query"], row["rank"]): row for row in new}
    draw, asked = random.Random(seed), set[str]()
    for row in old:
        other = newer.get((row["query"], row["rank"]))
        if other is None or other["quote"] == row["quote"]:
            continue
        if row["query"] not in asked and len(asked) == questions:
            return
        asked.add(row["query"])
        is_new_first = draw.random() < 0.5
        yield (other, row, True) if is_new_first else (row, other, False)


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["ask", "compare", "count"])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    if given.what == "ask":
        asyncio.run(ask(given.paths[0], [row["query"] for row in _rows(given.paths[1])]))
        return
    drawn = pairs(_rows(given.paths[0]), _rows(given.paths[1]), given.questions, given.seed)
    if given.what == "compare":
        for number, (a, b, _) in enumerate(drawn):
            print(f"#{number} {a['query']}\n   around: {a['around']}")
            print(f"   A <{a['speaker']}> {a['quote']}\n   B <{b['speaker']}> {b['quote']}\n")
        return
    judged = json.loads(given.paths[2].read_text(encoding="utf-8"))
    preferred = Counter(
        "no difference"
        if judged[str(number)] == "T"
        else "new"
        if (judged[str(number)] == "A") is first
        else "old"
        for number, (_, _, first) in enumerate(drawn)
    )
    print(dict(preferred))


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
