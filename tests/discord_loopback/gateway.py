"""The gateway: sessions that survive a broken socket, their heartbeats, and the ways a gateway misbehaves."""

from __future__ import annotations

import asyncio
import importlib
import json
import secrets
import time
import zlib
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import WSMsgType, web

from discord_loopback.errors import NoAnswerError
from discord_loopback.world import World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 0, 1, 2, 3, 4, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 8, 9, 10, 11
KNOWN = {HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, REQUEST_MEMBERS}
GUILDS_INTENT = 1
PRIVILEGED_INTENTS = (1 << 1) | (1 << 8) | (1 << 15)
ALL_INTENTS = (1 << 26) - 1
PAYLOAD_BYTES_MAX = 4096


class _Compressor(Protocol):
    def __call__(self, data: bytes, /) -> bytes: ...


def _compressor(kind: str | None) -> _Compressor | None:
    if kind == "zlib-stream":
        deflate = zlib.compressobj()
        return lambda data: deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if kind == "zstd-stream":
        zstandard = importlib.import_module("zstandard")  # a client asks for it only where it has it

        stream = zstandard.ZstdCompressor().compressobj()
        return lambda data: stream.compress(data) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return None


@dataclass(slots=True, eq=False)
class Session:
    """What Discord remembers of one shard's session: every dispatch, so that a RESUME can replay what was missed."""

    id: str
    shard: tuple[int, int]
    intents: int
    sent: list[dict[str, Any]] = field(default_factory=list)
    connection: Connection | None = None

    def dispatch(self, event: str, data: dict[str, Any]) -> None:
        """Number and keep an event, and send it where somebody is connected."""
        frame = {"op": DISPATCH, "t": event, "s": len(self.sent) + 1, "d": data}
        self.sent.append(frame)
        if self.connection is not None:
            self.connection.outbox.put_nowait(frame)


@dataclass(slots=True, eq=False)
class Connection:
    """One socket. What is to be sent goes through `outbox`, so that order and compression stay whole."""

    socket: web.WebSocketResponse
    compress: _Compressor | None
    resumed_address: bool
    outbox: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    session: Session | None = None
    silent: bool = False
    cut: bool = False

    async def pump(self) -> None:
        while True:
            text = json.dumps(await self.outbox.get(), separators=(",", ":"))
            if self.socket.closed:
                return
            if self.silent:
                continue
            if self.compress is None:
                await self.socket.send_str(text)
            else:
                await self.socket.send_bytes(self.compress(text.encode()))


class Gateway:
    """Every session and connection of one bot. The methods without an underscore are for tests."""

    def __init__(self, world: World, *, heartbeat_interval_s: float = 41.25, shards: int = 1) -> None:
        self._world = world
        self.heartbeat_interval_s = heartbeat_interval_s
        self.shards = shards
        self.sessions: dict[str, Session] = {}
        self.connections: list[Connection] = []
        self.identifies: list[dict[str, Any]] = []
        self.resumes = 0
        self.heartbeats_s: list[float] = []
        self.refuse_next = 0
        world.dispatch = self.dispatch

    @property
    def url(self) -> str:
        return self._world.origin.replace("http", "ws", 1) + "/gateway/"

    def dispatch(self, event: str, data: dict[str, Any], guild_id: int | None) -> None:
        """Hand an event to the shard it belongs to; NoAnswerError where that shard has no session."""
        for session in self.sessions.values():
            number, of = session.shard
            if (0 if guild_id is None else (guild_id >> 22) % of) == number:
                session.dispatch(event, data)
                return
        raise NoAnswerError(f"no bot is connected to hear {event}")

    def announce(self, event: str, data: dict[str, Any], guild_id: int) -> None:
        """Tell of a change in a guild, where there is a bot that asked to hear of guilds and is a member of it."""
        if self._world.guilds[guild_id].bot is None:
            return
        for session in self.sessions.values():
            number, of = session.shard
            if (guild_id >> 22) % of == number and session.intents & GUILDS_INTENT:
                session.dispatch(event, data)

    async def ask_reconnect(self) -> None:
        """RECONNECT (op 7) to every connection."""
        await self._to_all({"op": RECONNECT, "d": None})

    async def invalidate(self, *, resumable: bool) -> None:
        """INVALID SESSION (op 9); one that is not resumable is forgotten."""
        if not resumable:
            self.sessions.clear()
        await self._to_all({"op": INVALID_SESSION, "d": resumable})

    async def drop(self, code: int | None = None) -> None:
        """Cut every connection: with a close code, or (None) the socket itself, without a word."""
        for connection in list(self.connections):
            connection.cut = True
            if connection.session is not None:
                connection.session.connection = None
            if code is None:
                transport = getattr(connection.socket, "_req", None)
                if transport is not None and transport.transport is not None:
                    transport.transport.abort()
            else:
                await connection.socket.close(code=code)

    def go_silent(self) -> None:
        """A zombie: the sockets stay open and take everything, but neither an ACK nor an event comes any more."""
        for connection in self.connections:
            connection.silent = True

    async def close(self) -> None:
        """End every connection, as when the server goes away."""
        for connection in list(self.connections):
            await connection.socket.close(code=1001)

    async def _to_all(self, frame: dict[str, Any]) -> None:
        for connection in list(self.connections):
            connection.outbox.put_nowait(frame)
        await asyncio.sleep(0)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """One socket from HELLO to its end."""
        if self.refuse_next > 0:
            self.refuse_next -= 1
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(compress=False, max_msg_size=0, timeout=1.0)
        await socket.prepare(request)
        if request.query.get("v") != "10" or request.query.get("encoding", "json") != "json":
            await socket.close(code=4012)
            return socket
        at_resume = request.path.endswith("/resume/")
        connection = Connection(socket, _compressor(request.query.get("compress")), at_resume)
        self.connections.append(connection)
        pump = asyncio.create_task(connection.pump())
        connection.outbox.put_nowait(
            {"op": HELLO, "d": {"heartbeat_interval": int(self.heartbeat_interval_s * 1000)}}
        )
        try:
            await self._listen(connection)
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            self.connections.remove(connection)
            self._part(connection)
        return socket

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            if message.type is not WSMsgType.TEXT:
                break
            if len(message.data.encode()) > PAYLOAD_BYTES_MAX:
                await connection.socket.close(code=4002)
                break
            try:
                frame = json.loads(message.data)
            except ValueError:
                await connection.socket.close(code=4002)
                break
            code = await self._frame(connection, frame)
            if code is not None:
                await connection.socket.close(code=code)
                break

    async def _frame(self, connection: Connection, frame: dict[str, Any]) -> int | None:
        match frame.get("op"):
            case 1:
                self.heartbeats_s.append(time.monotonic())
                connection.outbox.put_nowait({"op": HEARTBEAT_ACK, "d": None})
                return None
            case 2:
                return self._identify(connection, frame.get("d") or {})
            case 6:
                return self._resume(connection, frame.get("d") or {})
            case op if op not in KNOWN:
                return 4001
        return None if connection.session is not None else 4003

    def _identify(self, connection: Connection, asked: dict[str, Any]) -> int | None:
        self.identifies.append(asked)
        intents = asked.get("intents")
        number, of = asked.get("shard") or (0, 1)
        if connection.session is not None:
            return 4005
        if asked.get("token") != self._world.token:
            return 4004
        if not isinstance(intents, int) or intents & ~ALL_INTENTS:
            return 4013
        if intents & PRIVILEGED_INTENTS:
            return 4014
        if not 0 <= number < of:
            return 4010
        for old in [s for s in self.sessions.values() if s.shard == (number, of)]:
            del self.sessions[old.id]
        session = Session(secrets.token_hex(16), (number, of), intents, connection=connection)
        connection.session = self.sessions[session.id] = session
        known = [guild for guild in self._world.guilds.values() if guild.bot is not None]
        guilds = [g for g in known if (g.id >> 22) % of == number]
        session.dispatch("READY", self._ready(session, [g.id for g in guilds]))
        if intents & GUILDS_INTENT:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", guild.payload())
        self._world.changed()
        return None

    def _ready(self, session: Session, guild_ids: list[int]) -> dict[str, Any]:
        return {
            "v": 10,
            "user": {**self._world.bot.payload(), "verified": True, "mfa_enabled": False, "email": None},
            "user_settings": {},
            "guilds": [{"id": str(n), "unavailable": True} for n in guild_ids],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url + "resume/",
            "shard": list(session.shard),
            "application": {"id": str(self._world.application_id), "flags": 1 << 23},
            "private_channels": [],
            "relationships": [],
            "presences": [],
            "guild_join_requests": [],
            "geo_ordered_rtc_regions": [],
            "auth": {},
            "_trace": [],
        }

    def _resume(self, connection: Connection, asked: dict[str, Any]) -> int | None:
        if asked.get("token") != self._world.token:
            return 4004
        session = self.sessions.get(str(asked.get("session_id")))
        if session is None:
            connection.outbox.put_nowait({"op": INVALID_SESSION, "d": False})
            return None
        heard = asked.get("seq")
        if not isinstance(heard, int) or heard > len(session.sent):
            return 4007
        for frame in session.sent[heard:]:
            connection.outbox.put_nowait(frame)
        connection.session, session.connection = session, connection
        session.dispatch("RESUMED", {"_trace": []})
        self.resumes += 1
        self._world.changed()
        return None

    def _part(self, connection: Connection) -> None:
        session = connection.session
        if session is None or session.connection not in (connection, None):
            return
        session.connection = None
        if not connection.cut and connection.socket.close_code in (1000, 1001):
            self.sessions.pop(session.id, None)
        self._world.changed()
