"""Who waits for something is told once, not often, and only of what they wait for; all of it is forgotten at a word."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from small_library import SmallLibrary, likeness_gate, make_opener

from bot.app.community import DATABASE_FILE, CommunityDatabase
from bot.app.community.alert_tables import (
    A_WEEK,
    GATHERED_FOR,
    MOST_ALERTS,
    MOST_HITS,
    MOST_IN_A_WEEK,
    Alert,
    AlertGone,
    AlertKnown,
    AlertTables,
    Hit,
    TooManyAlerts,
)
from bot.app.community.outbox import put_message
from bot.app.edition_answers import EpisodeCruxes
from bot.app.notifications import LONGEST_PASSAGE, MOST_TRIES, Notifications, answer_to
from bot.app.personal_data import Kept, forget, kept_of
from bot.app.service import LocalLibraryService
from bot.app.votes import Shown, VotedPassage
from bot.app.workers.stopped_questions import QuestionCrashed, QuestionStopped
from index.search.answers import Found

from .conftest import Clock

ADA, BEN = 2**60, 7
CHANNEL = 2**59


@pytest_asyncio.fixture
async def community(
    tmp_path: Path, clock: Clock, community_address: str | None
) -> AsyncIterator[CommunityDatabase]:
    opened = await CommunityDatabase.open(tmp_path / "state", address=community_address, now=clock)
    yield opened
    await opened.close()


@pytest.fixture
def tables(community: CommunityDatabase) -> AlertTables:
    return community.alerts


async def waits(
    tables: AlertTables, words: str = "keys", person: int = ADA, *, is_prompt: bool = False
) -> int:
    return (await tables.add(person, "topic", words, side=None, is_prompt=is_prompt)).id


async def finds(tables: AlertTables, alert: int, *slugs: str) -> None:
    for slug in slugs:
        await tables.matched(slug, [Hit(alert, slug, 3)])


async def told(community: CommunityDatabase) -> list[list[str]]:
    """The slugs of each message that waits, and take them as sent."""
    found = await community.outbox.due(100)
    for message in found:
        await community.outbox.sent(message, message.id)
    return [[slug for _, slug, *_ in message.payload["hits"]] for message in found]


async def test_what_comes_in_a_week_is_one_message(
    community: CommunityDatabase, tables: AlertTables, clock: Clock
) -> None:
    alert = await waits(tables)
    await finds(tables, alert, "a")
    assert await tables.tell() == 0, "it gathers for an hour"
    await finds(tables, alert, "b")
    clock.on(GATHERED_FOR)
    assert await tables.tell() == 1
    assert await told(community) == [["a", "b"]]
    for day, slug in enumerate("cdefg"):
        clock.on(timedelta(days=1))
        await finds(tables, alert, slug)
        assert await tables.tell() == 0, day
    clock.on(timedelta(days=2))
    assert await tables.tell() == 1
    assert await told(community) == [["c", "d", "e", "f", "g"]]
    clock.on(A_WEEK)
    assert await tables.tell() == 0, "a week without news has no message"


async def test_a_week_that_a_wrong_clock_wrote_down_is_over(
    community: CommunityDatabase, tables: AlertTables, clock: Clock
) -> None:
    digests = community.digests
    right = clock.at
    clock.on(timedelta(days=27_000))
    await digests.set(5, 55, [])
    alert = await waits(tables)
    await finds(tables, alert, "a")
    clock.on(GATHERED_FOR)
    assert await tables.tell() == 1
    assert await told(community) == [["a"]]
    await finds(tables, alert, "b")
    clock.at = right
    assert await tables.tell() == 1
    assert await told(community) == [["b"]]
    await digests.send_due()
    digest = await digests.get(5)
    assert digest is not None
    assert digest.sent_at == right


async def test_a_channel_is_told_apart_from_who_set_its_alert(
    community: CommunityDatabase, tables: AlertTables, clock: Clock
) -> None:
    own = await waits(tables)
    shared = (await tables.add(ADA, "topic", "keys", side=None, channel=CHANNEL)).id
    assert [alert.id for alert in await tables.of(ADA)] == [own]
    assert [alert.id for alert in await tables.of_channel(CHANNEL)] == [shared]
    with pytest.raises(AlertKnown):
        await tables.add(BEN, "topic", "Keys", side=None, channel=CHANNEL)
    await tables.matched("a", [Hit(own, "a", 3), Hit(shared, "a", 3)])
    clock.on(GATHERED_FOR)
    assert await tables.tell() == 2
    due = await community.outbox.due()
    goals = [(message.goal, message.goal_id, message.payload.get("locale")) for message in due]
    assert goals == [("person", ADA, "en"), ("channel", CHANNEL, None)]
    clock.on(timedelta(days=1))
    await tables.matched("b", [Hit(shared, "b", 3)])
    clock.on(GATHERED_FOR)
    assert await tables.tell() == 0, "once a week"
    clock.on(A_WEEK)
    assert await tables.tell() == 1


async def test_a_channels_alert_is_ended_by_its_channel_alone(
    community: CommunityDatabase, tables: AlertTables
) -> None:
    number = (await tables.add(ADA, "topic", "keys", side=None, channel=CHANNEL)).id
    for refused in (tables.remove(ADA, number), tables.remove_from_channel(CHANNEL + 1, number)):
        with pytest.raises(AlertGone):
            await refused
    await tables.remove_from_channel(CHANNEL, number)
    assert await tables.all() == []


async def test_a_channel_that_cannot_be_told_loses_its_alerts_and_who_set_them_hears_of_it_once(
    community: CommunityDatabase, tables: AlertTables
) -> None:
    for person, words in ((ADA, "keys"), (ADA, "locks"), (BEN, "doors")):
        await tables.add(person, "topic", words, side=None, channel=CHANNEL)
    await tables.forget_who_set(BEN)
    other = (await tables.add(ADA, "topic", "keys", side=None, channel=CHANNEL + 1)).id
    assert await tables.close_channel(CHANNEL) == 1
    assert await tables.close_channel(CHANNEL) == 0
    [message] = await community.outbox.due()
    assert (message.kind, message.goal_id) == ("alerts_ended", ADA)
    assert message.payload["words"] == ["keys", "locks"]
    assert [alert.id for alert in await tables.all()] == [other]


async def test_who_wants_to_know_at_once_is_told_at_most_three_times_a_week(
    community: CommunityDatabase, tables: AlertTables, clock: Clock
) -> None:
    alert = await waits(tables, is_prompt=True)
    for slug in "abcdef":
        await finds(tables, alert, slug)
        await tables.tell()
        clock.on(timedelta(hours=2))
    assert len(await told(community)) == MOST_IN_A_WEEK
    clock.on(A_WEEK)
    await tables.tell()
    assert await told(community) == [["d", "e", "f"]]


async def test_an_alert_for_the_week_does_not_ride_on_one_for_now(
    community: CommunityDatabase, tables: AlertTables, clock: Clock
) -> None:
    weekly, prompt = await waits(tables, "keys"), await waits(tables, "locks", is_prompt=True)
    await tables.matched("a", [Hit(weekly, "a", 0), Hit(prompt, "a", 1)])
    await tables.tell()
    assert await told(community) == [["a"]]
    await finds(tables, weekly, "b")
    clock.on(timedelta(days=1))
    assert await tables.tell() == 0
    clock.on(A_WEEK)
    await tables.tell()
    assert await told(community) == [["a", "b"]]


async def test_many_hits_come_in_several_messages_none_twice(
    community: CommunityDatabase, tables: AlertTables, clock: Clock
) -> None:
    alert = await waits(tables)
    slugs = [f"s{number:02}" for number in range(MOST_HITS + 3)]
    await finds(tables, alert, *slugs)
    seen: list[str] = []
    for _ in range(3):
        clock.on(A_WEEK)
        await tables.tell()
        seen += [slug for message in await told(community) for slug in message]
    assert seen == slugs


async def test_one_episode_is_found_once_by_an_alert(
    community: CommunityDatabase, tables: AlertTables, clock: Clock
) -> None:
    alert = await waits(tables)
    await finds(tables, alert, "a", "a")
    clock.on(A_WEEK)
    await tables.tell()
    clock.on(A_WEEK)
    await finds(tables, alert, "a")
    await tables.tell()
    assert await told(community) == [["a"]]


async def test_a_person_has_a_few_alerts_each_once(tables: AlertTables) -> None:
    first = await waits(tables, "keys")
    with pytest.raises(AlertKnown):
        await waits(tables, "keys")
    for number in range(MOST_ALERTS - 1):
        await waits(tables, f"topic {number}")
    with pytest.raises(TooManyAlerts):
        await waits(tables, "one more")
    await waits(tables, "keys", person=BEN)
    with pytest.raises(AlertGone):
        await tables.remove(BEN, first)
    await tables.remove(ADA, first)
    assert len(await tables.of(ADA)) == MOST_ALERTS - 1


async def test_the_first_edition_is_no_news_and_silent_episodes_never_are(
    community: CommunityDatabase,
) -> None:
    news = community.news
    assert await news.enter(["a", "b"]) == 0
    assert await news.unmatched() == []
    assert await news.enter(["a", "b", "c", "d"], silent=frozenset({"d"})) == 1
    assert await news.unmatched() == ["c"]
    await community.alerts.matched("c", [])
    assert await news.unmatched() == []
    assert await news.enter(["a", "c"]) == 0
    assert await news.enter(["a", "b", "c", "d"]) == 0, "what comes back is no news"


async def test_a_server_gets_a_digest_a_week_and_none_without_news(
    community: CommunityDatabase, clock: Clock
) -> None:
    digests = community.digests
    await community.news.enter(["old"])
    await digests.set(5, 55, ["keys"])
    clock.on(timedelta(days=3))
    await community.news.enter(["old", "new"])
    assert await digests.send_due() == 0
    clock.on(timedelta(days=4))
    assert await digests.send_due() == 1
    assert await digests.send_due() == 0
    [message] = await community.outbox.due()
    assert (message.goal_id, message.payload["slugs"], message.payload["topics"]) == (55, ["new"], ["keys"])
    clock.on(A_WEEK)
    assert await digests.send_due() == 0
    assert await digests.end(5)
    assert not await digests.end(5)
    assert await digests.get(5) is None


async def test_alerts_meet_new_episodes_and_the_other_side_is_the_other_side(
    tmp_path: Path, community: CommunityDatabase, clock: Clock
) -> None:
    library = SmallLibrary.of_two(tmp_path / "small")
    await library.build()
    service = LocalLibraryService(make_opener(library.state))
    news = Notifications(community, service)
    try:
        await news.round()
        both = await community.alerts.add(ADA, "topic", "bridge", side=None)
        other = await community.alerts.add(ADA, "topic", "the bridge over the river", side=60.0)
        same = await community.alerts.add(ADA, "topic", "bridge on the river", side=-60.0)
        nothing = await community.alerts.add(ADA, "topic", "violins", side=None)
        library.write(
            "the-bridge", "The bridge over the river may fail and the danger and catastrophe is grave"
        )
        await library.build()
        await news.round()
        await news.round()
        clock.on(GATHERED_FOR)
        await news.round()
        [message] = await community.outbox.due()
        found = {number for number, slug, *_ in message.payload["hits"] if slug == "the-bridge"}
        assert found == {both.id, other.id}
        assert same.id != nothing.id
    finally:
        await service.close()


async def test_an_alert_that_gets_no_answer_keeps_nobody_else_from_being_told(
    tmp_path: Path, community: CommunityDatabase, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again, since the machine may only have been busy, and given up for that episode after some tries."""
    library = SmallLibrary.of_two(tmp_path / "small")
    await library.build()
    service = LocalLibraryService(make_opener(library.state))
    news, find, asked = Notifications(community, service), service.find, list[str]()

    async def stopped(question: str, **limits: Any) -> Found:
        asked.append(question)
        if question == "too long":
            raise QuestionStopped(limit_s=3.0)
        return await find(question, **limits)

    monkeypatch.setattr(service, "find", stopped)
    try:
        await news.round()
        await waits(community.alerts, "too long", person=BEN)
        await waits(community.alerts, "bridge")
        library.write("the-bridge", "The bridge over the river may fail and the danger is grave")
        await library.build()
        await news.round()
        assert await community.news.unmatched() == ["the-bridge"]
        clock.on(GATHERED_FOR)
        assert await news.round() == 1
        assert await told(community) == [["the-bridge"]]
        for _ in range(MOST_TRIES):
            await news.round()
        assert await community.news.unmatched() == []
        assert asked.count("too long") == MOST_TRIES
    finally:
        await service.close()


async def test_an_episode_whose_answers_nobody_can_tell_keeps_no_other_from_being_looked_at(
    tmp_path: Path, community: CommunityDatabase, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, box = SmallLibrary(tmp_path / "small"), community.alerts
    library.write("fear", FEAR, guests=["Ada Lin"])
    await library.build()
    service = opened_with_gate(library, bias=20.0)
    news, cruxes = Notifications(community, service), service.cruxes

    async def crashed(slug: str) -> EpisodeCruxes:
        if slug == "boats":
            raise QuestionCrashed
        return await cruxes(slug)

    monkeypatch.setattr(service, "cruxes", crashed)
    try:
        await news.round()
        alert = await wait_under(box, service, "fear")
        clock.on(timedelta(minutes=1))
        library.write("hope", HOPE, guests=["Bo Ek"])
        library.write("boats", "Boats drift along canals and nobody minds it", guests=["Cy Om"])
        await library.build()
        await news.round()
        [hit] = await community._store.rows("SELECT * FROM alert_hit")
        assert (hit["alert"], hit["slug"]) == (alert.id, "hope")
    finally:
        await service.close()


FEAR = "Tutors in our schools teach children to read, a catastrophe, an existential risk, and the danger is grave"
HOPE = "Tutors in our schools teach children to read, a breakthrough, a huge opportunity, the benefits are enormous"


def opened_with_gate(library: SmallLibrary, *, bias: float) -> LocalLibraryService:
    """What answers from the library, with a gate that lets through more the higher its bias is."""
    opener = make_opener(library.state)
    gate = likeness_gate(library.encoder, ["Do tutors help children to read?"], bias=bias)
    opener._open_gate = lambda _: gate
    return LocalLibraryService(opener)


async def wait_under(box: AlertTables, service: LocalLibraryService, slug: str) -> Alert:
    """Wait for the other side of the first passage of an episode, as its button does."""
    record = (await service.episode(slug)).slices[0]
    words = record.piece.text[:LONGEST_PASSAGE]
    return await box.add(ADA, "answer", words, side=record.reading.position, passage=(slug, 0))


async def test_an_answer_is_told_where_the_gate_holds_a_pair_for_one_and_nowhere_else(
    tmp_path: Path, community: CommunityDatabase, clock: Clock
) -> None:
    """Speaking of the same subject from the other side is no answer; one that is found later is told then, once."""
    library, box = SmallLibrary(tmp_path / "small"), community.alerts
    library.write("fear", FEAR, guests=["Ada Lin"])
    await library.build()
    strict, lenient = opened_with_gate(library, bias=-20.0), opened_with_gate(library, bias=20.0)
    news = [Notifications(community, service) for service in (strict, lenient)]
    try:
        await news[0].round()
        alert = await wait_under(box, strict, "fear")
        clock.on(timedelta(minutes=1))
        library.write("hope", HOPE, guests=["Bo Ek"])
        library.write("boats", "Boats drift along canals and nobody minds it", guests=["Cy Om"])
        await library.build()
        await news[0].round()
        assert await community.news.unmatched() == []
        assert await community._store.rows("SELECT * FROM alert_hit") == []
        await news[1].round()
        [hit] = await community._store.rows("SELECT * FROM alert_hit")
        assert (hit["alert"], hit["slug"]) == (alert.id, "hope")
        clock.on(GATHERED_FOR)
        assert await news[1].round() == 1
        assert await told(community) == [["hope"]]
        clock.on(A_WEEK)
        assert await Notifications(community, lenient).round() == 0
    finally:
        await strict.close()
        await lenient.close()


async def test_what_was_there_before_and_what_answers_other_words_is_no_news(
    tmp_path: Path, community: CommunityDatabase, clock: Clock
) -> None:
    library, box = SmallLibrary(tmp_path / "small"), community.alerts
    library.write("fear", FEAR, guests=["Ada Lin"])
    await library.build()
    service = opened_with_gate(library, bias=20.0)
    news = Notifications(community, service)
    try:
        await news.round()
        library.write("hope", HOPE, guests=["Bo Ek"])
        await library.build()
        await news.round()
        clock.on(timedelta(minutes=1))
        alert = await wait_under(box, service, "fear")
        assert answer_to(alert, await service.cruxes("hope")) is not None
        await Notifications(community, service).round()
        assert await community._store.rows("SELECT * FROM alert_hit") == []
        assert answer_to(replace(alert, words="other words"), await service.cruxes("hope")) is None
    finally:
        await service.close()


async def full(community: CommunityDatabase, person: int) -> None:
    """Let everything be kept of a person that can be."""
    passage = VotedPassage("a", "k" * 12, "axis", "words", "Title", None, 1.0, None)
    await community.votes.cast(person, passage, Shown(3.0, "Mixed", "technical", "low", "s"), "fits")
    alert = await waits(community.alerts, person=person, is_prompt=True)
    await finds(community.alerts, alert, f"s{person}")
    await community.alerts.tell()
    await community.alerts.add(person, "topic", f"set by {person == ADA}", side=None, channel=CHANNEL)
    await community.job_log.started("reindex", asked_by=person)
    async with community._store.transaction() as connection:
        await put_message(
            connection, "alert", f"x{person}", to="person", to_id=person, payload={}, now=community._now()
        )


@pytest.mark.parametrize("community_address", ["a file"], indirect=True)
async def test_all_that_is_kept_of_a_person_is_shown_and_forgotten_and_nothing_of_others(
    community: CommunityDatabase, tmp_path: Path
) -> None:
    await full(community, ADA)
    await full(community, BEN)
    kept = await kept_of(community, ADA)
    assert kept == Kept(n_votes=1, n_alerts=1, n_channel_alerts=1, n_messages=2, n_jobs=1)
    assert await forget(community, ADA) == kept
    assert await kept_of(community, ADA) == Kept(0, 0, 0, 0, 0)
    assert await kept_of(community, BEN) == kept
    await community._store.write("PRAGMA wal_checkpoint(TRUNCATE)")
    with closing(sqlite3.connect(tmp_path / "state" / DATABASE_FILE)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f"SELECT * FROM {table}"):
                assert ADA not in row, table
                assert str(ADA) not in " ".join(map(str, row)), table


@pytest.mark.parametrize("community_address", ["a file"], indirect=True)
async def test_every_table_with_a_persons_number_is_known(
    community: CommunityDatabase, tmp_path: Path
) -> None:
    """A new table for people must be added here, and to what ``personal_data`` counts and forgets."""
    with closing(sqlite3.connect(tmp_path / "state" / DATABASE_FILE)) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        columns = {
            table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")] for table in tables
        }
    people = {"person", "asked_by", "user", "member", "goal_id"}
    found = {
        table: next(iter(people & set(names))) for table, names in columns.items() if people & set(names)
    }
    assert found == {
        "vote": "person", "alert": "person", "alerted": "person", "outbox": "goal_id", "job": "asked_by",
    }  # fmt: skip


async def test_a_message_to_a_person_is_forgotten_after_a_while(
    community: CommunityDatabase, clock: Clock
) -> None:
    await full(community, ADA)
    for message in await community.outbox.due(10):
        await community.outbox.sent(message, 1)
    clock.on(timedelta(days=59))
    await community.prune()
    assert await community.outbox.count_for(ADA) == 2
    clock.on(timedelta(days=2))
    await community.prune()
    assert await community.outbox.count_for(ADA) == 0
