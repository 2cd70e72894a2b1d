"""YouTube: captions through youtube-transcript-api, title and date through yt-dlp.

Uploaded tracks go before automatic tracks, English before other languages. Errors of both libraries become typed errors
here, with their cause; their own texts never reach a person.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import ParseError  # only the error: the parsing is defusedxml's

from index.library.sources.errors import (
    AgeRestricted,
    MembersOnly,
    NoCaptions,
    SourceBlocked,
    SourceChanged,
    SourceError,
    SourceTookTooLong,
    SourceUnreachable,
    TokenNeeded,
    VideoIsLive,
    VideoNotFound,
    VideoUnplayable,
)
from index.library.sources.fetching import Fetched
from index.library.sources.public_web import read_body
from index.transcripts.links import video_url

Info = Mapping[str, object]

_KEPT_INFO = (
    "id", "title", "fulltitle", "channel", "uploader", "upload_date", "release_date", "duration",
    "description", "webpage_url", "language", "extractor_key", "live_status",
)  # fmt: skip
_LIVE = ("is_live", "is_upcoming")

_log = logging.getLogger(__name__)

LONGEST_WAIT_S = 10.0
"""For a connection, and between two pieces of an answer."""

LARGEST_ANSWER_BYTES = 20_000_000


def limited_session(limit_s: float) -> Any:
    """Return a ``requests.Session`` whose requests all end within ``limit_s`` seconds from now, in total.

    Its requests raise ``requests.Timeout`` when the time is over, and ``requests.RequestException`` where an answer
    is larger than ``LARGEST_ANSWER_BYTES``.
    """
    import requests  # noqa: PLC0415 - a fifth of a second that nobody without links need spend

    ends_s = time.monotonic() + limit_s

    def limited(response: Any, *_: Any, **__: Any) -> Any:
        body = read_body(response, ends_s, LARGEST_ANSWER_BYTES)
        if body is None:
            raise requests.RequestException("answer too large", response=response)
        if time.monotonic() > ends_s:
            response.close()
            raise requests.Timeout(response=response)
        response._content = body
        return response

    class Limited(requests.Session):
        def __init__(self) -> None:
            super().__init__()
            # As a hook: it is called before a redirect is followed, whose body requests reads as well.
            self.hooks["response"].append(limited)

        def send(self, request: Any, **kwargs: Any) -> Any:
            left_s = ends_s - time.monotonic()
            if left_s <= 0:
                raise requests.Timeout(request=request)
            # As a stream at first: what requests reads by itself it reads without end.
            return super().send(request, **{**kwargs, "timeout": min(left_s, LONGEST_WAIT_S), "stream": True})

    return Limited()


class _Quiet:
    """Logger for yt-dlp: everything goes to the debug log, since errors are raised."""

    def debug(self, message: str) -> None:
        _log.debug("yt-dlp: %s", message)

    info = warning = error = debug


def metadata_of(video_id: str, *, limit_s: float) -> Info:
    """Return title, channel, date and other metadata of a video, from yt-dlp.

    Raises:
        yt_dlp.utils.YoutubeDLError: they cannot be fetched.
    """
    return ask_ytdlp(video_url(video_id), limit_s=limit_s, ignore_no_formats_error=True, noplaylist=True)


def ask_ytdlp(link: str, *, limit_s: float, **options: object) -> Info:
    """Return what yt-dlp knows of a link, asked once and without downloading; ``options`` are yt-dlp's own.

    Raises:
        yt_dlp.utils.YoutubeDLError: it cannot be had.
    """
    import yt_dlp  # noqa: PLC0415 - a second that nobody without links need spend

    shared = {
        "quiet": True,
        "no_warnings": True,
        "logger": _Quiet(),
        "skip_download": True,
        "cachedir": False,
        "socket_timeout": max(1.0, min(10.0, limit_s)),
        "extractor_retries": 0,
        "retries": 0,
    }
    with yt_dlp.YoutubeDL({**shared, **options}) as downloader:
        found: Info = downloader.extract_info(link, download=False)
    return found


class YouTubeSource:
    """A ``TranscriptSource`` of YouTube videos.

    Args:
        session: makes the HTTP session (of requests) for one video, given the seconds it may take.
        metadata: looks metadata up, or raises; as ``metadata_of``.
    """

    def __init__(
        self,
        *,
        session: Callable[[float], Any] = limited_session,
        metadata: Callable[..., Info] = metadata_of,
    ) -> None:
        self._session = session
        self._metadata = metadata

    def fetch(self, video_id: str, *, limit_s: float) -> Fetched:
        """Return the best transcript; see ``TranscriptSource.fetch``. ``info`` is None if metadata is unavailable."""
        ends_s = time.monotonic() + limit_s
        try:
            track = self._captions(video_id, limit_s)
        except NoCaptions as error:
            info = self._info(video_id, ends_s - time.monotonic())
            if info is not None and info.get("live_status") in _LIVE:
                raise VideoIsLive(video_id=video_id) from error
            raise
        info = self._info(video_id, ends_s - time.monotonic())
        language = str(track.language_code)
        data = {
            "video_id": video_id,
            "language_code": language,
            "is_generated": bool(track.is_generated),
            "snippets": track.to_raw_data(),
        }
        return Fetched(
            video_id=video_id,
            name=f"{video_id}.{language}.json",
            data=json.dumps(data, ensure_ascii=False, indent=0).encode(),
            language=language,
            is_generated=bool(track.is_generated),
            info=info,
        )

    def _captions(self, video_id: str, limit_s: float) -> Any:
        import requests  # noqa: PLC0415
        import youtube_transcript_api  # noqa: PLC0415

        with self._session(limit_s) as session:
            try:
                tracks = list(youtube_transcript_api.YouTubeTranscriptApi(http_client=session).list(video_id))
                if not tracks:
                    raise NoCaptions(video_id=video_id)
                return min(tracks, key=_preference).fetch()
            except youtube_transcript_api.YouTubeTranscriptApiException as error:
                raise failure_of(error, video_id) from error
            except requests.Timeout as error:
                raise SourceTookTooLong(video_id=video_id, limit_s=limit_s) from error
            except requests.JSONDecodeError as error:
                raise SourceChanged(video_id=video_id) from error
            except requests.RequestException as error:
                raise SourceUnreachable(video_id=video_id) from error
            except ParseError as error:
                # What YouTube sends where its player would have shown a token: a page without a body.
                raise failure_of_reason("token", video_id) from error
            except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
                raise SourceChanged(video_id=video_id) from error

    def _info(self, video_id: str, limit_s: float) -> Info | None:
        import yt_dlp  # noqa: PLC0415

        try:
            found = self._metadata(video_id, limit_s=limit_s)
        except (yt_dlp.utils.YoutubeDLError, OSError) as error:
            # With captions in hand a person can give the title; why it is missing stands in the log.
            _log.warning("no metadata for %s: %s", video_id, type(error).__name__)
            return None
        except SourceError:
            return None
        return {key: found[key] for key in _KEPT_INFO if found.get(key) is not None}


def _preference(track: Any) -> tuple[bool, bool]:
    """Return a sort key: English first (automatic tracks are in the spoken language), then uploaded tracks."""
    is_english = str(track.language_code).casefold().partition("-")[0] == "en"
    return not is_english, bool(track.is_generated)


_LONGEST_REASON = 200

_WORDS: tuple[tuple[type[SourceError], tuple[str, ...]], ...] = (
    (SourceBlocked, ("not a bot", "unusual traffic", "too many requests")),
    (MembersOnly, ("members-only", "members only", "join this channel", "channel's members")),
    (AgeRestricted, ("confirm your age", "age-restricted", "inappropriate for some", "age verification")),
    (VideoIsLive, ("live event", "live stream will", "premiere", "begin in", "is offline")),
    (TokenNeeded, ("token",)),
    (
        VideoNotFound,
        (
            "private", "removed", "unavailable", "no longer available", "does not exist", "terminated",
            "isn't available anymore",
        ),
    ),
)  # fmt: skip
"""Searched in this order: videos for members are often called unavailable as well."""

_KINDS: dict[str, type[SourceError]] = {
    "RequestBlocked": SourceBlocked,
    "IpBlocked": SourceBlocked,
    "FailedToCreateConsentCookie": SourceBlocked,
    "AgeRestricted": AgeRestricted,
    "TranscriptsDisabled": NoCaptions,
    "NoTranscriptFound": NoCaptions,
    "VideoUnavailable": VideoNotFound,
    "InvalidVideoId": VideoNotFound,
    "PoTokenRequired": TokenNeeded,
    "YouTubeDataUnparsable": SourceChanged,
}


def failure_of(error: BaseException, video_id: str) -> SourceError:
    """Return the typed error for an error of youtube-transcript-api (1.2).

    ``VideoUnplayable`` is mapped by YouTube's reason, ``YouTubeRequestFailed`` by the HTTP status.
    """
    name = type(error).__name__
    if name in _KINDS:
        return _KINDS[name](video_id=video_id)
    if name == "VideoUnplayable":
        parts = (getattr(error, "reason", None), *(getattr(error, "sub_reasons", None) or ()))
        return failure_of_reason(" ".join(part for part in parts if isinstance(part, str)), video_id)
    if name == "YouTubeRequestFailed":
        response = getattr(error.__context__, "response", None)
        return failure_of_status(getattr(response, "status_code", None), video_id)
    return SourceChanged(video_id=video_id)


def failure_of_status(status: int | None, video_id: str) -> SourceError:
    """Return the typed error for an HTTP status: 403 and 429 are blocks, 404 and 410 a missing video."""
    if status in (403, 429):
        return SourceBlocked(video_id=video_id)
    if status in (404, 410):
        return VideoNotFound(video_id=video_id)
    return SourceUnreachable(video_id=video_id)


def failure_of_reason(reason: str, video_id: str) -> SourceError:
    """Return the typed error for the sentence that YouTube shows in place of the player."""
    text = reason.casefold().replace("’", "'")
    for kind, words in _WORDS:
        if any(word in text for word in words):
            return kind(video_id=video_id)
    return VideoUnplayable(video_id=video_id, reason=" ".join(reason.split())[:_LONGEST_REASON] or None)
