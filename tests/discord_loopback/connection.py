"""A client that is connected for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord

from discord_loopback.server import LoopbackDiscord


@asynccontextmanager
async def connected(server: LoopbackDiscord, client: discord.Client) -> AsyncIterator[None]:
    """Connect ``client`` to ``server``; close it at the end. Whatever keeps it from connecting is raised."""
    async with client:
        task = asyncio.create_task(client.start(server.token))
        try:
            waiting = asyncio.create_task(server.wait_for_bot())
            await asyncio.wait([waiting, task], return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                waiting.cancel()
                await task
            await waiting
            yield
        finally:
            await client.close()
            await asyncio.gather(task, return_exceptions=True)
