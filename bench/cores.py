"""What a command takes: seconds, seconds of a core, and memory, by itself and by the processes that it starts.

    python bench/cores.py COMMAND...

Processes are looked at in /proc every 0.1 s, so those of Ray are counted, which nobody waits for: workers by their
title ``ray::``, all else of Ray's apart. What a process computes in its last 0.1 s is not. Memory is proportional
(PSS): pages that several share count for each by its part. Prints JSON; what the command prints goes to the error
stream.
"""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

_EVERY_S = 0.1
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_MEMORY_EVERY = 5  # looks: reading it takes a millisecond a process


@dataclass(slots=True)
class Seen:
    """What was seen of a process: its kind, and the most of everything."""

    kind: str = "command"
    core_s: float = 0.0
    peak_mb: float = 0.0


@dataclass(slots=True)
class Family:
    """A process and all that descend from it, dead or alive."""

    root: int
    seen: dict[int, Seen] = field(default_factory=lambda: defaultdict(Seen))

    def look(self, *, at_memory: bool) -> None:
        """Note what each process has computed so far."""
        parents = dict(filter(None, map(_parent, Path("/proc").glob("[0-9]*"))))
        for pid in parents:
            above = pid
            while above not in (self.root, 0, 1) and above not in self.seen:
                above = parents.get(above, 0)
            if above == self.root or above in self.seen:
                self._note(pid, at_memory=at_memory)

    def _note(self, pid: int, *, at_memory: bool) -> None:
        place, seen = Path("/proc", str(pid)), self.seen[pid]
        try:
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            seen.core_s = (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND
            title = (place / "cmdline").read_bytes()
            if title.startswith((b"ray::_", b"ray::IDLE")):
                seen.kind = "workers"
            elif pid != self.root and seen.kind != "workers":  # one that has just ended has no title any more
                seen.kind = "others"
            if at_memory:
                memory = (place / "smaps_rollup").read_text()
                seen.peak_mb = max(seen.peak_mb, int(memory.split("Pss:")[1].split()[0]) / 1024)
        except (OSError, IndexError):
            return

    def told(self) -> dict[str, dict[str, float]]:
        """Return processes that computed at all, seconds of a core and the largest one's megabytes, by kind."""
        by_kind: dict[str, dict[str, float]] = {}
        for seen in self.seen.values():
            kind = by_kind.setdefault(seen.kind, {"processes": 0, "core_s": 0.0, "largest_mb": 0.0})
            kind["processes"] += 1
            kind["core_s"] = round(kind["core_s"] + seen.core_s, 2)
            kind["largest_mb"] = max(kind["largest_mb"], round(seen.peak_mb))
        return by_kind


def _parent(place: Path) -> tuple[int, int] | None:
    try:
        return int(place.name), int((place / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def main() -> None:
    """Run the command, watch it, and print what it took."""
    started_s = time.perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
    family, looks = Family(process.pid), 0
    while process.poll() is None:
        family.look(at_memory=looks % _MEMORY_EVERY == 0)
        looks += 1
        time.sleep(_EVERY_S)
    told = {"wall_s": round(time.perf_counter() - started_s, 1), "load": os.getloadavg()[0], **family.told()}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.exit(process.returncode)


if __name__ == "__main__":
    main()
