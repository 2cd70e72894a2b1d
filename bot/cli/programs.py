"""Commands for programs that ask the library: mcp."""

import asyncio
from contextlib import suppress
from typing import Annotated

import typer

from bot.app.container import make_limiter, make_pooled_service
from bot.app.service import LibraryService
from bot.cli.charts import say
from bot.cli.session import Session, session_of
from scoring.errors import CodedError


class McpMissing(CodedError):
    """The package ``mcp`` is not installed. No fields."""

    code = "mcp_missing"


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("mcp")(mcp)


def mcp(
    context: typer.Context,
    http: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            metavar="PORT",
            help="Listen on this port of 127.0.0.1 (streamable HTTP; 0: any) instead of standard input and output.",
        ),
    ] = None,
) -> None:
    """Answer assistants over the Model Context Protocol, from the library and for reading alone."""
    session = session_of(context)
    with session.explaining():
        asyncio.run(_serve_mcp(session, http))


async def _serve_mcp(session: Session, port: int | None) -> None:
    try:
        from bot.programs.mcp_server import LibraryTools, serve_http, serve_stdio  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"mcp", "mcp_types", "uvicorn"}:
            raise
        raise McpMissing from error
    service = make_pooled_service(session.settings)
    tools = LibraryTools(service, make_limiter(session.settings), session.catalogue)
    opening = asyncio.create_task(_opened(service))
    try:
        if port is None:
            await serve_stdio(tools)
        else:
            await serve_http(tools, port, lambda address: say(session.err, f"Listening at {address}"))
    finally:
        opening.cancel()
        await service.close()


async def _opened(service: LibraryService) -> None:
    """Open the edition before the first question needs it; who asks is told why where that fails."""
    with suppress(CodedError):
        await service.facts()
