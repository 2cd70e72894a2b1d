"""Claims about who is a guest and who asks."""

import pytest

from index.library.ingest.hosts_and_guests import (
    Voice,
    clean_names,
    names_in_title,
    people_of,
    shares_of,
    voices_of,
)
from index.transcripts.model import Cue, Transcript


def talk(*turns: tuple[str | None, str]) -> tuple[Voice, ...]:
    cues = tuple(Cue(text=text, speaker=speaker) for speaker, text in turns)
    return voices_of(Transcript(cues=cues, format="published", kind="published"))


TALK = talk(("Bo Berg", "Why is that? And then?"), ("Ada Lind", "It rises. " * 20), ("Kim Ad", "Buy sand."))


def test_whoever_asks_is_the_host_and_whoever_says_little_is_neither() -> None:
    people = people_of(TALK, "Rivers", hosts=(), guests=(), known_hosts=())
    assert (people.hosts, people.guests) == (("Bo Berg",), ("Ada Lind",))


def test_a_title_makes_a_guest_of_the_one_it_names_though_he_asks() -> None:
    asking = talk(("Bo Berg", "I see. " * 5), ("Ada Lind", "Is it? Was it? " * 9))
    people = people_of(asking, "Ada Lind on Rivers", hosts=(), guests=(), known_hosts=())
    assert (people.guests, people.guests_from) == (("Ada Lind",), "title")


def test_surnames_are_completed_from_the_title_and_the_source() -> None:
    short = talk(("Berg", "Why?"), ("Lind", "It rises. " * 9))
    people = people_of(short, "Rivers with Ada Lind", hosts=(), guests=(), known_hosts=["Bo Berg"])
    assert (people.hosts, people.guests) == (("Bo Berg",), ("Ada Lind",))


def test_what_the_file_says_goes_before_what_is_guessed() -> None:
    people = people_of(TALK, "Rivers", hosts=(), guests=("Kim Ad",), known_hosts=())
    assert people.guests == ("Kim Ad",)


def test_two_who_ask_equally_often_leave_the_host_open() -> None:
    both = talk(("Bo Berg", "Why?"), ("Ada Lind", "Why not?"))
    people = people_of(both, "Rivers", hosts=(), guests=(), known_hosts=())
    assert (people.hosts, people.guests) == ((), ())


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Rivers with Ada Lind", ["Ada Lind"]),
        ("Rivers with Ada Lind and Bo van der Berg", ["Ada Lind", "Bo van der Berg"]),
        ("Rivers 101 with Ada Lind (Mill, Dam)", ["Ada Lind"]),
        ("Ada Lind on Rivers", ["Ada Lind"]),
        ("Deep Learning on Graphs", []),
        ("A Response to Bo Berg on Rivers", []),
        ("Living with AI Systems", []),
        ("Rivers", []),
    ],
)
def test_titles_name_people_and_subjects_are_none(title: str, names: list[str]) -> None:
    assert names_in_title(title) == names


def test_shares_are_of_named_words_and_roles_are_no_names() -> None:
    voices = talk(("A B", "x x x"), ("C D", "y"), (None, "z " * 50), ("Interviewer", "w w"))
    assert shares_of(voices) == {"A B": 0.75, "C D": 0.25}


def test_names_in_a_hostile_title_are_searched_in_passing() -> None:
    assert names_in_title("Aa " * 20_000) == []
    assert names_in_title("with Ab Ab, " * 10_000) != []


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Sander Schulhoff 2.0", "Sander Schulhoff"),
        ("Ada Lind (part 2)", "Ada Lind"),
        ("Ada Lind, Part Two", "Ada Lind"),
        ("Ada Lind #3", "Ada Lind"),
        ("Ada Lind (CEO of Mills)", "Ada Lind"),
        ("Ada Lind, PhD", "Ada Lind"),
        ("ADA LIND", "Ada Lind"),
        ("Ada Lind returns", "Ada Lind"),
        ("Ada Lind-Berg", "Ada Lind-Berg"),
        ("Bo van der Berg III", "Bo van der Berg III"),
        ("Malcolm X", "Malcolm X"),
        ("will.i.am", "will.i.am"),
        ("PhD", ""),
    ],
)
def test_a_person_is_named_without_visits_roles_and_degrees(written: str, name: str) -> None:
    assert clean_names([written]) == ((name,) if name else ())


def test_a_person_is_named_once_with_the_accents() -> None:
    names = ["Adria Garriga-Alonso", "Bo Berg", "Adrià Garriga-Alonso", "bo berg 2.0"]
    assert clean_names(names) == ("Adrià Garriga-Alonso", "Bo Berg")


def test_names_are_cleaned_in_passing() -> None:
    assert clean_names(["Ada Lind" + " (part 2)" * 500]) == ("Ada Lind",)
    assert len(clean_names(["(" * 20_000])) <= 1
