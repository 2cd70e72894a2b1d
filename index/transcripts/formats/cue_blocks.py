"""The blocks that WebVTT and SubRip share: a line with two times, then rows of text."""

import re

from index.errors import MalformedCue
from index.transcripts.formats.lines import Line
from index.transcripts.formats.timestamps import CLOCK, LONGEST_RECORDING_S, clock_s, shown

ARROW = "-->"

_TIMES = re.compile(rf"[ \t]*({CLOCK})[ \t]*-->[ \t]*({CLOCK})(?:[ \t].*)?")
_TIME_LIKE = re.compile(r"[0-9]:[0-9]|\bnan\b", re.IGNORECASE)
_ASIDES = ("NOTE", "STYLE", "REGION")


def timed_blocks(text: str, *, file: str) -> list[Line]:
    """The caption blocks of ``text`` in file order, rows as they stand, markup and all.

    Identifiers, cue numbers, comments and style blocks are left out. Rows may hold blank lines, and blocks need
    none between them, as careless writers have it. A leading blank row is kept (a rolling track means
    something by it), trailing ones are not.

    Raises:
        MalformedCue: two times that cannot be read, are negative, or lie beyond 48 hours.
    """
    rows = text.split("\n")
    timings = [
        (at, times)
        for at, row in enumerate(rows)
        if ARROW in row and (times := _times(rows, at, file)) is not None
    ]
    blocks = []
    for order, (at, (start_s, end_s)) in enumerate(timings, 1):
        until = timings[order][0] if order < len(timings) else len(rows)
        payload = rows[at + 1 : until]
        if order < len(timings):
            _drop_identifier(payload, order)
        blocks.append(Line(at + 1, start_s, end_s, "\n".join(_without_asides(payload))))
    return blocks


def _times(rows: list[str], at: int, file: str) -> tuple[float, float] | None:
    row = rows[at]
    if (match := _TIMES.fullmatch(row)) is not None:
        start_s, end_s = clock_s(match[1]), clock_s(match[2])
        if start_s is not None and end_s is not None and max(start_s, end_s) <= LONGEST_RECORDING_S:
            return start_s, end_s
    opens_block = at == 0 or not rows[at - 1].strip() or rows[at - 1].strip().isdigit()
    if opens_block or _TIME_LIKE.search(row):
        raise MalformedCue(file=file, line=at + 1, received=shown(row))
    return None


def _drop_identifier(payload: list[str], order: int) -> None:
    """Take off the last row where it names the next block rather than being said in this one."""
    if not payload or not payload[-1].strip():
        return
    follows_blank = len(payload) > 1 and not payload[-2].strip()
    if follows_blank or payload[-1].strip() == str(order + 1):
        payload.pop()


def _without_asides(payload: list[str]) -> list[str]:
    while payload and not payload[-1].strip():
        payload.pop()
    if "" not in payload:
        return payload
    kept: list[str] = []
    inside_aside = False
    for at, row in enumerate(payload):
        if row.startswith(_ASIDES) and at and not payload[at - 1] and row.split(maxsplit=1)[0] in _ASIDES:
            inside_aside = True
        elif not row:
            inside_aside = False
        if not inside_aside and (row or not kept):
            kept.append(row)
    return kept
