"""A transcript: the cues of one episode in order, where they came from, and how well the file was read."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["captions", "published"]
Track = Literal["auto", "uploaded"]
SkipReason = Literal["time", "order", "text"]
"""Why a block was not read: its time is no time, its time lies before that of earlier blocks, or it has no text."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption line, or one paragraph of a published turn.

    Attributes:
        text: the spoken words, whitespace folded, no markup; never empty.
        start_s: seconds from the start of the recording to the first word; None where no times are known.
        end_s: seconds to the end of the last word, at least ``start_s``; None where it is not known.
        speaker: the name, in the fullest form that the transcript has, or None.
        chapter: the heading that the cue stands under, or None.
        word_starts_s: the second each whitespace-separated word of ``text`` starts at, non-decreasing; empty
            where only the cue's own times are known.
        starts_turn: True where the transcript marks a new turn here, even by the same or a nameless speaker.
    """

    text: str
    start_s: float | None = None
    end_s: float | None = None
    speaker: str | None = None
    chapter: str | None = None
    word_starts_s: tuple[float, ...] = ()
    starts_turn: bool = False


@dataclass(frozen=True, slots=True)
class Hints:
    """Facts that a file says, or lets one guess, about its episode; None or empty where it says nothing."""

    title: str | None = None
    source: str | None = None
    url: str | None = None
    video_id: str | None = None
    published: str | None = None
    language: str | None = None
    duration_s: float | None = None
    description: str | None = None
    hosts: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A block, or a time stamp, of the file that was not used.

    Attributes:
        line: 1-based line of the file; None in formats without lines, such as JSON.
        reason: see ``SkipReason``.
        received: what stood there, cut to 80 characters.
    """

    line: int | None
    reason: SkipReason
    received: str


@dataclass(frozen=True, slots=True)
class ParseReport:
    """A report of how a file was read, for a person to see at once when it was misread.

    Attributes:
        n_cues: cues of the transcript.
        n_timed: those of them that know their second.
        n_stamps: time stamps that the file prints, used or not; a caption block counts as one. A file with many
            stamps and no timed cue was not understood.
        skipped: what was not used, in the order of the file.
        encoding: the character encoding that the bytes were read as, by Python's name.
    """

    n_cues: int
    n_timed: int
    n_stamps: int
    skipped: tuple[Skipped, ...]
    encoding: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """Cues in the order they were spoken, start times non-decreasing where known.

    Attributes:
        cues: at least one.
        format: the parser's name, such as ``webvtt`` or ``published``.
        kind: ``captions`` (a track with times for a player) or ``published`` (a text meant for reading).
        track: for captions, ``auto`` (machine-made) or ``uploaded``; None where it cannot be told.
        n_segments: the number of caption segments, or turns, that the file holds as it came.
        hints: what the file itself says about its episode, front matter included.
        front: what its front matter says.
        skipped: blocks and time stamps of the file that were not used, in its order.
        n_stamps: time stamps that the file prints, used or not.
        encoding: the character encoding that the bytes were read as, by Python's name.
    """

    cues: tuple[Cue, ...]
    format: str
    kind: Kind
    track: Track | None = None
    n_segments: int = 0
    hints: Hints = field(default_factory=Hints)
    front: Hints = field(default_factory=Hints)
    skipped: tuple[Skipped, ...] = ()
    n_stamps: int = 0
    encoding: str = "utf-8"

    @property
    def is_timed(self) -> bool:
        """True where any cue knows its second."""
        return any(cue.start_s is not None for cue in self.cues)

    @property
    def report(self) -> ParseReport:
        """The report of how the file was read."""
        return ParseReport(
            n_cues=len(self.cues),
            n_timed=sum(1 for cue in self.cues if cue.start_s is not None),
            n_stamps=self.n_stamps,
            skipped=self.skipped,
            encoding=self.encoding,
        )

    @property
    def end_s(self) -> float | None:
        """The last second that any cue knows, or None without times."""
        ends = [
            end
            for cue in self.cues
            if (end := cue.end_s if cue.end_s is not None else cue.start_s) is not None
        ]
        return max(ends, default=None)
