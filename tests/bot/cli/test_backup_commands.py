"""``counterpoint backup`` and ``restore``, as whoever runs the bot types them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.app.community import CommunityDatabase
from bot.app.state_lock import state_lock

from .conftest import Here

ROOT = Path(__file__).resolve().parents[3]
QUESTION = "what cannot be recalled"


def answers(house: Here) -> list[Any]:
    """What questions bring, but for the name of the edition that answers."""
    asked = [("find", QUESTION), ("episode", "gunnar"), ("counterbalance", "gunnar")]
    told = [house.run(*question, "--json").json for question in asked]
    for row in told:
        row.pop("edition", None)
    return told


def streamed(house: Here, *arguments: str, typed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli.app", "--library", house.library, "--state", house.state, *arguments],
        input=typed, capture_output=True, cwd=ROOT, check=False, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip


def test_a_restore_into_an_empty_place_answers_as_before(indexed: Here, tmp_path: Path) -> None:
    async def choose(state: Path) -> None:
        community = await CommunityDatabase.open(state)
        await community.set_server(1, default_source="Northlight")
        await community.close()

    asyncio.run(choose(indexed.state))
    (tmp_path / "kept").mkdir()
    saved = indexed.run("backup", tmp_path / "kept" / "archive")
    assert saved.code == 0, saved.err
    assert "Saved 2 episodes" in saved.said
    assert "with the community database" in saved.said

    other = Here(tmp_path / "other" / "library", tmp_path / "other" / "state")
    restored = other.run("restore", tmp_path / "kept" / "archive")
    assert restored.code == 0, restored.err
    assert "Restored 2 episodes" in restored.said
    assert "Next: counterpoint index" in restored.said
    assert other.slugs() == indexed.slugs()
    (other.state / "models").symlink_to(indexed.state / "models")
    assert other.run("index").code == 0
    assert answers(other) == answers(indexed)


def test_a_folder_gets_a_file_named_by_the_time(small: Here, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    assert small.run("backup", kept).code == 0
    (file,) = kept.iterdir()
    assert file.name.startswith("counterpoint-20")
    again = small.run("backup", file)
    assert again.code == 1
    assert "already" in again.said


@pytest.mark.parametrize("goal", ["mnt/disk/archive", "mnt/"])
def test_a_folder_that_is_not_there_is_not_made(small: Here, tmp_path: Path, goal: str) -> None:
    """The folder of a disk that is not mounted, or a slip of the pen: the backup would lie where nobody looks."""
    ran = small.run("backup", f"{tmp_path}/{goal}")
    assert ran.code == 1
    assert "There is no folder" in ran.said
    assert not (tmp_path / "mnt").exists()


def test_streams_need_no_file(small: Here, tmp_path: Path) -> None:
    saved = streamed(small, "backup", "-")
    assert saved.returncode == 0, saved.stderr
    other = Here(tmp_path / "other" / "library", tmp_path / "other" / "state")
    restored = streamed(other, "restore", "-", typed=saved.stdout)
    assert restored.returncode == 0, restored.stderr
    assert other.slugs() == small.slugs()


@pytest.mark.parametrize(
    ("data", "said"), [(b"rubbish", "it is no backup, or was cut short"), (None, "No such file")]
)
def test_what_cannot_be_restored_is_one_sentence(
    small: Here, tmp_path: Path, data: bytes | None, said: str
) -> None:
    before = small.slugs()
    archive = tmp_path / "archive"
    if data is not None:
        archive.write_bytes(data)
    ran = small.run("restore", archive)
    assert ran.code == 1
    assert said in ran.said, ran.said
    assert small.slugs() == before


def test_while_a_bot_runs_nothing_is_restored(small: Here, tmp_path: Path) -> None:
    assert small.run("backup", tmp_path / "archive").code == 0
    with state_lock(small.state):
        ran = small.run("restore", tmp_path / "archive")
    assert ran.code == 1
    assert "Stop it first" in ran.said
