"""Mapping of refusals by YouTube and its libraries to typed errors. Pure."""

from index.library.sources.errors import (
    AgeRestricted,
    MembersOnly,
    NoCaptions,
    SourceBlocked,
    SourceChanged,
    SourceError,
    SourceUnreachable,
    TokenNeeded,
    VideoIsLive,
    VideoNotFound,
    VideoUnplayable,
)

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
