"""The rules of messages, autocomplete answers and modals that Discord's description leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from discord_loopback.component_limits import component_faults, modal_faults, url_faults
from discord_loopback.errors import Fault
from discord_loopback.messages import COMPONENTS_V2, EPHEMERAL, Snapshot, Upload, embed_texts

__all__ = ["autocomplete_faults", "defer_faults", "file_faults", "message_faults", "modal_faults"]

CONTENT_MAX = 2000
EMBEDS_MAX = 10
EMBEDS_TOTAL_MAX = 6000
EMBED_LIMITS = {"title": 256, "description": 4096}
FIELDS_MAX = 25
FILE_BYTES_MAX = 10 * 1024 * 1024
FILES_MAX = 10
ALT_TEXT_MAX = 1024
CHOICES_MAX = 25
CHOICE_MAX = 100
LEGACY = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"


def message_faults(body: dict[str, Any], after: Snapshot, before: Snapshot | None) -> Iterator[Fault]:
    """What is wrong with a message body, given what the message would show `after` it and showed `before`."""
    if len(after.content) > CONTENT_MAX:
        yield Fault(("content",), "BASE_TYPE_MAX_LENGTH", f"Must be {CONTENT_MAX} or fewer in length.")
    if after.is_components_v2:
        if after.content:
            said = "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            yield Fault(("content",), LEGACY, said)
        if after.embeds:
            said = "The 'embeds' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            yield Fault(("embeds",), LEGACY, said)
        if not after.components:
            yield Fault(
                ("components",), "BASE_TYPE_REQUIRED", "Components are required with IS_COMPONENTS_V2."
            )
    elif not (after.content.strip() or after.embeds or after.components or after.attachments):
        yield Fault((), "MESSAGE_EMPTY", "Cannot send an empty message")
    if before is not None and body.get("flags") is not None:
        asked = int(body["flags"])
        if before.is_components_v2 and not asked & COMPONENTS_V2:
            yield Fault(
                ("flags",), "MESSAGE_FLAGS_COMPONENTS_V2_FIXED", "IS_COMPONENTS_V2 cannot be switched off."
            )
        if asked & EPHEMERAL and not before.flags & EPHEMERAL:
            yield Fault(
                ("flags",), "MESSAGE_FLAGS_EPHEMERAL_FIXED", "An edit cannot make a message ephemeral."
            )
    yield from _embed_faults(after.embeds)
    files = {a.filename for a in after.attachments}
    yield from component_faults(list(after.components), v2=after.is_components_v2, files=files)


def defer_faults(data: dict[str, Any] | None) -> Iterator[Fault]:
    """A defer carries nothing but the ephemeral flag."""
    flags = int((data or {}).get("flags") or 0)
    if flags & ~EPHEMERAL:
        said = f"A deferred answer takes the flag EPHEMERAL alone ({flags} given)."
        yield Fault(("data", "flags"), "MESSAGE_FLAGS_INVALID_FOR_DEFER", said)
    for key in ("content", "embeds", "components", "attachments"):
        if (data or {}).get(key):
            yield Fault(("data", key), "DEFER_CARRIES_NO_MESSAGE", "A deferred answer shows nothing yet.")


def file_faults(body: dict[str, Any], files: dict[int, Upload]) -> Iterator[Fault]:
    """Uploaded files: their number, size and alternative text, and that each one named was sent."""
    if len(files) > FILES_MAX:
        yield Fault(("attachments",), "BASE_TYPE_BAD_LENGTH", f"Must be {FILES_MAX} or fewer in length.")
    for number, upload in files.items():
        if len(upload.data) > FILE_BYTES_MAX:
            said = f"File cannot be larger than {FILE_BYTES_MAX} bytes ({len(upload.data)} given)."
            yield Fault(("files", number), "FILE_TOO_LARGE", said)
    for i, named in enumerate(body.get("attachments") or ()):
        if len(named.get("description") or "") > ALT_TEXT_MAX:
            said = f"Must be {ALT_TEXT_MAX} or fewer in length."
            yield Fault(("attachments", i, "description"), "BASE_TYPE_MAX_LENGTH", said)


def autocomplete_faults(choices: list[Any], option_type: int) -> Iterator[Fault]:
    """The choices of an autocomplete answer: 25, names and values of 1 to 100, values of the option's type."""
    if len(choices) > CHOICES_MAX:
        yield Fault(("data", "choices"), "BASE_TYPE_MAX_LENGTH", f"Must be {CHOICES_MAX} or fewer in length.")
    for i, choice in enumerate(choices):
        at = ("data", "choices", i)
        if not 1 <= len(str(choice.get("name") or "")) <= CHOICE_MAX:
            yield Fault(
                (*at, "name"), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {CHOICE_MAX} in length."
            )
        value = choice.get("value")
        if option_type == 3 and not (isinstance(value, str) and 1 <= len(value) <= CHOICE_MAX):
            said = f"Must be a string between 1 and {CHOICE_MAX} in length."
            yield Fault((*at, "value"), "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE_INVALID", said)
        if option_type in (4, 10) and (isinstance(value, bool | str) or value is None):
            said = "Must be a number."
            yield Fault((*at, "value"), "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE_INVALID", said)


def _embed_faults(embeds: tuple[dict[str, Any], ...]) -> Iterator[Fault]:
    if len(embeds) > EMBEDS_MAX:
        yield Fault(("embeds",), "BASE_TYPE_MAX_LENGTH", f"Must be {EMBEDS_MAX} or fewer in length.")
    total = sum(len(text) for embed in embeds for text in embed_texts(embed))
    if total > EMBEDS_TOTAL_MAX:
        said = f"Embed size exceeds maximum size of {EMBEDS_TOTAL_MAX} ({total} given)"
        yield Fault(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", said)
    for i, embed in enumerate(embeds):
        at = ("embeds", i)
        lengths: list[tuple[tuple[str | int, ...], Any, int]] = [
            ((*at, key), embed.get(key), most) for key, most in EMBED_LIMITS.items()
        ]
        lengths.append(((*at, "footer", "text"), (embed.get("footer") or {}).get("text"), 2048))
        lengths.append(((*at, "author", "name"), (embed.get("author") or {}).get("name"), 256))
        fields = embed.get("fields") or []
        if len(fields) > FIELDS_MAX:
            yield Fault((*at, "fields"), "BASE_TYPE_MAX_LENGTH", f"Must be {FIELDS_MAX} or fewer in length.")
        for j, entry in enumerate(fields):
            for key, most in (("name", 256), ("value", 1024)):
                lengths.append(((*at, "fields", j, key), entry.get(key), most))
                if not str(entry.get(key) or "").strip():
                    yield Fault((*at, "fields", j, key), "BASE_TYPE_REQUIRED", "This field is required")
        for path, text, most in lengths:
            if len(text or "") > most:
                yield Fault(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        yield from _embed_urls(embed, at)


def _embed_urls(embed: dict[str, Any], at: tuple[str | int, ...]) -> Iterator[Fault]:
    if embed.get("url"):
        yield from url_faults(embed["url"], (*at, "url"), most=2048, schemes=("http", "https"))
    for key in ("image", "thumbnail"):
        url = (embed.get(key) or {}).get("url")
        if url and not url.startswith("attachment://"):
            yield from url_faults(url, (*at, key, "url"), most=2048, schemes=("http", "https"))
