"""Adding, removing, indexing and examining, as a person does it."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from small_web import Plays, SmallWeb, any_port, is_loopback

from bot.app.public_conversations import read_catalog
from bot.app.settings import DATA
from bot.cli import adding
from index.library.sources import Fetched, WebAndFolderSources, YouTubeSource
from index.library.sources.errors import NoCaptions, SourceBlocked, SourceError, SourceUnreachable

SAMPLE = DATA / "library"
GUNNAR = "gunnar-eziokwu-on-what-cannot-be-recalled"
TOVE = "tove-kassabian-on-short-clocks"


def everything_in(folder: Path) -> dict[str, str]:
    """Every file below ``folder`` with its content's digest."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "lock" not in path.name
    }


def test_a_file_becomes_an_episode_and_the_original_is_kept_untouched(house, put, talk) -> None:
    path = put("The Mill - Ada Lind.vtt", talk)
    ran = house.run(
        "add", path, "--source", "River Talks", "--tags", "mills, rivers", "--published", "2026-03-01"
    )
    assert (ran.code, ran.err) == (0, "")
    (slug,) = house.slugs()
    about = json.loads((house.library / slug / "episode.json").read_text())
    assert (about["source"], about["tags"], about["published"]) == (
        "River Talks",
        ["mills", "rivers"],
        "2026-03-01",
    )
    (entry,) = about["transcripts"]
    assert (house.library / slug / entry["file"]).read_bytes() == path.read_bytes()
    assert "1 new." in ran.out
    assert "Next: counterpoint index" in ran.out


def test_a_dry_run_says_the_same_and_writes_nothing(house, put, talk) -> None:
    path = put("mill.vtt", talk)
    dry = house.run("add", path, "--dry-run")
    assert dry.code == 0
    assert "Nothing was written." in dry.out
    assert not house.library.exists()
    assert not house.state.exists()
    wet = house.run("add", path)
    assert wet.out.splitlines()[:3] == dry.out.splitlines()[:3]


def test_adding_the_same_again_changes_nothing_and_says_so(house, put, talk) -> None:
    path = put("mill.vtt", talk)
    house.run("add", path)
    before = everything_in(house.library)
    again = house.run("add", path)
    assert again.code == 0
    assert "already in the library as mill" in again.out
    assert everything_in(house.library) == before


def reached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small: SmallWeb, videos: Any = None) -> None:
    """Let links lead to a small web on this machine, and channels list ``videos``."""

    def made(_settings: Any) -> WebAndFolderSources:
        return WebAndFolderSources(
            YouTubeSource(), tmp_path / "copies", list_videos=lambda *_, **__: videos, is_allowed=is_loopback,
            ports=any_port,
        )  # fmt: skip

    monkeypatch.setattr(adding, "make_sources", made)


def test_a_link_to_a_page_for_people_gets_its_sentence(
    house, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with SmallWeb() as small:
        small.pages["/12345"] = Plays(b"<!doctype html><html>A video</html>", kind="text/html")
        reached(monkeypatch, tmp_path, small)
        ran = house.run("add", small.url("/12345"))
    assert ran.code == 1
    assert "sent no podcast feed" in ran.said
    assert not house.library.exists()


def in_other_words(talk: str, order: Callable[[list[str]], Iterable[str]]) -> str:
    """Return captions in which each line's words are in another order: with those of before it would be that talk."""
    lines = [line.split() for line in talk.splitlines()]
    return "\n".join(" ".join(order(line) if len(line) > 3 else line) for line in lines)


def test_transcripts_feeds_and_channels_are_added_by_their_links(
    house, talk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with SmallWeb() as small:
        small.pages["/The%20Mill.vtt"] = Plays(talk.encode(), kind="text/vtt")
        small.pages["/bees.vtt"] = Plays(in_other_words(talk, reversed).encode(), kind="text/vtt")
        small.pages["/feed"] = Plays(
            f"""<rss xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>Bee Talks</title><item>
            <title>On bees</title><guid>1</guid><podcast:transcript url="{small.url("/bees.vtt")}" type="text/vtt"/>
            </item></channel></rss>""".encode()
        )
        listed = {
            "channel": "River Talks",
            "entries": [{"id": "dQw4w9WgXcQ", "title": "Floods of the spring"}],
        }
        reached(monkeypatch, tmp_path, small, listed)
        monkeypatch.setattr(adding, "make_fetcher", lambda: FakeSource(in_other_words(talk, sorted)))
        ran = house.run(
            "add", small.url("/The%20Mill.vtt"), small.url("/feed"), "https://www.youtube.com/@rivers"
        )
    assert (ran.code, ran.err) == (0, "")
    assert house.slugs() == {"the-mill", "on-bees", "floods-of-the-spring"}
    about = json.loads((house.library / "on-bees" / "episode.json").read_text())
    assert about["source"] == "Bee Talks"


def test_the_catalogue_brings_a_first_library_and_no_other_recordings(
    house, talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = {entry.video_id: entry for entry in read_catalog()}

    class Shows(FakeSource):
        async def fetch(self, link: str) -> Fetched:
            self.asked.append(link)
            title = "A cooking lesson" if len(self.asked) == 3 else f"{catalogue[link].title} | a show"
            words = talk.replace("river", f"river {link}").encode()
            return Fetched(link, f"{link}.en.vtt", words, "en", True, {"id": link, "title": title})

    source = Shows(talk)
    monkeypatch.setattr(adding, "make_fetcher", lambda: source)
    ran = house.run("add", "--catalog", "--source", "lex fridman podcast")
    assert ran.code == 1
    assert len(source.asked) == 9
    assert "8 new, 1 refused." in ran.out
    assert "A cooking lesson" in ran.said
    assert "There is no show" in house.run("add", "--catalog", "--source", "Nobody").said
    assert "Name files" in house.run("add").said


def test_the_catalogue_holds_sixty_conversations_of_six_shows() -> None:
    catalogue = read_catalog()
    assert len(catalogue) >= 60
    assert len({entry.source for entry in catalogue}) >= 6
    assert len({entry.video_id for entry in catalogue}) == len(catalogue)
    for entry in catalogue:
        assert re.fullmatch(r"[\w-]{11}", entry.video_id or ""), entry
        assert entry.title
        assert entry.title == " ".join(entry.title.split())


def test_the_same_video_from_two_files_is_one_episode_and_said_so(house, put, talk) -> None:
    first = put("The mill-dQw4w9WgXcQ.en.vtt", talk)
    second = put(
        "other/The mill [dQw4w9WgXcQ].srt", "1\n00:00:00,000 --> 00:00:04,000\nThe river rose again.\n"
    )
    ran = house.run("add", first, second)
    assert ran.code == 0
    (slug,) = house.slugs()
    assert "1 new, 1 joined to an episode." in ran.out
    assert f"The same recording as {slug}" in ran.said
    assert len(json.loads((house.library / slug / "episode.json").read_text())["transcripts"]) == 2


def test_a_folder_is_searched_and_what_is_broken_in_it_stops_nothing(house, put, talk) -> None:
    put("a/one.vtt", talk)
    put("a/b/two.srt", "1\n00:00:00,000 --> 00:00:04,000\nQuite another talk about bees and honey.\n")
    put("a/broken.vtt", b"\x89PNG\r\n\x1a\n\x00\x00")
    put("a/picture.png", b"\x89PNG")
    ran = house.run("add", put("a/README.md", "# no talk").parent)
    assert ran.code == 1
    assert "2 new, 1 refused." in ran.out
    assert house.slugs() == {"one", "two"}


@pytest.mark.parametrize(
    ("slug", "code", "made", "said"),
    [
        ("the-mill", 0, "the-mill", "1 new."),
        (
            "The Old Mill",
            0,
            "the-old-mill",
            "“The Old Mill” is no folder name; the episode is called the-old-mill.",
        ),
        ("../mill", 1, None, "“../mill” cannot be an episode's folder name"),
        ("/etc/mill", 1, None, "cannot be an episode's folder name"),
        ("…", 1, None, "cannot be an episode's folder name"),
    ],
)
def test_a_slug_is_a_plain_folder_name_or_is_made_one_or_refused(
    house, put, talk, slug, code, made, said
) -> None:
    ran = house.run("add", put("x.vtt", talk), "--slug", slug)
    assert ran.code == code
    assert said in ran.said
    assert (house.slugs() if house.library.exists() else set()) == ({made} if made else set())
    assert not (house.library.parent / "mill").exists()


def test_what_names_one_episode_is_refused_for_two(house, put, talk) -> None:
    ran = house.run("add", put("a.vtt", talk), put("b.vtt", talk), "--title", "One")
    assert ran.code == 2
    assert "name one episode" in ran.said
    assert not house.library.exists()


def test_a_place_without_transcripts_is_wrong_use(house, tmp_path) -> None:
    ran = house.run("add", tmp_path)
    assert ran.code == 2
    assert "No transcript lies in" in ran.said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("picture.vtt", b"\x89PNG\r\n\x1a\n", "picture.vtt is a picture"),
        (
            "odd.vtt",
            b"WEBVTT\n\n00:00.000 --> 00:01.000\ncaf\x81\x8d\x8f\n",
            "odd.vtt, line 4 is not",
        ),
        ("empty.srt", b"", "empty.srt"),
        (
            "silent.vtt",
            b"WEBVTT\n\n00:00.000 --> 00:01.000\n\n",
            "silent.vtt is in the format webvtt, but nobody",
        ),
        ("long.txt", b"word " * 400_000, "long.txt, line 1 has 2000000 characters; up to 200000"),
        (
            "back.srt",
            b"1\n00:10:00,000 --> 00:10:02,000\nlate\n\n2\n00:00:01,000 --> 00:00:02,000\nearly\n",
            "back.srt, line 6: times run backwards, from 10:00 to 0:01.",
        ),
        ("cue.vtt", b"WEBVTT\n\n00:00:xx.000 --> 00:01.000\nwords\n", "cue.vtt, line 3"),
    ],
)
def test_bad_input_is_one_sentence_with_file_and_line_and_the_rest_goes_on(
    house, put, talk, name, content, said
) -> None:
    ran = house.run("add", put(name, content), put("good.vtt", talk))
    assert ran.code == 1
    (complaint,) = [line for line in _unwrapped(ran.out) if line.startswith("✗")]
    assert said in complaint
    assert complaint.count(name) == 1
    assert house.slugs() == {"good"}
    assert not [path for path in house.library.rglob("*") if "adding" in path.name], "nothing half written"


def test_a_file_of_a_hundred_megabytes_is_refused_by_its_size_alone(house, put, talk) -> None:
    huge = put("huge.vtt", b"")
    with huge.open("r+b") as handle:
        handle.truncate(100_000_000)
    ran = house.run("add", huge, put("good.vtt", talk))
    assert ran.code == 1
    assert "huge.vtt has 100 MB; up to 50 MB can be read." in ran.said
    assert house.slugs() == {"good"}


def test_a_missing_file_is_said_once(house, tmp_path) -> None:
    ran = house.run("add", tmp_path / "gone.vtt")
    assert ran.code == 1
    assert ran.said.count("gone.vtt") == 1


def test_an_escape_sequence_in_a_file_name_reaches_no_terminal(house, put, talk) -> None:
    ran = house.run("add", put("a\x1b[2Jb.vtt", talk), put("c\x1b[2Jd.vtt", b""))
    assert "\x1b" not in ran.out + ran.err


class FakeSource:
    """A fetcher that has one video."""

    def __init__(self, talk: str) -> None:
        self.talk, self.asked = talk, []

    async def fetch(self, link: str) -> Fetched:
        self.asked.append(link)
        if link != "dQw4w9WgXcQ":
            raise NoCaptions(video_id=link)
        info = {
            "id": link,
            "title": "Floods of the spring",
            "channel": "River Talks",
            "upload_date": "20260301",
        }
        return Fetched(link, f"{link}.en.vtt", self.talk.encode(), "en", True, info)


def test_videos_are_fetched_by_link_or_id_each_once_and_one_refusal_stops_no_other(
    house, put, talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FakeSource(talk)
    monkeypatch.setattr(adding, "make_fetcher", lambda: source)
    links = ("https://youtu.be/dQw4w9WgXcQ?t=3", "dQw4w9WgXcQ", "https://www.youtube.com/watch?v=AAAAAAAAAAA")
    ran = house.run("add", *links, put("bees.vtt", in_other_words(talk, reversed)))
    assert source.asked == ["dQw4w9WgXcQ", "AAAAAAAAAAA"]
    assert ran.code == 1
    assert "AAAAAAAAAAA" in ran.said
    about = json.loads((house.library / "floods-of-the-spring" / "episode.json").read_text())
    assert (about["source"], about["video_id"], about["published"]) == (
        "River Talks",
        "dQw4w9WgXcQ",
        "2026-03-01",
    )
    assert house.run("add", "dQw4w9WgXcQ").out.startswith("= dQw4w9WgXcQ")


@pytest.mark.parametrize(("error", "n_asked"), [(SourceBlocked, 1), (SourceUnreachable, 3)])
def test_a_batch_stops_asking_a_source_that_turns_it_away_or_is_out_of_reach_and_still_reads_files(
    house, put, talk, monkeypatch: pytest.MonkeyPatch, error: type[SourceError], n_asked: int
) -> None:
    class Away(FakeSource):
        async def fetch(self, link: str) -> Fetched:
            self.asked.append(link)
            raise error(video_id=link)

    source = Away(talk)
    monkeypatch.setattr(adding, "make_fetcher", lambda: source)
    links = [letter * 11 for letter in "ABCDEFG"]
    ran = house.run("add", *links, put("bees.vtt", talk))
    assert len(source.asked) == n_asked
    assert ran.code == 1
    told = " ".join(ran.out.split())
    assert f"1 new, {n_asked} refused, {7 - n_asked} not asked for, as YouTube did not answer" in told
    assert ran.said.count("YouTube") == n_asked + 1
    lines = [json.loads(line) for line in house.run("add", *links, "--json").out.splitlines()]
    assert [line["file"] for line in lines] == links
    assert {line["action"] for line in lines} == {"refused"}
    assert "not asked for" in lines[-1]["problem"]


def test_another_librarys_episodes_are_taken_in_as_they_are_described(house, tmp_path: Path, talk) -> None:
    """Title, show, day, people, address and folder; a second transcript joins, and a broken description is told."""
    other = tmp_path / "other"
    for slug in (TOVE, GUNNAR):
        shutil.copytree(SAMPLE / slug, other / slug)
    about = json.loads((other / TOVE / "episode.json").read_text("utf-8"))
    about["transcripts"].append(
        {"file": "again.de.vtt", "kind": "captions", "track": "uploaded", "language": "de"}
    )
    (other / TOVE / "episode.json").write_text(json.dumps(about), "utf-8")
    (other / TOVE / "again.de.vtt").write_text(talk, "utf-8")
    (other / TOVE / "assessment.json").write_text("{}")
    ran = house.run("add", other, "--json")
    assert ran.code == 0, ran.said
    assert [(line["episode"], line["action"]) for line in ran.lines] == [
        (GUNNAR, "new"),
        (TOVE, "new"),
        (TOVE, "joins"),
    ]
    assert {*ran.lines[0]["learned_from"].values()} == {"episode.json"}
    assert ran.lines[1]["notes"] == [{"code": "assessment_left", "file": "assessment.json"}]
    for slug in (TOVE, GUNNAR):
        there, here = (
            json.loads((each / slug / "episode.json").read_text("utf-8")) for each in (other, house.library)
        )
        said = [
            [(text["kind"], text["track"], text["language"]) for text in each.pop("transcripts")]
            for each in (there, here)
        ]
        assert sorted(said[0]) == sorted(said[1])
        assert there == here
    (other / "broken").mkdir()
    (other / "broken" / "episode.json").write_text("{")
    (other / "broken" / "x.vtt").write_text(talk.replace("river", "lamp"))
    told = house.run("add", other / "broken", "--dry-run", "--source", "Kiln").said
    assert "episode.json beside it cannot be read" in told


def test_what_add_leaves_out_of_a_folder_is_said_with_the_reason(house, put, talk) -> None:
    folder = put("talk.vtt", talk).parent
    put("interview.docx", "PK")
    alone = house.run("add", put("b/audio.mp3", "ID3").parent)
    assert alone.code == 2
    assert "1 recording was left out: audio.mp3." in alone.said
    put("slides.pdf", "%PDF")
    ran = house.run("add", folder)
    assert ran.code == 0
    assert (
        "1 new. 2 files were left out, since their formats are not read: interview.docx, slides.pdf."
        in ran.said
    )
    assert "counterpoint transcribe FILE turns it into text" in ran.said
    assert [line["action"] for line in house.run("add", folder, "--json").lines] == ["same"]


def test_a_missing_file_is_named_with_its_path(house, tmp_path: Path) -> None:
    """Whoever mistyped a folder sees where the file was sought."""
    missing = tmp_path / "talks" / "file.vtt"
    for command in ("add", "score"):
        ran = house.run(command, missing)
        assert ran.code != 0
        assert f"There is no file {missing}." in ran.said.replace("- ", "-"), ran.said


def test_files_of_one_name_are_told_apart_by_their_folders(house, put, talk) -> None:
    put("a/captions.vtt", talk)
    put("b/captions.vtt", "WEBVTT\n")
    put("b/other.vtt", "WEBVTT\n")
    ran = house.run("add", put("b/notes.txt", "none").parent.parent)
    assert "+ a/captions.vtt" in ran.out
    assert "✗ b/captions.vtt is in the format webvtt" in ran.out
    assert "✗ other.vtt is in the format webvtt" in ran.out, "a name that is alone says enough"
    assert "✗ notes.txt" in ran.out


def test_a_file_that_is_named_like_a_video_is_a_file(
    house, put, talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put("dQw4w9WgXcQ", talk)
    monkeypatch.chdir(path.parent)
    monkeypatch.setattr(adding, "make_fetcher", lambda: pytest.fail("nothing is to be fetched"))
    assert house.run("add", path.name).code == 0


def test_the_first_index_prints_its_report_and_no_library_speaks_in_between(first_index) -> None:
    ran = first_index
    assert (ran.code, ran.err) == (0, ""), ran.err[-400:]
    lines = _unwrapped(ran.out)
    assert len([line for line in lines if line.startswith("+ ")]) == 14
    assert [line for line in lines if line.startswith("Published edition ")]
    assert all(line.startswith(("+ ", "Published edition ")) or line.count(" s") >= 3 for line in lines)


def test_only_what_changed_is_embedded_again(small) -> None:
    first = small.run("index", "--json").json
    assert (first["episodes"], first["is_new"], len(first["added"])) == (2, True, 2)
    assert first["embedded"] == first["windows"] > 0
    again = small.run("index", "--json").json
    assert (again["is_new"], again["embedded"], again["unchanged"]) == (False, 0, 2)
    assert "Nothing changed; edition" in small.run("index").said
    about = small.library / GUNNAR / "episode.json"
    about.write_text(about.read_text().replace("fraud", "swindle"))
    shutil.copytree(SAMPLE / TOVE, small.library / TOVE)
    changed = small.run("index", "--json").json
    assert (changed["added"], changed["changed"], changed["unchanged"]) == ([TOVE], [GUNNAR], 1)
    assert 0 < changed["embedded"] < changed["windows"]
    removed = small.run("remove", TOVE)
    assert removed.code == 0
    assert (small.library / ".removed").is_dir()
    assert small.run("index", "--json").json["removed"] == [TOVE]
    assert small.run("find", "forecast", "tournament", "dike").code == 1


def test_an_episode_is_removed_by_any_name_that_the_message_asks_for(house) -> None:
    """A part of the title, the whole title, a guest and a link all name an episode elsewhere."""
    for name in (
        "short clocks",
        "Tove Kassabian on short clocks",
        "kassabian",
        "https://youtu.be/abcdefghij1",
    ):
        shutil.copytree(SAMPLE / TOVE, house.library / TOVE)
        about = house.library / TOVE / "episode.json"
        about.write_text(
            json.dumps({**json.loads(about.read_text("utf-8")), "video_id": "abcdefghij1", "url": None})
        )
        ran = house.run("remove", name)
        assert ran.code == 0, ran.said
        assert f"({TOVE})" in ran.said
        assert house.slugs() == set()


def test_nothing_is_removed_by_a_name_of_none_or_of_several_episodes(house) -> None:
    for slug in (TOVE, GUNNAR):
        shutil.copytree(SAMPLE / slug, house.library / slug)
    for name, told in (
        ("?", "I know no episode “?”"),
        ("no such thing", "I know no episode"),
        ("tove-kassabian-on-short-clock5", "Nearest are “Tove Kassabian on short clocks”"),
        ("on", "may mean several episodes"),
    ):
        ran = house.run("remove", name)
        assert told in ran.said
        assert ran.code != 0
    assert house.slugs() == {TOVE, GUNNAR}
    (house.library / GUNNAR / "episode.json").write_text("{")
    assert house.run("remove", GUNNAR).code == 0, "a broken episode can still be removed by its folder's name"
    assert house.run("remove", "?").code == 1, "signs name no episode, even where there is only one"
    assert house.slugs() == {TOVE}


def test_a_broken_episode_is_named_with_its_line_and_the_others_are_indexed(small) -> None:
    (small.library / GUNNAR / "episode.json").write_text('{\n  "title": "x",\n  oops\n}\n')
    ran = small.run("index")
    assert ran.code == 1
    assert f"{GUNNAR}/episode.json, line 3 is broken" in ran.said
    assert "Published edition" in ran.said
    assert ": 1 episode, " in ran.said
    report = small.run("index", "--json").json
    assert report["failures"][0]["code"] == "episode_file_invalid"
    examined = small.run("doctor")
    assert examined.code == 1
    assert f"{GUNNAR}/episode.json, line 3" in examined.said
    assert f"correct {small.library / GUNNAR}" in examined.said


def test_without_an_index_every_question_says_what_to_run(small) -> None:
    for arguments in (
        ("find", "a"),
        ("episode", "a"),
        ("related", "a"),
        ("counterbalance", "a"),
        ("evaluate", "find"),
    ):
        ran = small.run(*arguments)
        assert (ran.code, ran.out) == (1, "")
        assert " ".join(ran.err.split()) == (
            "Nothing has been indexed yet. A moderator can use `/admin reindex`; "
            "in a terminal it is `counterpoint index`."
        )


def test_a_missing_library_stays_missing(house) -> None:
    for command in (("index",), ("doctor",), ("find", "mill"), ("map",)):
        ran = house.run(*command)
        assert ran.code == 1
        assert "There is no library at" in ran.said
    assert not house.library.exists()
    beside = house.run("remove", "x")
    assert beside.code == 1


def test_an_index_of_another_model_is_refused_with_what_to_run(indexed) -> None:
    (edition,) = (path for path in (indexed.state / "editions").iterdir() if path.is_dir())
    manifest = edition / "manifest.json"
    facts = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**facts, "fingerprint": "0" * 16}))
    for arguments in (("find", "a"), ("doctor",)):
        ran = indexed.run(*arguments)
        assert ran.code == 1
        assert "another model" in ran.said
        assert "counterpoint index" in ran.said


def test_another_name_of_the_same_model_is_the_same_model(indexed) -> None:
    ran = indexed.run("find", "misuse", COUNTERPOINT_MODEL="sentence-transformers/all-MiniLM-L6-v2")
    assert ran.code == 0
    other = indexed.run("find", "misuse", COUNTERPOINT_MODEL="paraphrase-MiniLM-L3-v2")
    assert other.code == 1
    assert "another model (all-MiniLM-L6-v2) than the one in use (paraphrase-MiniLM-L3-v2)" in other.said


def test_the_doctor_finds_what_is_damaged_and_says_what_to_run(indexed) -> None:
    well = indexed.run("doctor")
    assert well.code == 0
    assert "✗" not in well.out
    (edition,) = (path for path in (indexed.state / "editions").iterdir() if path.is_dir())
    columns = edition / "columns.npz"
    columns.chmod(0o600)
    columns.write_bytes(columns.read_bytes()[:-200] + bytes(200))
    ill = indexed.run("doctor")
    assert ill.code == 1
    assert "columns.npz" in ill.said
    assert "counterpoint index" in ill.said
    assert indexed.run("index", "--full").code == 0
    assert indexed.run("doctor").code == 0
    shutil.copytree(SAMPLE / TOVE, indexed.library / TOVE)
    behind = indexed.run("doctor")
    assert behind.code == 1
    assert "1 episode differs from the edition" in behind.said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("THREADS", "many", "COUNTERPOINT_THREADS"), ("PRECISION", "f8", "COUNTERPOINT_PRECISION")],
)
def test_a_wrong_setting_is_named(house, name, value, said) -> None:
    ran = house.run("doctor", **{f"COUNTERPOINT_{name}": value})
    assert ran.code == 2
    assert f"The setting {said} is wrong" in ran.said


def test_a_mistyped_setting_is_named_and_the_answer_stays_as_it_is(sample) -> None:
    ran = sample.run("episode", "tutors in the valley schools", "--json", COUNTERPOINT_APIKEY="sesam")
    assert ran.code == 0
    assert ran.json["title"]
    assert "There is no setting COUNTERPOINT_APIKEY, so it sets nothing." in " ".join(ran.err.split())
    assert "sesam" not in ran.said


def test_an_axis_that_is_not_there_is_said_by_every_command(sample, small) -> None:
    for house, arguments in ((sample, ("find", "a")), (small, ("index",)), (sample, ("doctor",))):
        ran = house.run(*arguments, COUNTERPOINT_AXIS="no-such-axis")
        assert ran.code == 1
        assert "There is no axis “no-such-axis”." in ran.said


def test_a_build_tells_another_program_how_it_goes_on_and_how_it_ended(small) -> None:
    *steps, last = small.run("index", "--progress-json").lines
    assert {step["stage"] for step in steps} >= {"compare", "embed", "write"}
    assert all(0 <= step["done"] <= step["total"] for step in steps)
    assert last["report"]["episodes"] == 2
    shutil.rmtree(small.library)
    (told,) = small.run("index", "--progress-json").lines
    assert told == {"error": {"code": "library_missing", "fields": {"path": os.fspath(small.library)}}}


def _unwrapped(shown: str) -> list[str]:
    """Lines with what was wrapped under them."""
    lines: list[str] = []
    for line in shown.splitlines():
        if line.startswith("  ") and lines:
            lines[-1] += " " + line.strip()
        elif line:
            lines.append(line)
    return lines
