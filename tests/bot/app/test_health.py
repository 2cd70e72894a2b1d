"""Health tells the truth: a fresh word, of a connected bot, whose own question was answered within the last minute."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from bot.app.health import (
    ALIVE_FILE,
    ANSWERED_WITHIN_S,
    MOST_UNANSWERED,
    OLDEST_S,
    STARTS_WITHIN_S,
    AnsweringStopped,
    Health,
    HealthMonitor,
    read_health,
    write_health,
)
from bot.app.limiter import Busy, TookTooLong
from bot.app.workers.stopped_questions import QuestionCrashed
from index.errors import EditionDamaged, EditionMissing
from scoring.errors import CodedError

ROOT = Path(__file__).resolve().parents[3]
NOW = 1_790_000_000.0
WELL = Health("connected", NOW, NOW)


class Clock:
    """A clock that moves on when somebody sleeps, and stops the test after a day."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        await asyncio.sleep(0)
        if self.at > NOW + 86_400:
            raise DayIsOverError


class DayIsOverError(Exception):
    """A day has passed."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


def monitor(
    folder: Path, clock: Clock, *answers: Exception | None, is_connected: bool = True
) -> HealthMonitor:
    """A monitor whose question is answered so; the last of ``answers`` for ever."""
    left = list(answers) or [None]

    async def ask() -> None:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if answer is not None:
            raise answer

    return HealthMonitor(folder, lambda: is_connected, ask, now=clock, sleep=clock.sleep)


async def asked(monitor: HealthMonitor) -> None:
    """Let it ask once."""
    await monitor._is_answered()


@pytest.mark.parametrize(
    ("told", "is_well"),
    [
        (WELL, True),
        (Health("starting", NOW, NOW), False),
        (Health("connecting", NOW, NOW), False),
        (Health("connected", NOW, None), False),
        (Health("connected", NOW, NOW - ANSWERED_WITHIN_S), False),
        (Health("connected", NOW, NOW, "edition_damaged"), False),
        (Health("connected", NOW - OLDEST_S, NOW - OLDEST_S), False),
        (Health("connected", NOW + 3600, NOW + 3600), False),
    ],
)
def test_only_a_fresh_word_of_an_answering_bot_is_well(told: Health, is_well: bool) -> None:
    assert told.is_well(NOW) is is_well


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_health(tmp_path, WELL)
    assert read_health(tmp_path) == WELL
    assert [path.name for path in tmp_path.iterdir()] == [ALIVE_FILE]


@pytest.mark.parametrize(
    "data", [b"", b"connected", b"[]", b"{}", b"\xff", b'{"state": "connected", "at": []}']
)
def test_a_file_of_another_kind_says_nothing(data: bytes, tmp_path: Path) -> None:
    (tmp_path / ALIVE_FILE).write_bytes(data)
    assert read_health(tmp_path) is None


async def test_the_first_minute_is_called_starting(tmp_path: Path, clock: Clock) -> None:
    unconnected = monitor(tmp_path, clock, is_connected=False)
    assert unconnected.health.state == "starting"
    clock.at += STARTS_WITHIN_S
    assert unconnected.health.state == "connecting"


async def test_a_bot_that_was_up_is_never_starting_again(tmp_path: Path, clock: Clock) -> None:
    is_connected = True

    async def ask() -> None:
        pass

    beating = HealthMonitor(tmp_path, lambda: is_connected, ask, now=clock)
    assert beating.health.state == "starting", "it has answered nothing yet"
    await asked(beating)
    assert beating.health == WELL
    is_connected = False
    assert beating.health.state == "connecting"


@pytest.mark.parametrize(
    ("answer", "problem", "is_answered"),
    [
        (None, None, True),
        (EditionMissing(path="x"), None, True),
        (EditionDamaged(edition="x", file="y"), "edition_damaged", True),
        (Busy(waiting=1, limit=1), "busy", False),
        (TookTooLong(limit_s=20.0), "took_too_long", False),
        (QuestionCrashed(), "question_crashed", False),
        (RuntimeError("boom"), "RuntimeError", False),
    ],
)
async def test_what_became_of_its_own_question_is_told(
    answer: CodedError | None, problem: str | None, is_answered: bool, tmp_path: Path, clock: Clock
) -> None:
    beating = monitor(tmp_path, clock, answer)
    await asked(beating)
    assert beating.health.problem == problem
    assert (beating.health.answered_at is not None) is is_answered


async def test_a_bot_too_busy_for_its_own_question_is_well_as_long_as_others_are_answered(
    tmp_path: Path, clock: Clock
) -> None:
    answers = [None, Busy(waiting=1, limit=1)]
    n_answered = 0

    async def ask() -> None:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is not None:
            raise answer

    beating = HealthMonitor(tmp_path, lambda: True, ask, n_answered=lambda: n_answered, now=clock)
    for _ in range(10):
        await asked(beating)
        clock.at += ANSWERED_WITHIN_S / 3
        n_answered += 1
        assert beating.health.is_well(clock.at)
    await asked(beating)
    await asked(beating)
    assert (beating.health.problem, beating.health.is_well(clock.at)) == ("busy", False), (
        "nobody was answered"
    )


async def test_after_many_questions_without_an_answer_it_gives_up(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(AnsweringStopped) as stopped:
        await monitor(tmp_path, clock, None, TookTooLong(limit_s=20.0)).ask()
    assert stopped.value.n_questions == MOST_UNANSWERED


@pytest.mark.parametrize(
    "answers",
    [
        (TookTooLong(limit_s=20.0),),  # it never answered yet: the model may still be on its way
        (None, Busy(waiting=1, limit=1)),
        (None, EditionDamaged(edition="x", file="y")),
        (None, *[TookTooLong(limit_s=20.0)] * (MOST_UNANSWERED - 1), None),
    ],
)
async def test_it_does_not_give_up_where_a_new_start_would_not_help(
    answers: tuple[Exception | None, ...], tmp_path: Path, clock: Clock
) -> None:
    with pytest.raises(DayIsOverError):
        await monitor(tmp_path, clock, *answers).ask()


async def test_a_beat_that_cannot_be_written_is_followed_by_the_next(tmp_path: Path) -> None:
    state, path = tmp_path / "state", tmp_path / "state" / ALIVE_FILE
    state.mkdir()
    written, go_on = asyncio.Queue[bool](), asyncio.Queue[None]()

    async def ask() -> None:
        pass

    async def sleep(seconds: float) -> None:
        await written.put(path.exists())
        await go_on.get()

    task = asyncio.create_task(HealthMonitor(state, lambda: True, ask, sleep=sleep).beat())
    assert await written.get()
    state.rename(tmp_path / "away")
    await go_on.put(None)
    assert not await written.get()
    state.mkdir()
    await go_on.put(None)
    assert await written.get()
    task.cancel()
    await asyncio.wait({task})
    assert not path.exists(), "a bot that ended in order leaves no word behind"


@pytest.mark.parametrize(("is_there", "status"), [(False, 1), (True, 0)])
def test_the_program_says_it_and_exits_accordingly(is_there: bool, status: int, tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from bot.app.health import Health, main, write_health; "
    )
    if is_there:
        program += (
            f"now = time.time(); write_health(Path({str(tmp_path)!r}), Health('connected', now, now)); "
        )
    said = subprocess.run(
        [sys.executable, "-c", f"{program}sys.exit(main())"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={"COUNTERPOINT_STATE": str(tmp_path), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert said.returncode == status, said.stderr
    assert ("own question answered" if is_there else "no bot runs") in said.stdout
