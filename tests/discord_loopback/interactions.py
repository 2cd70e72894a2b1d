"""One interaction from its dispatch to its last follow-up, and the payload by which a bot hears of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from discord_loopback.messages import Message
from discord_loopback.people import Channel, User

if TYPE_CHECKING:
    from discord_loopback.world import World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
ANSWER, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
GUILD_CONTEXT, BOT_DM_CONTEXT, PRIVATE_CONTEXT = 0, 1, 2
ATTACHMENT_BYTES_MAX = 10 * 1024 * 1024
USER_INSTALL_FOLLOW_UPS_MAX = 5


@dataclass(frozen=True, slots=True)
class ModalShown:
    """A modal that the bot put before a person, and the interaction that it answers."""

    custom_id: str
    title: str
    components: tuple[dict[str, Any], ...]
    source: LiveInteraction


@dataclass(slots=True, eq=False)
class LiveInteraction:
    """What came of one interaction.

    `acked_s` and `dispatched_s` are seconds of the loopback's clock. `callback` is the callback's type, None
    until the bot acknowledged. `original` is the message that `@original` names. `edits` counts its edits
    since the acknowledgement.
    """

    id: int
    token: str
    type: int
    user: User
    channel: Channel
    data: dict[str, Any]
    dispatched_s: float
    user_install: bool = False
    source_message: Message | None = None
    source: LiveInteraction | None = None
    option_type: int = 3
    acked_s: float | None = None
    callback: int | None = None
    original: Message | None = None
    modal: ModalShown | None = None
    choices: list[dict[str, Any]] | None = None
    followups: list[Message] = field(default_factory=list)
    edits: int = 0
    expired: bool = False

    @property
    def ack_ms(self) -> float | None:
        """Milliseconds from dispatch to the callback's arrival."""
        return None if self.acked_s is None else (self.acked_s - self.dispatched_s) * 1000

    @property
    def deferred(self) -> bool:
        return self.callback in (DEFER, DEFER_UPDATE)

    @property
    def outside_its_guild(self) -> bool:
        """A user-installed command: at most five follow-ups."""
        return self.user_install

    def metadata(self) -> dict[str, Any]:
        """The `interaction_metadata` of a message that answers this."""
        told: dict[str, Any] = {
            "id": str(self.id),
            "type": self.type,
            "user": self.user.payload(),
            "authorizing_integration_owners": owners(self.user, self.channel, user_install=self.user_install),
        }
        if self.type == COMPONENT and self.source_message is not None:
            told["interacted_message_id"] = str(self.source_message.id)
        if self.type == MODAL_SUBMIT and self.source is not None:
            told["triggering_interaction_metadata"] = self.source.metadata()
        return told


def owners(user: User, channel: Channel, *, user_install: bool) -> dict[str, str]:
    """Whose installation allowed this: "0" the guild (or "0" in a private channel), "1" the user."""
    if user_install:
        return {"1": str(user.id)}
    return {"0": str(channel.guild.id) if channel.guild else "0"}


def interaction_payload(world: World, live: LiveInteraction) -> dict[str, Any]:
    """INTERACTION_CREATE as Discord sends it."""
    channel, user, guild = live.channel, live.user, live.channel.guild
    told: dict[str, Any] = {
        "id": str(live.id),
        "application_id": str(world.application_id),
        "type": live.type,
        "token": live.token,
        "version": 1,
        "data": live.data,
        "channel_id": str(channel.id),
        "locale": user.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "attachment_size_limit": ATTACHMENT_BYTES_MAX,
        "authorizing_integration_owners": owners(user, channel, user_install=live.user_install),
    }
    if guild is None:
        private = world.private.get(user.id) is channel
        told["context"] = BOT_DM_CONTEXT if private else PRIVATE_CONTEXT
        told["user"] = user.payload()
        told["channel"] = channel.payload()
        told["app_permissions"] = str((1 << 10) | (1 << 11) | (1 << 14) | (1 << 15))
    else:
        member = guild.members[user.id]
        allowed = member.permissions_in(channel)
        app = guild.bot.permissions_in(channel) if guild.bot and not live.user_install else allowed
        told["context"] = GUILD_CONTEXT
        told["guild_id"] = str(guild.id)
        told["guild_locale"] = guild.locale
        told["guild"] = guild.partial()
        told["member"] = member.payload(channel)
        told["channel"] = {**channel.payload(), "permissions": str(allowed)}
        told["app_permissions"] = str(app)
    if live.source_message is not None:
        told["message"] = live.source_message.payload()
    return told
