"""What YouTube's own formats (json3, srv2, srv3) share: lines built from pieces, some appended later."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from index.transcripts.formats.caption_lines import CaptionLine


@dataclass(slots=True)
class LineBuilder:
    """Collects events in file order and gives the lines they make."""

    _texts: list[str] = field(default_factory=list)
    _times: list[tuple[float, float | None]] = field(default_factory=list)
    _marks: list[list[tuple[int, float]]] = field(default_factory=list)
    _is_open: bool = False

    def add(
        self,
        start_s: float,
        duration_s: float | None,
        pieces: Sequence[tuple[str, float | None]],
        *,
        appends: bool,
    ) -> None:
        """Take one event.

        Args:
            start_s: of the event.
            duration_s: how long it is shown, or None.
            pieces: its texts, each with the seconds from the event's start at which it is heard, or None.
            appends: the event goes on with the line before it; a line break there ends that line.
        """
        text = "".join(piece for piece, _ in pieces)
        if not text.strip():
            self._is_open = self._is_open and "\n" not in text
            return
        if appends and self._is_open and not text.startswith("\n"):
            self._extend(start_s, duration_s, pieces)
            return
        self._texts.append("")
        self._times.append((start_s, duration_s))
        self._marks.append([])
        self._put(start_s, pieces, timed=len(pieces) > 1 and any(offset for _, offset in pieces))
        self._is_open = not text.endswith("\n")

    def lines(self) -> list[CaptionLine]:
        """Return the lines so far, in the order of the file."""
        return [
            CaptionLine(
                None,
                start_s,
                None if duration_s is None else round(start_s + duration_s, 3),
                text,
                tuple(marks),
            )
            for text, (start_s, duration_s), marks in zip(self._texts, self._times, self._marks, strict=True)
        ]

    def _extend(
        self, start_s: float, duration_s: float | None, pieces: Sequence[tuple[str, float | None]]
    ) -> None:
        line_start_s, line_duration_s = self._times[-1]
        if not self._marks[-1]:
            self._marks[-1].append((0, line_start_s))
        self._put(start_s, pieces, timed=True)
        if duration_s is not None:
            end_s = max(line_start_s + (line_duration_s or 0.0), start_s + duration_s)
            self._times[-1] = (line_start_s, max(0.0, end_s - line_start_s))

    def _put(self, start_s: float, pieces: Sequence[tuple[str, float | None]], *, timed: bool) -> None:
        for piece, offset_s in pieces:
            if timed:
                self._marks[-1].append((len(self._texts[-1]), round(start_s + (offset_s or 0.0), 3)))
            self._texts[-1] += piece
