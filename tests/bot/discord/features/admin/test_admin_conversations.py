"""What moderators do and see, over real sockets with the whole bot; and what everybody else is told."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from discord_loopback.errors import RefusedByClientError
from discord_loopback.messages import Upload, texts
from discord_loopback.people import MANAGE_GUILD
from discord_loopback.reply import Reply
from waiting import Gate, until

from bot.app.community import ServerSettings
from bot.discord.client import CounterpointClient
from index.library.sources import Fetched
from index.library.sources.errors import AgeRestricted, NoCaptions, SourceBlocked, SourceUnreachable
from index.storage.edition import current_name

from .conftest import CAPTIONS, House, newest_answers

pytestmark = pytest.mark.both_databases

VIDEO = "abcdefghij0"
HELD = "Counterp0in"
"""The video of the sample's episode ``SLUG``."""

SLUG = "tove-kassabian-on-short-clocks"


def moderate_from(bot: CounterpointClient, *servers: int) -> None:
    """As ``COUNTERPOINT_MODERATED_FROM`` would say it."""
    settings = bot.context.settings.model_copy(update={"moderated_from": servers})
    bot.context = dataclasses.replace(bot.context, settings=settings)


def long_after_the_login(bot: CounterpointClient) -> None:
    """Let the bot ask again who owns the application."""
    bot._owners_asked_at_s = float("-inf")


def team_of(person: Any, role: str = "developer", state: int = 2) -> dict[str, Any]:
    """A team of the application's with this member besides somebody else who owns it."""
    member = {"user": person.user.payload(), "role": role, "membership_state": state, "permissions": []}
    return {"id": "1", "name": "Runners", "icon": None, "owner_user_id": "1", "members": [member]}


def runs_instead(bot: CounterpointClient, script: str) -> None:
    """Let reindexing run these Python lines instead of the index command."""
    lines = "import json, sys, time\ndef say(**told): print(json.dumps(told), flush=True)\n" + script
    bot.context.jobs._command = [sys.executable, "-c", lines]


def fetched(info: dict[str, object] | None) -> Fetched:
    data = {
        "video_id": VIDEO, "language_code": "en", "is_generated": False,
        "snippets": [{"text": "The keys hang on the wall of the lantern room.", "start": 1.0, "duration": 4.0}],
    }  # fmt: skip
    return Fetched(VIDEO, f"{VIDEO}.en.json", json.dumps(data).encode(), "en", False, info)


async def add(house: House, data: bytes = CAPTIONS, name: str = "lantern-room.vtt", **more: Any) -> Reply:
    return await house.moderator.slash("admin add", file=Upload(name, data), **more)


class TestAdding:
    async def test_a_file_is_shown_first_and_written_on_the_second_press(
        self, house: House, bot: CounterpointClient
    ) -> None:
        before = house.held()
        shown = await add(house, title="Who keeps the keys?", source="The Lantern Room")
        assert shown.ephemeral
        assert shown.deferred
        assert "Who keeps the keys?" in shown.text
        assert "-# The Lantern Room · no day" in shown.text
        assert "Nothing is written yet" in shown.text
        assert house.held() == before
        written = await house.moderator.press(shown, label="Add to the library")
        assert "**Added**" in written.text
        assert written.message is shown.message
        added = {name: data for name, data in house.held().items() if name not in before}
        assert set(added) == {"who-keeps-the-keys/episode.json", "who-keeps-the-keys/captions.vtt"}
        assert added["who-keeps-the-keys/captions.vtt"] == CAPTIONS
        assert json.loads(added["who-keeps-the-keys/episode.json"])["source"] == "The Lantern Room"

    async def test_thrown_away_nothing_is_written_and_it_is_gone(
        self, house: House, bot: CounterpointClient
    ) -> None:
        before = house.held()
        shown, again = await add(house), await add(house)
        (own,) = [button for button in shown.message.buttons if button["label"] == "Add to the library"]
        await house.moderator.press(shown, label="Throw away")
        assert "Nothing was written" in shown.text
        (other,) = [button for button in again.message.buttons if button["label"] == "Add to the library"]
        other["custom_id"] = own["custom_id"]
        pressed = await house.moderator.press(again, label="Add to the library")
        assert "no longer waiting" in pressed.text
        assert house.held() == before

    async def test_show_notes_are_told_before_anything_is_written(
        self, house: House, bot: CounterpointClient
    ) -> None:
        before = house.held()
        chapters = b"Deep End #9\n\n0:00 Intro\n2:17 March\n15:34 Five guards, two guards\n20:51 The end\n"
        shown = await add(house, chapters, "deep end ep9 SHOWNOTES.txt")
        assert "⚠ It has only 8 words in 20:51" in shown.text
        assert "show notes" in shown.text
        assert shown.labels == ["Add to the library", "Throw away"]
        assert house.held() == before

    @pytest.mark.parametrize("label", ["Throw away", "Add to the library"])
    async def test_two_previews_of_a_file_are_two_proposals(
        self, house: House, bot: CounterpointClient, label: str
    ) -> None:
        shown, other = await add(house), await add(house, title="Who keeps the keys?")
        same = await add(house)
        await house.moderator.press(shown, label=label)
        for preview in (other, same):
            pressed = await house.moderator.press(preview, label="Add to the library")
            assert "no longer waiting" not in pressed.text
        assert any(name.endswith("/captions.vtt") for name in house.held())

    async def test_the_same_thing_twice_changes_nothing(self, house: House, bot: CounterpointClient) -> None:
        await house.moderator.press(await add(house), label="Add to the library")
        held = house.held()
        again = await add(house)
        assert "Nothing to do" in again.text
        assert again.labels == []
        assert house.held() == held

    async def test_a_restart_between_looking_and_pressing_loses_nothing(self, house: House) -> None:
        async with house.start():
            shown = await add(house)
        async with house.start():
            written = await house.moderator.press(shown, label="Add to the library")
        assert "**Added**" in written.text
        assert "lantern-room/captions.vtt" in house.held()

    async def test_captions_without_names_are_said_to_have_none(
        self, house: House, bot: CounterpointClient
    ) -> None:
        assert "no speaker named" in (await add(house)).text

    async def test_the_same_words_under_another_name_are_recognised_before_any_reindex(
        self, house: House, bot: CounterpointClient
    ) -> None:
        shown = await add(house, title="Who keeps the keys?", source="the long bench")
        assert "-# The Long Bench · " in shown.text
        await house.moderator.press(shown, label="Add to the library")
        again = await add(house, CAPTIONS.replace(b" the ", b" a ", 1), "final-v2.vtt")
        assert "**Another transcript** of `who-keeps-the-keys`" in again.text
        assert "Its words are those of “Who keeps the keys?”" in again.text

    async def test_a_link_is_fetched_with_its_metadata(self, house: House, bot: CounterpointClient) -> None:
        house.shelf.videos[VIDEO] = fetched(
            {"id": VIDEO, "title": "Who keeps the keys?", "channel": "The Lantern Room", "upload_date": "20260314",
             "webpage_url": f"https://www.youtube.com/watch?v={VIDEO}", "extractor_key": "Youtube"}
        )  # fmt: skip
        shown = await house.moderator.slash("admin add", link=f"https://youtu.be/{VIDEO}?t=9")
        assert "Who keeps the keys?" in shown.text
        assert "uploaded captions" in shown.text
        await house.moderator.press(shown, label="Add to the library")
        about = json.loads(house.held()["who-keeps-the-keys/episode.json"])
        assert (about["video_id"], about["source"], about["published"]) == (
            VIDEO,
            "The Lantern Room",
            "2026-03-14",
        )

    @pytest.mark.parametrize(
        ("error", "words"),
        [
            (SourceBlocked(video_id=VIDEO), "turning this machine away"),
            (AgeRestricted(video_id=VIDEO), "age-restricted"),
            (NoCaptions(video_id=VIDEO), "no captions"),
        ],
    )
    async def test_a_video_that_cannot_be_had_is_one_sentence(
        self, house: House, bot: CounterpointClient, error: Any, words: str
    ) -> None:
        house.shelf.videos[VIDEO] = error
        said = await house.moderator.slash("admin add", link=VIDEO)
        assert words in said.text
        assert f"`{error.code}`" in said.text
        assert said.ephemeral

    @pytest.mark.parametrize(
        "link",
        [
            "https://m.youtube.com/watch?v={}&feature=youtu.be",
            "https://youtube.com/shorts/{}?t=9",
            "youtu.be/{}",
            "{}",
        ],
    )
    async def test_a_video_of_the_library_that_cannot_be_fetched_is_said_to_be_there(
        self, house: House, bot: CounterpointClient, link: str
    ) -> None:
        house.shelf.videos[HELD] = SourceUnreachable(video_id=HELD)
        before = house.held()
        said = await house.moderator.slash("admin add", link=link.format(HELD))
        assert f"**In the library already**, as `{SLUG}`" in said.text
        assert "YouTube could not be reached" in said.text
        assert "`source_unreachable`" in said.text
        assert said.labels == []
        assert house.held() == before

    @pytest.mark.parametrize(
        ("data", "name", "code"),
        [
            (b"\x89PNG\r\n\x1a\n" + bytes(200), "picture.png", "picture_given"),
            (b"ID3\x03" + bytes(20), "monday.mp3", "recording_given"),
            (b"", "empty.vtt", "no_speech"),
            (b"WEBVTT\n\n", "silent.vtt", "no_speech"),
            (b"WEBVTT\n\n00:01.000 --> 00:02.000\nStra\x81\x8d\x8f", "odd.vtt", "wrong_encoding"),
            (b"<html><script>alert(1)</script></html>", "page.html", "page_given"),
        ],
    )
    async def test_what_is_no_transcript_is_one_sentence_and_nothing_is_written(
        self, house: House, bot: CounterpointClient, data: bytes, name: str, code: str
    ) -> None:
        before = house.held()
        said = await add(house, data, name)
        assert f"`{code}`" in said.text
        assert said.ephemeral
        assert said.labels == []
        assert house.held() == before
        assert not (house.settings.state_folder / "staged").exists()

    async def test_a_name_that_climbs_stays_in_the_library(
        self, house: House, bot: CounterpointClient
    ) -> None:
        shown = await add(house, name="../../x.vtt")
        await house.moderator.press(shown, label="Add to the library")
        assert "x/captions.vtt" in house.held()
        assert not (house.library.parent.parent / "x.vtt").exists()

    async def test_a_hostile_title_stays_text(self, house: House, bot: CounterpointClient) -> None:
        shown = await add(house, title="@everyone [x](https://evil.example) `code` **bold** discord.gg/abc")
        assert "@everyone" not in shown.text
        assert "](https://evil" not in shown.text

    async def test_neither_or_both_is_one_sentence(self, house: House, bot: CounterpointClient) -> None:
        nothing = await house.moderator.slash("admin add", {})
        assert "attach a transcript as `file`" in nothing.text
        both = {"file": Upload("a.vtt", CAPTIONS), "link": VIDEO}
        assert "a file and a link at once" in (await house.moderator.slash("admin add", both)).text

    async def test_no_link_is_one_sentence(self, house: House, bot: CounterpointClient) -> None:
        said = await house.moderator.slash("admin add", link="https://example.org/" + "x" * 3000)
        assert "`address_refused`" in said.text


class TestRemoving:
    async def test_it_asks_once_more_and_keeps_the_folder_aside(
        self, house: House, bot: CounterpointClient
    ) -> None:
        await newest_answers(bot)
        asked = await house.moderator.slash("admin remove", episode="short clocks")
        assert SLUG in asked.text
        assert (house.library / SLUG).is_dir()
        done = await house.moderator.press(asked, label="Remove")
        assert "**Removed**" in done.text
        assert not (house.library / SLUG).exists()
        assert next(path.name for path in (house.library / ".removed").iterdir()).startswith(SLUG)
        again = await house.moderator.slash("admin remove", episode=SLUG)
        assert "is out of the library already" in again.text
        assert again.labels == ["Reindex now"]
        offered = await house.moderator.autocomplete("admin remove", {"episode": "clocks"}, focused="episode")
        assert SLUG not in [choice["value"] for choice in offered]

    async def test_kept_it_stays(self, house: House, bot: CounterpointClient) -> None:
        asked = await house.moderator.slash("admin remove", episode=SLUG)
        kept = await house.moderator.press(asked, label="Keep")
        assert "stays" in kept.text
        assert (house.library / SLUG).is_dir()

    async def test_an_unknown_episode_is_one_sentence(self, house: House, bot: CounterpointClient) -> None:
        said = await house.moderator.slash("admin remove", episode="zzzz qqqq")
        assert "`episode_unknown`" in said.text

    async def test_episodes_are_offered_while_typing(self, house: House, bot: CounterpointClient) -> None:
        offered = await house.moderator.autocomplete("admin remove", {"episode": "clocks"}, focused="episode")
        assert SLUG in [choice["value"] for choice in offered]


class TestReindexing:
    async def test_one_message_shows_the_progress_and_then_what_changed(
        self, house: House, bot: CounterpointClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr("bot.discord.features.admin.actions.EDITED_EVERY_S", 0.05)
        half, rest = Gate(tmp_path), Gate(tmp_path)
        runs_instead(
            bot,
            f"say(stage='embed', done=0, total=8){half.code}say(stage='embed', done=4, total=8){rest.code}"
            "say(report={'edition': 'e', 'is_new': True, 'added': ['one', 'two'], 'unchanged': 14,"
            " 'failures': [{'episode': 'bad', 'problem': '@everyone broke', 'code': 'no_speech',"
            " 'fields': {'file': 'bad/captions.vtt', 'line': None, 'format': 'webvtt'}}],"
            " 'episodes': 16, 'slices': 99, 'embedded': 20, 'seconds': {'read': 1.5}})",
        )
        said = await house.moderator.slash("admin reindex")
        await half.open()
        while "█" not in said.text:
            await said.wait_for_edit()
        await rest.open()
        while "A new index answers" not in said.text:
            await said.wait_for_edit()
        shown = ["\n".join(texts(edit)) for edit in said.edits]
        assert any("embedding and scoring" in text and "█" in text for text in shown)
        assert "2 added, 0 changed, 0 removed, 14 as they were" in said.text
        assert "nobody says a word" in said.text
        assert "@everyone" not in said.text
        assert len(said.followups) == 0
        [job] = await bot.context.community.job_log.last()
        assert (job.outcome, job.asked_by) == ("done", house.moderator.id)

    async def test_a_failure_is_a_sentence_and_the_older_index_goes_on(
        self, house: House, bot: CounterpointClient
    ) -> None:
        runs_instead(
            bot, "say(error={'code': 'library_busy', 'fields': {'path': '/srv/secret/state'}})\nsys.exit(1)"
        )
        said = await house.moderator.slash("admin reindex", full=True)
        while "failed" not in said.text:
            await said.wait_for_edit()
        assert "already building" in said.text
        assert "/srv/secret" not in said.text
        found = await house.member.slash("find", query="how soon")
        assert found.text

    async def test_one_at_a_time(self, house: House, bot: CounterpointClient) -> None:
        runs_instead(bot, "time.sleep(1000)")
        await house.moderator.slash("admin reindex")
        second = await house.moderator.slash("admin reindex")
        assert "already running" in second.text

    async def test_a_moderator_stops_a_job_from_the_status(
        self, house: House, bot: CounterpointClient
    ) -> None:
        assert (await house.moderator.slash("admin status")).labels == []
        runs_instead(bot, "say(stage='embed', done=1, total=2); time.sleep(1000)")
        said = await house.moderator.slash("admin reindex")
        shown = await house.moderator.slash("admin status")
        again = await house.moderator.slash("admin status")
        stopped = await house.moderator.press(shown, label="Stop the reindex")
        assert "A moderator stopped the reindex" in stopped.text
        assert stopped.labels == []
        while "was interrupted" not in said.text:
            await said.wait_for_edit()
        assert "A moderator stopped the reindex" in said.text
        assert said.labels == ["Reindex now"]
        late = await house.moderator.press(again, label="Stop the reindex")
        assert "`job_not_running`" in late.text

    async def test_a_dismissed_message_does_not_stop_the_job(
        self, house: House, bot: CounterpointClient, tmp_path: Path
    ) -> None:
        end = Gate(tmp_path)
        runs_instead(bot, f"say(stage='embed', done=1, total=2){end.code}say(report={{}})")
        house.server.fail_next("PATCH /webhooks/*", times=100, status=404, code=10008)
        await house.moderator.slash("admin reindex", until="ack")
        await until(lambda: any(asked.status == 404 for asked in house.server.requests))
        running = bot.context.jobs.running
        assert running is not None
        await end.open()
        await running.report()
        [job] = await bot.context.community.job_log.last()
        assert job.outcome == "done"

    @pytest.mark.workers
    async def test_what_was_added_is_found_after_a_real_reindex(
        self, house: House, bot: CounterpointClient
    ) -> None:
        """The whole way with the real process: add, reindex by the button, ask; nobody waits in between."""
        words = b" ".join(
            b"A marmalade orrery turns above the weir gate, said the keeper." for _ in range(40)
        )
        shown = await add(
            house, b"WEBVTT\n\n00:01.000 --> 02:00.000\n" + words + b"\n", "marmalade-orrery.vtt"
        )
        written = await house.moderator.press(shown, label="Add to the library")
        before = (await bot.context.answerer.facts()).edition
        pressing = asyncio.create_task(house.moderator.press(written, label="Reindex now"))
        for _ in range(5):
            assert (await house.member.slash("find", query="short timelines")).text
        await pressing
        while "A new index answers" not in written.text and "failed" not in written.text:
            await written.wait_for_edit()
        assert "1 added" in written.text, written.text
        assert (await bot.context.answerer.facts()).edition == current_name(house.settings.state_folder)
        found = await house.member.slash("episode", episode="marmalade orrery")
        assert "orrery" in found.text.casefold()
        assert (await bot.context.answerer.facts()).edition != before


class TestStatusAndSettings:
    async def test_status_says_what_answers_and_what_went_wrong(
        self, house: House, bot: CounterpointClient
    ) -> None:
        community = bot.context.community
        await community.job_log.ended(
            await community.job_log.started("reindex"), "done", {"added": 3, "left_out": ["x"]}
        )
        failed = await community.job_log.started("reindex")
        await community.job_log.ended(
            failed, "failed", {"code": "job_failed", "fields": {"kind": "reindex", "status": -9}}
        )
        said = await house.moderator.slash("admin status")
        facts = await bot.context.answerer.facts()
        for words in (
            facts.edition,
            f"{facts.n_episodes} episodes",
            facts.model,
            "done: 3 added, 0 changed, 0 removed",
            "exit status -9",
            "latency",
        ):
            assert words in said.text

    async def test_of_a_path_on_this_machine_status_shows_the_last_part(
        self, house: House, bot: CounterpointClient
    ) -> None:
        log = bot.context.community.job_log
        fields = {"path": "/srv/deep/below/shelves"}
        await log.ended(await log.started("reindex"), "failed", {"code": "library_missing", "fields": fields})
        said = (await house.moderator.slash("admin status")).text
        assert "There is no library at shelves." in said
        assert "deep" not in said

    async def test_status_says_what_waits_for_a_reindex_and_how_quickly_was_answered(
        self, house: House, bot: CounterpointClient
    ) -> None:
        first = (await house.moderator.slash("admin status")).text
        assert "the library is as it was indexed" in first
        assert "nine in ten" not in first, "nothing was answered yet"
        await house.moderator.press(await add(house), label="Add to the library")
        await house.moderator.press(await house.moderator.slash("admin remove", episode=SLUG), label="Remove")
        for question in ("short timelines", "who pays"):
            await house.member.slash("find", query=question)
        said = (await house.moderator.slash("admin status")).text
        assert "1 added, 0 changed, 1 removed since then, and not in the index yet" in said
        assert "2 answers: half were ready within" in said

    async def test_settings_are_shown_chosen_and_kept(self, house: House) -> None:
        role = house.guild.add_role("Librarians")
        channel = house.guild.add_channel("open-stacks")
        async with house.start() as bot:
            shown = await house.moderator.slash("admin settings")
            source = next(o["value"] for o in shown.message.selects[0]["options"] if o["value"] != "*")
            await house.moderator.select(shown, "a:set:source", [source])
            await house.moderator.select(shown, "a:set:roles", [role])
            await house.moderator.select(shown, "a:set:channels", [channel])
            community = bot.context.community
            assert await community.server(house.guild.id) == ServerSettings(
                source, frozenset({role.id}), frozenset({channel.id})
            )
        async with house.start() as bot:
            again = await house.moderator.slash("admin settings")
            chosen = [s.get("default_values") for s in again.message.selects]
            assert chosen[1] == [{"id": role.id, "type": "role"}]
            assert chosen[2] == [{"id": channel.id, "type": "channel"}]
            await house.moderator.select(again, "a:set:source", ["*"])
            await house.moderator.select(again, "a:set:roles", [])
            assert (await bot.context.community.server(house.guild.id)).moderator_roles == frozenset()
            answer = await house.member.slash("find", query="short timelines", where=channel)
            assert not answer.ephemeral, "answers are public where the server chose so"
            assert (await house.member.slash("find", query="short timelines")).ephemeral

    async def test_of_two_managers_at_the_same_moment_each_sets_what_they_chose(
        self, house: House, bot: CounterpointClient
    ) -> None:
        role, channel = house.guild.add_role("Librarians"), house.guild.add_channel("open-stacks")
        shown = await house.moderator.slash("admin settings")
        await asyncio.gather(
            house.moderator.select(shown, "a:set:roles", [role]),
            house.moderator.select(shown, "a:set:channels", [channel]),
            house.moderator.slash("admin settings", source="The Long Bench"),
        )
        assert await bot.context.community.server(house.guild.id) == ServerSettings(
            "The Long Bench", frozenset({role.id}), frozenset({channel.id})
        )

    async def test_a_source_by_name_and_one_that_is_not_there(
        self, house: House, bot: CounterpointClient
    ) -> None:
        said = await house.moderator.slash("admin settings", source="No such show")
        assert "`source_unknown`" in said.text
        await house.moderator.slash("admin settings", source="the lnog bench")
        assert (await bot.context.community.server(house.guild.id)).default_source == "The Long Bench"


SUBCOMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("add", {"link": VIDEO}),
    ("remove", {"episode": SLUG}),
    ("reindex", {}),
    ("status", {}),
    ("settings", {}),
]


class TestWhoMay:
    @pytest.mark.parametrize(("name", "options"), SUBCOMMANDS)
    async def test_a_member_is_refused_even_where_discord_shows_the_command(
        self, house: House, bot: CounterpointClient, name: str, options: dict[str, Any]
    ) -> None:
        with pytest.raises(RefusedByClientError, match="hides"):
            await house.member.slash(f"admin {name}", options)
        before = house.held()
        said = await house.member.slash(f"admin {name}", options, even_if_hidden=True)
        assert said.ephemeral
        assert "manage the server" in said.text
        assert house.held() == before
        assert bot.context.jobs.running is None

    async def test_the_refusal_names_the_role_and_the_role_opens_the_door(
        self, house: House, bot: CounterpointClient
    ) -> None:
        role = house.guild.add_role("Librarians @everyone")
        keeper = house.guild.add_member("Kim", roles=[role])
        await until(lambda: (guild := bot.get_guild(house.guild.id)) and guild.get_role(role.id))
        await bot.context.community.set_server(house.guild.id, moderator_roles=frozenset({role.id}))
        refused = await house.member.slash("admin status", even_if_hidden=True)
        assert "Librarians" in refused.text
        assert "@everyone" not in refused.text
        allowed = await keeper.slash("admin status", even_if_hidden=True)
        assert "Status of the bot" in allowed.text
        settings = await keeper.slash("admin settings", even_if_hidden=True)
        assert "`not_manager`" in settings.text, "who moderates is not for moderators to say"

    async def test_everybodys_role_never_moderates(self, house: House, bot: CounterpointClient) -> None:
        everyone = frozenset({house.guild.id})
        await bot.context.community.set_server(house.guild.id, moderator_roles=everyone)
        said = await house.member.slash("admin status", even_if_hidden=True)
        assert "`not_moderator`" in said.text

    async def test_whoever_lost_the_right_cannot_press_any_more(
        self, house: House, bot: CounterpointClient
    ) -> None:
        shown = await add(house)
        before = house.held()
        house.moderator.membership.extra_permissions = 0
        pressed = await house.moderator.press(shown, label="Add to the library")
        assert "`not_moderator`" in pressed.followups[0].text
        assert house.held() == before

    @pytest.mark.parametrize(("name", "options"), SUBCOMMANDS)
    async def test_a_server_that_the_operator_did_not_name_is_told_so_in_one_sentence(
        self, house: House, bot: CounterpointClient, name: str, options: dict[str, Any]
    ) -> None:
        moderate_from(bot, house.guild.id + 1)
        before = house.held()
        said = await house.moderator.slash(f"admin {name}", options)
        assert said.ephemeral
        assert "`/admin` is not taken from this server" in said.text
        assert "`moderated_elsewhere`" in said.text
        assert house.held() == before
        assert bot.context.jobs.running is None

    async def test_a_server_that_the_operator_named_moderates_as_before(
        self, house: House, bot: CounterpointClient
    ) -> None:
        moderate_from(bot, house.guild.id + 1, house.guild.id)
        assert "Status of the bot" in (await house.moderator.slash("admin status")).text
        refused = await house.member.slash("admin status", even_if_hidden=True)
        assert "`not_moderator`" in refused.text, "a named server's members are still no moderators"

    async def test_a_button_that_was_shown_before_the_operator_decided_does_nothing_any_more(
        self, house: House, bot: CounterpointClient
    ) -> None:
        shown, before = await add(house), house.held()
        moderate_from(bot, house.guild.id + 1)
        pressed = await house.moderator.press(shown, label="Add to the library")
        assert "`moderated_elsewhere`" in pressed.followups[0].text
        assert house.held() == before

    @pytest.mark.parametrize(("name", "options"), SUBCOMMANDS)
    async def test_where_no_server_is_named_a_manager_is_told_that_it_is_closed(
        self, house: House, bot: CounterpointClient, name: str, options: dict[str, Any]
    ) -> None:
        moderate_from(bot)
        before = house.held()
        for person in (house.moderator, house.member):
            said = await person.slash(f"admin {name}", options, even_if_hidden=True)
            assert said.ephemeral
            assert "closed in this server" in said.text
            assert "`moderation_closed`" in said.text
        assert house.held() == before
        assert bot.context.jobs.running is None

    async def test_the_owner_of_the_application_may_everything_everywhere(
        self, house: House, bot: CounterpointClient
    ) -> None:
        moderate_from(bot)
        status = await house.runner.slash("admin status", even_if_hidden=True)
        assert "`/admin` is open in no server" in status.text
        assert "settings" in (await house.runner.slash("admin settings", even_if_hidden=True)).text
        shown = await house.runner.slash(
            "admin add", file=Upload("lantern-room.vtt", CAPTIONS), even_if_hidden=True
        )
        await house.runner.press(shown, label="Add to the library")
        assert "lantern-room/captions.vtt" in house.held()

    async def test_the_owner_opens_and_closes_a_server_and_it_stays_so(self, house: House) -> None:
        house.settings.moderated_from = ()
        elsewhere = house.server.add_guild("Elsewhere")
        stranger = elsewhere.add_member("Sam", permissions=MANAGE_GUILD)
        async with house.start():
            opened = await house.runner.slash("admin open", even_if_hidden=True)
            assert opened.ephemeral
            assert "open in this server" in opened.text
            shown = await add(house)
            assert "Nothing is written yet" in shown.text
            assert "`moderation_closed`" in (await stranger.slash("admin status")).text
            assert "`not_moderator`" in (await house.member.slash("admin status", even_if_hidden=True)).text
        async with house.start() as bot:
            assert "this one among them" in (await house.moderator.slash("admin status")).text
            closed = await house.runner.slash("admin close", even_if_hidden=True)
            assert "closed in this server" in closed.text
            pressed = await house.moderator.press(shown, label="Add to the library")
            assert "`moderation_closed`" in pressed.followups[0].text
            assert "lantern-room/captions.vtt" not in house.held()
            assert await bot.context.community.moderating() == frozenset()

    @pytest.mark.parametrize("name", ["open", "close"])
    async def test_nobody_else_opens_or_closes_a_server(
        self, house: House, bot: CounterpointClient, name: str
    ) -> None:
        moderate_from(bot)
        for person in (house.moderator, house.member):
            said = await person.slash(f"admin {name}", even_if_hidden=True)
            assert "`not_owner`" in said.text
        assert await bot.context.community.moderating() == frozenset()

    async def test_where_the_setting_names_servers_it_is_not_changed_by_a_command(
        self, house: House, bot: CounterpointClient
    ) -> None:
        said = await house.runner.slash("admin close", even_if_hidden=True)
        assert "`moderation_set`" in said.text
        assert str(house.guild.id) in said.text
        moderate_from(bot, house.guild.id + 1)
        assert "`moderated_elsewhere`" in (await house.runner.slash("admin status", even_if_hidden=True)).text

    @pytest.mark.parametrize(
        ("role", "state", "may"),
        [("developer", 2, True), ("admin", 2, True), ("read_only", 2, False), ("developer", 1, False)],
    )
    async def test_a_team_owns_the_application_together(
        self, house: House, role: str, state: int, may: bool
    ) -> None:
        house.settings.moderated_from = ()
        house.server.world.team = team_of(house.member, role, state)
        async with house.start():
            said = await house.member.slash("admin status", even_if_hidden=True)
            assert ("Status of the bot" in said.text) is may
            assert (
                "`moderation_closed`" in (await house.runner.slash("admin status", even_if_hidden=True)).text
            )

    async def test_while_discord_does_not_say_who_owns_it_the_owner_at_the_login_does(
        self, house: House, bot: CounterpointClient
    ) -> None:
        moderate_from(bot)
        long_after_the_login(bot)
        house.server.fail_next("GET /oauth2/applications/@me", status=403, times=3)
        assert "Status of the bot" in (await house.runner.slash("admin status", even_if_hidden=True)).text
        assert "`moderation_closed`" in (await house.moderator.slash("admin status")).text

    async def test_whoever_stops_waiting_for_discord_locks_no_owner_out(
        self, house: House, bot: CounterpointClient
    ) -> None:
        """What is offered while one types waits 0.8 s, and then does without."""
        long_after_the_login(bot)
        house.server.world.team = team_of(house.member)
        slow = house.server.fail_next("GET /oauth2/applications/@me", delay_s=3.0)
        asking = asyncio.create_task(bot.is_owner(house.member.user.id))
        await until(lambda: slow.times == 0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await bot.is_owner(house.member.user.id)

    async def test_all_who_ask_together_who_owns_the_application_hear_the_same(
        self, house: House, bot: CounterpointClient
    ) -> None:
        long_after_the_login(bot)
        house.server.world.team = team_of(house.member)
        assert await asyncio.gather(*(bot.is_owner(house.member.user.id) for _ in range(5))) == [True] * 5

    async def test_in_private_there_is_no_such_command(self, house: House, bot: CounterpointClient) -> None:
        with pytest.raises(RefusedByClientError):
            await house.moderator.slash("admin status", where=house.moderator.private)

    async def test_a_german_moderator_is_spoken_to_in_german(
        self, house: House, bot: CounterpointClient
    ) -> None:
        jonas = house.guild.add_member(
            "Jonas", permissions=house.moderator.membership.extra_permissions, locale="de"
        )
        said = await jonas.slash("admin status")
        assert "Stand des Bots" in said.text
        moderate_from(bot)
        assert "ist auf diesem Server geschlossen" in (await jonas.slash("admin status")).text
