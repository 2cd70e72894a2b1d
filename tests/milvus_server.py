"""A Milvus server of this run's own: the engine of the package milvus-lite behind Milvus's protocol, in a process."""

from __future__ import annotations

import importlib.util
import itertools
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from waiting import LONG_S

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class MilvusServer:
    """A server on the loopback address."""

    port: int

    def fresh_address(self) -> str:
        """Return the address of an empty database."""
        from pymilvus import MilvusClient  # noqa: PLC0415 - may not be installed

        from index.storage.milvus_connection import SELDOM_PINGED  # noqa: PLC0415

        name = f"d{next(_NUMBERS)}"
        client = MilvusClient(f"http://127.0.0.1:{self.port}", timeout=LONG_S, grpc_options=SELDOM_PINGED)
        client.create_database(name)
        client.close()
        return f"milvus://127.0.0.1:{self.port}/{name}"


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    """A running server; the tests are skipped where it or its client is not installed."""
    for package in ("pymilvus", "milvus_lite"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"the package {package} is not installed (counterpoint[milvus], milvus-lite)")
    folder = tmp_path_factory.mktemp("milvus")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        "-m",
        "milvus_lite",
        "server",
        "--data-dir",
        str(folder),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        _wait(process, port, folder / "log")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("index.storage.milvus_connection._WITHIN_S", LONG_S)
            yield MilvusServer(port)
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    ends_at = time.monotonic() + LONG_S
    while time.monotonic() < ends_at and process.poll() is None:
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.skip(f"milvus-lite does not start here: {log.read_text(errors='replace')[-300:]}")
