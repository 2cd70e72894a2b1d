"""Measure how large an episode's page is, and how soon it can be read on a slow phone.

    PYTHONPATH=. python bench/page.py LIBRARY STATE [--episode SLUG] [--visits 5]

The pages are served by the program itself over HTTP with gzip; the longest episode is taken if none is named. Chromium
emulates the phone: 360 px wide, a processor four times slower, 1.6 Mbit/s with 150 ms of delay, nothing kept from
before. "Read" is the first paint with text (First Contentful Paint), which is when the title and what follows it stand
there; "largest" is the Largest Contentful Paint, "whole" when the document is parsed and its scripts have run.
"""

import argparse
import asyncio
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from bot.app.container import make_limiter, make_service
from bot.app.limiter import RateLimiter
from bot.app.settings import Settings
from bot.i18n.message_catalogue import MessageCatalogue
from bot.pages.renderer import Renderer
from bot.pages.server import PageServer, make_app, serving

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]
SLOWER = 4
BYTES_A_SECOND = 1.6e6 / 8
DELAY_MS = 150

TIMES = """() => new Promise((resolve) => {
  let largest = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) largest = entry.startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  const [whole] = performance.getEntriesByType("navigation");
  setTimeout(() => resolve([paint.startTime, largest, whole.domContentLoadedEventEnd]), 200);
})"""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit: bytes on the wire by the end of each address, and milliseconds from the click."""

    sizes: dict[str, int]
    read_ms: float
    largest_ms: float
    whole_ms: float


async def visit(browser: Browser, address: str) -> Visit:
    """Open ``address`` as a slow phone does."""
    context = await browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2)
    try:
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        sizes: dict[str, int] = {}
        names: dict[str, str] = {}
        session.on(
            "Network.requestWillBeSent",
            lambda told: names.update({told["requestId"]: told["request"]["url"]}),
        )

        def loaded(told: dict[str, Any]) -> None:
            sizes[names[told["requestId"]].rpartition("/")[2].partition("?")[0]] = int(
                told["encodedDataLength"]
            )

        session.on("Network.loadingFinished", loaded)
        await session.send("Network.enable")
        await session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": DELAY_MS,
                "downloadThroughput": BYTES_A_SECOND,
                "uploadThroughput": BYTES_A_SECOND / 2,
            },
        )
        await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        await page.goto(address, wait_until="load")
        read_ms, largest_ms, whole_ms = await page.evaluate(TIMES)
        return Visit(sizes, read_ms, largest_ms, whole_ms)
    finally:
        await context.close()


async def measure(settings: Settings, slug: str | None, n_visits: int) -> None:
    """Serve the pages, visit one as often as wanted, and print what it took."""
    service, catalogue = make_service(settings), MessageCatalogue.load()
    try:
        episodes = await service.episodes()
        longest = max(episodes, key=lambda episode: episode.profile.n_slices)
        episode = next((each for each in episodes if each.slug == slug), longest)
        renderer = Renderer(catalogue, service.axis, site=settings.site, is_live=True)
        quick = RateLimiter(burst=10_000)
        app = make_app(PageServer(service, renderer, catalogue, make_limiter(settings), quick))
        async with serving(app, "127.0.0.1", 0) as address, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            visits = [
                await visit(browser, f"{address}episodes/{episode.slug}.html") for _ in range(n_visits + 1)
            ][1:]  # the first lets the server make the page
            await browser.close()
        write = sys.stdout.write
        minutes = round((episode.about.duration_s or 60 * episode.profile.n_slices) / 60)
        write(f"{episode.slug}: {episode.profile.n_slices} segments, about {minutes} minutes\n")
        sizes = visits[0].sizes
        told = ", ".join(f"{name} {size / 1000:.1f}" for name, size in sizes.items())
        write(f"kB on the wire: {sum(sizes.values()) / 1000:.1f} ({told})\n")
        for name in ("read_ms", "largest_ms", "whole_ms"):
            times = sorted(getattr(each, name) for each in visits)
            write(
                f"{name.removesuffix('_ms')}: median {statistics.median(times):.0f} ms, longest {times[-1]:.0f} ms\n"
            )
    finally:
        await service.close()


def main() -> None:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("library", type=Path)
    parser.add_argument("state", type=Path)
    parser.add_argument("--episode")
    parser.add_argument("--visits", type=int, default=5)
    asked = parser.parse_args()
    settings = Settings(library=asked.library, state=asked.state, _env_file=None)
    asyncio.run(measure(settings, asked.episode, asked.visits))


if __name__ == "__main__":
    main()
