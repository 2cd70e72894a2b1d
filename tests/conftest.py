"""What every test may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from discord_loopback.server import LoopbackDiscord


@pytest_asyncio.fixture
async def loopback() -> AsyncIterator[LoopbackDiscord]:
    """A Discord of one's own for one test; at its end no request may have broken a rule.

    A test that means to break one clears `loopback.violations` after looking at them.
    """
    async with LoopbackDiscord() as server:
        yield server
    assert not server.violations, "\n".join(map(str, server.violations))
