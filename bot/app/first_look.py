"""How somebody begins to follow a source: it is looked at before it is followed, while they wait for the answer."""

import asyncio
from dataclasses import dataclass

from bot.app.community.follow_tables import Follow, FollowTables, Joined
from bot.app.source_poller import of_this_source_alone, place_of_source
from index.library.sources import EpisodeSources, FollowKind, Known, Listing, in_daemon_thread
from index.library.sources.errors import (
    PageBlocked,
    PageEmpty,
    SiteTookTooLong,
    SiteUnreachable,
    SourceBlocked,
    SourceChanged,
    SourceTookTooLong,
    SourceUnreachable,
)
from scoring.errors import CodedError

FIRST_LOOK_WITHIN_S = 30.0

_PASSING = (
    PageBlocked, PageEmpty, SiteTookTooLong, SiteUnreachable, SourceBlocked, SourceChanged, SourceTookTooLong,
    SourceUnreachable,
)  # fmt: skip
"""A later look may go well after these; after any other error of a source there is nothing to follow."""


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What came of a first look.

    Attributes:
        listing: what the source lists, or None where it could not be read or was not looked at.
        problem: why it could not be read now, or None.
    """

    listing: Listing | None = None
    problem: CodedError | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A source that is followed by somebody from now on.

    Attributes:
        follow: the source.
        joined: whether others followed it before.
        listing: what the first look found; None where it was not looked at, or could not be read.
    """

    follow: Follow
    joined: Joined
    listing: Listing | None


async def begin_following(
    follows: FollowTables,
    sources: EpisodeSources,
    kind: FollowKind,
    address: str,
    *,
    source: str | None,
    server: int | None,
    channel: int | None,
) -> Begun:
    """Follow a source for a server; see ``FollowTables.join``. What nobody follows yet is looked at first.

    Where it cannot be reached now, it is followed all the same, and looked at again.

    Raises:
        SourceError: there is nothing to follow. FollowKnown, FollowUnknown: as of ``FollowTables.join``.
    """
    look = FirstLook()
    if not await follows.is_followed(address):
        look = await look_first(follows, sources, kind, address)
    follow, joined = await follows.join(kind, address, source=source, server=server, channel=channel)
    if joined == "begun":
        follow = await _entered(follows, follow, look)
    return Begun(follow, joined, look.listing)


async def look_first(
    follows: FollowTables,
    sources: EpisodeSources,
    kind: FollowKind,
    address: str,
    *,
    limit_s: float = FIRST_LOOK_WITHIN_S,
) -> FirstLook:
    """Look at a source that is not followed yet. Writes nothing.

    A repository is not looked at: it is copied first, which may take long, and which is left to the ``SourcePoller``.

    Raises:
        SourceError: there is nothing to follow, such as a page for people where a feed should be.
    """
    if kind not in ("feed", "youtube"):
        return FirstLook()
    place = place_of_source(kind, address)
    breaker = await follows.breaker(place)
    if breaker is not None:
        return FirstLook(problem=breaker.problem)
    try:
        with of_this_source_alone(place):
            listing = await _listed(sources, kind, address, limit_s)
    except _PASSING as error:
        return FirstLook(problem=error)
    return FirstLook(listing)


async def _listed(sources: EpisodeSources, kind: FollowKind, address: str, limit_s: float) -> Listing:
    try:
        async with asyncio.timeout(limit_s):
            return await in_daemon_thread(lambda: sources.listing(kind, address, Known()))
    except TimeoutError as error:
        raise SiteTookTooLong(host=place_of_source(kind, address), limit_s=limit_s) from error


async def _entered(follows: FollowTables, follow: Follow, look: FirstLook) -> Follow:
    """Enter what came of the first look at a source that is followed since. Return the source as it is now."""
    if look.listing is not None:
        await follows.looked(follow, look.listing)
    elif look.problem is not None:
        await follows.look_failed(follow, look.problem)
    return await follows.get(follow.id)
