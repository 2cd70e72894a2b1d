"""Claims about which show an episode belongs to, and that a show is written in one way."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from index.library.ingest import Overrides, Plan
from index.library.ingest.shows import KnownNames, show_of_folder, show_of_pages, show_of_siblings, split_show

from .conftest import ON_FROST, ON_SAND, WORDS, planned, published, webvtt

Put = Callable[..., Path]
Add = Callable[..., Plan]

MILLS = "Why does the river rise?\n\nhttps://www.patreon.com/adaklind"


@pytest.mark.parametrize(
    ("folder", "show"),
    [
        ("rvr", "RVR"),
        ("Mill Radio", "Mill Radio"),
        ("waterphile", "Waterphile"),
        ("mill-radio-transcripts", "Mill Radio"),
        ("the_river_podcast", "The River Podcast"),
        ("captions", None),
        ("Transcripts", None),
        ("2024", None),
        ("shared", None),
        ("", None),
        (None, None),
        ("src", None),
        ("Recordings", None),
        ("Aufnahmen", None),
        ("exported", None),
    ],
)
def test_a_folder_is_a_show_unless_any_folder_may_be_called_so(folder: str | None, show: str | None) -> None:
    assert show_of_folder(folder) == show


@pytest.mark.parametrize(
    ("title", "show", "rest"),
    [
        ("The Long Table, episode 7: Ada on dams", "The Long Table", "Ada on dams"),
        ("Mill Radio #12 - Why rivers rise", "Mill Radio", "Why rivers rise"),
        ("Wassergespräche, Folge 3: Der Damm", "Wassergespräche", "Der Damm"),
        ("Season 2, episode 7: Ada on dams", None, "Season 2, episode 7: Ada on dams"),
        ("Episode 7: Ada on dams", None, "Episode 7: Ada on dams"),
        ("Dams, rivers and 12 mills: a talk", None, "Dams, rivers and 12 mills: a talk"),
    ],
)
def test_a_title_that_begins_with_a_show_and_a_number_names_the_show(
    title: str, show: str | None, rest: str
) -> None:
    assert split_show(title, None) == (rest, show)


@pytest.mark.parametrize(
    "name", ["Waterphile/river.vtt", "Waterphile/2024/river.vtt", "Waterphile/Season 2/a.md"]
)
def test_captions_too_are_of_the_show_that_their_folder_names(name: str, put: Put, library: Path) -> None:
    plan = planned(put(name, published() if name.endswith("md") else None), Overrides(), library)
    assert (plan.about.source, plan.origins["source"]) == ("Waterphile", "folder")


def test_files_beside_it_that_agree_on_their_show_tell_it(put: Put, library: Path) -> None:
    path = put("captions/river.vtt")
    put("captions/dam.info.json", json.dumps({"title": "The Dam", "channel": "Waterphile"}))
    assert planned(path, Overrides(), library).about.source is None
    put("captions/mill.md", published(head="podcast: waterphile\n"))
    plan = planned(path, Overrides(), library)
    assert (plan.about.source, plan.origins["source"]) == ("Waterphile", "siblings")
    put("captions/frost.md", published(head="podcast: Mill Radio\n"))
    assert planned(path, Overrides(), library).about.source is None


def test_one_sibling_alone_is_not_enough() -> None:
    assert show_of_siblings(["Waterphile"]) is None
    assert show_of_siblings(["Waterphile", "waterphile", "Waterphile"]) == "Waterphile"


def test_a_page_that_the_folder_links_to_names_the_show_in_the_words_it_spells() -> None:
    beside = [MILLS, MILLS, MILLS, "Ada Lind speaks of mills. https://twitter.com/water_phile"]
    assert show_of_pages(MILLS, beside) == "Ada Lind"
    assert show_of_pages(beside[3], beside) is None  # once, as a guest's is
    assert show_of_pages(MILLS, [MILLS] * 3) is None  # nobody writes the name out
    assert show_of_pages(MILLS, [*beside, *["nothing"] * 20]) is None  # few of the folder
    assert show_of_pages(None, beside) is None


def test_an_episode_whose_host_has_one_show_in_the_library_is_of_that_show(
    put: Put, add: Add, library: Path
) -> None:
    add(put("a.md", published(head="podcast: Mill Radio\n")))
    other = put("b.md", published(title="Kim Ad on Frost", guest="Kim Ad", said=ON_FROST))
    plan = planned(other, Overrides(), library)
    assert (plan.about.source, plan.origins["source"]) == ("Mill Radio", "library")
    add(
        put(
            "c.md",
            published(title="Jo Im on Sand", head="podcast: Waterphile\n", guest="Jo Im", said=ON_SAND),
        )
    )
    assert (
        planned(
            put("b.md", published(title="Kim Ad on Frost", guest="Kim Ad", said=ON_FROST)),
            Overrides(),
            library,
        ).about.source
        is None
    )


def test_a_host_who_is_a_guest_elsewhere_takes_no_show_along(put: Put, add: Add, library: Path) -> None:
    add(put("a.md", published(head="podcast: Mill Radio\n")))
    away = published(title="Bo Berg on Mills", host="Kim Ad", guest="Bo Berg", said=ON_FROST)
    assert planned(put("b.md", away), Overrides(), library).about.source is None


def test_shows_and_people_are_written_as_the_library_writes_them(put: Put, add: Add, library: Path) -> None:
    add(
        put(
            "a.md", published(title="Adà Lind on Rivers", head="podcast: Bo’s Mill Radio\n", guest="Adà Lind")
        )
    )
    text = published(title="Frost", head="podcast: Bos mill radio\nguest: Ada Lind 2.0\n")
    plan = planned(put("b.md", text), Overrides(), library)
    assert plan.about.source == "Bo’s Mill Radio"
    assert plan.about.guests == ("Adà Lind",)
    told = planned(put("b.md", text), Overrides(source="Bos mill radio"), library)
    assert told.about.source == "Bos mill radio"  # as the person wrote it


def test_a_letter_of_its_own_is_no_accent_and_a_stroke_is_one() -> None:
    known = KnownNames()
    known.add("ハック", ["ハナ・オノ"], ["Søren Holm"])
    assert known.show("バック") == "バック", "b is another letter than h"
    assert known.person("バナ・オノ") == "バナ・オノ"
    assert known.person("soren holm") == "Søren Holm"


def test_names_of_signs_alone_are_told_apart() -> None:
    known = KnownNames()
    known.add("!!!", ["A"], [])
    assert known.show("???") == "???"
    assert known.hosts_of("!!!") == ["A"]


def test_captions_beside_others_are_planned_alike_with_and_without_them(put: Put, library: Path) -> None:
    for number in range(3):
        put(f"captions/{number}.en.vtt", webvtt(WORDS[number:]))
        put(f"captions/{number}.description", MILLS + ("\nAda Lind" if number == 1 else ""))
    plan = planned(put("captions/3.en.vtt"), Overrides(), library)
    assert plan.about.source is None  # it links to nothing itself
    put("captions/3.description", MILLS)
    assert planned(put("captions/3.en.vtt"), Overrides(), library).about.source == "Ada Lind"
