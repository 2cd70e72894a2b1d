"""Recordings turned into text: by a speech service that speaks OpenAI's protocol, or here (``local_speech``).

A recording is cut into pieces of some minutes, each is read alone, and each answer is stored before the next piece is
read, so that whoever is interrupted goes on where they were. WAV files of whole numbers are cut here; others are made
such by ffmpeg, or by PyAV, if one of them is there. One recording at a time: speech takes all the cores, or a service's
turn.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from index.files import file_lock, make_folder, replace_file
from index.library.sources.errors import (
    PageBlocked,
    RecordingUnreadable,
    SiteTookTooLong,
    SiteUnreachable,
    SpeechServiceFailed,
    TranscriptionBusy,
)
from index.library.sources.local_speech import FAULTS_OF_THE_MACHINE, reading_problem, write_wav
from index.library.sources.public_web import read_body, retry_s, session_without_redirects

PIECE_S = 600
"""Seconds of a piece: 19 MB of 16 kHz mono, below what services take."""

LARGEST_WHOLE_BYTES = 24_000_000
"""A recording that cannot be cut is sent whole up to this size."""

LARGEST_ANSWER_BYTES = 20_000_000

_RATE = 16_000
_CONVERTED_WITHIN_S = 3_600.0


class Transcriber(Protocol):
    """An interface that turns a piece of a recording into text."""

    name: str
    """Of service and model: answers of another one are not taken for its own."""

    def transcribe(self, piece: Path) -> dict[str, Any]:
        """Return ``language`` and ``segments`` with times; each may have ``words``, or all stand in ``words``.

        Raises:
            SourceError: it cannot, by subclass.
        """


class SpeechService:
    """A speech service.

    Args:
        base: its address up to ``/audio/transcriptions``, such as ``http://127.0.0.1:9000/v1``.
        model: name of the model.
        key: sent as a bearer token, or None.
        limit_s: seconds that one piece may take.
    """

    def __init__(self, base: str, model: str, *, key: str | None = None, limit_s: float = 1_800.0) -> None:
        self._url = base.rstrip("/") + "/audio/transcriptions"
        self.name = f"{self._url} {model}"
        self._model = model
        self._key = key
        self._limit_s = limit_s

    def transcribe(self, piece: Path) -> dict[str, Any]:
        """Return the answer about a piece: ``segments`` with times, maybe ``words`` with theirs.

        Raises:
            SpeechServiceFailed: the answer is of another form. PageBlocked, SiteTookTooLong, SiteUnreachable.
        """
        import requests  # noqa: PLC0415

        headers = {} if self._key is None else {"Authorization": f"Bearer {self._key}"}
        form = [
            ("model", self._model),
            ("response_format", "verbose_json"),
            ("timestamp_granularities[]", "segment"),
            ("timestamp_granularities[]", "word"),
        ]
        ends_s = time.monotonic() + self._limit_s
        try:
            with piece.open("rb") as audio, session_without_redirects() as session:
                response = session.post(
                    self._url,
                    headers=headers,
                    data=form,
                    files={"file": (piece.name, audio)},
                    timeout=self._limit_s,
                    stream=True,
                )
                with response:
                    if response.status_code in (401, 403, 429):
                        wait_s = retry_s(response.headers.get("Retry-After"))
                        raise PageBlocked(host=self._url, status=response.status_code, retry_s=wait_s)
                    body = read_body(response, ends_s, LARGEST_ANSWER_BYTES)
        except requests.Timeout as error:
            raise SiteTookTooLong(host=self._url, limit_s=self._limit_s) from error
        except requests.RequestException as error:
            raise SiteUnreachable(host=self._url) from error
        if response.status_code != 200 or body is None:
            raise SpeechServiceFailed(address=self._url, status=int(response.status_code))
        try:
            told = json.loads(body)
            words = [word for word in told.get("words") or () if isinstance(word, dict)]
            return {
                "language": told.get("language"),
                "segments": [
                    {"start": float(part["start"]), "end": float(part["end"]), "text": str(part["text"])}
                    for part in told["segments"]
                ],
                "words": [
                    {"word": str(word["word"]), "start": float(word["start"]), "end": float(word["end"])}
                    for word in words
                    if {"word", "start", "end"} <= word.keys()
                ],
            }
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise SpeechServiceFailed(address=self._url, status=200) from error


def transcribe_recording(
    recording: Path, transcriber: Transcriber, scratch: Path, *, progress: Callable[[int, int], None]
) -> bytes:
    """Return the transcript of a recording as JSON with times of segments and words, which ingest reads.

    Args:
        recording: WAV, or anything that ffmpeg or PyAV reads.
        transcriber: turns pieces into text.
        scratch: keeps the answers about pieces until all are there, under a digest of recording and transcriber.
        progress: told how many pieces of how many are done, first that none is.

    Raises:
        TranscriptionBusy: another recording is being read, by this program or another on the same folder.
        RecordingUnreadable: it cannot be read or cut. Others as ``Transcriber.transcribe``; a later call goes on.
    """
    folder = scratch / _digest_of(
        recording, transcriber
    )  # before the lock, which makes the folder it lies in
    with file_lock(scratch.with_name(f"{scratch.name}.lock"), TranscriptionBusy()):
        return _transcribed(recording, transcriber, folder, progress)


def _digest_of(recording: Path, transcriber: Transcriber) -> str:
    try:
        if recording.exists() and not recording.is_file():  # a device may have no end
            raise RecordingUnreadable(file=recording.name, problem="no_plain_file")
        with recording.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256")
    except OSError as error:
        raise RecordingUnreadable(file=str(recording), problem=reading_problem(error, recording)) from error
    digest.update(transcriber.name.encode())
    return digest.hexdigest()[:24]


def _transcribed(
    recording: Path, transcriber: Transcriber, folder: Path, progress: Callable[[int, int], None]
) -> bytes:
    make_folder(folder)
    segments: list[dict[str, Any]] = []
    language = None
    pieces = list(_pieces(recording, folder))
    progress(0, len(pieces))
    for number, (start_s, write) in enumerate(pieces):
        answer = folder / f"{number:04}.json"
        if not answer.is_file():
            path = write(folder / "piece.wav")
            replace_file(answer, json.dumps(transcriber.transcribe(path)).encode())
        told = json.loads(answer.read_text(encoding="utf-8"))
        language = language or told["language"]
        segments += _shifted(told, start_s)
        progress(number + 1, len(pieces))
    shutil.rmtree(folder, ignore_errors=True)
    return json.dumps({"language": language, "segments": segments}, ensure_ascii=False).encode()


def _shifted(told: dict[str, Any], start_s: float) -> Iterator[dict[str, Any]]:
    """Yield the segments of a piece with the times of the whole recording, each with the words that begin in it."""
    words: Sequence[dict[str, Any]] = told["words"]
    for segment in told["segments"]:
        own = segment.get("words")
        if own is None:
            own = [word for word in words if segment["start"] <= word["start"] < segment["end"]]
        yield {
            "start": round(segment["start"] + start_s, 3),
            "end": round(segment["end"] + start_s, 3),
            "text": segment["text"],
            "words": [
                {**word, "start": round(word["start"] + start_s, 3), "end": round(word["end"] + start_s, 3)}
                for word in own
            ],
        }


def _pieces(recording: Path, folder: Path) -> Iterator[tuple[float, Callable[[Path], Path]]]:
    """Yield start in seconds and writer of each piece."""
    path: Path | None = recording
    length = _length_of(recording)
    if length is None and (path := _as_wav(recording, folder)) is not None:
        length = _length_of(path)
    if path is None and recording.suffix.casefold() != ".wav":
        if recording.stat().st_size > LARGEST_WHOLE_BYTES:
            raise RecordingUnreadable(file=recording.name, problem="no_ffmpeg")
        yield 0.0, lambda _: recording
        return
    if path is None or length is None:
        raise RecordingUnreadable(file=recording.name, problem="no_recording")
    n_frames, rate = length
    for first in range(0, max(1, n_frames), PIECE_S * rate):
        yield first / rate, _piece_writer(path, first, PIECE_S * rate)


def _length_of(path: Path) -> tuple[int, int] | None:
    """Return frames and frames a second of a WAV file of whole numbers; None for any other file, which is converted."""
    try:
        with closing(wave.open(str(path), "rb")) as sound:
            n_frames, rate = sound.getnframes(), sound.getframerate()
    except OSError as error:
        raise RecordingUnreadable(file=path.name, problem=reading_problem(error, path)) from error
    except (EOFError, wave.Error):
        return None
    return (n_frames, rate) if rate > 0 else None


def _piece_writer(source: Path, first: int, n: int) -> Callable[[Path], Path]:
    def write(goal: Path) -> Path:
        with closing(wave.open(str(source), "rb")) as sound, closing(wave.open(str(goal), "wb")) as piece:
            piece.setparams(sound.getparams())
            sound.setpos(first)
            piece.writeframes(sound.readframes(n))
        return goal

    return write


def _as_wav(recording: Path, folder: Path) -> Path | None:
    """Return the recording as 16 kHz mono WAV, made once; None where neither ffmpeg nor PyAV is installed.

    Raises:
        RecordingUnreadable: it cannot be read.
    """
    goal, half = folder / "whole.wav", folder / "half.wav"
    if goal.is_file():
        return goal
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is not None:
        _convert(ffmpeg, recording, half)
    elif importlib.util.find_spec("av") is not None:
        write_wav(recording, half, _RATE)
    else:
        return None
    half.rename(goal)
    return goal


def _convert(ffmpeg: str, recording: Path, goal: Path) -> None:
    options = ["-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file,pipe"]
    try:
        done = subprocess.run(  # noqa: S603 - a list of arguments
            [ffmpeg, *options, "-i", str(recording.absolute()), "-ac", "1", "-ar", str(_RATE), str(goal)],
            stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_CONVERTED_WITHIN_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise RecordingUnreadable(file=recording.name, problem="ffmpeg_too_slow") from error
    if done.returncode != 0:
        raise RecordingUnreadable(file=recording.name, problem=_ffmpegs_problem(done.stderr, recording))


def _ffmpegs_problem(told: bytes, recording: Path) -> str:
    """Return the code of what ffmpeg complains of; it tells the machine's faults in the system's words."""
    text = told.decode("utf-8", "replace")
    if "does not contain any stream" in text:
        return "no_sound"
    for number in FAULTS_OF_THE_MACHINE:
        if text.rstrip().endswith(os.strerror(number)):
            return os.strerror(number)
    return reading_problem(ValueError(text), recording)
