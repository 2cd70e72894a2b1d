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
    NoCaptions,
    SourceChanged,
    SourceError,
    SourceTookTooLong,
    SourceUnreachable,
    VideoIsLive,
)
from index.library.sources.refusals import failure_of, failure_of_reason
from index.library.sources.source import Fetched
from index.library.sources.waiting import limited_session
from index.transcripts.links import video_url

Info = Mapping[str, object]

_KEPT_INFO = (
    "id", "title", "fulltitle", "channel", "uploader", "upload_date", "release_date", "duration",
    "description", "webpage_url", "language", "extractor_key", "live_status",
)  # fmt: skip
_LIVE = ("is_live", "is_upcoming")

_log = logging.getLogger(__name__)


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
    import yt_dlp  # noqa: PLC0415 - a second that nobody without links need spend

    options = {
        "quiet": True,
        "no_warnings": True,
        "logger": _Quiet(),
        "skip_download": True,
        "ignore_no_formats_error": True,
        "noplaylist": True,
        "cachedir": False,
        "socket_timeout": max(1.0, min(10.0, limit_s)),
        "extractor_retries": 0,
        "retries": 0,
    }
    with yt_dlp.YoutubeDL(options) as downloader:
        found: Info = downloader.extract_info(video_url(video_id), download=False)
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
