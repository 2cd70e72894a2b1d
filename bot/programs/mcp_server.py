"""The library as a server of the Model Context Protocol: operations as tools, episodes as resources.

The one place that knows the package ``mcp``, which is installed with the extra ``counterpoint[mcp]``.
"""

import json
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, TypeVar
from urllib.parse import quote, unquote

import mcp_types as types
import uvicorn
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from pydantic import Field, create_model

from bot.app.limiter import RequestLimiter
from bot.app.service import LibraryService
from bot.i18n.message_catalogue import MessageCatalogue, clock
from bot.programs.operations import EPISODE, OPERATIONS, ArgumentsInvalid, Operation, operation_named
from bot.render.json_models import Json
from index.errors import EpisodeAmbiguous, EpisodeUnknown
from index.storage.records import EpisodeRecord, SliceRecord
from scoring.errors import CodedError, typed_fields

HOST = "127.0.0.1"
"""The server is for this machine alone: it asks nobody who he is."""

PATH = "/mcp"

_TOOLS = tuple(name for name in OPERATIONS if name != "episodes")
"""Episodes are resources."""

_SCHEME = "counterpoint://episodes/"
_TRANSCRIPT = "/transcript"
_PAGE = 100
_ENDS_WITHIN_S = 3
_READS_ONLY = types.ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)

_MOST_COMPLETED = 20

_Context = ServerRequestContext[Any]

T = TypeVar("T")

_log = logging.getLogger(__name__)


@typed_fields
class PortTaken(CodedError):
    """The server cannot listen on ``port``: another program does, or the system forbids it."""

    code = "port_taken"
    port: int


class LibraryTools:
    """Answers an MCP client from the library.

    Args:
        service: the library.
        limiter: how many are answered at once, and how long each may take.
        catalogue: sentences.
    """

    def __init__(self, service: LibraryService, limiter: RequestLimiter, catalogue: MessageCatalogue) -> None:
        self._service, self._limiter, self._catalogue = service, limiter, catalogue
        axis = service.axis
        self.note = catalogue.text("programs.note", low=axis.low_pole, high=axis.high_pole)
        self._tools = [self._tool(OPERATIONS[name]) for name in _TOOLS]

    def server(self) -> Server[Any]:
        """Return the server."""
        axis = self._service.axis
        return Server(
            "counterpoint",
            version=version("counterpoint"),
            title="Counterpoint",
            description="Where was this said, and who stands on the other side?",
            instructions=(
                "A library of recorded conversations, searched by meaning and words. `find` says where something was "
                "said; `read` shows the words around it; `counterbalance` says who stands on the other side of the "
                f"same subject. Quote `quote` or the words of `read` as they are, with speaker and link. {self.note} "
                f"{axis.low_pole}: {axis.low_meaning} {axis.high_pole}: {axis.high_meaning}"
            ),
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._list_resources,
            on_list_resource_templates=self._list_templates,
            on_read_resource=self._read_resource,
            on_completion=self._complete,
        )

    def _tool(self, operation: Operation[Any]) -> types.Tool:
        answer = create_model(
            f"{operation.name.title()}Answer",
            __base__=operation.contract,
            note=(str, Field(description="How quotes and positions are to be understood.")),
        )
        return types.Tool(
            name=operation.name,
            title=operation.title,
            description=f"{operation.description} Positions are readings by a program.",
            input_schema=operation.arguments_schema(self._service.axis),
            output_schema=answer.model_json_schema(mode="serialization"),
            annotations=_READS_ONLY,
        )

    async def _list_tools(
        self, _: _Context, __: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=self._tools)

    async def _call_tool(self, _: _Context, asked: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            answer = await self._answer(operation_named(asked.name, _TOOLS), asked.arguments or {})
        except CodedError as error:
            return _told(self._catalogue.error(error))
        except Exception:
            _log.exception("the tool %r failed", asked.name)
            return _told(self._catalogue.error(CodedError()))
        text = types.TextContent(type="text", text=json.dumps(answer, ensure_ascii=False))
        return types.CallToolResult(content=[text], structured_content=answer)

    async def _answer(self, operation: Operation[Any], given: Mapping[str, Any]) -> Json:
        return {**await operation.answer(self._service, self._limiter, given), "note": self.note}

    async def _list_resources(
        self, _: _Context, asked: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        start = _page_start(asked.cursor if asked is not None else None)
        episodes = await self._reading(self._service.episodes())
        shown = episodes[start : start + _PAGE]
        end = start + len(shown)
        return types.ListResourcesResult(
            resources=[_resource(episode) for episode in shown],
            next_cursor=str(end) if end < len(episodes) else None,
        )

    async def _list_templates(
        self, _: _Context, __: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(
                    uri_template=f"{_SCHEME}{{episode}}",
                    name="episode",
                    title="An episode's profile",
                    description="The same as the tool `episode`.",
                    mime_type="application/json",
                ),
                types.ResourceTemplate(
                    uri_template=f"{_SCHEME}{{episode}}{_TRANSCRIPT}",
                    name="transcript",
                    title="An episode's transcript",
                    description="Every word of an episode, turn by turn, with times.",
                    mime_type="text/plain",
                ),
            ]
        )

    async def _read_resource(
        self, _: _Context, asked: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        uri = str(asked.uri)
        if not uri.startswith(_SCHEME):
            raise MCPError(types.INVALID_PARAMS, f"there is no resource {uri}", {"uri": uri})
        name = unquote(uri.removeprefix(_SCHEME).removesuffix(_TRANSCRIPT))
        if uri.endswith(_TRANSCRIPT):
            card = await self._reading(self._limiter.ask(lambda: self._service.episode(name)))
            text, mime_type = transcript_text(card.episode, card.slices, self.note), "text/plain"
        else:
            answer = await self._reading(self._answer(EPISODE, {"episode": name}))
            text, mime_type = json.dumps(answer, ensure_ascii=False, indent=1), "application/json"
        return types.ReadResourceResult(
            contents=[types.TextResourceContents(uri=uri, text=text, mime_type=mime_type)]
        )

    async def _complete(self, _: _Context, asked: types.CompleteRequestParams) -> types.CompleteResult:
        """Complete the episode in a resource's address."""
        values: list[str] = []
        if asked.argument.name == "episode":
            found = await self._reading(self._service.suggest(asked.argument.value, limit=_MOST_COMPLETED))
            values = [episode.slug for episode in found]
        return types.CompleteResult(completion=types.Completion(values=values))

    async def _reading(self, answer: Awaitable[T]) -> T:
        """Await ``answer``; its error becomes one of the protocol."""
        try:
            return await answer
        except CodedError as error:
            is_asked_wrongly = isinstance(error, EpisodeUnknown | EpisodeAmbiguous | ArgumentsInvalid)
            code = types.INVALID_PARAMS if is_asked_wrongly else types.INTERNAL_ERROR
            raise MCPError(code, self._catalogue.error(error)) from error


def transcript_text(episode: EpisodeRecord, slices: Sequence[SliceRecord], note: str) -> str:
    """Return a transcript as a person reads it: title, ``note``, then each turn with its time and speaker."""
    lines = [episode.about.title, "", note, ""]
    for record in slices:
        piece = record.piece
        for start, end, speaker in piece.turn_bounds():
            second = piece.second_at(start)
            stamp = f"[{clock(second)}] " if second is not None else ""
            lines.append(f"{stamp}{f'{speaker}: ' if speaker else ''}{piece.text[start:end]}")
    return "\n".join(lines) + "\n"


async def serve_stdio(tools: LibraryTools) -> None:
    """Answer the client at standard input and output until it closes standard input."""
    server = tools.server()
    async with stdio_server() as (received, sent):
        await server.run(received, sent, server.create_initialization_options())


async def serve_http(tools: LibraryTools, port: int, started: Callable[[str], None]) -> None:
    """Answer clients over streamable HTTP on this machine's loopback until SIGTERM or SIGINT.

    Pages of other origins, and hosts that only resolve to this machine, are refused.

    Args:
        tools: what answers.
        port: where to listen; 0 takes a free one.
        started: told the address, once connections are taken.

    Raises:
        PortTaken: somebody else listens there.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError as error:
            raise PortTaken(port=port) from error
        listening.listen()
        app = tools.server().streamable_http_app(streamable_http_path=PATH, host=HOST)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=_ENDS_WITHIN_S)
        started(f"http://{HOST}:{listening.getsockname()[1]}{PATH}")
        await uvicorn.Server(config).serve(sockets=[listening])


def _resource(episode: EpisodeRecord) -> types.Resource:
    about, profile = episode.about, episode.profile
    known = (about.source, about.published and about.published.isoformat(), profile.band)
    return types.Resource(
        uri=_SCHEME + quote(episode.slug, safe=""),
        name=episode.slug,
        title=about.title,
        description=" · ".join(str(part) for part in known if part),
        mime_type="application/json",
    )


def _page_start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise MCPError(types.INVALID_PARAMS, "the cursor is none of this server's")
    return int(cursor)


def _told(sentence: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=sentence)], is_error=True)
