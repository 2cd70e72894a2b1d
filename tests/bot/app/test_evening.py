"""An evening, from a feed's new episode to the messages about it: each once, wherever the program dies in between.

``bench/evening_drill.py`` plays the same with the real program, which is killed. Here it all runs in this process, an
encoder without a model and a gate that lets likeness through; the index, the alerts and the backup are real.
"""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from small_library import SmallLibrary, likeness_gate, make_opener

from bot.app.backup import back_up
from bot.app.community.alert_tables import A_WEEK, GATHERED_FOR, AlertKnown
from bot.app.community.outbox import OutMessage
from bot.app.notifications import LONGEST_PASSAGE, Notifications
from bot.app.outbox_sender import OutboxSender
from bot.app.restore import restore
from bot.app.service import LocalLibraryService
from bot.app.source_poller import SourcePoller, published_slugs
from index.library.sources import Fetched, Listed

from .test_following import CHANNEL, FEED, Clock, Death, DyingStore, House, Shelf, parse_here, quiet

ADA, SERVER, DIGESTS = 7, 5, 55
FEAR = "Tutors in our schools teach children to read, a catastrophe, an existential risk, and the danger is grave"
HOPE = "Tutors in our schools teach children to read, a breakthrough, a huge opportunity, the benefits are enormous"
STRIDE = 9
"""Every so many transactions one is the last thing that the program did."""


class Talks(Shelf):
    """Sources whose new episode answers one of the library."""

    def fetch(self, kind: str, address: str, item: Listed) -> Fetched:
        lines = [
            f"00:{n // 6:02}:{n % 6 * 10:02}.000 --> 00:{n // 6:02}:{n % 6 * 10 + 9:02}.000"
            for n in range(30)
        ]
        captions = "\n\n".join(f"{line}\n{HOPE} {n}." for n, line in enumerate(lines))
        data = f"WEBVTT\n\n{captions}\n".encode()
        return Fetched(None, f"{item.key}.vtt", data, "en", False, {**item.info, "guests": ["Bo Ek"]})


class Place(House):
    """A library of one episode, its index, and people who wait for things."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.address = None
        self.small = SmallLibrary(folder)
        self.library, self.state = self.small.library, self.small.state
        self.shelf, self.clock = Talks(), clock
        opener = make_opener(self.state)
        gate = likeness_gate(self.small.encoder, ["Do tutors help children to read?"], bias=20.0)
        opener._open_gate = lambda _: gate
        self.service = LocalLibraryService(opener)

    async def index(self) -> None:
        await self.small.build()

    async def published(self) -> frozenset[str]:
        return await published_slugs(self.state)

    def follower(self, opened: Any) -> SourcePoller:
        return SourcePoller(
            opened.follows, opened.followed_episodes, self.shelf, self.library, self.state,
            index=self.index, slugs=self.published, parse=parse_here, pause_s=0.0,
        )  # fmt: skip


class Post:
    """Takes messages as Discord does, and finds them again."""

    def __init__(self) -> None:
        self.sent: list[OutMessage] = []

    async def find(self, message: OutMessage) -> int | None:
        return next((n for n, known in enumerate(self.sent, 1) if known.about == message.about), None)

    async def send(self, message: OutMessage) -> int:
        known = [n for n, sent in enumerate(self.sent, 1) if sent.nonce == message.nonce]
        if not known:
            self.sent.append(message)
        return known[0] if known else len(self.sent)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to begin an evening from: a library of one episode."""
    folder = tmp_path_factory.mktemp("first")
    SmallLibrary(folder).write("fear", FEAR, guests=["Ada Lin"])
    return folder


async def morning(place: Place) -> None:
    """Index the library, follow, and wait for things; may be done again."""
    if not await place.published():
        await place.index()
    async with place.open() as (database, follower):
        if not await database.follows.all():
            await database.follows.add("feed", FEED, channel=CHANNEL)
        await quiet(follower)
        await Notifications(database, place.service).round()
        record = (await place.service.episode("fear")).slices[0]
        words = record.piece.text[:LONGEST_PASSAGE]
        with suppress(AlertKnown):
            await database.alerts.add(ADA, "answer", words, side=record.reading.position, passage=("fear", 0))
        with suppress(AlertKnown):
            await database.alerts.add(ADA, "topic", "tutors in schools", side=None)
        await database.digests.set(SERVER, DIGESTS, ["tutors"])


async def evening(place: Place, post: Post) -> None:
    """Let the episode come out, and time pass, until everybody has been told."""
    async with place.open() as (database, follower):
        news = Notifications(database, place.service)
        sender = OutboxSender(database.outbox, post, pace_s=0.0, now=place.clock)
        if not place.shelf.episodes:
            place.shelf.episodes = [
                Listed(key="hope", title="Hope", source="The Lantern Room", url="https://l.example/hope")
            ]
        for passes in (GATHERED_FOR * 2, GATHERED_FOR, A_WEEK):
            place.clock.on(seconds=passes.total_seconds())
            await quiet(follower)
            await news.round()
            while await sender.round():
                pass


def told(post: Post) -> Counter[str]:
    """How often each thing was told: announcements, what each alert found, digests."""
    found: Counter[str] = Counter()
    for message in post.sent:
        if message.kind == "alert":
            found.update(f"alert {number} of {slug}" for number, slug, *_ in message.payload["hits"])
        else:
            slugs = message.payload.get("slugs") or [message.payload["slug"]]
            found.update(f"{message.kind} of {slug}" for slug in slugs)
    return found


@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
async def test_an_evening_tells_everybody_once_wherever_the_program_dies(
    tmp_path: Path, first: Path, monkeypatch: pytest.MonkeyPatch, is_before: bool
) -> None:
    monkeypatch.setattr("bot.app.community.migrations.SqliteStore", DyingStore)
    number, is_over = 1 if is_before else 1 + STRIDE // 2, False
    while not is_over:
        folder = tmp_path / str(number)
        shutil.copytree(first, folder)
        place, post = Place(folder, Clock()), Post()
        DyingStore.left = -1
        await morning(place)
        DyingStore.left, DyingStore.is_before = number, is_before
        try:
            await evening(place, post)
            is_over = DyingStore.left > 0
        except Death:
            DyingStore.left = -1
            await evening(place, post)
        await place.service.close()
        wanted = ["episode of hope", "alert 1 of hope", "alert 2 of hope", "digest of hope"]
        assert told(post) == Counter(wanted), number
        number += STRIDE
    assert number > 3 * STRIDE


async def test_the_backup_of_the_morning_answers_as_the_morning_did(tmp_path: Path, first: Path) -> None:
    shutil.copytree(first, tmp_path / "day")
    place, post = Place(tmp_path / "day", Clock()), Post()
    await morning(place)
    archive = tmp_path / "morning.tar.gz"
    back_up(place.library, place.state, archive)
    of_morning = await place.service.find("tutors in schools")
    await evening(place, post)
    assert {episode.slug for episode in await place.service.episodes()} == {"fear", "hope"}
    await place.service.close()

    (tmp_path / "beside").mkdir()
    beside = Place(tmp_path / "beside", place.clock)
    with archive.open("rb") as opened:
        restore(opened, archive.name, beside.library, beside.state)
    await beside.index()
    restored = await beside.service.find("tutors in schools")
    assert [p.quote for p in restored.passages] == [p.quote for p in of_morning.passages]
    assert [p.reading for p in restored.passages] == [p.reading for p in of_morning.passages]
    async with beside.open() as (database, _):
        assert [follow.address for follow, _ in await database.follows.all()] == [FEED]
        assert [alert.kind for alert in await database.alerts.of(ADA)] == ["answer", "topic"]
        assert await database.digests.get(SERVER) is not None
        assert await database.outbox.due(100) == []
    await beside.service.close()
