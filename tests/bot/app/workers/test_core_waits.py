"""A thread that cannot run for others waits for a core; one that sleeps, or runs, does not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.app.workers.core_waits import ThreadTimes, waited_for_core_s

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells what another process's threads do"
)

SPIN = "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])}); print(flush=True)\nwhile True: pass"


@contextmanager
def spinning() -> Iterator[int]:
    """A process that wants one certain core all the time."""
    core = str(min(os.sched_getaffinity(0)))
    with subprocess.Popen([sys.executable, "-c", SPIN, core], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


def test_of_processes_that_want_one_core_all_but_one_wait() -> None:
    with spinning() as one, spinning() as other, spinning() as third:
        since = {pid: ThreadTimes.of(pid) for pid in (one, other, third)}
        waited_s = [0.0]
        while sum(waited_s) < 1:
            time.sleep(0.05)
            waited_s = [waited_for_core_s(pid, since[pid]) for pid in since]
        assert max(waited_s) <= time.monotonic() - since[one].at_s


def test_one_that_sleeps_waits_for_no_core() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); import time; time.sleep(600)"], stdout=subprocess.PIPE
    ) as sleeper:
        assert sleeper.stdout is not None
        sleeper.stdout.readline()
        while "S (sleeping)" not in Path(f"/proc/{sleeper.pid}/status").read_text():
            time.sleep(0.01)
        since = ThreadTimes.of(sleeper.pid)
        time.sleep(0.3)
        assert waited_for_core_s(sleeper.pid, since) == 0
        sleeper.kill()


def test_a_process_that_is_gone_waits_for_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert ThreadTimes.of(process.pid).used_s == {}
    assert waited_for_core_s(process.pid, ThreadTimes(0.0, {})) == 0
