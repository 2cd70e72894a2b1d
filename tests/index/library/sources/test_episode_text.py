"""The best text of an episode is taken: published, then captions; who has none is told what a person can do."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yt_dlp
from small_web import Plays, SmallWeb, any_port, is_loopback
from waiting import LONG_S

from index.library.ingest import Overrides, parse_bytes, plan_episode
from index.library.sources import Fetched, Known, WebAndFolderSources, source_of
from index.library.sources.episode_text import EpisodeTextFetcher
from index.library.sources.errors import (
    AddressRefused,
    FolderUnreadable,
    NoCaptions,
    NoFeedGiven,
    NoText,
    NothingToFollow,
    PageBlocked,
    PostsGiven,
    RepositoryUnreadable,
    SiteTookTooLong,
    SiteUnreachable,
    SourceBlocked,
    SourceChanged,
    SourceUnreachable,
)
from index.library.sources.folders import Repositories, list_folder
from index.library.sources.listing import Listed, TextLink
from index.library.sources.public_web import PublicWeb
from index.library.sources.youtube_lists import parse_listing
from scoring.errors import CodedError

VIDEO = "abcdefghijk"
VTT = b"WEBVTT\n\n00:00.000 --> 00:04.000\nWho keeps the keys of the house?\n"


class Captions:
    """YouTube, as a test wants it."""

    def __init__(self, error: CodedError | None = None) -> None:
        self.error, self.asked = error, 0

    def fetch(self, video_id: str, *, limit_s: float) -> Fetched:
        self.asked += 1
        if self.error is not None:
            raise self.error
        data = json.dumps([{"text": "said", "start": 0.0, "duration": 2.0}]).encode()
        return Fetched(video_id, f"{video_id}.en.json", data, "en", True, {"title": "As YouTube says"})


@pytest.fixture
def small() -> Iterator[SmallWeb]:
    with SmallWeb() as web:
        yield web


def fetcher(captions: Captions) -> EpisodeTextFetcher:
    return EpisodeTextFetcher(PublicWeb(is_allowed=is_loopback, ports=any_port), captions)


def item(*links: TextLink, **more: Any) -> Listed:
    return Listed(
        **{"key": "k", "title": "Keys", "texts": links, "video_id": VIDEO, "source": "Lantern", **more}
    )


def test_a_published_transcript_goes_before_captions(small: SmallWeb) -> None:
    small.pages["/12.vtt"] = Plays(VTT, kind="text/vtt")
    captions = Captions()
    listed = item(
        TextLink(small.url("/12.vtt"), "text/vtt"), hosts=("Ottilie Brandt",), guests=("Iris Vantongeren",)
    )
    fetched = fetcher(captions).fetch(listed, limit_s=LONG_S)
    assert fetched.data == VTT
    assert captions.asked == 0
    parsed = parse_bytes(fetched.data, fetched.name, sidecars=fetched.sidecars)
    plan = plan_episode(parsed, Overrides(chapters=((0.0, "On keys"),)), Path("nowhere"))
    about = plan.about
    assert (about.title, about.source, about.hosts, about.guests) == (
        "Keys", "Lantern", ("Ottilie Brandt",), ("Iris Vantongeren",),
    )  # fmt: skip
    assert plan.origins["guests"] == "info.json"
    assert [(mark.start_s, mark.title) for mark in about.chapters] == [(0.0, "On keys")]


def test_of_several_texts_the_own_language_and_the_one_that_tells_most_is_taken(small: SmallWeb) -> None:
    for path in ("/a.html", "/b.vtt", "/c.json", "/d.json"):
        small.pages[path] = Plays(VTT)
    links = [
        TextLink(small.url("/a.html"), "text/html"),
        TextLink(small.url("/b.vtt"), "text/vtt"),
        TextLink(small.url("/c.json"), "application/json", "fr"),
        TextLink(small.url("/d.json"), "application/json", "en-US"),
    ]
    fetcher(Captions()).fetch(item(*links, language="en"), limit_s=LONG_S)
    assert small.paths() == ["/d.json"]


@pytest.mark.parametrize(
    "plays",
    [
        Plays(b"gone", 404),
        Plays(b""),
        Plays(b"<!doctype html><html>Please log in</html>", kind="text/vtt"),
        Plays(b"broken", 500),
        Plays(b"x" * 1_000_000, repeats=50),
    ],
    ids=["missing", "empty", "page", "failed", "flood"],
)
def test_where_the_published_text_cannot_be_had_captions_are_taken(small: SmallWeb, plays: Plays) -> None:
    small.pages["/12.vtt"] = plays
    fetched = fetcher(Captions()).fetch(item(TextLink(small.url("/12.vtt"), "text/vtt")), limit_s=LONG_S)
    assert fetched.is_generated
    assert fetched.info is not None
    assert (fetched.info["title"], fetched.info["series"]) == ("As YouTube says", "Lantern")


def test_a_server_that_turns_us_away_is_not_passed_by(small: SmallWeb) -> None:
    small.pages["/12.vtt"] = Plays(b"no", 429, headers={"Retry-After": "77"})
    captions = Captions()
    with pytest.raises(PageBlocked) as block:
        fetcher(captions).fetch(item(TextLink(small.url("/12.vtt"), "text/vtt")), limit_s=LONG_S)
    assert block.value.fields["retry_s"] == 77
    assert captions.asked == 0


def test_nobody_publishes_a_text(small: SmallWeb) -> None:
    small.pages["/12.html"] = Plays(b"<html>words</html>", kind="text/html")
    lonely = item(TextLink(small.url("/12.html"), "text/html"))
    with pytest.raises(NoText) as told:
        fetcher(Captions(NoCaptions(video_id=VIDEO))).fetch(lonely, limit_s=LONG_S)
    assert told.value.fields == {"title": "Keys", "tried": ["not_captions", "no_captions"]}


def test_what_was_not_reached_is_not_called_missing(small: SmallWeb) -> None:
    small.pages["/12.vtt"] = Plays(b"broken", 500)
    with pytest.raises(SiteUnreachable):
        fetcher(Captions()).fetch(
            item(TextLink(small.url("/12.vtt"), "text/vtt"), video_id=None), limit_s=LONG_S
        )
    with pytest.raises(SourceBlocked):
        fetcher(Captions(SourceBlocked(video_id=VIDEO))).fetch(item(), limit_s=LONG_S)


def test_a_link_to_a_private_machine_in_a_feed_is_not_followed() -> None:
    captions = Captions(NoCaptions(video_id=VIDEO))
    inner = item(
        TextLink("http://127.0.0.1/secret.vtt", "text/vtt"), TextLink("http://10.0.0.1/x", "text/vtt")
    )
    with pytest.raises(NoText) as told:
        EpisodeTextFetcher(PublicWeb(), captions).fetch(inner, limit_s=LONG_S)
    assert told.value.fields["tried"] == ["address_refused", "address_refused", "no_captions"]


def test_chapters_of_a_feed_come_with_the_text_and_are_not_worth_failing_for(small: SmallWeb) -> None:
    small.pages["/12.vtt"] = Plays(VTT, kind="text/vtt")
    small.pages["/chapters"] = Plays(b'{"chapters": [{"startTime": 0, "title": "On keys"}]}')
    link = TextLink(small.url("/12.vtt"), "text/vtt")
    fetched = fetcher(Captions()).fetch(item(link, chapters_url=small.url("/chapters")), limit_s=LONG_S)
    assert [(mark.start_s, mark.title) for mark in fetched.chapters] == [(0.0, "On keys")]
    del small.pages["/chapters"]
    assert (
        fetcher(Captions()).fetch(item(link, chapters_url=small.url("/chapters")), limit_s=LONG_S).chapters
        == ()
    )


def test_a_feed_that_did_not_change_is_told_so(small: SmallWeb, tmp_path: Path) -> None:
    sources = WebAndFolderSources(Captions(), tmp_path, is_allowed=is_loopback, ports=any_port)
    rss = b"<rss><channel><title>T</title><item><title>A</title><guid>1</guid></item></channel></rss>"
    small.pages["/feed"] = Plays(rss, headers={"ETag": '"a"'})
    first = sources.listing("feed", small.url("/feed"), Known())
    assert [episode.key for episode in first.episodes] == ["1"]
    second = sources.listing("feed", small.url("/feed"), Known(first.etag, first.last_modified))
    assert (second.is_unchanged, second.episodes, second.etag) == (True, (), '"a"')


RECORDED = {
    "id": "UC0", "title": "The Lantern Room - Videos", "channel": "The Lantern Room", "_type": "playlist",
    "entries": [
        {"_type": "url", "id": "aaaaaaaaaaa", "title": "Newest", "duration": 3600.0, "timestamp": 1773446400,
         "url": "https://www.youtube.com/watch?v=aaaaaaaaaaa", "channel": None, "live_status": None},
        {"_type": "url", "id": "bbbbbbbbbbb", "title": "Soon", "live_status": "is_upcoming"},
        {"_type": "url", "id": "ccccccccccc", "title": "[Private video]", "upload_date": "20260101"},
        {"_type": "url", "id": "UCchannel", "title": "a tab"},
        None,
    ],
}  # fmt: skip


def test_a_channel_as_yt_dlp_lists_it() -> None:
    listing = parse_listing(RECORDED)
    assert listing.title == "The Lantern Room"
    assert [(episode.key, episode.title, str(episode.published)) for episode in listing.episodes] == [
        ("aaaaaaaaaaa", "Newest", "2026-03-14"), ("ccccccccccc", "[Private video]", "2026-01-01"),
    ]  # fmt: skip
    with pytest.raises(SourceChanged):
        parse_listing({"id": "x"})


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (
            "ERROR: [youtube:tab] @x: Unable to download API page: HTTP Error 404: Not Found",
            "video_not_found",
        ),
        ("ERROR: Sign in to confirm you’re not a bot", "source_blocked"),
        ("ERROR: Unable to download API page: HTTP Error 429: Too Many Requests", "source_blocked"),
        ("ERROR: The read operation timed out", "source_took_too_long"),
        ("ERROR: Unable to download webpage: Failed to resolve 'www.youtube.com'", "source_unreachable"),
        ("ERROR: something that nobody has seen", "source_changed"),
    ],
)
def test_what_yt_dlp_says_of_a_channel_has_a_name(words: str, kind: str, tmp_path: Path) -> None:
    def listed(link: str, **_: Any) -> Any:
        assert link == "https://www.youtube.com/@lantern/videos"
        raise yt_dlp.utils.DownloadError(words)

    sources = WebAndFolderSources(Captions(), tmp_path, list_videos=listed)
    with pytest.raises(CodedError) as told:
        sources.listing("youtube", "https://www.youtube.com/@lantern", Known())
    assert told.value.code == kind


def test_the_name_of_a_channel_is_no_reason_why_it_cannot_be_listed(tmp_path: Path) -> None:
    def listed(*_: Any, **__: Any) -> Any:
        raise yt_dlp.utils.DownloadError(
            "ERROR: [youtube:tab] @Private404: Unable to download API page: reset"
        )

    sources = WebAndFolderSources(Captions(), tmp_path, list_videos=listed)
    with pytest.raises(SourceUnreachable):
        sources.listing("youtube", "https://www.youtube.com/@Private404", Known())


def test_a_folder_lists_its_transcripts_and_a_changed_one_anew(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    path = tmp_path / "inner" / "2026-03-14-keys.vtt"
    path.write_bytes(VTT)
    (tmp_path / "README.md").write_text("no transcript", "utf-8")
    [listed] = list_folder(tmp_path).episodes
    assert listed.file == "inner/2026-03-14-keys.vtt"
    assert list_folder(tmp_path).episodes == (listed,)
    path.write_bytes(VTT + b"\n00:05.000 --> 00:06.000\nMore.\n")
    [changed] = list_folder(tmp_path).episodes
    assert (changed.file, changed.key != listed.key) == (listed.file, True)
    fetched = WebAndFolderSources(Captions(), tmp_path / "copies").fetch("folder", str(tmp_path), changed)
    assert (fetched.name, fetched.data) == ("2026-03-14-keys.vtt", path.read_bytes())
    with pytest.raises(FolderUnreadable):
        list_folder(tmp_path / "none")


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_a_repository_is_copied_once_and_brought_up_to_date(tmp_path: Path) -> None:
    origin, copies = tmp_path / "origin", tmp_path / "copies"
    origin.mkdir()
    git(origin, "init")
    (origin / "keys.vtt").write_bytes(VTT)
    (origin / "passwd.vtt").symlink_to("/etc/passwd")
    git(origin, "add", ".")
    git(origin, "commit", "-m", "first")
    sources = WebAndFolderSources(Captions(), copies, protocols=("https", "file"))
    address = f"file://{origin}"
    first = sources.listing("repository", address, Known())
    assert [episode.file for episode in first.episodes] == ["keys.vtt", "passwd.vtt"]
    assert b"root:" not in sources.fetch("repository", address, first.episodes[1]).data, (
        "no link leads out of it"
    )
    (origin / "locks.vtt").write_bytes(VTT)
    git(origin, "add", ".")
    git(origin, "commit", "-m", "second")
    second = sources.listing("repository", address, Known())
    assert [episode.file for episode in second.episodes] == ["keys.vtt", "locks.vtt", "passwd.vtt"]
    assert first.episodes[0] in second.episodes, "what did not change is listed as before"
    sources.forget("repository", address)
    assert list(copies.iterdir()) == []


def commit_of(folder: Path, tree: str) -> str:
    """Commit a tree that ``git mktree`` is to make, and return that tree's name."""
    made = subprocess.run(
        ["git", "mktree"], cwd=folder, input=tree, check=True, capture_output=True, text=True
    ).stdout.strip()
    committed = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit-tree", made, "-m", "more"],
        cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    git(folder, "update-ref", "HEAD", committed.stdout.strip())
    return made


def test_a_repository_that_names_billions_of_files_is_refused_before_any_is_written(tmp_path: Path) -> None:
    origin, copies = tmp_path / "origin", tmp_path / "copies"
    origin.mkdir()
    git(origin, "init")
    (origin / "keys.vtt").write_bytes(VTT)
    git(origin, "add", ".")
    git(origin, "commit", "-m", "first")
    repositories, address = Repositories(copies, protocols=("file",)), f"file://{origin}"
    kept = repositories.update(address, limit_s=LONG_S)
    said = subprocess.run(
        ["git", "hash-object", "keys.vtt"], cwd=origin, check=True, capture_output=True, text=True
    )
    inner = commit_of(origin, "".join(f"100644 blob {said.stdout.strip()}\t{n}.vtt\n" for n in range(10)))
    for _ in range(9):  # each folder holds ten times the same one
        inner = commit_of(origin, "".join(f"040000 tree {inner}\t{n}\n" for n in range(10)))
    with pytest.raises(RepositoryUnreadable) as refused:
        repositories.update(address, limit_s=LONG_S)
    assert refused.value.problem == "too_many_files"
    assert [path.name for path in kept.glob("*.vtt")] == ["keys.vtt"]
    repositories.forget(address)
    with pytest.raises(RepositoryUnreadable):
        repositories.update(address, limit_s=LONG_S)
    assert list(copies.iterdir()) == []


def test_a_repository_without_a_commit_is_empty(tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    origin.mkdir()
    git(origin, "init")
    with pytest.raises(RepositoryUnreadable) as refused:
        Repositories(tmp_path / "copies", protocols=("file",)).update(f"file://{origin}", limit_s=LONG_S)
    assert refused.value.problem == "empty_repository"


@pytest.mark.parametrize(
    "address", ["ext::sh -c true", "ssh://example.org/x.git", "file:///etc", "git@example.org:x"]
)
def test_a_repository_is_had_over_https_alone(address: str, tmp_path: Path) -> None:
    with pytest.raises((AddressRefused, RepositoryUnreadable)):
        Repositories(tmp_path).update(address, limit_s=LONG_S)


@pytest.mark.parametrize(
    ("said", "status", "problem"),
    [
        ("/bin/sh: 1: exec: git: not found\n", 127, "git_missing"),
        (
            "Cloning into 'x'...\nfatal: unable to access 'https://git.example.org/x/': Failed to connect to "
            "git.example.org port 443 after 130 ms: Couldn't connect to server\n",
            128,
            "site_not_reached",
        ),
        (
            "fatal: could not read Username for 'https://git.example.org': terminal prompts disabled\n",
            128,
            "no_repository",
        ),
        (
            "remote: Not Found\nfatal: repository 'https://git.example.org/x/' not found\n",
            128,
            "no_repository",
        ),
        ("fatal: couldn't find remote ref HEAD\n", 128, "empty_repository"),
        ("fatal: write error: No space left on device\n", 128, "disk_full"),
        ("fatal: bad object\n", 128, "bad object"),
        ("", 3, "git: 3"),
    ],
)
def test_why_a_repository_cannot_be_read_is_a_plain_sentence(
    said: str, status: int, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "git").write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{said}END\nexit {status}\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(RepositoryUnreadable) as refused:
        Repositories(tmp_path / "copies", protocols=("file",)).update("file:///nowhere", limit_s=LONG_S)
    assert refused.value.problem == problem


def test_what_git_has_started_ends_with_it_when_the_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = tmp_path / "written"
    (tmp_path / "git").write_text(f"#!/bin/sh\n(sleep 2; touch {written}) &\nwait\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(SiteTookTooLong):
        Repositories(tmp_path / "copies", protocols=("file",)).update("file:///nowhere", limit_s=0.5)
    time.sleep(2.5)
    assert not written.exists()


def test_a_host_that_is_not_found_is_a_plain_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(RepositoryUnreadable) as refused:
        Repositories(tmp_path).update("https://git.example.org/x.git", limit_s=LONG_S)
    assert refused.value.problem == "host_not_found"


def test_a_repository_on_a_private_machine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AddressRefused):
        Repositories(tmp_path).update("https://127.0.0.1/x.git", limit_s=LONG_S)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://www.youtube.com/@lantern", "youtube"),
        ("https://www.youtube.com/playlist?list=PL0", "youtube"),
        ("https://github.com/lantern/transcripts", "repository"),
        ("https://git.example.org/lantern/transcripts.git", "repository"),
        ("https://lantern.example/feed.xml", "feed"),
    ],
)
def test_the_kind_of_a_source_is_told_by_its_link(text: str, kind: str) -> None:
    assert source_of(f" {text} ", folders=False) == (kind, text)


@pytest.mark.parametrize(
    "link",
    [
        "https://open.spotify.com/show/2MAi0BvDc6GTFvKFPXnkCL",
        "https://podcasts.apple.com/us/podcast/lantern/id1",
    ],
)
def test_an_app_that_plays_podcasts_is_no_feed(link: str) -> None:
    with pytest.raises(NoFeedGiven):
        source_of(link, folders=False)


@pytest.mark.parametrize(
    "link", ["https://x.com/ylecun", "https://www.linkedin.com/in/ada-lind/recent-activity/"]
)
def test_a_network_of_posts_is_no_source(link: str) -> None:
    with pytest.raises(PostsGiven):
        source_of(link, folders=False)


def test_folders_are_followed_by_the_machines_owner_alone(tmp_path: Path) -> None:
    assert source_of(str(tmp_path), folders=True) == ("folder", str(tmp_path))
    for text in (str(tmp_path), "", "hello", VIDEO, f"https://youtu.be/{VIDEO}", "file:///etc"):
        with pytest.raises(NothingToFollow):
            source_of(text, folders=False)
