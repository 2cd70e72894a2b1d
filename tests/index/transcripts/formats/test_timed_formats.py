"""The formats beside WebVTT and SubRip that programs write: read with times, speakers and words."""

# ruff: noqa: E501 (a table of inputs reads better in rows)

import json

import pytest

from index.errors import MalformedCue, NotATranscript
from index.transcripts.formats import parse_transcript

ROWS = [
    (1.0, 4.5, "The kiln is hot."),
    (5.0, 8.25, "Do not touch it, please."),
    (65.5, 68.0, "Nobody would."),
]
EXPECTED = [(start_s, text) for start_s, _, text in ROWS]


def read(data: object, name: str) -> list[tuple[float | None, str]]:
    raw = data if isinstance(data, str) else json.dumps(data)
    return [(cue.start_s, cue.text) for cue in parse_transcript(raw.encode(), name=name).cues]


def ms(seconds: float) -> int:
    return round(seconds * 1000)


def clock(seconds: float) -> str:
    return f"00:{int(seconds) // 60:02}:{seconds % 60:06.3f}"


SHAPES: dict[str, object] = {
    "whisper": {"text": "x", "segments": [{"id": 0, "start": a, "end": b, "text": f" {t}"} for a, b, t in ROWS], "language": "en"},
    "faster-whisper list": [{"start": a, "end": b, "text": t} for a, b, t in ROWS],
    "milliseconds": [{"start": ms(a), "end": ms(b), "text": t} for a, b, t in ROWS],
    "named milliseconds": [{"startMs": ms(a), "endMs": ms(b), "text": t} for a, b, t in ROWS],
    "clocks": [{"start": clock(a), "end": clock(b), "text": t} for a, b, t in ROWS],
    "texts of numbers": [{"start": str(a), "end": str(b), "text": t} for a, b, t in ROWS],
    "whisper.cpp": {"transcription": [{"timestamps": {"from": clock(a).replace(".", ","), "to": clock(b)}, "text": t} for a, b, t in ROWS]},
    "whisper.cpp offsets": {"transcription": [{"offsets": {"from": ms(a), "to": ms(b)}, "text": t} for a, b, t in ROWS]},
    "transformers": {"text": "x", "chunks": [{"timestamp": [a, b], "text": t} for a, b, t in ROWS]},
    "podcast": {"version": "1.0.0", "segments": [{"startTime": a, "endTime": b, "body": t} for a, b, t in ROWS]},
    "podcast clocks": {"segments": [{"startTime": clock(a), "endTime": clock(b), "body": t} for a, b, t in ROWS]},
    "youtube": [{"text": t, "start": a, "duration": 3.0} for a, _, t in ROWS],
    "youtube offset": [{"text": t, "offset": ms(a), "duration": 3000} for a, _, t in ROWS],
    "assemblyai": {"utterances": [{"speaker": "A", "start": ms(a), "end": ms(b), "text": t} for a, b, t in ROWS], "words": []},
    "deepgram": {"results": {"utterances": [{"start": a, "end": b, "transcript": t, "speaker": 0} for a, b, t in ROWS]}},
    "rev": {"monologues": [{"speaker": 0, "elements": [{"type": "text", "value": t, "ts": a, "end_ts": b}]} for a, b, t in ROWS]},
    "wrapped": {"data": {"result": {"segments": [{"start": a, "end": b, "text": t} for a, b, t in ROWS]}}},
    "google": {"results": [{"alternatives": [{"transcript": t, "words": [{"startTime": f"{a}s", "endTime": f"{b}s", "word": t}]}]} for a, b, t in ROWS]},
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_json(shape: str) -> None:
    assert read(SHAPES[shape], "x.json") == EXPECTED


def test_json_lines() -> None:
    text = "\n".join(json.dumps({"start": a, "end": b, "text": t}) for a, b, t in ROWS)
    assert read(text, "x.jsonl") == EXPECTED


def test_word_timed_lists_make_sentences_with_a_second_for_each_word() -> None:
    words = [
        {"word": "The", "start": 0.1, "end": 0.3}, {"word": "9."}, {"word": "kiln", "start": 0.6, "end": 0.9},
        {"word": "is", "start": 1.0, "end": 1.1}, {"word": "hot.", "start": 1.2, "end": 1.5},
        {"word": "Yes.", "start": 9.0, "end": 9.2},
    ]  # fmt: skip
    for value in (words, {"words": words}, {"results": {"channels": [{"alternatives": [{"words": words}]}]}}):
        cues = parse_transcript(json.dumps(value).encode(), name="x.json").cues
        assert [(cue.start_s, cue.text) for cue in cues] == [
            (0.1, "The 9."),
            (0.6, "kiln is hot."),
            (9.0, "Yes."),
        ]
        assert cues[1].word_starts_s == (0.6, 1.0, 1.2)


def test_stops_of_their_own_join_the_word_before() -> None:
    items = [
        {
            "type": "pronunciation",
            "start_time": "0.5",
            "end_time": "0.9",
            "alternatives": [{"content": "Hot"}],
        },
        {"type": "punctuation", "alternatives": [{"content": ","}]},
        {
            "type": "pronunciation",
            "start_time": "1.0",
            "end_time": "1.4",
            "alternatives": [{"content": "really"}],
        },
        {"type": "punctuation", "alternatives": [{"content": "."}]},
    ]
    assert read({"results": {"transcripts": [{"transcript": "x"}], "items": items}}, "x.json") == [
        (0.5, "Hot, really.")
    ]


def test_words_inside_segments_give_their_seconds() -> None:
    words = [{"word": " The", "start": 0.1}, {"word": " kiln"}, {"word": " burns.", "start": 0.9}]
    value = {"segments": [{"start": 0.1, "end": 1.4, "text": " The kiln burns.", "words": words}]}
    cue = parse_transcript(json.dumps(value).encode(), name="x.json").cues[0]
    assert (cue.text, cue.word_starts_s) == ("The kiln burns.", (0.1, 0.1, 0.9))


def test_a_segment_without_text_or_time_is_passed_over() -> None:
    rows = [*SHAPES["faster-whisper list"], {"start": 70, "text": None}, {"text": "Lost."}]  # type: ignore[misc]
    transcript = parse_transcript(json.dumps(rows).encode(), name="x.json")
    assert [(cue.start_s, cue.text) for cue in transcript.cues] == EXPECTED
    assert [part.reason for part in transcript.skipped] == ["time"]


def test_json_of_another_kind_is_refused() -> None:
    for value in ({"name": "x"}, [{"title": "x", "views": 3}], {"segments": [{"label": "x"}]}):
        with pytest.raises(NotATranscript):
            read(value, "x.json")
    with pytest.raises(MalformedCue):
        read([{"text": "One.", "start": "soon"}, {"text": "Two.", "start": "later"}], "x.json")


@pytest.mark.parametrize(
    "text",
    [
        "start\tend\ttext\n1000\t4500\tThe kiln is hot.\n5000\t8250\tDo not touch it, please.\n65500\t68000\tNobody would.\n",
        'start,end,text\n1.0,4.5,The kiln is hot.\n5.0,8.25,"Do not touch it, please."\n65.5,68,Nobody would.\n',
        'Speaker;Start Time;End Time;Text\nAnna;00:00:01.000;x;The kiln is hot.\nAnna;00:00:05;x;Do not touch it, please.\n'
        "Anna;00:01:05,5;x;Nobody would.\n",
        'start,end,text\n1.0,4.5,"The kiln\nis hot."\n5.0,8.25,"Do not touch\n\nit, please."\n65.5,68,Nobody would.\n',
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["x.tsv", "x.csv", "x.txt"])
def test_tables(text: str, name: str) -> None:
    assert read(text, name) == EXPECTED


def test_sbv_and_subviewer() -> None:
    text = "".join(f"0:00:{a:06.3f},0:00:{b:06.3f}\n{t}\n\n" for a, b, t in ROWS[:2])
    assert read(text, "x.sbv") == read(text, "x.txt") == EXPECTED[:2]
    subviewer = "[INFORMATION]\n[TITLE]\n[END INFORMATION]\n00:00:01.00,00:00:04.50\nThe kiln[br]is hot.\n"
    assert read(subviewer, "x.sub") == EXPECTED[:1]


def test_substation_scripts() -> None:
    text = (
        "[Script Info]\nScriptType: v4.00\n\n[Events]\nFormat: Marked, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: Marked=0,0:00:05.00,0:00:08.25,Default,,0000,0000,0000,,Do not touch it, please.\n"
        "Comment: Marked=0,0:00:00.00,0:00:08.25,Default,,0000,0000,0000,,A note.\n"
        "Dialogue: Marked=0,0:00:02.00,0:00:03.00,Signs,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}\n"
        "Dialogue: Marked=0,0:00:01.00,0:00:04.50,Default,,0000,0000,0000,,{\\pos(1,2)}The kiln\\Nis {\\i1}hot{\\i0}.\n"
        "Dialogue: Marked=0,xx,0:00:04.50,Default,,0000,0000,0000,,Lost.\n"
    )
    transcript = parse_transcript(text.encode(), name="x.ssa")
    assert [(cue.start_s, cue.text) for cue in transcript.cues] == EXPECTED[:2]
    assert [(part.line, part.reason) for part in transcript.skipped] == [(10, "time")]


def test_mpl2_and_lyrics() -> None:
    assert read("[10][45]The kiln|is hot.\n[50][82]Do not touch it, please.\n", "x.sub") == EXPECTED[:2]
    text = "[ti:The kiln]\n[ar:Anna]\n[00:01.00]The kiln is hot.\n[00:05.00]Do not touch it, please.\n[01:05.50]Nobody would.\n"
    assert read(text, "x.lrc") == EXPECTED
    assert parse_transcript(text.encode(), name="x.lrc").hints.title == "The kiln"
    words = "[00:01.00]<00:01.00>The <00:02.00>kiln <00:03.50>burns.\n"
    assert parse_transcript(words.encode(), name="x.lrc").cues[0].word_starts_s == (1.0, 2.0, 3.5)


@pytest.mark.parametrize(
    ("root", "begin", "end"),
    [
        ("", "00:00:01.000", "00:00:04.500"), ("", "1s", "4.5s"), ("", "1000ms", "4500ms"), ("", "0:0:1", "4.5s"),
        ('ttp:frameRate="25"', "25f", "00:00:04:12"), ('ttp:tickRate="10000000"', "10000000t", "45000000t"),
    ],
)  # fmt: skip
def test_ttml(root: str, begin: str, end: str) -> None:
    text = (
        f'<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" '
        f'xmlns:ttm="http://www.w3.org/ns/ttml#metadata" xml:lang="en" {root}><head><metadata>'
        f'<ttm:agent xml:id="a" type="person"><ttm:name>Anna Kowalska</ttm:name></ttm:agent></metadata></head><body><div>'
        f'<p begin="{begin}" end="{end}" ttm:agent="a">The kiln<br/>is <span>hot</span>.</p>'
        f'<p begin="soon">Lost.</p><p begin="5s" dur="3s">Do not touch it, please.</p></div></body></tt>'
    )
    transcript = parse_transcript(text.encode(), name="x.ttml")
    assert [(cue.start_s, cue.text) for cue in transcript.cues] == EXPECTED[:2]
    assert [cue.speaker for cue in transcript.cues] == ["Anna Kowalska", None]
    assert (transcript.hints.language, len(transcript.skipped)) == ("en", 1)
