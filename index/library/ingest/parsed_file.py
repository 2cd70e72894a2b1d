"""A parsed file: its bytes, and everything read from it and the files beside it. The library is not read here.

Bytes are decoded, their format detected and parsed here and nowhere else on the way into the library; the transcript
itself is not kept, since a plan needs its facts alone.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from pathlib import Path
from typing import Any
from zlib import crc32

from pydantic import TypeAdapter

from index.errors import EpisodeFileInvalid
from index.library.episodes import EPISODE_FILE, EpisodeFile
from index.library.ingest.filenames import clean_name
from index.library.ingest.hosts_and_guests import Voice, voices_of
from index.library.ingest.introductions import Introduced, introduced_in
from index.library.ingest.shows import folder_above, show_of_pages, show_of_siblings
from index.library.ingest.sidecars import (
    Siblings,
    Sidecars,
    read_episode_beside,
    read_siblings,
    read_sidecars,
)
from index.library.ingest.transcript_files import read_file
from index.transcripts.editing_clock import on_recordings_clock, timeline_start
from index.transcripts.formats import parse_transcript
from index.transcripts.model import Hints, Kind, ParseReport, Track, Transcript

LEAST_ALIKE = 0.15
"""From this share of common phrases on, two texts are of one recording; other talks have hardly any."""

MOSTLY = 0.6
"""From this share of its phrases on, a text is a part of another; what talks of one show share is far less."""

_PHRASE_WORDS = 4
_SKETCH_SIZE = 400

Sketch = frozenset[int]
"""A sample of a text's phrases; see ``sketch_of``."""


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """One transcript file, read, decoded and parsed.

    Attributes:
        name: the file's, cleaned, maybe empty.
        sha256: hex digest of the bytes.
        format, kind, track, n_segments, end_s: as in ``Transcript``.
        report: how well it was read.
        n_words: of all cues.
        voices: the named speakers.
        sketch: a sample of its phrases.
        front: hints from its front matter.
        hints: hints from its text, front matter included.
        sidecars: the sidecar files beside it.
        folder: the name of the folder it lies in, or None.
        introduced: who and what its first minute introduces.
        timeline_s: the second at which its clock begins, which its times were moved back by: whole hours, mostly 0.
        start_s: the second of the first word, 0 without times.
        sibling_show: the show that other files in that folder name, or None; looked for where the file names none.
        data: the bytes.
    """

    name: str
    sha256: str
    format: str
    kind: Kind
    track: Track | None
    n_segments: int
    end_s: float | None
    report: ParseReport
    n_words: int
    voices: tuple[Voice, ...]
    sketch: Sketch
    front: Hints
    hints: Hints
    sidecars: Sidecars
    folder: str | None = None
    introduced: Introduced = field(default_factory=Introduced)
    sibling_show: str | None = None
    timeline_s: float = 0.0
    start_s: float = 0.0
    data: bytes = field(default=b"", repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return everything but the bytes, for JSON; ``from_json`` reads it."""
        described: dict[str, Any] = _ADAPTER.dump_python(self, mode="json", exclude={"data"})
        return described

    @classmethod
    def from_json(cls, described: object, data: bytes) -> "ParsedFile":
        """Return what ``to_json`` described, with its bytes.

        Raises:
            ValueError: it is something else.
        """
        return replace(_ADAPTER.validate_python(described), data=data)

    @property
    def is_timed(self) -> bool:
        """Return True if any cue has a time."""
        return self.report.n_timed > 0


_ADAPTER: TypeAdapter[ParsedFile] = TypeAdapter(ParsedFile)


def parse_file(path: Path, siblings: Callable[[Path], Siblings] = read_siblings) -> ParsedFile:
    """Read the transcript at ``path`` with what lies beside it.

    Args:
        path: of a file.
        siblings: reads what the files of a folder say of their show; in a batch, with a memory for each folder.

    Raises:
        TranscriptRejected: the file cannot be read, by subclass.
    """
    data, sidecars = read_file(path), read_sidecars(path)
    try:
        sidecars = replace(sidecars, episode=read_episode_beside(path))
    except EpisodeFileInvalid:
        sidecars = replace(sidecars, broken=(*sidecars.broken, EPISODE_FILE))
    parsed = parse_bytes(data, path.name, sidecars=sidecars, folder=folder_above(path))
    if sidecars.episode is not None:
        return _as_stored(parsed, sidecars.episode.about)
    if parsed.front.source or parsed.hints.source or sidecars.info.source:
        return parsed
    beside = siblings(path.parent)
    show = show_of_siblings(beside.stated) or show_of_pages(sidecars.description, beside.descriptions)
    return parsed if show is None else replace(parsed, sibling_show=show)


def _as_stored(parsed: ParsedFile, about: EpisodeFile) -> ParsedFile:
    """Return ``parsed`` with the kind, track and name that another library has stored with it."""
    entry = next(entry for entry in about.transcripts if entry.file == parsed.name)
    return replace(
        parsed,
        name=clean_name(entry.original_name or "") or parsed.name,
        kind=entry.kind,
        track=entry.track or parsed.track,
        hints=replace(parsed.hints, language=entry.language or parsed.hints.language),
    )


def parse_bytes(
    data: bytes, name: str, *, sidecars: Sidecars | None = None, folder: str | None = None
) -> ParsedFile:
    """Read a transcript from its bytes, which came with a ``name`` from anywhere; the name is trusted with nothing.

    Args:
        data: the whole file.
        name: as it was given.
        sidecars: what came with it.
        folder: the name of the folder it lies in; may tell the show.

    Raises:
        TranscriptRejected: it cannot be read, by subclass.
    """
    clean = clean_name(name)
    transcript = parse_transcript(data, name=clean or "transcript")
    duration_s = _stated_duration(transcript.front, transcript.hints, sidecars)
    timeline_s = timeline_start(transcript, duration_s)
    transcript = on_recordings_clock(transcript, duration_s)
    return ParsedFile(
        name=clean,
        sha256=hashlib.sha256(data).hexdigest(),
        format=transcript.format,
        kind=transcript.kind,
        track=transcript.track,
        n_segments=transcript.n_segments,
        end_s=transcript.end_s,
        report=transcript.report,
        n_words=sum(len(cue.text.split()) for cue in transcript.cues),
        voices=voices_of(transcript),
        sketch=sketch_of(transcript),
        front=transcript.front,
        hints=transcript.hints,
        sidecars=sidecars or Sidecars(),
        folder=folder,
        introduced=introduced_in(transcript),
        timeline_s=timeline_s,
        start_s=next((cue.start_s for cue in transcript.cues if cue.start_s is not None), 0.0),
        data=data,
    )


def _stated_duration(front: Hints, hints: Hints, sidecars: Sidecars | None) -> float | None:
    """Return the length that a file, or what lies beside it, says that the recording has."""
    stored = None if sidecars is None or sidecars.episode is None else sidecars.episode.about.duration_s
    beside = None if sidecars is None else sidecars.info.duration_s
    return stored or front.duration_s or beside or hints.duration_s


def sketch_of(transcript: Transcript) -> Sketch:
    """Return the 400 smallest hashes of the text's runs of four words (bottom-k sketch)."""
    words = [
        plain
        for cue in transcript.cues
        for word in cue.text.casefold().split()
        if (plain := word if word.isalnum() else "".join(filter(str.isalnum, word)))
    ]
    if len(words) < _PHRASE_WORDS:
        phrases = [" ".join(words)]
    else:
        phrases = [*map(" ".join, zip(*(words[at:] for at in range(_PHRASE_WORDS)), strict=False))]
    return frozenset(sorted({crc32(phrase.encode()) for phrase in phrases})[:_SKETCH_SIZE])


def likeness(sketch: Sketch, other: Sketch) -> float:
    """Return the estimated share of phrases that two texts have in common among all that either has, from 0 to 1.

    The estimate of the Jaccard index from bottom-k sketches: A. Z. Broder, On the resemblance and containment of
    documents, 1997.
    """
    smallest = nsmallest(_SKETCH_SIZE, sketch | other)
    return len(sketch & other & set(smallest)) / len(smallest) if smallest else 0.0


def containment(sketch: Sketch, other: Sketch) -> float:
    """Return the estimated share of a text's phrases that another has, too, from 0 to 1; see ``likeness``."""
    is_cut = len(other) >= _SKETCH_SIZE
    known = max(other) if is_cut else math.inf  # above it, the other's phrases are not kept
    own = [phrase for phrase in sketch if phrase <= known]
    return len(other.intersection(own)) / len(own) if own else 0.0
