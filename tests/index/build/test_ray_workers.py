"""Claims about builds whose episodes are worked on by a Ray cluster. Processes are real, and really killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ray_build import HOLD
from ray_cluster import RayCluster, need_ray
from same_editions import differences, published
from waiting import is_running

ROOT = Path(__file__).resolve().parents[3]
WORDS = "the mill by the river may turn into a danger or a great hope for every school in the valley"


class Town:
    """A library, and the states of two builders: one alone, and one with a cluster."""

    def __init__(self, folder: Path, cluster: RayCluster | None = None) -> None:
        self.library, self.alone, self.by_ray = (folder / name for name in ("library", "alone", "by-ray"))
        self.notes = folder / "notes"
        self.cluster = cluster
        for made in (self.library, self.notes):
            made.mkdir()

    def put(self, slug: str, words: str = WORDS, **about: Any) -> Path:
        folder = self.library / slug
        folder.mkdir(exist_ok=True)
        told = {"title": slug.title(), "transcripts": [{"file": "talk.vtt"}], **about}
        (folder / "episode.json").write_text(json.dumps(told))
        lines = [
            f"00:{n:02}:00.000 --> 00:{n:02}:59.000\n{words} {slug} number {n} of these." for n in range(12)
        ]
        (folder / "talk.vtt").write_text("WEBVTT\n\n" + "\n\n".join(lines) + "\n")
        return folder

    def start(self, address: str | None, state: Path) -> subprocess.Popen[bytes]:
        variables = self.cluster.variables if self.cluster else {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
        command = [sys.executable, "-c", "import ray_build; ray_build.main()"]
        return subprocess.Popen(
            [*command, str(self.library), str(state), str(self.notes), *filter(None, [address])],
            env=os.environ | variables,
            stdout=subprocess.PIPE,
        )

    def build(self, address: str | None, state: Path) -> Any:
        return told_by(self.start(address, state))

    def build_both(self) -> tuple[Any, Any]:
        assert self.cluster is not None
        return self.build(None, self.alone), self.build(self.cluster.address, self.by_ray)

    def held(self) -> set[int]:
        """Processes that hold a text now or did."""
        return {int(path.name.removeprefix("held-")) for path in self.notes.glob("held-*")}

    def n_calls(self) -> int:
        return len((self.notes / "calls").read_text().split())


@pytest.fixture
def town(tmp_path: Path, ray_cluster: RayCluster) -> Town:
    made = Town(tmp_path, ray_cluster)
    for number in range(9):
        made.put(f"talk-{number}")
    return made


def told_by(process: subprocess.Popen[bytes]) -> Any:
    out, _ = process.communicate()
    return json.loads(out)


def wait(holds: Callable[[], object]) -> None:
    while not holds():
        time.sleep(0.01)


def test_editions_are_those_of_a_single_process(town: Town, tmp_path: Path) -> None:
    """Also where episodes fail, have no text, or cannot be sent; and where most was known before."""
    (town.put("broken") / "episode.json").write_text("{")
    (town.put("lacking") / "talk.vtt").unlink()
    (town.put("silent") / "talk.vtt").write_text("WEBVTT\n")
    town.put("untold", transcripts=[])
    shutil.move(town.put("beyond") / "talk.vtt", tmp_path / "talk.vtt")
    (town.library / "beyond" / "talk.vtt").symlink_to(tmp_path / "talk.vtt")
    inside = town.put("inside")
    (inside / "talk.vtt").rename(inside / "other.vtt")
    (inside / "talk.vtt").symlink_to("other.vtt")
    alone, by_ray = town.build_both()
    assert [failure["episode"] for failure in alone["failures"]] == ["beyond", "broken", "lacking", "silent"]
    assert by_ray["failures"] == alone["failures"]
    assert by_ray["added"] == alone["added"]
    assert by_ray["steps"] == alone["steps"]
    assert alone["steps"]["embed"] == 15
    assert differences(town.alone, town.by_ray) == []
    town.put("talk-3", WORDS + " and one more")
    with (town.library / "talk-5" / "talk.vtt").open("a") as talk:
        talk.write("\n01:00:00.000 --> 01:00:09.000\nA last word on the ferry that nobody expected.\n")
    shutil.rmtree(town.library / "talk-7")
    alone, by_ray = town.build_both()
    assert (by_ray["changed"], by_ray["removed"]) == (["talk-3", "talk-5"], ["talk-7"])
    assert by_ray["embedded"] == alone["embedded"]
    assert 0 < alone["embedded"] < alone["windows"] / 3
    assert differences(town.alone, town.by_ray) == []


def test_a_killed_worker_costs_its_own_share_only(town: Town) -> None:
    town.put("talk-5", f"{WORDS} {HOLD}")
    process = town.start(town.cluster.address, town.by_ray)  # type: ignore[union-attr]
    wait(town.held)
    (killed,) = town.held()
    os.kill(killed, signal.SIGKILL)
    wait(lambda: town.held() - {killed})
    (town.notes / "go").touch()
    told = told_by(process)
    assert len(told["added"]) == 9
    assert (
        town.n_calls() == 3 + 1 + 1
    )  # nine episodes are three shares, and their words are embedded at the end
    town.build(None, town.alone)
    assert differences(town.alone, town.by_ray) == []


def test_workers_that_always_end_leave_the_edition_as_it_was(town: Town) -> None:
    assert town.cluster is not None
    town.build(None, town.by_ray)
    before = published(town.by_ray)
    town.put("talk-6", f"{WORDS} {HOLD}")
    process, killed = town.start(town.cluster.address, town.by_ray), set[int]()
    while process.poll() is None:
        for pid in town.held() - killed:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        time.sleep(0.01)
    told = told_by(process)
    assert (told["error"], told["first"], told["last"]) == ("workers_lost", "talk-6", "talk-6")
    assert len(killed) == 4
    assert published(town.by_ray) == before
    assert [path.name for path in (town.by_ray / "editions").iterdir() if path.is_dir()] == [before.name]


def test_an_interrupted_build_ends_its_workers_and_publishes_nothing(town: Town) -> None:
    town.put("talk-5", f"{WORDS} {HOLD}")
    process = town.start(town.cluster.address, town.by_ray)  # type: ignore[union-attr]
    wait(town.held)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate()
    assert (process.returncode, out) == (-signal.SIGINT, b"")
    wait(lambda: not any(map(is_running, town.held())))
    assert not (town.by_ray / "editions" / "CURRENT").exists()


def test_a_cluster_of_its_own_ends_with_the_build(tmp_path: Path) -> None:
    need_ray()
    town = Town(tmp_path)
    town.put("talk")
    variables = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests"), *sys.path])}
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t") as folder:
        town.cluster = RayCluster("local", variables | {"TMPDIR": folder, "HOME": folder})
        told = town.build("local", town.by_ray)
        assert told["added"] == ["talk"]
        for worker in (town.notes / "calls").read_text().split():
            wait(lambda pid=int(worker): not is_running(pid))
        assert list(Path(folder).iterdir()) == []
