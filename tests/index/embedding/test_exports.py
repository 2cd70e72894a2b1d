"""Claims about exports of models: whoever finds one finds it whole."""

import os
from pathlib import Path

import pytest

from index.embedding.model_export import _exported


def test_an_export_is_on_the_disk_before_it_appears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("model.bin", "model.xml", "serving.json")
    goal = tmp_path / "models" / "abc"
    written: list[tuple[int, bool]] = []
    real = os.fsync

    def noted(descriptor: int) -> None:
        written.append((os.fstat(descriptor).st_ino, goal.exists()))
        real(descriptor)

    def write(scratch: Path) -> None:
        for name in names:
            (scratch / name).write_text(name)

    monkeypatch.setattr(os, "fsync", noted)
    assert _exported("some model", goal, write) == goal
    before = {inode for inode, has_appeared in written if not has_appeared}
    assert {(goal / name).stat().st_ino for name in names} <= before
