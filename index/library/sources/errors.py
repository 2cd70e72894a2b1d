"""Errors of fetching, with code and fields; the message catalogue has the sentences."""

from index.errors import IndexingError
from index.transcripts.links import is_list_of_videos
from scoring.errors import typed_fields


class SourceError(IndexingError):
    """Base of the errors of sources."""

    code = "source"


@typed_fields
class LinkUnknown(SourceError):
    """The text is no YouTube link and no video id."""

    code = "link_unknown"
    received: str


class LinkIsNoVideo(LinkUnknown):
    """The link is to a playlist or a channel."""

    code = "link_is_no_video"


@typed_fields
class FetchError(SourceError):
    """Base of why nothing was fetched; ``video_id`` is the host or address where no video was asked for."""

    video_id: str


class SourceBlocked(FetchError):
    """The source blocks this machine's address."""

    code = "source_blocked"


class AgeRestricted(FetchError):
    """The video is shown to signed-in adults only."""

    code = "age_restricted"


class MembersOnly(FetchError):
    """The video is for the channel's paying members."""

    code = "members_only"


class NoCaptions(FetchError):
    """The video has no captions."""

    code = "no_captions"


class VideoNotFound(FetchError):
    """The video does not exist, was removed, or is private."""

    code = "video_not_found"


class VideoIsLive(FetchError):
    """The video is a broadcast that has not ended, or not begun."""

    code = "video_is_live"


class TokenNeeded(FetchError):
    """The source gives this video's captions only to its own player."""

    code = "token_needed"


@typed_fields
class VideoUnplayable(FetchError):
    """The source refuses the video for a ``reason`` of its own, in its words, or None."""

    code = "video_unplayable"
    reason: str | None


@typed_fields
class SourceTookTooLong(FetchError):
    """YouTube gave no answer in time."""

    code = "source_took_too_long"
    limit_s: float


class SourceUnreachable(FetchError):
    """No connection to YouTube, or it failed."""

    code = "source_unreachable"


class SourceLeftAlone(FetchError):
    """Not asked for: the source turned this machine away, or was out of reach, for those before."""

    code = "source_left_alone"


class SourceChanged(FetchError):
    """The answer has a form that the program cannot read."""

    code = "source_changed"


class WebError(SourceError):
    """Base of the errors of reading the public web."""

    code = "web"


@typed_fields
class SiteTookTooLong(WebError):
    """A server gave no answer within ``limit_s`` seconds."""

    code = "site_took_too_long"
    host: str
    limit_s: float


@typed_fields
class SiteUnreachable(WebError):
    """A server cannot be reached, or failed."""

    code = "site_unreachable"
    host: str


@typed_fields
class AddressRefused(WebError):
    """An address may not be read; ``problem`` is no web address, private, password, port, or no longer encrypted."""

    code = "address_refused"
    address: str
    problem: str


@typed_fields
class PageBlocked(WebError):
    """The server turns this machine away; ``retry_s`` is how long it asks to be left alone, or None."""

    code = "page_blocked"
    host: str
    status: int
    retry_s: float | None


@typed_fields
class PageMissing(WebError):
    """The server has nothing at that address."""

    code = "page_missing"
    host: str


@typed_fields
class PageEmpty(WebError):
    """The server answers with nothing."""

    code = "page_empty"
    host: str


@typed_fields
class PageTooLarge(WebError):
    """The answer is larger than ``limit`` bytes."""

    code = "page_too_large"
    host: str
    limit: int


@typed_fields
class NotAFeed(WebError):
    """The page is no podcast feed: no RSS, no Atom, or broken XML."""

    code = "not_a_feed"
    host: str


@typed_fields
class NotCaptions(WebError):
    """A page for people came in place of a transcript."""

    code = "not_captions"
    host: str


class FollowError(SourceError):
    """Base of why something cannot be followed."""

    code = "follow"


@typed_fields
class NothingToFollow(FollowError):
    """The text is no channel, playlist, feed, repository or folder."""

    code = "nothing_to_follow"
    received: str


class SingleToFollow(NothingToFollow):
    """The link is of one video, transcript or recording: nothing more will come of it."""

    code = "single_to_follow"


@typed_fields
class NoFeedGiven(NothingToFollow):
    """The link is of an app that plays podcasts and gives out neither feeds nor transcripts."""

    code = "no_feed_given"
    host: str


@typed_fields
class PostsGiven(NothingToFollow):
    """The link is of a network of posts, which are no conversations with a text."""

    code = "posts_given"
    host: str


@typed_fields
class FolderUnreadable(FollowError):
    """A followed folder, or the copy of a repository, cannot be read."""

    code = "folder_unreadable"
    path: str


@typed_fields
class RepositoryUnreadable(FollowError):
    """git could not read the repository; ``problem`` is a code, or the last line of what git says."""

    code = "repository_unreadable"
    address: str
    problem: str


@typed_fields
class NoText(FollowError):
    """Nobody publishes a text of the episode; ``tried`` are the codes of what was met on the way."""

    code = "no_text"
    title: str
    tried: list[str]


class TranscriptionError(SourceError):
    """Base of why a recording is not turned into text."""

    code = "transcription"


@typed_fields
class RecordingUnreadable(TranscriptionError):
    """The recording cannot be read or cut into pieces."""

    code = "recording_unreadable"
    file: str
    problem: str


@typed_fields
class SpeechServiceFailed(TranscriptionError):
    """The speech service answers with an error, or with something that is no transcript with times."""

    code = "speech_service_failed"
    address: str
    status: int


class SpeechServiceMissing(TranscriptionError):
    """No speech service is set, and none is installed here. No fields."""

    code = "speech_service_missing"


@typed_fields
class SpeechModelUnavailable(TranscriptionError):
    """The model that turns speech into text on this machine could not be downloaded, loaded or run."""

    code = "speech_model_unavailable"
    model: str
    problem: str


class TranscriptionBusy(TranscriptionError):
    """Another recording is being turned into text. No fields."""

    code = "transcription_busy"


def refused_link(link: str) -> LinkUnknown:
    """Return the error for a ``link`` that leads to no video."""
    return LinkIsNoVideo(received=link) if is_list_of_videos(link) else LinkUnknown(received=link)
