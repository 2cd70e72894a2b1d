"""From the start of a process to its first answer, and the memory that it then holds.

    COUNTERPOINT_LIBRARY=LIBRARY COUNTERPOINT_STATE=STATE PYTHONPATH=. python bench/opening.py ["QUESTION"]

The process's own start is taken from the kernel, so Python's start and all imports count. Memory is what lies in RAM
after a few more questions: of it "own" is the process's, the rest are pages of files (models, libraries, the edition),
which the kernel shares among processes and takes back when others need them.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from bot.app.container import make_service
from bot.app.settings import Settings

QUESTIONS = (
    "why would a model deceive the people who train it",
    "who pays for the work on interpretability",
    "what is reward hacking",
    "how long until machines do research",
)


def since_start_s() -> float:
    """Seconds since this process began, to the hundredth."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def resident_mb() -> tuple[float, float]:
    """All of this process's memory that is in RAM, and the part that is its own."""
    facts = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line
    )
    whole, own = (int(facts[name].split()[0]) / 1000 for name in ("VmRSS", "RssAnon"))
    return whole, own


async def measure(questions: tuple[str, ...]) -> str:
    """Ask, and say what it took."""
    answerer = make_service(Settings())
    found = await answerer.find(questions[0])
    first_s, first_cpu_s = since_start_s(), time.process_time()
    for question in (*questions, *QUESTIONS):
        await answerer.find(question)
    facts = await answerer.facts()
    whole_mb, own_mb = resident_mb()
    await answerer.close()
    return (
        f"{facts.n_windows:,} windows: first answer ({len(found.passages)} passages) after {first_s:.2f} s,"
        f" {first_cpu_s:.2f} s of a core; {whole_mb:.0f} MB resident, {own_mb:.0f} of them its own\n"
    )


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(measure((sys.argv[1],) if len(sys.argv) > 1 else QUESTIONS[:1])))
