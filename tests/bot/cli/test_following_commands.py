"""A folder is followed from the terminal: what lies in it is taken in and indexed, what comes later too."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.render.json_models import schemas


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
def test_a_channel_is_named_by_its_id_or_its_link(house: Any, channel: str) -> None:
    assert house.run("follow", "https://example.org/feed.xml", "--channel", channel).code == 0
    assert house.run("follows", "--json").json["channel"] == "123456789012345678"


def test_a_word_that_is_no_channel_is_refused_with_the_way_to_its_link(house: Any) -> None:
    ran = house.run("follow", "https://example.org/feed.xml", "--channel", "#news")
    assert ran.code == 2
    assert "Copy Link" in ran.said
    assert "Nothing is followed" in house.run("follows").said
