"""The first minute tells show and people by set phrases, and anything else introduces nobody."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.library.ingest import Overrides, parse_bytes, plan_episode, write_plan
from index.library.ingest.introductions import Introduced, introductions


@pytest.mark.parametrize(
    ("opening", "guests"),
    [
        ("My guest today is Dagny Holm, who fires nine hundred pots a month.", ("Dagny Holm",)),
        ("Hello. My guest is Dagny Holm. She fires pots.", ("Dagny Holm",)),
        ("Today's guest is the potter Dagny Holm.", ("Dagny Holm",)),
        ("I'm joined today by Ada Lind and Bo van den Berg.", ("Ada Lind", "Bo van den Berg")),
        ("In this episode, I’ll be speaking with Ada Q. Lind about rivers.", ("Ada Q. Lind",)),
        ("The following is a conversation with Ada Lind, a miller.", ("Ada Lind",)),
        ("With me today are Ada Lind, Bo Berg, and Ío Ré.", ("Ada Lind", "Bo Berg", "Ío Ré")),
        ("Our guest today, is Ada Lind! And later, joining us is Bo Berg.", ("Ada Lind", "Bo Berg")),
        ("my guest today is dagny holm who fires pots", ()),
        ("I am here with a heavy heart. Dagny Holm has died.", ()),
        ("I was talking with Ada yesterday.", ()),
    ],
)
def test_guests_are_introduced_by_their_full_names(opening: str, guests: tuple[str, ...]) -> None:
    assert introductions(opening).guests == guests


@pytest.mark.parametrize(
    ("opening", "shows"),
    [
        ("Welcome to Kiln Talk. My guest", ("Kiln Talk",)),
        ("Welcome back to another episode of The Long Bench, where", ("The Long Bench",)),
        ("You're listening to Mill Radio", ("Mill Radio",)),
        ("Welcome to the studio.", ()),
    ],
)
def test_a_show_is_what_one_is_welcomed_to(opening: str, shows: tuple[str, ...]) -> None:
    assert introductions(opening).shows == shows


@given(st.text(max_size=300))
def test_any_text_may_introduce_nobody(opening: str) -> None:
    assert isinstance(introductions(opening), Introduced)


def captions(*lines: str) -> bytes:
    rows = [
        f"00:00:{4 * at:02}.000 --> 00:00:{4 * at + 4:02}.000\n>> {line}\n" for at, line in enumerate(lines)
    ]
    return "\n".join(["WEBVTT", "", *rows]).encode()


TALK = (
    "Welcome to Kiln Talk. My guest today is Dagny Holm, who fires pots.",
    "Thank you. A program decides when the kiln is opened, and I only carry.",
    "Why did you hand that over?",
)


@pytest.mark.parametrize(
    ("name", "title", "source", "guests"),
    [
        ("2026-09-14 Kiln Talk - Dagny Holm on pots.vtt", "Dagny Holm on pots", "Kiln Talk", ("Dagny Holm",)),
        ("Kiln Talk: Pots and forecasts.vtt", "Pots and forecasts", "Kiln Talk", ("Dagny Holm",)),
        ("kiln-final-v2.vtt", "Kiln Final V2", None, ("Dagny Holm",)),
        ("Fire - Dagny Holm on pots.vtt", "Fire - Dagny Holm on pots", None, ("Dagny Holm",)),
    ],
)
def test_show_and_guest_are_read_where_name_and_first_minute_agree(
    name: str, title: str, source: str | None, guests: tuple[str, ...], tmp_path: Path
) -> None:
    plan = plan_episode(parse_bytes(captions(*TALK), name), Overrides(), tmp_path)
    assert (plan.about.title, plan.about.source, plan.about.guests) == (title, source, guests)


def test_a_welcome_in_small_letters_bears_out_the_show_that_the_name_begins_with(tmp_path: Path) -> None:
    name = "2026-10-02 The Kiln Talk - Dagny Holm on pots.vtt"
    small = parse_bytes(captions("welcome back to kiln talk today I'm on the phone", "with a potter"), name)
    about = plan_episode(small, Overrides(), tmp_path).about
    assert (about.title, about.source, about.guests) == (
        "Dagny Holm on pots",
        "The Kiln Talk",
        ("Dagny Holm",),
    )
    other = parse_bytes(captions("welcome back to the kiln today we talk", "with a potter"), name)
    assert plan_episode(other, Overrides(), tmp_path).about.source is None


@pytest.mark.parametrize(
    ("name", "opening", "source"),
    [
        ("2026-11-20 Kiln Talk - Dagny Holm on pots.vtt", "Kiln Talk. Dagny, you fire pots.", "Kiln Talk"),
        (
            "2026-11-20 Kiln Talk - Dagny Holm on pots.vtt",
            "The Kiln Talk! Dagny, you fire pots.",
            "Kiln Talk",
        ),
        ("Kiln Talk: Pots and forecasts.vtt", "Kiln Talk, episode nine. Dagny, you fire pots.", "Kiln Talk"),
        ("Kiln | Pots and forecasts.vtt", "Kiln, episode nine. Dagny, you fire pots.", "Kiln"),
        ("Kiln - Pots and forecasts.vtt", "Kiln. A word that few people know.", None),
        ("Kiln Talk - Dagny Holm on pots.vtt", "Kiln talk. What is that?", None),
        ("Kiln Talk - Dagny Holm on pots.vtt", "Kiln Talk is what they call it here.", None),
        ("Kiln Talk - Dagny Holm on pots.vtt", "Kiln Talk? I would not call it that.", None),
        ("Dagny Holm - Pots and forecasts.vtt", "Dagny Holm. You fire pots.", None),
    ],
)
def test_a_show_that_the_name_and_the_first_words_begin_with_is_one(
    name: str, opening: str, source: str | None, tmp_path: Path
) -> None:
    voices = (
        "<v Piet Halvorsen>" + opening,
        "<v Dagny Holm>I do. A program decides when the kiln is opened.",
    )
    rows = [f"00:00:0{at}.000 --> 00:00:0{at + 1}.000\n{line}\n" for at, line in enumerate(voices)]
    parsed = parse_bytes("\n".join(["WEBVTT", "", *rows]).encode(), name)
    about = plan_episode(parsed, Overrides(), tmp_path).about
    assert about.source == source
    assert ("Kiln Talk" in about.title or "Kiln" in about.title) is (source is None and "Kiln" in name)


def test_who_is_known_is_no_show_that_a_talk_opens_with(tmp_path: Path) -> None:
    known = parse_bytes(captions(*TALK), "2026-09-14 Kiln Talk - Dagny Holm on pots.vtt")
    write_plan(
        plan_episode(known, Overrides(), tmp_path / "library"), tmp_path / "library", tmp_path / "state"
    )
    other = parse_bytes(captions("Dagny Holm. She fires pots.", "She does."), "Dagny Holm - Fire.vtt")
    assert plan_episode(other, Overrides(), tmp_path / "library").about.source is None
    assert plan_episode(other, Overrides(), tmp_path / "nothing").about.source is None
    guest = parse_bytes(
        captions("Night Shift. She fires pots.", "She does."), "Night Shift - Dagny Holm on fire.vtt"
    )
    assert plan_episode(guest, Overrides(), tmp_path / "nothing").about.source == "Night Shift"


def test_a_place_is_no_show_and_a_show_may_say_that_it_is_one(tmp_path: Path) -> None:
    place = parse_bytes(captions("Welcome to San Francisco.", *TALK[1:]), "talk.vtt")
    assert plan_episode(place, Overrides(), tmp_path).about.source is None
    show = parse_bytes(captions("Welcome to the Mill Podcast.", *TALK[1:]), "talk.vtt")
    assert plan_episode(show, Overrides(), tmp_path).about.source == "Mill Podcast"


def test_what_is_called_a_show_is_one(tmp_path: Path) -> None:
    for opening, show in (
        ("Welcome back to Kiln Talk, the show about pots.", "Kiln Talk"),
        ("This is Ink and Rust, a weekly podcast for printers.", "Ink and Rust"),
        ("Welcome to London, the city that never shows.", None),
        ("Welcome to Kiln Talk. I saw the show about pots.", None),
    ):
        plan = plan_episode(parse_bytes(captions(opening, *TALK[1:]), "pots.vtt"), Overrides(), tmp_path)
        assert plan.about.source == show, opening


def test_a_meeting_without_a_name_is_called_by_whom_it_introduces_and_its_day(tmp_path: Path) -> None:
    name = "GMT20240305-170000_Recording.transcript.vtt"
    for opening, title in (
        ("Welcome to Kiln Talk. My guest today is Dagny Holm, who fires pots.", "Dagny Holm, 2024-03-05"),
        ("Welcome to Kiln Talk, the podcast about pots.", "Kiln Talk, 2024-03-05"),
        ("Good morning, everybody, we start at once.", "Recording, 2024-03-05"),
    ):
        about = plan_episode(parse_bytes(captions(opening, *TALK[1:]), name), Overrides(), tmp_path).about
        assert (about.title, str(about.published)) == (title, "2024-03-05")


def test_the_head_of_a_meeting_programs_text_is_title_day_length_and_keywords(tmp_path: Path) -> None:
    """None of it is a summary."""
    text = (
        "Harbour hour\nTue, Mar 5, 2024 10:00AM • 1:20\n\nSUMMARY KEYWORDS\ncrane, paint, harbour\n\nSPEAKERS\n"
        "Anna Kowalska, Chidi Okafor\n\nAnna Kowalska  00:04\nWelcome to this recording, we are glad that you came.\n\n"
        "Chidi Okafor  00:09\nToday we are discussing the old crane and its paint, which is blue below the rail.\n"
    )
    about = plan_episode(parse_bytes(text.encode(), "Harbour_otter_ai.txt"), Overrides(), tmp_path).about
    assert (about.title, str(about.published), about.duration_s) == ("Harbour hour", "2024-03-05", 80.0)
    assert (about.tags, about.summary) == (("crane", "paint", "harbour"), None)
