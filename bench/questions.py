"""How long a question takes, by the bot's worker processes and in one process: no test, a measurement.

    python bench/questions.py FILE [--people 50] [--workers 0 1 2] [--rounds 3]

FILE has JSON lines with ``query``; library and state by COUNTERPOINT_LIBRARY and COUNTERPOINT_STATE. ``--workers 0`` is
the library in this process. The kinds take turns, so that what else the machine does falls on all of them. Every
question is asked once, so that none is answered from memory; what ``people`` ask at once, ten questions each, is asked
again with another number of passages. Memory is of this process and its workers, each page counted once, when all is
answered. ``bench/startup.py`` has the first answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from itertools import count
from pathlib import Path

import numpy as np
from memory import children_of, resident_mb

from bot.app.container import make_pooled_service, make_service
from bot.app.service import LibraryService
from bot.app.settings import Settings

_QUESTIONS_A_PERSON = 10


async def measure(queries: list[str], people: int, workers: int) -> None:
    """Print p50 and p99 in milliseconds, of one after the other and of many at once."""
    settings = Settings()
    service: LibraryService = (
        make_pooled_service(settings.model_copy(update={"workers": workers}))
        if workers
        else make_service(settings)
    )
    await service.facts()
    await asyncio.gather(*(service.find(f"{query} please", n_passages=9) for query in queries[:20]))
    taken_ms = []
    for query in queries:
        started_s = time.perf_counter()
        await service.find(query)
        taken_ms.append(1000 * (time.perf_counter() - started_s))
    said = f"one question: {_spread(taken_ms)}"
    if people:
        said += f"; {await _crowd(service, queries, people)}"
    whole_mb, own_mb = resident_mb(children_of(os.getpid()))
    print(f"{workers} workers: {said}; {whole_mb:.0f} MB, {own_mb:.0f} of them own", flush=True)
    await service.close()


async def _crowd(service: LibraryService, queries: list[str], people: int) -> str:
    asked, taken_ms = count(), []

    async def one() -> None:
        for _ in range(_QUESTIONS_A_PERSON):
            number = next(asked)
            started_s = time.perf_counter()
            n_passages = 8 - number // len(queries)  # not asked before, so not answered from memory
            await service.find(queries[number % len(queries)], n_passages=n_passages)
            taken_ms.append(1000 * (time.perf_counter() - started_s))

    started_s = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(people)))
    rate = len(taken_ms) / (time.perf_counter() - started_s)
    return f"{people} people at once: {rate:.0f} questions a second, {_spread(taken_ms)}"


def _spread(values_ms: list[float]) -> str:
    p50_ms, p99_ms = np.percentile(values_ms, (50, 99))
    return f"p50 {p50_ms:.1f} ms, p99 {p99_ms:.1f} ms"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--people", type=int, default=0)
    parser.add_argument("--workers", type=int, nargs="+", default=[1])
    parser.add_argument("--rounds", type=int, default=1)
    told = parser.parse_args()
    asked_for = [json.loads(line)["query"] for line in told.file.read_text(encoding="utf-8").splitlines()]
    for _ in range(told.rounds):
        for n_workers in told.workers:
            asyncio.run(measure(asked_for, told.people, n_workers))
