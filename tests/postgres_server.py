"""A PostgreSQL server of this run's own, where Debian's package or another has put its programs."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

_SCHEMAS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server that listens on a socket in ``folder`` alone; it is forgotten after the run, so nothing is synced."""

    folder: Path
    programs: Path
    user: str | None

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "-w", "-D", str(self.data), "-o", options, "-l", str(self.data / "log"), "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-D", str(self.data), "-m", "immediate", "stop")

    def make(self) -> None:
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def address(self) -> str:
        return f"postgresql://postgres@/postgres?host={quote(str(self.folder), safe='')}"

    async def fresh_address(self) -> str:
        """Return the address of an empty schema."""
        name = f"s{next(_SCHEMAS)}"
        connection = await asyncpg.connect(self.address)
        await connection.execute(f"CREATE SCHEMA {name}")
        await connection.close()
        return f"{self.address}&search_path={name}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.programs / program), *arguments],
            user=self.user,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )


def _programs() -> Path | None:
    """Where the server's programs lie; Debian keeps them out of the way."""
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "pg_ctl").exists()), None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running server; the tests are skipped where there is none to start."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = "nobody" if os.geteuid() == 0 else None  # a server refuses to run as root
    if user is not None:
        folder.chmod(0o755)
        shutil.chown(folder, user)
    server = PostgresServer(folder, programs, user)
    try:
        try:
            server.make()
            server.start()
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"a PostgreSQL server cannot be started here: {error}")
        yield server
    finally:
        with suppress(OSError, subprocess.CalledProcessError):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


A_FILE, A_SERVER = "a file", "a server"


@pytest.fixture(params=[A_FILE, A_SERVER])
async def community_address(request: pytest.FixtureRequest) -> str | None:
    """Where the community database is: None for a file, else an empty database on a server."""
    return await address_in(request, request.param)


async def address_in(request: pytest.FixtureRequest, place: str) -> str | None:
    """Return None for ``A_FILE``, and for ``A_SERVER`` the address of an empty database."""
    if place == A_FILE:
        return None
    server: PostgresServer = request.getfixturevalue("postgres")
    return await server.fresh_address()
