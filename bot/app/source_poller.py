"""Following: looks at sources, takes their episodes into the library, has them indexed, lets them be announced.

Each step is written down before and after it (``bot.app.community``), so that a program that dies anywhere goes on
where it was. One program at a time works on a state folder. One request at a time goes out to the web, with a pause
before each text, and before a place that was asked last is asked again.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from bot.app.community.follow_tables import Follow, FollowRefused, FollowTables
from bot.app.community.followed_episode_tables import FollowedEpisode, FollowedEpisodeTables
from bot.app.community.polling_schedule import pause_after
from bot.app.community.store import has_passed
from bot.app.followed_recordings import as_fetched, transcribed_text
from bot.app.jobs import JobError, JobRunning
from bot.app.service import LibraryService
from bot.app.workers.stopped_questions import AnsweringStarts
from index.errors import (
    EditionMissing,
    EpisodeUnknown,
    IndexingError,
    LibraryBusy,
    LibraryChanged,
    ParsingFailed,
    ParsingNeedsMemory,
    ParsingTookTooLong,
    StorageError,
    StoreNotSet,
    TranscriptRejected,
)
from index.files import file_lock
from index.library.ingest import Overrides, ParsedFile, Plan, parse_in_process, plan_episode, write_plan
from index.library.sources import EpisodeSources, Fetched, FollowKind, Known, Listed, in_daemon_thread
from index.library.sources.errors import (
    FolderUnreadable,
    NoText,
    PageBlocked,
    RepositoryUnreadable,
    SiteTookTooLong,
    SiteUnreachable,
    SourceBlocked,
    SourceChanged,
    SourceTookTooLong,
    SourceUnreachable,
    VideoIsLive,
)
from index.library.sources.public_web import host_of
from index.storage.edition import open_edition
from scoring.errors import CodedError

LOCK_FILE = "following.lock"

YOUTUBE = "youtube.com"

TURNED_WITHIN_S = 180.0
"""So long a newly indexed edition may take until it answers."""

FETCHED_AT_ONCE = 5
"""Episodes that one round fetches at most; then what was fetched is indexed if somebody waits for it."""

SOURCE_WITHIN_S = 600.0
"""So long one look at a source, or one text, may take; then the others go on."""

INDEXED_FROM = 20
"""So many old episodes wait for an index of their own; new ones do not wait."""

MOST_TRIES, MOST_INDEX_TRIES, MOST_TEXTLESS_TRIES = 8, 3, 6
LOOKS_AT_LEAST_EVERY_S = 30.0

_BLOCKS = (PageBlocked, SourceBlocked)
_PASSING = (
    SiteTookTooLong, SiteUnreachable, SourceTookTooLong, SourceUnreachable, SourceChanged, FolderUnreadable,
    RepositoryUnreadable, ParsingTookTooLong, ParsingNeedsMemory, ParsingFailed,
)  # fmt: skip
"""Tried again after a while: a busy machine is no reason to lose an episode."""
_TEXT_AGAIN = timedelta(hours=12)
_LIVE_AGAIN = timedelta(hours=3)
_SOON = timedelta(minutes=1)

T = TypeVar("T")

Parse = Callable[..., Awaitable[ParsedFile]]

_log = logging.getLogger(__name__)


class FollowingBusy(FollowRefused):
    """Another program works on the followed sources of this state folder. No fields."""

    code = "following_busy"


@dataclass(slots=True)
class Round:
    """The outcome of a round.

    Attributes:
        looked, failed: sources that were looked at, and those that could not be.
        listed: new episodes that were listed, without those that are taken in silently.
        added: slugs of episodes that were written to the library.
        textless: episodes that were given up for want of a text.
        indexed: episodes that can be found from now on.
        messages: messages that were put into the outbox.
    """

    looked: int = 0
    failed: int = 0
    listed: int = 0
    added: tuple[str, ...] = ()
    textless: int = 0
    indexed: int = 0
    messages: int = 0

    @property
    def did_something(self) -> bool:
        """Return True if the next round may have more to do at once."""
        return bool(self.added or self.indexed or self.listed)


class SourcePoller:
    """Works on the followed sources of one state folder.

    Args:
        follows, episodes: where they are kept.
        sources: the web, and this machine's folders.
        library, state: the folders.
        index: brings the index up to the library; raises ``JobError`` or ``IndexingError`` where it cannot.
        slugs: gives the slugs of the published edition.
        parse: reads a fetched text, which is nobody's to trust.
        pause_s: seconds between two requests, and up to as many again.
        every: the time between two looks at a source, in place of the usual ones.
        woken: set to begin the next round now.
        now, sleep: the clock, in UTC, and how to wait for some seconds.
        count: counts looks and fetches, by kind of source and outcome.
    """

    def __init__(
        self,
        follows: FollowTables,
        episodes: FollowedEpisodeTables,
        sources: EpisodeSources,
        library: Path,
        state: Path,
        *,
        index: Callable[[], Awaitable[object]],
        slugs: Callable[[], Awaitable[frozenset[str]]],
        parse: Parse = parse_in_process,
        pause_s: float = 2.0,
        every: timedelta | None = None,
        woken: asyncio.Event | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        count: Callable[[str, str], None] = lambda _kind, _outcome: None,
    ) -> None:
        self._follows = follows
        self._episodes = episodes
        self._sources = sources
        self._library = library
        self._state = state
        self._index = index
        self._slugs = slugs
        self._parse = parse
        self._pause_s = pause_s
        self._every = every
        self._woken = woken or asyncio.Event()
        self._now = now
        self._sleep = sleep
        self._count = count
        self._asked: tuple[str, float] | None = None
        self._n_builds_failed = 0
        self._builds_from = now()

    async def run(self) -> None:
        """Work until cancelled. What goes wrong is logged, and tried again."""
        while True:
            self._woken.clear()
            pause_s = LOOKS_AT_LEAST_EVERY_S
            try:
                done = await self.round()
                pause_s = 0.0 if done.did_something else await self._pause()
            except (CodedError, OSError) as error:
                _log.warning("following goes on in a while: %s", error)
            except Exception:
                _log.exception("following goes on in a while")
            with suppress(TimeoutError):
                async with asyncio.timeout(max(pause_s, min(1.0, self._pause_s))):
                    await self._woken.wait()

    async def round(self) -> Round:
        """Do what is due: look at sources, fetch some episodes, have them indexed.

        Raises:
            FollowingBusy: another program does it. CommunityUnavailable: nothing can be written down.
            OSError: the state folder cannot be written.
        """
        with file_lock(self._state / LOCK_FILE, FollowingBusy()):
            done = Round()
            for follow in await self._follows.due():
                await self._look(follow, done)
            is_more = await self._fetch_some(done)
            await self._have_indexed(done, is_more=is_more)
        return done

    async def _look(self, follow: Follow, done: Round) -> None:
        place = place_of_source(follow.kind, follow.address)
        breaker = await self._follows.breaker(place)
        if breaker is not None:
            await self._follows.look_later(follow, breaker.until)
            return
        known = Known(follow.etag, follow.last_modified, await self._episodes.seen_keys(follow.id))
        try:
            with of_this_source_alone(place):
                async with self._turn(place):
                    listing = await _in_time(
                        lambda: self._sources.listing(follow.kind, follow.address, known), follow
                    )
        except IndexingError as error:
            done.failed += 1
            self._count(follow.kind, error.code)
            _log.info("%s could not be looked at: %s", follow.address, error.code)
            await self._follows.look_failed(follow, error)
            if isinstance(error, _BLOCKS) and place:
                await self._follows.open_breaker(place, error)
            return
        try:
            with of_this_source_alone(place):
                n_new = await self._follows.looked(follow, listing, every=self._every)
        except CodedError as error:
            # One list must not keep all others from being looked at. Where nothing can be written, nor can this.
            done.failed += 1
            await self._follows.look_failed(follow, error)
            return
        done.looked += 1
        done.listed += n_new
        self._count(follow.kind, "unchanged" if listing.is_unchanged else "listed")
        await self._follows.close_breaker(place)

    async def _fetch_some(self, done: Round) -> bool:
        """Fetch a few episodes. Return True if more wait."""
        items = await self._episodes.to_fetch(FETCHED_AT_ONCE + 1)
        for item in items[:FETCHED_AT_ONCE]:
            try:
                follow = await self._follows.get(item.follow)
            except FollowRefused:
                continue
            await self._fetch(follow, item, done)
        return len(items) > FETCHED_AT_ONCE

    async def _fetch(self, follow: Follow, item: FollowedEpisode, done: Round) -> None:
        place = _place_of_text(follow, item.listed)
        own = transcribed_text(self._state, item)
        is_own = own.is_file()
        breaker = None if is_own else await self._follows.breaker(place)
        if breaker is not None:
            await self._episodes.postpone(item, breaker.problem, breaker.until - self._now())
            return
        try:
            with of_this_source_alone(place):
                if is_own:
                    fetched = await asyncio.to_thread(as_fetched, own, item)
                else:
                    async with self._turn(place, is_text=True):
                        fetched = await _in_time(
                            lambda: self._sources.fetch(follow.kind, follow.address, item.listed), follow
                        )
                plan = await self._planned(follow, fetched)
        except IndexingError as error:
            self._count(follow.kind, error.code)
            await self._not_fetched(item, place, error, done)
            if isinstance(error, TranscriptRejected):
                own.unlink(missing_ok=True)
            return
        self._count(follow.kind, "transcribed" if is_own else "fetched")
        if not is_own:
            await self._follows.close_breaker(place)
        is_old = item.is_old or follow.is_older(plan.about.published)
        is_new = await self._episodes.adding(item, plan.slug, is_new=plan.action == "new", is_old=is_old)
        try:
            await asyncio.to_thread(write_plan, plan, self._library, self._state)
        except (LibraryBusy, LibraryChanged, StorageError) as error:
            await self._episodes.postpone(item, error, _SOON)
            return
        if plan.action == "same" and not is_new:
            await self._episodes.gone(item)
        else:
            await self._episodes.added(item)
            done.added += (plan.slug,)
        own.unlink(missing_ok=True)

    async def _planned(self, follow: Follow, fetched: Fetched) -> Plan:
        parsed = await self._parse(fetched.data, fetched.name, sidecars=fetched.sidecars)
        chapters = tuple((mark.start_s, mark.title) for mark in fetched.chapters)
        source = follow.source
        if source is None and follow.kind in ("folder", "repository") and parsed.hints.source is None:
            source = follow.title
        overrides = Overrides(source=source, chapters=chapters)
        return await asyncio.to_thread(plan_episode, parsed, overrides, self._library)

    async def _not_fetched(
        self, item: FollowedEpisode, place: str, error: IndexingError, done: Round
    ) -> None:
        episodes, n_tries = self._episodes, item.n_tries + 1
        _log.info("no text of %r yet: %s", item.listed.title, error.code)
        if isinstance(error, _BLOCKS):
            until = await self._follows.open_breaker(place, error)
            await episodes.postpone(item, error, max(_SOON, until - self._now()))
        elif isinstance(error, VideoIsLive):
            await episodes.postpone(item, error, _LIVE_AGAIN)
        elif isinstance(error, _PASSING) and n_tries < MOST_TRIES:
            await episodes.try_again(item, error, pause_after(n_tries))
        elif isinstance(error, NoText) and not item.is_old and n_tries < MOST_TEXTLESS_TRIES:
            # Captions come hours after a recording does.
            await episodes.try_again(item, error, _TEXT_AGAIN)
        else:
            is_failed = isinstance(error, (*_PASSING, TranscriptRejected))
            await episodes.give_up(item, error, "failed" if is_failed else "no_text")
            done.textless += 1

    async def _have_indexed(self, done: Round, *, is_more: bool) -> None:
        left = await self._enter_indexed(done, await self._episodes.not_indexed())
        if not left or (is_more and all(item.is_old for item in left) and len(left) < INDEXED_FROM):
            return
        if not has_passed(timedelta(), self._builds_from, self._now()):  # the last one failed
            return
        try:
            await self._index()
        except JobRunning as error:
            _log.info("new episodes wait for the index under way: %s", error)
            return
        except (JobError, IndexingError) as error:
            self._n_builds_failed += 1
            pause = pause_after(self._n_builds_failed)
            self._builds_from = self._now() + pause
            _log.warning("new episodes wait %s for their index: %s", pause, error)
            return
        self._n_builds_failed = 0
        present = [item for item in left if self._is_held(item)]
        for item in left:
            if item not in present:
                await self._episodes.gone(item)
        changed = [item for item in present if not item.is_new]
        done.messages += await self._episodes.indexed(changed)
        done.indexed += len(changed)
        for item in await self._enter_indexed(done, [item for item in present if item.is_new]):
            unknown = EpisodeUnknown(received=item.slug, nearest=[])
            await self._episodes.index_failed(item, unknown, most=MOST_INDEX_TRIES)

    async def _enter_indexed(self, done: Round, items: list[FollowedEpisode]) -> list[FollowedEpisode]:
        """Enter which new episodes the published edition holds; return the others."""
        if not items:
            return []
        slugs = await self._slugs()
        found = [item for item in items if item.is_new and item.slug in slugs]
        done.messages += await self._episodes.indexed(found)
        done.indexed += len(found)
        return [item for item in items if item not in found]

    def _is_held(self, item: FollowedEpisode) -> bool:
        return item.slug is not None and (self._library / item.slug).is_dir()

    @asynccontextmanager
    async def _turn(self, place: str, *, is_text: bool = False) -> AsyncIterator[None]:
        """Ask ``place`` within the block, after a pause if that is for a text or if it was asked last.

        What lies on this machine is no place of the web, and is read at once.
        """
        clock = asyncio.get_running_loop().time
        if place and self._asked is not None and (is_text or place == self._asked[0]):
            pause_s = self._pause_s * (1 + random.random())  # noqa: S311 - a pause, no secret
            await self._sleep(max(0.0, self._asked[1] + pause_s - clock()))
        try:
            yield
        finally:
            if place:
                self._asked = (place, clock())

    async def _pause(self) -> float:
        due_at = await self._follows.next_due_at()
        if due_at is None:
            return LOOKS_AT_LEAST_EVERY_S
        return min(LOOKS_AT_LEAST_EVERY_S, max(0.0, (due_at - self._now()).total_seconds()))


@contextmanager
def of_this_source_alone(place: str) -> Iterator[None]:
    """Log an error that nobody foresaw as this source's failure: it must not keep all others from being looked at.

    Raises:
        SiteUnreachable: in its place.
    """
    try:
        yield
    except CodedError:
        raise
    except Exception as error:
        _log.exception("%s made the program fail", place or "a source")
        raise SiteUnreachable(host=place) from error


async def _in_time(work: Callable[[], T], follow: Follow) -> T:
    """Return the result of ``work``, which has limits of its own, but for a disk or a system call that does not return.

    Raises:
        SiteTookTooLong: it hangs; its thread is left alone.
    """
    try:
        async with asyncio.timeout(SOURCE_WITHIN_S):
            return await in_daemon_thread(work)
    except TimeoutError as error:
        host = place_of_source(follow.kind, follow.address) or follow.address
        raise SiteTookTooLong(host=host, limit_s=SOURCE_WITHIN_S) from error


def place_of_source(kind: FollowKind, address: str) -> str:
    """Return the name under which a source's machine is left alone where it blocks; empty for a folder."""
    if kind == "youtube":
        return YOUTUBE
    return "" if kind == "folder" else host_of(address)


def _place_of_text(follow: Follow, item: Listed) -> str:
    if item.file is not None:
        return ""
    if item.texts:
        return host_of(item.texts[0].url)
    return YOUTUBE if item.video_id is not None else place_of_source(follow.kind, follow.address)


async def published_slugs(state: Path) -> frozenset[str]:
    """Return the slugs of the published edition, opened here; none where nothing is published, or only a replica."""
    try:
        edition = await open_edition(state)
    except (EditionMissing, StoreNotSet):
        return frozenset()
    try:
        return frozenset(episode.slug for episode in edition.episodes.values())
    finally:
        await edition.close()


async def answered_slugs(answerer: LibraryService, *, within_s: float = TURNED_WITHIN_S) -> frozenset[str]:
    """Return the slugs of the published edition from whoever answers from it; none where nothing is published.

    Where it cannot be opened, they are those of the older edition that answers.

    Raises:
        AnsweringStarts: it is not open after ``within_s``.
    """
    try:
        is_newest = await answerer.turn_to_newest(within_s=within_s)
        episodes = await answerer.episodes()
    except (EditionMissing, StoreNotSet):
        return frozenset()
    if not is_newest and answerer.problem is None:
        raise AnsweringStarts
    return frozenset(episode.slug for episode in episodes)
