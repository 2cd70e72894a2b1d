"""Time stamps wherever published text prints them: clocks, ranges, ``0 minutes 5 seconds``, seconds of a link."""

import re
from dataclasses import dataclass, replace
from datetime import date

from index.transcripts.formats.markdown import BOLD, LINK_CLOSES, LINK_OPENS
from index.transcripts.formats.timestamps import LONGEST_RECORDING_S, loose_clock_s

DAY_S = 86_400.0
HALF_DAY_S = 43_200.0
_THIRTEENTH_HOUR_S = 46_800.0

_CLOCK = (
    r"(?:[0-9]{1,3}[:：][0-9]{1,2}[:：][0-9]{2}(?:[.,;:][0-9]{1,6})?|[0-9]{1,3}[:：][0-9]{2}(?:[.,][0-9]{1,6})?)"
    r"(?![0-9]|[:：][0-9])(?:[ ]?(?P<{0}half>[AaPp]\.?[Mm]\b\.?))?"
)
_SPELT = (
    r"(?:(?P<{0}h>[0-9]{{1,2}})[ ]?(?:hours?|hrs?|h)[ ,]{{0,2}}(?:and )?)?"
    r"(?:(?P<{0}m>[0-9]{{1,3}})[ ]?(?:minutes?|mins?|m)[ ,]{{0,2}}(?:and )?)?"
    r"(?:(?P<{0}s>[0-9]{{1,3}})[ ]?(?:seconds?|secs?|s))?(?![^\W_])"
)
_DECIMAL = r"[0-9]{1,6}\.[0-9]{1,3}s?|[0-9]{1,6}s"
_DATE = (
    r"(?:(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})(?:T|,?[ ])[ ]?"
    r"|(?P<chat>[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2,4}),?[ ])"
)
_ARROW = r"[ ]?(?:[-–—=]{1,3}[ ]?>|→|[-–—~]|to|until|bis)[ ]?"
_SIGN = r"(?:@|#|▶️?|►|⏱️?|🕐|⏰|[Tt]ime(?:stamp|code)?:?|t=)?[ ]?"

_FIRST_LETTERS = frozenset("Tt")
"""Letters that a stamp may begin with, as in ``time 0:05`` and ``t=5``."""

_ANY = re.compile(
    rf"{_SIGN}{_DATE}?(?:(?P<clock>{_CLOCK.replace('{0}', 'a')})|(?P<decimal>{_DECIMAL})"
    rf"|(?P<spelt>{_SPELT.format('a')}))"
)
_END = re.compile(
    rf"{_ARROW}(?:(?P<clock>{_CLOCK.replace('{0}', 'b')})|(?P<decimal>{_DECIMAL})|(?P<spelt>{_SPELT.format('b')}))"
)
_LINK_SECOND = re.compile(f"{LINK_OPENS}([0-9]{{1,7}}){LINK_CLOSES}")
_OPENING = re.compile(rf"[ {BOLD}]*(\[\[|[\[(（【<{{「])[ {BOLD}]*")
_CLOSING = {"[[": "]]", "[": "]", "(": ")", "（": "）", "【": "】", "<": ">", "{": "}", "「": "」"}
_BETWEEN = re.compile(rf"[ {BOLD}]*")
_LINK = rf"{LINK_OPENS}[0-9]*{LINK_CLOSES}"
_INLINE = re.compile(
    rf"(?:\[\[|[\[(（【])(?:[0-9]{{1,3}}[:：])?[0-9]{{1,3}}[:：][0-9]{{2}}(?:[.,][0-9]{{1,6}})?(?:{_LINK})?"
    rf"(?:\]\]|[\])）】])(?:{_LINK})?"
    rf"|(?:[0-9]{{1,3}}:)?[0-9]{{1,3}}:[0-9]{{2}}{_LINK}"
)
_WRAPPED_ENDS = ("]", ")", "）", "】", LINK_CLOSES)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time that a line prints.

    Attributes:
        start_s: seconds; of the day for a clock with AM or PM, since year one for one with a date.
        end_s: where a range is printed.
        form: ``clock``, ``decimal``, ``spelt`` or ``link`` (the second that a link's address names).
        is_wrapped: it stands in brackets, in bold type, or is a link: nobody writes a time that is spoken of so.
        is_usable: False for the minutes of a chat log, which tell no second.
    """

    start_s: float
    end_s: float | None = None
    form: str = "clock"
    is_wrapped: bool = False
    is_usable: bool = True


def match_stamp(text: str, at: int) -> tuple[Stamp, int] | None:
    """Return the stamp of ``text`` that begins at ``at``, spaces and bold type aside, and the place after it."""
    if text[at : at + 1].isalpha() and text[at] not in _FIRST_LETTERS:
        return None
    opening = _OPENING.match(text, at)
    if opening is not None:
        inside = _match_bare(text, opening.end(), is_wrapped=True)
        if inside is not None:
            _, end = _with_link(text, *inside)
            closing = _BETWEEN.match(text, end)
            end = closing.end() if closing else end
            if text.startswith(_CLOSING[opening[1]], end):
                end += len(_CLOSING[opening[1]])
                return _with_link(text, replace(inside[0], is_wrapped=True), end)
        return None
    skipped = _BETWEEN.match(text, at)
    start = skipped.end() if skipped else at
    if (link := _LINK_SECOND.match(text, start)) is not None:
        return Stamp(float(min(int(link[1]), LONGEST_RECORDING_S)), form="link", is_wrapped=True), link.end()
    found = _match_bare(text, start, is_wrapped=False)
    if found is None:
        return None
    stamp, end = _with_link(text, *found)
    is_bold = text[max(0, start - 1) : start] == BOLD and stamp.form == "clock"
    return (replace(stamp, is_wrapped=True), end) if is_bold else (stamp, end)


def inline_stamps(text: str) -> list[tuple[int, int]]:
    """Return where stamps in brackets, or as links, begin and end anywhere in ``text``."""
    if not ("[" in text or "(" in text or LINK_OPENS in text or "【" in text or "（" in text):
        return []
    return [match.span() for match in _INLINE.finditer(text)]


def trailing_stamp(text: str) -> int | None:
    """Return where a stamp in brackets, or as a link, begins that ends ``text`` after other words; None without."""
    bare = text.rstrip(f" \t{BOLD}")
    if not bare.endswith(_WRAPPED_ENDS):
        return None
    found = inline_stamps(bare)
    return found[-1][0] if found and found[-1][1] == len(bare) and found[-1][0] > 0 else None


def _with_link(text: str, stamp: Stamp, end: int) -> tuple[Stamp, int]:
    """Take the second of a link whose text the stamp is; the clock that it shows is the truth."""
    link = _LINK_SECOND.match(text, end)
    return (stamp, end) if link is None else (replace(stamp, is_wrapped=True), link.end())


def _match_bare(text: str, at: int, *, is_wrapped: bool) -> tuple[Stamp, int] | None:
    match = _ANY.match(text, at)
    if match is None or not match[0].strip():
        return None
    if not is_wrapped and match["decimal"]:
        return _decimal_range(text, match)
    start_s = _second(match, "a")
    if start_s is None or (match["spelt"] is not None and not match["spelt"].strip()):
        return None
    of_day = match["year"] is not None or match["chat"] is not None or match["ahalf"] is not None
    is_usable = match["chat"] is None or (match["clock"] or "").count(":") == 2
    if match["year"] is not None:
        days = _days(int(match["year"]), int(match["month"]), int(match["day"]))
        if days is None:
            return None
        start_s += DAY_S * days
    form = "clock" if match["clock"] else "decimal" if match["decimal"] else "spelt"
    end_s: float | None = None
    end = match.end()
    until = _END.match(text, end)
    if until is not None and until[0].strip(" -–—=>→~toubis"):
        stated_s = _second(until, "b")
        if stated_s is not None and stated_s >= start_s and not of_day:
            end_s, end = stated_s, until.end()
    return Stamp(start_s, end_s, form, is_usable=is_usable), end


def _decimal_range(text: str, match: re.Match[str]) -> tuple[Stamp, int] | None:
    """Return a bare ``0.00s -> 3.50s``; a bare number without an end is a number."""
    until = _END.match(text, match.end())
    if until is None or not until["decimal"]:
        return None
    start_s, end_s = _second(match, "a"), _second(until, "b")
    if start_s is None or end_s is None or end_s < start_s:
        return None
    return Stamp(start_s, end_s, "decimal"), until.end()


def _days(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return None


def _second(match: re.Match[str], prefix: str) -> float | None:
    if match["clock"]:
        return _clock_second(match["clock"], match[f"{prefix}half"])
    if match["decimal"]:
        decimal_s = float(match["decimal"].removesuffix("s"))
        return decimal_s if decimal_s <= LONGEST_RECORDING_S else None
    hours, minutes, seconds = (match[f"{prefix}{unit}"] for unit in "hms")
    if hours is None and minutes is None and seconds is None:
        return None
    return float((int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0))


def _clock_second(text: str, half: str | None) -> float | None:
    """Return the second of a clock, or of the day where ``half`` is AM or PM."""
    clock = text.removesuffix(half or "").strip()
    second_s = loose_clock_s(clock)
    if second_s is None or half is None:
        return second_s
    if clock.count(":") == 1:
        second_s *= 60.0
    if second_s >= _THIRTEENTH_HOUR_S:
        return second_s
    return second_s % HALF_DAY_S + (HALF_DAY_S if half[0] in "Pp" else 0.0)
