"""Interface of transcript sources, and the fetched transcript."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from index.library.ingest.sidecars import Sidecars, hints_of_info


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched transcript, ready for ``ingest.parse_bytes(data, name, sidecars=sidecars)``.

    Attributes:
        video_id: id of the video.
        name: a file name with the video's id and the language.
        data: the transcript's bytes in a format that ``captions.parse_transcript`` reads.
        language: the track's code, such as ``en`` or ``en-GB``.
        is_generated: True for a machine-made track.
        info: title, channel, date and the like, keyed as yt-dlp's ``.info.json``; None if unavailable.
    """

    video_id: str
    name: str
    data: bytes
    language: str
    is_generated: bool
    info: Mapping[str, object] | None

    @property
    def sidecars(self) -> Sidecars:
        """Return the metadata as sidecars of the file."""
        return Sidecars() if self.info is None else Sidecars(info=hints_of_info(dict(self.info)))


class TranscriptSource(Protocol):
    """Source of transcripts by video. Called from any thread; blocks it."""

    def fetch(self, video_id: str, *, limit_s: float) -> Fetched:
        """Return the best transcript of a video.

        Args:
            video_id: its eleven characters.
            limit_s: seconds after which no further request is begun.

        Raises:
            SourceError: it cannot be fetched, by subclass.
        """
