"""What every test of the bot may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord_loopback.server import LoopbackDiscord


@pytest_asyncio.fixture
async def loopback() -> AsyncIterator[LoopbackDiscord]:
    """A Discord of one's own for one test; at its end no request may have broken a rule.

    A test that means to break one clears `loopback.violations` after looking at them.
    """
    async with LoopbackDiscord() as server:
        yield server
    assert not server.violations, "\n".join(map(str, server.violations))


@pytest.fixture(autouse=True)
def discord_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py keeps its addresses in classes; whatever a test sets is put back after it."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
