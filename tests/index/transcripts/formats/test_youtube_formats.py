"""json3, srv1-3 and youtube-transcript-api lists: units, word times, and the law of the round trip."""

import json
from collections.abc import Callable
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.transcripts.formats import parse_transcript
from index.transcripts.model import Cue, Transcript

Read = Callable[[str], Transcript]


def test_json3_offsets_are_milliseconds_from_the_event(read: Read) -> None:
    transcript = read("auto.json3")
    assert [(cue.text, cue.start_s, cue.end_s, cue.starts_turn) for cue in transcript.cues] == [
        ("the tide tables were", 0.08, 2.32, False),
        ("wrong", 2.32, 4.0, False),
        ("by an hour", 6.0, 8.0, True),
    ]
    assert transcript.cues[0].word_starts_s == (0.08, 0.32, 0.6, 0.98)
    assert transcript.cues[2].word_starts_s == (6.0, 6.2, 6.4)
    assert transcript.track == "auto"


def test_srv1_is_seconds_and_escaped_twice(read: Read) -> None:
    cues = read("track.srv1").cues
    assert [(cue.text, cue.start_s, cue.end_s) for cue in cues] == [
        ("the tide's tables", 0.5, 2.0),
        ("were wrong", 2.0, 5.0),
        ("by an hour", 5.25, None),
    ]


def test_srv2_appends_words_to_the_line(read: Read) -> None:
    cues = read("track.srv2").cues
    assert [(cue.text, cue.word_starts_s) for cue in cues] == [("the tide", (0.5, 0.7)), ("turned", (2.0,))]


def test_srv3_holds_words_in_segments(read: Read) -> None:
    cues = read("track.srv3").cues
    assert [(cue.text, cue.word_starts_s) for cue in cues] == [
        ("the tide", (0.5, 0.74)),
        ("turned late", (2.0, 2.3)),
    ]


@pytest.mark.parametrize("name", ["snippets.json", "fetched.json"])
def test_snippets_are_seconds_and_overlaps_are_cut(read: Read, name: str) -> None:
    cues = read(name).cues
    assert [(cue.text, cue.start_s, cue.end_s) for cue in cues] == [
        ("the tide tables", 0.5, 2.25),
        ("were wrong", 2.25, 5.0),
        ("by an hour", 6.125, 8.125),
    ]


def test_a_fetched_transcript_says_what_it_is(read: Read) -> None:
    transcript = read("fetched.json")
    assert (transcript.track, transcript.hints.language, transcript.hints.video_id) == (
        "uploaded",
        "en",
        "abcdEFGH_-1",
    )


words = st.lists(
    st.sampled_from(["lamp", "fog", "the", "very", "Ünder", "fish&chips", "2,000"]), min_size=1, max_size=6
)


@st.composite
def timed_cues(draw: st.DrawFn) -> list[Cue]:
    cues = []
    second_ms = 0
    for said in draw(st.lists(words, min_size=1, max_size=8)):
        starts_ms = []
        for _ in said:
            second_ms += draw(st.integers(1, 900))
            starts_ms.append(second_ms)
        end_ms = second_ms + draw(st.integers(1, 3000))
        second_ms = end_ms
        cues.append(
            Cue(
                " ".join(said),
                starts_ms[0] / 1000,
                end_ms / 1000,
                word_starts_s=tuple(ms / 1000 for ms in starts_ms),
            )
        )
    return cues


@given(timed_cues())
def test_law_json3_read_back_is_the_transcript(cues: list[Cue]) -> None:
    data = json.dumps({"events": [_json3_event(cue) for cue in cues]}).encode()
    assert _times(parse_transcript(data, name="x.json3")) == _times_of(cues)


@given(timed_cues())
def test_law_srv3_read_back_is_the_transcript(cues: list[Cue]) -> None:
    body = "".join(_srv3_line(cue) for cue in cues)
    data = f'<?xml version="1.0"?><timedtext format="3"><body>{body}</body></timedtext>'.encode()
    assert _times(parse_transcript(data, name="x.srv3")) == _times_of(cues)


@given(timed_cues())
def test_law_srv1_and_snippets_read_back_are_the_lines(cues: list[Cue]) -> None:
    lines = [(cue.text, cue.start_s, cue.end_s) for cue in cues]
    rows = "".join(
        f'<text start="{cue.start_s}" dur="{_span(cue)}">{escape(escape(cue.text))}</text>' for cue in cues
    )
    srv1 = parse_transcript(f"<transcript>{rows}</transcript>".encode(), name="x.xml")
    snippets = [{"text": cue.text, "start": cue.start_s, "duration": _span(cue)} for cue in cues]
    api = parse_transcript(json.dumps(snippets).encode(), name="x.json")
    for transcript in (srv1, api):
        assert [(cue.text, cue.start_s, cue.end_s) for cue in transcript.cues] == lines


def _span(cue: Cue) -> float:
    return round((cue.end_s or 0.0) - (cue.start_s or 0.0), 3)


def _ms(second_s: float | None) -> int:
    return round((second_s or 0.0) * 1000)


def _pieces(cue: Cue) -> list[tuple[str, int]]:
    said = cue.text.split()
    return [
        (word if at == 0 else " " + word, _ms(start_s) - _ms(cue.start_s))
        for at, (word, start_s) in enumerate(zip(said, cue.word_starts_s, strict=True))
    ]


def _json3_event(cue: Cue) -> dict[str, object]:
    return {
        "tStartMs": _ms(cue.start_s),
        "dDurationMs": _ms(cue.end_s) - _ms(cue.start_s),
        "segs": [{"utf8": escape(word), "tOffsetMs": offset} for word, offset in _pieces(cue)],
    }


def _srv3_line(cue: Cue) -> str:
    pieces = "".join(f'<s t="{offset}">{escape(escape(word))}</s>' for word, offset in _pieces(cue))
    return f'<p t="{_ms(cue.start_s)}" d="{_ms(cue.end_s) - _ms(cue.start_s)}">{pieces}</p>'


def _times(transcript: Transcript) -> list[tuple[object, ...]]:
    return _times_of(transcript.cues)


def _times_of(cues: list[Cue] | tuple[Cue, ...]) -> list[tuple[object, ...]]:
    # Where no line has two words, no format can tell that the words have times of their own.
    has_word_times = any(len(cue.text.split()) > 1 for cue in cues)
    return [(cue.text, cue.start_s, cue.end_s, cue.word_starts_s if has_word_times else ()) for cue in cues]
