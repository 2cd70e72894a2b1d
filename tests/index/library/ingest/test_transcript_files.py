"""Claims about which files are tried, and how their bytes are read."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from index.errors import FileMissing, FileTooLarge, NotAFile
from index.library.ingest import find_files, left_out
from index.library.ingest.transcript_files import read_file
from index.transcripts.formats.decoding import LARGEST_FILE_BYTES


def test_a_folder_gives_what_could_be_a_transcript_sorted_and_at_any_depth(
    put: Callable[..., Path], inbox: Path
) -> None:
    for name in (
        "b/2.md", "b/1.vtt", "a.srt", "a.description", "a.info.json", "a.live_chat.json", "README.md", "LICENSE.txt",
        "episode.json", ".hidden.vtt", ".git/x.md", "x.py", "talk.json3",
    ):  # fmt: skip
        put(name)
    found = [path.relative_to(inbox).as_posix() for path in find_files([inbox])]
    assert found == ["a.srt", "talk.json3", "b/1.vtt", "b/2.md"]


def test_what_a_folder_holds_beside_transcripts_is_told_by_reason(
    put: Callable[..., Path], inbox: Path
) -> None:
    """No sidecar, README or hidden file is told of, and no recording whose transcript lies beside it."""
    for name in (
        "talk.vtt", "talk.mp3", "talk.info.json", "talk.description", "README.md", "LICENSE", "episode.json", ".x.docx",
        "b/interview.DOCX", "b/slides.pdf", "b/audio.mp3", "b/cover.jpg", "b/talk.wav",
    ):  # fmt: skip
        put(name)
    found = left_out([inbox, inbox / "talk.vtt", inbox / "b", inbox / "missing.docx"])
    assert [path.name for path in found.documents] == ["interview.DOCX", "slides.pdf"]
    assert [path.name for path in found.recordings] == ["audio.mp3", "talk.wav"]
    assert [path.name for path in found.others] == ["cover.jpg"]


def test_a_named_file_is_tried_whatever_it_is_called_and_once(put: Callable[..., Path], inbox: Path) -> None:
    odd = put("README")
    missing = inbox / "missing.vtt"
    talk = put("talk.vtt")
    assert find_files([odd, missing, talk, inbox, talk]) == [odd, missing, talk]


def test_a_file_that_is_not_there_or_no_file_is_named(inbox: Path) -> None:
    with pytest.raises(FileMissing) as caught:
        read_file(inbox / "missing.vtt")
    assert caught.value.fields == {"file": "missing.vtt", "line": None}
    os.mkfifo(inbox / "pipe.vtt")
    with pytest.raises(NotAFile):
        read_file(inbox / "pipe.vtt")


def test_a_file_that_is_too_large_is_refused_by_its_size_alone(inbox: Path) -> None:
    path = inbox / "long.vtt"
    with path.open("wb") as handle:
        handle.truncate(LARGEST_FILE_BYTES + 1)
    with pytest.raises(FileTooLarge) as caught:
        read_file(path)
    assert caught.value.fields["file"] == "long.vtt"
