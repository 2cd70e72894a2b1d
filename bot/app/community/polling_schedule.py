"""How often followed sources are looked at, and how long one that failed is left alone. Pure, but for chance."""

import random
from collections.abc import Mapping
from datetime import timedelta

from index.library.sources import FollowKind

LOOK_EVERY: Mapping[FollowKind, timedelta] = {
    "feed": timedelta(hours=1),
    "youtube": timedelta(hours=3),
    "repository": timedelta(hours=6),
    "folder": timedelta(minutes=10),
}
LONGEST_PAUSE = timedelta(hours=24)
FIRST_PAUSE = timedelta(minutes=15)
JITTER = 0.2


def pause_after(n_failures: int, asked_s: float | None = None) -> timedelta:
    """Return how long to leave a source alone after so many failures in a row, at least as long as it asked for."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(max(0, n_failures - 1), 12))
    return max(jittered(pause), timedelta(seconds=min(asked_s or 0.0, LONGEST_PAUSE.total_seconds())))


def jittered(pause: timedelta) -> timedelta:
    """Return ``pause``, up to a fifth shorter or longer by chance, so that sources are not asked all at once."""
    return pause * (1 + JITTER * (2 * random.random() - 1))  # noqa: S311 - a pause, no secret
