"""YouTube channels and playlists, listed by yt-dlp without opening their videos ("flat")."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from index.library.sources.errors import (
    SourceBlocked,
    SourceChanged,
    SourceError,
    SourceTookTooLong,
    SourceUnreachable,
    VideoNotFound,
)
from index.library.sources.listing import MOST_LISTED, Known, Listed, Listing
from index.library.sources.youtube import Info, ask_ytdlp
from index.transcripts.links import VIDEO_ID, video_url

MOST_AT_A_LATER_LOOK = 50
"""A channel is listed whole once; later looks go back so far."""

_CHANNEL = re.compile(
    r"(?i)(https://(?:www\.|m\.)?youtube\.com/(?:@[^/?#\s]+|(?:c|channel|user)/[^/?#\s]+))/?(?:[?#]\S*)?"
)
_SHORTEST_NAME = 4
_NOT_YET = ("is_upcoming", "is_live", "post_live")
_WORDS: tuple[tuple[type[SourceError], tuple[str, ...]], ...] = (
    (SourceBlocked, ("not a bot", "too many requests", "http error 429", "http error 403")),
    (VideoNotFound, ("does not exist", "not found", "404", "private", "unavailable", "terminated")),
    (SourceTookTooLong, ("timed out", "timeout")),
    (SourceUnreachable, ("unable to download", "failed to resolve", "connection", "network")),
)

ListVideos = Callable[..., Info]


def list_videos(link: str, *, most: int, limit_s: float) -> Info:
    """Return the flat listing of a channel or playlist as yt-dlp gives it.

    Raises:
        yt_dlp.utils.YoutubeDLError: it cannot be had.
    """
    return ask_ytdlp(link, limit_s=limit_s, extract_flat="in_playlist", playlistend=most)


def listing_of(link: str, known: Known, *, limit_s: float, list_videos: ListVideos = list_videos) -> Listing:
    """Return the videos of a channel or playlist, newest first as YouTube lists them.

    Raises:
        SourceError: it cannot be had, by subclass.
    """
    import yt_dlp  # noqa: PLC0415

    most = MOST_AT_A_LATER_LOOK if known.seen else MOST_LISTED
    try:
        found = list_videos(_videos_of(link), most=most, limit_s=limit_s)
    except yt_dlp.utils.YoutubeDLError as error:
        raise _failure_of(str(error), link, limit_s) from error
    return parse_listing(found)


def parse_listing(found: Info) -> Listing:
    """Return what a flat listing says. Broadcasts that have not ended are left out: they come when they have.

    Raises:
        SourceChanged: it is no listing.
    """
    entries = found.get("entries")
    if not isinstance(entries, list):
        entries = (
            list(entries) if hasattr(entries, "__iter__") and not isinstance(entries, str | Mapping) else None
        )
    if entries is None:
        raise SourceChanged(video_id=str(found.get("id") or ""))
    show = _text(found, "channel", "uploader") or _text(found, "title")
    episodes = {}
    for entry in entries[:MOST_LISTED]:
        video_id = entry.get("id") if isinstance(entry, Mapping) else None
        if not isinstance(video_id, str) or re.fullmatch(VIDEO_ID, video_id) is None:
            continue
        if entry.get("live_status") in _NOT_YET or (title := _text(entry, "title")) is None:
            continue
        duration = entry.get("duration")
        episodes[video_id] = Listed(
            key=video_id,
            title=title,
            source=_text(entry, "channel", "uploader") or show,
            url=video_url(video_id),
            published=_day(entry),
            video_id=video_id,
            duration_s=float(duration) if isinstance(duration, int | float) and duration > 0 else None,
        )
    return Listing(show, tuple(episodes.values()))


def _videos_of(link: str) -> str:
    """Return the address of a channel's videos: the bare channel would list its tabs."""
    channel = _CHANNEL.fullmatch(link)
    return f"{channel[1]}/videos" if channel else link


def _text(found: Mapping[str, Any], *keys: str) -> str | None:
    values = (found.get(key) for key in keys)
    return next(
        (" ".join(value.split())[:300] for value in values if isinstance(value, str) and value.strip()), None
    )


def _day(entry: Mapping[str, Any]) -> date | None:
    stated, moment = entry.get("upload_date"), entry.get("timestamp")
    try:
        if isinstance(stated, str):
            return datetime.strptime(stated, "%Y%m%d").replace(tzinfo=UTC).date()
        if isinstance(moment, int | float) and not isinstance(moment, bool):
            return datetime.fromtimestamp(moment, UTC).date()
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _failure_of(words: str, link: str, limit_s: float) -> SourceError:
    """Return the typed error for what yt-dlp says, in which the words of the ``link`` itself tell nothing."""
    text = words.casefold().replace("’", "'")
    for part in re.split(r"[/?&=#]+", link.casefold()):
        text = text.replace(part, " ") if len(part) >= _SHORTEST_NAME else text
    kind = next((kind for kind, marks in _WORDS if any(mark in text for mark in marks)), SourceChanged)
    if kind is SourceTookTooLong:
        return SourceTookTooLong(video_id=link, limit_s=limit_s)
    return kind(video_id=link)
