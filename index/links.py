"""Links into recordings, and video ids out of links."""

import math
import re
from urllib.parse import parse_qs, urlsplit

LEAD_IN_S = 2.0
"""A link opens this long before the words, so that they are not missed."""

_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_LINK = re.compile(r"(?:https?://)?(?:[\w-]+\.)*(?:youtube(?:-nocookie)?\.com|youtu\.be)/[^\s<>\"')\]]+")
_PATHS = ("embed", "shorts", "live", "v", "e")


def video_id_of(text: str) -> str | None:
    """The YouTube video id that ``text`` is, or that the first YouTube link in it names; None without one."""
    text = text.strip()
    if _VIDEO_ID.fullmatch(text):
        return text
    for match in _LINK.finditer(text):
        address = match.group()
        parts = urlsplit(address if "://" in address else f"https://{address}")
        segments = [segment for segment in parts.path.split("/") if segment]
        candidate = ""
        if (parts.hostname or "").endswith("youtu.be"):
            candidate = segments[0] if segments else ""
        elif segments[:1] == ["watch"]:
            candidate = parse_qs(parts.query).get("v", [""])[0]
        elif len(segments) > 1 and segments[0] in _PATHS:
            candidate = segments[1]
        if _VIDEO_ID.fullmatch(candidate):
            return candidate
    return None


def video_url(video_id: str) -> str:
    """Where a video plays."""
    return f"https://www.youtube.com/watch?v={video_id}"


def link_at(url: str | None, video_id: str | None, second: float | None) -> str | None:
    """A link that opens the recording ``LEAD_IN_S`` before ``second``, never before its start.

    A YouTube video is linked by its id; any other recording by a media fragment (``#t=``, W3C Media Fragments
    URI 1.0, section 4.2.1). None where the second or the address is not known.
    """
    if second is None or not (video_id or url):
        return None
    start_s = math.floor(max(0.0, second - LEAD_IN_S))
    if video_id:
        return f"https://youtu.be/{video_id}?t={start_s}"
    return f"{str(url).split('#', 1)[0]}#t={start_s}"
