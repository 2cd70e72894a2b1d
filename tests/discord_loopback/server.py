"""A Discord of one's own on 127.0.0.1: gateway, REST and files over real sockets, strict and honest, for tests.

async with LoopbackDiscord() as server:          # or the fixture `loopback`, which asserts `violations` empty
    guild = server.add_guild()
    ada = guild.add_member("Ada", locale="de")
    ...                                          # start a client at server.api_base and server.gateway_url
    await server.wait_for_bot()
    reply = await ada.slash("find", query="mesa")
    reply.text, reply.ephemeral, reply.labels, reply.ack_ms
    await ada.press(reply, label="Next")
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from aiohttp import web

from discord_loopback.callbacks import Callbacks
from discord_loopback.command_routes import Commands
from discord_loopback.driver import Person
from discord_loopback.errors import Violation
from discord_loopback.faults import Faults, PlannedFault
from discord_loopback.gateway import Gateway
from discord_loopback.messages import Message
from discord_loopback.people import EVERYONE_PERMISSIONS, Channel, Guild, Membership, Role, User, bits
from discord_loopback.posting import REQUEST_BYTES_MAX
from discord_loopback.rest import PREFIX, Rest, answering
from discord_loopback.world import ACKNOWLEDGE_WITHIN_S, PATIENCE_S, TOKEN_LIFE_S, Clock, RequestRecord, World

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.loopback.not-a-secret"
SHARD_SPAN = 1 << 22


class LoopbackGuild:
    """A guild as tests arrange it."""

    def __init__(self, world: World, gateway: Gateway, guild: Guild) -> None:
        self._world = world
        self._gateway = gateway
        self.guild = guild

    @property
    def id(self) -> int:
        return self.guild.id

    @property
    def channels(self) -> list[Channel]:
        return self.guild.channels

    def add_role(self, name: str, *, permissions: Any = 0) -> Role:
        """A new role with these permission bits."""
        role = Role(self._world.new_id(), name, bits(permissions), len(self.guild.roles) + 1)
        self.guild.roles.append(role)
        told = {"guild_id": str(self.id), "role": role.payload()}
        self._gateway.announce("GUILD_ROLE_CREATE", told, self.id)
        return role

    def add_channel(self, name: str, *, overwrites: list[dict[str, Any]] | None = None) -> Channel:
        """A new text channel."""
        channel = Channel(
            self._world.new_id(), name, self.guild, None, overwrites or [], len(self.guild.channels)
        )
        self.guild.channels.append(channel)
        self._world.channels[channel.id] = channel
        self._gateway.announce("CHANNEL_CREATE", channel.payload(), self.id)
        return channel

    def remove_bot(self) -> None:
        """Remove the bot from the guild, as who manages it may; where it runs it hears of it."""
        self._gateway.announce("GUILD_DELETE", {"id": str(self.id)}, self.id)
        self.guild.bot = None

    def invite_bot(self) -> None:
        """Let the bot be a member of the guild again."""
        self.guild.bot = Membership(self._world.bot, self.guild)
        self._gateway.announce("GUILD_CREATE", _joined(self.guild), self.id)

    def add_member(
        self,
        who: str | Person,
        *,
        roles: list[Role] | None = None,
        permissions: Any = 0,
        locale: str = "en-US",
        owner: bool = False,
    ) -> Person:
        """A new person of this name, or one who is known elsewhere, as a member of this guild."""
        if isinstance(who, str):
            user = User(self._world.new_id(), who, locale=locale)
            self._world.users[user.id] = user
        else:
            user = who.user
        self.guild.members[user.id] = Membership(user, self.guild, list(roles or []), bits(permissions))
        if owner:
            self.guild.owner_id = user.id
        return Person(self._world, user, self.guild)


class LoopbackDiscord:
    """The server: `async with LoopbackDiscord() as server`.

    `api_base` and `gateway_url` are the addresses for a client, `token` the one that is taken. `violations`
    are the rules that requests broke; a fixture asserts that there are none. `guild` members act through
    `Person`. `acknowledge_within_s` and `token_life_s` are Discord's 3 s and 15 min; `clock.advance` moves
    the latter on. `use_description=False` holds bodies to the limits alone, without Discord's description of
    them.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        shards: int = 1,
        heartbeat_interval_s: float = 41.25,
        acknowledge_within_s: float = ACKNOWLEDGE_WITHIN_S,
        token_life_s: float = TOKEN_LIFE_S,
        application_name: str = "Counterpoint",
        use_description: bool = True,
        port: int = 0,
    ) -> None:
        owner = User(900_000_000_000_000_001, "Runner")
        bot = User(900_000_000_000_000_002, application_name, bot=True)
        self.world = World(
            bot.id,
            bot,
            owner,
            token,
            application_name,
            acknowledge_within_s,
            token_life_s,
            use_description,
        )
        self.world.users |= {owner.id: owner, bot.id: bot}
        self.gateway = Gateway(self.world, heartbeat_interval_s=heartbeat_interval_s, shards=shards)
        self.faults = Faults(self.world)
        self._port = port
        self._runner: web.AppRunner | None = None
        self._read_to = 0

    async def __aenter__(self) -> LoopbackDiscord:
        app = web.Application(
            middlewares=[answering(self.world, self.faults)], client_max_size=2 * REQUEST_BYTES_MAX
        )
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.world.origin = f"http://127.0.0.1:{self._port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def routes(self) -> list[web.RouteDef]:
        """Return every route that is served."""
        return [
            *Callbacks(self.world).routes(PREFIX),
            *Commands(self.world).routes(PREFIX),
            *Rest(self.world, self.gateway).routes(),
        ]

    @property
    def api_base(self) -> str:
        """Where the API is, version included and no slash at the end: what `Route.BASE` is to be."""
        return self.world.origin + PREFIX

    @property
    def gateway_url(self) -> str:
        return self.gateway.url

    @property
    def token(self) -> str:
        return self.world.token

    @property
    def clock(self) -> Clock:
        return self.world.clock

    @property
    def violations(self) -> list[Violation]:
        return self.world.violations

    @property
    def requests(self) -> list[RequestRecord]:
        return self.world.requests

    @property
    def messages(self) -> list[Message]:
        """Every message ever shown, oldest first, deleted ones too."""
        return list(self.world.messages.values())

    @property
    def commands(self) -> list[dict[str, Any]]:
        """The global commands as synced."""
        return self.world.commands.get(None, [])

    @property
    def ack_ms(self) -> list[float]:
        """Milliseconds to the acknowledgement of each interaction that was acknowledged, in their order."""
        return [live.ack_ms for live in self.world.interactions.values() if live.ack_ms is not None]

    def add_guild(
        self,
        name: str = "Reading circle",
        *,
        locale: str = "en-US",
        shard: int = 0,
        has_bot: bool = True,
    ) -> LoopbackGuild:
        """A new guild with a channel `general`, owned by nobody the tests know; the bot may be a member of it."""
        number = self.world.new_id()
        number += ((shard - (number >> 22)) % self.gateway.shards) * SHARD_SPAN
        guild = Guild(number, name, 1, Role(number, "@everyone", EVERYONE_PERMISSIONS, 0), locale)
        guild.bot = Membership(self.world.bot, guild) if has_bot else None
        self.world.guilds[number] = guild
        arranged = LoopbackGuild(self.world, self.gateway, guild)
        self.gateway.announce("GUILD_CREATE", _joined(guild), number)
        arranged.add_channel("general")
        return arranged

    def add_person(self, name: str, *, locale: str = "en-US") -> Person:
        """Somebody who shares no guild with the bot: private channels and user installs only."""
        user = User(self.world.new_id(), name, locale=locale)
        self.world.users[user.id] = user
        return Person(self.world, user, None)

    def fail_next(self, pattern: str, **how: Any) -> PlannedFault:
        """See `Faults.fail_next`."""
        return self.faults.fail_next(pattern, **how)

    async def wait_for_bot(self, *, within_s: float = PATIENCE_S) -> None:
        """Until every shard has a session with somebody connected to it."""
        await self.world.wait_until(self._all_connected, within_s=within_s, what="the bot at the gateway")

    def _all_connected(self) -> bool:
        live = [s for s in self.gateway.sessions.values() if s.connection is not None]
        return len(live) >= self.gateway.shards

    async def wait_for_bot_gone(self, *, within_s: float = PATIENCE_S) -> None:
        """Until no session is left."""
        await self.world.wait_until(
            lambda: not self.gateway.sessions, within_s=within_s, what="the bot's leave"
        )

    async def next_message(self, *, by_bot: bool = True, within_s: float = PATIENCE_S) -> Message:
        """The oldest message that no earlier call has returned."""

        def unread() -> Message | None:
            return next((m for m in self.messages[self._read_to :] if not by_bot or m.author.bot), None)

        found: Message = await self.world.wait_until(unread, within_s=within_s, what="a message")
        self._read_to = self.messages.index(found) + 1
        return found


def _joined(guild: Guild) -> dict[str, Any]:
    """GUILD_CREATE of a guild that the bot was invited to; `unavailable` is said of guilds that it was in before."""
    return {name: value for name, value in guild.payload().items() if name != "unavailable"}
