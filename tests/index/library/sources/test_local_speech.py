"""Speech to text on this machine: what faster-whisper is asked for, and what becomes of its answers."""

from __future__ import annotations

import inspect
import sys
import types
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from speech_service import write_silence

from index.library.sources import transcription
from index.library.sources.errors import (
    RecordingUnreadable,
    SpeechModelUnavailable,
    SpeechServiceMissing,
    TranscriptionBusy,
)
from index.library.sources.local_speech import LocalSpeech, is_installed, write_wav
from index.library.sources.transcription import transcribe_recording
from index.transcripts.formats import parse_transcript


@dataclass
class Word:
    start: float
    end: float
    word: str
    probability: float = 0.9


@dataclass
class Segment:
    start: float
    end: float
    text: str
    words: list[Word] | None


@dataclass
class Info:
    language: str = "en"


class StandIn:
    """Takes what faster-whisper takes, and answers with two words a piece, as a generator."""

    made: ClassVar[list[StandIn]] = []
    fails_at = -1

    def __init__(
        self,
        model_size_or_path: str,
        device: str = "auto",
        compute_type: str = "default",
        cpu_threads: int = 0,
        download_root: str | None = None,
    ) -> None:
        if model_size_or_path == "nonsense":
            raise ValueError("Invalid model size 'nonsense', expected one of: tiny, small")
        self.pieces: list[float] = []
        StandIn.made.append(self)

    def transcribe(
        self,
        audio: str,
        word_timestamps: bool = False,
        vad_filter: bool = False,
        condition_on_previous_text: bool = True,
    ) -> tuple[Iterator[Segment], Info]:
        assert isinstance(audio, str)
        assert (word_timestamps, vad_filter, condition_on_previous_text) == (True, True, False)
        with wave.open(audio) as sound:
            self.pieces.append(sound.getnframes() / sound.getframerate())
        if len(self.pieces) == StandIn.fails_at:
            raise RuntimeError("CUDA failed with error out of memory")
        number = len(self.pieces)
        return self._segments(number), Info()

    @staticmethod
    def _segments(number: int) -> Iterator[Segment]:
        yield Segment(
            0.5, 2.5, f" piece{number} said.", [Word(0.5, 1.0, f" piece{number}"), Word(1.5, 2.5, " said.")]
        )
        yield Segment(2.5, 3.0, " ", [])


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> type[StandIn]:
    module = types.ModuleType("faster_whisper")
    module.WhisperModel = StandIn  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "faster_whisper", module)
    monkeypatch.setattr(StandIn, "made", [])
    monkeypatch.setattr(StandIn, "fails_at", -1)
    monkeypatch.setattr(transcription, "PIECE_S", 10)
    return StandIn


def text_of(recording: Path, speech: LocalSpeech, scratch: Path) -> tuple[bytes, list[tuple[int, int]]]:
    steps: list[tuple[int, int]] = []
    data = transcribe_recording(recording, speech, scratch, progress=lambda n, of: steps.append((n, of)))
    return data, steps


def test_pieces_become_one_transcript_with_words_and_their_times(
    stand_in: type[StandIn], tmp_path: Path
) -> None:
    recording = write_silence(tmp_path / "talk.wav", 25)
    data, steps = text_of(recording, LocalSpeech("small", tmp_path / "models"), tmp_path / "scratch")
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert [model.pieces for model in stand_in.made] == [[10.0, 10.0, 5.0]], "one model, loaded once"
    transcript = parse_transcript(data, name="talk.json")
    words = [
        (word, at)
        for cue in transcript.cues
        for word, at in zip(cue.text.split(), cue.word_starts_s, strict=True)
    ]
    assert words == [
        ("piece1", 0.5), ("said.", 1.5), ("piece2", 10.5), ("said.", 11.5), ("piece3", 20.5), ("said.", 21.5)
    ]  # fmt: skip


def test_who_is_interrupted_goes_on_at_the_piece_where_they_were(
    stand_in: type[StandIn], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = write_silence(tmp_path / "talk.wav", 25)
    monkeypatch.setattr(stand_in, "fails_at", 2)
    with pytest.raises(SpeechModelUnavailable, match="CUDA failed"):
        text_of(recording, LocalSpeech("small", tmp_path / "models"), tmp_path / "scratch")
    monkeypatch.setattr(stand_in, "fails_at", -1)
    _, steps = text_of(recording, LocalSpeech("small", tmp_path / "models"), tmp_path / "scratch")
    assert (stand_in.made[1].pieces, steps[-1]) == ([10.0, 5.0], (3, 3))


def test_answers_of_another_model_are_not_taken(
    stand_in: type[StandIn], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = write_silence(tmp_path / "talk.wav", 25)
    monkeypatch.setattr(stand_in, "fails_at", 3)
    with pytest.raises(SpeechModelUnavailable):
        text_of(recording, LocalSpeech("tiny", tmp_path / "models"), tmp_path / "scratch")
    monkeypatch.setattr(stand_in, "fails_at", -1)
    text_of(recording, LocalSpeech("small", tmp_path / "models"), tmp_path / "scratch")
    assert stand_in.made[1].pieces == [10.0, 10.0, 5.0]


def test_one_recording_is_read_at_a_time(stand_in: type[StandIn], tmp_path: Path) -> None:
    recording = write_silence(tmp_path / "talk.wav", 5)

    class Meanwhile(LocalSpeech):
        def transcribe(self, piece: Path) -> dict[str, Any]:
            with pytest.raises(TranscriptionBusy):
                text_of(recording, LocalSpeech("small", tmp_path), tmp_path / "scratch")
            return super().transcribe(piece)

    text_of(recording, Meanwhile("small", tmp_path), tmp_path / "scratch")


def test_a_model_that_cannot_be_had_is_named(stand_in: type[StandIn], tmp_path: Path) -> None:
    recording = write_silence(tmp_path / "talk.wav", 5)
    with pytest.raises(SpeechModelUnavailable) as met:
        text_of(recording, LocalSpeech("nonsense", tmp_path / "models"), tmp_path / "scratch")
    assert met.value.fields["model"] == "nonsense"


def test_without_the_package_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    recording = write_silence(tmp_path / "talk.wav", 5)
    with pytest.raises(SpeechServiceMissing):
        text_of(recording, LocalSpeech("small", tmp_path / "models"), tmp_path / "scratch")


@pytest.mark.skipif(not is_installed(), reason="needs the extra counterpoint[transcribe]")
def test_the_stand_in_takes_only_what_the_package_takes() -> None:
    from faster_whisper import WhisperModel  # noqa: PLC0415
    from faster_whisper.transcribe import Segment as Real  # noqa: PLC0415
    from faster_whisper.transcribe import TranscriptionInfo  # noqa: PLC0415
    from faster_whisper.transcribe import Word as RealWord  # noqa: PLC0415

    for name in ("__init__", "transcribe"):
        taken = inspect.signature(getattr(WhisperModel, name)).parameters
        asked = inspect.signature(getattr(StandIn, name)).parameters
        assert {key: parameter.default for key, parameter in asked.items()} == {
            key: taken[key].default for key in asked
        }
    for ours, theirs in ((Segment, Real), (Word, RealWord), (Info, TranscriptionInfo)):
        assert set(ours.__dataclass_fields__) <= set(theirs.__dataclass_fields__)


@pytest.mark.skipif(not is_installed(), reason="needs the extra counterpoint[transcribe]")
def test_a_recording_of_another_format_is_read_without_ffmpeg(tmp_path: Path) -> None:
    import av  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    recording = tmp_path / "talk.m4a"
    tone = np.sin(np.arange(44_100 * 3) / 44_100 * 2 * np.pi * 300).astype(np.float32) * 0.5
    with av.open(str(recording), "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        stream.layout = "stereo"
        for first in range(0, len(tone), 1024):
            part = np.vstack([tone[first : first + 1024]] * 2)
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = 44_100, first
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    write_wav(recording, tmp_path / "talk.wav", 16_000)
    with wave.open(str(tmp_path / "talk.wav")) as sound:
        assert sound.getparams()[:3] == (1, 2, 16_000)
        assert 2.9 < sound.getnframes() / 16_000 < 3.2
        loudest = max(np.abs(np.frombuffer(sound.readframes(16_000), "<i2")))
    assert 10_000 < loudest < 20_000

    (tmp_path / "page.mp3").write_text("<html>not found</html>")
    with pytest.raises(RecordingUnreadable) as refused:
        write_wav(tmp_path / "page.mp3", tmp_path / "page.wav", 16_000)
    assert refused.value.problem == "no_recording"
