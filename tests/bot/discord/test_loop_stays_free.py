"""Whatever somebody presses, the event loop answers everybody else meanwhile: heavy work is done elsewhere."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from discord_loopback.people import MANAGE_GUILD
from loop_work import loop_work

from bot.app.quotes import quote_of
from bot.app.service import EpisodeCard
from bot.discord.client import CounterpointClient
from index.library.sources import Listed, Listing

GUNNAR = "gunnar-eziokwu-on-what-cannot-be-recalled"
WORDS = "dams tutors keys machines rivers schools clocks weather gardens bridges letters orchards".split()


@pytest.mark.parametrize("is_gone", [True, False])
async def test_looking_for_words_that_moved_or_are_gone_holds_up_nobody(
    guild: Any, bot: CounterpointClient, monkeypatch: pytest.MonkeyPatch, is_gone: bool
) -> None:
    ada = guild.add_member("Ada")
    card = await ada.slash("episode", episode=GUNNAR)
    shown = await ada.select(card, None, ["3"])
    answerer: Any = bot.context.answerer
    known = await answerer.episode(GUNNAR)
    wanted = quote_of(known.episode, known.slices[3])
    others = tuple(record for record in known.slices if record.piece.ordinal != 3)
    long = dataclasses.replace(known, slices=others * 20 + (() if is_gone else (wanted.record,)))

    async def episode(*_: object, **__: object) -> EpisodeCard:
        return long

    monkeypatch.setattr(answerer, "episode", episode)
    (button,) = [each for each in shown.message.buttons if each["label"] == "Quote picture"]
    button["custom_id"] = f"q:{GUNNAR}:0:{wanted.key}:open"
    async with loop_work() as work:
        picture = await ada.press(shown, label="Quote picture")
    assert bool(picture.attachments) is not is_gone, picture.text
    work.check()


async def test_looking_for_questions_in_followed_sources_holds_up_nobody(
    guild: Any, bot: CounterpointClient
) -> None:
    community = bot.context.community
    await community.set_moderating(guild.id, is_open=True)
    mo = guild.add_member("Mo", permissions=MANAGE_GUILD)
    await community.unanswered.set_on(guild.id, is_on=True)
    for number in range(20):
        await community.unanswered.note(guild.id, f"zeppelin upholstery {number}")
    told = " ".join(f"{word}{letter}" for letter in "abcdefgh" for word in WORDS)
    follow = await community.follows.add("feed", "https://lantern.example/feed")
    items = [Listed(key=str(n), title=f"Number {n}", description=told) for n in range(300)]
    last = Listed(
        key="last", title="The last", description=f"{told} Upholstery 7: see https://x.example/zeppelins"
    )
    named = Listed(key="named", title="Zeppelins", description=f"{told} and upholstery, 7 times")
    await community.follows.looked(follow, Listing("Lantern", (*items, last, named)))
    shown = await mo.slash("admin missing")
    async with loop_work() as work:
        found = await mo.press(shown, label="Look in followed sources")
    assert "zeppelin upholstery 7" in found.text
    assert "Zeppelins" in found.text, "however late in a description a word stands"
    assert "The last" not in found.text, "a link is no word"
    work.check()
