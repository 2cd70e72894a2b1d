"""A caption line on its way from the file to a cue, and the order of such lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from index.errors import TimesRunBackwards

MENDABLE_DISORDER_S = 10.0


@dataclass(frozen=True, slots=True)
class Line:
    r"""One caption line.

    Attributes:
        number: the 1-based line of the file that its times stand in, or None.
        start_s: seconds from the start of the recording.
        end_s: seconds, at least ``start_s``, or None.
        text: what it shows, rows parted by ``\n``.
        marks: pairs of an offset into ``text`` and the second from which speech there is heard, both ascending;
            empty where the words have no times of their own.
        speaker: the voice that the file names for the whole line.
    """

    number: int | None
    start_s: float
    end_s: float | None
    text: str
    marks: tuple[tuple[int, float], ...] = ()
    speaker: str | None = None

    def second_at(self, offset: int) -> float:
        """The second at which the character at ``offset`` is shown, if speech runs evenly through the line."""
        if self.end_s is None or not self.text:
            return self.start_s
        return round(self.start_s + (self.end_s - self.start_s) * offset / len(self.text), 3)


def in_order(lines: Sequence[Line], *, file: str) -> list[Line]:
    """``lines`` by ascending start, ties as they came.

    Raises:
        TimesRunBackwards: a line starts more than 10 s before one that the file lists earlier, or ends as much
            before it starts.
    """
    latest_s = 0.0
    disordered = False
    for line in lines:
        if line.start_s < latest_s:
            disordered = True
            if line.start_s < latest_s - MENDABLE_DISORDER_S:
                raise TimesRunBackwards(file=file, line=line.number, before_s=latest_s, after_s=line.start_s)
        else:
            latest_s = line.start_s
        if line.end_s is not None and line.end_s < line.start_s - MENDABLE_DISORDER_S:
            raise TimesRunBackwards(file=file, line=line.number, before_s=line.start_s, after_s=line.end_s)
    return sorted(lines, key=lambda line: line.start_s) if disordered else list(lines)


def ends_clipped(lines: Iterable[Line]) -> list[Line]:
    """Ordered ``lines``, each ended where the next begins: for formats that store how long a line is *shown*."""
    clipped: list[Line] = []
    for line in lines:
        if (
            clipped
            and (end_s := clipped[-1].end_s) is not None
            and clipped[-1].start_s < line.start_s < end_s
        ):
            clipped[-1] = replace(clipped[-1], end_s=line.start_s)
        clipped.append(line)
    return clipped
