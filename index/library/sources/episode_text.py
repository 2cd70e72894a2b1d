"""From a listed episode to its text, the most dependable first: a published transcript, then captions, else no text."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from index.errors import TranscriptRejected
from index.library.ingest.sidecars import read_sidecars
from index.library.ingest.transcript_files import read_file
from index.library.sources.errors import (
    NoCaptions,
    NotCaptions,
    NoText,
    PageBlocked,
    SiteTookTooLong,
    SiteUnreachable,
    SourceBlocked,
    SourceError,
    SourceTookTooLong,
    SourceUnreachable,
    TokenNeeded,
)
from index.library.sources.feeds import parse_chapters
from index.library.sources.fetching import Fetched, TranscriptSource
from index.library.sources.folders import file_in
from index.library.sources.listing import FeedChapter, Listed, TextLink
from index.library.sources.public_web import PublicWeb, host_of
from scoring.errors import CodedError

_SUFFIXES: Mapping[str, str] = {
    "application/json": ".json", "text/vtt": ".vtt", "application/srt": ".srt", "application/x-subrip": ".srt",
    "text/srt": ".srt", "text/plain": ".txt", "text/markdown": ".md", "application/ttml+xml": ".ttml",
}  # fmt: skip
"""By the type that a feed or server states, in the order in which they are preferred; pages (HTML) are not read."""

_ENDS_LADDER = (
    SourceBlocked, PageBlocked, SiteTookTooLong, SiteUnreachable, SourceTookTooLong, SourceUnreachable,
)  # fmt: skip
"""After these the next rung would tell no more than that: nobody was reached."""

_CHAPTERS_WITHIN_S = 10.0
_LARGEST_CHAPTERS_BYTES = 1_000_000


class EpisodeTextFetcher:
    """Fetches the text of listed episodes. Its methods block their thread and may be called from any.

    Args:
        web: reads published transcripts and chapters.
        youtube: gives captions: an uploaded track before an automatic one.
    """

    def __init__(self, web: PublicWeb, youtube: TranscriptSource) -> None:
        self._web = web
        self._youtube = youtube

    def fetch(self, item: Listed, *, limit_s: float, folder: Path | None = None) -> Fetched:
        """Return the best text of ``item``.

        Args:
            item: as its source lists it.
            limit_s: seconds for all rungs together.
            folder: of a followed folder or a repository's copy, where ``item.file`` lies.

        Raises:
            NoText: nobody publishes one. SourceError: it could not be had this time, by subclass.
            TranscriptRejected: a file of a folder is none.
        """
        if item.file is not None and folder is not None:
            return from_file(folder, item)
        ends_s = time.monotonic() + limit_s
        tried: list[CodedError] = []
        for link in sorted(item.texts, key=lambda link: _preference(link, item.language)):
            try:
                return self._with_chapters(self._published(item, link, ends_s - time.monotonic()), item)
            except _ENDS_LADDER as error:
                tried.append(error)
                if isinstance(error, PageBlocked):
                    raise
            except (SourceError, TranscriptRejected) as error:
                tried.append(error)
        if item.video_id is not None:
            try:
                fetched = self._youtube.fetch(item.video_id, limit_s=max(1.0, ends_s - time.monotonic()))
            except (NoCaptions, TokenNeeded) as error:
                tried.append(error)
            else:
                return self._with_chapters(_with_info(fetched, item), item)
        unreached = next((met for met in tried if isinstance(met, _ENDS_LADDER)), None)
        if unreached is not None:
            raise unreached
        raise NoText(title=item.title, tried=[error.code for error in tried])

    def _published(self, item: Listed, link: TextLink, limit_s: float) -> Fetched:
        page = self._web.read(
            link.url, limit_s=max(1.0, limit_s), accept=", ".join([*_SUFFIXES, "*/*;q=0.1"])
        )
        if page.is_html:
            raise NotCaptions(host=host_of(page.url))
        return Fetched(
            video_id=item.video_id,
            name=text_name(page.url, link.type or page.content_type),
            data=page.body,
            language=link.language or item.language or "en",
            is_generated=False,
            info=item.info if item.source or item.published or item.guests else None,
        )

    def _with_chapters(self, fetched: Fetched, item: Listed) -> Fetched:
        """Add the chapters that a feed links to; not worth failing for."""
        if item.chapters_url is None:
            return fetched
        try:
            page = self._web.read(
                item.chapters_url, limit_s=_CHAPTERS_WITHIN_S, largest_bytes=_LARGEST_CHAPTERS_BYTES
            )
        except SourceError:
            return fetched
        chapters: tuple[FeedChapter, ...] = parse_chapters(page.body)
        return replace(fetched, chapters=chapters)


def from_file(folder: Path, item: Listed) -> Fetched:
    """Return a file of a followed folder with what lies beside it.

    Raises:
        FolderUnreadable, TranscriptRejected, FileUnreadable: it cannot be read.
    """
    path = file_in(folder, item.file or "")
    return Fetched(
        video_id=None,
        name=path.name,
        data=read_file(path),
        language=item.language or "en",
        is_generated=False,
        info=None,
        beside=read_sidecars(path),
    )


def text_name(url: str, kind: str) -> str:
    """Return a file name for a text at ``url`` of a stated type: its own last part, with a suffix that fits."""
    last = unquote(urlsplit(url).path).rpartition("/")[2].strip() or "transcript"
    suffix = _SUFFIXES.get(kind)
    if suffix is None or last.casefold().endswith(tuple(_SUFFIXES.values())):
        return last[-120:]
    return f"{last[:120]}{suffix}"


def _preference(link: TextLink, language: str | None) -> tuple[bool, int]:
    """Return a sort key: the episode's language, else English, then the type that tells most."""
    wanted = (language or "en").casefold().partition("-")[0]
    own = (link.language or wanted).casefold().partition("-")[0]
    kinds = list(_SUFFIXES)
    return own != wanted, kinds.index(link.type) if link.type in kinds else len(kinds)


def _with_info(fetched: Fetched, item: Listed) -> Fetched:
    """Complete what the video says of itself by what its source lists; the video goes first."""
    info = {**item.info, **(fetched.info or {})}
    return replace(fetched, info=json.loads(json.dumps(info, default=str)))
