"""Reading times: clock texts such as ``01:02:03.456`` and bare numbers, both into seconds."""

import math
import re

from index.errors import MalformedCue

LONGEST_RECORDING_S = 48 * 3600.0
SHOWN_CHARACTERS = 80

CLOCK = r"(?:[0-9]{1,3}:)?[0-9]{1,3}:[0-9]{2}(?:[.,][0-9]{1,3})?"

_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-9]{2})(?:[.,]([0-9]{1,3}))?")


def clock_s(text: str) -> float | None:
    """Seconds of ``hh:mm:ss.mmm``, ``mm:ss,mmm`` and the like; None where ``text`` is no such time.

    Without hours, minutes may pass 59 (podcasts print ``75:10``). A sixtieth second is taken, as rounding makes
    it; a sixtieth minute beside hours is not.
    """
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    if int(seconds) > 60 or (hours is not None and int(minutes) > 59):
        return None
    thousandths = int(fraction.ljust(3, "0")) if fraction else 0
    return (((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + thousandths) / 1000


def number_s(value: object, *, file: str, line: int | None = None, per_second: int = 1) -> float:
    """Seconds of a number, or of a text that holds one, in units of which ``per_second`` make a second.

    Raises:
        MalformedCue: no number, not finite, negative or beyond 48 hours.
    """
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            seconds = float(value) / per_second
        except (ValueError, OverflowError):
            seconds = math.nan
        if 0.0 <= seconds <= LONGEST_RECORDING_S:
            return round(seconds, 3)
    raise MalformedCue(file=file, line=line, received=shown(value))


def shown(value: object) -> str:
    """``value`` as an error may carry it: short, on one line."""
    text = value if isinstance(value, str) else type(value).__name__ if _is_nested(value) else repr(value)
    return " ".join(text[: 4 * SHOWN_CHARACTERS].split())[:SHOWN_CHARACTERS]


def _is_nested(value: object) -> bool:
    return isinstance(value, list | dict)
