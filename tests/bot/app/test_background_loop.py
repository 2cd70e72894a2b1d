"""Answering computes beside the caller's event loop, and moves from edition to edition without failing anybody."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pytest
import pytest_asyncio

from bot.app.background_loop import BackgroundLoop
from bot.app.service import Answerer
from bot.app.settings import DATA
from index.build.builder import Builder
from index.embedding.encoder import Vectors
from index.errors import EditionMissing, ModelUnavailable
from index.storage.edition import current_name, editions_folder
from index.text.tokens import tokenize
from scoring.axis import load_axis
from scoring.scorer import LexicalScorer

AXIS = DATA / "axes" / "risk-opportunity"


class WordCounts:
    """An encoder without a model: a text's vector counts its words. It notes the threads that it is called on."""

    dim = 32
    fingerprint = "word-counts"

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.hold: Callable[[], None] = lambda: None

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        self.threads.add(threading.get_ident())
        self.hold()
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            for token in tokenize(text):
                vectors[row, hashlib.sha256(token.word.encode()).digest()[0] % self.dim] += 1
            vectors[row] /= np.linalg.norm(vectors[row]) or 1
        if progress is not None:
            progress(len(texts))
        return vectors


class Quiet:
    def stage(self, name: str, total: int) -> None: ...

    def advance(self, steps: int) -> None: ...


class House:
    """A small library, what builds it and what answers from it."""

    def __init__(self, folder: Path) -> None:
        self.library = folder / "library"
        self.state = folder / "state"
        self.encoder = WordCounts()
        self.answerer = Answerer(
            self.state, lambda _: self.encoder, lambda *_: LexicalScorer.load(AXIS), load_axis(AXIS)
        )

    def write(self, slug: str, words: str) -> None:
        place = self.library / slug
        place.mkdir(parents=True)
        about = {"title": slug.replace("-", " ").title(), "transcripts": [{"file": "captions.vtt"}]}
        (place / "episode.json").write_text(json.dumps(about), encoding="utf-8")
        lines = [
            f"00:{n // 6:02}:{n % 6 * 10:02}.000 --> 00:{n // 6:02}:{n % 6 * 10 + 9:02}.000"
            for n in range(30)
        ]
        captions = "\n\n".join(f"{line}\n{words} {n}." for n, line in enumerate(lines))
        (place / "captions.vtt").write_text(f"WEBVTT\n\n{captions}\n", encoding="utf-8")

    async def build(self) -> str:
        builder = Builder(
            self.library,
            self.state,
            lambda: self.encoder,
            lambda *_: LexicalScorer.load(AXIS),
            load_axis(AXIS),
            "words",
        )
        report = await builder.build(Quiet())
        assert report.facts is not None
        return report.facts.edition


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path)
    made.write("the-dam", "The dam on the river may fail and the danger is grave")
    made.write("the-school", "The school in the valley gains a great opportunity and hope")
    yield made
    await made.answerer.close()


async def test_a_question_computes_on_another_thread_and_the_callers_loop_goes_on(house: House) -> None:
    await house.build()
    await house.answerer.facts()
    house.encoder.threads.clear()
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        leave.wait(5)

    house.encoder.hold = hold
    asked = asyncio.create_task(house.answerer.find("the danger of the dam"))
    assert await asyncio.to_thread(entered.wait, 5)
    assert not asked.done(), "the question is being computed, and this loop turns"
    suggested = await house.answerer.suggest("dam")
    assert suggested[0].slug == "the-dam", "suggestions wait for no question"
    leave.set()
    await asked
    assert threading.get_ident() not in house.encoder.threads


async def test_a_reranker_is_opened_once_and_asked_where_questions_compute(house: House) -> None:
    opened: list[threading.Thread] = []
    asked: list[int] = []

    class LikesTheSchool:
        def scores(self, question: str, texts: Sequence[str]) -> npt.NDArray[np.float64]:
            asked.append(threading.get_ident())
            return np.array([float("school" in text) for text in texts])

    def open_reranker() -> LikesTheSchool:
        opened.append(threading.current_thread())
        return LikesTheSchool()

    await house.build()
    answerer = Answerer(
        house.state,
        lambda _: house.encoder,
        lambda *_: LexicalScorer.load(AXIS),
        load_axis(AXIS),
        open_reranker=open_reranker,
    )
    await answerer.find("the danger of the dam")
    house.write("the-mill", "The mill grinds and grinds beside the weir")
    await house.build()
    await answerer.find("the danger of the dam")
    await answerer.close()
    assert len(opened) == 1
    assert len(asked) == 2
    assert threading.get_ident() not in asked


async def test_a_reranker_that_cannot_be_opened_is_said_and_not_passed_over(house: House) -> None:
    def refuse() -> NoReturn:
        raise ModelUnavailable(model="none", problem="missing")

    await house.build()
    answerer = Answerer(
        house.state,
        lambda _: house.encoder,
        lambda *_: LexicalScorer.load(AXIS),
        load_axis(AXIS),
        open_reranker=refuse,
    )
    with pytest.raises(ModelUnavailable):
        await answerer.find("the danger of the dam")
    await answerer.close()


async def test_a_newer_edition_answers_the_next_question_and_those_under_way_end_on_the_older(
    house: House,
) -> None:
    first = await house.build()
    assert (await house.answerer.facts()).edition == first
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        leave.wait(5)

    house.encoder.hold = hold
    under_way = [asyncio.create_task(house.answerer.find("the danger of the dam")) for _ in range(3)]
    assert await asyncio.to_thread(entered.wait, 5)
    house.encoder.hold = lambda: None
    house.write("the-mill", "The mill grinds and grinds beside the weir")
    second = await house.build()
    leave.set()
    answers = await asyncio.gather(*under_way)
    assert {answer.edition for answer in answers} <= {first, second}
    assert (await house.answerer.facts()).edition == second
    assert (await house.answerer.episode("the-mill")).episode.slug == "the-mill"


async def test_suggestions_do_not_wait_for_a_newer_edition_and_have_it_opened(house: House) -> None:
    await house.build()
    await house.answerer.facts()
    house.write("the-mill", "The mill grinds and grinds beside the weir")
    second = await house.build()
    assert {one.slug for one in await house.answerer.suggest("the")} == {"the-dam", "the-school"}
    assert (await house.answerer.facts()).edition == second
    assert "the-mill" in {one.slug for one in await house.answerer.suggest("the")}


async def test_many_questions_while_editions_come_and_go(house: House) -> None:
    await house.build()

    async def ask() -> None:
        for _ in range(15):
            await house.answerer.find("the danger of the dam")
            await house.answerer.episode("the-dam")
            await house.answerer.counterbalance("the-dam")
            await house.answerer.related("the-school")

    async def rebuild() -> None:
        for number in range(4):
            house.write(f"weir-{number}", f"The weir number {number} holds the water back")
            await house.build()

    await asyncio.gather(*(ask() for _ in range(4)), rebuild())
    assert len(await house.answerer.episodes()) == 6


async def test_a_damaged_newer_edition_leaves_the_older_one_answering(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    first = await house.build()
    assert (await house.answerer.facts()).edition == first
    house.write("the-mill", "The mill grinds and grinds beside the weir")
    second = await house.build()
    (editions_folder(house.state) / second / "windows.faiss").write_bytes(b"rubbish")
    assert (await house.answerer.facts()).edition == first
    assert (await house.answerer.find("the danger of the dam")).edition == first
    assert sum("cannot be opened" in record.message for record in caplog.records) == 1, "tried once"
    house.write("the-weir", "The weir holds the water back")
    third = await house.build()
    assert current_name(house.state) == third
    assert (await house.answerer.facts()).edition == third


async def test_without_an_edition_every_question_says_so(house: House) -> None:
    for ask in (house.answerer.facts(), house.answerer.find("dam"), house.answerer.suggest("dam")):
        with pytest.raises(EditionMissing):
            await ask


def test_it_answers_from_one_loop_after_another(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.write("the-dam", "The dam on the river may fail and the danger is grave")
    asyncio.run(house.build())

    async def once() -> str:
        try:
            return (await house.answerer.find("the danger of the dam")).edition
        finally:
            await house.answerer.close()

    assert asyncio.run(once()) == asyncio.run(once())


async def test_whoever_stops_waiting_stops_the_work() -> None:
    aside, stopped = BackgroundLoop("test"), threading.Event()

    async def forever() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    asked = asyncio.create_task(aside.run(forever()))
    await asyncio.sleep(0.01)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await asyncio.to_thread(stopped.wait, 5)
    assert stopped.is_set()
    await aside.close()


async def test_closing_ends_what_still_runs() -> None:
    aside = BackgroundLoop("test")
    asked = asyncio.create_task(aside.run(asyncio.sleep(60)))
    await asyncio.sleep(0.01)
    await aside.close()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_a_question_is_computed_once_an_edition(house: House) -> None:
    await house.build()
    first = await house.answerer.find("the danger of the dam")
    embedded: list[bool] = []
    house.encoder.hold = lambda: embedded.append(True)
    assert await house.answerer.find("the danger of the dam") is first
    assert not embedded
    assert await house.answerer.find("the danger of the dam", n_passages=1) is not first
    house.write("the-mill", "The mill grinds and grinds, a danger beside the dam")
    await house.build()
    again = await house.answerer.find("the danger of the dam")
    assert again.edition != first.edition
    assert "the-mill" in {passage.episode.slug for passage in again.passages}
