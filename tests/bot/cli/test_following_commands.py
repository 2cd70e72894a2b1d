"""A folder is followed from the terminal: what lies in it is taken in and indexed, what comes later too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_web import Plays, SmallWeb, any_port, is_loopback

from bot.cli import following
from bot.render.json_models import schemas
from index.library.sources import WebAndFolderSources, YouTubeSource

FEED = b"""<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>
<title>The Mill Hour</title>
<item><title>On dams</title><guid>1</guid><podcast:transcript url="https://mill.example/1.vtt" type="text/vtt"/></item>
<item><title>On bees</title><guid>2</guid></item></channel></rss>"""


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SmallWeb]:
    """A small web on this machine, to which links lead."""

    def made(_settings: Any) -> WebAndFolderSources:
        return WebAndFolderSources(
            YouTubeSource(), tmp_path / "copies", is_allowed=is_loopback, ports=any_port
        )

    monkeypatch.setattr(following, "make_sources", made)
    with SmallWeb() as small:
        yield small


@pytest.fixture
def inbox(tmp_path: Path, talk: str) -> Path:
    folder = tmp_path / "River Talks"
    folder.mkdir()
    (folder / "The Mill - Ada Lind.vtt").write_text(talk, "utf-8")
    return folder


def test_a_folder_is_followed_looked_at_listed_and_let_go(indexed: Any, inbox: Path, talk: str) -> None:
    ran = indexed.run("follow", inbox, "--channel", "77")
    assert (ran.code, "as number 1" in ran.said) == (0, True)
    known = indexed.run("follow", inbox).said
    assert "followed already, as number 1" in known
    assert "counterpoint follows" in known, "a terminal has no /admin"
    moved = indexed.run("follow", inbox, "--channel", "78").said
    assert "followed already, as number 1; new episodes are announced in channel 78 from now on" in moved
    looked = indexed.run("follows", "--look", COUNTERPOINT_FETCH_PAUSE_S="0")
    assert looked.code == 0, looked.err
    assert "1 episode added, 1 indexed" in looked.said
    assert len(indexed.slugs()) == 3
    found = indexed.run("find", "the mill stood still", "--json")
    assert "River Talks" in {passage["source"] for passage in found.json["passages"]}
    [line] = indexed.run("follows", "--json").lines
    assert list(line) == list(schemas()["follows"]["$defs"]["FollowedJson"]["properties"])
    assert (line["kind"], line["taken_in"], line["waiting"], line["channels"]) == ("folder", 1, 0, ["78"])
    again = indexed.run("follows", "--look", COUNTERPOINT_FETCH_PAUSE_S="0")
    assert "0 episodes added" in again.said
    shutil.rmtree(inbox)
    gone = indexed.run("follows", "--look", COUNTERPOINT_FETCH_PAUSE_S="0")
    assert "is no folder that can be read" in gone.said
    assert "following: River Talks: " in indexed.run("doctor").said
    assert "is followed no longer" in indexed.run("unfollow", "1").said
    assert len(indexed.slugs()) == 3, "what came of it stays"
    empty = indexed.run("follows")
    assert (empty.code, "Nothing is followed" in empty.said) == (1, True)
    assert "Nothing is followed under number 1" in indexed.run("unfollow", "1").said


@pytest.mark.parametrize("link", ["https://youtu.be/abcdefghijk", "https://mill.example/12.vtt"])
def test_a_single_conversation_is_to_be_added_rather_than_followed(house: Any, link: str) -> None:
    ran = house.run("follow", link)
    assert ran.code == 1
    assert "counterpoint add" in ran.said


@pytest.mark.parametrize("link", ["no/such/folder", "ftp://example.org"])
def test_what_is_nothing_to_follow_is_told_so(house: Any, link: str) -> None:
    ran = house.run("follow", link)
    assert ran.code == 1
    assert "nothing to follow" in ran.said


@pytest.mark.parametrize(
    "channel", ["123456789012345678", "https://discord.com/channels/42/123456789012345678"]
)
def test_a_channel_is_named_by_its_id_or_its_link(house: Any, inbox: Path, channel: str) -> None:
    assert house.run("follow", inbox, "--channel", channel).code == 0
    assert house.run("follows", "--json").json["channel"] == "123456789012345678"


def test_a_word_that_is_no_channel_is_refused_with_the_way_to_its_link(house: Any) -> None:
    ran = house.run("follow", "https://example.org/feed.xml", "--channel", "#news")
    assert ran.code == 2
    assert "Copy Link" in ran.said
    assert "Nothing is followed" in house.run("follows").said


def test_a_feed_is_looked_at_before_it_is_followed(house: Any, web: SmallWeb) -> None:
    web.pages["/feed.xml"] = Plays(FEED, kind="application/rss+xml")
    ran = house.run("follow", web.url("/feed.xml"))
    assert ran.code == 0
    assert (
        "as number 1. Found there: “The Mill Hour”, 2 episodes. Its episodes so far are taken in" in ran.said
    )
    assert (house.run("follows", "--json").json["title"], web.paths()) == ("The Mill Hour", ["/feed.xml"])
    web.pages["/silent.xml"] = Plays(FEED.replace(b"podcast:transcript", b"link"), kind="application/rss+xml")
    assert "None of them comes with a transcript" in house.run("follow", web.url("/silent.xml")).said


def test_a_page_without_a_feed_is_not_followed(house: Any, web: SmallWeb) -> None:
    web.pages["/12"] = Plays(b"<!doctype html><html>A show</html>", kind="text/html")
    ran = house.run("follow", web.url("/12"))
    assert (ran.code, "sent no podcast feed" in ran.said) == (1, True)
    assert "Nothing is followed" in house.run("follows").said


def test_what_does_not_answer_is_followed_and_said_not_to_be_known_yet(house: Any, web: SmallWeb) -> None:
    web.pages["/feed.xml"] = Plays(b"later", 503)
    ran = house.run("follow", web.url("/feed.xml"))
    assert ran.code == 0
    assert "so what there is to follow is not known yet" in ran.said
    assert "not read so far" in house.run("follows").said
