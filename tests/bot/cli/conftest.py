"""The program as a person runs it: the command line, on the sample library, with the packaged model."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from indexed_sample import IndexedSample, SharedFolder
from rich.console import Console

from bot.app.settings import DATA, Settings
from bot.cli import app as terminal
from bot.cli.session import Session
from bot.i18n.message_catalogue import MessageCatalogue

SAMPLE = DATA / "library"
KEPT = ("gunnar-eziokwu-on-what-cannot-be-recalled", "josefina-arrate-on-tutors-in-the-valley-schools")
"""Two episodes that are in every small library of these tests."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run of the program left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def said(self) -> str:
        """Both streams with every wrap undone."""
        return " ".join((self.out + " " + self.err).split())


@dataclass(frozen=True, slots=True)
class House:
    """A library and its state, and the program run on them in a process of its own, or in this one where it may."""

    library: Path
    state: Path

    def run(self, *arguments: str | Path, typed: bytes = b"", **variables: str) -> Ran:
        """The program in a process of its own: for exit codes, streams and first impressions."""
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli.app", *self._given(arguments)],
            input=typed,
            capture_output=True,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "COLUMNS": "100", **variables},
            cwd=Path(__file__).resolve().parents[3],
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def _given(self, arguments: tuple[str | Path, ...]) -> list[str]:
        return ["--library", str(self.library), "--state", str(self.state), *map(str, arguments)]

    def slugs(self) -> set[str]:
        return {path.name for path in self.library.iterdir() if not path.name.startswith(".")}


@dataclass(frozen=True, slots=True)
class Here(House):
    """As ``House``, but run in this process, which is quick."""

    def run(self, *arguments: str | Path, typed: bytes = b"", **variables: str) -> Ran:
        columns = int(variables.get("COLUMNS", "100"))
        out, err = io.StringIO(), io.StringIO()
        streams = sys.stdout, sys.stderr, sys.stdin
        sys.stdout, sys.stderr, sys.stdin = out, err, io.TextIOWrapper(io.BytesIO(typed))
        kept = {name: os.environ.get(name) for name in ("COLUMNS", *variables)}
        os.environ.update({"COLUMNS": str(columns), **variables})
        code = 0
        try:
            terminal.app(args=self._given(arguments))
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            sys.stdout, sys.stderr, sys.stdin = streams
            for name, value in kept.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
        return Ran(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session", autouse=True)
def offline() -> Iterator[None]:
    """No model hub, and none of the settings of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("COUNTERPOINT_")]:
            patch.delenv(name)
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield


@pytest.fixture(scope="session")
def first_index(indexed_sample: IndexedSample) -> Ran:
    """What the very first ``counterpoint index`` of the sample library left behind."""
    return Ran(indexed_sample.code, indexed_sample.out, indexed_sample.err)


@pytest.fixture(scope="session")
def sample(indexed_sample: IndexedSample) -> Here:
    """The sample library, indexed. Nobody changes it."""
    return Here(indexed_sample.library, indexed_sample.state)


@pytest.fixture
def house(tmp_path: Path) -> Here:
    """An empty place for a library."""
    return Here(tmp_path / "library", tmp_path / "state")


@pytest.fixture
def small(house: Here, sample: Here) -> Here:
    """Two episodes of the sample, not indexed, beside the sample's exported model."""
    for slug in KEPT:
        shutil.copytree(SAMPLE / slug, house.library / slug)
    house.state.mkdir()
    (house.state / "models").symlink_to(sample.state / "models")
    return house


@pytest.fixture(scope="session")
def indexed_once(sample: Here, shared_folder: SharedFolder) -> Here:
    """Two episodes of the sample, indexed, to be copied."""

    def fill(folder: Path) -> None:
        for slug in KEPT:
            shutil.copytree(SAMPLE / slug, folder / "library" / slug)
        (folder / "state").mkdir()
        (folder / "state" / "models").symlink_to(sample.state / "models")
        ran = Here(folder / "library", folder / "state").run("index")
        assert ran.code == 0, ran.err[-400:]

    folder = shared_folder.make("two-episodes", fill)
    return Here(folder / "library", folder / "state")


@pytest.fixture
def indexed(house: Here, indexed_once: Here) -> Here:
    """Two episodes of the sample, indexed."""
    shutil.copytree(indexed_once.library, house.library)
    shutil.copytree(indexed_once.state, house.state, symlinks=True)
    return house


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file into an inbox."""

    def put(name: str, content: str | bytes) -> Path:
        path = tmp_path / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put


@pytest.fixture
def session(tmp_path: Path) -> Callable[..., tuple[Session, io.StringIO]]:
    """A session whose answers are kept, on a terminal of so many columns, with or without colour."""

    def session(columns: int = 80, *, colour: bool = False) -> tuple[Session, io.StringIO]:
        kept = io.StringIO()
        out = Console(file=kept, width=columns, force_terminal=colour, color_system="256" if colour else None)
        settings = Settings(library=tmp_path / "library")
        return Session(settings, MessageCatalogue.load(), out, Console(file=io.StringIO())), kept

    return session


def captions(*lines: str, step_s: int = 4) -> str:
    """Invented WebVTT, a line every few seconds."""
    cues = [
        f"00:{at * step_s // 60:02}:{at * step_s % 60:02}.000 --> "
        f"00:{(at + 1) * step_s // 60:02}:{(at + 1) * step_s % 60:02}.000\n{line}\n"
        for at, line in enumerate(lines)
    ]
    return "WEBVTT\n\n" + "\n".join(cues)


@pytest.fixture
def talk() -> str:
    """Somebody speaks for a minute and a half, in WebVTT."""
    return captions(
        *[
            "The river rose again this spring and the mill stood still",
            "because the old dam had been mended in a hurry.",
            "We carried sand and bread along it for a week.",
            "And nobody knew who was going to pay for that.",
        ]
        * 6
    )
