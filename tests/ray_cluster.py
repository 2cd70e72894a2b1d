"""A Ray cluster of this run's own, on the loopback address: one machine with two cores, in processes of its own."""

from __future__ import annotations

import importlib.util
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from waiting import LONG_S

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class RayCluster:
    """A running cluster: its address, and the variables that admit a program to it."""

    address: str
    variables: dict[str, str]


def free_port() -> int:
    """Return a port of the loopback address that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def need_ray() -> None:
    """Skip the test where Ray is not installed."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("the package ray is not installed (counterpoint[ray])")


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[RayCluster]:
    """A running cluster; the tests are skipped where Ray is not installed."""
    need_ray()
    port = free_port()
    variables = {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]),
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_worker_niceness": "0",
    }
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        command = [
            sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", f"--port={port}",
            f"--ray-client-server-port={free_port()}", "--num-cpus=2", "--node-ip-address=127.0.0.1",
            "--include-dashboard=false", f"--temp-dir={folder}",
        ]  # fmt: skip
        log = Path(folder, "started.log")
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, env=os.environ | variables, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        try:
            _wait(process, log)
            yield RayCluster(f"127.0.0.1:{port}", variables)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    ends_at = time.monotonic() + LONG_S
    while time.monotonic() < ends_at and process.poll() is None:
        if "Ray runtime started" in log.read_text(errors="replace"):
            return
        time.sleep(0.05)
    pytest.skip(f"Ray does not start here: {log.read_text(errors='replace')[-300:]}")
