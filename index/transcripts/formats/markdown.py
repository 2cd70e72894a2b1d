"""Markdown and HTML to the words that they dress."""

import html
import re

from index.transcripts.formats.decoding import folded

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
_DEFINITION = re.compile(r" {0,3}\[\^?[^\[\]]{1,80}\]:[ \t]*\S.*")
_FENCE = re.compile(r" {0,3}(?:```|~~~).*")


def plain_text(markdown: str) -> str:
    """The words of a paragraph: links by their text, no images, footnotes, tags or emphasis; spaces folded.

    ``---`` inside a sentence is a dash and stays; so do editors' brackets such as ``[that]``.
    """
    text = _LEADING.sub("", markdown)
    if "<" in text:
        text = _AUTOLINK.sub(r"\1", _COMMENT.sub(" ", text))
        text = _TAG.sub("", text)
    if "[" in text:
        text = _IMAGE.sub("", _FOOTNOTE_MARK.sub("", text))
        text = _REFERENCE_LINK.sub(r"\1", _LINK.sub(r"\1", text))
    for mark, pattern, to in (
        ("`", _CODE, r"\1"),
        ("~~", _STRUCK, r"\1"),
        ("**", _STRONG, r"\2"),
        ("__", _STRONG, r"\2"),
        ("*", _EMPHASIS, r"\1"),
        ("_", _UNDERLINED, r"\1"),
    ):
        if mark in text:
            text = pattern.sub(to, text)
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    if "&" in text:
        text = html.unescape(text)
    return " ".join(folded(text).split())


def heading_of(line: str) -> tuple[int, str] | None:
    """Level and plain text of a heading line, anchors and ids taken off; None for any other line."""
    if not line.lstrip(" ").startswith("#"):
        return None
    match = _HEADING.fullmatch(line)
    if match is None:
        return None
    return len(match[1]), plain_text(_HEADING_ID.sub("", match[2].rstrip().rstrip("#").rstrip()))


def is_furniture(line: str) -> bool:
    """True for a line that shows no text of its own: a rule, a fence, a definition of a link or a footnote."""
    if not line or line.lstrip(" ")[:1] not in {"-", "*", "_", "=", "[", "`", "~"}:
        return False
    return any(pattern.fullmatch(line) for pattern in (_RULE, _DEFINITION, _FENCE))
