"""Recordings become text piece by piece at a strict stand-in of a speech service; who is interrupted goes on."""

from __future__ import annotations

import json
import re
import threading
import wave
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from index.library.sources import transcription
from index.library.sources.errors import (
    PageBlocked,
    RecordingUnreadable,
    SourceUnreachable,
    SpeechServiceFailed,
)
from index.library.sources.transcription import SpeechService, transcribe_recording
from index.transcripts.formats import parse_transcript

RATE = 8000


class Service:
    """Takes exactly what OpenAI's protocol says, and answers with words about each piece."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.faults: list[str] = []
        self.answers: dict[int, tuple[int, bytes, dict[str, str]]] = {}

    def take(self, path: str, headers: Any, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        number = len(self.seconds)
        boundary = re.search(r"multipart/form-data; boundary=(\S+)", headers.get("Content-Type", ""))
        if path != "/v1/audio/transcriptions" or boundary is None:
            self.faults.append(f"{path} {headers.get('Content-Type')}")
            return 404, b"{}", {}
        parts = {}
        for part in body.split(b"--" + boundary[1].encode())[1:-1]:
            head, _, content = part.strip(b"\r\n").partition(b"\r\n\r\n")
            name = re.search(rb'name="([^"]+)"', head)
            assert name is not None
            parts.setdefault(name[1].decode(), []).append(content)
        if sorted(parts) != ["file", "model", "response_format", "timestamp_granularities[]"]:
            self.faults.append(f"fields {sorted(parts)}")
        if headers.get("Authorization") != "Bearer secret" or parts["response_format"] != [b"verbose_json"]:
            self.faults.append("key or form")
        planned = self.answers.pop(number, None)
        if planned is not None:
            self.seconds.append(-1.0)
            return planned
        path_of_piece = Path(self.folder) / f"{number}.wav"
        path_of_piece.write_bytes(parts["file"][0])
        with wave.open(str(path_of_piece)) as sound:
            self.seconds.append(sound.getnframes() / sound.getframerate())
        words = [{"word": f"piece{number}word{n}", "start": n + 0.25, "end": n + 0.75} for n in range(4)]
        segments = [
            {
                "id": n,
                "start": float(2 * n),
                "end": float(2 * n + 2),
                "text": " ".join(word["word"] for word in words[2 * n : 2 * n + 2]),
            }
            for n in range(2)
        ]
        return 200, json.dumps({"language": "en", "segments": segments, "words": words}).encode(), {}

    folder: str = ""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    played = Service()
    played.folder = str(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer, headers = played.take(self.path, self.headers, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Nothing is written to the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    played.url = f"http://127.0.0.1:{server.server_address[1]}/v1"  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield played
    server.shutdown()
    thread.join()
    server.server_close()
    assert played.faults == []


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twenty-five seconds of silence, in pieces of ten."""
    monkeypatch.setattr(transcription, "PIECE_S", 10)
    path = tmp_path / "talk.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(b"\0\0" * 25 * RATE)
    return path


def made(service: Service) -> SpeechService:
    return SpeechService(service.url, "whisper-1", key="secret", limit_s=60)  # type: ignore[attr-defined]


def test_pieces_become_one_transcript_with_the_times_of_the_whole(
    service: Service, recording: Path, tmp_path: Path
) -> None:
    steps: list[tuple[int, int]] = []
    data = transcribe_recording(
        recording, made(service), tmp_path / "scratch", progress=lambda n, of: steps.append((n, of))
    )
    assert service.seconds == [10.0, 10.0, 5.0]
    assert steps == [(1, 3), (2, 3), (3, 3)]
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
        ((500, b"broken", {}), SpeechServiceFailed),
        ((200, b"not json", {}), SpeechServiceFailed),
        ((200, b'{"text": "without times"}', {}), SpeechServiceFailed),
        ((429, b"{}", {"Retry-After": "9"}), PageBlocked),
        ((401, b"{}", {}), PageBlocked),
    ],
)
def test_who_is_interrupted_goes_on_where_they_were(
    service: Service, recording: Path, tmp_path: Path, answer: Any, kind: type
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
    for path in (broken, tmp_path / "none.wav"):
        with pytest.raises(RecordingUnreadable):
            transcribe_recording(path, away, tmp_path / "scratch", progress=lambda *_: None)
    with pytest.raises(SourceUnreachable):
        transcribe_recording(recording, away, tmp_path / "scratch", progress=lambda *_: None)
