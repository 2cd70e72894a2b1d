"""Links into recordings and to pages, and video ids out of links."""

import math
import re
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

VIDEO_ID = r"[A-Za-z0-9_-]{11}"
"""The form of a YouTube video id, as a regular expression."""

LEAD_IN_S = 2.0
"""A link opens this long before the words, so that they are not missed."""

_VIDEO_ID = re.compile(r"(?![A-Za-z][a-z]{10}$)[A-Za-z0-9_-]{11}")
"""A bare id; a word of eleven letters, such as the name of a folder, is none."""
_VIDEO_LINK = re.compile(
    r"(?<![\w-])(?i:(?:youtube(?:-nocookie)?\.com)/"
    r"(?:watch/?\?(?:[^\s\"'<>)\]#]{0,300}&(?:amp;)?)?v=|(?:embed|shorts|live|v|e)/(?!(?:videoseries|live_stream)\b))|youtu\.be/)"
    rf"({VIDEO_ID})(?![A-Za-z0-9_-])"
)

_WEB_ADDRESS = re.compile(r"https?://\S{1,490}")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_LISTS_OF_VIDEOS = re.compile(
    r"(?i)(?:https?://)?(?:www\.|m\.|music\.)?youtube(?:-nocookie)?\.com/"
    r"(?:playlist\b|embed/videoseries\b|@|c/|channel/|user/|[\w-]+/(?:videos|playlists)\b)"
)


def is_list_of_videos(text: str) -> bool:
    """Return True if ``text`` is a link to a YouTube playlist or channel rather than to a video."""
    return video_id_in(text) is None and _LISTS_OF_VIDEOS.match(text.strip()) is not None


def is_web_link(text: str) -> bool:
    """Return True if ``text`` begins as an http or https address does, in capitals, too."""
    return text[:8].casefold().startswith(("http://", "https://"))


def normalized_address(url: str) -> str:
    """Return ``url`` in the one spelling of all that RFC 3986, section 6.2.2 and 6.2.3, calls equal; else as it is.

    Scheme and host are in small letters, the scheme's own port and the full stop at the end of a host are left out, an
    empty path is ``/``, and what need not be escaped is not. A trailing slash, ``www.`` and the order of a query
    stay: with them a server may mean something else.

    Example:
        >>> normalized_address("HTTPS://AXRP.net:443/%7efeed.xml")
        'https://axrp.net/~feed.xml'
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return url
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        return url
    netloc = f"[{host}]" if ":" in host else host
    if port not in (None, _DEFAULT_PORTS[parts.scheme]):
        netloc += f":{port}"
    whole = SplitResult(
        parts.scheme, netloc, _plainly(parts.path) or "/", _plainly(parts.query), parts.fragment
    )
    return urlunsplit(whole)


def web_address(text: str) -> str | None:
    """Return the web address that ``text`` is, as ``episode.json`` takes it, normalised if need be; None for none."""
    return next((url for url in (text, normalized_address(text)) if _WEB_ADDRESS.fullmatch(url)), None)


def _plainly(text: str) -> str:
    """Return ``text`` with escaped letters, digits and ``-._~`` written out, and other escapes in capitals."""
    return _ESCAPED.sub(
        lambda found: plain if _UNRESERVED.fullmatch(plain := unquote(found[0])) else found[0].upper(), text
    )


def video_id_of(text: str) -> str | None:
    """Return the YouTube video id that ``text`` is, or that the first link to a video in it names, or None."""
    text = text.strip()
    return text if _VIDEO_ID.fullmatch(text) else video_id_in(text)


def video_id_in(text: str) -> str | None:
    """Return the id of the first YouTube video that ``text`` links to; a playlist or a bare id is none."""
    match = _VIDEO_LINK.search(text)
    return match[1] if match else None


def video_url(video_id: str) -> str:
    """Return the address at which a video plays."""
    return f"https://www.youtube.com/watch?v={video_id}"


def episode_page(slug: str) -> str:
    """Return the address of an episode's page, relative to the site's root."""
    return f"episodes/{slug}.html"


def link_at(url: str | None, video_id: str | None, second: float | None) -> str | None:
    """Return a link that opens the recording ``LEAD_IN_S`` before ``second``, never before its start.

    A YouTube video is linked by its id; any other recording by a media fragment (``#t=``, W3C Media Fragments
    URI 1.0, section 4.2.1). None where the second or the address is not known.
    """
    if second is None or not (video_id or url):
        return None
    start_s = math.floor(max(0.0, second - LEAD_IN_S))
    video_id = video_id or video_id_in(url or "")
    if video_id:
        return f"https://youtu.be/{video_id}?t={start_s}"
    return f"{str(url).split('#', 1)[0]}#t={start_s}"
