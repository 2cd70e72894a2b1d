"""Claims about what a file's name says, and about names that nobody should trust."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.library.ingest.filenames import (
    clean_name,
    parse_name,
    recording_of_day,
    stored_name,
    without_number,
)

ID = "a1B2-c3_D4e"


@pytest.mark.parametrize(
    ("name", "title", "video_id", "language"),
    [
        (f"A River in Spring-{ID}.en.vtt", "A River in Spring", ID, "en"),
        (f"A River in Spring [{ID}].pt-BR.srt", "A River in Spring", ID, "pt-BR"),
        (f"A River ({ID}).vtt", "A River", ID, None),
        (f"A River-{ID}.en-orig.json3", "A River", ID, "en"),
        ("A River--QsTmu2CqhA.vtt", "A River", "-QsTmu2CqhA", None),
        ("Rivers part 1.5-S_Sd_S8jwP0.en.vtt", "Rivers part 1.5", "S_Sd_S8jwP0", "en"),
        ("Talk of the-of-the-town.vtt", "Talk of the-of-the-town", None, None),
        ("Rivers-singularity.vtt", "Rivers Singularity", None, None),
        ("Rivers [Transcripts].vtt", "Rivers [Transcripts]", None, None),
        ("An evening-DeepMindAGI.vtt", "An evening-DeepMindAGI", None, None),
        ("Talks about Node.js.vtt", "Talks about Node.js", None, None),
        ("3.2 - A River.md", "A River", None, None),
        ("Episode 12: A River.md", "A River", None, None),
        ("#416 – A River.md", "A River", None, None),
        ("10 Reasons to Swim.md", "10 Reasons to Swim", None, None),
        ("a-river-in-the-spring.md", "A River in the Spring", None, None),
        ("What is AI_ A River： Part 2.srt", "What is AI_ A River: Part 2", None, None),
        ("transcript.md", None, None, None),
        ("A River.transcript.vtt", "A River", None, None),
        ("GMT20240305-170000_Recording.transcript.vtt", None, None, None),
        ("GMT20240305-170000_Recording_1920x1080.cc.vtt", None, None, None),
        ("captions-2.en.vtt", None, None, "en"),
    ],
)
def test_title_video_and_language_are_told_apart(
    name: str, title: str | None, video_id: str | None, language: str | None
) -> None:
    says = parse_name(name)
    assert (says.title, says.video_id, says.language) == (title, video_id, language)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("GMT20240305-170000_Recording.transcript.vtt", None),
        ("GMT20240305-170000_Harbour Hour.vtt", "Harbour Hour"),
        ("2024-03-05 17.00.00 Harbour Hour.vtt", "Harbour Hour"),
        ("2024-03-05-100000 Cranes.vtt", "Cranes"),
        ("2024-03-05-101 Cranes.vtt", "101 Cranes"),
    ],
)
def test_a_recording_is_dated_by_its_name(name: str, title: str | None) -> None:
    assert (parse_name(name).published, parse_name(name).title) == (date(2024, 3, 5), title)


@pytest.mark.parametrize(
    ("name", "title", "published"),
    [
        ("Harbour Hour_otter_ai.txt", "Harbour Hour", None),
        ("Harbour Hour_otter.ai.txt", "Harbour Hour", None),
        ("Harbour Hour-20240305_170000-Meeting Recording.vtt", "Harbour Hour", date(2024, 3, 5)),
        ("Harbour Hour (2024-03-05 at 17:00 GMT+1) - Transcript.txt", "Harbour Hour", date(2024, 3, 5)),
        ("An otter.txt", "An otter", None),
        ("Meeting recording.txt", "Meeting recording", None),
    ],
)
def test_what_a_program_adds_to_a_name_is_no_part_of_the_title(
    name: str, title: str, published: date | None
) -> None:
    assert (parse_name(name).title, parse_name(name).published) == (title, published)


@pytest.mark.parametrize(
    ("name", "title", "published"),
    [
        ("kiln_talk_ep31_2024-03-05.en-GB.vtt", "Kiln Talk Ep31", date(2024, 3, 5)),
        ("Kiln talk (2024-03-05).srt", "Kiln talk", date(2024, 3, 5)),
        ("Ada Lind - on pots - 20240305.txt", "Ada Lind - on pots", date(2024, 3, 5)),
        ("2024-03-05 kiln talk 2023-01-01.srt", "Kiln talk 2023-01-01", date(2024, 3, 5)),
        ("The 2024-03-05 kiln.srt", "The 2024-03-05 kiln", None),
        ("Kiln talk 2024-13-45.srt", "Kiln talk 2024-13-45", None),
    ],
)
def test_a_name_may_end_with_its_day(name: str, title: str, published: date | None) -> None:
    assert (parse_name(name).title, parse_name(name).published) == (title, published)


def test_a_recording_without_a_title_is_called_by_its_day() -> None:
    for name in (
        "GMT20240305-170000_Recording.transcript.vtt",
        "GMT20240305-170000_Recording_1920x1080.cc.vtt",
    ):
        assert recording_of_day(name) == "Recording, 2024-03-05"
    assert recording_of_day("2024-03-05.vtt") is recording_of_day("Recording.vtt") is None


def test_a_date_at_the_start_is_the_day_and_no_part_of_the_title() -> None:
    says = parse_name("2024-11-26-38_2-ada-lind-rivers.markdown")
    assert (says.published, says.title) == (date(2024, 11, 26), "Ada Lind Rivers")
    assert parse_name("2024-13-45-rivers.md").published is None


@pytest.mark.parametrize(
    "title", ["10 Reasons to Swim", "2001: A Space Odyssey", "3.5 is a number", "Episode 12"]
)
def test_numbers_that_belong_to_a_title_stay(title: str) -> None:
    assert without_number(title) == title


@pytest.mark.parametrize(
    "name",
    [
        "../../x.vtt",
        "..\\..\\x.vtt",
        "CON",
        "con.vtt",
        "a" * 300 + ".vtt",
        "\u202egnp.vtt",
        ".hidden.srt",
        "",
        "..",
        "/",
        "x\x00.vtt",
    ],
)
def test_a_hostile_name_is_stored_under_a_plain_one(name: str) -> None:
    assert stored_name(name, kind="captions", format_name="webvtt") in {"captions.vtt", "captions.srt"}
    clean = clean_name(name)
    assert len(clean) <= 200
    assert not set(clean) & set("/\\\x00\u202e")


@given(st.text(max_size=260))
def test_any_name_is_read_and_stored_plainly(name: str) -> None:
    says = parse_name(name)
    assert says.title is None or says.title.strip()
    clean = clean_name(name)
    assert "/" not in clean
    assert clean not in {".", ".."}
    assert stored_name(name, kind="published", format_name="plain").startswith("transcript.")


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", min_size=11, max_size=11))
def test_an_id_in_brackets_is_found_unless_it_is_a_word(video_id: str) -> None:
    found = parse_name(f"A River [{video_id}].en.vtt").video_id
    assert found == (None if video_id.islower() or video_id.istitle() or video_id.isdigit() else video_id)
