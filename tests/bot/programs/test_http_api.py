"""Programs ask over HTTP: the same answers, problems with sentences, a key, a rate, and a true description."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from jsonschema import Draft202012Validator
from small_library import Harm, make_opener

from bot.app.input_validation import LONGEST_QUERY
from bot.app.limiter import RateLimiter, RequestLimiter
from bot.app.service import LocalLibraryService
from bot.i18n.message_catalogue import MessageCatalogue
from bot.pages.server import serving as serving_at
from bot.programs.http_api import PREFIX, HttpApi, openapi
from bot.programs.operations import OPERATIONS
from bot.render.json_models import CONTRACTS

GIVEN: dict[str, dict[str, Any]] = {
    "find": {"question": "the danger of the dam", "n_passages": 2},
    "episode": {"episode": "the dam"},
    "counterbalance": {"episode": "the-dam"},
    "related": {"episode": "the-dam"},
    "read": {"episode": "the-dam", "at_s": 70.5, "around": 0},
    "spectrum": {},
    "episodes": {"limit": 1},
    "verify": {"link": "the-dam#s1-1"},
}


@asynccontextmanager
async def serving(library: LocalLibraryService, **options: Any) -> AsyncIterator[TestClient[Any, Any]]:
    """The API over ``library``, and a client that asks it."""
    given = {"rate_limiter": RateLimiter(burst=1000), **options}
    app = web.Application()
    app.add_routes(HttpApi(library, RequestLimiter(), MessageCatalogue.load(), **given).routes())
    async with TestClient(TestServer(app)) as client:
        yield client


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Type: application/json; charset=nonsense",
        "Content-Type: application/json; charset=base64",
        "Content-Encoding: gzip",
        "Content-Encoding: deflate",
    ],
)
async def test_a_body_that_is_not_as_its_headers_say_is_the_askers_fault(
    library: LocalLibraryService, headers: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(library) as client:
        answer = await sent_raw(client, b"POST", "find", headers.encode(), b'{"question": "the dam"}')
        assert b" 400 " in answer.splitlines()[0]
    assert "failed" not in caplog.text


async def test_a_proxy_may_hand_on_bytes_that_are_no_text(library: LocalLibraryService) -> None:
    async with serving(library) as client:
        answer = await sent_raw(client, b"GET", "episodes", b"X-Forwarded-For: \xff\xfe", b"")
        assert b" 200 " in answer.splitlines()[0]


async def test_who_goes_away_before_the_question_is_whole_fills_no_log(
    library: LocalLibraryService, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(library) as client:
        _, writer = await asyncio.open_connection(client.host, client.port)
        writer.write(f"POST {PREFIX}/find HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{".encode())
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()
        await asyncio.sleep(0.05)
    assert caplog.text == ""


async def test_who_never_sends_the_question_holds_no_connection(
    library: LocalLibraryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.programs.http_api._BODY_WITHIN_S", 0.05)
    async with serving(library) as client:
        reader, writer = await asyncio.open_connection(client.host, client.port)
        writer.write(f"POST {PREFIX}/find HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert b" 408 " in answer.splitlines()[0]
        assert b"application/problem+json" in answer
        writer.close()


async def test_a_link_to_nothing_is_the_askers_fault(library: LocalLibraryService) -> None:
    async with serving(library) as client:
        answer = await client.get(f"{PREFIX}/verify", params={"link": "http://[::1/x"})
        assert answer.status == 400
        assert (await answer.json())["code"] == "link_unreadable"


async def sent_raw(
    client: TestClient[Any, Any], method: bytes, name: str, headers: bytes, body: bytes
) -> bytes:
    """Return what is answered to a request that no client library would send."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    head = b"%s %s/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n\r\n"
    writer.write(head % (method, PREFIX.encode(), name.encode(), len(body), headers) + body)
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("name", OPERATIONS)
async def test_an_answer_is_the_same_by_get_and_post_and_as_described(
    library: LocalLibraryService, name: str
) -> None:
    async with serving(library) as client:
        given = GIVEN[name]
        params = {key: str(value) for key, value in given.items()}
        got = await client.get(f"{PREFIX}/{name}", params=params)
        posted = await client.post(f"{PREFIX}/{name}", json=given)
        assert got.status == posted.status == 200, await got.text()
        answer = await got.json()
        assert answer == await posted.json()
        assert OPERATIONS[name].contract.model_validate(answer).model_dump(mode="json") == answer
        described = openapi(library.axis, has_key=False)
        schema = described["paths"][f"/{name}"]["get"]["responses"]["200"]["content"]["application/json"][
            "schema"
        ]
        Draft202012Validator({**described, **schema}).validate(answer)


async def test_the_description_is_whole(library: LocalLibraryService) -> None:
    async with serving(library) as client:
        described = await (await client.get(f"{PREFIX}/openapi.json")).json()
    assert described == openapi(library.axis, has_key=False)
    assert described["openapi"] == "3.1.0"
    assert set(described["paths"]) == {f"/{name}" for name in OPERATIONS}
    schemas = described["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)

    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*map(references, value.values()))
        return set().union(*map(references, value)) if isinstance(value, list) else set()

    assert references(described) <= {f"#/components/schemas/{name}" for name in schemas}
    for name, operation in OPERATIONS.items():
        post = described["paths"][f"/{name}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        Draft202012Validator(post).validate(GIVEN[name])
        parameters = {each["name"] for each in described["paths"][f"/{name}"]["get"]["parameters"]}
        assert parameters == set(operation.arguments.model_fields)
        assert operation.contract in CONTRACTS.values()


@pytest.mark.parametrize(
    ("name", "given", "status", "code"),
    [
        ("find", {}, 400, "arguments_invalid"),
        ("find", {"question": "dam", "n_passages": "many"}, 400, "arguments_invalid"),
        ("find", {"question": "..."}, 400, "question_wordless"),
        ("episode", {"episode": "zzz qqq"}, 404, "episode_unknown"),
        ("episode", {"episode": "the"}, 400, "episode_ambiguous"),
        ("read", {"episode": "the-dam", "at_s": "99999"}, 400, "moment_outside"),
    ],
)
async def test_what_goes_wrong_is_a_problem_with_a_sentence(
    library: LocalLibraryService, name: str, given: dict[str, str], status: int, code: str
) -> None:
    async with serving(library) as client:
        answer = await client.get(f"{PREFIX}/{name}", params=given)
        problem = await answer.json(content_type="application/problem+json")
    assert (answer.status, problem["status"], problem["code"]) == (status, status, code)
    assert problem["detail"].endswith(".")
    if code == "episode_ambiguous":
        assert problem["candidates"] == ["the-dam", "the-school"]


async def test_every_refusal_below_the_prefix_is_a_problem(library: LocalLibraryService) -> None:
    """Whoever reads the problem's sentence and code finds them whatever was wrong: method, place or size."""
    async with serving(library) as client:
        for method, place, status, code in (
            ("PUT", "/find", 405, "method_refused"),
            ("DELETE", "/find", 405, "method_refused"),
            ("OPTIONS", "/find", 405, "method_refused"),
            ("POST", "/openapi.json", 405, "method_refused"),
            ("GET", "", 404, "operation_unknown"),
            ("GET", "/", 404, "operation_unknown"),
            ("GET", "/find/more", 404, "operation_unknown"),
            ("DELETE", "/remove", 404, "operation_unknown"),
        ):
            answer = await client.request(method, f"{PREFIX}{place}")
            told = await answer.json(content_type="application/problem+json")
            assert (answer.status, told["status"], told["code"]) == (status, status, code), (method, place)
            assert told["detail"].endswith(".")
            assert ("Allow" in answer.headers) is (status == 405)
        large = await client.post(f"{PREFIX}/find", data=io.BytesIO(b" " * (2 << 20)))
        assert large.status == 413
        assert (await large.json(content_type="application/problem+json"))["code"] == "body_too_large"


async def test_the_longest_question_fits_into_an_address(library: LocalLibraryService) -> None:
    """A letter of another script takes six bytes of an address, and a picture twelve."""
    app = web.Application()
    app.add_routes(HttpApi(library, RequestLimiter(), MessageCatalogue.load(), RateLimiter(burst=9)).routes())
    async with serving_at(app, "127.0.0.1", 0) as address, ClientSession() as client:
        for letter in ("Ж", "🎈"):
            params = {"question": f"the dam {letter}".ljust(LONGEST_QUERY, letter)}
            answer = await client.get(f"{address}{PREFIX[1:]}/find", params=params)
            assert answer.status == 200, await answer.text()


async def test_what_is_given_twice_is_not_one_of_both(library: LocalLibraryService) -> None:
    async with serving(library) as client:
        got = await client.get(f"{PREFIX}/find?question=dam&question=school")
        posted = await client.post(f"{PREFIX}/find", data=b'{"question": "dam", "question": "school"}')
        for answer in (got, posted):
            assert answer.status == 400
            detail = (await answer.json(content_type=None))["detail"]
            assert detail == "The arguments cannot be used: question: it is given twice."


async def test_days_are_read_as_everywhere(library: LocalLibraryService) -> None:
    async with serving(library) as client:
        for day in ("2025", "2025-12", "2025-12-24", "24.12.2025"):
            answer = await client.get(f"{PREFIX}/find", params={"question": "the dam", "since": day})
            assert answer.status == 200, await answer.text()
        for given, code in (
            ({"since": "0"}, "day_unreadable"),
            ({"until": "86400"}, "day_unreadable"),
            ({"since": "2026-02-30"}, "day_unreadable"),
            ({"since": "2026", "until": "2025-01"}, "days_reversed"),
            ({"shelf": "nope"}, "shelf_unknown"),
        ):
            answer = await client.get(f"{PREFIX}/find", params={"question": "the dam", **given})
            assert (answer.status, (await answer.json(content_type=None))["code"]) == (400, code)


@pytest.mark.parametrize("sent", [b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
async def test_a_body_that_is_no_object_is_refused(library: LocalLibraryService, sent: bytes) -> None:
    async with serving(library) as client:
        answer = await client.post(f"{PREFIX}/find", data=sent, headers={"Content-Type": "application/json"})
        assert answer.status == 400
        assert (await answer.json(content_type=None))["code"] == "arguments_invalid"


async def test_without_the_key_nothing_is_answered(library: LocalLibraryService) -> None:
    async with serving(library, key="open sesame") as client:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic open sesame"}):
            answer = await client.get(f"{PREFIX}/spectrum", headers=headers)
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        answer = await client.get(f"{PREFIX}/spectrum", headers={"Authorization": "Bearer open sesame"})
        assert answer.status == 200
        described = await (await client.get(f"{PREFIX}/openapi.json")).json()
        assert described["security"] == [{"key": []}]


async def test_who_asks_too_quickly_is_told_when_to_come_back(library: LocalLibraryService) -> None:
    async with serving(library, rate_limiter=RateLimiter(burst=2, every_s=30.0)) as client:
        statuses = [(await client.get(f"{PREFIX}/spectrum")).status for _ in range(3)]
        assert statuses == [200, 200, 429]
        assert 0 < int((await client.get(f"{PREFIX}/spectrum")).headers["Retry-After"]) <= 30


async def test_a_failure_that_nobody_foresaw_tells_no_secret(library: LocalLibraryService) -> None:
    async with serving(library) as client:
        answer = await client.get(f"{PREFIX}/find", params={"question": f"the dam {Harm.RAISE}"})
        assert answer.status == 500
        assert "secret" not in await answer.text()


async def test_there_is_nothing_else_and_nothing_writes(library: LocalLibraryService) -> None:
    async with serving(library) as client:
        other = await client.get(f"{PREFIX}/remove")
        assert (other.status, other.content_type) == (404, "application/problem+json")
        told = await other.json(content_type=None)
        assert told["code"] == "operation_unknown"
        assert "remove" in told["detail"]
        assert "counterbalance" in told["detail"]
        assert (await client.delete(f"{PREFIX}/find")).status == 405


async def test_a_library_that_is_not_indexed_says_so(tmp_path: Path) -> None:
    service = LocalLibraryService(make_opener(tmp_path))
    async with serving(service) as client:
        answer = await client.get(f"{PREFIX}/spectrum")
        assert answer.status == 503
        assert "counterpoint index" in (await answer.json(content_type=None))["detail"]
