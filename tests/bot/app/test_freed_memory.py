"""Freed memory goes back to the system, however many threads took it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DRAW = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from PIL import Image
from bot.app.freed_memory import limit_arenas, return_blocks

def own_mb():
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("RssAnon")).split()[1]) / 1000

def draw(number):
    kept = bytearray(300_000)
    picture = Image.new("RGB", (1600, 1200 + number % 400), (number % 255, 2, 3))
    picture.resize((800, 600)).quantize(64)
    return bytes(kept[:300_000])

if sys.argv[1] == "bounded":
    limit_arenas()
    return_blocks(256 << 10)
draw(0)
before_mb = own_mb()
with ThreadPoolExecutor(4) as threads:
    list(threads.map(draw, range(60)))
    print(own_mb() - before_mb)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux says of memory")
def test_pictures_leave_no_holes_behind() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", DRAW, "bounded"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
        capture_output=True,
        check=True,
    )
    assert float(ran.stdout) < 12
