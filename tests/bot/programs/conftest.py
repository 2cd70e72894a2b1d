"""A small library that programs ask."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from small_library import SmallLibrary, make_opener

from bot.app.service import LocalLibraryService


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalLibraryService]:
    """What answers from it; nobody writes to it."""
    made = SmallLibrary.of_two(tmp_path_factory.mktemp("small"))
    await made.build()
    service = LocalLibraryService(make_opener(made.state))
    yield service
    await service.close()
