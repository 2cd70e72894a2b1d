"""People see who speaks where; moderators see what was asked for in vain, if they want that to be counted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from discord_loopback.people import MANAGE_GUILD

from bot.discord.client import CounterpointClient
from bot.discord.context import Context
from index.library.sources import Listed, Listing

pytestmark = pytest.mark.both_databases

NAME = "Inês Carvalhal"
IN_VAIN = "zeppelin upholstery"


@pytest.mark.parametrize(
    ("locale", "said"), [("en-US", "too few to say"), ("de", "zu wenig, um etwas zu sagen")]
)
async def test_a_person_is_shown_with_their_episodes_and_nothing_is_made_of_too_few(
    guild: Any, bot: CounterpointClient, locale: str, said: str
) -> None:
    ada = guild.add_member("Ada", locale=locale)
    reply = await ada.slash("person", name="josefina")
    assert "## Josefina Arrate" in reply.text
    assert "Josefina Arrate on tutors in the valley schools" in reply.text
    assert said in reply.text


async def test_a_part_of_a_name_is_enough_where_one_has_it_and_a_topic_limits(
    guild: Any, bot: CounterpointClient
) -> None:
    ada = guild.add_member("Ada")
    reply = await ada.slash("person", name="carvalhal", topic="a tutor on a tablet")
    assert NAME in reply.text
    assert "on “a tutor on a tablet”" in reply.text
    quoted = next(line for line in reply.text.split("\n") if line.startswith("> "))
    assert "**" in quoted, "what is quoted has words of the topic"
    assert "`speaker_unknown`" in (await ada.slash("person", name="Nobody At All")).text
    choices = await ada.autocomplete("person", {"name": "carv"}, focused="name")
    assert NAME in {choice["value"] for choice in choices}


async def test_questions_in_vain_are_counted_when_moderators_begin_it_and_looked_for_in_sources(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    await context.community.set_moderating(guild.id, is_open=True)
    mo, ada = guild.add_member("Mo", permissions=MANAGE_GUILD), guild.add_member("Ada")
    await ada.slash("find", query=IN_VAIN)
    shown = await mo.slash("admin missing")
    assert IN_VAIN not in shown.text
    begun = await mo.press(shown, label="Count questions")
    assert re.search(r"are counted since <t:\d+>,", begun.text), "since a moment, not since some days ago"
    await ada.slash("find", query=IN_VAIN)
    await ada.slash("find", query="people and machines at work")
    shown = await mo.slash("admin missing")
    assert f"{IN_VAIN} · 1" in shown.text
    assert "machines" not in shown.text.split("Subjects")[0]
    await context.community.set_server(guild.id, default_source="Shift Change")
    await ada.slash("find", query=IN_VAIN)  # nobody asked for that source alone
    await ada.slash("find", query=IN_VAIN, source="The Long Bench")
    shown = await mo.slash("admin missing")
    assert f"{IN_VAIN} · 2" in shown.text
    follows = context.community.follows
    follow = await follows.add("feed", "https://lantern.example/feed")
    item = Listed(key="1", title="Upholstery for zeppelins", url="https://lantern.example/1")
    await follows.looked(follow, Listing("Lantern", (item,)))
    found = await mo.press(shown, label="Look in followed sources")
    assert "Upholstery for zeppelins" in found.text
    await mo.press(shown, label="No longer count")
    assert await context.community.unanswered.most_asked(guild.id) == []
    assert "`not_moderator`" in (await ada.slash("admin missing", even_if_hidden=True)).text
