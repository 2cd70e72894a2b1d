"""Which edition answers: a newer one is taken up, one that cannot be opened is not, and nothing is refused for good."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from small_library import AXIS, SmallLibrary, make_opener
from small_service import people_ask, serving
from waiting import LONG_S, is_running, until

from bot.app.source_poller import answered_slugs
from bot.app.store_follower import StoreFollower
from bot.app.workers import edition_opening
from bot.app.workers.pool import WorkerPool
from bot.app.workers.pooled_service import PooledLibraryService
from bot.app.workers.process import WorkerProcess
from bot.app.workers.stopped_questions import AnsweringStarts, AnsweringUnavailable
from index.errors import EditionCrashes, EditionDamaged, EditionMissing
from index.storage.edition import current_name, editions_folder
from scoring.axis import load_axis


def damage(house: SmallLibrary, edition: str) -> bytes:
    """Write rubbish into a file of ``edition``; return what it held."""
    file = editions_folder(house.state) / edition / "windows.faiss"
    held = file.read_bytes()
    file.write_bytes(b"rubbish")
    return held


async def test_a_newer_edition_is_taken_up_while_people_ask(house: SmallLibrary) -> None:
    async with serving(house.state, n_workers=2) as service:
        first = (await service.facts()).edition
        await until(lambda: len(service.status.pids) == 2)
        before = service.status.pids
        house.write("the-mill", "The mill grinds and grinds beside the weir")
        second = await house.build()
        editions = await people_ask(service, times=2)
        assert set(editions) <= {first, second}
        await until(lambda: service.status.edition == second)
        assert (await service.episode("the-mill")).edition == second
        assert (await service.find("the danger of the dam 0 0")).edition == second, "not from memory"
        await until(lambda: len(service.status.pids) == 2)
        assert not set(before) & set(service.status.pids)
        await until(lambda: not any(map(is_running, before)))


async def test_once_turned_to_the_newest_the_next_question_is_answered_from_it(house: SmallLibrary) -> None:
    async with serving(house.state, n_workers=2) as service:
        first = (await service.facts()).edition
        house.write("the-mill", "The mill grinds and grinds beside the weir")
        second = await house.build()
        assert await service.turn_to_newest(within_s=LONG_S)
        assert (await service.find("the danger of the dam")).edition == second
        house.write("the-weir", "The weir holds the water back")
        third = await house.build()
        damage(house, third)
        assert not await service.turn_to_newest(within_s=LONG_S)
        assert (await service.find("the danger of the dam")).edition == second != first


async def test_whoever_answers_tells_what_is_published_and_the_bot_opens_no_edition(
    house: SmallLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right after a reindex the new episodes are there; where that edition is broken, those of the one before."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the bot opened an edition")

    monkeypatch.setattr("bot.app.source_poller.open_edition", refuse)
    async with serving(tmp_path / "empty") as service:
        assert await answered_slugs(service) == frozenset()
    async with serving(house.state) as service:
        assert await answered_slugs(service) == {"the-dam", "the-school"}
        house.write("the-mill", "The mill grinds and grinds beside the weir")
        await house.build()
        assert await answered_slugs(service) == {"the-dam", "the-school", "the-mill"}
        house.write("the-weir", "The weir holds the water back")
        newest = await house.build()
        with pytest.raises(AnsweringStarts):
            await answered_slugs(service, within_s=0)
        damage(house, newest)
    async with serving(house.state) as service:
        assert await answered_slugs(service) == {"the-dam", "the-school", "the-mill"}


async def test_an_edition_that_cannot_be_opened_is_refused_once_and_the_good_one_goes_on(
    house: SmallLibrary, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(house.state) as service:
        first = (await service.facts()).edition
        house.write("the-mill", "The mill grinds and grinds beside the weir")
        second = await house.build()
        damage(house, second)
        assert (await service.find("the danger of the dam")).edition == first
        await until(lambda: second in service.status.refused)
        await people_ask(service)
        assert service.status.edition == first
        assert isinstance(service.problem, EditionDamaged)
        assert sum(second in record.message for record in caplog.records) == 1
        house.write("the-weir", "The weir holds the water back")
        third = await house.build()
        await service.facts()
        await until(lambda: service.status.edition == third)
        assert service.problem is None


@pytest.mark.parametrize("fault", [OSError(errno.EAGAIN, "no process now"), TimeoutError()])
async def test_a_fault_that_passes_delays_a_newer_edition_and_does_not_refuse_it(
    house: SmallLibrary, monkeypatch: pytest.MonkeyPatch, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    start, faults = WorkerProcess.start, [fault]

    async def hindered(*args: Any) -> WorkerProcess:
        if faults:
            raise faults.pop()
        return await start(*args)

    async with serving(house.state) as service:
        first = (await service.facts()).edition
        house.write("the-mill", "The mill grinds and grinds beside the weir")
        second = await house.build()
        monkeypatch.setattr(WorkerProcess, "start", hindered)
        assert (await service.facts()).edition == first, "and a worker for the newer one is started"
        await until(lambda: service.status.edition == second)  # although nobody asks again
        assert (service.problem, dict(service.status.refused)) == (None, {})
    assert sum("no worker could be started" in record.message for record in caplog.records) == 1


async def test_an_edition_that_became_good_is_no_trouble_any_more(house: SmallLibrary) -> None:
    async with serving(house.state) as service:
        first = (await service.facts()).edition
        house.write("the-mill", "The mill grinds and grinds beside the weir")
        second = await house.build()
        held = damage(house, second)
        assert not await service.turn_to_newest(within_s=LONG_S)
        assert isinstance(service.problem, EditionDamaged)
        (editions_folder(house.state) / second / "windows.faiss").write_bytes(held)
        assert not await service.turn_to_newest(within_s=0), "it is left alone for a while"
        assert service.status.edition == first
        for pid in service.status.pids:  # whoever takes their place opens the published edition
            os.kill(pid, signal.SIGSEGV)
        await until(lambda: service.status.edition == second)
        assert (service.problem, dict(service.status.refused)) == (None, {})


async def test_a_refused_edition_is_tried_again_after_a_while(
    house: SmallLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(house.state) as service:
        await service.facts()
        house.write("the-mill", "The mill grinds and grinds beside the weir")
        second = await house.build()
        held = damage(house, second)
        monkeypatch.setattr(edition_opening, "REFUSED_FOR_S", 0.0)
        await service.facts()
        await until(lambda: second in service.status.refused)
        (editions_folder(house.state) / second / "windows.faiss").write_bytes(held)
        assert await service.turn_to_newest(within_s=LONG_S)
        assert service.problem is None


async def test_the_newest_edition_that_can_be_opened_answers(house: SmallLibrary) -> None:
    """Two are published before anybody asks again, and the newer one is broken."""
    async with serving(house.state) as service:
        first = (await service.facts()).edition
        house.write("the-mill", "The mill grinds and grinds beside the weir")
        second = await house.build()
        house.write("the-weir", "The weir holds the water back")
        third = await house.build()
        damage(house, third)
        assert not await service.turn_to_newest(within_s=LONG_S)
        assert service.status.edition == second != first
        assert list(service.status.refused) == [third]


async def test_an_edition_that_ends_whoever_opens_it_is_passed_over(house: SmallLibrary) -> None:
    first = current_name(house.state)
    house.write("the-mill", "The mill grinds and grinds beside the weir")
    second = await house.build()
    opener = partial(make_opener, house.state, deadly=second)
    pool = WorkerPool(house.state, opener, limit_s=LONG_S, opens_within_s=LONG_S)
    service = PooledLibraryService(pool, load_axis(AXIS))
    try:
        while service.status.edition is None:
            with suppress(AnsweringUnavailable):  # which is true until it has been tried twice
                await service.find("the danger of the dam")
            await asyncio.sleep(0.1)
        assert (await service.find("the danger of the dam")).edition == first
        assert [*map(type, service.status.refused.values())] == [EditionCrashes]
        assert list(service.status.refused) == [second]
    finally:
        await service.close()


async def test_an_edition_that_is_cut_short_while_it_is_served_gives_way_to_the_one_before(
    house: SmallLibrary,
) -> None:
    first = current_name(house.state)
    house.write("the-mill", "The mill grinds and grinds beside the weir")
    second = await house.build()
    async with serving(house.state) as service:
        assert (await service.facts()).edition == second
        for file in ("windows.faiss", "postings.npy"):
            os.truncate(editions_folder(house.state) / second / file, 0)
        assert (await service.find("the danger of the dam")).edition == first
        assert second in service.status.refused


async def test_without_an_edition_every_question_says_so_until_there_is_one(tmp_path: Path) -> None:
    house = SmallLibrary.of_two(tmp_path)
    async with serving(house.state) as service:
        for ask in (service.facts(), service.find("dam"), service.suggest("dam"), service.sources()):
            with pytest.raises(EditionMissing):
                await ask
        edition = await house.build()
        assert (await service.find("the danger of the dam")).edition == edition


class SlowStore:
    """A store whose edition comes when ``is_there`` is set."""

    def __init__(self, built: Path) -> None:
        self._built = built
        self.is_there = threading.Event()

    def fetch(self, state: Path) -> str | None:
        if current_name(state) is None:
            self.is_there.wait(LONG_S)
            shutil.copytree(self._built, state, dirs_exist_ok=True)
        return current_name(state)


async def test_the_first_edition_of_a_store_is_fetched_while_everything_else_goes_on(
    state: Path, tmp_path: Path
) -> None:
    store, empty = SlowStore(state), tmp_path / "empty"
    service = PooledLibraryService(
        WorkerPool(empty, partial(make_opener, empty), limit_s=LONG_S, opens_within_s=LONG_S),
        load_axis(AXIS),
        follower=StoreFollower(store, empty, looks_every_s=0.02),
    )
    try:
        for ask in (service.facts(), service.find("the danger of the dam")):
            with pytest.raises(AnsweringStarts):
                await ask
        store.is_there.set()
        await service.first_look()
        assert (await service.facts()).edition == current_name(state)
    finally:
        store.is_there.set()
        await service.close()
