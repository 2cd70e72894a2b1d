"""The program can be stopped by Ctrl-C from its first moment on."""

import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import os, signal, sys
from bot.cli.__main__ import main

class Stopping:
    def find_spec(self, name, *rest):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Stopping())
signal.signal(signal.SIGINT, signal.SIG_IGN if sys.argv[2] == "ignored" else signal.default_int_handler)
sys.argv[1:] = ["--version-that-there-is-not"]
main()
"""


def run_until(module: str, handled: str) -> subprocess.CompletedProcess[str]:
    """Run the program, and send it what Ctrl-C sends as it begins to import ``module``."""
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM.replace("sys.argv[1]:", f"{module!r}:"), module, handled],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("module", ["bot.cli.app", "numpy"])
def test_while_it_loads_ctrl_c_is_one_sentence(module: str) -> None:
    ran = run_until(module, "as usual")
    assert (ran.returncode, ran.stdout, ran.stderr.strip()) == (130, "", "Stopped.")


def test_where_ctrl_c_is_ignored_the_program_goes_on() -> None:
    ran = run_until("typer", "ignored")
    assert ran.returncode == 2
    assert "Stopped" not in ran.stderr
