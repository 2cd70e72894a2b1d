"""From lines whose parts are known to paragraphs, each with its speaker, second and chapter, and to cues."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from index.errors import MalformedCue, TimesRunBackwards
from index.transcripts.formats.caption_lines import (
    MENDABLE_DISORDER_S,
    check_number_of_cues,
    longest_rising,
)
from index.transcripts.formats.published.lines import TextLine
from index.transcripts.formats.published.structure import Structure
from index.transcripts.formats.sound_notes import spoken
from index.transcripts.formats.timestamps import LONGEST_RECORDING_S, shown
from index.transcripts.model import Cue, Skipped

MOST_OUTLIERS = 0.2
"""The share of stamps that may lie elsewhere in time: slips of the pen, which then tell no second."""

FEWEST_RISING = 0.6
"""Where fewer stamps than this share are in order they are no clock of the text, which then is read without them."""

EARLIEST_HOUR_S = 6 * 3600.0
"""A first clock from six in the morning on, in a text of less than that many hours, is the time of the day."""

_NO_CHAPTER = re.compile(r".{0,60}transcript(?:ion)?:?", re.IGNORECASE)
_CHEVRONS = re.compile(r"(?:^|(?<=\s))>>+(?=\s|$|[^\W\d_])[ \t]*")


@dataclass(slots=True)
class Paragraph:
    """A paragraph as it is gathered from the file. ``line`` is 1-based."""

    line: int
    speaker: str | None
    chapter: str | None
    start_s: float | None
    end_s: float | None
    starts_turn: bool
    rows: list[str] = field(default_factory=list)


def paragraphs(lines: Sequence[TextLine], structure: Structure) -> list[Paragraph]:
    """Return the paragraphs of the speech, each with the turn and the chapter that it stands in.

    A stamp without words, a heading's, or one beside a name, is the second of the words after it.
    """
    reader = _Reader(lines, structure)
    for at in range(structure.first, len(lines)):
        reader.take(at)
    found = [paragraph for paragraph in reader.found if any(paragraph.rows)]
    return _parted(found) if len(found) == 1 and not structure.labelled else found


def cues_of(found: Sequence[Paragraph], *, file: str) -> tuple[tuple[Cue, ...], list[Skipped]]:
    """Return the cues of ``found`` with words, and the stamps that were not used because they lie out of order.

    A cue ends where its stamp says, or where the next one starts, if that one knows when.

    Raises:
        MalformedCue: a time beyond 48 hours; TimesRunBackwards: as ``settled`` says; TooManyCues.
    """
    said = [
        (paragraph, words)
        for paragraph in found
        if (words := spoken(" ".join(" ".join(paragraph.rows).split())))
    ]
    check_number_of_cues(len(said), file=file)
    marks = _from_first([(paragraph.line, paragraph.start_s) for paragraph, _ in said])
    starts_s = settled(marks, file=file)
    skipped = [
        Skipped(paragraph.line, "order", shown(words))
        for (paragraph, words), (_, second_s), start_s in zip(said, marks, starts_s, strict=True)
        if second_s is not None and start_s is None
    ]
    nexts_s = [*starts_s, None][1:]
    cues = tuple(
        Cue(
            words,
            start_s,
            _end_s(paragraph, start_s, next_s),
            paragraph.speaker,
            paragraph.chapter,
            starts_turn=paragraph.starts_turn,
        )
        for (paragraph, words), start_s, next_s in zip(said, starts_s, nexts_s, strict=True)
    )
    return cues, skipped


def settled(marks: Sequence[tuple[int, float | None]], *, file: str) -> list[float | None]:
    """Return the seconds of ``marks`` (line, second), never falling; the text's order is the truth, not the times'.

    A step back of up to 10 s is a rounding and becomes the second before it. Of the others up to a fifth may be
    slips of the pen and become None. Where two fifths are out of order, as in notes that quote from all over a
    recording, all become None.

    Raises:
        TimesRunBackwards: between a fifth and two fifths; MalformedCue: a time beyond 48 hours.
    """
    known = [(at, line, second_s) for at, (line, second_s) in enumerate(marks) if second_s is not None]
    for _, line, second_s in known:
        if second_s > LONGEST_RECORDING_S:
            raise MalformedCue(file=file, line=line, received=f"{second_s:.0f}")
    levelled_s = _levelled([second_s for _, _, second_s in known])
    rising = longest_rising(levelled_s)
    result: list[float | None] = [None] * len(marks)
    if len(rising) < FEWEST_RISING * len(known):
        return result
    if len(known) - len(rising) > MOST_OUTLIERS * len(known):
        _refuse_backward_run(known, file)
    for order in rising:
        result[known[order][0]] = levelled_s[order]
    return result


class _Reader:
    """Walks the lines of the speech and gathers them into paragraphs."""

    def __init__(self, lines: Sequence[TextLine], structure: Structure) -> None:
        self.lines = lines
        self.structure = structure
        self.found: list[Paragraph] = []
        self.now: Paragraph | None = None
        self.speaker: str | None = None
        self.chapter: str | None = self._chapter_at(structure.first - 1)
        self.start_s: float | None = None
        self.end_s: float | None = None
        self.opens_turn = False

    def take(self, at: int) -> None:
        """Take the line at ``at``."""
        line, structure = self.lines[at], self.structure
        is_labelled, is_stamped = at in structure.labelled, at in structure.stamped
        if at in structure.asides or line.is_blank:
            self.now = None
            return
        if at in structure.chapters:
            self.now = None
            self.chapter = self._chapter_at(at)
            self._take_second_of_title(at)
        if is_labelled:
            self.speaker, self.opens_turn = structure.labelled[at], True
        if is_stamped and line.stamp is not None:
            self.start_s, self.end_s = line.stamp.start_s, line.stamp.end_s
        if is_labelled or is_stamped:
            self.now = None
        if at in structure.chapters or at in structure.marks:
            return
        text = line.said(with_stamp=is_stamped, with_label=is_labelled)
        if is_stamped and (chevrons := _CHEVRONS.match(text)) is not None:
            text, self.opens_turn = text[chevrons.end() :], True
        # A stamp tells the second of its first words alone, so what it opens is left whole.
        parts = _CHEVRONS.split(text) if ">>" in text and not structure.stamped else [text]
        for order, part in enumerate(parts):
            if order:
                self.now, self.opens_turn, self.speaker = None, True, None
            if part:
                self._add(line, part)

    def _add(self, line: TextLine, text: str) -> None:
        if self.now is None or (line.is_item and line.follows_blank):
            self.now = Paragraph(
                line.number, self.speaker, self.chapter, self.start_s, self.end_s, self.opens_turn
            )
            self.found.append(self.now)
            self.start_s = self.end_s = None
            self.opens_turn = False
        self.now.rows.append(text)

    def _chapter_at(self, at: int) -> str | None:
        title = self.structure.chapters.get(at, "")
        return title if title and not _NO_CHAPTER.fullmatch(title) else None

    def _take_second_of_title(self, at: int) -> None:
        """Take the second that the table of contents gives the heading, if nothing in the speech is stamped."""
        title = self.structure.chapters.get(at, "").casefold()
        second_s = self.structure.starts_of_titles.get(title)
        if second_s is not None and not self.structure.stamped:
            self.start_s, self.end_s = second_s, None


def _parted(found: Sequence[Paragraph]) -> list[Paragraph]:
    """Return the lines of a text that has no blank line at all, each as a paragraph of its own."""
    only = found[0]
    return [
        Paragraph(
            only.line + at,
            only.speaker,
            only.chapter,
            None if at else only.start_s,
            None if at else only.end_s,
            only.starts_turn and not at,
            [row],
        )
        for at, row in enumerate(only.rows)
    ]


def _end_s(paragraph: Paragraph, start_s: float | None, next_s: float | None) -> float | None:
    if start_s is None:
        return None
    if paragraph.end_s is not None and paragraph.start_s == start_s:
        return paragraph.end_s
    return next_s


def _from_first(marks: Sequence[tuple[int, float | None]]) -> list[tuple[int, float | None]]:
    """Return ``marks`` from the start of the recording where they are times of the day, with or without a date."""
    seconds = [second_s for _, second_s in marks if second_s is not None]
    if len(seconds) < 2:
        return list(marks)
    first_s, longest_s = seconds[0], max(seconds) - seconds[0]
    if first_s < EARLIEST_HOUR_S or longest_s >= EARLIEST_HOUR_S:
        return list(marks)
    return [(line, None if second_s is None else max(0.0, second_s - first_s)) for line, second_s in marks]


def _levelled(seconds: Sequence[float]) -> list[float]:
    """Return ``seconds`` with each small step back raised to the second before it."""
    levelled: list[float] = []
    for second_s in seconds:
        is_step_back = bool(levelled) and levelled[-1] - MENDABLE_DISORDER_S <= second_s < levelled[-1]
        levelled.append(levelled[-1] if is_step_back else second_s)
    return levelled


def _refuse_backward_run(known: Sequence[tuple[int, int, float]], file: str) -> None:
    latest_s = 0.0
    for _, line, second_s in known:
        if second_s < latest_s - MENDABLE_DISORDER_S:
            raise TimesRunBackwards(file=file, line=line, before_s=latest_s, after_s=second_s)
        latest_s = max(latest_s, second_s)
