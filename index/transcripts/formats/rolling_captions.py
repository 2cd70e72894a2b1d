"""Undoing rolling captions, where each line is shown again above the next one.

YouTube's automatic tracks show two rows: the line before, and the one being spoken. Between two lines stands a
cue of 10 ms that shows the finished line alone. Read as they stand, every word comes two or three times.
Comparing neighbouring texts and dropping what is equal would mend that and delete honest repeats with it; here
a row goes only where it is *still* on the screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.transcripts.formats.caption_lines import CaptionLine
from index.transcripts.formats.markup import has_word_times, untagged

FLASH_S = 0.05
MOST_ROWS = 8
STILL_SHOWN_S = 0.5
LEAST_EVIDENCE = 2
LEAST_SHARE = 0.3


def has_timed_words(lines: Sequence[CaptionLine]) -> bool:
    """Return True where any of the raw ``lines`` has times between its words."""
    return any(has_word_times(line.text) for line in lines)


def unrolled(lines: Sequence[CaptionLine]) -> tuple[list[CaptionLine], bool]:
    """Return raw ordered ``lines`` with each spoken row once, and whether they rolled at all.

    A track that does not roll comes back as it is: rolling must show in at least 30 % of its lines, and in two,
    by a row carried up, a flash of 10 ms, or a row that grows.
    """
    fresh: list[CaptionLine] = []
    evidence = 0
    shown: _Screen | None = None
    for line in lines:
        screen = _screen(line)
        carried, is_evidence, remainder = _carried(shown, screen)
        evidence += is_evidence
        rows = screen.raw[carried:]
        if remainder is not None:
            rows = (remainder, *rows)
        text = "\n".join(rows)
        if text and not text.isspace():
            fresh.append(
                line
                if text == line.text
                else CaptionLine(line.number, line.start_s, line.end_s, text, (), line.speaker)
            )
        elif fresh and carried and _is_restyled(shown, screen):
            fresh[-1] = replace(fresh[-1], end_s=line.end_s)
        if screen.rows:
            shown = screen
    if evidence >= LEAST_EVIDENCE and evidence >= LEAST_SHARE * len(lines):
        return fresh, True
    return list(lines), False


@dataclass(frozen=True, slots=True)
class _Screen:
    raw: tuple[str, ...]
    rows: tuple[str, ...]
    start_s: float
    end_s: float


def _is_restyled(before: _Screen | None, now: _Screen) -> bool:
    """Return True where the same rows are shown on, say with another word highlighted; a flash is no such thing."""
    return before is not None and now.rows == before.rows and now.end_s - now.start_s > FLASH_S


def _screen(line: CaptionLine) -> _Screen:
    raw = line.text.split("\n")
    rows = [untagged(row) for row in raw]
    while rows and not rows[-1]:
        rows.pop()
        raw.pop()
    return _Screen(tuple(raw), tuple(rows), line.start_s, line.start_s if line.end_s is None else line.end_s)


def _carried(before: _Screen | None, now: _Screen) -> tuple[int, bool, str | None]:
    """Return how many first rows of ``now`` were shown before, whether that is rolling, and what a row grew by."""
    if before is None or not now.rows or not now.rows[0] or now.start_s > before.end_s + STILL_SHOWN_S:
        return 0, False, None
    for count in range(min(len(before.rows), len(now.rows), MOST_ROWS), 0, -1):
        if now.rows[:count] == before.rows[-count:] and not any(
            has_word_times(row) for row in now.raw[:count]
        ):
            is_flash = min(now.end_s - now.start_s, before.end_s - before.start_s) <= FLASH_S
            is_restyled = now.raw[:count] != before.raw[-count:]
            return count, count < len(now.rows) or is_flash or is_restyled, None
    last, first = before.rows[-1], now.rows[0]
    if last and first.startswith(last + " ") and not has_word_times(now.raw[0]):
        return 1, True, first[len(last) + 1 :]
    return 0, False, None
