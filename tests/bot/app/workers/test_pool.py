"""Real worker processes, really hung and really crashed: only the question that did it is lost."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from small_library import AXIS, Harm, make_opener
from small_service import N_PEOPLE, people_ask, serving
from waiting import LONG_S, Latch, is_running, until

from bot.app.edition_requests import Find
from bot.app.service import LocalLibraryService
from bot.app.workers.edition_opening import EditionOpening
from bot.app.workers.pool import OpenedEdition, WorkerPool
from bot.app.workers.pooled_service import PooledLibraryService
from bot.app.workers.process import WorkerFailed
from bot.app.workers.stopped_questions import AnsweringUnavailable, QuestionCrashed, QuestionStopped
from index.errors import EpisodeUnknown
from index.search.filters import Filters
from scoring.axis import load_axis

LIMIT_S = 2.0


@pytest.fixture
def latch(tmp_path: Path) -> Latch:
    """Where workers wait whose question says so."""
    return Latch(tmp_path / "latch")


def own_children() -> set[int]:
    children: set[int] = set()
    for task in Path("/proc/self/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended meanwhile
            children.update(map(int, task.read_text(encoding="ascii").split()))
    return children


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


async def test_who_asks_at_the_moment_when_another_gives_up_waits_for_an_answer(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, request = WorkerPool(state, partial(make_opener, state)), Find("the dam")

    async def contents() -> OpenedEdition:
        return opened

    async with serving(state) as service:
        opened = OpenedEdition(await service.facts(), {})
    monkeypatch.setattr(pool, "contents", contents)
    first = asyncio.create_task(pool.ask(request))
    await asyncio.sleep(0)
    first.cancel()
    second = asyncio.create_task(pool.ask(request))
    await asyncio.wait({first, second}, timeout=0.1)
    assert first.cancelled()
    assert not second.done()
    second.cancel()
    await asyncio.wait({second})
    assert pool._jobs == {}


@pytest.mark.parametrize(("harm", "n_workers"), [(Harm.HANG, 1), (Harm.HANG_HOLDING_THE_LOCK, 2)])
async def test_a_question_that_hangs_is_stopped_and_nobody_else_notices(
    state: Path, harm: Harm, n_workers: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(state, limit_s=LIMIT_S, n_workers=n_workers) as service:
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
    async with serving(state) as service:
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
    async with serving(state, limit_s=0.5) as service:
        for _ in range(3):
            with pytest.raises(QuestionStopped):
                await service.find(f"the dam {Harm.HANG}")
        assert service.status.n_stopped == 2


def wait_for_core(monkeypatch: pytest.MonkeyPatch, waited_s: float) -> list[int]:
    """Let each worker have waited for a core so long; return whose times were asked for, which grows."""
    pids: list[int] = []

    def waited(pid: int, *_: object) -> float:
        pids.append(pid)
        return waited_s

    monkeypatch.setattr("bot.app.workers.request_watch.waited_for_core_s", waited)
    return pids


async def test_time_that_a_worker_waited_for_a_core_is_given_back_but_not_for_ever(
    state: Path, latch: Latch, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = wait_for_core(monkeypatch, LONG_S)
    async with serving(state, latch=latch, limit_s=0.4) as service:
        await service.facts()
        with monkeypatch.context() as patch:
            patch.setattr("bot.app.workers.request_watch._MOST_GIVEN", LONG_S)
            asked = asyncio.create_task(service.find(f"the danger of the dam {Harm.WAIT}"))
            await until(lambda: len(looked) == 2)  # when it was slow, and when it was over its time
            latch.open()
            assert (await asked).is_match
        assert service.status.n_stopped == 0
        with pytest.raises(QuestionStopped):
            await service.find(f"the dam {Harm.HANG}")


@pytest.mark.parametrize(("waited_s", "n_started"), [(LONG_S, 1), (0.0, 2)])
async def test_no_more_workers_are_started_where_cores_are_what_is_missing(
    state: Path, latch: Latch, monkeypatch: pytest.MonkeyPatch, waited_s: float, n_started: int
) -> None:
    started: list[EditionOpening] = []
    begin = EditionOpening.begin

    def noted(self: EditionOpening) -> None:
        started.append(self)
        begin(self)

    monkeypatch.setattr(EditionOpening, "begin", noted)
    looked = wait_for_core(monkeypatch, waited_s)
    async with serving(state, latch=latch, n_spare=1, slow_s=0.1) as service:
        asked = asyncio.create_task(service.find(f"the danger of the dam {Harm.WAIT}"))
        await until(lambda: looked)
        latch.open()
        assert (await asked).is_match
        await until(lambda: len(service.status.pids) == 1)
    assert len(started) == n_started


async def test_a_slow_worker_gives_way_to_others_and_is_not_used_again(
    state: Path, latch: Latch, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for_core(monkeypatch, 0.0)
    async with serving(state, latch=latch, n_spare=1, slow_s=0.1) as service:
        await service.facts()
        (slow,) = service.status.pids
        assert os.getpriority(os.PRIO_PROCESS, slow) == os.getpriority(os.PRIO_PROCESS, 0)
        asked = asyncio.create_task(service.find(f"the danger of the dam {Harm.WAIT}"))
        await until(lambda: len(service.status.pids) == 2)
        assert os.getpriority(os.PRIO_PROCESS, slow) > os.getpriority(os.PRIO_PROCESS, 0)
        latch.open()
        assert (await asked).is_match
        await until(lambda: slow not in service.status.pids)
        assert (await service.find("the river")).is_match


async def test_a_question_whose_worker_is_killed_is_answered_by_another(state: Path, latch: Latch) -> None:
    async with serving(state, latch=latch, n_spare=0) as service:
        asked = asyncio.create_task(service.find(f"the danger of the dam {Harm.WAIT}"))
        await until(lambda: latch.arrived)
        (pid,) = service.status.pids
        os.kill(pid, signal.SIGKILL)
        latch.open()
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
    assert [*filter(is_running, own_children() - before)] == []


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
    others = own_children()  # servers of other tests
    async with serving(state) as service:
        asked = [asyncio.create_task(service.find(question)) for question in ("dam", "river")]
        await until(lambda: own_children() - others)
        (pid,) = own_children() - others
        os.kill(pid, signal.SIGKILL)
        assert [found.is_match for found in await asyncio.gather(*asked)] == [True, True]
        assert pid not in service.status.pids


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")
async def test_workers_are_replaced_when_what_they_are_forked_from_is_killed(state: Path) -> None:
    others = own_children()
    async with serving(state) as service:
        await service.facts()
        before = service.status.pids
        (fork_server,) = own_children() - others
        os.kill(fork_server, signal.SIGKILL)
        await until(lambda: bool(service.status.pids) and service.status.pids != before)
        assert (await service.find("the danger of the dam")).is_match
        assert not any(map(is_running, before))


async def test_suggestions_do_not_wait_for_a_slow_question(state: Path) -> None:
    async with serving(state, n_spare=0) as service:
        await service.facts()
        hung = asyncio.create_task(service.find(f"the dam {Harm.HANG}"))
        await asyncio.sleep(0)
        assert (await service.suggest("dam"))[0].slug == "the-dam"
        assert (await service.resolve("the school")).slug == "the-school"
        assert not hung.done()
        hung.cancel()


async def test_questions_that_come_together_are_computed_together(
    state: Path, latch: Latch, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(state, latch=latch, n_spare=0) as service:
        question = f"the danger of the dam {Harm.WAIT}"
        asked = [asyncio.create_task(service.find(question)) for _ in range(2)]
        await until(lambda: latch.arrived)
        latch.open()
        first, second = await asyncio.gather(*asked)
        assert first == second
        assert len(latch.arrived) == 1
        monkeypatch.setattr(service._pool, "ask", None)
        assert await service.find(question) == first, "from memory"


async def test_nobody_computes_for_those_who_have_gone(state: Path, latch: Latch) -> None:
    async with serving(state, latch=latch, n_spare=0) as service:
        first = asyncio.create_task(service.find(f"the dam {Harm.WAIT}"))
        await until(lambda: latch.arrived)
        second = asyncio.create_task(service.find(f"the dam {Harm.EXIT}"))
        await asyncio.sleep(0)  # it stands in the queue
        second.cancel()
        await asyncio.wait([second])
        latch.open()
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


async def test_where_no_worker_can_be_started_everybody_is_told(
    state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pool = WorkerPool(state, partial(os._exit, 1), opens_within_s=LONG_S, lookup_within_s=LONG_S)
    service = PooledLibraryService(pool, load_axis(AXIS))
    with caplog.at_level(logging.ERROR):
        for ask in (service.find("dam"), service.facts(), service.suggest("dam")):
            with pytest.raises(AnsweringUnavailable):
                await ask
    await service.close()
    assert "ended with status 1" in caplog.text


async def test_however_often_an_error_is_told_its_traceback_grows_no_longer(state: Path) -> None:
    pool = WorkerPool(state, partial(os._exit, 1), opens_within_s=LONG_S)
    service = PooledLibraryService(pool, load_axis(AXIS))
    lengths = []
    for _ in range(4):
        with pytest.raises(AnsweringUnavailable) as told:
            await service.facts()
        lengths.append(len(told.traceback))
    await service.close()
    assert lengths == lengths[:1] * 4


async def test_closing_waits_for_no_question(state: Path) -> None:
    async with serving(state, n_workers=2) as service:
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
    pool = WorkerPool(state, partial(make_opener, state), limit_s=600, opens_within_s=600)
    service = PooledLibraryService(pool, load_axis(AXIS))
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
        pid = int(await parent.stdout.readline())
        assert b"a token" not in await asyncio.to_thread(Path(f"/proc/{pid}/environ").read_bytes)
        await asyncio.sleep(0.2)
        for number in (signal.SIGTERM, signal.SIGINT):  # which go to all processes of a service or terminal
            os.kill(pid, number)
        assert is_running(pid)
    finally:
        parent.kill()
        await parent.wait()
    await until(lambda: not is_running(pid))
