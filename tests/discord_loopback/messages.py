"""Messages as people see them: their states one after another, their files, and whom they would call."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from discord_loopback.people import Channel, User

EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL = 17, 18
LINK_STYLE = 5

Component = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a person or the bot hands over."""

    filename: str
    data: bytes
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored file: its bytes, the address it is served from, and its alternative text."""

    id: int
    filename: str
    data: bytes
    content_type: str
    url: str
    description: str | None = None

    def payload(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": str(self.id),
            "filename": self.filename,
            "size": len(self.data),
            "url": self.url,
            "proxy_url": self.url,
            "content_type": self.content_type,
            "content_scan_version": 0,
        }
        if self.description is not None:
            told["description"] = self.description
        return told


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one message showed from one request to the next."""

    content: str
    embeds: tuple[dict[str, Any], ...]
    components: tuple[Component, ...]
    attachments: tuple[Attachment, ...]
    flags: int
    allowed_mentions: dict[str, Any] | None

    @property
    def is_components_v2(self) -> bool:
        return bool(self.flags & COMPONENTS_V2)

    @property
    def is_loading(self) -> bool:
        return bool(self.flags & LOADING)


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom a message would call: everyone, users and roles by id."""

    everyone: bool
    users: frozenset[int]
    roles: frozenset[int]

    def __bool__(self) -> bool:
        return self.everyone or bool(self.users) or bool(self.roles)


EMPTY = Snapshot("", (), (), (), 0, None)


@dataclass(slots=True, eq=False)
class Message:
    """One message. `history` holds its earlier states, oldest first; `now` the present one.

    `reader` is the only person who sees it, where it is ephemeral. `type` is Discord's: 0 plain, 19 reply,
    20 answer to a slash command, 23 answer to a context menu.
    """

    id: int
    channel: Channel
    author: User
    now: Snapshot = EMPTY
    history: list[Snapshot] = field(default_factory=list)
    type: int = 0
    reader: User | None = None
    interaction_id: int | None = None
    interaction_metadata: dict[str, Any] | None = None
    application_id: int | None = None
    deleted: bool = False
    edited: bool = False

    def show(self, snapshot: Snapshot) -> None:
        """Replace what the message shows; the state before it joins `history`."""
        if self.now is not EMPTY:
            self.history.append(self.now)
            self.edited = self.edited or not self.now.is_loading
        self.now = snapshot

    @property
    def content(self) -> str:
        return self.now.content

    @property
    def embeds(self) -> tuple[dict[str, Any], ...]:
        return self.now.embeds

    @property
    def components(self) -> tuple[Component, ...]:
        return self.now.components

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return self.now.attachments

    @property
    def ephemeral(self) -> bool:
        return bool(self.now.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        return self.now.is_loading

    @property
    def text(self) -> str:
        """Everything a person can read in it, in order: content, embeds, text displays; not button labels."""
        return "\n".join(texts(self.now))

    @property
    def buttons(self) -> list[Component]:
        """Its buttons in reading order, link buttons included."""
        return [c for c in walk(self.components) if c.get("type") == BUTTON]

    @property
    def labels(self) -> list[str]:
        return [str(button.get("label") or "") for button in self.buttons]

    @property
    def selects(self) -> list[Component]:
        return [c for c in walk(self.components) if c.get("type") in (3, 5, 6, 7, 8)]

    def payload(self) -> dict[str, Any]:
        """The message object of the API."""
        stamp = dt.datetime.fromtimestamp(((self.id >> 22) + 1420070400000) / 1000, dt.UTC).isoformat()
        told: dict[str, Any] = {
            "id": str(self.id),
            "channel_id": str(self.channel.id),
            "type": self.type,
            "author": self.author.payload(),
            "content": self.content,
            "timestamp": stamp,
            "edited_timestamp": dt.datetime.now(dt.UTC).isoformat() if self.edited else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "mention_channels": [],
            "attachments": [a.payload() for a in self.attachments],
            "embeds": [{"type": "rich", **embed} for embed in self.embeds],
            "components": shown_components(self.now),
            "pinned": False,
            "flags": self.now.flags,
        }
        if self.application_id is not None:
            told["application_id"] = told["webhook_id"] = str(self.application_id)
        if self.interaction_metadata is not None:
            told["interaction_metadata"] = self.interaction_metadata
        return told


def walk(components: Any) -> Iterator[Component]:
    """Every component with the nested ones, parents before children, in reading order."""
    for component in components or ():
        if not isinstance(component, dict):
            continue
        yield component
        yield from walk(component.get("components"))
        for key in ("component", "accessory"):
            if isinstance(component.get(key), dict):
                yield from walk([component[key]])


def texts(snapshot: Snapshot) -> Iterator[str]:
    """The readable strings of a state, in order."""
    if snapshot.content:
        yield snapshot.content
    for embed in snapshot.embeds:
        yield from embed_texts(embed)
    for component in walk(snapshot.components):
        if component.get("type") == TEXT_DISPLAY:
            yield str(component.get("content") or "")


def embed_texts(embed: dict[str, Any]) -> Iterator[str]:
    """The strings that count against an embed's 6000: author, title, description, fields, footer."""
    parts = [(embed.get("author") or {}).get("name"), embed.get("title"), embed.get("description")]
    for entry in embed.get("fields") or ():
        parts += [entry.get("name"), entry.get("value")]
    parts.append((embed.get("footer") or {}).get("text"))
    yield from (str(part) for part in parts if part)


def shown_components(snapshot: Snapshot) -> list[Component]:
    """Components as Discord gives them back: each with an id, its media with the address they are served from."""
    grown = copy.deepcopy(list(snapshot.components))
    by_name = {a.filename: a for a in snapshot.attachments}
    taken = {c["id"] for c in walk(grown) if c.get("id")}
    free = (n for n in range(1, 1000) if n not in taken)
    for component in walk(grown):
        component["id"] = component.get("id") or next(free)
        media = [component[key] for key in ("media", "file") if isinstance(component.get(key), dict)]
        media += [item["media"] for item in component.get("items") or () if "media" in item]
        for number, item in enumerate(media, component["id"]):
            found = by_name.get(str(item["url"]).removeprefix("attachment://"))
            url = found.url if found else item["url"]
            item.update(id=str(number), url=url, proxy_url=url, width=0, height=0, loading_state=2, flags=0)
            if found:
                item.update(attachment_id=str(found.id), content_type=found.content_type)
                if component.get("type") == FILE:
                    component.update(name=found.filename, size=len(found.data))
    return grown


def would_mention(message: Message | Snapshot) -> Mentions:
    """Whom a state's content, embeds and text displays would call, given its `allowed_mentions`.

    Stricter than Discord, which calls nobody from an embed or a code span: what is safe here is safe there.
    No `allowed_mentions` means that all are parsed.
    """
    snapshot = message.now if isinstance(message, Message) else message
    text = "\n".join(texts(snapshot))
    users = {int(n) for n in re.findall(r"<@!?(\d+)>", text)}
    roles = {int(n) for n in re.findall(r"<@&(\d+)>", text)}
    everyone = bool(re.search(r"@(everyone|here)\b", text))
    allowed = snapshot.allowed_mentions
    if allowed is None:
        return Mentions(everyone, frozenset(users), frozenset(roles))
    parse = set(allowed.get("parse") or ())
    if "users" not in parse:
        users &= {int(n) for n in allowed.get("users") or ()}
    if "roles" not in parse:
        roles &= {int(n) for n in allowed.get("roles") or ()}
    return Mentions(everyone and "everyone" in parse, frozenset(users), frozenset(roles))
