"""What a script or a slip hands to the commands: sentences instead of tracebacks, and nothing of the machine's lost."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp.web
import pytest

from bot.cli.answer_options import save_picture
from bot.cli.session import Session
from bot.pages.server import AddressTaken, serving


def test_a_picture_is_written_into_a_pipe_and_puts_no_file_in_its_place(
    session: Callable[..., tuple[Session, io.StringIO]], tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        save_picture(session()[0], pipe, b"a picture", "what it shows", quietly=True)
        written = os.read(reader, 100)
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert written == b"a picture"


def test_a_file_whose_name_is_no_text_is_told_of_in_json(house: Any, tmp_path: Path, talk: str) -> None:
    named = os.fsdecode(os.fsencode(tmp_path) + b"/b\xffd.vtt")
    Path(named).write_text(talk)
    ran = house.run("add", "--json", named)
    assert json.loads(ran.out)["file"] == named


def test_links_in_circles_and_endless_names_stop_no_other_file(house: Any, tmp_path: Path, talk: str) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "circle.vtt").symlink_to("circle.vtt")
    (inbox / "talk.vtt").write_text(talk)
    ran = house.run("add", inbox, "x" * 5000, f"https://youtu.be/{'x' * 5000}")
    assert ran.code == 1
    assert "1 new, 3 refused" in ran.said


def test_an_empty_argument_does_not_mean_the_folder_that_one_is_in(
    house: Any, tmp_path: Path, talk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "talk.vtt").write_text(talk)
    monkeypatch.chdir(tmp_path)
    for command in ("add", "follow"):
        assert house.run(command, "").code != 0
    assert house.run("follows").code == 1
    assert not house.library.exists()


@pytest.mark.parametrize("link", ["/" + "x" * 5000, "\udcff"])
def test_what_is_no_folder_is_nothing_to_follow(house: Any, link: str) -> None:
    assert "nothing to follow" in house.run("follow", link).said


@pytest.mark.parametrize("path", ["~nobody-of-that-name", "/home/nobody/talks", "./talks"])
def test_a_path_that_is_followed_in_vain_is_told_to_be_no_folder_that_can_be_read(
    house: Any, path: str
) -> None:
    assert f"{path} is no folder that can be read" in house.run("follow", path).said


def test_a_word_of_eleven_letters_is_a_files_name_and_no_video(house: Any) -> None:
    for word in ("transcripts", "Transcripts"):
        assert f"There is no file {word}" in house.run("add", word).said


@pytest.mark.parametrize("channel", ["-1", "0", str(2**63)])
def test_a_channel_that_cannot_be_is_wrong_use(house: Any, tmp_path: Path, channel: str) -> None:
    assert house.run("follow", "--channel", channel, tmp_path).code == 2


def test_a_backup_whose_name_is_too_long_is_one_sentence(house: Any, tmp_path: Path) -> None:
    house.library.mkdir()
    goal = tmp_path / "goal"
    goal.mkdir()
    ran = house.run("backup", goal / ("x" * 300))
    assert ran.code == 1
    assert "File name too long" in ran.said
    assert list(goal.iterdir()) == []


@pytest.mark.parametrize("host", ["a" * 300, "\udcff"])
async def test_a_host_that_cannot_be_is_one_that_cannot_be_listened_on(host: str) -> None:
    with pytest.raises(AddressTaken):
        async with serving(aiohttp.web.Application(), host, 0):
            pass


def run_alone(
    house: Any, *arguments: str, out: int = subprocess.PIPE, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own: streams are the system's."""
    return subprocess.run(
        [sys.executable, "-m", "bot.cli.app", "--library", house.library, "--state", house.state, *arguments],
        stdout=out,
        stderr=subprocess.PIPE,
        env={**os.environ, **variables},
        text=True,
        check=False,
    )


def test_a_terminal_without_the_letters_of_an_answer_gets_the_others(house: Any) -> None:
    ran = run_alone(house, "doctor", PYTHONIOENCODING="ascii")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "? versions: Python" in ran.stdout


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="the system has no /dev/full")
def test_an_answer_that_cannot_be_written_is_one_sentence(house: Any) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = run_alone(house, "doctor", "--json", out=full.fileno())
    assert (ran.returncode, ran.stderr) == (1, "Reading or writing failed: No space left on device.\n")


@pytest.mark.parametrize(
    "command",
    [
        ["follows"],
        ["follows", "--look"],
        ["unfollow", "1"],
        ["transcribe", "{place}/nowhere.mp3"],
        ["export", "{place}/tables"],
        ["export", "{place}/tables", "--parquet"],
        ["site", "{place}/pages"],
        ["votes"],
        ["doctor"],
        ["backup", "{place}/saved.tar.gz"],
        ["add", "{place}/nowhere"],
    ],
)
def test_what_finds_nothing_leaves_no_folder_behind(house: Any, tmp_path: Path, command: list[str]) -> None:
    words = [word.format(place=tmp_path) for word in command]
    ran = house.run(*words, COUNTERPOINT_SPEECH_URL="http://127.0.0.1:9/v1")
    assert ran.code == 1, ran.said
    assert list(tmp_path.iterdir()) == []
