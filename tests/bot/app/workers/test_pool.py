"""Real worker processes, really hung and really crashed: only the question that did it is lost."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from small_library import AXIS, Harm, SmallLibrary, make_opener

from bot.app.service import LocalLibraryService
from bot.app.source_poller import answered_slugs
from bot.app.store_follower import StoreFollower
from bot.app.workers.pool import WorkerPool
from bot.app.workers.pooled_service import PooledLibraryService
from bot.app.workers.process import WorkerFailed
from bot.app.workers.stopped_questions import (
    AnsweringStarts,
    AnsweringUnavailable,
    QuestionCrashed,
    QuestionStopped,
)
from index.errors import EditionDamaged, EditionMissing, EpisodeUnknown
from index.search.filters import Filters
from index.storage.edition import current_name, editions_folder
from scoring.axis import load_axis

N_PEOPLE = 20
LIMIT_S = 2.0
LONG_S = 60.0
"""More than any machine takes."""


@asynccontextmanager
async def serving(state: Path, **options: Any) -> AsyncIterator[PooledLibraryService]:
    """The library by worker processes; stopped at the end."""
    pool = WorkerPool(
        state,
        partial(make_opener, state),
        **{
            "limit_s": LIMIT_S,
            "slow_s": 0.3,
            "lookup_within_s": LONG_S,
            "opens_within_s": LONG_S,
            "memory_bytes": 300 << 20,
            **options,
        },
    )
    service = PooledLibraryService(pool, load_axis(AXIS))
    async with asyncio.timeout(LONG_S * 2):
        try:
            yield service
        finally:
            await service.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small library with an edition; nobody writes to it."""
    made = SmallLibrary.of_two(tmp_path_factory.mktemp("small"))
    asyncio.run(made.build())
    return made.state.parent


@pytest.fixture
def state(built: Path) -> Path:
    """The state folder of a library that nobody changes."""
    return built / "state"


@pytest.fixture
def house(built: Path, tmp_path: Path) -> SmallLibrary:
    """A small library of this test's own, with an edition."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return SmallLibrary(tmp_path)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in other processes."""
    async with asyncio.timeout(LONG_S):
        while not condition():  # noqa: ASYNC110  # nobody tells us
            await asyncio.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def own_children() -> list[int]:
    children: list[int] = []
    for task in Path("/proc/self/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended meanwhile
            children += map(int, task.read_text(encoding="ascii").split())
    return children


async def people_ask(service: PooledLibraryService, *, times: int = 3) -> list[str]:
    """Twenty people, each with questions of their own; what each was answered from."""

    async def one(person: int) -> list[str]:
        return [
            (await service.find(f"the danger of the dam {person} {turn}")).edition for turn in range(times)
        ]

    return [edition for answers in await asyncio.gather(*map(one, range(N_PEOPLE))) for edition in answers]


async def test_workers_answer_as_the_library_in_this_process_does(state: Path) -> None:
    local = LocalLibraryService(make_opener(state))
    async with serving(state) as pooled:
        for ask in (
            lambda library: library.find("the danger of the dam", n_passages=3),
            lambda library: library.find("hope", filters=Filters(band="Mixed")),
            lambda library: library.find("the danger", episode="the-dam"),
            lambda library: library.episode("the dam"),
            lambda library: library.related("the-school"),
            lambda library: library.counterbalance("the-dam"),
            lambda library: library.coverage(topic="dam"),
            lambda library: library.idf("danger of the dam"),
            lambda library: library.suggest("scool"),
            lambda library: library.suggest_speakers(""),
            lambda library: library.resolve("the school"),
            lambda library: library.sources(),
            lambda library: library.episodes(),
            lambda library: library.facts(),
            lambda library: library.score(["The danger is grave.", "Hope and opportunity."]),
        ):
            assert await ask(pooled) == await ask(local)
        with pytest.raises(EpisodeUnknown) as unknown:
            await pooled.episode("no such thing at all")
        assert unknown.value.received == "no such thing at all"
    await local.close()


@pytest.mark.parametrize(("harm", "n_workers"), [(Harm.HANG, 1), (Harm.HANG_HOLDING_THE_LOCK, 2)])
async def test_a_question_that_hangs_is_stopped_and_nobody_else_notices(
    state: Path, harm: Harm, n_workers: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(state, n_workers=n_workers) as service:
        await service.find("the danger of the dam")
        hung = asyncio.create_task(service.find(f"the dam {harm}"))
        editions = await people_ask(service)
        with pytest.raises(QuestionStopped) as stopped:
            await hung
        assert stopped.value.fields == {"limit_s": LIMIT_S}
        assert len(editions) == N_PEOPLE * 3
        assert (await service.find("the danger of the dam again")).is_match
        assert service.status.n_stopped == 1
        assert service.status.n_crashed == 0
    assert sum("took longer" in record.message for record in caplog.records) == 1


@pytest.mark.parametrize("harm", [Harm.EXIT, Harm.SEGFAULT, Harm.EAT_MEMORY])
async def test_a_question_that_ends_its_worker_is_lost_alone_and_not_tried_for_ever(
    state: Path, harm: Harm, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(state, limit_s=LONG_S) as service:
        await service.find("the danger of the dam")
        crashing = asyncio.create_task(service.find(f"the dam {harm}"))
        editions = await people_ask(service)
        with pytest.raises(QuestionCrashed):
            await crashing
        assert len(editions) == N_PEOPLE * 3
        for n_crashed in (2, 2):
            with pytest.raises(QuestionCrashed):
                await service.find(f"the dam {harm}")
            assert service.status.n_crashed == n_crashed, "the third time it is refused"
        assert (await service.find("the danger of the dam again")).is_match
    assert sum("another is started" in record.message for record in caplog.records) == 2


async def test_a_question_that_was_stopped_twice_is_refused_at_once(state: Path) -> None:
    async with serving(state) as service:
        for _ in range(3):
            with pytest.raises(QuestionStopped):
                await service.find(f"the dam {Harm.HANG}")
        assert service.status.n_stopped == 2


async def test_time_that_a_worker_waited_for_a_core_is_given_back(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.workers.request_watch.waited_for_core_s", lambda *_: LONG_S)
    async with serving(state, limit_s=0.4) as service:
        assert (await service.find(f"the danger of the dam {Harm.SLOWLY}")).is_match
        assert service.status.n_stopped == 0
        with pytest.raises(QuestionStopped):
            await service.find(f"the dam {Harm.HANG}")


@pytest.mark.parametrize(("waited_s", "n_started"), [(LONG_S, 1), (0.0, 2)])
async def test_no_more_workers_are_started_where_cores_are_what_is_missing(
    state: Path, monkeypatch: pytest.MonkeyPatch, waited_s: float, n_started: int
) -> None:
    started: list[str | None] = []
    begin = WorkerPool._begin

    def noted(self: WorkerPool, name: str | None) -> None:
        started.append(name)
        begin(self, name)

    monkeypatch.setattr(WorkerPool, "_begin", noted)
    monkeypatch.setattr("bot.app.workers.request_watch.waited_for_core_s", lambda *_: waited_s)
    async with serving(state, limit_s=LONG_S, n_workers=1, n_spare=1, slow_s=0.1) as service:
        assert (await service.find(f"the danger of the dam {Harm.SLOWLY}")).is_match
        await until(lambda: len(service.status.pids) == 1)
    assert len(started) == n_started


async def test_a_slow_worker_gives_way_to_others_and_is_not_used_again(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.workers.request_watch.waited_for_core_s", lambda *_: 0.0)
    async with serving(state, limit_s=LONG_S, n_workers=1, n_spare=1, slow_s=0.1) as service:
        await service.facts()
        (slow,) = service.status.pids
        assert os.getpriority(os.PRIO_PROCESS, slow) == os.getpriority(os.PRIO_PROCESS, 0)
        asked = asyncio.create_task(service.find(f"the danger of the dam {Harm.SLOWLY}"))
        await until(lambda: len(service.status.pids) == 2)
        assert os.getpriority(os.PRIO_PROCESS, slow) > os.getpriority(os.PRIO_PROCESS, 0)
        assert (await asked).is_match
        await until(lambda: slow not in service.status.pids)
        assert (await service.find("the river")).is_match


async def test_a_question_whose_worker_is_killed_is_answered_by_another(state: Path) -> None:
    async with serving(state, n_spare=0, limit_s=LONG_S) as service:
        await service.facts()
        asked = asyncio.create_task(service.find(f"the danger of the dam {Harm.SLOWLY}"))
        await asyncio.sleep(0.1)
        (pid,) = service.status.pids
        os.kill(pid, signal.SIGKILL)
        assert (await asked).is_match
        assert service.status.n_crashed == 1
        assert pid not in service.status.pids


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's children")
@pytest.mark.parametrize("after_s", [0.0, 0.01, 0.2])
async def test_a_pool_that_is_closed_while_a_worker_starts_leaves_no_process(
    state: Path, after_s: float
) -> None:
    before = own_children()
    async with serving(state) as service:
        asked = asyncio.create_task(service.find("the danger of the dam"))
        await asyncio.sleep(after_s)
    with pytest.raises(AnsweringUnavailable):
        await asked
    assert [child for child in own_children() if child not in before and is_running(child)] == []


async def test_a_worker_that_dies_idle_is_replaced_before_anybody_asks(state: Path) -> None:
    async with serving(state, n_workers=2) as service:
        await service.facts()
        await until(lambda: len(service.status.pids) == 2)
        before = service.status.pids
        os.kill(before[0], signal.SIGSEGV)
        await until(lambda: before[0] not in service.status.pids and len(service.status.pids) == 2)
        assert not is_running(before[0])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's children")
async def test_a_worker_that_is_killed_while_it_opens_is_replaced_and_nobody_is_told(state: Path) -> None:
    async with serving(state) as service:
        asked = [asyncio.create_task(service.find(question)) for question in ("dam", "river")]
        await until(lambda: bool(own_children()))
        (pid,) = own_children()
        os.kill(pid, signal.SIGKILL)
        assert [found.is_match for found in await asyncio.gather(*asked)] == [True, True]
        assert pid not in service.status.pids


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")
async def test_workers_are_replaced_when_what_they_are_forked_from_is_killed(state: Path) -> None:
    async with serving(state) as service:
        await service.facts()
        before = service.status.pids
        (fork_server,) = own_children()
        os.kill(fork_server, signal.SIGKILL)
        await until(lambda: bool(service.status.pids) and service.status.pids != before)
        assert (await service.find("the danger of the dam")).is_match
        assert not any(map(is_running, before))


async def test_suggestions_do_not_wait_for_a_slow_question(state: Path) -> None:
    async with serving(state, n_spare=0, limit_s=LONG_S) as service:
        await service.facts()
        hung = asyncio.create_task(service.find(f"the dam {Harm.HANG}"))
        await asyncio.sleep(0)
        assert (await service.suggest("dam"))[0].slug == "the-dam"
        assert (await service.resolve("the school")).slug == "the-school"
        assert not hung.done()
        hung.cancel()


async def test_questions_that_come_together_are_computed_together(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(state, n_spare=0, limit_s=LONG_S) as service:
        question = f"the danger of the dam {Harm.SLOWLY}"
        first, second = await asyncio.gather(service.find(question), service.find(question))
        assert first == second
        monkeypatch.setattr(service._pool, "ask", None)
        assert await service.find(question) == first, "from memory"


async def test_nobody_computes_for_those_who_have_gone(state: Path) -> None:
    async with serving(state, n_spare=0, limit_s=LONG_S) as service:
        await service.facts()
        first = asyncio.create_task(service.find(f"the dam {Harm.SLOWLY}"))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(service.find(f"the dam {Harm.EXIT}"))
        await asyncio.sleep(0.05)
        second.cancel()
        assert (await first).is_match
        assert (await service.find("the danger of the dam")).is_match
        assert service.status.n_crashed == 0


async def test_an_error_that_nobody_foresaw_tells_its_story_and_ends_nothing(state: Path) -> None:
    async with serving(state) as service:
        with pytest.raises(WorkerFailed, match="RuntimeError: the secret of the house") as failed:
            await service.find(f"the dam {Harm.RAISE}")
        assert "do_harm" in str(failed.value.__cause__)
        (pid,) = service.status.pids
        assert (await service.find("the danger of the dam")).is_match
        assert service.status.pids == (pid,)


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
        (editions_folder(house.state) / third / "windows.faiss").write_bytes(b"rubbish")
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
        (editions_folder(house.state) / newest / "windows.faiss").write_bytes(b"rubbish")
    async with serving(house.state) as service:
        assert await answered_slugs(service) == {"the-dam", "the-school", "the-mill"}


async def test_an_edition_that_cannot_be_opened_is_refused_once_and_the_good_one_goes_on(
    house: SmallLibrary, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(house.state) as service:
        first = (await service.facts()).edition
        house.write("the-mill", "The mill grinds and grinds beside the weir")
        second = await house.build()
        (editions_folder(house.state) / second / "windows.faiss").write_bytes(b"rubbish")
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


async def test_an_edition_that_ends_whoever_opens_it_is_passed_over(house: SmallLibrary) -> None:
    first = current_name(house.state)
    house.write("the-mill", "The mill grinds and grinds beside the weir")
    second = await house.build()
    pool = WorkerPool(house.state, partial(make_opener, house.state, deadly=second))
    service = PooledLibraryService(pool, load_axis(AXIS))
    async with asyncio.timeout(LONG_S):
        while True:
            try:
                assert (await service.find("the danger of the dam")).edition == first
                break
            except AnsweringUnavailable:  # which is true until it has been tried twice
                await asyncio.sleep(0.1)
    assert list(service.status.refused) == [second]
    await service.close()


async def test_an_edition_that_is_cut_short_while_it_is_served_gives_way_to_the_one_before(
    house: SmallLibrary,
) -> None:
    first = current_name(house.state)
    house.write("the-mill", "The mill grinds and grinds beside the weir")
    second = await house.build()
    async with serving(house.state, limit_s=LONG_S) as service:
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


async def test_where_no_worker_can_be_started_everybody_is_told(
    state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pool = WorkerPool(state, partial(os._exit, 1))
    service = PooledLibraryService(pool, load_axis(AXIS))
    with caplog.at_level(logging.ERROR):
        for ask in (service.find("dam"), service.facts(), service.suggest("dam")):
            with pytest.raises(AnsweringUnavailable):
                await ask
    await service.close()
    assert "ended with status 1" in caplog.text


async def test_however_often_an_error_is_told_its_traceback_grows_no_longer(state: Path) -> None:
    service = PooledLibraryService(WorkerPool(state, partial(os._exit, 1)), load_axis(AXIS))
    lengths = []
    for _ in range(4):
        with pytest.raises(AnsweringUnavailable) as told:
            await service.facts()
        lengths.append(len(told.traceback))
    await service.close()
    assert lengths == lengths[:1] * 4


class SlowStore:
    """A store whose edition comes when ``is_there`` is set, or after ten seconds."""

    def __init__(self, built: Path) -> None:
        self._built = built
        self.is_there = threading.Event()

    def fetch(self, state: Path) -> str | None:
        if current_name(state) is None:
            self.is_there.wait(10)
            shutil.copytree(self._built, state, dirs_exist_ok=True)
        return current_name(state)


async def test_the_first_edition_of_a_store_is_fetched_while_everything_else_goes_on(
    state: Path, tmp_path: Path
) -> None:
    store, empty = SlowStore(state), tmp_path / "empty"
    service = PooledLibraryService(
        WorkerPool(empty, partial(make_opener, empty), opens_within_s=LONG_S),
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
        await service.close()


async def test_closing_waits_for_no_question(state: Path) -> None:
    async with serving(state, limit_s=LONG_S, n_workers=2) as service:
        await service.facts()
        await until(lambda: len(service.status.pids) == 2)
        pids = service.status.pids
        asked = [
            asyncio.create_task(service.find(f"the dam {harm}"))
            for harm in (Harm.HANG, Harm.HANG_HOLDING_THE_LOCK)
        ]
        await asyncio.sleep(0.1)
        await service.close()
        assert [type(each) for each in await asyncio.gather(*asked, return_exceptions=True)] == [
            AnsweringUnavailable
        ] * 2
        assert not any(map(is_running, pids))
        with pytest.raises(AnsweringUnavailable):
            await service.find("dam")


PARENT = """
import asyncio, os, sys
from functools import partial
from pathlib import Path
from small_library import AXIS, Harm, make_opener
from bot.app.workers.pooled_service import PooledLibraryService
from bot.app.workers.pool import WorkerPool
from scoring.axis import load_axis

async def main():
    state = Path(sys.argv[1])
    service = PooledLibraryService(WorkerPool(state, partial(make_opener, state), limit_s=60), load_axis(AXIS))
    await service.facts()
    print(*service.status.pids, flush=True)
    await service.find(f"the dam {Harm.HANG}")

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a busy process with its parent")
async def test_workers_end_with_the_bot_whatever_they_do(state: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(state),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "DISCORD_TOKEN": "a token"},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert parent.stdout is not None
        pid = int(await asyncio.wait_for(parent.stdout.readline(), LONG_S))
        assert b"a token" not in await asyncio.to_thread(Path(f"/proc/{pid}/environ").read_bytes)
        await asyncio.sleep(0.2)
        for number in (signal.SIGTERM, signal.SIGINT):  # which go to all processes of a service or terminal
            os.kill(pid, number)
        assert is_running(pid)
    finally:
        parent.kill()
        await parent.wait()
    await until(lambda: not is_running(pid))
