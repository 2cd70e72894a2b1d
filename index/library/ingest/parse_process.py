"""Parsing of untrusted files in a separate process, with limits on time and memory.

A file that exhausts time or memory ends its own process and nothing else. The result is validated JSON with the facts
of the file, not its text.
"""

import asyncio
import json
import resource
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

import index
from index.errors import ParsingFailed, ParsingNeedsMemory, ParsingTookTooLong, TranscriptRejected
from index.library.ingest.parsed_file import ParsedFile, parse_bytes
from index.library.ingest.sidecars import Sidecars
from scoring.errors import CodedError, error_of

_SIDECARS: TypeAdapter[Sidecars] = TypeAdapter(Sidecars)
_LARGEST_ANSWER_BYTES = 32_000_000
_LATER_S = 5
_COMMAND = ("-P", "-c", f"from {__name__} import main; main()")


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """Limits for parsing one file.

    Attributes:
        seconds: from sending the file to the process until its result.
        memory_bytes: beyond the memory of the interpreter itself.
    """

    seconds: float = 30.0
    memory_bytes: int = 1_000_000_000


async def parse_in_process(
    data: bytes, name: str, *, sidecars: Sidecars | None = None, limits: ParseLimits | None = None
) -> ParsedFile:
    """Parse as ``parse_bytes`` does, in a separate process, which is killed if the caller stops waiting.

    Raises:
        TranscriptRejected: as ``parse_bytes``; ParsingTookTooLong, ParsingNeedsMemory: a limit was met; ParsingFailed:
            the process ended without a result.
    """
    limits = limits or ParseLimits()
    file = name or "transcript"
    request = {
        "name": name,
        "sidecars": _SIDECARS.dump_python(sidecars or Sidecars(), mode="json"),
        "seconds": limits.seconds,
        "memory_bytes": limits.memory_bytes,
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *_COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": str(Path(index.__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        async with asyncio.timeout(limits.seconds):
            answer = await _ask(child, json.dumps(request).encode() + b"\n" + data)
    except TimeoutError as error:
        raise ParsingTookTooLong(file=file, limit_s=limits.seconds) from error
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()
    return _result(answer, data, file)


async def _ask(child: asyncio.subprocess.Process, request: bytes) -> bytes:
    """Write ``request`` to the child and return its output."""
    answer, _ = await child.communicate(request)
    return answer


def _result(answer: bytes, data: bytes, file: str) -> ParsedFile:
    try:
        result: dict[str, Any] = json.loads(answer[:_LARGEST_ANSWER_BYTES])
        if "error" not in result:
            return ParsedFile.from_json(result["parsed"], data)
        error = error_of(str(result["error"]["code"]), dict(result["error"]["fields"]))
    except (ValueError, KeyError, TypeError) as broken:
        raise ParsingFailed(file=file) from broken
    raise error if isinstance(error, TranscriptRejected) else ParsingFailed(file=file)


def main() -> None:
    """Parse a file from standard input; write the result or the error as JSON to standard output."""
    request = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    sidecars = _SIDECARS.validate_python(request["sidecars"])
    _limit(float(request["seconds"]), int(request["memory_bytes"]))
    try:
        parsed = parse_bytes(data, request["name"], sidecars=sidecars)
        answer: dict[str, Any] = {"parsed": parsed.to_json()}
    except CodedError as error:
        answer = _error_json(error)
    except MemoryError:
        answer = _error_json(ParsingNeedsMemory(file=request["name"], limit=request["memory_bytes"]))
    sys.stdout.write(json.dumps(answer, default=str))


def _error_json(error: CodedError) -> dict[str, Any]:
    return {"error": {"code": error.code, "fields": error.fields}}


def _limit(seconds: float, memory_bytes: int) -> None:
    """Set the kernel's limits for this process, since the parent may itself be gone."""
    try:
        n_pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:  # no Linux
        n_pages = 0
    for kind, limit in (
        (resource.RLIMIT_AS, n_pages * resource.getpagesize() + memory_bytes),
        (resource.RLIMIT_CPU, round(seconds) + _LATER_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (allowed, allowed))
