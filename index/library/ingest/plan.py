"""What adding a file would do to a library, before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from index.library.episodes import EpisodeFile
from index.library.ingest.metadata import Note, Origin
from index.library.ingest.people import Speaker
from index.transcripts.model import Kind, Track, Transcript

Action = Literal["new", "same", "joins", "updates"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read of a transcript.

    Attributes:
        format: the parser's name.
        kind, track, n_segments, is_timed: as in ``Transcript``.
        language: a code such as ``en``, or None.
        n_cues, n_words: how many.
        minutes: from the last second that is known, stated or heard; None where neither is.
        speakers: the named ones, those who say most first.
    """

    format: str
    kind: Kind
    track: Track | None
    language: str | None
    n_segments: int
    n_cues: int
    n_words: int
    minutes: float | None
    speakers: tuple[Speaker, ...]
    is_timed: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What adding one file would do.

    Attributes:
        action: ``new`` episode; ``same``, nothing, since these bytes are there; ``joins`` an episode that is there as
            another transcript of it; ``updates`` a transcript, or what is said of the episode, in place.
        slug: the episode's, which is or will be its folder's name.
        about: what ``episode.json`` will say.
        before: what it says now; None for a new one.
        file_name: the transcript's in that folder.
        original_name: the file's own, as it came.
        data: its bytes, which are stored untouched.
        transcript: as it was read.
        facts: what a person wants to know of it.
        said: how each field of ``about`` that came from this file or person was learned.
        notes: what a person should hear.
    """

    action: Action
    slug: str
    about: EpisodeFile
    before: EpisodeFile | None
    file_name: str
    original_name: str
    data: bytes
    transcript: Transcript
    facts: Facts
    said: Mapping[str, Origin]
    notes: tuple[Note, ...]
