"""A pool of worker processes that answer requests one at a time each, and are ended and replaced when they do not."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bot.app.edition_requests import EditionRequest, Lookup
from bot.app.edition_session import EditionOpener
from bot.app.workers.edition_opening import ENDS_WITHIN_S, EditionOpening
from bot.app.workers.fork_server import ForkServer
from bot.app.workers.process import Reply, WorkerGone, WorkerProcess, describe_exit, outcome
from bot.app.workers.protocol import Kind, Ready, decode
from bot.app.workers.request_watch import RequestTimes, RequestWatch
from bot.app.workers.stopped_questions import (
    MOST_LOST,
    AnsweringStarts,
    AnsweringUnavailable,
    LookupStopped,
    QuestionCrashed,
    QuestionStopped,
    StoppedQuestions,
)
from index.storage.edition import POINTER_FILE, current_name
from index.storage.records import EditionFacts, EpisodeRecord
from scoring.errors import CodedError

_SURPLUS_KEPT_S = 60.0

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedEdition:
    """The edition that the workers answer from: its facts, and its episodes by number."""

    facts: EditionFacts
    episodes: Mapping[int, EpisodeRecord]

    @property
    def edition(self) -> str:
        """The edition's name."""
        return self.facts.edition


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """The state of the pool.

    Attributes:
        edition: the edition that is answered from; None before the first is open.
        problem: why the published edition cannot be opened, where another answers; None otherwise.
        refused: editions that could not be opened and have not been since, with the reason.
        pids: of the processes that answer.
        n_stopped: questions that took too long, since the start.
        n_crashed: workers that ended by themselves, since the start.
    """

    edition: str | None
    problem: CodedError | None
    refused: Mapping[str, CodedError]
    pids: tuple[int, ...]
    n_stopped: int
    n_crashed: int


@dataclass(eq=False, slots=True)
class _Job:
    """A request on its way. ``n_waiting`` people wait for it."""

    request: EditionRequest[Any]
    reply: "asyncio.Future[tuple[Reply, OpenedEdition]]"
    n_waiting: int = 0

    def fail(self, error: Exception) -> None:
        if not self.reply.done():
            self.reply.set_exception(error)
            self.reply.exception()  # retrieved, so that asyncio does not warn where nobody waits any more


@dataclass(eq=False, slots=True)
class _Worker:
    """A worker with its work.

    Attributes:
        contents: what its edition holds.
        job: the request that it answers.
        is_slow: whether that takes longer than usual.
        gives_way: whether it has a low priority for that reason, for good.
    """

    process: WorkerProcess
    contents: OpenedEdition
    job: _Job | None = None
    is_slow: bool = False
    gives_way: bool = False


class WorkerPool:
    """Keeps ``n_workers`` processes that answer from the published edition, and up to ``n_spare`` more in need.

    A request over its time is ended with its worker, and so is one that ends its worker by itself. Where a worker is
    killed from outside its request is tried once more. A request that was lost twice is refused for ten minutes. Where
    a worker is slow another is started at once, so that the next request need not wait for the outcome; the slow one
    gives way to it, and is not used again. A newer edition is opened by a new worker while the others answer: they are
    ended when it is ready, and stay where it cannot be.

    Args:
        state: folder below which editions lie.
        make_opener: makes what opens the edition in a worker; importable by name there.
        n_workers: processes that answer, at least 1.
        n_spare: processes beyond these while others are slow, at least 0.
        limit_s: seconds that a request may take in a worker, without those in which no core was free for it.
        slow_s: seconds after which another worker is started; more where requests take longer than usual.
        lookup_within_s: seconds that a lookup may take.
        opens_within_s: seconds that a question waits for the first worker.
        memory_bytes: how much more memory than at its start a worker may take; 0 for no limit.
        environment: of the processes; this process's own if None.
    """

    def __init__(
        self,
        state: Path,
        make_opener: Callable[[], EditionOpener],
        *,
        n_workers: int = 1,
        n_spare: int = 2,
        limit_s: float = 3.0,
        slow_s: float = 0.5,
        lookup_within_s: float = 2.0,
        opens_within_s: float = 30.0,
        memory_bytes: int = 1 << 30,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._state = state
        self._n_workers, self._n_spare = n_workers, n_spare
        self._times = RequestTimes(limit_s=limit_s, slow_s=slow_s)
        self._lookup_within_s, self._opens_within_s = lookup_within_s, opens_within_s
        self._fork_server = ForkServer(environment)
        self._opening = EditionOpening(
            state,
            self._fork_server,
            make_opener,
            memory_bytes,
            served=self._served,
            on_opened=self._opened,
            on_news=self._note_opening,
        )
        self._contents: OpenedEdition | None = None
        self._workers: list[_Worker] = []
        self._leaving: set[_Worker] = set()
        self._has_news = asyncio.Event()
        self._is_closed = False
        self._queue: deque[_Job] = deque()
        self._jobs: dict[EditionRequest[Any], _Job] = {}
        self._stopped = StoppedQuestions()
        self._trimming: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._n_stopped = self._n_crashed = 0

    @property
    def status(self) -> PoolStatus:
        """The state of the pool."""
        refused = self._opening.refused
        return PoolStatus(
            self._contents.edition if self._contents else None,
            refused.get(current_name(self._state) or POINTER_FILE) if self._contents else None,
            refused,
            tuple(worker.process.pid for worker in self._workers),
            self._n_stopped,
            self._n_crashed,
        )

    @property
    def is_opening(self) -> bool:
        """True until the first edition is open, or has failed to open."""
        return self._contents is None and self._opening.problem is None

    async def contents(self) -> OpenedEdition:
        """Return what the workers answer from; start the first where there is none.

        Raises:
            EditionMissing: nothing is published. IndexingError: it cannot be opened.
            AnsweringStarts: it is still being opened. AnsweringUnavailable: no worker can be started.
        """
        self._look_for_edition()
        try:
            async with asyncio.timeout(self._opens_within_s):
                while self._contents is None:
                    if self._opening.problem is not None:
                        raise self._opening.problem.again()
                    await self._news()
        except TimeoutError as error:
            raise AnsweringStarts from error
        return self._contents

    async def turn_to_newest(self, *, within_s: float) -> bool:
        """Wait until the workers answer from the published edition; False where they do not within ``within_s``."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    self._look_for_edition()
                    newest = current_name(self._state)
                    if self._contents is not None and self._contents.edition == newest:
                        return True
                    if self._opening.is_refused(newest) or self._opening.problem is not None:
                        return False
                    await self._news()
        except (TimeoutError, CodedError):
            return False

    async def ask(self, request: EditionRequest[Any]) -> tuple[bytes, OpenedEdition]:
        """Return the answer's bytes and what it was answered from.

        Args:
            request: equal requests that come together are answered together.

        Raises:
            QuestionStopped, QuestionCrashed: the request took workers with it, now or lately.
            AnsweringUnavailable: no worker can be started.
            CodedError: the answer is an error. WorkerFailed: answering failed as nobody foresaw.
        """
        contents = await self.contents()
        self._stopped.check(contents.edition, request)
        if self._opening.problem is not None and not self._workers:
            raise self._opening.problem.again()
        job = self._jobs.get(request)
        if job is None or job.reply.cancelled():  # whoever asked last has just given up
            job = self._jobs[request] = _Job(request, asyncio.get_running_loop().create_future())
            job.reply.add_done_callback(partial(self._forget, job))
            self._queue.append(job)
            self._dispatch()
        job.n_waiting += 1
        try:
            (kind, payload), contents = await asyncio.shield(job.reply)
        finally:
            job.n_waiting -= 1
            if not job.n_waiting and job in self._queue:
                self._queue.remove(job)
                job.reply.cancel()
        if kind is not Kind.ANSWER:
            raise outcome(kind, payload)
        return payload, contents

    def _forget(self, job: _Job, _: object) -> None:
        if self._jobs.get(job.request) is job:
            del self._jobs[job.request]

    async def look_up(self, request: Lookup[T]) -> T:
        """Return the answer to ``request`` from any worker, whatever that is working on.

        Raises:
            LookupStopped: no worker answered in time. AnsweringStarts: none is ready yet.
            CodedError: the answer is an error, or there is no edition to ask.
        """
        try:
            async with asyncio.timeout(self._lookup_within_s):
                while True:
                    await self.contents()
                    if not self._workers:
                        await self._news()
                        continue
                    worker = min(self._workers, key=lambda each: (each.is_slow, each.job is not None))
                    try:
                        kind, payload = await worker.process.ask(request)
                    except WorkerGone as gone:
                        self._note_end(worker, gone.exit_status)
                        continue
                    if kind is not Kind.ANSWER:
                        raise outcome(kind, payload)
                    answer: T = decode(payload, worker.contents.episodes)
                    return answer
        except TimeoutError as error:
            if not self._workers:
                raise AnsweringStarts from error
            raise LookupStopped(limit_s=self._lookup_within_s) from error

    async def close(self) -> None:
        """End all processes and give up what is under way.

        Takes up to two seconds, or four where a process does not end; whoever gives up waiting leaves none behind.
        """
        self._is_closed = True
        self._opening.close()
        if self._trimming is not None:
            self._trimming.cancel()
        processes = [worker.process for worker in (*self._workers, *self._leaving)]
        if self._opening.process is not None:
            processes.append(self._opening.process)
        for worker in [*self._workers]:
            self._leave(worker)
        for process in processes:
            process.kill()
        for job in [*self._jobs.values()]:
            job.fail(AnsweringUnavailable())
        self._queue.clear()
        self._contents = None
        self._tell()
        ending = [*self._tasks, *(asyncio.ensure_future(process.gone()) for process in processes)]
        if self._opening.task is not None:
            ending.append(self._opening.task)
        try:
            if ending:
                _, late = await asyncio.wait(ending, timeout=ENDS_WITHIN_S)
                for task in late:
                    task.cancel()
                if late:
                    await asyncio.wait(late, timeout=ENDS_WITHIN_S)
        finally:
            await self._fork_server.close()

    def _look_for_edition(self) -> None:
        """Start a worker where there is none for the published edition yet."""
        if self._is_closed:
            raise AnsweringUnavailable
        self._opening.look()

    def _served(self) -> str | None:
        """Return the edition that workers answer from; None where there are none."""
        return self._contents.edition if self._contents is not None and self._workers else None

    def _opened(self, process: WorkerProcess, ready: Ready) -> None:
        """Take a worker in; where it has opened another edition than the others, they leave."""
        served, edition = self._contents, ready.facts.edition
        if served is None or edition != served.edition:
            served = self._contents = OpenedEdition(ready.facts, {each.id: each for each in ready.episodes})
            _log.info("answering from edition %s: %d episodes", edition, ready.facts.n_episodes)
            for worker in [*self._workers]:
                self._leave(worker)
        worker = _Worker(process, served)
        self._workers.append(worker)
        self._in_background(self._watch(worker))
        self._tell()
        self._dispatch()
        self._balance()

    def _note_opening(self) -> None:
        """Tell those who wait that a worker could not be started, or that the next may be."""
        problem = self._opening.problem
        if problem is not None:
            for job in [*self._queue]:
                job.fail(problem)
            self._queue.clear()
        self._tell()
        self._balance()

    def _leave(self, worker: _Worker) -> None:
        """Give ``worker`` no more work, and end it when it has done what it does."""
        self._workers.remove(worker)
        if worker.job is None:
            worker.process.kill()
        else:
            self._leaving.add(worker)

    def _remove(self, worker: _Worker) -> bool:
        """Take ``worker`` out; True if it was still there."""
        if worker in self._workers:
            self._workers.remove(worker)
            return True
        is_leaving = worker in self._leaving
        self._leaving.discard(worker)
        return is_leaving

    async def _watch(self, worker: _Worker) -> None:
        """Replace ``worker`` when it ends by itself, even if nobody asks."""
        self._note_end(worker, await worker.process.gone())

    def _note_end(self, worker: _Worker, status: int | None) -> None:
        """Forget a worker that has ended; may be told more than once."""
        if not self._remove(worker) or self._is_closed:
            return
        self._n_crashed += 1
        _log.error("worker %d %s; another is started", worker.process.pid, describe_exit(status))
        self._balance()

    def _dispatch(self) -> None:
        """Give waiting requests to free workers."""
        for worker in self._workers:
            if not self._queue:
                return
            if worker.job is None:
                self._assign(worker, self._queue.popleft())

    def _assign(self, worker: _Worker, job: _Job) -> None:
        worker.job = job
        watch = RequestWatch(
            worker.process.pid,
            self._times,
            on_slow=partial(self._mark_slow, worker),
            on_over=partial(self._stop, worker, job),
        )
        self._in_background(self._work(worker, job, watch))

    async def _work(self, worker: _Worker, job: _Job, watch: RequestWatch) -> None:
        """Wait for a worker's reply, and give it the next request."""
        edition = worker.contents.edition
        started_s = time.monotonic()
        try:
            reply = await worker.process.ask(job.request)
        except WorkerGone as gone:
            self._note_end(worker, gone.exit_status)
            if not job.reply.done():  # else it was stopped, or everybody has been told already
                n_lost = self._stopped.add(edition, job.request, QuestionCrashed())
                if gone.is_from_outside and n_lost < MOST_LOST and not self._is_closed:
                    self._queue.appendleft(job)
                else:
                    job.fail(QuestionCrashed())
        else:
            self._stopped.forget(edition, job.request)
            self._times.learn(time.monotonic() - started_s)
            if not job.reply.done():
                job.reply.set_result((reply, worker.contents))
        watch.end()
        worker.job, worker.is_slow = None, False
        if worker in self._leaving or worker.gives_way:
            self._remove(worker)
            worker.process.kill()
        self._dispatch()
        self._balance()

    def _mark_slow(self, worker: _Worker, is_to_blame: bool) -> None:
        """Note that a request takes long, and let others' go before it, unless no core was free for it."""
        worker.is_slow = True
        if is_to_blame:
            worker.process.give_way()
            worker.gives_way = True
        self._balance()

    def _stop(self, worker: _Worker, job: _Job) -> None:
        """End a worker whose request is over its time."""
        limit_s = self._times.limit_s
        self._n_stopped += 1
        error = QuestionStopped(limit_s=limit_s)
        _log.warning(
            "worker %d was ended: %s took longer than %g s",
            worker.process.pid,
            type(job.request).__name__,
            limit_s,
        )
        self._stopped.add(worker.contents.edition, job.request, error)
        job.fail(error)
        self._remove(worker)
        worker.process.kill()
        self._balance()

    def _balance(self) -> None:
        """Start a worker where there are too few, and let one go, later, where there are too many."""
        if self._is_closed or self._contents is None:
            return
        surplus = len(self._workers) - self._n_wanted
        if surplus < 0 and not self._opening.is_under_way and not self._opening.is_resting:
            self._opening.begin()
        if surplus > 0 and self._trimming is None:
            self._trimming = asyncio.get_running_loop().call_later(_SURPLUS_KEPT_S, self._trim)

    @property
    def _n_wanted(self) -> int:
        return self._n_workers + min(self._n_spare, sum(worker.is_slow for worker in self._workers))

    def _trim(self) -> None:
        self._trimming = None
        free = [worker for worker in self._workers if worker.job is None]
        if len(self._workers) > self._n_wanted and free:
            self._leave(free[0])
        self._balance()

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell(self) -> None:
        """Wake those who wait for news."""
        self._has_news.set()
        self._has_news = asyncio.Event()

    async def _news(self) -> None:
        await self._has_news.wait()
