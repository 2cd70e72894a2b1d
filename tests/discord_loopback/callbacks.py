"""The bot's answers to interactions: the callback, and the webhook that the interaction's token opens."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from discord_loopback import interactions as kinds
from discord_loopback.errors import ApiError, Fault, InvalidBodyError
from discord_loopback.interactions import LiveInteraction, ModalShown
from discord_loopback.limits import autocomplete_faults, defer_faults, modal_faults
from discord_loopback.messages import EPHEMERAL, LOADING, Message, Snapshot
from discord_loopback.posting import Body, compose, judge, read_body, revise
from discord_loopback.world import World

ALLOWED = {
    kinds.COMMAND: {kinds.ANSWER, kinds.DEFER, kinds.MODAL},
    kinds.AUTOCOMPLETE: {kinds.CHOICES},
    kinds.COMPONENT: {kinds.ANSWER, kinds.DEFER, kinds.DEFER_UPDATE, kinds.UPDATE, kinds.MODAL},
    kinds.MODAL_SUBMIT: {kinds.ANSWER, kinds.DEFER, kinds.DEFER_UPDATE, kinds.UPDATE},
}
SLASH_ANSWER, MENU_ANSWER, REPLY = 20, 23, 19


class Callbacks:
    """Handlers of `/interactions/...` and of the webhooks of interactions."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self, prefix: str) -> list[web.RouteDef]:
        hook = prefix + "/webhooks/{webhook_id}/{webhook_token}"
        return [
            web.post(prefix + "/interactions/{interaction_id}/{interaction_token}/callback", self.callback),
            web.post(hook, self.follow_up),
            web.get(hook + "/messages/@original", self.get_original, allow_head=False),
            web.patch(hook + "/messages/@original", self.edit_original),
            web.delete(hook + "/messages/@original", self.delete_original),
            web.get(hook + "/messages/{message_id}", self.get_message, allow_head=False),
            web.patch(hook + "/messages/{message_id}", self.edit_message),
            web.delete(hook + "/messages/{message_id}", self.delete_message),
        ]

    async def callback(self, request: web.Request) -> web.Response:
        """The one acknowledgement: in time, once, of a type that fits the interaction."""
        now_s = self._world.clock.now_s()
        body = await read_body(request)
        live = self._world.by_token.get(request.match_info["interaction_token"])
        if live is None or str(live.id) != request.match_info["interaction_id"]:
            raise ApiError(404, 10062, "Unknown interaction")
        if live.callback is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        if now_s - live.dispatched_s > self._world.acknowledge_within_s:
            live.expired = True
            self._world.changed()
            raise ApiError(404, 10062, "Unknown interaction")
        judge(self._world, request, body)
        kind = int(body.json["type"])
        if kind not in ALLOWED[live.type] or (kind in (6, 7) and live.source_message is None):
            said = f"A callback of type {kind} does not answer an interaction of type {live.type}."
            raise InvalidBodyError([Fault(("type",), "INTERACTION_CALLBACK_TYPE_INVALID", said)])
        self._apply(live, kind, body)
        live.callback, live.acked_s = kind, now_s
        self._world.changed()
        if request.query.get("with_response", "").lower() not in ("1", "true"):
            return web.Response(status=204)
        return web.json_response(self._told(live))

    def _apply(self, live: LiveInteraction, kind: int, body: Body) -> None:
        data = body.json.get("data") or {}
        if kind == kinds.CHOICES:
            _raise(autocomplete_faults(data.get("choices") or [], live.option_type))
            live.choices = list(data.get("choices") or [])
        elif kind == kinds.MODAL:
            _raise(_under_data(modal_faults(data)))
            live.modal = ModalShown(data["custom_id"], data["title"], tuple(data["components"]), live)
        elif kind == kinds.DEFER:
            _raise(defer_faults(body.json.get("data")))
            flags = LOADING | int(data.get("flags") or 0)
            live.original = self._new(live, Snapshot("", (), (), (), flags, None), first=True)
        elif kind == kinds.ANSWER:
            try:
                shown = compose(self._world, live.channel, data, body.files, None)
            except InvalidBodyError as broken:
                raise InvalidBodyError(_under_data(broken.faults), api_code=broken.api_code) from broken
            live.original = self._new(live, shown, first=True)
        else:
            live.original = live.source_message
            if kind == kinds.UPDATE and live.source_message is not None:
                try:
                    revise(self._world, live.source_message, Body(data, body.files, body.multipart))
                except InvalidBodyError as broken:
                    raise InvalidBodyError(_under_data(broken.faults), api_code=broken.api_code) from broken

    def _new(self, live: LiveInteraction, shown: Snapshot, *, first: bool) -> Message:
        menu = live.type == kinds.COMMAND and live.data.get("type") != 1
        message = Message(
            id=self._world.new_id(),
            channel=live.channel,
            author=self._world.bot,
            type=(MENU_ANSWER if menu else SLASH_ANSWER if live.type == kinds.COMMAND else REPLY)
            if first
            else REPLY,
            reader=live.user if shown.flags & EPHEMERAL else None,
            interaction_id=live.id,
            interaction_metadata=live.metadata(),
            application_id=self._world.application_id,
        )
        message.show(shown)
        self._world.store_message(message)
        return message

    def _told(self, live: LiveInteraction) -> dict[str, Any]:
        interaction: dict[str, Any] = {"id": str(live.id), "type": live.type}
        told: dict[str, Any] = {"interaction": interaction}
        message = live.original
        if message is not None:
            interaction["response_message_id"] = str(message.id)
            interaction["response_message_loading"] = message.loading
            interaction["response_message_ephemeral"] = message.ephemeral
            interaction["channel_id"] = str(live.channel.id)
            told["resource"] = {"type": live.callback, "message": message.payload()}
        return told

    def _hook(self, request: web.Request) -> LiveInteraction:
        """The interaction whose token this is, if it is acknowledged and its token lives."""
        live = self._world.by_token.get(request.match_info["webhook_token"])
        if live is None or request.match_info["webhook_id"] != str(self._world.application_id):
            raise ApiError(404, 10015, "Unknown Webhook")
        if self._world.clock.now_s() - live.dispatched_s > self._world.token_life_s:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        if live.callback is None:
            raise ApiError(404, 10015, "Unknown Webhook")
        return live

    async def follow_up(self, request: web.Request) -> web.Response:
        """A further message; the first one after a defer takes the place of the message that was announced."""
        body = await read_body(request)
        live = self._hook(request)
        judge(self._world, request, body)
        told = body.json or {}
        announced = live.original if live.callback == kinds.DEFER else None
        if announced is not None and announced.loading and not announced.deleted:
            wants = bool(int(told.get("flags") or 0) & EPHEMERAL)
            if wants != announced.ephemeral:
                said = "Whether a deferred answer is ephemeral was fixed by the defer."
                raise InvalidBodyError([Fault(("flags",), "EPHEMERAL_FIXED_BY_DEFER", said)])
            revise(self._world, announced, body)
            live.edits += 1
            self._world.changed()
            return web.json_response(announced.payload())
        if live.outside_its_guild and len(live.followups) >= kinds.USER_INSTALL_FOLLOW_UPS_MAX:
            fault = Fault((), "FOLLOW_UPS_MAX", "The maximum number of follow-up messages for this is 5.")
            raise InvalidBodyError([fault], api_code=40094)
        message = self._new(live, compose(self._world, live.channel, told, body.files, None), first=False)
        live.followups.append(message)
        self._world.changed()
        return web.json_response(message.payload())

    def _original(self, request: web.Request) -> tuple[LiveInteraction, Message]:
        live = self._hook(request)
        if live.original is None or live.original.deleted:
            raise ApiError(404, 10008, "Unknown Message")
        return live, live.original

    async def get_original(self, request: web.Request) -> web.Response:
        return web.json_response(self._original(request)[1].payload())

    async def edit_original(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        live, message = self._original(request)
        return self._edited(request, live, message, body)

    async def delete_original(self, request: web.Request) -> web.Response:
        return self._deleted(self._original(request)[1])

    def _of(self, request: web.Request) -> tuple[LiveInteraction, Message]:
        live = self._hook(request)
        number = request.match_info["message_id"]
        mine = [*live.followups, *([live.original] if live.original else [])]
        for message in mine:
            if str(message.id) == number and not message.deleted:
                return live, message
        raise ApiError(404, 10008, "Unknown Message")

    async def get_message(self, request: web.Request) -> web.Response:
        return web.json_response(self._of(request)[1].payload())

    async def edit_message(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        live, message = self._of(request)
        return self._edited(request, live, message, body)

    async def delete_message(self, request: web.Request) -> web.Response:
        return self._deleted(self._of(request)[1])

    def _edited(
        self, request: web.Request, live: LiveInteraction, message: Message, body: Body
    ) -> web.Response:
        judge(self._world, request, body)
        revise(self._world, message, body)
        live.edits += 1
        self._world.changed()
        return web.json_response(message.payload())

    def _deleted(self, message: Message) -> web.Response:
        message.deleted = True
        self._world.changed()
        return web.Response(status=204)


def _under_data(faults: Any) -> list[Fault]:
    return [Fault(("data", *fault.path), fault.code, fault.message) for fault in faults]


def _raise(faults: Any) -> None:
    found = list(faults)
    if found:
        raise InvalidBodyError(found)
