"""The bot begins with a token that Discord knows, and ends in order when it is asked to."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from discord_loopback.server import LoopbackDiscord
from pydantic import SecretStr
from small_library import make_opener
from waiting import until

from bot.app.community import QUESTIONS_KEPT_FOR, CommunityDamaged
from bot.app.health import ALIVE_FILE
from bot.app.service import LocalLibraryService
from bot.app.settings import Settings
from bot.app.state_lock import StateInUse
from bot.discord.runner import (
    CommandsRefused,
    DiscordUnreachable,
    TokenMissing,
    TokenRefused,
    composed,
    serve,
    token_of,
)
from bot.discord.runner import _invite as invite
from bot.discord.runner import _is_connected as is_connected
from bot.i18n.message_catalogue import MessageCatalogue

ROOT = Path(__file__).resolve().parents[3]
RUN = "from bot.discord.runner import run; from bot.app.settings import Settings; "
RUN += "from bot.i18n.message_catalogue import MessageCatalogue; "
RUN += "run(Settings(_env_file=None), MessageCatalogue.load())"

HANGS = """
import asyncio, time
from bot.discord import runner

def wait_for_ever():
    time.sleep(1000)

async def warm(context):
    asyncio.get_running_loop().run_in_executor(None, wait_for_ever)

runner.ENDS_WITHIN_S, runner._warm = 2.0, warm
"""


def settings_for(server: LoopbackDiscord, folder: Path, *, token: str | None = None) -> Settings:
    return Settings(
        library=folder / "library",
        state=folder / "state",
        api_base=server.api_base,
        gateway=server.gateway_url,
        DISCORD_TOKEN=SecretStr(server.token if token is None else token),
        _env_file=None,
    )


def environment(server: LoopbackDiscord, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "COUNTERPOINT_LIBRARY": str(folder / "library"),
        "COUNTERPOINT_STATE": str(folder / "state"),
        "COUNTERPOINT_API_BASE": server.api_base,
        "COUNTERPOINT_GATEWAY": server.gateway_url,
        "DISCORD_TOKEN": server.token,
        "PYTHONPATH": str(ROOT),
    }


@pytest.mark.parametrize("token", ["", "   "])
def test_without_a_token_there_is_an_error_of_its_own(token: str) -> None:
    with pytest.raises(TokenMissing):
        token_of(Settings(DISCORD_TOKEN=SecretStr(token), _env_file=None))


async def test_a_wrong_token_is_refused_by_name(loopback: LoopbackDiscord, tmp_path: Path) -> None:
    settings = settings_for(loopback, tmp_path, token="wrong.token.here")
    async with composed(settings, MessageCatalogue.load()) as client:
        with pytest.raises(TokenRefused):
            await serve(client, token_of(settings), asyncio.Event())
    with pytest.raises(TokenRefused):
        await invite(settings)


async def test_the_bot_serves_pages_and_the_api_beside_them(
    loopback: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_for(loopback, tmp_path)
    settings = settings.model_copy(update={"serve": "127.0.0.1:0", "api_key": SecretStr("sesame")})
    caplog.set_level("INFO", "bot.discord.runner")
    async with composed(settings, MessageCatalogue.load()), aiohttp.ClientSession() as session:
        address = next(each.args[0] for each in caplog.records if each.msg.startswith("serving the pages"))
        async with session.get(f"{address}static/pages.js") as script:
            assert (script.status, script.content_type) == (200, "text/javascript")
        async with session.get(f"{address}api/v1/openapi.json") as described:
            assert (await described.json())["security"] == [{"key": []}]
        async with session.get(f"{address}api/v1/find", params={"question": "the dam"}) as refused:
            assert (refused.status, (await refused.json())["code"]) == (401, "key_refused")


async def test_however_many_browse_members_have_their_places(
    loopback: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_for(loopback, tmp_path).model_copy(update={"serve": "127.0.0.1:0"})
    caplog.set_level("INFO", "bot.discord.runner")
    service: Any = LocalLibraryService(make_opener(tmp_path))

    async def hang(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    async def answer() -> str:
        return "an answer"

    service.find = hang
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        composed(settings, MessageCatalogue.load(), service=service) as client,
        aiohttp.ClientSession(connector=connector) as session,
    ):
        address = next(each.args[0] for each in caplog.records if each.msg.startswith("serving the pages"))

        async def status(number: int) -> int:
            asks = {"X-Forwarded-For": f"203.0.113.{number % 100}"}
            kind = "results.html?q" if number % 2 else "api/v1/find?question"
            async with session.get(f"{address}{kind}=tutors{number}", headers=asks) as told:
                return told.status

        asked = [asyncio.create_task(status(number)) for number in range(120)]
        refused, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert {task.result() for task in refused} == {503}
        assert await client.context.limiter.ask(answer) == "an answer"
        for task in waiting:
            task.cancel()
        await client.context.finish(within_s=0.1)
        assert await status(1) == 503, "nobody is let in any more"


async def test_what_is_over_its_time_is_forgotten_on_a_bot_that_nobody_asks(
    loopback: LoopbackDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.discord.runner.PRUNES_EVERY_S", 0.05)
    settings, stop = settings_for(loopback, tmp_path), asyncio.Event()
    async with composed(settings, MessageCatalogue.load()) as client:
        community = client.context.community
        key = await community.keep("find", {"query": "something private"})
        old = (community._now() - QUESTIONS_KEPT_FOR - timedelta(minutes=1)).isoformat()
        await community._store.write("UPDATE kept SET kept_at = ?", (old,))
        assert await community.kept("find", key) is not None
        serving = asyncio.create_task(serve(client, token_of(settings), stop))
        try:
            while await community.kept("find", key) is not None:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        finally:
            stop.set()
            await serving


async def test_no_discord_at_all_is_said(loopback: LoopbackDiscord, tmp_path: Path) -> None:
    settings = settings_for(loopback, tmp_path).model_copy(update={"api_base": "http://127.0.0.1:9/api/v10"})
    with pytest.raises(DiscordUnreachable):
        await invite(settings)


async def test_a_bot_that_is_up_before_its_network_waits_for_it(
    loopback: LoopbackDiscord,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("bot.discord.runner._REACHED_AGAIN_AFTER_S", (0.0,))
    loopback.fail_next("GET /gateway", times=2, drop=True)
    loopback.fail_next("GET /gateway", status=503)
    settings, stop = settings_for(loopback, tmp_path), asyncio.Event()
    async with composed(settings, MessageCatalogue.load()) as client:
        serving = asyncio.create_task(serve(client, token_of(settings), stop))
        await until(lambda: is_connected(client))
        stop.set()
        await serving
    told = [record.getMessage() for record in caplog.records if record.name == "bot.discord.runner"]
    waited = [line for line in told if "could not be reached" in line]
    assert {"HTTP 503" in line for line in waited} == {False, True}, (
        "by nobody, and by a service that is down"
    )


async def test_the_invitation_asks_for_no_permission_at_all(
    loopback: LoopbackDiscord, tmp_path: Path
) -> None:
    asked = parse_qs(urlsplit(await invite(settings_for(loopback, tmp_path))).query)
    assert asked["permissions"] == ["0"]
    assert set(asked["scope"][0].split()) == {"bot", "applications.commands"}
    assert asked["client_id"][0].isdigit()


async def test_a_members_database_of_a_newer_program_is_an_error_of_its_own(
    loopback: LoopbackDiscord, tmp_path: Path
) -> None:
    settings = settings_for(loopback, tmp_path)
    settings.state_folder.mkdir()
    with sqlite3.connect(settings.state_folder / "community.db") as newer:
        newer.execute("PRAGMA user_version = 999")
    newer.close()
    with pytest.raises(CommunityDamaged):
        async with composed(settings, MessageCatalogue.load()):
            pass


async def test_asked_to_stop_it_finishes_the_answer_and_leaves(
    loopback: LoopbackDiscord, tmp_path: Path
) -> None:
    """The real program in a process of its own, stopped as a service is: SIGTERM while an answer is on its way."""
    guild = loopback.add_guild()
    ada = guild.add_member("Ada")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, env=environment(loopback, tmp_path), stderr=asyncio.subprocess.PIPE
    )  # fmt: skip
    try:
        await loopback.wait_for_bot()
        loopback.fail_next("PATCH /webhooks/*", delay_s=1.0)
        reply = await ada.slash("about", until="ack")
        process.send_signal(signal.SIGTERM)
        await loopback.world.wait_until(lambda: reply.answered, what="the answer")
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode()
    assert reply.text
    assert loopback.token not in said.decode()
    assert not (tmp_path / "state" / ALIVE_FILE).exists()


async def test_a_hung_answering_thread_does_not_keep_the_program_from_ending(
    loopback: LoopbackDiscord, tmp_path: Path
) -> None:
    """What no Python code can stop: a thread that waits for ever in C, which the interpreter joins at its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HANGS + RUN, env=environment(loopback, tmp_path), stderr=asyncio.subprocess.PIPE
    )  # fmt: skip
    try:
        await loopback.wait_for_bot()
        process.send_signal(signal.SIGTERM)
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 1
    assert "in wait_for_ever" in said.decode(), "it says where it hung"


async def test_a_second_bot_on_one_state_is_refused(loopback: LoopbackDiscord, tmp_path: Path) -> None:
    settings = settings_for(loopback, tmp_path)
    async with composed(settings, MessageCatalogue.load()) as first:
        job = await first.context.community.job_log.started("reindex")
        (settings.state_folder / ALIVE_FILE).write_text("the first one's")
        with pytest.raises(StateInUse):
            async with composed(settings, MessageCatalogue.load()):
                pass
        [same] = await first.context.community.job_log.last()
        assert (same.id, same.outcome) == (job, "running")
        assert (settings.state_folder / ALIVE_FILE).read_text() == "the first one's"


async def test_commands_that_discord_refuses_are_said(loopback: LoopbackDiscord, tmp_path: Path) -> None:
    settings = settings_for(loopback, tmp_path)
    loopback.fail_next("PUT /applications/*", status=400, code=50035)
    async with composed(settings, MessageCatalogue.load()) as client:
        with pytest.raises(CommandsRefused) as refused:
            await serve(client, token_of(settings), asyncio.Event())
    assert "50035" in refused.value.problem
    said = MessageCatalogue.load().error(refused.value)
    assert "50035" in said
    assert "network" not in said


async def test_a_bot_whose_connection_is_lost_is_not_connected(
    loopback: LoopbackDiscord, tmp_path: Path
) -> None:
    settings, stop = settings_for(loopback, tmp_path), asyncio.Event()
    async with composed(settings, MessageCatalogue.load(), guild_ready_timeout=0.05) as client:
        serving = asyncio.create_task(serve(client, loopback.token, stop))
        await loopback.wait_for_bot()
        await client.wait_until_ready()
        assert is_connected(client)
        for shard in client.shards.values():
            await shard._parent.ws.socket.close()
        assert client.is_ready(), "discord.py's own word"
        assert not is_connected(client)
        stop.set()
        await serving


async def test_a_part_that_ends_is_logged_while_the_others_run(
    loopback: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever set a port for figures that is taken is not told so only when the bot ends."""
    stop = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = settings_for(loopback, tmp_path).model_copy(update={"status_port": taken.getsockname()[1]})
        async with composed(settings, MessageCatalogue.load(), guild_ready_timeout=0.05) as client:
            serving = asyncio.create_task(serve(client, loopback.token, stop))
            await loopback.wait_for_bot()
            await until(lambda: "a part of the bot has ended" in caplog.text)
            assert not serving.done()
            stop.set()
            await serving
    assert "status_port_taken" in caplog.text
