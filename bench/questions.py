"""How long a question takes in the process that answers: no test, a measurement.

python bench/questions.py FILE [--people 50]    JSON lines with ``query``; library and state by COUNTERPOINT_LIBRARY
                                                and COUNTERPOINT_STATE

Every question is asked once, so that none is answered from memory; what ``people`` ask at once, ten questions each, is
asked again with another number of passages. ``bench/opening.py`` has the first answer and the memory.
"""

import argparse
import asyncio
import json
import time
from itertools import count
from pathlib import Path

import numpy as np

from bot.app.container import make_answerer
from bot.app.service import Answerer
from bot.app.settings import Settings

_QUESTIONS_A_PERSON = 10


async def measure(queries: list[str], people: int) -> None:
    """Print p50 and p99 in milliseconds, of one after the other and of many at once."""
    answerer = make_answerer(Settings())
    await answerer.find(queries[0])
    for query in queries[1:20]:
        await answerer.find(query, n_passages=9)
    taken_ms, embedding_ms = [], []
    for query in queries[1:]:
        started_s = time.perf_counter()
        await answerer.find(query)
        taken_ms.append(1000 * (time.perf_counter() - started_s))
        started_s = time.perf_counter()
        answerer.encoder().encode([query])
        embedding_ms.append(1000 * (time.perf_counter() - started_s))
    facts = await answerer.facts()
    print(f"{facts.n_episodes} episodes, {facts.n_windows} windows, {len(taken_ms)} questions")  # noqa: T201
    print(f"one question: {_spread(taken_ms)}, of which embedding: {_spread(embedding_ms)}")  # noqa: T201
    if people:
        await _crowd(answerer, queries, people)
    await answerer.close()


async def _crowd(answerer: Answerer, queries: list[str], people: int) -> None:
    asked, taken_ms = count(), []

    async def one() -> None:
        for _ in range(_QUESTIONS_A_PERSON):
            number = next(asked)
            started_s = time.perf_counter()
            n_passages = 8 - number // len(queries)  # not asked before, so not answered from memory
            await answerer.find(queries[number % len(queries)], n_passages=n_passages)
            taken_ms.append(1000 * (time.perf_counter() - started_s))

    started_s = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(people)))
    rate = len(taken_ms) / (time.perf_counter() - started_s)
    print(f"{people} people at once: {rate:.0f} questions a second, {_spread(taken_ms)}")  # noqa: T201


def _spread(values_ms: list[float]) -> str:
    p50_ms, p99_ms = np.percentile(values_ms, (50, 99))
    return f"p50 {p50_ms:.1f} ms, p99 {p99_ms:.1f} ms"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--people", type=int, default=0)
    told = parser.parse_args()
    lines = told.file.read_text(encoding="utf-8").splitlines()
    asyncio.run(measure([json.loads(line)["query"] for line in lines], told.people))
