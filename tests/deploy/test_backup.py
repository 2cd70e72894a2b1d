"""What is backed up while the bot writes comes back whole, and a restore deletes nothing."""

# ruff: noqa: ASYNC240  # a test may look at its own folder
from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.app.community import CommunityDatabase, ServerSettings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
CHOSEN = ServerSettings("The Lantern Room", frozenset({7}), frozenset({9}))


def run(script: str, *arguments: Path | str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(DEPLOY / script), *map(str, arguments)],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHON": sys.executable},
    )  # fmt: skip


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    (folder / "who-keeps-the-keys").mkdir(parents=True)
    (folder / "who-keeps-the-keys" / "episode.json").write_text('{"title": "Who keeps the keys?"}')
    (folder / ".removed" / "old-1").mkdir(parents=True)
    (folder / ".counterpoint" / "editions").mkdir(parents=True)
    (folder / ".counterpoint" / "editions" / "CURRENT").write_text("derived")
    return folder


@pytest_asyncio.fixture
async def keeping(tmp_path: Path) -> AsyncIterator[CommunityDatabase]:
    """The members' database, open and written to, as while the bot runs."""
    opened = await CommunityDatabase.open(tmp_path / "state")
    await opened.set_server(1, CHOSEN)
    yield opened
    await opened.close()


async def test_there_and_back_while_the_bot_runs(
    library: Path, keeping: CommunityDatabase, tmp_path: Path
) -> None:
    made = run("backup.sh", library, tmp_path / "state", tmp_path / "kept")
    assert made.returncode == 0, made.stderr
    archive = Path(made.stdout.strip())
    assert archive.stat().st_mode & 0o077 == 0, "nobody else reads what members made"
    await keeping.set_server(1, ServerSettings())

    goal, state = tmp_path / "other", tmp_path / "other-state"
    back = run("restore.sh", archive, goal, state)
    assert back.returncode == 0, back.stderr
    assert (goal / "who-keeps-the-keys" / "episode.json").read_text() == '{"title": "Who keeps the keys?"}'
    assert not (goal / ".counterpoint").exists(), "what can be built again is left out"
    restored = await CommunityDatabase.open(state)
    assert await restored.server(1) == CHOSEN
    await restored.close()


async def test_a_restore_moves_what_is_there_aside(
    library: Path, keeping: CommunityDatabase, tmp_path: Path
) -> None:
    archive = run("backup.sh", library, tmp_path / "state", tmp_path / "kept").stdout.strip()
    (library / "new-one").mkdir()
    await keeping.set_server(1, ServerSettings("later"))
    await keeping.close()
    back = run("restore.sh", archive, library, tmp_path / "state")
    assert back.returncode == 0, back.stderr
    assert sorted(path.name for path in library.iterdir() if not path.name.startswith(".")) == [
        "who-keeps-the-keys"
    ]
    [aside] = library.glob(".before-restore-*")
    assert {path.name for path in aside.iterdir()} == {"new-one", "who-keeps-the-keys"}
    [old] = (tmp_path / "state").glob(".before-restore-*/community.db")
    with sqlite3.connect(old) as before:
        assert before.execute("SELECT default_source FROM server").fetchone() == ("later",)
    before.close()
    assert (library / ".counterpoint" / "editions" / "CURRENT").read_text() == "derived"
    again = await CommunityDatabase.open(tmp_path / "state")
    assert await again.server(1) == CHOSEN
    await again.close()


def test_wrong_use_is_said_and_leaves_nothing_behind(library: Path, tmp_path: Path) -> None:
    assert run("backup.sh").returncode == 2
    assert run("restore.sh").returncode == 2
    missing = run("backup.sh", tmp_path / "nowhere", tmp_path / "state", tmp_path / "kept")
    assert missing.returncode == 1
    assert "no library" in missing.stderr
    rubbish = tmp_path / "rubbish.tar.gz"
    rubbish.write_bytes(b"rubbish")
    wrong = run("restore.sh", rubbish, library, tmp_path / "state")
    assert wrong.returncode == 1
    assert "no backup" in wrong.stderr
    assert (library / "who-keeps-the-keys" / "episode.json").is_file()
