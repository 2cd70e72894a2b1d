"""How long a question takes in the process that answers: no test, a measurement.

python bench/questions.py FILE      JSON lines with ``query``; library and state by COUNTERPOINT_LIBRARY and _STATE
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from bot.composition import make_answerer
from bot.settings import Settings


async def measure(queries: list[str]) -> None:
    """Print the first answer's seconds, p50 and p99 of the others in milliseconds, and the memory at its highest."""
    answerer = make_answerer(Settings())
    started_s = time.perf_counter()
    await answerer.find(queries[0])
    first_s = time.perf_counter() - started_s
    taken_s = []
    for query in queries:
        started_s = time.perf_counter()
        await answerer.find(query)
        taken_s.append(time.perf_counter() - started_s)
    p50_ms, p99_ms = np.percentile(np.array(taken_s) * 1000, (50, 99))
    highest_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"first {first_s:.2f} s, p50 {p50_ms:.1f} ms, p99 {p99_ms:.1f} ms, {highest_mb:.0f} MB")  # noqa: T201
    await answerer.close()


if __name__ == "__main__":
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    asyncio.run(measure([json.loads(line)["query"] for line in lines]))
