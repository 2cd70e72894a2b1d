"""Podcast feeds: RSS 2.0 with iTunes' and Podcasting 2.0's elements, and Atom.

Elements as in https://github.com/Podcastindex-org/podcast-namespace (``transcript``, ``chapters``, ``person``).
"""

import html
import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError  # only the types: the parsing is untrusted_xml's

from index.library.sources.errors import NotAFeed
from index.library.sources.listing import MOST_LISTED, FeedChapter, Listed, Listing, TextLink
from index.library.sources.public_web import Page, host_of
from index.transcripts.formats.decoding import folded
from index.transcripts.formats.timestamps import LONGEST_RECORDING_S
from index.transcripts.links import video_id_in
from index.untrusted_xml import xml_root

FEED_TYPES = "application/rss+xml, application/atom+xml, application/xml, text/xml;q=0.9, */*;q=0.5"

_PODCAST = ("{https://podcastindex.org/namespace/1.0}",
            "{https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md}")  # fmt: skip
_ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
_ATOM = "{http://www.w3.org/2005/Atom}"
_YOUTUBE = "{http://www.youtube.com/xml/schemas/2015}"
_TAG = re.compile(r"<[^>]{0,2000}>")
_BREAK = re.compile(r"(?i)<(?:br|/p|/li|/div)\b[^>]{0,200}>")
_LONGEST_TEXT, _LONGEST_LINE, _MOST_PEOPLE, _MOST_TEXTS, _MOST_CHAPTERS = 4_000, 300, 20, 10, 500
_DEEPEST = 32
_MOST_PARTS = 500_000
"""Elements and attributes; a feed of 2,000 episodes has some 100,000."""

_HOSTS = frozenset({"host", "co-host", "cohost"})


def parse_feed(page: Page) -> Listing:
    """Return what a feed lists, newest first, those of one day or of none in the feed's order.

    Items without a title or anything to tell them by are left out; of those with one key the first counts.

    Raises:
        NotAFeed: it is no RSS or Atom, no well-formed XML, or larger or deeper than any feed.
    """
    host = host_of(page.url)
    try:
        root = xml_root(page.body, deepest=_DEEPEST, most_parts=_MOST_PARTS, forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as error:
        raise NotAFeed(host=host) from error
    if root.tag == f"{_ATOM}feed":
        title = _line(root.findtext(f"{_ATOM}title"))
        entries = islice(root.iterfind(f"{_ATOM}entry"), MOST_LISTED)
        items = [_atom_entry(entry, title, page.url) for entry in entries]
    else:
        channel = root.find("channel")
        if root.tag != "rss" or channel is None:
            raise NotAFeed(host=host)
        title = _line(channel.findtext("title"))
        hosts = _people(channel)[0]
        language = _line(channel.findtext("language"))
        items = [
            _rss_item(item, title, page.url, hosts, language)
            for item in islice(channel.iterfind("item"), MOST_LISTED)
        ]
    found: dict[str, Listed] = {}
    for item in items:
        if item is not None:
            found.setdefault(item.key, item)
    newest = sorted(found.values(), key=lambda item: item.published or date.min, reverse=True)
    return Listing(title, tuple(newest), page.etag, page.last_modified)


def parse_chapters(data: bytes) -> tuple[FeedChapter, ...]:
    """Return the chapters of a Podcasting 2.0 file of chapters in order of time; none where it is no such file."""
    try:
        told = json.loads(data.decode("utf-8-sig"))
        listed = told["chapters"] if isinstance(told, dict) else None
    except (ValueError, KeyError, RecursionError):
        return ()
    marks = []
    for entry in listed[:_MOST_CHAPTERS] if isinstance(listed, list) else ():
        if not isinstance(entry, dict) or entry.get("toc") is False:
            continue
        start, name = (
            entry.get("startTime"),
            _line(entry.get("title") if isinstance(entry.get("title"), str) else None),
        )
        if not isinstance(start, int | float) or isinstance(start, bool):
            continue
        if name and 0 <= start <= LONGEST_RECORDING_S:
            marks.append(FeedChapter(float(start), name))
    return tuple(sorted(marks, key=lambda mark: mark.start_s))


def _rss_item(
    item: Element, source: str | None, base: str, channel_hosts: tuple[str, ...], language: str | None
) -> Listed | None:
    title = _line(item.findtext("title")) or _line(item.findtext(f"{_ITUNES}title"))
    enclosure = item.find("enclosure")
    address = _address(enclosure.get("url") if enclosure is not None else None, base)
    link = _address(item.findtext("link"), base)
    key = _line(item.findtext("guid")) or address or link
    if not title or not key:
        return None
    hosts, guests = _people(item)
    description = next(
        filter(None, (_prose(item.findtext(tag)) for tag in ("description", f"{_ITUNES}summary"))), None
    )
    chapters = _podcast(item, "chapters")
    return Listed(
        key=key,
        title=title,
        source=source,
        url=link or address,
        published=_rfc822_day(item.findtext("pubDate")),
        video_id=video_id_in(link or ""),
        texts=tuple(_texts(item, base)),
        enclosure=address,
        enclosure_type=(enclosure.get("type") or "").casefold() if enclosure is not None else "",
        duration_s=_duration_s(item.findtext(f"{_ITUNES}duration")),
        description=description,
        hosts=hosts or channel_hosts,
        guests=guests,
        chapters_url=_address(chapters[0].get("url"), base) if chapters else None,
        language=language,
    )


def _atom_entry(entry: Element, source: str | None, base: str) -> Listed | None:
    title = _line(entry.findtext(f"{_ATOM}title"))
    links = entry.findall(f"{_ATOM}link")
    page = next((link.get("href") for link in links if link.get("rel") in (None, "alternate")), None)
    enclosure = next((link for link in links if link.get("rel") == "enclosure"), None)
    address = _address(enclosure.get("href") if enclosure is not None else None, base)
    url = _address(page, base) or address
    key = _line(entry.findtext(f"{_ATOM}id")) or url
    if not title or not key:
        return None
    hosts, guests = _people(entry)
    stated = entry.findtext(f"{_ATOM}published") or entry.findtext(f"{_ATOM}updated")
    video = _line(entry.findtext(f"{_YOUTUBE}videoId"))
    return Listed(
        key=key,
        title=title,
        source=source,
        url=url,
        published=_iso_day(stated),
        video_id=video_id_in(url or "") or video,
        texts=tuple(_texts(entry, base)),
        enclosure=address,
        enclosure_type=(enclosure.get("type") or "").casefold() if enclosure is not None else "",
        description=_prose(entry.findtext(f"{_ATOM}summary")),
        hosts=hosts,
        guests=guests,
    )


def _podcast(parent: Element, name: str) -> list[Element]:
    return [element for space in _PODCAST for element in parent.findall(f"{space}{name}")]


def _texts(item: Element, base: str) -> Iterable[TextLink]:
    for element in _podcast(item, "transcript")[:_MOST_TEXTS]:
        url = _address(element.get("url"), base)
        if url is not None:
            kind = (element.get("type") or "").partition(";")[0].strip().casefold()
            yield TextLink(url, kind, _line(element.get("language")))


def _people(parent: Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the hosts and guests that a feed names; a person without a role is a host, as the namespace says."""
    hosts, guests = [], []
    for element in _podcast(parent, "person")[:_MOST_PEOPLE]:
        name = _line(element.text)
        role = (element.get("role") or "host").strip().casefold()
        if name and role in _HOSTS:
            hosts.append(name)
        elif name and role == "guest":
            guests.append(name)
    return tuple(dict.fromkeys(hosts)), tuple(dict.fromkeys(guests))


def _address(text: str | None, base: str) -> str | None:
    """Return an absolute web address, or None."""
    if text is None or not text.strip():
        return None
    try:
        absolute = urljoin(base, text.strip())
    except ValueError:
        return None
    return absolute if re.fullmatch(r"https?://\S{1,1990}", absolute) else None


def _line(text: str | None) -> str | None:
    line = " ".join(folded(html.unescape(text or "")).split())
    return line[:_LONGEST_LINE] or None


def _prose(text: str | None) -> str | None:
    plain = _TAG.sub("", _BREAK.sub("\n", (text or "")[: 4 * _LONGEST_TEXT]))
    return folded(html.unescape(plain)).strip()[:_LONGEST_TEXT] or None


def _rfc822_day(text: str | None) -> date | None:
    try:
        return _day(parsedate_to_datetime((text or "").strip()))
    except (ValueError, TypeError, IndexError, OverflowError):
        return _iso_day(text)


def _iso_day(text: str | None) -> date | None:
    try:
        return _day(datetime.fromisoformat((text or "").strip()))
    except (ValueError, OverflowError):
        return None


def _day(moment: datetime) -> date:
    return (moment.astimezone(UTC) if moment.tzinfo is not None else moment).date()


def _duration_s(text: str | None) -> float | None:
    parts = (text or "").strip().split(":")
    if not 1 <= len(parts) <= 3 or not all(re.fullmatch(r"\d{1,6}(?:\.\d{1,3})?", part) for part in parts):
        return None
    seconds = 0.0
    for part in parts:
        seconds = 60 * seconds + float(part)
    return seconds if 0 < seconds <= LONGEST_RECORDING_S else None
