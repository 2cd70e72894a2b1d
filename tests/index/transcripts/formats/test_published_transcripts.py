"""Transcripts made for reading: turns, times, chapters, and what is said about the episode."""

from collections.abc import Callable

import pytest

from index.errors import TimesRunBackwards
from index.transcripts.formats import parse_transcript
from index.transcripts.model import Transcript

Read = Callable[[str], Transcript]


def test_turns_paragraphs_and_chapters(read: Read) -> None:
    transcript = read("published.md")
    assert [
        (cue.speaker, cue.start_s, cue.end_s, cue.chapter, cue.starts_turn) for cue in transcript.cues
    ] == [
        ("Tobias Fenn", 9.0, 28.0, None, True),
        ("Tobias Fenn", 28.0, 33.0, None, False),
        ("Mara Okonjo", 33.0, None, None, True),
        ("Mara Okonjo", None, None, None, False),
        ("Tobias Fenn", 3730.0, None, "Who keeps it", True),
        ("Mara Okonjo", None, None, "Who keeps it", True),
    ]
    assert (transcript.format, transcript.kind, transcript.n_segments) == ("published", "published", 4)


def test_words_come_without_their_markup(read: Read) -> None:
    assert [cue.text for cue in read("published.md").cues] == [
        "Hello, everybody. I speak with Mara [the] Okonjo of the harbour office. "
        "The rule---if it is one---is [that] nobody leaves.",
        "Mara, welcome again to the show.",
        "Thank you. Sorry: where is my_lamp?",
        "That is a second paragraph without a time.",
        "Who keeps it, then?",
        'Whoever said: "I will".',
    ]


def test_front_matter_and_intro_become_hints(read: Read) -> None:
    hints = read("published.md").hints
    assert hints.title == "7 - The Lamp and the Law, with Mara Okonjo"
    assert (hints.published, hints.source, hints.duration_s) == ("2024-03-09", "Harbour Talk", 3849.0)
    assert hints.guests == ("Mara Okonjo", "Ines Varga")
    assert hints.tags == ("lamps", "law")
    assert (hints.video_id, hints.url) == ("abcdEFGH_-1", "https://www.youtube.com/watch?v=abcdEFGH_-1")
    assert hints.description is not None
    assert hints.description.startswith("In this episode we ask who may put out a lamp.")
    assert "Who pays" in hints.description
    assert "YouTube link" not in hints.description


def test_older_transcripts_carry_no_times(read: Read) -> None:
    transcript = read("untimed.md")
    assert not transcript.is_timed
    assert [cue.speaker for cue in transcript.cues] == ["Tobias Fenn", "Mara Okonjo", "Tobias Fenn"]
    assert (transcript.hints.title, transcript.hints.video_id) == ("A Ferry at Night", "abcdEFGH_-1")


def test_labels_without_markup_and_a_label_for_music(read: Read) -> None:
    transcript = read("labelled.txt")
    assert [(cue.speaker, cue.start_s) for cue in transcript.cues] == [
        ("Tobias Fenn", 0.0),
        ("Mara Okonjo", 20.0),
        ("Mara Okonjo", 65.0),
        ("Tobias Fenn", 82.0),
    ]


@pytest.mark.parametrize(
    "head",
    [
        "**Ada Quill:**",
        "**Ada Quill**:",
        "**Ada Quill** [00:00:05]",
        "**Ada Quill (0:05):**",
        "[0:05] **Ada Quill:**",
    ],
)
def test_heads_of_turns_are_told_in_many_hands(head: str) -> None:
    text = f"---\ntitle: x\n---\n{head}\nHello there.\n\n{head.replace('Ada Quill', 'Bo Arndt')}\nGood day.\n"
    cues = parse_transcript(text.encode(), name="x.md").cues
    assert [(cue.speaker, cue.text) for cue in cues] == [
        ("Ada Quill", "Hello there."),
        ("Bo Arndt", "Good day."),
    ]


def test_front_matter_that_is_no_yaml_is_read_line_by_line() -> None:
    text = "---\ntitle: Lamps: a history\ndate: 2024-13-45\n---\n\n**Ada:** One.\n\n**Bo:** Two.\n\n**Ada:** Three.\n"
    hints = parse_transcript(text.encode(), name="x.md").hints
    assert (hints.title, hints.published) == ("Lamps: a history", None)


def turns(*clocks: str) -> Transcript:
    text = "".join(f"**{('Ada', 'Bo')[n % 2]}** ({clock}):\nWords.\n\n" for n, clock in enumerate(clocks))
    return parse_transcript(text.encode(), name="x.md")


def test_a_time_that_steps_back_a_second_is_levelled() -> None:
    assert [cue.start_s for cue in turns("00:10", "00:20", "00:19", "00:30").cues] == [10.0, 20.0, 20.0, 30.0]


def test_one_slip_of_the_pen_among_many_times_is_no_time() -> None:
    clocks = [f"{minute}:00" for minute in range(60)]
    clocks[30] = "3:30"
    cues = turns(*clocks).cues
    assert cues[30].start_s is None
    assert cues[31].start_s == 31 * 60


def test_times_that_run_backwards_are_refused_with_their_line() -> None:
    with pytest.raises(TimesRunBackwards) as refused:
        turns("00:10", "05:00", "00:20")
    assert refused.value.fields == {"file": "x.md", "line": 8, "before_s": 300.0, "after_s": 20.0}


def test_turns_that_nobody_heard_are_no_code() -> None:
    turns = [
        "Ada: What of the lamp, then, and who is to pay for it?",
        "Audience: [inaudible]",
        "Ada: No, nobody did.",
    ]
    cues = parse_transcript("\n\n".join(turns * 4).encode(), name="x.md").cues
    assert [cue.speaker for cue in cues] == ["Ada"] * 8


def test_a_first_line_of_show_and_title_is_nobodys_speech() -> None:
    text = (
        "Hive Minds: Bees that count themselves\n\n"
        "Odalys Brandt: Welcome to Hive Minds. With me is the beekeeper Fenwick Osei.\n\n"
        "Fenwick Osei: Thank you. We hung cameras over forty hives and let a model count the bees.\n"
    )
    transcript = parse_transcript(text.encode(), name="bees.txt")
    assert [cue.speaker for cue in transcript.cues] == ["Odalys Brandt", "Fenwick Osei"]
    assert transcript.hints.title == "Hive Minds: Bees that count themselves"


@pytest.mark.parametrize(
    "first",
    ["Fenwick Osei: Good evening", "Wanda Ruiz: Good evening, and welcome.", "Wanda Ruiz: How are the bees?"],
    ids=["speaks again", "a sentence", "a question"],
)
def test_a_first_turn_is_no_title(first: str) -> None:
    text = (
        f"{first}\n\n"
        "Odalys Brandt: Welcome to Hive Minds. With me is the beekeeper Fenwick Osei.\n\n"
        "Fenwick Osei: Thank you. We hung cameras over forty hives and let a model count the bees.\n"
    )
    transcript = parse_transcript(text.encode(), name="bees.txt")
    assert transcript.hints.title is None
    assert transcript.cues[0].speaker == first.partition(":")[0]
