"""The pages over HTTP: the same as the files, with live search, limits and headers."""

from __future__ import annotations

import asyncio
import html
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import aiohttp.web
import pytest
from aiohttp.test_utils import TestClient, TestServer
from loop_work import loop_work
from waiting import LONG_S

from bot.app.limiter import RateLimiter, TookTooLong
from bot.app.workers.stopped_questions import QuestionStopped
from bot.i18n.message_catalogue import MessageCatalogue
from bot.pages.renderer import Renderer
from bot.pages.server import AddressTaken, PageServer, make_app, serving
from index.errors import EditionMissing
from scoring.errors import CodedError

from .conftest import SITE, Browser, SamplePages, service_of

EPISODE = "episodes/josefina-arrate-on-tutors-in-the-valley-schools.html"


def page_server(pages: SamplePages, **options: Any) -> PageServer:
    service = service_of(pages.state, None)
    catalogue = MessageCatalogue.load()
    return PageServer(
        service, Renderer(catalogue, service.axis, site=SITE, is_live=True), catalogue, **options
    )


@pytest.fixture
async def client(sample_pages: SamplePages) -> AsyncIterator[TestClient[Any, Any]]:
    server = page_server(sample_pages)
    async with TestClient(TestServer(make_app(server))) as made:
        yield made
    await server.service.close()


async def test_a_connection_too_many_is_refused_and_takes_no_file(
    sample_pages: SamplePages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens thousands would else leave the process, which may be the bot's, none to open."""
    monkeypatch.setattr("bot.pages.server._MOST_CONNECTIONS", 2)
    server = page_server(sample_pages)
    async with serving(make_app(server), "127.0.0.1", 0) as address:
        port = int(address.rstrip("/").rpartition(":")[2])
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for _, writer in held:
            writer.write(b"GET /robots.txt HTTP/1.1\r\nHost: here\r\n\r\n")
        for reader, _ in held:
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        with pytest.raises(aiohttp.ClientConnectionError):
            await _status(address)
        for _, writer in held:
            writer.close()
            await writer.wait_closed()
        async with asyncio.timeout(LONG_S):
            while True:
                with suppress(aiohttp.ClientConnectionError):
                    assert await _status(address) == 200
                    break
    await server.service.close()


async def _status(address: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"{address}robots.txt") as answer:
        return answer.status


async def test_served_pages_are_the_files_but_for_live_search(
    client: TestClient[Any, Any], sample_pages: SamplePages
) -> None:
    for address in (
        EPISODE,
        "index.html",
        "topics.html",
        "people.html",
        "framework.html",
        "feed.xml",
        "sitemap.xml",
    ):
        answer = await client.get(f"/{address}")
        assert answer.status == 200
        told = (await answer.text()).replace('data-live="yes"', 'data-live="no"')
        assert told == (sample_pages.folder / address).read_text("utf-8")
    assert (await client.get("/")).status == 200
    picture = await client.get("/cards/tove-kassabian-on-short-clocks.png")
    assert (await picture.read())[:4] == b"\x89PNG"


async def test_a_search_quotes_and_links_to_the_sentence(client: TestClient[Any, Any]) -> None:
    told = await (await client.get("/search.html", params={"q": "tutors in the valley"})).text()
    assert "<blockquote>" in told
    assert 'href="episodes/josefina-arrate' in told
    assert 'value="tutors in the valley"' in told
    part = await (await client.get("/results.html", params={"q": "tutors in the valley"})).text()
    assert part in told
    assert '</span> <span class="lens">· societal</span>' in part, "band and lens are two words of their own"
    nothing = await (await client.get("/search.html", params={"q": '"><script>x</script>'})).text()
    assert "<script>x" not in nothing
    assert (await client.get("/search.html")).status == 200


@pytest.mark.parametrize(
    "address",
    [
        "/episodes/nobody.html",
        "/episodes/..%2f..%2fx.html",
        "/nowhere",
        "/static/..%2fserver.py",
        "/cards/x.png",
    ],
)
async def test_what_is_not_there_is_told_so(client: TestClient[Any, Any], address: str) -> None:
    answer = await client.get(address)
    assert answer.status in {400, 404}
    assert "Traceback" not in await answer.text()


async def test_a_browser_is_shown_a_page_of_what_is_not_there(client: TestClient[Any, Any]) -> None:
    for address in ("/nope.html", "/episodes/", "/episodes/nobody.html", "/cards/nobody.png"):
        answer = await client.get(address, headers={"Accept": "text/html,*/*;q=0.8"})
        told = await answer.text()
        assert (answer.status, answer.content_type) == (404, "text/html")
        assert "<h1>There is nothing here</h1>" in told
        assert 'href="/pages/topics.html"' in told
        assert 'action="/pages/search.html"' in told
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    told = await client.post("/", headers={"Accept": "text/html"})
    assert (told.status, told.headers["Allow"]) == (405, "GET,HEAD")
    assert "<p>Method Not Allowed.</p>" in await told.text()
    assert (await client.get("/nope.html")).content_type == "text/plain"


async def test_every_answer_has_the_security_headers(client: TestClient[Any, Any]) -> None:
    for address in ("/", "/nowhere", "/static/pages.js", "/robots.txt"):
        headers = (await client.get(address)).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert (await client.post("/")).status == 405


async def test_what_is_known_is_not_sent_again(client: TestClient[Any, Any]) -> None:
    first = await client.get("/topics.html")
    again = await client.get("/topics.html", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")


async def test_who_asks_too_quickly_is_told_to_wait(sample_pages: SamplePages) -> None:
    server = page_server(sample_pages, rate_limiter=RateLimiter(burst=2, every_s=60, now_s=lambda: 0.0))
    async with TestClient(TestServer(make_app(server))) as client:
        answers = [await client.get(f"/{page}.html", params={"q": "tutor"}) for page in ("search", "results")]
        assert [answer.status for answer in answers] == [200, 200]
        for page in ("search", "results", "topics"):
            refused = await client.get(f"/{page}.html", params={"q": "tutor"})
            assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
        other = await client.get("/topics.html", headers={"X-Forwarded-For": "203.0.113.7"})
        assert other.status == 200
    await server.service.close()


async def test_a_question_that_hangs_holds_up_nobody(sample_pages: SamplePages) -> None:
    server = page_server(sample_pages)
    asked, over = asyncio.Event(), asyncio.Event()

    async def hang(*_: object, **__: object) -> None:
        asked.set()
        await over.wait()
        raise TookTooLong(limit_s=20.0)

    server.service.find = hang  # type: ignore[method-assign, assignment]
    async with TestClient(TestServer(make_app(server))) as client:
        hanging = asyncio.create_task(client.get("/search.html", params={"q": "tutor"}))
        await asked.wait()
        assert (await client.get("/framework.html")).status == 200
        over.set()
        answer = await hanging
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert 'class="problem"' in await answer.text()
    await server.service.close()


@pytest.mark.parametrize(
    ("error", "status"),
    [(QuestionStopped(limit_s=5.0), 503), (EditionMissing(path="state"), 503), (CodedError(), 400)],
)
async def test_why_nothing_is_found_is_the_status_of_every_address(
    sample_pages: SamplePages, error: CodedError, status: int
) -> None:
    server = page_server(sample_pages)

    async def fail(*_: object, **__: object) -> None:
        raise error

    server.service.find = server.service.facts = fail  # type: ignore[method-assign, assignment]
    async with TestClient(TestServer(make_app(server))) as client:
        for page in ("search", "results", "topics"):
            answer = await client.get(f"/{page}.html", params={"q": "tutor"})
            assert (answer.status, "Retry-After" in answer.headers) == (status, status == 503)
            assert server.sentence(error) in html.unescape(await answer.text())
    await server.service.close()


async def test_pages_of_many_episodes_hold_up_nobody_and_are_made_once(
    sample_pages: SamplePages, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = page_server(sample_pages, rate_limiter=RateLimiter(burst=1_000))
    own = await server.service.episodes()
    episodes = [replace(own[n % len(own)], slug=f"{own[n % len(own)].slug}-{n}") for n in range(200)]
    coverage, people = await server.service.coverage(), await server.service.people()
    found = await server.service.find("tutors in the valley", n_passages=12)

    def told(value: object) -> Callable[..., Awaitable[object]]:
        async def tell(*_: object, **__: object) -> object:
            return value

        return tell

    for name, value in (("episodes", episodes), ("coverage", coverage), ("people", people), ("find", found)):
        monkeypatch.setattr(server.service, name, told(value))
    made: list[str] = []

    class Counting(Renderer):
        def _page(self, template: str, page: str, **fields: Any) -> str:
            made.append(page)
            assert threading.current_thread() is not threading.main_thread(), page
            return super()._page(template, page, **fields)

    server.renderer = Counting(server.catalogue, server.service.axis, site=SITE, is_live=True)
    pages = ["index.html", "people.html", "topics.html", "framework.html", "feed.xml", "sitemap.xml"]
    async with TestClient(TestServer(make_app(server))) as client, loop_work() as work:
        answers = await asyncio.gather(*(client.get(f"/{page}") for page in pages for _ in range(10)))
        assert {answer.status for answer in answers} == {200}
        assert sorted(made) == sorted(pages)
        assert (await client.get("/search.html", params={"q": "tutors"})).status == 200
    work.check()
    await server.service.close()


async def test_the_server_answers_while_one_types(sample_pages: SamplePages, browser: Browser) -> None:
    server = page_server(sample_pages)

    def search(page: Any) -> tuple[str, str]:
        page.focus("#q")
        page.keyboard.type("tutors in the valley")
        page.wait_for_selector(".suggest .found li")
        page.keyboard.press("Enter")
        page.wait_for_selector("#results .found li")
        told = str(page.inner_text("#results"))
        page.locator("#results .found a").first.click()
        page.wait_for_selector("#transcript")
        return told, str(page.evaluate("document.querySelector(location.hash).textContent"))

    async with TestServer(make_app(server)) as served:
        told, sentence = await asyncio.to_thread(browser.visit, str(served.make_url("/")), search)
    assert "passages in" in told
    assert sentence.strip() in told
    await server.service.close()


async def test_an_address_that_is_taken_is_named(sample_pages: SamplePages) -> None:
    server = page_server(sample_pages)
    async with serving(make_app(server), "127.0.0.1", 0) as address:
        port = int(address.rstrip("/").rpartition(":")[2])
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            assert answer.status == 200
        with pytest.raises(AddressTaken) as refused:
            async with serving(make_app(server), "127.0.0.1", port):
                pass
        assert refused.value.fields["address"] == f"127.0.0.1:{port}"
    await server.service.close()


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: "], ids=["nothing", "half a request"])
async def test_a_connection_that_asks_nothing_is_closed(
    sample_pages: SamplePages, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr("bot.pages.server._IDLE_FOR_S", 0.05)
    server = page_server(sample_pages)
    async with serving(make_app(server), "127.0.0.1", 0) as address:
        port = int(address.rstrip("/").rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        async with asyncio.timeout(60):
            assert await reader.read() == b""
        writer.close()
    await server.service.close()


async def test_routes_of_other_kinds_can_be_added(sample_pages: SamplePages) -> None:
    server = page_server(sample_pages)
    app = make_app(server)

    async def more(_: aiohttp.web.Request) -> aiohttp.web.Response:
        return aiohttp.web.json_response({"ok": True})

    app.router.add_get("/api/ok", more)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/api/ok")
        assert await answer.json() == {"ok": True}
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    await server.service.close()
