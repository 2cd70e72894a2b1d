"""How the running bot is: written to a file every few seconds, and read by ``python -m bot.app.health``.

The file ``STATE/alive`` is one JSON object. Its age tells that the event loop turns; it says whether Discord is
connected, and when a question that the bot asks itself was answered last.
"""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from bot.app.limiter import Busy
from bot.app.settings import SettingInvalid, Settings
from index.errors import EditionMissing, IndexingError
from scoring.errors import CodedError, typed_fields

ALIVE_FILE = "alive"

BEAT_S = 10.0
OLDEST_S = 45.0
"""From this age on the file counts for nothing: four beats were missed."""

ASKS_EVERY_S = 20.0
ANSWERED_WITHIN_S = 60.0
"""A bot is well if its own question was answered in this time."""

STARTS_WITHIN_S = 60.0
"""So long a bot is called ``starting`` instead of ``connecting``."""

MOST_UNANSWERED = 10
"""After so many questions in a row without an answer the bot ends, so that it is started again."""

State = Literal["starting", "connecting", "connected"]
Ask = Callable[[], Awaitable[object]]

_log = logging.getLogger(__name__)


@typed_fields
class AnsweringStopped(CodedError):
    """The bot's last ``n_questions`` to itself were not answered, although earlier ones were."""

    code = "answering_stopped"
    n_questions: int


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a bot at a moment.

    Attributes:
        state: with Discord.
        at: the moment, in seconds since 1970.
        answered_at: when its own question was answered last, in seconds since 1970; None if it never was.
        problem: code of the error that its own question ended with; None if it was answered, or nothing is indexed yet.
    """

    state: State
    at: float
    answered_at: float | None = None
    problem: str | None = None

    def is_well(self, now: float) -> bool:
        """Return True for a bot that is connected and answers; ``now`` in seconds since 1970.

        A moment in the future counts as little as one that is too long ago.
        """
        return (
            self.is_fresh(now)
            and self.state == "connected"
            and self.answered_at is not None
            and abs(now - self.answered_at) < ANSWERED_WITHIN_S
            and self.problem is None
        )

    def is_fresh(self, now: float) -> bool:
        """Return True if a bot wrote this just now."""
        return abs(now - self.at) < OLDEST_S

    def told(self, now: float) -> str:
        """Return a line for whoever runs the bot."""
        if not self.is_fresh(now):
            return f"no sign of life for {abs(now - self.at):.0f} s"
        if self.answered_at is None:
            answered = "no question of its own answered yet"
        else:
            answered = f"own question answered {abs(now - self.answered_at):.0f} s ago"
        return f"{self.state}, {answered}" + (f", problem: {self.problem}" if self.problem else "")


_HEALTH = TypeAdapter(Health)


def read_health(state: Path) -> Health | None:
    """Return what the bot on a state folder wrote last; None if there is none, or the file is no such file."""
    try:
        return _HEALTH.validate_json((state / ALIVE_FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def write_health(state: Path, health: Health) -> None:
    """Replace the file by one rename, so that nobody reads half of it.

    Raises:
        OSError: it cannot be written.
    """
    beside = state / f".{ALIVE_FILE}"
    beside.write_bytes(_HEALTH.dump_json(health) + b"\n")
    beside.replace(state / ALIVE_FILE)


class HealthMonitor:
    """Writes how the bot is, and asks it a question now and then.

    Args:
        state: the state folder.
        is_connected: whether Discord is connected.
        ask: asks a question on the way that members' questions take.
        n_answered: returns how many answers others have had; they count where the own question finds no place.
        now: a clock, in seconds since 1970.
        sleep: waits for so many seconds of that clock.
    """

    def __init__(
        self,
        state: Path,
        is_connected: Callable[[], bool],
        ask: Ask,
        *,
        n_answered: Callable[[], int] = lambda: 0,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._state = state
        self._is_connected = is_connected
        self._ask = ask
        self._n_answered = n_answered
        self._n_answered_before = n_answered()
        self._now = now
        self._sleep = sleep
        self._began_at = now()
        self._answered_at: float | None = None
        self._problem: str | None = None
        self._was_up = False
        self._is_written = True

    @property
    def health(self) -> Health:
        """The state of the bot now."""
        now, is_connected = self._now(), self._is_connected()
        self._was_up |= is_connected and self._answered_at is not None
        is_starting = not self._was_up and now - self._began_at < STARTS_WITHIN_S
        state: State = "starting" if is_starting else "connected" if is_connected else "connecting"
        return Health(state, now, self._answered_at, self._problem)

    async def beat(self) -> None:
        """Write the file every ``BEAT_S`` seconds until cancelled; then take it away.

        A beat that cannot be written is followed by the next all the same.
        """
        try:
            while True:
                await self._write()
                await self._sleep(BEAT_S)
        finally:
            with suppress(OSError):
                (self._state / ALIVE_FILE).unlink(missing_ok=True)

    async def ask(self) -> None:
        """Ask every ``ASKS_EVERY_S`` seconds until cancelled.

        Raises:
            AnsweringStopped: the bot does not answer any more. One that never answered may still load its model.
        """
        n_unanswered = 0
        while True:
            n_unanswered = 0 if await self._is_answered() else n_unanswered + 1
            if n_unanswered >= MOST_UNANSWERED and self._answered_at is not None:
                raise AnsweringStopped(n_questions=n_unanswered)
            await self._sleep(ASKS_EVERY_S)

    async def _is_answered(self) -> bool:
        """Ask once. Return False if there was no answer although nobody else kept the bot from giving one."""
        problem = None
        n_before, self._n_answered_before = self._n_answered_before, self._n_answered()
        try:
            await self._ask()
        except Busy as error:
            if self._n_answered_before == n_before:
                self._problem = error.code
                return True
            # Others are answered in its place.
        except EditionMissing:
            pass
        except IndexingError as error:  # an answer, though not a good one: starting again would not mend it
            problem = error.code
        except CodedError as error:  # it took too long, or its worker ended
            _log.warning("the bot's own question was not answered: %s", error)
            self._problem = error.code
            return False
        except Exception as error:
            _log.exception("the bot's own question failed")
            self._problem = type(error).__name__
            return False
        self._answered_at, self._problem = self._now(), problem
        return True

    async def _write(self) -> None:
        try:
            await asyncio.to_thread(write_health, self._state, self.health)
        except OSError as error:
            if self._is_written:
                _log.warning("the health file cannot be written: %s", error)
            self._is_written = False
        else:
            self._is_written = True


def main() -> int:
    """Print how the bot is. Return 0 if it is well, else 1."""
    try:
        state = Settings.read().state_folder
    except (OSError, ValidationError) as error:
        problem = SettingInvalid.of(error) if isinstance(error, ValidationError) else error
        sys.stdout.write(f"the settings cannot be read: {problem}\n")
        return 1
    health, now = read_health(state), time.time()
    told = f"no bot runs on {os.fspath(state)}" if health is None else health.told(now)
    sys.stdout.write(told + "\n")
    return 0 if health is not None and health.is_well(now) else 1


if __name__ == "__main__":
    sys.exit(main())
