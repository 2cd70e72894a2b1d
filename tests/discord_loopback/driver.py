"""What a person does in Discord: runs commands, types, presses, selects, submits, uploads, and reads the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from discord_loopback.errors import RefusedByClientError
from discord_loopback.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    LiveInteraction,
    ModalShown,
    interaction_payload,
)
from discord_loopback.invocation import Resolved, compose_data, find_command, hidden_from
from discord_loopback.messages import LINK_STYLE, STRING_SELECT, Component, Message, Snapshot, walk
from discord_loopback.people import Channel, Guild, Membership, Role, User
from discord_loopback.reply import Reply
from discord_loopback.submission import submitted
from discord_loopback.world import PATIENCE_S, World


class Person:
    """A person at a client. `where` in every action defaults to the first channel of `guild`.

    `where` may be any channel of a guild the person is in, or `person.private`. `user_install=True` runs the
    command as one the person has installed for themself. `until="ack"` returns at the acknowledgement,
    `"answer"` (the default) at something to see, `"sent"` at once. NoAnswerError after `within_s`.
    """

    def __init__(self, world: World, user: User, guild: Guild | None) -> None:
        self._world = world
        self.user = user
        self.guild = guild

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def membership(self) -> Membership:
        assert self.guild is not None, f"{self.user.name} is in no guild"
        return self.guild.members[self.user.id]

    @property
    def private(self) -> Channel:
        """The private channel with the bot."""
        return self._world.private_channel(self.user)

    @property
    def home(self) -> Channel:
        return self.guild.channels[0] if self.guild else self.private

    async def slash(
        self,
        name: str,
        options: Mapping[str, Any] | None = None,
        /,
        *,
        where: Channel | None = None,
        user_install: bool = False,
        even_if_hidden: bool = False,
        until: str = "answer",
        within_s: float = PATIENCE_S,
        **more: Any,
    ) -> Reply:
        """Run a slash command; "admin add" names a subcommand. Options by mapping or keyword, None leaves one out.

        `even_if_hidden`: the server's owner has opened the command to everybody, against its default
        permissions.
        """
        channel = where or self.home
        found = find_command(self._world, name, kind=1, channel=channel, user_install=user_install)
        self._visible(found.command, channel, even_if_hidden=even_if_hidden)
        data, _ = compose_data(self._world, found, {**(options or {}), **more}, channel)
        live = self._send(COMMAND, channel, data, user_install=user_install)
        return await self._reply(live, until, within_s)

    async def autocomplete(
        self,
        name: str,
        typed: Mapping[str, Any],
        /,
        *,
        focused: str,
        where: Channel | None = None,
        user_install: bool = False,
        even_if_hidden: bool = False,
        within_s: float = PATIENCE_S,
    ) -> list[dict[str, Any]]:
        """The choices offered while the option `focused` is being typed."""
        channel = where or self.home
        found = find_command(self._world, name, kind=1, channel=channel, user_install=user_install)
        self._visible(found.command, channel, even_if_hidden=even_if_hidden)
        data, option_type = compose_data(self._world, found, typed, channel, focused=focused)
        live = self._send(AUTOCOMPLETE, channel, data, user_install=user_install, option_type=option_type)
        await self._world.wait_until(
            lambda: live.choices is not None, within_s=within_s, what=f"choices of {name}"
        )
        return live.choices or []

    async def message_menu(
        self,
        name: str,
        target: Message | str,
        /,
        *,
        where: Channel | None = None,
        user_install: bool = False,
        until: str = "answer",
        within_s: float = PATIENCE_S,
    ) -> Reply:
        """Use a message's context menu; a string is first written as a message of this person's own."""
        message = self.write(target, where=where) if isinstance(target, str) else target
        channel = message.channel
        found = find_command(self._world, name, kind=3, channel=channel, user_install=user_install)
        data: dict[str, Any] = {
            "id": found.command["id"],
            "name": name,
            "type": 3,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): message.payload()}},
        }
        if "guild_id" in found.command:
            data["guild_id"] = found.command["guild_id"]
        live = self._send(COMMAND, channel, data, user_install=user_install)
        return await self._reply(live, until, within_s)

    async def press(
        self,
        message: Message | Reply,
        /,
        *,
        label: str | None = None,
        custom_id: str | None = None,
        until: str = "answer",
        within_s: float = PATIENCE_S,
    ) -> Reply:
        """Press the one button that has this label or custom_id."""
        shown = self._seen(message)
        fits = [
            b
            for b in shown.buttons
            if label in (None, b.get("label")) and custom_id in (None, b.get("custom_id"))
        ]
        if len(fits) != 1:
            asked = repr(label if custom_id is None else custom_id)
            raise RefusedByClientError(f"{len(fits)} buttons fit {asked}; there are {shown.labels}")
        return await self._component(shown, fits[0], {}, until, within_s)

    async def select(
        self,
        message: Message | Reply,
        custom_id: str | None,
        values: list[Any],
        /,
        *,
        until: str = "answer",
        within_s: float = PATIENCE_S,
    ) -> Reply:
        """Choose in a select: option values or labels; roles, channels or people in those kinds of select."""
        shown = self._seen(message)
        fits = [s for s in shown.selects if custom_id in (None, s.get("custom_id"))]
        if len(fits) != 1:
            raise RefusedByClientError(f"{len(fits)} selects fit {custom_id!r}")
        select = fits[0]
        low, high = select.get("min_values", 1), select.get("max_values", 1)
        if not low <= len(values) <= high:
            raise RefusedByClientError(f"{len(values)} values where {low} to {high} may be chosen")
        resolved = Resolved(shown.channel)
        picked = [_picked(select, value, resolved) for value in values]
        extra: dict[str, Any] = {"values": picked}
        if select["type"] != STRING_SELECT:
            extra["resolved"] = resolved.parts
        return await self._component(shown, select, extra, until, within_s)

    async def submit(
        self,
        modal: ModalShown | Reply,
        values: Mapping[str, Any],
        /,
        *,
        until: str = "answer",
        within_s: float = PATIENCE_S,
    ) -> Reply:
        """Fill a modal in (by custom_id or label) and send it."""
        shown = modal.modal if isinstance(modal, Reply) else modal
        source = shown.source
        resolved = Resolved(source.channel)
        parts = submitted(self._world, shown, values, resolved)
        data: dict[str, Any] = {"custom_id": shown.custom_id, "components": parts}
        if resolved.parts:
            data["resolved"] = resolved.parts
        live = self._send(
            MODAL_SUBMIT,
            source.channel,
            data,
            user_install=source.user_install,
            source_message=source.source_message,
            source=source,
        )
        return await self._reply(live, until, within_s)

    def write(self, content: str, /, *, where: Channel | None = None) -> Message:
        """Write an ordinary message; the bot, without intents, does not hear of it."""
        message = Message(self._world.new_id(), where or self.home, self.user)
        message.show(Snapshot(content, (), (), (), 0, None))
        self._world.store_message(message)
        return message

    def sees(self, message: Message) -> bool:
        """Whether the message is there for this person."""
        return not message.deleted and (not message.ephemeral or message.reader is self.user)

    def _visible(self, command: dict[str, Any], channel: Channel, *, even_if_hidden: bool) -> None:
        if channel.guild is None or even_if_hidden:
            return
        held = self._world.membership(self.user, channel.guild).permissions_in(channel)
        if hidden_from(command, held):
            raise RefusedByClientError(f"Discord hides {command['name']!r} from {self.user.name}")

    def _seen(self, message: Message | Reply) -> Message:
        shown = message.message if isinstance(message, Reply) else message
        if not self.sees(shown):
            raise RefusedByClientError(f"{self.user.name} does not see that message")
        return shown

    async def _component(
        self, shown: Message, part: Component, extra: dict[str, Any], until: str, within_s: float
    ) -> Reply:
        if part.get("disabled"):
            raise RefusedByClientError(f"{part.get('label') or part.get('custom_id')!r} is disabled")
        if part.get("style") == LINK_STYLE and part["type"] == 2:
            raise RefusedByClientError("a link button opens a page; no bot hears of it")
        sent = next(
            c
            for c in _walk_payload(shown)
            if c.get("custom_id") == part["custom_id"] and c["type"] == part["type"]
        )
        data = {"custom_id": part["custom_id"], "component_type": part["type"], "id": sent["id"], **extra}
        origin = self._world.interactions.get(shown.interaction_id or 0)
        live = self._send(
            COMPONENT,
            shown.channel,
            data,
            user_install=bool(origin and origin.user_install),
            source_message=shown,
        )
        return await self._reply(live, until, within_s)

    def _send(self, kind: int, channel: Channel, data: dict[str, Any], **more: Any) -> LiveInteraction:
        world = self._world
        if channel.guild is not None and self.user.id not in channel.guild.members:
            raise RefusedByClientError(f"{self.user.name} is not in {channel.guild.name}")
        live = LiveInteraction(
            world.new_id(), world.new_token(), kind, self.user, channel, data, world.clock.now_s(), **more
        )
        world.interactions[live.id] = world.by_token[live.token] = live
        world.dispatch(
            "INTERACTION_CREATE",
            interaction_payload(world, live),
            channel.guild.id if channel.guild else None,
        )
        return live

    async def _reply(self, live: LiveInteraction, until: str, within_s: float) -> Reply:
        reply = Reply(self._world, live)
        if until == "ack":
            await self._world.wait_until(lambda: live.callback, within_s=within_s, what="an acknowledgement")
        elif until == "answer":
            await self._world.wait_until(lambda: reply.answered, within_s=within_s, what="an answer")
        return reply


def _walk_payload(message: Message) -> list[Component]:
    return list(walk(message.payload()["components"]))


def _picked(select: Component, value: Any, resolved: Resolved) -> str:
    if select["type"] == STRING_SELECT:
        for option in select["options"]:
            if value in (option["value"], option["label"]):
                return str(option["value"])
        raise RefusedByClientError(f"{value!r} is not among {[o['label'] for o in select['options']]}")
    person = getattr(value, "user", value)
    if select["type"] in (5, 7) and isinstance(person, User):
        return resolved.user(person)
    if select["type"] in (6, 7) and isinstance(value, Role):
        return resolved.put("roles", value.id, value.payload())
    if select["type"] == 8 and isinstance(value, Channel):
        return resolved.put("channels", value.id, {**value.payload(), "permissions": "0"})
    raise RefusedByClientError(f"a select of type {select['type']} does not take {value!r}")
