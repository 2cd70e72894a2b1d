"""From the lines of a caption file to a transcript: turns, speakers, words and their seconds."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.errors import NoSpeech
from index.transcripts.formats.lines import Line
from index.transcripts.formats.speakers import accepted_labels, is_role
from index.transcripts.formats.speech import is_said, is_sound_note, without_notes, words_of
from index.transcripts.model import Cue, Hints, Track, Transcript

_LABEL = re.compile(
    r"(?:^|\n|>>)[ \t]*(?:[-–—>]{1,3}[ \t]*)?"
    r"(?:\[(?P<bracketed>[^\[\]\n:]{1,40})\]:?|"
    r"\(?(?P<name>[^\W\d_][\w.'’&/-]{0,40}(?:[ ][\w.'’&/-]{1,40}){0,5})\)?[ ]?:)(?=\s|$)"
)
_TURN = re.compile(r"(?:^|(?<=\n))[ \t]*[-–—][ \t]?(?=[^\W\d_a-zß-öø-ÿ]|[\"“'\[(¿¡])|>>+")
_SENTENCE_MARK = re.compile(r"[.?!。？！]")
LINES_THAT_SHOW_PUNCTUATION = 20


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a line that one voice says: from ``start`` to ``end``, offsets into the line's text.

    ``marked`` tells that the text marks a turn here; ``cut`` is where that mark begins, 0 where nothing is said
    before it in the line.
    """

    start: int
    end: int
    speaker: str | None = None
    marked: bool = False
    cut: int = 0


def assembled(
    lines: Sequence[Line], *, file: str, format_name: str, track: Track | None, hints: Hints | None = None
) -> Transcript:
    """The transcript that ordered, clean ``lines`` make.

    Sound notes go, cues left empty too. ``>>`` and a dash before a capital open a turn, and so do labels such as
    ``Ada:`` where the file's labels are names; a label holds until the next turn where the file names two people
    or more. A line that holds two turns is parted, its time shared out by characters.

    Raises:
        NoSpeech: no line has a word.
    """
    is_machine_made = track == "auto"
    has_labels = not is_machine_made or any(">>" in line.text for line in lines)
    labels = _labels(lines) if has_labels else frozenset()
    cues = tuple(_cues(lines, labels, is_machine_made))
    if not cues:
        raise NoSpeech(file=file, line=None, format=format_name)
    return Transcript(
        cues=cues,
        format=format_name,
        kind="captions",
        track=track,
        n_segments=len(lines),
        hints=hints or Hints(),
    )


def guessed_track(lines: Sequence[Line]) -> Track | None:
    """``auto`` where twenty lines or more go without a single sentence mark; None otherwise."""
    if len(lines) < LINES_THAT_SHOW_PUNCTUATION:
        return None
    marked = sum(1 for line in lines if _SENTENCE_MARK.search(line.text))
    return "auto" if marked <= 0.01 * len(lines) else None


def _labels(lines: Iterable[Line]) -> frozenset[str]:
    named: list[str] = []
    for line in lines:
        if ":" not in line.text and "[" not in line.text:
            continue
        for match in _LABEL.finditer(line.text):
            label = _label_of(match)
            if label is not None:
                named.append(label)
    return accepted_labels(named)


def _label_of(match: re.Match[str]) -> str | None:
    bracketed = match["bracketed"]
    if bracketed is None:
        return " ".join(match["name"].split())
    has_colon = match[0].rstrip().endswith(":")
    if is_sound_note(bracketed) or not (has_colon or is_role(bracketed)):
        return None
    return " ".join(bracketed.split())


def _cues(lines: Iterable[Line], labels: frozenset[str], is_machine_made: bool) -> Iterator[Cue]:
    lines = list(lines)
    has_word_times = any(line.marks for line in lines)
    label_holds = len(labels) > 1
    current: str | None = None
    before: str | None = None
    pending = False
    latest_s = 0.0
    for line in lines:
        text = without_notes(line.text, every_bracket=is_machine_made) if not labels else line.text
        for stretch in _stretches(line.text, labels):
            if stretch.marked:
                current = stretch.speaker
            speaker = line.speaker or current
            said = text[stretch.start : stretch.end]
            if labels:
                said = without_notes(said, every_bracket=is_machine_made)
            words = words_of(said)
            starts_turn = (
                pending or (stretch.marked and stretch.speaker is None) or speaker not in (before, None)
            )
            pending = pending or (starts_turn and stretch.marked)
            if words and is_said(said):
                cue = _cue(
                    line,
                    stretch,
                    words,
                    speaker=speaker,
                    starts_turn=starts_turn,
                    has_word_times=has_word_times,
                    latest_s=latest_s,
                )
                latest_s = cue.start_s or 0.0
                before, pending = speaker, False
                yield cue
        if not label_holds and line.speaker is None:
            current = None


def _stretches(text: str, labels: frozenset[str]) -> list[_Stretch]:
    if not (labels or ">>" in text or "-" in text or "–" in text or "—" in text):
        return [_Stretch(0, len(text))]
    cuts: dict[int, tuple[int, str | None]] = {}
    for match in _TURN.finditer(text):
        cuts[match.start()] = (match.end(), None)
    if labels and (":" in text or "[" in text):
        for match in _LABEL.finditer(text):
            label = _label_of(match)
            if label in labels:
                for at in range(match.start(), match.end()):
                    cuts.pop(at, None)
                cuts[match.start()] = (match.end(), label)
    if not cuts:
        return [_Stretch(0, len(text))]
    ordered = sorted(cuts.items())
    stretches = [_Stretch(0, ordered[0][0])] if text[: ordered[0][0]].strip() else []
    for order, (cut, (start, label)) in enumerate(ordered):
        end = ordered[order + 1][0] if order + 1 < len(ordered) else len(text)
        stretches.append(_Stretch(start, max(start, end), label, marked=True, cut=cut if stretches else 0))
    return stretches


def _cue(
    line: Line,
    stretch: _Stretch,
    words: list[tuple[int, str]],
    *,
    speaker: str | None,
    starts_turn: bool,
    has_word_times: bool,
    latest_s: float,
) -> Cue:
    end_s = line.end_s if line.end_s is None else max(line.end_s, line.start_s)
    if stretch.end < len(line.text):
        later = bisect_left(line.marks, (stretch.end, 0.0))
        if later < len(line.marks):
            end_s = line.marks[later][1]
        elif end_s is not None:
            end_s = line.second_at(stretch.end)
    word_starts_s: tuple[float, ...] = ()
    if line.marks:
        word_starts_s = _word_starts_s(
            line, stretch.start, words, earliest_s=max(latest_s, line.start_s), end_s=end_s
        )
        start_s = word_starts_s[0]
    else:
        start_s = max(line.second_at(stretch.cut), latest_s)
        if has_word_times and len(words) == 1:
            word_starts_s = (start_s,)
    if end_s is not None:
        end_s = max(end_s, word_starts_s[-1] if word_starts_s else start_s)
    text = " ".join(word for _, word in words)
    return Cue(text, start_s, end_s, speaker, None, word_starts_s, starts_turn)


def _word_starts_s(
    line: Line, offset: int, words: list[tuple[int, str]], *, earliest_s: float, end_s: float | None
) -> tuple[float, ...]:
    """The second of each word, held between the line's first and last one and never falling."""
    marks = line.marks
    last = len(marks) - 1
    at = max(0, bisect_left(marks, (offset, 0.0)) - 1)
    second_s = earliest_s
    starts_s = []
    for word_offset, _ in words:
        position = offset + word_offset
        while at < last and marks[at + 1][0] <= position:
            at += 1
        marked_s = marks[at][1] if end_s is None or marks[at][1] < end_s else end_s
        second_s = max(second_s, marked_s)
        starts_s.append(second_s)
    return tuple(starts_s)
