"""Figures that only grow are counters to Prometheus, so that a restart does not look like a fall."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bot.app.prometheus_metrics import Metrics
from bot.app.workers.pooled_service import PooledLibraryService
from bot.discord.prometheus_gauges import add_gauges

GROWING = {
    "counterpoint_late_acknowledgements_total": 2,
    "counterpoint_unexpected_errors_total": 3,
    "counterpoint_questions_stopped_total": 4,
    "counterpoint_workers_crashed_total": 5,
    "counterpoint_pictures_drawn_total": 6,
}
RISING_AND_FALLING = {"counterpoint_questions_inside": 1, "counterpoint_workers": 2}


def test_what_only_grows_is_a_counter_and_the_rest_a_gauge() -> None:
    pool: Any = SimpleNamespace(status=SimpleNamespace(pids=(7, 8), n_stopped=4, n_crashed=5))
    axis: Any = SimpleNamespace()
    context: Any = SimpleNamespace(
        metrics=Metrics(),
        limiter=SimpleNamespace(inside=1),
        reporter=SimpleNamespace(n_late=2, n_unexpected=3),
        pictures=SimpleNamespace(n_drawn=6),
        answerer=PooledLibraryService(pool, axis),
    )
    add_gauges(context)
    lines = context.metrics.text().splitlines()
    for kind, figures in (("counter", GROWING), ("gauge", RISING_AND_FALLING)):
        for name, value in figures.items():
            assert f"{name} {value}" in lines
            assert f"# TYPE {name} {kind}" in lines
    kinds = dict(line.split()[2:] for line in lines if line.startswith("# TYPE "))
    assert {name for name, kind in kinds.items() if kind == "counter"} == {
        name for name in kinds if name.endswith("_total")
    }
