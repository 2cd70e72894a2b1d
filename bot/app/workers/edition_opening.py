"""How a worker comes to the published edition: it is started, started again after a rest, or the edition is refused."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cachetools import LRUCache, TTLCache

from bot.app.edition_session import EditionOpener
from bot.app.workers.fork_server import ForkServer
from bot.app.workers.process import WorkerFailed, WorkerGone, WorkerProcess
from bot.app.workers.protocol import Ready, Start
from bot.app.workers.stopped_questions import MOST_LOST, AnsweringUnavailable
from index.errors import EditionCrashes, EditionMissing, IndexingError
from index.storage.edition import current_name, edition_names
from scoring.errors import CodedError

REFUSED_FOR_S = 600.0
"""So long an edition that cannot be opened is left alone: what kept it from being opened may have passed."""

ENDS_WITHIN_S = 2.0
"""So long a process that was killed is waited for."""

_STARTS_WITHIN_S = 180.0
_FIRST_REST_S, _LONGEST_REST_S = 1.0, 60.0
_REMEMBERED = 16

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Refusal:
    error: CodedError
    until_s: float


class EditionOpening:
    """Opens the published edition by new workers, one after the other, and rests where none could be started.

    An edition that cannot be opened, or that ended the workers that tried, is refused for ten minutes. Whatever else
    keeps a worker from starting, such as a busy machine, says nothing of the edition: it is tried again after a rest.

    Args:
        state: folder below which editions lie.
        fork_server: starts the processes.
        make_opener: makes what opens the edition in a worker.
        memory_bytes: how much more memory than at its start a worker may take.
        served: returns the edition that workers answer from; None where there are none.
        on_opened: takes a worker that has opened an edition, which is the served one or a newer.
        on_news: told when a start failed, and when the rest after it is over.

    Attributes:
        problem: why the last start failed, if nothing answers; None while another is under way.
        is_under_way: whether a worker is being started.
        process: the one that is being started, once it is there.
        task: the newest that starts one; None before the first.
    """

    def __init__(
        self,
        state: Path,
        fork_server: ForkServer,
        make_opener: Callable[[], EditionOpener],
        memory_bytes: int,
        *,
        served: Callable[[], str | None],
        on_opened: Callable[[WorkerProcess, Ready], None],
        on_news: Callable[[], None],
    ) -> None:
        self.problem: CodedError | None = None
        self.is_under_way = False
        self.process: WorkerProcess | None = None
        self.task: asyncio.Task[None] | None = None
        self._state = state
        self._fork_server = fork_server
        self._make_opener, self._memory_bytes = make_opener, memory_bytes
        self._served, self._on_opened, self._on_news = served, on_opened, on_news
        self._refused: LRUCache[str, _Refusal] = LRUCache(_REMEMBERED)
        self._n_crashed: TTLCache[str, int] = TTLCache(_REMEMBERED, REFUSED_FOR_S)
        self._rests_from: str | None = None
        self._rest_s = 0.0
        self._rest: asyncio.TimerHandle | None = None
        self._is_closed = False

    @property
    def is_resting(self) -> bool:
        """True for a while after a start that failed."""
        return self._rest is not None

    @property
    def refused(self) -> dict[str, CodedError]:
        """Editions that could not be opened and have not been since, with the reason."""
        return {name: refusal.error for name, refusal in self._refused.items()}

    def is_refused(self, name: str | None) -> bool:
        """Return True if the edition ``name`` is not to be tried now."""
        refusal = None if name is None else self._refused.get(name)
        return refusal is not None and time.monotonic() < refusal.until_s

    def look(self) -> None:
        """Start a worker where none answers from the published edition, if that may be tried now.

        Raises:
            EditionMissing: nothing is published.
        """
        if self.is_under_way:
            return
        name, served = current_name(self._state), self._served()
        if served is None and name is None and not edition_names(self._state):
            raise EditionMissing(path=str(self._state))
        is_wanted = served is None or (name not in (None, served) and not self.is_refused(name))
        if is_wanted and not (self.is_resting and name == self._rests_from):
            self.begin()

    def begin(self) -> None:
        """Start a worker on the published edition."""
        self.is_under_way, self.problem = True, None
        self.task = asyncio.create_task(self._open())

    def close(self) -> None:
        """Start no more workers. The process that is being started is to be ended by whoever closes."""
        self._is_closed, self.problem = True, AnsweringUnavailable()
        self._end_rest()

    async def _open(self) -> None:
        n_killed = 0
        while True:
            name = current_name(self._state)
            try:
                process, ready = await self._started()
            except CodedError as refused:
                if name is not None and name != self._served() and not self._is_closed:
                    self._refuse(name, refused)
                self._fail(name, refused)
            except (WorkerFailed, WorkerGone, OSError, TimeoutError) as failed:
                is_killed = isinstance(failed, WorkerGone) and failed.is_from_outside
                n_killed += is_killed
                if 0 < n_killed < MOST_LOST and not self._is_closed:
                    continue  # as with a question, another tries; nobody need hear of it
                if name is not None and isinstance(failed, WorkerFailed | WorkerGone) and not is_killed:
                    self._n_crashed[name] = self._n_crashed.get(name, 0) + 1
                error = AnsweringUnavailable()
                error.__cause__ = failed
                self._fail(name, error)
            else:
                self._take(name, process, ready)
            return

    async def _started(self) -> tuple[WorkerProcess, Ready]:
        """Return a worker and what it has opened; where it does not, it is ended.

        Raises:
            CodedError: nothing can be opened. WorkerFailed, WorkerGone, OSError, TimeoutError: starting it failed.
        """
        ready: Ready | None = None
        try:
            async with asyncio.timeout(_STARTS_WITHIN_S):
                self.process = await WorkerProcess.start(self._fork_server)
                if self._is_closed:  # whoever closed did not see it
                    raise AnsweringUnavailable
                ready = await self.process.open(Start(self._make_opener, self._memory_bytes, self._to_skip()))
                return self.process, ready
        finally:
            process, self.process = self.process, None
            if process is not None and (ready is None or self._is_closed):
                process.kill()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.gone(), ENDS_WITHIN_S)

    def _to_skip(self) -> dict[str, IndexingError]:
        """Return the editions that ended whoever opened them, with the error that says so."""
        crashed = [name for name in [*self._n_crashed] if self._n_crashed.get(name, 0) >= MOST_LOST]
        return {name: EditionCrashes(edition=name) for name in crashed}

    def _take(self, name: str | None, process: WorkerProcess, ready: Ready) -> None:
        """Hand a worker on, unless it opened an older edition than is answered from, in the place of a broken one."""
        self.is_under_way = False
        if self._is_closed:
            return
        edition, served = ready.facts.edition, self._served()
        is_older = served is not None and edition != name and edition < served
        if is_older:
            process.kill()
        else:
            self._end_rest()
            self._rest_s = 0.0
            self._n_crashed.pop(edition, None)
            self._refused.pop(edition, None)
            self._on_opened(process, ready)
        for newer, reason in ready.passed_over.items():
            self._refuse(newer, reason)
        if is_older:
            self._take_rest(name)
            self._on_news()

    def _fail(self, name: str | None, error: CodedError) -> None:
        self.is_under_way = False
        if self._is_closed:
            return
        if self._served() is None:
            self.problem = error
        if not self.is_refused(name):
            _log.error("no worker could be started: %s", error, exc_info=error)
        self._take_rest(name)
        self._on_news()

    def _refuse(self, name: str, error: CodedError) -> None:
        if name not in self._refused:
            served = self._served() or "nothing"
            _log.error("edition %s cannot be opened; %s answers in its place", name, served, exc_info=error)
        self._refused[name] = _Refusal(error, time.monotonic() + REFUSED_FOR_S)

    def _take_rest(self, name: str | None) -> None:
        """Wait a while before the next start from the edition ``name``, longer each time."""
        self._rests_from = name
        self._rest_s = min(_LONGEST_REST_S, max(_FIRST_REST_S, 2 * self._rest_s))
        self._end_rest()
        self._rest = asyncio.get_running_loop().call_later(self._rest_s, self._go_on)

    def _end_rest(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def _go_on(self) -> None:
        self._rest = None
        if self._served() is not None:  # else whoever asks next begins
            with contextlib.suppress(EditionMissing):
                self.look()
        self._on_news()
