"""Write the questions of ``data/training/member-questions.jsonl`` as a file for ``counterpoint evaluate find``.

    PYTHONPATH=. python bench/member_questions.py MINUTES STATE [QUESTIONS] > member-questions.jsonl

QUESTIONS may be another file of the same kind, such as ``data/questions/long.jsonl`` (long messages); there a line
without a ``sha`` asks for something that no minute holds.
MINUTES are JSON lines of ``id``, ``sha``, ``text``: the minutes that the questions ask for, whose text is not here.
STATE is the state folder of a library; a question is written if an episode of its edition holds the minute's words.
Nothing was fitted on these questions, so they are a fresh measure.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections import Counter
from pathlib import Path

from index.storage.edition import open_edition

QUESTIONS = Path(__file__).parents[1] / "data" / "training" / "member-questions.jsonl"
_GRAM, _LEAST = 5, 0.5
_WORD = re.compile(r"[a-z0-9']+")


def grams(text: str) -> set[str]:
    """The text's 5-grams of words."""
    words = _WORD.findall(text.lower())
    return {" ".join(words[at : at + _GRAM]) for at in range(len(words) - _GRAM + 1)}


async def episodes_by_gram(state: Path) -> dict[str, str]:
    """By each 5-gram of the edition the slug of an episode that holds it."""
    edition = await open_edition(state)
    try:
        held: dict[str, str] = {}
        for episode in edition.episodes.values():
            records = await edition.slices.of_episode(episode.id)
            for gram in grams(" ".join(record.piece.text for record in records)):
                held.setdefault(gram, episode.slug)
        return held
    finally:
        await edition.close()


def main() -> None:
    """Write the questions to standard output."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("minutes", type=Path)
    parser.add_argument("state", type=Path)
    parser.add_argument("questions", type=Path, nargs="?", default=QUESTIONS)
    given = parser.parse_args()
    minutes = {row["id"]: row for row in map(json.loads, given.minutes.read_text("utf-8").splitlines())}
    held = asyncio.run(episodes_by_gram(given.state))
    for number, line in enumerate(given.questions.read_text("utf-8").splitlines()):
        question = json.loads(line)
        if question["sha"] is None:
            nothing = {"id": question["id"], "query": question["question"], "episode": None, "text": None}
            sys.stdout.write(json.dumps(nothing, ensure_ascii=False) + "\n")
            continue
        minute = minutes.get(question["id"])
        if minute is None or minute["sha"] != question["sha"]:
            continue
        own = grams(minute["text"])
        episodes = Counter(held[gram] for gram in own if gram in held)
        if episodes.total() < _LEAST * len(own):
            continue
        row = {
            "id": f"{question['id']}-{number}",
            "query": question["question"],
            "episode": episodes.most_common(1)[0][0],
            "text": minute["text"],
            "kind": question["style"],
        }
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
