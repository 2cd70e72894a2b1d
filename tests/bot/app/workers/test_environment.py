"""Programs of the bot's import what the bot imports, get no secret of it, and tell nobody that they run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import discord
import pytest

import bot
from bot.app.jobs import environment_of
from bot.app.settings import Settings
from bot.app.workers.fork_server import worker_environment


@pytest.mark.parametrize("given", [worker_environment(os.environ), environment_of(Settings())])
def test_a_program_of_the_bots_finds_the_same_packages_from_anywhere(
    given: dict[str, str], tmp_path: Path
) -> None:
    said = subprocess.run(
        [sys.executable, "-P", "-c", "import bot, discord; print(bot.__file__, discord.__file__)"],
        env=given,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == [bot.__file__, discord.__file__]


def test_no_secret_is_handed_to_a_worker() -> None:
    secrets = {
        "DISCORD_TOKEN": "s",
        "COUNTERPOINT_TOKEN": "s",
        "COUNTERPOINT_COMMUNITY": "s",
        "COUNTERPOINT_API_KEY": "s",
    }
    more = {"COUNTERPOINT_SPEECH_KEY": "s", "COUNTERPOINT_JUDGE_KEY": "s"}
    kept = worker_environment({**secrets, **more, "COUNTERPOINT_LIBRARY": "library"})
    assert kept.keys() == {"COUNTERPOINT_LIBRARY", "PYTHONPATH"}


def test_the_runtime_of_models_tells_nobody_that_it_is_used(tmp_path: Path) -> None:
    """Its telemetry leaves an id in the home folder, sends from a thread, and would be lost in a fork."""
    program = (
        "import sys; from index.embedding.encoder import import_openvino; import_openvino().Core();"
        "print([name for name in sys.modules if name.startswith('openvino_telemetry.')])"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={**worker_environment(os.environ), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["[]"]
    assert not list(tmp_path.iterdir())
