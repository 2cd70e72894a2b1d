"""Prose with turns, Markdown or plain, to cues: paragraphs, chapters, and times put right."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.errors import MalformedCue, TimesRunBackwards
from index.transcripts.formats.lines import MENDABLE_DISORDER_S
from index.transcripts.formats.markdown import heading_of, is_furniture, plain_text
from index.transcripts.formats.speech import spoken
from index.transcripts.formats.timestamps import LONGEST_RECORDING_S
from index.transcripts.formats.turns import Label, time_mark
from index.transcripts.model import Cue

OUTLIERS_FORGIVEN = 0.02

_NO_CHAPTER = re.compile(r"(?:full |episode |the |edited )?transcript(?:ion)?:?", re.IGNORECASE)
_NOT_SPEECH = re.compile(
    r"(?:show ?notes|links?(?: from the (?:show|episode))?|references|foot ?notes|notes|resources|further reading|"
    r"credits|where to find .*|referenced):?",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Paragraph:
    """A paragraph as it is gathered from the file. ``line`` is 1-based."""

    line: int
    speaker: str | None
    chapter: str | None
    start_s: float | None
    starts_turn: bool
    text: str = ""


def paragraphs(
    lines: Sequence[str], labels: Mapping[int, Label], *, first: int, chapter: str | None, lines_before: int
) -> list[Paragraph]:
    """The paragraphs of ``lines`` from index ``first`` on, each with the turn and the chapter that it stands in.

    A section that is headed as show notes, links, references or the like is no speech and is passed over until
    the next heading or label.
    """
    found: list[Paragraph] = []
    now: Paragraph | None = None
    speaker: str | None = None
    second_s: float | None = None
    opens_turn = False
    is_speech = True
    for at in range(first, len(lines)):
        line = lines[at]
        label = labels.get(at)
        heading = heading_of(line) if label is None else None
        mark = time_mark(line) if label is None and heading is None else None
        if heading is not None:
            is_speech = _NOT_SPEECH.fullmatch(heading[1]) is None
            chapter = chapter if _NO_CHAPTER.fullmatch(heading[1]) or not is_speech else heading[1] or None
        if label is not None:
            is_speech, speaker, second_s, opens_turn = True, label.name, label.start_s, True
        elif mark is not None:
            second_s = mark.start_s
        if label is not None or heading is not None or mark is not None or not line.strip():
            now = None
        text = label.rest if label else mark.rest if mark else "" if heading else line
        if not is_speech or not text.strip() or is_furniture(text):
            continue
        if now is None:
            now = Paragraph(lines_before + at + 1, speaker, chapter, second_s, opens_turn)
            found.append(now)
            second_s, opens_turn = None, False
        now.text += f"\n{text}" if now.text else text
    return found


def cues_of(found: Iterable[Paragraph], *, file: str, is_markdown: bool) -> tuple[Cue, ...]:
    """The cues of ``found`` with words; a cue ends where the next one starts, if that one knows when.

    Raises:
        MalformedCue: a time beyond 48 hours; TimesRunBackwards: as ``settle`` says.
    """
    said = []
    for paragraph in found:
        text = (
            "\n".join(plain_text(row) for row in paragraph.text.split("\n"))
            if is_markdown
            else paragraph.text
        )
        words = spoken(" ".join(text.split()))
        if words:
            said.append((paragraph, words))
    starts_s = settle([(paragraph.line, paragraph.start_s) for paragraph, _ in said], file=file)
    ends_s = [*starts_s, None][1:]
    return tuple(
        Cue(
            words,
            start_s,
            None if start_s is None else end_s,
            paragraph.speaker,
            paragraph.chapter,
            starts_turn=paragraph.starts_turn,
        )
        for (paragraph, words), start_s, end_s in zip(said, starts_s, ends_s, strict=True)
    )


def settle(marks: Sequence[tuple[int, float | None]], *, file: str) -> list[float | None]:
    """The seconds of ``marks`` (line, second), never falling; the text's order is the truth, not the times'.

    A step back of up to 10 s is a rounding and becomes the second before it. Of the others up to 2 % may be
    slips of the pen and become None.

    Raises:
        TimesRunBackwards: more of them; MalformedCue: a time beyond 48 hours.
    """
    known = [(at, line, second_s) for at, (line, second_s) in enumerate(marks) if second_s is not None]
    for _, line, second_s in known:
        if second_s > LONGEST_RECORDING_S:
            raise MalformedCue(file=file, line=line, received=f"{second_s:.0f}")
    levelled_s = _levelled([second_s for _, _, second_s in known])
    rising = _longest_rising(levelled_s)
    if len(known) - len(rising) > OUTLIERS_FORGIVEN * len(known):
        _refuse_backward_run(known, file)
    settled: list[float | None] = [None] * len(marks)
    for order in rising:
        settled[known[order][0]] = levelled_s[order]
    return settled


def _levelled(seconds: Sequence[float]) -> list[float]:
    """``seconds`` with each small step back raised to the second before it."""
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


def _longest_rising(seconds: Sequence[float]) -> set[int]:
    """The places of a longest run of ``seconds`` that never falls."""
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
