"""WebVTT, uploaded tracks and YouTube's rolling automatic ones alike."""

import re

from index.transcripts.formats.assembly import assembled, guessed_track
from index.transcripts.formats.cue_blocks import timed_blocks
from index.transcripts.formats.lines import Line, in_order
from index.transcripts.formats.markup import voiced
from index.transcripts.formats.rolling import has_timed_words, unrolled
from index.transcripts.model import Hints, Track, Transcript

FORMAT = "webvtt"

_HEADER_FIELD = re.compile(r"(?m)^(Kind|Language):[ \t]*(\S.*)$")


def parse_webvtt(text: str, *, file: str) -> Transcript:
    """The transcript of a WebVTT file, with or without its header.

    Voices become speakers, inline times word times. ``track`` is ``auto`` where words have times or lines roll,
    ``uploaded`` where YouTube's header stands without either or voices are named.

    Raises:
        MalformedCue, TimesRunBackwards, NoSpeech.
    """
    header = dict(_HEADER_FIELD.findall(text[: text.find("-->")][:2000]))
    raw = in_order(timed_blocks(text, file=file), file=file)
    timed = has_timed_words(raw)
    fresh, rolled = unrolled(raw)
    lines = [part for line in fresh for part in voiced(line)]
    has_voices = any(line.speaker for line in lines)
    hints = Hints(language=header.get("Language", "").strip() or None)
    track = _track(lines, timed or rolled, has_voices or "Kind" in header)
    return assembled(lines, file=file, format_name=FORMAT, track=track, hints=hints)


def _track(lines: list[Line], is_machine_made: bool, is_made_by_hand: bool) -> Track | None:
    if is_machine_made:
        return "auto"
    return "uploaded" if is_made_by_hand else guessed_track(lines)
