"""Claims about reading a file once, and about reading it where it can be ended."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from index.errors import NotATranscript, ParsingFailed, ParsingNeedsMemory, ParsingTookTooLong
from index.library.ingest import (
    Overrides,
    ParsedFile,
    ParseLimits,
    parse_bytes,
    parse_file,
    parse_in_process,
    parse_process,
    parse_sidecars,
    parsed_file,
    plan_episode,
    write_plan,
)
from index.transcripts.formats import front_matter

from .conftest import TODAY, published, webvtt

Put = Callable[..., Path]


def counted(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> list[object]:
    """Calls of a function, however it is reached from that module."""
    calls: list[object] = []
    original = getattr(module, name)

    def call(*args: object, **kwargs: object) -> object:
        calls.append(args)
        return original(*args, **kwargs)

    monkeypatch.setattr(module, name, call)
    return calls


def test_from_the_look_to_the_write_a_file_is_decoded_detected_and_parsed_once(
    put: Put, library: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put("rvr/ada.md", published(head="date: 2024-11-26\nguest: Ada Lind\n"))
    parses = counted(monkeypatch, parsed_file, "parse_transcript")
    yamls = counted(monkeypatch, front_matter.yaml, "load")
    plan = plan_episode(parse_file(path), Overrides(), library)
    write_plan(plan, library, state)
    assert len(parses) == 1
    assert len(yamls) == 1
    assert (library / plan.slug / plan.file_name).read_bytes() == path.read_bytes()


def test_what_was_parsed_is_kept_as_json_and_gives_the_same_plan(put: Put, library: Path) -> None:
    text = published(head="date: 2024-11-26\n")
    sidecars = parse_sidecars({"x.description": b"Why does the river rise?", "x.info.json": b"[]"})
    parsed = parse_bytes(text.encode(), "ada.md", sidecars=sidecars, folder="rvr")
    kept = json.loads(json.dumps(parsed.to_json()))
    back = ParsedFile.from_json(kept, text.encode())
    assert back == parsed
    first, second = (plan_episode(file, Overrides(), library, today=TODAY) for file in (parsed, back))
    assert first == second
    with pytest.raises(ValueError, match="ParsedFile"):
        ParsedFile.from_json({"name": "x"}, b"")


async def test_a_process_of_its_own_reads_as_this_one_does() -> None:
    data = published().encode()
    sidecars = parse_sidecars({"x.description": b"Why does the river rise?"})
    assert await parse_in_process(data, "ada.md", sidecars=sidecars) == parse_bytes(
        data, "ada.md", sidecars=sidecars
    )


async def test_a_refusal_comes_back_as_itself() -> None:
    with pytest.raises(NotATranscript) as caught:
        await parse_in_process(b'{"a": 1}', "code.json")
    assert caught.value.fields["file"] == "code.json"


def child_that(work: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the child do ``work`` where it would parse."""
    module = "from index.library.ingest import parse_process as p"
    script = f"{module}\ndef work(*_, **__):\n    {work}\np.parse_bytes = work\np.main()"
    monkeypatch.setattr(parse_process, "_COMMAND", ("-P", "-c", script))


async def test_a_file_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    child_that("while True: pass", monkeypatch)
    with pytest.raises(ParsingTookTooLong) as caught:
        await parse_in_process(webvtt().encode(), "river.vtt", limits=ParseLimits(seconds=0.5))
    assert caught.value.fields == {"file": "river.vtt", "limit_s": 0.5, "line": None}


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is Linux's")
async def test_a_file_that_takes_all_memory_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    child_that("bytearray(400_000_000)", monkeypatch)
    with pytest.raises(ParsingNeedsMemory) as caught:
        await parse_in_process(webvtt().encode(), "river.vtt", limits=ParseLimits(memory_bytes=100_000_000))
    assert caught.value.limit == 100_000_000


@pytest.mark.parametrize(
    "work",
    [
        "import os; os._exit(3)",
        "import os; os.kill(os.getpid(), 11)",
        "print('nonsense')",
        "raise SystemExit(0)",
    ],
)
async def test_a_process_that_dies_is_one_error(work: str, monkeypatch: pytest.MonkeyPatch) -> None:
    child_that(work, monkeypatch)
    with pytest.raises(ParsingFailed):
        await parse_in_process(webvtt().encode(), "river.vtt")


async def test_the_child_knows_no_secret_and_writes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    told = tmp_path / "told"
    told.touch()
    child_that(
        f"import os; assert 'DISCORD_TOKEN' not in os.environ; open({str(told)!r}, 'w').write('x' * 9)",
        monkeypatch,
    )
    with pytest.raises(ParsingFailed):
        await parse_in_process(webvtt().encode(), "river.vtt")
    assert told.read_bytes() == b""
