"""Memory and processor time of a bot and its workers: for the measurements beside it."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

_MAPPING = re.compile(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(.*)")


def children_of(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended meanwhile
            for child in task.read_text(encoding="ascii").split():
                found += children_of(int(child))
    return found


def resident_mb(pids: list[int]) -> tuple[float, float]:
    """Return the resident memory of processes together, and what of it is their own, in MB.

    Own pages that a process shares with one that was forked from it are divided among them. Of a mapped file, whose
    pages the kernel shares, the largest share that any of the processes has in memory is counted, so the figure does
    not depend on what else runs on the machine.
    """
    own_kb = 0
    files: dict[str, list[int]] = defaultdict(list)
    for pid in pids:
        in_file: dict[str, int] = defaultdict(int)
        name = ""
        rss_kb = 0
        own_kb += _own_kb(pid)
        for line in Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8").splitlines():
            mapping = _MAPPING.fullmatch(line)
            if mapping is not None:
                name = mapping[1]
            elif line.startswith("Rss:"):
                rss_kb = int(line.split()[1])
            elif line.startswith("Anonymous:"):
                in_file[name] += rss_kb - int(line.split()[1])
        for file, kb in in_file.items():
            files[file].append(kb)
    shared_kb = sum(max(each) for each in files.values())
    return (own_kb + shared_kb) / 1000, own_kb / 1000


def _own_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:"))


def processor_s(pids: list[int]) -> float:
    """Return the processor time that processes have taken so far; those that are gone count nothing."""
    return sum(times_s(pid)[0] for pid in pids)


def times_s(pid: int) -> tuple[float, float]:
    """Return the processor time of a process, and of its children that have ended; nothing of one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0, 0.0
    own_s, own_system_s, ended_s, ended_system_s = (
        int(field) / os.sysconf("SC_CLK_TCK") for field in fields[11:15]
    )
    return own_s + own_system_s, ended_s + ended_system_s
