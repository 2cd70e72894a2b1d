"""Recordings become text piece by piece at a strict stand-in of a speech service; who is interrupted goes on."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback_http import Reply
from speech_service import SpeechStandIn, speech_service, write_silence
from waiting import LONG_S

from bot.i18n.message_catalogue import MessageCatalogue
from index.library.sources import transcription
from index.library.sources.errors import (
    PageBlocked,
    RecordingUnreadable,
    SiteUnreachable,
    SpeechServiceFailed,
)
from index.library.sources.transcription import SpeechService, transcribe_recording
from index.transcripts.formats import parse_transcript

CATALOGUE = MessageCatalogue.load()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[SpeechStandIn]:
    with speech_service(tmp_path) as played:
        yield played


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twenty-five seconds of silence, in pieces of ten."""
    monkeypatch.setattr(transcription, "PIECE_S", 10)
    return write_silence(tmp_path / "talk.wav", 25)


def made(service: SpeechStandIn) -> SpeechService:
    return SpeechService(service.url, "whisper-1", key="secret", limit_s=LONG_S)


def test_pieces_become_one_transcript_with_the_times_of_the_whole(
    service: SpeechStandIn, recording: Path, tmp_path: Path
) -> None:
    steps: list[tuple[int, int]] = []
    data = transcribe_recording(
        recording, made(service), tmp_path / "scratch", progress=lambda n, of: steps.append((n, of))
    )
    assert service.seconds == [10.0, 10.0, 5.0]
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]
    transcript = parse_transcript(data, name="talk.json")
    assert transcript.kind == "captions"
    starts = [cue.start_s for cue in transcript.cues]
    assert starts == sorted(starts)
    words = [
        (word, at)
        for cue in transcript.cues
        for word, at in zip(cue.text.split(), cue.word_starts_s, strict=True)
    ]
    assert ("piece1word3", 13.25) in words
    assert not (tmp_path / "scratch").exists() or list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Reply(500, b"broken"), SpeechServiceFailed),
        (Reply(200, b"not json"), SpeechServiceFailed),
        (Reply(200, b'{"text": "without times"}'), SpeechServiceFailed),
        (Reply(429, b"{}", {"Retry-After": "9"}), PageBlocked),
        (Reply(401, b"{}"), PageBlocked),
    ],
)
def test_who_is_interrupted_goes_on_where_they_were(
    service: SpeechStandIn, recording: Path, tmp_path: Path, answer: Reply, kind: type
) -> None:
    service.answers[1] = answer
    with pytest.raises(kind):
        transcribe_recording(recording, made(service), tmp_path / "scratch", progress=lambda *_: None)
    assert service.seconds == [10.0, -1.0]
    data = transcribe_recording(recording, made(service), tmp_path / "scratch", progress=lambda *_: None)
    assert service.seconds == [10.0, -1.0, 10.0, 5.0], "the first piece is not sent again"
    assert b"piece0word0" in data


def test_what_is_no_recording_or_no_service_is_told_so(tmp_path: Path, recording: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF but no more")
    away = SpeechService("http://127.0.0.1:9", "m", limit_s=5)
    (tmp_path / "shopping.txt").write_text("milk, eggs")
    for name, problem in (
        ("broken.wav", "no_recording"),
        ("none.wav", "no_file"),
        ("shopping.txt", "text_given"),
    ):
        with pytest.raises(RecordingUnreadable) as refused:
            transcribe_recording(tmp_path / name, away, tmp_path / "scratch", progress=lambda *_: None)
        assert refused.value.problem == problem
        told = [CATALOGUE.error(refused.value, language) for language in ("en", "de")]
        assert len(set(told)) == 2
        assert not any(problem in sentence or "rrno" in sentence for sentence in told)
    with pytest.raises(RecordingUnreadable) as refused:
        transcribe_recording(tmp_path / "none.wav", away, tmp_path / "scratch", progress=lambda *_: None)
    assert str(tmp_path / "none.wav") in CATALOGUE.error(refused.value), (
        "whoever mistyped sees where it was sought"
    )
    with pytest.raises(SiteUnreachable):
        transcribe_recording(recording, away, tmp_path / "scratch", progress=lambda *_: None)


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"7", b'{"segments": [], "words": 7}',
        b'{"segments": [], "words": [{"word": 1, "start": null, "end": 2}]}',
        b'{"segments": [{"start": 0, "end": [], "text": ""}]}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_service_that_answers_in_another_form_is_told_so(
    service: SpeechStandIn, tmp_path: Path, recording: Path, body: bytes
) -> None:
    service.answers[0] = Reply(200, body)
    with pytest.raises(SpeechServiceFailed):
        transcribe_recording(recording, made(service), tmp_path / "scratch", progress=lambda *_: None)


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ("talk.mp3: Invalid data found when processing input", "no_recording"),
        ("Output file #0 does not contain any stream", "no_sound"),
        ("half.wav: No space left on device", "No space left on device"),
    ],
)
def test_what_ffmpeg_complains_of_is_a_sentence(
    told: str, problem: str, service: SpeechStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho '{told}' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    sound = tmp_path / "talk.mp3"
    sound.write_bytes(b"no sound")
    with pytest.raises(RecordingUnreadable) as refused:
        transcribe_recording(sound, made(service), tmp_path / "scratch", progress=lambda *_: None)
    assert refused.value.fields == {"file": "talk.mp3", "problem": problem}


def test_an_ffmpeg_that_does_not_end_is_given_up(
    service: SpeechStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(transcription, "_CONVERTED_WITHIN_S", 0.1)
    sound = tmp_path / "talk.mp3"
    sound.write_bytes(b"no sound")
    with pytest.raises(RecordingUnreadable) as refused:
        transcribe_recording(sound, made(service), tmp_path / "scratch", progress=lambda *_: None)
    assert refused.value.problem == "ffmpeg_too_slow"


def test_a_disk_that_fails_leaves_no_half_answer_to_go_on_from(
    service: SpeechStandIn, recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"

    def fails(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fails)
        with pytest.raises(OSError, match="Input/output"):
            transcribe_recording(recording, made(service), scratch, progress=lambda *_: None)
    assert list(scratch.rglob("*.json")) == []
    data = transcribe_recording(recording, made(service), scratch, progress=lambda *_: None)
    assert b"piece2word0" in data


def test_a_wav_file_of_fractions_is_converted_like_any_other_recording(
    service: SpeechStandIn, tmp_path: Path
) -> None:
    pytest.importorskip("av")
    sound = tmp_path / "talk.wav"
    rate, samples = (
        16_000,
        bytes(4 * 16_000 * 3),
    )  # three seconds of 32-bit fractions, as recorders write them
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, rate, 4 * rate, 4, 32)
    body = b"WAVE" + form + b"data" + struct.pack("<I", len(samples)) + samples
    sound.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    transcribe_recording(sound, made(service), tmp_path / "scratch", progress=lambda *_: None)
    assert service.seconds == [3.0]


def test_a_wav_file_without_a_rate_is_no_recording(service: SpeechStandIn, tmp_path: Path) -> None:
    sound = tmp_path / "talk.wav"
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 0, 0, 2, 16)
    body = b"WAVE" + form + b"data" + struct.pack("<I", 4) + bytes(4)
    sound.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    with pytest.raises(RecordingUnreadable) as refused:
        transcribe_recording(sound, made(service), tmp_path / "scratch", progress=lambda *_: None)
    assert refused.value.problem == "no_recording"
