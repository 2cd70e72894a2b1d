"""What Discord's client does before it sends a command: find it, check every option, resolve what it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from discord_loopback.errors import RefusedByClientError
from discord_loopback.messages import Upload
from discord_loopback.people import Channel, Guild, Membership, Role, User
from discord_loopback.world import World

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11
STRING_MAX = 6000
CHAT_INPUT = 1


@dataclass(frozen=True, slots=True)
class FoundCommand:
    """A synced command, the option lists on the way to its subcommand, and the options that may be given."""

    command: dict[str, Any]
    path: tuple[dict[str, Any], ...]

    @property
    def options(self) -> list[dict[str, Any]]:
        holder = self.path[-1] if self.path else self.command
        return list(holder.get("options") or [])


@dataclass(slots=True)
class Resolved:
    """The `resolved` object under construction."""

    channel: Channel
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def put(self, kind: str, number: int, payload: dict[str, Any]) -> str:
        self.parts.setdefault(kind, {})[str(number)] = payload
        return str(number)

    def user(self, user: User) -> str:
        guild = self.channel.guild
        if guild is not None and user.id in guild.members:
            member = guild.members[user.id]
            shown = member.payload(self.channel, with_user=False)
            self.put("members", user.id, {k: v for k, v in shown.items() if k not in ("deaf", "mute")})
        return self.put("users", user.id, user.payload())


def find_command(world: World, name: str, *, kind: int, channel: Channel, user_install: bool) -> FoundCommand:
    """The command a person would pick: "admin add" is the subcommand add of admin. The guild's own come first.

    Raises RefusedByClientError for a command that is not synced or not offered in this place.
    """
    first, *rest = name.split() if kind == CHAT_INPUT else [name]
    guild_id = channel.guild.id if channel.guild else None
    known = [*world.commands.get(guild_id, ())] if guild_id is not None else []
    known += world.commands.get(None, [])
    found = next((c for c in known if c["type"] == kind and c["name"] == first), None)
    if found is None:
        names = sorted(c["name"] for c in known if c["type"] == kind)
        raise RefusedByClientError(f"no command {first!r} is synced; there are {names}")
    _offered(found, channel, user_install=user_install)
    path: list[dict[str, Any]] = []
    holder = found
    for part in rest:
        inner = [o for o in holder.get("options") or () if o["type"] in (SUBCOMMAND, GROUP)]
        holder = next((o for o in inner if o["name"] == part), {})
        if not holder:
            raise RefusedByClientError(f"{name!r}: there is no {part!r} among {[o['name'] for o in inner]}")
        path.append(holder)
    if any(o["type"] in (SUBCOMMAND, GROUP) for o in holder.get("options") or ()):
        raise RefusedByClientError(f"{name!r} is a group: name one of its subcommands")
    return FoundCommand(found, tuple(path))


def _offered(command: dict[str, Any], channel: Channel, *, user_install: bool) -> None:
    installs = command.get("integration_types") or [0]
    if (1 if user_install else 0) not in installs:
        raise RefusedByClientError(
            f"{command['name']!r} is not offered for this kind of installation ({installs})"
        )
    contexts = command.get("contexts")
    here = 0 if channel.guild is not None else 1
    if contexts is not None and here not in contexts:
        raise RefusedByClientError(
            f"{command['name']!r} is not offered in context {here}, only in {contexts}"
        )
    if contexts is None and here == 1 and not command.get("dm_permission", True):
        raise RefusedByClientError(f"{command['name']!r} is not offered in private channels")


def hidden_from(command: dict[str, Any], permissions: int) -> bool:
    """Whether Discord's client hides the command from someone with these permissions."""
    needed = command.get("default_member_permissions")
    return needed is not None and (int(needed) == 0 or permissions & int(needed) != int(needed))


def compose_data(
    world: World,
    found: FoundCommand,
    values: Mapping[str, Any],
    channel: Channel,
    *,
    focused: str | None = None,
) -> tuple[dict[str, Any], int]:
    """The interaction's data, and the type of the focused option (string where none is).

    With `focused` the values are those of an unfinished command: required ones may miss, and the focused one
    is sent as typed. Raises RefusedByClientError for whatever the client would not send.
    """
    known = {o["name"]: o for o in found.options}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise RefusedByClientError(
            f"{found.command['name']!r} has no option {unknown}; it has {sorted(known)}"
        )
    if focused is not None and not known.get(focused, {}).get("autocomplete"):
        raise RefusedByClientError(f"option {focused!r} does not autocomplete")
    resolved = Resolved(channel)
    options: list[dict[str, Any]] = []
    for name, option in known.items():
        if name == focused:
            typed = str(values.get(name, ""))
            options.append({"name": name, "type": option["type"], "value": typed, "focused": True})
        elif values.get(name) is not None:
            options.append(
                {"name": name, "type": option["type"], "value": _value(world, option, values[name], resolved)}
            )
        elif option.get("required") and focused is None:
            raise RefusedByClientError(f"option {name!r} is required")
    for holder in reversed(found.path):
        options = [{"name": holder["name"], "type": holder["type"], "options": options}]
    command = found.command
    data: dict[str, Any] = {
        "id": command["id"],
        "name": command["name"],
        "type": command["type"],
        "options": options,
    }
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    if resolved.parts:
        data["resolved"] = resolved.parts
    return data, int(known[focused]["type"]) if focused else STRING


def _value(world: World, option: dict[str, Any], value: Any, resolved: Resolved) -> Any:
    kind, name = option["type"], option["name"]
    if option.get("choices"):
        for choice in option["choices"]:
            shown = [choice["name"], *(choice.get("name_localizations") or {}).values()]
            if value == choice["value"] or value in shown:
                return choice["value"]
        raise RefusedByClientError(
            f"{name!r} takes one of {[c['name'] for c in option['choices']]}, not {value!r}"
        )
    if kind == STRING and isinstance(value, str):
        return _string(option, value)
    if kind == BOOLEAN and isinstance(value, bool):
        return value
    if kind in (INTEGER, NUMBER) and isinstance(value, int | float) and not isinstance(value, bool):
        low, high = option.get("min_value"), option.get("max_value")
        if (low is not None and value < low) or (high is not None and value > high):
            raise RefusedByClientError(f"{name!r} must lie from {low} to {high}, not {value}")
        if kind == INTEGER and not isinstance(value, int):
            raise RefusedByClientError(f"{name!r} takes a whole number, not {value}")
        return value
    return _reference(world, option, value, resolved)


def _string(option: dict[str, Any], value: str) -> str:
    text = value.strip()
    low, high = option.get("min_length") or 0, option.get("max_length") or STRING_MAX
    if not text and option.get("required"):
        raise RefusedByClientError(f"option {option['name']!r} is required, and blanks are nothing")
    if not low <= len(text) <= high:
        raise RefusedByClientError(
            f"{option['name']!r} must have {low} to {high} characters, not {len(text)}"
        )
    return text


def _reference(world: World, option: dict[str, Any], value: Any, resolved: Resolved) -> str:
    kind, name = option["type"], option["name"]
    if kind == ATTACHMENT and isinstance(value, Upload):
        stored = world.store_file(value, resolved.channel)
        return resolved.put("attachments", stored.id, stored.payload())
    person = getattr(value, "user", value)
    if kind in (USER, MENTIONABLE) and isinstance(person, User):
        return resolved.user(person)
    if kind in (ROLE, MENTIONABLE) and isinstance(value, Role):
        return resolved.put("roles", value.id, value.payload())
    if kind == CHANNEL and isinstance(value, Channel):
        wanted = option.get("channel_types")
        if wanted and value.payload()["type"] not in wanted:
            raise RefusedByClientError(f"{name!r} takes channels of types {wanted}")
        return resolved.put("channels", value.id, channel_in(value, resolved.channel.guild))
    raise RefusedByClientError(f"option {name!r} of type {kind} does not take {value!r}")


def channel_in(channel: Channel, guild: Guild | None) -> dict[str, Any]:
    """A resolved channel: with the bot's permissions in it."""
    bot: Membership | None = guild.bot if guild else None
    return {**channel.payload(), "permissions": str(bot.permissions_in(channel) if bot else 0)}
