"""Commands of the pages: site, serve, verify, quote."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.app.container import make_limiter, make_pooled_service
from bot.app.service import QuotedAt
from bot.cli.answer_options import AsJson, open_service, save_picture
from bot.cli.charts import link as linked
from bot.cli.charts import quoted, say, title, words
from bot.cli.session import NOTHING, ProgressBars, Session, session_of
from bot.pages.renderer import Renderer
from bot.pages.server import serving
from bot.pages.site import SiteWriter
from bot.render import json_models
from bot.render.png.quote_card import MOST_QUOTES, Quote, draw_quotes, quotes_alt
from bot.web import make_web_app
from index.errors import EpisodeUnknown
from index.text.receipts import PageLink

_ENDS_WITHIN_S = 5.0

Links = Annotated[
    list[str], typer.Argument(metavar="LINK...", help="Links to sentences of pages, or SLUG#s12-3.")
]


PagesLanguage = Annotated[
    Literal["en", "de"] | None,
    typer.Option(
        "--language", help="Language of the pages; that of COUNTERPOINT_PAGES_LANGUAGE if not given."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    for command in (site, serve, verify, quote):
        app.command(command.__name__)(command)


def site(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to write the pages; any web server serves it.")],
    language: PagesLanguage = None,
) -> None:
    """Write the library as web pages; only what changed since the last time is written again."""
    session = session_of(context)
    settings = session.settings

    async def work() -> None:
        async with open_service(session) as answerer:
            locale = language or settings.pages_language
            renderer = Renderer(session.catalogue, answerer.axis, site=settings.site, locale=locale)
            with ProgressBars(session.err) as bars:
                report = await SiteWriter(folder, renderer, answerer, bars).write()
        told = f"{report.n_pages} pages in {folder}: {len(report.written)} files written"
        told += f", {len(report.removed)} removed." if report.removed else "."
        session.out.print(told, markup=False, highlight=False, soft_wrap=True)
        if settings.site is None:
            hint = "Set COUNTERPOINT_SITE to the address of the pages for a feed, a sitemap and pictures beside links."
            session.err.print(hint, markup=False, highlight=False, soft_wrap=True)

    session.finish(work())


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8080,
    language: PagesLanguage = None,
) -> None:
    """Serve the pages with live search by meaning, until it is stopped."""
    session = session_of(context)

    async def work() -> None:
        settings = session.settings
        if language is not None:
            settings = settings.model_copy(update={"pages_language": language})
        service = make_pooled_service(settings)
        app = make_web_app(settings, service, session.catalogue, make_limiter(settings))
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        try:
            async with serving(app, host, port) as address:
                await service.first_look()
                await service.facts()
                session.out.print(f"Serving at {address}", markup=False, highlight=False)
                await stop.wait()
        finally:
            async with asyncio.timeout(_ENDS_WITHIN_S):
                await service.close()

    session.finish(work())


def verify(context: typer.Context, links: Links, as_json: AsJson = False) -> None:
    """Say for each link whether its words are as quoted, moved, changed or gone; exit code 1 if any are not there."""
    session = session_of(context)

    async def work() -> bool:
        are_all_there = True
        async with open_service(session) as answerer:
            for link in links:
                parts = PageLink.read(link)
                try:
                    found = await answerer.quoted_at(parts)
                except EpisodeUnknown:
                    found = None
                if as_json:
                    session.print_json(json_models.verified(link, parts.slug, found))
                else:
                    _print_verdict(session, link, parts.slug, found)
                verdict = found.verdict if found is not None else None
                are_all_there &= verdict is not None and verdict.kind in {"as quoted", "moved"}
        return are_all_there

    session.finish(work())


def quote(
    context: typer.Context,
    links: Links,
    picture: Annotated[Path, typer.Option("--picture", metavar="PATH", help="PNG file to write.")],
) -> None:
    """Draw the quote that a link leads to, or two that answer each other, with names, positions and the link."""
    session = session_of(context)
    if len(links) > MOST_QUOTES:
        session.wrong("quotes_on_a_card", n=len(links))

    async def work() -> bool:
        async with open_service(session) as answerer:
            found = [await answerer.quoted_at(PageLink.read(link)) for link in links]
            quotes = [
                Quote.of(each.episode, each.record, each.excerpt)
                for each in found
                if each.excerpt is not None and each.record is not None
            ]
            if len(quotes) < len(links):
                return False
            language = session.language(answerer.axis)
            excerpt = found[0].excerpt
            address = (excerpt.read or excerpt.link) if excerpt is not None else None
            png = draw_quotes(quotes, address, language)
            save_picture(session, picture, png, quotes_alt(quotes, language))
            return True

    with session.explaining():
        if not session.run(work()):
            say(session.err, "The words of the link are not in the library any more.", style="red")
            raise typer.Exit(NOTHING)


def _print_verdict(session: Session, link: str, slug: str, found: QuotedAt | None) -> None:
    out = session.out
    say(out, title(found.episode.about.title if found is not None else slug))
    say(out, linked(link), indent=2)
    say(out, words(_sentence(session, found)), indent=2)
    excerpt = found.excerpt if found is not None else None
    if excerpt is not None:
        say(out, quoted(excerpt), indent=2)
        for address in filter(None, (excerpt.link, excerpt.read)):
            say(out, linked(address), indent=2)


def _sentence(session: Session, found: QuotedAt | None) -> str:
    """Say what became of the words of a link."""
    say_ = session.catalogue.text
    if found is None:
        return say_("receipt.gone")
    verdict = found.verdict
    if verdict is None:
        return say_("receipt.unread")
    if verdict.kind == "moved" and verdict.is_surrounded:
        n = abs(round(verdict.moved_s or 0.0))
        return session.catalogue.count("receipt.moved", n, second=verdict.second)
    if verdict.kind == "moved":
        return say_("receipt.elsewhere", second=verdict.second)
    return say_("receipt." + verdict.kind.replace(" ", "_"))
