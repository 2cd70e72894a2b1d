"""Captions that tools and people spell badly: the rest of the file is read, and the report names what is not."""

# ruff: noqa: E501 (a table of inputs reads better in rows)

import pytest

from index.errors import MalformedCue, TimesRunBackwards, UnsupportedFormat
from index.transcripts.formats import parse_transcript
from index.transcripts.formats.timestamps import loose_clock_s
from index.transcripts.model import Transcript


def read(text: str, name: str = "x.srt") -> Transcript:
    return parse_transcript(text.encode(), name=name)


@pytest.mark.parametrize(
    ("clock", "seconds"),
    [
        ("00:00:01,500", 1.5), ("0:0:4,8", 4.8), ("7.380", 7.38), ("58.9", 58.9), ("1:02.400", 62.4),
        ("00:00:01:500", 1.5), ("00:00:01:12", 1.48), ("00: 00: 01,000", 1.0), ("00:00:01,0000", 1.0),
        ("-00:00:01,500", 0.0), ("00：00：01，500", 1.5), ("00:00:02.5", 2.5), ("00:00:60,000", 60.0),
        ("00:00:01;10", 1.1), ("5", 5.0), ("75:10", 4510.0),
        ("00:99:02,000", None), ("00:00:99", None), ("49:00:02,000", None), ("x", None), ("", None),
    ],
)  # fmt: skip
def test_clocks(clock: str, seconds: float | None) -> None:
    assert loose_clock_s(clock) == seconds


@pytest.mark.parametrize(
    "arrow",
    ["-->", "->", "–>", "—>", "--->", "→", "-- >", "==>", "--&gt;", " --> ", "-->\t", "\u00a0-->\u00a0"],
)
def test_arrows(arrow: str) -> None:
    text = f"1\n00:00:01,000{arrow}00:00:02,000\nOne.\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo.\n"
    assert [(cue.start_s, cue.text) for cue in read(text).cues] == [(1.0, "One."), (3.0, "Two.")]


GOOD = "1\n00:00:01,000 --> 00:00:02,000\nOne.\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo.\n\n"


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("3\n00:00:0x,000 --> 00:00:06,000\nThree.\n", 10),
        ("3\n00:00:05,000 -->\nThree.\n", 10),
        ("3\n00:00:05,000 --> ", 10),
        ("3\n00:00:05,0", 10),
        ("3\n00:00:05,000", 10),
        ("3\n--> 00:00:06,000\nThree.", 10),
    ],
)
def test_a_broken_block_is_named_and_the_rest_is_read(broken: str, line: int) -> None:
    transcript = read(GOOD + broken)
    assert [cue.text for cue in transcript.cues] == ["One.", "Two."]
    assert [(part.line, part.reason) for part in transcript.skipped] == [(line, "time")]
    assert transcript.report.n_stamps == 3


def test_a_number_left_over_at_the_end_is_not_spoken() -> None:
    assert [cue.text for cue in read(GOOD + "3\n").cues] == ["One.", "Two."]


def test_a_broken_block_in_the_middle() -> None:
    text = GOOD + "3\nxx:00:05,000 --> 00:00:06,000\nThree.\n\n4\n00:00:07,000 --> 00:00:08,000\nFour.\n"
    assert [cue.text for cue in read(text).cues] == ["One.", "Two.", "Four."]


def test_a_file_of_broken_blocks_is_refused() -> None:
    with pytest.raises(MalformedCue):
        read("1\n00:00:xx,000 --> 00:00:03,000\nOne.\n\n2\n00:00:yy,000 --> 00:00:05,000\nTwo.\n")


def test_empty_captions_out_of_order_do_no_harm() -> None:
    text = GOOD + "3\n00:00:00,000 --> 00:00:00,000\n\n\n4\n01:00:00,000 --> 01:00:01,000\nThree.\n"
    assert [cue.text for cue in read(text).cues] == ["One.", "Two.", "Three."]


def test_two_recordings_in_one_file_are_refused() -> None:
    first = "".join(f"{n}\n00:{n:02}:00,000 --> 00:{n:02}:02,000\nNumber {n}.\n\n" for n in range(1, 10))
    with pytest.raises(TimesRunBackwards):
        read(first + first)


def test_text_beside_the_times_is_said() -> None:
    text = (
        "1\n00:00:01,000 --> 00:00:02,000 One, two.\n\n2\n00:00:03,000 --> 00:00:04,000 align:start\nThree.\n"
    )
    assert [cue.text for cue in read(text).cues] == ["One, two.", "Three."]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("The kiln<br>is hot<br/>tonight.", "The kiln is hot tonight."),
        ("The kiln\\Nis\\hhot.", "The kiln is hot."),
        ("The kiln\\nis hot.", "The kiln is hot."),
        ("{\\an8}{\\i1}The kiln{\\i0} is hot.", "The kiln is hot."),
        ("{y:i}The kiln is hot.", "The kiln is hot."),
        ("{C:$0000FF}The kiln is hot.", "The kiln is hot."),
        ("<i>The</i> <font color='#fff'>kiln</font> is hot.", "The kiln is hot."),
        ("The kiln&nbsp;is &lt;i&gt;hot&lt;/i&gt;.", "The kiln is hot."),
        ("The ki\u00adln is\u200b hot.", "The kiln is hot."),
        ("<c.white><c.mono>The kiln is hot.</c></c>", "The kiln is hot."),
        ("<p>The kiln</p><p>is hot.</p>", "The kiln is hot."),
        ("Rock &amp; roll.", "Rock & roll."),
        ("می\u200cشود", "می\u200cشود"),
    ],
)
def test_words_come_as_a_person_reads_them(row: str, said: str) -> None:
    assert read(f"1\n00:00:01,000 --> 00:00:02,000\n{row}\n").cues[0].text == said


@pytest.mark.parametrize(
    ("rows", "speakers"),
    [
        (("[SPEAKER_00]: Yes.", "[SPEAKER_01]: No.", "[SPEAKER_00]: Yes."), ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"]),
        (("[SPEAKER_00] Yes.", "[SPEAKER_01] No.", "[SPEAKER_00] Yes."), ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"]),
        (("SPEAKER_00: Yes.", "SPEAKER_01: No.", "SPEAKER_00: Yes."), ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"]),
        (("Anna (Host): Yes.", "Chidi (Guest): No.", "Anna (Host): Yes."), ["Anna (Host)", "Chidi (Guest)", "Anna (Host)"]),
        (("Okafor, Chidi: Yes.", "Falk, Ines: No.", "Okafor, Chidi: Yes."), ["Okafor, Chidi", "Falk, Ines", "Okafor, Chidi"]),
        (("anna: yes", "chidi: no", "anna: yes", "chidi: no"), ["anna", "chidi", "anna", "chidi"]),
        (("问：好吗", "答：好", "问：真的", "答：真的"), ["问", "答", "问", "答"]),
        (("Ведущий: Да.", "Анна: Нет.", "Ведущий: Да."), ["Ведущий", "Анна", "Ведущий"]),
        (("(Anna): Yes.", "(Chidi): No.", "(Anna): Yes."), ["Anna", "Chidi", "Anna"]),
        (("- Anna: Yes.", "- Chidi: No.", "- Anna: Yes."), ["Anna", "Chidi", "Anna"]),
        ((">> ANNA: Yes.", ">> CHIDI: No.", ">> ANNA: Yes."), ["ANNA", "CHIDI", "ANNA"]),
        (("the rule is: yes", "and then: no", "the end"), [None, None, None]),
        (("[door creaks] Yes.", "[wind] No.", "[door creaks] Yes."), [None, None, None]),
    ],
)  # fmt: skip
def test_labels(rows: tuple[str, ...], speakers: list[str | None]) -> None:
    text = "".join(
        f"{n}\n00:00:{n:02},000 --> 00:00:{n + 1:02},000\n{row}\n\n" for n, row in enumerate(rows, 1)
    )
    assert [cue.speaker for cue in read(text).cues] == speakers


@pytest.mark.parametrize(
    ("opening", "name", "format_name"),
    [
        ("<SAMI><HEAD><TITLE>x</TITLE></HEAD>", "x.smi", "SAMI"),
        ("Scenarist_SCC V1.0\n\n00:00:01:00 9420", "x.scc", "SCC"),
        ("{1}{50}One.\n{60}{100}Two.\n", "x.sub", "MicroDVD without a frame rate"),
        ("%PDF-1.7 x", "x.txt", "PDF"),
        ("{\\rtf1 x}", "x.txt", "RTF"),
        ("$FontName = Arial\n00:00:01:00 , 00:00:02:00 , One.", "x.stl", "Spruce STL"),
    ],
)
def test_what_is_not_read_is_refused_by_its_name(opening: str, name: str, format_name: str) -> None:
    with pytest.raises(UnsupportedFormat) as refused:
        read(opening, name)
    assert refused.value.fields["format"] == format_name
