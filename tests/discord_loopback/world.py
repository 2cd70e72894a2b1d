"""Everything the loopback remembers, and the one signal by which tests wait for it to change."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from discord_loopback.errors import NoAnswerError, Violation
from discord_loopback.interactions import LiveInteraction
from discord_loopback.messages import Attachment, Message, Upload
from discord_loopback.people import Channel, Guild, Membership, User

DISCORD_EPOCH_MS = 1420070400000
ACKNOWLEDGE_WITHIN_S = 3.0
TOKEN_LIFE_S = 15 * 60.0
PATIENCE_S = 600.0
"""How long a test waits for what must come: a guard against waiting for ever, which measures nothing."""


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request as it was answered. `at_s` is monotonic, when it came in."""

    method: str
    path: str
    status: int
    at_s: float
    body: Any


@dataclass(slots=True)
class Clock:
    """Monotonic seconds that a test can push forward."""

    ahead_s: float = 0.0

    def now_s(self) -> float:
        return time.monotonic() + self.ahead_s

    def advance(self, seconds: float) -> None:
        self.ahead_s += seconds


@dataclass(slots=True)
class World:
    """The state of one loopback Discord.

    `dispatch(event, payload, guild_id)` is the gateway's; it raises NoAnswerError where no bot is there to
    hear.
    """

    application_id: int
    bot: User
    owner: User
    token: str
    application_name: str
    acknowledge_within_s: float = ACKNOWLEDGE_WITHIN_S
    token_life_s: float = TOKEN_LIFE_S
    use_description: bool = True
    team: dict[str, Any] | None = None
    origin: str = ""
    clock: Clock = field(default_factory=Clock)
    users: dict[int, User] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    private: dict[int, Channel] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    attachments: dict[int, Attachment] = field(default_factory=dict)
    interactions: dict[int, LiveInteraction] = field(default_factory=dict)
    by_token: dict[str, LiveInteraction] = field(default_factory=dict)
    commands: dict[int | None, list[dict[str, Any]]] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    requests: list[RequestRecord] = field(default_factory=list)
    dispatch: Callable[[str, dict[str, Any], int | None], None] = lambda *_: None
    _counter: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _waiting: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = field(default_factory=list)
    _is_waking: bool = False

    def new_id(self) -> int:
        """A snowflake of this moment, never given before."""
        return ((int(time.time() * 1000) - DISCORD_EPOCH_MS) << 22) | (next(self._counter) & 0x3FFFFF)

    def new_token(self) -> str:
        """An interaction token of the length Discord's have, never given before."""
        return secrets.token_urlsafe(120)

    def changed(self) -> None:
        """Wake those whose wait is over, once what is under way now has been done.

        The others are not woken: fifty who wait would cost more than all else here.
        """
        if self._waiting and not self._is_waking:
            self._is_waking = True
            asyncio.get_running_loop().call_soon(self._wake)

    def _wake(self) -> None:
        self._is_waking = False
        left = []
        for holds, future in self._waiting:
            if future.done():
                continue
            try:
                found = holds()
            except Exception as error:
                future.set_exception(error)
                continue
            if found:
                future.set_result(found)
            else:
                left.append((holds, future))
        self._waiting = left

    async def wait_until(self, holds: Callable[[], Any], *, what: str, within_s: float = PATIENCE_S) -> Any:
        """What `holds()` returns once that is true; NoAnswerError naming `what` after `within_s`."""
        if found := holds():
            return found
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((holds, future))
        try:
            async with asyncio.timeout(within_s):
                return await future
        except TimeoutError as late:
            raise NoAnswerError(f"not within {within_s} s: {what}") from late

    def membership(self, user: User, guild: Guild) -> Membership:
        """The user's place in the guild; KeyError for someone who never joined."""
        return guild.members[user.id]

    def private_channel(self, user: User) -> Channel:
        """The private channel of the bot with this person, made when first asked for."""
        if user.id not in self.private:
            channel = Channel(self.new_id(), user.name, None, recipient=user)
            self.private[user.id] = self.channels[channel.id] = channel
        return self.private[user.id]

    def store_file(self, upload: Upload, channel: Channel, description: str | None = None) -> Attachment:
        """Keep a file and give it an address on this server, with the expiring query that Discord's links carry."""
        number = self.new_id()
        name = quote(upload.filename.replace("/", "_").replace("\\", "_"), safe="")
        expires = f"{int(time.time()) + 86400:x}"
        url = (
            f"{self.origin}/attachments/{channel.id}/{number}/{name}?ex={expires}&is={expires}&hm={number:x}"
        )
        attachment = Attachment(number, upload.filename, upload.data, upload.content_type, url, description)
        self.attachments[number] = attachment
        return attachment

    def store_message(self, message: Message) -> None:
        self.messages[message.id] = message
        self.changed()
