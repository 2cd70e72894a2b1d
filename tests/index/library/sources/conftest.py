"""A small YouTube on 127.0.0.1: the pages that youtube-transcript-api asks for, in their own shapes, as a test says."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from loopback_http import QuietHandler, serving
from requests.adapters import HTTPAdapter

from index.library.sources.youtube import limited_session

VIDEO = "abcdefghijk"
WATCH_PAGE = '<html><script>ytcfg.set({"INNERTUBE_API_KEY": "key_of-the-page"});</script></html>'
WORDS = """<?xml version="1.0" encoding="utf-8" ?><transcript>
<text start="0.5" dur="2.4">Welcome to the lantern room.</text>
<text start="2.9" dur="3.1">Today we ask who &amp;#39;keeps&amp;#39; the keys,</text>
<text start="6.0" dur="2.0"></text>
<text start="8.2" dur="1.8">&lt;i&gt;and&lt;/i&gt; why.</text></transcript>"""


@dataclass
class Answer:
    """What one address answers."""

    body: str
    status: int = 200
    wait_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class SmallYouTube:
    """Set ``watch``, ``player`` and ``tracks`` as the test wants; ``asked`` holds the paths that were asked for."""

    port: int = 0
    watch: Answer = field(default_factory=lambda: Answer(WATCH_PAGE))
    player: Answer = field(default_factory=lambda: Answer("{}"))
    tracks: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def offers(self, *tracks: tuple[str, bool], extra: str = "") -> None:
        """Give the video these tracks of (language, machine-made), each with its own words."""
        listed = []
        for language, is_auto in tracks:
            name = f"{language}-auto" if is_auto else language
            listed.append(
                {
                    "baseUrl": f"https://www.youtube.com/api/timedtext?v={VIDEO}&name={name}&fmt=srv3{extra}",
                    "name": {"runs": [{"text": language}]},
                    "vssId": f".{language}",
                    "languageCode": language,
                    "isTranslatable": True,
                    **({"kind": "asr"} if is_auto else {}),
                }
            )
            self.tracks.setdefault(name, Answer(WORDS.replace("lantern", name)))
        captions = {"playerCaptionsTracklistRenderer": {"captionTracks": listed, "translationLanguages": []}}
        self.player = Answer(json.dumps({"playabilityStatus": {"status": "OK"}, "captions": captions}))

    def refuses(self, status: str, reason: str, *more: str) -> None:
        """Show this in the player's place."""
        screen = {"playerErrorMessageRenderer": {"subreason": {"runs": [{"text": text} for text in more]}}}
        told = {"status": status, "reason": reason, "errorScreen": screen}
        self.player = Answer(json.dumps({"playabilityStatus": told}))

    def answer(self, path: str) -> Answer:
        self.asked.append(path)
        address = urlsplit(path)
        if address.path == "/watch":
            return self.watch
        if address.path == "/youtubei/v1/player":
            return self.player
        named = dict(part.split("=", 1) for part in address.query.split("&"))
        return self.tracks.get(named.get("name", ""), Answer("", 404))

    def session(self, limit_s: float) -> requests.Session:
        """The session that the source would use, its connections led here."""
        session: requests.Session = limited_session(limit_s)
        session.trust_env = False
        session.mount("https://", _LedTo(self.port))
        return session


class _LedTo(HTTPAdapter):
    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        host = urlsplit(request.url).netloc
        assert host == "www.youtube.com"
        request.url = request.url.replace(f"https://{host}", f"http://127.0.0.1:{self._port}")
        return super().send(request, *args, **kwargs)


@pytest.fixture
def youtube() -> Iterator[SmallYouTube]:
    small = SmallYouTube()

    class Handler(QuietHandler):
        def _serve(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = small.answer(self.path)
            time.sleep(answer.wait_s)
            body = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(BrokenPipeError):  # whoever had enough has gone
                self.wfile.write(body)

        do_GET = do_POST = _serve  # noqa: N815 - the names that http.server calls

    with serving(Handler) as small.port:
        yield small


@pytest.fixture
def info() -> dict[str, object]:
    """A video's metadata as yt-dlp gives it, a few of its many keys."""
    return {
        "id": VIDEO,
        "title": "Who keeps the keys? | The Lantern Room #12",
        "fulltitle": "Who keeps the keys? | The Lantern Room #12",
        "channel": "The Lantern Room",
        "uploader": "The Lantern Room",
        "upload_date": "20260314",
        "duration": 600,
        "description": "Iris Vantongeren on keys.\n\nMore at https://lantern.example",
        "webpage_url": f"https://www.youtube.com/watch?v={VIDEO}",
        "extractor_key": "Youtube",
        "live_status": "not_live",
        "formats": [{"url": "https://media.example/signed"}],
    }
