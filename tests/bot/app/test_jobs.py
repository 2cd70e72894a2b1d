"""A reindex runs beside the bot: one at a time, told step by step, logged, and never a danger to who started it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from waiting import Gate

from bot.app.build_report import IndexReport
from bot.app.community import CommunityDatabase
from bot.app.job_progress import Step, read_line
from bot.app.jobs import (
    NO_PROGRESS_S,
    JobBroken,
    JobFailed,
    JobNotRunning,
    JobRunning,
    Jobs,
    JobStalled,
    JobStopped,
    environment_of,
)
from bot.app.settings import Settings
from index.errors import LibraryBusy, LibraryMissing, WrongEncoding
from scoring.errors import CodedError, error_of

REPORT = {
    "edition": "20261101-1",
    "is_new": True,
    "added": ["one"],
    "changed": [],
    "removed": ["two"],
    "unchanged": 3,
    "failures": [
        {
            "episode": "bad",
            "problem": "broken",
            "code": "wrong_encoding",
            "fields": {"file": "x", "line": None},
        },
        {"episode": "worse", "problem": "in its own words"},
    ],
    "embedded": 12,
    "seconds": {"read": 0.5, "embed and score": 2.0},
    "episodes": 4,
    "slices": 40,
}

Start = Callable[..., Jobs]


@pytest_asyncio.fixture
async def community(tmp_path: Path) -> AsyncIterator[CommunityDatabase]:
    opened = await CommunityDatabase.open(tmp_path / "kept")
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def start(community: CommunityDatabase, tmp_path: Path) -> AsyncIterator[Start]:
    """Makes jobs whose process runs the given Python lines instead of the index command."""
    made: list[Jobs] = []

    def jobs(script: str) -> Jobs:
        lines = "import json, os, sys, time\ndef say(**told): print(json.dumps(told), flush=True)\n" + script
        settings = Settings(library=tmp_path / "library", _env_file=None)
        made.append(Jobs(community, settings, command=[sys.executable, "-c", lines]))
        return made[-1]

    yield jobs
    for jobs_ in made:
        await jobs_.close()


async def test_steps_and_the_report_come_through_and_are_logged(
    start: Start, community: CommunityDatabase, tmp_path: Path
) -> None:
    read, embedded = Gate(tmp_path), Gate(tmp_path)
    jobs = start(
        f"say(stage='read', done=1, total=2){read.code}say(stage='embed', done=5, total=9){embedded.code}"
        f"print('no json')\nsay(report=json.loads({json.dumps(json.dumps(REPORT))}))\nsys.exit(1)"
    )
    running = await jobs.reindex(full=False, asked_by=7)
    steps = []
    async for step in running.steps(every_s=0.01):
        steps.append(step)
        await (read if step.stage == "read" else embedded).open()
    report = await running.report()
    assert steps == [Step("read", 1, 2), Step("embed", 5, 9)]
    assert (report.edition, report.added, report.removed, report.unchanged) == (
        "20261101-1", ("one",), ("two",), 3,
    )  # fmt: skip
    assert isinstance(report.failures[0].error, WrongEncoding)
    assert (report.failures[1].error, report.failures[1].problem) == (None, "in its own words")
    assert jobs.running is None
    [job] = await community.job_log.last()
    assert (job.kind, job.outcome, job.asked_by, job.detail["added"]) == ("reindex", "done", 7, 1)
    assert job.detail["left_out"] == ["bad", "worse"]


async def test_full_is_said_to_the_process_and_the_token_is_not(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    jobs = start(
        "known = 'DISCORD_TOKEN' in os.environ\n"
        "say(report={'edition': ' '.join(sys.argv[1:]), 'added': [os.environ['COUNTERPOINT_LIBRARY']],"
        " 'unchanged': int(known), 'episodes': os.nice(0)})"
    )
    report = await (await jobs.reindex(full=True, asked_by=None)).report()
    assert report.edition == "--full"
    assert Path(report.added[0]).is_absolute()
    assert report.unchanged == 0
    assert report.episodes >= os.nice(0), "it is no more pressing than the bot"


async def test_where_memory_runs_out_the_system_ends_it_first(start: Start) -> None:
    jobs = start(
        "score = int(open('/proc/self/oom_score_adj').read())\n"
        "while score == int(open(f'/proc/{os.getppid()}/oom_score_adj').read()):\n"
        "    score = int(open('/proc/self/oom_score_adj').read())\n"
        "say(report={'episodes': score})"
    )
    report = await (await jobs.reindex(full=False, asked_by=None)).report()
    assert report.episodes == 500


async def test_an_error_of_the_project_comes_back_as_itself(
    start: Start, community: CommunityDatabase
) -> None:
    jobs = start("say(error={'code': 'library_busy', 'fields': {'path': 'x'}})\nsys.exit(1)")
    running = await jobs.reindex(full=False, asked_by=None)
    with pytest.raises(LibraryBusy) as refusal:
        await running.report()
    assert refusal.value.fields == {"path": "x"}
    [job] = await community.job_log.last()
    assert (job.outcome, job.detail) == ("failed", {"code": "library_busy", "fields": {"path": "x"}})


async def test_a_process_that_dies_is_a_failure_with_its_last_words_in_the_log(
    start: Start, community: CommunityDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = start("say(stage='read', done=0, total=0)\nraise SystemError('the roof fell in')")
    running = await jobs.reindex(full=False, asked_by=None)
    with pytest.raises(JobFailed) as refusal:
        await running.report()
    assert refusal.value.fields == {"kind": "reindex", "status": 1}
    assert "the roof fell in" in caplog.text
    again = await jobs.reindex(full=False, asked_by=None)
    with pytest.raises(JobFailed):
        await again.report()
    assert [job.outcome for job in await community.job_log.last()] == ["failed", "failed"]


async def test_a_program_that_is_not_there_is_a_failure(community: CommunityDatabase, tmp_path: Path) -> None:
    jobs = Jobs(community, Settings(_env_file=None), command=[str(tmp_path / "nothing")])
    with pytest.raises(JobFailed):
        await (await jobs.reindex(full=False, asked_by=None)).report()


async def test_a_fault_of_ours_ends_the_job_as_failed(
    start: Start,
    community: CommunityDatabase,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(line: bytes) -> None:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr("bot.app.jobs.read_line", broken)
    running = await start("say(report={})").reindex(full=False, asked_by=None)
    with pytest.raises(JobBroken) as refusal:
        await running.report()
    assert refusal.value.fields == {"kind": "reindex", "error": "ZeroDivisionError"}
    [job] = await community.job_log.last()
    assert (job.outcome, job.detail["code"]) == ("failed", "job_broken")
    assert "of ours" in caplog.text


async def test_a_job_whose_end_cannot_be_stored_is_reported_all_the_same(
    start: Start, community: CommunityDatabase
) -> None:
    jobs = start("say(report={'edition': 'e'})")
    running = await jobs.reindex(full=False, asked_by=None)
    await community._store.write("DROP TABLE job")
    assert (await running.report()).edition == "e"
    assert jobs.running is None


async def test_one_at_a_time(start: Start) -> None:
    jobs = start("time.sleep(1000)")
    await jobs.reindex(full=False, asked_by=None)
    with pytest.raises(JobRunning) as refusal:
        await jobs.reindex(full=False, asked_by=None)
    assert refusal.value.fields == {"kind": "reindex", "minutes": 0}


async def test_whoever_stops_waiting_does_not_stop_the_job(start: Start, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    jobs = start(f"{gate.code}say(report={{'edition': 'done'}})")
    running = await jobs.reindex(full=False, asked_by=None)
    waiting = asyncio.create_task(running.report())
    await asyncio.sleep(0)
    waiting.cancel()
    await gate.open()
    assert (await running.report()).edition == "done"


async def test_who_stops_watching_leaves_no_task_behind(start: Start, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    jobs = start(f"say(stage='read', done=1, total=2){gate.code}say(report={{'edition': 'done'}})")
    running = await jobs.reindex(full=False, asked_by=None)
    steps = running.steps(every_s=0)
    await anext(steps)
    before = asyncio.all_tasks()
    watching = asyncio.create_task(anext(steps))
    while asyncio.all_tasks() <= before | {watching}:  # noqa: ASYNC110 - it tells nobody how far it is
        await asyncio.sleep(0)
    watching.cancel()
    await asyncio.wait({watching})
    await asyncio.sleep(0)
    assert asyncio.all_tasks() <= before
    await gate.open()
    await running.report()


async def test_closing_ends_the_process_and_says_so_in_the_log(
    start: Start, community: CommunityDatabase
) -> None:
    jobs = start("say(stage='read', done=os.getpid(), total=0)\ntime.sleep(1000)")
    running = await jobs.reindex(full=False, asked_by=None)
    step = await anext(running.steps(every_s=0))
    await jobs.close()
    with pytest.raises(ProcessLookupError):
        os.kill(step.done, 0)
    assert [job.outcome for job in await community.job_log.last()] == ["interrupted"]


@pytest.mark.parametrize("waits_s", [0.6 * NO_PROGRESS_S, NO_PROGRESS_S])
async def test_only_a_job_that_makes_no_progress_for_half_an_hour_is_ended(
    waits_s: float,
    start: Start,
    community: CommunityDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    loop = asyncio.get_running_loop()
    clock, passed_s = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: clock() + passed_s)
    gates = [Gate(tmp_path), Gate(tmp_path)]
    jobs = start(
        f"print('in the woods', file=sys.stderr)\nsay(stage='read', done=0, total=2){gates[0].code}"
        f"say(stage='read', done=1, total=2){gates[1].code}say(report={{'edition': 'e'}})"
    )
    running = await jobs.reindex(full=False, asked_by=None)
    async for step in running.steps(every_s=0.0):
        passed_s += waits_s
        if waits_s < NO_PROGRESS_S:
            await gates[step.done].open()
    if waits_s < NO_PROGRESS_S:
        assert (await running.report()).edition == "e"
        return
    with pytest.raises(JobStalled) as stalled:
        await running.report()
    assert stalled.value.fields == {"kind": "reindex", "minutes": 30}
    [job] = await community.job_log.last()
    assert (job.outcome, job.detail["code"]) == ("failed", "job_stalled")
    assert "in the woods" in caplog.text
    assert jobs.running is None


async def test_a_job_is_stopped_by_its_number_and_the_log_says_so(
    start: Start, community: CommunityDatabase
) -> None:
    jobs = start("say(stage='read', done=os.getpid(), total=0)\ntime.sleep(1000)")
    with pytest.raises(JobNotRunning):
        await jobs.stop(1)
    running = await jobs.reindex(full=False, asked_by=None)
    step = await anext(running.steps(every_s=0))
    with pytest.raises(JobNotRunning):
        await jobs.stop(running.number + 1)
    await jobs.stop(running.number)
    with pytest.raises(JobStopped):
        await running.report()
    with pytest.raises(ProcessLookupError):
        os.kill(step.done, 0)
    [job] = await community.job_log.last()
    assert (job.outcome, job.detail["code"]) == ("interrupted", "job_stopped")
    assert jobs.running is None


async def test_a_chatty_process_never_waits_for_its_reader(start: Start) -> None:
    jobs = start(
        "print('x' * 1_000_000, file=sys.stderr)\nprint('y' * 1_000_000)\n"
        "[say(stage='embed', done=n, total=5000) for n in range(5000)]\nsay(report={})"
    )
    running = await jobs.reindex(full=False, asked_by=None)
    seen = [step async for step in running.steps(every_s=0.01)]
    await running.report()
    assert len(seen) < 5000
    assert running.step == Step("embed", 4999, 5000)


async def test_the_real_command_speaks_the_protocol(community: CommunityDatabase, tmp_path: Path) -> None:
    """The index command itself, on a library that is not there: it ends before it needs a model."""
    settings = Settings(library=tmp_path / "nowhere", state=tmp_path / "state", _env_file=None)
    jobs = Jobs(community, settings)
    with pytest.raises(LibraryMissing) as refusal:
        await (await jobs.reindex(full=False, asked_by=None)).report()
    assert refusal.value.fields["path"] == str(tmp_path / "nowhere")


def test_settings_reach_the_process_as_they_are(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path, model="other", threads=3, moderated_from="7, 8", _env_file=None)
    given = environment_of(settings)
    assert given["COUNTERPOINT_MODERATED_FROM"] == "7,8"
    assert given["COUNTERPOINT_LIBRARY"] == str(tmp_path)
    assert (given["COUNTERPOINT_MODEL"], given["COUNTERPOINT_THREADS"]) == ("other", "3")
    assert (
        "COUNTERPOINT_STATE" not in given or given["COUNTERPOINT_STATE"] == os.environ["COUNTERPOINT_STATE"]
    )


@pytest.mark.parametrize("written", ["large", "trained/stance.npz", "/trained/stance.npz"])
def test_a_reindex_reads_positions_with_the_stance_model_of_the_bot(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERPOINT_STANCE", written)
    settings = Settings(_env_file=None)
    monkeypatch.setenv("COUNTERPOINT_STANCE", environment_of(settings)["COUNTERPOINT_STANCE"])
    meant = settings.stance_file.absolute()
    monkeypatch.chdir(tmp_path)
    assert Settings(_env_file=None).stance_file == meant


@given(st.binary(max_size=80) | st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["report", "error", "stage", "done", "total", "code", "fields"]), inner),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_no_line_of_a_process_harms_the_bot(line: bytes) -> None:
    assert isinstance(read_line(line), Step | IndexReport | CodedError | None)


def test_an_error_of_an_unknown_code_is_still_an_error() -> None:
    error = error_of("from_the_future", {"received": "x", "path": "y"})
    assert type(error) is CodedError
    assert error.fields == {"received": "from_the_future", "path": "y"}
