"""Times in captions: clocks such as ``01:02:03.456``, ranges with an arrow, and numbers, all into seconds."""

import math
import re

from index.errors import MalformedCue

LONGEST_RECORDING_S = 48 * 3600.0
SHOWN_CHARACTERS = 80
FRAMES_A_SECOND = 25.0
"""Of a clock with a fourth part of two digits (``00:01:02:12``) whose file does not say how many frames there are."""

ARROW = r"(?:[-–—−=]{1,3}[ \t]?(?:>|&gt;)|→)"
LOOSE_CLOCK = r"[-−]?[0-9]{1,6}(?:[ \t]?[:：][ \t]?[0-9]{1,3}){0,3}(?:[ \t]?[.,;][ \t]?[0-9]{1,9})?"
"""A clock as people and tools misspell it; what it means, if anything, is for ``loose_clock_s`` to say."""

_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-9]{2})(?:[.,]([0-9]{1,3}))?")
_LOOSE = re.compile(
    r"(?P<sign>[-−]?)(?P<parts>[0-9]{1,6}(?:[:][0-9]{1,3}){0,3})(?:[.,;](?P<fraction>[0-9]{1,9}))?"
)


def clock_s(text: str) -> float | None:
    """Return the seconds of ``hh:mm:ss.mmm``, ``mm:ss,mmm`` and the like; None where ``text`` is no such time.

    Without hours, minutes may pass 59 (podcasts print ``75:10``). A sixtieth second is taken, as rounding makes
    it; a sixtieth minute beside hours is not.
    """
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    n_minutes, n_seconds = int(minutes), int(seconds)
    if n_seconds > 60 or (hours is not None and n_minutes > 59):
        return None
    thousandths = int(fraction.ljust(3, "0")) if fraction else 0
    return (((int(hours or 0) * 60 + n_minutes) * 60 + n_seconds) * 1000 + thousandths) / 1000


def loose_clock_s(text: str) -> float | None:
    """Return the seconds of a clock that ``LOOSE_CLOCK`` matches; None where it is no time or beyond 48 hours.

    Parts may have a single digit, a space inside, or be left out from the left (``7.380`` is seconds); what
    follows a point, a comma or a semicolon is a decimal fraction of any length (``4,8`` is 4.8 s). A fourth part is
    thousandths if it has three digits and frames if it has fewer. A negative time is the start of the recording.

    Example:
        >>> loose_clock_s("0:1:2,15")
        62.15
    """
    seconds = clock_s(text)
    if seconds is not None:
        return seconds if seconds <= LONGEST_RECORDING_S else None
    plain = text.translate(_PLAIN_SIGNS)
    match = _LOOSE.fullmatch("".join(plain.split()))
    if match is None:
        return None
    parts = match["parts"].split(":")
    fraction = match["fraction"] or ""
    if len(parts) == 4:
        last = parts.pop()
        fraction = last if len(last) == 3 else f"{min(int(last) / FRAMES_A_SECOND, 0.999):.3f}"[2:]
    seconds = _clock_of([int(part) for part in parts], fraction)
    if seconds is None or seconds > LONGEST_RECORDING_S:
        return None
    return 0.0 if match["sign"] else seconds


def number_s(value: object, *, file: str, per_second: int = 1) -> float:
    """Return the seconds of a number, or of a text that holds one, in units of which ``per_second`` make a second.

    A text may be a clock, or end in ``s``.

    Raises:
        MalformedCue: no number, not finite, negative or beyond 48 hours.
    """
    seconds = seconds_of(value, per_second=per_second)
    if seconds is None or seconds < 0.0:
        raise MalformedCue(file=file, line=None, received=shown(value))
    return seconds


def seconds_of(value: object, *, per_second: float = 1.0) -> float | None:
    """Return the seconds of a number or of a text with one, or of a clock; None where it is no time up to 48 hours.

    A clock is in seconds whatever ``per_second`` says. A negative time is returned as it is.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        value = value.strip()
        if ":" in value:
            return loose_clock_s(value)
        per_second = 1.0 if value.endswith("s") else per_second
        value = value.removesuffix("s")
    try:
        seconds = float(value) / per_second
    except (ValueError, OverflowError):
        return None
    return round(seconds, 3) if math.isfinite(seconds) and abs(seconds) <= LONGEST_RECORDING_S else None


def shown(value: object) -> str:
    """Return ``value`` as an error may carry it: short, on one line."""
    text = value if isinstance(value, str) else type(value).__name__ if _is_nested(value) else repr(value)
    return " ".join(text[: 4 * SHOWN_CHARACTERS].split())[:SHOWN_CHARACTERS]


def _clock_of(parts: list[int], fraction: str) -> float | None:
    """Return the seconds of clock parts and a decimal fraction; None for a 61st second or a 60th minute."""
    *greater, seconds = parts
    hours, minutes = ([0, 0, *greater])[-2:]
    if (greater and seconds > 60) or (len(greater) > 1 and minutes > 59):
        return None
    thousandths = int(fraction[:3].ljust(3, "0")) if fraction else 0
    return (((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths) / 1000


def _is_nested(value: object) -> bool:
    return isinstance(value, list | dict)


_PLAIN_SIGNS = str.maketrans({"：": ":", "，": ",", "．": ".", "−": "-"})
