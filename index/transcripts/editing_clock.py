"""Times of editing programs, which count from one hour on (or ten) rather than from zero, made the recording's."""

from dataclasses import replace

from index.transcripts.model import Cue, Transcript

HOUR_S = 3600.0
USUAL_STARTS_S = (HOUR_S, 10 * HOUR_S)
"""Where the timelines of editing programs begin unless somebody sets them otherwise."""

LATEST_WORDS_S = 60.0
"""Seconds after the timeline's beginning by which somebody speaks."""

SLACK_S = 60.0
"""Seconds by which words may lie after the stated end of a recording."""


def timeline_start(transcript: Transcript, duration_s: float | None) -> float:
    """Return the second at which the recording begins on the transcript's clock: whole hours, mostly 0.

    They are left out where the words end after the recording does, and would not without them. Where its length is not
    known, it begins at a usual start if that is less than a minute before the first words.

    Args:
        transcript: as it was read.
        duration_s: length of the recording, or None.
    """
    first_s = next((cue.start_s for cue in transcript.cues if cue.start_s is not None), 0.0)
    hours_s = first_s - first_s % HOUR_S
    if not hours_s:
        return 0.0
    if duration_s is None:
        return hours_s if hours_s in USUAL_STARTS_S and first_s - hours_s < LATEST_WORDS_S else 0.0
    end_s = transcript.end_s or first_s
    return hours_s if end_s - hours_s <= duration_s + SLACK_S < end_s else 0.0


def on_recordings_clock(transcript: Transcript, duration_s: float | None) -> Transcript:
    """Return ``transcript`` with its seconds counted from the beginning of the recording; see ``timeline_start``."""
    start_s = timeline_start(transcript, duration_s)
    if not start_s:
        return transcript
    return replace(transcript, cues=tuple(_earlier(cue, start_s) for cue in transcript.cues))


def _earlier(cue: Cue, by_s: float) -> Cue:
    def moved(second_s: float | None) -> float | None:
        return None if second_s is None else round(second_s - by_s, 3)

    return replace(
        cue,
        start_s=moved(cue.start_s),
        end_s=moved(cue.end_s),
        word_starts_s=tuple(round(second_s - by_s, 3) for second_s in cue.word_starts_s),
    )
