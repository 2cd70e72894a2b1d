"""How long a question takes in the process that answers: no test, a measurement.

python bench/questions.py FILE [--people 50]    JSON lines with ``query``; library and state by COUNTERPOINT_LIBRARY
                                                and COUNTERPOINT_STATE

Every question is asked once, so that none is answered from memory. ``first answer`` counts from the start of the
process; ``people`` ask at once, each question again with another number of passages, ten a person.
"""

import argparse
import asyncio
import json
import os
import time
from itertools import count
from pathlib import Path

import numpy as np

from bot.answerer import Answerer
from bot.composition import make_answerer
from bot.settings import Settings

_QUESTIONS_A_PERSON = 10


async def measure(queries: list[str], people: int) -> None:
    """Print the first answer's seconds, p50 and p99 of the others in milliseconds, and the memory."""
    answerer = make_answerer(Settings())
    await answerer.find(queries[0])
    first_s = _since_start_s()
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
    print(f"first answer {first_s:.2f} s after the process began")  # noqa: T201
    print(f"one question: {_spread(taken_ms)}, of which embedding: {_spread(embedding_ms)}")  # noqa: T201
    if people:
        await _crowd(answerer, queries, people)
    print(f"resident: {_resident()}")  # noqa: T201
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


def _since_start_s() -> float:
    ticks = int(Path("/proc/self/stat").read_text(encoding="utf-8").rsplit(")")[-1].split()[19])
    return float(Path("/proc/uptime").read_text(encoding="utf-8").split()[0]) - ticks / os.sysconf(
        "SC_CLK_TCK"
    )


def _resident() -> str:
    """All memory that the process holds, and how much of it is files mapped from the disk, which it gives back."""
    held = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    )
    kilobytes = {name: int(held[name].split()[0]) for name in ("VmRSS", "RssFile")}
    return f"{kilobytes['VmRSS'] / 1024:.0f} MB, of which mapped files {kilobytes['RssFile'] / 1024:.0f} MB"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--people", type=int, default=0)
    told = parser.parse_args()
    lines = told.file.read_text(encoding="utf-8").splitlines()
    asyncio.run(measure([json.loads(line)["query"] for line in lines], told.people))
