"""Transcripts as rows of start, end, text and speaker, whatever file the rows come from."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from index.errors import MalformedCue
from index.transcripts.formats.assembly import assembled, guessed_track
from index.transcripts.formats.caption_lines import CaptionLine, check_number_of_cues, ends_clipped, in_order
from index.transcripts.formats.decoding import folded
from index.transcripts.formats.markup import unescaped, with_breaks
from index.transcripts.formats.sound_notes import is_said
from index.transcripts.formats.timestamps import seconds_of, shown
from index.transcripts.model import Hints, Skipped, Track, Transcript

WORDS_A_CUE = 14
PAUSE_S = 1.5
MOST_WORDS_IN_A_WORD_ROW = 1.5

SLOWEST_WORDS_A_SECOND = 0.02
"""Numbers by which people would speak more slowly than this are no seconds."""

FASTEST_WORDS_A_SECOND = 20.0

_UNITS = (1.0, 1000.0, 10_000_000.0)
"""How many of them make a second: seconds, milliseconds, and the ticks of 100 ns that Windows counts."""

SENTENCE_ENDS = (".", "?", "!", "…", '."', '?"', '!"', ".”", "?”", "!”", "。", "？", "！")
_NUMBERED = re.compile(r"[0-9]{1,3}|[A-Z]")


@dataclass(frozen=True, slots=True)
class TimedRow:
    """One row as it stands in the file.

    Attributes:
        start, end, duration: numbers or clocks, or None where the row has none; of ``end`` and ``duration`` one is
            enough.
        text: None where the row has no text at all.
        per_second: how many of the numbers make a second, where the names of the fields say so.
        words: texts and starts of the words in ``text``, where the row has them.
        line: 1-based, in formats with lines.
    """

    start: object
    end: object
    text: str | None
    speaker: str | None = None
    duration: object = None
    per_second: float | None = None
    words: tuple[tuple[str, object], ...] = ()
    line: int | None = None


def parse_timed_rows(
    rows: Sequence[TimedRow],
    *,
    file: str,
    format_name: str,
    track: Track | None = None,
    is_track_known: bool = False,
    hints: Hints | None = None,
) -> Transcript:
    """Return the transcript of ``rows``.

    Rows without text are passed over. A row whose time cannot be read is left out and reported. Numbers are
    seconds, milliseconds or ticks of 100 ns, by which of them people could have spoken so many words. Where rows
    are single words they are gathered into cues that end with a sentence, at a change of speaker, before a pause of
    1.5 s, or at 14 words, and each word keeps its second; a word without a time goes with the one before it.

    Raises:
        MalformedCue: half of the rows have no time; TimesRunBackwards, NoSpeech, TooManyCues, TooManyWords.
    """
    rows = [row for row in rows if row.text is None or row.text.strip()]
    are_words = _are_words(rows)
    if are_words:
        rows = _with_untimed_joined(rows)
    per_second = _per_second(rows)
    lines: list[CaptionLine] = []
    broken: list[Skipped] = []
    for row in rows:
        line = _line(row, per_second)
        if line is None:
            broken.append(Skipped(row.line, "text" if row.text is None else "time", _received(row)))
        else:
            lines.append(line)
    if broken and len(broken) >= len(lines):
        raise MalformedCue(file=file, line=broken[0].line, received=broken[0].received)
    lines, strays = in_order(lines, file=file)
    if are_words:
        lines = _gathered(lines)
    if any(row.duration is not None for row in rows):
        lines = ends_clipped(lines)
    check_number_of_cues(len(lines), file=file)
    return assembled(
        lines,
        file=file,
        format_name=format_name,
        track=track if is_track_known else guessed_track(lines),
        hints=hints,
        skipped=[*broken, *strays],
    )


def word_offsets(text: str, words: Sequence[str]) -> list[int]:
    """Return where each of ``words`` begins in ``text``, in order; none where they are not its words."""
    offsets: list[int] = []
    at = 0
    for raw in words:
        word = raw.strip()
        found = text.find(word, at, at + len(word) + 8) if word else -1
        if found < 0:
            return []
        offsets.append(found)
        at = found + len(word)
    return offsets


def speaker_name(value: object) -> str | None:
    """Return the speaker of a row: a name as it is, a bare number or letter as ``Speaker 0``, nobody as None."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("label") or value.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    name = " ".join(folded(unescaped(value)).split())
    if not is_said(name) or name.casefold() in {"null", "none"}:
        return None
    return f"Speaker {name}" if _NUMBERED.fullmatch(name) else name


def _are_words(rows: Sequence[TimedRow]) -> bool:
    n_words = sum(len((row.text or "").split()) for row in rows)
    if any(row.duration is not None for row in rows):
        # YouTube's captions, which last as long as they are shown, are lines however short.
        return False
    return len(rows) > 2 and n_words <= MOST_WORDS_IN_A_WORD_ROW * len(rows)


def _with_untimed_joined(words: Iterable[TimedRow]) -> list[TimedRow]:
    """Join a word without a time, which speech recognisers leave at numbers and stops, to the word before it."""
    joined: list[TimedRow] = []
    for word in words:
        if joined and word.start is None and word.text is not None:
            space = " " if is_said(word.text) else ""
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text}{space}{word.text.strip()}")
        else:
            joined.append(word)
    return joined


def _per_second(rows: Sequence[TimedRow]) -> float:
    """Return the unit of numbers without one by which words are spoken neither too slowly nor too fast."""
    starts = [_bare_number(row.start) for row in rows]
    ends = [_bare_number(row.end) for row in rows]
    rates: list[float] = []
    for at, row in enumerate(rows):
        start = starts[at]
        if start is None:
            continue
        length = _bare_number(row.duration)
        if length is None and ends[at] is not None:
            length = (ends[at] or 0.0) - start
        if length is None and at + 1 < len(rows) and starts[at + 1] is not None:
            length = (starts[at + 1] or 0.0) - start
        if length is not None and length > 0.0:
            rates.append(len((row.text or "").split()) / length)
    if not rates:
        return 1.0
    usual = median(rates)
    for unit in _UNITS:
        if SLOWEST_WORDS_A_SECOND <= usual * unit <= FASTEST_WORDS_A_SECOND:
            return unit
    return 1.0


def _bare_number(value: object) -> float | None:
    if isinstance(value, bool) or (isinstance(value, str) and (":" in value or value.strip().endswith("s"))):
        return None
    if not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e15 else None


def _line(row: TimedRow, per_second: float) -> CaptionLine | None:
    unit = row.per_second or per_second
    start_s = seconds_of(row.start, per_second=unit)
    if start_s is None or row.text is None:
        return None
    end_s = None if row.end is None else seconds_of(row.end, per_second=unit)
    duration_s = seconds_of(row.duration, per_second=unit)
    if end_s is None and duration_s is not None:
        end_s = round(start_s + duration_s, 3)
    if start_s < 0.0:
        if end_s is None or end_s <= 0.0:
            return None
        start_s = 0.0
    text = folded(unescaped(with_breaks(row.text))).strip()
    marks = _marks(text, row.words, start_s, unit)
    return CaptionLine(row.line, start_s, end_s, text, marks, speaker_name(row.speaker))


def _marks(
    text: str, words: Sequence[tuple[str, object]], start_s: float, per_second: float
) -> tuple[tuple[int, float], ...]:
    """Return the offsets and seconds of ``words`` in ``text``; none where they are not the words of the text."""
    offsets = word_offsets(text, [word for word, _ in words])
    if len(words) < 2 or not offsets:
        return ()
    marks = [(0, start_s)]
    for offset, (_, start) in zip(offsets, words, strict=True):
        second_s = seconds_of(start, per_second=per_second)
        if second_s is not None and second_s >= marks[-1][1]:
            marks.append((offset, second_s))
    return tuple(marks)


def _received(row: TimedRow) -> str:
    if row.text is None:
        return shown(row.start) if row.start is not None else ""
    return shown(row.start if row.start is not None else row.text)


def _gathered(words: Sequence[CaptionLine]) -> list[CaptionLine]:
    groups: list[list[CaptionLine]] = []
    for word in words:
        if not groups or _is_break(groups[-1], word):
            groups.append([])
        groups[-1].append(word)
    return [_joined(group) for group in groups]


def _is_break(group: Sequence[CaptionLine], word: CaptionLine) -> bool:
    last = group[-1]
    last_s = last.start_s if last.end_s is None else last.end_s
    return (
        word.speaker != last.speaker
        or len(group) >= WORDS_A_CUE
        or last.text.endswith(SENTENCE_ENDS)
        or word.start_s - last_s > PAUSE_S
    )


def _joined(group: Sequence[CaptionLine]) -> CaptionLine:
    text = ""
    marks = []
    for word in group:
        text += " " if text else ""
        marks.append((len(text), word.start_s))
        text += word.text
    return CaptionLine(
        group[0].number, group[0].start_s, group[-1].end_s, text, tuple(marks), group[0].speaker
    )
