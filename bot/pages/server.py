"""The pages over HTTP, with live search by meaning: an aiohttp application over the same service as the bot.

Every answer waits for its place in a limiter, has a limit in time and a rate for each address, so that no question
hangs the server; the service answers in worker processes. Pages are kept until another edition answers.
"""

import asyncio
import hashlib
import logging
import resource
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from weakref import WeakValueDictionary

from aiohttp import web
from cachetools import LRUCache

from bot.app.input_validation import LONGEST_QUERY
from bot.app.limiter import LimiterError, RateLimiter, RequestLimiter, TooQuick
from bot.app.service import LibraryService
from bot.app.workers.stopped_questions import AnsweringError
from bot.i18n.message_catalogue import MessageCatalogue
from bot.pages import addresses
from bot.pages.renderer import HERE, Renderer
from bot.render.png.episode_card import draw_card
from index.errors import EditionMissing, EpisodeAmbiguous, EpisodeUnknown
from index.library.episodes import checked_slug
from index.search.answers import Found
from index.text.tokens import tokenize
from scoring.errors import CodedError, typed_fields

_PASSAGES = 12
_MOST_KEPT = 200
_ENDS_WITHIN_S = 3.0
_IDLE_FOR_S = 75.0
"""So long a connection may ask nothing, from its first moment on: longer than a proxy keeps one (nginx 60 s)."""

_MOST_CONNECTIONS = 400
"""At once; a quarter of the files that the process may open where that is less. A proxy shares few among readers."""

_ACCEPTED_AT_ONCE = 50
"""Connections that one turn of the event loop takes before it refuses those that are too many."""

_RETRY_AFTER_S = "5"
_LONGEST_ADDRESS_BYTES = 16 * LONGEST_QUERY  # a letter takes up to 12 bytes in an address
_SHORT, _LONG = "public, max-age=60", "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml"}

_log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ServingError(CodedError):
    """Base of why pages cannot be served."""

    code = "serving"


@typed_fields
class AddressTaken(ServingError):
    """An address cannot be listened on: something else does, or it is not this machine's."""

    code = "address_taken"
    address: str


@dataclass(slots=True)
class PageServer:
    """Answers requests for pages.

    Attributes:
        service: answers what pages tell. It is not closed here.
        renderer: makes the pages; with ``is_live``.
        catalogue: every sentence.
        limiter: limits how many answers are worked on at once, and how long each takes.
        rate_limiter: limits how quickly one address asks.
    """

    service: LibraryService
    renderer: Renderer
    catalogue: MessageCatalogue
    limiter: RequestLimiter = field(default_factory=RequestLimiter)
    rate_limiter: RateLimiter = field(default_factory=lambda: RateLimiter(burst=40, every_s=0.25))
    _kept: LRUCache[tuple[str, str], bytes] = field(default_factory=lambda: LRUCache(_MOST_KEPT))
    _making: WeakValueDictionary[tuple[str, str], asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of all pages."""
        return [
            web.get("/", self._library),
            web.get(f"/{addresses.LIBRARY}", self._library),
            web.get(f"/{addresses.TOPICS}", self._topics),
            web.get(f"/{addresses.PEOPLE}", self._people),
            web.get(f"/{addresses.FRAMEWORK}", self._framework),
            web.get(f"/{addresses.SEARCH}", self._search),
            web.get("/results.html", self._results),
            web.get("/episodes/{slug}.html", self._episode),
            web.get("/cards/{slug}.png", self._picture),
            web.get(f"/{addresses.FEED}", self._feed),
            web.get(f"/{addresses.SITEMAP}", self._sitemap),
            web.get(f"/{addresses.ROBOTS}", self._robots),
            web.get("/static/{name}", self._static),
        ]

    def sentence(self, error: CodedError) -> str:
        """Return what is said of an error, in the language of the pages."""
        return self.catalogue.error(error, self.renderer.language.locale)

    async def _library(self, request: web.Request) -> web.Response:
        async def make() -> str:
            episodes, coverage = await self.service.episodes(), await self.service.coverage()
            return await asyncio.to_thread(self.renderer.library, episodes, coverage)

        return await self._page(request, make)

    async def _topics(self, request: web.Request) -> web.Response:
        async def make() -> str:
            return await asyncio.to_thread(self.renderer.topics, await self.service.coverage())

        return await self._page(request, make)

    async def _people(self, request: web.Request) -> web.Response:
        async def make() -> str:
            episodes, people = await self.service.episodes(), await self.service.people()
            return await asyncio.to_thread(self.renderer.people, episodes, people)

        return await self._page(request, make)

    async def _framework(self, request: web.Request) -> web.Response:
        async def make() -> str:
            return await asyncio.to_thread(self.renderer.framework)

        return await self._page(request, make)

    async def _episode(self, request: web.Request) -> web.Response:
        slug = checked_slug(request.match_info["slug"])

        async def make() -> str:
            return await asyncio.to_thread(self.renderer.episode, await self.service.page(slug))

        return await self._page(request, make)

    async def _picture(self, request: web.Request) -> web.Response:
        slug = checked_slug(request.match_info["slug"])

        async def make() -> bytes:
            card = await self.service.episode(slug, exactly=True)
            return await asyncio.to_thread(draw_card, card.episode, card.slices, self.renderer.language)

        return await self._page(request, make, content_type="image/png")

    async def _feed(self, request: web.Request) -> web.Response:
        self._require_site()

        async def make() -> str:
            return await asyncio.to_thread(self.renderer.feed, await self.service.episodes())

        return await self._page(request, make, content_type="application/atom+xml")

    async def _sitemap(self, request: web.Request) -> web.Response:
        self._require_site()

        async def make() -> str:
            return await asyncio.to_thread(self.renderer.sitemap, await self.service.episodes())

        return await self._page(request, make, content_type="application/xml")

    async def _robots(self, _request: web.Request) -> web.Response:
        return web.Response(text=self.renderer.robots(), content_type="text/plain")

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        headers = {"Cache-Control": _LONG if request.query_string == self.renderer.version else _SHORT}
        if name == "words.js":
            return web.Response(
                text=self.renderer.words_js(), content_type="text/javascript", headers=headers
            )
        if name not in _static_files():
            raise web.HTTPNotFound
        content_type = _TYPES[name[name.rindex(".") :]]
        return web.Response(text=_static_files()[name], content_type=content_type, headers=headers)

    async def _search(self, request: web.Request) -> web.Response:
        return await self._searched(request, self.renderer.search)

    async def _results(self, request: web.Request) -> web.Response:
        return await self._searched(request, lambda _, found, problem: self.renderer.results(found, problem))

    async def _searched(
        self, request: web.Request, render: Callable[[str, Found | None, str | None], str]
    ) -> web.Response:
        """Return what is found, or the sentence that says why nothing is; neither where nothing was asked."""
        query = request.query.get("q", "")[:LONGEST_QUERY].strip()

        async def answered() -> str:
            found = await self.service.find(query, n_passages=_PASSAGES) if tokenize(query) else None
            return await asyncio.to_thread(render, query, found, None)

        status, headers = 200, dict[str, str]()
        try:
            self.rate_limiter.take(person_of(request))
            told = await self.limiter.ask(answered)
        except CodedError as error:
            status, headers = _refusal(error)
            told = render(query, None, self.sentence(error))
        return web.Response(text=told, content_type="text/html", status=status, headers=headers)

    async def _page(
        self,
        request: web.Request,
        make: Callable[[], Awaitable[str | bytes]],
        *,
        content_type: str = "text/html",
    ) -> web.Response:
        """Return what ``make`` makes for this address, or what it made before from the same edition."""

        async def answered() -> bytes:
            edition = (await self.service.facts()).edition
            key = edition, request.path
            async with self._making.setdefault(key, asyncio.Lock()):  # what many ask for is made once
                if key not in self._kept:
                    made = await make()
                    self._kept[key] = made.encode() if isinstance(made, str) else made
                return self._kept[key]

        self.rate_limiter.take(person_of(request))
        body = await self.limiter.ask(answered)
        tag = hashlib.sha256(body).hexdigest()[:20]
        headers = {"Cache-Control": _SHORT, "ETag": f'"{tag}"'}
        if any(known.value == tag for known in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        charset = None if content_type == "image/png" else "utf-8"
        return web.Response(body=body, content_type=content_type, charset=charset, headers=headers)

    def _require_site(self) -> None:
        if self.renderer.site is None:
            raise web.HTTPNotFound


def make_app(server: PageServer) -> web.Application:
    """Return the application of the pages; routes of other kinds may be added to it before it runs.

    Every answer has the pages' security headers, and an error is a page or a sentence of its own.
    """

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPException as error:
            response = web.Response(status=error.status, text=f"{error.reason}.", headers=_kept(error))
        except CodedError as error:
            status, headers = _refusal(error)
            response = web.Response(status=status, text=server.sentence(error), headers=headers)
        except Exception:
            _log.exception("a page could not be made: %s", request.path)
            response = web.Response(
                status=500, text=server.catalogue.text("page.broken", server.renderer.language.locale)
            )
        if isinstance(response, web.Response) and _is_to_be_a_page(request, response):
            told = None if response.status == 404 else response.text
            response.content_type, response.text = "text/html", server.renderer.problem(told)
        response.headers.setdefault(
            "Content-Security-Policy", f"{server.renderer.policy}; frame-ancestors 'none'"
        )
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if isinstance(response, web.Response) and response.body and response.content_type != "image/png":
            response.enable_compression()
        return response

    app = web.Application(middlewares=[guarded], client_max_size=64 << 10)
    app.add_routes(server.routes())
    return app


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve an application until the block ends; yields its address. Port 0 takes a free one.

    Raises:
        AddressTaken: the address cannot be listened on.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=_ENDS_WITHIN_S,
        keepalive_timeout=_IDLE_FOR_S,
        max_line_size=_LONGEST_ADDRESS_BYTES,
    )
    await runner.setup()
    listening: asyncio.Server | None = None
    try:
        try:
            listening = await asyncio.get_running_loop().create_server(
                _few_connections(runner), host, port, backlog=_ACCEPTED_AT_ONCE
            )
        except (OSError, UnicodeError) as error:  # a host whose name cannot be one
            raise AddressTaken(address=f"{host}:{port}") from error
        name, number = listening.sockets[0].getsockname()[:2]
        yield f"http://{f'[{name}]' if ':' in name else name}:{number}/"
    finally:
        if listening is not None:
            listening.close()
        await runner.cleanup()


def _few_connections(runner: web.AppRunner) -> Callable[[], asyncio.Protocol]:
    """Return what takes a connection; one too many is ended, so that this process keeps files to open."""
    server = runner.server
    if server is None:
        raise RuntimeError("the runner is set up first")
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_CONNECTIONS if files == resource.RLIM_INFINITY else min(_MOST_CONNECTIONS, files // 4)
    is_full = False

    def take() -> asyncio.Protocol:
        nonlocal is_full
        if len(server.connections) < most:
            is_full = False
            return server()
        if not is_full:
            _log.warning("%d connections to the pages are open, more are refused", most)
        is_full = True
        return _Refusing()

    return take


class _Refusing(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.abort()


@cache
def _static_files() -> Mapping[str, str]:
    """Return scripts and pictures by their names, read once."""
    return {
        file.name: file.read_text("utf-8") for file in (HERE / "static").iterdir() if file.suffix in _TYPES
    }


def _refusal(error: CodedError) -> tuple[int, dict[str, str]]:
    """Return status and headers of an answer that says ``error``."""
    if isinstance(error, TooQuick):
        return 429, {"Retry-After": str(error.wait_s)}
    if isinstance(error, LimiterError | AnsweringError | EditionMissing):
        return 503, {"Retry-After": _RETRY_AFTER_S}
    return 404 if isinstance(error, EpisodeUnknown | EpisodeAmbiguous) else 400, {}


def _is_to_be_a_page(request: web.Request, response: web.Response) -> bool:
    """Return True for a sentence on what went wrong that a browser is to show."""
    is_problem = response.status >= 400 and response.content_type == "text/plain"
    return is_problem and "text/html" in request.headers.get("Accept", "")


def _kept(error: web.HTTPException) -> dict[str, str]:
    return {name: value for name, value in error.headers.items() if name in {"Allow", "Location"}}


def person_of(request: web.Request) -> int:
    """Return a number for who asks: the address of the connection, or the one that a proxy on this machine names."""
    address = request.remote or ""
    if address in {"127.0.0.1", "::1"}:
        address = request.headers.get("X-Forwarded-For", address).rpartition(",")[2].strip()
    # What a client sends need be no text; what cannot be decoded of it is kept as it came.
    return int.from_bytes(hashlib.sha256(address.encode("utf-8", "surrogateescape")).digest()[:8])
