"""A process that stands still is ended from below, says where it stood, and tells systemd that it lives until then."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.app import watchdog
from bot.app.watchdog import STANDS_STILL_AFTER_S, Watchdog, notify

ROOT = Path(__file__).resolve().parents[3]

HANGS = """
import asyncio, time
from bot.app.watchdog import Watchdog

def stand_still():
    {hang}

async def main():
    watching = asyncio.create_task(Watchdog({limit_s}).watch())
    await asyncio.sleep(0)
    print("begun", flush=True)
    stand_still()

asyncio.run(main())
"""

# A pattern that takes years, and holds the interpreter's lock all the while: no thread of Python runs beside it.
PATTERN = "__import__('re').match('(a+)+b', 'a' * 60)"

ENDS = """
import signal, sys, time
from bot.app.watchdog import Watchdog
watchdog = Watchdog()
signal.signal(signal.SIGTERM, lambda *_: watchdog.end_within(0.2))
print("begun", flush=True)
while True:
    try:
        time.sleep(60)
    except BaseException:
        pass
"""


def start(program: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_loop_that_stands_still_ends_the_process_and_says_where() -> None:
    hangs = ("time.sleep(1000)", "while True: pass", PATTERN)
    started = [start(HANGS.format(hang=hang, limit_s=2.0)) for hang in hangs]
    for hang, process in zip(hangs, started, strict=True):
        with process:
            _, said = process.communicate()
        assert process.returncode == 1, hang
        assert "Timeout (" in said, hang
        assert "in stand_still" in said, hang


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Limits of the timers that would have been set, oldest first; each takes the place of the one before."""
    limits: list[float] = []
    monkeypatch.setattr(
        watchdog.faulthandler, "dump_traceback_later", lambda limit_s, **_: limits.append(limit_s)
    )
    monkeypatch.setattr(watchdog, "BEAT_S", 0.0)
    return limits


async def test_a_loop_that_turns_sets_the_timer_anew(timers: list[float]) -> None:
    watching = asyncio.create_task(Watchdog().watch())
    for _ in range(20):
        await asyncio.sleep(0)
    watching.cancel()
    assert set(timers) == {STANDS_STILL_AFTER_S}
    assert len(timers) > 1


async def test_asked_to_end_no_beat_gives_it_more_time(timers: list[float]) -> None:
    ending = Watchdog()
    watching = asyncio.create_task(ending.watch())
    await asyncio.sleep(0)
    ending.end_within(5.0)
    ending.end_within(9.0)
    told = len(timers)
    for _ in range(20):
        await asyncio.sleep(0)
    watching.cancel()
    assert len(timers) > told
    assert max(timers[told - 1 :]) <= 5.0


def test_asked_to_end_it_ends_whatever_hangs() -> None:
    with start(ENDS) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate()
    assert process.returncode == 1
    assert "most recent call first" in said


@pytest.mark.parametrize("is_abstract", [False, True])
def test_systemd_is_told_through_its_socket(
    is_abstract: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"\0counterpoint-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", "@"))
        assert notify("READY=1")
        assert listening.recv(100) == b"READY=1"


def test_without_systemd_nobody_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    assert not notify("READY=1")
