"""A drill: fifty people ask the real bot 5,000 questions, some strange, while its workers are killed and hung.

    PYTHONPATH=.:tests python bench/faults_drill.py LIBRARY STATE [--people 50] [--questions 5000] [--pause 5]

STATE holds an edition of LIBRARY. The bot runs as ``counterpoint bot`` composes it, in a process of its own, against
the loopback Discord in this one (``bot_process.py``). One question in ``--every``
hangs its worker, one ends it by a signal, and as often a worker is killed from outside; ``--every 0`` does no harm.
Each person reads an answer and types the next question for ``--pause`` seconds on average (exponentially distributed);
with 0, fifty people ask as fast as they are answered, which shows how much can be done and not what anybody waits.
The bot's log goes to ``--log``, and what the bot's event loop spends its processor time on, by cProfile, to
``--profile``, which takes about as much again. Exits with 1 where a healthy question got no answer or waited longer
than 5 s, where a heartbeat was missed, or where memory grew by more than a tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import signal
import statistics
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from bot_process import bot_over
from discord_loopback.errors import NoAnswerError
from discord_loopback.server import LoopbackDiscord
from harmful_bot import CRASHES, HANGS
from memory import children_of, resident_mb, times_s

LONGEST_WAIT_S = 5.0
MOST_GROWTH = 0.1
"""Of the memory of all processes; of fewer than some thousand questions the figure says little."""

_HEARTBEAT_S = 1.0
_MISSED = 2.0  # intervals without a heartbeat
_STOPPED = frozenset({"question_stopped", "question_crashed"})
_CODE = re.compile(r"-# `([a-z_0-9]+)`")
_WORDS = (
    "reward hacking who pays for harm tutors in schools open weights jobs and machines U.S. C++ A.I. Gödel don't s "
    "interpretability alignment compute risk hope danger deceptive models evaluation scaling policy labor consciousness"
).split()
_STRANGE = (
    "🎉", ":tada:", "<@123>", "```code```", "s s s s", "ﬃ", "'s", "“", '"deceptive models"', "ɐ", "ß", "中文問題",
    "что такое", "<b>", "../../etc", "%s%n", "\u202e", "a" * 60, "- -", "(((", "1234567890",
)  # fmt: skip


class FaultsDrill:
    """What was asked, and what came of it."""

    def __init__(self, *, questions: int, every: int, pause_s: float, seed: int) -> None:
        self.left = questions
        self.every = every
        self.pause_s = pause_s
        self.draw = random.Random(seed)
        self.outcomes: Counter[str] = Counter()
        self.waits_s: list[float] = []
        self.unhealthy: list[str] = []
        self.n_killed = 0

    def question(self) -> tuple[str, bool]:
        """Return the next question, and whether it is healthy."""
        words = self.draw.choices(_WORDS, k=self.draw.randint(1, 8))
        if self.draw.random() < 0.3:
            words.insert(self.draw.randint(0, len(words)), self.draw.choice(_STRANGE))
        if self.draw.random() < 0.05:
            words *= self.draw.randint(2, 30)
        harm = self.draw.randrange(self.every) if self.every else -1
        if harm in (0, 1):
            words += [HANGS if harm == 0 else CRASHES, str(self.left)]
        return " ".join(words)[:480], harm not in (0, 1)

    async def ask(self, person: Any) -> None:
        """Ask as one person until all has been asked."""
        while self.left > 0:
            if self.pause_s:
                await asyncio.sleep(self.draw.expovariate(1 / self.pause_s))
            if self.left <= 0:
                return
            self.left -= 1
            question, is_healthy = self.question()
            started_s = time.monotonic()
            try:
                text = await self._asked(person, question)
            except NoAnswerError:
                text = "-# `nothing_came`"
            waited_s = time.monotonic() - started_s
            code = next(iter(_CODE.findall(text)), "")
            if not is_healthy:
                self.outcomes["harmful: " + (code or "answered")] += 1
                continue
            self.waits_s.append(waited_s)
            self.outcomes["answered" if not code or code.startswith("question_") else code] += 1
            if code in _STOPPED or waited_s > LONGEST_WAIT_S or (code and not code.startswith("question_")):
                self.unhealthy.append(f"{code or 'answered'} after {waited_s:.1f} s: {question[:60]!r}")

    async def _asked(self, person: Any, question: str) -> str:
        way = self.draw.random()
        if way < 0.05:
            await person.autocomplete("episode", {"episode": question[:60]}, focused="episode", within_s=30)
            return ""
        if way < 0.15:
            return str((await person.message_menu("Counter this", question, within_s=30)).text)
        if way < 0.2:
            return str((await person.slash("find", query=question, balanced=True, within_s=30)).text)
        return str((await person.slash("find", query=question, within_s=30)).text)


async def drill(told: argparse.Namespace) -> bool:
    """Run the drill, print what came of it, and return True if nothing healthy was lost."""
    run = FaultsDrill(questions=told.questions, every=told.every, pause_s=told.pause, seed=told.seed)
    async with (
        LoopbackDiscord(heartbeat_interval_s=_HEARTBEAT_S) as server,
        bot_over(
            server,
            told.library,
            told.state,
            script=Path(__file__).with_name("harmful_bot.py"),
            log=told.log,
            profile=told.profile,
        ) as process,
    ):
        return await _drill(run, server, process, told.people)


async def _drill(run: FaultsDrill, server: LoopbackDiscord, process: Any, people: int) -> bool:
    questions = run.left
    guild = server.add_guild()
    members = [guild.add_member(f"P{number}") for number in range(people)]
    await members[0].slash("find", query="reward hacking", within_s=60)
    memory_mb = [await asyncio.to_thread(_memory, process.pid)]
    started_s, n_beats = time.monotonic(), len(server.gateway.heartbeats_s)
    used_s = _processor_s(process.pid)
    asking = asyncio.gather(*(run.ask(person) for person in members))
    killing = asyncio.create_task(_kill(run, process.pid, questions))
    for part in range(1, 11):
        while run.left > questions * (10 - part) // 10 and not asking.done():  # noqa: ASYNC110 - a count
            await asyncio.sleep(0.2)
        memory_mb.append(await asyncio.to_thread(_memory, process.pid))
    await asking
    killing.cancel()
    took_s = time.monotonic() - started_s
    own, workers, here = (now - before for now, before in zip(_processor_s(process.pid), used_s, strict=True))
    await asyncio.sleep(2 * _HEARTBEAT_S)
    beats_s = server.gateway.heartbeats_s[max(0, n_beats - 1) :]
    gaps_s = [later - earlier for earlier, later in pairwise(beats_s)]
    missed = sum(gap > _MISSED * _HEARTBEAT_S for gap in gaps_s)
    healthy = sorted(run.waits_s)
    print(f"{questions} questions by {people} people in {took_s:.0f} s, {questions / took_s:.0f} a second")
    for outcome, n in run.outcomes.most_common():
        print(f"  {n:6d}  {outcome}")
    print(f"workers killed from outside: {run.n_killed}")
    print(
        f"processor time a question: bot {1000 * own / questions:.1f} ms, workers {1000 * workers / questions:.1f} ms, "
        f"loopback Discord and people {1000 * here / questions:.1f} ms"
    )
    print(
        f"healthy questions waited: p50 {healthy[len(healthy) // 2]:.2f} s, "
        f"p99 {healthy[int(len(healthy) * 0.99)]:.2f} s, longest {healthy[-1]:.2f} s"
    )
    print(
        f"heartbeats: {len(gaps_s)}, missed: {missed}, longest gap {max(gaps_s):.2f} s of {_HEARTBEAT_S:g} s"
    )
    print(
        "memory of all processes, each page once, and what is their own, in MB, at the start and each tenth:"
    )
    print("  " + ", ".join(f"{whole:.0f} ({own:.0f})" for whole, own in memory_mb))
    growth = _growth([whole for whole, _ in memory_mb])
    print(f"memory of the last three tenths against the second to fourth: {100 * growth:+.0f} %")
    for line in run.unhealthy[:20]:
        print("unhealthy: " + line)
    return not run.unhealthy and not missed and growth <= MOST_GROWTH


def _growth(memory_mb: list[float]) -> float:
    """Return by how much the median memory of the last three tenths lies above that of the second to fourth."""
    return statistics.median(memory_mb[-3:]) / statistics.median(memory_mb[2:5]) - 1


def _memory(pid: int) -> tuple[float, float]:
    while True:
        try:
            return resident_mb(children_of(pid))
        except OSError:  # a worker has just ended
            continue


def _processor_s(pid: int) -> tuple[float, float, float]:
    """Return the processor time so far of the bot's own process, of its workers, ended ones too, and of this one."""
    own_s, ended_s = times_s(pid)
    return own_s, ended_s + sum(sum(times_s(child)) for child in children_of(pid)[1:]), time.process_time()


async def _kill(run: FaultsDrill, pid: int, questions: int) -> None:
    """Kill a worker from outside, as often as one is hung."""
    if not run.every:
        return
    due = questions - run.every
    while True:
        await asyncio.sleep(0.05)
        if run.left <= due:
            due -= run.every
            workers = [child for child in children_of(pid)[1:] if children_of(child) == [child]]
            if workers:
                os.kill(run.draw.choice(workers), signal.SIGKILL)
                run.n_killed += 1


if __name__ == "__main__":
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("library", type=Path)
    told.add_argument("state", type=Path)
    told.add_argument("--people", type=int, default=50)
    told.add_argument("--questions", type=int, default=5000)
    told.add_argument("--every", type=int, default=200)
    told.add_argument("--pause", type=float, default=5.0)
    told.add_argument("--seed", type=int, default=1)
    told.add_argument("--log", type=Path, default=Path(os.devnull))
    told.add_argument("--profile", type=Path)
    sys.exit(0 if asyncio.run(drill(told.parse_args())) else 1)
