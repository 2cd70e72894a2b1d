"""What other programs of the bot's import is what the bot imports: no package of its own is taken for a library."""

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
from bot.app.workers.process import _environment


@pytest.mark.parametrize("given", [_environment(os.environ), environment_of(Settings())])
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
    kept = _environment({**secrets, **more, "COUNTERPOINT_LIBRARY": "library"})
    assert kept.keys() == {"COUNTERPOINT_LIBRARY", "PYTHONPATH"}
