"""Work in the background: a reindex as a process of its own, one at a time, at low priority, logged.

The process is ``counterpoint index --progress-json``, so that neither its memory nor its computing is the bot's;
``job_progress`` says what it writes.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

import bot
from bot.app.build_report import IndexReport
from bot.app.community import CommunityDatabase, CommunityUnavailable, Outcome
from bot.app.job_progress import Step, read_line
from bot.app.settings import ENV_FILE_VARIABLE, SECRET_VARIABLES, Settings
from scoring.errors import CodedError, typed_fields

REINDEX = "reindex"

NO_PROGRESS_S = 1_800.0
"""After so long without a word of progress a job is ended: it hangs."""

_NICENESS = 15
_OOM_SCORE = 500
_LONGEST_LINE_BYTES = 64 * 1024 * 1024
_TAIL_BYTES = 4000
_ENDS_WITHIN_S = 2.0
_NOT_FOR_CHILDREN = (SECRET_VARIABLES - {"COUNTERPOINT_JUDGE_KEY", "COUNTERPOINT_STORE"}) | {
    "COUNTERPOINT_API_BASE", "COUNTERPOINT_GATEWAY", ENV_FILE_VARIABLE, "COUNTERPOINT_STATUS_PORT",
    "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
}  # fmt: skip
"""A build asks the judge and publishes in the store, so it has their secrets; of others it needs none."""


_log = logging.getLogger(__name__)


class JobError(CodedError):
    """Base of why a job did not do its work."""

    code = "job"


@typed_fields
class JobRunning(JobError):
    """A job of ``kind`` has been running for ``minutes``."""

    code = "job_running"
    kind: str
    minutes: int


@typed_fields
class JobFailed(JobError):
    """The process ended without a report; its last words are in the log. ``status`` is that of its exit, if any."""

    code = "job_failed"
    kind: str
    status: int | None


@typed_fields
class JobBroken(JobError):
    """The bot's own work on a job failed by an unexpected error; ``error`` is its class, all of it is in the log."""

    code = "job_broken"
    kind: str
    error: str


@typed_fields
class JobInterrupted(JobError):
    """The program ended, and the job with it; nothing published was changed."""

    code = "job_interrupted"
    kind: str


class JobStopped(JobInterrupted):
    """A moderator stopped the job; nothing published was changed."""

    code = "job_stopped"


@typed_fields
class JobStalled(JobError):
    """The process told of no progress for ``minutes``, and was ended; its last words are in the log."""

    code = "job_stalled"
    kind: str
    minutes: int


@typed_fields
class JobNotRunning(JobError):
    """The job that is to be stopped has ended already. No fields."""

    code = "job_not_running"


@dataclass(slots=True)
class Running:
    """A job under way. ``step`` is the newest; None before the first. ``is_stopped`` where somebody stopped it."""

    kind: str
    number: int
    started_at: datetime
    step: Step | None = None
    is_stopped: bool = False
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _task: "asyncio.Task[IndexReport] | None" = None

    async def steps(self, *, every_s: float) -> AsyncIterator[Step]:
        """Yield the newest step whenever there is one, at most every ``every_s`` seconds, until the job ends."""
        while self._task is not None and not self._task.done():
            moved = asyncio.create_task(self._moved.wait())
            try:
                await asyncio.wait({moved, self._task}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                moved.cancel()
            if self._task.done():
                return
            self._moved.clear()
            if self.step is not None:
                yield self.step
                await asyncio.wait({self._task}, timeout=every_s)

    async def report(self) -> IndexReport:
        """Wait until the job is done, and return what it did.

        Raises:
            CodedError: it failed, or was interrupted. Whoever stops waiting does not stop it.
        """
        if self._task is None:
            raise JobFailed(kind=self.kind, status=None)
        await asyncio.wait({self._task})
        if self._task.cancelled():
            raise JobInterrupted(kind=self.kind)
        return self._task.result()

    def _told(self, step: Step) -> None:
        self.step = step
        self._moved.set()


class Jobs:
    """What runs in the background.

    Args:
        community: where jobs are logged.
        settings: of the library that is indexed; handed to the process as its environment.
        command: what is run; ``--full`` may be added to it.
        no_progress_s: seconds without progress after which a job is ended.
    """

    def __init__(
        self,
        community: CommunityDatabase,
        settings: Settings,
        *,
        command: Sequence[str] = (),
        no_progress_s: float = NO_PROGRESS_S,
    ) -> None:
        self._community = community
        self._no_progress_s = no_progress_s
        self._environment = environment_of(settings)
        self._command = list(command) or [
            sys.executable, "-m", "bot.cli.app", "index", "--progress-json",
        ]  # fmt: skip
        self._running: Running | None = None

    @property
    def running(self) -> Running | None:
        """The job under way, or None."""
        return self._running

    async def reindex(self, *, full: bool, asked_by: int | None) -> Running:
        """Begin a reindex.

        Args:
            full: read and embed everything again.
            asked_by: id of the person, for the log.

        Raises:
            JobRunning: one is under way.
        """
        now = datetime.now(UTC)
        if self._running is not None:
            minutes = int((now - self._running.started_at).total_seconds() // 60)
            raise JobRunning(kind=self._running.kind, minutes=minutes)
        running = self._running = Running(REINDEX, 0, now)
        try:
            running.number = await self._community.job_log.started(REINDEX, asked_by=asked_by)
        except BaseException:
            self._running = None
            raise
        running._task = asyncio.create_task(
            self._run(running, [*self._command, *(["--full"] if full else [])])
        )
        running._task.add_done_callback(_seen)
        return running

    async def stop(self, number: int) -> None:
        """End the job ``number``, which changes nothing that is published, and wait until it has ended.

        Raises:
            JobNotRunning: it is not under way.
        """
        running = self._running
        if running is None or running.number != number or running._task is None:
            raise JobNotRunning
        running.is_stopped = True
        running._task.cancel()
        await asyncio.wait({running._task})

    async def close(self) -> None:
        """End what runs, which changes nothing that is published, and wait until it has ended."""
        running = self._running
        if running is not None and running._task is not None:
            running._task.cancel()
            await asyncio.wait({running._task})

    async def _run(self, running: Running, command: Sequence[str]) -> IndexReport:
        try:
            report = await self._process_of(running, command)
        except asyncio.CancelledError:
            if running.is_stopped:
                stopped = JobStopped(kind=running.kind)
                await self._enter(running, "interrupted", {"code": stopped.code, "fields": stopped.fields})
                raise stopped from None
            await self._enter(running, "interrupted")
            raise
        except CodedError as error:
            await self._enter(running, "failed", {"code": error.code, "fields": error.fields})
            raise
        except Exception as error:
            _log.exception("%s failed", running.kind)
            broken = JobBroken(kind=running.kind, error=type(error).__name__)
            await self._enter(running, "failed", {"code": broken.code, "fields": broken.fields})
            raise broken from error
        else:
            await self._enter(running, "done", _logged(report))
            return report
        finally:
            self._running = None

    async def _enter(
        self, running: Running, outcome: Outcome, detail: Mapping[str, Any] | None = None
    ) -> None:
        """Enter the outcome in the log of jobs; where that cannot be written, whoever waits is told all the same."""
        try:
            await self._community.job_log.ended(running.number, outcome, detail)
        except CommunityUnavailable as error:
            _log.error("%s is %s, but that could not be stored: %s", running.kind, outcome, error.problem)

    async def _process_of(self, running: Running, command: Sequence[str]) -> IndexReport:
        told, status, last_words = await in_background(
            command,
            self._environment,
            kind=running.kind,
            on_step=running._told,
            no_progress_s=self._no_progress_s,
        )
        if isinstance(told, CodedError):
            raise told
        if told is None:
            _log.error("%s ended with %s and said: %s", running.kind, status, last_words)
            raise JobFailed(kind=running.kind, status=status)
        return told


async def in_background(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    kind: str,
    on_step: Callable[[Step], None] = lambda _: None,
    no_progress_s: float = NO_PROGRESS_S,
) -> tuple[IndexReport | CodedError | None, int | None, str]:
    """Run a process of this program that gives way to the bot; it is ended with whoever waits for it.

    Args:
        command: what is run; it prints lines as ``bot.app.job_progress`` reads them.
        environment: of the process.
        kind: of the work, for errors.
        on_step: told of each step.
        no_progress_s: seconds without a step after which the process is ended.

    Returns:
        Its report or error, its exit status, and its last words on the error stream.

    Raises:
        JobFailed: it cannot be started. JobStalled: it told of no progress for too long.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE_BYTES,
        )
    except OSError as error:
        raise JobFailed(kind=kind, status=None) from error
    words = asyncio.create_task(_tail(process.stderr))
    try:
        _yield_to_bot(process.pid)
        async with asyncio.timeout(no_progress_s) as limit:

            def step_told(step: Step) -> None:
                limit.reschedule(asyncio.get_running_loop().time() + no_progress_s)
                on_step(step)

            told = await _follow(process.stdout, step_told)
            last_words, status = await asyncio.shield(words), await process.wait()
    except TimeoutError as error:
        await _ended(process)
        await asyncio.wait({words}, timeout=_ENDS_WITHIN_S)
        last_words = words.result() if words.done() else ""
        _log.error("%s made no progress for %g s and was ended; it said: %s", kind, no_progress_s, last_words)
        raise JobStalled(kind=kind, minutes=round(no_progress_s / 60)) from error
    finally:
        await _ended(process)
        words.cancel()
    return told, status, last_words


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment of a process on the same library, without the token; with the judge's key, for builds."""
    given = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_CHILDREN}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        variable = f"COUNTERPOINT_{name.upper()}"
        if value is not None and variable not in _NOT_FOR_CHILDREN:
            given[variable] = _as_written(value)
    # Found from anywhere, whatever the working directory is.
    paths = [str(Path(bot.__file__).resolve().parents[1]), given.get("PYTHONPATH", "")]
    return {**given, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONIOENCODING": "utf-8"}


def _as_written(value: object) -> str:
    """Return a setting's value as a person would write it in the environment."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value.absolute() if isinstance(value, Path) else value)


def _logged(report: IndexReport) -> dict[str, Any]:
    return {
        "edition": report.edition,
        "is_new": report.is_new,
        "added": len(report.added),
        "changed": len(report.changed),
        "removed": len(report.removed),
        "left_out": [failure.episode for failure in report.failures[:20]],
        "seconds": round(sum(report.seconds.values()), 1),
    }


def _seen(task: "asyncio.Task[IndexReport]") -> None:
    """Retrieve the exception so that asyncio does not warn; the log of jobs has it."""
    if not task.cancelled():
        task.exception()


def _yield_to_bot(pid: int) -> None:
    """Let the process give way to the bot, in computing and where memory runs out, as far as the system allows it."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, _NICENESS)
    with suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(str(_OOM_SCORE), encoding="ascii")


async def _follow(
    lines: asyncio.StreamReader | None, on_step: Callable[[Step], None]
) -> IndexReport | CodedError | None:
    """Hand on steps until the process closes its output; its report or error if it gave one."""
    outcome: IndexReport | CodedError | None = None
    while lines is not None and (line := await lines.readline()):
        told = read_line(line)
        if isinstance(told, Step):
            on_step(told)
        elif told is not None:
            outcome = told
    return outcome


async def _tail(stream: asyncio.StreamReader | None) -> str:
    """Return the last words, read to the end so that the process never waits for a reader."""
    kept = b""
    while stream is not None and (piece := await stream.read(65_536)):
        kept = (kept + piece)[-_TAIL_BYTES:]
    return kept.decode("utf-8", "replace").strip()


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Make sure that the process is gone: asked first, then made."""
    if process.returncode is not None:
        return
    for ask in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            process.send_signal(ask)
        try:
            await asyncio.wait_for(process.wait(), _ENDS_WITHIN_S)
        except TimeoutError:
            continue
        return
