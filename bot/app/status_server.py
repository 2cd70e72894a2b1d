"""Health and figures over HTTP, on this machine alone and only where a port is set.

``/healthz`` says whether the program works at all, ``/readyz`` whether it answers people, ``/metrics`` has the figures.
"""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from bot.app.health import Health
from bot.app.prometheus_metrics import CONTENT_TYPE, Metrics
from scoring.errors import CodedError, typed_fields

HOST = "127.0.0.1"

More = Callable[[], Awaitable[Mapping[str, tuple[str, float]]]]

_log = logging.getLogger(__name__)


@typed_fields
class StatusPortTaken(CodedError):
    """The port for health and figures cannot be listened on; ``problem`` is the system's own word."""

    code = "status_port_taken"
    port: int
    problem: str


class StatusServer:
    """Answers the three addresses.

    Args:
        health: how the bot is now.
        metrics: the figures.
        more: further figures, by name with their help, which take a look at the database.
        now: a clock, in seconds since 1970.
    """

    def __init__(
        self,
        health: Callable[[], Health],
        metrics: Metrics,
        more: More,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._health = health
        self._metrics = metrics
        self._more = more
        self._now = now

    async def healthz(self, _: web.Request) -> web.Response:
        """Return 200: whoever can answer this, works."""
        return web.Response(text=self._health().told(self._now()) + "\n")

    async def readyz(self, _: web.Request) -> web.Response:
        """Return 200 if the bot is connected and answers, else 503."""
        health, now = self._health(), self._now()
        return web.Response(text=health.told(now) + "\n", status=200 if health.is_well(now) else 503)

    async def metrics(self, _: web.Request) -> web.Response:
        """Return the figures; those of the database are left out where it cannot be read."""
        try:
            more = await self._more()
        except CodedError as error:
            _log.warning("figures without the database: %s", error)
            more = {}
        return web.Response(body=self._metrics.text(more).encode(), headers={"Content-Type": CONTENT_TYPE})

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[int]:
        """Listen on ``port`` of this machine, 0 for a free one, until the block ends; gives the port.

        Raises:
            StatusPortTaken: it cannot be had.
        """
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self.healthz),
                web.get("/readyz", self.readyz),
                web.get("/metrics", self.metrics),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, HOST, port).start()
            except OSError as error:
                raise StatusPortTaken(port=port, problem=error.strerror or type(error).__name__) from error
            yield int(runner.addresses[0][1])
        finally:
            await runner.cleanup()
