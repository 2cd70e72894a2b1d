"""Who counts as a person in a library: whoever a transcript names, and nobody whom it calls Host."""

import json
from collections.abc import Sequence
from pathlib import Path

from bot.app.edition_requests import ShowEpisode, ShowPeople, SuggestSpeakers
from bot.app.edition_session import EditionSession

from ...index.conftest import House

TALK = (
    ("Host", "Welcome to the harbour talk. What do you do all day?"),
    ("Ada Lind", "I pilot the ferry, and I count the waves, and I keep the engine dry in the winter storms."),
    ("Host", "And who mends the engine when it stops?"),
    ("Ada Lind", "My brother does. He has mended it nine times, and he was asked to do so only twice."),
    ("Audience Question", "Is the ferry ever late?"),
    ("Ada Lind", "Every single morning, and I am proud of it."),
)


async def session_of(tmp_path: Path, turns: Sequence[tuple[str, str]], **about: object) -> EditionSession:
    """An open edition of one episode, in which people say these turns."""
    house = House(tmp_path)
    folder = house.library / "episode"
    folder.mkdir()
    rows = ["WEBVTT", ""]
    for number, (speaker, text) in enumerate(turns):
        rows += [f"00:{number:02}:00.000 --> 00:{number:02}:50.000", f"<v {speaker}>{text}", ""]
    (folder / "captions.vtt").write_text("\n".join(rows), encoding="utf-8")
    about = {"title": "A harbour talk", "transcripts": [{"file": "captions.vtt"}], **about}
    (folder / "episode.json").write_text(json.dumps(about), encoding="utf-8")
    assert not (await house.build()).failures
    searcher = await house.open()
    session = EditionSession(
        searcher, tuple(searcher.edition.episodes.values()), lambda: house.scorer, False, lambda: None
    )
    await session.read_speakers()
    return session


async def test_a_part_in_a_conversation_is_no_person(tmp_path: Path) -> None:
    session = await session_of(tmp_path, TALK)
    assert SuggestSpeakers("", 25).looked_up_in(session) == ["Ada Lind"]
    assert SuggestSpeakers("host", 25).looked_up_in(session) == []
    assert [appearance.name for appearance in await ShowPeople().answered_by(session)] == ["Ada Lind"]
    card = await ShowEpisode("harbour talk").answered_by(session)
    labels = {speaker for record in card.slices for _, speaker in record.piece.turns}
    assert labels == {"Host", "Ada Lind", "Audience Question"}, "a quote keeps what the transcript says"
    await session.close()


async def test_who_talks_with_a_host_without_a_name_is_the_guest(tmp_path: Path) -> None:
    session = await session_of(tmp_path, TALK)
    assert (await ShowEpisode("harbour talk").answered_by(session)).guests == ("Ada Lind",)
    await session.close()


async def test_a_host_and_whoever_says_little_are_no_guests_and_those_of_the_file_are(tmp_path: Path) -> None:
    turns = [*TALK, ("Bo Berg", "Good morning."), *(("Cy Holm", text) for _, text in TALK)]
    session = await session_of(tmp_path / "hosted", turns, hosts=["Cy Holm"])
    assert (await ShowEpisode("harbour talk").answered_by(session)).guests == ("Ada Lind",)
    await session.close()
    session = await session_of(tmp_path / "told", turns, guests=["Bo Berg"])
    assert (await ShowEpisode("harbour talk").answered_by(session)).guests == ("Bo Berg",)
    await session.close()
