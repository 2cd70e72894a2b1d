"""Members vote on readings, over real sockets: one vote each, replaced, taken back, kept through restarts."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest
from discord_loopback.driver import Person
from discord_loopback.reply import Reply
from hypothesis import given
from hypothesis import strategies as st

from bot.app.votes import VotedReading, passage_key
from bot.discord.client import CounterpointClient
from bot.discord.context import Context
from bot.discord.features.votes.handlers import ReadingMoved, vote
from bot.discord.features.votes.rendering import VoteAction
from bot.discord.pipeline import Request
from bot.discord.ui.limits import MAX_CUSTOM_ID
from bot.i18n.language import Language
from index.evaluation.vote_agreement import VERDICTS

pytestmark = pytest.mark.both_databases

SLUG = "tove-kassabian-on-short-clocks"
FITS, LOW, HIGH = "The reading fits", "Too risk-forward", "Too opportunity-forward"


@given(
    st.from_regex(r"[a-z0-9][a-z0-9._-]{0,79}", fullmatch=True),
    st.text(st.characters(codec="utf-8")),
    st.sampled_from(VERDICTS),
    st.integers(-100, 100),
)
def test_a_press_fits_into_a_custom_id_and_comes_back(slug, text, verdict, position) -> None:
    press = VoteAction(slug, passage_key("risk-opportunity", text), verdict, position)
    match = VoteAction.PATTERN.fullmatch(str(press))
    assert match is not None
    assert VoteAction.parse(match) == press
    assert len(str(press)) <= MAX_CUSTOM_ID


async def opened(person: Person, ordinal: int = 3) -> Reply:
    """A reading, as a member comes to it: from the episode's card."""
    return await person.select(await person.slash("episode", episode=SLUG), None, [str(ordinal)])


def choices(reply: Reply) -> list[str]:
    return [button["label"] for button in reply.buttons if str(button.get("custom_id")).startswith("v:")]


async def stored(context: Context) -> list[VotedReading]:
    return await context.community.votes.readings()


@pytest.fixture
def ada(guild: Any) -> Person:
    return guild.add_member("Ada")


@pytest.fixture
def ben(guild: Any) -> Person:
    return guild.add_member("Ben")


async def test_a_vote_is_stored_with_the_passage_and_the_reading_that_was_shown(
    bot: CounterpointClient, context: Context, ada: Person
) -> None:
    card = await context.answerer.episode(SLUG)
    record = card.slices[3]
    shown = await opened(ada)
    assert choices(shown) == [FITS, LOW, HIGH]
    voted = await ada.press(shown, label=LOW)
    assert voted.updated
    assert choices(voted) == [FITS, f"✓ {LOW}", HIGH]
    [voted] = await stored(context)
    assert voted.counts == {"too low": 1}
    assert (voted.passage.slug, voted.passage.text) == (SLUG, record.piece.text)
    assert (voted.passage.title, voted.passage.start_s) == (card.episode.about.title, record.piece.start_s)
    assert (voted.shown.position, voted.shown.band) == (record.reading.position, record.reading.band)
    assert voted.shown.scorer == (await context.answerer.facts()).scoring_version


async def test_minds_are_changed_and_the_same_again_takes_it_back(
    bot: CounterpointClient, context: Context, ada: Person
) -> None:
    shown = await opened(ada)
    await ada.press(shown, label=FITS)
    assert "Your vote is counted" in shown.text
    await ada.press(shown, label=HIGH)
    assert "This vote stands in place of your earlier one" in shown.text
    assert "stands in place" not in (await opened(ada)).text, "only the press has replaced anything"
    assert "1 vote on a reading, until you take it back" in (await ada.slash("privacy")).text
    assert [dict(voted.counts) for voted in await stored(context)] == [{"too high": 1}]
    assert choices(shown) == [FITS, LOW, f"✓ {HIGH}"]
    await ada.press(shown, label=f"✓ {HIGH}")
    assert await stored(context) == []
    assert choices(shown) == [FITS, LOW, HIGH]
    assert "Your vote is taken back" in shown.text
    assert "Nothing is kept under your name" in (await ada.slash("privacy")).text


async def test_two_people_count_twice_and_neither_sees_the_others(
    bot: CounterpointClient, context: Context, ada: Person, ben: Person
) -> None:
    adas, bens = await opened(ada), await opened(ben)
    await ada.press(adas, label=FITS)
    await ben.press(bens, label=LOW)
    assert [dict(voted.counts) for voted in await stored(context)] == [{"fits": 1, "too low": 1}]
    assert choices(adas) == [f"✓ {FITS}", LOW, HIGH]
    assert choices(bens) == [FITS, f"✓ {LOW}", HIGH]
    assert choices(await opened(ben)) == [FITS, f"✓ {LOW}", HIGH], "one's own vote is shown again"


async def test_votes_move_no_position(
    bot: CounterpointClient, context: Context, ada: Person, ben: Person
) -> None:
    before = await context.answerer.episode(SLUG)
    for person in (ada, ben):
        await person.press(await opened(person), label=HIGH)
    after = await context.answerer.episode(SLUG)
    assert [record.reading for record in after.slices] == [record.reading for record in before.slices]
    assert after.episode.profile == before.episode.profile


async def test_a_second_press_by_impatience_is_one_vote_or_none(
    bot: CounterpointClient, context: Context, ada: Person
) -> None:
    shown = await opened(ada)
    await asyncio.gather(*(ada.press(shown, label=label) for label in (FITS, LOW)))
    assert sum(sum(voted.counts.values()) for voted in await stored(context)) == 1


@pytest.mark.parametrize("by", [-7, 1])
async def test_a_reading_that_stands_elsewhere_by_now_is_not_voted_on(context: Context, by: int) -> None:
    """A button of an old message says which position was shown; a vote on that one would be on nothing."""
    record = (await context.answerer.episode(SLUG)).slices[3]
    key = passage_key(context.answerer.axis.name, record.piece.text)
    old = VoteAction(SLUG, key, "too low", round(record.reading.position) + by)
    with pytest.raises(ReadingMoved) as refused:
        await vote(
            Request(context, 1, None, Language(context.catalogue, "en", context.answerer.axis), False), old
        )
    assert f"{abs(old.position)}" in context.catalogue.error(refused.value)
    assert await stored(context) == []


async def test_who_said_the_same_of_an_older_reading_says_it_of_the_new_one(
    bot: CounterpointClient, context: Context, ada: Person
) -> None:
    await ada.press(await opened(ada), label=LOW)
    [voted] = await stored(context)
    older = dataclasses.replace(voted.shown, position=voted.shown.position - 30, scorer="older")
    await context.community.votes.cast(ada.id, voted.passage, older, "too low")
    shown = await opened(ada)
    assert choices(shown) == [FITS, LOW, HIGH], "that vote was on another reading"
    await ada.press(shown, label=LOW)
    [again] = await stored(context)
    assert (again.shown, again.counts) == (voted.shown, {"too low": 1})


async def test_buttons_and_votes_outlive_a_restart(start: Any, context: Context, ada: Person) -> None:
    async with start():
        shown = await opened(ada)
        await ada.press(shown, label=FITS)
    async with start():
        await ada.press(shown, label=LOW)
        assert [dict(voted.counts) for voted in await stored(context)] == [{"too low": 1}]
        await ada.press(shown, label=f"✓ {LOW}")
        assert await stored(context) == []


async def test_it_is_said_in_the_voters_language(bot: CounterpointClient, guild: Any) -> None:
    jonas = guild.add_member("Jonas", locale="de")
    assert choices(await opened(jonas)) == [
        "Die Einordnung passt",
        "Zu nah an „Risiko voran“",
        "Zu nah an „Chancen voran“",
    ]
