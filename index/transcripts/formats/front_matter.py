"""The YAML block at the head of a published transcript, and what it tells about the episode."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import yaml

from index.transcripts.formats.dates import day_in
from index.transcripts.formats.decoding import folded
from index.transcripts.formats.speakers import is_full_name, is_role
from index.transcripts.formats.timestamps import LONGEST_RECORDING_S, clock_s
from index.transcripts.links import is_web_link, video_id_in, video_id_of
from index.transcripts.model import Hints

LARGEST_BLOCK_CHARACTERS = 65_536

_FENCE = re.compile(r"\s*---[ \t]*\n")
_END = re.compile(r"(?m)^(?:---|\.\.\.)[ \t]*$")
_PLAIN_FIELD = re.compile(r"(?m)^([A-Za-z_][\w -]*):[ \t]+(\S.*)$")
_SPELT_DURATION = re.compile(
    r"(?:PT)?\s*(?:(\d+(?:[.,]\d+)?)\s*h(?:ours?|rs?)?)?[\s,]*(?:and\s+)?(?:(\d+(?:[.,]\d+)?)\s*m(?:in(?:ute)?s?)?\.?)?"
    r"[\s,]*(?:and\s+)?(?:(\d+(?:[.,]\d+)?)\s*s(?:ec(?:ond)?s?)?)?",
    re.IGNORECASE,
)
_LINK_FIELDS = (
    "youtube_url", "video_url", "youtube", "url", "link", "permalink", "source", "source_url", "media", "video",
    "episode_url", "audio", "audio_url",
)  # fmt: skip
_SHOW_FIELDS = ("channel", "podcast", "show", "source", "series", "channel_name", "show_name", "podcast_name")
_DAY_FIELDS = (
    "publish_date", "published", "date", "upload_date", "pubdate", "pub_date", "published_at", "release_date",
    "publication_date", "published_date", "aired", "recorded",
)  # fmt: skip
_NAMES_APART = re.compile(r" ?(?:[+&;,]|\band\b) ?")


def split_front_matter(text: str) -> tuple[str, str, int]:
    """Return the YAML block, the body, and how many lines stand before the body; no block is ("", text, 0)."""
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
    """Return the facts that the block states, under the names that shows use.

    Values that make no sense are passed over. An address under ``source`` is the episode's address, not its show.
    """
    fields = {
        key.casefold().replace("-", "_").replace(" ", "_"): value for key, value in _fields(block).items()
    }

    def texts(*names: str) -> list[str]:
        values = (fields.get(name) for name in names)
        found = [" ".join(folded(value).split()) for value in values if isinstance(value, str)]
        return [value for value in found if value and value != "null"]

    def first(*names: str) -> str | None:
        return next(iter(texts(*names)), None)

    links = [text for text in texts(*_LINK_FIELDS) if is_web_link(text)]
    video_id = video_id_of(first("video_id", "youtube_id", "youtube", "videoid") or "")
    shows = [text for text in texts(*_SHOW_FIELDS) if "://" not in text]
    description = fields.get("description", fields.get("summary", fields.get("excerpt")))
    hosts = _names(fields, "host", "hosts")
    days = (day_in(text) for text in texts(*_DAY_FIELDS))
    return Hints(
        title=first("title"),
        source=next(iter(shows), None),
        url=next(iter(links), None),
        video_id=video_id or next(filter(None, map(video_id_in, links)), None),
        published=next(filter(None, days), None),
        language=first("language", "lang"),
        duration_s=_duration_s(first("duration_seconds", "duration_s"), first("duration", "length")),
        description=folded(description).strip() or None if isinstance(description, str) else None,
        hosts=hosts,
        guests=_names(fields, "guest", "guests") or _speakers(fields, hosts),
        tags=_listed(fields, "tags", "keywords"),
    )


@lru_cache(maxsize=4)
def _fields(block: str) -> Mapping[str, object]:
    """Return the block's fields; those who detect, parse and read a file ask for the same block."""
    try:
        # BaseLoader makes nothing but texts, lists and mappings: no object, no date that may not exist.
        loaded: object = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError):
        loaded = None
    if isinstance(loaded, dict):
        return {key: value for key, value in loaded.items() if isinstance(key, str)}
    return {key: value.strip(" \t\"'") for key, value in _PLAIN_FIELD.findall(block)}


def _listed(fields: Mapping[str, object], *names: str) -> tuple[str, ...]:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str):
            value = value.split(",")
        if isinstance(value, list):
            items = [" ".join(folded(item).split()) for item in value if isinstance(item, str)]
            if any(items):
                return tuple(dict.fromkeys(item for item in items if item))
    return ()


def _names(fields: Mapping[str, object], *names: str) -> tuple[str, ...]:
    for name in names:
        value = fields.get(name)
        items = value if isinstance(value, list) else [value]
        found = [part for item in items for part in _NAMES_APART.split(_name_of(item)) if part]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def _speakers(fields: Mapping[str, object], hosts: Sequence[str]) -> tuple[str, ...]:
    """Return the full names under ``speakers`` without the hosts: numbers and roles are nobody."""
    names = _names(fields, "speakers", "speaker")
    return tuple(name for name in names if is_full_name(name) and not is_role(name) and name not in hosts)


def _name_of(item: object) -> str:
    """Return the name in a text, a wiki link or a mapping with a ``name``."""
    if isinstance(item, dict):
        item = item.get("name")
    return " ".join(folded(item).replace("[[", "").replace("]]", "").split()) if isinstance(item, str) else ""


def _duration_s(seconds: str | None, clock: str | None) -> float | None:
    for text in (seconds, clock):
        if text is None:
            continue
        duration_s = clock_s(text) or _number(text) or _spelt_s(text)
        if duration_s is not None and 0.0 < duration_s <= LONGEST_RECORDING_S:
            return duration_s
    return None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _spelt_s(text: str) -> float | None:
    """Return the seconds of ``42 min``, ``1 hour 5 minutes`` or ``PT42M10S``."""
    match = _SPELT_DURATION.fullmatch(text[:60].strip())
    if match is None or not any(match.groups()):
        return None
    hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in match.groups())
    return (hours * 60 + minutes) * 60 + seconds
