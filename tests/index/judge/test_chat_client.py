"""The judge is asked by OpenAI's protocol, over real HTTP, of a strict stand-in; each failure is its own error."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from chat_service import KEY, MODEL, ChatService, chat_service, verdict
from waiting import LONG_S

from index.judge import ChatJudge
from index.judge.errors import (
    JudgeBusy,
    JudgeError,
    JudgeRefused,
    JudgeTookTooLong,
    JudgeUnreachable,
    JudgeUnreadable,
)

MESSAGES = [{"role": "system", "content": "Judge."}, {"role": "user", "content": "A and B"}]


@pytest.fixture
def service() -> Iterator[ChatService]:
    with chat_service() as played:
        yield played


async def asked(service: ChatService, *, limit_s: float = LONG_S) -> str:
    async with ChatJudge(service.url + "/", MODEL, key=KEY, limit_s=limit_s, pause_s=0.001) as judge:
        return await judge.ask(MESSAGES)


async def test_what_the_model_says_is_returned_and_the_request_is_as_the_protocol_wants_it(
    service: ChatService,
) -> None:
    assert await asked(service) == verdict()
    assert service.bodies == [
        {
            "model": MODEL,
            "messages": MESSAGES,
            "stream": False,
            "temperature": 0,
            "response_format": {"type": "json_object"},
        }
    ]


async def test_who_is_busy_or_broken_is_asked_again(service: ChatService) -> None:
    service.plan(429, Retry_After="0")
    service.plan(503)
    assert await asked(service) == verdict()
    assert len(service.asked) == 3


@pytest.mark.parametrize("status", [429, 500])
async def test_after_four_times_the_judge_is_given_up(service: ChatService, status: int) -> None:
    for _ in range(4):
        service.plan(status, Retry_After="0")
    with pytest.raises(JudgeBusy) as caught:
        await asked(service)
    assert caught.value.fields["status"] == status
    assert len(service.asked) == 4


@pytest.mark.parametrize("status", [302, 401, 403, 404])
async def test_a_refusal_is_not_asked_again_and_no_redirection_is_followed(
    service: ChatService, status: int
) -> None:
    service.plan(status, Location=service.url)
    with pytest.raises(JudgeRefused) as caught:
        await asked(service)
    assert caught.value.fields["status"] == status
    assert len(service.asked) == 1


async def test_a_service_that_knows_no_options_is_asked_without_them_from_then_on(
    service: ChatService,
) -> None:
    service.plan(400, b'{"error": {"message": "unknown: response_format"}}')
    async with ChatJudge(service.url, MODEL, key=KEY, pause_s=0.001) as judge:
        assert await judge.ask(MESSAGES) == verdict()
        assert await judge.ask(MESSAGES) == verdict()
        service.plan(400)
        with pytest.raises(JudgeRefused):
            await judge.ask(MESSAGES)
    assert ["temperature" in body for body in service.bodies] == [True, False, False, False]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>not json</html>",
        b'{"choices": [{"message": {"con',
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": null}}]}',
        b"[" * 100_000,
        b'{"choices": "' + b"x" * 1_000_001 + b'"}',
    ],
)
async def test_what_is_no_answer_is_told_so(service: ChatService, body: bytes) -> None:
    service.plan(200, body)
    with pytest.raises(JudgeUnreadable):
        await asked(service)


async def test_an_answer_that_comes_too_late_is_not_waited_for(service: ChatService) -> None:
    service.plan(200, after_s=2.0)
    with pytest.raises(JudgeTookTooLong) as caught:
        await asked(service, limit_s=0.3)
    assert caught.value.fields["limit_s"] == 0.3


async def test_nobody_there_is_told_so() -> None:
    with pytest.raises(JudgeUnreachable):
        async with ChatJudge("http://127.0.0.1:9/v1", MODEL, key=KEY) as judge:
            await judge.ask(MESSAGES)


async def test_the_key_is_in_no_error_and_no_log(
    service: ChatService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.plan(401, KEY.encode())
    with pytest.raises(JudgeError) as caught:
        await asked(service)
    assert KEY not in f"{caught.value!r} {caught.value.fields} {caplog.text}"
