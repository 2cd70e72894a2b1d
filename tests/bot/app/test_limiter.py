"""Few questions are answered at once, a full queue refuses more, none takes for ever, and nobody asks too quickly."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waiting import until

from bot.app.limiter import Busy, RateLimiter, RequestLimiter, TookTooLong, TooQuick


async def answer(value: int) -> int:
    await asyncio.sleep(0)
    return value


class Gate:
    """Questions that wait until the test says so, and how many were worked on at the same time."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.working = 0
        self.most = 0

    async def question(self) -> str:
        self.working += 1
        self.most = max(self.most, self.working)
        try:
            await self.opened.wait()
        finally:
            self.working -= 1
        return "answered"


async def test_an_answer_comes_back_as_it_was_given() -> None:
    assert await RequestLimiter().ask(lambda: answer(7)) == 7


async def test_no_more_are_worked_on_than_the_limiter_admits_and_all_are_answered() -> None:
    gate, limiter = Gate(), RequestLimiter(at_once=2, longest_queue=10)
    asked = [asyncio.create_task(limiter.ask(gate.question)) for _ in range(8)]
    await until(lambda: gate.working == 2)
    assert limiter.inside == 8
    gate.opened.set()
    assert await asyncio.gather(*asked) == ["answered"] * 8
    assert gate.most == 2
    assert limiter.inside == 0


async def test_a_full_queue_turns_a_question_away_without_calling_it() -> None:
    gate, limiter = Gate(), RequestLimiter(at_once=1, longest_queue=1)
    asked = [asyncio.create_task(limiter.ask(gate.question)) for _ in range(2)]
    await until(lambda: limiter.inside == 2)
    called = False

    async def never() -> None:
        nonlocal called
        called = True

    with pytest.raises(Busy) as refusal:
        await limiter.ask(never)
    assert refusal.value.fields == {"waiting": 2, "limit": 2}
    assert not called
    gate.opened.set()
    await asyncio.gather(*asked)
    assert await limiter.ask(lambda: answer(1)) == 1


async def test_a_question_over_its_time_is_cancelled_and_its_place_is_free_again() -> None:
    gate, limiter = Gate(), RequestLimiter(at_once=1, longest_queue=0, limit_s=0.02)
    with pytest.raises(TookTooLong) as refusal:
        await limiter.ask(gate.question)
    assert refusal.value.fields == {"limit_s": 0.02}
    assert gate.working == 0
    assert await limiter.ask(lambda: answer(3)) == 3


async def test_waiting_counts_as_time_too() -> None:
    limiter, n_begun = RequestLimiter(at_once=1, longest_queue=5, limit_s=0.05), 0
    others_are_over = asyncio.Event()

    async def keeps_its_place() -> None:
        nonlocal n_begun
        n_begun += 1
        try:
            await asyncio.Event().wait()
        finally:
            await others_are_over.wait()

    first, *others = [asyncio.create_task(limiter.ask(keeps_its_place)) for _ in range(3)]
    outcomes = await asyncio.gather(*others, return_exceptions=True)
    others_are_over.set()
    assert [type(outcome) for outcome in outcomes] == [TookTooLong] * 2
    with pytest.raises(TookTooLong):
        await first
    assert n_begun == 1, "those that waited were never begun"


async def test_a_timeout_of_the_questions_own_is_not_taken_for_the_limiters() -> None:
    async def slow_source() -> None:
        raise TimeoutError("a source did not answer")

    with pytest.raises(TimeoutError, match="a source"):
        await RequestLimiter().ask(slow_source)


async def test_a_failing_question_frees_its_place() -> None:
    async def broken() -> None:
        raise ValueError("broken")

    limiter = RequestLimiter(at_once=1, longest_queue=0)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            await limiter.ask(broken)
    assert limiter.inside == 0


async def test_a_shut_limiter_lets_those_inside_finish_and_nobody_in() -> None:
    gate, limiter = Gate(), RequestLimiter(at_once=1)
    asked = asyncio.create_task(limiter.ask(gate.question))
    await until(lambda: gate.working > 0)
    shutting = asyncio.create_task(limiter.close(within_s=600))
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await limiter.ask(lambda: answer(1))
    gate.opened.set()
    assert await shutting
    assert await asked == "answered"


async def test_shutting_gives_up_when_its_time_is_over() -> None:
    gate, limiter = Gate(), RequestLimiter()
    asked = asyncio.create_task(limiter.ask(gate.question))
    await until(lambda: gate.working > 0)
    assert not await limiter.close(within_s=0.01)
    gate.opened.set()
    await asked


async def test_an_empty_limiter_is_shut_at_once() -> None:
    assert await RequestLimiter().close(within_s=0)


def test_a_person_may_ask_a_few_questions_at_once_then_one_at_a_time() -> None:
    now = 0.0
    limiter = RateLimiter(burst=3, every_s=10.0, now_s=lambda: now)
    for _ in range(3):
        limiter.take(1)
    with pytest.raises(TooQuick) as refused:
        limiter.take(1)
    assert refused.value.fields == {"wait_s": 10}
    limiter.take(2)
    now = 10.0
    limiter.take(1)
    with pytest.raises(TooQuick):
        limiter.take(1)


def test_whoever_waits_as_long_as_told_may_ask() -> None:
    now = 0.0
    limiter = RateLimiter(burst=1, every_s=10.0, now_s=lambda: now)
    limiter.take(1)
    now = 7.6
    with pytest.raises(TooQuick) as refused:
        limiter.take(1)
    assert refused.value.wait_s == 3
    now += refused.value.wait_s
    limiter.take(1)


@given(
    burst=st.integers(1, 20),
    every_s=st.floats(0.01, 100.0),
    pauses_s=st.lists(st.floats(0.0, 30.0), min_size=1, max_size=40),
)
def test_however_quickly_somebody_asks_the_wait_that_is_told_is_long_enough(
    burst: int, every_s: float, pauses_s: list[float]
) -> None:
    now = 0.0
    limiter = RateLimiter(burst=burst, every_s=every_s, now_s=lambda: now)
    for pause_s in pauses_s:
        now += pause_s
        try:
            limiter.take(1)
        except TooQuick as refused:
            now += refused.wait_s
            limiter.take(1)
