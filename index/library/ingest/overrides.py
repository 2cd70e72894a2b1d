"""What a person said about an episode, which goes before everything that can be guessed."""

import re
from dataclasses import dataclass
from datetime import date

from index.errors import SlugInvalid
from index.library.episodes import LONGEST_SLUG, checked_slug, slugify
from index.library.ingest.errors import WishInvalid
from index.transcripts.formats.decoding import folded
from index.transcripts.links import video_id_in

_LONGEST_LINE = 300
_NO_SLUG = re.compile(r"[/\\\x00-\x1f\x7f]|\.\.")
_WEB_LINK = re.compile(r"https?://\S{1,490}")


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the person said, each None or empty where nothing was said.

    ``title``, ``url``, ``published`` and ``slug`` belong to one episode: with more than one file at a time they make
    no sense, and it is for the face to say so.
    """

    source: str | None = None
    title: str | None = None
    url: str | None = None
    published: date | None = None
    shelf: str | None = None
    tags: tuple[str, ...] = ()
    slug: str | None = None


def wished_fields(wishes: Overrides) -> dict[str, object]:
    """The fields of ``episode.json`` that the person gave; a link to a video gives its id too.

    Raises:
        WishInvalid: a line is longer than 300 characters, or the address none of the web.
    """
    fields: dict[str, object] = {}
    for name, value in (("title", wishes.title), ("source", wishes.source), ("shelf", wishes.shelf)):
        if line := _line(name, value):
            fields[name] = line
    tags = tuple(tag for tag in dict.fromkeys(_line("tags", tag) for tag in wishes.tags) if tag)
    if tags:
        fields["tags"] = tags
    if wishes.published is not None:
        fields["published"] = wishes.published
    if url := _line("url", wishes.url):
        if _WEB_LINK.fullmatch(url) is None:
            raise WishInvalid(field="url", received=url)
        fields["url"] = url
        if video_id := video_id_in(url):
            fields["video_id"] = video_id
    return fields


def wished_slug(wishes: Overrides) -> str | None:
    """The slug that the person gave: a clean one as it is, one with capitals or spaces made clean.

    Raises:
        SlugInvalid: it holds a slash, ``..`` or control characters, or nothing is left of it.
    """
    received = wishes.slug
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
        raise WishInvalid(field=name, received=line)
    return line or None
