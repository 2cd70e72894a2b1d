"""A recording, here or on the web, becomes an episode by a speech service; its feed names it."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from loopback_http import Reply
from small_web import Plays, SmallWeb, any_port, is_loopback
from speech_service import speech_service, write_silence

from bot.app.community import follows_in
from bot.app.job_progress import Step, read_line
from bot.cli import transcribe as transcribe_command
from index.library.sources import Listed, Listing, WebAndFolderSources, YouTubeSource, local_speech


def test_a_file_becomes_an_episode(house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = write_silence(tmp_path / "talk.wav", 3)
    monkeypatch.setattr(local_speech, "is_installed", lambda: False)
    assert "COUNTERPOINT_SPEECH_URL" in house.run("transcribe", recording).said
    with speech_service(tmp_path) as service:
        set_up = {"COUNTERPOINT_SPEECH_URL": service.url, "COUNTERPOINT_SPEECH_KEY": "secret"}
        ran = house.run("transcribe", recording, "--title", "On keys", "--source", "River Talks", **set_up)
        assert (ran.code, service.seconds) == (0, [3.0]), ran.said
    [slug] = house.slugs()
    about = json.loads((house.library / slug / "episode.json").read_text("utf-8"))
    assert (about["title"], about["source"]) == ("On keys", "River Talks")
    assert recording.exists()


def test_a_podcasts_recording_is_fetched_once_and_named_by_its_feed(
    house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SmallWeb() as web, speech_service(tmp_path) as service:
        sources = WebAndFolderSources(YouTubeSource(), tmp_path, is_allowed=is_loopback, ports=any_port)
        monkeypatch.setattr(transcribe_command, "make_sources", lambda _: sources)
        link = web.url("/media/evening.wav")
        web.pages["/media/evening.wav"] = Plays(
            write_silence(tmp_path / "e.wav", 3).read_bytes(), kind="audio/wav"
        )
        asyncio.run(_follow(house.state, link))
        service.answers[0] = Reply(500, b"broken")
        set_up = {"COUNTERPOINT_SPEECH_URL": service.url, "COUNTERPOINT_SPEECH_KEY": "secret"}
        broken = house.run("transcribe", link, **set_up)
        assert broken.code == 1, broken.said
        ran = house.run("transcribe", link, **set_up)
        assert ran.code == 0, ran.said
        assert web.paths() == ["/media/evening.wav"], "what was fetched before is not fetched again"
    [slug] = house.slugs()
    about = json.loads((house.library / slug / "episode.json").read_text("utf-8"))
    assert (slug, about["title"], about["source"]) == ("an-evening", "An evening", "The Lantern Room")
    assert (about["guests"], about["published"]) == (["Iris Vantongeren"], "2026-11-20")
    assert not list((house.state / "transcribing").iterdir())


def test_a_program_gets_the_text_as_a_file_and_errors_as_lines(
    house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bot starts it so for followed recordings."""
    with SmallWeb() as web, speech_service(tmp_path) as service:
        sources = WebAndFolderSources(YouTubeSource(), tmp_path, is_allowed=is_loopback, ports=any_port)
        monkeypatch.setattr(transcribe_command, "make_sources", lambda _: sources)
        link, goal = web.url("/media/evening.wav"), tmp_path / "text.json"
        set_up = {"COUNTERPOINT_SPEECH_URL": service.url, "COUNTERPOINT_SPEECH_KEY": "secret"}
        missing = house.run("transcribe", link, "--text-to", goal, **set_up)
        assert (missing.code, goal.exists()) == (1, False)
        assert json.loads(missing.out)["error"]["code"] == "page_missing"
        web.pages["/media/evening.wav"] = Plays(
            write_silence(tmp_path / "e.wav", 3).read_bytes(), kind="audio/wav"
        )
        ran = house.run("transcribe", link, "--text-to", goal, **set_up)
        assert ran.code == 0, ran.said
        assert [read_line(line.encode()) for line in ran.out.splitlines()][-1] == Step("transcribe", 1, 1)
    assert json.loads(goal.read_text("utf-8"))["segments"]
    assert not (house.library).exists() or house.slugs() == []
    assert not list((house.state / "transcribing").iterdir())


async def _follow(state: Path, enclosure: str) -> None:
    """Let an episode without a text be listed by a followed feed."""
    async with follows_in(state) as (box, _):
        follow = await box.add("feed", "https://lantern.example/feed.xml")
        episode = Listed(
            key="e", title="An evening", source="The Lantern Room", guests=("Iris Vantongeren",),
            published=date(2026, 11, 20), url="https://lantern.example/evening", enclosure=enclosure,
        )  # fmt: skip
        await box.looked(follow, Listing("The Lantern Room", (episode,)))


@pytest.mark.parametrize(
    ("plays", "said"),
    [
        (Plays(b"<!doctype html><html>Log in</html>", kind="text/html"), "page for people"),
        (Plays(b"gone", 404), "nothing at that address"),
        (Plays(b"x" * 1_000_000, repeats=3, kind="audio/mpeg"), "400 MB"),
    ],
    ids=["page", "missing", "flood"],
)
def test_what_is_no_recording_is_told_so(
    house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plays: Plays, said: str
) -> None:
    monkeypatch.setattr("index.library.sources.episode_sources.LARGEST_RECORDING_BYTES", 2_000_000)
    with SmallWeb() as web:
        sources = WebAndFolderSources(YouTubeSource(), tmp_path, is_allowed=is_loopback, ports=any_port)
        monkeypatch.setattr(transcribe_command, "make_sources", lambda _: sources)
        web.pages["/talk.mp3"] = plays
        ran = house.run("transcribe", web.url("/talk.mp3"), COUNTERPOINT_SPEECH_URL="http://127.0.0.1:9/v1")
        assert ran.code == 1
        assert said in ran.said, ran.said
    assert not house.library.exists()


def test_a_private_machine_is_not_asked_for_a_recording(house: Any) -> None:
    ran = house.run("transcribe", "http://127.0.0.1/x.mp3", COUNTERPOINT_SPEECH_URL="http://127.0.0.1:9/v1")
    assert ran.code == 1
    assert "private machine" in ran.said
