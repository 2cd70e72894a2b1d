"""Claims about stamps: they stay while nothing changes, and change, or are not given, when anything may have."""

import os
import time
from pathlib import Path

import pytest

from index.build.changes import SETTLED_AFTER_S, stamp


@pytest.fixture
def later_s() -> float:
    """A time at which everything that the test writes has settled, however long the test takes."""
    return time.time() + 3600


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "a-river"
    folder.mkdir()
    (folder / "episode.json").write_text("{}")
    (folder / "captions.vtt").write_text("WEBVTT")
    return tmp_path


def test_a_stamp_stays_while_nothing_changes(library: Path, later_s: float) -> None:
    first = stamp(library, "a-river", now_s=later_s)
    assert first is not None
    (library / "a-river" / ".notes").write_text("hidden")
    assert stamp(library, "a-river", now_s=later_s + 60) == first


def test_whatever_happens_to_a_file_changes_it(library: Path, later_s: float) -> None:
    folder = library / "a-river"
    before = stamp(library, "a-river", now_s=later_s)

    def same_size_and_times() -> None:
        facts = (folder / "captions.vtt").stat()
        (folder / "captions.vtt").write_text("WEBVVT")
        os.utime(folder / "captions.vtt", ns=(facts.st_atime_ns, facts.st_mtime_ns))

    steps = (
        same_size_and_times,
        lambda: (folder / "captions.vtt").write_text("WEBVTT, longer"),
        lambda: (folder / "captions.vtt").rename(folder / "talk.vtt"),
        lambda: (folder / "note.md").write_text("x"),
        (folder / "note.md").unlink,
        lambda: (folder / "episode.json").replace(folder / "talk.vtt"),
    )
    for step in steps:
        _tick(library)
        step()
        found = stamp(library, "a-river", now_s=later_s)
        assert found not in (None, before)
        before = found


def _tick(folder: Path) -> None:
    """Wait for the file system's clock, which ticks in steps of some milliseconds."""
    probe = folder / ".probe"
    probe.touch()
    began_ns = probe.stat().st_ctime_ns
    while probe.stat().st_ctime_ns == began_ns:
        probe.touch()


def test_what_changed_a_moment_ago_or_in_the_future_has_none(library: Path) -> None:
    changed_s = (library / "a-river").stat().st_ctime
    assert stamp(library, "a-river", now_s=changed_s + SETTLED_AFTER_S / 2) is None
    assert stamp(library, "a-river", now_s=changed_s - 3600) is None


def test_links_and_missing_folders_have_none(library: Path, later_s: float) -> None:
    (library / "linked").symlink_to(library / "a-river")
    assert stamp(library, "linked", now_s=later_s) is None
    assert stamp(library, "nowhere", now_s=later_s) is None
    (library / "a-river" / "other.vtt").symlink_to("captions.vtt")
    assert stamp(library, "a-river", now_s=later_s) is None
