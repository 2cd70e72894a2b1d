"""A small library with an edition: one that nobody writes to, and one of a test's own."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from small_library import SmallLibrary


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small library with an edition; nobody writes to it."""
    made = SmallLibrary.of_two(tmp_path_factory.mktemp("small"))
    asyncio.run(made.build())
    return made.state.parent


@pytest.fixture
def state(built: Path) -> Path:
    """The state folder of a library that nobody changes."""
    return built / "state"


@pytest.fixture
def house(built: Path, tmp_path: Path) -> SmallLibrary:
    """A small library of this test's own, with an edition."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return SmallLibrary(tmp_path)
