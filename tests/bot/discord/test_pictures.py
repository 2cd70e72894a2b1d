"""What draws pictures for answers: once, within bounds, never stale, and never at the cost of the words."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
import pytest_asyncio

from bot.app.service import EpisodeCard, LocalLibraryService
from bot.discord.features.episode.rendering import spread_over
from bot.discord.pictures import Pictures
from bot.i18n.language import Language
from bot.i18n.message_catalogue import MessageCatalogue
from index.search.answers import Found
from index.storage.records import SliceRecord, chapters_of
from scoring.axis import Axis

GUNNAR = "gunnar-eziokwu-on-what-cannot-be-recalled"


@pytest_asyncio.fixture
async def card(answerer: LocalLibraryService) -> AsyncIterator[EpisodeCard]:
    """An episode of the sample."""
    yield await answerer.episode(GUNNAR)


@pytest.fixture
def language(answerer: LocalLibraryService) -> Language:
    """English."""
    return Language(MessageCatalogue.load(), "en", answerer.axis)


def of(card: EpisodeCard, edition: str) -> EpisodeCard:
    return dataclasses.replace(card, edition=edition)


async def test_a_newer_edition_never_meets_an_older_ones_picture(
    card: EpisodeCard, language: Language
) -> None:
    pictures = Pictures()
    first = await pictures.card(language, of(card, "a"))
    moved = dataclasses.replace(
        card,
        episode=dataclasses.replace(
            card.episode, profile=dataclasses.replace(card.episode.profile, headline=-77.0)
        ),
    )
    second = await pictures.card(language, of(moved, "b"))
    assert first is not None
    assert second is not None
    assert "headline −77" in second.alt
    assert first.png != second.png
    assert (await pictures.card(language, of(card, "a")), await pictures.card(language, of(moved, "b"))) == (
        first,
        second,
    )
    assert pictures.n_drawn == 2


async def test_what_is_of_no_known_edition_is_not_kept(card: EpisodeCard, language: Language) -> None:
    pictures = Pictures()
    assert await pictures.card(language, of(card, "")) == await pictures.card(language, of(card, ""))
    assert (pictures.n_drawn, pictures.n_bytes) == (2, 0)


async def test_what_many_ask_for_at_once_is_drawn_once(card: EpisodeCard, language: Language) -> None:
    pictures = Pictures(within_s=60)
    drawn = await asyncio.gather(*(pictures.card(language, of(card, "a")) for _ in range(5)))
    assert pictures.n_drawn == 1
    assert len({id(drawing) for drawing in drawn}) == 1


async def test_pictures_take_no_more_than_their_bytes(card: EpisodeCard, language: Language) -> None:
    picture = await Pictures().card(language, of(card, "a"))
    assert picture is not None
    size = len(picture.png) + len(picture.alt.encode())
    pictures = Pictures(max_bytes=2 * size + 10, within_s=60)
    for edition in "abcd":
        assert await pictures.card(language, of(card, edition))
    assert pictures.n_bytes == 2 * size
    await pictures.card(language, of(card, "d"))
    assert pictures.n_drawn == 4
    await pictures.card(language, of(card, "a"))
    assert pictures.n_drawn == 5


async def test_a_picture_that_cannot_be_drawn_is_none_and_logged(
    card: EpisodeCard, language: Language, caplog: pytest.LogCaptureFixture
) -> None:
    broken = dataclasses.replace(card, slices=card.slices[:1])  # fewer slices than its markers name
    assert await Pictures().card(language, of(broken, "a")) is None
    assert "could not be drawn" in caplog.text


async def test_who_does_not_wait_goes_without_and_the_next_one_has_it(
    card: EpisodeCard, language: Language
) -> None:
    pictures = Pictures(within_s=0)
    assert await pictures.card(language, of(card, "a")) is None
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
    assert await pictures.card(language, of(card, "a")) is not None
    assert pictures.n_drawn == 1


async def test_of_many_that_ask_in_one_breath_only_as_many_wait_as_may(
    card: EpisodeCard, language: Language
) -> None:
    pictures = Pictures(within_s=60, max_waiting=2)
    drawn = await asyncio.gather(*(pictures.card(language, of(card, edition)) for edition in "abcde"))
    assert [drawing is not None for drawing in drawn] == [True, True, False, False, False]


async def test_there_is_no_picture_of_nothing(language: Language) -> None:
    assert await Pictures().found(language, Found("x", "e", (), (), False, {}), "key") is None


def sliced(axis: Axis, card: EpisodeCard, chapters: list[str | None]) -> list[SliceRecord]:
    record = card.slices[0]
    return [
        dataclasses.replace(record, piece=dataclasses.replace(record.piece, ordinal=at, chapter=chapter))
        for at, chapter in enumerate(chapters)
    ]


async def test_chapters_begin_where_the_heading_changes(card: EpisodeCard, language: Language) -> None:
    axis = language.axis
    chapters = chapters_of(sliced(axis, card, [None, "A", "A", "B", None, "A"]))
    assert [(chapter.name, chapter.start, chapter.end) for chapter in chapters] == [
        ("A", 1, 3),
        ("B", 3, 4),
        ("A", 5, 6),
    ]
    assert chapters_of(sliced(axis, card, [None, "A", "A"])) == []
    assert chapters_of(sliced(axis, card, [])) == []


@pytest.mark.parametrize(("n_items", "most"), [(0, 25), (25, 25), (26, 25), (300, 25), (7, 1), (9, 2)])
def test_what_is_spread_keeps_its_ends_and_its_order(n_items: int, most: int) -> None:
    kept = spread_over(range(n_items), most)
    assert len(kept) == min(n_items, most)
    assert kept == sorted(set(kept))
    if most > 1 and n_items:
        assert (kept[0], kept[-1]) == (0, n_items - 1)
    gaps = {b - a for a, b in pairwise(kept)}
    assert not gaps or max(gaps) - min(gaps) <= 1
