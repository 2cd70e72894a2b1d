"""Health and figures are told over HTTP, on this machine alone; log lines say which request they belong to."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import math
import re
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app.community import CommunityUnavailable
from bot.app.health import Health
from bot.app.logs import REQUEST, JsonFormatter, RequestFilter
from bot.app.prometheus_metrics import MOST_SERIES, Counter, Histogram, Metrics
from bot.app.status_server import StatusPortTaken, StatusServer

NOW = 1_000_000.0
WELL = Health("connected", NOW, NOW - 1.0)

LINE = re.compile(
    r'(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? '
    r"(-?[0-9.e+-]+|[+-]Inf|NaN))"
)
"""A line of Prometheus' text format."""


async def nothing_more() -> Mapping[str, tuple[str, float]]:
    return {}


async def asked(server: StatusServer, path: str) -> tuple[int, str, str]:
    async with (
        server.listening(0) as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as answer,
    ):
        return answer.status, await answer.text(), answer.headers["Content-Type"]


@pytest.mark.parametrize(
    ("health", "ready"),
    [
        (WELL, 200),
        (Health("connecting", NOW, NOW - 1.0), 503),
        (Health("connected", NOW, NOW - 1.0, "edition_crashes"), 503),
        (Health("connected", NOW, None), 503),
        (Health("starting", NOW, None), 503),
    ],
)
async def test_who_works_need_not_be_ready(health: Health, ready: int) -> None:
    server = StatusServer(lambda: health, Metrics(), nothing_more, now=lambda: NOW)
    assert (await asked(server, "/healthz"))[0] == 200
    status, text, _ = await asked(server, "/readyz")
    assert (status, text.strip()) == (ready, health.told(NOW))


async def test_figures_come_in_prometheus_format_and_without_the_database_the_others_still_do() -> None:
    metrics = Metrics()
    metrics.questions.add("find", "answered")
    metrics.questions.add('a "quoted"\nname\\', "too_quick", n=2)
    metrics.stage_seconds.observe(0.03, "answer")
    metrics.gauge("counterpoint_inside", "Now.", lambda: 3)
    metrics.gauge("counterpoint_unknown", "Nobody knows.", lambda: None)

    async def more() -> Mapping[str, tuple[str, float]]:
        return {"counterpoint_follows": ("Followed sources.", 2)}

    _, text, kind = await asked(StatusServer(lambda: WELL, metrics, more), "/metrics")
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    lines = text.splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert 'counterpoint_questions_total{what="find",outcome="answered"} 1' in lines
    assert 'counterpoint_stage_seconds_bucket{stage="answer",le="0.05"} 1' in lines
    assert 'counterpoint_stage_seconds_bucket{stage="answer",le="0.025"} 0' in lines
    assert {"counterpoint_inside 3", "counterpoint_follows 2"} <= set(lines)
    assert "counterpoint_unknown" not in text

    async def hindered() -> Mapping[str, tuple[str, float]]:
        raise CommunityUnavailable(problem="locked")

    status, text, _ = await asked(StatusServer(lambda: WELL, metrics, hindered), "/metrics")
    assert status == 200
    assert "counterpoint_questions_total" in text


async def test_a_port_that_is_taken_is_told_so() -> None:
    server = StatusServer(lambda: WELL, Metrics(), nothing_more)
    async with server.listening(0) as port:
        with pytest.raises(StatusPortTaken):
            async with server.listening(port):
                pass


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, min_value=None), max_size=30))
def test_buckets_count_everything_once(seconds: list[float]) -> None:
    histogram = Histogram("a_seconds", "x")
    for each in seconds:
        histogram.observe(each)
    finite = [each for each in seconds if each == each and abs(each) != float("inf")]
    assert histogram.count() == len(finite)
    cumulative = [int(line.rsplit(" ", 1)[1]) for line in histogram.lines() if "_bucket" in line]
    assert cumulative == sorted(cumulative)
    assert not finite or cumulative[-1] == len(finite)


def test_no_label_fills_the_memory() -> None:
    counter = Counter("a_total", "x", ("what",))
    for number in range(3 * MOST_SERIES):
        counter.add(str(number))
    assert len(counter.lines()) == MOST_SERIES + 1 + 2
    assert counter.value("other") == 2 * MOST_SERIES


async def test_each_log_line_bears_the_number_of_its_request() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(RequestFilter())
    handler.setFormatter(JsonFormatter())
    log = logging.getLogger("bot.test_logs")
    log.addHandler(handler)
    log.setLevel(logging.INFO)

    async def one(number: str) -> None:
        REQUEST.set(number)
        await asyncio.sleep(0)
        log.info("answered %s", "“x”\nand more")

    try:
        await asyncio.gather(one("11"), one("22"))
        try:
            raise ValueError("odd")
        except ValueError:
            log.exception("failed")
    finally:
        log.removeHandler(handler)
    told: list[dict[str, Any]] = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["request"] for line in told] == ["11", "22", "-"]
    assert told[0]["message"] == "answered “x”\nand more"
    assert told[0]["level"] == "info"
    assert "ValueError: odd" in told[2]["error"]


def test_how_quickly_most_were_done_is_told_by_the_buckets() -> None:
    histogram = Histogram("a_seconds", "x", ("stage",))
    assert histogram.within(0.5, "answer") is None
    for seconds in (0.2, 0.2, 0.3, 0.4, 0.4, 0.4, 0.4, 0.4, 2.0, 99.0):
        histogram.observe(seconds, "answer")
    assert [histogram.within(share, "answer") for share in (0.0, 0.2, 0.5, 0.9, 1.0)] == [
        0.25,
        0.25,
        0.5,
        2.5,
        math.inf,
    ]
