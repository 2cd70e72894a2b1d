"""What members ask and see, over real sockets with the real client on the sample library."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from discord_loopback.driver import Person
from discord_loopback.messages import would_mention
from discord_loopback.reply import Reply
from discord_loopback.server import LoopbackDiscord

from bot.app.limiter import RateLimiter
from bot.discord.client import CounterpointClient
from bot.discord.context import Context

pytestmark = pytest.mark.both_stores

VIDEO = "Counterp0in"
LINK = re.compile(r"\[\d+:\d\d(?::\d\d)?\]\(<https://recordings\.example/[a-z-]+#t=\d+>\)")
GAUGE = re.compile(r"`◂[─┼●○]{15}▸ (?:[+−]\d+|0)` (?:Risk-forward|Mixed|Opportunity-forward)")
TUTORS = "Josefina Arrate on tutors in the valley schools"


@pytest_asyncio.fixture
async def ada(loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient) -> AsyncIterator[Person]:
    """A member; whatever she is shown mentions nobody."""
    del bot
    yield guild.add_member("Ada")
    assert not any(would_mention(message) for message in loopback.messages)


def label_of(reply: Reply, start: str) -> str:
    return next(label for label in reply.labels if label.startswith(start))


async def test_find_quotes_to_the_second_with_position_and_link(ada: Person) -> None:
    reply = await ada.slash("find", query="boy who told the tutor about trout in his dialect")
    assert (reply.deferred, reply.ephemeral) == (True, True)
    assert TUTORS in reply.text
    assert "**trout**" in reply.text
    assert LINK.search(reply.text)
    assert GAUGE.search(reply.text)
    assert all(line.startswith("> ") for line in reply.text.splitlines() if "trout**" in line)
    assert {"Other side", "Share"} <= set(reply.labels)


@pytest.mark.parametrize(
    ("options", "holds"),
    [
        ({"lens": "governance"}, "Governance"),
        ({"band": "Risk-forward"}, "Risk-forward"),
        ({"source": "the long bench"}, "The Long Bench"),
    ],
)
async def test_find_keeps_to_its_limits_and_can_drop_them(
    ada: Person, options: dict[str, str], holds: str
) -> None:
    reply = await ada.slash("find", {"query": "models", **options})
    assert holds in reply.text
    wide = await ada.press(reply, label="Without limits")
    assert wide.updated
    assert "Without limits" not in wide.labels


async def test_every_passage_of_a_band_stands_in_it(ada: Person) -> None:
    reply = await ada.slash("find", query="school", band="Opportunity-forward")
    bands = {match[0].rsplit("` ", 1)[1] for match in GAUGE.finditer(reply.text)}
    assert bands <= {"Opportunity-forward"}


async def test_a_band_without_an_answer_says_so_and_shows_what_stands_elsewhere(ada: Person) -> None:
    reply = await ada.slash("find", query="six weeks on complaints", band="Risk-forward")
    assert "Risk-forward: nothing on that was found. What stands elsewhere:" in reply.text
    assert "Darragh Pennycuick" in reply.text
    assert "Other side" not in reply.labels, "this side has nothing"
    assert "Without limits" not in reply.labels
    nothing = await ada.slash("find", query="upholstery for zeppelins", band="Risk-forward")
    assert "Nothing close to that was found within these limits" in nothing.text


async def test_pages_turn_in_place_and_back(ada: Person) -> None:
    reply = await ada.slash("find", query='"the machine"')
    first = reply.text
    await ada.press(reply, label=label_of(reply, "Page 2"))
    assert reply.text != first
    await ada.press(reply, label="◂ Back")
    assert reply.text == first


async def test_the_other_side_is_the_other_wing_and_leads_back(ada: Person) -> None:
    reply = await ada.slash("find", query="fraud with published weights", band="Risk-forward")
    first = reply.text
    await ada.press(reply, label="Other side")
    assert "Other side of" in reply.text
    assert re.search(r"This side stands at `.+` Risk-forward", reply.text)
    await ada.press(reply, label="Back to this side")
    assert reply.text == first


async def test_balanced_shows_every_band_and_how_the_library_covers_it(ada: Person) -> None:
    reply = await ada.slash("find", query="tutors in schools", balanced=True)
    headings = re.findall(r"^### (.+)$", reply.text, re.MULTILINE)
    assert headings == ["Risk-forward", "Mixed", "Opportunity-forward"]
    assert re.search(r"How the library covers this: `[█▒░]{20}`", reply.text)


async def test_sharing_shows_a_copy_to_all_and_just_me_gives_one_back(ada: Person, guild: Any) -> None:
    una = guild.add_member("Una")
    mine = await ada.slash("find", query="tutors in schools")
    shared = await ada.press(mine, label="Share")
    assert not shared.ephemeral
    assert una.sees(shared.message)
    assert not una.sees(mine.message)
    own = await una.press(shared, label="Just me")
    assert own.ephemeral
    assert own.message is not shared.message


async def test_another_persons_press_leaves_a_shared_answer_as_it_is(ada: Person, guild: Any) -> None:
    una = guild.add_member("Una")
    shared = await ada.press(await ada.slash("find", query='"the machine"'), label="Share")
    before = shared.text
    own = await una.press(shared, label=label_of(shared, "Page 2"))
    assert own.ephemeral
    assert (shared.text, own.text == before) == (before, False)


async def test_who_may_not_write_may_not_share(ada: Person, guild: Any) -> None:
    quiet = guild.add_channel("quiet", overwrites=[{"id": guild.id, "type": 0, "deny": 1 << 11}])
    reply = await ada.slash("find", query="tutors", where=quiet)
    refused = await ada.press(reply, label="Share")
    assert refused.ephemeral
    assert "may not write" in refused.text


async def test_a_public_channel_shows_answers_to_all_and_errors_to_the_asker(
    ada: Person, guild: Any, context: Context
) -> None:
    channel = guild.channels[0]
    await context.community.set_server(guild.id, public_channels=frozenset({channel.id}))
    assert not (await ada.slash("find", query="tutors")).ephemeral
    refused = await ada.slash("find", query="!!!", until="ack")
    message = await refused.wait_for_followup()
    assert message.ephemeral
    assert "no word" in message.text


async def test_the_servers_source_limits_who_names_none(ada: Person, guild: Any, context: Context) -> None:
    await context.community.set_server(guild.id, default_source="Shift Change")
    usual = "only Shift Change, this server's usual source (`source: Every source` takes all)"
    limited = await ada.slash("find", query="schools")
    assert limited.text.count("only Shift Change") == limited.text.count(usual) == 1
    assert usual in (await ada.press(limited, label="Share")).text
    assert "usual" not in (await ada.slash("find", query="schools", source="Shift Change")).text
    assert "only Shift Change" not in (await ada.press(limited, label="Without limits")).text
    assert "only" not in (await ada.slash("find", query="schools", source="*")).text.split("###")[0]


async def test_the_card_tells_what_stands_on_the_seed_page(ada: Person) -> None:
    reply = await ada.slash("episode", episode="gunnar-eziokwu-on-what-cannot-be-recalled")
    for part in ("Where it stands", "confidence", "Arc, early to late", "median", "p10–p90",
                 "Editorial assessment", "Captions"):  # fmt: skip
        assert part in reply.text, part
    assert re.search("🟠 (most risk-forward|lowest)", reply.text)
    assert re.search("⚪ (most opportunity-forward|highest)", reply.text)
    assert re.search("Pulled by (what Gunnar Eziokwu says: )?“|for being close to", reply.text)
    assert len(LINK.findall(reply.text)) == 5  # three markers, two turns
    assert {"Counterbalance", "Related", "Share", "Open recording"} <= set(reply.labels)


async def test_counterbalance_shows_positions_and_either_passages_or_that_nobody_answers(ada: Person) -> None:
    for slug in (TUTORS, "gunnar-eziokwu-on-what-cannot-be-recalled"):
        reply = await ada.slash("counterbalance", episode=slug)
        stands = re.search(r"[+−]?\d+ here · \*\*[+−]?\d+\*\* there · difference [+−]?\d+", reply.text)
        assert bool(stands) != ("not clearly on another side" in reply.text)
        answers = "These may answer it from the other side" in reply.text
        assert answers == ("Both seem to speak to: " in reply.text)
        assert answers == ("**Here**" in reply.text) == ("**There**" in reply.text)
        assert answers != ("Nobody in this library clearly answers this episode" in reply.text)
        assert "across the spectrum" not in reply.text


async def test_related_shows_trails(ada: Person) -> None:
    reply = await ada.slash("related", episode="Tove Kassabian")
    assert "Absalom Greif" in reply.text
    assert re.search(r"`[▁▂▃▄▅▆▇█]+`", reply.text)
    assert "same shelf" in reply.text


async def test_one_answer_leads_to_the_next(ada: Person) -> None:
    found = await ada.slash("find", query="boy who told the tutor about trout in his dialect")
    card = await ada.press(found, custom_id="e:josefina-arrate-on-tutors-in-the-valley-schools:card:open")
    assert card.ephemeral
    assert "Where it stands" in card.text
    picks = await ada.press(card, label="Counterbalance")
    kin = await ada.press(picks, label="Related")
    assert "Related to" in kin.text


async def test_about_is_honest(ada: Person) -> None:
    text = (await ada.slash("about")).text
    assert "most such pairs" not in text, "where a judge is set, most of its pairs are good"
    for part in ("−100, risk-forward", "How it is made", "How far it holds", "What is stored", "14 episodes"):
        assert part in text, part


async def test_a_band_is_counted_as_empty_only_where_nothing_is_shown_in_it(ada: Person) -> None:
    asked = (
        "let two AIs debate so the human can judge who's right. have you ever watched humans judge a debate? "
        "cute paper, i would not bet the house on it"
    )
    said = (await ada.slash("find", query=asked, balanced=True)).text
    counts = [int(count) for count in re.findall(r"[█▒░] (\d+) [A-Z]", said)]
    assert len(counts) == 3
    assert counts.count(0) == said.count("No passage on this was found in this band")


async def test_menus_take_a_message_as_the_question(ada: Person, guild: Any) -> None:
    bob = guild.add_member("Bob")
    reply = await ada.message_menu("Find in transcripts", bob.write("the boy who told the tutor about trout"))
    assert reply.ephemeral
    assert TUTORS in reply.text
    bleak = bob.write("These machines are dangerous, they will deceive us and we will lose control of them.")
    counter = await ada.message_menu("Counter this", bleak)
    assert counter.ephemeral
    assert "Whether they agree with it or oppose it I cannot tell" in counter.text
    even = await ada.message_menu("Counter this", bob.write("homework on a Tuesday"))
    for said in (counter.text, even.text):
        assert re.search("### (Risk-forward|Mixed|Opportunity-forward)", said)
        for untrue in ("Other side of", "This side stands", "How the library covers", "found in this band"):
            assert untrue not in said


async def test_a_message_on_no_subject_of_the_library_is_given_no_position(ada: Person, guild: Any) -> None:
    bob = guild.add_member("Bob")
    for text in (
        "Running shoes for flat feet are dangerous and will ruin knees.",
        "Poached eggs are a threat, they destroy saucepans.",
    ):
        said = (await ada.message_menu("Counter this", bob.write(text))).text
        assert "Nothing close to that was found" in said, text
        assert "This side stands at" not in said


async def test_a_link_in_a_message_names_the_episode(ada: Person) -> None:
    link = f"https://youtu.be/{VIDEO}?t=30"
    assert "Where it stands" in (await ada.message_menu("Find in transcripts", link)).text
    within = await ada.message_menu(
        "Find in transcripts", f"what does she say of heights of water once in a hundred years? {link}"
    )
    assert "only “Tove Kassabian on short clocks”" in within.text
    assert "Counterbalance to" in (await ada.message_menu("Counter this", f"<{link}>")).text
    for chatter in ("has anyone seen this?? so good 🔥", "this one explains it so much better than I can"):
        opened = await ada.message_menu("Find in transcripts", f"{chatter} {link}")
        assert "Where it stands" in opened.text
        assert "Nothing close" not in opened.text
    for words in ("who's in for zeppelin upholstery? starts at 9", "zeppelin upholstery and umbrella stands"):
        opened = await ada.message_menu("Find in transcripts", f"{words} {link}")
        assert "Nothing close to its words was found in it." in opened.text
        assert "Where it stands" in opened.text


async def test_there_is_no_way_back_to_a_side_that_nobody_has(ada: Person, guild: Any) -> None:
    bob = guild.add_member("Bob")
    reply = await ada.message_menu(
        "Counter this", bob.write("does anyone know when the umbrella stand opens?")
    )
    assert "Nothing close" in reply.text
    assert "Back to this side" not in reply.message.labels


async def test_the_nearest_to_an_unknown_name_can_be_opened(ada: Person) -> None:
    reply = await ada.slash("episode", episode="tove kasabjann shrt")
    if "`episode_unknown`" in reply.text:
        chosen = reply.message.selects[0]["options"][0]["value"]
        opened = await ada.select(reply, None, [chosen])
        assert "Where it stands" in opened.text


@pytest.mark.parametrize("menu", ["Find in transcripts", "Counter this"])
async def test_a_link_to_an_unknown_video_says_so_and_whom_to_ask(ada: Person, menu: str) -> None:
    link = "https://www.youtube.com/watch?v=AAAAAAAAAAA"
    for content in (link, f"look at this lol {link}", f"<:wow:123456789012345678> wow 😱 {link} must watch"):
        said = (await ada.message_menu(menu, content)).text
        assert "The library does not have that video. A moderator can add it with `/admin add`;" in said
    said = (await ada.slash("episode", episode=link)).text
    assert "does not have that video" in said
    asked = (
        await ada.message_menu("Find in transcripts", f"tutors in the valley schools and trout {link}")
    ).text
    assert "The linked video is not in the library" in asked
    assert TUTORS in asked


@pytest.mark.parametrize("menu", ["Find in transcripts", "Counter this"])
async def test_a_link_to_no_episode_is_not_passed_over(ada: Person, guild: Any, menu: str) -> None:
    link, bob = "https://podcasts.example/show/id15", guild.add_member("Bob")
    for content in (link, f"is this any good? {link}"):
        said = (await ada.message_menu(menu, bob.write(content))).text
        assert "That link leads to nothing in the library" in said, content
    asked = (await ada.message_menu(menu, bob.write(f"tutors in the valley schools and trout {link}"))).text
    assert "The link leads to nothing in the library, so only the words" in asked


async def test_what_a_message_says_beside_its_link_is_answered_by_others(ada: Person, guild: Any) -> None:
    link, bob = f"https://youtu.be/{VIDEO}", guild.add_member("Bob")
    bleak = f"{link} right, these machines are dangerous, they deceive us and we will lose control of them"
    said = (await ada.message_menu("Counter this", bob.write(bleak))).text
    assert "Whether they agree with it or oppose it I cannot tell" in said
    assert "Tove Kassabian on short clocks" not in said
    for chatter in ("so good", "he is right about all of this"):
        said = (await ada.message_menu("Counter this", bob.write(f"{chatter} {link}"))).text
        assert "Counterbalance to" in said, chatter


async def test_a_heading_shows_the_words_of_a_message_without_signs(ada: Person) -> None:
    content = "<:wow:123456789012345678> **tutors** in the `valley` schools\n```\nx = 1\n```"
    heading = (await ada.message_menu("Find in transcripts", content)).text.split("\n")[0]
    assert heading == "## “tutors in the valley schools”"
    quoted = (await ada.slash("find", query='"valley schools"')).text.split("\n")[0]
    assert quoted == "## “‘valley schools’”"


async def test_typing_offers_episodes_and_sources_and_never_fails(
    ada: Person, context: Context, bot: CounterpointClient
) -> None:
    offered = await ada.autocomplete("episode", {"episode": "josefna arate"}, focused="episode")
    assert offered[0]["value"] == "josefina-arrate-on-tutors-in-the-valley-schools"
    assert len(await ada.autocomplete("related", {"episode": ""}, focused="episode")) == 14
    assert await ada.autocomplete("episode", {"episode": "😀" * 3000}, focused="episode") == []
    sources = await ada.autocomplete("find", {"query": "x", "source": ""}, focused="source")
    assert [one["value"] for one in sources][:2] == ["*", "Contrary Weather"]
    bot.context = dataclasses.replace(context, answerer=None)  # type: ignore[arg-type]  # as broken as can be
    assert await ada.autocomplete("episode", {"episode": "a"}, focused="episode") == []
    assert await ada.autocomplete("find", {"query": "x", "source": "a"}, focused="source") == []


async def test_a_german_reads_german(ada: Person, guild: Any, loopback: LoopbackDiscord) -> None:
    del ada
    jan = guild.add_member("Jan", locale="de")
    reply = await jan.slash("find", query="boy who told the tutor about trout in his dialect")
    assert "ganze Folge" in reply.text
    assert "Andere Seite" in reply.labels
    refused = await jan.slash("episode", episode="zzzzqqq")
    assert "Ich kenne keine Folge" in refused.text
    find = next(one for one in loopback.commands if one["name"] == "find")
    assert find["name_localizations"]["de"] == "finden"
    assert find["description_localizations"]["de"].startswith("Wo wurde das gesagt?")


async def test_private_channels_and_own_installs_are_served(ada: Person, loopback: LoopbackDiscord) -> None:
    assert TUTORS in (await ada.slash("find", query="tutor trout dialect", where=ada.private)).text
    sol = loopback.add_person("Sol")
    reply = await sol.slash("find", query="tutor trout dialect")
    assert TUTORS in reply.text
    assert (
        "Where it stands"
        in (
            await sol.press(reply, custom_id="e:josefina-arrate-on-tutors-in-the-valley-schools:card:open")
        ).text
    )


HOSTILE = [
    "@everyone is school safe", "[schools](https://evil.example) are dangerous", "```\nschools\n``` **bold",
    '"schools', "NEAR(schools tutors", "schools*", "-schools", "schools AND OR NOT", "title:schools", "' OR 1=1; --",
    "schools ||hidden|| <@1> <@&2> <#3>", "discord.gg/abc schools", "\u202eschools", "schools " + "e\u0301" * 200,
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
async def test_hostile_queries_are_only_words(ada: Person, query: str) -> None:
    reply = await ada.slash("find", query=query)
    head = reply.text.split("\n###")[0]
    assert "@everyone" not in head
    assert "](https://evil" not in head
    assert "discord.gg" not in head
    assert not re.search(r"(?<!\\)<[@#]", head)
    assert not re.search(r"(?<!\\)\|\|", head)
    assert "unexpected" not in head


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("a", "too short"),
        ("🙂🙂", "no word"),
        ("...", "no word"),
        ("x" * 6000, "6000 characters"),
        ("\u200b\u200b!", "no word"),
    ],
)
async def test_what_cannot_be_asked_is_one_sentence_with_a_code(ada: Person, query: str, says: str) -> None:
    reply = await ada.slash("find", query=query)
    assert reply.ephemeral
    assert says in reply.text
    assert re.search(r"\n-# `question_\w+`$", reply.text)
    assert len(reply.text) < 300


async def test_a_message_without_words_is_refused(ada: Person) -> None:
    assert "no words" in (await ada.message_menu("Find in transcripts", "   ")).text
    assert "no word" in (await ada.message_menu("Counter this", "👍")).text
    for chatter in ("lol", "omg this is so good 😂", "thanks, will watch it tonight"):
        for menu in ("Counter this", "Find in transcripts"):
            assert "no words in that to look for" in (await ada.message_menu(menu, chatter)).text


@pytest.mark.parametrize("command", ["episode", "related", "counterbalance"])
async def test_an_episode_that_is_unknown_or_ambiguous_is_said(ada: Person, command: str) -> None:
    unknown = await ada.slash(command, episode="qwrtz plmkj xvbnm")
    assert "know no episode" in unknown.text
    assert "`episode_unknown`" in unknown.text
    ambiguous = await ada.slash(command, episode="Contrary Weather")
    assert "may mean several" in ambiguous.text
    assert "Cormac Iwu" in ambiguous.text
    bad = await ada.slash(command, episode="../../etc/passwd @everyone " + "x" * 500)
    assert bad.ephemeral
    assert "@everyone" not in bad.text


@pytest.mark.parametrize(
    ("command", "heading"),
    [("episode", "Where it stands"), ("related", "Related to"), ("counterbalance", "Counterbalance to")],
)
async def test_an_ambiguous_title_offers_its_candidates(ada: Person, command: str, heading: str) -> None:
    asked = await ada.slash(command, episode="Contrary Weather")
    assert asked.ephemeral
    (select,) = asked.message.selects
    assert len(select["options"]) > 1
    chosen = select["options"][1]
    opened = await ada.select(asked, None, [chosen["value"]])
    assert heading in opened.text
    assert chosen["label"] in opened.text


async def test_find_keeps_to_a_speaker_who_is_offered_while_typing(ada: Person) -> None:
    offered = await ada.autocomplete("find", {"query": "x", "speaker": "absal"}, focused="speaker")
    assert [one["value"] for one in offered] == ["Absalom Greif"]
    reply = await ada.slash("find", query="what do you think", speaker="greif")
    assert "only Absalom Greif" in reply.text
    said_by = re.findall(r"^\*\*\d+\*\* · .+ · (.+)$", reply.text, re.MULTILINE)
    assert said_by
    assert "Without limits" in reply.labels
    older = await ada.slash("find", query="what do you think", since="2025-13")
    assert "2025-13” is no day" in older.text
    turned = await ada.slash("find", {"query": "short clocks", "since": "2026", "until": "2025"})
    assert "the first day is after the last" in turned.text
    newer = await ada.slash("find", query="short clocks", since="2024")
    assert "published from <t:" in newer.text
    assert "Nothing" not in newer.text
    older = await ada.slash("find", {"query": "short clocks", "until": "1999"})
    assert "Nothing close to that was found within these limits" in older.text
    unknown = await ada.slash("find", query="clocks", speaker="Nobody Atall")
    assert "No transcript names “Nobody Atall”" in unknown.text
    assert "“Mirela Tóth”" in unknown.text


async def test_an_unknown_source_names_those_there_are(ada: Person) -> None:
    reply = await ada.slash("find", query="schools", source="The Short Bench")
    assert "“The Short Bench”" in reply.text
    assert "“Shift Change”" in reply.text


async def test_nothing_found_is_a_sentence_with_a_way_on(ada: Person) -> None:
    reply = await ada.slash("find", query="purple elephants baking lasagna")
    assert "Nothing close to that was found" in reply.text
    assert "`/spectrum` shows what the library talks of" in reply.text
    assert "instead of" not in reply.text
    assert "Share" not in reply.labels


async def test_who_asks_too_quickly_is_told_how_long_to_wait(ada: Person, bot: CounterpointClient) -> None:
    bot.context = dataclasses.replace(bot.context, rate_limiter=RateLimiter(burst=2, every_s=30.0))
    for _ in range(2):
        await ada.slash("about")
    refused = await ada.slash("about")
    assert refused.ephemeral
    assert re.search(r"ask again in (29|30) s", refused.text)
