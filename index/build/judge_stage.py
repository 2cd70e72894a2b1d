"""The last stage of a build: a judge reads claims that it has not read, then pairs that it has not judged.

First it says which contested questions of the axis each claim answers, a few claims a request; then it is asked about
pairs of claims that answer one differently, and about those that it calls good once more, by their quotes alone. An
axis without contested questions has its pairs chosen by the gate.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from index.build.progress import BuildReport, JudgeReport, Progress
from index.errors import IndexingError
from index.judge import (
    ANSWERS_PROMPT_VERSION,
    PASSAGES_A_REQUEST,
    PROMPT_VERSION,
    AnswerCache,
    AnswerInvalid,
    ChatJudge,
    VerdictCache,
    answers_from,
    messages_about_answers,
    pair_verdict,
)
from index.judge.errors import JudgeTookTooLong, JudgeUnreadable, JudgeWithoutGate
from index.search.crux_pairs import CruxTable
from index.search.judged_cruxes import CandidatePair, claims_to_read, pairs_to_read
from index.search.search_tables import SearchTables
from index.storage import queries
from index.storage.edition import editions_folder, open_edition, publish_judged, read_judged
from index.storage.judged_pairs import text_digest
from index.storage.records import SliceRecord
from scoring.axis import Axis
from scoring.crux_gate import CruxGate

_Request = TypeVar("_Request")

_AT_ONCE = 4
_MOST_FAILURES = 3
"""Answers one after another that came too late or were no verdict, after which the judge is given up for this build."""


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """How a build asks a judge.

    Attributes:
        judge: the judge, not yet opened.
        gate: returns the gate of pairs for an encoder's fingerprint, or None where there is none.
        most: claims that one build has read at most, and pairs that it asks about at most.
        questions: the contested questions of the axis, name to question; may be empty.
    """

    judge: ChatJudge
    gate: Callable[[str], CruxGate | None]
    most: int
    questions: Mapping[str, str] = field(default_factory=dict)

    def cache(self, state: Path) -> VerdictCache:
        """Return what the judge said before."""
        return VerdictCache(state, self.judge.model, PROMPT_VERSION)

    def answers(self, state: Path) -> AnswerCache:
        """Return what the judge said before that claims answer."""
        return AnswerCache(state, self.judge.model, ANSWERS_PROMPT_VERSION, self.questions)


async def judge_edition(
    state: Path, axis: Axis, judge_options: JudgeOptions | None, report: BuildReport, progress: Progress
) -> None:
    """Ask the judge about the published edition, and publish what it said; both stand in ``report`` afterwards.

    Without a judge an edition that was built with one is published without its word.

    Raises:
        IndexingError, OSError: the edition cannot be opened or written; the judge's own errors are in the report.
    """
    if report.facts is None:
        return
    started_s = time.perf_counter()
    good = None
    if judge_options is not None:
        cache = judge_options.cache(state)
        try:
            report.judged = await _ask(state, axis, judge_options, cache, progress)
        finally:
            cache.close()
        good = cache.good()
    if read_judged(editions_folder(state) / report.facts.edition, report.facts) != good:
        report.facts = await publish_judged(state, report.facts, good)
        report.is_new = True
    if judge_options is not None:
        report.seconds["judge"] = time.perf_counter() - started_s


async def _ask(
    state: Path, axis: Axis, judge_options: JudgeOptions, cache: VerdictCache, progress: Progress
) -> JudgeReport:
    judge, questions = judge_options.judge, judge_options.questions
    answers = judge_options.answers(state) if questions else None
    asking = _Asking(judge, progress)
    n_claims = n_read = 0
    try:
        if answers is not None:
            claims = await _claims_not_read(state, axis, judge_options, answers)
            if claims is None:
                return _without_gate(judge)
            n_claims = len(claims)
            n_read = await _read_claims(asking, claims[: judge_options.most], questions, answers)
        pairs = await _pairs_not_judged(state, axis, judge_options, cache, answers)
    finally:
        if answers is not None:
            answers.close()
    if pairs is None:
        return _without_gate(judge)
    n_asked, n_good = await _judge_pairs(asking, pairs[: judge_options.most], cache)
    left = n_claims - n_read + len(pairs) - n_asked
    return JudgeReport(judge.model, n_read, n_asked, n_good, left, asking.problem)


def _without_gate(judge: ChatJudge) -> JudgeReport:
    return JudgeReport(judge.model, 0, 0, 0, 0, JudgeWithoutGate(address=judge.address))


async def _claims_not_read(
    state: Path, axis: Axis, judge_options: JudgeOptions, answers: AnswerCache
) -> list[SliceRecord] | None:
    """Return the claims of the published edition that are to be read; None where there is no gate."""
    async with _claims_of(state, axis, judge_options) as table:
        return None if table is None else await claims_to_read(table, answers)


async def _pairs_not_judged(
    state: Path, axis: Axis, judge_options: JudgeOptions, cache: VerdictCache, answers: AnswerCache | None
) -> list[CandidatePair] | None:
    """Return the pairs of the published edition that are to be judged, best first; None where there is no gate."""
    async with _claims_of(state, axis, judge_options) as table:
        if table is None:
            return None
        pairs = pairs_to_read(table, None if answers is None else answers.of)
        return [pair async for pair in pairs if pair.key not in cache]


@asynccontextmanager
async def _claims_of(state: Path, axis: Axis, judge_options: JudgeOptions) -> AsyncIterator[CruxTable | None]:
    """Open the published edition and yield its claims; None where there is no gate."""
    edition = await open_edition(state, falls_back=False)
    try:
        gate = judge_options.gate(edition.facts.fingerprint)
        if gate is None:
            yield None
        else:
            unsure = np.array(await queries.unsure_slices(edition.connection), np.int64)
            yield CruxTable.of(SearchTables.of(edition), gate, unsure, len(axis.bands))
    finally:
        await edition.close()


async def _read_claims(
    asking: "_Asking", claims: Sequence[SliceRecord], questions: Mapping[str, str], answers: AnswerCache
) -> int:
    """Have claims read for what they answer; return how many were."""
    n_read = 0

    async def read(batch: Sequence[SliceRecord]) -> None:
        nonlocal n_read
        pieces = [record.piece for record in batch]
        said = await asking.judge.ask(messages_about_answers(pieces, questions))
        for piece, answered in zip(pieces, answers_from(said, len(pieces), questions), strict=True):
            answers.add(text_digest(piece.text), answered)
        n_read += len(batch)

    starts = range(0, len(claims), PASSAGES_A_REQUEST)
    await asking.all([claims[start : start + PASSAGES_A_REQUEST] for start in starts], read)
    return n_read


async def _judge_pairs(
    asking: "_Asking", pairs: Sequence[CandidatePair], cache: VerdictCache
) -> tuple[int, int]:
    """Have pairs judged; return how many were, and how many of them are good."""
    n_asked = n_good = 0

    async def judge(pair: CandidatePair) -> None:
        nonlocal n_asked, n_good
        verdict = await pair_verdict(asking.judge, pair.first.piece, pair.second.piece)
        cache.add(pair.key, verdict)
        n_asked += 1
        n_good += verdict.good

    await asking.all(pairs, judge)
    return n_asked, n_good


@dataclass(slots=True)
class _Asking:
    """Puts requests to a judge, a few at a time, until it is given up for this build."""

    judge: ChatJudge
    progress: Progress
    n_failures: int = 0
    problem: IndexingError | None = None
    is_over: bool = False

    async def all(self, requests: Sequence[_Request], ask: Callable[[_Request], Awaitable[None]]) -> None:
        """Call ``ask`` with each of ``requests``; what the judge does wrong ends up in ``problem``."""
        if not requests or self.is_over:
            return
        self.progress.stage("judge", len(requests))
        waiting = iter(requests)
        async with self.judge:
            workers = [asyncio.create_task(self._work(waiting, ask)) for _ in range(_AT_ONCE)]
            try:
                await asyncio.gather(*workers)
            finally:  # where one fails, the others write nothing after the build has ended
                for worker in workers:
                    worker.cancel()
                await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, waiting: Iterable[_Request], ask: Callable[[_Request], Awaitable[None]]) -> None:
        for request in waiting:
            if self.is_over:
                return
            try:
                await ask(request)
                self.n_failures = 0
            except AnswerInvalid:
                self._failed(JudgeUnreadable(address=self.judge.address, model=self.judge.model))
            except (JudgeTookTooLong, JudgeUnreadable) as error:
                self._failed(error)
            except IndexingError as error:
                self.problem, self.is_over = error, True
            self.progress.advance(1)

    def _failed(self, error: IndexingError) -> None:
        self.n_failures += 1
        self.problem, self.is_over = error, self.is_over or self.n_failures >= _MOST_FAILURES
