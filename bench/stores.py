"""What a question costs from a store and from files, asked in turn: no test, a measurement.

    python bench/stores.py FILE [--rounds 3]

FILE has JSON lines with ``query``; library, state and store by COUNTERPOINT_LIBRARY, COUNTERPOINT_STATE and
COUNTERPOINT_STORE. The published edition is put into the store if it is not there, fetched into a folder of its own,
and asked beside the files that it was made from. Every second question is asked from the store first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from bot.app.container import make_service, make_store
from bot.app.service import LocalLibraryService
from bot.app.settings import Settings
from index.search.answers import Found
from index.storage.edition import open_edition


async def measure(queries: list[str], rounds: int) -> None:
    """Print p50 and p99 of both in milliseconds, and how many answers are the same."""
    settings = Settings()
    store = make_store(settings)
    if store is None:
        raise SystemExit("COUNTERPOINT_STORE names no store")
    edition = await open_edition(settings.state_folder)
    started_s = time.perf_counter()
    is_new = store.publish(edition)
    print(f"{len(edition.vectors)} windows, published in {time.perf_counter() - started_s:.1f} s: {is_new}")
    await edition.close()
    with tempfile.TemporaryDirectory() as folder:
        replica = Path(folder)
        (replica / "models").symlink_to((settings.state_folder / "models").absolute())
        started_s = time.perf_counter()
        store.fetch(replica)
        print(f"fetched in {time.perf_counter() - started_s:.1f} s")
        services = {
            "files": make_service(settings.model_copy(update={"store": None})),
            "store": make_service(settings.model_copy(update={"state": replica})),
        }
        taken_ms: dict[str, list[float]] = {name: [] for name in services}
        n_same = 0
        for query in queries[:20]:
            for service in services.values():
                await service.find(f"{query} please", n_passages=9)
        for n_passages in range(10, 10 - rounds, -1):
            for number, query in enumerate(queries):
                found = {}
                for name in (list(services), list(services)[::-1])[number % 2]:
                    started_s = time.perf_counter()
                    found[name] = await services[name].find(query, n_passages=n_passages)
                    taken_ms[name].append(1000 * (time.perf_counter() - started_s))
                n_same += _passages(found["files"]) == _passages(found["store"])
        for name, values_ms in taken_ms.items():
            p50_ms, p99_ms = np.percentile(values_ms, (50, 99))
            print(f"{name}: p50 {p50_ms:.1f} ms, p99 {p99_ms:.1f} ms")
        print(f"{n_same} of {rounds * len(queries)} answers have the same passages in the same order")
        await _close(*services.values())


def _passages(found: Found) -> list[tuple[str, int]]:
    return [(passage.episode.slug, passage.slices[passage.best].piece.ordinal) for passage in found.passages]


async def _close(*services: LocalLibraryService) -> None:
    for service in services:
        await service.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args()
    asked_for = [json.loads(line)["query"] for line in told.file.read_text(encoding="utf-8").splitlines()]
    asyncio.run(measure(asked_for, told.rounds))
