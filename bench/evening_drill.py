"""A drill: an evening from a feed's new episode to the messages about it, with SIGKILLs in between, and a restore.

    PYTHONPATH=.:tests:bench python bench/evening_drill.py [--kills 10] [--seed N] [--log FILE] [--work FOLDER]

The library is the invented sample but for two episodes, which a podcast publishes: one before it is followed, one in
the evening. The bot is a process of its own, composed as ``counterpoint bot`` composes it (worker processes, the
packaged model, the index in a process of its own), against loopback servers for the podcast and for Discord. In the
morning a moderator follows the podcast and sets a digest, one person waits for an answer to a passage, another for a
topic, and ``counterpoint backup`` saves all of it. In the evening the new episode is published, and the bot is killed
``--kills`` times, each time a moment after it came one step further; by lot alone, or with all its child processes.

Then: the episode was announced once and the old one never, each person was told once, the digest tells of it once; the
morning's backup, restored beside it and indexed, answers questions as the morning did, and holds the same follows,
alerts and digests. Exits with 1 where any of it is not so.

Shortened: a week lasts ``WEEK_S`` seconds, what is found is gathered for two, and sources and news are looked at every
second. The gate of cruxes has the threshold ``THRESHOLD``, at which one pair of the sample is a crux; none is at the
usual one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from discord_loopback.people import MANAGE_GUILD
from discord_loopback.server import LoopbackDiscord
from small_web import Plays, SmallWeb, any_port, is_loopback

from bot.app.container import make_opener
from bot.app.edition_session import EditionOpener
from bot.app.jobs import environment_of
from bot.app.settings import DATA, Settings
from bot.discord.features.following.rendering import announcement_marker
from bot.i18n.message_catalogue import MessageCatalogue

OLD, NEW = "odile-mbarga-on-translating-after-the-machine", "pilar-venkatesan-on-weights-you-can-hold"
PASSAGE = "darragh-pennycuick-on-the-night-shift-at-the-call-centre", 4
TOPIC = "a hospital that runs its own open weights"
QUESTIONS = (
    "who pays for harm",
    "tutors in schools",
    "reading a network",
    "a night shift with a machine",
    TOPIC,
)
KEPT = {
    "follow": "address, title, followed_at",
    "follower": "follow, server, channel",
    "followed_episode": "follow, key, state, slug",
    "alert": "person, kind, words, side, slug, ordinal, is_prompt, created_at",
    "digest": "server, channel, topics, begun_at",
}
WEEK_S, THRESHOLD, PATIENCE_S = 20.0, 0.15, 400.0

Steps = list[tuple[str, Callable[[], bool]]]


def opener(settings: Settings) -> EditionOpener:
    """Return what opens editions in a worker, with the drill's threshold."""
    from index.search import crux_pairs  # noqa: PLC0415

    crux_pairs.THRESHOLD = THRESHOLD
    return make_opener(settings)


async def bot() -> None:
    """Run the bot until it is killed."""
    from bot.app import jobs, notifications  # noqa: PLC0415 - only the bot's own process needs them
    from bot.app.community import alert_tables, follow_tables  # noqa: PLC0415
    from bot.app.container import make_pooled_service  # noqa: PLC0415
    from bot.discord.runner import composed, serve  # noqa: PLC0415
    from index.library.sources import WebAndFolderSources, YouTubeSource  # noqa: PLC0415

    every: Any = follow_tables.LOOK_EVERY
    every["feed"] = timedelta(seconds=1)
    alert_tables.A_WEEK, alert_tables.GATHERED_FOR = timedelta(seconds=WEEK_S), timedelta(seconds=2)
    notifications.LOOKS_EVERY_S = 1.0
    jobs._NICENESS = 0  # on a machine that others use, too, an index would take minutes
    settings = Settings()
    copies = settings.state_folder / "followed"
    sources = WebAndFolderSources(YouTubeSource(), copies, is_allowed=is_loopback, ports=any_port)
    service = make_pooled_service(settings, opener)
    async with composed(settings, MessageCatalogue.load(), service=service, sources=sources) as client:
        assert settings.token is not None
        await serve(client, settings.token.get_secret_value(), asyncio.Event())


class Podcast:
    """A feed of episodes of the sample."""

    def __init__(self, web: SmallWeb) -> None:
        self._web, self._slugs = web, list[str]()

    @property
    def url(self) -> str:
        """Return the feed's address."""
        return self._web.url("/feed")

    def publish(self, slug: str) -> None:
        """Publish an episode: its transcript first, then the feed that names it."""
        self._slugs.insert(0, slug)
        captions = DATA / "library" / slug / "captions.srt"
        self._web.pages[f"/{slug}.srt"] = Plays(captions.read_bytes(), kind="application/srt")
        items = "".join(self._item(each) for each in self._slugs)
        feed = (
            '<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>'
            f"<title>The Evening Feed</title>{items}</channel></rss>"
        )
        etag = {"ETag": f'"{len(self._slugs)}"'}
        self._web.pages["/feed"] = Plays(feed.encode(), kind="application/rss+xml", headers=etag)

    def _item(self, slug: str) -> str:
        about = json.loads((DATA / "library" / slug / "episode.json").read_text(encoding="utf-8"))
        people = "".join(f'<podcast:person role="host">{name}</podcast:person>' for name in about["hosts"])
        people += "".join(f'<podcast:person role="guest">{name}</podcast:person>' for name in about["guests"])
        return (
            f"<item><title>{about['title']}</title><guid>{slug}</guid><link>{self._web.url(f'/{slug}')}</link>"
            f"<pubDate>{format_datetime(datetime.now(UTC))}</pubDate>{people}"
            f'<podcast:transcript url="{self._web.url(f"/{slug}.srt")}" type="application/srt"/></item>'
        )


class Evening:
    """The bot's process with what it has done so far, as its database and Discord show it."""

    def __init__(self, settings: Settings, server: LoopbackDiscord, draw: random.Random, log: Any) -> None:
        self.settings, self._server, self.draw, self._log = settings, server, draw, log
        self.guild = server.add_guild()
        self.announcing, self.digesting = self.guild.channels[0], self.guild.add_channel("digests")
        self.mo = self.guild.add_member("Mo", permissions=MANAGE_GUILD)
        self.ada, self.ben = self.guild.add_member("Ada"), self.guild.add_member("Ben")
        self._process: asyncio.subprocess.Process | None = None
        self._jobs_before = 0
        self.environment = {
            **environment_of(settings),
            "COUNTERPOINT_API_BASE": server.api_base, "COUNTERPOINT_GATEWAY": server.gateway_url,
            "DISCORD_TOKEN": server.token, "COUNTERPOINT_FETCH_PAUSE_S": "0.05",
            "COUNTERPOINT_MESSAGE_PACE_S": "0.05", "COUNTERPOINT_MODERATED_FROM": str(self.guild.id),
            "COUNTERPOINT_QUESTION_LIMIT_S": "60", "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }  # fmt: skip

    async def start(self) -> None:
        """Start the bot in a process group of its own."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "import asyncio, evening_drill; asyncio.run(evening_drill.bot())",
            env=self.environment, stdout=self._log, stderr=self._log, start_new_session=True,
        )  # fmt: skip

    async def kill(self) -> str:
        """Kill the bot, and by lot all its child processes with it; return which."""
        assert self._process is not None
        is_alone = self.draw.random() < 0.5
        with contextlib.suppress(ProcessLookupError):
            (os.kill if is_alone else os.killpg)(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        return "alone" if is_alone else "with its children"

    async def close(self) -> None:
        """End all of it."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    def run(self, *words: str, library: Path | None = None, state: Path | None = None) -> str:
        """Run a command of the terminal, and return what it printed."""
        folders = [
            "--library",
            str(library or self.settings.library),
            "--state",
            str(state or self.settings.state_folder),
        ]
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli.app", *folders, *words],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise SystemExit(f"counterpoint {' '.join(words)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def answers(self, **folders: Path) -> list[Any]:
        """Return the passages that answer each question: where, from when, in which words, and their position.

        An episode that was embedded alone may have vectors that differ in the last digit from those of a whole library,
        so positions are compared in whole points, and scores are not.
        """
        found = [
            json.loads(self.run("find", question, "--json", "-n", "5", **folders)) for question in QUESTIONS
        ]
        keys = ("episode", "slices", "quote", "quote_start_s", "link")
        return [
            [
                ({key: passage.get(key) for key in keys}, round(passage["position"]))
                for passage in answer["passages"]
            ]
            for answer in found
        ]

    def n(self, table: str, where: str = "1 = 1") -> int:
        """Return how many rows of a table of the community database there are."""
        path = self.settings.state_folder / "community.db"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])

    def kept(self, state: Path, table: str) -> list[Any]:
        """Return what people put into a table of the community database in a state folder."""
        with contextlib.closing(sqlite3.connect(state / "community.db")) as connection:
            return connection.execute(f"SELECT {KEPT[table]} FROM {table} ORDER BY 1").fetchall()

    def announced(self, slug: str) -> int:
        """Return how often an episode was announced."""
        return sum(self._is_announcement(message, slug) for message in self._said(self.announcing))

    def told(self, person: Any) -> int:
        """Return how many private messages tell a person of the new episode."""
        return sum("Pilar Venkatesan" in message.text for message in self._said(person.private))

    def digests(self) -> int:
        """Return how many digests tell of the new episode."""
        return sum("Pilar Venkatesan" in message.text for message in self._said(self.digesting))

    def _said(self, channel: Any) -> list[Any]:
        """Return what the bot said in a channel by itself."""
        return [m for m in self._server.messages if m.channel is channel and m.author.bot and not m.ephemeral]

    def _is_announcement(self, message: Any, slug: str) -> bool:
        return any(button.get("custom_id") == announcement_marker(slug) for button in message.buttons)

    def steps(self) -> Steps:
        """Return the steps of the evening, each with whether it has been reached."""
        of_new = f"key = '{NEW}'"
        editions = self.settings.state_folder / "editions"
        first = (editions / "CURRENT").read_text(encoding="utf-8")
        return [
            ("listed", lambda: self.n("followed_episode", of_new) > 0),
            ("being added", lambda: self.n("followed_episode", f"{of_new} AND state != 'listed'") > 0),
            ("added", lambda: self.n("followed_episode", f"{of_new} AND state IN ('added', 'done')") > 0),
            ("index begun", lambda: self.n("job") > self._jobs_before),
            ("index published", lambda: (editions / "CURRENT").read_text(encoding="utf-8") != first),
            ("message in the outbox", lambda: self.n("outbox", "kind = 'episode'") > 0),
            ("announced", lambda: self.announced(NEW) > 0),
            ("alerts matched", lambda: self.n("alert_hit") > 1),
            ("people told", lambda: self.told(self.ada) + self.told(self.ben) > 0),
            ("digest told", lambda: self.digests() > 0),
        ]

    def begin(self) -> None:
        """Note how many jobs there were before the evening."""
        self._jobs_before = self.n("job")


async def reached(is_reached: Callable[[], bool], what: str, *, within_s: float = PATIENCE_S) -> None:
    """Wait until something is so.

    Raises:
        SystemExit: it is not, within so many seconds.
    """
    deadline_s = time.monotonic() + within_s
    while not is_reached():
        if time.monotonic() > deadline_s:
            raise SystemExit(f"not within {within_s:.0f} s: {what}")
        await asyncio.sleep(0.01)


async def morning(evening: Evening, podcast: Podcast) -> None:
    """Follow, wait for things, and let the podcast's old episode be taken in."""
    mo, ada, ben = evening.mo, evening.ada, evening.ben
    patience: dict[str, Any] = {"within_s": 120}
    await mo.slash("admin follow", link=podcast.url, channel=evening.announcing, **patience)
    await mo.slash("admin digest", channel=evening.digesting, topics="open weights", **patience)
    slug, ordinal = PASSAGE
    shown = await ada.slash("episode", episode=slug, **patience)
    passage = await ada.select(shown, f"r:{slug}:0:open", [str(ordinal)], **patience)
    await ada.press(passage, label="Tell me when answered", **patience)
    await ben.slash("alerts add", topic=TOPIC, when="once", **patience)
    is_taken_in = f"key = '{OLD}' AND state = 'done'"
    await reached(lambda: evening.n("followed_episode", is_taken_in) > 0, "the old episode is taken in")
    await reached(lambda: evening.n("known_episode", f"slug = '{OLD}'") > 0, "the old episode is known")


async def drill(told: argparse.Namespace) -> bool:
    """Play the day, print what came of it, and return True if all of it is as it should be."""
    print(f"seed {told.seed}, {told.kills} kills", flush=True)
    draw = random.Random(told.seed)
    with (
        tempfile.TemporaryDirectory(dir=told.work) as scratch,
        SmallWeb() as web,
        told.log.open("wb") as log,
    ):
        folder = Path(scratch)
        library, state = folder / "library", folder / "state"
        shutil.copytree(DATA / "library", library, ignore=shutil.ignore_patterns(OLD, NEW))
        podcast = Podcast(web)
        podcast.publish(OLD)
        async with LoopbackDiscord() as server:
            evening = Evening(Settings(library=library, state=state), server, draw, log)
            try:
                return await _day(evening, podcast, folder, told.kills)
            finally:
                await evening.close()


async def _day(evening: Evening, podcast: Podcast, folder: Path, kills: int) -> bool:
    began_s = time.monotonic()
    await asyncio.to_thread(evening.run, "index")
    await evening.start()
    await reached((evening.settings.state_folder / "community.db").exists, "the bot begins")
    await asyncio.sleep(1)
    await morning(evening, podcast)
    archive = folder / "morning.tar.gz"
    await asyncio.to_thread(evening.run, "backup", str(archive))
    of_morning = await asyncio.to_thread(evening.answers)
    kept = {table: evening.kept(evening.settings.state_folder, table) for table in KEPT}
    print(
        f"morning: {time.monotonic() - began_s:.0f} s; the backup has {archive.stat().st_size} bytes",
        flush=True,
    )

    evening.begin()
    steps = evening.steps()
    podcast.publish(NEW)
    n_kills = 0
    while n_kills < kills:
        name, is_reached = steps[n_kills % len(steps)]
        is_early = is_reached()
        if not is_early:
            await reached(is_reached, name)
        # A step that an earlier program reached is met again somewhere in the start of this one.
        await asyncio.sleep(evening.draw.uniform(0.0, 8.0 if is_early else 0.2))
        how = await evening.kill()
        n_kills += 1
        print(f"  killed {how}, {'some time after' if is_early else 'right after'}: {name}", flush=True)
        await evening.start()
    for what, is_done in (
        ("the episode is announced", lambda: evening.announced(NEW) > 0),
        ("who waited for the other side is told", lambda: evening.told(evening.ada) > 0),
        ("who waited for the topic is told", lambda: evening.told(evening.ben) > 0),
        ("the digest tells of it", lambda: evening.digests() > 0),
    ):
        await reached(is_done, what)
    await asyncio.sleep(2 * WEEK_S)  # whatever would come a second time has time to come
    counted = {
        "announcements of the new episode": (evening.announced(NEW), 1),
        "announcements of the old one": (evening.announced(OLD), 0),
        "messages to who waited for an answer": (evening.told(evening.ada), 1),
        "messages to who waited for a topic": (evening.told(evening.ben), 1),
        "digests that tell of it": (evening.digests(), 1),
    }
    await evening.kill()

    beside = {"library": folder / "restored-library", "state": folder / "restored-state"}
    await asyncio.to_thread(evening.run, "restore", str(archive), **beside)
    await asyncio.to_thread(evening.run, "index", **beside)
    of_restored = await asyncio.to_thread(evening.answers, **beside)
    n_equal = sum(one == other for one, other in zip(of_morning, of_restored, strict=True))
    counted[f"answers of {len(QUESTIONS)} that are equal after the restore"] = (n_equal, len(QUESTIONS))
    for table, rows in kept.items():
        n_same = sum(row in evening.kept(beside["state"], table) for row in rows)
        counted[f"rows of the table {table} that are restored"] = (n_same, len(rows))
    for what, (n, wanted) in counted.items():
        print(f"{what}: {n}" + ("" if n == wanted else f", and not {wanted}"))
    print(f"{n_kills} kills, {time.monotonic() - began_s:.0f} s in all")
    return all(n == wanted for n, wanted in counted.values())


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=10)
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    asked.add_argument("--work", type=Path, default=None)
    asked.add_argument("--log", type=Path, default=Path(os.devnull))
    sys.exit(0 if asyncio.run(drill(asked.parse_args())) else 1)
