"""Labels and time marks in prose: who speaks from here, and from which second."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.transcripts.formats.speakers import accepted_labels
from index.transcripts.formats.timestamps import CLOCK, clock_s

_NAME = r"[^\W\d_][^\n*:()\[\]<>{}\"“”?!;]{0,58}?"
_BRACKETED_TIME = rf"(?:\((?P<round>{CLOCK})\)|\[(?P<square>{CLOCK})\])"
_BOLD = re.compile(
    rf"[ \t]*(?P<mark>\*\*|__)(?P<name>{_NAME})(?P<inside>:?)[ \t]*(?P=mark)[ \t]*(?P<outside>:?)[ \t]*"
    rf"(?:{_BRACKETED_TIME}[ \t]*:?)?[ \t]*(?P<rest>.*)"
)
_BOLD_WITH_TIME = re.compile(
    rf"[ \t]*\*\*(?P<name>{_NAME})[ \t]*{_BRACKETED_TIME}[ \t]*:?[ \t]*\*\*[ \t]*:?[ \t]*(?P<rest>.*)"
)
_TIMED = re.compile(rf"[ \t]*(?P<name>{_NAME})[ \t]*{_BRACKETED_TIME}[ \t]*(?P<colon>:?)[ \t]*(?P<rest>.*)")
_TIME_FIRST = re.compile(
    rf"[ \t]*{_BRACKETED_TIME}[ \t]*[-–—]?[ \t]*(?P<bold>\*\*)?(?P<name>{_NAME})[ \t]*"
    r"(?::(?:\*\*)?|\*\*:)(?:[ \t]+(?P<rest>.*)|$)"
)
_UNTIMED = re.compile(rf"[ \t]*(?P<name>{_NAME})[ \t]?:(?:[ \t]+(?P<rest>.*)|$)")
_MARK = re.compile(rf"[ \t]*{_BRACKETED_TIME}[ \t]*:?[ \t]*(?P<rest>.*)")
_BARE_MARK = re.compile(rf"[ \t]*(?P<round>{CLOCK})[ \t]*(?P<rest>)")


@dataclass(frozen=True, slots=True)
class Label:
    """The head of a turn: ``name``, its second where one stands beside it, and the words after it."""

    name: str
    start_s: float | None
    rest: str


@dataclass(frozen=True, slots=True)
class TimeMark:
    """A time that stands before a paragraph, and the words after it."""

    start_s: float
    rest: str


def find_labels(lines: Sequence[str]) -> dict[int, Label]:
    """The turns' heads by their index in ``lines``.

    Bold labels and labels with a time are taken for what they are; bare ``Name:`` only where there is none of
    those, since a sentence may begin so too.
    """
    marked = {at: found for at, line in enumerate(lines) if (found := _marked_label(line)) is not None}
    timed_names = [label.name for label, is_sure in marked.values() if is_sure]
    accepted = accepted_labels([label.name for label, _ in marked.values()], surely=timed_names)
    labels = {at: label for at, (label, _) in marked.items() if label.name in accepted}
    if labels:
        return labels
    bare = {
        at: label for at, line in enumerate(lines) if ":" in line and (label := _bare_label(line)) is not None
    }
    accepted = accepted_labels(label.name for label in bare.values())
    return {at: label for at, label in bare.items() if label.name in accepted}


def has_marked_labels(lines: Sequence[str]) -> bool:
    """True where two lines or more open with a bold label or with a label that has a time."""
    found = 0
    for line in lines:
        found += _marked_label(line) is not None
        if found > 1:
            return True
    return False


def time_mark(line: str) -> TimeMark | None:
    """The bracketed time that ``line`` opens with, or the bare one that it consists of."""
    opening = line.lstrip(" \t")[:1]
    if not (opening in {"(", "["} or opening.isdigit()):
        return None
    match = _MARK.fullmatch(line) or _BARE_MARK.fullmatch(line)
    if match is None:
        return None
    start_s = _second(match)
    return None if start_s is None else TimeMark(start_s, match["rest"])


def _marked_label(line: str) -> tuple[Label, bool] | None:
    """The label and whether its form leaves no doubt."""
    if "**" in line or "__" in line:
        match = _BOLD_WITH_TIME.fullmatch(line) or _BOLD.fullmatch(line)
        if match is not None:
            has_time = _second(match) is not None
            fields = match.groupdict()
            if has_time or fields.get("inside") or fields.get("outside"):
                return _label(match), has_time or not match["rest"]
    if ":" not in line or not ("(" in line or "[" in line):
        return None
    match = _TIME_FIRST.fullmatch(line)
    if match is not None and _second(match) is not None:
        return _label(match), match["bold"] is not None
    match = _TIMED.fullmatch(line)
    if match is not None and _second(match) is not None and (match["colon"] or not match["rest"]):
        return _label(match), not match["rest"]
    return None


def _bare_label(line: str) -> Label | None:
    match = _UNTIMED.fullmatch(line)
    return None if match is None else Label(_name(match), None, match["rest"] or "")


def _label(match: re.Match[str]) -> Label:
    return Label(_name(match), _second(match), match["rest"] or "")


def _name(match: re.Match[str]) -> str:
    return " ".join(match["name"].split())


def _second(match: re.Match[str]) -> float | None:
    fields = match.groupdict()
    text = fields.get("round") or fields.get("square")
    return clock_s(text) if text else None
