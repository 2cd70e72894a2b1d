"""Followed sources grow the library: old episodes silently, new ones announced once, wherever the program dies."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from small_library import SmallLibrary
from waiting import LONG_S

from bot.app.community import CommunityDatabase, follows_in
from bot.app.community.follow_tables import Follow, Follower, FollowKnown, FollowUnknown
from bot.app.community.followed_episode_tables import _LISTED
from bot.app.community.outbox import OutMessage, put_message
from bot.app.community.polling_schedule import FIRST_PAUSE, LONGEST_PAUSE, pause_after
from bot.app.community.store import WITHIN_S, CommunityUnavailable, SqliteStore, Transaction
from bot.app.followed_recordings import FollowedRecordings, TranscribingFailed, transcribe_in_process
from bot.app.jobs import JobFailed, JobRunning
from bot.app.outbox_sender import (
    NONCE_HOLDS,
    GoalClosed,
    NotFindable,
    OutboxSender,
    SendPointless,
    SendRefused,
)
from bot.app.settings import Settings
from bot.app.source_poller import (
    LOCK_FILE,
    MOST_INDEX_TRIES,
    MOST_TEXTLESS_TRIES,
    YOUTUBE,
    FollowingBusy,
    Round,
    SourcePoller,
    published_slugs,
)
from bot.i18n.message_catalogue import MessageCatalogue
from index.errors import ParsingTookTooLong
from index.files import file_lock
from index.library.episodes import slugs
from index.library.ingest import ParsedFile, Sidecars, parse_bytes
from index.library.sources import Fetched, Known, Listed, Listing
from index.library.sources.errors import (
    NoText,
    PageBlocked,
    RecordingUnreadable,
    SiteUnreachable,
    SourceBlocked,
    SourceUnreachable,
    VideoIsLive,
    VideoNotFound,
)

FEED = "https://lantern.example/feed.xml"
CHANNEL = 77


class Clock:
    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at

    def on(self, **more: float) -> None:
        self.at += timedelta(**more)


def episode(number: int, **more: Any) -> Listed:
    known = {"key": f"g{number}", "title": f"Evening {number}", "source": "The Lantern Room"}
    return Listed(**{**known, "url": f"https://lantern.example/{number}", **more})


class Shelf:
    """Sources whose episodes a test puts there."""

    def __init__(self) -> None:
        self.episodes: list[Listed] = []
        self.errors: dict[str, Exception] = {}
        self.asked: list[Known] = []
        self.fetched: list[str] = []
        self.forgotten: list[str] = []
        self.happened: list[str] = []

    def listing(self, kind: str, address: str, known: Known) -> Listing:
        self.asked.append(known)
        self.happened.append("listing")
        if "listing" in self.errors:
            raise self.errors["listing"]
        etag = f'"{len(self.episodes)}"'
        if known.etag == etag:
            return Listing(None, (), etag, is_unchanged=True)
        return Listing("The Lantern Room", tuple(self.episodes), etag)

    def fetch(self, kind: str, address: str, item: Listed) -> Fetched:
        self.fetched.append(item.key)
        self.happened.append("text")
        if item.key in self.errors:
            raise self.errors[item.key]
        words = f"The lanterns of {item.title} stand on the river and the danger is grave"
        cues = [f"00:{n:02}:00.000 --> 00:{n:02}:50.000\n{words} {n} {item.key}." for n in range(4)]
        data = ("WEBVTT\n\n" + "\n\n".join(cues) + "\n").encode()
        return Fetched(None, f"{item.key}.vtt", data, "en", False, item.info)

    def forget(self, kind: str, address: str) -> None:
        self.forgotten.append(address)


async def parse_here(data: bytes, name: str, *, sidecars: Sidecars) -> ParsedFile:
    """Parse in this process: a second less for each of hundreds of episodes."""
    return parse_bytes(data, name, sidecars=sidecars)


class House:
    """A state folder with a library, a shelf of sources, and what follows them; its index is a list of slugs."""

    def __init__(self, folder: Path, clock: Clock, address: str | None = None) -> None:
        self.address = address
        self.library, self.state = folder / "library", folder / "state"
        self.library.mkdir(parents=True)
        self.shelf, self.clock = Shelf(), clock
        self.n_indexed = 0
        self.index_error: Exception | None = None

    async def index(self) -> None:
        if self.index_error is not None:
            raise self.index_error
        self.n_indexed += 1
        (self.state / "published.json").write_text(json.dumps(slugs(self.library)), "utf-8")

    async def published(self) -> frozenset[str]:
        try:
            return frozenset(json.loads((self.state / "published.json").read_text("utf-8")))
        except OSError:
            return frozenset()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[CommunityDatabase, SourcePoller]]:
        opened = await CommunityDatabase.open(self.state, address=self.address, now=self.clock)
        try:
            yield opened, self.follower(opened)
        finally:
            await opened._store.close()

    def follower(self, opened: CommunityDatabase) -> SourcePoller:
        return SourcePoller(
            opened.follows,
            opened.followed_episodes,
            self.shelf,
            self.library,
            self.state,
            index=self.index,
            slugs=self.published,
            parse=parse_here,
            pause_s=0.0,
            now=self.clock,
        )


@pytest.fixture
def house(tmp_path: Path, community_address: str | None) -> House:
    return House(tmp_path, Clock(), community_address)


@pytest_asyncio.fixture
async def opened(house: House) -> AsyncIterator[tuple[CommunityDatabase, SourcePoller]]:
    async with house.open() as made:
        yield made


async def messages(opened: CommunityDatabase) -> list[str]:
    return [message.about for message in await opened.outbox.due(1000)]


async def quiet(follower: SourcePoller) -> Round:
    """Work until there is nothing left to do at once."""
    whole = Round()
    while (done := await follower.round()).did_something:
        whole = Round(added=whole.added + done.added, indexed=whole.indexed + done.indexed)
    return whole


@pytest.mark.parametrize("hangs", ["listing", "text"])
async def test_a_source_that_hangs_keeps_no_other_waiting(
    house: House,
    opened: tuple[CommunityDatabase, SourcePoller],
    monkeypatch: pytest.MonkeyPatch,
    hangs: str,
) -> None:
    """As a folder does on a network's disk that is gone: no limit of ours ends a call of the system's."""
    database, follower = opened
    monkeypatch.setattr("bot.app.source_poller.SOURCE_WITHIN_S", 0.2)
    over = threading.Event()
    listing, fetch = house.shelf.listing, house.shelf.fetch

    def hanging(kind: str, address: str, known: Known) -> Listing:
        if hangs == "listing" and address != FEED:
            over.wait(LONG_S)
        return listing(kind, address, known)

    def hanging_fetch(kind: str, address: str, item: Listed) -> Fetched:
        if hangs == "text" and address != FEED:
            over.wait(LONG_S)
        return fetch(kind, address, item)

    monkeypatch.setattr(house.shelf, "listing", hanging)
    monkeypatch.setattr(house.shelf, "fetch", hanging_fetch)
    house.shelf.episodes = [episode(1)]
    try:
        await database.follows.add("folder", "/gone", channel=None)
        await database.follows.add("feed", FEED, channel=None)
        await quiet(follower)
    finally:
        over.set()
    assert await house.published() == {"evening-1"}


async def test_what_waits_for_a_time_that_a_wrong_clock_wrote_is_done_now(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    """A machine that begins in the year 2099 and is put right would else follow nothing, for good, in silence."""
    database, follower = opened
    right = house.clock.at
    house.clock.on(days=27_000)
    await database.follows.add("feed", FEED, channel=CHANNEL)
    await quiet(follower)
    house.shelf.episodes, house.shelf.errors = [episode(1), episode(2)], {"g1": SiteUnreachable(host="a")}
    house.clock.on(hours=2)
    await quiet(follower)
    await database.follows.open_breaker("b", PageBlocked(host="b", status=429, retry_s=None))
    house.clock.at, house.shelf.errors = right, {}
    assert await messages(database) == [f"episode:{CHANNEL}:evening-2"]
    assert await database.follows.breakers() == []
    house.shelf.episodes.insert(0, episode(3))
    await quiet(follower)
    assert await house.published() == {"evening-1", "evening-2", "evening-3"}


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**40])
async def test_a_number_that_no_source_can_have_is_unknown(
    opened: tuple[CommunityDatabase, SourcePoller], number: int
) -> None:
    with pytest.raises(FollowUnknown):
        await opened[0].follows.remove(number)


async def test_what_is_older_than_the_following_is_taken_in_silently_and_what_comes_is_announced(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    house.shelf.episodes = [episode(number) for number in range(7)]
    await database.follows.add("feed", FEED, channel=CHANNEL)
    await quiet(follower)
    assert len(await house.published()) == 7
    assert await messages(database) == []
    house.shelf.episodes.insert(0, episode(8))
    house.clock.on(hours=2)
    await quiet(follower)
    assert await messages(database) == [f"episode:{CHANNEL}:evening-8"]
    assert "evening-8" in await house.published()
    house.clock.on(hours=2)
    assert not (await follower.round()).did_something
    assert await messages(database) == [f"episode:{CHANNEL}:evening-8"]


@pytest.mark.parametrize("broken", ["listing", "g1"])
async def test_an_error_that_nobody_foresaw_in_a_source_does_not_keep_others_from_being_taken_in(
    house: House, opened: tuple[CommunityDatabase, SourcePoller], broken: str
) -> None:
    database, follower = opened
    house.shelf.episodes = [episode(1), episode(2)]
    house.shelf.errors[broken] = UnicodeError("label too long")
    first = await database.follows.add("feed", FEED)
    await quiet(follower)
    assert bool(await house.published()) == (broken != "listing")
    house.shelf.errors.clear()
    await database.follows.add("feed", "https://other.example/feed.xml")
    await quiet(follower)
    assert "evening-2" in await house.published()
    listed = {entry.id: entry for entry, _ in await database.follows.all()}
    assert (listed[first.id].problem is None) == (broken != "listing")


async def test_a_source_that_shows_old_episodes_late_floods_nobody(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    await database.follows.add("feed", FEED, channel=CHANNEL)
    await quiet(follower)
    years_ago = [episode(number, published=date(2020, 1, 1)) for number in range(30)]
    house.shelf.episodes = [*years_ago, episode(99, published=house.clock().date())]
    house.clock.on(hours=2)
    await quiet(follower)
    assert len(await house.published()) == 31
    assert await messages(database) == [f"episode:{CHANNEL}:evening-99"]


async def test_one_episode_under_new_keys_is_announced_once(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    """A feed that moves house gives all its episodes new keys."""
    database, follower = opened
    await database.follows.add("feed", FEED, channel=CHANNEL)
    await quiet(follower)
    house.shelf.episodes = [episode(1)]
    house.clock.on(hours=2)
    await quiet(follower)
    house.shelf.episodes = [replace(episode(1), key="moved"), episode(2)]
    house.clock.on(hours=2)
    await quiet(follower)
    assert await messages(database) == [f"episode:{CHANNEL}:evening-{number}" for number in (1, 2)]


async def test_what_to_ask_with_is_remembered_with_what_was_listed(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    house.shelf.episodes = [episode(1)]
    follow = await database.follows.add("feed", FEED)
    await quiet(follower)
    house.clock.on(hours=2)
    await quiet(follower)
    assert [known.etag for known in house.shelf.asked] == [None, '"1"']
    [(seen, counts)] = await database.follows.all()
    assert (seen.title, counts.done, counts.waiting) == ("The Lantern Room", 1, 0)
    assert seen.next_look_at > house.clock()
    assert await database.followed_episodes.seen_keys(follow.id) == {"g1"}


class Counted:
    """Counts the statements of each transaction: to a server each takes the network's time there and back."""

    def __init__(self, database: CommunityDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
        self.n_statements: list[int] = []
        self._transaction = database._store.transaction
        monkeypatch.setattr(database._store, "transaction", self._counted)

    @asynccontextmanager
    async def _counted(self, *, within_s: float = WITHIN_S) -> AsyncIterator[Transaction]:
        self.n_statements.append(0)
        async with self._transaction(within_s=within_s) as self._connection:
            yield self  # type: ignore[misc]

    def __getattr__(self, name: str) -> Any:
        self.n_statements[-1] += 1
        return getattr(self._connection, name)


async def test_a_long_list_takes_few_statements(
    house: House, opened: tuple[CommunityDatabase, SourcePoller], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, _ = opened
    follow = await database.follows.add("feed", FEED, channel=CHANNEL)
    assert await database.follows.looked(follow, Listing("The Lantern Room", (episode(0),))) == 0
    counted = Counted(database, monkeypatch)
    listed = tuple(episode(number) for number in range(2_000))
    dated = replace(episode(9_999), published=date(2020, 1, 1))
    assert await database.follows.looked(follow, Listing("", (*listed, listed[7], dated))) == 1_999
    assert len(await database.followed_episodes.seen_keys(follow.id)) == 2_001
    assert await database.news.enter(f"evening-{number}" for number in range(2_000)) == 0
    assert await database.news.enter([f"morning-{number}" for number in range(4_000)]) == 4_000
    assert max(counted.n_statements) < 10
    await database._store.write("UPDATE followed_episode SET state = 'added', is_new = 1, slug = key")
    counted.n_statements.clear()
    n_announced = await database.followed_episodes.indexed(await database.followed_episodes.not_indexed())
    assert n_announced == 1_999
    assert max(counted.n_statements) <= 400


async def test_a_list_that_cannot_be_written_keeps_no_other_source_from_being_looked_at(
    house: House, opened: tuple[CommunityDatabase, SourcePoller], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, follower = opened
    real = database.follows.looked

    async def looked(follow: Follow, listing: Listing, **more: Any) -> int:
        if follow.address == FEED:
            raise CommunityUnavailable(problem="not answering")
        return await real(follow, listing, **more)

    monkeypatch.setattr(database.follows, "looked", looked)
    house.shelf.episodes = [episode(1)]
    for address in (FEED, "https://other.example/feed.xml"):
        await database.follows.add("feed", address)
    await quiet(follower)
    assert await house.published() == {"evening-1"}
    failed = next(follow for follow, _ in await database.follows.all() if follow.address == FEED)
    assert failed.problem is not None
    assert failed.problem.fields == {"problem": "not answering"}
    assert failed.next_look_at - house.clock() > timedelta(minutes=10)


class Death(BaseException):
    """The program ends here."""


class DyingStore(SqliteStore):
    """Ends the program at the n-th transaction: before it is written, or right after."""

    left = -1
    is_before = False

    @asynccontextmanager
    async def transaction(self, *, within_s: float = WITHIN_S) -> AsyncIterator[Transaction]:
        cls = type(self)
        cls.left -= 1
        async with super().transaction(within_s=within_s) as connection:
            yield connection
            if cls.left == 0 and cls.is_before:
                raise Death
        if cls.left == 0 and not cls.is_before:
            raise Death


class Channel:
    """A channel that keeps what is sent; it may end the program before or after it has taken a message."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.dies: list[str] = []
        self.can_be_read = True

    async def find(self, message: OutMessage) -> int | None:
        if not self.can_be_read:
            raise NotFindable("no permission")
        return next((n for n, (about, _) in enumerate(self.sent, 1) if about == message.about), None)

    async def send(self, message: OutMessage) -> int:
        if self.dies and self.dies.pop() == "before":
            raise Death
        known = [n for n, (_, nonce) in enumerate(self.sent, 1) if nonce == message.nonce]
        if not known:
            self.sent.append((message.about, message.nonce))
        if self.dies and self.dies.pop() == "after":
            raise Death
        return known[0] if known else len(self.sent)


async def _evening(house: House, channel: Channel) -> None:
    """Follow, fetch, index and announce, as a program would from its start; may end anywhere."""
    async with house.open() as (database, follower):
        if not await database.follows.all():
            await database.follows.add("feed", FEED, channel=CHANNEL)
        await quiet(follower)
        if not any(item.key == "g3" for item in house.shelf.episodes):
            house.shelf.episodes = [episode(3), episode(2), *house.shelf.episodes]
        house.clock.on(hours=2)
        await quiet(follower)
        sender = OutboxSender(database.outbox, channel, pace_s=0.0, now=house.clock)
        while await sender.round():
            pass


@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
async def test_a_death_at_any_transaction_neither_loses_nor_doubles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_before: bool
) -> None:
    """Every transaction of an evening is once the last thing that the program did."""
    monkeypatch.setattr("bot.app.community.migrations.SqliteStore", DyingStore)
    number, is_over = 0, False
    while not is_over:
        number += 1
        house, channel = House(tmp_path / str(number), Clock()), Channel()
        house.shelf.episodes = [episode(1)]
        DyingStore.left, DyingStore.is_before = number, is_before
        try:
            await _evening(house, channel)
            is_over = DyingStore.left > 0
        except Death:
            DyingStore.left = -1
            await _evening(house, channel)
        assert sorted(about for about, _ in channel.sent) == [
            f"episode:{CHANNEL}:evening-{n}" for n in (2, 3)
        ], number
        assert await house.published() == {"evening-1", "evening-2", "evening-3"}
    assert number > 15


@pytest.mark.parametrize("dies", ["before", "after"])
async def test_a_death_while_a_message_is_on_its_way_neither_loses_nor_doubles(
    house: House, dies: str
) -> None:
    channel = Channel()
    house.shelf.episodes = [episode(1)]
    channel.dies = [dies, ""] if dies == "after" else [dies]
    with pytest.raises(Death):
        await _evening(house, channel)
    await _evening(house, channel)
    assert sorted(about for about, _ in channel.sent) == [f"episode:{CHANNEL}:evening-{n}" for n in (2, 3)]


async def _waiting(database: CommunityDatabase, follower: SourcePoller, house: House) -> None:
    await database.follows.add("feed", FEED, channel=CHANNEL)
    await quiet(follower)
    house.shelf.episodes = [episode(1)]
    house.clock.on(hours=2)
    await quiet(follower)


async def test_a_message_that_may_be_there_and_cannot_be_looked_for_is_never_sent_twice(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    await _waiting(database, follower, house)
    channel = Channel()
    channel.can_be_read = False
    [message] = await database.outbox.due()
    await database.outbox.begin(message)
    house.clock.on(seconds=NONCE_HOLDS.total_seconds() + 1)
    assert await OutboxSender(database.outbox, channel, now=house.clock).round() == 0
    assert channel.sent == []
    [(told, problem)] = await database.outbox.troubles()
    assert (told.state, problem) == ("unsure", "no permission")


async def test_while_discord_itself_refuses_doubles_it_is_sent_again(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    await _waiting(database, follower, house)
    channel = Channel()
    channel.can_be_read = False
    [message] = await database.outbox.due()
    await database.outbox.begin(message)
    channel.sent.append((message.about, message.nonce))
    await OutboxSender(database.outbox, channel, now=house.clock).round()
    assert len(channel.sent) == 1
    assert await database.outbox.due() == []


async def test_a_refused_message_waits_longer_each_time_and_is_given_up_after_a_week(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    await _waiting(database, follower, house)

    class Closed(Channel):
        n_tries = 0

        async def send(self, message: OutMessage) -> int:
            self.n_tries += 1
            raise SendRefused("missing access")

    closed = Closed()
    sender = OutboxSender(database.outbox, closed, now=house.clock)
    for _ in range(24 * 8 * 2):
        await sender.round()
        house.clock.on(minutes=30)
    assert 20 < closed.n_tries < 60
    [(message, problem)] = await database.outbox.troubles()
    assert (message.state, problem) == ("refused", "missing access")


async def _put(database: CommunityDatabase, abouts: Sequence[str]) -> None:
    async with database._store.transaction() as connection:
        for about in abouts:
            await put_message(
                connection, "episode", about, to="person", to_id=7, payload={}, now=database._now()
            )


async def _to_be_looked_for(house: House, database: CommunityDatabase, abouts: Sequence[str]) -> None:
    """Put messages into the outbox that an earlier program may have sent."""
    await _put(database, abouts)
    house.clock.on(seconds=1)


@pytest.mark.parametrize(
    "error", [SendRefused("HTTP 403, 50278"), KeyError("slug"), OSError("reset"), NotFindable("HTTP 403")]
)
async def test_a_message_that_cannot_be_looked_for_keeps_no_other_from_being_sent(
    house: House, opened: tuple[CommunityDatabase, SourcePoller], error: Exception
) -> None:
    database, _ = opened

    class OneIsLost(Channel):
        n_finds = 0

        async def find(self, message: OutMessage) -> int | None:
            if message.about != "lost":
                return None
            self.n_finds += 1
            raise error

        async def send(self, message: OutMessage) -> int:
            if message.about == "lost":
                raise SendRefused("HTTP 403, 50278")
            return await super().send(message)

    channel = OneIsLost()
    await _to_be_looked_for(house, database, ["lost", "other"])
    sender = OutboxSender(database.outbox, channel, pace_s=0.0, now=house.clock)
    assert await sender.round() == 1
    assert [about for about, _ in channel.sent] == ["other"]
    [(told, problem)] = await database.outbox.troubles()
    assert (told.about, told.state, bool(problem)) == ("lost", "waiting", True)
    for _ in range(24 * 8 * 2):
        await sender.round()
        house.clock.on(minutes=30)
    assert 20 < channel.n_finds < 60, "it waits longer each time"
    assert await database.outbox.due() == [], "and is given up after a week"


@pytest.mark.parametrize("step", ["sent", "unclear", "closed"])
async def test_an_error_while_one_message_is_entered_keeps_no_other_from_being_sent(
    house: House,
    opened: tuple[CommunityDatabase, SourcePoller],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    database, _ = opened

    class OneFails(Channel):
        async def send(self, message: OutMessage) -> int:
            if message.about == "lost" and step != "sent":
                raise GoalClosed("HTTP 404", is_gone=True) if step == "closed" else OSError("reset")
            return await super().send(message)

    async def fails(message: OutMessage, *_: object) -> None:
        if message.about == "lost":
            raise ValueError("nobody foresaw this")
        await entered(message, *_)

    if step != "closed":
        entered = getattr(database.outbox, step)
        monkeypatch.setattr(database.outbox, step, fails)
    await _put(database, ["lost", "other"])
    channel = OneFails()
    sender = OutboxSender(database.outbox, channel, pace_s=0.0, now=house.clock, closed=fails)
    assert await sender.round() == 1
    assert [about for about, _ in channel.sent][-1] == "other"


async def test_a_database_that_is_gone_ends_the_round(
    house: House, opened: tuple[CommunityDatabase, SourcePoller], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, _ = opened
    await _put(database, ["first", "second"])

    async def gone(*_: object) -> bool:
        raise CommunityUnavailable(problem="disk full")

    monkeypatch.setattr(database.outbox, "begin", gone)
    channel = Channel()
    with pytest.raises(CommunityUnavailable):
        await OutboxSender(database.outbox, channel, pace_s=0.0, now=house.clock).round()
    assert channel.sent == []


async def test_a_refusal_tells_nothing_of_an_earlier_try_that_cannot_be_looked_for(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    """Somebody got the message, and has blocked the bot since: it is not sent once more when that ends."""
    database, _ = opened
    await _put(database, ["one"])

    class Blocked(Channel):
        is_blocked = True

        async def find(self, message: OutMessage) -> int | None:
            raise NotFindable("HTTP 403")

        async def send(self, message: OutMessage) -> int:
            if self.is_blocked:
                raise SendRefused("HTTP 403")
            return await super().send(message)

    [message] = await database.outbox.due()
    await database.outbox.begin(message)  # the program was killed here; nobody knows whether it was sent
    channel = Blocked()
    sender = OutboxSender(database.outbox, channel, pace_s=0.0, now=house.clock)
    await sender.round()
    channel.is_blocked = False
    house.clock.on(hours=1)
    await sender.round()
    assert channel.sent == []
    [(told, _)] = await database.outbox.troubles()
    assert told.state == "unsure"


async def test_what_has_nothing_to_tell_any_more_is_dropped(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    await _waiting(database, follower, house)

    class Gone(Channel):
        async def send(self, message: OutMessage) -> int:
            raise SendPointless("removed")

    await OutboxSender(database.outbox, Gone(), now=house.clock).round()
    assert await database.outbox.due() == []
    assert await database.outbox.troubles() == [], "nothing is wrong with it"


@pytest.mark.parametrize(
    "error", [SourceUnreachable(video_id="x"), PageBlocked(host="lantern.example", status=429, retry_s=None)]
)
async def test_a_source_that_fails_is_left_alone_for_longer_each_time(
    house: House, opened: tuple[CommunityDatabase, SourcePoller], error: Exception
) -> None:
    database, follower = opened
    await database.follows.add("feed", FEED)
    house.shelf.errors["listing"] = error
    pauses = []
    for _ in range(12):
        await follower.round()
        [(follow, _)] = await database.follows.all()
        pauses.append((follow.next_look_at - house.clock()).total_seconds())
        assert (await follower.round()).failed == 0, "nobody is asked meanwhile"
        house.clock.at = follow.next_look_at + timedelta(hours=30)
    assert follow.problem is not None
    assert follow.problem.code == error.code  # type: ignore[attr-defined]
    assert pauses[3] > 3 * pauses[0]
    assert max(pauses) <= 1.2 * LONGEST_PAUSE.total_seconds()
    del house.shelf.errors["listing"]
    assert (await follower.round()).looked == 1
    [(follow, _)] = await database.follows.all()
    assert (follow.n_failures, follow.problem) == (0, None)
    assert await database.follows.breakers() == []


def test_a_pause_is_at_least_as_long_as_the_server_asks_for() -> None:
    assert pause_after(1, 7200.0) >= timedelta(seconds=7200)
    assert pause_after(1, 1e9) <= LONGEST_PAUSE * 1.2
    assert FIRST_PAUSE * 0.8 <= pause_after(1) <= FIRST_PAUSE * 1.2
    assert pause_after(10_000) <= LONGEST_PAUSE * 1.2


async def test_a_block_of_one_video_leaves_all_videos_alone_and_outlives_the_program(house: House) -> None:
    house.shelf.episodes = [
        episode(number, video_id=f"video00000{number}", url=None) for number in range(1, 5)
    ]
    house.shelf.errors["g1"] = SourceBlocked(video_id="video000001")
    async with house.open() as (database, follower):
        await database.follows.add("youtube", "https://www.youtube.com/@lantern")
        await follower.round()
        assert house.shelf.fetched == ["g1"]
        assert await database.follows.breaker(YOUTUBE) is not None
    async with house.open() as (database, follower):
        await follower.round()
        assert house.shelf.fetched == ["g1"]
        [breaker] = await database.follows.breakers()
        assert (breaker.place, breaker.problem.code) == (YOUTUBE, "source_blocked")
        del house.shelf.errors["g1"]
        house.clock.at = breaker.until + timedelta(minutes=40)
        await quiet(follower)
        assert len(await house.published()) == 4


@pytest.mark.parametrize("is_text", [False, True], ids=["listing", "text"])
async def test_what_waits_for_a_place_that_is_left_alone_is_due_when_that_ends(
    house: House, opened: tuple[CommunityDatabase, SourcePoller], is_text: bool
) -> None:
    """It was due at once, again and again, and each round began the next without a pause."""
    database, follower = opened
    blocked = PageBlocked(host="lantern.example", status=429, retry_s=7200.0)
    house.shelf.episodes = [episode(1), episode(2)]
    house.shelf.errors["g1" if is_text else "listing"] = blocked
    await database.follows.add("feed", FEED)
    await database.follows.add("feed", f"{FEED}?2")
    for _ in range(3):
        await follower.round()
    [breaker] = await database.follows.breakers()
    due_at = await database.follows.next_due_at()
    assert due_at is not None
    assert due_at - house.clock() > timedelta(minutes=40)
    assert len(house.shelf.asked) == (2 if is_text else 1)
    assert house.shelf.fetched == (["g1"] if is_text else [])
    house.shelf.errors.clear()
    house.clock.at = breaker.until + timedelta(hours=4)
    await quiet(follower)
    assert await house.published() == {"evening-1", "evening-2"}


async def test_a_file_whose_name_is_no_text_keeps_no_other_from_being_taken_in(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    """A folder may have files with names in another encoding: such a name could be stored nowhere."""
    database, follower = opened
    name = b"caf\xe9.srt".decode("utf-8", "surrogateescape")
    house.shelf.episodes = [Listed(key=name, title=name, file=name), episode(1)]
    await database.follows.add("feed", FEED)
    await quiet(follower)
    assert await house.published() == {"evening-1"}
    [(follow, counts)] = await database.follows.all()
    assert (follow.standing, counts.done) == ("read", 1)


async def test_a_list_that_nobody_foresaw_keeps_no_other_source_from_being_looked_at(
    house: House, opened: tuple[CommunityDatabase, SourcePoller], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, follower = opened
    bad, _ = [await database.follows.add("feed", f"{FEED}?{number}") for number in (1, 2)]
    usual = database.follows.looked

    async def looked(follow: Follow, listing: Listing, **more: Any) -> int:
        if follow.id == bad.id:
            raise RuntimeError("nobody foresaw it")
        return await usual(follow, listing, **more)

    monkeypatch.setattr(database.follows, "looked", looked)
    house.shelf.episodes = [episode(1)]
    done = await follower.round()
    assert (done.looked, done.failed) == (1, 1)
    assert (await database.follows.get(bad.id)).standing == "never_read"


async def test_captions_that_come_late_are_waited_for_and_texts_that_never_come_are_given_up(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    follow = await database.follows.add("feed", FEED, channel=CHANNEL)
    house.shelf.episodes = [episode(0)]
    house.shelf.errors["g0"] = NoText(title="Evening 0", tried=[])
    await quiet(follower)
    assert house.shelf.fetched == ["g0"], "an old one without a text is not asked for again"
    house.shelf.episodes += [episode(1), episode(2), episode(3)]
    for key in ("g1", "g2"):
        house.shelf.errors[key] = NoText(title="x", tried=["no_captions"])
    house.shelf.errors["g3"] = VideoIsLive(video_id="x")
    house.clock.on(hours=2)
    await quiet(follower)
    del house.shelf.errors["g1"]
    for _ in range(MOST_TEXTLESS_TRIES + 1):
        house.clock.on(hours=13)
        await quiet(follower)
    assert await messages(database) == [f"episode:{CHANNEL}:evening-1"]
    assert house.shelf.fetched.count("g2") == MOST_TEXTLESS_TRIES
    assert [(item.key, error.code) for item, error in await database.followed_episodes.problems(follow.id)] == [
        ("g2", "no_text"), ("g0", "no_text"),
    ]  # fmt: skip
    [(_, counts)] = await database.follows.all()
    assert (counts.done, counts.no_text, counts.waiting) == (1, 2, 1)


async def test_between_two_requests_to_the_web_is_a_pause_also_from_round_to_round(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    happened = house.shelf.happened

    async def pause(seconds: float) -> None:
        assert 4.0 < seconds <= 10.0
        happened.append("pause")

    follower._sleep, follower._pause_s = pause, 5.0
    house.shelf.episodes = [episode(number) for number in range(7)]
    for address in (FEED, f"{FEED}?2", "https://other.example/feed.xml"):
        await database.follows.add("feed", address)
    await quiet(follower)
    # Two of one place are listed with a pause between, and the third's is another.
    assert happened[:4] == ["listing", "pause", "listing", "listing"]
    texts = happened[4:]
    assert texts.count("text") == 21
    assert texts[::2] == ["pause"] * 21


async def test_files_of_this_machine_are_read_without_a_pause(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened

    async def pause(seconds: float) -> None:
        raise AssertionError("nobody is asked")

    follower._sleep, follower._pause_s = pause, 5.0
    house.shelf.episodes = [episode(number, file=f"{number}.vtt") for number in range(7)]
    for folder in ("/one", "/two"):
        await database.follows.add("folder", folder)
    await quiet(follower)
    assert len(await house.published()) == 7


async def test_a_text_that_a_busy_machine_could_not_parse_in_time_is_tried_again(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    await database.follows.add("feed", FEED)
    house.shelf.episodes = [episode(1)]
    house.shelf.errors["g1"] = ParsingTookTooLong(file="1.vtt", line=None, limit_s=30.0)
    await quiet(follower)
    del house.shelf.errors["g1"]
    house.clock.on(hours=1)
    await quiet(follower)
    assert "evening-1" in await house.published()


async def test_a_video_that_is_gone_is_given_up_at_once(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    await database.follows.add("feed", FEED)
    house.shelf.episodes = [episode(1)]
    house.shelf.errors["g1"] = VideoNotFound(video_id="x")
    await quiet(follower)
    house.clock.on(days=9)
    await quiet(follower)
    assert house.shelf.fetched == ["g1"]


async def test_while_somebody_else_indexes_new_episodes_wait(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    house.index_error = JobRunning(kind="reindex", minutes=1)
    await _waiting(database, follower, house)
    assert await messages(database) == []
    house.index_error = None
    await quiet(follower)
    assert await messages(database) == [f"episode:{CHANNEL}:evening-1"]


async def test_a_build_that_fails_is_tried_again_more_and_more_seldom(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    """Each is a process of its own, and a row in the log of jobs."""
    database, follower = opened
    n_begun = 0

    async def fails() -> None:
        nonlocal n_begun
        n_begun += 1
        raise JobFailed(kind="reindex", status=1)

    follower._index = fails
    await _waiting(database, follower, house)
    for _ in range(12 * 24):
        await follower.round()
        house.clock.on(minutes=5)
    assert 5 <= n_begun <= 9
    follower._index = house.index
    house.clock.on(days=2)
    await follower.round()
    assert await messages(database) == [f"episode:{CHANNEL}:evening-1"]


async def test_an_episode_that_no_index_takes_is_given_up(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened

    async def without() -> None:
        house.n_indexed += 1

    follower._index = without
    await _waiting(database, follower, house)
    for _ in range(10):
        await follower.round()
    assert house.n_indexed == MOST_INDEX_TRIES
    [(_, counts)] = await database.follows.all()
    assert counts.failed == 1


async def test_old_episodes_are_indexed_together_and_new_ones_do_not_wait(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    house.shelf.episodes = [episode(number) for number in range(40)]
    await database.follows.add("feed", FEED, channel=CHANNEL)
    await follower.round()
    assert house.n_indexed == 0
    house.shelf.episodes.insert(0, episode(90))
    house.clock.on(hours=2)
    await follower.round()
    assert house.n_indexed == 1
    assert await messages(database) == [f"episode:{CHANNEL}:evening-90"]
    await quiet(follower)
    assert house.n_indexed < 6
    assert len(await house.published()) == 41


async def test_a_source_is_followed_once_and_may_be_followed_no_longer(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    follow = await database.follows.add("feed", FEED)
    with pytest.raises(FollowKnown) as known:
        await database.follows.add("feed", FEED.replace("https", "HTTPS"))
    assert known.value.fields == {"number": follow.id}
    house.shelf.episodes = [episode(1)]
    await quiet(follower)
    assert (await database.follows.remove(follow.id)).address == FEED
    assert await database.follows.all() == []
    assert not (await follower.round()).did_something
    assert "evening-1" in await house.published()
    with pytest.raises(FollowUnknown):
        await database.follows.remove(follow.id)
    again = await database.follows.add("feed", FEED)
    assert again.id != follow.id


async def test_a_source_that_two_servers_follow_is_taken_in_once_and_announced_in_both(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    follows = database.follows
    house.shelf.episodes = [episode(1), episode(2)]
    follow, joined = await follows.join("feed", FEED, server=1, channel=11)
    assert joined == "begun"
    await quiet(follower)
    same, joined = await follows.join("feed", FEED.replace("https", "HTTPS"), server=2, channel=22)
    assert (same.id, joined) == (follow.id, "joined")
    assert (await follows.join("feed", FEED))[0].followers == (
        Follower(None, None), Follower(1, 11), Follower(2, 22),
    )  # fmt: skip
    for server, channel in ((1, 11), (1, None), (None, None)):
        with pytest.raises(FollowKnown):
            await follows.join("feed", FEED, server=server, channel=channel)
    assert (await follows.join("feed", FEED, server=2, channel=33))[1] == "moved"
    house.shelf.episodes.insert(0, episode(3))
    house.clock.on(hours=4)
    await quiet(follower)
    assert await messages(database) == [f"episode:{channel}:evening-3" for channel in (11, 33)]
    assert (await follows.join("feed", FEED, channel=11))[1] == "moved"
    with pytest.raises(FollowUnknown):
        await follows.leave(follow.id, 7)
    for server in (1, None):
        assert (await follows.leave(follow.id, server))[1] is False
    house.shelf.episodes.insert(0, episode(4))
    house.clock.on(hours=4)
    await quiet(follower)
    assert (await messages(database))[2:] == ["episode:33:evening-4"]
    await follows.close_channel(33)
    house.shelf.episodes.insert(0, episode(5))
    house.clock.on(hours=4)
    await quiet(follower)
    assert len(await messages(database)) == 3
    assert sorted(house.shelf.fetched) == [f"g{number}" for number in range(1, 6)], "nothing is fetched anew"
    assert (await follows.leave(follow.id, 2))[1] is True
    assert await follows.all() == []


async def test_servers_that_end_a_following_at_once_leave_none_behind(
    opened: tuple[CommunityDatabase, SourcePoller],
) -> None:
    follows = opened[0].follows
    for server in range(1, 5):
        follow, _ = await follows.join("feed", FEED, server=server)
    left = await asyncio.gather(*(follows.leave(follow.id, server) for server in range(1, 5)))
    assert sum(is_gone for _, is_gone in left) == 1
    assert await follows.all() == []


async def test_two_programs_do_not_work_on_the_same_sources(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    _, follower = opened
    with file_lock(house.state / LOCK_FILE, FollowingBusy()), pytest.raises(FollowingBusy):
        await follower.round()
    await follower.round()


async def test_the_terminal_follows_beside_a_running_bot(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    _, follower = opened
    async with follows_in(house.state, house.address) as (beside, _):
        await beside.add("feed", FEED, channel=CHANNEL)
    house.clock.on(hours=1)
    house.shelf.episodes = [episode(1)]
    await quiet(follower)
    assert len(await house.published()) == 1


async def test_what_is_published_is_read_from_the_edition(tmp_path: Path) -> None:
    assert await published_slugs(tmp_path) == frozenset()
    library = SmallLibrary.of_two(tmp_path)
    await library.build()
    assert await published_slugs(library.state) == {"the-dam", "the-school"}


async def test_it_works_until_it_is_stopped_whatever_goes_wrong(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    real, calls = database.followed_episodes.seen_keys, []

    async def broken(follow: int) -> frozenset[str]:
        calls.append(follow)
        if len(calls) == 1:
            raise RuntimeError("a fault of this program, not of a source")
        return await real(follow)

    database.followed_episodes.seen_keys = broken  # type: ignore[method-assign]
    house.shelf.episodes = [episode(1)]
    await database.follows.add("feed", FEED)
    working = asyncio.create_task(follower.run())
    try:
        while not await house.published():
            follower._woken.set()
            await asyncio.sleep(0.02)
    finally:
        working.cancel()
    assert len(calls) >= 2


def test_everything_that_is_kept_of_a_listed_episode_comes_back() -> None:
    whole = episode(1, published=date(2026, 1, 2), hosts=("A",), duration_s=3.5)
    assert _LISTED.validate_json(_LISTED.dump_json(whole)) == whole
    assert json.loads(_LISTED.dump_json(whole))["published"] == "2026-01-02"


RECORDING = "https://lantern.example/audio/{number}.mp3"


def spoken(words: str) -> bytes:
    """Return what ``counterpoint transcribe`` writes."""
    segments = [
        {"start": 60.0 * n, "end": 60.0 * n + 50, "text": f"{words} {n}.", "words": []} for n in range(4)
    ]
    return json.dumps({"language": "en", "segments": segments}).encode()


SAID = {
    "0": "The lanterns of the first evening stand on the river and the danger is grave",
    "1": "Nobody who rowed across last night had seen a light, so we are worried about the second",
}
"""Other words in each: the same would be the same episode."""


class Speech:
    """Turns recordings into text, or fails as planned."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.errors: list[Exception] = []

    async def transcribe(self, link: str, goal: Path) -> None:
        self.heard.append(link)
        if self.errors:
            raise self.errors.pop(0)
        await asyncio.to_thread(goal.write_bytes, spoken(SAID[link[-5:-4]]))


def recordings_of(
    house: House, opened: CommunityDatabase, *, only_new: bool
) -> tuple[FollowedRecordings, Speech]:
    speech = Speech()
    made = FollowedRecordings(
        opened.followed_episodes,
        house.state,
        only_new=only_new,
        transcribe=speech.transcribe,
        now=house.clock,
    )
    return made, speech


async def textless(house: House, database: CommunityDatabase, follower: SourcePoller) -> None:
    """Follow a feed with an old episode and a new one; nobody publishes a text of either."""
    for number in range(2):
        house.shelf.errors[f"g{number}"] = NoText(title=f"Evening {number}", tried=[])
    house.shelf.episodes = [episode(0, enclosure=RECORDING.format(number=0))]
    await database.follows.add("feed", FEED, channel=CHANNEL)
    await quiet(follower)
    house.shelf.episodes.insert(0, episode(1, enclosure=RECORDING.format(number=1)))
    house.clock.on(hours=2)
    await quiet(follower)


async def test_a_new_recording_without_a_text_becomes_one_and_is_announced_once(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    await textless(house, database, follower)
    recordings, speech = recordings_of(house, database, only_new=True)
    assert await recordings.round()
    assert not await recordings.round(), "what the source had before is left alone"
    await quiet(follower)
    assert speech.heard == [RECORDING.format(number=1)]
    assert await messages(database) == [f"episode:{CHANNEL}:evening-1"]
    about = json.loads((house.library / "evening-1" / "episode.json").read_text("utf-8"))
    assert about["source"] == "The Lantern Room"
    assert list((house.state / "transcribing" / "texts").iterdir()) == []
    house.clock.on(hours=13)
    await quiet(follower)
    assert not await recordings.round()
    assert await messages(database) == [f"episode:{CHANNEL}:evening-1"]


async def test_old_recordings_are_turned_into_text_only_where_that_is_wanted_and_silently(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    await textless(house, database, follower)
    recordings, speech = recordings_of(house, database, only_new=False)
    while await recordings.round():
        await quiet(follower)
    assert speech.heard == [RECORDING.format(number=1), RECORDING.format(number=0)]
    assert await house.published() == {"evening-0", "evening-1"}
    assert await messages(database) == [f"episode:{CHANNEL}:evening-1"]


async def test_a_service_that_fails_is_asked_again_later_and_a_broken_recording_is_not(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    await textless(house, database, follower)
    recordings, speech = recordings_of(house, database, only_new=True)
    speech.errors = [
        TranscribingFailed(kind="transcribe", status=-9),
        RecordingUnreadable(file="1.mp3", problem="no_sound"),
    ]
    assert await recordings.round()
    assert recordings.problem is not None
    assert not await recordings.round(), "it rests"
    house.clock.on(days=1)
    assert await recordings.round()
    assert not await recordings.round()
    assert len(speech.heard) == 2
    await quiet(follower)
    assert await house.published() == frozenset()


async def test_a_text_that_is_published_meanwhile_is_not_made_twice(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    await textless(house, database, follower)
    recordings, speech = recordings_of(house, database, only_new=True)
    usual = speech.transcribe

    async def meanwhile(link: str, goal: Path) -> None:
        del house.shelf.errors["g1"]
        await database.follows.look_now()
        await quiet(follower)
        await usual(link, goal)

    recordings._transcribe = meanwhile
    assert await recordings.round()
    await quiet(follower)
    assert await messages(database) == [f"episode:{CHANNEL}:evening-1"]
    assert not await recordings.round()


@pytest.mark.parametrize(("python", "told"), [("/no/such/program", "be started"), ("/bin/false", "status 1")])
async def test_a_process_that_makes_no_text_is_not_called_a_reindex(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: str, told: str
) -> None:
    monkeypatch.setattr("sys.executable", python)
    with pytest.raises(TranscribingFailed) as failure:
        await transcribe_in_process(Settings(library=tmp_path), "https://lantern.example/1", tmp_path / "t")
    sentence = MessageCatalogue.load().error(failure.value)
    assert told in sentence
    assert "reindex" not in sentence


async def test_a_recording_in_which_nobody_speaks_is_given_up(
    house: House, opened: tuple[CommunityDatabase, SourcePoller]
) -> None:
    database, follower = opened
    await textless(house, database, follower)
    recordings, speech = recordings_of(house, database, only_new=True)

    async def silence(link: str, goal: Path) -> None:
        speech.heard.append(link)
        await asyncio.to_thread(goal.write_bytes, b'{"language": "en", "segments": []}')

    recordings._transcribe = silence
    assert await recordings.round()
    await quiet(follower)
    house.clock.on(days=2)
    await quiet(follower)
    assert not await recordings.round()
    assert len(speech.heard) == 1
