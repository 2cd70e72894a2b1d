"""The public web is read within limits, politely, and never leads to a machine that is nobody's to read."""

from __future__ import annotations

import gzip
import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_web import Plays, SmallWeb, any_port, is_loopback
from waiting import LONG_S

from index.library.sources.errors import (
    AddressRefused,
    PageBlocked,
    PageEmpty,
    PageMissing,
    PageTooLarge,
    SiteTookTooLong,
    SiteUnreachable,
)
from index.library.sources.public_web import (
    Ending,
    PublicWeb,
    checked_address,
    connect,
    is_public,
    retry_s,
)


@pytest.fixture
def small() -> Iterator[SmallWeb]:
    with SmallWeb() as web:
        yield web


@pytest.fixture
def web() -> PublicWeb:
    return PublicWeb(is_allowed=is_loopback, ports=any_port)


def test_a_page_comes_with_what_to_ask_with_the_next_time(small: SmallWeb, web: PublicWeb) -> None:
    small.pages["/feed"] = Plays(
        b"<rss/>",
        kind="Text/XML; charset=utf-8",
        headers={"ETag": '"a1"', "Last-Modified": "Sun, 01 Nov 2026"},
    )
    page = web.read(small.url("/feed"), limit_s=LONG_S)
    assert (page.body, page.content_type, page.etag, page.last_modified) == (
        b"<rss/>", "text/xml", '"a1"', "Sun, 01 Nov 2026",
    )  # fmt: skip
    again = web.read(small.url("/feed"), limit_s=LONG_S, etag=page.etag, last_modified=page.last_modified)
    assert again.is_unchanged
    assert again.body == b""
    assert again.etag == '"a1"'


def test_a_redirect_is_followed_and_says_where_the_page_lies(small: SmallWeb, web: PublicWeb) -> None:
    small.pages["/old"] = Plays(status=301, headers={"Location": "new"})
    small.pages["/new"] = Plays(b"here")
    page = web.read(small.url("/old"), limit_s=LONG_S)
    assert (page.url, page.body) == (small.url("/new"), b"here")


@pytest.mark.parametrize("host", ["a" * 64, "a" * 300, "lantern..example", "\udcff"])
def test_a_redirect_to_what_no_machine_can_be_called_is_a_source_out_of_reach(
    small: SmallWeb, web: PublicWeb, host: str
) -> None:
    small.pages["/old"] = Plays(status=301, headers={"Location": f"http://{'a' * 300}.example/"})
    for url in (small.url("/old"), f"http://{host}.example/"):
        with pytest.raises(SiteUnreachable):
            web.read(url, limit_s=LONG_S)


@pytest.mark.parametrize(
    "location",
    [b"http://[abc", "http://a\u2100b/".encode(), b"http://\xff\xfe/", b"/\x01\xff", b"http://a:99999999/"],
)
def test_a_redirect_to_what_is_no_address_is_refused_in_words(
    small: SmallWeb, web: PublicWeb, location: bytes
) -> None:
    small.pages["/old"] = Plays(status=302, headers={"Location": location.decode("latin-1")})
    with pytest.raises((SiteUnreachable, AddressRefused)):
        web.read(small.url("/old"), limit_s=LONG_S)


def test_a_redirect_names_a_path_in_any_letters(small: SmallWeb, web: PublicWeb) -> None:
    small.pages["/old"] = Plays(status=301, headers={"Location": "/höhle".encode().decode("latin-1")})
    small.pages["/h%C3%B6hle"] = Plays(b"here")
    assert web.read(small.url("/old"), limit_s=LONG_S).body == b"here"


def test_the_body_of_a_redirect_is_not_read(small: SmallWeb, web: PublicWeb) -> None:
    small.pages["/old"] = Plays(b"x" * 1_000_000, 302, headers={"Location": "/new"}, repeats=50)
    small.pages["/new"] = Plays(b"here")
    assert web.read(small.url("/old"), limit_s=LONG_S).body == b"here"
    assert small.n_sent_bytes < 50_000_000


def test_nothing_is_unchanged_that_nobody_had(small: SmallWeb, web: PublicWeb) -> None:
    small.pages["/feed"] = Plays(status=304)
    with pytest.raises(SiteUnreachable):
        web.read(small.url("/feed"), limit_s=LONG_S)
    assert web.read(small.url("/feed"), limit_s=LONG_S, etag='"a"').is_unchanged


def test_redirects_without_end_are_given_up(small: SmallWeb, web: PublicWeb) -> None:
    small.pages["/round"] = Plays(status=302, headers={"Location": "/round"})
    with pytest.raises(AddressRefused) as refusal:
        web.read(small.url("/round"), limit_s=LONG_S)
    assert refusal.value.fields["problem"] == "too many redirects"
    assert len(small.asked) <= 6


@pytest.mark.parametrize(
    "location",
    ["http://10.0.0.7/x", "http://169.254.169.254/latest/meta-data", "http://[::1]:80/", "http://0.0.0.0/",
     "http://[::ffff:192.168.0.1]/", "http://2130706433/", "http://0x7f.1/"],
)  # fmt: skip
def test_a_redirect_to_a_private_machine_is_refused_before_anything_is_sent(
    small: SmallWeb, location: str
) -> None:
    """The first address is let pass by name, as a public one would be; the second is judged anew."""
    first = ipaddress.ip_address("127.0.0.1")
    calls: list[Any] = []

    def only_the_first(address: Any) -> bool:
        calls.append(address)
        return (address == first and len(calls) == 1) or is_public(address)

    small.pages["/away"] = Plays(status=302, headers={"Location": location})
    with pytest.raises((AddressRefused, SiteUnreachable)) as refusal:
        PublicWeb(is_allowed=only_the_first, ports=any_port).read(small.url("/away"), limit_s=LONG_S)
    if isinstance(refusal.value, AddressRefused):
        assert refusal.value.fields["problem"] == "private"
    assert small.paths() == ["/away"]


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://name:word@127.0.0.1/"]
)
def test_a_redirect_to_another_scheme_or_with_a_password_is_refused(
    small: SmallWeb, web: PublicWeb, location: str
) -> None:
    small.pages["/away"] = Plays(status=302, headers={"Location": location})
    with pytest.raises(AddressRefused):
        web.read(small.url("/away"), limit_s=LONG_S)


def test_a_name_is_resolved_once_and_connected_to_as_it_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently the second time (DNS rebinding) is not asked a second time."""
    asked = []
    real = socket.getaddrinfo

    def rebinding(host: str, port: int, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if len(asked) > 1 else "93.184.216.34", port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    connected: list[Any] = []

    class Refusing(socket.socket):
        def connect(self, target: Any) -> None:
            connected.append(target[0])
            raise OSError("no network here")

    monkeypatch.setattr(socket, "socket", Refusing)
    with pytest.raises(OSError, match="no network"):
        connect("rebinding.example", 80, 1.0, is_public)
    assert asked == ["rebinding.example"]
    assert connected == ["93.184.216.34"]


@pytest.mark.parametrize("any_of", [["127.0.0.1"], ["93.184.216.34", "10.1.2.3"]])
def test_a_name_with_one_private_address_among_others_is_refused(
    monkeypatch: pytest.MonkeyPatch, any_of: list[str]
) -> None:
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in any_of]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    with pytest.raises(AddressRefused):
        connect("mixed.example", 80, 1.0, is_public)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1:248:1893:25c8:1946", True), ("127.0.0.1", False),
        ("10.0.0.1", False), ("192.168.1.1", False), ("172.16.0.1", False), ("169.254.169.254", False),
        ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False), ("255.255.255.255", False),
        ("::1", False), ("::", False), ("fe80::1", False), ("fd00::1", False), ("ff02::1", False),
        ("::ffff:127.0.0.1", False), ("2002:7f00:0001::", False), ("64:ff9b::a00:1", False),
        ("64:ff9b::5db8:d822", True),
    ],
)  # fmt: skip
def test_public_addresses_are_told_from_all_others(address: str, expected: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is expected


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_judged_as_what_it_is(plain: ipaddress.IPv4Address) -> None:
    number = int(plain)
    assert is_public(ipaddress.IPv6Address((0xFFFF << 32) | number)) == is_public(plain)
    assert is_public(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))) == is_public(plain)


@pytest.mark.parametrize(
    "url",
    ["", "example.org", "ftp://example.org/x", "file:///etc/passwd", "http://", "http://name:word@example.org/",
     "javascript:alert(1)", "http://example.org/a b", "http://exa\nmple.org/", "http://[::1", "http://x:99999/",
     "http://example.org/" + "a" * 3000],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        checked_address(url)


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_other_ports_than_those_of_web_pages_are_refused(port: int) -> None:
    with pytest.raises(AddressRefused) as refusal:
        PublicWeb(is_allowed=is_loopback).read(f"http://127.0.0.1:{port}/", limit_s=5)
    assert refusal.value.fields["problem"] == "port"


@pytest.mark.parametrize(
    ("plays", "kind"),
    [
        (Plays(b"no", 404), PageMissing),
        (Plays(b"no", 410), PageMissing),
        (Plays(b"no", 403), PageBlocked),
        (Plays(b"no", 429), PageBlocked),
        (Plays(b"no", 503, headers={"Retry-After": "60"}), PageBlocked),
        (Plays(b"no", 503), SiteUnreachable),
        (Plays(b"no", 500), SiteUnreachable),
        (Plays(b""), PageEmpty),
        (Plays(b" \n "), PageEmpty),
    ],
)
def test_each_refusal_has_its_own_name(small: SmallWeb, web: PublicWeb, plays: Plays, kind: type) -> None:
    small.pages["/x"] = plays
    with pytest.raises(kind):
        web.read(small.url("/x"), limit_s=LONG_S)


def test_a_block_says_how_long_to_wait(small: SmallWeb, web: PublicWeb) -> None:
    small.pages["/x"] = Plays(b"slow down", 429, headers={"Retry-After": "120"})
    with pytest.raises(PageBlocked) as block:
        web.read(small.url("/x"), limit_s=LONG_S)
    assert block.value.fields["retry_s"] == 120.0
    assert retry_s("Thu, 01 Jan 1970 00:00:00 GMT") == 0.0
    assert retry_s("999999999") == 86_400.0
    assert [retry_s(text) for text in (None, "", "soon", "-4", "9" * 400)] == [None] * 5
    far = "Mon, 01 Jan 99999999999 00:00:00 GMT", "Mon, 01 Jan 2020 00:00:00 +99999999999999999999"
    assert [retry_s(text) for text in far] == [None] * 2


def test_a_body_of_50_megabytes_is_left_after_the_limit(small: SmallWeb, web: PublicWeb) -> None:
    small.pages["/flood"] = Plays(b"x" * 1_000_000, repeats=50)
    with pytest.raises(PageTooLarge):
        web.read(small.url("/flood"), limit_s=LONG_S, largest_bytes=2_000_000)
    assert small.n_sent_bytes < 50_000_000


def test_a_small_body_that_unpacks_into_a_large_one_is_too_large(small: SmallWeb, web: PublicWeb) -> None:
    small.pages["/bomb"] = Plays(gzip.compress(b"x" * 30_000_000), headers={"Content-Encoding": "gzip"})
    with pytest.raises(PageTooLarge):
        web.read(small.url("/bomb"), limit_s=LONG_S)


@pytest.mark.parametrize(
    "plays", [Plays(b"x" * 10_000, drips_s=0.05), Plays(b"x", drips_headers_s=0.05)], ids=["body", "headers"]
)
def test_a_server_that_drips_is_left_when_the_time_is_over(
    small: SmallWeb, web: PublicWeb, plays: Plays
) -> None:
    """Each byte comes in time; all of them would take minutes."""
    small.pages["/drip"] = plays
    with pytest.raises((SiteTookTooLong, SiteUnreachable)):
        web.read(small.url("/drip"), limit_s=0.5)
    assert small.n_sent_bytes < len(plays.body)


def test_a_page_for_people_is_told_from_a_text(small: SmallWeb, web: PublicWeb) -> None:
    small.pages["/a"] = Plays(b"WEBVTT\n\n00:00.000 --> 00:01.000\nhello", kind="text/vtt")
    small.pages["/b"] = Plays(b"\n<!DOCTYPE html><html>Log in", kind="text/vtt")
    small.pages["/c"] = Plays(b"Log in", kind="text/html; charset=utf-8")
    assert [web.read(small.url(path), limit_s=LONG_S).is_html for path in ("/a", "/b", "/c")] == [
        False,
        True,
        True,
    ]


def test_no_proxy_of_the_environment_is_asked(
    small: SmallWeb, web: PublicWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    small.pages["/x"] = Plays(b"straight")
    assert web.read(small.url("/x"), limit_s=LONG_S).body == b"straight"


def test_of_many_addresses_that_do_not_answer_none_is_tried_when_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 9))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [address] * 50)
    ending, tried = Ending(), []

    class Silent(socket.socket):
        def connect(self, _: object) -> None:
            tried.append(1)
            ending.end()
            raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "socket", Silent)
    with pytest.raises(TimeoutError):
        connect("many.example", 9, 0.1, lambda _: True, ending)
    assert len(tried) == 1
