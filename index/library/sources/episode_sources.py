"""All kinds of followed sources behind two calls: what is there, and the text of an episode."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from index.errors import RecordingGiven
from index.library.ingest.filenames import stem_of
from index.library.sources.episode_text import EpisodeTextFetcher, text_name
from index.library.sources.errors import (
    FolderUnreadable,
    NotAFeed,
    NothingToFollow,
    PageTooLarge,
    RecordingUnreadable,
    SingleToFollow,
)
from index.library.sources.feeds import FEED_TYPES, parse_feed
from index.library.sources.fetching import Fetched, TranscriptSource
from index.library.sources.folders import Repositories, list_folder
from index.library.sources.listing import FollowKind, Known, Listed, Listing, TextLink, kind_of_link
from index.library.sources.public_web import Address, PublicWeb, is_public
from index.library.sources.youtube_lists import ListVideos, list_videos, listing_of
from index.transcripts.formats.decoding import is_recording_name
from index.transcripts.links import video_id_of, video_url

_TEXT_SUFFIXES = (".vtt", ".srt", ".sbv", ".ttml", ".lrc", ".md", ".markdown", ".txt")
LIST_WITHIN_S = 120.0
FETCH_WITHIN_S = 90.0
RECORDING_WITHIN_S = 1_800.0

LARGEST_RECORDING_BYTES = 400_000_000
"""About seven hours of a podcast's usual 128 kbit/s."""


class EpisodeSources(Protocol):
    """Lists and fetches for following; its methods block their thread and may be called from any."""

    def listing(self, kind: FollowKind, address: str, known: Known) -> Listing:
        """Return what a source lists now.

        Raises:
            SourceError: it cannot be had, by subclass.
        """

    def fetch(self, kind: FollowKind, address: str, item: Listed) -> Fetched:
        """Return the best text of an episode; see ``EpisodeTextFetcher.fetch``."""

    def episodes_at(self, link: str) -> tuple[Listed, ...]:
        """Return the episodes that a link leads to."""

    def recording(self, link: str) -> tuple[str, bytes]:
        """Return the file name and the bytes of a recording on the web.

        Raises:
            RecordingUnreadable: it is a page for people, or too large. SourceError: it cannot be had, by subclass.
        """

    def forget(self, kind: FollowKind, address: str) -> None:
        """Delete what is kept of a source that is followed no longer."""


class WebAndFolderSources:
    """The ``EpisodeSources`` of the web and of this machine's folders.

    Args:
        youtube: gives captions of videos.
        copies: folder for copies of repositories.
        list_videos: lists a channel or playlist, as yt-dlp does.
        is_allowed: whether an address may be connected to; tests let loopback pass.
        ports: whether a port may be connected to beside the usual ones; for tests.
        protocols: of git; tests add ``file``.
    """

    def __init__(
        self,
        youtube: TranscriptSource,
        copies: Path,
        *,
        list_videos: ListVideos = list_videos,
        is_allowed: Callable[[Address], bool] = is_public,
        ports: Callable[[int], bool] = lambda _: False,
        protocols: tuple[str, ...] = ("https",),
    ) -> None:
        self._web = PublicWeb(is_allowed=is_allowed, ports=ports)
        self._texts = EpisodeTextFetcher(self._web, youtube)
        self._repositories = Repositories(copies, is_allowed=is_allowed, protocols=protocols)
        self._list_videos = list_videos

    def listing(self, kind: FollowKind, address: str, known: Known) -> Listing:
        """Return what a source lists now; see ``EpisodeSources.listing``."""
        match kind:
            case "youtube":
                return listing_of(address, known, limit_s=LIST_WITHIN_S, list_videos=self._list_videos)
            case "feed":
                page = self._web.read(
                    address,
                    limit_s=LIST_WITHIN_S,
                    etag=known.etag,
                    last_modified=known.last_modified,
                    accept=FEED_TYPES,
                )
                if page.is_unchanged:
                    return Listing(
                        None, (), page.etag or known.etag, page.last_modified or known.last_modified, True
                    )
                return parse_feed(page)
            case "repository":
                name = address.rstrip("/").removesuffix(".git").rpartition("/")[2]
                return list_folder(self._repositories.update(address, limit_s=LIST_WITHIN_S), name)
            case "folder":
                return list_folder(Path(address))

    def episodes_at(self, link: str) -> tuple[Listed, ...]:
        """Return the episodes that a link leads to: a video, a channel or playlist, a feed, or a transcript itself.

        Raises:
            NothingToFollow: it leads to a repository. RecordingGiven: to sound or a film. SourceError: it
                cannot be had, or is a page for people.
        """
        video_id = video_id_of(link)
        if video_id is not None:
            return (Listed(key=video_id, title=video_id, video_id=video_id, url=video_url(video_id)),)
        kind = kind_of_link(link)
        if kind == "youtube":
            return self.listing(kind, link, Known()).episodes
        if kind == "repository":
            raise NothingToFollow(received=link)
        if is_recording_name(urlsplit(link).path):
            raise RecordingGiven(file=link, line=None)
        page = self._web.read(link, limit_s=LIST_WITHIN_S)
        if page.content_type.startswith(("audio/", "video/")):
            raise RecordingGiven(file=link, line=None)
        try:
            return parse_feed(page).episodes
        except NotAFeed:
            if page.is_html:
                raise
        name = text_name(page.url, page.content_type)
        return (Listed(key=link, title=stem_of(name), texts=(TextLink(link, page.content_type),)),)

    def fetch(self, kind: FollowKind, address: str, item: Listed) -> Fetched:
        """Return the best text of an episode; see ``EpisodeTextFetcher.fetch``."""
        folder = None
        if kind == "folder":
            folder = Path(address)
        elif kind == "repository":
            folder = self._repositories.copy_of(address)
        return self._texts.fetch(item, limit_s=FETCH_WITHIN_S, folder=folder)

    def recording(self, link: str) -> tuple[str, bytes]:
        """Return the file name and the bytes of a recording; see ``EpisodeSources.recording``."""
        try:
            page = self._web.read(link, limit_s=RECORDING_WITHIN_S, largest_bytes=LARGEST_RECORDING_BYTES)
        except PageTooLarge as error:
            raise RecordingUnreadable(file=link, problem="recording_too_large") from error
        if page.is_html or page.content_type.startswith("text/"):
            raise RecordingUnreadable(file=link, problem="page_not_recording")
        return text_name(page.url, ""), page.body

    def forget(self, kind: FollowKind, address: str) -> None:
        """Delete the copy of a repository."""
        if kind == "repository":
            self._repositories.forget(address)


def source_of(text: str, *, folders: bool) -> tuple[FollowKind, str]:
    """Return the kind and the address of what a person wants to follow.

    Args:
        text: a link, or the path of a folder.
        folders: whether folders of this machine may be followed: by its owner, not by members of a server.

    Raises:
        NothingToFollow: it is nothing of that; SingleToFollow: it is a link to one video, transcript or recording;
        FolderUnreadable: a path that leads to no folder, or to one that may not be looked into.
    """
    text = text.strip()
    # os.path answers where pathlib raises: a name that is too long, a user whom nobody knows.
    path = os.path.expanduser(text)  # noqa: PTH111
    if folders and text and os.path.isdir(path):  # noqa: PTH112
        return "folder", os.path.realpath(path)
    if not text or len(text) > 500:
        raise NothingToFollow(received=text[:500])
    if folders and text.startswith(("/", "~", "./", "../")):
        raise FolderUnreadable(path=text)
    kind = kind_of_link(text)
    path = urlsplit(text).path.casefold()
    if kind == "feed" and (is_recording_name(path) or path.endswith(_TEXT_SUFFIXES)):
        raise SingleToFollow(received=text)
    return kind, text if kind != "youtube" or "://" in text else f"https://{text}"
