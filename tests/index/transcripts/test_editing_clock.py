"""Transcripts on an editing program's clock are moved to the recording's; a recording that begins late is not."""

import pytest

from index.transcripts.editing_clock import on_recordings_clock, timeline_start
from index.transcripts.model import Cue, Transcript


def _talk(first_s: float, *, lasting_s: float = 600.0) -> Transcript:
    cues = (
        Cue(
            "Who holds the key?",
            first_s,
            first_s + 2.0,
            word_starts_s=(first_s, first_s + 0.5, first_s + 1.0),
        ),
        Cue("A note without a time."),
        Cue("I do.", first_s + lasting_s - 2.0, first_s + lasting_s),
    )
    return Transcript(cues, "subrip", "captions")


@pytest.mark.parametrize(
    ("first_s", "duration_s", "start_s"),
    [
        (3_604.5, None, 3_600.0),
        (36_000.0, None, 36_000.0),
        (3_604.5, 605.0, 3_600.0),
        (3_700.0, 720.0, 3_600.0),
        (7_201.0, 605.0, 7_200.0),
        (4.5, None, 0.0),
        (4.5, 100.0, 0.0),
        (3_700.0, None, 0.0),
        (7_201.0, None, 0.0),
        (3_604.5, 4_300.0, 0.0),
        (3_604.5, 200.0, 0.0),
    ],
)
def test_where_the_recording_begins_on_a_transcripts_clock(
    first_s: float, duration_s: float | None, start_s: float
) -> None:
    assert timeline_start(_talk(first_s), duration_s) == start_s


def test_every_second_is_moved_and_the_rest_stays() -> None:
    assert on_recordings_clock(_talk(3_604.5), None) == _talk(4.5)


def test_what_is_without_times_stays_as_it_is() -> None:
    untimed = Transcript((Cue("Who holds the key?"),), "published", "published")
    assert on_recordings_clock(untimed, 605.0) == untimed
