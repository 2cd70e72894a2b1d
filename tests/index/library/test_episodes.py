"""Claims about the library: what is an episode, what is broken, and what is said of it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import EpisodeFileInvalid, LibraryMissing, NoSpeech, SlugInvalid
from index.library.episodes import (
    LONGEST_SLUG,
    checked_slug,
    digest,
    episode_files,
    read_about,
    read_episode,
    slugify,
    slugs,
)

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "library"
CAPTIONS = """WEBVTT

00:00:01.000 --> 00:00:04.000
<v Ada Lind>The river has risen again this spring.

00:00:04.000 --> 00:00:09.000
<v Bo Berg>It has, and the mill wheel stood still for a week.
"""
PUBLISHED = (
    "# A river\n\n**Ada Lind:** The river has risen again this spring.\n\n"
    "**Bo Berg:** It has, and the mill wheel stood still for a week.\n"
)


def episode(library: Path, slug: str = "a-river", **about: object) -> Path:
    folder = library / slug
    folder.mkdir(parents=True)
    about.setdefault("title", "A river")
    (folder / "episode.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def broken(library: Path, **about: object) -> EpisodeFileInvalid:
    episode(library, **about)
    with pytest.raises(EpisodeFileInvalid) as caught:
        read_episode(library, "a-river")
    return caught.value


def test_every_episode_of_the_sample_library_reads_back() -> None:
    names = slugs(SAMPLE)
    assert len(names) >= 12
    for slug in names:
        episode = read_episode(SAMPLE, slug)
        assert episode.transcript is not None, slug
        assert episode.transcript.is_timed, slug


def test_a_surname_is_completed_by_the_people_of_the_episode(tmp_path: Path) -> None:
    folder = episode(
        tmp_path, hosts=["Ada Lind"], guests=["Bo Berg"], transcripts=[{"file": "t.md", "kind": "published"}]
    )
    turns = "**Lind:** The river has risen again.\n\n**Berg:** It has, and the mill wheel stood still.\n\n"
    (folder / "t.md").write_text(f"# A river\n\n{turns}{turns}", encoding="utf-8")
    transcript = read_episode(tmp_path, "a-river").transcript
    assert transcript is not None
    assert [cue.speaker for cue in transcript.cues] == ["Ada Lind", "Bo Berg"] * 2


def test_folders_with_an_episode_file_are_episodes_and_hidden_ones_are_not(tmp_path: Path) -> None:
    episode(tmp_path, "b")
    episode(tmp_path, "a")
    episode(tmp_path, ".removed")
    (tmp_path / "empty").mkdir()
    (tmp_path / "README.md").write_text("x", encoding="utf-8")
    assert slugs(tmp_path) == ["a", "b"]


def test_a_library_that_is_not_there_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing):
        slugs(tmp_path / "nowhere")


@given(st.text(max_size=300))
def test_a_made_slug_is_one_plain_folder_name_or_refused(text: str) -> None:
    try:
        slug = slugify(text)
    except SlugInvalid:
        return
    assert checked_slug(slug) == slug
    assert slugify(slug) == slug
    assert len(slug) <= LONGEST_SLUG
    assert not slug.startswith(".")
    assert "/" not in slug


@pytest.mark.parametrize(
    "slug", ["", ".", "..", "../x", "a/b", "a\\b", "A", "a b", ".a", "a\n", "a..b", "x" * 81]
)
def test_what_is_no_plain_folder_name_is_no_slug(slug: str, tmp_path: Path) -> None:
    with pytest.raises(SlugInvalid):
        read_about(tmp_path, slug)


def test_an_unknown_key_is_named_with_the_one_that_is_meant(tmp_path: Path) -> None:
    assert broken(tmp_path, guest=["Ada"]).fields == {
        "file": "a-river/episode.json",
        "line": None,
        "problem": "unknown_key:guest (guests?)",
    }


@pytest.mark.parametrize(
    ("about", "problem"),
    [
        ({"title": 7}, "wrong_value:title:value_no_text"),
        ({"title": ""}, "wrong_value:title:value_empty"),
        ({"title": " \u202e "}, "wrong_value:title:value_empty"),
        ({"title": "x" * 301}, "wrong_value:title:value_too_long:300"),
        ({"published": 2026}, "wrong_value:published:value_no_day"),
        ({"published": "spring 2026"}, "wrong_value:published:value_no_day"),
        ({"duration_s": "612"}, "wrong_value:duration_s:value_no_number"),
        ({"duration_s": -1}, "wrong_value:duration_s:value_too_small:0"),
        ({"tags": "ai"}, "wrong_value:tags:value_no_list"),
        ({"chapters": [{"start_s": 0, "title": "x"}] * 501}, "wrong_value:chapters:value_too_many:500"),
        ({"chapters": [7]}, "wrong_value:chapters.0:value_no_object"),
        ({"url": "ftp://show.example"}, "wrong_value:url:value_no_link"),
        ({"url": "javascript:alert(1)"}, "wrong_value:url:value_no_link"),
        ({"url": "https://show.example/a b"}, "wrong_value:url:value_no_link"),
        ({"video_id": "short"}, "wrong_value:video_id:value_no_video_id"),
        ({"transcripts": [{}]}, "wrong_value:transcripts.0.file:value_missing"),
        ({"transcripts": [{"file": "../x.vtt"}]}, "wrong_value:transcripts.0.file:value_no_file_name"),
        ({"transcripts": [{"file": ".x.vtt"}]}, "wrong_value:transcripts.0.file:value_no_file_name"),
        (
            {"transcripts": [{"file": "x.vtt", "kind": "c"}]},
            "wrong_value:transcripts.0.kind:value_no_choice:'captions', 'published'",
        ),
        ({"transcripts": [{"file": "x.vtt", "tracks": "auto"}]}, "unknown_key:transcripts.0.tracks (track?)"),
    ],
)
def test_a_wrong_value_is_named_by_its_key(about: dict[str, object], problem: str, tmp_path: Path) -> None:
    assert broken(tmp_path, **about).fields["problem"] == problem


@pytest.mark.parametrize(
    ("written", "line"),
    [
        (b'{\n  "title": "x",\n}', 3),
        (b"[]", None),
        (b"\xff\xfe\x00", None),
        (b"[" * 100_000, None),
        (b'{"title": "\\ud800"}', None),
        (b'{"title": "x", "duration_s": NaN}', None),
        (b'{"title": "' + b"x" * 1_000_000 + b'"}', None),
    ],
)
def test_a_broken_file_is_named_with_its_line_where_there_is_one(
    written: bytes, line: int | None, tmp_path: Path
) -> None:
    folder = episode(tmp_path)
    (folder / "episode.json").write_bytes(written)
    with pytest.raises(EpisodeFileInvalid) as caught:
        read_about(tmp_path, "a-river")
    assert caught.value.fields["file"] == "a-river/episode.json"
    assert caught.value.fields["line"] == line


def test_a_byte_order_mark_of_an_editor_does_no_harm(tmp_path: Path) -> None:
    folder = episode(tmp_path)
    (folder / "episode.json").write_bytes(b'\xef\xbb\xbf{"title": "A river"}')
    assert read_about(tmp_path, "a-river").title == "A river"


def test_a_transcript_that_is_missing_is_named(tmp_path: Path) -> None:
    error = broken(tmp_path, transcripts=[{"file": "talk.vtt"}])
    assert error.fields["problem"] == "transcript_missing:talk.vtt"


def test_a_transcript_without_speech_is_refused_by_its_place_in_the_library(tmp_path: Path) -> None:
    folder = episode(tmp_path, transcripts=[{"file": "talk.vtt"}])
    (folder / "talk.vtt").write_text("WEBVTT\n", encoding="utf-8")
    with pytest.raises(NoSpeech) as caught:
        read_episode(tmp_path, "a-river")
    assert caught.value.fields["file"] == "a-river/talk.vtt"


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.vtt"
    outside.write_text(CAPTIONS, encoding="utf-8")
    library = tmp_path / "library"
    folder = episode(library, transcripts=[{"file": "talk.vtt"}])
    (folder / "talk.vtt").symlink_to(outside)
    with pytest.raises(EpisodeFileInvalid) as caught:
        read_episode(library, "a-river")
    assert "_outside" in str(caught.value.fields["problem"])
    elsewhere = episode(tmp_path / "other", "b-river")
    (library / "b-river").symlink_to(elsewhere)
    with pytest.raises(EpisodeFileInvalid):
        read_about(library, "b-river")


def test_the_library_itself_may_be_a_link(tmp_path: Path) -> None:
    episode(tmp_path / "library")
    (tmp_path / "linked").symlink_to(tmp_path / "library")
    assert read_about(tmp_path / "linked", "a-river").title == "A river"


def test_an_assessment_is_read_and_a_broken_one_named(tmp_path: Path) -> None:
    folder = episode(tmp_path)
    path = folder / "assessment.json"
    path.write_text('{"position": -30, "name": "Kim", "date": "2026-11-01"}', encoding="utf-8")
    assessment = read_episode(tmp_path, "a-river").assessment
    assert assessment is not None
    assert (assessment.position, assessment.confidence, assessment.name) == (-30, "medium", "Kim")
    path.write_text('{"position": -300, "name": "Kim"}', encoding="utf-8")
    with pytest.raises(EpisodeFileInvalid) as caught:
        read_episode(tmp_path, "a-river")
    assert caught.value.fields["file"] == "a-river/assessment.json"


def test_an_episode_without_a_transcript_is_known_by_its_metadata(tmp_path: Path) -> None:
    episode(tmp_path)
    assert read_episode(tmp_path, "a-river").transcript is None


def test_the_digest_changes_with_every_file_and_name_and_with_nothing_else(tmp_path: Path) -> None:
    folder = episode(tmp_path)
    seen = {digest(tmp_path, "a-river")}
    (folder / ".scratch").write_text("x", encoding="utf-8")
    assert digest(tmp_path, "a-river") in seen
    (folder / "talk.vtt").write_text(CAPTIONS, encoding="utf-8")
    seen.add(digest(tmp_path, "a-river"))
    (folder / "talk.vtt").write_text(CAPTIONS + "\n", encoding="utf-8")
    seen.add(digest(tmp_path, "a-river"))
    (folder / "talk.vtt").rename(folder / "other.vtt")
    seen.add(digest(tmp_path, "a-river"))
    assert len(seen) == 4


def test_a_link_out_of_the_folder_is_not_read_for_the_digest(tmp_path: Path) -> None:
    outside = tmp_path / "outside.vtt"
    outside.write_text("a", encoding="utf-8")
    folder = episode(tmp_path / "library")
    (folder / "talk.vtt").symlink_to(outside)
    before = digest(tmp_path / "library", "a-river")
    outside.write_text("b", encoding="utf-8")
    assert digest(tmp_path / "library", "a-river") == before


def test_published_words_take_the_seconds_of_captions_and_of_the_same_language_only(tmp_path: Path) -> None:
    entries = [{"file": "talk.vtt"}, {"file": "talk.md", "kind": "published"}]
    folder = episode(tmp_path, transcripts=entries)
    (folder / "talk.vtt").write_text(CAPTIONS, encoding="utf-8")
    (folder / "talk.md").write_text(PUBLISHED, encoding="utf-8")
    transcript = read_episode(tmp_path, "a-river").transcript
    assert transcript is not None
    assert transcript.kind == "published"
    assert [cue.start_s for cue in transcript.cues] == [1.0, 4.0]

    foreign = [{"file": "talk.vtt", "language": "de"}, {"file": "talk.md", "kind": "published"}]
    (folder / "episode.json").write_text(
        json.dumps({"title": "A river", "transcripts": foreign}), encoding="utf-8"
    )
    transcript = read_episode(tmp_path, "a-river").transcript
    assert transcript is not None
    assert not transcript.is_timed


def test_of_texts_of_one_kind_the_last_added_is_used(tmp_path: Path) -> None:
    files = [{"file": name, "kind": "captions"} for name in ("captions.vtt", "captions-2.vtt")]
    folder = episode(tmp_path, transcripts=files)
    for file, said in zip(files, ("One pot in eight cracked.", "One pot in seven cracked."), strict=True):
        (folder / file["file"]).write_text(f"WEBVTT\n\n00:01.000 --> 00:09.000\n{said}\n")
    transcript = read_episode(tmp_path, "a-river").transcript
    assert transcript is not None
    assert "seven" in transcript.cues[0].text


def test_chapters_of_the_source_are_headings_where_the_text_has_none(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    chapters = [{"start_s": 60, "title": "On locks"}, {"start_s": 0.5, "title": "On keys"}]
    about = {"title": "Keys", "chapters": chapters, "transcripts": [{"file": "captions.vtt"}]}
    (folder / "episode.json").write_text(json.dumps(about), "utf-8")
    cues = [f"00:{minute:02}:00.000 --> 00:{minute:02}:05.000\nword {minute}" for minute in range(3)]
    (folder / "captions.vtt").write_text("WEBVTT\n\n" + "\n\n".join(cues) + "\n", "utf-8")
    transcript = read_episode(tmp_path, "keys").transcript
    assert transcript is not None
    assert [cue.chapter for cue in transcript.cues] == [None, "On locks", "On locks"]
    (folder / "episode.json").write_text(json.dumps(about | {"chapters": []}), "utf-8")
    bare = read_episode(tmp_path, "keys").transcript
    assert bare is not None
    assert {cue.chapter for cue in bare.cues} == {None}


def test_the_files_of_an_episode_make_the_same_episode_elsewhere(tmp_path: Path) -> None:
    library, other = tmp_path / "library", tmp_path / "other" / "a-river"
    folder = episode(library, transcripts=[{"file": "talk.vtt"}])
    (folder / "talk.vtt").write_text(CAPTIONS, encoding="utf-8")
    (folder / "assessment.json").write_text('{"position": 12, "name": "Ada Lind"}', encoding="utf-8")
    (folder / "recording.mp3").write_bytes(b"large")
    files = episode_files(library, "a-river")
    assert files is not None
    assert sorted(files) == ["assessment.json", "episode.json", "talk.vtt"]
    other.mkdir(parents=True)
    for name, data in files.items():
        (other / name).write_bytes(data)
    assert read_episode(other.parent, "a-river") == read_episode(library, "a-river")


@pytest.mark.parametrize("made", ["missing", "linked", "folder", "assessment"])
def test_an_episode_with_a_file_that_is_not_plain_stays_in_its_place(made: str, tmp_path: Path) -> None:
    folder = episode(tmp_path, transcripts=[{"file": "talk.vtt"}])
    (folder / "other.vtt").write_text(CAPTIONS, encoding="utf-8")
    if made == "linked":
        (folder / "talk.vtt").symlink_to("other.vtt")
    elif made == "folder":
        (folder / "talk.vtt").mkdir()
    elif made == "assessment":
        (folder / "talk.vtt").write_text(CAPTIONS, encoding="utf-8")
        (folder / "assessment.json").symlink_to("nowhere.json")
    assert episode_files(tmp_path, "a-river") is None
