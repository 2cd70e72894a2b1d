"""The parts of a running bot: made once, handed to every command and component, and closed in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

import discord
from discord import app_commands

from bot.app.community import CommunityDatabase
from bot.app.container import make_limiter, make_pooled_service, make_sources
from bot.app.jobs import Jobs
from bot.app.limiter import RateLimiter, RequestLimiter
from bot.app.prometheus_metrics import Metrics
from bot.app.service import LibraryService
from bot.app.settings import Settings
from bot.discord.errors import Reporter
from bot.discord.pictures import Pictures
from bot.i18n.message_catalogue import MessageCatalogue
from index.library.sources import EpisodeSources, Fetcher, TranscriptSource, YouTubeSource

CLOSES_WITHIN_S = 1.0
"""So long each part is waited for when the bot ends."""

_WEB_AT_ONCE, _WEB_WAITING = 2, 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of a bot. It owns them: whoever closes it ends its jobs and workers and closes its database.

    Attributes:
        settings: what the operator set.
        catalogue: every sentence.
        answerer: answers questions from the library.
        community: what members and moderators made: settings of servers, questions behind buttons, jobs, votes.
        jobs: what runs in the background.
        fetcher: fetches transcripts of videos.
        sources: list and fetch episodes of followed sources.
        following: set to let followed sources be looked at now.
        reporter: tells people what went wrong.
        metrics: figures of what is asked and what comes of it.
        limiter: limits how many questions are answered at once, and how long each takes.
        web_limiter: the same for browsers and programs, so that however many they are, members have their places.
        rate_limiter: limits how quickly one person asks.
        pictures: draws pictures, and keeps the newest.
        running: the tasks that answer somebody at this moment.
        started_at: when the bot began, in UTC.
    """

    settings: Settings
    catalogue: MessageCatalogue
    answerer: LibraryService
    community: CommunityDatabase
    jobs: Jobs
    fetcher: Fetcher
    reporter: Reporter
    sources: EpisodeSources
    following: asyncio.Event = field(default_factory=asyncio.Event)
    metrics: Metrics = field(default_factory=Metrics)
    limiter: RequestLimiter = field(default_factory=RequestLimiter)
    web_limiter: RequestLimiter = field(default_factory=RequestLimiter)
    rate_limiter: RateLimiter = field(default_factory=RateLimiter)
    pictures: Pictures = field(default_factory=Pictures)
    running: set[asyncio.Task[Any]] = field(default_factory=set)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: Settings,
        catalogue: MessageCatalogue,
        *,
        source: TranscriptSource | None = None,
        service: LibraryService | None = None,
        sources: EpisodeSources | None = None,
    ) -> AsyncIterator[Context]:
        """Make the parts, and close them when the block ends.

        Args:
            settings: what the operator set.
            catalogue: every sentence.
            source: where videos' transcripts come from; YouTube if None.
            service: what answers; worker processes over the published edition if None.
            sources: what lists and fetches followed episodes; the web if None.

        Raises:
            CommunityDamaged, CommunityUnavailable: the community database cannot be opened.
        """
        community = await CommunityDatabase.open(settings.state_folder, address=settings.community_address)
        context = cls(
            settings=settings,
            catalogue=catalogue,
            answerer=service or make_pooled_service(settings),
            community=community,
            jobs=Jobs(community, settings),
            fetcher=Fetcher(source or YouTubeSource()),
            reporter=Reporter(catalogue),
            sources=sources or make_sources(settings),
            limiter=make_limiter(settings),
            web_limiter=make_limiter(settings, at_once=_WEB_AT_ONCE, longest_queue=_WEB_WAITING),
        )
        try:
            yield context
        finally:
            await context.close()

    async def finish(self, *, within_s: float) -> None:
        """Stop admitting questions, end the running job, and wait for the answers on their way."""
        _log.info("asked to stop; %d people are being answered", len(self.running))
        limiters = (self.limiter, self.web_limiter)
        closing = [asyncio.create_task(limiter.close(within_s=within_s)) for limiter in limiters]
        ending = asyncio.create_task(self.jobs.close())
        _, late = await asyncio.wait({*closing, ending, *self.running}, timeout=within_s)
        if late:
            _log.warning("%d answers were given up", len(late))

    async def close(self) -> None:
        """End the jobs and the workers, and close the database; none of them is waited for for long."""
        self.pictures.close()
        await end_within(CLOSES_WITHIN_S, "the reindex", self.jobs.close())
        await end_within(CLOSES_WITHIN_S, "answering", self.answerer.close())
        await end_within(CLOSES_WITHIN_S, "the community database", self.community.close())


async def end_within(limit_s: float, name: str, ending: Awaitable[object]) -> None:
    """Wait for a part to end, but not longer than ``limit_s``. Never raises, so that the next part is ended, too."""
    task = asyncio.ensure_future(ending)
    await asyncio.wait({task}, timeout=limit_s)
    if not task.done():
        task.cancel()
        _log.warning("gave up waiting for %s to end", name)
    elif not task.cancelled() and (error := task.exception()) is not None:
        _log.error("%s did not end in order", name, exc_info=error)


class ContextClient(discord.AutoShardedClient):
    """A Discord client that carries a context. ``bot.discord.client`` adds commands and components.

    Attributes:
        context: the parts of the bot.
        tree: the commands.
    """

    context: Context
    tree: app_commands.CommandTree[Any]

    async def is_owner(self, person: int) -> bool:
        """Return True for the owner of the Discord application, and for who administers or develops it in its team."""
        raise NotImplementedError


Interaction: TypeAlias = discord.Interaction[ContextClient]
"""Discord's interaction, as commands and components receive it."""
