# ruff: noqa: T201
"""A drill: fifty people ask the real bot thousands of odd questions while its workers are killed and hung on purpose.

    PYTHONPATH=.:tests python bench/faults.py LIBRARY STATE [--people 50] [--questions 5000] [--every 200]

STATE holds an edition of LIBRARY. The bot runs as ``counterpoint bot`` composes it, in a process of its own, against
the loopback Discord in this one; only the pace at which a person may ask is not limited. One question in ``--every``
hangs its worker, one ends it by a signal, and as often a worker is killed from outside; ``--every 0`` does no harm.
The bot's log goes to ``--log``, and what the bot's own process spends its time on, by cProfile, to ``--profile``: that
takes about as long again. Exits with 1 where a healthy question got no answer or waited longer than 5 s, or where
a heartbeat was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import dataclasses
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from discord_loopback.errors import NoAnswerError
from discord_loopback.server import LoopbackDiscord
from memory import children_of, resident_mb

from bot.app.container import make_opener, make_pooled_service
from bot.app.edition_session import EditionOpener
from bot.app.limiter import RateLimiter
from bot.app.settings import Settings
from bot.discord.runner import composed, serve
from bot.i18n.catalogue import Catalogue
from index.embedding.encoder import Encoder, Vectors

HANGS, CRASHES = "xhangx", "xcrashx"
LONGEST_WAIT_S = 5.0

_HEARTBEAT_S = 1.0
_MISSED = 2.0  # intervals without a heartbeat
_STOPPED = frozenset({"question_stopped", "question_crashed"})
_CODE = re.compile(r"-# `([a-z_0-9]+)`")
_WORDS = (
    "reward hacking who pays for harm tutors in schools open weights jobs and machines U.S. C++ A.I. Gödel don't s "
    "interpretability alignment compute risk hope danger deceptive models evaluation scaling policy labor consciousness"
).split()
_ODD = (
    "🎉", ":tada:", "<@123>", "```code```", "s s s s", "ﬃ", "'s", "“", '"deceptive models"', "ɐ", "ß", "中文問題",
    "что такое", "<b>", "../../etc", "%s%n", "\u202e", "a" * 60, "- -", "(((", "1234567890",
)  # fmt: skip


class HarmfulEncoder:
    """The real encoder; a text with one of two words hangs or ends its process."""

    def __init__(self, whole: Encoder) -> None:
        self._whole = whole
        self.fingerprint, self.dim = whole.fingerprint, whole.dim

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        """Return what the real one does, if anything."""
        if any(HANGS in text for text in texts):
            while True:
                pass
        if any(CRASHES in text for text in texts):
            os.kill(os.getpid(), signal.SIGSEGV)
        return self._whole.encode(texts, progress=progress)


def make_harmful_opener(settings: Settings) -> EditionOpener:
    """Make what opens editions as ever, with an encoder that does harm."""
    opener = make_opener(settings)
    opened = opener._open_encoder
    opener._open_encoder = lambda fingerprint: HarmfulEncoder(opened(fingerprint))
    return opener


async def bot(profile: Path | None = None) -> None:
    """Run the bot until it is asked to stop; with ``profile``, write there what its event loop called."""
    if profile is not None:
        with cProfile.Profile(time.thread_time) as profiler:
            await bot()
        profiler.dump_stats(profile)
        return
    settings, stop = Settings(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    import faults  # noqa: PLC0415 - workers must find the opener by a name that they can import

    service = make_pooled_service(settings, faults.make_harmful_opener)
    async with composed(settings, Catalogue.load(), service=service) as client:
        client.context = dataclasses.replace(client.context, rate_limiter=RateLimiter(burst=1_000_000))
        assert settings.token is not None
        await serve(client, settings.token.get_secret_value(), stop)


class Drill:
    """What was asked, and what came of it."""

    def __init__(self, *, questions: int, every: int, seed: int) -> None:
        self.left = questions
        self.every = every
        self.draw = random.Random(seed)  # noqa: S311 - a drill
        self.outcomes: Counter[str] = Counter()
        self.waits_s: list[float] = []
        self.unhealthy: list[str] = []
        self.n_killed = 0

    def question(self) -> tuple[str, bool]:
        """Return the next question, and whether it is healthy."""
        words = self.draw.choices(_WORDS, k=self.draw.randint(1, 8))
        if self.draw.random() < 0.3:
            words.insert(self.draw.randint(0, len(words)), self.draw.choice(_ODD))
        if self.draw.random() < 0.05:
            words *= self.draw.randint(2, 30)
        harm = self.draw.randrange(self.every) if self.every else -1
        if harm in (0, 1):
            words += [HANGS if harm == 0 else CRASHES, str(self.left)]
        return " ".join(words)[:480], harm not in (0, 1)

    async def ask(self, person: Any) -> None:
        """Ask as one person until all has been asked."""
        while self.left > 0:
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
    run = Drill(questions=told.questions, every=told.every, seed=told.seed)
    library, state = told.library, told.state
    async with LoopbackDiscord(heartbeat_interval_s=_HEARTBEAT_S) as server:
        with tempfile.TemporaryDirectory(dir=state) as scratch, told.log.open("wb") as log:
            own = Path(scratch) / "state"
            own.mkdir()
            for folder in ("editions", "models", "readers"):
                if (state / folder).is_dir():
                    shutil.copytree(state / folder, own / folder, copy_function=os.link)
            process = await asyncio.create_subprocess_exec(
                sys.executable, __file__, "--bot", *([str(told.profile)] if told.profile else ()),
                env={
                    **os.environ,
                    "COUNTERPOINT_LIBRARY": str(library), "COUNTERPOINT_STATE": str(own),
                    "COUNTERPOINT_API_BASE": server.api_base, "COUNTERPOINT_GATEWAY": server.gateway_url,
                    "DISCORD_TOKEN": server.token,
                    "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
                },
                stderr=log,
            )  # fmt: skip
            try:
                is_good = await _drill(run, server, process, told.people)
            finally:
                if process.returncode is None:
                    process.terminate()
                    await asyncio.wait_for(process.wait(), 30)
    return is_good and process.returncode == 0


async def _drill(run: Drill, server: LoopbackDiscord, process: Any, people: int) -> bool:
    questions = run.left
    await server.wait_for_bot(within_s=60)
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
    threads = _threads_s(process.pid)
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
    print(threads)
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
    for line in run.unhealthy[:20]:
        print("unhealthy: " + line)
    return not run.unhealthy and not missed


def _memory(pid: int) -> tuple[float, float]:
    while True:
        try:
            return resident_mb(children_of(pid))
        except OSError:  # a worker has just ended
            continue


def _processor_s(pid: int) -> tuple[float, float, float]:
    """Return the processor time so far of the bot's own process, of its workers, ended ones too, and of this one."""
    own_s, ended_s = _times_s(pid)
    return own_s, ended_s + sum(_times_s(child)[0] for child in children_of(pid)[1:]), time.process_time()


def _times_s(pid: int) -> tuple[float, float]:
    """Return the processor time of a process, and of its children that have ended; nothing of one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0, 0.0
    ticks = [int(field) / os.sysconf("SC_CLK_TCK") for field in fields[11:15]]
    return ticks[0] + ticks[1], ticks[2] + ticks[3]


def _threads_s(pid: int) -> dict[str, float]:
    """Return the processor time of a process's threads, those of one name together."""
    found: Counter[str] = Counter()
    for task in Path(f"/proc/{pid}/task").iterdir():
        fields = (task / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
        found[(task / "comm").read_text().strip()] += sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return found


async def _kill(run: Drill, pid: int, questions: int) -> None:
    """Kill a worker from outside, as often as one is hung."""
    if not run.every:
        return
    due = questions - run.every
    while True:
        await asyncio.sleep(0.05)
        if run.left <= due:
            due -= run.every
            workers = children_of(pid)[1:]
            if workers:
                os.kill(run.draw.choice(workers), signal.SIGKILL)
                run.n_killed += 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bot"]:
        asyncio.run(bot(*map(Path, sys.argv[2:])))
        sys.exit()
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("library", type=Path)
    told.add_argument("state", type=Path)
    told.add_argument("--people", type=int, default=50)
    told.add_argument("--questions", type=int, default=5000)
    told.add_argument("--every", type=int, default=200)
    told.add_argument("--seed", type=int, default=1)
    told.add_argument("--log", type=Path, default=Path(os.devnull))
    told.add_argument("--profile", type=Path)
    sys.exit(0 if asyncio.run(drill(told.parse_args())) else 1)
