"""The REST face: who asks, planned failures, errors as Discord words them, and the routes beside interactions."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import ClientError, web

from discord_loopback.errors import INVALID_FORM_BODY, ApiError, InvalidBodyError, Violation, error_tree
from discord_loopback.faults import DropConnectionError, Faults
from discord_loopback.gateway import Gateway
from discord_loopback.messages import Message
from discord_loopback.people import ATTACH_FILES, READ_HISTORY, SEND_MESSAGES, VIEW_CHANNEL, Channel
from discord_loopback.posting import BODY, compose, judge, read_body, revise
from discord_loopback.world import RequestRecord, World

PREFIX = "/api/v10"
NONCE_HELD_S = 180.0
"""So long an enforced nonce makes no second message; Discord says "the past few minutes"."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BUCKET = {
    "X-RateLimit-Limit": "500",
    "X-RateLimit-Remaining": "499",
    "X-RateLimit-Reset-After": "1.000",
    "Via": "1.1 google",
}


def answering(world: World, faults: Faults) -> Any:
    """Middleware: planned failures, the token, errors as JSON, and the record of every request."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.path.removeprefix(PREFIX)
        if path.startswith("/gateway/") and path != "/gateway/bot":
            return await handler(request)
        came_s = time.monotonic()
        plan = faults.take(request.method, path)
        response: web.StreamResponse
        try:
            faults.check_patience(request.method, path)
            if plan is not None and not plan.late:
                await faults.apply(plan, request.method, path)
            _authorise(world, request, path)
            response = await handler(request)
            if plan is not None and plan.late:
                await faults.apply(plan, request.method, path)
            response.headers.update({**BUCKET, "X-RateLimit-Reset": f"{time.time() + 1:.3f}"})
        except DropConnectionError:
            if request.transport is not None:
                request.transport.abort()
            response = web.Response(status=499)
        except (OSError, ClientError):
            raise  # the bot went away
        except Exception as error:
            response = _worded(world, f"{request.method} {path}", error)
        if response.content_type == "application/json" and not response.prepared:
            response.headers["Content-Type"] = "application/json"  # as Discord: no charset beside it
        world.requests.append(RequestRecord(request.method, path, response.status, came_s, request.get(BODY)))
        world.changed()
        return response

    return middleware


def _worded(world: World, label: str, error: Exception) -> web.Response:
    """The answer to a request that failed; a broken rule, an unknown route and a bug of ours are violations."""
    match error:
        case InvalidBodyError():
            told = list({(fault.path, fault.code): fault for fault in error.faults}.values())
            world.violations += [Violation(label, f.path, f.code, f.message) for f in told]
            said = "Invalid Form Body" if error.api_code == INVALID_FORM_BODY else told[0].message
            body = {"message": said, "code": error.api_code, "errors": error_tree(told)}
            return web.json_response(body, status=400)
        case ApiError():
            return web.json_response(error.body, status=error.status, headers=error.headers)
        case web.HTTPException():
            said = f"{error.status}: the loopback has no such route"
            world.violations.append(Violation(label, (), "UNKNOWN_ROUTE", said))
            return web.json_response(
                {"message": f"{error.status}: {error.reason}", "code": 0}, status=error.status
            )
    world.violations.append(Violation(label, (), "LOOPBACK_FAILED", f"{type(error).__name__}: {error}"))
    raise error


def _authorise(world: World, request: web.Request, path: str) -> None:
    if path.startswith(("/interactions/", "/webhooks/", "/attachments/")) or path == "/gateway":
        return
    if request.headers.get("Authorization") != f"Bot {world.token}":
        raise ApiError(401, 0, "401: Unauthorized")


class Rest:
    """Handlers of channels, the bot's own account and the files."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway
        self._nonces: dict[str, tuple[float, Message]] = {}

    def routes(self) -> list[web.RouteDef]:
        channel = PREFIX + "/channels/{channel_id}"
        return [
            web.get("/attachments/{channel_id}/{attachment_id}/{name}", self.file),
            web.get("/gateway/", self._gateway.handle, allow_head=False),
            web.get("/gateway/resume/", self._gateway.handle, allow_head=False),
            web.get(PREFIX + "/gateway", self.gateway, allow_head=False),
            web.get(PREFIX + "/gateway/bot", self.gateway, allow_head=False),
            web.get(PREFIX + "/users/@me", self.me, allow_head=False),
            web.post(PREFIX + "/users/@me/channels", self.open_private),
            web.get(PREFIX + "/applications/@me", self.application, allow_head=False),
            web.get(PREFIX + "/oauth2/applications/@me", self.application, allow_head=False),
            web.get(channel, self.channel, allow_head=False),
            web.post(channel + "/typing", self.typing),
            web.post(channel + "/messages", self.post),
            web.get(channel + "/messages", self.history, allow_head=False),
            web.get(channel + "/messages/{message_id}", self.get, allow_head=False),
            web.patch(channel + "/messages/{message_id}", self.patch),
            web.delete(channel + "/messages/{message_id}", self.delete),
        ]

    async def file(self, request: web.Request) -> web.Response:
        attachment = self._world.attachments.get(int(request.match_info["attachment_id"]))
        if attachment is None or not {"ex", "is", "hm"} <= set(request.query):
            return web.Response(status=404)
        return web.Response(body=attachment.data, content_type=attachment.content_type.split(";")[0])

    async def gateway(self, request: web.Request) -> web.Response:
        told: dict[str, Any] = {"url": self._gateway.url}
        if request.path.endswith("/bot"):
            limit = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
            told |= {"shards": self._gateway.shards, "session_start_limit": limit}
        return web.json_response(told)

    async def me(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                **self._world.bot.payload(),
                "verified": True,
                "mfa_enabled": False,
                "email": None,
                "locale": "en-US",
            }
        )

    async def application(self, _request: web.Request) -> web.Response:
        told: dict[str, Any] = {
            "id": str(self._world.application_id),
            "name": self._world.application_name,
            "icon": None,
            "description": "",
            "summary": "",
            "type": None,
            "bot": self._world.bot.payload(),
            "bot_public": True,
            "bot_require_code_grant": False,
            "owner": self._world.owner.payload(),
            "team": self._world.team,
            "verify_key": "0" * 64,
            "flags": 1 << 23,
            "flags_new": str(1 << 23),
            "explicit_content_filter": 0,
            "eligible_oauth2_scopes": ["bot", "applications.commands"],
            "approximate_user_authorization_count": 0,
            "tags": [],
            "hook": True,
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "approximate_guild_count": len(self._world.guilds),
            "approximate_user_install_count": 0,
            "integration_types_config": {"0": {}, "1": {}},
        }
        return web.json_response(told)

    def _channel(self, request: web.Request, needs: int = VIEW_CHANNEL) -> Channel:
        channel = self._world.channels.get(int(request.match_info["channel_id"]))
        if channel is None:
            raise ApiError(404, 10003, "Unknown Channel")
        held = channel.guild.bot.permissions_in(channel) if channel.guild and channel.guild.bot else ~0
        if not held & VIEW_CHANNEL:
            raise ApiError(403, 50001, "Missing Access")
        if held & needs != needs:
            raise ApiError(403, 50013, "Missing Permissions")
        return channel

    def _message(self, request: web.Request, *, own: bool) -> Message:
        channel = self._channel(request)
        message = self._world.messages.get(int(request.match_info["message_id"]))
        if message is None or message.deleted or message.ephemeral or message.channel is not channel:
            raise ApiError(404, 10008, "Unknown Message")
        if own and message.author is not self._world.bot:
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        return message

    async def channel(self, request: web.Request) -> web.Response:
        return web.json_response(self._channel(request).payload())

    async def open_private(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        user = self._world.users.get(int(body.json["recipient_id"]))
        if user is None:
            raise ApiError(404, 10013, "Unknown User")
        return web.json_response(self._world.private_channel(user).payload())

    async def typing(self, request: web.Request) -> web.Response:
        self._channel(request, SEND_MESSAGES)
        return web.Response(status=204)

    async def post(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        channel = self._channel(request, SEND_MESSAGES | (ATTACH_FILES if body.files else 0))
        judge(self._world, request, body)
        nonce = (body.json or {}).get("nonce")
        known = self._with_nonce(str(nonce)) if nonce is not None and body.json.get("enforce_nonce") else None
        if known is not None:
            return web.json_response(known.payload())
        message = Message(self._world.new_id(), channel, self._world.bot)
        if nonce is not None:
            self._nonces[str(nonce)] = (self._world.clock.now_s(), message)
        message.show(compose(self._world, channel, body.json or {}, body.files, None))
        self._world.store_message(message)
        return web.json_response(message.payload())

    def _with_nonce(self, nonce: str) -> Message | None:
        """The bot's message with this nonce, where it was sent within the last minutes."""
        sent_s, message = self._nonces.get(nonce, (float("-inf"), None))
        return message if self._world.clock.now_s() - sent_s < NONCE_HELD_S else None

    async def history(self, request: web.Request) -> web.Response:
        """Messages of a channel, newest first; nothing at all without the permission to read its history."""
        channel = self._channel(request)
        held = channel.guild.bot.permissions_in(channel) if channel.guild and channel.guild.bot else ~0
        if not held & READ_HISTORY:
            return web.json_response([])
        limit = int(request.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise ApiError(400, 50035, "Invalid Form Body")
        after, before = int(request.query.get("after", 0)), int(request.query.get("before", 1 << 63))
        seen = [
            message
            for message in self._world.messages.values()
            if message.channel is channel and not message.deleted and not message.ephemeral
            if after < message.id < before
        ]
        seen.sort(key=lambda message: message.id)
        page = seen[:limit] if "after" in request.query else seen[-limit:]
        return web.json_response([message.payload() for message in reversed(page)])

    async def get(self, request: web.Request) -> web.Response:
        return web.json_response(self._message(request, own=False).payload())

    async def patch(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        message = self._message(request, own=True)
        judge(self._world, request, body)
        revise(self._world, message, body)
        return web.json_response(message.payload())

    async def delete(self, request: web.Request) -> web.Response:
        self._message(request, own=True).deleted = True
        self._world.changed()
        return web.Response(status=204)
