"""Lines of published text, each with what its head may be: a stamp, a speaker's label, or both, in any order.

A line alone cannot tell whether ``Remember:`` is a speaker and ``11:15`` a time of the recording. So what is found
here are candidates; ``structure`` decides by the whole file which of them count, and ``TextLine.said`` gives the
words that are left, with whatever was declined put back.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from index.transcripts.formats.markdown import (
    BOLD,
    LINK_OPENS,
    is_furniture,
    is_table_rule,
    marked_heading,
    marked_text,
    unmarked,
)
from index.transcripts.formats.published.stamps import Stamp, inline_stamps, match_stamp, trailing_stamp
from index.transcripts.formats.sound_notes import is_sound_note
from index.transcripts.formats.speakers import LABEL_CHARACTERS, LABEL_WORDS, WIDE, is_name_shaped

Form = Literal["colon", "bold", "bracket", "stamp", "column", "alone"]
"""How a label is set off: by a colon, bold type, brackets, a stamp beside it, a column, or a line of its own."""

_EDGES = f" \t{BOLD}"
_SKIP = re.compile(rf"[ \t{BOLD}]*")
_AFTER_STAMP = re.compile(rf"[ \t{BOLD}]*(?:[-–—·•|:：>~,][ \t{BOLD}]*){{0,2}}")
_AFTER_LABEL = re.compile(rf"[ \t{BOLD}]*(?:[|:：–—-][ \t{BOLD}]*)?")
_BEFORE_STAMP = re.compile(rf"[ \t{BOLD}]*(?:[·•|,/–—-][ \t{BOLD}]*)?")
_NUMBERED_VOICE = re.compile(r"SPEAKER_[0-9]{1,3}(?=[ \t])")
_COLON = re.compile(rf"[ \t{BOLD}]*[:：]")
_BULLET = re.compile(rf"(?:[-–—*+•·#|▶►]|[0-9]{{1,3}}[.)])[ \t{BOLD}]+|\|[ \t]*")
_NUMBER = re.compile(r"[0-9]{1,3}[.)]")
_BRACKET = re.compile(r"[\[【]([^\[\]【】]{1,60})[\]】]")
_ASIDE = re.compile(r"[(（][^()（）]{1,50}[)）]")
_CHAT = re.compile(r"[Ff]rom\s+(\S.{0,40}?)\s+[Tt]o\s+\S.{0,40}")
_WINDOW = 100
SAME_S = 1.0
"""Two stamps beside each other within a second are one, written twice."""

FEWEST_TRAILING = 3
"""Rows that end in a stamp of their own are at least so many."""

LEAST_RISING_TRAILING = 0.8
_WORDS_OF_A_COLUMN_NAME = 3

_ENDS_OF_LABEL = frozenset(":：|\t[(（【\n" + BOLD + LINK_OPENS)
_MAY_END_LABEL = re.compile(f"[:：|\t\\[(（【0-9@{BOLD}{LINK_OPENS}]")
_ENDS_OF_SENTENCE = frozenset('.?!。？！…;"”»')
_PLAIN_RUN = re.compile(r"(?:[^\W\d]|[ '’,&-](?=[^\W\d]))+")
_CLOSES_ABBREVIATION = re.compile(r"(?:^|[ .])[^\W\d_]{1,4}\.$")
_DIGITS = frozenset("0123456789@")


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line and what may be its head.

    Attributes:
        number: 1-based.
        level: of a heading, 0 for other lines.
        is_item: it is an item of a list, or a row of a table.
        is_blank: nothing is shown: blank, a rule, a fence, a definition of a link.
        follows_blank: the line before shows nothing, or there is none.
        is_inline: it is cut out of the middle of a line, before a stamp in brackets.
        whole: its words, head and all.
        stamp: the time that it opens with, or has beside its label.
        label: what may be the name of a speaker.
        form: how the label is set off.
        is_bold: the label is in bold type.
        parts: the head's pieces in order, each ``stamp`` or ``label`` with the words that stand for it.
        rest: the words after the head.
    """

    number: int
    level: int = 0
    is_item: bool = False
    is_blank: bool = False
    follows_blank: bool = False
    is_inline: bool = False
    whole: str = ""
    stamp: Stamp | None = None
    label: str | None = None
    form: Form | None = None
    is_bold: bool = False
    parts: tuple[tuple[str, str], ...] = ()
    rest: str = ""

    @property
    def n_words(self) -> int:
        """Words of ``whole``, whose spaces are single."""
        return self.whole.count(" ") + 1 if self.whole else 0

    def said(self, *, with_stamp: bool, with_label: bool) -> str:
        """Return the words of the line without its stamp, where that is one, and without its label likewise."""
        declined = {"stamp": not with_stamp, "label": not with_label}
        kept = [text for kind, text in self.parts if declined[kind]]
        return " ".join([*kept, self.rest] if self.rest else kept).strip()


def text_lines(rows: Iterable[str], *, first_number: int) -> list[TextLine]:
    """Return the lines of a text; a line with stamps in its middle as several, each opened by one of them.

    Args:
        rows: the lines as they stand.
        first_number: of the first row.
    """
    rows = list(rows)
    headers = {at for at, (row, below) in enumerate(pairwise(rows)) if _is_table_header(row, below)}
    shown = [(0, "") if at in headers else _shown(row) for at, row in enumerate(rows)]
    stamps_at = _places_of_trailing_stamps([text for _, text in shown])
    lines: list[TextLine] = []
    was_blank = True
    for at, (row, (level, text)) in enumerate(zip(rows, shown, strict=True)):
        number = first_number + at
        if not text:
            lines.append(TextLine(number, is_blank=True, follows_blank=was_blank))
        elif (stamp_at := stamps_at.get(at)) is not None:
            moved = f"{text[stamp_at:]} {text[:stamp_at].rstrip()}"
            lines.extend(_lines_of(row, level, moved, number, follows_blank=was_blank))
        else:
            lines.extend(_lines_of(row, level, text, number, follows_blank=was_blank))
        was_blank = not text
    return lines


def _shown(row: str) -> tuple[int, str]:
    """Return the level of a heading (0 for other rows) and the marked text of a row; no text if it shows nothing."""
    if not row or row.isspace() or is_furniture(row):
        return 0, ""
    level, text = marked_heading(row) or (0, marked_text(row))
    return level, text if text.strip(_EDGES) else ""


def _is_table_header(row: str, below: str) -> bool:
    """Return True for the names of a table's columns, which stand above a rule."""
    cells = row.strip(" \t|").split("|")
    return (
        row.lstrip()[:1] == "|"
        and is_table_rule(below)
        and all(len(cell.split()) <= _WORDS_OF_A_COLUMN_NAME for cell in cells)
    )


def _places_of_trailing_stamps(texts: Sequence[str]) -> dict[int, int]:
    """Return where the stamp begins in the rows that end in their own, where the file's rows do so; else nothing.

    A row that ends in a stamp may also be a speaker with the time of the rows below. So most rows that end in one must
    hold a sentence, and most rows between the first and the last of them must end in one.
    """
    found = {at: start for at, text in enumerate(texts) if (start := trailing_stamp(text)) is not None}
    if len(found) < FEWEST_TRAILING:
        return {}
    n_between = sum(1 for text in texts[min(found) : max(found) + 1] if text)
    n_said = sum(1 for at, start in found.items() if _is_said_before(texts[at][:start]))
    stamps = [stamp[0].start_s for at, start in found.items() if (stamp := match_stamp(texts[at], start))]
    n_rising = sum(before <= after for before, after in pairwise(stamps))
    n_leading = sum(1 for at in found if match_stamp(texts[at], 0) is not None)
    is_trailing = (
        2 * len(found) >= n_between
        and 2 * n_said >= len(found)
        and 2 * n_leading < len(found)
        and n_rising >= LEAST_RISING_TRAILING * (len(stamps) - 1)
    )
    return found if is_trailing else {}


def _is_said_before(text: str) -> bool:
    """Return True for words before a stamp that are no label."""
    before = unmarked(text).strip(" -–—*·|")
    is_sentence = before.endswith(tuple(_ENDS_OF_SENTENCE)) and not _NUMBER.fullmatch(before)
    return is_sentence or len(before.split()) > LABEL_WORDS


def _lines_of(row: str, level: int, marked: str, number: int, *, follows_blank: bool) -> Iterator[TextLine]:
    opening = row.lstrip()[:2]
    is_row = opening[:1] == "|"
    is_item = is_row or opening in {"- ", "* ", "+ "}
    if is_row:
        marked = marked.rstrip(f"{_EDGES}|")
    for order, part in enumerate(_parted(marked)):
        head = _Head(part)
        head.read()
        whole = unmarked(part)
        yield TextLine(
            number,
            level,
            is_item,
            follows_blank=follows_blank and order == 0,
            is_inline=order > 0,
            whole=whole,
            stamp=head.stamp,
            label=head.label,
            form=head.form,
            is_bold=head.is_bold,
            parts=tuple(head.parts),
            rest=unmarked(part[head.at :]) if head.at else whole,
        )


def _parted(marked: str) -> list[str]:
    """Return ``marked`` cut before each stamp in brackets that has words before it which are no label."""
    cuts = [0]
    for start, _ in inline_stamps(marked):
        if _is_said_before(marked[cuts[-1] : start]):
            cuts.append(start)
    return [marked[start:end].strip() for start, end in zip(cuts, [*cuts[1:], len(marked)], strict=True)]


class _Head:
    """Reads the head of one line from left to right: a stamp, a label, and a stamp after it."""

    def __init__(self, marked: str) -> None:
        self.marked = marked
        self.at = 0
        self.stamp: Stamp | None = None
        self.label: str | None = None
        self.form: Form | None = None
        self.is_bold = False
        self.parts: list[tuple[str, str]] = []

    def read(self) -> None:
        """Read all that there is."""
        start = self._past(_SKIP, 0)
        self.at = self._past(_BULLET, start)
        self._take_stamp(_AFTER_STAMP)
        if self.stamp is not None:
            # ``0:05`` with ``0 minutes 5 seconds`` beside it is one stamp.
            self._take_stamp(_AFTER_STAMP)
        if not (self._take_numbered_voice() or self._take_bracket() or self._take_label()):
            if self.stamp is None:
                self.at = 0
            return
        if self.stamp is None or self.form == "column":
            self._take_stamp(_AFTER_LABEL)
        self.at = self._past(_SKIP, self.at)

    def _take_stamp(self, after: re.Pattern[str]) -> bool:
        found = match_stamp(self.marked, self.at)
        if found is None:
            return False
        stamp, end = found
        if self.stamp is None:
            self.stamp = stamp
        elif abs(stamp.start_s - self.stamp.start_s) > SAME_S:
            if not self._is_end(stamp):
                return False
            self.stamp = replace(self.stamp, end_s=stamp.start_s)
        self.parts.append(("stamp", unmarked(self.marked[self.at : end])))
        self.at = self._past(after, end)
        return True

    def _is_end(self, stamp: Stamp) -> bool:
        """Return True where a second stamp is the end of a range, as in a table with two columns of times."""
        first = self.stamp
        return (
            first is not None
            and first.end_s is None
            and (first.form, first.is_wrapped) == (stamp.form, stamp.is_wrapped)
            and stamp.form == "clock"
            and stamp.start_s > first.start_s
        )

    def _take_numbered_voice(self) -> bool:
        """Take ``SPEAKER_00`` between a stamp and words, as programs that tell voices apart print it."""
        match = _NUMBERED_VOICE.match(self.marked, self.at) if self.stamp is not None else None
        return match is not None and self._take(match[0], "stamp", match[0], match.end())

    def _take_bracket(self) -> bool:
        """Take ``[Anna]``, ``[Anna 0:05]`` or ``[0:05 Anna]``, with or without a colon after it."""
        match = _BRACKET.match(self.marked, self._past(_SKIP, self.at))
        if match is None:
            return False
        inside = _Head(match[1])
        inside.at = 0
        inside._take_stamp(_AFTER_STAMP)
        name, stamp = match[1][inside.at :], inside.stamp
        if stamp is None:
            name, stamp = _name_and_stamp(match[1])
        name = _cleaned(name)
        if not _could_be_name(name) or is_sound_note(name) or is_sound_note(match[1]):
            return False
        if stamp is not None and self.stamp is None:
            self.stamp = replace(stamp, is_wrapped=True)
            self.parts.append(("stamp", ""))
        self._take(name, "bracket", match[0], match.end())
        return True

    def _take_label(self) -> bool:
        start = self._past(_SKIP, self.at)
        is_bold = self.marked[max(0, start - 1) : start] == BOLD
        window = self.marked[start : start + _WINDOW]
        if not window[:1].isalpha():
            return False
        if len(self.marked) > start + _WINDOW and _MAY_END_LABEL.search(window) is None:
            return False
        at = 1
        while at <= len(window):
            plain = _PLAIN_RUN.match(window, at)
            at = plain.end() if plain else at
            sign = window[at] if at < len(window) else "\n"
            if sign in _ENDS_OF_LABEL or (sign in _DIGITS and window[at - 1] in " \t-–—,/"):
                found = self._label_ending(start, start + at, sign, is_bold=is_bold)
                if found is not None:
                    return found
                aside = _ASIDE.match(window, at)
                at = aside.end() if aside is not None else at + 1
            elif sign in _ENDS_OF_SENTENCE and not _CLOSES_ABBREVIATION.search(window[: at + 1]):
                return False
            else:
                at += 1
        return False

    def _label_ending(self, start: int, end: int, sign: str, *, is_bold: bool) -> bool | None:
        """Take the label from ``start`` to ``end`` if what stands there ends one; None to look further."""
        name = _cleaned(self.marked[start:end])
        if sign in ":：":
            return self._at_colon(start, end, sign, name, is_bold=is_bold)
        if sign == BOLD:
            return self._at_end_of_bold(start, end, name) if is_bold else None
        if sign in "|\t\n":
            form: Form = "column" if sign != "\n" else "bold" if is_bold else "alone"
            is_name = (
                _could_be_name(name) if sign != "\n" else len(self.marked) <= end and is_name_shaped(name)
            )
            return is_name and self._take(name, form, self.marked[start:end], end + (sign != "\n"))
        return self._at_stamp(start, end, name, is_bold=is_bold)

    def _at_stamp(self, start: int, end: int, name: str, *, is_bold: bool) -> bool | None:
        found = match_stamp(self.marked, end)
        if found is None or not _could_be_name(name):
            return None
        stamp, after = found
        is_followed_by_text = self.marked[after:].strip(_EDGES + ":：-–—|")
        if not stamp.is_wrapped and stamp.form != "clock" and is_followed_by_text:
            return None
        return self._take(name, "stamp", self.marked[start:end], end, is_bold=is_bold)

    def _at_colon(self, start: int, end: int, sign: str, name: str, *, is_bold: bool) -> bool | None:
        following = self.marked[end + 1 : end + 2]
        is_clock = self.marked[end - 1].isdigit() and following.isdigit()
        is_apart = sign == "：" or not following or following in _EDGES or following.isupper()
        is_apart = is_apart or WIDE.match(following) is not None
        if is_clock or not (is_apart or match_stamp(self.marked, end + 1)):
            return None
        if not _could_be_name(name):
            return False
        return self._take(name, "colon", self.marked[start : end + 1], end + 1, is_bold=is_bold)

    def _at_end_of_bold(self, start: int, end: int, name: str) -> bool | None:
        if not _could_be_name(name):
            return False
        after = self._past(_SKIP, end)
        colon = _COLON.match(self.marked, after)
        if colon is not None:
            return self._take(name, "colon", f"{self.marked[start:end]}:", colon.end(), is_bold=True)
        before_stamp = self._past(_BEFORE_STAMP, end)
        if match_stamp(self.marked, before_stamp) is not None:
            return self._take(name, "stamp", self.marked[start:end], before_stamp, is_bold=True)
        if self.marked[after : after + 1] in {"(", "（"} and _ASIDE.match(self.marked, after):
            return None
        return self._take(name, "bold", self.marked[start:end], after, is_bold=True)

    def _take(self, name: str, form: Form, source: str, end: int, *, is_bold: bool = False) -> bool:
        self.label, self.form = name, form
        self.is_bold = is_bold or form == "bold"
        self.parts.append(("label", unmarked(source)))
        self.at = self._past(_AFTER_LABEL if form in {"bracket", "stamp"} and self.stamp else _SKIP, end)
        if form == "bracket" and (colon := _COLON.match(self.marked, self.at)) is not None:
            self.at = colon.end()
        return True

    def _past(self, pattern: re.Pattern[str], at: int) -> int:
        match = pattern.match(self.marked, at)
        return match.end() if match else at


def _cleaned(text: str) -> str:
    name = unmarked(text).strip(" \t-–—,|/·•*_:：")
    chat = _CHAT.fullmatch(name)
    return chat[1] if chat else name


def _could_be_name(name: str) -> bool:
    return (
        0 < len(name) <= LABEL_CHARACTERS
        and len(name.split()) <= LABEL_WORDS
        and name[0].isalpha()
        and "://" not in name
    )


def _name_and_stamp(inside: str) -> tuple[str, Stamp | None]:
    """Return the parts of ``Anna, 0:05``; the whole and None where no stamp ends it."""
    at = max(inside.rfind(" "), inside.rfind("|"), inside.rfind("\t")) + 1
    found = match_stamp(inside, at) if at else None
    if found is None or found[1] != len(inside):
        return inside, None
    return inside[:at], found[0]


def line_above(lines: Sequence[TextLine], at: int) -> int | None:
    """Return the place of the nearest line above that is not blank, at most three away."""
    return next((place for place in range(at - 1, max(-1, at - 4), -1) if not lines[place].is_blank), None)


def line_below(lines: Sequence[TextLine], at: int) -> int | None:
    """Return the place of the nearest line below that is not blank, at most three away."""
    return next(
        (place for place in range(at + 1, min(len(lines), at + 4)) if not lines[place].is_blank), None
    )


def is_stamp_alone(line: TextLine) -> bool:
    """Return True for a line with a stamp and nothing else."""
    return line.stamp is not None and not line.rest and line.label is None
