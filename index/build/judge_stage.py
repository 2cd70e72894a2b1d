"""The last stage of a build: a judge is asked about pairs of passages that it has not judged before."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.build.progress import BuildReport, JudgeReport, Progress
from index.errors import IndexingError
from index.judge import (
    PROMPT_VERSION,
    AnswerInvalid,
    ChatJudge,
    VerdictCache,
    messages_about,
    verdict_from,
)
from index.judge.errors import JudgeTookTooLong, JudgeUnreadable, JudgeWithoutGate
from index.search.crux_pairs import CruxTable
from index.search.judged_cruxes import CandidatePair, pairs_to_read
from index.search.search_tables import SearchTables
from index.storage import queries
from index.storage.edition import editions_folder, open_edition, publish_judged, read_judged
from scoring.axis import Axis
from scoring.crux_gate import CruxGate

_AT_ONCE = 4
_MOST_FAILURES = 3
"""Answers one after another that came too late or were no verdict, after which the judge is given up for this build."""


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """How a build asks a judge.

    Attributes:
        judge: the judge, not yet opened.
        gate: returns the gate that chooses the pairs for an encoder's fingerprint, or None where there is none.
        most: pairs that one build asks about at most.
    """

    judge: ChatJudge
    gate: Callable[[str], CruxGate | None]
    most: int

    def cache(self, state: Path) -> VerdictCache:
        """Return what the judge said before."""
        return VerdictCache(state, self.judge.model, PROMPT_VERSION)


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
    pairs = await _pairs_not_judged(state, axis, judge_options, cache)
    if pairs is None:
        without = JudgeWithoutGate(address=judge_options.judge.address)
        return JudgeReport(judge_options.judge.model, 0, 0, 0, without)
    asked = pairs[: judge_options.most]
    progress.stage("judge", len(asked))
    round_ = _Round(judge_options.judge, cache, progress, iter(asked))
    if asked:
        async with judge_options.judge:
            await asyncio.gather(*(round_.work() for _ in range(_AT_ONCE)))
    return JudgeReport(
        judge_options.judge.model, round_.n_asked, round_.n_good, len(pairs) - round_.n_asked, round_.problem
    )


async def _pairs_not_judged(
    state: Path, axis: Axis, judge_options: JudgeOptions, cache: VerdictCache
) -> list[CandidatePair] | None:
    """Return the pairs of the published edition that are to be judged, best first; None where there is no gate."""
    edition = await open_edition(state, falls_back=False)
    try:
        gate = judge_options.gate(edition.facts.fingerprint)
        if gate is None:
            return None
        unsure = np.array(await queries.unsure_slices(edition.connection), np.int64)
        table = CruxTable.of(SearchTables.of(edition), gate, unsure, len(axis.bands))
        return [pair async for pair in pairs_to_read(table) if pair.key not in cache]
    finally:
        await edition.close()


@dataclass(slots=True)
class _Round:
    """Pairs that several workers put to the judge."""

    judge: ChatJudge
    cache: VerdictCache
    progress: Progress
    pairs: Iterator[CandidatePair]
    n_asked: int = 0
    n_good: int = 0
    n_failures: int = 0
    problem: IndexingError | None = None
    is_over: bool = False

    async def work(self) -> None:
        """Ask about pair after pair until there is none, or the judge is given up."""
        for pair in self.pairs:
            if self.is_over:
                return
            try:
                await self._judge(pair)
                self.n_failures = 0
            except (JudgeTookTooLong, JudgeUnreadable) as error:
                self.n_failures += 1
                self.problem, self.is_over = error, self.is_over or self.n_failures >= _MOST_FAILURES
            except IndexingError as error:
                self.problem, self.is_over = error, True
            self.progress.advance(1)

    async def _judge(self, pair: CandidatePair) -> None:
        first, second = pair.first.piece, pair.second.piece
        answer = await self.judge.ask(messages_about(first, second))
        try:
            verdict = verdict_from(answer, first, second)
        except AnswerInvalid as error:
            raise JudgeUnreadable(address=self.judge.address, model=self.judge.model) from error
        self.cache.add(pair.key, verdict)
        self.n_asked += 1
        self.n_good += verdict.good
