"""What Discord accepts, and how an answer is made to fit it.

Sizes are in UTF-16 units, the stricter of the two ways in which Discord's clients and servers count. The limits are
those of Discord's reference for messages, components and commands (API version 10).
"""

import json
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from discord import ui

from scoring.errors import CodedError, typed_fields

MAX_TEXT = 4000
"""Text of all components of one message together."""

MAX_COMPONENTS = 40
"""Components of one message, nested ones counted."""

MAX_PAYLOAD_BYTES = 9_500
"""Components of one message as JSON; a little above 10,000 bytes have been seen to be refused."""

MAX_CHOICES = 25
MAX_CHOICE = 100
MAX_LABEL = 80
MAX_CUSTOM_ID = 100
MAX_BUTTON_URL = 512
MAX_PLACEHOLDER = 150
MAX_CONTENT = 2000
MAX_OPTIONS = 25
MAX_ALT = 1024
MAX_EMBEDS = 10
MAX_ROWS, MAX_BUTTONS_IN_ROW = 5, 5

_ELLIPSIS = "…"
_JOINER = "\u200d"

ViewT = TypeVar("ViewT", bound=ui.LayoutView)


@typed_fields
class DoesNotFit(CodedError):
    """An answer is too large at the least detail: a fault of this program."""

    code = "does_not_fit"
    received: int
    limit: int


@dataclass(frozen=True, slots=True)
class Detail:
    """Limits of how much of an answer is shown, in characters.

    Attributes:
        quote: of one quotation.
        prose: of one paragraph that a person wrote, such as a summary.
        name: of one title or name.
        link: longest link that is set; a longer one is left out.
        items: at most so many items of a list.
    """

    quote: int
    prose: int
    name: int
    link: int
    items: int


DETAILS = (
    Detail(quote=420, prose=900, name=120, link=300, items=5),
    Detail(quote=320, prose=600, name=110, link=300, items=5),
    Detail(quote=240, prose=420, name=100, link=200, items=5),
    Detail(quote=180, prose=300, name=90, link=200, items=5),
    Detail(quote=130, prose=200, name=70, link=120, items=5),
    Detail(quote=90, prose=120, name=50, link=80, items=4),
    Detail(quote=60, prose=80, name=32, link=60, items=3),
    Detail(quote=24, prose=24, name=16, link=0, items=2),
    Detail(quote=6, prose=6, name=6, link=0, items=1),
)
"""From the fullest answer to the barest; the last fits whatever texts it is made of."""


class TooManyComponents(Exception):
    """A message has more components than Discord takes, before it is whole. The argument is their number."""


def fitted(build: Callable[[Detail], ViewT]) -> ViewT:
    """Return the fullest answer that Discord accepts.

    Args:
        build: makes the answer at a detail; called from the fullest detail down until one fits.

    Raises:
        DoesNotFit: not even the barest one does.
    """
    view = None
    for detail in DETAILS:
        with suppress(TooManyComponents):
            view = build(detail)
            if fits(view):
                return view
    raise DoesNotFit(received=0 if view is None else _text_size(view.walk_children()), limit=MAX_TEXT)


def fits(view: ui.LayoutView) -> bool:
    """Return True if Discord accepts ``view``: its text, its components with their ids, and its size in bytes."""
    parts = list(view.walk_children())
    if len(parts) > MAX_COMPONENTS or _text_size(parts) > MAX_TEXT or not all(map(_is_accepted, parts)):
        return False
    ids = [custom_id for part in parts if (custom_id := getattr(part, "custom_id", None)) is not None]
    if len(set(ids)) < len(ids) or max(map(size, ids), default=0) > MAX_CUSTOM_ID:
        return False
    payload: list[dict[str, Any]] = view.to_components()  # type: ignore[no-untyped-call]
    return len(json.dumps(payload, ensure_ascii=False).encode()) <= MAX_PAYLOAD_BYTES


def _is_accepted(part: ui.Item[Any]) -> bool:
    """Return True if a button's or a menu's texts are of the lengths that Discord takes, and its options as many."""
    match part:
        case ui.Button():
            return size(part.label or "") <= MAX_LABEL and size(part.url or "") <= MAX_BUTTON_URL
        case ui.Select():
            texts = [
                text for each in part.options for text in (each.label, each.value, each.description or "")
            ]
            return 0 < len(part.options) <= MAX_OPTIONS and max(map(size, texts)) <= MAX_CHOICE
    return True


def size(text: str) -> int:
    """Return the length of ``text`` in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int) -> str:
    """Return ``text``, or as much of its beginning as fits into ``most`` with an ellipsis.

    Cut at the end of a word where one ends in the second half, else between two letters, never within a letter
    that is made of several characters (marks, joiners, skin tones).

    Args:
        text: without markup: cut first, escape afterwards.
        most: in UTF-16 units, at least 1.
    """
    if size(text) <= most:
        return text
    end = _letter_end(text, _reach(text, most - 1))
    word_end = text.rfind(" ", 0, end + 1)
    if word_end > end // 2:
        end = word_end
    return text[:end].rstrip(" ,;:–—-") + _ELLIPSIS


def _reach(text: str, most: int) -> int:
    """Return how many characters of ``text`` have at most ``most`` units."""
    used = 0
    for place, letter in enumerate(text):
        used += 2 if ord(letter) > 0xFFFF else 1
        if used > most:
            return place
    return len(text)


def _letter_end(text: str, end: int) -> int:
    """Return the last place at or before ``end`` where one letter has ended and another begins."""
    while 0 < end < len(text) and (_joins(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return end


def _joins(letter: str) -> bool:
    return (
        unicodedata.category(letter) in ("Mn", "Me", "Mc")
        or letter == _JOINER
        or 0x1F3FB <= ord(letter) <= 0x1F3FF
        or 0xE0020 <= ord(letter) <= 0xE007F
    )


def _text_size(parts: Iterable[ui.Item[Any]]) -> int:
    return sum(size(part.content) for part in parts if isinstance(part, ui.TextDisplay))
