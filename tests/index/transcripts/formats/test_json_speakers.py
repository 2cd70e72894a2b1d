"""Speakers in the JSON of recognisers: of each word, from a list of names, and beside a number."""

import json

import pytest

from index.transcripts.formats import parse_transcript
from index.transcripts.model import Transcript

ASKED = "Who holds the key to the gate?"
ANSWERED = "I do, and I have lost it."


def _read(value: object) -> Transcript:
    return parse_transcript(json.dumps(value).encode(), name="talk.json")


def _words(text: str, start_s: float, speaker: str | None) -> list[dict[str, object]]:
    return [
        {"word": word, "start": start_s + 0.3 * at, "end": start_s + 0.3 * at + 0.2}
        | ({} if speaker is None else {"speaker": speaker})
        for at, word in enumerate(text.split())
    ]


def _said(transcript: Transcript) -> list[tuple[str | None, str]]:
    return [(cue.speaker, cue.text) for cue in transcript.cues]


def _segment(*parts: tuple[str, float, str | None]) -> dict[str, object]:
    return {
        "start": parts[0][1],
        "end": parts[-1][1] + 5.0,
        "text": " " + " ".join(text for text, _, _ in parts),
        "speaker": "SPEAKER_00",
        "words": [word for part in parts for word in _words(*part)],
    }


def test_words_of_another_person_in_a_segment_are_that_persons() -> None:
    transcript = _read({"segments": [_segment((ASKED, 0.0, "SPEAKER_00"), (ANSWERED, 6.0, "SPEAKER_01"))]})
    assert _said(transcript) == [("SPEAKER_00", ASKED), ("SPEAKER_01", ANSWERED)]
    asked, answered = transcript.cues
    assert (asked.start_s, answered.start_s, answered.end_s) == (0.0, 6.0, 11.0)
    assert asked.end_s == pytest.approx(2.0)
    assert answered.word_starts_s[:2] == (6.0, 6.3)


def test_a_whole_sentence_of_one_word_is_a_turn() -> None:
    segment = _segment(
        (ASKED, 0.0, "SPEAKER_00"), ("Me.", 4.0, "SPEAKER_01"), ("You lost it?", 5.0, "SPEAKER_00")
    )
    assert _said(_read({"segments": [segment]})) == [
        ("SPEAKER_00", ASKED),
        ("SPEAKER_01", "Me."),
        ("SPEAKER_00", "You lost it?"),
    ]


def test_a_word_within_a_sentence_and_one_without_a_speaker_stay_in_it() -> None:
    segment = _segment(
        ("Who holds", 0.0, "SPEAKER_00"),
        ("the", 1.0, "SPEAKER_01"),
        ("key to", 1.5, "SPEAKER_00"),
        ("gate 7?", 2.5, None),
    )
    assert _said(_read({"segments": [segment]})) == [("SPEAKER_00", "Who holds the key to gate 7?")]


def test_the_last_word_of_the_one_before_begins_no_turn() -> None:
    segment = _segment(("So", 0.0, "SPEAKER_01"), ("who holds the key?", 0.5, "SPEAKER_00"))
    assert _said(_read({"segments": [segment]})) == [("SPEAKER_00", "So who holds the key?")]


def test_words_that_are_not_those_of_the_text_part_nothing() -> None:
    segment = _segment((ASKED, 0.0, "SPEAKER_00"), (ANSWERED, 6.0, "SPEAKER_01"))
    segment["text"] = "Something else was said."
    assert _said(_read({"segments": [segment]})) == [("SPEAKER_00", "Something else was said.")]


def test_names_are_taken_from_a_list_of_speakers() -> None:
    turns = [
        {
            "speaker": at,
            "elements": [{"type": "text", "value": text, "ts": 6.0 * at, "end_ts": 6.0 * at + 5.0}],
        }
        for at, text in enumerate((ASKED, ANSWERED))
    ]
    speakers = [{"id": 0, "name": "Mara Okonjo"}, {"id": 1, "name": "Tobias Fenn"}]
    transcript = _read({"speakers": speakers, "monologues": turns})
    assert _said(transcript) == [("Mara Okonjo", ASKED), ("Tobias Fenn", ANSWERED)]


def test_a_voice_beside_the_number_of_a_speaker_is_the_name() -> None:
    transcript = _read(
        [
            {
                "start_ms": 6000 * at,
                "end_ms": 6000 * at + 5000,
                "speaker": str(at),
                "voice": name,
                "text": text,
            }
            for at, (name, text) in enumerate((("Mara Okonjo", ASKED), ("Tobias Fenn", ANSWERED)))
        ]
    )
    assert _said(transcript) == [("Mara Okonjo", ASKED), ("Tobias Fenn", ANSWERED)]


def test_lines_with_a_designated_speaker_are_read() -> None:
    transcript = _read(
        {
            "lines": [
                {
                    "startTime": f"00:00:0{6 * at},000",
                    "endTime": f"00:00:0{6 * at + 3},000",
                    "speakerDesignation": name,
                    "text": text,
                }
                for at, (name, text) in enumerate((("Mara Okonjo", ASKED), ("Tobias Fenn", ANSWERED)))
            ]
        }
    )
    assert _said(transcript) == [("Mara Okonjo", ASKED), ("Tobias Fenn", ANSWERED)]
    assert [cue.start_s for cue in transcript.cues] == [0.0, 6.0]
