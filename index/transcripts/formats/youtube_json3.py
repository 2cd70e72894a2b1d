"""YouTube's ``json3``: events of segments, times in milliseconds, word times as offsets."""

from typing import TypeGuard

from index.errors import MalformedCue
from index.transcripts.formats.assembly import assembled, guessed_track
from index.transcripts.formats.caption_lines import ends_clipped, in_order
from index.transcripts.formats.decoding import folded
from index.transcripts.formats.markup import unescaped
from index.transcripts.formats.timestamps import number_s, shown
from index.transcripts.formats.youtube_cues import LineBuilder
from index.transcripts.model import Transcript

FORMAT = "youtube_json3"


def is_json3(value: object) -> TypeGuard[dict[str, object]]:
    """Return True for the shape of a json3 track."""
    return isinstance(value, dict) and isinstance(value.get("events"), list)


def parse_json3(value: dict[str, object], *, file: str) -> Transcript:
    """Return the transcript of a decoded json3 track.

    Events without segments only set up the window. ``track`` is ``auto`` where words have times.

    Raises:
        MalformedCue, TimesRunBackwards, NoSpeech.
    """
    events = value["events"]
    builder = LineBuilder()
    for event in events if isinstance(events, list) else []:
        if not isinstance(event, dict):
            raise MalformedCue(file=file, line=None, received=shown(event))
        segments = event.get("segs")
        if segments is None:
            continue
        if not isinstance(segments, list):
            raise MalformedCue(file=file, line=None, received=shown(segments))
        duration = event.get("dDurationMs")
        builder.add(
            number_s(event.get("tStartMs", 0), file=file, per_second=1000),
            None if duration is None else number_s(duration, file=file, per_second=1000),
            [_piece(segment, file) for segment in segments],
            appends=bool(event.get("aAppend")),
        )
    ordered, skipped = in_order(builder.lines(), file=file)
    lines = ends_clipped(ordered)
    is_machine_made = any(line.marks for line in lines)
    track = "auto" if is_machine_made else guessed_track(lines) or "uploaded"
    return assembled(lines, file=file, format_name=FORMAT, track=track, skipped=skipped)


def _piece(segment: object, file: str) -> tuple[str, float | None]:
    if not isinstance(segment, dict):
        raise MalformedCue(file=file, line=None, received=shown(segment))
    text = segment.get("utf8", "")
    offset = segment.get("tOffsetMs")
    if not isinstance(text, str):
        raise MalformedCue(file=file, line=None, received=shown(text))
    return folded(unescaped(text)), None if offset is None else number_s(offset, file=file, per_second=1000)
