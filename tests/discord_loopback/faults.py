"""Failures on request: the next requests of a route answer 429, 5xx or an error code, late, or not at all."""

from __future__ import annotations

import asyncio
import fnmatch
import time
from dataclasses import dataclass

from discord_loopback.errors import ApiError, Violation
from discord_loopback.world import World

NAMES = {
    10062: "Unknown interaction",
    10015: "Unknown Webhook",
    10008: "Unknown Message",
    50013: "Missing Permissions",
}


class DropConnectionError(Exception):
    """The connection is to be cut without an answer."""


@dataclass(slots=True)
class PlannedFault:
    """`times` requests that match `pattern` ("METHOD /path", shell wildcards, no version prefix) fail like this."""

    pattern: str
    times: int
    status: int | None
    code: int
    retry_after_s: float
    is_global: bool
    delay_s: float
    drop: bool
    late: bool


class Faults:
    """The plan of failures, and the watch over whether a bot waits as it is told."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._planned: list[PlannedFault] = []
        self._closed_until_s: dict[str, float] = {}

    def fail_next(
        self,
        pattern: str,
        *,
        times: int = 1,
        status: int | None = None,
        code: int = 0,
        retry_after_s: float = 0.2,
        is_global: bool = False,
        delay_s: float = 0.0,
        drop: bool = False,
        late: bool = False,
    ) -> PlannedFault:
        """Plan failures.

        `status` 429 answers with rate limit headers and `retry_after_s`; any other status answers with
        `code`; None with a `delay_s` only waits; `drop` cuts the connection. With `late` the request takes
        effect first and only its answer fails, as when a connection breaks on the way back.
        """
        if code and status is None:
            status = 404
        plan = PlannedFault(pattern, times, status, code, retry_after_s, is_global, delay_s, drop, late)
        self._planned.append(plan)
        return plan

    def take(self, method: str, path: str) -> PlannedFault | None:
        """The failure that is due for this request, counted off."""
        for plan in self._planned:
            if plan.times > 0 and fnmatch.fnmatchcase(f"{method} {path}", plan.pattern):
                plan.times -= 1
                return plan
        return None

    def check_patience(self, method: str, path: str) -> None:
        """Record a violation for a request that comes before the wait it was told has passed."""
        now_s = time.monotonic()
        for key in (f"{method} {path}", "global"):
            until_s = self._closed_until_s.get(key)
            if until_s is None or (key == "global" and path.startswith(("/interactions/", "/webhooks/"))):
                continue
            if now_s < until_s - 0.005:
                said = f"came {until_s - now_s:.3f} s before the rate limit ended"
                self._world.violations.append(Violation(f"{method} {path}", (), "RETRIED_TOO_EARLY", said))
            else:
                del self._closed_until_s[key]

    async def apply(self, plan: PlannedFault, method: str, path: str) -> None:
        """Wait, cut or raise as planned; returns where the plan was only a delay."""
        if plan.delay_s:
            await asyncio.sleep(plan.delay_s)
        if plan.drop:
            raise DropConnectionError
        if plan.status == 429:
            key = "global" if plan.is_global else f"{method} {path}"
            self._closed_until_s[key] = time.monotonic() + plan.retry_after_s
            raise ApiError(
                429,
                0,
                "You are being rate limited.",
                headers=_rate_limit_headers(plan),
                extra={"retry_after": plan.retry_after_s, "global": plan.is_global},
            )
        if plan.status is not None:
            name = NAMES.get(plan.code, f"{plan.status}: the loopback was asked to fail")
            raise ApiError(plan.status, plan.code, name)


def _rate_limit_headers(plan: PlannedFault) -> dict[str, str]:
    headers = {"Retry-After": str(max(1, round(plan.retry_after_s))), "Via": "1.1 google"}
    if plan.is_global:
        return headers | {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
    return headers | {
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": f"{time.time() + plan.retry_after_s:.3f}",
        "X-RateLimit-Reset-After": f"{plan.retry_after_s:.3f}",
        "X-RateLimit-Bucket": "loopback",
        "X-RateLimit-Scope": "user",
    }
