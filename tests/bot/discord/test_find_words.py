"""What ``/find`` says of passages without times and of the other side holds of what it shows."""

import dataclasses
from typing import Any

import discord
import pytest
from discord import ui

from bot.app.service import LocalLibraryService
from bot.discord.features.find.question import FindQuestion
from bot.discord.features.find.rendering import (
    BandPassages,
    FindResult,
    balanced_answer,
    found_answer,
    part_in_words,
)
from bot.i18n.language import Language
from bot.i18n.message_catalogue import MessageCatalogue
from index.search.answers import AskedYear, EpisodeHit, Found, Passage

CATALOGUE = MessageCatalogue.load()


def text_of(answer: Any) -> str:
    return "\n".join(str(part.content) for part in answer.walk_children() if isinstance(part, ui.TextDisplay))


def options_of(answer: Any) -> list[discord.SelectOption]:
    """The options of the select that opens places; the one for pictures of quotes is left out."""
    return [
        option
        for part in answer.walk_children()
        if isinstance(part, ui.Select) and part.custom_id.startswith("r:")
        for option in part.options
    ]


def without_time(passage: Passage, rank: int, chapter: str | None) -> Passage:
    """The passage as that of an untimed transcript."""
    slices = tuple(
        dataclasses.replace(record, piece=dataclasses.replace(record.piece, start_s=None, chapter=chapter))
        for record in passage.slices
    )
    quote = dataclasses.replace(passage.quote, start_s=None, link=None)
    return dataclasses.replace(passage, rank=rank, slices=slices, quote=quote)


@pytest.fixture
async def found(answerer: LocalLibraryService) -> Found:
    return await answerer.find('"the machine"', n_passages=20)


async def in_an_episode(answerer: LocalLibraryService, n: int) -> list[Passage]:
    """Passages of one episode, each of a slice of its own."""
    slug = "gunnar-eziokwu-on-what-cannot-be-recalled"
    found = await answerer.find("what cannot be recalled once it is published", n_passages=20, episode=slug)
    model, episode = found.passages[0], found.passages[0].episode
    card = await answerer.episode(slug)
    return [
        dataclasses.replace(model, rank=rank, slices=(record,), best=0, episode=episode)
        for rank, record in enumerate(card.slices[:n], start=1)
    ]


async def test_further_passages_without_times_name_their_place_and_can_be_opened(
    answerer: LocalLibraryService, found: Found
) -> None:
    language = Language(CATALOGUE, "en", answerer.axis)
    passages = await in_an_episode(answerer, 7)
    untimed = tuple(
        without_time(passage, passage.rank, "On *recall*" if passage.rank == 7 else None)
        for passage in passages
    )
    episode = untimed[0].episode
    hits = (EpisodeHit(episode, tuple(passage.rank for passage in untimed)),)
    shown = dataclasses.replace(found, passages=untimed, episodes=hits)
    answer = found_answer(language, FindResult(FindQuestion("recall"), "k", shown), 0)
    (line,) = (line for line in text_of(answer).splitlines() if "more passages in this episode" in line)
    entries = line.split(": ", 1)[1].split(" · ")
    assert [entry.split()[0] for entry in entries] == ["**6**", "**7**"]
    for passage, entry in zip(untimed[5:], entries, strict=True):
        assert part_in_words(language, passage.place) in entry
    assert "(On \\*recall\\*)" in entries[1]
    assert [option.value for option in options_of(answer)] == [f"{episode.slug}:{at}" for at in (5, 6)]
    assert "On *recall*" in options_of(answer)[1].label


async def test_passages_with_times_have_their_links_and_no_select_of_places(
    answerer: LocalLibraryService, found: Found
) -> None:
    language = Language(CATALOGUE, "en", answerer.axis)
    assert not options_of(found_answer(language, FindResult(FindQuestion("work"), "k", found), 0))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (0.0, "near the start"),
        (0.3, "about a third in"),
        (0.26, "about a quarter in"),
        (0.52, "about halfway in"),
        (0.97, "near the end"),
    ],
)
async def test_a_place_is_named_by_the_nearest_part(
    answerer: LocalLibraryService, place: float, said: str
) -> None:
    assert part_in_words(Language(CATALOGUE, "en", answerer.axis), place) == said


OPPOSITE = "On the same subject, from the other side of the axis:"


async def test_the_other_side_says_opposite_only_of_passages_that_are(
    answerer: LocalLibraryService, found: Found
) -> None:
    language = Language(CATALOGUE, "en", answerer.axis)
    question = FindQuestion("work", other=True)
    none = dataclasses.replace(found, passages=(), episodes=())

    def said(found: Found, *, is_clear: bool) -> str:
        return text_of(
            found_answer(language, FindResult(question, "k", found, countered=-20.0, is_clear=is_clear), 0)
        )

    assert OPPOSITE in said(found, is_clear=True)
    assert OPPOSITE not in said(found, is_clear=False)
    assert "These lean that way:" in said(found, is_clear=False)
    nothing = said(none, is_clear=False)
    assert "Nothing was found on the other side of this." in nothing
    assert OPPOSITE not in nothing
    wings = [BandPassages(band, found.passages[:1]) for band in answerer.axis.bands]
    result = FindResult(question, "k", found, countered=-3.0)
    neither = text_of(balanced_answer(language, result, wings, [1, 1, 1]))
    assert "lean to neither side" in neither
    assert OPPOSITE not in neither


async def test_an_answer_says_who_does_not_speak_and_which_year_was_searched_only_where_asked(
    answerer: LocalLibraryService, found: Found
) -> None:
    language = Language(CATALOGUE, "en", answerer.axis)

    def said(found: Found) -> str:
        result = FindResult(FindQuestion("work"), "k", found)
        wings = [BandPassages(band, found.passages[:1]) for band in answerer.axis.bands]
        texts = [
            text_of(found_answer(language, result, 0)),
            text_of(balanced_answer(language, result, wings, [1, 1, 1])),
        ]
        assert [note in texts[0] for note in NOTES] == [note in texts[1] for note in NOTES]
        return texts[0]

    assert not any(note in said(found) for note in NOTES)
    assert NOTES[0] in said(dataclasses.replace(found, absent="ada *oduya*"))
    assert "published in 2024 were searched" in said(dataclasses.replace(found, year=AskedYear(2024, True)))
    assert "No episode published in 2019 answers this" in said(
        dataclasses.replace(found, year=AskedYear(2019, False))
    )


NOTES = (r"No transcript here names “ada \*oduya\*” as a speaker.", "published in")
