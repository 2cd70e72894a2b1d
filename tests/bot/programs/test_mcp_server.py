"""The official client asks the real program, over standard input and output and over HTTP, from the sample library."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest
from indexed_sample import ROOT, IndexedSample
from jsonschema import Draft202012Validator
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError
from small_library import AXIS, Harm, SmallLibrary, make_opener
from waiting import LONG_S

from bot.app.limiter import RequestLimiter
from bot.app.service import LocalLibraryService
from bot.app.settings import Settings
from bot.app.workers.pool import WorkerPool
from bot.app.workers.pooled_service import PooledLibraryService
from bot.cli import programs
from bot.cli.session import Session
from bot.i18n.message_catalogue import MessageCatalogue
from bot.programs.mcp_server import LibraryTools
from bot.render.json_models import CONTRACTS
from scoring.axis import load_axis

TUTORS = "can an AI tutor replace homework"
TOOLS = {
    "find": {"question": TUTORS},
    "episode": {"episode": "tutors in the valley schools"},
    "counterbalance": {"episode": "tutors in the valley schools", "n_picks": 1},
    "related": {"episode": "tutors in the valley schools"},
    "read": {"episode": "tutors in the valley schools", "at_s": 100},
    "spectrum": {},
    "verify": {"link": "josefina-arrate-on-tutors-in-the-valley-schools#s2-1"},
}
CONTRACT = {name: "map" if name == "spectrum" else name for name in TOOLS}
PATIENT = {"HF_HUB_OFFLINE": "1", "COUNTERPOINT_QUESTION_LIMIT_S": "60"}

Connect = Callable[[], AbstractAsyncContextManager[Client]]


def command(library: Path, state: Path, *options: str) -> list[str]:
    return ["-m", "bot.cli.app", "--library", str(library), "--state", str(state), "mcp", *options]


@asynccontextmanager
async def over_stdio(library: Path, state: Path) -> AsyncIterator[Client]:
    started = StdioServerParameters(
        command=sys.executable,
        args=command(library, state),
        env={**PATIENT, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )
    async with Client(started, read_timeout_seconds=LONG_S) as client:
        yield client


@asynccontextmanager
async def over_http(address: str) -> AsyncIterator[Client]:
    async with Client(address, read_timeout_seconds=LONG_S) as client:
        yield client


@pytest.fixture(scope="module")
def address(indexed_sample: IndexedSample) -> Iterator[str]:
    """Where the real program answers over HTTP; asked to stop at the end, it does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERPOINT_")}
    started = subprocess.Popen(
        [sys.executable, *command(indexed_sample.library, indexed_sample.state, "--http", "0")],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | PATIENT,
        cwd=ROOT,
    )
    assert started.stderr is not None
    try:
        said = started.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/mcp", said)
        assert found is not None, said
        yield found[0]
        started.send_signal(signal.SIGTERM)
        started.wait(LONG_S)
    finally:
        started.kill()
        started.wait()
        started.stderr.close()


@pytest.fixture(params=["stdio", "http"])
def connect(request: pytest.FixtureRequest, indexed_sample: IndexedSample) -> Connect:
    """Connects the official client to the real program."""
    if request.param == "stdio":
        return partial(over_stdio, indexed_sample.library, indexed_sample.state)
    return partial(over_http, request.getfixturevalue("address"))


async def asked(client: Client, name: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result.content
    assert isinstance(result.content[0], types.TextContent)
    assert json.loads(result.content[0].text) == result.structured_content
    assert result.structured_content is not None
    return result.structured_content


async def test_where_was_this_said_and_who_disagrees(connect: Connect) -> None:
    async with connect() as client:
        found = await asked(client, "find", question=TUTORS, n_passages=3)
        assert found["is_match"]
        best = found["passages"][0]
        assert best["link"].startswith("https://recordings.example/")
        words = await asked(client, "read", episode=best["episode"], at_s=best["quote_start_s"], around=1)
        said = " ".join(turn["text"] for spoken in words["slices"] for turn in spoken["turns"])
        assert best["quote"] in said, "a quote is verbatim"
        other = await asked(client, "counterbalance", episode=best["episode"], n_picks=1)
        pick = other["picks"][0]
        assert pick["episode"] != best["episode"]
        assert (other["outcome"] == "crux") == (pick["question"] is not None)
        for piece in filter(None, (pick["here"], pick["there"])):
            assert piece["quote"] in piece["text"]
            assert re.search(r"#t=\d+$", piece["quote_link"])
        for answer in (found, words, other):
            assert "readings" in answer["note"]


async def test_every_tool_says_what_it_takes_and_gives_and_only_reads(address: str) -> None:
    async with over_http(address) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == set(TOOLS)
        for name, tool in tools.items():
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint
            assert "readings" in (tool.description or "")
            Draft202012Validator(tool.input_schema).validate(TOOLS[name])
            answer = await asked(client, name, **TOOLS[name])
            assert tool.output_schema is not None
            Draft202012Validator(tool.output_schema).validate(answer)
            note = answer.pop("note")
            assert note
            assert CONTRACTS[CONTRACT[name]].model_validate(answer).model_dump(mode="json") == answer
            required = CONTRACTS[CONTRACT[name]].model_json_schema(mode="serialization")["required"]
            assert tool.output_schema["required"] == [*required, "note"]


async def test_what_goes_wrong_is_told_in_a_sentence(address: str) -> None:
    async with over_http(address) as client:
        for name, arguments, expected in (
            ("episode", {"episode": "zzz qqq"}, "I know no episode “zzz qqq”"),
            ("find", {}, "question: it is missing"),
            ("find", {"question": "homework", "lens": "rosy"}, "choose from “technical”"),
            ("remove", {"episode": "x"}, "There is no “remove”"),
            (
                "read",
                {"episode": "tutors in the valley schools", "at_s": 99_999},
                "there is nothing at 27:46:39",
            ),
        ):
            result = await client.call_tool(name, arguments)
            assert result.is_error
            assert isinstance(result.content[0], types.TextContent)
            assert expected in result.content[0].text


async def test_episodes_are_resources(address: str) -> None:
    async with over_http(address) as client:
        listed = (await client.list_resources()).resources
        assert len(listed) == 14
        for resource in listed[:2]:
            read = await client.read_resource(str(resource.uri))
            (content,) = read.contents
            assert isinstance(content, types.TextResourceContents)
            card = json.loads(content.text)
            assert card["title"] == resource.title
            read = await client.read_resource(f"{resource.uri}/transcript")
            (content,) = read.contents
            assert isinstance(content, types.TextResourceContents)
            assert content.text.startswith(f"{card['title']}\n")
            words = await asked(
                client, "read", episode=card["episode"], slice=card["n_slices"] - 1, around=10
            )
            for spoken in words["slices"]:
                for turn in spoken["turns"]:
                    assert turn["text"] in content.text
        reference = types.ResourceTemplateReference(uri="counterpoint://episodes/{episode}")
        completed = await client.complete(reference, {"name": "episode", "value": "tutors in"})
        assert completed.completion.values == ["josefina-arrate-on-tutors-in-the-valley-schools"]
        for wrong in ("counterpoint://episodes/zzz%20qqq", "file:///etc/passwd", "counterpoint://episodes/"):
            with pytest.raises(MCPError) as refused:
                await client.read_resource(wrong)
            assert refused.value.code == types.INVALID_PARAMS


@pytest.mark.parametrize(
    ("header", "value"), [("Host", "rebound.example"), ("Origin", "https://elsewhere.example")]
)
def test_a_page_of_elsewhere_is_refused(address: str, header: str, value: str) -> None:
    request = urllib.request.Request(
        address,
        data=b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}',
        headers={
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            header: value,
        },
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=LONG_S)
    with refused.value:
        assert refused.value.code in (403, 421)


async def test_a_library_that_is_not_indexed_says_so(tmp_path: Path) -> None:
    async with over_stdio(tmp_path / "library", tmp_path / "state") as client:
        result = await client.call_tool("find", {"question": TUTORS})
        assert result.is_error
        assert isinstance(result.content[0], types.TextContent)
        assert "counterpoint index" in result.content[0].text
        assert len((await client.list_tools()).tools) == len(TOOLS)


async def test_a_question_that_hangs_is_stopped_and_the_next_is_answered(tmp_path: Path) -> None:
    made = SmallLibrary.of_two(tmp_path)
    await made.build()
    pool = WorkerPool(made.state, partial(make_opener, made.state), limit_s=2.0, opens_within_s=LONG_S)
    service = PooledLibraryService(pool, load_axis(AXIS))
    try:
        async with Client(
            LibraryTools(service, RequestLimiter(), MessageCatalogue.load()).server()
        ) as client:
            result = await client.call_tool("find", {"question": f"the dam {Harm.HANG_HOLDING_THE_LOCK}"})
            assert result.is_error
            assert isinstance(result.content[0], types.TextContent)
            assert "longer than 2 seconds" in result.content[0].text
            assert (await asked(client, "find", question="the danger of the dam"))["is_match"]
    finally:
        await service.close()


async def test_a_failure_that_nobody_foresaw_tells_no_secret(tmp_path: Path) -> None:
    made = SmallLibrary.of_two(tmp_path)
    await made.build()
    service = LocalLibraryService(make_opener(made.state))
    async with Client(LibraryTools(service, RequestLimiter(), MessageCatalogue.load()).server()) as client:
        result = await client.call_tool("find", {"question": f"the dam {Harm.RAISE}"})
        assert result.is_error
        assert "secret" not in str(result.content)
    await service.close()


async def test_many_episodes_are_listed_in_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = SmallLibrary.of_two(tmp_path)
    await made.build()
    monkeypatch.setattr("bot.programs.mcp_server._PAGE", 1)
    service = LocalLibraryService(make_opener(made.state))
    async with Client(LibraryTools(service, RequestLimiter(), MessageCatalogue.load()).server()) as client:
        first = await client.list_resources()
        assert [resource.name for resource in first.resources] == ["the-dam"]
        second = await client.list_resources(cursor=first.next_cursor)
        assert [resource.name for resource in second.resources] == ["the-school"]
        assert second.next_cursor is None
        with pytest.raises(MCPError):
            await client.list_resources(cursor="-1")
    await service.close()


async def test_without_the_package_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "bot.programs.mcp_server")
    monkeypatch.setitem(sys.modules, "mcp_types", None)
    session = Session(Settings(library=tmp_path), MessageCatalogue.load(), None, None)  # type: ignore[arg-type]
    with pytest.raises(programs.McpMissing) as missing:
        await programs._serve_mcp(session, None)
    assert "counterpoint[mcp]" in MessageCatalogue.load().error(missing.value)
