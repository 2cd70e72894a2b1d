"""The door lets few in at once, turns away what its queue cannot hold, and lets nothing take for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.app.limiter import Busy, RequestLimiter, TookTooLong


async def answer(value: int) -> int:
    await asyncio.sleep(0)
    return value


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not come to that")


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


async def test_no_more_are_worked_on_than_the_door_lets_in_and_all_are_answered() -> None:
    gate, door = Gate(), RequestLimiter(at_once=2, longest_queue=10)
    asked = [asyncio.create_task(door.ask(gate.question)) for _ in range(8)]
    await until(lambda: gate.working == 2)
    assert door.inside == 8
    gate.opened.set()
    assert await asyncio.gather(*asked) == ["answered"] * 8
    assert gate.most == 2
    assert door.inside == 0


async def test_a_full_queue_turns_a_question_away_without_calling_it() -> None:
    gate, door = Gate(), RequestLimiter(at_once=1, longest_queue=1)
    asked = [asyncio.create_task(door.ask(gate.question)) for _ in range(2)]
    await until(lambda: door.inside == 2)
    called = False

    async def never() -> None:
        nonlocal called
        called = True

    with pytest.raises(Busy) as refusal:
        await door.ask(never)
    assert refusal.value.fields == {"waiting": 2, "limit": 2}
    assert not called
    gate.opened.set()
    await asyncio.gather(*asked)
    assert await door.ask(lambda: answer(1)) == 1


async def test_a_question_over_its_time_is_cancelled_and_its_place_is_free_again() -> None:
    gate, door = Gate(), RequestLimiter(at_once=1, longest_queue=0, limit_s=0.02)
    with pytest.raises(TookTooLong) as refusal:
        await door.ask(gate.question)
    assert refusal.value.fields == {"limit_s": 0.02}
    assert gate.working == 0
    assert await door.ask(lambda: answer(3)) == 3


async def test_waiting_counts_as_time_too() -> None:
    gate, door = Gate(), RequestLimiter(at_once=1, longest_queue=5, limit_s=0.05)
    asked = [asyncio.create_task(door.ask(gate.question)) for _ in range(3)]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in outcomes] == [TookTooLong] * 3
    assert gate.most == 1, "those that waited were never begun"


async def test_a_timeout_of_the_questions_own_is_not_taken_for_the_doors() -> None:
    async def slow_source() -> None:
        raise TimeoutError("a source did not answer")

    with pytest.raises(TimeoutError, match="a source"):
        await RequestLimiter().ask(slow_source)


async def test_a_failing_question_frees_its_place() -> None:
    async def broken() -> None:
        raise ValueError("broken")

    door = RequestLimiter(at_once=1, longest_queue=0)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            await door.ask(broken)
    assert door.inside == 0


async def test_a_shut_door_lets_those_inside_finish_and_nobody_in() -> None:
    gate, door = Gate(), RequestLimiter(at_once=1)
    asked = asyncio.create_task(door.ask(gate.question))
    await until(lambda: gate.working > 0)
    shutting = asyncio.create_task(door.shut(within_s=5))
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await door.ask(lambda: answer(1))
    gate.opened.set()
    assert await shutting
    assert await asked == "answered"


async def test_shutting_gives_up_when_its_time_is_over() -> None:
    gate, door = Gate(), RequestLimiter()
    asked = asyncio.create_task(door.ask(gate.question))
    await until(lambda: gate.working > 0)
    assert not await door.shut(within_s=0.01)
    gate.opened.set()
    await asked


async def test_an_empty_door_is_shut_at_once() -> None:
    assert await RequestLimiter().shut(within_s=0)
