"""People wait for topics and for answers, are told by private message, see what is kept of them, and are forgotten."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import discord
import pytest
from discord_loopback.messages import would_mention
from discord_loopback.people import MANAGE_GUILD, MANAGE_MESSAGES, READ_HISTORY, SEND_MESSAGES
from discord_loopback.server import LoopbackDiscord

from bot.app.community.alert_tables import A_WEEK, MOST_ALERTS, MOST_HITS, Hit
from bot.app.community.outbox import OutMessage
from bot.app.notifications import MOST_TRIES, Notifications, hit_key, passages_on
from bot.app.outbox_sender import OutboxSender, SendPointless
from bot.app.workers.stopped_questions import QuestionStopped
from bot.discord.client import CounterpointClient
from bot.discord.context import Context
from bot.discord.features.alerts.messages import alert_message, digest_message
from bot.discord.messenger import DiscordMessenger
from bot.discord.ui.parts import position_line
from bot.i18n.language import Language
from index.search.answers import Found
from index.storage.records import SliceRecord

pytestmark = pytest.mark.both_databases

SLUG = "tove-kassabian-on-short-clocks"
TOPIC = "people and machines at work"
RARE = "weights you can hold"
"""Few episodes speak of it."""

PASSAGE = "darragh-pennycuick-on-the-night-shift-at-the-call-centre", 4
ANSWER = "pilar-venkatesan-on-weights-you-can-hold"


def later(context: Context, more: timedelta) -> None:
    """Move the clock of the database on."""
    community, now = context.community, context.community._now
    for tables in (community.alerts, community.digests, community.outbox):
        tables._now = lambda: now() + more


def sender_of(bot: CounterpointClient) -> OutboxSender:
    return OutboxSender(
        bot.context.community.outbox,
        DiscordMessenger(bot),
        pace_s=0.0,
        closed=bot.context.community.close_channel,
    )


def managing(person: Any) -> dict[str, Any]:
    return {"id": person.id, "type": 1, "allow": MANAGE_MESSAGES, "deny": 0}


def denied(guild: Any) -> dict[str, Any]:
    return {"id": guild.id, "type": 0, "allow": 0, "deny": READ_HISTORY | SEND_MESSAGES}


def private(loopback: LoopbackDiscord, person: Any) -> list[Any]:
    return [m for m in loopback.messages if m.channel is person.private and m.author.bot and not m.ephemeral]


@pytest.mark.parametrize(
    ("locale", "said"), [("en-US", "at most once a week"), ("de", "höchstens einmal die Woche")]
)
async def test_an_alert_is_made_told_by_private_message_and_ended_with_one_press(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context, locale: str, said: str
) -> None:
    ada = guild.add_member("Ada", locale=locale)
    made = await ada.slash("alerts add", topic=TOPIC)
    assert said in made.text
    assert made.ephemeral
    [alert] = await context.community.alerts.of(ada.id)
    await context.community.alerts.matched(SLUG, [Hit(alert.id, SLUG, 2)])
    later(context, timedelta(hours=2))
    assert await context.community.alerts.tell() == 1
    assert await sender_of(bot).round() == 1
    [message] = private(loopback, ada)
    assert "Tove Kassabian" in message.text
    assert TOPIC in message.text
    label = next(label for label in message.labels if TOPIC[:10] in label)
    gone = await ada.press(message, label=label)
    assert await context.community.alerts.of(ada.id) == []
    assert gone.message is not message
    assert "`alert_gone`" in (await ada.press(message, label=label)).text


async def test_a_message_that_was_sent_before_a_death_is_found_again(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    ada = guild.add_member("Ada")
    await ada.slash("alerts add", topic=TOPIC)
    [alert] = await context.community.alerts.of(ada.id)
    await context.community.alerts.matched(SLUG, [Hit(alert.id, SLUG, 2)])
    later(context, timedelta(hours=2))
    await context.community.alerts.tell()
    [message] = await context.community.outbox.due()
    await context.community.outbox.begin(message)
    now = context.community._now().isoformat()  # by the clock of the messages
    await context.community._store.write("UPDATE outbox SET created_at = ?, sending_since = ?", (now, now))
    await DiscordMessenger(bot).send(message)
    loopback.clock.advance(3600)
    assert await sender_of(bot).round() == 1
    assert len(private(loopback, ada)) == 1


async def test_somebody_who_takes_no_messages_keeps_no_other_from_getting_theirs(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    """After a restart each message is looked for first, and so the private channel of its person is opened."""
    closed, ada = guild.add_member("Closed"), guild.add_member("Ada")
    for person in (closed, ada):
        await person.slash("alerts add", topic=TOPIC)
    alerts = [alert for person in (closed, ada) for alert in await context.community.alerts.of(person.id)]
    await context.community.alerts.matched(SLUG, [Hit(alert.id, SLUG, 2) for alert in alerts])
    later(context, timedelta(hours=2))
    assert await context.community.alerts.tell() == 2
    await context.community._store.write(
        "UPDATE outbox SET created_at = ?", (context.community._now().isoformat(),)
    )
    # It is opened to look for the message, and to send it.
    loopback.fail_next("POST /users/@me/channels", times=2, status=403, code=50_278)
    assert await sender_of(bot).round() == 1
    assert len(private(loopback, ada)) == 1
    [(told, problem)] = await context.community.outbox.troubles()
    assert (told.goal_id, told.state, problem) == (closed.id, "waiting", "HTTP 403, 50278")


async def test_a_button_names_its_topic_as_it_was_typed(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    """A label has no markup, so an escape would be seen."""
    ada = guild.add_member("Ada")
    await ada.slash("alerts add", topic="people & machines_at *work* (C#)")
    [alert] = await context.community.alerts.of(ada.id)
    await context.community.alerts.matched(SLUG, [Hit(alert.id, SLUG, 2)])
    later(context, timedelta(hours=2))
    await context.community.alerts.tell()
    await sender_of(bot).round()
    [told] = private(loopback, ada)
    assert "No longer: people & machines_at *work* (C#)" in told.labels


async def test_who_ended_an_alert_meanwhile_is_told_nothing(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    ada = guild.add_member("Ada")
    await ada.slash("alerts add", topic=TOPIC)
    [alert] = await context.community.alerts.of(ada.id)
    await context.community.alerts.matched(SLUG, [Hit(alert.id, SLUG, 2)])
    later(context, timedelta(hours=2))
    await context.community.alerts.tell()
    listed = await ada.slash("alerts list")
    await ada.press(listed, custom_id=f"n:off:{alert.id}:")
    assert await sender_of(bot).round() == 0
    assert private(loopback, ada) == []
    assert await context.community.outbox.due() == []


@pytest.mark.parametrize(
    ("locale", "said", "heading", "off"),
    [
        ("en-US", "at most once a week", "What this channel waits for", "No longer"),
        ("de", "höchstens einmal die Woche", "Worauf dieser Kanal wartet", "Nicht mehr"),
    ],
)
async def test_a_channel_is_told_and_whoever_manages_its_messages_ends_that_with_one_press(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context,
    locale: str, said: str, heading: str, off: str,
) -> None:  # fmt: skip
    bot.get_guild(guild.id).preferred_locale = discord.Locale(locale)  # type: ignore[union-attr]
    mo = guild.add_member("Mo", locale=locale)
    channel = guild.add_channel("news", overwrites=[managing(mo)])
    ada = guild.add_member("Ada", locale=locale)
    refused = await ada.slash("alerts add", topic=TOPIC, channel=channel)
    assert "`not_channel_manager`" in refused.text
    made = await mo.slash("alerts add", topic=TOPIC, channel=channel)
    assert said in made.text
    assert f"<#{channel.id}>" in made.text
    [alert] = await context.community.alerts.of_channel(channel.id)
    assert await context.community.alerts.of(mo.id) == []
    listed = (await mo.slash("alerts list")).text
    assert f"<#{channel.id}>" in listed
    assert said in listed
    assert f"<#{channel.id}>" not in (await ada.slash("alerts list")).text
    await context.community.alerts.matched(SLUG, [Hit(alert.id, SLUG, 2)])
    later(context, timedelta(hours=2))
    assert await context.community.alerts.tell() == 1
    assert await sender_of(bot).round() == 1
    [message] = [m for m in loopback.messages if m.channel is channel and m.author.bot and not m.ephemeral]
    assert "Tove Kassabian" in message.text
    assert heading in message.text
    assert not would_mention(message)
    label = next(label for label in message.labels if label.startswith(off))
    assert "`not_channel_manager`" in (await ada.press(message, label=label)).text
    assert f"<#{channel.id}>" in (await mo.press(message, label=label)).text
    assert await context.community.alerts.all() == []
    assert "`alert_gone`" in (await mo.press(message, label=label)).text


async def test_what_the_bot_lacks_in_a_channel_is_said_before_an_alert_is_set(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    mo = guild.add_member("Mo")
    quiet = guild.add_channel("quiet", overwrites=[denied(guild), managing(mo)])
    reply = await mo.slash("alerts add", topic=TOPIC, channel=quiet)
    assert "`channel_untellable`" in reply.text
    assert "“Send Messages”, “Read Message History”" in reply.text
    assert await context.community.alerts.all() == []


@pytest.mark.parametrize(("locale", "said"), [("en-US", "not a member"), ("de", "kein Mitglied")])
async def test_a_channel_of_a_server_that_has_the_command_and_not_the_bot_is_no_fault_of_the_bots(
    loopback: LoopbackDiscord, bot: CounterpointClient, context: Context, locale: str, said: str
) -> None:
    elsewhere = loopback.add_guild(has_bot=False)
    ada = elsewhere.add_member("Ada", locale=locale)
    reply = await ada.slash(
        "alerts add", topic=TOPIC, channel=elsewhere.add_channel("news"), user_install=True
    )
    assert "`channel_unseen`" in reply.text
    assert said in reply.text
    assert context.reporter.n_unexpected == 0
    assert await context.community.alerts.all() == []


async def test_a_channel_where_the_bot_may_write_no_more_is_told_nothing_and_who_set_the_alert_is_told_once(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    mo = guild.add_member("Mo")
    channel = guild.add_channel("news", overwrites=[managing(mo)])
    await mo.slash("alerts add", topic=TOPIC, channel=channel)
    [alert] = await context.community.alerts.of_channel(channel.id)
    await context.community.alerts.matched(SLUG, [Hit(alert.id, SLUG, 2)])
    later(context, timedelta(hours=2))
    await context.community.alerts.tell()
    channel.overwrites.append(denied(guild))
    assert await sender_of(bot).round() == 0
    assert await context.community.alerts.all() == []
    for n_sent in (1, 0):
        assert await sender_of(bot).round() == n_sent
    [message] = private(loopback, mo)
    assert f"<#{channel.id}>" in message.text
    assert TOPIC in message.text
    assert "You wait for nothing" in (await mo.press(message, label="What I wait for")).text


@pytest.mark.parametrize("status", [403, 404])
async def test_a_refusal_that_is_none_of_discords_says_nothing_of_the_channel(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context, status: int
) -> None:
    """A firewall before it refuses everything for a while."""
    channel, tables = guild.add_channel("news"), context.community.alerts
    alert = await tables.add(0, "topic", TOPIC, side=None, channel=channel.id)
    await tables.matched(SLUG, [Hit(alert.id, SLUG, 2)])
    later(context, timedelta(hours=2))
    await tables.tell()
    loopback.fail_next(f"POST /channels/{channel.id}/messages", status=status, code=0)
    assert await sender_of(bot).round() == 0
    assert await tables.all() == [alert]
    assert await context.community.outbox.n_waiting() == 1


async def test_under_a_passage_one_waits_for_the_other_side(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    ada = guild.add_member("Ada")
    slug, ordinal = PASSAGE
    card = await context.answerer.episode(slug)
    weakest = min(card.slices, key=lambda record: abs(record.reading.position))
    shown = await ada.slash("episode", episode=slug)
    place = await ada.select(shown, f"r:{slug}:0:open", [str(ordinal)])
    made = await ada.press(place, label="Tell me when answered")
    assert "on the other side" in made.text
    [alert] = await context.community.alerts.of(ada.id)
    assert (alert.kind, alert.slug, alert.ordinal) == ("answer", *PASSAGE)
    assert alert.side == card.slices[ordinal].reading.position
    assert "`alert_known`" in (await ada.press(place, label="Tell me when answered")).text
    assert "few answers" in made.text
    middle = await ada.select(shown, f"r:{slug}:0:open", [str(weakest.piece.ordinal)])
    assert "Tell me when answered" not in middle.message.labels, "nobody can answer what takes no side"


@pytest.mark.parametrize(
    ("locale", "label", "said"),
    [
        ("en-US", "Tell me when answered", "You waited under"),
        ("de", "Sag mir, wenn jemand antwortet", "Gewartet hast du bei"),
    ],
)
async def test_who_waits_for_an_answer_is_told_of_a_crux_with_both_passages_and_of_nothing_else(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context,
    monkeypatch: pytest.MonkeyPatch, locale: str, label: str, said: str,
) -> None:  # fmt: skip
    """The gate holds no pair of the sample for a crux, so its threshold is lowered to where it holds one."""
    ada = guild.add_member("Ada", locale=locale)
    slug, ordinal = PASSAGE
    shown = await ada.slash("episode", episode=slug)
    made = await ada.press(await ada.select(shown, f"r:{slug}:0:open", [str(ordinal)]), label=label)
    news = Notifications(context.community, context.answerer)
    slugs = {episode.slug for episode in await context.answerer.episodes()}
    await context.community.news.enter(slugs - {ANSWER})
    await news.round()
    later(context, timedelta(hours=2))
    assert await news.round() == 0, "to speak on the same subject from the other side is no answer"
    monkeypatch.setattr("index.search.crux_pairs.THRESHOLD", 0.15)
    again = Notifications(context.community, context.answerer)
    assert await again.round() == 0, "it is gathered for an hour"
    later(context, timedelta(hours=4))
    assert await again.round() == 1
    assert await sender_of(bot).round() == 1
    [message] = private(loopback, ada)
    assert made.ephemeral
    assert said in message.text
    assert "Pilar Venkatesan" in message.text
    assert "Darragh Pennycuick" in message.text
    assert await again.round() == 0, "it is told once"


async def test_an_answer_that_is_none_any_more_is_not_told(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    ada = guild.add_member("Ada")
    slug, ordinal = PASSAGE
    shown = await ada.slash("episode", episode=slug)
    await ada.press(
        await ada.select(shown, f"r:{slug}:0:open", [str(ordinal)]), label="Tell me when answered"
    )
    [alert] = await context.community.alerts.of(ada.id)
    await context.community.alerts.found([Hit(alert.id, ANSWER, 6)])
    later(context, timedelta(hours=2))
    assert await context.community.alerts.tell() == 1
    assert await sender_of(bot).round() == 0
    assert private(loopback, ada) == []


async def test_a_server_has_a_digest_that_moderators_set_and_end(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    await context.community.set_moderating(guild.id, is_open=True)
    mo = guild.add_member("Mo", permissions=MANAGE_GUILD)
    assert "`digest_unknown`" in (await mo.slash("admin digest")).text
    channel = guild.channels[0]
    quiet = guild.add_channel("quiet", overwrites=[denied(guild)])
    warned = await mo.slash("admin digest", channel=quiet)
    assert "Send Messages, Read Message History" in warned.text
    assert "Send Messages, Read Message History" in (await mo.slash("admin digest")).text
    assert "Send Messages, Read Message History" in (await mo.slash("admin digest", topics=TOPIC)).text
    reply = await mo.slash("admin digest", channel=channel, topics=f"{TOPIC}, {TOPIC.upper()}, ")
    assert f"<#{channel.id}>" in reply.text
    assert "lack" not in reply.text
    told = reply.text.casefold().count(TOPIC.casefold())
    assert told == 1, "a topic is told once, however often it is named"
    reply = await mo.slash("admin digest", topics=f"boats, weirs, locks, mills, {TOPIC}, dams, ropes")
    assert f"<#{channel.id}>" in reply.text, "topics alone are set for the channel that there is"
    assert "Left out: *dams*, *ropes*" in reply.text
    assert "*boats*" in (await mo.slash("admin digest")).text
    await mo.slash("admin digest", topics=TOPIC)
    news, digests = context.community.news, context.community.digests
    await news.enter(["something old"])
    await news.enter([SLUG, "gunnar-eziokwu-on-what-cannot-be-recalled"])
    later(context, A_WEEK + timedelta(hours=1))
    assert await digests.send_due() == 1
    assert await sender_of(bot).round() == 1
    [message] = [m for m in loopback.messages if m.channel is channel and m.author.bot and not m.ephemeral]
    assert "New this week" in message.text
    assert TOPIC in message.text
    assert not would_mention(message)
    ada = guild.add_member("Ada")
    assert "`not_moderator`" in (await ada.press(message, label="No digest any more")).text
    assert "no digest any more" in (await mo.press(message, label="No digest any more")).text
    assert await digests.get(guild.id) is None


async def test_a_message_shows_every_episode_that_it_counts_as_told(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    ada, tables = guild.add_member("Ada"), context.community.alerts
    episodes = (await context.answerer.episodes())[: MOST_HITS + 2]
    for number in range(MOST_ALERTS):
        await tables.add(ada.id, "topic", f"topic {number}", side=None)
    alerts = [alert.id for alert in await tables.of(ada.id)]
    hits = [Hit(alerts[at % MOST_ALERTS], episode.slug, 0) for at, episode in enumerate(episodes)]
    await tables.found(hits)
    for n_messages in (1, 2):
        later(context, n_messages * (A_WEEK + timedelta(hours=2)))
        assert await tables.tell() == 1
        assert await sender_of(bot).round() == 1
    texts = [message.text for message in private(loopback, ada)]
    for episode in episodes:
        assert sum(episode.about.title in text for text in texts) == 1, episode.slug


async def test_a_passage_is_told_where_it_stands_now_and_never_another_in_its_place(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    """Between what was found and its message a week may pass, in which an episode gets another text."""
    answerer, language = context.answerer, Language(context.catalogue, "en", context.answerer.axis)
    ada = guild.add_member("Ada")

    def shown(record: SliceRecord) -> str:
        return position_line(language, record.reading.position)

    await ada.slash("alerts add", topic=RARE)
    [alert] = await context.community.alerts.of(ada.id)
    slugs = [episode.slug for episode in await answerer.episodes()]
    speaking = await passages_on(answerer, RARE, slugs)
    silent = next(slug for slug in slugs if slug not in {passage.episode.slug for passage in speaking})
    best, slug = speaking[0].slices[speaking[0].best], speaking[0].episode.slug
    slices = (await answerer.episode(slug, exactly=True)).slices
    other = next(record for record in slices[1:] if shown(record) not in {shown(best), shown(slices[0])})

    async def told(slug: str, ordinal: int, key: str) -> str:
        payload = {"hits": [[alert.id, slug, ordinal, key]], "stamp": "20261130T120000"}
        now = context.community._now()
        message = OutMessage(1, "alert", "x", "person", ada.id, payload, "n", "waiting", now, None, 0)
        return str((await alert_message(context, language, message)).to_components())

    assert shown(other) in await told(slug, 0, hit_key(other)), "it was moved"
    assert shown(best) in await told(slug, other.piece.ordinal, "of gone words"), "its words are gone"
    with pytest.raises(SendPointless):
        await told(silent, 0, "of gone words")


async def test_a_digest_looks_for_its_topics_in_all_that_is_new(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    """The last of thirteen new episodes is the only one that speaks of the topic; another was removed since."""
    answerer, language = context.answerer, Language(context.catalogue, "en", context.answerer.axis)
    slugs = [episode.slug for episode in await answerer.episodes()]
    speaking = {passage.episode.slug for passage in await passages_on(answerer, RARE, slugs)}
    silent = [slug for slug in slugs if slug not in speaking]
    told = ["tove-kassabian", *silent[:12], next(iter(speaking))]
    payload = {"slugs": told, "topics": [RARE], "server": guild.id, "stamp": "20261130T120000"}
    now = context.community._now()
    message = OutMessage(1, "digest", "x", "channel", 1, payload, "n", "waiting", now, None, 0)
    components = (await digest_message(context, language, message)).to_components()
    assert RARE in str(components)
    assert "13 episodes" in str(components), "not the one that is gone"


async def test_a_topic_that_gets_no_answer_is_left_out_of_a_digest_after_some_tries(
    guild: Any, bot: CounterpointClient, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    language, find = Language(context.catalogue, "en", context.answerer.axis), context.answerer.find

    async def stopped(question: str, **limits: Any) -> Found:
        if question == "too long":
            raise QuestionStopped(limit_s=3.0)
        return await find(question, **limits)

    monkeypatch.setattr(context.answerer, "find", stopped)
    payload = {"slugs": [SLUG], "topics": ["too long", TOPIC], "server": guild.id, "stamp": "20261130T120000"}
    now = context.community._now()
    message = OutMessage(1, "digest", "x", "channel", 1, payload, "n", "waiting", now, None, 0)
    with pytest.raises(QuestionStopped):
        await digest_message(context, language, message)
    made = await digest_message(context, language, dataclasses.replace(message, n_tries=MOST_TRIES))
    assert TOPIC in str(made.to_components())


async def test_what_is_kept_is_shown_and_forgotten(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    ada, ben = guild.add_member("Ada"), guild.add_member("Ben")
    assert "Nothing is kept under your name" in (await ada.slash("privacy")).text
    for person in (ada, ben):
        await person.slash("alerts add", topic=TOPIC)
    shown = await ada.slash("privacy")
    assert "1 thing that you wait for" in shown.text
    assert shown.ephemeral
    assert "waited for already" in (await ada.slash("alerts add", topic=TOPIC.upper())).text
    gone = (await ada.slash("forget-me")).text
    assert "Forgotten" in gone
    assert "Deleted:\n- 1 thing that you waited for" in gone
    assert await context.community.alerts.of(ada.id) == []
    assert len(await context.community.alerts.of(ben.id)) == 1
    assert "Nothing is kept under your name" in (await ada.slash("privacy")).text


async def test_in_a_private_channel_all_of_it_works_too(
    bot: CounterpointClient, loopback: LoopbackDiscord
) -> None:
    eve = loopback.add_person("Eve")
    made = await eve.slash(
        "alerts add", topic=TOPIC, only="other", when="once", where=eve.private, user_install=True
    )
    assert "at once" in made.text
    assert "1" in (await eve.slash("alerts list", where=eve.private, user_install=True)).text
