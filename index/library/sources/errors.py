"""Errors of fetching a transcript, with code and fields; the message catalogue has the sentences."""

from index.errors import IndexingError
from index.transcripts.links import is_list_of_videos


class SourceError(IndexingError):
    """Base of the errors of sources. Fields: ``video_id``."""

    code = "source"


class LinkUnknown(SourceError):
    """The text is no YouTube link and no video id. Fields: ``received``."""

    code = "link_unknown"


class LinkIsNoVideo(LinkUnknown):
    """The link is to a playlist or a channel. Fields: ``received``."""

    code = "link_is_no_video"


class SourceBlocked(SourceError):
    """The source blocks this machine's address. Fields: ``video_id``."""

    code = "source_blocked"


class AgeRestricted(SourceError):
    """The video is shown to signed-in adults only. Fields: ``video_id``."""

    code = "age_restricted"


class MembersOnly(SourceError):
    """The video is for the channel's paying members. Fields: ``video_id``."""

    code = "members_only"


class NoCaptions(SourceError):
    """The video has no captions. Fields: ``video_id``."""

    code = "no_captions"


class VideoNotFound(SourceError):
    """The video does not exist, was removed, or is private. Fields: ``video_id``."""

    code = "video_not_found"


class VideoIsLive(SourceError):
    """The video is a broadcast that has not ended, or not begun. Fields: ``video_id``."""

    code = "video_is_live"


class TokenNeeded(SourceError):
    """The source gives this video's captions only to its own player. Fields: ``video_id``."""

    code = "token_needed"


class VideoUnplayable(SourceError):
    """The source refuses the video for a reason of its own. Fields: ``video_id``, ``reason`` in its words, or None."""

    code = "video_unplayable"


class SourceTookTooLong(SourceError):
    """No answer in time. Fields: ``video_id``, ``limit_s``."""

    code = "source_took_too_long"


class SourceUnreachable(SourceError):
    """No connection, or the source itself failed. Fields: ``video_id``."""

    code = "source_unreachable"


class SourceChanged(SourceError):
    """The answer has a form that the program cannot read. Fields: ``video_id``."""

    code = "source_changed"


def refused_link(link: str) -> LinkUnknown:
    """Return the error for a ``link`` that leads to no video."""
    return LinkIsNoVideo(received=link) if is_list_of_videos(link) else LinkUnknown(received=link)
