"""Words around a moment: the slice that is spoken then, its neighbours, and a reason where there are none."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from small_library import SmallLibrary, make_opener

from bot.app.edition_answers import MomentOutside, SliceOutside, TranscriptMissing, TranscriptUntimed
from bot.app.service import LocalLibraryService
from index.errors import EpisodeUnknown


@pytest_asyncio.fixture
async def library(tmp_path: Path) -> AsyncIterator[LocalLibraryService]:
    """A long talk of a dam and a school with times, a letter without, and an announcement without words."""
    made = SmallLibrary(tmp_path)
    made.write("the-dam", "The dam on the river may fail and the danger is grave " * 4)
    made.write("the-school", "The school in the valley gains a great opportunity and hope")
    for slug, about in (
        ("a-letter", {"title": "A letter", "transcripts": [{"file": "text.txt", "kind": "published"}]}),
        ("announced", {"title": "Announced", "summary": "A talk about hope."}),
    ):
        (made.library / slug).mkdir()
        (made.library / slug / "episode.json").write_text(json.dumps(about), encoding="utf-8")
    words = "The river rose again and the mill stood still. " * 60
    (made.library / "a-letter" / "text.txt").write_text(words, encoding="utf-8")
    await made.build()
    service = LocalLibraryService(make_opener(made.state))
    yield service
    await service.close()


async def test_a_second_finds_the_slice_that_is_spoken_then(library: LocalLibraryService) -> None:
    card = await library.episode("the-dam")
    assert len(card.slices) > 2
    for record in card.slices:
        start_s, end_s = record.piece.start_s, record.piece.end_s
        assert start_s is not None
        assert end_s is not None
        for second in (start_s, (start_s + end_s) / 2):
            stretch = await library.read("the dam", at_s=second, around=0)
            assert stretch.slices == (record,)
            assert stretch.at == 0
            assert stretch.edition == card.edition


async def test_neighbours_come_with_it_as_far_as_there_are_any(library: LocalLibraryService) -> None:
    slices = (await library.episode("the-dam")).slices
    for ordinal in range(len(slices)):
        stretch = await library.read("the-dam", ordinal=ordinal, around=1)
        assert stretch.slices == slices[max(0, ordinal - 1) : ordinal + 2]
        assert stretch.slices[stretch.at] == slices[ordinal]
    assert (await library.read("the-dam", around=99)).slices == slices


async def test_before_the_first_word_and_shortly_after_the_last_there_are_words(
    library: LocalLibraryService,
) -> None:
    slices = (await library.episode("the-dam")).slices
    end_s = slices[-1].piece.end_s
    assert end_s is not None
    assert (await library.read("the-dam", at_s=0.0, around=0)).slices == slices[:1]
    assert (await library.read("the-dam", at_s=end_s + 5, around=0)).slices == slices[-1:]


async def test_where_there_are_no_words_the_reason_is_told(library: LocalLibraryService) -> None:
    n_slices = len((await library.episode("the-dam")).slices)
    with pytest.raises(MomentOutside) as late:
        await library.read("the-dam", at_s=10_000.0)
    assert late.value.received == 10_000.0
    assert late.value.end_s < 600
    with pytest.raises(SliceOutside) as beyond:
        await library.read("the-dam", ordinal=n_slices)
    assert beyond.value.last == n_slices - 1
    with pytest.raises(TranscriptUntimed):
        await library.read("a-letter", at_s=3.0)
    assert (await library.read("a-letter", ordinal=1, around=0)).slices[0].piece.ordinal == 1
    with pytest.raises(TranscriptMissing):
        await library.read("announced")
    with pytest.raises(EpisodeUnknown):
        await library.read("no such thing at all", at_s=3.0)
