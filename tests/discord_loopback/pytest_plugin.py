"""Fixtures for tests that play a bot against the loopback: name this module in ``pytest_plugins``."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from discord.gateway import DiscordWebSocket
from discord.http import Route

from discord_loopback.server import LoopbackDiscord
from discord_loopback.world import PATIENCE_S


@pytest_asyncio.fixture
async def loopback(discord_addresses: None) -> AsyncIterator[LoopbackDiscord]:
    """A Discord for one test. At its end, no request may have broken a rule.

    A test that means to break a rule clears `loopback.violations` after looking at them. How quickly a bot
    acknowledges is for a measurement to say, not for tests, which share the machine: the limit of 3 s does
    not hold here.
    """
    async with LoopbackDiscord(acknowledge_within_s=PATIENCE_S) as server:
        yield server
    assert not server.violations, "\n".join(map(str, server.violations))


@pytest.fixture
def discord_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore discord.py's addresses after a test: it keeps them in classes."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
