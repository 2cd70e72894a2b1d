"""How long another process has waited for a processor: time that a busy machine took from it."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ThreadTimes:
    """Processor time that the threads of a process had used at one moment.

    Attributes:
        at_s: the moment, by ``time.monotonic``.
        used_s: processor seconds of each thread by its id; empty where the system does not tell.
    """

    at_s: float
    used_s: dict[str, float]

    @classmethod
    def of(cls, pid: int) -> "ThreadTimes":
        """Read them now for the process ``pid``."""
        return cls(time.monotonic(), {thread: used_s for thread, used_s, _ in _threads(pid)})


def waited_for_core_s(pid: int, since: ThreadTimes) -> float:
    """Return for how many seconds since then a thread of ``pid`` that wants to run has not run; 0 where none does.

    A thread that sleeps waits for something else: it counts for nothing, however long it does so.
    """
    passed_s = time.monotonic() - since.at_s
    waits = (
        passed_s - (used_s - since.used_s.get(thread, used_s))
        for thread, used_s, wants in _threads(pid)
        if wants
    )
    return min(max(waits, default=0.0), passed_s)


def _threads(pid: int) -> Iterator[tuple[str, float, bool]]:
    """Yield id, processor seconds and whether it wants to run, of each thread: fields 3, 14, 15 of proc(5)'s stat."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:  # no Linux, or the process has ended
        return
    for thread in threads:
        try:
            state, *fields = (thread / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
            ticks = int(fields[10]) + int(fields[11])
        except (OSError, ValueError, IndexError):  # a thread that has ended meanwhile; the others still count
            continue
        yield thread.name, ticks / os.sysconf("SC_CLK_TCK"), state == "R"
