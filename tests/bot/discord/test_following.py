"""Moderators follow sources in Discord; what is new is announced in the channel, once, whatever happens in between."""

from __future__ import annotations

import dataclasses
import re
import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from discord_loopback.errors import RefusedByClientError
from discord_loopback.messages import would_mention
from discord_loopback.people import ATTACH_FILES, MANAGE_GUILD, READ_HISTORY, SEND_MESSAGES
from discord_loopback.server import LoopbackDiscord
from discord_loopback.world import PATIENCE_S
from small_web import Plays, SmallWeb, any_port, is_loopback

from bot.app.community.follow_tables import Follower
from bot.app.community.outbox import put_message
from bot.app.first_look import FirstLook, look_first
from bot.app.outbox_sender import NotFindable, OutboxSender
from bot.discord.client import CounterpointClient
from bot.discord.context import Context
from bot.discord.messenger import DiscordMessenger
from bot.discord.runner import make_poller
from index.library.sources import EpisodeSources, Known, Listed, Listing, WebAndFolderSources, YouTubeSource
from index.library.sources.errors import NotAFeed, PageBlocked, PageMissing, SiteTookTooLong, SiteUnreachable
from scoring.errors import CodedError

pytestmark = pytest.mark.both_databases

FEED = "https://lantern.example/feed.xml"
SLUG = "tove-kassabian-on-short-clocks"


class Lists:
    """Sources that list two videos, or what a test sets: a listing, or an error that is raised."""

    def __init__(self) -> None:
        self.answer: Listing | Exception = Listing(
            "The Lantern Room",
            tuple(Listed(key=name, title=name, video_id=f"{name:_<11}") for name in ("keys", "walls")),
        )
        self.asked: list[str] = []

    def listing(self, kind: str, address: str, known: Known) -> Listing:
        self.asked.append(address)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def forget(self, kind: str, address: str) -> None:
        """Nothing is kept of a source."""


@pytest.fixture
def lists() -> Lists:
    """What followed sources list."""
    return Lists()


@pytest.fixture
def context(context: Context, lists: Lists) -> Context:
    """The parts of a bot for which no source is on the web."""
    return dataclasses.replace(context, sources=cast(EpisodeSources, lists))


async def moderated(context: Context, guild: Any) -> Any:
    await context.community.set_moderating(guild.id, is_open=True)
    return guild.add_member("Mo", permissions=MANAGE_GUILD)


async def put(context: Context, channel: int, slug: str = SLUG, **more: object) -> None:
    async with context.community._store.transaction() as connection:
        await put_message(
            connection, "episode", f"episode:{channel}:{slug}", to="channel", to_id=channel,
            payload={"slug": slug, **more}, now=context.community._now(),
        )  # fmt: skip


def shown_in(loopback: LoopbackDiscord, channel: Any) -> list[Any]:
    return [message for message in loopback.messages if message.channel is channel and message.author.bot]


@pytest.mark.parametrize(("locale", "said"), [("en-US", "Following"), ("de", "Ab jetzt")])
async def test_a_source_is_followed_listed_and_let_go(
    guild: Any, bot: CounterpointClient, context: Context, locale: str, said: str
) -> None:
    await context.community.set_moderating(guild.id, is_open=True)
    mo = guild.add_member("Mo", permissions=MANAGE_GUILD, locale=locale)
    assert not context.following.is_set()
    reply = await mo.slash("admin follow", link=FEED, channel=guild.channels[0])
    assert said in reply.text
    assert f"<#{guild.channels[0].id}>" in reply.text
    assert "⚠" not in reply.text
    assert reply.ephemeral
    assert context.following.is_set(), "it is looked at now"
    [(follow, _)] = await context.community.follows.all()
    assert (follow.kind, follow.followers) == ("feed", (Follower(guild.id, guild.channels[0].id),))
    again = await mo.slash("admin follow", link=FEED.replace("https://lantern", "HTTPS://Lantern"))
    assert "`follow_known`" in again.text
    listed = await mo.slash("admin follows")
    assert "The Lantern Room" in listed.text
    gone = await mo.select(listed, "w:unfollow", [str(follow.id)])
    assert "The Lantern Room" in gone.text
    assert await context.community.follows.all() == []


async def test_what_is_followed_is_looked_at_first_and_said_to_be_what_it_is(
    guild: Any, bot: CounterpointClient, context: Context, lists: Lists
) -> None:
    mo, follows = await moderated(context, guild), context.community.follows
    said = await mo.slash("admin follow", link=FEED)
    assert "Found there: “The Lantern Room”, 2 episodes." in said.text
    assert "taken in a few at a time" in said.text
    assert "2 waiting" in (await mo.slash("admin follows")).text, "what was found is not asked for again"
    await mo.slash("admin follow", link=FEED, channel=guild.channels[0])
    assert lists.asked == [FEED], "what is followed already is not looked at anew"
    lists.answer = Listing(
        "Silent Films", (Listed(key="1", title="1", enclosure="https://silent.example/1.mp3"),)
    )
    said = await mo.slash("admin follow", link="https://silent.example/feed.xml")
    assert "1 episode." in said.text
    assert "None of them comes with a transcript" in said.text
    assert "taken in a few at a time" not in said.text
    lists.answer = Listing("Not begun")
    said = await mo.slash("admin follow", link="https://later.example/feed.xml")
    assert "no episodes there yet" in said.text
    assert len(await follows.all()) == 3


@pytest.mark.parametrize(
    "error",
    [NotAFeed(host="lantern.example"), PageMissing(host="lantern.example")],
    ids=lambda error: error.code,
)
async def test_a_page_without_a_feed_is_not_followed_at_all(
    guild: Any, bot: CounterpointClient, context: Context, lists: Lists, error: CodedError
) -> None:
    mo = await moderated(context, guild)
    lists.answer = error
    said = await mo.slash("admin follow", link="https://lantern.example/show", channel=guild.channels[0])
    assert f"`{error.code}`" in said.text
    assert "Following" not in said.text
    assert await context.community.follows.all() == []


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (SiteUnreachable(host="lantern.example"), "lantern.example could not be reached"),
        (PageBlocked(host="lantern.example", status=429, retry_s=None), "is turning this machine away"),
        (RuntimeError("nobody foresaw it"), "lantern.example could not be reached"),
    ],
    ids=["unreachable", "blocked", "unforeseen"],
)
async def test_what_cannot_be_read_now_is_followed_and_said_not_to_be_known_yet(
    guild: Any, bot: CounterpointClient, context: Context, lists: Lists, error: Exception, why: str
) -> None:
    mo, follows = await moderated(context, guild), context.community.follows
    lists.answer = error
    said = await mo.slash("admin follow", link=FEED)
    assert "**Following**" in said.text
    assert "podcast" not in said.text, "nobody knows that it is one"
    assert why in said.text
    assert "tried again by itself <t:" in said.text
    assert "`/admin follows` shows" in said.text
    assert "taken in a few at a time" not in said.text
    [(follow, _)] = await follows.all()
    assert follow.standing == "never_read"


async def test_a_source_that_answers_too_slowly_or_is_left_alone_holds_nobody_up(
    context: Context, lists: Lists
) -> None:
    follows, is_over = context.community.follows, threading.Event()

    def slowly(kind: str, address: str, known: Known) -> Listing:
        is_over.wait(PATIENCE_S)
        return Listing("Late")

    sources = cast(EpisodeSources, SimpleNamespace(listing=slowly))
    look = await look_first(follows, sources, "feed", FEED, limit_s=0.01)
    is_over.set()
    assert isinstance(look.problem, SiteTookTooLong)
    await follows.open_breaker(
        "lantern.example", PageBlocked(host="lantern.example", status=429, retry_s=None)
    )
    look = await look_first(follows, cast(EpisodeSources, lists), "feed", FEED)
    assert isinstance(look.problem, PageBlocked)
    assert lists.asked == []
    look = await look_first(follows, cast(EpisodeSources, lists), "repository", "https://a.example/b.git")
    assert look == FirstLook()


async def test_what_one_server_follows_another_announces_and_each_ends_its_own(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    other = loopback.add_guild()
    here, there = guild.channels[0], other.channels[0]
    mo, ada = await moderated(context, guild), await moderated(context, other)
    await mo.slash("admin follow", link=FEED, channel=here)
    [(follow, _)] = await context.community.follows.all()
    assert "Nothing is followed" in (await ada.slash("admin follows")).text
    joined = await ada.slash("admin follow", link=FEED, channel=there)
    assert "already" in joined.text
    assert f"<#{there.id}>" in joined.text
    assert "`follow_known`" in (await ada.slash("admin follow", link=FEED)).text
    [(both, _)] = await context.community.follows.all()
    assert both.id == follow.id
    assert set(both.followers) == {Follower(guild.id, here.id), Follower(other.id, there.id)}
    elsewhere = other.add_channel("elsewhere")
    assert f"<#{elsewhere.id}>" in (await ada.slash("admin follow", link=FEED, channel=elsewhere)).text
    listed, older = await ada.slash("admin follows"), await ada.slash("admin follows")
    assert f"<#{elsewhere.id}>" in listed.text
    assert str(here.id) not in listed.text
    left = await ada.select(listed, "w:unfollow", [str(follow.id)])
    assert "no longer followed from here" in left.text
    again = await ada.select(older, "w:unfollow", [str(follow.id)])
    assert "`follow_unknown`" in again.text
    [(one, _)] = await context.community.follows.all()
    assert one.followers == (Follower(guild.id, here.id),)
    assert (
        "is followed no longer"
        in (await mo.select(await mo.slash("admin follows"), "w:unfollow", [str(follow.id)])).text
    )
    assert await context.community.follows.all() == []


async def test_what_was_set_up_in_the_terminal_is_shown_and_ended_there(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    mo, follows = await moderated(context, guild), context.community.follows
    follow = await follows.add("feed", FEED, channel=guild.channels[0].id)
    listed = await mo.slash("admin follows")
    assert f"<#{guild.channels[0].id}>" in listed.text
    assert "set up in the terminal" in listed.text
    own = await follows.add("feed", f"{FEED}?2", server=guild.id)
    listed = await mo.slash("admin follows")
    with pytest.raises(RefusedByClientError, match="is not among"):
        await mo.select(listed, "w:unfollow", [str(follow.id)])
    await mo.select(listed, "w:unfollow", [str(own.id)])
    assert [entry.id for entry, _ in await follows.all()] == [follow.id]


async def test_a_source_that_was_never_reached_is_not_told_as_one_that_nobody_looked_at(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    mo, follows = await moderated(context, guild), context.community.follows
    follow = await follows.add("feed", FEED)
    assert "not looked at yet" in (await mo.slash("admin follows")).text
    await follows.look_failed(follow, SiteUnreachable(host="lantern.example"))
    never = (await mo.slash("admin follows")).text
    assert "not looked at yet" not in never
    assert "not read so far, tried again <t:" in never
    assert "could not be reached" in never
    await follows.looked(follow, Listing("The Lantern Room"))
    assert "looked at <t:" in (await mo.slash("admin follows")).text
    await follows.look_failed(follow, SiteUnreachable(host="lantern.example"))
    assert "last read <t:" in (await mo.slash("admin follows")).text


async def test_a_place_is_left_alone_until_a_moment_and_not_until_in_some_hours(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    mo, follows = await moderated(context, guild), context.community.follows
    await follows.add("feed", FEED)
    await follows.open_breaker("lantern.example", SiteUnreachable(host="lantern.example"))
    assert re.search(r"left alone until <t:\d+>\.", (await mo.slash("admin follows")).text)


async def test_the_source_of_a_following_is_spelled_as_in_the_library(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    mo = await moderated(context, guild)
    assert "“The Long Bench”" in (await mo.slash("admin follow", link=FEED, source="the long bench")).text
    said = (await mo.slash("admin follow", link=f"{FEED}?2", source="The Lomg Bench")).text
    assert "“The Lomg Bench” is a new source. If “The Long Bench” is meant" in said
    assert [follow.source for follow, _ in await context.community.follows.all()] == [
        "The Long Bench",
        "The Lomg Bench",
    ]


@pytest.mark.parametrize("command", ["admin follow", "admin add", "admin settings"])
async def test_sources_are_offered_in_any_spelling_while_one_is_typed(
    guild: Any, bot: CounterpointClient, context: Context, command: str
) -> None:
    mo = await moderated(context, guild)
    for typed in ("long", "the lnog bench"):
        offered = await mo.autocomplete(
            command,
            {"link": FEED, "source": typed} if "settings" not in command else {"source": typed},
            focused="source",
        )
        assert [choice["value"] for choice in offered] == ["The Long Bench"]
    everything = await mo.autocomplete(command, {"source": ""}, focused="source")
    assert ("*" in [choice["value"] for choice in everything]) is (command == "admin settings")


async def test_the_bot_knows_what_is_indexed_without_opening_an_edition(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an edition was opened on the event loop")

    await context.answerer.facts()
    monkeypatch.setattr("bot.app.source_poller.open_edition", refuse)
    assert SLUG in await make_poller(context)._slugs()


async def test_who_does_not_moderate_follows_nothing(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    await context.community.set_moderating(guild.id, is_open=True)
    ada = guild.add_member("Ada")
    reply = await ada.slash("admin follow", link=FEED, even_if_hidden=True)
    assert "`not_moderator`" in reply.text
    assert await context.community.follows.all() == []


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("/etc", "nothing_to_follow"),
        (".", "nothing_to_follow"),
        ("file:///etc", "nothing_to_follow"),
        ("hello", "nothing_to_follow"),
        ("https://youtu.be/abcdefghijk", "single_to_follow"),
    ],
)
async def test_members_follow_no_folder_of_this_machine_and_no_single_video(
    guild: Any, bot: CounterpointClient, context: Context, link: str, code: str
) -> None:
    mo = await moderated(context, guild)
    assert f"`{code}`" in (await mo.slash("admin follow", link=link)).text


async def test_what_the_bot_lacks_in_a_channel_is_said_at_once(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    mo = await moderated(context, guild)
    overwrite = {"id": guild.id, "type": 0, "allow": 0, "deny": READ_HISTORY | SEND_MESSAGES}
    quiet = guild.add_channel("quiet", overwrites=[overwrite])
    reply = await mo.slash("admin follow", link=FEED, channel=quiet)
    assert "`Send Messages`" in reply.text
    assert "`Read Message History`" in reply.text


async def test_an_episode_is_announced_once_with_its_card(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    channel = guild.channels[0]
    await put(context, channel.id)
    await put(context, channel.id)
    sender = OutboxSender(context.community.outbox, DiscordMessenger(bot), pace_s=0.0)
    assert await sender.round() == 1
    assert await sender.round() == 0
    [message] = shown_in(loopback, channel)
    assert "New in the library" in message.text
    assert "Tove Kassabian" in message.text
    assert {"Card", "Counterbalance", "Related"} <= set(message.labels)
    assert not would_mention(message)
    ada = guild.add_member("Ada")
    assert "Tove Kassabian" in (await ada.press(message, label="Card")).text


async def test_a_program_that_died_after_sending_finds_what_it_sent(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    channel, outbox = guild.channels[0], context.community.outbox
    await put(context, channel.id)
    [message] = await outbox.due()
    messenger = DiscordMessenger(bot)
    await outbox.begin(message)
    sent = await messenger.send(message)
    # The program dies here; hours later, when no nonce is remembered any more, another one begins.
    loopback.clock.advance(3600)
    assert await OutboxSender(outbox, DiscordMessenger(bot), pace_s=0.0).round() == 1
    assert [shown.id for shown in shown_in(loopback, channel)] == [sent]
    assert await outbox.due() == []


async def test_a_digest_with_the_episode_is_not_taken_for_its_announcement(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    channel, outbox = guild.channels[0], context.community.outbox
    payload = {"slugs": [SLUG], "topics": [], "server": guild.id, "stamp": "20261108T140000"}
    async with context.community._store.transaction() as connection:
        await put_message(
            connection, "digest", "digest:1", to="channel", to_id=channel.id, payload=payload,
            now=context.community._now(),
        )  # fmt: skip
    assert await OutboxSender(outbox, DiscordMessenger(bot), pace_s=0.0).round() == 1
    await put(context, channel.id)
    # The next program looks for what was made ready before it began.
    assert await OutboxSender(outbox, DiscordMessenger(bot), pace_s=0.0).round() == 1
    assert len(shown_in(loopback, channel)) == 2


async def test_a_message_that_another_bot_has_sent_meanwhile_is_left_to_it(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    channel, outbox = guild.channels[0], context.community.outbox
    await put(context, channel.id)
    [message] = await outbox.due()
    assert await OutboxSender(outbox, DiscordMessenger(bot), pace_s=0.0).round() == 1
    assert not await outbox.begin(message)
    assert await outbox.due() == [], "it stays as sent"
    assert len(shown_in(loopback, channel)) == 1


async def test_a_program_that_died_before_sending_sends(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    channel, outbox = guild.channels[0], context.community.outbox
    other = guild.add_member("Ada").write("a message of somebody's own", where=channel)
    assert other.id
    await put(context, channel.id)
    [message] = await outbox.due()
    await outbox.begin(message)
    assert await OutboxSender(outbox, DiscordMessenger(bot), pace_s=0.0).round() == 1
    assert len(shown_in(loopback, channel)) == 1


async def test_the_same_nonce_makes_no_second_message(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    channel = guild.channels[0]
    await put(context, channel.id)
    [message] = await context.community.outbox.due()
    messenger = DiscordMessenger(bot)
    assert await messenger.send(message) == await messenger.send(message)
    assert len(shown_in(loopback, channel)) == 1


async def test_where_history_cannot_be_read_it_is_rather_never_sent_than_twice(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    """Discord shows an empty history to who may not read it, which must not be taken for an empty channel."""
    overwrite = {"id": guild.id, "type": 0, "allow": 0, "deny": READ_HISTORY}
    channel, outbox = guild.add_channel("closed", overwrites=[overwrite]), context.community.outbox
    await put(context, channel.id)
    [message] = await outbox.due()
    await outbox.begin(message)
    await DiscordMessenger(bot).send(message)
    later = OutboxSender(outbox, DiscordMessenger(bot), pace_s=0.0)
    now = context.community._now
    later._now = lambda: now().replace(year=now().year + 1)
    assert await later.round() == 0
    assert len(shown_in(loopback, channel)) == 1
    [(told, problem)] = await outbox.troubles()
    assert (told.state, problem) == ("unsure", "read_message_history is missing")


async def test_a_channel_of_too_many_messages_to_look_through_is_not_one_without_the_message(
    loopback: LoopbackDiscord,
    guild: Any,
    bot: CounterpointClient,
    context: Context,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.discord.messenger.MOST_LOOKED_THROUGH", 3)
    channel, outbox = guild.channels[0], context.community.outbox
    await put(context, channel.id)
    [message] = await outbox.due()
    await outbox.begin(message)
    ada = guild.add_member("Ada")
    for number in range(3):
        ada.write(f"number {number}", where=channel)
    await DiscordMessenger(bot).send(message)
    [begun] = await outbox.due()
    with pytest.raises(NotFindable, match="first 3 messages"):
        await DiscordMessenger(bot).find(begun)


async def test_a_message_is_looked_for_from_its_first_try_on(
    loopback: LoopbackDiscord,
    guild: Any,
    bot: CounterpointClient,
    context: Context,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It waited in the outbox while many wrote."""
    monkeypatch.setattr("bot.discord.messenger.MOST_LOOKED_THROUGH", 3)
    monkeypatch.setattr("bot.discord.messenger.LOOKED_BACK", timedelta(0))
    channel, outbox = guild.channels[0], context.community.outbox
    await put(context, channel.id)
    ada = guild.add_member("Ada")
    for number in range(5):
        ada.write(f"number {number}", where=channel)
    [message] = await outbox.due()
    await outbox.begin(message)
    sent = await DiscordMessenger(bot).send(message)
    [begun] = await outbox.due()
    assert await DiscordMessenger(bot).find(begun) == sent


async def test_a_channel_that_refuses_is_tried_again_and_moderators_see_why(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    mo = await moderated(context, guild)
    overwrite = {"id": guild.id, "type": 0, "allow": 0, "deny": SEND_MESSAGES}
    channel = guild.add_channel("quiet", overwrites=[overwrite])
    await mo.slash("admin follow", link=FEED)
    await put(context, channel.id)
    assert await OutboxSender(context.community.outbox, DiscordMessenger(bot), pace_s=0.0).round() == 0
    shown = await mo.slash("admin follows")
    assert "HTTP 403" in shown.text
    assert f"<#{channel.id}>" in shown.text


async def test_a_channel_that_is_to_wait_for_an_hour_keeps_no_other_waiting(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    slow, other = guild.add_channel("slow"), guild.add_channel("other")
    await put(context, slow.id)
    await put(context, other.id)
    loopback.fail_next(f"POST /channels/{slow.id}/messages", status=429, retry_after_s=3600.0)
    sender = OutboxSender(context.community.outbox, DiscordMessenger(bot), pace_s=0.0)
    assert await sender.round() == 1
    assert len(shown_in(loopback, other)) == 1
    [(message, problem)] = await context.community.outbox.troubles()
    assert (message.goal_id, message.state) == (slow.id, "waiting"), "it was certainly not sent"
    assert "3600 s" in problem


async def test_where_no_files_may_be_attached_an_episode_is_announced_without_its_picture(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    overwrite = {"id": guild.id, "type": 0, "allow": 0, "deny": ATTACH_FILES}
    channel = guild.add_channel("words", overwrites=[overwrite])
    await put(context, channel.id)
    assert await OutboxSender(context.community.outbox, DiscordMessenger(bot), pace_s=0.0).round() == 1
    [message] = shown_in(loopback, channel)
    assert "Tove Kassabian" in message.text
    assert not message.attachments


async def test_a_channel_that_is_gone_is_told_of_nothing_more_and_moderators_see_why(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    mo, follows = await moderated(context, guild), context.community.follows
    channel = guild.add_channel("news")
    follow = await follows.add("feed", FEED, server=guild.id, channel=channel.id)
    await put(context, channel.id)
    del loopback.world.channels[channel.id]
    sender = OutboxSender(
        context.community.outbox,
        DiscordMessenger(bot),
        pace_s=0.0,
        closed=context.community.close_channel,
    )
    assert await sender.round() == 0
    [follower] = (await follows.get(follow.id)).followers
    assert follower.channel is None
    await follows.remove(follow.id)
    shown = (await mo.slash("admin follows")).text
    assert f"A message to <#{channel.id}> was given up: HTTP 404, 10003" in shown
    assert "Nothing is followed" in shown


async def test_moderators_see_no_channel_of_another_server_and_nobodys_private_messages(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    """Not even where many messages of others came later."""
    mo, other, outbox = await moderated(context, guild), loopback.add_guild(), context.community.outbox
    own, gone = guild.channels[0].id, 4711
    await put(context, own)
    await put(context, gone, server=guild.id)
    for number in range(10):
        await put(context, other.channels[0].id, slug=f"an-episode-{number}")
    async with context.community._store.transaction() as connection:
        await put_message(
            connection,
            "alerts_ended",
            "x",
            to="person",
            to_id=mo.id,
            payload={},
            now=context.community._now(),
        )
    for message in await outbox.due():
        await outbox.refused(message, "HTTP 403, 50013")
    shown = await mo.slash("admin follows")
    assert set(re.findall(r"A message to (\S+) waits", shown.text)) == {f"<#{own}>", f"<#{gone}>"}


async def test_an_episode_that_is_gone_is_announced_no_more_and_no_other_in_its_place(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    """Taken for words, the slug would mean another episode."""
    outbox = context.community.outbox
    await put(context, guild.channels[0].id, slug="tove-kassabian")
    await put(context, guild.channels[0].id, slug="zzzz-qqqq")
    assert await OutboxSender(outbox, DiscordMessenger(bot), pace_s=0.0).round() == 0
    assert shown_in(loopback, guild.channels[0]) == []
    assert (await outbox.due(), await outbox.n_waiting(), await outbox.troubles()) == ([], 0, [])


async def test_an_answer_of_discords_that_does_not_come_is_not_taken_for_a_refusal(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, context: Context
) -> None:
    """The message was taken, and the connection was cut before the answer came."""
    channel, outbox = guild.channels[0], context.community.outbox
    await put(context, channel.id)
    for _ in range(5):  # discord.py itself tries so often
        loopback.fail_next(f"POST /channels/{channel.id}/messages", status=500, late=True)
    sender = OutboxSender(outbox, DiscordMessenger(bot), pace_s=0.0)
    await sender.round()
    assert len(shown_in(loopback, channel)) == 1
    now = context.community._now
    outbox._now = lambda: now().replace(year=now().year + 1)
    await sender.round()
    assert len(shown_in(loopback, channel)) == 1
    assert await outbox.due() == []


async def test_a_transcript_is_added_by_its_link_and_a_feed_is_to_be_followed(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    mo = await moderated(context, guild)
    item = "<item><title>{0}</title><guid>{0}</guid></item>"
    with SmallWeb() as small:
        text = b"WEBVTT\n\n00:00.000 --> 00:04.000\nWho keeps the keys of the house?\n"
        small.pages["/keys.vtt"] = Plays(text, kind="text/vtt")
        feed = f"<rss><channel><title>T</title>{item.format(1)}{item.format(2)}</channel></rss>"
        small.pages["/feed"] = Plays(feed.encode())
        bot.context = dataclasses.replace(
            context,
            sources=WebAndFolderSources(
                YouTubeSource(), context.settings.state_folder, is_allowed=is_loopback, ports=any_port
            ),
        )
        shown = await mo.slash("admin add", link=small.url("/keys.vtt"))
        assert "Add to the library" in shown.labels
        assert "keys" in shown.text
        several = await mo.slash("admin add", link=small.url("/feed"))
        assert "`link_is_no_video`" in several.text
        assert "/admin follow" in several.text
    nothing = await mo.slash("admin add")
    assert "the link of a video or a transcript" in nothing.text
