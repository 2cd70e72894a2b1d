"""Discord's markup: foreign text made harmless, quotations, links.

Text from a transcript, a library or a person is cut first, then escaped exactly once.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote as percent_encoded

from bot.app.input_validation import without_line_marks
from bot.app.one_line import ShownLetters, one_line
from bot.discord.ui.limits import cut, size
from index.text.tokens import QUOTATION_MARKS

_MARKUP = re.compile(r"[\\*_~`|<>\[\]#]")
_AT_LINE_START = re.compile(r"^(\s*)(-|\+|\d+\.)(?=\s|$)")
_SCHEME = re.compile(r"(?<=:)//")
_MENTION = re.compile(r"@(?=everyone|here|[\d!&])", re.IGNORECASE)
_INVITE = re.compile(r"(?i)(?<=discord)\.(?=gg|com|me|io)|(?<=discordapp)\.(?=com)|(?<=dsc)\.(?=gg)")
_FENCED = re.compile(r"```(?:[A-Za-z0-9+#-]*\n)?(.*?)```", re.DOTALL)
_INLINE_CODE = re.compile(r"(`{1,2})([^`]+)\1")
_REFERENCE = re.compile(r"<(?:[@#][!&]?|a?:\w{1,40}:|t:|/[^\s:<>]{1,100}:)\d{1,20}(?::\w)?>|<id:\w+>")
"""Mentions of people, roles, channels and commands, emoji of servers, and times."""
_NAMED_LINK = re.compile(r"\[([^\[\]]+)\]\(<?https?://[^\s()]+>?\)")
_EMPHASIS = re.compile(r"(?<![\w*~|])(\*{1,3}|~~|\|\|)(?=\S)([^\n]+?)(?<=\S)\1(?![*~|])")
_UNDERLINE = re.compile(r"(?<!\w)(_{1,3})(?=\S)([^\n]+?)(?<=\S)\1(?!\w)")
_IN_QUOTES = re.compile(rf"[{QUOTATION_MARKS}]([^{QUOTATION_MARKS}]*)[{QUOTATION_MARKS}]")
_ZERO_WIDTH = "\u200b"
_SHOWN_OR_SPACE = ShownLetters(" ", " ")
_LONGEST_KEPT = 200


@lru_cache(maxsize=256)
def plain_text(text: str) -> str:
    """Return the words of a message in one line: no mention, no sign of markup, no block of code beside other words.

    Code within a line keeps its words. A message of code alone keeps the code, one of mentions alone its letters.
    """
    words = _REFERENCE.sub(" ", text)
    without_code = _FENCED.sub(" ", words)
    words = without_code if any(map(str.isalnum, without_code)) else _FENCED.sub(r" \1 ", words)
    words = _INLINE_CODE.sub(r"\2", without_line_marks(words))
    words = _NAMED_LINK.sub(r"\1", words)
    for marks in (_EMPHASIS, _EMPHASIS, _UNDERLINE):  # one kind may stand within another
        words = marks.sub(r"\2", words)
    return one_line(words) or one_line(text)


def inner_quotes(text: str) -> str:
    """Return ``text`` as it stands within quotation marks: those that it has itself become single ones."""
    return _IN_QUOTES.sub(r"‘\1’", text)


def escape(text: str) -> str:
    """Escape ``text`` so that Discord shows its letters alone: no markup, mention, link or invite."""
    text = _escape_inner(text)
    return _AT_LINE_START.sub(lambda match: match[1] + match[2][:-1] + "\\" + match[2][-1], text)


def _escape_inner(text: str) -> str:
    """Escape ``text`` within a line; at the beginning of a line it could still begin a list."""
    text = _MARKUP.sub(lambda match: "\\" + match[0], text)
    text = _SCHEME.sub(r"\\/\\/", text)
    text = _INVITE.sub(lambda match: "\\" + match[0], text)
    return _MENTION.sub("@" + _ZERO_WIDTH, text)


def safe(text: str, most: int) -> str:
    """Return foreign ``text`` in one line, cut to ``most`` characters and escaped."""
    if len(text) > _LONGEST_KEPT:
        return escape(cut(one_line(text[: 8 * most + 200]), most))
    return _safe(text, min(most, size(text)))


@lru_cache(maxsize=1024)
def _safe(text: str, most: int) -> str:
    """Return what ``safe`` does of a short text: names and titles come again and again, at several details."""
    return escape(cut(one_line(text), most))


def quoted(text: str, marks: Sequence[tuple[int, int]], most: int, core: tuple[int, int] = (0, 0)) -> str:
    """Return ``text`` cut to ``most`` characters and escaped, with its ``marks`` in bold.

    Marks with nothing but space or a hyphen between them become one, so that a phrase is bold as a whole. The cut
    keeps the sentence that matters in sight, or else the first marks: where it stands late, the beginning is left out
    instead.

    Args:
        text: as a transcript has it.
        marks: start and end offsets in ``text``, in order.
        most: characters of ``text`` that are kept.
        core: start and end offset of the sentence that matters; nothing where they are equal.
    """
    return _quoted(text, tuple(marks), min(most, size(text)), core)


@lru_cache(maxsize=128)
def _quoted(text: str, marks: Sequence[tuple[int, int]], most: int, core: tuple[int, int]) -> str:
    """Return what ``quoted`` does; an answer is made at several details, and most quotations fit into all of them."""
    text, marks = _around(text, marks, most, core)
    text = _blanked(text[: 2 * most + 2])
    kept = cut(text, most)
    # Words that were cut off have no marks; neither has the ellipsis.
    end = len(kept) if kept == text else len(kept) - 1
    parts, done = [], 0
    for start, stop in _joined(text, [(a, min(b, end)) for a, b in marks if a < end]):
        parts += [
            _escape_inner(text[done:start]) if done else escape(text[:start]),
            f"**{_escape_inner(text[start:stop])}**",
        ]
        done = stop
    return "".join([*parts, _escape_inner(kept[done:]) if done else escape(kept)])


def link(label: str, url: str | None, *, longest: int) -> str:
    """Return ``label``, escaped already, as a link to ``url``; the label alone if there is none, or it is too long."""
    if url is None:
        return label
    address = percent_encoded(url, safe=":/?#@!$&'*+,;=%~-._")
    return label if size(address) > longest else f"[{label}](<{address}>)"


def _blanked(text: str) -> str:
    """Replace line breaks and hidden characters by spaces; the length stays."""
    return text.translate(_SHOWN_OR_SPACE)


def _around(
    text: str, marks: Sequence[tuple[int, int]], most: int, core: tuple[int, int]
) -> tuple[str, Sequence[tuple[int, int]]]:
    """Return ``text`` from later on, with its marks, where its core or else its first mark would be cut off."""
    if size(text) <= most:
        return text, marks
    start = 0
    if core[0] == core[1] or size(text[slice(*core)]) > most:
        start = _before_first(text, marks, most)
    elif size(text[: core[1]]) > most:
        start = core[0]
    if not start:
        return text, marks
    return "…" + text[start:], [(max(1, a - start + 1), b - start + 1) for a, b in marks if b > start]


def _before_first(text: str, marks: Sequence[tuple[int, int]], most: int) -> int:
    """Return the offset of a word some way before the first mark, if that stands late; else 0."""
    if not marks or marks[0][1] <= most * 2 // 3:
        return 0
    start = text.find(" ", max(0, marks[0][0] - most // 3)) + 1
    return start if start <= marks[0][0] else 0


def _joined(text: str, marks: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in marks:
        stop = start + len(text[start:end].rstrip())
        if stop <= start or (joined and start < joined[-1][1]):
            continue
        if joined and not text[joined[-1][1] : start].strip(" -‐‑"):
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return joined
