"""The small library answered by worker processes, and many people who ask it at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from small_library import AXIS, make_opener
from waiting import LONG_S, Latch

from bot.app.workers.pool import WorkerPool
from bot.app.workers.pooled_service import PooledLibraryService
from scoring.axis import load_axis

N_PEOPLE = 20


@asynccontextmanager
async def serving(
    state: Path, *, latch: Latch | None = None, **options: Any
) -> AsyncIterator[PooledLibraryService]:
    """The library by worker processes, which wait at ``latch`` where a question asks for it; stopped at the end."""
    pool = WorkerPool(
        state,
        partial(make_opener, state, latch=latch),
        **{
            "limit_s": LONG_S,
            "slow_s": 0.3,
            "lookup_within_s": LONG_S,
            "opens_within_s": LONG_S,
            "memory_bytes": 300 << 20,
            **options,
        },
    )
    service = PooledLibraryService(pool, load_axis(AXIS))
    try:
        yield service
    finally:
        await service.close()


async def people_ask(service: PooledLibraryService, *, times: int = 3) -> list[str]:
    """Twenty people, each with questions of their own; what each was answered from."""

    async def one(person: int) -> list[str]:
        return [
            (await service.find(f"the danger of the dam {person} {turn}")).edition for turn in range(times)
        ]

    return [edition for answers in await asyncio.gather(*map(one, range(N_PEOPLE))) for edition in answers]
