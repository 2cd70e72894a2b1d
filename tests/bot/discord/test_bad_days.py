"""Restarts, refusals of Discord's, a gateway that drops, and faults of our own."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from typing import Any

import pytest
from discord_loopback.server import LoopbackDiscord
from waiting import until

from bot.app.community import QUESTIONS_KEPT_FOR
from bot.app.limiter import RequestLimiter
from bot.app.service import LocalLibraryService
from bot.discord.client import SYNCED_FILE, CounterpointClient
from bot.discord.context import Context
from bot.discord.features import counterbalance
from bot.discord.ui.components import EpisodeAction, FindAction

QUERY = "people and machines at work"


async def test_buttons_work_after_a_restart(loopback: LoopbackDiscord, guild: Any, start: Any) -> None:
    ada = guild.add_member("Ada")
    async with start():
        found = await ada.slash("find", query=QUERY)
        card = await ada.slash("episode", episode="Tove Kassabian")
    await loopback.wait_for_bot_gone()
    async with start():
        for label in ("Other side", "Back to this side"):
            assert (await ada.press(found, label=label)).updated
        assert "Counterbalance to" in (await ada.press(card, label="Counterbalance")).text


async def test_a_question_that_is_no_longer_stored_is_asked_anew(
    guild: Any, bot: CounterpointClient, context: Context
) -> None:
    ada = guild.add_member("Ada")
    found = await ada.slash("find", query=QUERY)
    now = context.community._now
    context.community._now = lambda: now() + QUESTIONS_KEPT_FOR * 2
    await context.community.prune()
    pressed = await ada.press(found, label="Other side")
    assert "no longer stored" in pressed.text
    assert pressed.message.ephemeral


async def test_an_episode_that_is_gone_is_said_so(guild: Any, bot: CounterpointClient) -> None:
    ada = guild.add_member("Ada")
    card = await ada.slash("episode", episode="Tove Kassabian")
    whole = bot.context.answerer

    class Smaller(LocalLibraryService):
        async def counterbalance(self, name: str, *, n_picks: int = 3, exactly: bool = False) -> Any:
            return await whole.counterbalance("an episode that was removed", n_picks=n_picks)

        async def facts(self) -> Any:
            return await whole.facts()

    bot.context = dataclasses.replace(bot.context, answerer=Smaller.__new__(Smaller))
    bot.context.answerer.axis = whole.axis
    assert "know no episode" in (await ada.press(card, label="Counterbalance")).text


async def test_commands_are_told_once_and_again_when_they_change(
    loopback: LoopbackDiscord, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> int:
        return sum(
            request.method == "PUT" and request.path.endswith("/commands") for request in loopback.requests
        )

    for _ in range(2):
        async with start():
            pass
        await loopback.wait_for_bot_gone()
    assert told() == 1
    n_commands = len(loopback.commands)
    monkeypatch.setattr(counterbalance, "commands", lambda context: [])
    async with start():
        assert told() == 2
        assert len(loopback.commands) == n_commands - 2


async def test_a_late_acknowledgement_is_counted_and_nobody_is_told_twice(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, caplog: pytest.LogCaptureFixture
) -> None:
    ada = guild.add_member("Ada")
    loopback.fail_next("POST /interactions/*", status=404, code=10062)
    with caplog.at_level(logging.WARNING):
        await ada.slash("about", until="sent")
        await until(lambda: bot.context.reporter.n_late)
    callbacks = [request for request in loopback.requests if request.path.endswith("/callback")]
    assert len(callbacks) == 1
    assert "too late" in caplog.text
    assert "What a position means" in (await ada.slash("about")).text


@pytest.mark.parametrize(("status", "code"), [(404, 10008), (404, 10015), (401, 50027)])
async def test_an_answer_that_was_dismissed_meanwhile_is_no_fault(
    loopback: LoopbackDiscord,
    guild: Any,
    bot: CounterpointClient,
    caplog: pytest.LogCaptureFixture,
    status: int,
    code: int,
) -> None:
    ada = guild.add_member("Ada")
    loopback.fail_next("PATCH /webhooks/*", status=status, code=code)
    with caplog.at_level(logging.INFO):
        await ada.slash("about", until="ack")
        await until(lambda: not bot.context.running)
    assert bot.context.reporter.n_unexpected == 0
    assert "nobody waits" in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_that_stumbles_is_asked_again(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, status: int
) -> None:
    ada = guild.add_member("Ada")
    loopback.fail_next("PATCH /webhooks/*", status=status, retry_after_s=0.2)
    assert "What a position means" in (await ada.slash("about")).text


async def test_commands_that_discord_does_not_take_for_a_day_keep_nobody_from_asking(
    loopback: LoopbackDiscord, guild: Any, start: Any, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    async with start():
        pass
    await loopback.wait_for_bot_gone()
    (context.settings.state_folder / SYNCED_FILE).unlink()
    loopback.fail_next("PUT /applications/*", status=429, retry_after_s=86_400.0)
    async with start():
        ada = guild.add_member("Ada")
        assert "What a position means" in (await ada.slash("about")).text
    assert "commands are told at the next start" in caplog.text


@pytest.mark.parametrize("how", ["drop", "reconnect", "invalid"])
async def test_a_gateway_that_drops_loses_no_question(
    loopback: LoopbackDiscord, guild: Any, bot: CounterpointClient, how: str
) -> None:
    ada = guild.add_member("Ada")
    if how == "drop":
        await loopback.gateway.drop()
    elif how == "reconnect":
        await loopback.gateway.ask_reconnect()
    else:
        await loopback.gateway.invalidate(resumable=True)
    replies = await asyncio.gather(*(ada.slash("find", query=QUERY) for _ in range(3)))
    assert all("episode" in reply.text for reply in replies)


@pytest.mark.parametrize("event", ["INTERACTION_CREATE", "GUILD_ROLE_CREATE"])
async def test_an_event_that_cannot_be_read_ends_nothing(
    loopback: LoopbackDiscord,
    guild: Any,
    bot: CounterpointClient,
    caplog: pytest.LogCaptureFixture,
    event: str,
) -> None:
    """A field that Discord leaves out, or sends in another form, costs that one event."""
    ada = guild.add_member("Ada")
    loopback.gateway.dispatch(event, {"guild_id": str(guild.id)}, guild.id)
    await until(lambda: bot.context.reporter.n_unexpected)
    assert f"Discord sent {event} in a form that cannot be read" in caplog.text
    assert "What a position means" in (await ada.slash("about")).text
    assert len(loopback.gateway.identifies) == 1


async def test_a_fault_of_ours_is_a_reference_for_the_person_and_a_story_for_the_log(
    guild: Any, bot: CounterpointClient, caplog: pytest.LogCaptureFixture
) -> None:
    ada = guild.add_member("Ada")
    card = await ada.slash("find", query="schools")
    bot.context = dataclasses.replace(bot.context, answerer=_Broken(bot.context.answerer))  # type: ignore[arg-type]
    with caplog.at_level(logging.ERROR):
        reply = await ada.press(
            card,
            custom_id=next(button["custom_id"] for button in card.buttons if button["custom_id"][0] == "e"),
        )
    assert reply.ephemeral
    assert bot.context.reporter.last_unexpected is not None
    reference, name = bot.context.reporter.last_unexpected
    assert reference in reply.text
    assert "the secret of the house" not in reply.text
    assert (name, bot.context.reporter.n_unexpected) == ("RuntimeError", 1)
    assert "the secret of the house" in caplog.text


class _Broken:
    def __init__(self, whole: Any) -> None:
        self.axis = whole.axis
        self.facts = whole.facts

    async def episode(self, name: str, *, exactly: bool = False) -> None:
        raise RuntimeError("the secret of the house")


async def test_a_full_queue_is_a_sentence(guild: Any, bot: CounterpointClient) -> None:
    ada = guild.add_member("Ada")
    found = await ada.slash("find", query=QUERY)
    bot.context = dataclasses.replace(
        bot.context, limiter=RequestLimiter(at_once=1, longest_queue=0, limit_s=0.0)
    )
    assert "longer than" in (await ada.press(found, label="Other side")).text
    closed = RequestLimiter()
    await closed.close(within_s=0.1)
    bot.context = dataclasses.replace(bot.context, limiter=closed)
    assert "Many are asking" in (await ada.press(found, label="Other side")).text


async def test_a_press_that_nobody_wrote_is_ignored(guild: Any, bot: CounterpointClient) -> None:
    assert FindAction.PATTERN.fullmatch("f:abc:1:rm -rf") is None
    assert EpisodeAction.CARD.fullmatch("e:../../x:card:open:") is None
