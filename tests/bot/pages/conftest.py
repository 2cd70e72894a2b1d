"""The sample library as pages, read by words alone so that they are there within seconds; and a real browser."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import http.server
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from indexed_sample import ROOT, SharedFolder
from loopback_http import QuietHandler, serving
from playwright.sync_api import sync_playwright
from small_library import AXIS, Quiet, WordCounts, likeness_gate
from waiting import LONG_S

from bot.app.edition_session import EditionOpener
from bot.app.service import LocalLibraryService
from bot.i18n.message_catalogue import MessageCatalogue
from bot.pages.renderer import Renderer
from bot.pages.site import SiteReport, SiteWriter
from index.build.builder import Builder
from scoring.axis import load_axis
from scoring.scorer import LexicalScorer

SITE = "https://library.example/pages"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

T = TypeVar("T")


async def build(library: Path, state: Path) -> None:
    """Publish an edition of ``library`` without a model."""
    axis = load_axis(AXIS)
    builder = Builder(library, state, WordCounts, lambda *_: LexicalScorer.load(AXIS), axis, "words")
    report = await builder.build(Quiet())
    assert report.facts is not None


def service_of(state: Path, site: str | None) -> LocalLibraryService:
    """What answers from an edition whose passages on opposite sides meet wherever they share words."""
    axis, scorer, words = load_axis(AXIS), LexicalScorer.load(AXIS), WordCounts()
    gate = likeness_gate(words, ["Do tutors help children?", "Who keeps the keys?"], bias=3.0)
    opener = EditionOpener(
        state, lambda _: words, lambda *_: scorer, axis, site=site, open_gate=lambda _: gate
    )
    return LocalLibraryService(opener)


async def write_site(state: Path, folder: Path, site: str | None = SITE, locale: str = "en") -> SiteReport:
    """Write the pages of the published edition."""
    service = service_of(state, None)
    try:
        renderer = Renderer(MessageCatalogue.load(), service.axis, site=site, locale=locale)
        return await SiteWriter(folder, renderer, service).write()
    finally:
        await service.close()


@dataclass(frozen=True, slots=True)
class SamplePages:
    """The sample library's edition and pages, shared by all tests: nobody writes to them."""

    state: Path
    folder: Path


@pytest.fixture(scope="session")
def sample_pages(shared_folder: SharedFolder) -> SamplePages:
    """The sample library as pages, with one more page of an episode that has a video."""

    def fill(folder: Path) -> None:
        async def work() -> None:
            await build(ROOT / "data" / "library", folder / "state")
            await write_site(folder / "state", folder / "site")
            service = service_of(folder / "state", None)
            page = await service.page("tove-kassabian-on-short-clocks")
            card = page.card
            about = card.episode.about.model_copy(update={"video_id": "abcdefghijk"})
            card = replace(card, episode=replace(card.episode, about=about))
            renderer = Renderer(MessageCatalogue.load(), service.axis)
            told = renderer.episode(replace(page, card=card))
            (folder / "site" / "episodes" / "with-a-video.html").write_text(told, encoding="utf-8")
            await service.close()

        asyncio.run(work())

    folder = shared_folder.make("sample-pages", fill)
    return SamplePages(folder / "state", folder / "site")


class _QuietFiles(QuietHandler, http.server.SimpleHTTPRequestHandler):
    """Files of a folder."""


@contextlib.contextmanager
def serving_folder(folder: Path) -> Iterator[str]:
    """Serve a folder as a plain web server does; yields its address."""
    with serving(functools.partial(_QuietFiles, directory=str(folder))) as port:
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture(scope="session")
def static_address(sample_pages: SamplePages) -> Iterator[str]:
    """The address of a plain web server over the sample's pages."""
    with serving_folder(sample_pages.folder) as address:
        yield address


class Browser:
    """A browser on a thread of its own: Playwright's loop must not be that of the other tests."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._held: dict[str, Any] = {}

    def start(self) -> None:
        def work() -> None:
            self._held["playwright"] = sync_playwright().start()
            self._held["browser"] = self._held["playwright"].chromium.launch(
                executable_path=CHROMIUM, args=FLAGS, timeout=1000 * LONG_S
            )

        self._thread.submit(work).result()

    def stop(self) -> None:
        def work() -> None:
            self._held["browser"].close()
            self._held["playwright"].stop()

        self._thread.submit(work).result()
        self._thread.shutdown()

    def visit(self, address: str, work: Callable[[Any], T], **options: Any) -> T:
        """Open ``address`` in a fresh context, and return what ``work`` makes of the page.

        Fails on any error or warning of the console, and on any request to another server.
        """

        def visiting() -> T:
            options.setdefault("viewport", {"width": 1280, "height": 900})
            context = self._held["browser"].new_context(**options)
            wrong: list[str] = []
            try:
                page = context.new_page()
                page.set_default_timeout(1000 * LONG_S)
                origin = "/".join(address.split("/")[:3])
                page.on(
                    "console",
                    lambda message: (
                        wrong.append(message.text) if message.type in {"error", "warning"} else None
                    ),
                )
                page.on("pageerror", lambda error: wrong.append(str(error)))

                def route(asked: Any) -> None:
                    if asked.request.url.startswith((origin, "blob:", "data:")):
                        asked.continue_()
                        return
                    wrong.append(f"asked for {asked.request.url}")
                    asked.fulfill(status=200, content_type="text/html", body="<p>elsewhere</p>")

                context.route("**/*", route)
                page.goto(address)
                done = work(page)
                assert wrong == []
                return done
            finally:
                context.close()

        return self._thread.submit(visiting).result()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; tests that need it are skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium: apt-get install chromium, and these tests look at the pages in it")
    made = Browser()
    made.start()
    yield made
    with contextlib.suppress(Exception):
        made.stop()


def write_episode(library: Path, slug: str, words: str, **about: Any) -> None:
    """Write an episode of five minutes in which ``words`` are said again and again."""
    folder = library / slug
    folder.mkdir(parents=True, exist_ok=True)
    told = {"title": slug.replace("-", " ").title(), "transcripts": [{"file": "captions.vtt"}]} | about
    (folder / "episode.json").write_text(json.dumps(told), encoding="utf-8")
    lines = [
        f"00:{n // 6:02}:{n % 6 * 10:02}.000 --> 00:{n // 6:02}:{n % 6 * 10 + 9:02}.000" for n in range(30)
    ]
    captions = "\n\n".join(f"{line}\n{words} {n}." for n, line in enumerate(lines))
    (folder / "captions.vtt").write_text(f"WEBVTT\n\n{captions}\n", encoding="utf-8")
