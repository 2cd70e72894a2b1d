"""One bot at a time uses a state folder, and a dead one keeps nobody out."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.app.state_lock import LOCK_FILE, StateInUse, state_lock
from index.errors import StorageError

ROOT = Path(__file__).resolve().parents[3]
HOLD = """
import sys
from pathlib import Path
from bot.app.state_lock import state_lock
with state_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    with state_lock(tmp_path / "state"):
        with pytest.raises(StateInUse) as refused, state_lock(tmp_path / "state"):
            pass
        with state_lock(tmp_path / "another"):
            pass
    assert refused.value.fields == {"path": str(tmp_path / "state")}
    with state_lock(tmp_path / "state"):
        pass


def test_a_killed_process_gives_the_lock_back(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StateInUse), state_lock(tmp_path):
            pass
        holder.kill()
        holder.wait()
        with state_lock(tmp_path):
            pass


def test_a_child_process_does_not_keep_the_lock(tmp_path: Path) -> None:
    running = "import sys; print('running', flush=True); sys.stdin.read()"
    with state_lock(tmp_path):
        child = subprocess.Popen(
            [sys.executable, "-c", running], stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"running\n"
    try:
        with state_lock(tmp_path):
            pass
    finally:
        child.communicate()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError), state_lock(tmp_path / "file" / "state"):
        pass
    (tmp_path / LOCK_FILE).mkdir()
    with pytest.raises(StorageError), state_lock(tmp_path):
        pass
