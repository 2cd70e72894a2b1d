"""Who and where: users, members, roles, channels and guilds, with the payloads that Discord sends of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

JOINED_AT = "2026-01-05T09:00:00.000000+00:00"

ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_HISTORY = 1 << 16
USE_COMMANDS = 1 << 31
ALL_PERMISSIONS = (1 << 53) - 1
EVERYONE_PERMISSIONS = VIEW_CHANNEL | SEND_MESSAGES | EMBED_LINKS | ATTACH_FILES | READ_HISTORY | USE_COMMANDS


def bits(permissions: Any) -> int:
    """Permission bits of an int or of anything with a `value`, such as discord.Permissions."""
    return int(getattr(permissions, "value", permissions))


@dataclass(slots=True, eq=False)
class User:
    """An account. `locale` is what the person's client is set to."""

    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"

    def payload(self) -> dict[str, Any]:
        """The public user object."""
        return {
            "id": str(self.id),
            "username": self.name.lower().replace(" ", "_"),
            "global_name": None if self.bot else self.name,
            "discriminator": "0",
            "avatar": None,
            "avatar_decoration_data": None,
            "banner": None,
            "accent_color": None,
            "bot": self.bot,
            "system": False,
            "public_flags": 0,
            "flags": 0,
            "clan": None,
            "primary_guild": None,
            "collectibles": None,
        }


@dataclass(slots=True, eq=False)
class Role:
    """A role with its permission bits."""

    id: int
    name: str
    permissions: int = 0
    position: int = 1

    def payload(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "name": self.name,
            "description": None,
            "permissions": str(self.permissions),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }


@dataclass(slots=True, eq=False)
class Channel:
    """A text channel of a guild, or (guild None) the private channel with one person.

    `overwrites` are Discord's: id (role or member), type (0 role, 1 member), allow and deny bits.
    """

    id: int
    name: str
    guild: Guild | None
    recipient: User | None = None
    overwrites: list[dict[str, Any]] = field(default_factory=list)
    position: int = 0

    @property
    def is_private(self) -> bool:
        return self.guild is None

    def payload(self) -> dict[str, Any]:
        if self.guild is None:
            people = [self.recipient.payload()] if self.recipient else []
            return {"id": str(self.id), "type": 1, "flags": 0, "last_message_id": None, "recipients": people}
        return {
            "id": str(self.id),
            "type": 0,
            "guild_id": str(self.guild.id),
            "name": self.name,
            "topic": None,
            "position": self.position,
            "nsfw": False,
            "flags": 0,
            "rate_limit_per_user": 0,
            "parent_id": None,
            "last_message_id": None,
            "permission_overwrites": [
                {
                    "id": str(o["id"]),
                    "type": o["type"],
                    "allow": str(o.get("allow", 0)),
                    "deny": str(o.get("deny", 0)),
                }
                for o in self.overwrites
            ],
        }


@dataclass(slots=True, eq=False)
class Membership:
    """A user in a guild: roles, and permission bits given beside them."""

    user: User
    guild: Guild
    roles: list[Role] = field(default_factory=list)
    extra_permissions: int = 0
    nick: str | None = None

    def permissions_in(self, channel: Channel | None) -> int:
        """The bits that hold in `channel`, overwrites included; an owner or administrator has all."""
        if self.guild.owner_id == self.user.id:
            return ALL_PERMISSIONS
        held = self.guild.everyone.permissions | self.extra_permissions
        for role in self.roles:
            held |= role.permissions
        if held & ADMINISTRATOR:
            return ALL_PERMISSIONS
        role_ids = {role.id for role in self.roles}
        for kind in ("everyone", "roles", "member"):
            for o in channel.overwrites if channel else ():
                if (
                    (kind == "everyone" and o["id"] == self.guild.id)
                    or (kind == "roles" and o["id"] in role_ids)
                    or (kind == "member" and o["id"] == self.user.id)
                ):
                    held = (held & ~bits(o.get("deny", 0))) | bits(o.get("allow", 0))
        return held

    def payload(self, channel: Channel | None = None, *, with_user: bool = True) -> dict[str, Any]:
        """The member object; with `channel`, as interactions carry it: `permissions` computed."""
        told: dict[str, Any] = {
            "nick": self.nick,
            "avatar": None,
            "banner": None,
            "avatar_decoration_data": None,
            "collectibles": None,
            "roles": [str(role.id) for role in self.roles],
            "joined_at": JOINED_AT,
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
            "unusual_dm_activity_until": None,
        }
        if with_user:
            told["user"] = self.user.payload()
        if channel is not None:
            told["permissions"] = str(self.permissions_in(channel))
        return told


@dataclass(slots=True, eq=False)
class Guild:
    """A server with its roles, channels and members. `bot` is the application's own membership."""

    id: int
    name: str
    owner_id: int
    everyone: Role
    locale: str = "en-US"
    roles: list[Role] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    members: dict[int, Membership] = field(default_factory=dict)
    bot: Membership | None = None

    def payload(self) -> dict[str, Any]:
        """GUILD_CREATE as a bot without the members intent gets it: of the members, only the bot itself."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "icon_hash": None,
            "splash": None,
            "discovery_splash": None,
            "banner": None,
            "description": None,
            "owner_id": str(self.owner_id),
            "region": "deprecated",
            "afk_channel_id": None,
            "afk_timeout": 300,
            "widget_enabled": False,
            "verification_level": 1,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "roles": [role.payload() for role in (self.everyone, *self.roles)],
            "emojis": [],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "nsfw": False,
            "nsfw_level": 0,
            "application_id": None,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "safety_alerts_channel_id": None,
            "max_members": 500000,
            "max_presences": None,
            "max_video_channel_users": 25,
            "vanity_url_code": None,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "premium_progress_bar_enabled": False,
            "preferred_locale": self.locale,
            "joined_at": JOINED_AT,
            "large": False,
            "unavailable": False,
            "member_count": len(self.members) + 1,
            "members": [self.bot.payload()] if self.bot else [],
            "channels": [channel.payload() for channel in self.channels],
            "threads": [],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "incidents_data": None,
            "hub_type": None,
        }

    def partial(self) -> dict[str, Any]:
        """The guild as an interaction carries it."""
        return {"id": str(self.id), "locale": self.locale, "features": []}
