"""A podcast's feed tells its episodes, their texts, chapters and people; what is no feed is told so."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.library.sources.errors import NotAFeed
from index.library.sources.feeds import parse_chapters, parse_feed
from index.library.sources.listing import FeedChapter, Listed, TextLink
from index.library.sources.public_web import Page

BASE = "https://lantern.example/feeds/show.xml"

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
     xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>
<title>The Lantern Room</title><language>en-gb</language>
<podcast:person role="host">Ottilie Brandt</podcast:person>
<item><title>An older evening</title><guid isPermaLink="false">lantern-11</guid>
  <pubDate>Sat, 14 Feb 2026 22:30:00 -0500</pubDate><link>/11</link></item>
<item><title>Who keeps the keys &amp;amp; why</title><guid>lantern-12</guid>
  <pubDate>Sat, 14 Mar 2026 06:00:00 GMT</pubDate><link>https://lantern.example/12</link>
  <description>&lt;p&gt;Iris on &lt;b&gt;keys&lt;/b&gt;.&lt;/p&gt;Second line</description>
  <itunes:duration>1:02:03</itunes:duration>
  <enclosure url="https://cdn.lantern.example/12.mp3" type="audio/mpeg" length="1"/>
  <podcast:transcript url="12.vtt" type="text/vtt; charset=utf-8"/>
  <podcast:transcript url="https://lantern.example/12.json" type="application/json" language="en"/>
  <podcast:transcript url="javascript:alert(1)" type="text/vtt"/>
  <podcast:chapters url="https://lantern.example/12.chapters.json" type="application/json+chapters"/>
  <podcast:person role="Guest">Iris Vantongeren</podcast:person>
  <podcast:person>Ottilie Brandt</podcast:person></item>
<item><description>no title</description><guid>x</guid></item>
<item><title>nothing to tell it by</title></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015">
<title>Channel</title><entry><id>yt:video:abcdefghijk</id><yt:videoId>abcdefghijk</yt:videoId>
<title>A talk</title><link rel="alternate" href="https://www.youtube.com/watch?v=abcdefghijk"/>
<published>2026-05-01T23:30:00+00:00</published></entry></feed>"""


def feed(text: str | bytes) -> tuple[Listed, ...]:
    body = text if isinstance(text, bytes) else text.encode()
    return parse_feed(Page(BASE, body, etag='"1"')).episodes


def test_an_episode_comes_with_its_texts_chapters_and_people() -> None:
    listing = parse_feed(Page(BASE, RSS.encode(), etag='"1"', last_modified="then"))
    assert (listing.title, listing.etag, listing.last_modified) == ("The Lantern Room", '"1"', "then")
    newest, older = listing.episodes
    assert newest == Listed(
        key="lantern-12",
        title="Who keeps the keys & why",
        source="The Lantern Room",
        url="https://lantern.example/12",
        published=date(2026, 3, 14),
        texts=(
            TextLink("https://lantern.example/feeds/12.vtt", "text/vtt"),
            TextLink("https://lantern.example/12.json", "application/json", "en"),
        ),
        enclosure="https://cdn.lantern.example/12.mp3",
        enclosure_type="audio/mpeg",
        duration_s=3723.0,
        description="Iris on keys.\nSecond line",
        hosts=("Ottilie Brandt",),
        guests=("Iris Vantongeren",),
        chapters_url="https://lantern.example/12.chapters.json",
        language="en-gb",
    )
    assert (older.key, older.url, older.hosts) == (
        "lantern-11",
        "https://lantern.example/11",
        ("Ottilie Brandt",),
    )
    assert older.published == date(2026, 2, 15), "the day in UTC"


def test_atom_and_youtubes_own_feed_are_read() -> None:
    [entry] = feed(ATOM)
    assert (entry.video_id, entry.title, entry.published) == ("abcdefghijk", "A talk", date(2026, 5, 1))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html><body>Log in</body></html>", b"<rss><channel>", b"{}", b"<rss/>", b"\xff\xfe\x00",
        b'<!DOCTYPE x [<!ENTITY a "b">]><rss><channel><title>&a;</title></channel></rss>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><rss><channel/></rss>',
        b"<a>" * 100_000,
        b'<?xml version="1.0" encoding="hex"?><rss><channel/></rss>',
        b"<rss><channel>" + b"<a>" * 40 + b"</a>" * 40 + b"</channel></rss>",
        b"<rss><channel>" + b"<a/>" * 500_000 + b"</channel></rss>",
        b"<rss><channel>" + b"<a b='' c=''/>" * 170_000 + b"</channel></rss>",
    ],
)  # fmt: skip
def test_what_is_no_feed_is_told_so(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        feed(body)


@given(st.binary(max_size=400))
def test_no_bytes_do_harm(body: bytes) -> None:
    with contextlib.suppress(NotAFeed):
        feed(body)
    parse_chapters(body)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=80))
def test_any_date_and_duration_is_read_or_left_out(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    source = RSS.replace("Sat, 14 Mar 2026 06:00:00 GMT", escaped).replace("1:02:03", escaped)
    assert {item.key for item in feed(source)} == {"lantern-11", "lantern-12"}


def test_an_item_that_comes_twice_is_one_episode() -> None:
    item = "<item><title>A</title><guid>1</guid></item>"
    assert len(feed(f"<rss><channel><title>T</title>{item}{item}</channel></rss>")) == 1


def test_chapters_are_read_in_order_and_hidden_ones_left_out() -> None:
    data = (
        b'{"version": "1.2.0", "chapters": [{"startTime": 60, "title": "Second"}, {"startTime": 0, "title": "First"},'
        b'{"startTime": 30, "title": "An advert", "toc": false}, {"startTime": -1, "title": "x"}, {"startTime": true,'
        b'"title": "y"}, {"title": "z"}, 7]}'
    )
    assert parse_chapters(data) == (FeedChapter(0.0, "First"), FeedChapter(60.0, "Second"))
    assert parse_chapters(b'{"chapters": 3}') == parse_chapters(b"[]") == ()


def items_of(*days: str) -> str:
    items = (
        f"<item><title>Evening {number}</title><guid>{number}</guid>{day}</item>"
        for number, day in enumerate(days)
    )
    return f"<rss><channel><title>The Lantern Room</title>{''.join(items)}</channel></rss>"


def test_episodes_of_one_day_or_of_none_stay_in_the_order_of_the_feed() -> None:
    day = "<pubDate>Sat, 14 Mar 2026 06:00:00 GMT</pubDate>"
    later = "<pubDate>Sun, 15 Mar 2026 06:00:00 GMT</pubDate>"
    assert [item.key for item in feed(items_of("", "", ""))] == ["0", "1", "2"]
    assert [item.key for item in feed(items_of(day, later, day, ""))] == ["1", "0", "2", "3"]


def test_of_two_items_with_one_key_the_first_counts() -> None:
    twice = items_of("", "").replace("<guid>1<", "<guid>0<")
    assert [item.title for item in feed(twice)] == ["Evening 0"]


def test_a_day_beyond_the_calendar_is_no_day() -> None:
    (item,) = feed(items_of("<pubDate>Fri, 31 Dec 9999 23:59:59 -0500</pubDate>"))
    assert item.published is None
