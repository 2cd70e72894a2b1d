"""Time writing a library's pages: all of them, again when nothing changed, and again when one episode did.

    COUNTERPOINT_LIBRARY=LIBRARY COUNTERPOINT_STATE=STATE PYTHONPATH=. python bench/site.py FOLDER [--pictures]

STATE holds a published edition (``bench/editions.py`` makes large ones). The change is pretended: another name of the
edition and another digest of one episode, so that all is looked at again as after a real one. FOLDER must be new.
"""

import argparse
import asyncio
import cProfile
import os
import pstats
import sys
import time
from dataclasses import replace
from pathlib import Path

from bot.app.container import make_service
from bot.app.service import LocalLibraryService
from bot.app.settings import Settings
from bot.i18n.message_catalogue import MessageCatalogue
from bot.pages.renderer import Renderer
from bot.pages.site import SiteReport, SiteWriter
from index.storage.records import EditionFacts

SITE = "https://library.example"


async def write(service: LocalLibraryService, folder: Path, site: str | None) -> SiteReport:
    """Write what is to be written, and print what it took."""
    renderer = Renderer(MessageCatalogue.load(), service.axis, site=site)
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    report = await SiteWriter(folder, renderer, service).write()
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    told = f"{report.n_pages} pages, {len(report.written)} files written: {took_s:.1f} s, {cpu_s:.1f} s of a core"
    sys.stdout.write(f"{told} (load {os.getloadavg()[0]:.1f})\n")
    return report


async def measure(folder: Path, site: str | None) -> None:
    """Write three times."""
    service = make_service(Settings())
    try:
        await write(service, folder, site)
        await write(service, folder, site)
        facts, digests = await service.facts(), await service.digests()
        first = next(iter(digests))

        async def changed_facts() -> EditionFacts:
            return replace(facts, edition="another")

        async def changed_digests() -> dict[str, str]:
            return digests | {first: "another"}

        service.facts, service.digests = changed_facts, changed_digests  # type: ignore[method-assign]
        await write(service, folder, site)
    finally:
        await service.close()


def main() -> None:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--pictures", action="store_true", help="with feed, sitemap and pictures beside links"
    )
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    asked = parser.parse_args()
    with cProfile.Profile() as profile:
        if not asked.profile:
            profile.disable()
        asyncio.run(measure(asked.folder, SITE if asked.pictures else None))
    if asked.profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
