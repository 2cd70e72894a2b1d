"""The seam behind which transcripts are fetched, and what comes through it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from index.library.ingest.sidecars import Sidecars, hints_of_info


@dataclass(frozen=True, slots=True)
class Fetched:
    """A transcript as it came, ready for ``ingest.parse_bytes(data, name, sidecars=sidecars)``.

    Attributes:
        video_id: of the video.
        name: a file name that says video and language.
        data: the transcript's bytes in a format that ``captions.parse_transcript`` reads.
        language: the track's code, such as ``en`` or ``en-GB``.
        is_generated: True for a machine-made track.
        info: title, channel, date and the like, keyed as yt-dlp's ``.info.json``; None where they could not be had.
    """

    video_id: str
    name: str
    data: bytes
    language: str
    is_generated: bool
    info: Mapping[str, object] | None

    @property
    def sidecars(self) -> Sidecars:
        """The metadata as if it had lain beside the file."""
        return Sidecars() if self.info is None else Sidecars(info=hints_of_info(dict(self.info)))


class TranscriptSource(Protocol):
    """What can be asked for a video's transcript. Called from any thread; blocks it."""

    def fetch(self, video_id: str, *, limit_s: float) -> Fetched:
        """The best transcript of a video.

        Args:
            video_id: its eleven characters.
            limit_s: seconds after which no further request is begun.

        Raises:
            SourceError: it cannot be had, by subclass.
        """
