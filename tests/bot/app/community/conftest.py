"""What tests of the community database share."""

from datetime import UTC, datetime, timedelta

import pytest

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def on(self, more: timedelta) -> None:
        self.at += more


@pytest.fixture
def clock() -> Clock:
    return Clock()
