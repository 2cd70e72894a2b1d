"""Markdown and HTML to the words that they dress.

``marked_text`` keeps two things that tell turns from speech: where bold type begins and ends (``BOLD``), and to which
second of a recording a link leads (``LINK_OPENS``, the second, ``LINK_CLOSES``, after the link's text). They stand in
the text as characters of Unicode's private use area, which no file may bring along.
"""

import html
import re

from index.transcripts.formats.decoding import folded

_LEADING_SIGNS = frozenset(" \t>-*+")
BOLD = "\ue000"
LINK_OPENS, LINK_CLOSES = "\ue001", "\ue002"

_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
_FOOTNOTE_MARK = re.compile(r"\[\^[^\]\s]{1,40}\]")
_BRACKETED = r"[^\[\]]{0,500}(?:\[[^\[\]]{0,200}\][^\[\]]{0,500}){0,4}"
_TARGET = (
    r"\([^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,500}){0,4}(?:[ \t]+(?:\"[^\"]*\"|'[^']*'))?[ \t]*\)"
)
_IMAGE = re.compile(rf"!\[{_BRACKETED}\](?:{_TARGET}|\[[^\[\]]{{0,80}}\])")
_LINK = re.compile(rf"\[({_BRACKETED})\]{_TARGET}")
_REFERENCE_LINK = re.compile(r"\[([^\[\]]{1,500})\]\[[^\[\]]{1,80}\]")
_AUTOLINK = re.compile(r"<(?:mailto:)?(https?://[^\s<>]{1,2000}|[^\s<>@/]{1,100}@[^\s<>@/]{1,100})>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BREAK_TAG = re.compile(r"<(?:br|/?p|/?div|/?li|/?td|/?tr|/?h[1-6])\b[^<>]*>", re.IGNORECASE)
_BOLD_TAG = re.compile(r"</?(?:b|strong)>", re.IGNORECASE)
_LINK_SECOND = re.compile(r"[?&#](?:amp;)?(?:t|start|time)=([0-9hms.:]{1,30})(?![\w.])")
_SPELT_SECOND = re.compile(r"(?:(\d{1,2})h)?(?:(\d{1,3})m)?(?:(\d{1,6})(?:\.\d+)?s?)?")
_MARKERS = re.compile("[\ue000-\ue002]")
_LINK_TIME = re.compile("\ue001[0-9]*\ue002")
_CODE = re.compile(r"`{1,3}([^`]+)`{1,3}")
_STRONG = re.compile(r"(\*\*|__)(?=\S)((?:(?!\1).){1,2000}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*]{1,2000}?)(?<=[^\s*\\])\*(?!\w)")
_UNDERLINED = re.compile(r"(?<![\w\\])_(?=[^\s_])([^_]{1,2000}?)(?<=[^\s_\\])_(?!\w)")
_STRUCK = re.compile(r"~~(?=\S)([^~]{1,2000}?)(?<=\S)~~")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!>~|$-])")
_LEADING = re.compile(r"^[ \t]*(?:>(?!>)[ \t]?)*(?:[-*+][ \t]+)?")

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*)")
_HEADING_ID = re.compile(r"\{[:#][^{}]*\}$")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|=+)")
_TABLE_RULE = re.compile(r"[ \t]*:?-{2,100}:?[ \t]*")
_DEFINITION = re.compile(r" {0,3}\[(?![0-9:.,]+\])\^?[^\[\]]{1,80}\]:[ \t]*\S.*")
_FENCE = re.compile(r" {0,3}(?:```|~~~).*")


def plain_text(markdown: str) -> str:
    """Return the words of a paragraph: links by their text, no images, footnotes, tags or emphasis; spaces folded.

    ``---`` inside a sentence is a dash and stays; so do editors' brackets such as ``[that]``.
    """
    return unmarked(marked_text(markdown))


def unmarked(marked: str) -> str:
    """Return the words of what ``marked_text`` gave."""
    if BOLD in marked or LINK_OPENS in marked:
        marked = _LINK_TIME.sub("", marked).replace(BOLD, "")
    return " ".join(marked.split())


def marked_text(markdown: str) -> str:
    """Return the words of ``markdown`` as ``plain_text`` does, with bold type and the seconds of links marked."""
    text = markdown if markdown.isascii() else _MARKERS.sub("", markdown)
    if text[:1] in _LEADING_SIGNS:
        text = _LEADING.sub("", text)
    if "<" in text:
        text = _AUTOLINK.sub(r"\1", _COMMENT.sub(" ", text))
        text = _TAG.sub("", _BOLD_TAG.sub(BOLD, _BREAK_TAG.sub(" ", text)))
    if "[" in text:
        text = _IMAGE.sub("", _FOOTNOTE_MARK.sub("", text))
        text = _REFERENCE_LINK.sub(r"\1", _LINK.sub(_link_text, text))
    for mark, pattern, to in (
        ("`", _CODE, r"\1"),
        ("~~", _STRUCK, r"\1"),
        ("**", _STRONG, rf"{BOLD}\2{BOLD}"),
        ("__", _STRONG, rf"{BOLD}\2{BOLD}"),
        ("*", _EMPHASIS, r"\1"),
        ("_", _UNDERLINED, r"\1"),
    ):
        if mark in text:
            text = pattern.sub(to, text)
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    if "&" in text:
        text = folded(html.unescape(text))
    return text.strip()


def _link_text(match: re.Match[str]) -> str:
    """Return a link's text, and the second that its address opens at where it names one."""
    second = _LINK_SECOND.search(match[0], match.end(1) - match.start())
    if second is None:
        return match[1]
    parts = _SPELT_SECOND.fullmatch(second[1])
    if parts is None:
        return match[1]
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    text = match[1] if any(character.isalnum() for character in match[1]) else ""
    return f"{text}{LINK_OPENS}{(hours * 60 + minutes) * 60 + seconds}{LINK_CLOSES}"


def marked_heading(line: str) -> tuple[int, str] | None:
    """Return level and text of a heading line as ``marked_text`` gives it; None for any other line."""
    if not line.lstrip(" ").startswith("#"):
        return None
    match = _HEADING.fullmatch(line)
    if match is None:
        return None
    return len(match[1]), marked_text(_HEADING_ID.sub("", match[2].rstrip().rstrip("#").rstrip()))


def is_furniture(line: str) -> bool:
    """Return True for a line that shows no text of its own: a rule, a fence, a definition of a link or a footnote."""
    if is_table_rule(line):
        return True
    if not line or line.lstrip(" ")[:1] not in {"-", "*", "_", "=", "[", "`", "~"}:
        return False
    return any(pattern.fullmatch(line) for pattern in (_RULE, _DEFINITION, _FENCE))


def is_table_rule(line: str) -> bool:
    """Return True for the line below the names of a table's columns, such as ``|---|:--:|``."""
    cells = line.strip(" \t|").split("|")
    return line.lstrip(" ")[:1] == "|" and all(_TABLE_RULE.fullmatch(cell) for cell in cells)
