"""Claims about what adding a file would do: new, same, joins or updates, and what the episode is called."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import NotATranscript, OverrideInvalid, SlugInvalid, TranscriptRejected
from index.library.episodes import EpisodeFile, TranscriptFile, checked_slug, read_episode, wanted_text
from index.library.ingest import (
    Duplicates,
    Overrides,
    Plan,
    parse_bytes,
    parse_sidecars,
    plan_episode,
    remember,
)

from .conftest import WORDS, planned, published, webvtt

ID = "a1B2-c3_D4e"
OTHER_ID = "q7RvT-0xLm4"

Put = Callable[..., Path]
Add = Callable[..., Plan]


def about_of(plan: Plan) -> dict[str, object]:
    return plan.about.model_dump(exclude={"transcripts"}, exclude_defaults=True)


def test_a_published_transcript_tells_its_whole_story(put: Put, library: Path) -> None:
    text = published(
        head="date: 2024-11-26 22:50 -0800\n",
        intro=f"[YouTube link](https://youtu.be/{ID})\n\nWhy does the river rise? Ada Lind tells us.",
    )
    plan = planned(put("rvr/2024-11-27-ada.markdown", text), Overrides(), library, today=date(2026, 11, 22))
    assert about_of(plan) == {
        "title": "Ada Lind on Rivers",
        "source": "RVR",
        "url": f"https://www.youtube.com/watch?v={ID}",
        "video_id": ID,
        "published": date(2024, 11, 26),
        "hosts": ("Bo Berg",),
        "guests": ("Ada Lind",),
        "summary": "Why does the river rise? Ada Lind tells us.",
    }
    assert plan.action == "new"
    assert plan.slug == "ada-lind-on-rivers"
    assert plan.file_name == "transcript.markdown"
    assert plan.origins["title"] == "front matter"
    assert plan.origins["source"] == "folder"
    assert plan.origins["guests"] == "title"
    assert [speaker.name for speaker in plan.facts.speakers] == ["Ada Lind", "Bo Berg"]
    assert not plan.facts.is_timed
    assert plan.about.transcripts[0].model_dump(exclude_none=True) == {
        "file": "transcript.markdown",
        "kind": "published",
        "stored": date(2026, 11, 22),
        "original_name": "2024-11-27-ada.markdown",
    }


def test_captions_are_told_by_their_name_and_neighbours(put: Put, library: Path) -> None:
    put(f"A River - Waterphile-{ID}.description", "Why does the river rise?\n\nhttps://x.example/waterphile")
    plan = planned(put(f"A River - Waterphile-{ID}.en.vtt"), Overrides(), library)
    assert about_of(plan) == {
        "title": "A River",
        "source": "Waterphile",
        "url": f"https://www.youtube.com/watch?v={ID}",
        "video_id": ID,
        "duration_s": plan.parsed.end_s,
        "summary": "Why does the river rise?",
    }
    assert plan.facts.language == "en"
    assert plan.facts.n_words == len(WORDS)
    assert plan.origins["video_id"] == "file name"


def test_an_info_file_goes_before_the_name_and_its_tags_are_left_out(put: Put, library: Path) -> None:
    info = {
        "id": ID, "title": "A River", "channel": "Waterphile", "upload_date": "20240229", "duration": 4000,
        "tags": ["a", "b"], "extractor_key": "Youtube",
    }  # fmt: skip
    put("river.info.json", json.dumps(info))
    plan = planned(put("river.en.vtt"), Overrides(), library)
    assert (plan.about.title, plan.about.source, plan.about.video_id) == ("A River", "Waterphile", ID)
    assert plan.about.published == date(2024, 2, 29)
    assert plan.about.tags == ()
    assert [note.code for note in plan.notes] == ["duration_differs"]


def test_a_broken_neighbour_is_passed_over_and_named(put: Put, library: Path) -> None:
    put("river.info.json", "{not json")
    plan = planned(put("river.en.vtt"), Overrides(), library)
    assert [(note.code, note.fields) for note in plan.notes] == [
        ("sidecar_ignored", {"file": "river.info.json"})
    ]


def test_a_long_interview_without_an_id_is_named_by_its_file(put: Put, library: Path) -> None:
    name = "Ada Lind - Rivers, Mills & the Great Frost - Bo Berg Podcast 416.vtt"
    plan = planned(put(name), Overrides(), library)
    assert plan.about.title == "Ada Lind - Rivers, Mills & the Great Frost"
    assert plan.about.source == "Bo Berg Podcast"
    assert plan.about.guests == ("Ada Lind",)


@pytest.mark.parametrize("folder", ["captions", "Transcripts", "2024", "corpus", "downloads"])
def test_a_folder_that_may_hold_anything_is_no_source(folder: str, put: Put, library: Path) -> None:
    assert planned(put(f"{folder}/ada.md", published()), Overrides(), library).about.source is None


@pytest.mark.parametrize(
    "name", ["ada-lind/ada-lind.md", "ada-lind-on-rivers/ada.md", "the-river/transcript.md"]
)
def test_a_folder_of_one_episode_is_no_source(name: str, put: Put, library: Path) -> None:
    assert planned(put(name, published()), Overrides(), library).about.source is None


def test_a_title_that_only_has_a_dash_loses_nothing(put: Put, library: Path) -> None:
    plan = planned(put(f"Why Not Just - Build Dams-{ID}.vtt"), Overrides(), library)
    assert (plan.about.title, plan.about.source) == ("Why Not Just - Build Dams", None)


def test_few_keywords_are_tags_and_many_are_none(put: Put, library: Path) -> None:
    few = planned(put("a.md", published(head="keywords: [dams, sand]\n")), Overrides(), library)
    many = planned(put("b.md", published(head=f"keywords: {list('abcdefghij')}\n")), Overrides(), library)
    assert few.about.tags == ("dams", "sand")
    assert many.about.tags == ()


def test_what_the_person_says_goes_first(put: Put, library: Path) -> None:
    overrides = Overrides(
        "Mill Radio", "The Dam", f"https://youtu.be/{ID}", date(2020, 1, 2), "Water", ("dams",), "the-dam"
    )
    plan = planned(put("x.md", published(head="channel: Other\n")), overrides, library)
    about = plan.about
    assert (about.source, about.title, about.published) == ("Mill Radio", "The Dam", date(2020, 1, 2))
    assert (about.shelf, about.tags, about.video_id) == ("Water", ("dams",), ID)
    assert plan.slug == "the-dam"
    assert plan.origins["title"] == "override"


def test_the_same_bytes_change_nothing_whatever_they_are_called(put: Put, add: Add, library: Path) -> None:
    add(put("river.vtt"))
    again = planned(put("other-name.en.vtt"), Overrides(), library)
    assert (again.action, again.slug) == ("same", "river")
    assert again.about == again.before


def test_the_same_bytes_with_a_new_wish_update_only_that(put: Put, add: Add, library: Path) -> None:
    first = add(put("river.vtt"))
    again = add(put("river.vtt"), shelf="Water")
    assert (again.action, again.slug) == ("updates", first.slug)
    assert again.about == first.about.model_copy(update={"shelf": "Water"})
    assert add(put("river.vtt"), shelf="Water").action == "same"


def test_a_typed_show_is_spelled_as_the_library_spells_it(put: Put, add: Add, library: Path) -> None:
    add(put("river.vtt"), source="Mill Radio")
    other = put("dam.vtt", webvtt(WORDS[::-1]))
    plan = planned(other, Overrides(source="mill-radio"), library)
    assert plan.about.source == "Mill Radio"
    assert not plan.notes
    near = planned(other, Overrides(source="Mil Radio"), library)
    assert near.about.source == "Mil Radio"
    assert [(note.code, note.fields["near"]) for note in near.notes] == [("source_near", "Mill Radio")]


def test_the_spelling_of_a_show_is_corrected_where_no_other_episode_has_it(
    put: Put, add: Add, library: Path
) -> None:
    add(put("river.vtt"), source="mill radio")
    assert add(put("river.vtt"), source="Mill Radio").about.source == "Mill Radio"
    add(put("dam.vtt", webvtt(WORDS[::-1])), source="mill radio")
    assert add(put("river.vtt"), source="MILL RADIO").action == "same"


def test_an_address_in_capitals_is_the_same_page(put: Put, add: Add, library: Path) -> None:
    first = add(put("river.vtt"), url="HTTPS://Mill.Example/river")
    assert first.about.url == "https://mill.example/river"
    second = planned(
        put("b.vtt", webvtt(WORDS[::-1])), Overrides(url="https://mill.example:443/river"), library
    )
    assert (second.action, second.slug) == ("joins", first.slug)


def test_the_same_video_from_another_file_joins_and_fills_gaps_only(
    put: Put, add: Add, library: Path
) -> None:
    first = add(put(f"A River-{ID}.en.vtt"))
    text = published(head=f"video_id: {ID}\ndate: 2024-11-26\n")
    second = add(put("ada.md", text))
    assert (second.action, second.slug) == ("joins", first.slug)
    assert second.about.title == first.about.title
    assert second.about.guests == ("Ada Lind",)
    assert second.about.published == date(2024, 11, 26)
    assert [entry.file for entry in second.about.transcripts] == ["captions.vtt", "transcript.md"]
    assert "same_video" in [note.code for note in second.notes]
    assert "title" not in second.origins


@pytest.mark.parametrize(
    ("first", "second", "is_answered_from"),
    [
        ("captions", "published", True),
        ("published", "captions", False),
        ("captions", "captions", True),
        ("published", "published", True),
    ],
)
def test_a_second_text_tells_whether_it_answers_and_it_is_so(
    first: str, second: str, is_answered_from: bool, put: Put, add: Add, library: Path
) -> None:
    for place, kind in enumerate((first, second)):
        if kind == "captions":
            file = put(f"{'ab'[place]}-{ID}.vtt", webvtt(WORDS[: len(WORDS) - place]))
        else:
            file = put(f"{'ab'[place]}.md", published(head=f"video_id: {ID}\ndate: 2024-11-2{place}\n"))
        plan = add(file, title=f"Of {place}")
    assert (plan.action, plan.is_answered_from) == ("joins", is_answered_from)
    assert [note.fields for note in plan.notes if note.code == "retitled"] == [{"before": "Of 0"}]
    used = read_episode(library, plan.slug).transcript
    assert used is not None
    assert used.kind == (second if is_answered_from else first)


def test_an_episode_without_a_text_gets_its_first_under_its_name(put: Put, library: Path) -> None:
    folder = library / "a-river"
    folder.mkdir(parents=True)
    (folder / "episode.json").write_text(json.dumps({"title": "A River", "source": "Waterphile"}), "utf-8")
    plan = planned(put("anything.vtt"), Overrides(slug="a-river"), library)
    assert (plan.action, plan.slug, plan.about.source) == ("joins", "a-river", "Waterphile")
    assert planned(put("anything.vtt"), Overrides(slug="a-brook"), library).action == "new"


@pytest.mark.parametrize(
    ("transcripts", "is_timed", "wanted"),
    [
        ([("published", None)], False, "captions"),
        ([("published", None)], True, None),
        ([("captions", "auto")], True, "published"),
        ([("captions", "auto"), ("captions", "auto")], True, "published"),
        ([("captions", "auto"), ("published", None)], True, None),
        ([("captions", "uploaded")], True, None),
        ([("captions", None)], True, None),
        ([], False, None),
    ],
)
def test_which_second_text_an_episode_would_gain_by(
    transcripts: list[tuple[Any, Any]], is_timed: bool, wanted: str | None
) -> None:
    entries = tuple(
        TranscriptFile(file=f"{number}.vtt", kind=kind, track=track)
        for number, (kind, track) in enumerate(transcripts)
    )
    assert wanted_text(EpisodeFile(title="A River", transcripts=entries), is_timed=is_timed) == wanted


def test_the_same_page_from_another_file_joins(put: Put, add: Add, library: Path) -> None:
    first = add(put("a.vtt"), url="https://show.example/7")
    second = add(put("b.vtt", webvtt(WORDS[::-1])), url="https://show.example/7")
    assert (second.action, second.slug, second.file_name) == ("joins", first.slug, "captions-2.vtt")


def test_another_text_for_the_same_file_updates_it_in_place(put: Put, add: Add, library: Path) -> None:
    first = add(put("river.vtt"))
    second = add(put("river.vtt", webvtt([*WORDS, "and", "then", "it", "fell"])))
    assert (second.action, second.slug, second.file_name) == ("updates", first.slug, first.file_name)
    assert len(second.about.transcripts) == 1


def test_the_same_words_in_another_format_join_without_any_id(put: Put, add: Add, library: Path) -> None:
    add(put("river.vtt"))
    plan = add(put("river.txt", " ".join(WORDS)))
    assert (plan.action, plan.slug) == ("joins", "river")


def test_the_same_words_of_the_same_guest_join_under_another_title(put: Put, add: Add, library: Path) -> None:
    first = add(put("a.md", published(title="Ada Lind on Rivers")))
    second = planned(put("talk.md", published(title="Dams, a talk with Ada Lind")), Overrides(), library)
    assert (second.action, second.slug) == ("joins", first.slug)
    other = (
        "**Bo Berg:** Why did you sell the boats before the winter came?\n\n"
        "**Ada Lind:** A boat wants to be looked at every day, and from the town nobody looks at it. So I sold "
        "all three to a cousin, who paints them blue and takes the children out on Sundays.\n"
    )
    assert planned(put("boats.md", other), Overrides(), library).action == "new"


def test_a_talk_is_recognised_by_its_words_whatever_its_file_is_called(
    put: Put, add: Add, library: Path
) -> None:
    first = add(put("2026-09-14 Ada Lind on mills.vtt"))
    changed = ["two" if word == "a" else word for word in WORDS]
    for name, text in (
        ("final-v2.vtt", webvtt(changed)),
        ("x.txt", " ".join(changed)),
        ("x.json", json.dumps([{"text": " ".join(changed), "start": 1.0, "duration": 9.0}])),
    ):
        plan = planned(put(name, text), Overrides(title="A quite other title"), library)
        assert (plan.action, plan.slug) == ("joins", first.slug), name
        [note] = [note for note in plan.notes if note.code == "same_words"]
        assert note.fields["title"] == first.about.title
        assert 60 <= int(str(note.fields["percent"])) < 100


def test_a_text_without_times_wants_none_where_another_text_of_the_episode_has_them(
    put: Put, add: Add, library: Path
) -> None:
    lines = [" ".join(WORDS[at : at + 9]) for at in range(0, len(WORDS), 9)]
    stamped = "\n\n".join(f"**Ada Lind** (00:00:{7 * at:02}): {line}." for at, line in enumerate(lines))
    first = add(put("a.md", f"---\ntitle: Mills\n---\n\n{stamped}\n"))
    assert first.facts.is_timed
    assert first.parsed.kind == "published"
    second = planned(put("b.txt", " ".join(WORDS)), Overrides(), library)
    assert (second.action, second.facts.is_timed, second.wants) == ("joins", False, None)


def test_a_part_of_a_talk_is_told_and_does_not_become_its_transcript(
    put: Put, add: Add, library: Path
) -> None:
    first = add(put("whole.vtt", webvtt([f"{word}{at}" for at, word in enumerate(WORDS * 3)])))
    part = webvtt([f"{word}{at}" for at, word in enumerate(WORDS)])
    plan = planned(put("part.vtt", part), Overrides(title="Best of"), library)
    assert plan.action == "new"
    [note] = [note for note in plan.notes if note.code == "part_of"]
    assert note.fields == {"slug": first.slug, "title": first.about.title, "percent": 100}
    half = webvtt([f"{word}{at}" for at, word in enumerate(WORDS)] + [f"{word}-" for word in WORDS])
    assert not planned(put("half.vtt", half), Overrides(title="Another"), library).notes


def test_a_greeting_in_common_makes_no_duplicate(put: Put, add: Add, library: Path) -> None:
    greeting = "welcome to mill radio the show on rivers dams and those who live beside them all year".split()
    add(put("a.vtt", webvtt([*greeting, *WORDS])))
    assert planned(put("b.vtt", webvtt([*greeting, *WORDS[::-1]])), Overrides(), library).action == "new"


def test_a_file_that_was_written_again_is_compared_as_it_is_now(put: Put, add: Add, library: Path) -> None:
    first = add(put("a.vtt"))
    talk = put("b.vtt", webvtt([*WORDS[::-1], "again"]))
    assert planned(talk, Overrides(), library).action == "new"
    (library / first.slug / first.file_name).write_text(webvtt(WORDS[::-1]), "utf-8")
    assert planned(talk, Overrides(), library).action == "joins"


def test_other_words_under_the_same_name_are_another_episode(put: Put, add: Add, library: Path) -> None:
    add(put("a/river.vtt"))
    plan = add(put("b/river.vtt", webvtt(WORDS[::-1])))
    assert (plan.action, plan.slug) == ("new", "river-2")
    assert [note.code for note in plan.notes] == ["slug_taken"]
    assert add(put("b/river.vtt", webvtt(WORDS[::-1]))).action == "same"


def test_two_videos_are_two_episodes_though_title_and_words_agree(put: Put, add: Add, library: Path) -> None:
    add(put(f"A River-{ID}.vtt"))
    plan = add(put(f"A River-{OTHER_ID}.vtt", webvtt([*WORDS, "again"])))
    assert (plan.action, plan.slug) == ("new", "a-river-2")


def test_a_dry_run_over_a_batch_says_what_the_real_one_does(put: Put, add: Add, library: Path) -> None:
    paths = [
        put(f"A River-{ID}.vtt"),
        put("ada.md", published(head=f"video_id: {ID}\n")),
        put("a/river.vtt", webvtt(WORDS[::-1])),
        put("b/river.vtt", webvtt(WORDS[::2])),
        put("b/river.vtt"),
    ]
    duplicates = Duplicates(library)
    dry = []
    for path in paths:
        plan = planned(path, Overrides(), duplicates)
        remember(plan, duplicates)
        dry.append((plan.action, plan.slug, plan.file_name))
    assert not library.exists()
    real = [(plan.action, plan.slug, plan.file_name) for plan in map(add, paths)]
    assert dry == real


def test_planning_twice_gives_the_same_slug(put: Put, library: Path) -> None:
    path = put("river.vtt")
    assert planned(path, Overrides(), library).slug == planned(path, Overrides(), library).slug


def test_a_folder_that_is_no_episode_or_a_broken_one_keeps_its_name(
    put: Put, add: Add, library: Path
) -> None:
    (library / "river").mkdir(parents=True)
    (library / "mill").mkdir()
    (library / "mill" / "episode.json").write_text("{", encoding="utf-8")
    assert add(put("river.vtt")).slug == "river-2"
    assert add(put("mill.vtt", webvtt(WORDS[::-1]))).slug == "mill-2"


@pytest.mark.parametrize(
    ("wished", "slug"), [("my-talk", "my-talk"), ("My Talk", "my-talk"), ("a_b.c", "a_b.c")]
)
def test_a_wished_slug_is_taken_or_cleaned_and_said_so(
    wished: str, slug: str, put: Put, library: Path
) -> None:
    plan = planned(put("river.vtt"), Overrides(slug=wished), library)
    assert plan.slug == slug
    assert ("slug_cleaned" in [note.code for note in plan.notes]) == (wished != slug)


@pytest.mark.parametrize("wished", ["../x", "a/b", "a\\b", "..", "a\nb", "a\u202eb", "\x00", "対談", "!!"])
def test_a_slug_that_is_a_path_is_refused(wished: str, put: Put, library: Path) -> None:
    with pytest.raises(SlugInvalid) as caught:
        planned(put("river.vtt"), Overrides(slug=wished), library)
    assert caught.value.fields == {"received": wished}


@pytest.mark.parametrize(
    "overrides", [Overrides(url="ftp://x"), Overrides(url="x y"), Overrides(title="x" * 301)]
)
def test_a_wish_that_cannot_be_is_refused_by_its_field(overrides: Overrides, put: Put, library: Path) -> None:
    with pytest.raises(OverrideInvalid):
        planned(put("river.vtt"), overrides, library)


def test_a_title_in_another_script_still_gets_a_folder(put: Put, library: Path) -> None:
    assert planned(put("対談.vtt"), Overrides(), library).slug == "episode"
    assert planned(put(f"対談-{ID}.vtt"), Overrides(), library).slug == ID.lower().replace("_", "-")


@pytest.mark.parametrize("name", ["../../x.vtt", "CON", "a" * 300 + ".vtt", "\u202evtt.x", ".x.vtt", ""])
def test_a_hostile_attachment_becomes_a_plain_episode(name: str, library: Path) -> None:
    plan = plan_episode(parse_bytes(webvtt().encode(), name), Overrides(), library)
    assert checked_slug(plan.slug) == plan.slug
    assert plan.file_name == "captions.vtt"
    assert "/" not in plan.parsed.name
    assert "\u202e" not in plan.parsed.name


def test_attachments_bring_their_neighbours_along(library: Path) -> None:
    files = {"x.description": b"Why does the river rise?", "x.info.json": b"[]"}
    parsed = parse_bytes(webvtt().encode(), "x.vtt", sidecars=parse_sidecars(files))
    plan = plan_episode(parsed, Overrides(), library)
    assert plan.about.summary == "Why does the river rise?"
    assert [dict(note.fields) for note in plan.notes] == [{"file": "x.info.json"}]


def test_what_is_no_transcript_is_refused_by_name(put: Put, library: Path) -> None:
    with pytest.raises(NotATranscript) as caught:
        planned(put("code.json", '{"a": 1}'), Overrides(), library)
    assert caught.value.fields["file"] == "code.json"


texts = st.text(max_size=400)


@settings(max_examples=60)
@given(title=texts, name=texts, folder=texts, source=texts, description=texts, guest=texts, url=texts)
def test_whatever_files_say_the_plan_is_an_episode_file_that_reads_back(
    title: str, name: str, folder: str, source: str, description: str, guest: str, url: str
) -> None:
    info = {
        "title": title,
        "channel": source,
        "description": description,
        "webpage_url": f"https://{url}",
        "id": url,
    }
    head = json.dumps(
        {"guest": guest, "host": guest, "tags": [guest], "date": title, "link": f"http://{url}"}
    )
    body = published(title="x").replace("---\ntitle: x\n---", f"---\n{head}\n---")
    sidecars = parse_sidecars({"x.info.json": json.dumps(info).encode()})
    try:
        parsed = parse_bytes(body.encode("utf-8", "replace"), name, sidecars=sidecars, folder=folder)
        plan = plan_episode(parsed, Overrides(), Path("/nowhere"))
    except TranscriptRejected:
        return
    assert EpisodeFile.model_validate_json(plan.about.model_dump_json(), strict=True) == plan.about
    assert checked_slug(plan.slug) == plan.slug


SPOKEN = "I walked through the fog this morning and thought about the old kiln, which is fired twice a year."


def test_a_list_at_the_head_tells_show_day_and_video(put: Put, library: Path) -> None:
    head = (
        "# What the keeper learnt\n\n- **Channel:** The Lock House\n- **Date:** 2024-02-28\n- **Duration:** 15:11\n"
        f"- **URL:** https://www.youtube.com/watch?v={ID}\n\n## Transcript\n\n"
    )
    about = planned(put("heads.md", f"{head}{SPOKEN}\n\n{SPOKEN}\n"), Overrides(), library).about
    assert (about.source, about.video_id, about.published) == ("The Lock House", ID, date(2024, 2, 28))


def test_a_video_above_a_monologue_is_its_recording_and_no_speech(put: Put, library: Path) -> None:
    text = f"# A walk in the fog\n\nhttps://www.youtube.com/watch?v={ID}\n\n{SPOKEN}\n\nNobody knows who lit it.\n"
    plan = planned(put("monologue.md", text), Overrides(), library)
    assert (plan.about.video_id, plan.facts.n_cues) == (ID, 2)


def test_the_head_of_a_feed_gives_its_day_length_and_guests(put: Put, library: Path) -> None:
    head = (
        "podcast: Fire Hour\npubDate: Tue, 05 Mar 2024 10:00:00 +0000\nguests:\n  - name: Ada Lind 2.0\n"
        "duration: 42 min\nurl: https://pod.example/kiln\n"
    )
    about = planned(
        put("feed.md", published(title="The kiln at night", head=head)), Overrides(), library
    ).about
    assert (about.source, about.published, about.duration_s) == ("Fire Hour", date(2024, 3, 5), 2520.0)
    assert (about.guests, about.url) == (("Ada Lind",), "https://pod.example/kiln")


def test_a_source_that_is_an_address_is_the_address(put: Put, library: Path) -> None:
    about = planned(
        put("clip.md", published(head=f"source: https://youtu.be/{ID}\n")), Overrides(), library
    ).about
    assert (about.source, about.video_id) == (None, ID)


def test_a_playlist_is_no_video(put: Put, library: Path) -> None:
    text = f"https://www.youtube.com/embed/videoseries?list=PL91WMVRthH5aXTgfdox3waSIK75cBDl9l\n\n{SPOKEN} {SPOKEN}\n"
    about = planned(put("series.txt", text), Overrides(), library).about
    assert (about.video_id, about.url) == (None, None)


CHAPTERS = """Deep End #9 - the lifeguard and the watch

0:00 Intro
2:17 March
5:34 Five guards, two guards
20:51 What Curtis wants

Links: deepend.example/ep9
Music: Loose Tiles
"""


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (CHAPTERS, ["hardly_spoken"]),
        (
            CHAPTERS.replace("20:51", "5:51").replace("5:34", "0:34").replace("2:17", "0:17"),
            ["hardly_spoken"],
        ),
        ("0:00 Intro\n0:17 March\n0:34 Five guards, two guards\n0:51 What Curtis wants\n", ["few_words"]),
        ("Ada (0:00): " + "The river rises every spring. " * 12 + "\n\nBo (0:40): And it falls, too.\n", []),
        ("Ada (0:00): " + "The river rises every spring. " * 40 + "\n\nBo (2:40): And it falls, too.\n", []),
    ],
    ids=["chapters", "short chapters", "a minute of chapters", "a short talk", "a slow talk"],
)
def test_show_notes_are_told_from_what_somebody_says(
    put: Put, library: Path, text: str, notes: list[str]
) -> None:
    plan = planned(put("deep end ep9.txt", text), Overrides(), library)
    assert plan.action == "new"
    assert [note.code for note in plan.notes] == notes


def test_the_clock_of_an_editing_program_is_counted_from_its_beginning(
    put: Put, add: Add, library: Path
) -> None:
    rows = (
        *("WEBVTT", "", "01:00:01.000 --> 01:00:20.000", " ".join(WORDS), ""),
        *("01:00:20.000 --> 01:02:00.000", " ".join(WORDS[::-1] * 2)),
    )
    plan = add(put("river.vtt", "\n".join(rows)))
    assert [(note.code, note.fields) for note in plan.notes] == [("timeline_moved", {"start_s": 3600.0})]
    assert plan.about.duration_s == 120.0
    transcript = read_episode(library, plan.slug).transcript
    assert transcript is not None
    assert [cue.start_s for cue in transcript.cues] == [1.0, 20.0]


def test_a_recording_that_is_long_enough_may_begin_late(put: Put, add: Add, library: Path) -> None:
    put("river.info.json", json.dumps({"id": ID, "title": "A River", "duration": 4000}))
    plan = add(put("river.vtt", "WEBVTT\n\n01:00:01.000 --> 01:02:00.000\n" + " ".join(WORDS * 2)))
    assert plan.notes == ()
    transcript = read_episode(library, plan.slug).transcript
    assert transcript is not None
    assert [cue.start_s for cue in transcript.cues] == [3601.0]
