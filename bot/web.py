"""The application that serves browsers and programs: the pages, with the HTTP API beside them.

``counterpoint serve`` runs it by itself, the bot beside its connection to Discord (the setting ``serve``).
"""

from aiohttp import web

from bot.app.limiter import RateLimiter, RequestLimiter
from bot.app.service import LibraryService
from bot.app.settings import Settings
from bot.i18n.message_catalogue import MessageCatalogue
from bot.pages.renderer import Renderer
from bot.pages.server import PageServer, make_app
from bot.programs.http_api import HttpApi


def make_web_app(
    settings: Settings, service: LibraryService, catalogue: MessageCatalogue, limiter: RequestLimiter
) -> web.Application:
    """Return the application.

    Args:
        settings: where the pages are, and how programs may ask.
        service: answers what is asked. It is not closed with the application.
        catalogue: every sentence.
        limiter: limits how many answers are worked on at once.
    """
    renderer = Renderer(
        catalogue, service.axis, site=settings.site, is_live=True, locale=settings.pages_language
    )
    app = make_app(PageServer(service, renderer, catalogue, limiter=limiter))
    key = settings.api_key.get_secret_value() if settings.api_key is not None else None
    rate_limiter = RateLimiter(burst=settings.api_rate, every_s=60 / settings.api_rate)
    app.add_routes(HttpApi(service, limiter, catalogue, rate_limiter, key).routes())
    return app
