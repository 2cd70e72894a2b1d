"""The YAML block at the head of a published transcript, and what it tells about the episode."""

import re
from datetime import date

import yaml

from index.transcripts.formats.decoding import folded
from index.transcripts.formats.timestamps import LONGEST_RECORDING_S, clock_s
from index.transcripts.links import video_id_in, video_id_of
from index.transcripts.model import Hints

LARGEST_BLOCK_CHARACTERS = 65_536

_FENCE = re.compile(r"\s*---[ \t]*\n")
_END = re.compile(r"(?m)^(?:---|\.\.\.)[ \t]*$")
_PLAIN_FIELD = re.compile(r"(?m)^([A-Za-z_][\w -]*):[ \t]+(\S.*)$")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}(?!\d)")
_NAMES_APART = re.compile(r" ?(?:[+&;,]|\band\b) ?")


def split_front_matter(text: str) -> tuple[str, str, int]:
    """The YAML block, the body, and how many lines stand before the body; no block is ("", text, 0)."""
    opening = _FENCE.match(text)
    if opening is None:
        return "", text, 0
    closing = _END.search(text, opening.end(), opening.end() + LARGEST_BLOCK_CHARACTERS)
    if closing is None:
        return "", text, 0
    block = text[opening.end() : closing.start()]
    return (
        (block, text[closing.end() :], text.count("\n", 0, closing.end()))
        if _fields(block)
        else ("", text, 0)
    )


def read_front_matter(block: str) -> Hints:
    """What the block says, under the names that shows use; values that make no sense are passed over."""
    fields = _fields(block)

    def first(*names: str) -> str | None:
        for name in names:
            value = fields.get(name)
            if isinstance(value, str) and value.strip() and value.strip() != "null":
                return " ".join(folded(value).split())
        return None

    link = first("youtube_url", "video_url", "url", "link", "permalink")
    video_id = video_id_of(first("video_id", "youtube_id", "youtube") or "")
    is_web_link = link is not None and link.startswith(("http://", "https://"))
    description = fields.get("description", fields.get("summary", fields.get("excerpt")))
    return Hints(
        title=first("title"),
        source=first("channel", "podcast", "show", "source", "series"),
        url=link if is_web_link else None,
        video_id=video_id or video_id_in(link or ""),
        published=_day(first("publish_date", "published", "date", "upload_date", "pubdate", "pubDate")),
        language=first("language", "lang"),
        duration_s=_duration_s(first("duration_seconds", "duration_s"), first("duration", "length")),
        description=folded(description).strip() or None if isinstance(description, str) else None,
        hosts=_names(fields, "host", "hosts"),
        guests=_names(fields, "guest", "guests"),
        tags=_listed(fields, "tags", "keywords"),
    )


def _fields(block: str) -> dict[str, object]:
    try:
        # BaseLoader makes nothing but texts, lists and mappings: no object, no date that may not exist.
        loaded: object = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError):
        loaded = None
    if isinstance(loaded, dict):
        return {key: value for key, value in loaded.items() if isinstance(key, str)}
    return {key: value.strip(" \t\"'") for key, value in _PLAIN_FIELD.findall(block)}


def _listed(fields: dict[str, object], *names: str) -> tuple[str, ...]:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str):
            value = value.split(",")
        if isinstance(value, list):
            items = [" ".join(folded(item).split()) for item in value if isinstance(item, str)]
            if any(items):
                return tuple(dict.fromkeys(item for item in items if item))
    return ()


def _names(fields: dict[str, object], *names: str) -> tuple[str, ...]:
    for name in names:
        value = fields.get(name)
        items = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        texts = [" ".join(folded(item).split()) for item in items if isinstance(item, str)]
        found = [part for text in texts for part in _NAMES_APART.split(text) if part]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def _day(text: str | None) -> str | None:
    match = _DAY.match(text or "")
    if match is None:
        return None
    try:
        return date.fromisoformat(match[0]).isoformat()
    except ValueError:
        return None


def _duration_s(seconds: str | None, clock: str | None) -> float | None:
    for text in (seconds, clock):
        if text is None:
            continue
        duration_s = clock_s(text)
        if duration_s is None:
            try:
                duration_s = float(text)
            except ValueError:
                continue
        if 0.0 < duration_s <= LONGEST_RECORDING_S:
            return duration_s
    return None
