"""Moderators see counts and take all votes home as a file; votes outlive editions and episodes."""

from __future__ import annotations

import dataclasses
import json
import shutil
from typing import Any

import pytest
from discord_loopback.errors import RefusedByClientError
from discord_loopback.messages import FILE, walk
from discord_loopback.reply import Reply
from small_library import Quiet

from bot.app.container import make_builder, make_scorer
from bot.app.votes import VotedReading, passage_of, read_votes, shown_of
from bot.discord.client import CounterpointClient
from index.evaluation.vote_agreement import VoteVerdict

from .conftest import House, newest_answers

pytestmark = pytest.mark.both_databases

SLUG = "tove-kassabian-on-short-clocks"
FITS, LOW, HIGH = "The reading fits", "Too risk-forward", "Too opportunity-forward"


async def rebuild(house: House, *, full: bool = False) -> None:
    """Publish a new edition of the library as it is now."""
    settings = house.settings
    builder = dataclasses.replace(
        make_builder(settings), scorer=lambda encoder: make_scorer(settings, encoder.fingerprint)
    )
    await builder.build(Quiet(), full=full)


async def opened(house: House) -> Reply:
    card = await house.member.slash("episode", episode=SLUG)
    return await house.member.select(card, None, ["3"])


async def stored(bot: CounterpointClient) -> list[VotedReading]:
    return await bot.context.community.votes.readings()


async def cast(bot: CounterpointClient, verdicts: list[VoteVerdict], ordinal: int = 2) -> None:
    """So many people vote on a slice."""
    answerer = bot.context.answerer
    card, facts = await answerer.episode(SLUG), await answerer.facts()
    record = card.slices[ordinal]
    passage = passage_of(answerer.axis.name, card.episode, record)
    for person, verdict in enumerate(verdicts, start=10**17):
        await bot.context.community.votes.cast(
            person, passage, shown_of(record, facts.scoring_version), verdict
        )


async def test_moderators_see_counts_and_what_is_criticised_and_take_the_file_home(
    house: House, bot: CounterpointClient, tmp_path: Any
) -> None:
    await cast(bot, ["fits", "too low", "too low"])
    await cast(bot, ["fits"], ordinal=4)
    said = await house.moderator.slash("admin votes")
    assert said.ephemeral
    assert "**4 votes** on 2 passages" in said.text
    assert f"{FITS} 2 · {LOW} 2 · {HIGH} 0" in said.text
    assert "Tove Kassabian on short clocks" in said.text
    assert "move no position" in said.text
    [file] = said.attachments
    assert file.filename == "votes.jsonl"
    assert [
        component["file"]["url"] for component in walk(said.message.components) if component["type"] == FILE
    ] == ["attachment://votes.jsonl"]
    lines = [json.loads(line) for line in file.data.decode().splitlines()]
    assert [line["votes"] for line in lines] == [
        {"fits": 1, "too_low": 2, "too_high": 0},
        {"fits": 1, "too_low": 0, "too_high": 0},
    ]
    assert str(10**17) not in file.data.decode()
    (tmp_path / "votes.jsonl").write_bytes(file.data)
    read = read_votes(tmp_path / "votes.jsonl")
    assert [voted.passage.text for voted in read] == [voted.passage.text for voted in await stored(bot)]
    assert f"{FITS} 2 · {LOW} 2" in (await house.moderator.slash("admin status")).text


async def test_without_votes_that_is_said_and_nothing_is_attached(
    house: House, bot: CounterpointClient
) -> None:
    said = await house.moderator.slash("admin votes")
    assert "Nobody has voted" in said.text
    assert said.attachments == ()
    assert FITS not in (await house.moderator.slash("admin status")).text


async def test_what_discord_would_not_take_is_left_to_the_terminal(
    house: House, bot: CounterpointClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cast(bot, ["fits"])
    monkeypatch.setattr(
        "bot.discord.features.votes.handlers.export", lambda readings: bytes(30 * 1024 * 1024)
    )
    said = await house.moderator.slash("admin votes")
    assert "counterpoint votes --json" in said.text
    assert said.attachments == ()


async def test_only_moderators_see_and_take_them(house: House, bot: CounterpointClient) -> None:
    await cast(bot, ["fits"])
    with pytest.raises(RefusedByClientError, match="hides"):
        await house.member.slash("admin votes")
    said = await house.member.slash("admin votes", even_if_hidden=True)
    assert "`not_moderator`" in said.text
    assert said.attachments == ()


async def test_votes_outlive_an_edition_that_renumbers_everything_and_the_episode_itself(
    house: House,
) -> None:
    async with house.start() as bot:
        shown = await opened(house)
        await house.member.press(shown, label=LOW)
        [before] = await stored(bot)
        ids = [record.id for record in (await bot.context.answerer.episode(SLUG)).slices]

        *others, _ = sorted(
            {path.parent for path in house.library.glob("*/episode.json")} - {house.library / SLUG}
        )
        for folder in others:
            shutil.rmtree(folder)
        await rebuild(house, full=True)
        await newest_answers(bot)
        card = await bot.context.answerer.episode(SLUG)
        assert [record.id for record in card.slices] != ids, "or the test would prove nothing"
        again = await opened(house)
        assert {FITS, f"✓ {LOW}", HIGH} <= set(again.labels)
        await house.member.press(shown, label=HIGH)
        [after] = await stored(bot)
        assert (after.passage, after.counts) == (before.passage, {"too high": 1})

        shutil.rmtree(house.library / SLUG)
        await rebuild(house)
        await newest_answers(bot)
        refused = await house.member.press(shown, label=LOW)
        assert "`passage_gone`" in refused.followups[0].text
        assert await stored(bot) == [after], "what was said of it is kept, with its words"
        gone = await house.member.press(shown, label=f"✓ {HIGH}")
        assert "taken back" in gone.text
        assert await stored(bot) == []
