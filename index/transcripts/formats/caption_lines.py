"""A caption line on its way from the file to a cue, and the order of such lines."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.errors import TimesRunBackwards, TooManyCues
from index.transcripts.formats.sound_notes import is_said
from index.transcripts.formats.timestamps import shown
from index.transcripts.model import Skipped

MENDABLE_DISORDER_S = 10.0
"""A step back of up to this many seconds is careless order, not another recording."""

STRAYS_FORGIVEN = 0.02
"""The share of captions that may lie elsewhere in time, and one in any case: adverts put in by collectors."""

FEWEST_BESIDE_A_STRAY = 2
MOST_CUES = 300_000
"""Twice the captions of 48 hours at one a second: more is no conversation."""


@dataclass(frozen=True, slots=True)
class CaptionLine:
    r"""One caption.

    Attributes:
        number: the 1-based line of the file that its times stand in, or None.
        start_s: seconds from the start of the recording.
        end_s: seconds, or None.
        text: what it shows, rows parted by ``\n``.
        marks: pairs of an offset into ``text`` and the second from which speech there is heard, both ascending;
            empty where the words have no times of their own.
        speaker: the voice that the file names for the whole line.
        opens_turn: True where the file marks another voice without a name.
    """

    number: int | None
    start_s: float
    end_s: float | None
    text: str
    marks: tuple[tuple[int, float], ...] = ()
    speaker: str | None = None
    opens_turn: bool = False

    def second_at(self, offset: int) -> float:
        """Return the second at which the character at ``offset`` is shown, if speech runs evenly through the line."""
        if self.end_s is None or not self.text:
            return self.start_s
        return round(self.start_s + (self.end_s - self.start_s) * offset / len(self.text), 3)


def in_order(lines: Sequence[CaptionLine], *, file: str) -> tuple[list[CaptionLine], list[Skipped]]:
    """Return ``lines`` by ascending start, ties as they came, and the strays that lie elsewhere in time.

    Captions without a letter are dropped where they are out of order. Of the others, 2 % may start more than 10 s
    before a caption that the file lists earlier, and one if there are two beside it; they are left out. One that
    ends before it starts keeps its start alone.

    Raises:
        TimesRunBackwards: more strays; TooManyCues: above ``MOST_CUES``.
    """
    check_number_of_cues(len(lines), file=file)
    lines = [
        replace(line, end_s=None) if line.end_s is not None and line.end_s < line.start_s else line
        for line in lines
    ]
    if _is_rising(lines):
        return lines, []
    lines = [line for line in lines if is_said(line.text)]
    strays = _strays(lines)
    if len(strays) > max(1, STRAYS_FORGIVEN * len(lines)) or (
        strays and len(lines) - len(strays) < FEWEST_BESIDE_A_STRAY
    ):
        _refuse(lines, file)
    skipped = [Skipped(lines[at].number, "order", shown(lines[at].text)) for at in sorted(strays)]
    kept = [line for at, line in enumerate(lines) if at not in strays]
    return sorted(kept, key=lambda line: line.start_s), skipped


def ends_clipped(lines: Iterable[CaptionLine]) -> list[CaptionLine]:
    """End each of the ordered ``lines`` where the next begins: for formats that store how long a line is *shown*."""
    clipped: list[CaptionLine] = []
    for line in lines:
        if (
            clipped
            and (end_s := clipped[-1].end_s) is not None
            and clipped[-1].start_s < line.start_s < end_s
        ):
            clipped[-1] = replace(clipped[-1], end_s=line.start_s)
        clipped.append(line)
    return clipped


def check_number_of_cues(number: int, *, file: str) -> None:
    """Check that there are no more than ``MOST_CUES``.

    Raises:
        TooManyCues: there are.
    """
    if number > MOST_CUES:
        raise TooManyCues(file=file, line=None, limit=MOST_CUES)


def longest_rising(seconds: Sequence[float]) -> set[int]:
    """Return the places of a longest run of ``seconds`` that never falls."""
    tails: list[float] = []
    tail_at: list[int] = []
    before: list[int] = []
    for at, second_s in enumerate(seconds):
        place = bisect_right(tails, second_s)
        before.append(tail_at[place - 1] if place else -1)
        if place == len(tails):
            tails.append(second_s)
            tail_at.append(at)
        else:
            tails[place], tail_at[place] = second_s, at
    chosen: set[int] = set()
    at = tail_at[-1] if tail_at else -1
    while at >= 0:
        chosen.add(at)
        at = before[at]
    return chosen


def _is_rising(lines: Sequence[CaptionLine]) -> bool:
    return all(before.start_s <= after.start_s for before, after in pairwise(lines))


def _strays(lines: Sequence[CaptionLine]) -> set[int]:
    """Return the places of the lines that no sorting within ``MENDABLE_DISORDER_S`` puts into order.

    A last one that starts before all others is a stray in any case: collectors put their adverts there.
    """
    levelled: list[float] = []
    latest_s = 0.0
    for line in lines:
        is_step_back = latest_s - MENDABLE_DISORDER_S <= line.start_s < latest_s
        latest_s = latest_s if is_step_back else line.start_s
        levelled.append(latest_s)
    strays = set(range(len(lines))) - longest_rising(levelled)
    if len(lines) > FEWEST_BESIDE_A_STRAY and all(line.start_s > lines[-1].start_s for line in lines[:-1]):
        strays.add(len(lines) - 1)
    return strays


def _refuse(lines: Sequence[CaptionLine], file: str) -> None:
    latest_s = 0.0
    for line in lines:
        if line.start_s < latest_s - MENDABLE_DISORDER_S:
            raise TimesRunBackwards(file=file, line=line.number, before_s=latest_s, after_s=line.start_s)
        latest_s = max(latest_s, line.start_s)
