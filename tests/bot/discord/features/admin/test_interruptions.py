"""What moderators see where something is interrupted, does not answer, is not indexed yet, or is refused by Discord."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from waiting import Gate

from bot.app.community import CommunityUnavailable
from bot.discord.client import CounterpointClient
from bot.discord.features.admin import actions
from index.library.ingest import find_in_folder

from .conftest import House, newest_answers
from .test_admin_conversations import add, runs_instead

BEGINS = "say(stage='embed', done=1, total=100); time.sleep(1000)"


async def nothing(*_: Any) -> bool:
    """In the place of edits and of what is stored: as at the end of a program that is killed."""
    return True


async def until(ask: Callable[[], Awaitable[object]], *, holds: bool = True) -> None:
    """Wait until there is something, or nothing any more."""
    while bool(await ask()) is not holds:  # noqa: ASYNC110  # the database tells nobody of a change
        await asyncio.sleep(0.01)


class TestInterrupted:
    async def test_a_program_that_ends_in_order_says_so_itself(self, house: House) -> None:
        async with house.start() as bot:
            runs_instead(bot, BEGINS)
            said = await house.moderator.slash("admin reindex")
        assert "was interrupted" in said.text
        assert "start the reindex again" in said.text
        assert said.labels == ["Reindex now"]

    async def test_the_message_of_a_killed_program_is_closed_by_the_next(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        jonas = house.guild.add_member(
            "Jonas", permissions=house.moderator.membership.extra_permissions, locale="de"
        )
        with monkeypatch.context() as patch:
            async with house.start() as bot:
                runs_instead(bot, BEGINS)
                said = await jonas.slash("admin reindex")
                await until(bot.context.community.job_log.unclosed_messages)
                patch.setattr(actions, "_edit", nothing)
                patch.setattr(actions, "_forget", nothing)
        # As a killed program leaves it; an edit that was under way may have shown one more step.
        assert "Der Index wird neu gebaut" in said.text
        async with house.start() as bot:
            while "unterbrochen" not in said.text:
                await said.wait_for_edit()
            assert said.labels == ["Index neu bauen"]
            await until(bot.context.community.job_log.unclosed_messages, holds=False)

    async def test_a_message_that_discord_no_longer_lets_us_edit_is_left_and_forgotten(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            async with house.start() as bot:
                runs_instead(bot, BEGINS)
                await house.moderator.slash("admin reindex")
                await until(bot.context.community.job_log.unclosed_messages)
                patch.setattr(actions, "_edit", nothing)
                patch.setattr(actions, "_forget", nothing)
        house.server.clock.advance(20 * 60)
        async with house.start() as bot:
            await until(bot.context.community.job_log.unclosed_messages, holds=False)
            assert "Status of the bot" in (await house.moderator.slash("admin status")).text

    async def test_before_discord_stops_taking_edits_the_message_says_where_the_end_is_seen(
        self, house: House, bot: CounterpointClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(actions, "_EDITABLE_FOR", timedelta(0))
        end = Gate(tmp_path)
        runs_instead(bot, f"say(stage='embed', done=1, total=2){end.code}say(report={{}})")
        said = await house.moderator.slash("admin reindex")
        while "`/admin status` shows how it ends" not in said.text:
            await said.wait_for_edit()
        n_edits = len(said.edits)
        await end.open()
        await until(bot.context.community.job_log.unclosed_messages, holds=False)
        assert len(said.edits) == n_edits, "nothing more is edited"

    async def test_a_connection_that_breaks_costs_one_step_and_not_the_outcome(
        self, house: House, bot: CounterpointClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(actions, "EDITED_EVERY_S", 0.02)
        broken = house.server.fail_next("PATCH /webhooks/*", times=2, drop=True)
        runs_instead(
            bot, "for n in range(20): say(stage='embed', done=n, total=20); time.sleep(.02)\nsay(report={})"
        )
        said = await house.moderator.slash("admin reindex")
        while "was up to date" not in said.text:
            await said.wait_for_edit()
        assert broken.times == 0
        assert bot.context.reporter.n_unexpected == 0


class TestNotAnswering:
    async def test_the_status_comes_all_the_same(
        self, house: House, bot: CounterpointClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def hang(*_: Any) -> Any:
            await asyncio.Event().wait()

        async def locked(*_: Any) -> Any:
            raise CommunityUnavailable(problem="locked")

        monkeypatch.setattr(actions, "STATUS_WITHIN_S", 0.05)
        monkeypatch.setattr(type(bot.context.answerer), "facts", hang)
        monkeypatch.setattr(type(bot.context.community.job_log), "last", locked)
        said = await house.moderator.slash("admin status")
        assert "**The index** is not answering" in said.text
        assert "another program keeps the database locked" in said.text
        assert "latency" in said.text

    async def test_in_the_first_seconds_the_index_is_being_opened(
        self, house: House, bot: CounterpointClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def hang(*_: Any) -> Any:
            await asyncio.Event().wait()

        service = type(bot.context.answerer)
        monkeypatch.setattr(actions, "STATUS_WITHIN_S", 0.05)
        monkeypatch.setattr(service, "facts", hang)
        monkeypatch.setattr(service, "is_opening", True)
        assert "**The index** is being opened" in (await house.moderator.slash("admin status")).text
        monkeypatch.setattr(service, "is_opening", False)
        assert "**The index** is not answering" in (await house.moderator.slash("admin status")).text

    async def test_a_new_index_that_is_not_open_in_time_is_said_to_follow(
        self, house: House, bot: CounterpointClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def late(*_: Any, **__: Any) -> bool:
            return False

        monkeypatch.setattr(type(bot.context.answerer), "turn_to_newest", late)
        runs_instead(bot, "say(report={'edition': 'e', 'is_new': True})")
        said = await house.moderator.slash("admin reindex")
        while "The older one answers until it is open" not in said.text:
            await said.wait_for_edit()
        assert "answers from now on" not in said.text


class TestNotIndexedYet:
    async def test_what_was_just_added_can_be_removed(self, house: House, bot: CounterpointClient) -> None:
        await newest_answers(bot)
        before = house.held()
        written = await house.moderator.press(
            await add(house, title="Who keeps the keys?"), label="Add to the library"
        )
        assert "**Added**" in written.text
        for name in ("who-keeps-the-keys", "Who keeps the KEYS?"):
            asked = await house.moderator.slash("admin remove", episode=name)
            assert "Who keeps the keys?" in asked.text
            assert "not indexed yet" in asked.text
        for typed in ("", "keys who"):
            offered = await house.moderator.autocomplete(
                "admin remove", {"episode": typed}, focused="episode"
            )
            assert offered[0]["value"] == "who-keeps-the-keys"
        for_members = await house.member.autocomplete(
            "admin remove", {"episode": ""}, focused="episode", even_if_hidden=True
        )
        assert "who-keeps-the-keys" not in [choice["value"] for choice in for_members]
        removed = await house.moderator.press(asked, label="Remove")
        assert "**Removed**" in removed.text
        assert house.held() == before
        assert "It was not in the index yet" in removed.text
        assert removed.labels == []

    async def test_removed_while_a_reindex_runs_it_may_be_in_the_next_index(
        self, house: House, bot: CounterpointClient
    ) -> None:
        await newest_answers(bot)
        await house.moderator.press(await add(house, title="Who keeps the keys?"), label="Add to the library")
        asked = await house.moderator.slash("admin remove", episode="who-keeps-the-keys")
        runs_instead(bot, "time.sleep(600)")
        await house.moderator.slash("admin reindex")
        removed = await house.moderator.press(asked, label="Remove")
        assert "found no more after the next reindex" in removed.text

    def test_it_is_found_by_what_a_person_calls_it(self, house: House) -> None:
        held = find_in_folder(house.library, "short clocks")
        assert held is not None
        assert held[0] == "tove-kassabian-on-short-clocks"
        assert find_in_folder(house.library, "clocks kassabian") == held
        assert find_in_folder(house.library, "https://youtu.be/Counterp0in") == held
        assert find_in_folder(house.library, "no such thing") is None
        assert find_in_folder(house.library, "") is None


async def test_votes_come_as_embeds_where_components_are_refused(
    house: House, bot: CounterpointClient
) -> None:
    house.server.fail_next("PATCH /webhooks/*", status=400, code=50035)
    said = await house.moderator.slash("admin votes")
    assert "Votes on readings" in said.text
