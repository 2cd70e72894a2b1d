"""Claims about links into recordings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.transcripts.links import (
    is_list_of_videos,
    is_web_link,
    link_at,
    normalized_address,
    video_id_in,
    video_id_of,
    video_url,
)

ID = "a1B2-c3_D4e"
ids = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", min_size=11, max_size=11)


@pytest.mark.parametrize(
    "text",
    [
        f"https://www.youtube.com/watch?v={ID}",
        f"https://www.youtube.com/watch?v={ID}&list=PLabcdefghijklmnop&index=4",
        f"http://m.youtube.com/watch?app=desktop&v={ID}#t=4",
        f"https://youtu.be/{ID}?t=75",
        f"youtu.be/{ID}",
        f"https://YouTube.com/shorts/{ID}",
        f"https://www.youtube-nocookie.com/embed/{ID}?rel=0",
        f"https://www.youtube.com/live/{ID}",
        f"<a href='https://www.youtube.com/watch?list=x&amp;v={ID}'>",
        f"Watch it ([YouTube](https://youtu.be/{ID})), or read on.",
    ],
)
def test_every_form_of_link_names_its_video(text: str) -> None:
    assert video_id_in(text) == ID
    assert video_id_of(text) == ID


@pytest.mark.parametrize(
    "text",
    [
        "https://notyoutube.com/watch?v=" + ID,
        "https://www.youtube.com/playlist?list=PLabcdefghijklmnopqrstuv",
        "https://www.youtube.com/@somebody",
        "https://www.youtube.com/embed/videoseries?list=PLabcdefghijklmnopqrstuv",
        "https://www.youtube.com/embed/live_stream?channel=UCabcdefghijklmnopqrst",
        "https://www.youtube.com/watch?v=" + ID + "x",
        "https://youtu.be/short",
        "https://example.com/" + ID,
        "",
    ],
)
def test_what_is_no_link_to_a_video_names_none(text: str) -> None:
    assert video_id_in(text) is None


def test_a_playlist_before_the_video_does_not_hide_it() -> None:
    text = f"https://www.youtube.com/playlist?list=PLx then https://youtu.be/{ID}"
    assert video_id_of(text) == ID


def test_a_bare_id_is_an_id_and_no_link() -> None:
    assert video_id_of(f" {ID} ") == ID
    assert video_id_in(ID) is None


@given(ids)
def test_the_page_of_a_video_names_that_video(video_id: str) -> None:
    assert video_id_of(video_url(video_id)) == video_id


@given(st.floats(0, 1e6))
def test_a_link_opens_at_most_three_seconds_early_and_never_before_the_start(second: float) -> None:
    link = link_at(None, ID, second)
    assert link is not None
    opened_s = int(link.rpartition("=")[2])
    assert opened_s >= 0
    assert opened_s <= second <= opened_s + 3


def test_other_recordings_get_a_media_fragment_in_place_of_their_own() -> None:
    assert link_at("https://show.example/7#notes", None, 62.5) == "https://show.example/7#t=60"


def test_a_youtube_address_is_linked_by_its_video_even_where_only_the_address_is_known() -> None:
    assert link_at(f"https://www.youtube.com/watch?v={ID}", None, 10.0) == f"https://youtu.be/{ID}?t=8"


def test_no_second_or_no_address_is_no_link() -> None:
    assert link_at("https://show.example/7", ID, None) is None
    assert link_at(None, None, 3.0) is None


def test_hostile_text_is_searched_in_passing() -> None:
    for text in ("a." * 200_000, "youtube.com/watch?" * 20_000, "youtube.com/watch?" + "&" * 300_000):
        assert video_id_in(text) is None


@pytest.mark.parametrize(
    ("text", "is_list"),
    [
        ("https://www.youtube.com/playlist?list=PL91", True),
        ("https://youtube.com/@name", True),
        ("youtube.com/@name", True),
        ("www.youtube.com/playlist?list=PL91", True),
        ("my youtube.com/@name", False),
        ("https://www.youtube.com/@name/videos", True),
        ("https://www.youtube.com/channel/UCabc", True),
        ("https://www.youtube.com/watch?v=a1B2-c3_D4e&list=PL91", False),
        ("https://vimeo.com/12345", False),
        ("playlist", False),
    ],
)
def test_a_playlist_or_channel_is_told_from_a_video(text: str, is_list: bool) -> None:
    assert is_list_of_videos(text) == is_list


@pytest.mark.parametrize("text", ["http://a.example", "HTTPS://A.example/x", "Http://127.0.0.1"])
def test_a_web_link_begins_with_its_scheme(text: str) -> None:
    assert is_web_link(text)
    assert not is_web_link(f"see {text}")


@pytest.mark.parametrize("text", ["ftp://a.example", "httpx://a.example", "http:/a", "a.example", ""])
def test_another_address_is_no_web_link(text: str) -> None:
    assert not is_web_link(text)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("HTTPS://AXRP.net/feed.xml", "https://axrp.net/feed.xml"),
        ("https://axrp.net.:443", "https://axrp.net/"),
        ("http://axrp.net:80/%7efeed%2fx?Q=%41", "http://axrp.net/~feed%2Fx?Q=A"),
        ("https://axrp.net:8443/Feed.xml#top", "https://axrp.net:8443/Feed.xml#top"),
        ("http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080/"),
    ],
)
def test_spellings_of_one_address_become_one(written: str, plain: str) -> None:
    assert normalized_address(written) == plain
    assert normalized_address(plain) == plain


@pytest.mark.parametrize(
    "other",
    [
        "https://www.axrp.net/feed",
        "https://axrp.net/feed/",
        "https://axrp.net/Feed",
        "https://axrp.net/feed?b=1&a=2",
        "https://axrp.net:444/feed",
    ],
)
def test_what_a_server_may_tell_apart_stays_apart(other: str) -> None:
    assert normalized_address(other) != normalized_address("https://axrp.net/feed")


@given(st.text(max_size=40).map("https://".__add__))
def test_any_text_has_one_normal_form(text: str) -> None:
    once = normalized_address(text)
    assert normalized_address(once) == once
