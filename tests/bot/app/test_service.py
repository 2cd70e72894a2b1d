"""The library asked in this process: it moves from edition to edition without failing anybody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pytest
import pytest_asyncio
from small_library import AXIS, SmallLibrary, WordCounts, make_opener
from waiting import LONG_S

from bot.app.edition_requests import Score
from bot.app.edition_session import EditionOpener, EditionSession
from bot.app.service import LocalLibraryService
from index.embedding.encoder import Encoder
from index.embedding.reranker import Reranker
from index.errors import EditionMissing, ModelUnavailable
from index.storage.edition import current_name, editions_folder
from scoring.axis import load_axis
from scoring.reading import Scorer
from scoring.scorer import LexicalScorer


class House(SmallLibrary):
    """A small library and its service."""

    @property
    def service(self) -> LocalLibraryService:
        if not hasattr(self, "_service"):
            self._service = LocalLibraryService(make_opener(self.state, self.encoder))
        return self._service

    def reranked(self, open_reranker: type[Reranker] | object) -> LocalLibraryService:
        return LocalLibraryService(
            EditionOpener(
                self.state,
                lambda _: self.encoder,
                lambda *_: LexicalScorer.load(AXIS),
                load_axis(AXIS),
                open_reranker=open_reranker,  # type: ignore[arg-type]
            )
        )


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House.of_two(tmp_path)
    yield made
    await made.service.close()


async def test_a_reranker_is_opened_once(house: House) -> None:
    opened: list[threading.Thread] = []
    asked: list[int] = []

    class LikesTheSchool:
        def scores(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float64]:
            asked.append(len(texts))
            return np.array([float("school" in text) for text in texts])

    def open_reranker() -> LikesTheSchool:
        opened.append(threading.current_thread())
        return LikesTheSchool()

    await house.build()
    service = house.reranked(open_reranker)
    await service.find("the danger of the dam")
    house.write("the-mill", "The mill grinds and grinds beside the weir")
    await house.build()
    await service.find("the danger of the dam")
    await service.close()
    assert len(opened) == 1
    assert len(asked) == 2


async def test_a_reranker_that_cannot_be_opened_is_said_and_not_passed_over(house: House) -> None:
    def refuse() -> NoReturn:
        raise ModelUnavailable(model="none", problem="missing")

    await house.build()
    service = house.reranked(refuse)
    with pytest.raises(ModelUnavailable):
        await service.find("the danger of the dam")
    await service.close()


async def test_a_newer_edition_answers_the_next_question_and_those_under_way_end_on_the_older(
    house: House,
) -> None:
    first = await house.build()
    assert (await house.service.facts()).edition == first
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        leave.wait(LONG_S)

    house.encoder.hold = hold
    under_way = [asyncio.create_task(house.service.find("the danger of the dam")) for _ in range(3)]
    assert await asyncio.to_thread(entered.wait, LONG_S)
    house.encoder.hold = lambda: None
    house.write("the-mill", "The mill grinds and grinds beside the weir")
    second = await house.build()
    leave.set()
    answers = await asyncio.gather(*under_way)
    assert {answer.edition for answer in answers} <= {first, second}
    assert (await house.service.facts()).edition == second
    card = await house.service.episode("the-mill")
    assert (card.episode.slug, card.edition) == ("the-mill", second)


async def test_many_questions_while_editions_come_and_go(house: House) -> None:
    await house.build()

    async def ask() -> None:
        for _ in range(15):
            await house.service.find("the danger of the dam")
            await house.service.episode("the-dam")
            await house.service.counterbalance("the-dam")
            await house.service.related("the-school")

    async def rebuild() -> None:
        for number in range(4):
            house.write(f"weir-{number}", f"The weir number {number} holds the water back")
            await house.build()

    await asyncio.gather(*(ask() for _ in range(4)), rebuild())
    assert len(await house.service.episodes()) == 6


async def test_a_damaged_newer_edition_leaves_the_older_one_answering(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    first = await house.build()
    assert (await house.service.facts()).edition == first
    house.write("the-mill", "The mill grinds and grinds beside the weir")
    second = await house.build()
    (editions_folder(house.state) / second / "windows.faiss").write_bytes(b"rubbish")
    assert (await house.service.facts()).edition == first
    assert (await house.service.find("the danger of the dam")).edition == first
    assert sum("cannot be opened" in record.message for record in caplog.records) == 1, "tried once"
    house.write("the-weir", "The weir holds the water back")
    third = await house.build()
    assert current_name(house.state) == third
    assert (await house.service.facts()).edition == third


async def test_without_an_edition_every_question_says_so(house: House) -> None:
    for ask in (house.service.facts(), house.service.find("dam"), house.service.suggest("dam")):
        with pytest.raises(EditionMissing):
            await ask


async def test_a_text_is_scored_without_an_edition(house: House) -> None:
    (scored,) = await house.service.score(["The danger is grave and the harm is great."])
    assert scored.position < 0


async def test_no_text_has_no_position(house: House) -> None:
    assert await house.service.score([]) == []
    await house.build()
    async with house.service._reading() as session:
        assert await Score(()).answered_by(session) == ()


async def test_models_are_opened_once_and_never_on_the_event_loop(house: House) -> None:
    here, opened = threading.current_thread(), []

    def open_encoder(_: str | None) -> WordCounts:
        opened.append(("encoder", threading.current_thread() is here))
        return house.encoder

    def open_scorer(_: Encoder) -> Scorer:
        opened.append(("scorer", threading.current_thread() is here))
        return LexicalScorer.load(AXIS)

    async def score(session: EditionSession) -> None:
        await asyncio.gather(*(Score(("The danger is grave.",)).answered_by(session) for _ in range(5)))

    await house.build()
    opener = EditionOpener(house.state, open_encoder, open_scorer, load_axis(AXIS))
    session = await opener.open()
    await score(session)
    await session.close()
    assert opened == [("encoder", False), ("scorer", False)]
    opened.clear()
    service = LocalLibraryService(EditionOpener(house.state, open_encoder, open_scorer, load_axis(AXIS)))
    await asyncio.gather(*(service.score(["The danger is grave."]) for _ in range(5)))
    await service.close()
    assert opened == [("encoder", False), ("scorer", False)]


async def test_an_edition_of_other_word_pieces_asks_for_its_own_encoder_once(house: House) -> None:
    asked: list[str | None] = []

    def open_encoder(export: str | None) -> WordCounts:
        asked.append(export)
        return house.encoder

    def open_scorer(_: Encoder) -> Scorer:
        return LexicalScorer.load(AXIS)

    await house.build()
    opener = EditionOpener(house.state, open_encoder, open_scorer, load_axis(AXIS))
    session = await opener.open()
    fingerprint = house.encoder.fingerprint
    assert asked == [fingerprint]
    edition = session.searcher.edition
    newer = replace(edition, facts=replace(edition.facts, pieces="maps"))
    for _ in range(3):  # its export is not here, and what comes in its place has no pieces
        await opener._encoder_for(newer)
    assert asked == [fingerprint, f"{fingerprint}-maps"]
    await session.close()


def test_it_answers_from_one_loop_after_another(tmp_path: Path) -> None:
    house = House.of_two(tmp_path)
    asyncio.run(house.build())

    async def once() -> str:
        try:
            return (await house.service.find("the danger of the dam")).edition
        finally:
            await house.service.close()

    assert asyncio.run(once()) == asyncio.run(once())
