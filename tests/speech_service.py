"""A strict stand-in of a speech service on this machine, as OpenAI's protocol describes one."""

from __future__ import annotations

import json
import re
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from loopback_http import Reply, serving_posts

RATE = 8000


class SpeechStandIn:
    """Takes exactly what OpenAI's protocol says, and answers with words about each piece.

    Attributes:
        url: its address up to ``/audio/transcriptions``.
        seconds: length of each piece that it was sent, -1 for one that a planned answer met.
        faults: what was asked otherwise than the protocol says.
        answers: planned answers by the number of the piece.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.seconds: list[float] = []
        self.faults: list[str] = []
        self.answers: dict[int, Reply] = {}

    def take(self, path: str, headers: Any, body: bytes) -> Reply:
        number = len(self.seconds)
        boundary = re.search(r"multipart/form-data; boundary=(\S+)", headers.get("Content-Type", ""))
        if path != "/v1/audio/transcriptions" or boundary is None:
            self.faults.append(f"{path} {headers.get('Content-Type')}")
            return Reply(404, b"{}")
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
        path_of_piece = self.folder / f"{number}.wav"
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
        told = {"language": "en", "segments": segments, "words": words}
        return Reply(200, json.dumps(told).encode())


@contextmanager
def speech_service(folder: Path) -> Iterator[SpeechStandIn]:
    """Run a stand-in that keeps the pieces in ``folder``; at the end nothing may have been asked otherwise."""
    played = SpeechStandIn(folder)
    with serving_posts(played.take) as port:
        played.url = f"http://127.0.0.1:{port}/v1"
        yield played
    assert played.faults == []


def write_silence(path: Path, seconds: int) -> Path:
    """Write a WAV file of so many seconds of silence."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(b"\0\0" * seconds * RATE)
    return path
