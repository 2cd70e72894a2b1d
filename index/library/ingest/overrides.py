"""Overrides: metadata from a person, which goes before everything that is inferred."""

import re
from dataclasses import dataclass
from datetime import date

from index.errors import OverrideInvalid, SlugInvalid
from index.library.episodes import LONGEST_SLUG, checked_slug, slugify
from index.transcripts.formats.decoding import folded
from index.transcripts.links import video_id_in, web_address

_LONGEST_LINE = 300
_NO_SLUG = re.compile(r"[/\\\x00-\x1f\x7f]|\.\.")


@dataclass(frozen=True, slots=True)
class Overrides:
    """Fields given by a person, or by the source that an episode comes from; None or empty if not given.

    ``title``, ``url``, ``published`` and ``slug`` belong to one episode. The caller refuses them for several files.
    """

    source: str | None = None
    title: str | None = None
    url: str | None = None
    published: date | None = None
    shelf: str | None = None
    tags: tuple[str, ...] = ()
    slug: str | None = None
    chapters: tuple[tuple[float, str], ...] = ()
    """Start in seconds and title of each chapter."""


def override_fields(overrides: Overrides) -> dict[str, object]:
    """Return the fields of ``episode.json`` that the person gave; a link to a video gives its id too.

    Raises:
        OverrideInvalid: a line is longer than 300 characters, or the address is none of the web.
    """
    fields: dict[str, object] = {}
    for name, value in (("title", overrides.title), ("source", overrides.source), ("shelf", overrides.shelf)):
        if line := _line(name, value):
            fields[name] = line
    tags = tuple(tag for tag in dict.fromkeys(_line("tags", tag) for tag in overrides.tags) if tag)
    if tags:
        fields["tags"] = tags
    if overrides.chapters:
        marks = ((start_s, _line("chapters", title)) for start_s, title in overrides.chapters)
        fields["chapters"] = tuple({"start_s": start_s, "title": title} for start_s, title in marks if title)
    if overrides.published is not None:
        fields["published"] = overrides.published
    if line := _line("url", overrides.url):
        if (url := web_address(line)) is None:
            raise OverrideInvalid(field="url", received=line)
        fields["url"] = url
        if video_id := video_id_in(url):
            fields["video_id"] = video_id
    return fields


def override_slug(overrides: Overrides) -> str | None:
    """Return the slug that the person gave; capitals, spaces and the like are made clean.

    Raises:
        SlugInvalid: it holds a slash, ``..`` or control characters, or nothing is left of it.
    """
    received = overrides.slug
    if received is None or not received.strip():
        return None
    if _NO_SLUG.search(received) or folded(received) != received:
        raise SlugInvalid(received=received)
    try:
        return checked_slug(received)
    except SlugInvalid:
        return slugify(received[: 4 * LONGEST_SLUG])


def _line(name: str, value: str | None) -> str | None:
    line = " ".join(folded(value or "").split())
    if len(line) > _LONGEST_LINE:
        raise OverrideInvalid(field=name, received=line)
    return line or None
