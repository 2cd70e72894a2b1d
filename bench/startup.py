"""From the start of the bot's process to its first answer by a worker, and the memory that both then hold.

    COUNTERPOINT_LIBRARY=LIBRARY COUNTERPOINT_STATE=STATE PYTHONPATH=. python bench/startup.py [--alone] ["QUESTION"]

The start of this process is taken from the kernel, so Python's start and all imports count; the worker that it starts
opens the edition and the model. Memory is what lies in RAM after a few more questions, each page counted once; of it
"own" is the processes', the rest are pages of files (models, libraries, the edition), which the kernel shares among
processes and takes back when others need them. ``--alone`` measures one process that answers itself, as the commands
in a terminal do.
"""

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

from memory import children_of, processor_s, resident_mb

from bot.app.container import make_pooled_service, make_service
from bot.app.service import LibraryService
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


async def measure(questions: tuple[str, ...], *, alone: bool) -> str:
    """Ask, and say what it took."""
    service: LibraryService = make_service(Settings()) if alone else make_pooled_service(Settings())
    found = await service.find(questions[0])
    first_s, used_s = since_start_s(), processor_s(children_of(os.getpid()))
    for question in (*questions, *QUESTIONS):
        await service.find(question)
    facts = await service.facts()
    whole_mb, own_mb = resident_mb(children_of(os.getpid()))
    await service.close()
    return (
        f"{facts.n_windows:,} windows: first answer ({len(found.passages)} passages) after {first_s:.2f} s,"
        f" {used_s:.2f} s of a core; {whole_mb:.0f} MB resident, {own_mb:.0f} of them the processes' own\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("question", nargs="?", default=QUESTIONS[0])
    parser.add_argument("--alone", action="store_true")
    told = parser.parse_args()
    sys.stdout.write(asyncio.run(measure((told.question,), alone=told.alone)))
