"""Speech to text on this machine: Whisper by faster-whisper, the optional extra ``counterpoint[transcribe]``.

Its packages are imported when the first recording is read, here alone. PyAV comes with them and reads any recording,
so that ``ffmpeg`` need not be installed.
"""

import errno
import importlib.util
import os
import wave
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from index.library.ingest.transcript_files import could_be_transcript
from index.library.sources.errors import RecordingUnreadable, SpeechModelUnavailable, SpeechServiceMissing

FAULTS_OF_THE_MACHINE = (
    errno.EACCES,
    errno.EPERM,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EIO,
    errno.EMFILE,
)
_PACKAGES = ("av", "faster_whisper")


def is_installed() -> bool:
    """Return True if the packages of the extra are installed. None of them is imported."""
    return all(importlib.util.find_spec(name) is not None for name in _PACKAGES)


class LocalSpeech:
    """A ``Transcriber`` in this process.

    Args:
        model: size or name that faster-whisper knows, such as ``small``, or a folder with a converted model.
        models: folder that models are downloaded to, once.
        threads: cores that it uses; 0 leaves that to the runtime.
    """

    def __init__(self, model: str, models: Path, *, threads: int = 0) -> None:
        self.name = f"whisper:{model}"
        self._name = model
        self._models = models
        self._threads = threads
        self._model: Any = None

    def transcribe(self, piece: Path) -> dict[str, Any]:
        """Return what is said in a piece: ``language`` and ``segments``, each with its ``words``.

        Raises:
            SpeechServiceMissing: the packages are not installed.
            SpeechModelUnavailable: the model cannot be had, or fails, such as for want of memory.
        """
        model = self._loaded()
        # Without the text before it, one mistake is not repeated for minutes; and silence is not read as speech.
        try:
            segments, info = model.transcribe(
                str(piece), word_timestamps=True, vad_filter=True, condition_on_previous_text=False
            )
            said = list(_segments(segments))
        except (OSError, ValueError, RuntimeError) as error:
            raise SpeechModelUnavailable(model=self._name, problem=_first_sentence(error)) from error
        return {"language": info.language, "segments": said, "words": []}

    def _loaded(self) -> Any:
        if self._model is None:
            try:
                from faster_whisper import WhisperModel  # noqa: PLC0415 - an extra, and seconds to load
            except ModuleNotFoundError as error:
                raise SpeechServiceMissing from error
            try:
                self._model = WhisperModel(
                    self._name,
                    device="auto",
                    compute_type="auto",
                    cpu_threads=self._threads,
                    download_root=str(self._models),
                )
            except Exception as error:  # of the hub's client, of the runtime, or of the name: no common base
                raise SpeechModelUnavailable(model=self._name, problem=_first_sentence(error)) from error
        return self._model


def _segments(segments: Any) -> Iterator[dict[str, Any]]:
    """Yield the segments as plain values; times are seconds from the start of the piece."""
    for segment in segments:
        text = segment.text.strip()
        if not text:
            continue
        words = [
            {"word": word.word.strip(), "start": float(word.start), "end": float(word.end)}
            for word in segment.words or ()
            if word.word.strip()
        ]
        yield {"start": float(segment.start), "end": float(segment.end), "text": text, "words": words}


def write_wav(recording: Path, goal: Path, rate: int) -> None:
    """Write a recording of any format as mono WAV of 16 bits.

    Args:
        recording: what PyAV reads.
        goal: the file to write.
        rate: samples a second.

    Raises:
        RecordingUnreadable: it holds no sound, or cannot be read.
    """
    import av  # noqa: PLC0415 - an extra

    # Only this file is opened: a playlist in it leads nowhere.
    options = {"protocol_whitelist": "file"}
    try:
        with (
            av.open(str(recording), mode="r", metadata_errors="ignore", options=options) as container,
            closing(wave.open(str(goal), "wb")) as sound,
        ):
            if not container.streams.audio:
                raise RecordingUnreadable(file=recording.name, problem="no_sound")
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(rate)
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
            for frame in _frames(container, av.error.InvalidDataError):
                for resampled in resampler.resample(frame):
                    sound.writeframes(resampled.to_ndarray().tobytes())
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise RecordingUnreadable(file=recording.name, problem=reading_problem(error, recording)) from error


def reading_problem(error: BaseException, recording: Path) -> str:
    """Return the code of why a recording cannot be read; the system's words where it is the machine's fault."""
    if isinstance(error, FileNotFoundError):
        return "no_file"
    if isinstance(error, OSError) and error.errno in FAULTS_OF_THE_MACHINE:
        return os.strerror(error.errno)
    return "text_given" if could_be_transcript(recording.name) else "no_recording"


def _frames(container: Any, broken: type[Exception]) -> Iterator[Any]:
    """Yield the frames of the first sound track without those that cannot be read, and None at the end."""
    frames = container.decode(audio=0)
    while True:
        try:
            yield next(frames)
        except StopIteration:
            yield None
            return
        except broken:
            continue


def _first_sentence(error: BaseException) -> str:
    told = " ".join(str(error).split()).partition(". ")[0].rstrip(".")
    return told[:200] or type(error).__name__
