"""From a video's id to bytes that the library takes, the better track first, and every refusal under its own name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yt_dlp
from waiting import LONG_S

from index.library.ingest import Overrides, parse_bytes, plan_episode
from index.library.sources.errors import (
    AgeRestricted,
    MembersOnly,
    NoCaptions,
    SourceBlocked,
    SourceChanged,
    SourceError,
    SourceTookTooLong,
    SourceUnreachable,
    TokenNeeded,
    VideoIsLive,
    VideoNotFound,
    VideoUnplayable,
)
from index.library.sources.youtube import YouTubeSource
from index.transcripts.formats import parse_transcript

VIDEO = "abcdefghijk"


def source_of(youtube: Any, info: dict[str, object] | None = None) -> YouTubeSource:
    def metadata(video_id: str, *, limit_s: float) -> dict[str, object]:
        assert video_id == VIDEO
        if info is None:
            raise yt_dlp.utils.DownloadError(
                "ERROR: [youtube] abcdefghijk: Sign in to confirm you’re not a bot"
            )
        return info

    return YouTubeSource(session=youtube.session, metadata=metadata)


def test_words_times_and_metadata_come_through_into_a_plan(
    youtube: Any, info: dict[str, object], tmp_path: Path
) -> None:
    youtube.offers(("en", False))
    fetched = source_of(youtube, info).fetch(VIDEO, limit_s=LONG_S)
    assert (fetched.video_id, fetched.language, fetched.is_generated) == (VIDEO, "en", False)
    transcript = parse_transcript(fetched.data, name=fetched.name)
    assert " ".join(cue.text for cue in transcript.cues) == (
        "Welcome to the en room. Today we ask who 'keeps' the keys, and why."
    )
    assert transcript.cues[0].start_s == 0.5
    parsed = parse_bytes(fetched.data, fetched.name, sidecars=fetched.sidecars)
    plan = plan_episode(parsed, Overrides(), tmp_path)
    assert plan.action == "new"
    assert plan.about.title.startswith("Who keeps the keys?")
    assert plan.about.source == "The Lantern Room"
    assert str(plan.about.published) == "2026-03-14"
    assert plan.about.video_id == VIDEO
    assert plan.parsed.track == "uploaded"
    assert fetched.info is not None
    assert "formats" not in fetched.info, "signed addresses are not carried about"


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        ([("en", True), ("en-GB", False)], ("en-GB", False)),
        ([("de", False), ("en", True)], ("en", True)),
        ([("fr", True), ("de", False)], ("de", False)),
        ([("fr", True)], ("fr", True)),
    ],
)
def test_english_goes_before_other_languages_and_uploaded_before_automatic(
    youtube: Any, offered: list[tuple[str, bool]], taken: tuple[str, bool]
) -> None:
    youtube.offers(*offered)
    fetched = source_of(youtube).fetch(VIDEO, limit_s=LONG_S)
    assert (fetched.language, fetched.is_generated) == taken


def test_without_metadata_the_captions_still_come(youtube: Any) -> None:
    youtube.offers(("en", True))
    fetched = source_of(youtube, None).fetch(VIDEO, limit_s=LONG_S)
    assert fetched.info is None
    assert json.loads(fetched.data)["is_generated"] is True


REFUSALS = [
    ("LOGIN_REQUIRED", "Sign in to confirm you’re not a bot", (), SourceBlocked),
    ("LOGIN_REQUIRED", "This video may be inappropriate for some users.", (), AgeRestricted),
    ("LOGIN_REQUIRED", "Sign in to confirm your age", ("This video may be inappropriate",), AgeRestricted),
    ("LOGIN_REQUIRED", "This video is private", ("If the owner has granted access",), VideoNotFound),
    ("ERROR", "This video is unavailable", (), VideoNotFound),
    ("ERROR", "Video unavailable", ("This video has been removed by the uploader",), VideoNotFound),
    (
        "UNPLAYABLE",
        "Join this channel to get access to members-only content like this video",
        (),
        MembersOnly,
    ),
    ("UNPLAYABLE", "Video unavailable", ("This video is available to this channel’s members",), MembersOnly),
    ("LIVE_STREAM_OFFLINE", "This live event will begin in 3 days.", (), VideoIsLive),
    ("LIVE_STREAM_OFFLINE", "Premieres in 4 hours", (), VideoIsLive),
    ("UNPLAYABLE", "Playback on other websites has been disabled", (), VideoUnplayable),
]


@pytest.mark.parametrize(("status", "reason", "more", "expected"), REFUSALS)
def test_a_refused_video_is_refused_by_name(
    youtube: Any, status: str, reason: str, more: tuple[str, ...], expected: type[SourceError]
) -> None:
    youtube.refuses(status, reason, *more)
    with pytest.raises(expected) as refusal:
        source_of(youtube).fetch(VIDEO, limit_s=LONG_S)
    assert type(refusal.value) is expected
    assert refusal.value.fields["video_id"] == VIDEO
    assert "http" not in str(refusal.value), "the libraries' long texts stay with the cause"
    assert refusal.value.__cause__ is not None


@pytest.mark.parametrize(
    ("status", "expected"),
    [(429, SourceBlocked), (403, SourceBlocked), (404, VideoNotFound), (500, SourceUnreachable)],
)
def test_an_http_status_is_told_apart(youtube: Any, status: int, expected: type[SourceError]) -> None:
    youtube.watch.status = status
    with pytest.raises(expected):
        source_of(youtube).fetch(VIDEO, limit_s=LONG_S)


def test_a_captcha_is_a_block(youtube: Any) -> None:
    youtube.watch.body = '<form><div class="g-recaptcha"></div></form>'
    with pytest.raises(SourceBlocked):
        source_of(youtube).fetch(VIDEO, limit_s=LONG_S)


def test_no_captions_is_said_and_of_a_broadcast_that_it_is_live(
    youtube: Any, info: dict[str, object]
) -> None:
    youtube.player.body = json.dumps({"playabilityStatus": {"status": "OK"}})
    with pytest.raises(NoCaptions):
        source_of(youtube, info).fetch(VIDEO, limit_s=LONG_S)
    with pytest.raises(NoCaptions):
        source_of(youtube, None).fetch(VIDEO, limit_s=LONG_S)
    for status in ("is_live", "is_upcoming"):
        with pytest.raises(VideoIsLive):
            source_of(youtube, {**info, "live_status": status}).fetch(VIDEO, limit_s=LONG_S)


def test_a_track_for_the_player_alone_needs_a_token(youtube: Any) -> None:
    youtube.offers(("en", False), extra="&exp=xpe")
    with pytest.raises(TokenNeeded):
        source_of(youtube).fetch(VIDEO, limit_s=LONG_S)


def test_an_empty_track_needs_a_token_too(youtube: Any) -> None:
    youtube.offers(("en", False))
    youtube.tracks["en"].body = ""
    with pytest.raises(TokenNeeded):
        source_of(youtube).fetch(VIDEO, limit_s=LONG_S)


@pytest.mark.parametrize(
    "body",
    ["no json", "[]", '{"captions": 3}', '{"playabilityStatus": {}, "captions": {"playerCaptionsTracklistRenderer":'
     ' {"captionTracks": [{"kind": "asr"}]}}}'],
)  # fmt: skip
def test_an_answer_of_another_shape_is_said_to_be_changed(youtube: Any, body: str) -> None:
    youtube.player.body = body
    with pytest.raises(SourceChanged):
        source_of(youtube).fetch(VIDEO, limit_s=LONG_S)


def test_an_answer_that_does_not_come_is_given_up(youtube: Any) -> None:
    youtube.watch.wait_s = 1.0
    with pytest.raises(SourceTookTooLong):
        source_of(youtube).fetch(VIDEO, limit_s=0.1)


def test_no_server_at_all_is_unreachable(youtube: Any) -> None:
    youtube.port = 9  # nobody listens there
    with pytest.raises(SourceUnreachable):
        source_of(youtube).fetch(VIDEO, limit_s=LONG_S)


def test_an_endless_answer_is_cut(youtube: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.library.sources.youtube.LARGEST_ANSWER_BYTES", 100_000)
    youtube.watch.body = "x" * 400_000
    with pytest.raises(SourceUnreachable):
        source_of(youtube).fetch(VIDEO, limit_s=LONG_S)


def test_an_endless_answer_that_redirects_is_cut(youtube: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.library.sources.youtube.LARGEST_ANSWER_BYTES", 100_000)
    youtube.watch.body, youtube.watch.status = "x" * 400_000, 302
    youtube.watch.headers["Location"] = "https://www.youtube.com/watch?v=other"
    with pytest.raises(SourceUnreachable):
        source_of(youtube).fetch(VIDEO, limit_s=LONG_S)
    assert youtube.asked == [f"/watch?v={VIDEO}"]
