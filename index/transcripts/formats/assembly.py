"""From the lines of a caption file to a transcript: turns, speakers, words and their seconds."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.errors import NoSpeech, TooManyWords
from index.transcripts.formats.caption_lines import CaptionLine, check_number_of_cues
from index.transcripts.formats.sound_notes import is_said, is_sound_note, without_notes, words_of
from index.transcripts.formats.speakers import (
    LABEL,
    WIDE,
    accepted_labels,
    is_name_shaped,
    is_role,
    spelt_out,
)
from index.transcripts.model import Cue, Hints, Skipped, Track, Transcript

MOST_WORDS = 2_000_000
"""Three times what is said in 48 hours."""

_LABEL = re.compile(
    r"(?:^|(?<=\n)|>>)[ \t]{0,20}(?:[-–—>]{1,3}[ \t]{0,20})?"
    r"(?:[\[【](?P<bracketed>[^\[\]【】\n:]{1,40})[\]】][ ]?[:：]?|"
    rf"(?P<round>\()?(?P<name>{LABEL})(?(round)\))[ ]?:(?=\s|$|{WIDE.pattern})|(?P<wide>{LABEL})[ ]?：)"
)
_TURN = re.compile(r"(?:^|(?<=\n))[ \t]{0,20}[-–—][ \t]?(?=[^\W\d_a-zß-öø-ÿ]|[\"“'\[(¿¡])|>>+")
_SENTENCE_MARK = re.compile(r"[.?!。？！]")
LINES_THAT_SHOW_PUNCTUATION = 20


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a line that one voice says: from ``start`` to ``end``, offsets into the line's text.

    ``marked`` tells that the text marks a turn here; ``cut`` is where that mark begins, 0 where nothing is said
    before it in the line; ``is_bracketed`` that the speaker's label stands in brackets without a colon.
    """

    start: int
    end: int
    speaker: str | None = None
    marked: bool = False
    cut: int = 0
    is_bracketed: bool = False


def assembled(
    lines: Sequence[CaptionLine],
    *,
    file: str,
    format_name: str,
    track: Track | None,
    hints: Hints | None = None,
    skipped: Iterable[Skipped] = (),
) -> Transcript:
    """Return the transcript that ordered, clean ``lines`` make.

    Sound notes go, cues left empty too. ``>>`` and a dash before a capital open a turn, and so do labels such as
    ``Ada:`` or ``[Ada]`` where the file's labels are names; a label holds until the next turn where the file names
    two people or more. A line that holds two turns is parted, its time shared out by characters.

    Raises:
        NoSpeech: no line has a word; TooManyCues, TooManyWords: above the limits.
    """
    is_machine_made = track == "auto"
    labels = _labels(lines, roles_alone=is_machine_made and not any(">>" in line.text for line in lines))
    cues: list[Cue] = []
    n_words = 0
    for cue in _cues(lines, labels, is_machine_made):
        cues.append(cue)
        n_words += cue.text.count(" ") + 1
        check_number_of_cues(len(cues), file=file)
        if n_words > MOST_WORDS:
            raise TooManyWords(file=file, line=None, limit=MOST_WORDS)
    if not cues:
        raise NoSpeech(file=file, line=None, format=format_name)
    skipped = tuple(skipped)
    return Transcript(
        cues=tuple(cues),
        format=format_name,
        kind="captions",
        track=track,
        n_segments=len(lines),
        hints=hints or Hints(),
        skipped=skipped,
        n_stamps=len(lines) + len(skipped),
    )


def guessed_track(lines: Sequence[CaptionLine]) -> Track | None:
    """Return ``auto`` where twenty lines or more go without a single sentence mark; None otherwise."""
    if len(lines) < LINES_THAT_SHOW_PUNCTUATION:
        return None
    marked = sum(1 for line in lines if _SENTENCE_MARK.search(line.text))
    return "auto" if marked <= 0.01 * len(lines) else None


def _labels(lines: Sequence[CaptionLine], *, roles_alone: bool) -> dict[str, str]:
    """Return names of speakers by their labels; a machine's track without turn marks has but ``SPEAKER_00``."""
    bracketed: Counter[str] = Counter()
    said: set[str] = set()
    named: list[str] = []
    for line in lines:
        if not _may_hold_label(line.text):
            continue
        for match in _LABEL.finditer(line.text):
            label, has_colon = _label_of(match)
            if label is None or (roles_alone and not is_role(label)):
                continue
            if has_colon or is_role(label):
                named.append(label)
            else:
                bracketed[label] += 1
                if line.text[match.end() :].partition("\n")[0].strip():
                    said.add(label)
    # A name in brackets may be an insertion or a sound that is not known; as a label it recurs, or others do.
    shaped = {label for label in bracketed if is_name_shaped(label)}
    recurring = {label for label in shaped if bracketed[label] > 1}
    surely = recurring | (shaped & said if recurring else set())
    accepted = accepted_labels([*named, *surely], n_openings=len(lines), surely=surely)
    names = spelt_out(accepted)
    return {label: names.get(label, label) for label in accepted}


def _may_hold_label(text: str) -> bool:
    return ":" in text or "[" in text or "：" in text or "【" in text


def _label_of(match: re.Match[str]) -> tuple[str | None, bool]:
    """Return the label, or None where it is no speaker's, and whether a colon follows it."""
    bracketed = match["bracketed"]
    if bracketed is None:
        return " ".join((match["name"] or match["wide"]).split()), True
    if is_sound_note(bracketed) or not is_said(bracketed):
        return None, False
    return " ".join(bracketed.split()), match[0].rstrip().endswith((":", "："))


def _cues(lines: Iterable[CaptionLine], labels: Mapping[str, str], is_machine_made: bool) -> Iterator[Cue]:
    lines = list(lines)
    has_word_times = any(line.marks for line in lines)
    label_holds = len(labels) > 1
    current: str | None = None
    before: str | None = None
    is_bracketed = False
    pending = False
    latest_s = 0.0
    for line in lines:
        if line.opens_turn:
            current, pending = None, True
        elif is_bracketed and line.text.lstrip()[:1] == "[":
            # Where names stand in brackets, another note in its place tells of somebody who is not named.
            current = None
        text = without_notes(line.text, every_bracket=is_machine_made) if not labels else line.text
        for stretch in _stretches(line.text, labels):
            if stretch.marked:
                current, is_bracketed = stretch.speaker, stretch.is_bracketed
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


def _stretches(text: str, labels: Mapping[str, str]) -> list[_Stretch]:
    if not (labels or ">>" in text or "-" in text or "–" in text or "—" in text):
        return [_Stretch(0, len(text))]
    cuts: dict[int, tuple[int, str | None, bool]] = {}
    for match in _TURN.finditer(text):
        cuts[match.start()] = (match.end(), None, False)
    if labels and _may_hold_label(text):
        for match in _LABEL.finditer(text):
            label, has_colon = _label_of(match)
            if label is not None and label in labels:
                for at in range(match.start(), match.end()):
                    cuts.pop(at, None)
                cuts[match.start()] = (match.end(), labels[label], not has_colon)
    if not cuts:
        return [_Stretch(0, len(text))]
    ordered = sorted(cuts.items())
    stretches = [_Stretch(0, ordered[0][0])] if text[: ordered[0][0]].strip() else []
    for order, (cut, (start, label, is_bracketed)) in enumerate(ordered):
        end = ordered[order + 1][0] if order + 1 < len(ordered) else len(text)
        stretches.append(_Stretch(start, max(start, end), label, True, cut if stretches else 0, is_bracketed))
    return stretches


def _cue(
    line: CaptionLine,
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
    text = " ".join([word for _, word in words])
    return Cue(text, start_s, end_s, speaker, None, word_starts_s, starts_turn)


def _word_starts_s(
    line: CaptionLine, offset: int, words: list[tuple[int, str]], *, earliest_s: float, end_s: float | None
) -> tuple[float, ...]:
    """Return the second of each word, held between the line's first and last one and never falling."""
    marks = line.marks
    last = len(marks) - 1
    at = max(0, bisect_left(marks, (offset, 0.0)) - 1)
    second_s = earliest_s
    starts_s = []
    for word_offset, _ in words:
        position = offset + word_offset
        while at < last and marks[at + 1][0] <= position:
            at += 1
        marked_s = marks[at][1]
        if end_s is not None and marked_s > end_s:
            marked_s = end_s
        second_s = max(second_s, marked_s)
        starts_s.append(second_s)
    return tuple(starts_s)
