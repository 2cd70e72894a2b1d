"""The sample library, indexed once for a whole run of the tests, however many processes share the work.

With ``TESTS_CACHE=FOLDER`` the index is kept there and used again by later runs, as long as nothing that
an index is made by or from has changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

CACHE = os.environ.get("TESTS_CACHE")
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class IndexedSample:
    """The sample library as ``counterpoint index`` left it on its first run. Shared by all tests: nobody writes to it.

    Attributes:
        library: the sample library itself.
        state: the state folder with the exported models and one edition.
        code, out, err: the exit status and both streams of that run.
    """

    library: Path
    state: Path
    code: int
    out: str
    err: str

    @property
    def models(self) -> Path:
        """Return the folder of the packaged model's export."""
        return self.state / "models"


@dataclass(frozen=True, slots=True)
class SharedFolder:
    """A folder of this run that all its worker processes share."""

    path: Path

    def make(self, name: str, fill: Callable[[Path], None]) -> Path:
        """Return the folder ``name`` in it, filled once a run: whoever comes first fills it, the others wait."""
        folder, done = self.path / name, self.path / f"{name}.done"
        with FileLock(self.path / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                fill(folder)
                done.touch()
        return folder


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> SharedFolder:
    """A folder of this run that all its workers share. (xdist gives each worker a folder of its own inside it.)"""
    base = tmp_path_factory.getbasetemp()
    return SharedFolder(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)


@pytest.fixture(scope="session")
def indexed_sample(shared_folder: SharedFolder) -> IndexedSample:
    """The sample library, indexed once a run by the real program in a process of its own."""
    library = ROOT / "data" / "library"

    def fill(folder: Path) -> None:
        kept = Path(CACHE) / _made_by() if CACHE else None
        if kept is not None and kept.is_dir():
            shutil.copytree(kept, folder, dirs_exist_ok=True)
            return
        index(folder)
        if kept is not None and not kept.exists():
            shutil.copytree(folder, kept)

    def index(folder: Path) -> None:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("COUNTERPOINT_")
        }
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli.app", "--library", library, "--state", folder / "state", "index"],
            capture_output=True,
            env=environment | {"HF_HUB_OFFLINE": "1", "COLUMNS": "100"},
            cwd=ROOT,
            check=False,
        )
        ran = {"code": done.returncode, "out": done.stdout.decode(), "err": done.stderr.decode()}
        (folder / "ran.json").write_text(json.dumps(ran), encoding="utf-8")

    folder = shared_folder.make("indexed-sample", fill)
    ran = json.loads((folder / "ran.json").read_text(encoding="utf-8"))
    sample = IndexedSample(library, folder / "state", **ran)
    assert sample.code == 0, sample.err[-1000:]
    return sample


def _made_by() -> str:
    """Return a digest of everything that an index is made by or from."""
    digest = hashlib.sha256()
    for part in ("scoring", "index", "data", "bot/app/container.py", "requirements/run.txt"):
        path = ROOT / part
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(
                    f"{file.relative_to(ROOT)}\0".encode() + hashlib.sha256(file.read_bytes()).digest()
                )
    return digest.hexdigest()[:16]
