"""Tags and escapes inside caption rows: voices, word times, line breaks, and the rest, which goes."""

import html
import re
from dataclasses import replace

from index.transcripts.formats.caption_lines import CaptionLine
from index.transcripts.formats.decoding import folded
from index.transcripts.formats.sound_notes import is_said

_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^<>\n]*)>|</v>")
_BREAK = re.compile(r"<(?:[bB][rR]|/?[pP]|/?[dD][iI][vV])\b[^<>\n]{0,200}>")
_BRACKETED_BREAK = re.compile(r"\[[bB][rR]\]")
_ESCAPED_BREAK = re.compile(r"\\r\\n|\\[nN]")
_STYLE_TAG = re.compile(
    r"</?(?i:c|i|b|u|s|em|strong|font|span|ruby|rt|rp|a|sub|sup|small|big|br|p|div)(?:\.[^\s<>]*)?"
    r"(?:[ \t][^<>\n=]*=[^<>\n]*)?[ \t]?/?>"  # classes of WebVTT, attributes: <b and c> is said
)
_TAG = re.compile(
    rf"{_STYLE_TAG.pattern}|</?(?:v|lang)(?:[. \t][^<>\n]*)?>|</?>"
    r"|\{\\[^{}\n]*\}|\{[YyCcFfSsPpHhOo]:[^{}\n]{0,60}\}"
)
_WORD_TIME = re.compile(r"<((?:[0-9]{1,3}:)?[0-9]{2}:[0-9]{2}\.[0-9]{3})>")
_ANY_TAG = re.compile(rf"{_TAG.pattern}|<[0-9][0-9:.]*>")
_HEARD = re.compile(r"[^\s<>]")


def with_breaks(text: str) -> str:
    r"""Return ``text`` with line breaks for ``<br>``, ``[br]``, ``\n`` and ``\N`` written out, spaces for ``\h``."""
    if "\\" in text:
        text = _ESCAPED_BREAK.sub("\n", text).replace("\\h", " ")
    if "<" in text:
        text = _BREAK.sub("\n", text)
    if "[" in text:
        text = _BRACKETED_BREAK.sub("\n", text)
    return text


def has_word_times(raw: str) -> bool:
    """Return True where the row carries times between its words."""
    return "<" in raw and _WORD_TIME.search(raw) is not None


def untagged(raw: str) -> str:
    """Return ``raw`` as a viewer reads it, whitespace folded."""
    if "<" in raw or "{" in raw:
        raw = _ANY_TAG.sub("", raw)
    return " ".join(raw.split())


def voiced(line: CaptionLine) -> list[CaptionLine]:
    """Return ``line`` with its tags turned into voices and word times: one line for each voice in it.

    A voice without a letter in its name (``<v ->``) opens a turn of nobody known.
    """
    if "<v" not in line.text:
        return [_plain(line)]
    parts = _VOICE.split(line.text)
    length = max(1, sum(len(part) for part in parts[::2]))
    duration_s = 0.0 if line.end_s is None else line.end_s - line.start_s
    lines: list[CaptionLine] = []
    shown = 0
    for at in range(0, len(parts), 2):
        speaker = parts[at - 1] if at else None
        part = parts[at]
        if _HEARD.search(untagged(part)):
            start_s = round(line.start_s + duration_s * shown / length, 3) if lines else line.start_s
            name = " ".join(html.unescape(speaker).split()) if speaker else ""
            is_name = is_said(name)
            lines.append(
                _plain(
                    replace(
                        line,
                        start_s=start_s,
                        text=part,
                        speaker=name if is_name else line.speaker,
                        opens_turn=speaker is not None and not is_name,
                    )
                )
            )
        shown += len(part)
    return lines


def unescaped(text: str) -> str:
    """Return ``text`` with HTML entities decoded, and without the tags and signs that they hid."""
    if "&" not in text:
        return text
    text = html.unescape(text)
    return folded(_STYLE_TAG.sub(" ", text) if "<" in text else text)


def _plain(line: CaptionLine) -> CaptionLine:
    raw = line.text
    if "<" not in raw and "{" not in raw:
        return line if "&" not in raw else replace(line, text=unescaped(raw))
    parts = _WORD_TIME.split(_TAG.sub("", raw))
    text = unescaped(parts[0])
    marks = [(0, line.start_s)]
    for clock, part in zip(parts[1::2], parts[2::2], strict=True):
        marks.append((len(text), _fixed_clock_s(clock)))
        text += unescaped(part) if "&" in part else part
    return CaptionLine(
        line.number,
        line.start_s,
        line.end_s,
        text,
        tuple(marks) if len(marks) > 1 else (),
        line.speaker,
        line.opens_turn,
    )


def _fixed_clock_s(clock: str) -> float:
    """Return the seconds of a clock that ``_WORD_TIME`` matches."""
    thousandths = int(clock[-9:-7]) * 60_000 + int(clock[-6:-4] + clock[-3:])
    return (thousandths + int(clock[:-10] or 0) * 3_600_000) / 1000
