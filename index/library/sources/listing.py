"""What a followed source lists: its episodes as it tells of them, before any text is fetched."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from index.library.sources.errors import NoFeedGiven, NothingToFollow, PostsGiven, SingleToFollow
from index.transcripts.links import is_list_of_videos, is_web_link, normalized_address, video_id_of

FollowKind = Literal["youtube", "feed", "repository", "folder"]

MOST_LISTED = 2_000
"""Episodes of one source that are looked at, newest first where the source says when."""

_REPOSITORY = re.compile(
    r"(?i)https://(?:github\.com|gitlab\.com|codeberg\.org|bitbucket\.org|git\.sr\.ht)/[\w.~-]+/[\w.~-]+?(?:\.git)?/?"
)
_PLAYERS = frozenset(
    "open.spotify.com podcasters.spotify.com podcasts.apple.com music.amazon.com audible.com pca.st overcast.fm "
    "castbox.fm podcasts.google.com".split()
)
"""Hosts of apps that play podcasts and give out no feeds: what they show is published elsewhere."""

_NETWORKS = frozenset(
    "x.com twitter.com facebook.com m.facebook.com instagram.com threads.net threads.com tiktok.com linkedin.com "
    "bsky.app reddit.com old.reddit.com discord.com t.me".split()
)
"""Hosts of networks on which people post: what they say there is no conversation with a text."""

_YOUTUBE_HOST = re.compile(r"(?:www\.|m\.|music\.)?youtube(?:-nocookie)?\.com")
_CHANNEL_PATH = re.compile(r"(?i)/(@[^/]+|(?:c|user|channel)/[^/]+)(?:/(?:videos|featured))?/?")
_GIT_SUFFIX = re.compile(r"(?i)https://[^\s/]+/\S+\.git/?")


@dataclass(frozen=True, slots=True)
class TextLink:
    """A published transcript that a source links to: its address, its type in small letters, its language or None."""

    url: str
    type: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class FeedChapter:
    """A chapter of a recording as a feed lists it: where it starts, and its name."""

    start_s: float
    title: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An episode as a source lists it.

    Attributes:
        key: what the source calls it, and will call it next time; unique within the source.
        title: of the episode.
        source: the show it belongs to, or None.
        url: its page, or None.
        published: the day it came out, or None.
        video_id: of YouTube, or None.
        texts: published transcripts, in the order of the source.
        enclosure: address of the recording, or None.
        enclosure_type: its type in small letters, or empty.
        duration_s: length of the recording, or None.
        description: what the source says of it, without markup, or None.
        hosts, guests: people that the source names.
        chapters_url: address of a file of chapters, or None.
        file: path in the followed folder or repository; None for a source of the web.
        language: code such as ``en``, or None.
    """

    key: str
    title: str
    source: str | None = None
    url: str | None = None
    published: date | None = None
    video_id: str | None = None
    texts: tuple[TextLink, ...] = ()
    enclosure: str | None = None
    enclosure_type: str = ""
    duration_s: float | None = None
    description: str | None = None
    hosts: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    chapters_url: str | None = None
    file: str | None = None
    language: str | None = None

    @property
    def info(self) -> Mapping[str, Any]:
        """Return the metadata keyed as an ``.info.json``, which ingest reads."""
        found: dict[str, Any] = {
            "title": self.title,
            "series": self.source,
            "webpage_url": self.url,
            "upload_date": self.published.isoformat() if self.published else None,
            "duration": self.duration_s,
            "description": self.description,
            "language": self.language,
            "hosts": list(self.hosts),
            "guests": list(self.guests),
            "extractor_key": "feed",
        }
        if self.video_id is not None:
            found |= {"id": self.video_id, "extractor_key": "youtube"}
        return {name: value for name, value in found.items() if value not in (None, [])}


@dataclass(frozen=True, slots=True)
class Listing:
    """The list of a source's episodes at a moment.

    Attributes:
        title: what the source calls itself, or None.
        episodes: newest first where it says when, else in its order; empty where nothing changed.
        etag, last_modified: what to ask with the next time, or None.
        is_unchanged: True where the source says that nothing changed since.
    """

    title: str | None
    episodes: tuple[Listed, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    is_unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Facts left by an earlier look at a source: see ``Listing``."""

    etag: str | None = None
    last_modified: str | None = None
    seen: frozenset[str] = field(default_factory=frozenset)


def kind_of_link(link: str) -> FollowKind:
    """Return what kind of source a web address is, by its form.

    Raises:
        NothingToFollow: it is no web address; SingleToFollow: it names one video; NoFeedGiven: it is of an
            app that gives out none; PostsGiven: it is of a network of posts.
    """
    link = link.strip()
    if is_list_of_videos(link):
        return "youtube"
    if video_id_of(link) is not None:
        raise SingleToFollow(received=link)
    if not is_web_link(link):
        raise NothingToFollow(received=link)
    host = (urlsplit(link).hostname or "").removeprefix("www.")
    if host in _PLAYERS:
        raise NoFeedGiven(received=link, host=host)
    if host in _NETWORKS:
        raise PostsGiven(received=link, host=host)
    if _REPOSITORY.fullmatch(link) or _GIT_SUFFIX.fullmatch(link):
        return "repository"
    return "feed"


def same_source(address: str, other: str) -> bool:
    """Return True if two addresses lead to the same source, however they are written; see ``_key``."""
    return _key(address) == _key(other)


def _key(address: str) -> str:
    """Return ``address`` in one spelling of those that mean the same source.

    A page is the same encrypted or not. Of YouTube the channel or the list counts, of a repository its name: no
    host of ``_REPOSITORY`` tells capitals apart in it. The path of a folder stays as it is.
    """
    if not is_web_link(address):
        return address
    parts = urlsplit(normalized_address(address.partition("#")[0]))
    if _YOUTUBE_HOST.fullmatch(parts.netloc):
        if lists := parse_qs(parts.query).get("list"):
            return f"youtube:{lists[0]}"
        if channel := _CHANNEL_PATH.fullmatch(parts.path):
            name = channel[1]
            return f"youtube:{name if name.casefold().startswith('channel/') else name.casefold()}"
    name = parts.path.rstrip("/").removesuffix(".git")
    if _REPOSITORY.fullmatch(address.strip()):
        return f"{parts.netloc}{name.casefold()}"
    if _GIT_SUFFIX.fullmatch(address.strip()):
        return f"{parts.netloc}{name}"
    return f"{parts.netloc}{parts.path}?{parts.query}"
