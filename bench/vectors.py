"""Nearest windows against a whole scan in float32, side by side: no test, a measurement.

python bench/vectors.py STATE FILE      STATE holds a published edition, FILE JSON lines with ``query``

The scan is done twice over: by FAISS's flat index, and by NumPy's product on all cores.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from bot.app.container import open_encoder
from bot.app.settings import Settings
from index.embedding.encoder import Vectors
from index.storage.edition import open_edition

_N_NEAREST = 10


async def measure(state: Path, queries: list[str]) -> None:
    """Print the median milliseconds of each way, their ratios, and the recall."""
    edition = await open_edition(state)
    asked = open_encoder(Settings(state=state), edition.facts.fingerprint).encode(queries)
    stored = edition.vectors.take(np.arange(len(edition.vectors)))
    flat = faiss.IndexFlatIP(stored.shape[1])
    flat.add(stored)

    def by_numpy(query: Vectors) -> npt.NDArray[np.int64]:
        return np.argpartition(-(stored @ query[0]), _N_NEAREST)[np.newaxis, :_N_NEAREST]

    ways: dict[str, Callable[[Vectors], npt.NDArray[np.int64]]] = {
        "ours": lambda query: edition.vectors.search(query, _N_NEAREST)[1],
        "FAISS flat float32": lambda query: flat.search(query, _N_NEAREST)[1],
        "NumPy float32, all cores": by_numpy,
    }
    taken_ms: dict[str, list[float]] = {name: [] for name in ways}
    found: dict[str, list[set[int]]] = {name: [] for name in ways}
    for query in asked:
        for name, search in ways.items():
            started_s = time.perf_counter()
            rows = search(query[np.newaxis])
            taken_ms[name].append(1000 * (time.perf_counter() - started_s))
            found[name].append(set(rows[0].tolist()))
    exact = found["FAISS flat float32"]
    print(f"{len(stored)} windows, {len(queries)} questions, ours: {edition.facts.vector_search}")
    ours_ms = float(np.median(taken_ms["ours"]))
    for name, times in taken_ms.items():
        recall = np.mean([len(a & b) / _N_NEAREST for a, b in zip(found[name], exact, strict=True)])
        median_ms = float(np.median(times))
        print(
            f"{name}: {median_ms:.2f} ms (p99 {np.percentile(times, 99):.2f}), {median_ms / ours_ms:.0f} times ours,"
            f" recall@{_N_NEAREST} {recall:.4f}"
        )
    await edition.close()


if __name__ == "__main__":
    lines = Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()
    asyncio.run(measure(Path(sys.argv[1]), [json.loads(line)["query"] for line in lines]))
