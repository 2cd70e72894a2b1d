"""The rules of message and modal components that Discord's description leaves out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from discord_loopback.errors import Fault
from discord_loopback.messages import (
    ACTION_ROW,
    BUTTON,
    FILE,
    GALLERY,
    LINK_STYLE,
    STRING_SELECT,
    TEXT_DISPLAY,
    THUMBNAIL,
    Component,
    walk,
)

COMPONENTS_MAX = 40
TEXT_MAX = 4000
COMPONENT_BYTES_MAX = 10_000
ROWS_MAX = 5
BUTTONS_IN_ROW_MAX = 5
LABEL_MAX = 80
CUSTOM_ID_MAX = 100
URL_MAX = 512
OPTIONS_MAX = 25
MODAL_PARTS_MAX = 5
PREMIUM_STYLE = 6
SELECT_TYPES = (3, 5, 6, 7, 8)
Path = tuple[str | int, ...]


def component_faults(components: list[Component], *, v2: bool, files: set[str]) -> Iterator[Fault]:
    """What is wrong with a message's components. `files` are the names that `attachment://` may point to."""
    at: Path = ("components",)
    everything = list(walk(components))
    if v2:
        if len(everything) > COMPONENTS_MAX:
            said = f"The total number of components cannot exceed {COMPONENTS_MAX} ({len(everything)} given)."
            yield Fault(at, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", said)
        length = sum(len(str(c.get("content") or "")) for c in everything if c.get("type") == TEXT_DISPLAY)
        if length > TEXT_MAX:
            said = f"The total displayable text size cannot exceed {TEXT_MAX} ({length} given)."
            yield Fault(at, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", said)
    else:
        if len(components) > ROWS_MAX:
            yield Fault(at, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {ROWS_MAX} in length.")
        for i, component in enumerate(components):
            if component.get("type") != ACTION_ROW:
                said = "Only action rows may stand at the top without IS_COMPONENTS_V2."
                yield Fault((*at, i, "type"), "UNION_TYPE_CHOICES", said)
    size = len(json.dumps(components, ensure_ascii=False).encode())
    if size > COMPONENT_BYTES_MAX:
        said = f"{size} bytes of components; above {COMPONENT_BYTES_MAX} have been seen to fail."
        yield Fault(at, "COMPONENT_PAYLOAD_TOO_LARGE", said)
    yield from _unique_ids(everything, at)
    for path, component in _placed(components, at):
        yield from _one(component, path, files)


def modal_faults(modal: dict[str, Any]) -> Iterator[Fault]:
    """What is wrong with a modal: five parts at most, custom_ids unique, text input bounds in order."""
    components = modal.get("components") or []
    if len(components) > MODAL_PARTS_MAX:
        yield Fault(
            ("components",), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MODAL_PARTS_MAX} in length."
        )
    yield from _unique_ids(list(walk(components)), ("components",))
    for path, part in _placed(components, ("components",)):
        low, high = part.get("min_length"), part.get("max_length")
        if low is not None and high is not None and low > high:
            yield Fault((*path, "min_length"), "BASE_TYPE_INVALID", "min_length is above max_length.")
        if part.get("type") == ACTION_ROW and len(part.get("components") or ()) != 1:
            yield Fault((*path, "components"), "BASE_TYPE_BAD_LENGTH", "A modal's row holds one text input.")


def _placed(components: Any, at: Path) -> Iterator[tuple[Path, Component]]:
    for i, component in enumerate(components or ()):
        if not isinstance(component, dict):
            continue
        yield (*at, i), component
        yield from _placed(component.get("components"), (*at, i, "components"))
        for key in ("accessory", "component"):
            if isinstance(component.get(key), dict):
                yield (*at, i, key), component[key]


def _unique_ids(everything: list[Component], at: Path) -> Iterator[Fault]:
    counts = Counter(c["custom_id"] for c in everything if c.get("custom_id"))
    for custom_id, count in counts.items():
        if count > 1:
            said = f"Component custom id cannot be duplicated: {custom_id!r} stands {count} times."
            yield Fault(at, "COMPONENT_CUSTOM_ID_DUPLICATED", said)
    for number, count in Counter(c["id"] for c in everything if c.get("id")).items():
        if count > 1:
            yield Fault(at, "COMPONENT_ID_DUPLICATED", f"Component id {number} stands {count} times.")


def _one(component: Component, path: Path, files: set[str]) -> Iterator[Fault]:
    kind = component.get("type")
    custom_id = component.get("custom_id")
    if custom_id is not None and not 1 <= len(custom_id) <= CUSTOM_ID_MAX:
        yield Fault((*path, "custom_id"), "BASE_TYPE_BAD_LENGTH", f"Must be 1 to {CUSTOM_ID_MAX} in length.")
    if kind == ACTION_ROW:
        yield from _row(component.get("components") or [], path)
    elif kind == BUTTON:
        yield from _button(component, path)
    elif kind == STRING_SELECT:
        yield from _select(component, path)
    elif kind in (THUMBNAIL, FILE, GALLERY):
        yield from _media(component, path, files)
    elif kind == TEXT_DISPLAY and not str(component.get("content") or "").strip():
        yield Fault(
            (*path, "content"), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {TEXT_MAX} in length."
        )


def _row(inside: list[Component], path: Path) -> Iterator[Fault]:
    selects = [c for c in inside if c.get("type") in SELECT_TYPES]
    if len(inside) > BUTTONS_IN_ROW_MAX or (selects and len(inside) > 1) or not inside:
        said = "A row holds one to five buttons, or one select."
        yield Fault((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", said)


def _button(button: Component, path: Path) -> Iterator[Fault]:
    style, label, url = button.get("style"), button.get("label"), button.get("url")
    if label is not None and len(label) > LABEL_MAX:
        yield Fault((*path, "label"), "BASE_TYPE_MAX_LENGTH", f"Must be {LABEL_MAX} or fewer in length.")
    if style != PREMIUM_STYLE and not (label or "").strip() and not button.get("emoji"):
        yield Fault(
            (*path, "label"), "BUTTON_COMPONENT_REQUIRED_LABEL_OR_EMOJI", "A label or emoji is required."
        )
    if style == LINK_STYLE:
        if button.get("custom_id"):
            said = "A custom id and url cannot both be specified."
            yield Fault((*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", said)
        if not url:
            yield Fault((*path, "url"), "BASE_TYPE_REQUIRED", "A url is required.")
        else:
            yield from url_faults(url, (*path, "url"), most=URL_MAX, schemes=("http", "https", "discord"))
    elif style != PREMIUM_STYLE:
        if url:
            said = "Only a link button may have a url."
            yield Fault((*path, "url"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", said)
        if not button.get("custom_id"):
            yield Fault(
                (*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required."
            )
    emoji = button.get("emoji") or {}
    if emoji and not emoji.get("id") and (not emoji.get("name") or str(emoji["name"]).isascii()):
        yield Fault((*path, "emoji", "name"), "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji.")


def _select(select: Component, path: Path) -> Iterator[Fault]:
    options = select.get("options") or []
    if not 1 <= len(options) <= OPTIONS_MAX:
        yield Fault(
            (*path, "options"), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {OPTIONS_MAX} in length."
        )
    for value, count in Counter(o.get("value") for o in options).items():
        if count > 1:
            said = f"The specified option value is already used: {value!r}."
            yield Fault((*path, "options"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", said)
    for i, option in enumerate(options):
        for key in ("label", "value", "description"):
            if len(option.get(key) or "") > 100:
                yield Fault(
                    (*path, "options", i, key), "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length."
                )
    low, high = select.get("min_values"), select.get("max_values")
    low, high = (1 if low is None else low), (1 if high is None else high)
    if low > high or high > max(len(options), 1):
        yield Fault(
            (*path, "max_values"), "SELECT_COMPONENT_MAX_VALUES", f"{low} to {high} of {len(options)}."
        )
    if sum(bool(o.get("default")) for o in options) > high:
        yield Fault(
            (*path, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "More defaults than choices."
        )


def _media(component: Component, path: Path, files: set[str]) -> Iterator[Fault]:
    places = [
        ((*path, key), component[key]) for key in ("media", "file") if isinstance(component.get(key), dict)
    ]
    items = component.get("items") or []
    places += [((*path, "items", i, "media"), item.get("media") or {}) for i, item in enumerate(items)]
    for place, media in places:
        url = str(media.get("url") or "")
        if url.startswith("attachment://"):
            if url.removeprefix("attachment://") not in files:
                said = f"The attachment {url!r} was not found among {sorted(files)}."
                yield Fault((*place, "url"), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", said)
        elif component.get("type") == FILE:
            said = "A file component shows an attachment of the same message."
            yield Fault((*place, "url"), "UNFURLED_MEDIA_ITEM_ATTACHMENT_REFERENCE_REQUIRED", said)
        else:
            yield from url_faults(url, (*place, "url"), most=2048, schemes=("http", "https"))
    for i, item in enumerate([component, *items]):
        if len(item.get("description") or "") > 1024:
            yield Fault((*path, i, "description"), "BASE_TYPE_MAX_LENGTH", "Must be 1024 or fewer in length.")


def url_faults(url: str, path: Path, *, most: int, schemes: tuple[str, ...]) -> Iterator[Fault]:
    """A URL's length, scheme and form."""
    if len(url) > most:
        yield Fault(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
    try:
        parts = urlsplit(url)
        sound = bool(parts.netloc) and not any(c.isspace() for c in url)
    except ValueError:
        sound, parts = False, urlsplit("")
    if parts.scheme not in schemes:
        yield Fault(path, "URL_TYPE_INVALID_SCHEME", f"Scheme {parts.scheme!r} is not one of {schemes}.")
    elif not sound:
        yield Fault(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
